"""A browser without a window: what it makes of a page, and how it paints it."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections import Counter
from pathlib import Path

from harness import BROWSER

DARK = "--blink-settings=preferredColorScheme=0"


def browse(address: str, folder: Path, *options: str) -> str:
    """Open a page, with a profile of its own in a folder, and return what the browser prints."""
    assert BROWSER is not None, "this must not be skipped, and there is no chromium on PATH"
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-lcd-text",
        "--force-color-profile=srgb",
        f"--user-data-dir={folder / 'profile'}",
        *options,
        address,
    ]
    return subprocess.run(command, check=True, capture_output=True, timeout=120, encoding="utf-8").stdout


def painted(address: str, folder: Path, *options: str) -> Counter[str]:
    """Return how often each colour occurs in a screenshot of a page."""
    picture = folder / "page.png"
    browse(address, folder, "--window-size=700,500", f"--screenshot={picture}", *options)
    return Counter(each.hex() for each in pixels(picture))


def pixels(path: Path) -> list[bytes]:
    """Return the pixels of a PNG file that Chromium wrote, a row of RGB or RGBA bytes each, as RGB values."""
    data, position, packed = path.read_bytes(), 8, b""
    width = height = depth = 0
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        chunk = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            width, height, bits, color = struct.unpack(">IIBB", chunk[:10])
            assert bits == 8
            depth = {2: 3, 6: 4}[color]
        packed += chunk if kind == b"IDAT" else b""
        position += length + 12
    raw, line, found = zlib.decompress(packed), bytearray(width * depth), []
    for row in range(height):
        start = row * (width * depth + 1)
        line = _unfiltered(raw[start], raw[start + 1 : start + 1 + width * depth], line, depth)
        found += [bytes(line[at : at + 3]) for at in range(0, len(line), depth)]
    return found


def _unfiltered(kind: int, values: bytes, above: bytearray, depth: int) -> bytearray:
    if kind == 0:
        return bytearray(values)
    line = bytearray(len(values))
    for at, value in enumerate(values):
        left = line[at - depth] if at >= depth else 0
        corner = above[at - depth] if at >= depth else 0
        up = above[at]
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda each: abs(guess - each))
        line[at] = (value + (0, left, up, (left + up) // 2, nearest)[kind]) & 0xFF
    return line
