"""The training data: measurements of two kinds of coins, drawn from two distributions with a seed, so that a run can be repeated.

`noise` says how much they overlap; with a lot of it no model can be good, which is how the example shows a refusal.
"""
import json
import os
import pathlib
import random
import tempfile


def replace(path, value):
    """Writes a whole file or nothing, so that a call that is killed can be made again."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        json.dump(value, file)
    os.replace(file.name, path)
    return str(path)


def rows(seed, count, noise, drift=0.0):
    """[[diameter, weight, thickness], kind] of `count` coins; both kinds equally often. `drift` moves the scale's zero."""
    rng = random.Random(seed)
    made = []
    for number in range(count):
        kind = number % 2
        features = [
            rng.gauss(22.0 + 1.5 * kind, 0.5 * noise),
            rng.gauss(5.2 + 0.9 * kind, 0.3 * noise) + drift,
            rng.gauss(1.6 + 0.2 * kind, 0.1 * noise),
        ]
        made.append([features, kind])
    rng.shuffle(made)
    return made


def prepare(event, context):
    """Three sets that share no row: to train on, to choose by, and one that nobody looks at before the end."""
    made = rows(event["seed"], event["rows"], event["noise"])
    first, second = int(len(made) * 0.6), int(len(made) * 0.8)
    folder = pathlib.Path(event["folder"])
    return {
        "train": replace(folder / "train.json", made[:first]),
        "choose": replace(folder / "choose.json", made[first:second]),
        "test": replace(folder / "test.json", made[second:]),
    }
