"""Puts goods aside for an order and puts them back."""
import ledger

OutOfStock = ledger.named("Inventory.OutOfStock")
Busy = ledger.named("Inventory.Busy")


def reserve(request, context):
    """Reserves every item of the order, or none.

    `simulate.outOfStock: true` makes the last item unavailable; `simulate.warehouseHiccups: n` makes the first n calls for
    an order fail because somebody else holds the stock list.
    """
    order_id, simulate = request["orderId"], request["simulate"]
    known = ledger.read(order_id, "reservation")
    if known and known["status"] == "RESERVED":
        return known
    attempt = ledger.count(order_id, "reservation-attempts")
    if attempt <= simulate.get("warehouseHiccups", 0):
        raise Busy(f"the stock list is locked (attempt {attempt})")
    if simulate.get("outOfStock"):
        raise OutOfStock(f"{request['items'][-1]['sku']} is out of stock")
    lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in request["items"]]
    print(f"reserved {len(lines)} lines for order {order_id}")
    return ledger.write(order_id, "reservation", {"status": "RESERVED", "warehouse": "W1", "lines": lines})


def release(request, context):
    """Puts back what was reserved, if anything was."""
    order_id = request["orderId"]
    known = ledger.read(order_id, "reservation")
    if not known:
        return {"status": "NOTHING_RESERVED"}
    if known["status"] == "RESERVED":
        print(f"released {len(known['lines'])} lines of order {order_id}")
        ledger.write(order_id, "reservation", {**known, "status": "RELEASED"})
    return {"status": "RELEASED", "lines": len(known["lines"])}
