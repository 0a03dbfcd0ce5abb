"""Checks an order before anything is done for it."""
import re
from decimal import Decimal, InvalidOperation

from ledger import named

CURRENCIES = ("EUR", "USD")
LINES_MAX = 50
QUANTITY_MAX = 100

OrderInvalid = named("Order.Invalid")


def validate(order, context):
    """Returns what later steps need; raises Order.Invalid with everything that is wrong, not only the first thing."""
    problems = list(_problems(order))
    if problems:
        raise OrderInvalid("; ".join(problems))
    total = sum(Decimal(str(line["unitPrice"])) * line["quantity"] for line in order["items"])
    return {
        "total": float(total),
        "currency": order["currency"],
        "lines": len(order["items"]),
        "weightKg": round(sum(line.get("weightKg", 0.5) * line["quantity"] for line in order["items"]), 3),
        "simulate": order.get("simulate") or {},
    }


def _problems(order):
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", str(order.get("orderId", ""))):
        yield "orderId must have 1 to 40 letters, digits, '-' or '_'"
    if order.get("currency") not in CURRENCIES:
        yield f"currency must be one of {', '.join(CURRENCIES)}"
    customer = order.get("customer") or {}
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(customer.get("email", ""))):
        yield "customer.email is not an e-mail address"
    address = customer.get("address") or {}
    missing = [name for name in ("street", "city", "country") if not address.get(name)]
    if missing:
        yield f"customer.address lacks {', '.join(missing)}"
    items = order.get("items") or []
    if not 1 <= len(items) <= LINES_MAX:
        yield f"an order has 1 to {LINES_MAX} items"
    for number, line in enumerate(items, start=1):
        yield from (f"item {number}: {problem}" for problem in _line_problems(line))


def _line_problems(line):
    if not line.get("sku"):
        yield "sku is missing"
    quantity = line.get("quantity")
    if not isinstance(quantity, int) or not 1 <= quantity <= QUANTITY_MAX:
        yield f"quantity must be 1 to {QUANTITY_MAX}"
    try:
        if Decimal(str(line.get("unitPrice"))) <= 0:
            yield "unitPrice must be positive"
    except InvalidOperation:
        yield "unitPrice is not a number"
