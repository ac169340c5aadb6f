"""Fixers of the family L: what the base has is put back, what is new stays at the end.

A log is rebuilt as a whole: every old entry byte for byte as in the base, then the new ones in their order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from statecheck.documents import (
    JsonLinesDocument,
    MarkdownDocument,
    Span,
    WrittenLog,
    digest,
    entries,
    has_mark,
    history,
    newest_first,
    parse_document,
    plain,
)
from statecheck.documents.rewriting import replace
from statecheck.rules import Fix, fixer
from statecheck.trees.edits import Write
from statecheck.tuples import NamedTuple
from statecheck.workspaces import find_amendment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.documents import Entry, LogChanges
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View

_MARK = "\ufeff"
_LINE_END = re.compile(r"\r\n|\r|\n")


class _Log(NamedTuple):
    """A log, its base, what happened to it, and what of that was recorded as an amendment."""

    path: str
    old: WrittenLog
    new: WrittenLog
    changes: LogChanges
    changed_on_purpose: frozenset[int]
    removed_on_purpose: frozenset[int]


@fixer("L202", "safe")
def put_back(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Put entries that are gone back in their place (invariants, L202)."""
    return _rebuild("put back what is gone", violation, workspace, context)


@fixer("L203", "safe")
def move_to_end(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Move inserted entries to the end, in their order (invariants, L203)."""
    if (violation.facts or {}).get("newest_first"):
        return None
    where = (violation.facts or {}).get("to", "end")
    return _rebuild(f"move it to the {where}", violation, workspace, context)


@fixer("L203", "unsafe")
def move_to_end_of_newest_first(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Move inserted entries to the end of a log that runs newest first, which its writers may not want."""
    return _rebuild("move it to the end", violation, workspace, context, to_end=True)


@fixer("L201", "unsafe")
def restore_entry(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Write changed entries again as the base has them (invariants, L201)."""
    return _rebuild("restore the entry", violation, workspace, context, restore=True)


@fixer("L204", "safe")
def restore_log(violation: Violation, workspace: View, _: Context) -> Fix | None:
    """Write a deleted log again as the base has it (invariants, L204)."""
    facts = violation.facts or {}
    back = facts["before"].restoration(facts["path"], violation.path) if facts else None
    if back is None or workspace.tree.entry(violation.path) is not None:
        return None
    return Fix(f"restore it from {facts['before'].label_of(facts['path'])}", (back,))


@fixer("L206", "safe")
def convert_line_ends(violation: Violation, _: View, __: Context) -> Fix | None:
    """Give a log the line ends of its base, and take away a byte order mark that the base has not."""
    facts, document = violation.facts or {}, violation.document
    if document is None:
        return None
    text = document.text if facts["mark"] else document.text.removeprefix("\ufeff")
    if facts["line_end"] is not None:
        text = _LINE_END.sub(facts["line_end"], text)
    content = text.encode("utf-8")
    return Fix("write it as the base does", (Write(document.path, content),)) if content != document.data else None


@fixer("L210", "safe")
def spell_heading(violation: Violation, _: View, __: Context) -> Fix | None:
    """Spell the heading of a new entry in the documented form (invariants, L210)."""
    document, facts = violation.document, violation.facts
    if document is None or not facts:
        return None
    start = document.lines.starts[facts["line"]]
    old = document.lines.content(facts["line"] + 1)
    return Fix(f"write {facts['heading']}", (replace(document, Span(start, start + len(old)), facts["heading"]),))


def _rebuild(
    summary: str,
    violation: Violation,
    workspace: View,
    context: Context,
    *,
    restore: bool = False,
    to_end: bool = False,
) -> Fix | None:
    """Return the fix that writes the log anew.

    With `restore`, changed entries are as in the base; else as they are now. New entries go to the end, but for those
    on top of a log that runs newest first, which only move if `to_end` says so.
    """
    if not violation.facts:
        return None
    log = _log(violation, workspace, context)
    if log is None or log.new.mixed:
        return None
    backwards = log.new.grammar.newest_first
    pieces = (
        _rebuilt_backwards(log, restore=restore)
        if backwards
        else _rebuilt(log, restore=restore, to_end=to_end or restore)
    )
    content = "".join([*pieces, _foot(log) if backwards else ""]).encode("utf-8")
    if content == log.new.document.data or not _reads_as(log, pieces, content):
        return None
    return Fix(summary, (Write(log.path, content),))


def _reads_as(log: _Log, pieces: list[str], content: bytes) -> bool:
    """Say whether the log reads as what it was made of: an open code block would swallow what follows it."""
    document = parse_document(log.path, content, "jsonl" if log.path.endswith(".jsonl") else "markdown")
    if isinstance(document, JsonLinesDocument):
        found: Sequence[Entry] = document.entries
    elif isinstance(document, MarkdownDocument) and document.usable:
        kept = history(entries(document.markdown, log.new.grammar), log.new.grammar)
        found = kept[::-1] if log.new.grammar.newest_first else kept
    else:
        return False
    return [digest(each.text) for each in found] == [digest(piece) for piece in pieces[1:]]


def _log(violation: Violation, workspace: View, context: Context) -> _Log | None:
    facts = violation.facts or {}
    before: View = facts["before"]
    old, new = before.log_version(facts["role"]), workspace.log_version(facts["role"])
    changes = context.log_changes(workspace, facts["role"], before)
    if not isinstance(old, WrittenLog) or not isinstance(new, WrittenLog) or changes is None:
        return None
    paths = {violation.path, old.document.path}

    def recorded(index: int, new: str | None) -> bool:
        return find_amendment(context.amendments, paths, old.digests[index], new) is not None

    return _Log(
        violation.path,
        old,
        new,
        changes,
        frozenset(first for first, second in changes.rewritten if recorded(first, new.digests[second])),
        frozenset(index for gone in changes.removed for index in gone.old if recorded(index, None)),
    )


def _rebuilt(log: _Log, *, restore: bool, to_end: bool) -> list[str]:
    """Return the log in pieces, the preamble and the entries: what the base has in its place, what is new after it."""
    line_end = "\r\n" if "\r\n" in log.old.document.text else "\n"
    in_lines = log.path.endswith(".jsonl")
    keeps_top = newest_first(log.old) and not to_end
    top = [index for index in log.changes.inserted if keeps_top and index < min(log.changes.origin, default=0)]
    fresh = [index for index in (*log.changes.inserted, *log.changes.added) if index not in top]
    pieces = [_head(log), *(log.new.entries[index].text for index in top)]
    pieces += _old_texts(log, restore=restore)
    moved = any(index in log.changes.inserted for index in fresh)
    for index in sorted(fresh):
        text = log.new.entries[index].text
        pieces.append(_stripped(text) + line_end if moved else text)
        pieces[-2] = _ended(pieces[-2], line_end) if in_lines else _parted(pieces[-2], line_end)
    for number, piece in enumerate(pieces[:-1]):
        if piece and not piece.endswith(("\n", "\r")):
            pieces[number] = _ended(piece, line_end) if in_lines else _parted(piece, line_end)
    pieces = [piece.removeprefix(_MARK) for piece in pieces]
    return [_MARK + pieces[0] if has_mark(log.old.document.text) else pieces[0], *pieces[1:]]


def _rebuilt_backwards(log: _Log, *, restore: bool) -> list[str]:
    """Return a log that runs newest first in pieces: what is above the entries, what is new, what the base has."""
    line_end = "\r\n" if "\r\n" in log.old.document.text else "\n"
    fresh = sorted((*log.changes.inserted, *log.changes.added), reverse=True)
    texts = [*(log.new.entries[index].text for index in fresh), *_old_texts(log, restore=restore)[::-1]]
    last = len(texts) - 1
    joined = log.new.foot.strip() and not log.new.foot.startswith(("\n", "\r"))
    return [_head(log), *(_parted(each, line_end) if at < last or joined else each for at, each in enumerate(texts))]


def _foot(log: _Log) -> str:
    """Return what stands below the entries: as in the base where there is nothing now."""
    return log.new.foot if log.new.foot.strip() else log.old.foot


def _head(log: _Log) -> str:
    """Return what stands above the entries: as in the base where it is the same, drafts as they are now."""
    if log.new.head != log.new.preamble or not _same_preamble(log):
        return log.new.head
    return log.old.preamble


def _order(log: _Log, *, restore: bool) -> list[int]:
    """Return the old entries, by number, in the order in which they are to stand."""
    lost = [index for gone in log.changes.removed for index in gone.old if index not in log.removed_on_purpose]
    if restore:
        return [index for index in range(len(log.old.entries)) if index not in log.removed_on_purpose]
    order = [old for _, old in sorted(log.changes.origin.items())]
    if log.changes.cut is not None:
        order = [index for index in order if index < log.changes.cut]
    for index in lost:
        before = [place for place, other in enumerate(order) if other < index]
        order.insert(before[-1] + 1 if before else 0, index)
    return order


def _old_texts(log: _Log, *, restore: bool) -> list[str]:
    """Return the old entries: as the base has them, or as they are now where that is to stay."""
    now = {old: new for new, old in log.changes.origin.items()}
    rewritten = {old for old, _ in log.changes.rewritten}
    stays = log.changed_on_purpose if restore else log.changed_on_purpose | rewritten
    if log.changes.extended is not None:
        stays = stays | {len(log.old.entries) - 1}
    return [
        log.new.entries[now[index]].text if index in stays and index in now else log.old.entries[index].text
        for index in _order(log, restore=restore)
    ]


def _same_preamble(log: _Log) -> bool:
    return log.changes.preamble is None


def _stripped(text: str) -> str:
    """Return an entry without the blank lines after it, its line ends as they are."""
    lines = plain(text).count("\n") + 1
    ends = [match.start() for match in _LINE_END.finditer(text)]
    return text[: ends[lines - 1]] if len(ends) >= lines else text


def _ended(text: str, line_end: str) -> str:
    """Return a text that ends with the end of a line: entries that are lines have none between them."""
    return text if not text or text.endswith(("\n", "\r")) else text + line_end


def _parted(text: str, line_end: str) -> str:
    """Return a text that ends with a blank line."""
    if not text or text.endswith(("\n\n", "\n\r\n", "\r\r")):
        return text
    return text + (line_end if text.endswith(("\n", "\r")) else line_end * 2)
