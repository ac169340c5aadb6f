"""A repository that was looked at before a run is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from statecheck.trees import Repository, WorkingTree


class Opened(NamedTuple):
    """A repository, and its working tree as far as it was looked at."""

    repository: Repository
    disk: WorkingTree
