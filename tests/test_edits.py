"""Edits: what a fixer proposes becomes the content of files, and edits that touch the same bytes are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statecheck.documents import StateDocument, parse_document
from statecheck.documents.rewriting import set_value
from statecheck.trees import UnreadableError, WorkingTree
from statecheck.trees.edits import Batch, Delete, Edit, OverlapError, Replace, Write, apply_edits
from statecheck.trees.overlay import Overlay

EMPTY = WorkingTree("/nonexistent")


def applied(data: bytes, *edits: Edit) -> dict[str, bytes | None]:
    return apply_edits(Overlay(EMPTY, {"f": data}), edits)


@pytest.mark.parametrize(
    ("edits", "content"),
    [
        ([Replace("f", 1, 3, b"X")], b"aXdef"),
        ([Replace("f", 0, 6, b"")], b""),
        ([Replace("f", 6, 6, b"!")], b"abcdef!"),
        ([Replace("f", 0, 0, b">"), Replace("f", 0, 1, b"A")], b">Abcdef"),
        ([Replace("f", 3, 4, b"D"), Replace("f", 0, 1, b"A")], b"AbcDef"),
        ([Replace("f", 0, 2, b"X"), Replace("f", 2, 4, b"Y")], b"XYef"),
        ([Replace("f", 1, 2, b"B"), Replace("f", 1, 2, b"B")], b"aBcdef"),
        ([Replace("f", 2, 2, b"X"), Replace("f", 2, 2, b"Y")], b"abXYcdef"),
        ([Replace("f", 0, 0, b"Y"), Replace("f", 0, 0, b"X")], b"YXabcdef"),
        ([Write("f", b"new\r\n")], b"new\r\n"),
        ([Write("f", b""), Write("f", b"")], b""),
        ([Delete("f")], None),
        ([Delete("f"), Delete("f")], None),
    ],
    ids=str,
)
def test_edits_of_one_file(edits: list[Edit], content: bytes | None) -> None:
    assert applied(b"abcdef", *edits) == {"f": content}


@pytest.mark.parametrize(
    "edits",
    [
        [Replace("f", 0, 3, b"X"), Replace("f", 2, 4, b"Y")],
        [Replace("f", 0, 3, b"X"), Replace("f", 0, 3, b"Y")],
        [Replace("f", 0, 6, b"X"), Replace("f", 2, 3, b"Y")],
        [Replace("f", 1, 4, b"X"), Replace("f", 3, 3, b"Y")],
        [Write("f", b"X"), Write("f", b"Y")],
        [Write("f", b"X"), Delete("f")],
        [Delete("f"), Replace("f", 0, 1, b"")],
        [Replace("f", 0, 1, b""), Write("f", b"X")],
    ],
    ids=str,
)
def test_edits_of_the_same_bytes_are_refused(edits: list[Edit]) -> None:
    for order in (edits, edits[::-1]):
        with pytest.raises(OverlapError):
            applied(b"abcdef", *order)


def test_edits_of_several_files_are_kept_apart(folder: Path) -> None:
    (folder / "a").write_bytes(b"one")
    edits = [Replace("a", 0, 1, b"O"), Write("new", b"x"), Delete("gone")]
    assert apply_edits(WorkingTree(str(folder)), edits) == {"a": b"One", "new": b"x", "gone": None}


def test_a_file_that_is_not_there_cannot_be_changed_in_part(folder: Path) -> None:
    with pytest.raises(UnreadableError):
        apply_edits(WorkingTree(str(folder)), [Replace("a", 0, 1, b"O")])


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 7), (7, 7)])
def test_a_range_that_is_not_in_the_file_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="f"):
        applied(b"abcdef", Replace("f", start, end, b"X"))


@st.composite
def replacements(draw: st.DrawFn) -> tuple[bytes, list[Replace]]:
    """Draw a content, and replaces of it that touch in no byte and in no insertion point, in any order."""
    data = draw(st.binary(max_size=40))
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    edits = [Replace("f", start, end, draw(st.binary(max_size=5))) for start, end in pairs]
    return data, draw(st.permutations(edits))


@settings(deadline=None)
@given(replacements())
def test_replaces_that_do_not_touch_give_what_replacing_from_the_end_gives(case: tuple[bytes, list[Replace]]) -> None:
    data, edits = case
    expected = data
    for edit in sorted(edits, reverse=True):
        expected = expected[: edit.start] + edit.content + expected[edit.end :]
    assert applied(data, *edits) == ({"f": expected} if edits else {})


any_edit = st.one_of(
    st.builds(
        lambda a, b, new: Replace("f", min(a, b), max(a, b), new),
        *[st.integers(0, 6)] * 2,
        st.sampled_from([b"", b"X"]),
    ),
    st.just(Write("f", b"new")),
    st.just(Delete("f")),
)


@settings(deadline=None)
@given(st.lists(st.lists(any_edit, min_size=1, max_size=2), max_size=6))
def test_a_batch_takes_exactly_what_can_be_applied_together(groups: list[list[Edit]]) -> None:
    batch = Batch()
    for group in groups:
        try:
            applied(b"abcdef", *batch.edits, *group)
        except OverlapError:
            assert not batch.add(group)
        else:
            assert batch.add(group)
    if batch.edits:
        applied(b"abcdef", *batch.edits)


@pytest.mark.parametrize("old", ["M1", "'M1'", '"M1"', "1"])
@pytest.mark.parametrize("text", ["a: x\nkey: %s  # the first\nz: y\n", "{a: x, key: %s, z: y}\n"])
@settings(deadline=None)
@given(value=st.one_of(st.text(max_size=12), st.text("-:#,'\"[]{}&*!|>%@`~ \nynNO01.", max_size=8)))
def test_a_value_that_is_written_into_yaml_is_read_back(text: str, old: str, value: str) -> None:
    document = parse_document("a.yaml", (text % old).encode(), "yaml")
    assert isinstance(document, StateDocument)
    edit = set_value(document, ("key",), value)
    if edit is None:
        assert not value.isprintable()
        return
    made = document.data[: edit.start] + edit.content + document.data[edit.end :]
    read = parse_document("a.yaml", made, "yaml")
    assert isinstance(read, StateDocument)
    assert read.value == {"a": "x", "key": value, "z": "y"}
    assert not read.problems
