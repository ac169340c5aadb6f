"""Fixers of the family W: leftovers that hold nothing new, and logs to which two branches appended."""

from __future__ import annotations

import posixpath
from collections import Counter
from typing import TYPE_CHECKING

from statecheck.documents import Lines, Markdown, conflict_sides, entries
from statecheck.rules import Fix, fixer
from statecheck.trees import UnreadableError
from statecheck.trees.edits import Delete, Write

if TYPE_CHECKING:
    from statecheck.documents import Entry
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import DocumentSpec, View


@fixer("W903", "safe")
def remove_leftover(violation: Violation, workspace: View, _: Context) -> Fix | None:
    """Remove a leftover that is the beginning, or the whole, of a finished file beside it (persist.md, Rule 4)."""
    facts = violation.facts or {}
    entry = workspace.tree.entry(violation.path)
    if "documents" not in facts or entry is None or entry.kind != "file":
        return None
    try:
        leftover = workspace.tree.read(violation.path)
        finished = {path: workspace.tree.read(path) for path in _finished(violation.path, facts["documents"])}
    except UnreadableError:
        return None
    whole = next((path for path, content in finished.items() if content.startswith(leftover)), None)
    if whole is None:
        return None
    return Fix(f"remove it: {posixpath.basename(whole)} holds all of it", (Delete(violation.path),))


def _finished(path: str, documents: list[str]) -> list[str]:
    """Return the document that a leftover is named after: ``state.json`` for ``state.json.tmp`` and ``state.tmp``."""
    stem = path.removesuffix("~").removesuffix(".tmp").removesuffix(".partial")
    return [each for each in documents if each == stem or posixpath.splitext(each)[0] == stem]


@fixer("W904", "safe")
def append_both(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Keep both sides of a log to which both appended: ours, then theirs (persist.md, Step 3; invariants, W904)."""
    document = violation.document
    spec = workspace.spec_of(violation.path)
    if document is None or spec is None or spec.grammar is None or spec.grammar.newest_first:
        return None
    sides = conflict_sides(document.text)
    if sides is None:
        return None
    ours, theirs = ((entries(Markdown(side), spec.grammar), side) for side in sides)
    if not _both_append(ours[0], theirs[0], _parted(violation.path, spec, context)):
        return None
    merged = _joined(*ours, *theirs)
    if merged is None or not all(_holds(merged, side) for side in sides):
        return None
    return Fix("keep both sides: ours, then theirs", (Write(violation.path, merged.encode()),), reveals=True)


def _holds(merged: str, side: str) -> bool:
    """Say whether every line of a side is in the merged log: nothing that was written may be lost."""
    return not Counter(filter(str.strip, side.split("\n"))) - Counter(filter(str.strip, merged.split("\n")))


def _parted(path: str, spec: DocumentSpec, context: Context) -> list[Entry] | None:
    """Return the entries of the log where the sides of a merge parted, or None where that is not known."""
    ancestor = context.comparison.ancestor
    if ancestor is None or spec.grammar is None:
        return None
    try:
        text = ancestor.read(path).decode("utf-8", "replace")
    except UnreadableError:
        return []
    return entries(Markdown(text), spec.grammar)


def _both_append(ours: list[Entry], theirs: list[Entry], parted: list[Entry] | None) -> bool:
    """Say whether both sides only added entries.

    Where it is not known from where they parted, an iteration that both sides have may be an old one that one of
    them changed: then it is for a person.
    """
    if parted is not None:
        old = [entry.text.strip() for entry in parted]
        return all([entry.text.strip() for entry in side[: len(old)]] == old for side in (ours, theirs))
    same = {entry.text.strip() for entry in ours} & {entry.text.strip() for entry in theirs}
    keys = [
        {_key(entry) for entry in side if entry.iteration is not None and entry.text.strip() not in same}
        for side in (ours, theirs)
    ]
    return not keys[0] & keys[1]


def _key(entry: Entry) -> tuple[int | None, int | None, str | None]:
    return entry.cycle, entry.iteration, entry.phase


def _joined(ours: list[Entry], our_text: str, theirs: list[Entry], their_text: str) -> str | None:
    """Return our text with the entries that only theirs has at its end, or None where a side changed old ones."""
    shared = 0
    while shared < min(len(ours), len(theirs)) and ours[shared].text.strip() == theirs[shared].text.strip():
        shared += 1
    new_ours, new_theirs = ours[shared:], theirs[shared:]
    same_heading = {entry.heading.text for entry in new_ours} & {entry.heading.text for entry in new_theirs}
    if not new_ours or not new_theirs or same_heading:
        return None
    preambles = [text[: _offset(text, side)].strip() for text, side in ((our_text, ours), (their_text, theirs))]
    if preambles[0] != preambles[1]:
        return None
    line_end = "\r\n" if "\r\n" in our_text else "\n"
    added = "".join(entry.text for entry in new_theirs)
    body = our_text.rstrip("\r\n")
    return f"{body}{line_end}{line_end}{added.rstrip()}{line_end}"


def _offset(text: str, side: list[Entry]) -> int:
    return Lines(text).starts[side[0].heading.line]
