"""Memory entries: what the next session relies on is in MEMORY.md, once, and true."""

from statecheck.rules import Family

FAMILY = Family("M", "memory", "Memory entries")
