"""The product: a greeting."""

VERSION = "1.2"


def greet(name):
    return f"Hello, {name}."
