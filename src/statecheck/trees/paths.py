"""The paths of a tree as a set in which those below a folder are found without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from statecheck.trees.commits import CommitFiles
from statecheck.trees.listed import Listed, WithOthers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

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
    """Paths, each once, in the order given; of all that are known, those count that `is_there` says so of."""

    def __init__(self, known: Collection[str], is_there: Callable[[str], bool] | None = None) -> None:
        self._known = known
        self._is_there = is_there
        self.observed: tuple[Observer, str] | None = None
        """Who is told what is asked, and by what name, where somebody wants to know."""

    @property
    def whole(self) -> bool:
        """Whether all that may be there is there."""
        return self._is_there is None

    def known(self) -> Iterator[str]:
        """Yield what may be there: whether it is, is another question, and for most paths nobody asks it."""
        return iter(self._known)

    def __contains__(self, path: object) -> bool:
        if self.observed is not None:
            self.observed[0].seen.others.add((self.observed[1], str(path)))
        return path in self._known and (self._is_there is None or self._is_there(str(path)))

    def __iter__(self) -> Iterator[str]:
        return self._there(self._known)

    def __len__(self) -> int:
        return len(self._known) if self._is_there is None else sum(1 for _ in self)

    def below(self, start: str) -> Iterator[str]:
        """Yield the paths below a folder, sorted; all for the root."""
        if self.observed is not None:
            self.observed[0].seen.others.add((self.observed[1], f"{start}/"))
        if not start:
            return self._there(self._sorted)
        if "_sorted" not in self.__dict__ and isinstance(self._known, Listed | WithOthers):
            few = self._known.few_below(start)
            if few is not None:
                return self._there(sorted(few))
        first, last = bisect_left(self._sorted, f"{start}/"), bisect_left(self._sorted, f"{start}0")  # 0 comes after /
        return self._there(self._sorted[first:last])

    def _there(self, paths: Iterable[str]) -> Iterator[str]:
        return iter(paths) if self._is_there is None else filter(self._is_there, paths)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._known)


def known_names(files: Iterable[str]) -> Iterator[str]:
    """Yield the names that the files of a tree may have, without a look at each of them."""
    return files.known() if isinstance(files, Paths) else iter(files)


def all_are_there(files: Iterable[str]) -> bool:
    """Say whether every name that the files of a tree may have is one of a file that is there."""
    return not isinstance(files, Paths) or files.whole


def files_of(tree: Tree) -> Paths | CommitFiles:
    """Return the files of a tree so that those below a folder are found quickly."""
    return as_files(tree.files())


def as_files(found: Collection[str]) -> Paths | CommitFiles:
    """Return paths so that those below a folder are found quickly."""
    if isinstance(found, Paths | CommitFiles):
        return found
    return Paths(found if isinstance(found, Listed) else dict.fromkeys(found))
