"""X606 to X610, and X614: what state.json says of a task agrees with itself, and with the folder it lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import is_certainly_before, show, task_phases, timestamp_or_none, whole_number
from statecheck.rules import Skipped, Violation, at, listed, rule

from .task_values import absent, reached, status_of, statuses_of, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import MarkdownDocument, Pointer, StateDocument, Timestamp
    from statecheck.workspaces import View

SOURCE = "state-management.md, state.json Schema"


@rule("X606", "slug-mismatch", "error", source="state-management.md, Directory Structure and state.json Schema")
def slug_mismatch(state: StateDocument, workspace: View) -> Iterator[Violation | Skipped]:
    """The slug is the name of the task's folder.

    What holds
    `slug` in state.json is the name of the folder that the file lies in, below `.iterative-work/` or its archive.

    Why
    A task is found by its slug. Another one leads to a folder that is not there, or to another task.

    Example
    Bad:  "slug": "future"          in .iterative-work/future-work/state.json
    Good: "slug": "future-work"

    Fix
    Safe: the folder's name.
    """
    yield from unusable(state, "slug")
    name = workspace.name
    slug = state.value.get("slug") if isinstance(state.value, dict) else None
    if isinstance(slug, str) and slug != name:
        yield at(
            state,
            state.span(("slug",)),
            f"slug is {show(slug)}, and the folder is {name}",
            hint=f"write {name}",
            subject="/slug",
            facts={"name": name},
        )


@rule("X607", "unknown-current-phase", "error", source=SOURCE)
def unknown_current_phase(state: StateDocument) -> Iterator[Violation | Skipped]:
    """The current phase is one of the phases.

    What holds
    `current_phase` is a key of `phases`.

    Why
    A session resumes at the current phase. From one that does not exist, it cannot.

    Example
    Bad:  "current_phase": "R5"     with phases R1 to R4
    Good: "current_phase": "R3"

    Fix
    None: which phase is meant is known to whoever wrote it.
    """
    yield from unusable(state, "current_phase", of_phases=())
    current, found = (state.value.get(key) for key in ("current_phase", "phases")) if _is_object(state) else (None,) * 2
    if isinstance(current, str) and isinstance(found, dict) and current not in found:
        known = listed(list(found)) if found else "empty"
        yield at(
            state,
            state.span(("current_phase",)),
            f"current_phase is {show(current)}, and phases {'is' if not found else 'are'} {known}",
            hint="name the phase that is being worked on",
            subject="/current_phase",
        )


def _is_object(state: StateDocument) -> bool:
    return isinstance(state.value, dict)


@rule("X608", "iteration-mismatch", "error", source=SOURCE)
def iteration_mismatch(state: StateDocument) -> Iterator[Violation | Skipped]:
    """The current iteration is that of the current phase.

    What holds
    `current_iteration` is the `iterations_used` of the current phase or, while that is in_progress, one more: the
    iteration that is running. It is not asked of a phase that is pending or blocked.

    Why
    The next iteration takes its number from here. One that is too low is logged twice, one too high leaves a gap.

    Example
    Bad:  "current_iteration": 5    where R3 is confirming with "iterations_used": 2
    Good: "current_iteration": 2

    Fix
    Safe, where progress.md has as many iterations of the phase as one of the two says, and nothing falls below the
    base: the other takes that number. Else none.
    """
    yield from unusable(state, "current_phase", "current_iteration", of_phases=())
    current = state.value.get("current_phase") if _is_object(state) else None
    phase = task_phases(state).get(current) if isinstance(current, str) else None
    if phase is None:
        phases = state.value.get("phases", {}) if isinstance(current, str) else None
        if isinstance(phases, dict) and current not in phases:
            yield Skipped(state.path, f"phase {current} is not there", "X607")
        return
    status = status_of(phase)
    if status in ("pending", "blocked"):
        return
    used, here = whole_number(phase.get("iterations_used")), whole_number(state.value.get("current_iteration"))
    if status is None or used is None:
        yield Skipped(state.path, f"status or iterations_used of phase {current} cannot be used", "S103")
    elif here is None and "current_iteration" not in state.value and reached(state, "execute"):
        yield Skipped(state.path, "current_iteration is missing", "S103")
    elif here is not None and here != used and not (status == "in_progress" and here == used + 1):
        yield at(
            state,
            state.span(("current_iteration",)),
            f"current_iteration is {here}, and phase {current}, {status}, has iterations_used {used}",
            hint=f"write {used}" + (f", or {used + 1} while it is running" if status == "in_progress" else ""),
            subject="/current_iteration",
            facts={"phase": current, "current": here, "used": used},
        )


@rule("X609", "over-budget", "error", source=SOURCE)
def over_budget(state: StateDocument) -> Iterator[Violation | Skipped]:
    """No phase uses more iterations than it may.

    What holds
    `iterations_used` of each phase is at most its `max_iterations`.

    Why
    At the maximum a person decides how to go on. A phase that is beyond it was never brought before anybody.

    Example
    Bad:  "iterations_used": 7, "max_iterations": 5
    Good: "iterations_used": 5, "max_iterations": 5, "status": "timeout"

    Fix
    None: whether the maximum is raised or the phase stops is for a person to say.
    """
    yield from unusable(state, of_phases=("iterations_used", "max_iterations"))
    for name, phase in task_phases(state).items():
        used, most = whole_number(phase.get("iterations_used")), whole_number(phase.get("max_iterations"))
        if used is not None and most is not None and used > most:
            yield at(
                state,
                state.span(("phases", name, "iterations_used")),
                f"phase {name} has used {used} of {most} iterations",
                hint=_within_budget(status_of(phase)),
                subject=f"/phases/{name}/iterations_used",
            )


def _within_budget(status: str | None) -> str:
    """Return what to do about a phase that used too many iterations: of one that is over, only the maximum is wrong."""
    if status in ("in_progress", "confirming", "verifying"):
        return "raise the maximum if a person agreed to it, or mark the timeout"
    return "write the maximum that was agreed on with a person"


@rule("X610", "phase-fields", "warning", source="state-management.md, Status Values")
def phase_fields(state: StateDocument) -> Iterator[Violation | Skipped]:
    """A phase has only what its status can have.

    What holds
    A pending phase has no iterations_used and no completed_at. completed_at goes with done alone, verification_passed
    true with done or verifying.

    Why
    What is left over from another status is read as if it held: a phase that was reopened counts as verified.

    Example
    Bad:  "status": "in_progress", "verification_passed": true
    Good: "status": "in_progress", "verification_passed": false

    Fix
    None: either the status or the field is wrong.
    """
    keys = ("status", "iterations_used", "completed_at", "verification_passed")
    yield from unusable(state, of_phases=keys)
    for name, phase in task_phases(state).items():
        status = statuses_of(state)[name]
        for key, allowed in _kept_for(phase):
            if status is not None and status not in allowed:
                yield at(
                    state,
                    state.span(("phases", name, key)),
                    f"phase {name} is {status}, and has {key} {show(phase[key])}",
                    hint=f"take {key} out, or write the status that goes with it",
                    subject=f"/phases/{name}/{key}",
                )


def _kept_for(phase: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the fields of a phase that not every status has, each with those that have it."""
    if whole_number(phase.get("iterations_used")):
        yield "iterations_used", ("in_progress", "confirming", "verifying", "done", "blocked", "timeout")
    if isinstance(phase.get("completed_at"), str):
        yield "completed_at", ("done",)
    if phase.get("verification_passed") is True:
        yield "verification_passed", ("verifying", "done")


