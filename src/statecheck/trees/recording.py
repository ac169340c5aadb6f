"""A tree that notes what is read of it: what a repair was proven on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from statecheck.trees.base import Entry, Tree, TreeKind


class Recording:
    """A tree as it is. `digests` has the SHA-256 of each file that was read, as it was when it was read first."""

    def __init__(self, below: Tree) -> None:
        self.below = below
        self.digests: dict[str, str] = {}

    @property
    def kind(self) -> TreeKind:
        """What the tree is a view of."""
        return self.below.kind

    @property
    def label(self) -> str:
        """The label of the tree."""
        return self.below.label

    def files(self) -> Collection[str]:
        """Return the paths of the tree."""
        return self.below.files()

    def entry(self, path: str) -> Entry | None:
        """Return what stands at exactly this path."""
        return self.below.entry(path)

    def children(self, folder: str) -> dict[str, Entry]:
        """Return the entries of a folder by name."""
        return self.below.children(folder)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the content of the file at `path`, and note it. Raises `UnreadableError`."""
        return self._noted(path, self.below.read(path, limit))

    def checked_out(self, path: str) -> bytes:
        """Return the content as a checkout would write it, and note it. Raises `UnreadableError`."""
        return self._noted(path, self.below.checked_out(path))

    def size(self, path: str) -> int:
        """Return the size in bytes of the file at `path`. Raises `UnreadableError`."""
        return self.below.size(path)

    def target(self, path: str) -> str:
        """Return the text of the symbolic link at `path`. Raises `UnreadableError`."""
        return self.below.target(path)

    def _noted(self, path: str, content: bytes) -> bytes:
        import hashlib

        if path not in self.digests:
            self.digests[path] = hashlib.sha256(content).hexdigest()
        return content
