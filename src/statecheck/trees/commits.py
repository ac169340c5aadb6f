"""Commits as trees that are read folder by folder, so that a commit of a range costs what it changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from statecheck.trees.base import Entry
from statecheck.trees.flat import FOLDER, ObjectTree, kind_of_mode
from statecheck.trees.objects import MOST_ASKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.trees.base import Tree, TreeKind
    from statecheck.trees.objects import ObjectReader

LISTINGS_KEPT = 4096
"""Folders of commits that are remembered: neighbouring commits share most of theirs."""

Listing = dict[str, Entry]


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
        found = self._folder(folder).get(name)
        return FOLDER if found is not None and found.kind == "folder" else found

    def children(self, folder: str) -> Listing:
        """Return the entries of a folder by name."""
        return self._folder(folder)

    def _folder(self, path: str) -> Listing:
        here = self.folders.listing(self.root)
        for name in path.split("/") if path else ():
            found = here.get(name)
            if found is None or found.kind != "folder" or found.oid is None:
                return {}
            here = self.folders.listing(found.oid)
        return here


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
        self._known: dict[str, Listing] = {}

    def listing(self, oid: str) -> Listing:
        """Return the entries of a folder."""
        if oid not in self._known:
            self._known[oid] = parse_tree(self.objects.content(oid), len(oid) // 2)
            if len(self._known) > LISTINGS_KEPT:
                self._known.pop(next(iter(self._known)))
        return self._known[oid]

    def read_ahead(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Read the folders that differ between pairs of commits, by their roots: those of all pairs together."""
        pending = list(pairs)
        while pending:
            wanted = list(dict.fromkeys(oid for pair in pending for oid in pair if oid not in self._known))
            for start in range(0, len(wanted), MOST_ASKED):
                asked = wanted[start : start + MOST_ASKED]
                self.objects.announce(asked)
                for oid in asked:
                    self.listing(oid)
                self.objects.forget(asked)
            pending = [inner for pair in pending for inner in self._inside(*pair)]

    def _inside(self, one: str, two: str) -> Iterator[tuple[str, str]]:
        """Yield the folders that stand in both of two folders, and differ."""
        old, new = self.listing(one), self.listing(two)
        for name, entry in new.items():
            was = old.get(name)
            if was is not None and was != entry and was.kind == entry.kind == "folder" and was.oid and entry.oid:
                yield was.oid, entry.oid


def parse_tree(data: bytes, id_bytes: int) -> Listing:
    """Return the entries of a git tree object, whose ids have `id_bytes` bytes each."""
    found: Listing = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        mode = data[at:space].decode()
        oid = data[end + 1 : end + 1 + id_bytes].hex()
        name = os.fsdecode(data[space + 1 : end])
        found[name] = Entry("folder", oid) if mode == "40000" else kind_of_mode(mode, oid)
        at = end + 1 + id_bytes
    return found


def differences(before: CommitTree | None, after: CommitTree) -> Iterator[str]:
    """Yield the paths of files that differ between two commits (None: one without files).

    Folders with the same id are not entered.
    """
    pending: list[tuple[str, str | None, str | None]] = [("", None if before is None else before.root, after.root)]
    while pending:
        folder, one, two = pending.pop()
        if one == two:
            continue
        old = after.folders.listing(one) if one is not None else {}
        new = after.folders.listing(two) if two is not None else {}
        for name in old.keys() | new.keys():
            first, second = old.get(name), new.get(name)
            if first == second:
                continue
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
