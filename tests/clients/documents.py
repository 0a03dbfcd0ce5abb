"""Runs what the documents tell people to type, and compares what it prints with what the documents say.

A document's fenced blocks, by the first word after the fence:

- `console`: lines that begin with `$ ` are commands, a line that begins with `> ` goes on with the one before; what stands below is
  the command's output. A line `...` stands for any lines, `[..]` for any part of a line; times, durations, UUIDs, tokens and the
  width of columns may differ. No output written, none compared.
- `sh`: commands.
- `python`: a program, run by the Python that has boto3.
- any, with `title=PATH`: that file's text; it is written before what follows.
- any, with `from=PATH`: these lines stand in that file of the repository, in a row. (What other stages run.)
- any of the first three with `unrun="reason"`: not run here.

One page is one bash, in a folder of its own. `stepwell serve` runs on in the background, on a free port that takes the place of
8083 in everything that is run. A command that is to fail says `# exit code N`.

By hand: python tests/clients/documents.py [--write] PAGE... runs pages, and with --write puts in what was printed.
"""

import dataclasses
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ("console", "sh", "python")
END = "end-of-command-7f3a"
TIMEOUT = 60


@dataclasses.dataclass
class Block:
    """A fenced block: where it begins, what stands after its fence, and its lines."""

    line: int
    language: str
    options: dict
    lines: list


def blocks(text):
    found, opened = [], None
    for number, line in enumerate(text.splitlines(), 1):
        fence = re.match(r"\s*```(.*)$", line)
        if opened is not None:
            if fence:
                found.append(opened)
                opened = None
            else:
                opened.lines.append(line)
        elif fence:
            words = shlex.split(fence[1])
            options = dict(word.split("=", 1) for word in words[1:])
            opened = Block(number, words[0] if words else "", options, [])
    return found


@dataclasses.dataclass
class Step:
    """A command and the output that the document shows; None if it shows none."""

    line: int
    command: str
    expected: list


def steps(block):
    if block.language == "sh":
        parts = re.split(r"^(stepwell serve.*)$", "\n".join(block.lines), flags=re.MULTILINE)
        return [Step(block.line, part.strip("\n"), None) for part in parts if part.strip()]
    if block.language == "python":
        program = "\n".join(block.lines)
        return [Step(block.line, f"{shlex.quote(sys.executable)} - <<'PYTHON'\n{program}\nPYTHON", None)]
    found = []
    for offset, line in enumerate(block.lines, 1):
        if line.startswith("$ "):
            found.append(Step(block.line + offset, line[2:], None))
        elif line.startswith("> ") and found[-1].expected is None:
            found[-1].command += "\n" + line[2:]
        else:
            found[-1].expected = [*(found[-1].expected or []), line]
    return found


VOLATILE = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
    (r"\b\d\d:\d\d:\d\d\.\d{3}\b", "TIME"),
    (r"\b\d+(\.\d+)? (ms|s)\b", "DURATION"),
    (r"\bAQ[A-Za-z0-9_-]{30,}", "TOKEN"),
    (r"  +", "  "),
]


def stable(line):
    """A line without what differs from run to run."""
    for pattern, instead in VOLATILE:
        line = re.sub(pattern, instead, line)
    return line.rstrip()


def matches(expected, actual):
    """Whether lines are as expected: `...` for any lines, `[..]` for any part of one."""
    if not expected:
        return not actual
    if expected[0].strip() == "...":
        return any(matches(expected[1:], actual[skipped:]) for skipped in range(len(actual) + 1))
    pattern = ".*".join(re.escape(part) for part in stable(expected[0]).split("[..]"))
    return bool(actual) and bool(re.fullmatch(pattern, stable(actual[0]))) and matches(expected[1:], actual[1:])


