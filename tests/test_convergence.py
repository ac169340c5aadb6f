"""Random damage to healthy workspaces: repair ends, changes nothing the second time, brings no error, loses no text.

What is damaged here still reads as state, so that rules and fixers have their say; that each code which can be fixed is
found, mended and found no more, its cases show (`test_cases.py`).
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from harness import ROOT, Commands, Outcome, make_repository, snapshot, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

HEALTHY = {
    path.relative_to(ROOT / "examples/healthy").as_posix(): path.read_bytes()
    for path in sorted((ROOT / "examples/healthy").rglob("*"))
    if path.is_file()
}
TEXTS = [name for name in HEALTHY if name.endswith((".json", ".md", ".yaml"))]
WORDS = (
    "pending in_progress confirming verifying done blocked timeout completed created archived continue terminate "
    "satisfied violated discover plan execute deliver complete true false null low critical R1 R2 C-01 M1"
)
SHOWS_MORE = re.compile(r"S101|S102|S103|S105|S106|W90.|L20.|L21.|T410|X605")
"""Findings behind which others were not looked for, a field under another name among them: mended, they are seen."""


def _lines(change: Callable[[list[str], int, int], object]) -> Callable[[str, int, int], str]:
    def changed(text: str, one: int, other: int) -> str:
        lines = text.splitlines(keepends=True)
        if lines:
            change(lines, one % len(lines), other % len(lines))
        return "".join(lines)

    return changed


def _swap(lines: list[str], one: int, other: int) -> None:
    lines[one], lines[other] = lines[other], lines[one]


def _word(text: str, one: int, other: int) -> str:
    """Put another word of the protocols in the place of one."""
    found = [match for match in re.finditer(r"[\w-]+", text) if match.group() in WORDS.split()]
    if not found:
        return text
    match = found[one % len(found)]
    return text[: match.start()] + WORDS.split()[other % len(WORDS.split())] + text[match.end() :]


def _number(text: str, one: int, other: int) -> str:
    found = list(re.finditer(r"\d+", text))
    if not found:
        return text
    match = found[one % len(found)]
    return text[: match.start()] + str(other % 100) + text[match.end() :]


DAMAGES: dict[str, Callable[[str, int, int], str]] = {
    "drop a line": _lines(lambda lines, one, _: lines.pop(one)),
    "repeat a line": _lines(lambda lines, one, other: lines.insert(other, lines[one])),
    "swap two lines": _lines(_swap),
    "another word": _word,
    "another number": _number,
    "other case": lambda text, one, _: text[:one].swapcase() + text[one:] if one < len(text) else text.upper(),
    "cut off": lambda text, one, _: text[: one % (len(text) + 1)],
    "line ends": lambda text, *_: text.replace("\n", "\r\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("versioned", [False, True], ids=["plain", "versioned"])
@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_damage(versioned: bool, data: st.DataObject, folder: Path, commands: Commands) -> None:
    if versioned and not (folder / ".git").exists():
        make_repository(folder, HEALTHY)
    shutil.rmtree(folder / ".statecheck", ignore_errors=True)
    write(folder, HEALTHY)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(TEXTS))
        text = (folder / name).read_bytes().decode() if (folder / name).exists() else ""
        change = DAMAGES[data.draw(st.sampled_from(sorted(DAMAGES)))]
        made = change(text, data.draw(st.integers(0, 9999)), data.draw(st.integers(0, 9999)))
        write(folder, {name: data.draw(st.sampled_from([made.encode()] * 9 + [None]))})
    damaged = snapshot(folder)
    for unsafe in ([], ["--unsafe-fixes"]):
        before = commands.check_json()
        mended = commands.fix("--output-format", "json", *unsafe)
        assert mended.code in (0, 1, 2)
        assert "undo each other" not in mended.err and "come to an end" not in mended.err
        after = snapshot(folder)
        assert commands.fix("--output-format", "json", *unsafe).code == mended.code
        assert snapshot(folder) == after, "a second run changes something"
        _no_new_error(before, commands.check_json())
        _nothing_lost(damaged, after)


def _no_new_error(before: Outcome, after: Outcome) -> None:
    had, has = _errors(before), _errors(after)
    if not any(SHOWS_MORE.match(each) for each in before.findings) and not before.unverified:
        assert not has - had


def _errors(outcome: Outcome) -> Counter[str]:
    return Counter(each.split()[0] for each in outcome.findings if each.split()[1] == "error")


def _nothing_lost(before: dict[str, bytes | str], after: dict[str, bytes | str]) -> None:
    """See that each line of prose that was there is still there, in its file, beside it or in the quarantine."""
    every = {line.strip() for text in after.values() if isinstance(text, bytes) for line in _split(text)}
    for name, text in before.items():
        if name.endswith(".md") and isinstance(text, bytes):
            for line in _split(text):
                known = line.strip() in every or get_close_matches(line.strip(), every, 1, 0.6)
                assert known, f"{name}: {line!r} is gone"


def _split(text: bytes) -> list[str]:
    return text.decode("utf-8", "replace").splitlines()
