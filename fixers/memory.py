"""Fixers of the family M: what is missing in the memory is added to it, what it has twice is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import Markdown, MarkdownDocument, Span, parse_document, read_memory
from statecheck.documents.rewriting import replace
from statecheck.rules import Fix, fixer
from statecheck.trees.edits import Replace, Write
from statecheck.workspaces import is_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecheck.rules import Context, Violation
    from statecheck.trees.edits import Edit
    from statecheck.workspaces import View

COMPLETIONS = "Recent Completions"
"""The heading below which completion entries are added, where there is one."""


@fixer("M501", "safe")
def add_completion(violation: Violation, _: View, __: Context) -> Fix | None:
    """Add the completion entry that is missing (invariants, M501)."""
    facts = violation.facts
    if not facts or "entries" not in facts or (facts["document"] is None and not facts["expected"]):
        return None
    return _added("add the completion entry", facts, COMPLETIONS)


@fixer("M501", "unsafe")
def make_memory(violation: Violation, _: View, __: Context) -> Fix | None:
    """Make a MEMORY.md with the completion entry, where there only was one earlier (invariants, M501)."""
    facts = violation.facts
    if not facts or "entries" not in facts:
        return None
    return _added("make MEMORY.md with the completion entry", facts, COMPLETIONS)


@fixer("M501", "safe")
def add_required_line(violation: Violation, _: View, __: Context) -> Fix | None:
    """Add the line that a project's own kind requires at the end of its memory (invariants, M501)."""
    facts = violation.facts or {}
    memory, says = facts.get("memory"), facts.get("says")
    if not isinstance(memory, MarkdownDocument) or says is None:
        return None
    text = memory.text
    line_end = "\r\n" if "\r\n" in text else "\n"
    last = next((each for each in reversed(text.splitlines()) if each.strip()), "")
    gap = "" if last.startswith("- ") or not text else line_end
    added = f"{'' if text.endswith(line_end) or not text else line_end}{gap}- {says}{line_end}"
    if not any(is_said(says, each.text) for each in Markdown(text + added).texts):
        return None  # it would be read as code, or as a comment
    return Fix(f"add the line {says!r}", (replace(memory, Span(len(text), len(text)), added),))


@fixer("M504", "safe")
def drop_repeat(violation: Violation, _: View, __: Context) -> Fix | None:
    """Drop a line that is exactly that of an earlier entry (invariants, M504)."""
    document, facts = violation.document, violation.facts
    if document is None or not facts:
        return None
    lines = document.lines
    return Fix("drop the repeated entry", (replace(document, lines.span(facts["line"], facts["line"] + 1), ""),))


@fixer("M505", "safe")
def add_checkpoint(violation: Violation, _: View, __: Context) -> Fix | None:
    """Add the checkpoint line of a workflow whose state says what it is about (invariants, M505)."""
    facts = violation.facts
    if not facts or not facts["named"] or (facts["document"] is None and not facts["expected"]):
        return None
    return _added("add the checkpoint line", facts)


@fixer("M505", "unsafe")
def add_unnamed_checkpoint(violation: Violation, _: View, __: Context) -> Fix | None:
    """Add the checkpoint line where the state does not say what it is about (invariants, M505)."""
    return _added("add the checkpoint line", violation.facts) if violation.facts else None


@fixer("M510", "safe")
def put_back(violation: Violation, _: View, __: Context) -> Fix | None:
    """Put a completion entry of the base back, or all of a file that was deleted (invariants, M510)."""
    facts = violation.facts
    if not facts:
        return None
    if facts["document"] is None:
        back = facts["before"].restoration(facts["place"], facts["place"])
        return None if back is None else Fix(f"restore it from {facts['before'].tree.label}", (back,))
    return _added("put the completion entries back", facts, COMPLETIONS)


