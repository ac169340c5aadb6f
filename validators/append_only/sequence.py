"""L213 to L216: iterations count up, once each, as time goes on, and end where they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import COUNTED, whole_number
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, rule
from statecheck.workspaces import course

from .compared import named
from .form import damaged_logs, unsettled_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Earlier, Entry
    from statecheck.rules import Context
    from statecheck.workspaces import Logged, LoggedEntries, View


OWN = ""
"""The grammar of a log of a project's own kind: its entries may have times, and do not count."""


@rule(
    "L213",
    "iteration-gap",
    "warning",
    source="persist.md, Steps 3 and 4; state-management.md, progress.md Format",
)
def iteration_gap(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """Iterations count 1, 2, 3, without a gap.

    What holds
    In each cycle of a refinement, and in each phase of a task, an entry's number is at most one above the largest so
    far, and the first is 1.

    Why
    A number that was left out is an iteration that nobody logged, or an entry that is gone.

    Example
    Bad:  iterations 1 and 3
    Good: iterations 1, 2 and 3

    Fix
    None: what happened in the missing iteration is not known.
    """
    yield from damaged_logs(workspace, *COUNTED)
    for logged, number, earlier in _notable(workspace, context, *COUNTED):
        each = logged[number]
        if earlier.missing is not None and each.entry.iteration is not None:
            after = f"follows iteration {earlier.missing - 1}" if earlier.missing > 1 else "is the first"
            yield at(
                each.document,
                each.entry.heading.span,
                f"iteration {each.entry.iteration}{_of(each)} {after}: "
                f"{_missing(earlier.missing, each.entry.iteration - 1)}",
                hint="log every iteration, also one that came to nothing",
                subject=f"{each.entry.heading.text} gap",
            )


def _missing(first: int, last: int) -> str:
    return f"iteration {first} has no entry" if first == last else f"iterations {first} to {last} have no entry"


@rule("L214", "iteration-repeated", "error", "warning", source="persist.md, Rule 1")
def iteration_repeated(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """No iteration has two entries.

    What holds
    In one cycle, and in one phase, each number is there once. Where two branches that are merged each added one, it is
    a warning.

    Why
    "Idempotent writes": running the same step twice must not log it twice. Of two entries, nobody knows which holds.

    Example
    Bad:  two entries "## R1 - Iteration 2"
    Good: "## R1 - Iteration 2" and "## R1 - Iteration 3"

    Fix
    None: both were written.
    """
    yield from damaged_logs(workspace, *COUNTED)
    for logged, number, earlier in _notable(workspace, context, *COUNTED):
        if earlier.same is None:
            continue
        known, each = logged[earlier.same], logged[number]
        merged = _from_two_branches(known, each, workspace, context)
        later, other = each, known
        new = [context.is_new(entry.number, entry.role, workspace) for entry in (known, each)]
        if new == [True, False]:  # the fault is the one that was put before
            later, other = known, each
        yield at(
            later.document,
            later.entry.heading.span,
            f"iteration {each.entry.iteration}{_of(each)} has an entry already, in line {other.entry.heading.line + 1}",
            hint="keep both, and say in a new entry which one holds"
            if merged
            else "say what is new in an entry with the next number",
            severity="warning" if merged else None,
            subject=f"{later.entry.heading.text} repeated",
            related=(Related(other.document.path, other.entry.heading.line + 1, "the other entry of this iteration"),),
            fresh=merged,
        )


def _from_two_branches(one: Logged, two: Logged, workspace: View, context: Context) -> bool:
    """Say whether a merge brought two entries together that no parent has both."""
    if len(context.parents) < 2:
        return False
    changes = [context.log_changes(workspace, one.role, parent) for parent in context.parents]
    both = [None if each is None else {one.number, two.number} <= each.origin.keys() for each in changes]
    return not any(both) and not context.is_new(two.number, two.role, workspace)


@rule(
    "L215",
    "timestamp-regression",
    "warning",
    source="state-management.md, progress.md Format, Rules",
)
def timestamp_regression(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """The times of entries never go backwards within a log.

    What holds
    No entry's time is earlier than the latest one before it, compared at the coarser precision of the two.

    Why
    "Include timestamp for resumption tracking": a session resumes from the last entry, and takes it for the latest.

    Example
    Bad:  an entry of 11:00 after one of 12:00
    Good: entries in the order of their times

    Fix
    None: either the time or the place is wrong.
    """
    yield from damaged_logs(workspace, *COUNTED, OWN)
    for logged, number, earlier in _notable(workspace, context, *COUNTED, OWN):
        each = logged[number]
        if earlier.later is not None:
            yield _late(each, logged[earlier.later].entry)
        elif earlier.garbled and context.is_new(number, logged.role, workspace):
            yield Skipped(each.document.path, f"the time of {named(each.entry)} is no timestamp", "S105")


def _late(each: Logged, newest: Entry) -> Violation:
    line, text = newest.heading.line + 1, each.entry.time_text
    span = each.entry.time_span or each.entry.heading.span
    return at(
        each.document,
        span,
        f"{text} is earlier than {newest.time_text} in line {line}",
        hint="new entries come last, with the time at which they are written",
        subject=f"{each.entry.heading.text} time",
        related=(Related(each.document.path, line, "the latest entry before it"),),
    )


@rule(
    "L216",
    "entry-after-end",
    "warning",
    source="persist.md, Step 4; state-management.md, progress.md Format and Status Values",
)
def entry_after_end(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """Nothing is logged after the end.

    What holds
    After a phase's DONE come at most as many work entries of it as state.json counts confirmations, unless one of them
    says that something remains. After terminate, no iteration follows in the same cycle.

    Why
    DONE and terminate are promises to the next phase, and to whoever waits for the result.

    Example
    Bad:  iteration 4 after iteration 3 decided to terminate
    Good: iteration 1 of a new cycle

    Fix
    None: either the end or what follows it is wrong.
    """
    yield from damaged_logs(workspace, *COUNTED)
    yield from _after_terminate(workspace, context)
    yield from _after_done(workspace, context)


def _after_terminate(workspace: View, context: Context) -> Iterator[Violation]:
    for logged, number, earlier in _notable(workspace, context, *COUNTED):
        if earlier.ended is not None:
            each = logged[number]
            yield at(
                each.document,
                each.entry.heading.span,
                f"iteration {each.entry.iteration} follows iteration {earlier.ended}, which decided to terminate",
                hint="begin a new cycle with iteration 1",
                subject=f"{each.entry.heading.text} end",
            )


def _after_done(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    for logged, number, earlier in _notable(workspace, context, "progress"):
        if earlier.further is None:
            continue
        each = logged[number]
        allowed = _confirmations(each.entry.phase or "", workspace)
        if isinstance(allowed, Skipped):
            yield allowed
            return
        if earlier.further > allowed:
            yield _too_late(each, earlier.further, allowed)


def _too_late(each: Logged, further: int, allowed: int) -> Violation:
    return at(
        each.document,
        each.entry.heading.span,
        f"phase {each.entry.phase} is done, and has {_entries(further)} after that; state.json counts "
        f"{allowed} confirmation{'' if allowed == 1 else 's'}",
        hint="say in Remaining what is left, if the phase is not done",
        subject=f"{each.entry.heading.text} end",
    )


def _confirmations(phase: str, workspace: View) -> int | Skipped:
    """Return how many confirmation passes a phase had, by state.json."""
    document = workspace.document("state")
    if document is None:
        return Skipped(workspace.join("state.json"), "state.json does not exist", "X605")
    state = workspace.usable("state")
    if state is None:
        return Skipped(document.path, document.problems[0].message, document.problems[0].code)
    value: Any = state.value
    phases = value.get("phases") if isinstance(value, dict) else None
    found = phases.get(phase) if isinstance(phases, dict) else None
    count = whole_number(found.get("confirmations_used", 0)) if isinstance(found, dict) else 0
    return count if count is not None else Skipped(document.path, f"confirmations_used of {phase}", "S103")


def _notable(workspace: View, context: Context, *grammars: str) -> Iterator[tuple[LoggedEntries, int, Earlier]]:
    """Yield the entries of which there is something to note, by log and number, with that."""
    for logged, numbers in unsettled_numbers(workspace, context, *grammars):
        known = course(workspace, logged.role)
        notable = {} if known is None else known.notable
        if notable:
            yield from ((logged, number, notable[number]) for number in numbers if number in notable)


def _of(each: Logged) -> str:
    return f" of {each.entry.phase}" if each.entry.phase else ""


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"
