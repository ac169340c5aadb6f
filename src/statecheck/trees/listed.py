"""What git prints of many files, read as far as somebody asks: who judges few workspaces asks for few files."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterable, Iterator

    from statecheck.trees.base import Entry

OFTEN = 32
"""One question for so many files is answered by a search; from more questions on, all of them are read."""


class Listed(Mapping[str, "Entry"]):
    """Entries by path, from what git printed of files in the order of their paths.

    Each record ends with NUL and has some words, a tab, and the path; `read` gives the entry that the words stand for.
    Of several records of one path, the last one counts.
    """

    def __init__(self, printed: bytes, read: Callable[[str], Entry]) -> None:
        self._printed = printed
        self._read = read
        self._asked = 0
        self._all: dict[str, Entry] | None = None

    def __getitem__(self, path: str) -> Entry:
        found = self.get(path)
        if found is None:
            raise KeyError(path)
        return found

    def get(self, path: str, default: Entry | None = None) -> Entry | None:  # type: ignore[override]
        """Return the entry of a file, or `default`."""
        if self._all is not None or self._is_asked_much(1):
            return self.all().get(path, default)
        name = _encoded(path)
        at = bisect_right(self._records, name, key=_name) - 1
        words, _, found = self._records[at].partition(b"\t") if at >= 0 else (b"", b"", b"")
        return self._read(words.decode()) if found == name and name else default

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.get(path) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    def all(self) -> dict[str, Entry]:
        """Return every entry by its path, in the order of git."""
        if self._all is None:
            read, found = self._read, dict[str, "Entry"]()
            for record in os.fsdecode(self._printed).split("\0"):
                words, tab, path = record.partition("\t")
                if tab:
                    found[path] = read(words)
            self._all = found
            self.__dict__.pop("_records", None)
        return self._all

    def items(self) -> ItemsView[str, Entry]:
        """Return every path with its entry, in the order of git."""
        return self.all().items()

    def few_below(self, folder: str) -> dict[str, Entry] | None:
        """Return the entries below a folder by their paths, or None where it is better to look at all there are."""
        if self._all is not None or not folder:
            return None
        first, last = self._below(folder)
        if self._is_asked_much(1 + last - first):
            return None
        return Listed(b"\0".join(self._records[first:last]), self._read).all()

    def holds(self, folder: str) -> bool | None:
        """Say whether there is a file below a folder; None where it is better to look at all there are."""
        if self._all is not None or not folder or self._is_asked_much(1):
            return None
        first, last = self._below(folder)
        return first < last

    def _below(self, folder: str) -> tuple[int, int]:
        """Return the numbers of the first record below a folder, and of the first one after it."""
        above = _encoded(folder)
        first = bisect_left(self._records, above + b"/", key=_name)
        return first, bisect_left(self._records, above + b"0", first, key=_name)  # 0 comes after /

    def _is_asked_much(self, more: int) -> bool:
        self._asked += more
        return self._asked * OFTEN > self._printed_records

    @cached_property
    def _printed_records(self) -> int:
        return self._printed.count(b"\0")

    @cached_property
    def _records(self) -> list[bytes]:
        return self._printed.split(b"\0")[:-1]


class WithOthers(Collection[str]):
    """The paths of files that git lists, and others."""

    def __init__(self, listed: Listed, others: Iterable[str]) -> None:
        self._listed = listed
        self._others = dict.fromkeys(others)

    def __contains__(self, path: object) -> bool:
        return path in self._others or path in self._listed

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._listed), **self._others})

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def few_below(self, folder: str) -> dict[str, None] | None:
        """Return the paths below a folder, or None where it is better to look at all there are."""
        found = self._listed.few_below(folder)
        if found is None:
            return None
        first, last = (bisect_left(self._sorted, folder + end) for end in "/0")
        return {**dict.fromkeys(found), **dict.fromkeys(self._sorted[first:last])}

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._others)


def _encoded(path: str) -> bytes:
    """Return a path as git prints it; nothing is there whose name no file can have."""
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:
        return b"\0"


def _name(record: bytes) -> bytes:
    return record[record.index(b"\t") + 1 :]
