"""What a run is likely to read of the index: git looks it up while all that judges is imported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from statecheck.trees import newly_staged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from statecheck.cli.opened import Opened

_LARGE = 2**18
"""Bytes from which on it takes git a while to look a file up."""

_ALL = 2**25
"""Bytes of all files together: no document is larger, and more than one that is so large is not usual."""

_ENDS = (".json", ".jsonl", ".md", ".yaml", ".yml")
"""How the names of documents end."""


def begin_large(opened: Opened, then: bytes, now: bytes, folders: Collection[str]) -> None:
    """Let git look up the large files that were staged since an earlier run, in the folders of its workspaces.

    `then` and `now` are its listings; an empty one says nothing. How large a file is, is seen on disk.
    """
    if then and now:
        opened.repository.begin_objects(list(_large(opened, newly_staged(then, now), folders)))


def _large(opened: Opened, staged: list[tuple[str, str]], folders: Collection[str]) -> Iterator[str]:
    left = _ALL
    for path, oid in staged:
        if not path.endswith(_ENDS) or not any(above in folders for above in _above(path)):
            continue
        try:
            size = os.lstat(opened.disk.native(path)).st_size
        except OSError:
            continue
        if _LARGE <= size <= left:
            left -= size
            yield oid


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a file is in, without the root but for a file that lies there."""
    above = path.rpartition("/")[0]
    yield above
    while above := above.rpartition("/")[0]:
        yield above
