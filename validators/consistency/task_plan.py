"""X611, X613 and X615: what the plan and the brief say of a task agrees with its state.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import (
    DOMAINS,
    is_certainly_before,
    show,
    task_phases,
    timestamp_or_none,
    whole_number,
)
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, listed, on_line, rule

from .task_values import SKIPPED, absent, reached, status_of, statuses_of, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Field, MarkdownDocument, Plan, PlanPhase, StateDocument
    from statecheck.workspaces import View

ACTIVE = frozenset({"in_progress", "confirming", "verifying"})
BEGUN = ACTIVE | {"done", "timeout"}


@rule("X611", "plan-state-mismatch", "error", "warning", source="state-management.md, state.json Schema and plan.md")
def plan_state_mismatch(
    state: StateDocument, workspace: View, plan: MarkdownDocument | None = None
) -> Iterator[Violation | Skipped]:
    """The plan and the state have the same phases.

    What holds
    Each phase that plan.md lists is in state.json, and each phase of state.json is in the plan. Max iterations of the
    plan is max_iterations of the state, and a phase is checked exactly when it is done: else it is a warning. Where
    one of the two has no phases yet, nothing is said.

    Why
    The plan says what to do, the state how far it is. A phase that only one of them has is never begun, or is worked on
    without criteria.

    Example
    Bad:  - [ ] **R2**: Evaluate      where R2 is done
    Good: - [x] **R2**: Evaluate

    Fix
    Safe: the box of a phase that is done is checked. Unsafe: that of a phase that is not done is unchecked; the plan as
    it was is kept in the quarantine. For anything else none.
    """
    yield from unusable(state, of_phases=("status", "max_iterations"))
    written = state.value.get("phases") if isinstance(state.value, dict) else None
    if not isinstance(written, dict) or not written:
        return
    if plan is None:
        yield from absent("plan", workspace)
        return
    planned = plan.plan
    if not planned.ids:
        return
    for each in planned.phases:
        if each.id is not None and each.id in written:
            yield from _phase_disagrees(plan, each, state)
        elif each.id is not None:
            yield at(
                plan,
                each.text,
                f"phase {each.id} is in the plan, and not in state.json",
                hint=f"add {each.id} to phases, or take it out of the plan",
                subject=f"phase {each.id}",
            )
    for name in written:
        if name in planned.ids:
            continue
        if len(planned.ids) < len(planned.phases):
            yield Skipped(plan.path, f"whether the plan has phase {name} cannot be seen: some have no id", "S111")
            continue
        yield at(
            state,
            state.span(("phases", name)),
            f"phase {name} is in state.json, and not in the plan",
            hint=f"add {name} to plan.md, or take it out of phases",
            subject=f"/phases/{name}",
        )


def _phase_disagrees(plan: MarkdownDocument, phase: PlanPhase, state: StateDocument) -> Iterator[Violation]:
    """Yield where plan and state say something else of a phase that both have."""
    found = task_phases(state).get(phase.id or "")
    if found is None:
        return
    most = whole_number(found.get("max_iterations"))
    if most is not None and phase.maximum is not None and phase.maximum != most:
        yield at(
            plan,
            phase.fields["max iterations"].span,
            f"Max iterations of phase {phase.id} is {phase.maximum}, and max_iterations in state.json is {most}",
            hint="write the number that was agreed on in both",
            severity="warning",
            subject=f"phase {phase.id} Max iterations",
            related=(_place_of(phase, state),),
        )
    status, checked = status_of(found), phase.item.checked
    if phase.box is not None and status is not None and checked is not (status == "done"):
        yield at(
            plan,
            phase.box,
            f"phase {phase.id} is {'checked' if checked else 'unchecked'} but state.json says {status}",
            hint="check it" if status == "done" else "uncheck it, or write done once it is",
            severity="warning",
            subject=f"phase {phase.id} box",
            related=(_place_of(phase, state),),
            facts={"box": phase.box, "done": status == "done"},
        )


def _place_of(phase: PlanPhase, state: StateDocument) -> Related:
    """Return where the state has a phase of the plan."""
    line = state.place(state.span(("phases", phase.id or ""))).line
    return Related(state.path, line, f"phase {phase.id}")


@rule("X613", "metadata-mismatch", "warning", source="state-management.md, state.json Schema, brief.md and plan.md")
def metadata_mismatch(
    state: StateDocument,
    workspace: View,
    brief: MarkdownDocument | None = None,
    plan: MarkdownDocument | None = None,
) -> Iterator[Violation | Skipped]:
    """The brief, the plan and the state say the same of the task.

    What holds
    Domain in brief.md and in plan.md is `domain` of state.json, and Created in brief.md is its `created`, compared at
    the coarser precision.

    Why
    The domain decides how a task is worked on and judged. Files that disagree are of two tasks, or one of them is old.

    Example
    Bad:  **Domain:** writing       in brief.md, where state.json has  "domain": "research"
    Good: **Domain:** research

    Fix
    Unsafe: the value of state.json; the file as it was is kept in the quarantine.
    """
    yield from unusable(state, "domain", "created")
    value = state.value if isinstance(state.value, dict) else {}
    domain, created = value.get("domain"), value.get("created")
    for role, document in (("brief", brief), ("plan", plan)):
        if document is None:
            yield from absent(role, workspace)
            continue
        head = {field.name: field for field in reversed(document.markdown.head) if field.value}
        if "Domain" in head and domain in DOMAINS and head["Domain"].value.strip("`* ") != domain:
            yield _differs(document, head["Domain"], "domain", domain)
        if role == "brief" and "Created" in head and isinstance(created, str):
            yield from _created_differs(document, head["Created"], state, created)


def _created_differs(
    brief: MarkdownDocument, field: Field, state: StateDocument, created: str
) -> Iterator[Violation | Skipped]:
    here, there = timestamp_or_none(field.value.strip("`* ")), timestamp_or_none(created)
    if there is None:
        yield Skipped(state.path, f"created is {show(created)}, which is no timestamp", "S105")
    elif here is not None and (is_certainly_before(here, there) or is_certainly_before(there, here)):
        yield _differs(brief, field, "created", created)


def _differs(document: MarkdownDocument, field: Field, key: str, value: str) -> Violation:
    return at(
        document,
        field.span,
        f"{field.name} is {field.value}, and {key} in state.json is {value}",
        hint="write the same in both",
        subject=field.name,
        facts={"span": field.span, "value": value, "name": field.name},
    )


@rule("X615", "dependency-order", "error", source="state-management.md, plan.md Template, Dependencies; Blocked Phase")
def dependency_order(
    state: StateDocument, workspace: View, plan: MarkdownDocument | None = None
) -> Iterator[Violation | Skipped]:
    """A phase runs when those that it depends on are done.

    What holds
    A phase that was begun depends on none that is pending or active: those are done, or were skipped, blocked or in
    timeout. What depends on what, the lines with arrows in the plan's section Dependencies say: `R1 → R2, R3 → R4`.
    They name exactly the plan's phases. Without such a section the plan's order holds; prose says nothing. At most one
    phase is active (in_progress, confirming or verifying), and it is current_phase.

    Why
    A phase builds on what those before it left. What was begun before them was built on nothing.

    Example
    Bad:  R1 pending, R2 in_progress, and  R1 → R2
    Good: R1 done, R2 in_progress

    Fix
    None: either the order or a status is wrong.
    """
    yield from unusable(state, "current_phase", of_phases=("status",))
    statuses = statuses_of(state)
    yield from _active(state, statuses)
    if plan is not None:
        yield from _order(state, statuses, plan, plan.plan)
    elif len(statuses) > 1:
        yield from absent("plan", workspace)


def _active(state: StateDocument, statuses: dict[str, str | None]) -> Iterator[Violation | Skipped]:
    """Yield the active phases that are not the one that may be."""
    active = [name for name, status in statuses.items() if status in ACTIVE]
    if not active:
        return
    current = state.value.get("current_phase")
    known = current in statuses if isinstance(current, str) else current is None and "current_phase" in state.value
    if not known and isinstance(current, str):
        yield Skipped(state.path, f"phase {current} is not there", "X607")
    elif "current_phase" not in state.value and reached(state, "execute"):
        yield Skipped(state.path, "current_phase is missing", "S103")
    if len(active) > 1:
        every = listed([f"{name} ({statuses[name]})" for name in active])
        message = f"phases {every} are {'both' if len(active) == 2 else 'all'} active"
    elif known and active[0] != current:
        message = f"phase {active[0]} is {statuses[active[0]]}, and current_phase is {show(current)}"
    else:
        return
    name = [each for each in active if each != current][-1]
    yield at(
        state,
        state.span(("phases", name, "status")),
        message,
        hint="work on one phase at a time, and name it in current_phase",
        subject=f"/phases/{name} active",
    )


def _order(
    state: StateDocument, statuses: dict[str, str | None], plan: MarkdownDocument, planned: Plan
) -> Iterator[Violation | Skipped]:
    """Yield the phases that were begun before those that they depend on; of two that are active, `_active` speaks."""
    names, ids = planned.dependencies.names, set(planned.ids)
    if names and len(planned.ids) < len(planned.phases):
        yield Skipped(plan.path, "whether Dependencies names the plan's phases cannot be seen: some have no id", "S111")
    elif names and names != ids:
        wrong = [f"lacks {listed(sorted(ids - names))}"] if ids - names else []
        wrong += [f"names {listed(sorted(names - ids))}, which the plan has not"] if names - ids else []
        yield on_line(
            plan,
            planned.dependencies.chains[0][0],
            f"Dependencies {listed(wrong)}",
            hint="name each phase of the plan",
            subject="Dependencies",
        )
    for name, needed in planned.needed().items():
        settled = (None, "done", *SKIPPED, *(ACTIVE if statuses.get(name) in ACTIVE else ()))
        open_ones = [each for each in needed if statuses.get(each) not in settled]
        if statuses.get(name) in BEGUN and open_ones:
            yield at(
                state,
                state.span(("phases", name, "status")),
                f"phase {name} is {statuses[name]}, and depends on {listed(open_ones)}, "
                f"which {'is' if len(open_ones) == 1 else 'are'} not done",
                hint=f"finish {listed(open_ones)} first",
                subject=f"/phases/{name}",
            )
