"""What the rules about a refinement share: its two logs in the order of time, and what keeps them from being judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import WrittenLog, newest_first
from statecheck.rules import Skipped
from statecheck.workspaces import counted_entries, logged_entries, manifest_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import StateDocument
    from statecheck.rules import Context
    from statecheck.workspaces import Counted, Logged, View

GRAMMARS = {"log": "refinement_log", "decisions": "decisions"}
"""The grammars of the two logs, by role."""


def unavailable(workspace: View, context: Context, *roles: str) -> Iterator[Skipped]:
    """Yield the documents of these roles that cannot be judged: damaged ones, and missing ones that are due."""
    for role in roles:
        document, spec = workspace.document(role), workspace.spec(role)
        if document is not None and not document.usable:
            yield Skipped(document.path, document.problems[0].message, document.problems[0].code)
        elif document is None and spec is not None and _under_way(workspace):
            deleted = "L204" if spec.purpose == "log" else "T410"
            cause = deleted if any(parent.paths(role) for parent in context.parents) else "X605"
            yield Skipped(workspace.join(spec.patterns[0]), f"{spec.patterns[0]} does not exist", cause)


def logged_in_order(workspace: View, role: str) -> list[Logged]:
    """Return the entries of one of the logs, oldest first; titles of sections are none."""
    found = [each for each in logged_entries(workspace, GRAMMARS[role]) if each.entry.form != "section"]
    return found[::-1] if _runs_backwards(workspace, role) else found


def iterations(workspace: View, role: str) -> list[Counted]:
    """Return the entries of one of the logs that say which iteration they are of, oldest first."""
    found = list(counted_entries(workspace, GRAMMARS[role]))
    return found[::-1] if _runs_backwards(workspace, role) else found


def names_cycles(entries: list[Counted]) -> bool:
    """Say whether every heading names its cycle."""
    return all(each.logged.entry.cycle is not None for each in entries)


def paired(workspace: View) -> Iterator[tuple[Logged, Logged]]:
    """Yield the entry and the decision of each iteration that has one of each, as often as both logs have it."""
    logs = [iterations(workspace, role) for role in GRAMMARS]
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


def _under_way(workspace: View) -> bool:
    """Say whether all four files must be there: an iteration is logged, or the manifest has a time."""
    manifest = workspace.usable("manifest")
    timed = manifest is not None and manifest_time(manifest)[0] != ""
    return timed or any(iterations(workspace, role) for role in GRAMMARS)


def _runs_backwards(workspace: View, role: str) -> bool:
    version = workspace.log_version(role)
    return isinstance(version, WrittenLog) and newest_first(version)
