"""The size of an image: what is read without the library is what the library reads."""

from __future__ import annotations

import io

import imagesize
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statecheck.documents import images
from statecheck.documents.images import image_size

NUMBERS = st.one_of(
    st.integers(0, 5000).map(str), st.sampled_from(["64px", "1e3", "50%", "4.5", "", "2cm", "064", "٣"])
)
ATTRIBUTES = st.tuples(
    st.sampled_from([" ", "\n", "\t", "  ", "", "\r\n"]),
    st.sampled_from(["width", "height", "viewBox", "data-width", "xwidth", "Width", "stroke-width", "svg:height"]),
    st.sampled_from(["=", "=", "=", " = "]),
    st.sampled_from(['"', '"', "'"]),
    NUMBERS,
)
HEADS = st.sampled_from(
    ["<svg", "<svg", "<svg", " <svg", "<svgx", "<?xml version='1.0'?><svg", "<!-- width='3' --><svg"]
)
TAILS = st.sampled_from(
    [">", "/>", "", ">é", ">" + "x" * 1100 + "é", "><rect width='1' height='2'/></svg>", "<", " > "]
)


@st.composite
def svg(draw: st.DrawFn) -> bytes:
    """Something that begins much as SVG files do."""
    parts = draw(st.lists(ATTRIBUTES, max_size=5))
    text = "".join(f"{blank}{name}{is_}{quote}{value}{quote}" for blank, name, is_, quote, value in parts)
    padding = draw(st.sampled_from(["", " " * 1000, f' class="{"x" * 1010}"']))
    return (draw(HEADS) + padding + text + draw(TAILS)).encode()


def by_library(content: bytes) -> tuple[int, int]:
    try:
        width, height = imagesize.get(io.BytesIO(content))
    except Exception:
        return -1, -1
    return int(width), int(height)


@given(content=svg())
def test_an_svg_file_has_the_size_that_the_library_reads(content: bytes) -> None:
    assert image_size(content) == by_library(content)


@given(
    width=st.integers(0, 2**32 - 1),
    height=st.integers(0, 2**32 - 1),
    kind=st.sampled_from([b"IHDR", b"IHDR", b"iCCP"]),
    rest=st.binary(max_size=20),
)
def test_a_png_file_has_the_size_that_the_library_reads(width: int, height: int, kind: bytes, rest: bytes) -> None:
    numbers = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content = b"\x89PNG\r\n\x1a\n\0\0\0\r" + kind + numbers + rest
    assert image_size(content) == by_library(content)


def test_usual_files_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_size_by_library", lambda _: (-9, -9))
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x20\x08\x06\0\0\0crc."
    assert image_size(header) == (64, 32)
    assert image_size(b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="32px" viewBox="0 0 64 32">') == (
        64,
        32,
    )
    assert image_size(b'<svg viewBox="0 0 64 32">') == (-9, -9)
    assert image_size(b'<svg width="64" height="32" data-width="7">') == (-9, -9)
    assert image_size(header[:32]) == (-9, -9)
