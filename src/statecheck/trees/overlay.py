"""A tree with proposed changes laid over it: what a repair would leave, before anything is written."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from statecheck.trees.base import Entry, Tree, UnreadableError, resolve
from statecheck.trees.flat import FOLDER, by_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from statecheck.trees.base import TreeKind

_FILE = Entry("file")


class Overlay:
    """A tree in which some files have other content, or are gone. `changes` maps a path to bytes, or to None."""

    def __init__(self, below: Tree, changes: Mapping[str, bytes | None]) -> None:
        self.below = below
        self.changes = changes
        self._added = by_folder({path: _FILE for path, content in changes.items() if content is not None})

    @property
    def kind(self) -> TreeKind:
        """What the tree below is a view of."""
        return self.below.kind

    @property
    def label(self) -> str:
        """The label of the tree below."""
        return self.below.label

    def files(self) -> Collection[str]:
        """Return the paths of the tree below with the changes applied."""
        files = dict.fromkeys(self.below.files())
        for path, content in self.changes.items():
            if content is None:
                files.pop(path, None)
            else:
                files[path] = None
        return files

    def entry(self, path: str) -> Entry | None:
        """Return what stands at exactly this path."""
        if path in self.changes:
            return None if self.changes[path] is None else _FILE
        return self.below.entry(path) or (FOLDER if path in self._added else None)

    def children(self, folder: str) -> dict[str, Entry]:
        """Return the entries of a folder by name."""
        found = self.below.children(folder) | self._added.get(folder, {})
        prefix = f"{folder}/" if folder else ""
        return {name: entry for name, entry in found.items() if self.changes.get(prefix + name, b"") is not None}

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the content of the file at `path`. Raises `UnreadableError`."""
        real = resolve(self, path)
        if real not in self.changes:
            with self._asked_below(path, real):
                return self.below.read(real, limit)
        content = self.changes[real]
        if content is None:
            raise UnreadableError(path, "does not exist")
        if limit is not None and len(content) > limit:
            raise UnreadableError(path, f"has {len(content)} bytes; at most {limit} are read")
        return content

    def checked_out(self, path: str) -> bytes:
        """Return the content as it would be written. Raises `UnreadableError`."""
        real = resolve(self, path)
        return self.read(path) if real in self.changes else self.below.checked_out(path)

    def size(self, path: str) -> int:
        """Return the size in bytes of the file at `path`. Raises `UnreadableError`."""
        real = resolve(self, path)
        if real in self.changes:
            return len(self.read(path))
        with self._asked_below(path, real):
            return self.below.size(real)

    @contextmanager
    def _asked_below(self, path: str, real: str) -> Iterator[None]:
        """Ask the tree below for what is there in this one too, and speak of it by the path that was asked for."""
        if self.entry(real) is None:
            raise UnreadableError(path, "does not exist")
        try:
            yield
        except UnreadableError as error:
            raise type(error)(path, error.reason) from None

    def target(self, path: str) -> str:
        """Return the text of the symbolic link at `path`. Raises `UnreadableError`."""
        return self.below.target(path)
