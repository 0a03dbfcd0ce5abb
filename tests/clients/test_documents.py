"""Every command in the README and in the guide does what the page says. How: see `documents.py`."""

import re

import pytest
from conftest import binary
from documents import COMMANDS, ROOT, Page, blocks, matches, verdict

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/guide").glob("*.md"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_commands_of_a_page(path):
    page = Page(path, binary())
    try:
        for step, code, printed in page.follow():
            wrong = verdict(page, step, code, printed)
            assert not wrong, wrong
    finally:
        page.close()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_command_hides_from_the_test(path):
    for block in blocks(path.read_text()):
        first = block.lines[0] if block.lines else ""
        if re.match(r"\$ |(stepwell|aws|cargo|curl|python3|npm|cat) ", first):
            assert block.language in COMMANDS, f"{path}:{block.line}: commands without a language are not run"
        if "unrun" in block.options:
            assert len(block.options["unrun"]) > 10, f"{path}:{block.line}: say why it is not run"


def test_outputs_are_compared():
    assert matches(["a [..] c", "...", "z"], ["a b c", "x", "y", "z"])
    assert matches([], []) and matches(["..."], []) and matches(["a"], ["a  "])
    for expected, actual in ((["a"], ["b"]), (["a"], []), ([], ["a"]), (["...", "z"], ["z", "y"]), (["a.c"], ["abc"])):
        assert not matches(expected, actual), (expected, actual)
