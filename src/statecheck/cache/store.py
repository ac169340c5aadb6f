"""Where the cache lies, and how a file of it is read and written: whole, checked, and never the last word."""

from __future__ import annotations

import marshal
import os
import sys
import zlib
from typing import Any

MAX_FILE = 64 * 2**20
"""Bytes of the largest file that is kept."""

MAX_FOLDER = 256 * 2**20
"""Bytes of all files together; those that were written longest ago go first."""

_MAGIC = b"statecheck cache 1\n"


def cache_folder() -> str:
    """Return the folder of the user's own in which caches lie: never one that a repository could bring along."""
    given = os.environ.get("XDG_CACHE_HOME")
    if given and os.path.isabs(given):
        return os.path.join(given, "statecheck")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.expanduser("~"), "statecheck", "cache")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/statecheck")
    return os.path.expanduser("~/.cache/statecheck")


def load(question: tuple[Any, ...]) -> Any:
    """Return what was saved for a question, or None: where there is nothing, or it is damaged, or not one's own."""
    if not os.path.isabs(cache_folder()):
        return None  # nobody knows whose it is
    try:
        with open(_name(question), "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > MAX_FILE or not _is_own(status):
                return None
            data = file.read()
    except OSError:
        return None
    body = data[len(_MAGIC) + 4 :]
    if not data.startswith(_MAGIC) or data[len(_MAGIC) : len(_MAGIC) + 4] != _sum(body):
        return None
    try:
        asked, value = marshal.loads(body)  # noqa: S302 - written by this user, and the sum says that it is whole
    except (ValueError, EOFError, TypeError):
        return None
    return value if asked == question else None


def save(question: tuple[Any, ...], value: Any) -> None:
    """Keep a value for a question. Several runs may do so at once: the last one counts, and no file is ever half.

    Where it cannot be written it is not: that costs time, and nothing else.
    """
    body = marshal.dumps((question, value))
    if len(body) > MAX_FILE or not os.path.isabs(cache_folder()):
        return
    name = _name(question)
    folder = os.path.dirname(name)
    beside = f"{name}.{os.getpid()}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with open(os.open(beside, flags, 0o600), "wb") as file:
            file.write(_MAGIC + _sum(body) + body)
        os.replace(beside, name)
        _bound(folder)
    except OSError:
        try:
            os.unlink(beside)
        except OSError:
            pass  # it was never made


def _name(question: tuple[Any, ...]) -> str:
    key = marshal.dumps(question)
    return os.path.join(cache_folder(), f"{zlib.crc32(key):08x}{zlib.crc32(key[::-1]):08x}")


def _sum(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(4, "big")


def _is_own(status: os.stat_result) -> bool:
    """Say whether a file is one's own, and nobody else may write it."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _bound(folder: str) -> None:
    """Remove the files that were written longest ago, as far as there is too much."""
    with os.scandir(folder) as found:
        files = sorted(((each.stat().st_mtime, each.stat().st_size, each.path) for each in found), reverse=True)
    total = 0
    for _, size, path in files:
        total += size
        if total > MAX_FOLDER:
            os.unlink(path)
