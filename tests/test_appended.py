"""Logs in a range of commits: what is only looked for in what a step added is found as if all were looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from harness import Commands, git, make_repository, write

from statecheck.rules import Context
from statecheck.workspaces import view

LOG = ".iterative-work/x/progress.md"
BRIEF = {".iterative-work/x/brief.md": "# A task\n"}
BEGUN = "# Progress Log\n\n## R1 - Iteration 1 - 2026-01-16T10:00:00Z\n\n**Did:** Read\n**Remaining:** Much\n"
STEPS = {
    "an entry of the same name": "\n## R1 - Iteration 1 - 2026-01-16T10:00:00Z\n\n**Did:** Read\n",
    "text in the last entry": "\nmore\n",
    "fields for the last entry": "**Signal:** wrong\n",
    "a gap, and a time that goes back": "\n## R1 - Iteration 4 - 2026-01-15T10:00:00Z\n\n**Did:** Read\n",
    "after the end": "\n## R1 - Iteration 5 - 2026-01-16T12:00:00Z\n\n**Remaining:** None\n**Signal:** R1_DONE\n"
    "\n## R1 - Iteration 6 - 2026-01-16T13:00:00Z\n\n**Did:** a\n**Remaining:** None\n**Blockers:** None\n",
    "a fence that stays open": "\n```\n## R2 - Iteration 1\n",
    "below a section": "\n# Part two\n\n### R2 - Iteration 1 - 2026-01-17T10:00:00Z\n\n- **Did:** Read\n",
    "headings that may be otherwise": "\n- list\n  ## R3 - Iteration 1\n\nR4 - Iteration 1\n---\n",
}


PAIRS = [
    (one, names[(at + shift) % len(names)])
    for names in [list(STEPS)]
    for shift in (1, 4)
    for at, one in enumerate(names)
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_step_is_judged_by_what_it_added(
    first: str, second: str, folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {**BRIEF, LOG: BEGUN})
    text = BEGUN
    for number, step in enumerate((first, second, "an entry of the same name")):
        text += STEPS[step]
        write(folder, {LOG: text})
        git(folder, "commit", "-q", "-a", "-m", f"step {number}")
    arguments = ("--no-cache", "--select", "L", "--from-ref", "HEAD~3", "--to-ref", "HEAD")
    fast = commands.check_json(*arguments)
    monkeypatch.setattr(Context, "settled", _nothing_settled)
    monkeypatch.setattr(view, "continued_entries", _never_continued)
    assert fast.json["findings"] == commands.check_json(*arguments).json["findings"]
    assert len(fast.findings) > 1


def _nothing_settled(*_: Any) -> int:
    return 0


def _never_continued(*_: Any) -> None:
    return None
