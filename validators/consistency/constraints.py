"""X622, X623, X624 and X626: constraints.json and the logs speak of the same constraints, and say the same of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import (
    admits_field,
    is_certainly_before,
    leading_number,
    looks_like_time,
    read_constraints,
    read_statuses,
    show,
    timestamp_or_none,
)
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, listed, rule
from statecheck.workspaces import counted_in_order, logged_in_order

from .refinement import LOGS, counts_now, either_is_new, paired, unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.documents import (
        Constraint,
        Constraints,
        ConstraintStatus,
        ConstraintStatuses,
        StateDocument,
        Timestamp,
    )
    from statecheck.rules import Context
    from statecheck.workspaces import Logged, View


@rule(
    "X622",
    "constraint-unknown",
    "error",
    "warning",
    "info",
    roles=("log", "constraints"),
    source="persist.md, Steps 2 and 3",
)
def constraint_unknown(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """The constraints of an entry are those of constraints.json.

    What holds
    Every id under Constraint Status is in constraints.json; a range such as `C-01 through C-05` stands for all of it.
    In the newest entry that lists statuses, every constraint of constraints.json has one (a warning); nothing is said
    of one with lines that are not understood.

    Why
    A status under an id that nobody knows is lost, and a constraint without one was not checked.

    Example
    Bad:  - C-9: satisfied — drawn       where constraints.json has C-09
    Good: - C-09: satisfied — drawn

    Fix
    None: which constraint was meant is known to whoever checked it.
    """
    yield from unavailable(workspace, "log", "constraints")
    document = workspace.usable("constraints")
    if document is None:
        return
    constraints = read_constraints(document)
    if constraints.unread is not None:
        yield Skipped(document.path, constraints.unread, "S103")
    newest: tuple[Logged, ConstraintStatuses] | None = None
    for entry in logged_in_order(workspace, "log"):
        statuses = _statuses(entry, constraints)
        if statuses is None:
            continue
        newest = entry, statuses
        if entry.understood and constraints.unread is None:
            yield from _unknown(entry, statuses, constraints, context)
    if newest is not None and newest[0].understood and newest[1].understood:
        yield from _missing(*newest, constraints)


def _unknown(
    entry: Logged, statuses: ConstraintStatuses, constraints: Constraints, context: Context
) -> Iterator[Violation]:
    bases = (parent.usable("constraints") for parent in context.parents)
    known_before = {name for base in bases if base is not None for name in read_constraints(base).ids}
    for name, each in {each.id: each for each in reversed(statuses.said) if each.id not in constraints.ids}.items():
        if name in known_before:
            hint = f"put {name} back into constraints.json: entries of the log name it"
        elif near := _near(name, constraints.ids):
            hint = f"did you mean {near[0]}?"
        else:
            hint = "use the id that constraints.json has, or add the constraint"
        yield at(
            entry.document,
            each.span,
            f"constraint {name} is not in constraints.json",
            hint=hint,
            subject=f"{entry.entry.heading.text} {name}",
        )


def _near(name: str, ids: Iterable[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, [*ids], 1, 0.7)


def _missing(entry: Logged, statuses: ConstraintStatuses, constraints: Constraints) -> Iterator[Violation]:
    said = {each.id for each in statuses.said}
    lacking = [each.id for each in constraints.found if each.id not in said]
    if lacking:
        yield at(
            entry.document,
            statuses.heading.span,
            f"the newest statuses leave out {listed(lacking)}",
            hint="give every constraint of constraints.json a status in each iteration",
            severity="warning",
            subject=f"{entry.entry.heading.text} statuses",
        )


@rule("X623", "validated-mismatch", "error", roles=("log", "constraints"), source="persist.md, Step 2")
def validated_mismatch(workspace: View) -> Iterator[Violation | Skipped]:
    """`validated` is true exactly for the constraints that the newest entry calls satisfied.

    What holds
    A constraint that the newest entry of refinement_log.md calls satisfied has `"validated": true`, and one that it
    calls violated has not. Nothing is asked where the schema in force does not admit the field, and nothing of a
    constraint whose status is not understood.

    Why
    "Mark satisfied constraints": the next iteration takes its work from constraints.json, and does not read the log
    for it.

    Example
    Bad:  {"id": "C-01", "severity": "blocking", "validated": false}      and in the log  - C-01: satisfied — drawn
    Good: {"id": "C-01", "severity": "blocking", "validated": true}       and in the log  - C-01: satisfied — drawn

    Fix
    Safe: `"validated": true` is added where the field is missing. Unsafe: where it says the opposite, it is set to
    what the entry says.
    """
    yield from unavailable(workspace, "log", "constraints")
    document, entries = workspace.usable("constraints"), logged_in_order(workspace, "log")
    if document is None or not entries or not entries[-1].understood:
        return
    constraints = read_constraints(document)
    statuses = _statuses(entries[-1], constraints)
    if statuses is None:
        return
    if constraints.unread is not None:
        yield Skipped(document.path, constraints.unread, "S103")
    yield from _bad_statuses(entries[-1], statuses)
    found = list(_validated(document, constraints, statuses, entries[-1]))
    yield from _where_admitted(found, document, workspace, "validated")


def _validated(
    document: StateDocument, constraints: Constraints, statuses: ConstraintStatuses, entry: Logged
) -> Iterator[Violation | Skipped]:
    verdicts = statuses.verdicts
    for each in constraints.found:
        status = verdicts.get(each.id)
        written = each.value.get("validated", False)
        if status is None or status.satisfied is None:
            continue
        if not isinstance(written, bool):
            yield Skipped(document.path, f"validated of {each.id} is {show(written)}", "S103")
        elif written is not status.satisfied:
            yield _validated_otherwise(document, each, status, entry)


def _validated_otherwise(
    document: StateDocument, constraint: Constraint, status: ConstraintStatus, entry: Logged
) -> Violation:
    pointer = (*constraint.pointer, "validated")
    says = "satisfied" if status.satisfied else "violated"
    missing = "validated" not in constraint.value
    line = entry.document.place(status.span).line
    return at(
        document,
        document.span(pointer),
        f"{constraint.id} {'has no validated' if missing else f'has validated {show(not status.satisfied)}'}; the "
        f"newest entry calls it {says}",
        hint=f'write "validated": {show(status.satisfied)}',
        subject=f"{constraint.id} validated",
        related=(Related(entry.document.path, line, f"the newest entry calls it {says}"),),
        facts={"constraint": constraint.pointer, "validated": status.satisfied, "missing": missing},
    )


@rule("X624", "violation-count", "error", "info", roles=(*LOGS, "constraints"), source="persist.md, Step 4")
def violation_count(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """The number of blocking violations is that of the blocking constraints that the iteration calls violated.

    What holds
    "Blocking violations remaining" of a decision equals the number of constraints that the entry of the same iteration
    calls violated and whose severity is blocking. Nothing is said where the statuses are not all understood.

    Why
    The number decides whether the refinement may end.

    Example
    Bad:  - **Blocking violations remaining**: 0        where the entry says  - C-01: violated — too wide
    Good: - **Blocking violations remaining**: 1        where the entry says  - C-01: violated — too wide

    Fix
    None: either the count or a status is wrong.
    """
    yield from unavailable(workspace, *LOGS, "constraints")
    document = workspace.usable("constraints")
    if document is None:
        return
    constraints = read_constraints(document)
    for entry, decision in paired(workspace):
        statuses = _statuses(entry, constraints)
        count = decision.fields.field("Blocking violations remaining")
        if statuses is None or not statuses.understood or count is None:
            continue
        number = leading_number(count.value)
        gaps = list(_bad_statuses(entry, statuses))
        if number is None:
            what = f"the count of {decision.entry.heading.text!r} is {show(count.value)}"
            gaps.append(Skipped(decision.document.path, what, "L212"))
        gaps += _unweighed(document, constraints, entry, statuses)
        if gaps:
            yield from gaps if counts_now(entry, workspace, context) else ()
            continue
        blocking = [each.id for each in constraints.found if each.blocking and _violated(each.id, statuses)]
        if number != len(blocking):
            names = f": {listed(blocking)}" if blocking else ""
            yield at(
                decision.document,
                count.span,
                f"Blocking violations remaining is {number}; the entry of iteration {entry.entry.iteration} calls "
                f"{len(blocking)} blocking constraint{'' if len(blocking) == 1 else 's'} violated{names}",
                hint="count the blocking constraints that the entry calls violated",
                subject=f"{decision.entry.heading.text} count",
                related=(Related(entry.document.path, statuses.heading.line + 1, "the statuses are here"),),
                fresh=either_is_new(entry, decision, workspace, context),
            )


def _unweighed(
    document: StateDocument, constraints: Constraints, entry: Logged, statuses: ConstraintStatuses
) -> Iterator[Skipped]:
    """Yield why it is not known how grave a violated constraint is."""
    if constraints.unread is not None:
        yield Skipped(document.path, constraints.unread, "S103")
        return
    for each in statuses.said:
        if each.satisfied is False and each.id not in constraints.ids:
            yield Skipped(entry.document.path, f"constraint {each.id} is not in constraints.json", "X622")
    for known in constraints.found:
        if known.blocking is None and _violated(known.id, statuses):
            yield Skipped(document.path, f"the severity of {known.id} is no word", "S103")


@rule("X626", "last-checked-stale", "warning", roles=(*LOGS, "constraints"), source="persist.md, Step 2")
def last_checked_stale(workspace: View) -> Iterator[Violation | Skipped]:
    """Every constraint was checked since the previous iteration.

    What holds
    Once an iteration is logged, every constraint of constraints.json has `last_checked`, and it is later than the entry
    of the previous iteration. Nothing is asked where the schema in force does not admit the field.

    Why
    "Update last_checked for each constraint": what was true of an earlier version of the artifact need not be true of
    this one.

    Example
    Bad:  iterations 1 and 2 logged at 10:00 and 11:00, and "last_checked": "2026-01-16T09:55:00Z"
    Good: iterations 1 and 2 logged at 10:00 and 11:00, and "last_checked": "2026-01-16T10:55:00Z"

    Fix
    None: only checking the constraint helps.
    """
    yield from unavailable(workspace, *LOGS, "constraints")
    document = workspace.usable("constraints")
    if document is None or not any(counted_in_order(workspace, role) for role in LOGS):
        return
    constraints = read_constraints(document)
    if constraints.unread is not None:
        yield Skipped(document.path, constraints.unread, "S103")
    logged = counted_in_order(workspace, "log")
    earlier = [each for each in logged if (each.cycle, each.iteration) != (logged[-1].cycle, logged[-1].iteration)]
    previous = earlier[-1].logged if earlier else None
    if previous is not None and previous.entry.time is None and looks_like_time(previous.entry.time_text or ""):
        yield Skipped(previous.document.path, f"the time of {previous.entry.heading.text!r} is no timestamp", "S105")
    found = [gap for each in constraints.found if (gap := _checked(document, each, previous)) is not None]
    yield from _where_admitted(found, document, workspace, "last_checked")


def _checked(document: StateDocument, constraint: Constraint, previous: Logged | None) -> Violation | Skipped | None:
    pointer = (*constraint.pointer, "last_checked")
    details: dict[str, Any] = {"hint": "check it, and write when", "subject": f"{constraint.id} last_checked"}
    if "last_checked" not in constraint.value:
        return at(document, document.span(pointer), f"{constraint.id} has no last_checked", **details)
    written = constraint.value["last_checked"]
    stamp = timestamp_or_none(written)
    if stamp is None:
        cause = "S105" if isinstance(written, str) else "S103"
        return Skipped(document.path, f"last_checked of {constraint.id} is no timestamp", cause)
    before = previous.entry.time if previous is not None else None
    if previous is None or before is None or not _is_surely_not_later(stamp, before):
        return None
    related = Related(previous.document.path, previous.entry.heading.line + 1, "the previous iteration is logged here")
    message = (
        f"{constraint.id} was last checked at {stamp.text}, not since the previous iteration's entry, {before.text}"
    )
    return at(document, document.span(pointer), message, related=(related,), **details)


def _is_surely_not_later(stamp: Timestamp, than: Timestamp) -> bool:
    """Say whether a time is earlier than another, or the same moment: days and minutes are too coarse for that."""
    exact = stamp.precision == than.precision and stamp.precision not in ("day", "minute")
    same = exact and stamp.aware == than.aware and stamp.moment == than.moment
    return same or is_certainly_before(stamp, than)


def _where_admitted(
    found: list[Violation | Skipped], document: StateDocument, workspace: View, name: str
) -> Iterator[Violation | Skipped]:
    """Yield what was found of a field of constraints, unless the schema in force does not admit it."""
    spec = workspace.spec_of(document.path) if found else None
    schema = workspace.schema(spec) if spec is not None else None
    if schema is None:
        return
    if schema.unusable is not None:
        yield Skipped(schema.path or "", f"whether {name} is admitted cannot be seen in this schema", "S104")
        return
    if admits_field(schema, document, name):
        yield from found


def _statuses(entry: Logged, constraints: Constraints) -> ConstraintStatuses | None:
    return read_statuses(entry.document.markdown, entry.fields, constraints.ids)


def _violated(name: str, statuses: ConstraintStatuses) -> bool:
    return any(each.id == name and each.satisfied is False for each in statuses.said)


def _bad_statuses(entry: Logged, statuses: ConstraintStatuses) -> Iterator[Skipped]:
    for each in statuses.said:
        if each.satisfied is None:
            yield Skipped(entry.document.path, f"the status of {each.id} is {show(each.status)}", "L212")
