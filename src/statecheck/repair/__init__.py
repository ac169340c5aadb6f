"""Repair: propose, lay over, check again, prove, write. This room knows no rule."""

from statecheck.repair.diff import unified_diff
from statecheck.repair.fixpoint import Applied, DisagreementError, Repair, repair
from statecheck.repair.writer import WriteError, write_changes

__all__ = ["Applied", "DisagreementError", "Repair", "WriteError", "repair", "unified_diff", "write_changes"]
