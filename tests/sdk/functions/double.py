"""Doubles a number; a negative one is an error with a name."""


class Negative(Exception):
    """Refused."""


def handler(event, context):
    if event["number"] < 0:
        raise Negative(f"{event['number']} is less than nothing")
    return 2 * event["number"]
