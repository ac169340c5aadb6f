"""L201, L202, L203 and L207: the entries that the base has are all there, as they were, before the new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import Span, WrittenLog, changed_lines, newest_first
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, on_line, rule

from .compared import MAX_DIFF, Compared, compared_logs, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Gone
    from statecheck.rules import Context
    from statecheck.workspaces import Amendment, View

SOURCE = "state-management.md, progress.md Format, Rules; persist.md, Step 3"
AMEND = "statecheck amend records a change that has to be"


@rule("L201", "log-entry-rewritten", "error", "warning", "info", source=SOURCE)
def log_entry_rewritten(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """No entry that the base has was changed.

    What holds
    Every entry of a log that the base has is still there, character for character, and in its order. Blank lines after
    it and the way its lines end do not count. In guardrails.md a change is a warning.

    Why
    "Never modify previous entries": the next session resumes from the log, and people trust it to say what happened,
    not what somebody wished afterwards.

    Example
    Bad:  **Remaining:** None             where the base has  **Remaining:** Screen the reports
    Good: a new entry that says what changed

    Fix
    Unsafe: the entry is written again as in the base; the file with the altered text is kept in the quarantine, and
    new entries stay at the end. A change that has to be is recorded with `statecheck amend`, and then a note.
    """
    for log in compared_logs(context, workspace, before):
        if isinstance(log, Skipped):
            yield log
            continue
        base_path = _base_path(log, before)
        for old, new in log.changes.rewritten:
            amendment = log.amendment(old, new, base_path, context)
            yield _rewritten(log, old, new, before) if amendment is None else _amended(log, new, old, amendment)
        for old, new in log.changes.moved:
            entry = log.new.entries[new]
            yield on_line(
                log.document,
                entry.heading.line,
                f"entry {named(entry)} was moved: in {log.label} it is number {old + 1}, here number {new + 1}",
                hint="leave entries in their order",
                severity=log.severity,
                subject=f"moved {entry.heading.text}",
                parts=(f"moved {log.new.digests[new]}",),
                facts={"before": before, "role": log.spec.role},
            )


def _rewritten(log: Compared, old: int, new: int, before: View) -> Violation:
    entry = log.new.entries[new]
    first, last, diff = 0, 1, list[str]()
    if isinstance(log.old, WrittenLog):
        first, last, diff = changed_lines(log.old.entries[old].text, entry.text)
    lines = log.document.lines
    start = entry.heading.line + first
    end = entry.heading.line + max(last, first + 1)
    span = Span(lines.starts[start], lines.starts[end - 1] + len(lines.content(end)))
    shown = diff if len(diff) <= MAX_DIFF else [*diff[: MAX_DIFF - 1], f" … and {len(diff) - MAX_DIFF + 1} lines more"]
    where = f": line {start + 1}" if end == start + 1 else f": lines {start + 1} to {end}"
    heading = log.old.entries[old]
    return at(
        log.document,
        span,
        f"entry {named(heading)} was changed after it was written{where if diff else ','} not as in {log.label}",
        hint=f"restore the entry, and say what is new in an entry of its own; {AMEND}",
        severity=log.severity,
        subject=heading.heading.text,
        facts={"before": before, "role": log.spec.role},
        diff=tuple(shown),
        parts=(f"rewritten {log.old.digests[old]} {log.new.digests[new]}",),
    )


def _amended(log: Compared, line_of: int | None, old: int, amendment: Amendment) -> Violation:
    """Return the note that a change was recorded as an amendment."""
    what = "removed" if amendment.new_sha256 is None else "changed"
    entry = None if line_of is None else log.new.entries[line_of]
    about = f"entry {named(log.old.entries[old])}"
    message = f"{about} was {what} on purpose: {amendment.reason} ({amendment.author}, {amendment.time})"
    line = _last_text_line(log) if entry is None else entry.heading.line
    return on_line(log.document, line, message, severity="info", subject=f"amended {old}")


@rule("L202", "log-entry-removed", "error", "warning", "info", source=SOURCE)
def log_entry_removed(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """No entry that the base has is gone.

    What holds
    Every entry of the base is there, and the log was neither cut off nor emptied. In guardrails.md it is a warning.

    Why
    What an iteration did, and what it left to do, is nowhere else. A session that does not find the entry does the work
    again, or never.

    Example
    Bad:  R1 iterations 1 and 3      where the base has 1, 2 and 3
    Good: R1 iterations 1, 2, 3 and 4

    Fix
    Safe: the entries are put back in their place, and new ones stay at the end.
    """
    for log in compared_logs(context, workspace, before):
        if isinstance(log, Skipped):
            yield log
            continue
        for gone in log.changes.removed:
            accepted = {old: log.amendment(old, None, _base_path(log, before), context) for old in gone.old}
            for old, amendment in accepted.items():
                if amendment is not None:
                    yield _amended(log, gone.following, old, amendment)
            lost = tuple(old for old, amendment in accepted.items() if amendment is None)
            if lost:
                yield _removed(log, gone._replace(old=lost), before)


def _removed(log: Compared, gone: Gone, before: View) -> Violation:
    first, count = log.old.entries[gone.old[0]], len(gone.old)
    if log.changes.cut is not None and gone.old[0] == log.changes.cut:
        message = f"the log was cut off inside entry {named(first)}"
        message += f"; {_entries(count - 1)} after it {'is' if count == 2 else 'are'} gone" if count > 1 else ""
    elif count == 1:
        message = f"entry {named(first)} is gone"
    else:
        message = f"{_entries(count)} are gone, from {named(first)} to {named(log.old.entries[gone.old[-1]])}"
    line = _newest_line(log) if gone.following is None else log.new.entries[gone.following].heading.line
    return on_line(
        log.document,
        line,
        f"{message} (in {log.label})",
        hint=f"put back what was written; {AMEND}",
        severity=log.severity,
        subject=f"removed {first.heading.text}",
        parts=tuple(f"removed {log.old.digests[old]}" for old in gone.old),
        facts={"before": before, "role": log.spec.role},
    )


@rule("L203", "log-entry-inserted", "error", "warning", source=SOURCE)
def log_entry_inserted(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """New entries come after all old ones.

    What holds
    No entry stands before or between entries that the base has. A merge of branches that both appended has the entries
    of one branch first, and then those of the others in their order. In guardrails.md it is a warning.

    Why
    "Each iteration appends." What is put in between was written later than it claims to be, and a reader who goes on
    from the last line never sees it.

    Example
    Bad:  a new R1 iteration 2 above the old iteration 3
    Good: a new entry at the end

    Fix
    Safe: the entries are moved to the end, in their order. Unsafe where the base itself runs newest first.
    """
    for log in compared_logs(context, workspace, before):
        if isinstance(log, Skipped):
            yield log
            continue
        others = [parent for parent in context.parents if parent is not before]
        others_changes = [context.log_changes(workspace, log.spec.role, parent) for parent in others]
        brought = {index for each in others_changes if each is not None for index in each.origin}
        if others and before is context.parents[0] and not _one_leads(log.spec.role, workspace, context):
            brought = set()
        for index in log.changes.inserted:
            if index in brought:
                continue
            entry = log.new.entries[index]
            last = max(log.changes.origin)
            downwards = log.new.grammar.newest_first
            yield on_line(
                log.document,
                entry.heading.line,
                f"entry {named(entry)} was inserted {'below' if downwards else 'before'} entries that {log.label} has",
                hint="put it above all others: this log runs newest first"
                if downwards
                else "append it at the end of the log",
                severity=log.severity,
                subject=f"inserted {entry.heading.text}",
                parts=(f"inserted {log.new.digests[index]}",),
                related=(
                    Related(log.document.path, log.new.entries[last].heading.line + 1, "the last old entry is here"),
                ),
                facts={
                    "before": before,
                    "role": log.spec.role,
                    "newest_first": newest_first(log.old),
                    "to": "top" if downwards else "end",
                },
            )


def _one_leads(role: str, workspace: View, context: Context) -> bool:
    """Say whether the entries of one parent of a merge come before those of all others."""
    changes = (context.log_changes(workspace, role, parent) for parent in context.parents)
    return any(each is not None and not each.inserted for each in changes)


@rule("L207", "entry-extended", "warning", source=SOURCE)
def entry_extended(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """Nothing was added inside the base's last entry; a new entry was made instead.

    What holds
    What follows the base's last entry begins with a heading of its own. Blank lines, and a line drawn between entries,
    do not count.

    Why
    An entry has one time. What is added to it later was not done then, and the reader of the entry cannot tell.

    Example
    Bad:  a line "**Blockers:** the login expired" added to an entry of yesterday
    Good: a new entry that says so

    Fix
    None: what was added may belong to the entry, or to the next.
    """
    for log in compared_logs(context, workspace, before):
        if isinstance(log, Skipped):
            yield log
        elif log.changes.extended is not None:
            entry = log.old.entries[-1]
            yield on_line(
                log.document,
                log.changes.extended,
                f"text was added to the last entry of {log.label}, {named(entry)}",
                hint="make a new entry of what is new",
                subject=f"extended {entry.heading.text}",
            )


def _base_path(log: Compared, before: View) -> str:
    return before.paths(log.spec.role)[0]


def _newest_line(log: Compared) -> int:
    """Return the line, from 0, where a log goes on."""
    if log.new.grammar.newest_first and log.new.entries:
        return log.new.entries[-1].heading.line
    return _last_text_line(log)


def _last_text_line(log: Compared) -> int:
    """Return the last line of a log that says something, from 0."""
    lines = log.document.lines
    return next((line for line in range(len(lines.starts) - 1, 0, -1) if lines.content(line + 1).strip()), 0)


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"
