"""Append-only logs: what a log had stays as it was, and what is added has the documented form."""

from statecheck.rules import Family

FAMILY = Family("L", "append-only", "Append-only logs", looks_back=True)
