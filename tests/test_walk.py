"""A stranger's walk: what the README shows first, from an empty folder to a commit that is stopped, is what happens."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from harness import ROOT, git
from site_examples import agrees, run

README = (ROOT / "README.md").read_text(encoding="utf-8")
WALK = README.partition("## From an empty folder to a commit that is stopped\n")[2].partition("\n## ")[0]

WORDS = 400
"""What is read in two minutes."""


@pytest.mark.skipif(sys.platform != "linux", reason="the commands are those of a shell with the tools of GNU")
def test_the_walk(folder: Path) -> None:
    page = folder.parent / "walk.md"
    page.write_text(WALK, encoding="utf-8")
    steps = run(page, folder)
    for example, printed in steps:
        assert agrees(example.shown, printed), "\n".join([f"$ {example.command}", *printed])
    assert git(folder / "tram", "log", "--format=%s").split("\n") == ["US-1 is done", "Plan", ""]


def test_it_is_read_in_two_minutes() -> None:
    assert 100 < len(re.findall(r"\w+", WALK)) < WORDS
