"""What every tree offers: a read-only view of files at one moment.

Paths are POSIX strings relative to the root of the tree; the root itself is ``""``. Names that are not valid
UTF-8 are carried as the operating system's surrogate escapes.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Literal, Protocol

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

TreeKind = Literal["worktree", "index", "commit"]

EntryKind = Literal["file", "folder", "symlink", "submodule", "special"]

MAX_LINKS = 40
"""Symbolic links followed for one path before it counts as a loop (the Linux limit)."""


class Entry(NamedTuple):
    """What stands at a path: its kind and, where git knows it, its object id."""

    kind: EntryKind
    oid: str | None = None
    executable: bool = False


class UnreadableError(Exception):
    """A file of a tree cannot be read: it is gone, no regular file, too large, or not permitted."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class OutsideError(UnreadableError):
    """A path leads out of the repository, by ``..``, by being absolute, or through a symbolic link."""


class Tree(Protocol):
    """A read-only view of files at one moment. Nothing here follows symbolic links but `resolve`."""

    @property
    def kind(self) -> TreeKind:
        """What it is a view of."""
        ...

    @property
    def label(self) -> str:
        """``worktree``, ``index``, or the revision: the words of the summary and of the JSON output."""
        ...

    def files(self) -> Collection[str]:
        """Return the paths of all files that count as state: tracked, or untracked and not ignored."""
        ...

    def entry(self, path: str) -> Entry | None:
        """Return what stands at exactly this path (case and Unicode form as stored), or None."""
        ...

    def children(self, folder: str) -> dict[str, Entry]:
        """Return the entries of a real folder by name, ignored ones included; empty where there is none."""
        ...

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the content of a regular file, or of the file a link within the repository leads to.

        `limit` is in bytes. Raises `UnreadableError`.
        """
        ...

    def checked_out(self, path: str) -> bytes:
        """Return the content that a checkout would write for a file. Raises `UnreadableError`."""
        ...

    def size(self, path: str) -> int:
        """Return the size in bytes of the regular file at `path`. Raises `UnreadableError`."""
        ...

    def target(self, path: str) -> str:
        """Return the text of the symbolic link at `path`. Raises `UnreadableError`."""
        ...


def normalize(path: str) -> str:
    """Return `path` without ``.``, ``..`` and doubled slashes, relative to the root.

    Raises `OutsideError` where it is absolute or climbs above the root.
    """
    clean = posixpath.normpath(path) if path else "."
    if clean == ".." or clean.startswith(("/", "../")):
        raise OutsideError(path, "leads out of the repository")
    return "" if clean == "." else clean


def upwards(path: str) -> Iterator[str]:
    """Yield a path, and every folder above it, the root last."""
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def resolve(tree: Tree, path: str) -> str:
    """Return the real path behind `path`, following symbolic links within the tree.

    The last component need not exist. Raises `OutsideError` where a link or ``..`` leads out of the tree, and
    `UnreadableError` for a loop of links.
    """
    pending = [part for part in path.split("/") if part not in ("", ".")][::-1]
    if path.startswith("/"):
        raise OutsideError(path, "leads out of the repository")
    done: list[str] = []
    there = 0  # how many of these exist: below what does not, nothing is to be looked up
    links = 0
    while pending:
        part = pending.pop()
        if part == "..":
            if not done:
                raise OutsideError(path, "leads out of the repository")
            done.pop()
            there = min(there, len(done))
            continue
        here = "/".join([*done, part]) if there == len(done) else ""
        found = tree.entry(here) if here else None
        if found is None or found.kind != "symlink":
            there += found is not None
            done.append(part)
            continue
        links += 1
        if links > MAX_LINKS:
            raise UnreadableError(path, "is a loop of symbolic links")
        target = tree.target(here)
        if target.startswith("/"):
            raise OutsideError(path, f"is reached through the symbolic link {here}, which leads out of the repository")
        pending.extend(piece for piece in reversed(target.split("/")) if piece not in ("", "."))
    return "/".join(done)
