"""Fixes for S110 and S111: empty sections, and the number of phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import BRIEF_SECTIONS, Lines, Markdown, MarkdownDocument, Span
from statecheck.documents.rewriting import replace
from statecheck.rules import Fix, fixer

if TYPE_CHECKING:
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View


@fixer("S110", "safe")
def add_section(violation: Violation, _: View, __: Context) -> Fix | None:
    """Add a missing section, empty, in its place among the others (state-management.md, brief.md Template)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, MarkdownDocument) or "section" not in facts:
        return None
    name = str(facts["section"])
    line_end = "\r\n" if "\r\n" in document.text else "\n"
    following = {each.lower() for each in BRIEF_SECTIONS[BRIEF_SECTIONS.index(name) + 1 :]}
    headings = [each for each in document.markdown.headings if each.level == 2]
    after = next((each for each in headings if each.text.strip().lower() in following), None)
    if after is not None:
        start = document.lines.starts[after.line]
        text = f"## {name}{line_end}{line_end}"
    else:
        start = len(document.text)
        text = f"{_gap(document.text, line_end)}## {name}{line_end}"
    if name not in (each.text for each in Markdown(document.text[:start] + text).headings):
        return None  # it would stand in a code block or a comment that is never closed
    return Fix(f"add an empty section {name}", (replace(document, Span(start, start), text),))


def _last_line(text: str) -> str:
    lines = Lines(text)
    return lines.content(len(lines.starts) - (lines.starts[-1] == len(text)))


def _gap(text: str, line_end: str) -> str:
    """Return what is missing between a text and a heading after it: the end of its last line, a blank line."""
    ended = not text or text.endswith(("\n", "\r"))
    blank = not text.strip() or not _last_line(text).strip()
    return ("" if ended else line_end) + ("" if ended and blank else line_end)


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
