"""Needs a setting that staging has and production has not: the mistake that only production shows."""
import os

from greeter import VERSION, greet

if __name__ == "__main__":
    print(VERSION, greet(os.environ["GREETER_TITLE"]))
