"""Repair: propose, lay over, check again, prove, write. This room knows no rule."""

from statecheck.repair.diff import unified_diff
from statecheck.repair.fixpoint import Applied, DisagreementError, Repair, repair
from statecheck.repair.writer import WriteError, locked, write_changes, write_file

__all__ = [
    "Applied",
    "DisagreementError",
    "Repair",
    "WriteError",
    "locked",
    "repair",
    "unified_diff",
    "write_changes",
    "write_file",
]