@rule("X614", "timestamp-order", "warning", source=SOURCE)
def timestamp_order(
    state: StateDocument, workspace: View, plan: MarkdownDocument | None = None
) -> Iterator[Violation | Skipped]:
    """The times of a task are in the order of what happened.

    What holds
    created is not later than any completed_at, and none of these is later than updated. A phase is not completed before
    one that it depends on. Times are compared at the coarser precision, and only where offsets allow it.

    Why
    Sessions that take over a task sort it out by these times. One that is out of order was made up, or is from another
    task.

    Example
    Bad:  "created": "2026-01-16T10:00:00Z", and R1 with "completed_at": "2026-01-15T11:00:00Z"
    Good: "completed_at": "2026-01-16T11:00:00Z"

    Fix
    None: which of two times is wrong cannot be seen.
    """
    yield from unusable(state, "created", "updated", of_phases=("completed_at",))
    times: dict[Pointer, Timestamp] = {}
    for pointer, text in _written_times(state):
        time = timestamp_or_none(text)
        if time is None:
            yield Skipped(state.path, f"{pointer[-1]} is {show(text)}, which is no timestamp", "S105")
        else:
            times[pointer] = time
    created, updated = times.pop(("created",), None), times.pop(("updated",), None)
    if created and updated and is_certainly_before(updated, created):
        yield _disordered(state, ("updated",), f"updated, {updated.text}, is before created, {created.text}")
    for pointer, time in times.items():
        done = f"phase {pointer[1]} was completed at {time.text}"
        if created and is_certainly_before(time, created):
            yield _disordered(state, pointer, f"{done}, before the task was created, {created.text}")
        if updated and is_certainly_before(updated, time):
            yield _disordered(state, pointer, f"{done}, after the file was updated, {updated.text}")
    if len(times) < 2:
        return
    if plan is None:
        yield from absent("plan", workspace)
        return
    for name, others in plan.plan.needed().items():
        yield from _before_others(state, name, others, times)


def _written_times(state: StateDocument) -> Iterator[tuple[Pointer, str]]:
    """Yield the times of a task that are texts, each with its place."""
    holders: list[tuple[Pointer, dict[str, Any]]] = [((), state.value)] if _is_object(state) else []
    holders += [(("phases", name), phase) for name, phase in task_phases(state).items()]
    for pointer, holder in holders:
        for key in ("completed_at",) if pointer else ("created", "updated"):
            if isinstance(holder.get(key), str):
                yield (*pointer, key), holder[key]


def _before_others(
    state: StateDocument, name: str, others: list[str], times: dict[Pointer, Timestamp]
) -> Iterator[Violation]:
    """Yield a violation where a phase was completed before some that it depends on."""
    pointer = "phases", name, "completed_at"
    there = [(each, times.get(("phases", each, "completed_at"))) for each in others]
    late = [each for each, time in there if time and pointer in times and is_certainly_before(times[pointer], time)]
    if late:
        message = f"phase {name} was completed at {times[pointer].text}, before {listed(late)}, which it depends on"
        yield _disordered(state, pointer, message)


def _disordered(state: StateDocument, pointer: Pointer, message: str) -> Violation:
    return at(state, state.span(pointer), message, hint="write the time at which it happened", subject=message)
