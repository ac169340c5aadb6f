"""X601 to X604: the two files of an initiative say the same, and one does not go without the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import show
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, missing, rule
from statecheck.tuples import NamedTuple
from statecheck.workspaces import (
    MACHINES,
    STALE_AFTER,
    Authority,
    Disagreement,
    Source,
    active_folders,
    authority,
    counterparts,
    disagreements,
    folder_name,
    initiative_source,
    same_name,
    stale_warning,
)

from .sources import skipped_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.clock import Clock
    from statecheck.rules import Context
    from statecheck.workspaces import View

SYNC = "persistence-architecture.md, Initiative Sync Protocol"
SOURCES = ("initiative", "workflow_status")
"""The roles of the two files."""


class Pair(NamedTuple):
    """An initiative in its two files, and which of them is to be believed."""

    primary: Source
    other: Source
    authority: Authority

    def facts(self) -> dict[str, Any]:
        """Return what a fixer needs to bring one file up to the other."""
        return {"primary": self.primary, "other": self.other, "authority": self.authority}


def _pairs(workspace: View, context: Context) -> list[Pair]:
    primary = initiative_source(workspace)
    if primary is None:
        return []
    return [Pair(primary, each, authority(primary, each, context.clock)) for each in counterparts(primary, workspace)]


@rule(
    "X601",
    "sources-disagree",
    "error",
    roles=SOURCES,
    source=f"{SYNC}, Conflict Resolution Protocol",
    yields_to=("X603",),
)
def sources_disagree(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """initiative.json and WORKFLOW-STATUS.yaml give the same status and milestone.

    What holds
    The two files of an initiative, paired by name, else by folder, agree in status and in the current milestone.
    WORKFLOW-STATUS.yaml may still name the milestone that was just completed, until the next one is started.

    Why
    A session that reads the one goes on; a session that reads the other believes that there is nothing to do.

    Example
    Bad:  "status": "completed" in initiative.json, status: in_progress in WORKFLOW-STATUS.yaml
    Good: the same in both

    Fix
    Safe: "most recent timestamp wins". The file with the older lastUpdated gets status, milestone and time of the
    other, and is kept in the quarantine as it was; both times must have an offset and not lie in the future, and the
    change must be a legal transition. Unsafe where the times are the same: initiative.json is the primary source.
    """
    yield from skipped_sources(workspace)
    for pair in _pairs(workspace, context):
        for each in disagreements(pair.primary, pair.other):
            message = f"{each.field} is {show(each.theirs)} here and {show(each.ours)} in initiative.json"
            yield _violation(pair, each, message)


def _violation(pair: Pair, each: Disagreement, message: str) -> Violation:
    ours = pair.primary.document
    line = ours.place(ours.span(each.our_pointer)).line
    return at(
        pair.other.document,
        pair.other.document.span(each.their_pointer),
        message,
        hint=pair.authority.words,
        subject=each.field,
        related=(Related(ours.path, line, "initiative.json says otherwise"),),
        facts=pair.facts(),
    )


@rule("X602", "stale-source", "warning", roles=SOURCES, source=f"{SYNC}, Conflict Resolution Protocol 3")
def stale_source(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """Where the two files of an initiative disagree, they are at least of the same time.

    What holds
    The lastUpdated of two files that disagree (X601) are within 5 minutes of each other. From a time that lies in the
    future nothing is counted.

    Why
    A few minutes are one write that is not finished; more is a session that never wrote.

    Example
    Bad:  lastUpdated 14:30 and 11:30, and another status
    Good: the same in both files

    Fix
    None of its own: it goes away with the disagreement.
    """
    for pair in _pairs(workspace, context):
        if any(disagreements(pair.primary, pair.other)):
            yield from _apart(pair, context.clock)


def _apart(pair: Pair, clock: Clock) -> Iterator[Violation | Skipped]:
    """Yield that the two files of a pair are of different times."""
    for source in (pair.primary, pair.other):
        unfit = source.clock is None or not source.clock.aware
        if unfit and source.value.get(str(source.clock_pointer[0])) is not None:
            yield Skipped(source.document.path, "it has no time with an offset", "S105")
    first, second = pair.primary.clock, pair.other.clock
    if first is None or second is None or not first.aware or not second.aware:
        return
    warning = stale_warning(first, second)
    if warning is not None:
        stale, newer = (pair.primary, pair.other) if first.moment < second.moment else (pair.other, pair.primary)
        later = max(first, second, key=lambda stamp: stamp.moment)
        if clock.is_before(later.moment, STALE_AFTER):
            yield Skipped(newer.document.path, "its time lies in the future", "S105")
            return
        line = newer.document.place(newer.document.span(newer.clock_pointer)).line
        yield at(
            stale.document,
            stale.document.span(stale.clock_pointer),
            warning,
            hint=pair.authority.words,
            subject="clock",
            related=(Related(newer.document.path, line, f"{newer.file} was written at {later.text}"),),
        )


@rule("X603", "unsynced-event", "error", roles=SOURCES, source=f"{SYNC}, Sync Trigger Table")
def unsynced_event(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """What happens to an initiative is written to both of its files in one change.

    What holds
    A changed status and a started milestone are in both files, whichever of them was changed; with a completed
    milestone WORKFLOW-STATUS.yaml is written, too. Of a completed task only initiative.json needs to know. Of a range
    all its commits together are the change.

    Why
    Two files that are written at two times disagree in between, and that is when a session is interrupted.

    Example
    Bad:  a change of "status" in initiative.json alone
    Good: the same change in WORKFLOW-STATUS.yaml

    Fix
    As for X601: the newer file is brought over to the other.
    """
    yield from skipped_sources(before, workspace)
    earlier = _pairs(before, context)
    for pair in _pairs(workspace, context):
        was = _same_pair(pair, earlier)
        if was is not None:
            yield from _unsynced(pair, was)


def _same_pair(pair: Pair, earlier: list[Pair]) -> Pair | None:
    """Return what a pair was: that of the same YAML file, else that of its name."""
    named = [each for each in earlier if same_name(pair.other.name or "", each.other.name or "")]
    there = (each for each in named if each.other.document.path == pair.other.document.path)
    return next(there, next(iter(named), None))


def _unsynced(pair: Pair, earlier: Pair) -> Iterator[Violation]:
    said = False
    for each in disagreements(pair.primary, pair.other):
        changed = [
            name
            for name, was, now in each.sides(earlier.primary, earlier.other, pair.primary, pair.other)
            if was != now
        ]
        started = each.field == "milestone" and _began(pair.primary, earlier.primary)
        if len(changed) == 1 or (started and not changed):
            where = changed[0] if changed else "initiative.json"
            other = "WORKFLOW-STATUS.yaml" if where == "initiative.json" else "initiative.json"
            value = each.ours if where == "initiative.json" else each.theirs
            verb = "was started" if each.field == "milestone" else "is new"
            message = f"{each.field} {show(value)} {verb} in {where}, and {other} does not say so"
            said = True
            yield _violation(pair, each, message)
    if not said:
        yield from _completed_alone(pair, earlier)


def _began(now: Source, then: Source) -> bool:
    """Say whether the current milestone was begun in this change."""
    name = now.milestone or ""
    return now.milestones.get(name) == "in_progress" and then.milestones.get(name) != "in_progress"


def _completed_alone(pair: Pair, earlier: Pair) -> Iterator[Violation]:
    """Yield a violation for each milestone that was completed while WORKFLOW-STATUS.yaml stayed as it was."""
    if pair.other.value != earlier.other.value:
        return
    newer = pair.other.clock is None or (
        pair.primary.clock is not None and pair.other.clock.moment < pair.primary.clock.moment
    )
    agrees = (pair.primary.status, pair.primary.milestone) == (pair.other.status, pair.other.milestone)
    done = earlier.primary.milestones_done
    for name in pair.primary.milestones_done:
        if name not in done and (newer or not agrees):
            each = Disagreement("status", pair.primary.status, pair.other.status, ("progress", name), ("status",))
            message = f"milestone {name} was completed in initiative.json, and WORKFLOW-STATUS.yaml was not updated"
            yield _violation(pair, each, message)._replace(subject=f"milestone {name}")


@rule(
    "X604",
    "initiative-unbacked",
    "warning",
    source="persistence-architecture.md, Read Protocol 4",
    yields_to=("T410",),
)
def initiative_unbacked(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """An initiative that goes on has its folder, and a folder has its initiative.

    What holds
    An initiative that is created, in_progress or blocked has the folder of its name below
    `documentation/milestones/_active/`. Where there is such a folder, there is `.claude/initiative.json`; one that git
    ignores is there, and is only looked at where it is named or a ledger is kept.

    Why
    The folder is the last resort of a session that finds nothing else, and what it finds there it takes for the state.

    Example
    Bad:  documentation/milestones/_active/search/ and no .claude/initiative.json
    Good: both

    Fix
    Unsafe, for a missing initiative.json and one active folder: it is rebuilt from WORKFLOW-STATUS.yaml, else from the
    folder; what they do not tell is left out and named. None for a missing folder.
    """
    folders = active_folders(workspace)
    path = workspace.join(".claude/initiative.json")
    document = workspace.document("initiative")
    if document is None:
        # One that git ignores is there, though it does not count: the summary names it.
        ignored = context.disk is not None and context.disk.ignored(path)
        if folders and workspace.kind.name == "workflow" and not ignored:
            active = f"{folders[0]} is" if len(folders) == 1 else f"{len(folders)} initiatives are"
            yield missing(
                path,
                f"{active} active in documentation/milestones/_active, and there is no initiative.json",
                hint="write it, or move what is over out of _active",
                subject="deleted",
                facts={"folders": folders},
            )
        return
    primary = initiative_source(workspace)
    if primary is None:
        if not document.usable:
            yield Skipped(document.path, document.problems[0].message, document.problems[0].code)
        return
    if primary.status is None or primary.status in MACHINES["initiative"].final:
        return
    known = [*folders, *(folder_name(each) for each in workspace.paths("workflow_status"))]
    if primary.name is None and not known:
        message = f"the initiative is {primary.status}, and documentation/milestones/_active has no folder"
        yield at(
            primary.document, primary.document.span(("status",)), message, subject="folder", hint="make its folder"
        )
    elif primary.name is not None and not any(same_name(each, primary.name) for each in known):
        message = f"initiative {primary.name} is {primary.status}, and documentation/milestones/_active has no folder"
        hint = "make its folder, or correct the name"
        if not counterparts(primary, workspace):
            yield at(
                primary.document,
                primary.document.span(("name",)),
                f"{message} of that name",
                hint=hint,
                subject="folder",
            )
