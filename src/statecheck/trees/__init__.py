"""Trees: read-only views of files at one moment. This room knows neither rules nor workspaces."""

from statecheck.trees.base import Entry, OutsideError, Tree, UnreadableError, normalize, resolve
from statecheck.trees.edits import Batch, Delete, Edit, OverlapError, Replace, Write, apply_edits
from statecheck.trees.flat import GitTree
from statecheck.trees.git import GitError, Repository, find_repository
from statecheck.trees.overlay import Overlay
from statecheck.trees.worktree import NEVER_ENTERED, WorkingTree

__all__ = [
    "NEVER_ENTERED",
    "Batch",
    "Delete",
    "Edit",
    "Entry",
    "GitError",
    "GitTree",
    "OutsideError",
    "OverlapError",
    "Overlay",
    "Replace",
    "Repository",
    "Tree",
    "UnreadableError",
    "WorkingTree",
    "Write",
    "apply_edits",
    "find_repository",
    "normalize",
    "resolve",
]
