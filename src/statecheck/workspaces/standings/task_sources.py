"""What the files of a task say of where it stands, and where they disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import MarkdownDocument, Plan, StateDocument, task_phases, whole_number
from statecheck.standing import Conflict, Fact
from statecheck.tuples import NamedTuple
from statecheck.workspaces.declared import PHASE, TASK
from statecheck.workspaces.logged import Logged, logged_in_order
from statecheck.workspaces.standings.facts import stated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.workspaces.view import View

_LOG_DIFFERS = "progress.md is only ever added to: bring state.json up to it, or find out which of them was forgotten"


class TaskState(NamedTuple):
    """state.json, whatever form its values have; what it does not say, or says wrongly, is None."""

    document: StateDocument

    @property
    def value(self) -> dict[str, Any]:
        """The object that the file holds, empty where it holds none."""
        return self.document.value if isinstance(self.document.value, dict) else {}

    @property
    def task_phase(self) -> str | None:
        """The phase that the task is in: discover, plan, execute …"""
        return TASK.state(self.value.get("phase"))

    @property
    def current(self) -> str | None:
        """The name of the current phase of its plan."""
        name = self.value.get("current_phase")
        return name if isinstance(name, str) and name else None

    @property
    def phase(self) -> dict[str, Any]:
        """What it says of the current phase."""
        return task_phases(self.document).get(self.current or "", {})

    @property
    def status(self) -> str | None:
        """The status of the current phase."""
        return PHASE.state(self.phase.get("status"))

    @property
    def iteration(self) -> int | None:
        """The current iteration."""
        return whole_number(self.value.get("current_iteration"))

    def is_current(self, entry: Logged | None) -> bool:
        """Say whether an entry of the log is of the current phase."""
        return entry is not None and (entry.entry.phase or "").lower() == (self.current or "").lower()


def work_entries(workspace: View) -> list[Logged]:
    """Return the work entries of the log that name their phase, in order."""
    logged = logged_in_order(workspace, "progress")
    return [each for each in logged if each.entry.kind == "work" and each.entry.phase]


def plan_of(workspace: View) -> tuple[MarkdownDocument, Plan] | None:
    """Return the plan, and the file that it is in, or None where it is missing or damaged."""
    document = workspace.document("plan")
    if not isinstance(document, MarkdownDocument) or not document.usable:
        return None
    return document, document.plan


def task_conflicts(workspace: View, state: TaskState) -> Iterator[Conflict]:
    """Yield where state.json, which is read first, and what is read after it disagree."""
    work = work_entries(workspace)
    if work and state.current is not None:
        yield from _against_log(state, work)
    plan = plan_of(workspace)
    if plan is not None:
        yield from _against_plan(state, *plan)


def _against_log(state: TaskState, work: list[Logged]) -> Iterator[Conflict]:
    """Yield what the last entry says otherwise, of which nobody but its writer knows whether it counts."""
    document, last = state.document, work[-1]
    place = last.document.path, last.entry.heading.line + 1
    if not state.is_current(last):
        if any(map(state.is_current, work)):
            ours = stated("phase", document, ("current_phase",), state.current)
            yield Conflict("phase", (ours, Fact("phase", last.entry.phase or "", *place)), None, _LOG_DIFFERS)
        return
    if state.iteration is not None and last.entry.iteration is not None and last.entry.iteration > state.iteration:
        ours = stated("iteration", document, ("current_iteration",), state.iteration)
        theirs = Fact("iteration", str(last.entry.iteration), *place)
        yield Conflict("iteration", (ours, theirs), None, _LOG_DIFFERS)
    if last.fields.done and state.status == "in_progress":
        ours = stated("status", document, ("phases", state.current or "", "status"), state.status)
        theirs = Fact("status", f"{last.entry.phase}_DONE", *place)
        yield Conflict(f"status of phase {state.current}", (ours, theirs), None, _LOG_DIFFERS)


def _against_plan(state: TaskState, document: MarkdownDocument, plan: Plan) -> Iterator[Conflict]:
    phases = task_phases(state.document)
    for each in plan.phases:
        status = PHASE.state(phases.get(each.id or "", {}).get("status"))
        if each.id is None or status is None or each.item.checked in (None, status == "done"):
            continue
        box = "checked" if each.item.checked else "unchecked"
        claims = (
            stated("status", state.document, ("phases", each.id, "status"), status),
            Fact("status", box, document.path, each.item.line + 1),
        )
        yield Conflict(f"status of phase {each.id}", claims, state.document.path, "state.json is read first")
