"""State files made anew from what the other files of a workspace say; what they do not say is left out and named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from statecheck.documents import (
    DOMAINS,
    MarkdownDocument,
    PlanPhase,
    StateDocument,
    timestamp_or_none,
)
from statecheck.tuples import NamedTuple
from statecheck.workspaces.initiatives import MILESTONE_FIELDS, active_folders, folder_name
from statecheck.workspaces.work import read_work_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.documents import WorkLog
    from statecheck.workspaces.view import View

_TASK = ("task", "slug", "created", "updated", "domain", "phase", "current_phase", "current_iteration", "phases")
_INITIATIVE = ("name", "status", "currentMilestone", "lastUpdated")


class Rebuilt(NamedTuple):
    """A state file that was made anew, and what of it is not known."""

    content: bytes
    source: str
    unknown: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What was done, for people."""
        lacking = f"; not known: {', '.join(self.unknown)}" if self.unknown else ""
        return f"rebuild it from {self.source}{lacking}"


def rebuild_initiative(workspace: View) -> Rebuilt | None:
    """Return initiative.json from WORKFLOW-STATUS.yaml, else from the active folder; None where there is not just one.

    persistence-architecture.md, Read Protocol 4.
    """
    folders = active_folders(workspace)
    if len(folders) != 1:
        return None
    document = next(iter(workspace.documents("workflow_status")), None)
    if document is None:
        return _rebuilt({"name": folders[0]}, "the folder", ("status", "lastUpdated"))
    if not isinstance(document, StateDocument) or not document.usable or not isinstance(document.value, dict):
        return None
    value = document.value
    spec = workspace.spec("workflow_status")
    clocks = [clock.lstrip("/") for clock in spec.clocks] if spec is not None else []
    known = {
        "name": value.get("name") or folder_name(document.path),
        "status": value.get("status"),
        "currentMilestone": next((value[each] for each in MILESTONE_FIELDS if each in value), None),
        "lastUpdated": next((value[each] for each in clocks if each in value), None),
    }
    needed = [name for name in ("status", "lastUpdated") if known[name] is None]
    found = {name: known[name] for name in _INITIATIVE if known[name] is not None}
    return _rebuilt(found, "WORKFLOW-STATUS.yaml", needed)


def rebuild_task(workspace: View) -> Rebuilt | None:
    """Return state.json from plan.md, progress.md and brief.md, or None where there is no plan to be read.

    state-management.md, Recovery Scenarios. Whether a phase was confirmed and verified no log tells: of one that was
    worked on before the last, the status is left out.
    """
    plan, brief = (_markdown(workspace, role) for role in ("plan", "brief"))
    listed = [each for each in plan.plan.phases if each.id is not None] if plan is not None else []
    if plan is None or not listed:
        return None
    log = read_work_log(workspace, {})
    last = log.last if log is not None else None
    phases = {each.id: _phase(each, log) for each in listed if each.id is not None}
    known = {
        "task": _title(plan, " - Phases") or _title(brief, ""),
        "slug": workspace.name,
        "created": _head(brief, "created") if timestamp_or_none(_head(brief, "created")) else None,
        "updated": last.time_text if last is not None and last.time is not None else None,
        "domain": next((word for word in (_head(plan, "domain"), _head(brief, "domain")) if word in DOMAINS), None),
        "current_phase": next((each.id for each in listed if last and _same(each.id, last.phase)), None),
        "phases": phases,
    }
    unknown = [name for name in _TASK if known.get(name) is None]
    unknown += [f"the status of {name}" for name, phase in phases.items() if "status" not in phase]
    found = {name: known[name] for name in _TASK if known.get(name) is not None}
    return _rebuilt(found, "plan.md and progress.md", unknown)


def _phase(planned: PlanPhase, log: WorkLog | None) -> dict[str, Any]:
    """Return what is known of a phase."""
    name = planned.id or ""
    found: dict[str, Any] = {}
    if log is None or not log.has_work(name):
        found["status"] = "pending"
    else:
        if _same(name, log.last.phase if log.last is not None else None):
            found["status"] = "confirming" if log.says_done(name) else "in_progress"
        found["iterations_used"] = len(log.iterations(name))
    if planned.maximum is not None:
        found["max_iterations"] = planned.maximum
    return found


def _markdown(workspace: View, role: str) -> MarkdownDocument | None:
    document = workspace.document(role)
    return document if isinstance(document, MarkdownDocument) and document.usable else None


def _title(document: MarkdownDocument | None, ending: str) -> str | None:
    heading = next((each for each in document.markdown.headings if each.level == 1), None) if document else None
    if heading is None or not heading.text.endswith(ending):
        return None
    return heading.text.removesuffix(ending).strip() or None


def _head(document: MarkdownDocument | None, name: str) -> str | None:
    fields = document.markdown.head if document is not None else []
    return next((each.value for each in fields if each.name.lower() == name), None)


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.lower() == other.lower()


def _rebuilt(value: dict[str, Any], source: str, unknown: Sequence[str]) -> Rebuilt:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return Rebuilt(f"{text}\n".encode("utf-8", "surrogatepass"), source, tuple(unknown))
