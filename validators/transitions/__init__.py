"""Legal status transitions: what a state file says follows from what it said before."""

from statecheck.rules import Family

FAMILY = Family("T", "transitions", "Legal status transitions", looks_back=True)