def _added(summary: str, facts: Mapping[str, Any], heading: str | None = None) -> Fix | None:
    """Return the fix that adds lines to the memory, or makes a memory with them.

    None where they would not be read as what was asked for, such as a name that opens a comment.
    """
    document, entries, lost = facts["document"], facts["entries"], facts.get("lost")
    if document is None and lost is not None:
        return _added_to_lost(summary, lost, facts, heading)
    if document is None:
        title = f"# Memory\n\n## {heading}\n\n" if heading else "# Memory\n\n"
        text = title + "".join(f"{each}\n" for each in entries)
        settled = _settled(text, facts) == len(entries)
        return Fix(summary, (Write(facts["place"], text.encode()),)) if settled else None
    if not isinstance(document, MarkdownDocument) or not document.usable:
        return None
    edit = _below(document, facts, heading) or _inserted(document, facts, 0, len(document.lines.starts))
    return None if edit is None else Fix(summary, (edit,))


def _added_to_lost(summary: str, lost: bytes, facts: Mapping[str, Any], heading: str | None) -> Fix | None:
    """Return the fix that brings back a memory which was deleted, and adds lines to it."""
    place = facts["place"]
    added = _added(summary, {**facts, "document": parse_document(place, lost, "markdown")}, heading)
    if added is None:
        return None
    (edit,) = added.edits
    assert isinstance(edit, Replace)
    grown = lost[: edit.start] + edit.content + lost[edit.end :]
    return Fix(f"bring {place} back, and {summary}", (Write(place, grown),))


def _settled(text: str, facts: Mapping[str, Any]) -> int:
    """Return how many lines of a memory are what was asked for."""
    return sum(map(facts["settles"], read_memory(Markdown(text))))


def _below(document: MarkdownDocument, facts: Mapping[str, Any], title: str | None) -> Edit | None:
    """Return the edit that adds lines to the end of the section of a title, or None where there is none."""
    headings = document.markdown.headings
    heading = next((each for each in headings if title and each.text.strip().lower() == title.lower()), None)
    if heading is None:
        return None
    first, last = document.markdown.section(heading)
    return _inserted(document, facts, first - 1, last)


def _inserted(document: MarkdownDocument, facts: Mapping[str, Any], first: int, last: int) -> Edit | None:
    """Return the edit that adds lines after the last of a range of lines that says something.

    None where they would not be read there: in a code block or a comment that is never closed.
    """
    lines, text, entries = document.lines, document.text, facts["entries"]
    end = next((at for at in range(last - 1, first - 1, -1) if lines.content(at + 1).strip()), None)
    line_end = "\r\n" if "\r\n" in text else "\n"
    start = len(text) if end is None or end + 1 >= len(lines.starts) else lines.starts[end + 1]
    mark = _mark(document, end) if end is not None else None
    added = "" if not text[:start] or text[:start].endswith(("\n", "\r")) else line_end
    for number, entry in enumerate(each.replace("\n", line_end) for each in entries):
        joins = entry.startswith("- ") and (mark is not None or (number > 0 and entries[number - 1].startswith("- ")))
        gap = "" if joins or (end is None and number == 0) else line_end
        added += f"{gap}{mark or '-'}{entry[1:]}{line_end}" if joins else f"{gap}{entry}{line_end}"
    if end is not None and lines.content(end + 2).strip():
        added += line_end
    grown = text[:start] + added + text[start:]
    if len(read_memory(Markdown(grown))) != len(document.memory_lines) + len(entries):
        return None
    if _settled(grown, facts) != _settled(text, facts) + len(entries):
        return None
    return replace(document, Span(start, start), added)


def _mark(document: MarkdownDocument, line: int) -> str | None:
    """Return the mark of the items of the list that ends on a line, or None where none does."""
    items = (each for each in document.markdown.items if each.depth == 0 and each.line <= line < each.end_line)
    item = next(items, None)
    mark = document.lines.content(item.line + 1).lstrip()[:1] if item is not None else ""
    return mark if mark in ("-", "*", "+") and mark else None
