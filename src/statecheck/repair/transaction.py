"""All or nothing: the files of a repair are all written, or all left as they were.

New files are made beside the old ones, then exchanged with them one by one. What comes out of an exchange has to be
what was read; where it is not, somebody wrote in between, and everything is exchanged back. So what somebody wrote is
there at every moment, and each file is whole.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from statecheck.errors import WriteError
from statecheck.repair.exchange import Exchange, InterferenceError, remove_if_empty
from statecheck.repair.journal import Journal, Step
from statecheck.repair.moves import digest_of, digest_of_link, sync_folder
from statecheck.trees import UnreadableError, resolve
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from statecheck.repair.journal import JournalFile
    from statecheck.trees import WorkingTree


class New(NamedTuple):
    """What is to stand at a path: its content as it was read and as it is to be, None where there is no file."""

    path: str
    old: bytes | None
    new: bytes | None


def write_all(files: Collection[New], executable: Collection[str], disk: WorkingTree, journal: JournalFile) -> None:
    """Write all files of a repair in their order, or none. A symbolic link stays, and its target is written.

    Mode, and owner where permitted, are kept; `executable` are the new files that may be executed. Raises `WriteError`.
    """
    if journal.stage is not None:
        raise WriteError("another repair was interrupted just now; nothing was written, run again")
    fresh = disk.anew()
    transaction: _Transaction | None = None
    try:
        _require_as_read(files, fresh)
        steps = tuple(_step(fresh, each) for each in files)
        above = {step.place.rpartition("/")[0] for step in steps if step.new is not None}
        folders = tuple(sorted({folder for each in above for folder in _missing(disk.root, each)}))
        transaction = _Transaction(disk, journal, Journal(steps, folders))
        transaction.write({each.path: each.new for each in files}, executable)
    except (InterferenceError, UnreadableError, OSError) as error:
        left = transaction.left if transaction is not None else ""
        again = ", run again" if isinstance(error, InterferenceError) and not left else ""
        raise WriteError(f"{_sentence(error)}; {left or 'nothing was written'}{again}") from None
    try:
        transaction.clear()
    except OSError as error:
        raise WriteError(f"{_sentence(error)}; the repair is written, run fix-state again to clear up") from None


def finish_interrupted(disk: WorkingTree, journal: JournalFile) -> str | None:
    """End what a crash interrupted, and return what was done in words; None where there was nothing to end.

    Where every file is still as it was read or as it was to be written, the repair is completed; else what was written
    is taken back, and a file that somebody changed since stays as it is. Raises `WriteError` and `JournalError`.
    """
    stage = journal.stage
    if stage is None:
        return None
    transaction = _Transaction(disk, journal, journal.read(stage), staged=stage != "staging")
    try:
        if stage == "staging":
            transaction.take_back()
            return "a repair that was interrupted had written nothing; what it left was removed"
        if stage == "writing" and not transaction.completed():
            left = f"; {transaction.left}" if transaction.left else ""
            return f"a repair that was interrupted was taken back, since files had changed{left}"
        transaction.clear()
    except (UnreadableError, OSError) as error:
        raise WriteError(f"{_sentence(error)}; run fix-state again to end the repair that was interrupted") from None
    return "a repair that was interrupted was completed"


class _Transaction:
    """A repair on its way to the disk. `left` says in words what could not be left as it was."""

    def __init__(self, disk: WorkingTree, file: JournalFile, journal: Journal, *, staged: bool = False) -> None:
        self._root = disk.root
        self._file = file
        self._journal = journal
        self._exchanges = [(step, Exchange(disk, step)) for step in journal.steps]
        self._staged = staged
        self.left = ""

    def write(self, contents: Mapping[str, bytes | None], executable: Collection[str]) -> None:
        """Write everything, or leave everything as it was and raise what stood in the way."""
        try:
            self._file.begin(self._journal)
            for folder in self._journal.folders:
                os.makedirs(os.path.join(self._root, folder), exist_ok=True)
            for step, each in self._exchanges:
                each.stage(contents[step.path], executable=step.path in executable)
            self._sync()
            self._file.advance("staging", "writing")
            self._staged = True
            self._swap([each for _, each in self._exchanges])
        except BaseException:
            try:
                self.take_back()
            except (UnreadableError, OSError) as error:
                self.left = f"and {_sentence(error)}: run fix-state again to end this"
            raise

    def completed(self) -> bool:
        """Say whether a repair that was interrupted could be written to the end; if not, take it back."""
        pending = [each for _, each in self._exchanges if each.recover()]
        try:
            if all(each.as_read for each in pending):
                self._swap(pending)
                return True
        except InterferenceError:
            pass
        self.take_back()
        return False

    def clear(self) -> None:
        """Remove what was put aside, and the journal at last."""
        for _, each in self._exchanges:
            each.clear()
        self._file.end()

    def take_back(self) -> None:
        """Leave everything as it was. What somebody wrote since stays, and what that displaced goes to quarantine."""
        for _, each in reversed(self._exchanges):
            if not self._staged or each.recover():
                each.drop()
            else:
                self.left = each.undo() or self.left
        for folder in reversed(self._journal.folders):
            remove_if_empty(os.path.join(self._root, folder))
        self._file.end()

    def _swap(self, exchanges: Collection[Exchange]) -> None:
        """Exchange files, see that nobody wrote into one of all that were, and make it all durable."""
        for each in exchanges:
            each.swap()
        for _, each in self._exchanges:
            each.settle()
        self._sync()
        self._file.advance("writing", "settled")

    def _sync(self) -> None:
        for folder in dict.fromkeys(each.folder for _, each in self._exchanges):
            if os.path.isdir(folder):
                sync_folder(folder)


def _require_as_read(files: Collection[New], disk: WorkingTree) -> None:
    """Raise `InterferenceError` where a file is no longer as it was read."""
    for each in files:
        if _current(disk, each.path) != each.old:
            raise InterferenceError(f"{each.path} changed while it was being repaired")


def _current(disk: WorkingTree, path: str) -> bytes | None:
    try:
        return disk.read(path)
    except UnreadableError:
        return None


def _step(disk: WorkingTree, each: New) -> Step:
    """Return where a file really is, and the name beside it. Raises `UnreadableError`."""
    above, _, name = each.path.rpartition("/")
    if each.new is None:
        folder = resolve(disk, above)
        place = f"{folder}/{name}" if folder else name  # a link goes itself, never what it leads to
    else:
        place = resolve(disk, each.path)
        folder = place.rpartition("/")[0]
    aside = f".statecheck-{secrets.token_hex(8)}.tmp"
    old = digest_of(each.old) if each.old is not None else None
    entry = disk.entry(place)
    if entry is not None and entry.kind == "symlink":
        old = digest_of_link(disk.target(place))
    elif entry is not None and entry.oid is not None:
        old = None  # a sparse checkout leaves it out
    new = digest_of(each.new) if each.new is not None else None
    return Step(each.path, place, f"{folder}/{aside}" if folder else aside, old, new)


def _missing(root: str, folder: str) -> Iterator[str]:
    """Yield the folders that have to be made for one to be there."""
    while folder and not os.path.lexists(os.path.join(root, folder)):
        yield folder
        folder = folder.rpartition("/")[0]


def _sentence(error: Exception) -> str:
    """Return what stood in the way, in words."""
    if isinstance(error, UnreadableError):
        return f"{error.path} could not be written: {error.reason}"
    if isinstance(error, OSError):
        name = os.path.basename(os.fsdecode(error.filename)) if error.filename is not None else "a file"
        return f"{name} could not be written: {(error.strerror or str(error)).lower()}"
    return str(error)
