"""Where models are in use: a folder of them, and `current.json` that names the one that serves. Every step can be taken twice."""
import json
import os
import pathlib

import data
import model


def _read(path):
    return json.loads(pathlib.Path(path).read_text())


def _serving(folder):
    path = pathlib.Path(folder) / "serving" / "current.json"
    return _read(path)["model"] if path.exists() else None


def evaluate(event, context):
    """Measures a model on rows that it has not seen, beside the one that serves now."""
    rows = _read(event["rows"])
    found = model.measure(_read(event["model"]), rows)
    serving = _serving(event["folder"])
    return {**found, "before": model.measure(_read(serving), rows)["accuracy"] if serving else 0}


def deploy(event, context):
    """Makes the model the one that serves, and notes in the execution's name which one was there before."""
    folder = pathlib.Path(event["folder"])
    note = folder / "serving" / f"before-{os.path.basename(event['run'])}.json"
    if not note.exists():
        data.replace(note, {"model": _serving(folder)})
    data.replace(folder / "serving" / "current.json", {"model": event["model"]})
    return {"serving": event["model"]}


def probe(event, context):
    """How the model that serves does on what comes in today. `drift` is what the scale in the field does to the data."""
    rows = data.rows(event["seed"] + 1, 200, event["noise"], event["drift"])
    return model.measure(_read(_serving(event["folder"])), rows)


def roll_back(event, context):
    folder = pathlib.Path(event["folder"])
    note = folder / "serving" / f"before-{os.path.basename(event['run'])}.json"
    before = _read(note)["model"] if note.exists() else _serving(folder)
    current = folder / "serving" / "current.json"
    if before:
        data.replace(current, {"model": before})
    else:
        current.unlink(missing_ok=True)
    return {"serving": before}
