"""Single files of statecheck's own, written as a whole through a temporary file in the same folder, and locks."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from statecheck.errors import WriteError
from statecheck.repair.exchange import keep_mode, remove_if_empty
from statecheck.repair.moves import digest_of, sync_folder
from statecheck.trees import UnreadableError, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from statecheck.trees import WorkingTree


LOCK_SECONDS = 60
"""How long a run waits for another that writes the same file."""


def write_file(disk: WorkingTree, path: str, content: bytes) -> None:
    """Write one file of statecheck's own as a whole. Raises `WriteError`."""
    try:
        _replace(_native(disk, resolve(disk, path)), content, executable=False)
    except (OSError, UnreadableError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.reason
        raise WriteError(f"{path} could not be written: {(reason or str(error)).lower()}") from None


def require_unchanged(reads: Mapping[str, str | None], disk: WorkingTree, since: str, advice: str) -> None:
    """Raise `WriteError`, in words that end with `advice`, where a file is no longer as it was read."""
    fresh = disk.anew()
    for path, digest in reads.items():
        try:
            found = digest_of(fresh.read(path))
        except UnreadableError:
            found = None
        if found != digest:
            raise WriteError(f"{path} changed {since}; nothing was written, {advice}")


def lock_left(disk: WorkingTree, path: str, git_dir: str | None) -> bool:
    """Say whether a run holds a lock in the workspace, or was killed while it did: the next to hold it removes it."""
    return git_dir is None and os.path.lexists(_lock_name(disk, path, None))


@contextmanager
def locked(disk: WorkingTree, path: str, git_dir: str | None) -> Iterator[None]:
    """Keep other runs from writing a file until this one is done with it. Raises `WriteError` where one goes on.

    The lock lies in git's own folder, where there is one, so that git does not see it; elsewhere nothing is left of it.
    """
    from filelock import FileLock, Timeout

    name = _lock_name(disk, path, git_dir)
    lock = FileLock(name, timeout=LOCK_SECONDS)
    try:
        if git_dir is None and resolve(disk.anew(), path) != path:
            raise WriteError(f"{path} cannot be locked: its folder is a symbolic link")
        os.makedirs(os.path.dirname(name), exist_ok=True)
        lock.acquire()
    except Timeout:
        raise WriteError(f"another run has been holding {path} for {LOCK_SECONDS} seconds") from None
    except UnreadableError as error:
        raise WriteError(f"{path} cannot be locked: it {error.reason}") from None
    except OSError as error:
        raise WriteError(f"{path} cannot be locked: {(error.strerror or str(error)).lower()}") from None
    try:
        yield
    finally:
        if git_dir is None:
            _remove_quietly(name)  # while it is held: who waits for it sees that it is gone, and makes a new one
        lock.release()
        if git_dir is None:
            remove_if_empty(os.path.dirname(name))


def _lock_name(disk: WorkingTree, path: str, git_dir: str | None) -> str:
    name = f"{_native(disk, path)}.lock"
    return name if git_dir is None else os.path.join(git_dir, f"statecheck-{os.path.basename(name)}")


def _remove_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # Windows does not remove what is open


def _native(disk: WorkingTree, *parts: str) -> str:
    return os.path.join(disk.root, *(name for part in parts for name in part.split("/") if name))


def _replace(target: str, content: bytes, *, executable: bool) -> None:
    folder = os.path.dirname(target)
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".statecheck-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            keep_mode(file.fileno(), temporary, target, 0o777 if executable else 0o666)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    sync_folder(folder)
