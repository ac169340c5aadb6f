"""What is wrong with a file before its content can be judged: encoding, conflict markers, size.

Each problem carries the code of the rule it belongs to, so that one cause has one voice (invariants S101, S102,
W901, W904).
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from statecheck.documents.positions import Span
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Problem(NamedTuple):
    """Why a document cannot be used, or not as it is. `related` is a second place in the same file."""

    code: str
    span: Span
    message: str
    hint: str | None = None
    related: Span | None = None
    kind: str = ""
    """A word for the fixers: ``bom``, ``duplicate``, or empty."""


_OPEN = re.compile(r"^<{7}(?: .*)?\r?$", re.MULTILINE)
_MIDDLE = re.compile(r"^={7}\r?$", re.MULTILINE)
_CLOSE = re.compile(r"^>{7}(?: .*)?\r?$", re.MULTILINE)
_LEFTOVER = re.compile(r"^(?:<{7}|>{7}) \S.*$", re.MULTILINE)
_LEFTOVER_IN_PROSE = re.compile(r"^<{7} \S.*$", re.MULTILINE)
"""One marker alone, of a merge that was finished by hand: only with the name of a side, which git always writes."""

_MARKER = re.compile(r"(?:(?P<middle>=)={6}|(?P<side>[<|>])(?P=side){6}(?: [^\r\n]*)?)\r?\n?")
_LIKE_MARKER = re.compile(r"(?:<{7}|\|{7}|>{7})(?: |\r?$)")
_PARTS = {
    ("", "<"): "ours",
    ("ours", "|"): "base",
    ("ours", "="): "theirs",
    ("base", "="): "theirs",
    ("theirs", ">"): "",
}
"""What a marker begins, by what it stands in."""

_RESTORE = "restore the last good version, or write the document anew"


def decode(data: bytes) -> tuple[str, Problem | None]:
    """Return the text of a file, and what keeps it from being UTF-8 text without a byte order mark.

    Where there is a problem the text is only good for showing places.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_like_utf16(data):
        return "", Problem("S101", Span(0, 0), "the file is UTF-16, not UTF-8", "save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = len(data[: error.start].decode("utf-8"))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return data.decode("utf-8", "replace"), Problem("S101", Span(at, at + 1), message, _RESTORE)
    nul = text.find("\0")
    if nul >= 0:
        count = text.count("\0")
        message = f"the file has {count} NUL byte{'s' if count > 1 else ''}: an interrupted write, or no text at all"
        return text, Problem("S101", Span(nul, nul + 1), message, _RESTORE)
    return text, None


def byte_order_mark(text: str) -> Problem | None:
    """Return the problem of a JSON or YAML text that begins with a byte order mark."""
    if not text.startswith("\ufeff"):
        return None
    message = "the file begins with a byte order mark, which most readers of JSON refuse"
    return Problem("S101", Span(0, 1), message, "remove the three bytes EF BB BF", kind="bom")


def conflict(text: str, *, prose: bool = False) -> Span | None:
    """Return the span of the first merge conflict, or of a marker that was left over alone."""
    return next(conflicts(text, prose=prose), None)


def conflicts(text: str, *, prose: bool = False) -> Iterator[Span]:
    """Yield the spans of merge conflicts, and of markers that were left over alone, one after the other.

    A conflict is from ``<<<<<<<`` to the end of ``>>>>>>>``. In `prose`, a line that begins with ``>>>>>>>`` alone is a
    quotation.
    """
    if not any(sign in text and sign * 7 in text for sign in "<>"):  # for one character it takes no time
        return
    leftover = _LEFTOVER_IN_PROSE if prose else _LEFTOVER
    opening, middle, closing, alone = (_Places(each, text) for each in (_OPEN, _MIDDLE, _CLOSE, leftover))
    at: int | None = 0
    while at is not None:
        first = opening.after(at)
        separator = first and middle.after(first.end)
        last = separator and closing.after(separator.end)
        left = alone.after(at)
        if first and last and not (left and left.start < first.start):
            left = Span(first.start, last.end)
        at = left.end if left else None
        if left:
            yield left


class _Places:
    """Where a pattern is found in a text, found once."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._found = [Span(*match.span()) for match in pattern.finditer(text)]

    def after(self, start: int) -> Span | None:
        """Return the first place at or after an offset."""
        at = bisect_left(self._found, (start, start))
        return self._found[at] if at < len(self._found) else None


def conflict_sides(text: str) -> tuple[str, str] | None:
    """Return the text as each side of its conflicts has it, or None where it is not certain what belongs to which.

    Certain is a conflict with one separator, and nothing in its ``|||||||`` part, where it has one.
    """
    sides: dict[str, list[str]] = {"ours": [], "theirs": []}
    part = ""
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        marker = _MARKER.fullmatch(line)
        sign = (marker.group("middle") or marker.group("side")) if marker else ""
        if sign and not (sign == "=" and not part):
            following = _PARTS.get((part, sign))
            if following is None:
                return None
            part = following
        elif _LIKE_MARKER.match(line) or (part == "base" and line.strip()):
            return None
        else:
            for side in sides:
                if part in ("", side):
                    sides[side].append(line)
    return None if part else ("".join(sides["ours"]), "".join(sides["theirs"]))


def conflict_problem(text: str, span: Span) -> Problem:
    """Return the problem of a merge conflict that was left in a file."""
    end = text.find("\n", span.start)
    first = text[span.start : end].rstrip("\r")
    return Problem(
        "W904",
        Span(span.start, span.start + len(first)),
        f"merge conflict marker {first!r}: the two sides were never merged",
        "merge the two sides by hand and remove the markers",
        kind="conflict",
    )


def _looks_like_utf16(data: bytes) -> bool:
    """Say whether every other byte of the beginning is NUL, as in UTF-16 text in Latin letters."""
    head = data[:64]
    return b"\0" in head and len(head) >= 4 and (not any(head[1::2]) or not any(head[::2])) and any(head)
