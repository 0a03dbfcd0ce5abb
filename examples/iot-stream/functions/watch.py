"""Keeps a running mean and spread of each device and says which readings do not belong to it; and keeps what came and what was odd.

An Express execution that was started asynchronously runs at least once: after a crash the same reading may come again. So
everything here goes by the reading's number: what has been seen is answered as it was, and written once.
"""
import contextlib
import fcntl
import json
import os
import pathlib
import tempfile

ROOT = pathlib.Path(os.environ.get("STREAM") or os.path.join(tempfile.gettempdir(), "stepwell-iot-stream"))
WARM_UP = 20  # Readings before anything can be odd.
REMEMBERED = 5000


@contextlib.contextmanager
def _device(name):
    """The device's notes, while nobody else has them. They are written back whole."""
    if not name.replace("-", "").isalnum():
        raise ValueError(f"not a device's name: {name!r}")
    ROOT.mkdir(parents=True, exist_ok=True)
    path = ROOT / f"{name}.json"
    with open(ROOT / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        notes = json.loads(path.read_text()) if path.exists() else {"mean": 0.0, "variance": 0.0, "count": 0, "seen": {}}
        yield notes
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(notes))
        os.replace(fresh, path)


def watch(event, context):
    number, value = str(event["number"]), event["value"]
    with _device(event["deviceId"]) as notes:
        if number in notes["seen"]:
            return notes["seen"][number]
        away = value - notes["mean"] if notes["count"] else 0.0
        if not notes["count"]:
            notes["mean"] = value
        odd = notes["count"] >= WARM_UP and away**2 > 25 * max(notes["variance"], 1e-6)
        if not odd:  # What does not belong must not move the mean.
            notes["mean"] += 0.1 * away
            notes["variance"] = 0.9 * (notes["variance"] + 0.1 * away**2)
            notes["count"] += 1
        verdict = {"isOdd": odd, "mean": round(notes["mean"], 3)}
        notes["seen"][number] = verdict
        while len(notes["seen"]) > REMEMBERED:
            del notes["seen"][next(iter(notes["seen"]))]
        return verdict


def alarm(event, context):
    """One file for each odd reading: whoever is on duty looks into this folder."""
    folder = ROOT / "alarms"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{event['deviceId']}-{int(event['number'])}.json"
    with contextlib.suppress(FileExistsError), open(path, "x") as file:
        json.dump(event, file)
    return {"alarm": path.name}
