"""The one place that touches the disk: whole files, through a temporary file in the same folder."""

from __future__ import annotations

import os
import stat
import tempfile
from typing import TYPE_CHECKING

from statecheck.trees import UnreadableError, resolve

if TYPE_CHECKING:
    from statecheck.repair.fixpoint import Repair
    from statecheck.trees import WorkingTree


class WriteError(Exception):
    """A repair could not be written, or files changed under it; the message says what was and was not done."""


def write_changes(repair: Repair, disk: WorkingTree) -> None:
    """Write a repair to the working tree, in its order.

    Files that are no longer as they were read stop everything before the first write. Mode, and owner where
    permitted, are kept; a symbolic link stays and its target is written. Raises `WriteError`.
    """
    for path, original in repair.originals.items():
        if _current(disk, path) != original:
            raise WriteError(f"{path} changed while it was being repaired; nothing was written, run again")
    done: list[str] = []
    for path, content in repair.changes.items():
        try:
            target = os.path.join(disk.root, *resolve(disk, path).split("/"))
            if content is None:
                os.unlink(target)
            else:
                _replace(target, content)
        except (OSError, UnreadableError) as error:
            reason = error.strerror if isinstance(error, OSError) else error.reason
            written = f"written before it: {', '.join(done)}" if done else "nothing was written"
            raise WriteError(f"{path} could not be written: {(reason or str(error)).lower()}; {written}") from None
        done.append(path)


def _current(disk: WorkingTree, path: str) -> bytes | None:
    try:
        return type(disk)(disk.root).read(path)
    except UnreadableError:
        return None


def _replace(target: str, content: bytes) -> None:
    folder = os.path.dirname(target)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".statecheck-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            _keep_mode(file.fileno(), temporary, target)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(folder)


def _keep_mode(handle: int, temporary: str, target: str) -> None:
    try:
        status = os.stat(target)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        return
    if hasattr(os, "fchown"):
        try:
            os.fchown(handle, status.st_uid, status.st_gid)
        except PermissionError:
            pass  # another user's file: the content matters more than who owns it
    os.chmod(temporary, stat.S_IMODE(status.st_mode))


def _sync_folder(folder: str) -> None:
    """Make the new name durable, where the system can open a folder."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
