"""Puts the cleaned parts together: an order that stands in the table twice counts once, sums by country and month, a table of it."""
import collections
import csv
import io
import json
import os
import pathlib
import tempfile


def aggregate(event, context):
    orders = {}
    for path in event["parts"]:
        for order in json.loads(pathlib.Path(path).read_text(encoding="utf-8")):
            orders[order["id"]] = order
    sums = collections.Counter()
    for order in orders.values():
        sums[order["country"], order["date"][:7]] += order["cents"]
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["country", "month", "amount"])
    for (country, month), cents in sorted(sums.items()):
        writer.writerow([country, month, f"{cents / 100:.2f}"])
    folder = pathlib.Path(event["folder"])
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
        file.write(table.getvalue())
    os.replace(file.name, folder / "report.csv")
    by_country = collections.Counter()
    for (country, _), cents in sums.items():
        by_country[country] += cents
    return {"report": str(folder / "report.csv"), "orders": len(orders), "cents": dict(sorted(by_country.items()))}
