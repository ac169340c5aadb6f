"""Commits as trees that are read folder by folder, so that a commit of a range costs what it changed."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING

from statecheck.trees.base import Entry
from statecheck.trees.flat import FOLDER, ObjectTree, kind_of_mode
from statecheck.trees.objects import MOST_ASKED
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.trees.base import Tree, TreeKind
    from statecheck.trees.objects import ObjectReader

ENTRIES_KEPT = 200_000
"""Entries of folders of commits that are remembered: neighbouring commits share most of theirs."""

FOLDERS_KEPT = 64
"""Folders that are remembered however large they are."""

PLACES_KEPT = 64
"""Folders of commits that are remembered by their paths; then all are forgotten."""

CHANGES_KEPT = 1024
"""Pairs of folders of which it is remembered what differs; then all are forgotten.

Whoever reads ahead asks before somebody wants to know.
"""

FEW_CHANGES = 16
"""Differences between two folders; a pair that has more is not remembered."""

Listing = dict[str, Entry]

Change = tuple[str, Entry | None, Entry | None]
"""A name in two folders that differ, and what stands there in each."""


class Folder(NamedTuple):
    """A git tree object: its content, where in it each entry starts, and the entries by name."""

    data: bytes
    starts: list[int]
    entries: Listing


_EMPTY = Folder(b"", [], {})


class Commit(NamedTuple):
    """A commit of a range: its ids in hexadecimal, and its author date as git writes it in ISO 8601."""

    oid: str
    parents: tuple[str, ...]
    root: str
    date: str


class CommitTree(ObjectTree):
    """The files of a commit. Nothing is read but the folders, and the files, that are asked for."""

    kind: TreeKind = "commit"

    def __init__(self, label: str, root: str, folders: Folders) -> None:
        super().__init__(label, folders.objects)
        self.root = root
        self.folders = folders

    def files(self) -> CommitFiles:
        """Return every path of the commit, looked up when asked for."""
        return CommitFiles(self)

    def entry(self, path: str) -> Entry | None:
        """Return what stands at exactly this path."""
        if not path:
            return FOLDER
        folder, _, name = path.rpartition("/")
        found = self.folders.at(self.root, folder).get(name)
        return FOLDER if found is not None and found.kind == "folder" else found

    def children(self, folder: str) -> Listing:
        """Return the entries of a folder by name."""
        return self.folders.at(self.root, folder)


class CommitFiles:
    """The paths of a commit: whether one is there is asked of its folder, all of them are only walked on demand."""

    def __init__(self, tree: CommitTree) -> None:
        self._tree = tree

    def __contains__(self, path: object) -> bool:
        found = self._tree.entry(path) if isinstance(path, str) and path else None
        return found is not None and found.kind != "folder"

    def __iter__(self) -> Iterator[str]:
        yield from self.below("")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def below(self, start: str) -> Iterator[str]:
        """Yield the paths below a folder, folder by folder."""
        pending = [start]
        while pending:
            folder = pending.pop()
            for name, entry in self._tree.children(folder).items():
                path = f"{folder}/{name}" if folder else name
                if entry.kind == "folder":
                    pending.append(path)
                else:
                    yield path


class Folders:
    """The folders of commits by object id. The latest are remembered."""

    def __init__(self, objects: ObjectReader) -> None:
        self.objects = objects
        self._known: dict[str, Folder] = {}
        self._entries = 0
        self._places: dict[tuple[str, str], Listing] = {}
        self._changes: dict[tuple[str | None, str | None], list[Change]] = {}

    def at(self, root: str, path: str) -> Listing:
        """Return the entries of a folder by its path below another one; none where there is no such folder."""
        found = self._places.get((root, path))
        if found is None:
            if len(self._places) >= PLACES_KEPT:
                self._places.clear()
            found = self._places[root, path] = self._found(root, path)
        return found

    def _found(self, root: str, path: str) -> Listing:
        here = self._folder(root).entries
        for name in path.split("/") if path else ():
            found = here.get(name)
            if found is None or found.kind != "folder" or found.oid is None:
                return {}
            here = self._folder(found.oid).entries
        return here

    def changed(self, one: str | None, two: str | None) -> list[Change]:
        """Return the names of what differs between two folders (None: an empty one), and what stands there in each."""
        known = self._changes.get((one, two))
        if known is None:
            if len(self._changes) >= CHANGES_KEPT:
                self._changes.clear()
            known = list(self._compared(one, two))
            if len(known) <= FEW_CHANGES:
                self._changes[one, two] = known
        return known

    def _compared(self, one: str | None, two: str | None) -> Iterator[Change]:
        old = _EMPTY if one is None else self._folder(one)
        new = _EMPTY if two is None else self._folder(two, like=one)
        stretch = differing(old, new.data)
        names: Iterable[str] = old.entries.keys() | new.entries.keys()
        if stretch is not None and new.starts is old.starts:
            names = islice(new.entries, stretch.start, stretch.stop)
        for name in names:
            was, now = old.entries.get(name), new.entries.get(name)
            if was != now:
                yield name, was, now

    def _folder(self, oid: str, like: str | None = None) -> Folder:
        if oid not in self._known:
            data, older = self.objects.content(oid), self._known.get(like or "")
            found = None if older is None else changed_tree(older, data, len(oid) // 2)
            self._known[oid] = found or parse_tree(data, len(oid) // 2)
            self._entries += len(self._known[oid].entries)
            while self._entries > ENTRIES_KEPT and len(self._known) > FOLDERS_KEPT:
                self._entries -= len(self._known.pop(next(iter(self._known))).entries)
                self._places.clear()  # they would hold what is let go
        return self._known[oid]

    def read_ahead(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Read the folders that differ between pairs of commits, by their roots: those of all pairs together."""
        pending = list(pairs)
        while pending:
            wanted: dict[str, str] = {}
            for one, oid in ((pair[0], oid) for pair in pending for oid in pair if oid not in self._known):
                wanted.setdefault(oid, one)  # what it is read beside is the one that it came from
            for start in range(0, len(wanted), MOST_ASKED):
                asked = dict(islice(wanted.items(), start, start + MOST_ASKED))
                self.objects.announce(asked)
                for oid, like in asked.items():
                    self._folder(oid, like)
                self.objects.forget(asked)
            pending = [inner for pair in pending for inner in self._inside(*pair)]

    def _inside(self, one: str, two: str) -> Iterator[tuple[str, str]]:
        """Yield the folders that stand in both of two folders, and differ."""
        for _, was, now in self.changed(one, two):
            if was is not None and now is not None and was.kind == now.kind == "folder" and was.oid and now.oid:
                yield was.oid, now.oid


