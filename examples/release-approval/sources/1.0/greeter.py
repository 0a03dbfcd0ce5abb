"""The product: a greeting."""

VERSION = "1.0"


def greet(name):
    return f"Hello, {name}." if name else "Hello."
