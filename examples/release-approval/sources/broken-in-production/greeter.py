"""The product: a greeting."""

VERSION = "1.3"


def greet(name):
    return f"Hello, {name}." if name else "Hello."
