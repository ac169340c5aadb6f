"""Schema validity: every document can be read, has the documented shape, and means what it says."""

from statecheck.rules import Family

FAMILY = Family("S", "schema", "Schema validity", content_only=True)
