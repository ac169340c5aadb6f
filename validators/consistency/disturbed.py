"""Entries of progress.md that are not as they were written: what L201 and L202 report, and nothing that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.rules import Skipped
from statecheck.workspaces import find_amendment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import LogChanges, LogVersion, MarkdownDocument
    from statecheck.rules import Context
    from statecheck.workspaces import View


def disturbed_phases(progress: MarkdownDocument, workspace: View, context: Context) -> dict[str, Skipped]:
    """Return the phases, in lower case, of which entries were changed or removed since the base, each with the gap.

    What `statecheck amend` recorded counts as written; of a merge, which has several bases, nothing is said.
    """
    before = context.parents[0] if len(context.parents) == 1 else None
    if before is None or workspace.is_untouched_since(before):
        return {}
    changes = context.log_changes(workspace, "progress", before)
    if changes is None or not (changes.rewritten or changes.removed):
        return {}  # the base, which git would have to be asked for, says no more
    old = before.log_version("progress")
    if old is None:
        return {}
    found: dict[str, Skipped] = {}
    for entry, what, code in _disturbed(changes, old, progress, workspace, before, context):
        phase = old.entries[entry].phase
        if phase is not None:
            reason = f"an entry of phase {phase} was {what}, so nobody knows what was logged of it"
            found.setdefault(phase.lower(), Skipped(progress.path, reason, code))
    return found


def _disturbed(
    changes: LogChanges,
    old: LogVersion,
    progress: MarkdownDocument,
    workspace: View,
    before: View,
    context: Context,
) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each such entry in the base, what was done to it, and the rule that says so."""
    new = workspace.log_version("progress")
    if new is None:
        return
    paths = (progress.path, before.paths("progress")[0])
    for entry, now in changes.rewritten:
        if find_amendment(context.amendments, paths, old.digests[entry], new.digests[now]) is None:
            yield entry, "changed", "L201"
    for entry in (each for gone in changes.removed for each in gone.old):
        if find_amendment(context.amendments, paths, old.digests[entry], None) is None:
            yield entry, "removed", "L202"
