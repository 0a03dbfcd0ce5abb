"""Two environments, staging and production: folders of releases, and a link `current` to the one that is in use.

A deployment unpacks beside what runs and moves the link, which is one step: nobody ever sees half a release.
"""
import hashlib
import os
import pathlib
import subprocess
import sys
import zipfile

from build import ROOT

SETTINGS = {
    "staging": {"GREETER_NAME": "staging", "GREETER_TITLE": "Dr."},
    "production": {"GREETER_NAME": "world"},
}


class WrongArchive(Exception):
    """The archive is not the one that was approved."""


class SmokeTestFailed(Exception):
    """The release does not work where it stands."""


def _point(environment, release):
    folder = ROOT / environment
    link = folder / "current"
    if release is None:
        link.unlink(missing_ok=True)
        return
    fresh = folder / f"current.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(release)
    os.replace(fresh, link)


def current(environment):
    link = ROOT / environment / "current"
    return os.readlink(link) if link.is_symlink() else None


def deploy(event, context):
    data = pathlib.Path(event["archive"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != event["digest"]:
        raise WrongArchive(event["archive"])
    release = f"{event['version']}-{event['digest'][:12]}"
    folder = ROOT / event["environment"] / release
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(event["archive"]) as archive:
        archive.extractall(folder)
    note = ROOT / event["environment"] / f"{os.path.basename(event['build'])}.previous"
    if not note.exists():  # Called again, it must not forget what was there before the first call.
        note.write_text(current(event["environment"]) or "")
    _point(event["environment"], release)
    return {"release": release, "previous": note.read_text() or None}


def smoke(event, context):
    folder = ROOT / event["environment"] / "current"
    env = {**SETTINGS[event["environment"]], "PATH": os.environ.get("PATH", "")}
    done = subprocess.run([sys.executable, "main.py"], cwd=folder, env=env, capture_output=True, text=True, timeout=20)
    if done.returncode:
        raise SmokeTestFailed(done.stderr.strip().splitlines()[-1])
    return {"said": done.stdout.strip()}


def roll_back(event, context):
    note = ROOT / event["environment"] / f"{os.path.basename(event['build'])}.previous"
    if note.exists():
        _point(event["environment"], note.read_text() or None)
    return {"environment": event["environment"], "release": current(event["environment"])}
