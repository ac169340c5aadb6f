"""Nothing that a checked file says may act on the terminal, or on a CI system that reads the output."""

from __future__ import annotations

import re

_HARMFUL = "[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"

_ACTING = "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"

_IN_JSON = "#(?=#)|[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"

_COMMAND = r"(?i)^(\s*):(?=:)|#(?=#(?:\[|vso\[|teamcity\[))"
"""What begins a command to a CI system: one kind at the start of a line, the others anywhere in it."""


def escape(text: str) -> str:
    """Return `text` on one line, with control, invisible, and direction-changing characters written out."""
    return disarm(text if _is_plain(text) else re.sub(_HARMFUL, _written_out, text))


def escape_acting(text: str) -> str:
    """Return `text` with only what acts on a terminal or a CI system written out, so that a diff stays a patch."""
    return disarm(text if _is_plain(text) else re.sub(_ACTING, _written_out, text))


def escape_json(text: str) -> str:
    """Return a JSON text that says the same, and acts on nothing that it is printed to."""
    return re.sub(_IN_JSON, lambda match: f"\\u{ord(match.group()):04x}", text)


def disarm(line: str) -> str:
    """Return a line that no CI system takes for a command of its own."""
    if "::" not in line and "##" not in line:
        return line
    return re.sub(_COMMAND, lambda match: f"{match.group(1) or ''}\\x{ord(match.group()[-1]):02x}", line)


def _is_plain(text: str) -> bool:
    """Say whether a text has nothing but what a terminal shows as it is: most have, and no pattern is made for them."""
    return text.isascii() and text.isprintable()


def _written_out(match: re.Match[str]) -> str:
    point = ord(match.group())
    if 0xDC80 <= point <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{point - 0xDC00:02x}"
    short = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}
    return short.get(point) or (f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}")
