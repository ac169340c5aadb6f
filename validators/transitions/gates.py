"""T404 and T408: a phase has what its status says that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import task_phases, whole_number
from statecheck.rules import Skipped, Violation, at, listed, rule
from statecheck.workspaces import read_work_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Entry, StateDocument
    from statecheck.workspaces import View


@rule("T404", "gate-skipped", "error", source="state-management.md, Status Values")
def gate_skipped(state: StateDocument) -> Iterator[Violation]:
    """A phase that is done passed all gates: work, confirmation, verification.

    What holds
    done has iterations_used and confirmations_used of at least 1, verification_passed true, and completed_at; verifying
    has confirmations_used of at least 1.

    Why
    "Passed all gates" is what the next phase builds on. Agents mark work done that nobody verified, and the record says
    so: the count is 0, or not there.

    Example
    Bad:  "status": "done", "iterations_used": 3
    Good: "status": "done", "iterations_used": 3, "confirmations_used": 1, "verification_passed": true,
          "completed_at": "2026-01-16T11:00:00Z"

    Fix
    Unsafe: the status goes back to the first gate that is missing, without completed_at, and without
    verification_passed where that comes later. The file as it was is kept in the quarantine.
    """
    for name, phase in task_phases(state).items():
        status = phase.get("status")
        lacking = list(_lacking(phase)) if status == "done" else []
        if status == "verifying" and not (whole_number(phase.get("confirmations_used")) or 0):
            lacking = [("confirmations_used of at least 1", "confirming")]
        if lacking:
            yield at(
                state,
                state.span(("phases", name, "status")),
                f"phase {name} is {status} without {listed([word for word, _ in lacking])}",
                hint=f"go on from {lacking[0][1]}; write {status} when it is",
                subject=f"/phases/{name}",
                facts={"phase": name, "status": lacking[0][1]},
            )


def _lacking(phase: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a phase lacks that is done, each with the status in which it is got."""
    if not (whole_number(phase.get("iterations_used")) or 0):
        yield "iterations_used of at least 1", "in_progress"
    if not (whole_number(phase.get("confirmations_used")) or 0):
        yield "confirmations_used of at least 1", "confirming"
    if phase.get("verification_passed") is not True:
        yield "verification_passed", "verifying"
    if not phase.get("completed_at"):
        yield "completed_at", "verifying"


@rule("T408", "timeout-unmarked", "error", source="state-management.md, Phase Timeout and Status Values")
def timeout_unmarked(state: StateDocument, workspace: View) -> Iterator[Violation | Skipped]:
    """A phase that used up its iterations is marked as timeout, and only such a phase is.

    What holds
    A phase is not in_progress once progress.md has the entry of its iteration MAX without its DONE. A phase in timeout
    has iterations_used of at least max_iterations.

    Why
    At the maximum a person decides: more iterations, simpler criteria, or help. A phase that just goes on never asks.

    Example
    Bad:  "status": "in_progress", "max_iterations": 5, and an entry "## R1 - Iteration 5" without R1_DONE
    Good: "status": "timeout", "iterations_used": 5, "max_iterations": 5

    Fix
    Safe, for a phase that used up its iterations: the status timeout, iterations_used and, for the current phase,
    current_iteration up to the maximum, and `updated` up to the time of the entry. None for a timeout that came too
    early.
    """
    progress = workspace.document("progress")
    for name, phase in task_phases(state).items():
        most, used = whole_number(phase.get("max_iterations")), whole_number(phase.get("iterations_used")) or 0
        if most is None:
            continue
        if phase.get("status") == "timeout" and used < most:
            yield at(
                state,
                state.span(("phases", name, "status")),
                f"phase {name} is in timeout after {used} of {most} iterations",
                hint="go on in_progress, or say why it stopped: blocked",
                subject=f"/phases/{name}",
            )
        elif phase.get("status") == "in_progress" and progress is not None:
            if not progress.usable:
                problem = progress.problems[0]
                yield Skipped(progress.path, problem.message, problem.code)
                return
            last = _last_without_done(name, most, workspace)
            if last is not None:
                yield at(
                    state,
                    state.span(("phases", name, "status")),
                    f"phase {name} is in_progress, and iteration {last.iteration} of {most} is logged without a DONE",
                    hint="mark it as timeout, and ask: raise the maximum, simplify the criteria, or help",
                    subject=f"/phases/{name}",
                    facts={"phase": name, "most": most, "used": used, "time": last.time_text},
                )


def _last_without_done(phase: str, most: int, workspace: View) -> Entry | None:
    """Return the entry of a phase's iteration MAX, or of a later one, where none from there on says DONE."""
    log = read_work_log(workspace, {})
    late = log.work_from(phase, most) if log is not None else []
    return late[-1].entry if late and not any(each.fields.done for each in late) else None
