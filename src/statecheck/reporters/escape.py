"""Nothing that a checked file says may act on the terminal, or on a CI system that reads the output."""

from __future__ import annotations

import re

_HARMFUL = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


_COMMAND = re.compile(r"##(?=\[|vso\[)")
"""What CI systems take for a command wherever it stands in a line of a log."""

_ACTING = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def escape(text: str) -> str:
    """Return `text` on one line, with control, invisible, and direction-changing characters written out.

    What would be a command in the log of a CI system gets a backslash, too.
    """
    return _COMMAND.sub(r"#\\#", _HARMFUL.sub(_written_out, text))


def escape_acting(text: str) -> str:
    """Return `text` with only those characters written out that act on a terminal, so that a diff stays a patch."""
    return _ACTING.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    point = ord(match.group())
    if 0xDC80 <= point <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{point - 0xDC00:02x}"
    short = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}
    return short.get(point) or (f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}")
