"""Run after a deployment: it must greet in the environment where it stands."""
import os

from greeter import VERSION, greet

if __name__ == "__main__":
    print(VERSION, greet(os.environ["GREETER_NAME"]))
