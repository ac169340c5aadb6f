"""Fixes for S105: the spelling of a timestamp, and an offset that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import Span
from statecheck.documents.rewriting import replace
from statecheck.rules import Fix, fixer

if TYPE_CHECKING:
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View


@fixer("S105", "safe")
def spell_as_iso(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write the same moment as ISO 8601 has it (persist.md, Step 1)."""
    found = _written(violation, "spelling")
    if found is None or violation.document is None:
        return None
    span, spelling = found
    return Fix(f"write it as {spelling}", (replace(violation.document, span, spelling),))


@fixer("S105", "unsafe")
def read_as_utc(violation: Violation, _: View, __: Context) -> Fix | None:
    """Take a time without an offset for UTC: a guess, though the usual one (invariants, S105)."""
    found = _written(violation, "offset")
    if found is None or violation.document is None:
        return None
    span, offset = found
    end = Span(span.end, span.end)
    return Fix("read it as UTC", (replace(violation.document, end, offset),))


def _written(violation: Violation, fact: str) -> tuple[Span, str] | None:
    """Return where the timestamp is written, inside its quotes, and the fact that the rule gave."""
    facts, document = violation.facts or {}, violation.document
    if document is None or fact not in facts:
        return None
    text, whole = str(facts["text"]), facts["span"]
    at = document.text.find(text, whole.start, whole.end)  # not there where it is written with escapes
    return (Span(at, at + len(text)), str(facts[fact])) if at >= 0 else None
