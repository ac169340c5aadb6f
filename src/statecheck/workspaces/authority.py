"""The two files of an initiative beside one another: where they disagree, and which of them is to be believed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple
from statecheck.workspaces.declared import INITIATIVE
from statecheck.workspaces.initiatives import Source, same_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.clock import Clock
    from statecheck.documents import Pointer, Timestamp

STALE_AFTER = timedelta(minutes=5)
"""How far apart two files may be written (persistence-architecture.md, Conflict Resolution Protocol 3)."""

BEGUN = ("in_progress", "blocked", "completed", "archived")


class Disagreement(NamedTuple):
    """A field that the two files have otherwise: `ours` is what initiative.json says."""

    field: str
    ours: str | None
    theirs: str | None
    our_pointer: Pointer
    their_pointer: Pointer

    def sides(
        self, old: Source, old_other: Source, new: Source, new_other: Source
    ) -> list[tuple[str, str | None, str | None]]:
        """Return for each file its name, and what it said of the field before and now."""
        sides = (("initiative.json", old, new), ("WORKFLOW-STATUS.yaml", old_other, new_other))
        if self.field == "status":
            return [(name, then.status, now.status) for name, then, now in sides]
        return [(name, then.milestone, now.milestone) for name, then, now in sides]


class Authority(NamedTuple):
    """Which file is to be believed; `newer` is None where that cannot be told, and `words` say why.

    `tie` says that they were written at the same time.
    """

    newer: Source | None
    words: str
    tie: bool = False


def disagreements(primary: Source, other: Source) -> Iterator[Disagreement]:
    """Yield the fields in which the two files of an initiative disagree; what one does not say is no disagreement."""
    if primary.status is not None and other.status is not None and primary.status != other.status:
        yield Disagreement("status", primary.status, other.status, ("status",), ("status",))
    ours, theirs = primary.milestone, other.milestone
    if ours is None or theirs is None or same_name(ours, theirs) or _was_just_completed(theirs, primary):
        return
    yield Disagreement("milestone", ours, theirs, primary.milestone_pointer, other.milestone_pointer)


def _was_just_completed(milestone: str, primary: Source) -> bool:
    """Say whether a milestone is the last that was completed, and the current one is not begun."""
    done = primary.milestones_done
    begun = any(
        same_name(name, primary.milestone or "") and state in BEGUN for name, state in primary.milestones.items()
    )
    return bool(done) and same_name(done[-1], milestone) and not begun


def authority(primary: Source, other: Source, clock: Clock) -> Authority:
    """Return which of two files is authoritative: the one with the newer time, where both can be trusted."""
    for source in (primary, other):
        name = source.file
        if source.clock is None:
            return Authority(None, f"write the state that is true into both: {name} has no time that can be read")
        if not source.clock.aware:
            return Authority(None, f"write the state that is true into both: the time in {name} has no offset")
        if clock.is_before(source.clock.moment):
            return Authority(None, f"write the state that is true into both: the time in {name} lies in the future")
    assert primary.clock is not None and other.clock is not None  # both were looked at above
    tie = primary.clock.moment == other.clock.moment
    newer, stale = (primary, other) if tie or primary.clock.moment > other.clock.moment else (other, primary)
    newer_name, stale_name = newer.file, stale.file
    if not _is_legal(stale, newer):
        said = "is the primary source" if tie else "is newer"
        return Authority(None, f"{newer_name} {said}, but from {stale.status} there is no way to {newer.status}")
    if tie:
        return Authority(newer, "both have the same time; initiative.json is the primary source", tie=True)
    return Authority(newer, f"{newer_name} is newer: bring {stale_name} up to it")


def _is_legal(stale: Source, newer: Source) -> bool:
    if stale.status is None or newer.status is None:
        return stale.status == newer.status
    return stale.status == newer.status or INITIATIVE.way(stale.status, newer.status) is not None


def stale_warning(one: Timestamp, other: Timestamp) -> str | None:
    """Return the documented warning where one of two files was written well before the other, else None."""
    apart = abs(one.moment - other.moment)
    return f"Initiative state may be stale — last updated {_ago(apart)}" if apart > STALE_AFTER else None


def _ago(apart: timedelta) -> str:
    """Return how long ago something was in the largest unit that is full."""
    seconds = int(apart.total_seconds())
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
