"""A log as it is compared: its preamble and its entries, with a digest of each. A ledger keeps just these."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from statecheck.documents.logs import history
from statecheck.trees import LogEntryRecord, LogRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.documents.logs import Entry, Grammar
    from statecheck.documents.model import Document

_LINE_END = re.compile(r"\r\n|\r|\n")
_DRAWN = re.compile(r"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_MARK = "\ufeff"


class RememberedLog:
    """A log that only a ledger knows: its entries can be told apart, but neither shown nor restored."""

    def __init__(self, record: LogRecord, entries: Sequence[Entry]) -> None:
        self.record = record
        self.entries = entries

    @property
    def digests(self) -> list[str]:
        """The digests of the entries, in order."""
        return [entry.sha256 for entry in self.record.entries]


class WrittenLog:
    """A log whose text is there. `found` is all that its headings begin, as it stands."""

    def __init__(self, document: Document, found: Sequence[Entry], grammar: Grammar) -> None:
        self.document = document
        self.entries = history(found, grammar)
        self.grammar = grammar
        self._found = found

    @cached_property
    def preamble(self) -> str:
        """The text before the first entry or draft."""
        return self._above(self._found)

    @cached_property
    def head(self) -> str:
        """The text before the first entry."""
        return self._above(self.entries)

    @property
    def mixed(self) -> bool:
        """Whether something that is no entry of its time, as a draft, stands between the entries, or after them."""
        kept = {entry.heading.line for entry in self.entries}
        others = {entry.heading.line for entry in self._found} - kept
        return max(others, default=0) > min(kept, default=0)

    @cached_property
    def foot(self) -> str:
        """The text after the last entry."""
        last = max((entry.end_line for entry in self.entries), default=len(self.document.lines.starts))
        return self.document.text[self.document.lines.span(last, last).start :]

    def _above(self, entries: Sequence[Entry]) -> str:
        first = min((entry.heading.line for entry in entries), default=None)
        return self.document.text if first is None else self.document.text[: self.document.lines.starts[first]]

    @cached_property
    def digests(self) -> list[str]:
        """The digests of the entries, in order."""
        return [digest(entry.text) for entry in self.entries]

    @property
    def record(self) -> LogRecord:
        """What a ledger keeps of this log."""
        import hashlib

        data = self.document.data
        pairs = zip(self.entries, self.digests, strict=True)
        return LogRecord(
            length=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            preamble=digest(self.preamble),
            line_end=line_end(self.document.text),
            mark=has_mark(self.document.text),
            level=self.grammar.level,
            entries=tuple(LogEntryRecord(entry.heading.text, sha256) for entry, sha256 in pairs),
        )


LogVersion = RememberedLog | WrittenLog


def plain(text: str) -> str:
    r"""Return a text with ``\n`` at the ends of its lines, without a byte order mark and blank lines at its end."""
    lined = _LINE_END.sub("\n", text.removeprefix(_MARK))
    end = lined.find("\n", len(lined.rstrip(" \t\n")))
    return lined if end < 0 else lined[:end]


def is_text(line: str) -> bool:
    """Say whether a line says something: a blank one does not, nor does a line drawn between two entries."""
    return bool(line.strip()) and not _DRAWN.fullmatch(line)


def digest(text: str) -> str:
    """Return the SHA-256, in hexadecimal, of a text.

    How its lines end does not count, nor do blank lines, and lines drawn between entries, after it.
    """
    import hashlib

    lines = plain(text).split("\n")
    while len(lines) > 1 and not is_text(lines[-1]):
        lines.pop()
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def line_end(text: str, end: int | None = None) -> str | None:
    """Return how the lines of a text end, ``mixed`` where they differ, or None where there is no line end.

    Only the text up to `end` counts, where that is given.
    """
    if text.find("\r", 0, end) < 0:
        return "\n" if text.find("\n", 0, end) >= 0 else None  # much faster than to count them
    returns, windows = text.count("\r", 0, end), text.count("\r\n", 0, end)
    counts = {"\r\n": windows, "\n": text.count("\n", 0, end) - windows, "\r": returns - windows}
    found = [name for name, count in counts.items() if count]
    return found[0] if len(found) == 1 else "mixed" if found else None


def has_mark(text: str) -> bool:
    """Say whether a text begins with a byte order mark."""
    return text.startswith(_MARK)
