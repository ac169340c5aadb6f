"""Positions in a text: offsets count characters from 0, lines and columns count from 1."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from statecheck.tuples import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")


class Span(NamedTuple):
    """A piece of a text by character offsets, `end` exclusive."""

    start: int
    end: int

    def moved(self, characters: int) -> Span:
        """Return the span as many characters further on."""
        return Span(self.start + characters, self.end + characters)


class Place(NamedTuple):
    """A piece of a text by lines and columns, as editors show it; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Place(1, 1, 1, 1)
"""The place of what has no place of its own: a missing or an empty file."""


class Lines:
    """The lines of a text, with ``\\n``, ``\\r\\n`` and ``\\r`` as line ends (as CommonMark has it).

    `starts`, where the lines begin, need not be known.
    """

    def __init__(self, text: str, starts: list[int] | None = None) -> None:
        self.text = text
        self.starts = _starts(text) if starts is None else starts

    def place(self, span: Span) -> Place:
        """Return the lines and columns of a span."""
        line, column = self._point(span.start)
        end_line, end_column = self._point(max(span.start, span.end))
        return Place(line, column, end_line, end_column)

    def content(self, line: int) -> str:
        """Return a line, counted from 1, without its line end; empty where there is none."""
        if not 1 <= line <= len(self.starts):
            return ""
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.text[self.starts[line - 1] : end].rstrip("\r\n")

    def span(self, first: int, last: int) -> Span:
        """Return the offsets of whole lines from `first` up to, not including, `last`, both counted from 0."""
        return Span(self.start(first), self.start(last))

    def start(self, line: int) -> int:
        """Return where a line, counted from 0, starts; the end of the text where there is none."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def _point(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def _starts(text: str) -> list[int]:
    """Return where the lines of a text start."""
    if "\r" in text:
        return [0, *(match.end() for match in _LINE_END.finditer(text))]
    lengths = map((1).__add__, map(len, text.split("\n")))  # much faster than a search for each, in a large log
    return [0, *accumulate(lengths)][:-1]
