"""The one place that touches the disk: whole files, through a temporary file in the same folder."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from statecheck.trees import UnreadableError, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.repair.fixpoint import Repair
    from statecheck.trees import WorkingTree


LOCK_SECONDS = 60
"""How long a run waits for another that writes the same file."""


class WriteError(Exception):
    """A repair could not be written, or files changed under it; the message says what was and was not done."""


def write_changes(repair: Repair, disk: WorkingTree) -> None:
    """Write a repair to the working tree, in its order.

    Files that are no longer as they were read stop everything before the first write. Mode, and owner where
    permitted, are kept; a symbolic link stays and its target is written. Raises `WriteError`.
    """
    fresh = disk.anew()
    for path, original in repair.originals.items():
        if _current(fresh, path) != original:
            raise WriteError(f"{path} changed while it was being repaired; nothing was written, run again")
    done: list[str] = []
    for path, content in repair.changes.items():
        try:
            if content is None:
                folder, _, name = path.rpartition("/")
                real = resolve(disk, folder)
                os.unlink(_native(disk, real, name))  # a link goes itself, never what it leads to
                _remove_empty(disk, real)
            else:
                _replace(_native(disk, resolve(disk, path)), content, executable=path in repair.executable)
        except (OSError, UnreadableError) as error:
            reason = error.strerror if isinstance(error, OSError) else error.reason
            written = f"written before it: {', '.join(done)}" if done else "nothing was written"
            raise WriteError(f"{path} could not be written: {(reason or str(error)).lower()}; {written}") from None
        done.append(path)


def write_file(disk: WorkingTree, path: str, content: bytes) -> None:
    """Write one file of statecheck's own as a whole. Raises `WriteError`."""
    try:
        _replace(_native(disk, resolve(disk, path)), content, executable=False)
    except (OSError, UnreadableError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.reason
        raise WriteError(f"{path} could not be written: {(reason or str(error)).lower()}") from None


@contextmanager
def locked(disk: WorkingTree, path: str, git_dir: str | None) -> Iterator[None]:
    """Keep other runs from writing a file until this one is done with it. Raises `WriteError` where one goes on.

    The lock lies in git's own folder, where there is one, so that git does not see it.
    """
    from filelock import FileLock, Timeout

    try:
        name = f"{_native(disk, resolve(disk, path))}.lock"
    except UnreadableError as error:
        raise WriteError(f"{path} cannot be locked: it {error.reason}") from None
    if git_dir is not None:
        name = os.path.join(git_dir, f"statecheck-{os.path.basename(name)}")
    lock = FileLock(name, timeout=LOCK_SECONDS)
    try:
        os.makedirs(os.path.dirname(name), exist_ok=True)
        lock.acquire()
    except Timeout:
        raise WriteError(f"another run has been holding {path} for {LOCK_SECONDS} seconds") from None
    except OSError as error:
        raise WriteError(f"{path} cannot be locked: {(error.strerror or str(error)).lower()}") from None
    try:
        yield
    finally:
        lock.release()


def _native(disk: WorkingTree, *parts: str) -> str:
    return os.path.join(disk.root, *(name for part in parts for name in part.split("/") if name))


def _current(disk: WorkingTree, path: str) -> bytes | None:
    try:
        return disk.read(path)
    except UnreadableError:
        return None


def _replace(target: str, content: bytes, *, executable: bool) -> None:
    folder = os.path.dirname(target)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".statecheck-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            _keep_mode(file.fileno(), temporary, target, 0o777 if executable else 0o666)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    _sync_folder(folder)


def _remove_empty(disk: WorkingTree, folder: str) -> None:
    """Remove a folder that nothing is left in, and those above it, as git does; the root stays."""
    try:
        while folder:
            os.rmdir(_native(disk, folder))
            folder = folder.rpartition("/")[0]
    except OSError:
        return  # something is left in it


def _keep_mode(handle: int, temporary: str, target: str, default: int) -> None:
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


def _sync_folder(folder: str) -> None:
    """Make the new name durable, where the system can open a folder."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
