"""How far a long run is: one line on a terminal, which is gone when the run ends."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.engine import Run

DELAY = 1.0
"""Seconds that a run may take without a word."""

INTERVAL = 0.1
"""Seconds between two words."""

_ERASE = "\r\x1b[K"


@contextmanager
def showing_progress(run: Run, *, quiet: bool) -> Iterator[Run]:
    """Give the run that says on standard error how far it is, where somebody looks at it."""
    if quiet or not sys.stderr.isatty():
        yield run
        return
    line = ProgressLine(sys.stderr)
    try:
        yield run._replace(progress=line)
    finally:
        line.erase()


class ProgressLine:
    """A line that is written over again and again."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._next = time.monotonic() + DELAY
        self._shown = False

    def __call__(self, done: int, total: int, noun: str) -> None:
        """Show how far the run is, unless that was said a moment ago."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + INTERVAL
            self._write(f"{_ERASE}checked {done:,} of {total:,} {noun}{'' if total == 1 else 's'}")
            self._shown = True

    def erase(self) -> None:
        """Leave the line as it was before."""
        if self._shown:
            self._write(_ERASE)
            self._shown = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
