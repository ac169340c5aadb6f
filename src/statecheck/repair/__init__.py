"""Repair: propose, lay over, check again, prove, write. This room knows no rule."""

from statecheck.errors import WriteError
from statecheck.repair.diff import file_diff, unified_diff
from statecheck.repair.fixpoint import Applied, DisagreementError, Repair, repair
from statecheck.repair.journal import JournalFile
from statecheck.repair.transaction import New, finish_interrupted, write_all
from statecheck.repair.writer import lock_left, locked, require_unchanged, write_file

__all__ = [
    "Applied",
    "DisagreementError",
    "JournalFile",
    "New",
    "Repair",
    "WriteError",
    "file_diff",
    "finish_interrupted",
    "lock_left",
    "locked",
    "repair",
    "require_unchanged",
    "unified_diff",
    "write_all",
    "write_file",
]
