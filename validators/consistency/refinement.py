"""What the rules about a refinement share: its two logs in the order of time, and what keeps them from being judged."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.rules import Skipped
from statecheck.workspaces import counted_in_order, lacking, logged_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import StateDocument
    from statecheck.rules import Context
    from statecheck.workspaces import Counted, Logged, View

LOGS = ("log", "decisions")
"""The roles of the two logs."""


def unavailable(workspace: View, *roles: str) -> Iterator[Skipped]:
    """Yield the documents of these roles that cannot be judged: damaged ones, and missing ones that are due."""
    due = lacking(workspace)
    for role in roles:
        document = workspace.document(role)
        if document is not None and not document.usable:
            yield Skipped(document.path, document.problems[0].message, document.problems[0].code)
        elif role in due:
            yield Skipped(due[role], f"{posixpath.basename(due[role])} does not exist", "X605")


def names_cycles(entries: list[Counted]) -> bool:
    """Say whether every heading names its cycle."""
    return all(each.logged.entry.cycle is not None for each in entries)


def paired(workspace: View) -> Iterator[tuple[Logged, Logged]]:
    """Yield the entry and the decision of each iteration that has one of each, as often as both logs have it."""
    logs = [counted_in_order(workspace, role) for role in LOGS]
    named = all(map(names_cycles, logs))
    both: list[dict[tuple[int, int], list[Logged]]] = [{}, {}]
    for log, by_number in zip(logs, both, strict=True):
        for each in log:
            by_number.setdefault((each.cycle if named else 0, each.iteration), []).append(each.logged)
    for key, entries in both[0].items():
        decisions = both[1].get(key, [])
        if len(entries) == len(decisions):
            yield from zip(entries, decisions, strict=True)


def counts_now(each: Logged, workspace: View, context: Context) -> bool:
    """Say whether an entry is new or the newest: what cannot be read of others is history."""
    newest = logged_in_order(workspace, each.role)[-1]
    return newest.number == each.number or context.is_new(each.number, each.role, workspace)


def either_is_new(one: Logged, two: Logged, workspace: View, context: Context) -> bool:
    """Say whether one of two entries can still be changed so that they agree."""
    return any(context.is_new(each.number, each.role, workspace) for each in (one, two))


def no_time(manifest: StateDocument, field: str) -> Skipped:
    """Return that the time of a manifest cannot be read, and which rule speaks of that."""
    cause = "S105" if isinstance(manifest.value[field], str) else "S103"
    return Skipped(manifest.path, f"{field} is no timestamp", cause)
