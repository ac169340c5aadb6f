"""git's objects by id: their sizes and contents, through one process for each kind of question."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from statecheck.errors import ExpectedError
from statecheck.trees.base import UnreadableError

if TYPE_CHECKING:
    import subprocess

    from statecheck.trees.base import Tree
    from statecheck.trees.git import Repository


class GitError(ExpectedError):
    """git could not answer. The message is what a user can act on."""


def is_blob(data: bytes | memoryview, oid: str) -> bool:
    """Say whether content is that of the blob with this object id, which is a SHA-1 or a SHA-256."""
    import hashlib

    digest = hashlib.sha256() if len(oid) == 64 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest() == oid


def length_if_begun_with(tree: Tree, path: str, data: bytes) -> int | None:
    """Return the length in bytes of a file that git's object id shows to be the beginning of `data`.

    None where it is not, or has no id: the file itself is not read.
    """
    entry = tree.entry(path)
    if entry is None or entry.kind != "file" or entry.oid is None:
        return None
    try:
        length = tree.size(path)
    except UnreadableError:
        return None
    return length if length <= len(data) and is_blob(memoryview(data)[:length], entry.oid) else None


class ObjectReader:
    """Sizes and contents by object id, through one ``cat-file`` process of each kind, started when needed."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._of = os.getpid()

    def size(self, oid: str) -> int:
        """Return the size in bytes of an object. Raises `GitError` where it is missing."""
        return self._ask("--batch-check", oid)[0]

    def content(self, oid: str) -> bytes:
        """Return the content of an object. Raises `GitError` where it is missing."""
        content = self.content_within(oid, None)
        assert content is not None  # nothing is too large
        return content

    def content_within(self, oid: str, limit: int | None) -> bytes | None:
        """Return the content of an object, or None where it has more bytes than that. Raises `GitError`."""
        size, answers = self._ask("--batch", oid)
        if limit is not None and size > limit:
            self._end("--batch")  # which costs less than to read what is not wanted
            return None
        data = answers.read(size)
        answers.read(1)
        if len(data) != size:
            raise GitError(f"git ended while object {oid} was read")
        return data

    def checked_out(self, oid: str, path: str) -> bytes:
        """Return what a checkout would write for an object at `path`. Raises `GitError`."""
        return self._repository.run("cat-file", "--filters", f"--path={path}", oid)

    def split(self) -> None:
        """Leave what was started to the process that this one was split off."""
        if self._of != os.getpid():
            self._of = os.getpid()
            self._left, self._processes = self._processes, {}  # kept, since to forget it would be to close its pipes

    def close(self) -> None:
        """End the processes."""
        for mode in list(self._processes):
            self._end(mode)

    def _end(self, mode: str) -> None:
        process = self._processes.pop(mode)
        if process.stdin is not None:
            with suppress(BrokenPipeError):  # it ended before it was told to
                process.stdin.close()
        if process.stdout is not None:
            process.stdout.close()
        process.wait()

    def _ask(self, mode: str, oid: str) -> tuple[int, IO[bytes]]:
        process = self._processes.get(mode)
        if process is None:
            process = self._repository.start("cat-file", mode)
            self._processes[mode] = process
        if process.stdin is None or process.stdout is None:
            raise GitError("git cat-file has no pipes")
        try:
            process.stdin.write(oid.encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            raise GitError(f"git ended before object {oid} was read") from None
        header = process.stdout.readline().split()
        if len(header) != 3:
            raise GitError(f"object {oid} is missing from the repository (a partial or damaged clone?)")
        return int(header[2]), process.stdout
