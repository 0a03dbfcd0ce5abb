"""Cuts a CSV file into parts that are worked on side by side. The parts are files; only their names go through the workflow,
whose payloads are limited to 256 KiB."""
import csv
import json
import os
import pathlib
import tempfile

COLUMNS = ["order_id", "date", "country", "amount", "customer"]


class NotTheTable(Exception):
    """The file's first line does not name the columns that are expected."""


def split(event, context):
    folder = pathlib.Path(event["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    parts = []

    def write(rows):
        path = folder / f"part-{len(parts):04}.json"
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            json.dump(rows, file)
        os.replace(file.name, path)
        parts.append({"part": str(path), "rows": len(rows)})

    with open(event["source"], encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            raise NotTheTable(f"columns {reader.fieldnames}, expected {COLUMNS}")
        rows = []
        for row in reader:
            rows.append({**row, "line": reader.line_num})
            if len(rows) == event["rowsPerPart"]:
                write(rows)
                rows = []
        if rows:
            write(rows)
    return parts
