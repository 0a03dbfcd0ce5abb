"""The product: a greeting."""

VERSION = "1.1"


def greet(name):
    return f"Hello, {name}." if name else "Hello."
