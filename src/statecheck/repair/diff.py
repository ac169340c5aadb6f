"""What a repair would change, as a unified diff."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.repair.fixpoint import Repair


def unified_diff(repair: Repair) -> Iterator[str]:
    """Yield the lines of a diff of every file that a repair changes, without line feeds at their ends."""
    for path, content in repair.changes.items():
        yield from file_diff(path, repair.originals[path], content)


def file_diff(path: str, old: bytes | None, new: bytes | None) -> Iterator[str]:
    """Yield the lines of a diff of one file, None where there is none, without line feeds at their ends."""
    before, after = _lines(old), _lines(new)
    names = ("/dev/null" if old is None else f"a/{path}", "/dev/null" if new is None else f"b/{path}")
    if before is None or after is None:
        yield f"Binary files {names[0]} and {names[1]} differ"
        return
    for number, line in enumerate(difflib.unified_diff(before, after, *names, lineterm="")):
        if line.endswith("\n"):
            yield line[:-1]
        elif number < 2 or line.startswith("@@"):
            yield line
        else:
            yield line
            yield "\\ No newline at end of file"


def _lines(content: bytes | None) -> list[str] | None:
    """Return the lines of a text with their line feeds, or None where it is no text."""
    try:
        text = (content or b"").decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    return [f"{line}\n" for line in text.split("\n")[:-1]] + (
        [text.rsplit("\n", 1)[-1]] if not text.endswith("\n") and text else []
    )
