"""Fixes for S110 and S111: empty sections, and the number of phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import MarkdownDocument, Span, replace
from statecheck.rules import Fix, fixer

if TYPE_CHECKING:
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View

SECTIONS = ("Outcome Needed", "Done When", "Constraints", "Notes")


@fixer("S110", "safe")
def add_section(violation: Violation, _: View, __: Context) -> Fix | None:
    """Add a missing section, empty, in its place among the others (state-management.md, brief.md Template)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, MarkdownDocument) or "section" not in facts:
        return None
    name = str(facts["section"])
    line_end = "\r\n" if "\r\n" in document.text else "\n"
    following = SECTIONS[SECTIONS.index(name) + 1 :]
    after = next((each for each in document.markdown.headings if each.level == 2 and each.text in following), None)
    if after is not None:
        start = document.lines.starts[after.line]
        text = f"## {name}{line_end}{line_end}"
    else:
        start = len(document.text)
        gap = "" if not document.text or document.text.endswith(("\n", "\r")) else line_end
        text = f"{gap}{line_end}## {name}{line_end}"
    return Fix(f"add an empty section {name}", (replace(document, Span(start, start), text),))


@fixer("S111", "safe")
def correct_total(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write the number of phases that the plan has (state-management.md, plan.md Template)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, MarkdownDocument) or "total" not in facts:
        return None
    span, total, stated = facts["span"], facts["total"], facts["stated"]
    if stated is not None:
        span = Span(span.start, span.start + len(stated))
    elif span.start != span.end:
        return None
    text = str(total) if stated is not None else f" {total} phases"
    return Fix(f"set Total to {total}", (replace(document, span, text),))
