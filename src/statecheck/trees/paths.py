"""The paths of a tree as a set in which those below a folder are found without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol

from statecheck.trees.commits import CommitFiles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from statecheck.trees.base import Tree
    from statecheck.trees.observation import Observer


class Files(Protocol):
    """The files of a tree."""

    def __contains__(self, path: object) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def __len__(self) -> int: ...

    def below(self, start: str) -> Iterator[str]:
        """Yield the paths below a folder."""
        ...


class Paths:
    """Paths, each once, in the order given."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = paths
        self.observed: tuple[Observer, str] | None = None
        """Who is told what is asked, and by what name, where somebody wants to know."""

    def __contains__(self, path: object) -> bool:
        if self.observed is not None:
            self.observed[0].seen.others.add((self.observed[1], str(path)))
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def below(self, start: str) -> Iterator[str]:
        """Yield the paths below a folder, sorted; all for the root."""
        if self.observed is not None:
            self.observed[0].seen.others.add((self.observed[1], f"{start}/"))
        if not start:
            return iter(self._sorted)
        prefix = f"{start}/"
        first = bisect_left(self._sorted, prefix)
        return takewhile(lambda path: path.startswith(prefix), self._from(first))

    def _from(self, first: int) -> Iterator[str]:
        return (self._sorted[index] for index in range(first, len(self._sorted)))

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._paths)


def files_of(tree: Tree) -> Paths | CommitFiles:
    """Return the files of a tree so that those below a folder are found quickly."""
    found = tree.files()
    return found if isinstance(found, Paths | CommitFiles) else Paths(found)
