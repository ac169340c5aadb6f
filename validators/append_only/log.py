"""L204, L205 and L206: the log as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import START, RememberedLog, begun, has_mark, line_end
from statecheck.rules import Skipped, Violation, missing, on_line, rule
from statecheck.trees import UnreadableError

from .compared import compared_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.rules import Context
    from statecheck.workspaces import View

    from .compared import Compared

SOURCE = "state-management.md, progress.md Format, Rules; persist.md, Step 3"
LINE_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


@rule("L204", "log-deleted", "error", source=SOURCE)
def log_deleted(workspace: View, before: View) -> Iterator[Violation]:
    """A log is not deleted, or renamed away, while its workspace stays.

    What holds
    Every log that the base has is there as long as other documents of its workspace are. A task that is moved into the
    archive, or a workspace that is renamed, takes its logs along.

    Why
    With the log goes everything that was learned and done, and the next session starts from nothing.

    Example
    Bad:  progress.md deleted, state.json still there
    Good: both there

    Fix
    Safe: the log is restored from the base.
    """
    if next(workspace.every_document(), None) is None and any(spec.described for spec, _ in before.every_document()):
        return  # a whole workspace that was removed is T410's
    for spec in workspace.kind.documents:
        if spec.purpose != "log" or workspace.paths(spec.role):
            continue
        for path in before.paths(spec.role):
            here = workspace.join(before.within(path))
            yield missing(
                here,
                f"the log was deleted: {before.tree.label} has it" + ("" if here == path else f" as {path}"),
                hint="restore it; a log is only ever added to",
                subject="deleted",
                facts={"before": before, "path": path},
            )


@rule("L205", "preamble-changed", "warning", source=SOURCE)
def preamble_changed(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """The text before the first entry is as in the base.

    What holds
    The title of the log, and whatever stands before its first entry, did not change; blank lines do not count.

    Why
    A summary that is rewritten at the top is the commonest way in which a log stops being one: it says what is, and no
    longer what was.

    Example
    Bad:  "Status: 3 of 5 done" at the top, changed with every iteration
    Good: the title alone; the newest entry says how far things are

    Fix
    None: somebody wrote both.
    """
    for log in compared_logs(context, workspace, before):
        if isinstance(log, Skipped):
            yield log
        elif log.changes.preamble is not None:
            yield on_line(
                log.document,
                log.changes.preamble,
                f"the text before the first entry is not as in {log.label}",
                hint="leave it, and add an entry",
                subject="preamble",
            )


@rule("L206", "line-endings-changed", "warning", source=SOURCE)
def line_endings_changed(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """The line endings and the encoding of a log are those of the base.

    What holds
    Lines end as in the base, and a byte order mark is there only if the base has one. What git itself converts at
    checkout does not count. It is said once for the file.

    Why
    When every line differs, nobody sees the one that was changed.

    Example
    Bad:  CRLF where the base has LF
    Good: LF in both

    Fix
    Safe: the base's line endings, and no byte order mark where the base has none.
    """
    for log in compared_logs(context, workspace, before):
        if isinstance(log, Skipped):
            yield log
            continue
        ends, mark = _of_base(log)
        now, marked = line_end(log.document.text), has_mark(log.document.text)
        words = []
        if ends in LINE_ENDS and now not in (ends, None) and not _converted(log, now, before, context):
            words.append(
                f"its lines end with {LINE_ENDS.get(now or '', 'different line ends')} and not with {LINE_ENDS[ends]}"
            )
        if mark != marked:
            words.append("it begins with a byte order mark" if marked else "its byte order mark is gone")
        if words:
            yield Violation(
                log.document.path,
                START,
                f"{' and '.join(words)}, unlike in {log.label}",
                hint="keep the line ends and the encoding that the log has",
                subject="line endings",
                document=log.document,
                facts={"line_end": ends if ends in LINE_ENDS else None, "mark": mark},
            )


def _of_base(log: Compared) -> tuple[str | None, bool]:
    if log.changes.prefix is not None:
        text = log.document.text
        end = begun(log.document, log.changes.prefix)
        return line_end(text, end), end > 0 and has_mark(text)
    if isinstance(log.old, RememberedLog):
        return log.old.record.line_end, log.old.record.mark
    text = log.old.document.text
    return line_end(text), has_mark(text)


def _converted(log: Compared, now: str | None, before: View, context: Context) -> bool:
    """Say whether it is git that converts the line ends when it checks the file out."""
    base = before.document(log.spec.role)
    if context.comparison.after.kind != "worktree" or base is None or isinstance(log.old, RememberedLog):
        return False
    try:
        written = before.tree.checked_out(base.path)
    except UnreadableError:
        return False
    return line_end(written.decode("utf-8", "replace")) == now
