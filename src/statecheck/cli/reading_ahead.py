"""What a run is likely to read of the index: git looks it up while all that judges is imported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from statecheck.trees import newly_staged, upwards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.cli.opened import Opened

_LARGE = 2**18
"""Bytes from which on it takes git a while to look a file up."""

_ALL = 2**25
"""Bytes of all files together: no document is larger, and more than one that is so large is not usual."""

_ENDS = (".json", ".jsonl", ".md", ".yaml", ".yml")
"""How the names of documents end."""


def begin_large(opened: Opened, then: bytes, now: bytes, folders: set[str]) -> None:
    """Let git look up the large files that were staged since an earlier run, in the folders of its workspaces.

    `then` and `now` are its listings; an empty one says nothing. How large a file is, is seen on disk.
    """
    if then and now:
        opened.repository.begin_objects(list(_large(opened, newly_staged(then, now), folders)))


def _large(opened: Opened, staged: list[tuple[str, str]], folders: set[str]) -> Iterator[str]:
    left = _ALL
    for path, oid in staged:
        own = (above for above in upwards(path) if above or "/" not in path)  # the root has nothing but what lies there
        if not path.endswith(_ENDS) or folders.isdisjoint(own):
            continue
        try:
            size = os.lstat(opened.disk.native(path)).st_size
        except OSError:
            continue
        if _LARGE <= size <= left:
            left -= size
            yield oid
