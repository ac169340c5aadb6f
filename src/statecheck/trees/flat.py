"""Trees that are known as a flat list of paths: the git index, a commit, an overlay's additions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from statecheck.trees.base import Entry, UnreadableError, resolve
from statecheck.trees.listed import Listed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from statecheck.trees.base import TreeKind
    from statecheck.trees.objects import ObjectReader
    from statecheck.trees.observation import Observer

FOLDER = Entry("folder")


def kind_of_mode(mode: str, oid: str) -> Entry:
    """Return the entry for a git file mode such as ``100644``, ``120000`` (link) or ``160000`` (submodule)."""
    if mode == "120000":
        return Entry("symlink", oid)
    if mode == "160000":
        return Entry("submodule", oid)
    return Entry("file", oid, mode == "100755")


class ObjectTree(ABC):
    """A tree whose files are git's objects: what is the same, however their ids are found."""

    kind: TreeKind

    def __init__(self, label: str, objects: ObjectReader) -> None:
        self.label = label
        self._objects = objects
        self.observed: tuple[Observer, str] | None = None
        """Who is told what is asked, and by what name, where somebody wants to know."""

    @abstractmethod
    def files(self) -> Collection[str]:
        """Return every path of the tree."""

    @abstractmethod
    def entry(self, path: str) -> Entry | None:
        """Return what stands at exactly this path."""

    @abstractmethod
    def children(self, folder: str) -> dict[str, Entry]:
        """Return the entries of a folder by name."""

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the content of the file at `path`. Raises `UnreadableError`."""
        content = self._objects.content_within(self._file(path), limit)
        if content is None:
            raise UnreadableError(path, f"is larger than {limit} bytes")
        return content

    def checked_out(self, path: str) -> bytes:
        """Return the content that a checkout would write: line ends and filters applied. Raises `UnreadableError`."""
        if self.observed is not None:
            self.observed[0].seen.lasting = False  # it depends on git's configuration, too
        return self._objects.checked_out(self._file(path), resolve(self, path))

    def size(self, path: str) -> int:
        """Return the size in bytes of the file at `path`. Raises `UnreadableError`."""
        return self._objects.size(self._file(path))

    def target(self, path: str) -> str:
        """Return the text of the symbolic link at `path`. Raises `UnreadableError`."""
        found = self.entry(path)
        if found is None or found.kind != "symlink" or found.oid is None:
            raise UnreadableError(path, "is no symbolic link")
        return self._objects.content(found.oid).decode("utf-8", "surrogateescape")

    def _file(self, path: str) -> str:
        found = self.entry(resolve(self, path))
        if found is None:
            raise UnreadableError(path, "does not exist")
        if found.kind != "file" or found.oid is None:
            raise UnreadableError(path, f"is no regular file but a {found.kind}")
        if not found.oid.strip("0"):
            raise UnreadableError(path, "is in conflict: the merge is not resolved in the index")
        return found.oid


class GitTree(ObjectTree):
    """The git index or a commit, as a tree whose files are read by object id."""

    kind: TreeKind

    def __init__(
        self, label: str, entries: Mapping[str, Entry], objects: ObjectReader, kind: TreeKind = "commit"
    ) -> None:
        super().__init__(label, objects)
        self.kind = kind
        self._entries = entries
        self._listed = entries if isinstance(entries, Listed) else None
        self._folders: dict[str, dict[str, Entry]] | None = None

    def files(self) -> Collection[str]:
        """Return every path of the tree."""
        return self._entries

    def entry(self, path: str) -> Entry | None:
        """Return what stands at exactly this path."""
        if self.observed is not None:
            self.observed[0].seen.others.add((self.observed[1], path))
        found = self._entries.get(path)
        if found is not None:
            return found
        holds = None if self._listed is None else self._listed.holds(path)
        return FOLDER if holds or (holds is None and self._folder(path) is not None) else None

    def children(self, folder: str) -> dict[str, Entry]:
        """Return the entries of a folder by name."""
        if self.observed is not None:
            self.observed[0].seen.others.add((self.observed[1], f"{folder}/"))
        return self._folder(folder) or {}

    def _folder(self, folder: str) -> dict[str, Entry] | None:
        if self._folders is None:
            few = None if self._listed is None else self._listed.few_below(folder)
            if few is not None:
                return by_folder(few).get(folder)
            self._folders = by_folder(self._entries)
        return self._folders.get(folder)


def by_folder(entries: Mapping[str, Entry]) -> dict[str, dict[str, Entry]]:
    """Return the names and entries of every folder that a flat list of paths implies."""
    folders: dict[str, dict[str, Entry]] = {"": {}}
    for path, entry in entries.items():
        folder, _, name = path.rpartition("/")
        while folder not in folders:
            folders[folder] = {name: entry}
            entry = FOLDER
            folder, _, name = folder.rpartition("/")
        folders[folder].setdefault(name, entry)
    return folders
