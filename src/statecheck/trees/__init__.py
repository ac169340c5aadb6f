"""Trees: read-only views of files at one moment. This room knows neither rules nor workspaces."""

from statecheck.trees.ancestry import Ancestry
from statecheck.trees.base import Entry, OutsideError, Tree, UnreadableError, normalize, resolve, upwards
from statecheck.trees.commits import Commit, CommitFiles, CommitTree, announce, differences, forget, read_ahead
from statecheck.trees.digests import blob_id, digest_of, is_blob
from statecheck.trees.flat import GitTree
from statecheck.trees.git import Repository
from statecheck.trees.git_discovery import find_repository
from statecheck.trees.git_listing import newly_staged
from statecheck.trees.ledger import (
    LEDGER,
    LedgerTree,
    LogEntryRecord,
    LogRecord,
    Record,
    StateRecord,
    WithLedger,
    record_of,
)
from statecheck.trees.objects import GitError, size_by_id
from statecheck.trees.observation import Observer, Seen, Stamp, stamp_of
from statecheck.trees.paths import Files, Paths, all_are_there, as_files, files_of, known_names
from statecheck.trees.worktree import NEVER_ENTERED, WorkingTree

__all__ = [
    "LEDGER",
    "NEVER_ENTERED",
    "Ancestry",
    "Commit",
    "CommitFiles",
    "CommitTree",
    "Entry",
    "Files",
    "GitError",
    "GitTree",
    "LedgerTree",
    "LogEntryRecord",
    "LogRecord",
    "Observer",
    "OutsideError",
    "Paths",
    "Record",
    "Repository",
    "Seen",
    "Stamp",
    "StateRecord",
    "Tree",
    "UnreadableError",
    "WithLedger",
    "WorkingTree",
    "all_are_there",
    "announce",
    "as_files",
    "blob_id",
    "differences",
    "digest_of",
    "files_of",
    "find_repository",
    "forget",
    "is_blob",
    "known_names",
    "newly_staged",
    "normalize",
    "read_ahead",
    "record_of",
    "resolve",
    "size_by_id",
    "stamp_of",
    "upwards",
]
