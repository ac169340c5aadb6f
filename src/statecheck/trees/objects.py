"""git's objects by id: their sizes and contents, through one process for each kind of question."""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from statecheck.errors import ExpectedError
from statecheck.trees.base import UnreadableError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Sequence

    from statecheck.trees.base import Tree
    from statecheck.trees.git import Repository
    from statecheck.trees.git_process import Background

MOST_ASKED = 50
"""Objects that git is asked for before an answer is read: more might fill a small pipe while git waits to write."""

LARGEST_KEPT = 2**25
"""Bytes of the largest object that is read before it is asked for; no document is larger."""


class GitError(ExpectedError):
    """git could not answer. The message is what a user can act on."""


def size_by_id(tree: Tree, path: str) -> tuple[int, str] | None:
    """Return the size in bytes and the object id of a file, which is not read; None where it has no id."""
    entry = tree.entry(path)
    if entry is None or entry.kind != "file" or entry.oid is None:
        return None
    try:
        return tree.size(path), entry.oid
    except UnreadableError:
        return None


class ObjectReader:
    """Sizes and contents by object id, through one ``cat-file`` process of each kind, started when needed."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._processes: dict[str, _Questions] = {}
        self._announced: set[str] = set()
        self._ready: dict[str, bytes] = {}
        self._coming: tuple[frozenset[str], Background] | None = None
        self._of = os.getpid()

    def size(self, oid: str) -> int:
        """Return the size in bytes of an object. Raises `GitError` where it is missing."""
        questions = self._questions("--batch-check")
        questions.ask([oid])
        return _known(*questions.answer())

    def content(self, oid: str) -> bytes:
        """Return the content of an object. Raises `GitError` where it is missing."""
        content = self.content_within(oid, None)
        assert content is not None  # nothing is too large
        return content

    def content_within(self, oid: str, limit: int | None) -> bytes | None:
        """Return the content of an object, or None where it has more bytes than that. Raises `GitError`."""
        if self._coming is not None and oid in self._coming[0]:
            self._take_what_came()
        if oid in self._ready:
            content = self._ready[oid] if oid in self._announced else self._ready.pop(oid)
            return content if limit is None or len(content) <= limit else None
        questions = self._questions("--batch")
        if oid not in questions.asked:
            questions.ask([oid])
        answer = questions.answer()
        while answer[0] != oid:
            if not self._take(answer, questions):
                return self.content_within(oid, limit)
            answer = questions.answer()
        size = _known(*answer)
        if limit is not None and size > limit:
            self._end("--batch")  # which costs less than to read what is not wanted
            return None
        return questions.content(oid, size)

    def announce(self, oids: Iterable[str]) -> None:
        """Ask for objects that are going to be read: git looks them up meanwhile. They are kept until `forget`."""
        questions = self._questions("--batch")
        new = [oid for oid in oids if oid not in self._announced][: max(0, MOST_ASKED - len(questions.asked))]
        self._announced.update(new)
        questions.ask(new)

    def coming(self, oids: Iterable[str], started: Background) -> None:
        """Be given a ``cat-file`` process that was asked for these objects before anybody wants to read them."""
        self._coming = frozenset(oids), started

    def forget(self, oids: Iterable[str]) -> None:
        """Do not keep objects any longer that were announced."""
        for oid in oids:
            self._announced.discard(oid)
            self._ready.pop(oid, None)

    def checked_out(self, oid: str, path: str) -> bytes:
        """Return what a checkout would write for an object at `path`. Raises `GitError`."""
        return self._repository.run("cat-file", "--filters", f"--path={path}", oid)

    def split(self) -> None:
        """Leave what was started to the process that this one was split off."""
        if self._of != os.getpid():
            self._of = os.getpid()
            for each in self._processes.values():
                each.leave()
            self._left = self._processes, self._coming  # kept: of a process that is forgotten, subprocess complains
            self._processes, self._coming = {}, None

    def close(self) -> None:
        """End the processes."""
        if self._coming is not None:
            self._coming[1].end()
            self._coming = None
        for mode in list(self._processes):
            self._end(mode)

    def _take_what_came(self) -> None:
        """Take the objects that came, but for those that are missing: they are asked for again, which says so."""
        assert self._coming is not None  # it was looked at
        started, self._coming = self._coming[1], None
        output = started.output()
        if output is None:
            return
        with output:
            while header := output.readline().split():
                size = int(header[2]) if len(header) == 3 else None
                if size is not None and size > LARGEST_KEPT:
                    output.seek(size + 1, os.SEEK_CUR)
                elif size is not None:
                    content = output.read(size)
                    if len(content) == size:
                        self._ready[header[0].decode()] = content
                    output.read(1)

    def _questions(self, mode: str) -> _Questions:
        if mode not in self._processes:
            self._processes[mode] = _Questions(self._repository.start("cat-file", mode))
        return self._processes[mode]

    def _end(self, mode: str) -> None:
        self._processes.pop(mode).end()

    def _take(self, answer: tuple[str, int | None], questions: _Questions) -> bool:
        """Take the answer to what was announced, and say whether others follow: after a large one, none is read."""
        oid, size = answer
        if size is not None and size > LARGEST_KEPT:
            self._end("--batch")
            return False
        content = b"" if size is None else questions.content(oid, size)
        if size is not None and oid in self._announced:
            self._ready[oid] = content
        return True


class _Questions:
    """A ``cat-file`` process, and what it was asked and has not answered yet, in order."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is None or process.stdout is None:
            raise GitError("git cat-file has no pipes")
        self._process, self._pipe, self._answers = process, process.stdin, process.stdout
        self.asked: deque[str] = deque()

    def ask(self, oids: Sequence[str]) -> None:
        """Ask for objects by id. Raises `GitError` where the process has ended."""
        if not oids:
            return
        try:
            self._pipe.write("".join(f"{oid}\n" for oid in oids).encode())
            self._pipe.flush()
        except BrokenPipeError:
            raise GitError(f"git ended before object {oids[0]} was read") from None
        self.asked.extend(oids)

    def answer(self) -> tuple[str, int | None]:
        """Return the object that was asked for first, and its size in bytes, or None where it is missing."""
        header = self._answers.readline().split()
        return self.asked.popleft(), int(header[2]) if len(header) == 3 else None

    def content(self, oid: str, size: int) -> bytes:
        """Return the content that follows an answer. Raises `GitError` where the process has ended."""
        data = self._answers.read(size)
        self._answers.read(1)
        if len(data) != size:
            raise GitError(f"git ended while object {oid} was read")
        return data

    def leave(self) -> None:
        """Let go of the pipes of a process that another one asks.

        As long as anybody holds them, git does not learn that nobody reads any longer, or asks. Their numbers stay
        taken, so that whoever closes these files here closes no other ones.
        """
        nothing = os.open(os.devnull, os.O_RDWR)
        for pipe in (self._pipe, self._answers):
            os.dup2(nothing, pipe.fileno(), inheritable=False)
        os.close(nothing)

    def end(self) -> None:
        """End the process, whatever it has not answered."""
        with suppress(BrokenPipeError):  # it ended before it was told to
            self._pipe.close()
        self._answers.close()
        self._process.wait()


def _known(oid: str, size: int | None) -> int:
    if size is None:
        raise GitError(f"object {oid} is missing from the repository (a partial or damaged clone?)")
    return size
