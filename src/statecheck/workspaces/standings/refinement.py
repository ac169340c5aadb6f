"""Where a refinement stands: its newest entry and decision, and the violations that are left (persist.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import Constraint, leading_number, number_of, read_constraints, read_statuses
from statecheck.standing import Conflict, Fact, Standing
from statecheck.workspaces.artifacts import manifest_time
from statecheck.workspaces.logged import Counted, counted_in_order
from statecheck.workspaces.standings.facts import logged, member, said, stated, undecided

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.workspaces.view import View

_COUNT = "Blocking violations remaining"


def refinement_standing(workspace: View) -> Standing:
    """Return where a refinement stands."""
    entry, decision = _newest(workspace, "log"), _newest(workspace, "decisions")
    violated = _violated(workspace, entry)
    facts = [*_logged_facts(entry, decision), *_constraint_facts(violated), *_manifest_facts(workspace)]
    conflicts = tuple(_conflicts(entry, decision, violated))
    verdicts = [each.logged.fields.verdict for each in (decision, entry) if each is not None]
    verdict = next((each for each in verdicts if each is not None), None)
    open_question = undecided(conflicts)
    over = verdict == "terminate" and open_question is None
    following = open_question or _next(entry or decision, verdict, facts)
    return Standing(workspace.kind.name, workspace.folder, over, following, tuple(facts), conflicts)


def _newest(workspace: View, role: str) -> Counted | None:
    entries = counted_in_order(workspace, role)
    return entries[-1] if entries else None


def _violated(workspace: View, entry: Counted | None) -> list[tuple[Fact, Constraint | None]] | None:
    """Return the constraints that the newest entry calls violated; None where not all that it says is understood."""
    document = workspace.usable("constraints")
    if document is None or entry is None:
        return None
    known = {each.id: each for each in read_constraints(document).found}
    log = entry.logged
    statuses = read_statuses(log.document.markdown, log.fields, known.keys())
    if statuses is None or not statuses.understood or any(each.satisfied is None for each in statuses.said):
        return None
    lines = ((each, log.document.place(each.span).line) for each in statuses.said if not each.satisfied)
    return [(Fact("violated", each.id, log.document.path, line), known.get(each.id)) for each, line in lines]


def _logged_facts(entry: Counted | None, decision: Counted | None) -> Iterator[Fact]:
    newest = entry or decision
    if newest is None:
        return
    counted = list(logged("iteration", decision.logged, "Iteration")) if decision is not None else []
    yield from counted or [_heading("iteration", newest)]
    if entry is not None:
        yield from logged("convergence", entry.logged, "Convergence")
        yield from logged("reason", entry.logged, "Reason")
    if decision is not None:
        for name in ("Decision", _COUNT, "Next focus"):
            yield from logged(name.lower(), decision.logged, name)


def _constraint_facts(violated: Sequence[tuple[Fact, Constraint | None]] | None) -> Iterator[Fact]:
    for fact, constraint in violated or ():
        severity = constraint.value.get("severity") if constraint is not None else None
        yield fact._replace(value=f"{fact.value} ({severity})" if isinstance(severity, str) else fact.value)


def _manifest_facts(workspace: View) -> Iterator[Fact]:
    manifest = workspace.usable("manifest")
    if manifest is None or not isinstance(manifest.value, dict):
        return
    yield from member("artifact type", manifest, "artifact_type")
    variants = manifest.value.get("variants")
    if isinstance(variants, list):
        yield stated("variants", manifest, ("variants",), len(variants))
    field = manifest_time(manifest)[0]
    yield from member("generated", manifest, field) if field else ()


def _conflicts(
    entry: Counted | None, decision: Counted | None, violated: Sequence[tuple[Fact, Constraint | None]] | None
) -> Iterator[Conflict]:
    """Yield where the two logs disagree. No document says which counts: both are written by one Persist."""
    if entry is None or decision is None:
        return
    if entry.iteration != decision.iteration:
        reason = "a Persist was interrupted: write the entry, or the decision, that the other log lacks"
        yield Conflict("iteration", (_heading("iteration", entry), _heading("iteration", decision)), None, reason)
        return
    words = entry.logged.fields.verdict, decision.logged.fields.verdict
    if None not in words and words[0] != words[1]:
        claims = (*logged("convergence", entry.logged, "Convergence"), *logged("decision", decision.logged, "Decision"))
        yield Conflict("convergence", claims, None, "an iteration has one verdict: write an entry that says which")
    count = decision.logged.fields.field(_COUNT)
    number = leading_number(count.value) if count is not None else None
    blocking = [fact for fact, each in violated or () if each is not None and each.blocking]
    if count is not None and number is not None and violated is not None and number != len(blocking):
        told = Fact(_COUNT.lower(), count.value, decision.logged.document.path, count.line + 1)
        listing = ", ".join(each.value for each in blocking) or "none"
        first = blocking[0] if blocking else _heading("violated", entry)
        listed = first._replace(value=f"{len(blocking)}: {listing}")
        yield Conflict("count of blocking violations", (listed, told), None, "check the blocking constraints again")


def _heading(name: str, each: Counted) -> Fact:
    return Fact(name, str(each.iteration), each.logged.document.path, each.logged.entry.heading.line + 1)


def _next(newest: Counted | None, verdict: str | None, facts: Sequence[Fact]) -> str:
    if newest is None:
        return "begin with iteration 1: no iteration is logged that can be read"
    counted = said(facts, "iteration") or ""
    limit = number_of(counted)
    of = f" of {limit[1]}" if limit is not None else ""
    left = said(facts, _COUNT.lower())
    rest = f"; {_COUNT.lower()}: {left}" if left not in (None, "0") else ""
    if verdict == "terminate":
        return f"nothing to resume: it terminated with iteration {newest.iteration}{of}{rest}"
    if verdict != "continue":
        return f"first settle whether it goes on: iteration {newest.iteration}{of} says neither continue nor terminate"
    if limit is not None and newest.iteration >= limit[1]:
        return f"iteration {newest.iteration}{of} was the last: terminate, or ask for more{rest}"
    focus = said(facts, "next focus")
    return f"go on with iteration {newest.iteration + 1}{of}{f'; Next focus: {focus}' if focus else ''}{rest}"
