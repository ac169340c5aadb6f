"""Steps on the disk that each happen at once or not at all, and lose nothing that was there.

Paths are native ones. What stands at a path is known by its digest, so that a file which somebody wrote in between is
told from the one that was read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import time

WRITER_SECONDS = 2.0
"""How long a program that has a file open for writing is waited for."""

_AT_FDCWD = -100
_SWAP = 2
"""RENAME_EXCHANGE of Linux's renameat2 and RENAME_SWAP of macOS's renamex_np."""

_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}
_BUFFER = 64 * 1024
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def digest_of(content: bytes) -> str:
    """Return the digest of a regular file with this content."""
    return hashlib.sha256(content).hexdigest()


def digest_of_link(target: str) -> str:
    """Return the digest of a symbolic link that leads there."""
    return f"link to {target}"


def digest(path: str) -> str | None:
    """Return what stands at a path: the SHA-256 of a file, words for anything else, None for nothing.

    Raises `OSError` where a file cannot be read.
    """
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISLNK(status.st_mode):
        return digest_of_link(os.readlink(path).replace(os.sep, "/"))
    if not stat.S_ISREG(status.st_mode):
        return "no file"
    handle = os.open(path, _FLAGS)
    try:
        found = hashlib.sha256()
        while piece := os.read(handle, _BUFFER):
            found.update(piece)
        return found.hexdigest()
    finally:
        os.close(handle)


def exchange(one: str, other: str) -> None:
    """Let two files of one folder change their places, in one step where the system can. Raises `OSError`.

    Elsewhere `other` is replaced at once, and what stood there is kept under a spare name until it is at `one`.
    """
    if _swapped(one, other):
        return
    spare = spare_name(one)
    try:
        os.link(other, spare)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(other, spare)  # a file system without hard links
    os.replace(one, other)
    os.rename(spare, one)


def spare_name(path: str) -> str:
    """Return the name that keeps what stood in the other place while `path` is exchanged in more than one step."""
    return f"{path}~"


def move_new(path: str, place: str) -> None:
    """Move a file to a place where nothing is. Raises `FileExistsError` where something is, and `OSError`."""
    try:
        os.link(path, place)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(place):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), place) from None
        os.rename(path, place)
    else:
        os.unlink(path)


def written_no_more(path: str) -> bool:
    """Wait until no other program has a file open for writing, and say whether that came to pass.

    A program that opened a file before it was exchanged goes on writing into the old one. Linux can tell, by granting a
    read lease only where nobody writes; where the system cannot tell the answer is True. Raises `OSError`.
    """
    try:
        import fcntl

        lease, read, done = fcntl.F_SETLEASE, fcntl.F_RDLCK, fcntl.F_UNLCK
    except (ImportError, AttributeError):
        return True
    handle = os.open(path, _FLAGS)
    try:
        until = time.monotonic() + WRITER_SECONDS
        while True:
            try:
                fcntl.fcntl(handle, lease, read)
            except OSError as error:
                if error.errno != errno.EAGAIN:
                    return True  # leases are not for this file system, or not for another user's file
            else:
                fcntl.fcntl(handle, lease, done)
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
    finally:
        os.close(handle)


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable, where the system can open a folder. Raises `OSError`."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _swapped(one: str, other: str) -> bool:
    """Exchange two files in one step, and say whether the system can."""
    import ctypes  # only a run that writes needs it

    try:
        library = ctypes.CDLL(None, use_errno=True)
    except (OSError, TypeError):
        return False  # Windows
    paths = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        result = library.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _SWAP)
    elif hasattr(library, "renamex_np"):
        result = library.renamex_np(*paths, _SWAP)
    else:
        return False
    if result == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), other)