class Page:
    """A document that is being followed."""

    def __init__(self, path, binary):
        self.path, self.text = path, path.read_text()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stepwell-page-"))
        bin_folder = self.folder / ".bin"
        bin_folder.mkdir()
        (bin_folder / "stepwell").symlink_to(pathlib.Path(binary).resolve())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("STEPWELL_", "AWS_"))}
        env |= {
            "PATH": f"{bin_folder}:{pathlib.Path(sys.executable).parent}:{env['PATH']}",
            "STEPWELL_LISTEN": f"127.0.0.1:{self.port}",
            "XDG_STATE_HOME": str(self.folder / ".state"),
            "TMPDIR": str(self.folder),
            "NO_COLOR": "1",
        }
        work = self.folder / "work"
        work.mkdir()
        self.shell = subprocess.Popen(
            ["bash", "--norc", "-s"],
            cwd=work,
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.shell.stdin.write("trap 'FAILED=$?' ERR\n")

    def run(self, command):
        """Runs commands in the page's shell; returns the exit code of the last that failed, or 0, and what they printed."""
        self.shell.stdin.write(f"FAILED=0; {{ {command}\n}} </dev/null\nprintf '\\n%s %s\\n' {END} $FAILED\n")
        self.shell.stdin.flush()
        printed = []
        begin = time.monotonic()
        for line in self.shell.stdout:
            if line.startswith(END):
                if printed and printed[-1] == "":
                    printed.pop()
                return int(line.split()[1]), printed
            printed.append(line.rstrip("\n"))
            if time.monotonic() - begin > TIMEOUT:
                break
        raise AssertionError(f"`{command}` does not end; it printed {printed}")

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def serve(self, command):
        """Starts the server and waits until it listens; one that the page has just killed may still be dying."""
        deadline = time.monotonic() + 30
        while self.listens() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.run(f"{command.split('#')[0]} >>serve.log 2>&1 & SERVER=$!; disown")
        self.run(f"export STEPWELL_ENDPOINT=http://127.0.0.1:{self.port}")
        while not self.listens():
            assert time.monotonic() < deadline, f"the server does not listen: {self.run('cat serve.log')[1]}"
            time.sleep(0.02)

    def on_our_port(self, text):
        return text.replace("8083", str(self.port))

    def write(self, name, lines):
        path = self.folder / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.on_our_port("\n".join(lines)) + "\n")

    def follow(self):
        """Does everything that the page says, and yields each step with its exit code and what it printed."""
        for block in blocks(self.text):
            if "from" in block.options:
                there = (ROOT / block.options["from"]).read_text()
                assert "\n".join(block.lines) in there, f"{self.path}:{block.line}: not in {block.options['from']}"
            elif "title" in block.options:
                self.write(block.options["title"], block.lines)
            elif block.language in COMMANDS and "unrun" not in block.options:
                for step in steps(block):
                    if step.command.startswith("stepwell serve"):
                        self.serve(self.on_our_port(step.command))
                        yield step, 0, []
                    else:
                        yield step, *self.run(self.on_our_port(step.command))

    def close(self):
        self.shell.stdin.write("[ -n \"$SERVER\" ] && kill -9 $SERVER; exit\n")
        self.shell.stdin.close()
        self.shell.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


def verdict(page, step, code, printed):
    """What is wrong with a step, or None."""
    wanted = re.search(r"# exit code (\d+)", step.command)
    wanted = int(wanted[1]) if wanted else 0
    shown = "\n".join(printed)
    where = f"{page.path.relative_to(ROOT)}:{step.line}: `{step.command}`"
    if code != wanted:
        return f"{where} ended with {code}, not {wanted}:\n{shown}"
    printed = [line.replace(str(page.port), "8083").rstrip() for line in printed]
    if step.expected is not None and not matches(step.expected, printed):
        expected = "\n".join(step.expected)
        return f"{where} printed\n{shown}\nand not\n{expected}"
    return None


def rewrite(path, binary):
    """Runs a page and puts what its console blocks printed into it, where it shows output now (`?` is enough)."""
    page = Page(path, binary)
    lines = page.text.splitlines()
    changes = []
    for step, code, printed in page.follow():
        print(f"{step.line}: {step.command} -> {code}")
        print("\n".join(f"    {line}" for line in printed))
        printed = [line.replace(str(page.port), "8083").rstrip() for line in printed]
        if step.expected is not None and not matches(step.expected, printed):
            changes.append((step.line + step.command.count("\n"), len(step.expected), printed))
    page.close()
    for first, count, printed in reversed(changes):
        lines[first : first + count] = printed
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    stepwell = os.environ.get("STEPWELL_BIN", ROOT / "target/release/stepwell")
    for argument in sys.argv[1:]:
        if argument != "--write":
            if "--write" in sys.argv:
                rewrite(pathlib.Path(argument).resolve(), stepwell)
            else:
                followed = Page(pathlib.Path(argument).resolve(), stepwell)
                for outcome in followed.follow():
                    print(verdict(followed, *outcome) or f"ok {outcome[0].command}")
                followed.close()
