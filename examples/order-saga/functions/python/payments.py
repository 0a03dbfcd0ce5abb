"""Charges a card and gives the money back. Both may be called again for the same order without doing it twice."""
import hashlib

import ledger

CardDeclined = ledger.named("PaymentGateway.CardDeclined")
Unavailable = ledger.named("PaymentGateway.Unavailable")


def charge(request, context):
    """Charges the order's total.

    `simulate.gatewayHiccups: n` makes the first n calls for an order fail as an overloaded gateway would;
    `simulate.failPayment: true` makes the card be declined.
    """
    order_id, simulate = request["orderId"], request["simulate"]
    known = ledger.read(order_id, "payment")
    if known and known["status"] == "CHARGED":
        print(f"order {order_id} was charged before: {known['receipt']}")
        return known
    attempt = ledger.count(order_id, "payment-attempts")
    if attempt <= simulate.get("gatewayHiccups", 0):
        raise Unavailable(f"the gateway did not answer (attempt {attempt})")
    if simulate.get("failPayment"):
        raise CardDeclined(f"the card ending in {request['card'][-4:]} was declined: insufficient funds")
    receipt = "rcpt-" + hashlib.sha256(order_id.encode()).hexdigest()[:12]
    print(f"charged {request['amount']} {request['currency']} for order {order_id}: {receipt}")
    entry = {"status": "CHARGED", "receipt": receipt, "amount": request["amount"], "attempts": attempt}
    return ledger.write(order_id, "payment", entry)


def refund(request, context):
    """Gives back what was charged; an order that was never charged needs nothing."""
    order_id = request["orderId"]
    known = ledger.read(order_id, "payment")
    if not known:
        return {"status": "NOTHING_CHARGED"}
    if known["status"] == "CHARGED":
        print(f"refunded {known['amount']} for order {order_id}")
        known = ledger.write(order_id, "payment", {**known, "status": "REFUNDED"})
    return {"status": known["status"], "receipt": known["receipt"], "amount": known["amount"]}
