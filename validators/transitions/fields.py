"""T405, T406 and T407: counters count up, what is fixed stays, and time goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import Span, is_certainly_before, show, task_phases, timestamp_or_none, whole_number
from statecheck.rules import Skipped, Violation, at, rule
from statecheck.trees import StateRecord, record_of
from statecheck.workspaces import clock_of, value_digest

from .states import OF_THE_BASE, State, lost_values, states, taken_over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Pointer, StateDocument, Timestamp
    from statecheck.findings import Severity
    from statecheck.rules import Context
    from statecheck.workspaces import View


@rule(
    "T405",
    "counter-regressed",
    "error",
    "warning",
    source="state-management.md, state.json Schema",
    yields_to=("T402",),
)
def counter_regressed(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """Counters never fall.

    What holds
    The iterations_used of a phase and, as long as the phase is the current one, current_iteration are not below the
    base's. Nor is confirmations_used, which is a warning.

    Why
    The counters bound the work: a phase whose count falls can go on for ever, and the timeout never comes.

    Example
    Bad:  "iterations_used": 1       where the base has  3
    Good: "iterations_used": 4       where the base has  3

    Fix
    Safe, for iterations: the value of the base.
    """
    for state in states(context, workspace, before, "state"):
        if isinstance(state, Skipped):
            yield state
            continue
        if state.old is None:
            continue
        yield from lost_values(state, "/phases/*", "/current_iteration")
        old, new = state.old.value, state.new.value
        if isinstance(old.get("current_phase"), str) and old["current_phase"] == new.get("current_phase"):
            yield from _fallen(state, (), "current_iteration", old, new)
        now = task_phases(state.new)
        for name, phase in task_phases(state.old).items():
            if name in now:
                yield from _fallen(state, ("phases", name), "iterations_used", phase, now[name])
                yield from _fallen(state, ("phases", name), "confirmations_used", phase, now[name], "warning")
            elif isinstance(new.get("phases"), dict) and name not in new["phases"]:
                yield from _dropped(state, name, whole_number(phase.get("iterations_used")) or 0)


def _dropped(state: State, name: str, used: int) -> Iterator[Violation]:
    """Yield a violation where a phase is gone, and its iterations with it."""
    if used:
        yield at(
            state.new,
            state.new.key_span(("phases",)),
            f"phase {name}, with {used} iteration{'' if used == 1 else 's'} in {state.label}, is gone from phases",
            hint="keep it, blocked or in timeout if need be",
            subject=f"/phases/{name}",
        )


def _fallen(
    state: State,
    holder: Pointer,
    key: str,
    old: dict[str, Any],
    new: dict[str, Any],
    severity: Severity | None = None,
) -> Iterator[Violation | Skipped]:
    had, has = whole_number(old.get(key)), whole_number(new.get(key))
    if key in new and has is None:
        yield Skipped(state.new.path, f"{key} is {show(new[key])}, which is no number", "S103")
    elif old.get(key) is not None and had is None:
        reason = f"{key} is {show(old[key])} in {state.label}, which is no number"
        yield Skipped(state.new.path, reason, OF_THE_BASE)
    elif had is not None and (has or 0) < had and not (has is None and not holder):
        of = f" of phase {holder[1]}" if holder else ""
        yield at(
            state.new,
            _place(state.new, holder, key),
            f"{key}{of} fell from {had} to {'nothing' if has is None else has}",
            hint=f"write {had} or more",
            severity=severity,
            subject=f"/phases/{holder[1]}" if severity else "/".join(["", *map(str, holder), key]),
            facts=None if severity else {"holder": holder, "key": key, "value": had},
        )


@rule(
    "T406",
    "frozen-field-changed",
    "error",
    "warning",
    source="persist.md, Step 2; state-management.md, state.json Schema",
    yields_to=("T402",),
)
def frozen_field_changed(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """What is fixed once stays as it is.

    What holds
    A completed_at that was set, and the severity and the validation hooks of a constraint, do not change. Nor do
    created and slug (unless the slug becomes the folder's name), nor does a constraint disappear: these are warnings.

    Why
    A criterion that is made weaker until it is met was not met. "Preserve original severity and validation hooks."

    Example
    Bad:  "severity": "low"           where the base has  "blocking"
    Good: "severity": "blocking", "validated": false

    Fix
    Unsafe: the value of the base; the file as it was is kept in the quarantine. None for a constraint that is gone.
    """
    for state in states(context, workspace, before, "state", "constraints"):
        if isinstance(state, Skipped):
            yield state
        elif state.old is not None and state.spec.role == "constraints" and not _is_list(state.new):
            if _is_list(state.old):
                yield Skipped(state.new.path, "constraints is no list", "S103")
        elif state.old is not None and state.spec.role == "state":
            yield from lost_values(state, "/phases/*")
            yield from _task_fields(state, state.old, workspace)
        elif state.old is not None:
            yield from _constraint_fields(state, state.old)


def _task_fields(state: State, old: StateDocument, workspace: View) -> Iterator[Violation]:
    now = task_phases(state.new)
    for name, phase in task_phases(old).items():
        if name in now and phase.get("completed_at") is not None:
            yield from _changed(state, ("phases", name), "completed_at", phase, now[name], subject=f"/phases/{name}")
    for key in ("created", "slug"):
        named = key == "slug" and state.new.value.get("slug") == workspace.name
        if old.value.get(key) is not None and not named:
            yield from _changed(state, (), key, old.value, state.new.value, severity="warning", subject=f"/{key}")


def _constraint_fields(state: State, old: StateDocument) -> Iterator[Violation]:
    now = {each.get("id"): index for index, each in _constraints(state.new) if isinstance(each.get("id"), str)}
    current = dict(_constraints(state.new))
    for _, constraint in _constraints(old):
        name = constraint.get("id")
        if not isinstance(name, str):
            continue
        if name not in now:
            yield at(
                state.new,
                state.new.key_span(("constraints",)),
                f"constraint {name}, in {state.label}, is gone",
                hint=f"put {name} back as {state.label} has it, validated or not",
                severity="warning",
                subject=f"constraint {name}",
            )
            continue
        index = now[name]
        for key in ("severity", "validation"):
            if key in constraint:
                holder = ("constraints", index)
                subject = f"constraint {name} {key}"
                yield from _changed(state, holder, key, constraint, current[index], subject=subject)


def _is_list(document: StateDocument) -> bool:
    return isinstance(document.value.get("constraints"), list)


def _constraints(document: StateDocument) -> list[tuple[int, dict[str, Any]]]:
    found = document.value.get("constraints")
    every = enumerate(found) if isinstance(found, list) else ()
    return [(index, each) for index, each in every if isinstance(each, dict)]


def _changed(
    state: State,
    holder: Pointer,
    key: str,
    old: dict[str, Any],
    new: dict[str, Any],
    *,
    subject: str,
    severity: Severity | None = None,
) -> Iterator[Violation]:
    if key in new and new[key] == old[key] and type(new[key]) is type(old[key]):
        return
    of = f" of {old.get('id') or holder[1]}" if holder else ""
    became = f"changed to {show(new[key])}" if key in new else "is gone"
    yield at(
        state.new,
        _place(state.new, holder, key),
        f"{key}{of} was {show(old[key])} in {state.label}, and {became}",
        hint="leave it as it was set",
        severity=severity,
        subject=subject,
        facts={"holder": holder, "key": key, "value": old[key]},
    )


def _place(document: StateDocument, holder: Pointer, key: str) -> Span:
    """Return where a value stands, or the object that it is missing from."""
    return document.span((*holder, key))


@rule("T407", "clock-not-advanced", "warning", source="persistence-architecture.md, Initiative Sync Protocol")
def clock_not_advanced(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """When a state file changes, the time in it moves forward.

    What holds
    `updated`, or `lastUpdated`, is later than the base's where any other value of the file changed, and never earlier.

    Why
    "Most recent timestamp wins": a change that does not show in the time loses against an older state, and is undone by
    the next synchronization.

    Example
    Bad:  another status, and the same "lastUpdated"
    Good: another status, and a later "lastUpdated"

    Fix
    None: when it was written is known to whoever wrote it.
    """
    for state in states(context, workspace, before):
        if isinstance(state, Skipped):
            yield state
        elif state.old is not None and not taken_over(state, workspace, before, context):
            yield from _clock(state, state.old, before)


def _clock(state: State, old: StateDocument, before: View) -> Iterator[Violation | Skipped]:
    clocks = [clock_of(state.spec, each.value) for each in (old, state.new)]
    if clocks[1] is None and clocks[0] is not None:
        yield Skipped(state.new.path, f"{clocks[0][0][-1]} is gone", "S103")
    if clocks[0] is None or clocks[1] is None:
        return
    (_, then_text), (pointer, now_text) = clocks[0], clocks[1]
    then, now = timestamp_or_none(then_text), timestamp_or_none(now_text)
    if then is None or now is None:
        bad = show(now_text) if now is None else f"{show(then_text)} in {state.label}"
        yield Skipped(state.new.path, f"{pointer[-1]} is {bad}, which is no timestamp", "S105")
        return
    if is_certainly_before(now, then):
        yield _late(state, pointer, f"went back from {then.text} to {now.text}")
    elif not _later(then, now) and _says_otherwise(state, old, before):
        yield _late(state, pointer, f"is {now.text}, as in {state.label}, though other values changed")


def _says_otherwise(state: State, old: StateDocument, before: View) -> bool:
    """Say whether anything but the time differs."""
    record = record_of(before.tree, old.path)
    if record is None and old.data == state.new.data:
        return False
    known = record.sha256 if isinstance(record, StateRecord) else value_digest(state.spec, old.value)
    return known != value_digest(state.spec, state.new.value)


def _later(then: Timestamp, now: Timestamp) -> bool:
    """Say whether a time is later than another, or may be: a day alone, or no offset, does not tell."""
    if then.aware != now.aware or (then.text != now.text and "day" in (then.precision, now.precision)):
        return True
    return now.moment > then.moment


def _late(state: State, pointer: Pointer, what: str) -> Violation:
    return at(
        state.new,
        state.new.span(pointer),
        f"{pointer[-1]} {what}",
        hint="write the time of the change",
        subject="clock",
    )
