"""Writes the rows of a Stepwell database again, with bare SQLite: the speed that the disk and the file format allow.

    bare_sqlite.py DATA_DIR EXECUTIONS

Same schema, same journal mode, each commit durable, and groups as 64 waiting clients make them: the rows of 64 executions a commit.
Prints one JSON object: seconds, rows, groups, row_bytes.
"""

import json
import pathlib
import sqlite3
import sys
import tempfile
import time

CLIENTS = 64


def main():
    data, executions = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    sources = [path for path in data.rglob("*") if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"]
    source = sqlite3.connect(max(sources, key=lambda path: path.stat().st_size))
    objects = source.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    tables = [name for kind, name, _ in objects if kind == "table" and not name.startswith("sqlite_")]
    rows = {name: source.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}
    with tempfile.TemporaryDirectory(dir=data.parent) as folder:
        target = sqlite3.connect(pathlib.Path(folder) / "bare.db", isolation_level=None)
        target.execute("PRAGMA journal_mode=WAL")
        target.execute("PRAGMA synchronous=FULL")
        for _, name, sql in sorted(objects, key=lambda entry: entry[0] != "table"):
            if not name.startswith("sqlite_"):
                target.execute(sql)
        groups = max(1, executions // CLIENTS)
        started = time.perf_counter()
        for number in range(groups):
            target.execute("BEGIN IMMEDIATE")
            for name, all_rows in rows.items():
                part = all_rows[number * len(all_rows) // groups : (number + 1) * len(all_rows) // groups]
                if part:
                    marks = ",".join("?" * len(part[0]))
                    target.executemany(f'INSERT OR REPLACE INTO "{name}" VALUES ({marks})', part)
            target.execute("COMMIT")
        seconds = time.perf_counter() - started
    size = sum(len(value) if isinstance(value, (bytes, str)) else 8 for part in rows.values() for row in part for value in row)
    count = sum(map(len, rows.values()))
    print(json.dumps({"seconds": seconds, "rows": count, "groups": groups, "row_bytes": size}))


if __name__ == "__main__":
    main()
