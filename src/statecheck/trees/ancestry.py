"""Where commits part: the best common ancestors of any pairs of commits, of one ``git rev-list`` for all of them."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from statecheck.trees.objects import GitError

if TYPE_CHECKING:
    import subprocess
    from types import TracebackType

_FIRST, _SECOND, _BEHIND = 1, 2, 4
"""From which commit of a pair one is reached, and that it lies behind a common ancestor."""

_COMMON = _FIRST | _SECOND


class Ancestry:
    """The commits that lead to some others, read as far back as somebody asks.

    `process` lists them with their times and their parents, about the latest first. Where the clocks of those who
    committed disagreed, a commit may stand before one that leads to it: what is found does not depend on it.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._parents: dict[str, tuple[str, ...]] = {}
        self._numbers: dict[str, int] = {}
        self._times: dict[str, int] = {}

    def __enter__(self) -> Ancestry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()  # what nobody asked for is not read
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def merge_base(self, one: str, two: str) -> str | None:
        """Return the best common ancestor of two commits, or None. Raises `GitError`.

        Of several it is the one that was committed last; of several at the same time, the one that is listed first.
        The ancestors of both are marked, the latest first, until all that is left lies behind a common one.
        """
        marks: dict[str, int] = {}
        pending = _Pending(self)
        for commit, mark in ((one, _FIRST), (two, _SECOND)):
            marks[commit] = marks.get(commit, 0) | mark
            pending.add(commit, behind=False)
        common: set[str] = set()
        while pending.ahead or (pending.behind and len(common) > 1):  # of several, one may lead to another
            commit = pending.latest()
            mark = marks[commit]
            if mark == _COMMON:
                common.add(commit)
                mark |= _BEHIND
            for parent in self._parents[commit]:
                known = marks.get(parent, 0)
                if mark & ~known:
                    marks[parent] = known | mark
                    pending.add(parent, behind=bool(marks[parent] & _BEHIND))
        best = (commit for commit in common if marks[commit] == _COMMON)
        return max(best, key=lambda each: (self._times[each], -self._numbers[each]), default=None)

    def number(self, commit: str) -> int | None:
        """Return how many commits are listed before one, or None where it was not read yet."""
        return self._numbers.get(commit)

    def read(self) -> str:
        """Read the next commit, and return it. Raises `GitError` where git ended, or there is none."""
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line:
            raise GitError("git rev-list ended before the common ancestors of a merge were found")
        time, commit, *parents = line.decode("ascii").split()
        self._times[commit] = int(time)
        self._numbers[commit] = len(self._numbers)
        self._parents[commit] = tuple(parents)
        return commit


class _Pending:
    """Commits that are to be looked at, the latest first."""

    def __init__(self, ancestry: Ancestry) -> None:
        self._ancestry = ancestry
        self._read: list[tuple[int, str]] = []
        self.ahead: set[str] = set()
        self.behind: set[str] = set()

    def add(self, commit: str, *, behind: bool) -> None:
        """Add a commit, which may lie behind a common ancestor."""
        number = self._ancestry.number(commit)
        if number is not None and commit not in self.ahead and commit not in self.behind:
            heapq.heappush(self._read, (number, commit))
        self.ahead.discard(commit)
        (self.behind if behind else self.ahead).add(commit)

    def latest(self) -> str:
        """Take the latest commit. Those that were read stand before all others."""
        commit = heapq.heappop(self._read)[1] if self._read else self._next()
        self.ahead.discard(commit)
        self.behind.discard(commit)
        return commit

    def _next(self) -> str:
        commit = self._ancestry.read()
        while commit not in self.ahead and commit not in self.behind:
            commit = self._ancestry.read()
        return commit
