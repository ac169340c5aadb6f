"""git's objects by id: their sizes and contents, through one process for each kind of question."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from statecheck.errors import ExpectedError

if TYPE_CHECKING:
    import subprocess

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
        size, answers = self._ask("--batch", oid)
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
        for process in self._processes.values():
            if process.stdin is not None:
                with suppress(BrokenPipeError):  # it ended before it was told to
                    process.stdin.close()
            if process.stdout is not None:
                process.stdout.close()
            process.wait()
        self._processes.clear()

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
