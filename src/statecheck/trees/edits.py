"""Edits: what a fixer proposes, as data. Applying them gives an overlay's changes; nothing here writes."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from statecheck.trees.base import UnreadableError
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statecheck.trees.base import Tree


class Replace(NamedTuple):
    """Put `content` in the place of the bytes from `start` up to `end`; equal offsets insert."""

    path: str
    start: int
    end: int
    content: bytes


class Write(NamedTuple):
    """Create a file, or replace it as a whole."""

    path: str
    content: bytes
    executable: bool = False


class Delete(NamedTuple):
    """Remove a file."""

    path: str


Edit = Replace | Write | Delete


class OverlapError(Exception):
    """Two edits touch the same bytes: they cannot be applied together."""


class Batch:
    """Edits that can be applied together, collected one group after the other."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self._known: set[Edit] = set()
        self._whole: set[str] = set()
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def add(self, group: Iterable[Edit]) -> bool:
        """Take a group of edits, all or none, and say whether they fit to those that are there."""
        new = [edit for edit in dict.fromkeys(group) if edit not in self._known]
        alone = Batch()
        if not all(self._fits(edit) and (len(new) == 1 or alone.add([edit])) for edit in new):
            return False
        for edit in new:
            self._known.add(edit)
            self.edits.append(edit)
            if isinstance(edit, Replace):
                insort(self._spans.setdefault(edit.path, []), (edit.start, edit.end))
            else:
                self._whole.add(edit.path)
        return True

    def _fits(self, edit: Edit) -> bool:
        spans = self._spans.get(edit.path, [])
        if edit.path in self._whole or not isinstance(edit, Replace):
            return edit.path not in self._whole and not spans
        at = bisect_left(spans, (edit.start, edit.end))
        after_previous = at == 0 or spans[at - 1][1] <= edit.start
        return after_previous and (at == len(spans) or edit.end <= spans[at][0])


def apply_edits(tree: Tree, edits: Iterable[Edit]) -> dict[str, bytes | None]:
    """Return the changed files that edits make of a tree: their new content, or None where they are removed.

    What is inserted at one place stands there in the order given. Raises `OverlapError` where edits touch the same
    bytes, and `UnreadableError` where a file cannot be read, or cannot stand where it should be written.
    """
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    return {path: _edited(tree, path, each) for path, each in by_path.items()}


def _edited(tree: Tree, path: str, edits: list[Edit]) -> bytes | None:
    distinct = list(dict.fromkeys(edits))
    first = distinct[0]
    if isinstance(first, Write | Delete):
        if len(distinct) > 1:
            raise OverlapError(path)
        if isinstance(first, Write):
            _check_place(tree, path)
        return first.content if isinstance(first, Write) else None
    data = tree.read(path)
    pieces: list[bytes] = []
    done = 0
    for edit in sorted(distinct, key=_position):
        if not isinstance(edit, Replace):
            raise OverlapError(path)
        if not 0 <= edit.start <= edit.end <= len(data):
            raise ValueError(f"{path}: bytes {edit.start} to {edit.end} are not in the file, which has {len(data)}")
        if edit.start < done:
            raise OverlapError(path)
        pieces += [data[done : edit.start], edit.content]
        done = edit.end
    return b"".join([*pieces, data[done:]])


def _check_place(tree: Tree, path: str) -> None:
    """Raise `UnreadableError` where a file cannot be created: something other than a folder is in the way."""
    parts = path.split("/")
    for end in range(1, len(parts)):
        above = tree.entry("/".join(parts[:end]))
        if above is not None and above.kind != "folder":
            raise UnreadableError(path, f"cannot be created: {'/'.join(parts[:end])} is no folder")
    found = tree.entry(path)
    if found is not None and found.kind not in ("file", "symlink"):
        raise UnreadableError(path, f"cannot be written: a {found.kind} is there")


def _position(edit: Edit) -> tuple[int, int]:
    return (edit.start, edit.end) if isinstance(edit, Replace) else (0, 0)
