"""X612, X616 and X618: what progress.md and guardrails.md say of a task agrees with its state.json."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from statecheck.documents import show, task_phases, whole_number
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, rule
from statecheck.workspaces import read_work_log

from .disturbed import disturbed_phases
from .task_values import absent, statuses_of, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import MarkdownDocument, StateDocument, WorkLog
    from statecheck.rules import Context
    from statecheck.workspaces import View

DECLARED = frozenset({"confirming", "verifying", "done"})
"""The statuses of a phase whose work was declared done (state-management.md, Status Values)."""

_LEARNED = re.compile(r"^[`*]*(?P<phase>\w[\w.-]*) iteration (?P<iteration>\d+)\b", re.IGNORECASE)


@rule("X612", "progress-state-mismatch", "error", source="state-management.md, Session Interruption")
def progress_state_mismatch(
    state: StateDocument, workspace: View, context: Context, progress: MarkdownDocument | None = None
) -> Iterator[Violation | Skipped]:
    """progress.md has what state.json counts.

    What holds
    The last work entry is of the current phase, unless that has none yet. The iterations of each phase that are logged
    number between its iterations_used and that with its confirmations_used; one fewer while it is in_progress, for the
    iteration that is running. A phase that is confirming, verifying or done has an entry that signals its DONE. Where
    the heading of an entry is not understood, or one was removed by `statecheck amend`, nobody knows that there are too
    few. Of a phase whose entries L201 or L202 find changed or removed, nothing is said until they are as they were.

    Why
    A session resumes from both: from the state where to go on, from the log what remains. When they disagree, it
    repeats work, or leaves some out.

    Example
    Bad:  "iterations_used": 3, and one entry of R1
    Good: "iterations_used": 3, and entries of iterations 1, 2 and 3

    Fix
    None: what was done is known to whoever did it.
    """
    yield from unusable(state, "current_phase", of_phases=("status", "iterations_used", "confirmations_used"))
    phases = task_phases(state)
    if progress is None:
        if phases:
            yield from absent("progress", workspace)
        return
    log = read_work_log(workspace, context.amendments)
    if log is None:
        return
    disturbed = disturbed_phases(progress, workspace, context)
    yield from disturbed.values()
    if not disturbed:
        yield from _last_entry(state, progress, log)
    for name, phase in phases.items():
        if name.lower() in disturbed:
            continue
        yield from _counted(state, name, phase, log)
        status = statuses_of(state)[name]
        if status in DECLARED and not log.says_done(name) and not log.thinned:
            yield at(
                state,
                state.span(("phases", name, "status")),
                f"phase {name} is {status}, and no entry of progress.md signals {name}_DONE",
                hint="log the iteration that declared it done, or go back to in_progress",
                subject=f"/phases/{name}",
            )


def _last_entry(state: StateDocument, progress: MarkdownDocument, log: WorkLog) -> Iterator[Violation]:
    current = state.value.get("current_phase") if isinstance(state.value, dict) else None
    if not isinstance(current, str) or log.last is None or not log.has_work(current):
        return
    if _is_pending(state, log.last.phase or ""):
        return  # its own finding says so
    if (log.last.phase or "").lower() != current.lower():
        line = state.place(state.span(("current_phase",))).line
        yield at(
            progress,
            log.last.heading.span,
            f"the last work entry is of phase {log.last.phase}, and current_phase is {current}, which has entries",
            hint="write the phase that is being worked on into current_phase",
            subject="last entry",
            related=(Related(state.path, line, "the current phase"),),
            mended_elsewhere=True,
        )


def _is_pending(state: StateDocument, name: str) -> bool:
    """Say whether a phase, by its name in any case, has yet to begin."""
    return any(status == "pending" for key, status in statuses_of(state).items() if key.lower() == name.lower())


def _counted(state: StateDocument, name: str, phase: dict[str, Any], log: WorkLog) -> Iterator[Violation]:
    used, confirmed = (_number(phase, key) for key in ("iterations_used", "confirmations_used"))
    status, logged = statuses_of(state)[name], len(log.iterations(name))
    if used is None or confirmed is None or status is None:
        return
    least = used - 1 if status == "in_progress" else used
    if logged <= used + confirmed and (logged >= least or not log.whole):
        return
    if status == "pending":
        key = "status"
        message = f"progress.md logs {_iterations(logged)} of {name}, which is pending in state.json"
        hint = f"set {name} to in_progress with its count, and current_phase to {name}"
    else:
        key = "iterations_used"
        due = _range(least, used + confirmed)
        confirming = f" and {confirmed} confirmation{'' if confirmed == 1 else 's'}" if confirmed else ""
        message = (
            f"state.json counts {_iterations(used)}{confirming} of {name}; progress.md has {logged}, "
            f"and should have {due}"
        )
        hint = _remedy(name, logged, least)
    yield at(
        state,
        state.span(("phases", name, key)),
        message,
        hint=hint,
        subject=f"/phases/{name}/iterations_used",
    )


def _iterations(count: int) -> str:
    return f"{count} iteration{'' if count == 1 else 's'}"


def _range(least: int, most: int) -> str:
    """Return the whole numbers from one to another as a message gives them."""
    if least == most:
        return str(most)
    return f"{least} or {most}" if most == least + 1 else f"{least} to {most}"


def _remedy(name: str, logged: int, least: int) -> str:
    """Return what settles a count that the log does not bear out."""
    if logged < least:
        entries = "a new entry" if least == logged + 1 else "new entries"
        return f"log {_iterations(least - logged)} of {name} in {entries}, or correct iterations_used"
    return f"write the number of iterations that were done into iterations_used of {name}"


def _number(phase: dict[str, Any], key: str) -> int | None:
    """Return a counter of a phase, 0 where it is missing, None where it is none."""
    return whole_number(phase.get(key, 0))


@rule("X616", "blocker-undocumented", "warning", source="state-management.md, Blocked Phase and Phase Timeout")
def blocker_undocumented(
    state: StateDocument, workspace: View, context: Context, progress: MarkdownDocument | None = None
) -> Iterator[Violation | Skipped]:
    """What a phase is stuck on is logged.

    What holds
    The last entry of a blocked phase in progress.md names what blocks it, in Blockers or as the Signal
    `BLOCKED:reason`. A phase in timeout has an entry on what was attempted.

    Why
    "Document blocker in progress.md": a person is asked for help, and has to see with what.

    Example
    Bad:  R2 blocked, and its last entry has  **Blockers:** None
    Good: **Blockers:** No access to the archive until Friday

    Fix
    None: the blocker is known to whoever met it.
    """
    yield from unusable(state, of_phases=("status",))
    statuses = statuses_of(state)
    stuck = {name: status for name, status in statuses.items() if status in ("blocked", "timeout")}
    log = read_work_log(workspace, context.amendments)
    if progress is None or log is None:
        if stuck:
            yield from absent("progress", workspace)
        return
    for name, status in stuck.items():
        entries = log.about(name)
        if log.thinned and not entries:
            continue
        if not entries:
            what = "progress.md has no entry of it"
        elif status == "blocked" and not entries[-1].fields.names_blocker:
            what = f"its last entry, in line {entries[-1].entry.heading.line + 1} of progress.md, names no blocker"
        else:
            continue
        yield at(
            state,
            state.span(("phases", name, "status")),
            f"phase {name} is {status}, and {what}",
            hint="log what it is waiting for" if status == "blocked" else "log what was attempted",
            subject=f"/phases/{name}",
        )


@rule("X618", "learned-unknown", "warning", source="state-management.md, guardrails.md Format")
def learned_unknown(
    guardrails: MarkdownDocument,
    state: StateDocument,
    workspace: View,
    context: Context,
    progress: MarkdownDocument | None = None,
    plan: MarkdownDocument | None = None,
) -> Iterator[Violation | Skipped]:
    """A guardrail was learned in an iteration that there was.

    What holds
    Learned of each guardrail names a phase that state.json or plan.md has, and an iteration of it that progress.md has
    an entry of.

    Why
    Where a lesson comes from is looked up when somebody doubts it. One from nowhere cannot be weighed.

    Example
    Bad:  - **Learned:** R7 iteration 2     in a task of four phases
    Good: - **Learned:** R2 iteration 3

    Fix
    None: where it was learned, only its author knows. Guardrails that the base already has are notes.
    """
    yield from unusable(state, of_phases=())
    planned = plan.plan.ids if plan is not None else []
    known = {name.lower() for name in [*task_phases(state), *planned]}
    log = read_work_log(workspace, context.amendments)
    for entry in workspace.log_entries("guardrails"):
        field = guardrails.said_in(entry).field("learned")
        match = _LEARNED.match(field.value) if field is not None else None
        if field is None or match is None:
            continue
        phase, iteration = match.group("phase"), match.group("iteration")
        if phase.lower() not in known:
            what = f"the task has no phase {phase}"
        elif progress is None or log is None:
            yield from absent("progress", workspace)
            continue
        elif not log.whole or int(iteration[:10]) in log.iterations(phase):
            continue
        else:
            what = f"progress.md has no entry of iteration {iteration} of {phase}"
        message = f"Learned says {show(field.value)}, and {what}"
        yield at(
            guardrails,
            field.span,
            message,
            hint="name the iteration in which it was learned",
            subject=f"{entry.heading.text} Learned",
        )