def parse_tree(data: bytes, id_bytes: int) -> Folder:
    """Return the folder that a git tree object is, whose ids have `id_bytes` bytes each."""
    entries, starts, at = dict[str, Entry](), list[int](), 0
    while at < len(data):
        starts.append(at)
        name, entry, at = _entry(data, at, id_bytes)
        entries[name] = entry
    return Folder(data, starts, entries)


def changed_tree(older: Folder, data: bytes, id_bytes: int) -> Folder | None:
    """Return a folder of which only the ids of some entries differ from those of an older one, else None.

    A folder of many workspaces is hardly ever another one from one commit to the next, but for one id.
    """
    stretch = differing(older, data)
    if stretch is None:
        return None
    entries = older.entries.copy()
    names = islice(older.entries, stretch.start, stretch.stop)
    for start, known, end in zip(
        older.starts[stretch.start : stretch.stop],
        names,
        [*older.starts, len(data)][stretch.start + 1 : stretch.stop + 1],
        strict=True,
    ):
        name, entry, at = _entry(data, start, id_bytes)
        if name != known or at != end:
            return None
        entries[name] = entry
    return Folder(data, older.starts, entries)


def differing(older: Folder, data: bytes) -> range | None:
    """Return the numbers of the entries from the first to the last that differ, where no byte was added or removed."""
    if len(older.data) != len(data) or len(older.starts) != len(older.entries):
        return None
    low, high = 0, len(data)
    while low < high:  # up to `low` they are the same
        middle = (low + high + 1) // 2
        low, high = (middle, high) if older.data[low:middle] == data[low:middle] else (low, middle - 1)
    first, low, high = low, low, len(data)
    while low < high:  # from `high` on they are the same
        middle = (low + high) // 2
        low, high = (low, middle) if older.data[middle:high] == data[middle:high] else (middle + 1, high)
    return range(max(0, bisect_right(older.starts, first) - 1), bisect_left(older.starts, high))


def _entry(data: bytes, at: int, id_bytes: int) -> tuple[str, Entry, int]:
    """Return the name and the entry that begin at an offset of a tree object, and the offset after them."""
    space = data.index(b" ", at)
    end = data.index(b"\0", space)
    mode = data[at:space].decode()
    oid = data[end + 1 : end + 1 + id_bytes].hex()
    entry = Entry("folder", oid) if mode == "40000" else kind_of_mode(mode, oid)
    return os.fsdecode(data[space + 1 : end]), entry, end + 1 + id_bytes


def differences(before: CommitTree | None, after: CommitTree) -> Iterator[str]:
    """Yield the paths of files that differ between two commits (None: one without files).

    Folders with the same id are not entered.
    """
    pending: list[tuple[str, str | None, str | None]] = [("", None if before is None else before.root, after.root)]
    while pending:
        folder, one, two = pending.pop()
        if one == two:
            continue
        for name, first, second in after.folders.changed(one, two):
            path = f"{folder}/{name}" if folder else name
            folders = [each.oid if each is not None and each.kind == "folder" else None for each in (first, second)]
            if any(folders):
                pending.append((path, folders[0], folders[1]))
            if any(each is not None and each.kind != "folder" for each in (first, second)):
                yield path


def read_ahead(pairs: Iterable[tuple[Tree, Tree]]) -> None:
    """Read the folders that differ between pairs of commits, before somebody asks for those of one pair."""
    commits = [(one, two) for one, two in pairs if isinstance(one, CommitTree) and isinstance(two, CommitTree)]
    if commits:
        commits[0][1].folders.read_ahead((one.root, two.root) for one, two in commits)


def announce(tree: Tree, oids: Iterable[str]) -> None:
    """Say which objects of a commit are going to be read, so that git looks them up meanwhile."""
    if isinstance(tree, CommitTree):
        tree.folders.objects.announce(oids)


def forget(tree: Tree, oids: Iterable[str]) -> None:
    """Say that what was announced is not going to be read any more."""
    if isinstance(tree, CommitTree):
        tree.folders.objects.forget(oids)
