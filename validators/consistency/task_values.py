"""What the rules about tasks need and cannot have: a file that is missing, a value of another form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import DOMAINS, kept, show, task_phases, whole_number
from statecheck.rules import Skipped
from statecheck.workspaces import MACHINES, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from statecheck.documents import StateDocument
    from statecheck.workspaces import View

SKIPPED = frozenset({"blocked", "timeout"})
"""The statuses with which a phase may be passed over (state-management.md, Recovery Scenarios)."""

_REQUIRED = frozenset({"slug", "created", "updated", "domain", "phase", "status", "max_iterations"})
_TEXTS = ("slug", "created", "updated")
_OF_TASK = (*_TEXTS, "domain", "phase", "current_phase", "current_iteration")
_OF_PHASES = (
    "status",
    "iterations_used",
    "confirmations_used",
    "max_iterations",
    "completed_at",
    "verification_passed",
)


def status_of(phase: dict[str, Any]) -> str | None:
    """Return the status of a phase, a near miss of its spelling included, or None where it is none."""
    return MACHINES["phase"].state(phase.get("status"))


@kept
def statuses_of(state: StateDocument) -> dict[str, str | None]:
    """Return the statuses of the phases of a task that are objects, by name."""
    return {name: status_of(phase) for name, phase in task_phases(state).items()}


def reached(state: StateDocument, stage: str) -> bool:
    """Say whether a task has come to one of the task phases, or beyond it."""
    stages = list(MACHINES["task"].edges)
    here = MACHINES["task"].state(state.value.get("phase")) if isinstance(state.value, dict) else None
    return here is not None and stages.index(here) >= stages.index(stage)


def absent(role: str, workspace: View) -> Iterator[Skipped]:
    """Yield that a document is missing which the task should have by now."""
    path = lacking(workspace).get(role)
    if path is not None:
        yield Skipped(path, "it does not exist", "X605")


def unusable(state: StateDocument, *keys: str, of_phases: tuple[str, ...] | None = None) -> Iterable[Skipped]:
    """Return which of these values of a task, and of its phases, cannot be used: missing, or of another form."""
    return () if _is_usable(state) else _unusable(state, keys, of_phases)


@kept
def _is_usable(state: StateDocument) -> bool:
    """Say whether all values can be used that rules ask for: then none of them has to look again."""
    return next(_unusable(state, _OF_TASK, _OF_PHASES), None) is None


def _unusable(state: StateDocument, keys: tuple[str, ...], of_phases: tuple[str, ...] | None) -> Iterator[Skipped]:
    if not isinstance(state.value, dict):
        yield Skipped(state.path, "the document is no object", "S103")
        return
    yield from _bad(state, state.value, keys, "")
    phases = state.value.get("phases", {})
    if of_phases is not None and not isinstance(phases, dict):
        yield Skipped(state.path, "phases is no object", "S103")
    elif of_phases is not None:
        for name, phase in phases.items():
            if isinstance(phase, dict):
                yield from _bad(state, phase, of_phases, f" of phase {name}")
            else:
                yield Skipped(state.path, f"phase {name} is no object", "S103")


def _bad(state: StateDocument, holder: dict[str, Any], keys: tuple[str, ...], owner: str) -> Iterator[Skipped]:
    for key in keys:
        if key in holder and not _FORMS[key](holder[key]):
            yield Skipped(state.path, f"{key}{owner} is {show(holder[key])}", "S103")
        elif key not in holder and key in _REQUIRED:
            yield Skipped(state.path, f"{key}{owner} is missing", "S103")


def _is_count(value: object) -> bool:
    return whole_number(value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_FORMS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(_TEXTS, _is_text),
    **dict.fromkeys(("current_phase", "completed_at"), lambda value: value is None or isinstance(value, str)),
    **dict.fromkeys(("current_iteration", "iterations_used", "confirmations_used", "max_iterations"), _is_count),
    "domain": lambda value: value in DOMAINS,
    "phase": lambda value: MACHINES["task"].state(value) is not None,
    "status": lambda value: MACHINES["phase"].state(value) is not None,
    "verification_passed": lambda value: isinstance(value, bool),
}
