"""From violations to findings: code, severity, identity, source lines, and what could be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import WrittenLog, plain, read_document
from statecheck.engine.model import Result
from statecheck.engine.proposals import fix_note
from statecheck.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from statecheck.findings import Severity
    from statecheck.rules import Context, Rule, Violation
    from statecheck.workspaces import View

MAX_SOURCE_LINES = 3
"""Lines of a file that a finding carries for people to look at."""


def is_settled(view: View, context: Context) -> bool:
    """Say whether the work is over and filed away, and nothing of it changed."""
    return view.ended and bool(context.parents) and all(view.same_as(parent) for parent in context.parents)


def make_results(
    kept: Sequence[tuple[Rule, Violation]], view: View, context: Context, severities: Mapping[str, Severity]
) -> Iterator[Result]:
    """Yield the findings of a workspace; `severities` take the place of those of the rules.

    What is over and filed away and did not change, and what old entries of a log say, is history: a note, never
    repaired (product.md, rule of trust 1).
    """
    settled = bool(kept) and is_settled(view, context)
    seen: dict[str, int] = {}
    for rule, violation in kept:
        if rule.severities[0] == "unverified":
            continue
        severity: Severity = severities.get(rule.code) or violation.severity or rule.severities[0]
        fresh = violation.fresh or "before" in rule.requirements  # it speaks of what the change did
        old = not fresh and (settled or is_old(violation, view, context))
        note = None if old else fix_note(rule.code, violation, view, context)
        finding = Finding(
            code=rule.code,
            name=rule.name,
            severity="info" if old else severity,
            workspace=view.folder,
            path=violation.path,
            line=violation.place.line,
            column=violation.place.column,
            end_line=violation.place.end_line,
            end_column=violation.place.end_column,
            message=violation.message,
            hint=violation.hint,
            related=violation.related,
            fix=note,
            fingerprint=_fingerprint(rule.code, violation, seen),
            source=_source(violation),
            diff=violation.diff,
        )
        yield Result(finding, violation, rule)


def is_old(violation: Violation, view: View, context: Context) -> bool:
    """Say whether a violation stands on a line of a log or memory that a base already has: old entries are history."""
    spec = view.spec_of(violation.path)
    if violation.document is not None and (
        spec.purpose == "memory" if spec is not None else violation.path == view.join(context.memory.path or "/")
    ):
        line = violation.document.lines.content(violation.place.line).strip()
        return any(line in _remembered_lines(violation.path, parent) for parent in context.parents)
    if spec is None or spec.purpose != "log" or violation.document is None or violation.mended_elsewhere:
        return False
    return any(_has_line(violation.place.line - 1, spec.role, view, parent, context) for parent in context.parents)


def _has_line(line: int, role: str, view: View, parent: View, context: Context) -> bool:
    """Say whether a base has a line of a log: in the entry that the line's entry is, or was made of."""
    changes = context.log_changes(view, role, parent)
    if changes is None:  # it cannot be read; if it never could, that is history too
        now, then = view.document(role), parent.document(role)
        return now is not None and then is not None and now.data == then.data
    entry = view.log_entry_at(role, line)
    if entry is None:
        return changes.preamble is None
    old = changes.origin.get(entry)
    if old is None or (changes.extended is not None and entry == max(changes.origin) and line >= changes.extended):
        return False
    if (old, entry) not in changes.rewritten:
        return True
    base, document = parent.log_version(role), view.document(role)
    if document is None or not isinstance(base, WrittenLog):
        return False
    lines = plain(base.entries[old].text).split("\n")
    return document.lines.content(line + 1).rstrip() in {each.rstrip() for each in lines}


def _remembered_lines(path: str, parent: View) -> set[str]:
    """Return what the memory of a parent says, line by line."""
    documents = [*parent.documents("memory"), read_document(parent.tree, path, "markdown")]
    return {line.strip() for document in documents for line in document.text.split("\n")}


def _fingerprint(code: str, violation: Violation, seen: dict[str, int]) -> str:
    """Return an identity that survives changes elsewhere in the file; equal ones are numbered."""
    import hashlib

    parts = (code, violation.path, violation.subject or violation.message)
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _source(violation: Violation) -> tuple[str, ...]:
    document = violation.document
    if document is None or not document.text:
        return ()
    last = min(violation.place.end_line, violation.place.line + MAX_SOURCE_LINES - 1)
    return tuple(document.lines.content(line) for line in range(violation.place.line, last + 1))
