"""A repository that was looked at before a run is made: git looks while what judges is imported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from statecheck.trees import WorkingTree, find_repository
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    import argparse

    from statecheck.trees import Repository


class Opened(NamedTuple):
    """A repository, and its working tree as far as it was looked at."""

    repository: Repository
    disk: WorkingTree


def is_held_against_head(arguments: argparse.Namespace) -> bool:
    """Say whether a run that looks at all there is now compares it with HEAD, or what led to it."""
    return not (arguments.base or arguments.no_history)


def open_here() -> Opened | None:
    """Return the repository around the current folder, and let git list its files; None where there is none.

    Raises `GitError`.
    """
    repository = find_repository(os.getcwd())
    if repository is None:
        return None
    repository.begin_listing()
    return Opened(repository, WorkingTree(repository.root, repository, ("",)))
