"""From a version's sources to an archive: a workspace of its own, the unit tests, a byte-code check, a zip file.

The workspace is named after the execution, and every function can be called again: it replaces what it made.
"""
import compileall
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

SOURCES = pathlib.Path(__file__).resolve().parents[1] / "sources"
ROOT = pathlib.Path(os.environ.get("RELEASES") or os.path.join(tempfile.gettempdir(), "stepwell-release-approval"))


class UnknownVersion(Exception):
    """There are no sources of this version."""


class TestsFailed(Exception):
    """A unit test did not pass; the text is the end of what it printed."""


class NotCompiled(Exception):
    """A file is not Python."""


def checkout(event, context):
    source = SOURCES / os.path.basename(event["version"])
    if not source.is_dir():
        raise UnknownVersion(event["version"])
    workspace = ROOT / "workspaces" / os.path.basename(event["build"])
    shutil.rmtree(workspace, ignore_errors=True)
    shutil.copytree(source, workspace)
    return {"workspace": str(workspace), "files": sorted(path.name for path in workspace.iterdir())}


def test(event, context):
    command = [sys.executable, "-m", "unittest", "-v"]
    done = subprocess.run(command, cwd=event["workspace"], capture_output=True, text=True, timeout=30)
    if done.returncode:
        raise TestsFailed(done.stderr[-1000:])
    return {"tests": done.stderr.count(" ... ok")}


def check(event, context):
    if not compileall.compile_dir(event["workspace"], quiet=2, legacy=True):
        raise NotCompiled(event["workspace"])
    for made in pathlib.Path(event["workspace"]).glob("*.pyc"):
        made.unlink()
    return {"compiled": True}


def package(event, context):
    """The same sources give the same bytes, so the digest says whether anything has changed."""
    workspace = pathlib.Path(event["workspace"])
    archive = workspace.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(workspace.glob("*.py")):
            made.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
    return {"archive": str(archive), "digest": hashlib.sha256(archive.read_bytes()).hexdigest()}
