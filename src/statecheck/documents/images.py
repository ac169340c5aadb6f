"""The size of an image in pixels, as its first bytes give it."""

from __future__ import annotations

import re

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = 33
"""Bytes of a PNG file up to the end of its first piece, which has the size."""

_SVG = re.compile(rb"<svg[ \t\r\n][^<>]*>")
_LENGTH = rb'[ \t\r\n]%s="(\d{1,9})(?:px)?"'
_LOOKED_AT = 1024
"""Bytes at the beginning of an SVG file in which the library looks for its size."""


def image_size(content: bytes) -> tuple[int, int]:
    """Return width and height of an image in pixels, or negative numbers where they cannot be read.

    What most files of the two usual formats say is read without the library: to import that takes as long as to
    check a workspace.
    """
    found = _plain_size(content)
    return _size_by_library(content) if found is None else found


def _plain_size(content: bytes) -> tuple[int, int] | None:
    """Return the size where it stands in the one place that it always stands in, else None."""
    if content.startswith(_PNG) and content[12:16] == b"IHDR" and len(content) >= _PNG_HEADER:
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    tag = _SVG.match(content, 0, _LOOKED_AT)
    if tag is None or not content[:_LOOKED_AT].isascii():
        return None
    lengths = []
    for name in (b"width", b"height"):
        found = re.search(_LENGTH % name, tag[0])
        if found is None or tag[0].count(name + b"=") != 1:
            return None
        lengths.append(int(found[1]))
    return lengths[0], lengths[1]


def _size_by_library(content: bytes) -> tuple[int, int]:
    import io

    import imagesize

    try:
        width, height = imagesize.get(io.BytesIO(content))
    except (ValueError, OSError, KeyError, IndexError, ArithmeticError, SyntaxError):
        return -1, -1
    return int(width), int(height)
