"""One file of a repair on its way to its place, and the way back."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from typing import TYPE_CHECKING

from statecheck.repair.moves import digest, exchange, move_new, spare_name, written_no_more
from statecheck.repair.quarantine import QUARANTINE_IGNORE, quarantine_path
from statecheck.trees import UnreadableError, resolve

if TYPE_CHECKING:
    from statecheck.repair.journal import Step
    from statecheck.trees import WorkingTree


class InterferenceError(Exception):
    """Somebody else wrote a file, or has it open for writing; the message says what and which."""


class Exchange:
    """The exchange of what is to be written, which lies aside, with what stands in its place."""

    def __init__(self, disk: WorkingTree, step: Step) -> None:
        self._disk = disk
        self._step = step
        self._place = self._native(step.place)
        self._aside = self._native(step.aside)
        self.folder = os.path.dirname(self._place)

    def stage(self, content: bytes | None, *, executable: bool) -> None:
        """Make the new file beside the old one, with its mode and owner. Raises `OSError`."""
        if self._step.old is not None and not os.path.islink(self._place) and not os.access(self._place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), self._place)
        if content is None:
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(self._aside, flags, 0o600), "wb") as file:
            file.write(content)
            keep_mode(file.fileno(), self._aside, self._place, 0o777 if executable else 0o666)
            file.flush()
            os.fsync(file.fileno())

    def swap(self) -> None:
        """Put the new file in its place, and what stood there aside. Raises `InterferenceError` and `OSError`."""
        try:
            if self._step.old is None:
                move_new(self._aside, self._place)
            elif self._step.new is None:
                os.rename(self._place, self._aside)
            else:
                exchange(self._aside, self._place)
        except (FileExistsError, FileNotFoundError):
            raise self._changed() from None
        self._require_old()

    def settle(self) -> None:
        """See that nobody wrote into what was put aside. Raises `InterferenceError` and `OSError`."""
        found = digest(self._aside) if self._step.old is not None else None
        if found is None or not os.path.isfile(self._aside) or os.path.islink(self._aside):
            return
        if not written_no_more(self._aside):
            raise InterferenceError(f"{self._step.path} is open for writing in another program")
        self._require_old()

    def clear(self) -> None:
        """Remove what was put aside, and a folder that nothing is left in. Raises `OSError`."""
        if os.path.lexists(self._aside):
            os.unlink(self._aside)
        folder = self._step.place.rpartition("/")[0]
        while self._step.new is None and folder and remove_if_empty(self._native(folder)):
            folder = folder.rpartition("/")[0]

    def recover(self) -> bool:
        """Say whether the file is still to be exchanged, after a crash; what is to be written then lies aside."""
        spare = spare_name(self._aside)
        if os.path.lexists(spare):
            if os.path.lexists(self._aside):
                os.unlink(spare)  # the place still has it
            else:
                os.rename(spare, self._aside)
        if self._step.new is None:
            return not os.path.lexists(self._aside) and os.path.lexists(self._place)
        if self._step.old is None:
            return os.path.lexists(self._aside) and not self._twice
        if not os.path.lexists(self._aside):
            return digest(self._place) != self._step.new  # somebody cleaned up
        return digest(self._aside) == self._step.new

    @property
    def as_read(self) -> bool:
        """Whether what stands in the place is what was read."""
        return digest(self._place) == self._step.old

    def drop(self) -> None:
        """Remove what was to be written. Raises `OSError`."""
        if self._step.new is not None and os.path.lexists(self._aside):
            os.unlink(self._aside)

    def undo(self) -> str | None:
        """Leave the place as it was; return where something is kept that could not go back, in words.

        What somebody wrote in the place since stays there. Raises `OSError` and `UnreadableError`.
        """
        if self._step.old is None:
            return self._take_away()
        if not os.path.lexists(self._aside):
            return None
        if self._step.new is None:
            return self._return()
        if digest(self._place) != self._step.new:
            return self._keep()
        exchange(self._aside, self._place)
        if self._is_ours():
            os.unlink(self._aside)
            return None
        exchange(self._aside, self._place)  # somebody wrote into the new file just now
        return self._keep()

    def _take_away(self) -> str | None:
        """Take a file away again that was not there, unless somebody wrote into it since."""
        if os.path.lexists(self._aside):
            os.unlink(self._aside)  # a second name of the same file
        if digest(self._place) != self._step.new:
            return None
        os.rename(self._place, self._aside)
        if not self._is_ours():
            return self._return()
        os.unlink(self._aside)
        return None

    def _return(self) -> str | None:
        """Move what was put aside to its place, or to the quarantine where somebody has made a file there since."""
        try:
            move_new(self._aside, self._place)
        except FileExistsError:
            return self._keep()
        return None

    def _keep(self) -> str:
        """Move what was put aside to the quarantine. Raises `UnreadableError` where that leads out of the project."""
        if os.path.islink(self._aside):
            content = os.fsencode(os.readlink(self._aside))
        else:
            with open(self._aside, "rb") as file:
                content = file.read()
        kept = quarantine_path(self._step.path, content)
        for path in (kept, QUARANTINE_IGNORE):
            if resolve(self._disk.anew(), path) != path:
                raise UnreadableError(path, "lies behind a symbolic link")
        os.makedirs(os.path.dirname(self._native(kept)), exist_ok=True)
        shutil.move(self._aside, self._native(kept))
        if not os.path.lexists(self._native(QUARANTINE_IGNORE)):
            with open(self._native(QUARANTINE_IGNORE), "wb") as file:
                file.write(b"*\n")
        return f"{self._step.path} was changed by somebody else as well, and what stood there before is kept in {kept}"

    def _is_ours(self) -> bool:
        """Say whether what lies aside is what was written, and nobody else is writing into it."""
        return self._has_new and written_no_more(self._aside) and self._has_new

    @property
    def _has_new(self) -> bool:
        return digest(self._aside) == self._step.new

    @property
    def _twice(self) -> bool:
        """Whether a new file has both its names: it was moved, and not yet removed from beside its place."""
        return os.path.lexists(self._place) and os.path.samefile(self._place, self._aside)

    def _require_old(self) -> None:
        if self._step.old is not None and digest(self._aside) != self._step.old:
            raise self._changed()

    def _changed(self) -> InterferenceError:
        return InterferenceError(f"{self._step.path} changed while it was being repaired")

    def _native(self, path: str) -> str:
        return os.path.join(self._disk.root, *path.split("/"))


def keep_mode(handle: int, temporary: str, target: str, default: int) -> None:
    """Give a new file the mode and owner of the one it replaces, else what the user's mask leaves of `default`."""
    try:
        status = os.stat(target)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, default & ~mask)
        return
    if hasattr(os, "fchown"):
        try:
            os.fchown(handle, status.st_uid, status.st_gid)
        except PermissionError:
            pass  # another user's file: the content matters more than who owns it
    os.chmod(temporary, stat.S_IMODE(status.st_mode))


def remove_if_empty(folder: str) -> bool:
    """Remove a folder in which nothing is left, and say whether it went."""
    try:
        os.rmdir(folder)
    except OSError:
        return False  # something is left in it, or it is gone
    return True
