"""Cross-file consistency: what the files of a workspace say of the same thing agrees."""

from statecheck.rules import Family

FAMILY = Family("X", "consistency", "Cross-file consistency")
