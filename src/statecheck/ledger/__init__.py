"""The ledger: what is remembered of state that no version control has."""

from statecheck.ledger.file import LedgerError, LedgerFile, parse_ledger
from statecheck.ledger.record import record

__all__ = ["LedgerError", "LedgerFile", "parse_ledger", "record"]
