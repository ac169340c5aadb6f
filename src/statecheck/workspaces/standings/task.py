"""Where a task of iterative work stands (state-management.md, Recovery Scenarios).

state.json says the phase and the iteration, the last entry of progress.md what remains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import task_phases, whole_number
from statecheck.standing import Fact, Standing
from statecheck.workspaces.logged import Logged, logged_in_order
from statecheck.workspaces.standings.facts import logged, member, said, stated, text_of, undecided
from statecheck.workspaces.standings.task_sources import TaskState, plan_of, task_conflicts, work_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.workspaces.view import View

_TASK_PHASES = {
    "discover": "go on gathering requirements, for brief.md",
    "plan": "go on decomposing the task into phases, for plan.md",
    "verify": "go on reviewing the completed work",
    "deliver": "go on with the final packaging",
}
"""What is done in the phases of a task that have no iterations (state-management.md, Phase Values)."""

_LOST = "restore or rebuild state.json first: nothing that can be read says the phase and the iteration"


def task_standing(workspace: View) -> Standing:
    """Return where a task stands."""
    document, work = workspace.usable("state"), work_entries(workspace)
    state, last = None if document is None else TaskState(document), work[-1] if work else None
    facts = [] if state is None else list(_state_facts(state))
    facts += [] if last is None else _last_facts(last)
    facts += [] if state is None else _plan_facts(workspace, state)
    facts += _guardrails(workspace)
    conflicts = () if state is None else tuple(task_conflicts(workspace, state))
    over = workspace.ended or (state is not None and state.task_phase == "complete")
    if over:
        following = f"nothing to resume: the task is {'archived' if workspace.ended else 'complete'}"
    elif state is None:
        told = "" if last is None else f"; the last entry of progress.md is {last.entry.heading.text!r}{_rest(facts)}"
        following = f"{_LOST}{told}"
    else:
        following = undecided(conflicts) or _next(state, last, facts)
    return Standing(workspace.kind.name, workspace.folder, over, following, tuple(facts), conflicts)


def _state_facts(state: TaskState) -> Iterator[Fact]:
    document = state.document
    yield from member("task", document, "task")
    yield from member("task phase", document, "phase")
    yield from member("phase", document, "current_phase")
    yield from member("iteration", document, "current_iteration")
    for name, key in (("status", "status"), ("max iterations", "max_iterations")):
        if state.current is not None and state.phase.get(key) is not None:
            yield stated(name, document, ("phases", state.current, key), state.phase[key])
    statuses = [f"{name} {text_of(phase.get('status'))}" for name, phase in task_phases(document).items()]
    if statuses:
        yield stated("phases", document, ("phases",), ", ".join(statuses))
    yield from member("updated", document, "updated")


def _last_facts(last: Logged) -> Iterator[Fact]:
    yield Fact("last entry", last.entry.heading.text, last.document.path, last.entry.heading.line + 1)
    for field in ("Remaining", "Blockers", "Signal"):
        yield from logged(field.lower(), last, field)


def _plan_facts(workspace: View, state: TaskState) -> Iterator[Fact]:
    """Yield what the plan says of the current phase."""
    plan = plan_of(workspace)
    if plan is None or state.current is None:
        return
    path = plan[0].path
    for phase in plan[1].phases:
        if phase.id == state.current:
            yield Fact("title", phase.title, path, phase.item.line + 1)
            named = ((name, phase.fields.get(name)) for name in ("criteria", "output"))
            yield from (Fact(name, each.value, path, each.line + 1) for name, each in named if each is not None)


def _guardrails(workspace: View) -> Iterator[Fact]:
    """Yield how many guardrails there are: they are read before any iteration."""
    entries = logged_in_order(workspace, "guardrails")
    if entries:
        told = f"{len(entries)}, to be read before any iteration"
        yield Fact("guardrails", told, entries[0].document.path, entries[0].entry.heading.line + 1)


def _next(state: TaskState, last: Logged | None, facts: Sequence[Fact]) -> str:
    if state.task_phase != "execute":
        unknown = "first settle the phase of the task: state.json has none that is known"
        return _TASK_PHASES.get(state.task_phase or "", unknown)
    name, waits = state.current, said(facts, "blockers") if state.is_current(last) else None
    if name is None or state.status is None:
        return "first settle the current phase: state.json has none whose status is known"
    rest = _rest(facts) if state.is_current(last) else ""
    return {
        "pending": f"start phase {name}",
        "in_progress": f"resume phase {name} {_progress(state, last)}{rest}",
        "confirming": f"go on with the confirmation of phase {name}, whose work was declared done{rest}",
        "verifying": f"go on with the verification of phase {name}, whose confirmation passed{rest}",
        "done": f"phase {name} is done: start the next one, or verify the task",
        "blocked": f"phase {name} is blocked{f' ({waits})' if waits else ''}: ask for input, or go to one that is not",
        "timeout": f"phase {name} has used up its iterations: ask whether to allow more, ask for less, or intervene",
    }[state.status]


def _progress(state: TaskState, last: Logged | None) -> str:
    """Return how far the iterations of the current phase are, and whether the log has the current one."""
    most = whole_number(state.phase.get("max_iterations"))
    limit = f" of {most}" if most is not None else ""
    if state.iteration is None:
        return "at an iteration that is not known"
    if state.iteration == 0:
        return f"with iteration 1{limit}"
    if state.is_current(last) and last is not None and last.entry.iteration == state.iteration:
        return f"after iteration {state.iteration}{limit}"
    return f"in iteration {state.iteration}{limit}, which is not logged"


def _rest(facts: Sequence[Fact]) -> str:
    remaining = said(facts, "remaining")
    return f"; Remaining: {remaining}" if remaining is not None else ""
