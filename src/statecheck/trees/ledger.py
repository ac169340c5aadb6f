"""What a ledger remembers of files that no version control has, as a tree: the same rules compare with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from statecheck.trees.base import Entry, UnreadableError, resolve
from statecheck.trees.flat import by_folder
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from statecheck.trees.base import Tree, TreeKind

LEDGER = "the ledger"
"""The label of a ledger: the word of the summary."""

_FILE = Entry("file")


class LogEntryRecord(NamedTuple):
    """An entry of a log as a ledger has it: its heading, and the SHA-256 of its text in hexadecimal."""

    heading: str
    sha256: str


class LogRecord(NamedTuple):
    """A log as a ledger has it: its length in bytes, the SHA-256 of all of it and of its preamble, its entries."""

    length: int
    sha256: str
    preamble: str
    line_end: str | None
    mark: bool
    """Whether it begins with a byte order mark."""
    level: int
    """The level of its entries' headings."""
    entries: tuple[LogEntryRecord, ...]


class StateRecord(NamedTuple):
    """A state file as a ledger has it: the values that rules look back at, and the SHA-256 of everything in it."""

    values: Any
    sha256: str


Record = LogRecord | StateRecord


class LedgerTree:
    """The files of a ledger. Only what was recorded of a file can be read: see `record`."""

    kind: TreeKind = "commit"
    label = LEDGER

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records
        self._folders = by_folder(dict.fromkeys(records, _FILE))

    def files(self) -> Collection[str]:
        """Return the paths that were recorded."""
        return self._records.keys()

    def entry(self, path: str) -> Entry | None:
        """Return what was recorded at exactly this path."""
        if path in self._records:
            return _FILE
        return Entry("folder") if path in self._folders else None

    def children(self, folder: str) -> dict[str, Entry]:
        """Return the entries of a folder by name."""
        return self._folders.get(folder, {})

    def read(self, path: str, limit: int | None = None) -> bytes:  # noqa: ARG002 - records are small
        """Return the recorded values of a state file as JSON, or the headings of a log. Raises `UnreadableError`."""
        record = self._records.get(path)
        if record is None:
            raise UnreadableError(path, "is not in the ledger")
        if isinstance(record, StateRecord):
            return json.dumps(record.values, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if path.endswith(".jsonl"):
            return b"{}\n" * len(record.entries)
        headings = (f"{'#' * record.level} {entry.heading}\n\n" for entry in record.entries)
        return "".join(headings).encode("utf-8", "surrogatepass")

    def checked_out(self, path: str) -> bytes:
        """Return what `read` returns. Raises `UnreadableError`."""
        return self.read(path)

    def size(self, path: str) -> int:
        """Return the size in bytes of what `read` returns. Raises `UnreadableError`."""
        return len(self.read(path))

    def target(self, path: str) -> str:
        """Raise `UnreadableError`: a ledger has no symbolic links."""
        raise UnreadableError(path, "is no symbolic link")

    def record(self, path: str) -> Record | None:
        """Return what was recorded of a file."""
        return self._records.get(path)


class WithLedger:
    """A commit, and a ledger for the files that the commit does not have because git ignores them."""

    kind: TreeKind = "commit"

    def __init__(self, commit: Tree, ledger: LedgerTree) -> None:
        self._commit = commit
        self._ledger = ledger
        self.label = f"{commit.label} and {ledger.label}"

    def files(self) -> Collection[str]:
        """Return the paths of both."""
        return {**dict.fromkeys(self._commit.files()), **dict.fromkeys(self._ledger.files())}

    def entry(self, path: str) -> Entry | None:
        """Return what stands at exactly this path, the commit first."""
        return self._commit.entry(path) or self._ledger.entry(path)

    def children(self, folder: str) -> dict[str, Entry]:
        """Return the entries of a folder by name."""
        return self._ledger.children(folder) | self._commit.children(folder)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the content of the file at `path`. Raises `UnreadableError`."""
        return self._of(path).read(path, limit)

    def checked_out(self, path: str) -> bytes:
        """Return the content that a checkout would write. Raises `UnreadableError`."""
        return self._of(path).checked_out(path)

    def size(self, path: str) -> int:
        """Return the size in bytes of the file at `path`. Raises `UnreadableError`."""
        return self._of(path).size(path)

    def target(self, path: str) -> str:
        """Return the text of the symbolic link at `path`. Raises `UnreadableError`."""
        return self._of(path).target(path)

    def record(self, path: str) -> Record | None:
        """Return what was recorded of a file that the commit does not have."""
        return None if self._commit.entry(path) is not None else self._ledger.record(path)

    def _of(self, path: str) -> Tree:
        return self._commit if self._commit.entry(resolve(self._commit, path)) is not None else self._ledger


def record_of(tree: Tree, path: str) -> Record | None:
    """Return what a ledger remembers of a file, or None where the tree has the file itself."""
    return tree.record(path) if isinstance(tree, LedgerTree | WithLedger) else None
