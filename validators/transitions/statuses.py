"""T401, T402 and T403: a status is reached from the one before it along the edges of its machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import format_pointer, kept, show, task_phases, value_at, whole_number
from statecheck.rules import Skipped, Violation, at, listed, rule
from statecheck.trees import record_of
from statecheck.tuples import NamedTuple
from statecheck.workspaces import MACHINES

from .states import OF_THE_BASE, State, lost_values, never_recorded, states, taken_over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Pointer, StateDocument
    from statecheck.rules import Context
    from statecheck.workspaces import DocumentSpec, Machine, Status, View

SOURCE = "persistence-architecture.md, Status State Machine; state-management.md, Phase Lifecycle and Phase Values"


class Move(NamedTuple):
    """A status that is not what it was. `way` are the states between, None where there is no legal way."""

    state: State
    status: Status
    machine: Machine
    pointer: Pointer
    old: str
    new: str
    way: tuple[str, ...] | None
    label: str
    """What the thing is called that has the status."""
    was: Pointer | None
    """Where the base has the status; None for a new one, which is judged as coming from the first state."""

    @property
    def leaves_end(self) -> bool:
        """Whether a state was left that is not left."""
        return self.way is None and self.old in self.machine.final and not self.status.aside

    @property
    def name(self) -> str:
        """What the status is of, for a message."""
        if self.machine.documented == "task":
            return "the task's phase"
        return f"{self.machine.name} {self.label}" if self.label else "/".join(map(str, self.pointer))

    @property
    def subject(self) -> str:
        """What the finding is about, for rules that speak of the same thing."""
        return format_pointer(self.pointer if self.machine.own else self.pointer[:2])


@rule("T401", "illegal-transition", "error", "warning", source=SOURCE)
def illegal_transition(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """A status can be reached from the one before it.

    What holds
    Along the edges of its machine there is a way from the base's status to the new one: for an initiative, in both its
    files, and for a phase, else it is an error; for a milestone and for the task's own phase a warning.

    Why
    Each edge stands for something that was done: a confirmation, a review, an answer from a person. A status that
    cannot be reached says that it was not.

    Example
    Bad:  "status": "created"         where the base has  "blocked"
    Good: "status": "in_progress"     where the base has  "blocked"

    Fix
    Unsafe: back to the status of the base; the file as it was is kept in the quarantine.
    """
    for move in _moves(context, workspace, before):
        if isinstance(move, Skipped):
            yield move
        elif move.way is None and not move.leaves_end:
            legal = " or ".join(move.machine.edges[move.old]) or "nothing"
            yield at(
                move.state.new,
                move.state.new.span(move.pointer),
                f"{move.name} went from {move.old} to {move.new}; from {move.old} it can become {legal}",
                hint=_from_there(move),
                severity="warning" if move.status.aside else None,
                subject=move.subject,
                facts={"pointer": move.pointer, "old": _written(move)},
            )
    yield from _unknown(context, workspace, before)


@rule("T402", "terminal-left", "error", source=f"persistence-architecture.md, Invalid transitions; {SOURCE}")
def terminal_left(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """What is over is not taken up again.

    What holds
    An archived initiative, and a phase that is done, keep that status. A completed initiative can only be archived. An
    initiative that is not finished is not replaced by one of another name.

    Why
    "completed → in_progress (must create new initiative)": others rely on what was finished. If there is more to do,
    it is another initiative, or another phase, with its own history.

    Example
    Bad:  "status": "in_progress"    where the base has  "completed"
    Good: a new initiative

    Fix
    Unsafe: the final status of the base, and for a phase completed_at, verification_passed and confirmations_used with
    it. The file as it was is kept in the quarantine.
    """
    for move in _moves(context, workspace, before):
        if isinstance(move, Skipped):
            yield move
        elif move.leaves_end:
            yield at(
                move.state.new,
                move.state.new.span(move.pointer),
                f"{move.name} went from {move.old} back to {move.new}: {_why(move)}",
                hint=_instead(move),
                subject=move.subject,
                facts={
                    "pointer": move.pointer,
                    "old": _written(move),
                    "before": before,
                    "base": move.state.old,
                    "was": move.was,
                },
            )
    for state in states(context, workspace, before):
        if isinstance(state, State):
            yield from _replaced(state)
            yield from _vanished(state, before)


def _from_there(move: Move) -> str:
    """Return what to do where a status cannot be reached; of what is over, how more is done."""
    if move.machine.documented == "milestone" and move.old in MACHINES["initiative"].final:
        return f"a milestone that is {move.old} stays so; add a new one"
    if move.machine.documented == "task" and not move.machine.edges[move.old]:
        return f"a task that is {move.old} stays so; take up what is left as a new one"
    return "write each status as it is reached"


def _why(move: Move) -> str:
    if move.machine.documented == "initiative":
        return "archived is terminal" if move.old == "archived" else "what is completed stays so"
    return f"{move.old} is not left"


def _instead(move: Move) -> str:
    if move.machine.own:
        return f"leave it {move.old}, and begin what is left as something new"
    return "create a new initiative" if move.machine.documented == "initiative" else "plan what is left as a new phase"


def _replaced(state: State) -> Iterator[Violation]:
    """Yield a violation where an unfinished initiative gave way to another."""
    if state.spec.role != "initiative" or not _is_successor(state) or state.old is None:
        return
    status = MACHINES["initiative"].state(state.old.value.get("status"))
    if status is not None and status not in MACHINES["initiative"].final:
        yield at(
            state.new,
            state.new.span(("name",)),
            f"initiative {show(state.old.value['name'])}, {status} in {state.label}, was replaced by "
            f"{show(state.new.value['name'])}",
            hint="complete or archive the first one before another takes its file",
            subject="/name",
        )


def _vanished(state: State, before: View) -> Iterator[Violation]:
    """Yield a violation for each phase that was done and is gone. A ledger has not all of it to put back."""
    if state.spec.role != "state" or state.old is None or not isinstance(state.new.value.get("phases"), dict):
        return
    whole = record_of(before.tree, state.old.path) is None
    for name, phase in task_phases(state.old).items():
        if phase.get("status") == "done" and name not in state.new.value["phases"]:
            yield at(
                state.new,
                state.new.key_span(("phases",)),
                f"phase {name}, done in {state.label}, is gone from phases",
                hint="what is done stays in the record",
                subject=f"/phases/{name}",
                facts={"pointer": ("phases",), "name": name, "phase": phase} if whole else None,
            )


@rule("T403", "skipped-states", "warning", source=SOURCE)
def skipped_states(workspace: View, before: View, context: Context) -> Iterator[Violation | Skipped]:
    """No state on the way was skipped.

    What holds
    A status is that of the base, or one that follows it directly. What is new comes from the first state of its
    machine. Between two commits states may have been passed through, so this is a warning; `--strict` makes it count.
    Of a file that git ignores and no ledger remembers, nobody knows what it was before.

    Why
    What was never written was never seen by anybody: a phase that is pending in one commit and done in the next was
    confirmed and verified by nobody's record.

    Example
    Bad:  "status": "done"           where the base has  "pending"
    Good: in_progress, confirming, verifying, done, a write for each

    Fix
    None: what was skipped cannot be written afterwards.
    """
    for move in _moves(context, workspace, before):
        if isinstance(move, Skipped):
            yield move
        elif move.way and not (
            taken_over(move.state, workspace, before, context) or never_recorded(move.state, before, context)
        ):
            start = f"is new, and is {move.new}" if move.was is None else f"went from {move.old} to {move.new}"
            skipped = [move.old, *move.way] if move.was is None else list(move.way)
            yield at(
                move.state.new,
                move.state.new.span(move.pointer),
                f"{move.name} {start}: {listed(skipped)} {'were' if len(skipped) > 1 else 'was'} skipped",
                hint="write the state file at every change of status",
                subject=move.subject,
            )


@kept
def _moves(context: Context, workspace: View, before: View) -> list[Move | Skipped]:
    """Return every status that changed, or is new, and what cannot be judged."""
    return list(_each_move(context, workspace, before))


def _each_move(context: Context, workspace: View, before: View) -> Iterator[Move | Skipped]:
    for state in states(context, workspace, before):
        if isinstance(state, Skipped):
            yield state
            continue
        if not _is_successor(state):
            yield from lost_values(state, *(each.pointer for each in state.spec.statuses if _is_binding(each.machine)))
        for status in state.spec.statuses:
            yield from _status_moves(state, status)


def _is_binding(machine: Machine) -> bool:
    """Say whether a status of a documented machine has to be there."""
    return machine.documented not in (None, "milestone")


def _status_moves(state: State, status: Status) -> Iterator[Move | Skipped]:
    machine = status.machine
    base = None if _is_successor(state) else state.old
    was = {} if base is None else {called: (at, value) for called, at, value in _statuses(base, state.spec, status)}
    for called, pointer, value in _statuses(state.new, state.spec, status):
        old_pointer, old_value = was.pop(called, (None, None))
        if machine.documented == "milestone" and (old_pointer is None or not isinstance(value, str)):
            continue
        new, old = machine.state(value), machine.first if old_pointer is None else machine.state(old_value)
        if new is None and machine.own:
            continue  # T401 says so
        if new is None or old is None:
            if machine.documented != "milestone":
                bad = show(value) if new is None else f"{show(old_value)} in {state.label}"
                cause = "S103" if new is None else OF_THE_BASE
                yield Skipped(state.new.path, f"{format_pointer(pointer)} is {bad}, which is no status", cause)
        elif new != old:
            bare = machine.bare and not _iterations(state, pointer)
            parts = status.pointer.split("/")[1:]
            label = next((str(name) for part, name in zip(parts[::-1], called[::-1], strict=True) if part == "*"), "")
            way = machine.way(old, new, bare=bool(bare))
            yield Move(state, status, machine, pointer, old, new, way, label, old_pointer)
    for called, (_, value) in was.items() if machine.own else ():
        if value is not None and called[:-1] in _holders(state.new, state.spec, status):
            yield Skipped(state.new.path, f"{format_pointer(called)} is gone", "S103")


def _unknown(context: Context, workspace: View, before: View) -> Iterator[Violation]:
    """Yield a violation for each status of a project's own machine that is none of its states."""
    for state in states(context, workspace, before):
        if isinstance(state, Skipped):
            continue
        for status in state.spec.statuses if state.spec.statuses and state.spec.statuses[0].machine.own else ():
            for pointer, value in state.new.select(status.pointer):
                if status.machine.state(value) is None:
                    yield at(
                        state.new,
                        state.new.span(pointer),
                        f"{show(value)} is no state of {status.machine.name}: {', '.join(status.machine.edges)}",
                        hint="write one of them",
                        subject=format_pointer(pointer),
                    )


def _statuses(document: StateDocument, spec: DocumentSpec, status: Status) -> Iterator[tuple[Pointer, Pointer, Any]]:
    """Yield what each status of a document is called, where it stands, and its value."""
    names = _names(document, spec)
    for pointer, value in document.select(status.pointer):
        yield _called(names, pointer), pointer, value


def _holders(document: StateDocument, spec: DocumentSpec, status: Status) -> set[Pointer]:
    """Return what the objects are called that should have a status."""
    names, holder = _names(document, spec), status.pointer.rpartition("/")[0]
    return {_called(names, pointer) for pointer, _ in document.select(holder)}


def _names(document: StateDocument, spec: DocumentSpec) -> dict[Pointer, str]:
    """Return the unique name of each thing of a list that has one, by where it stands."""
    found = ((pointer[:-1], value) for each in spec.unique for pointer, value in document.select(each))
    return {pointer: str(value) for pointer, value in found if isinstance(value, str | int)}


def _called(names: dict[Pointer, str], pointer: Pointer) -> Pointer:
    """Return a pointer with the names of things in lists in the place of their numbers: things may change places."""
    if not names:
        return pointer
    return tuple(names.get(pointer[: end + 1], part) for end, part in enumerate(pointer))


def _is_successor(state: State) -> bool:
    """Say whether the same file is about an initiative of another name now."""
    names = [each.value.get("name") for each in (state.old, state.new) if each is not None]
    return (
        "initiative" in (each.machine.documented for each in state.spec.statuses)
        and len(names) == 2
        and (all(isinstance(name, str) for name in names) and names[0] != names[1])
    )


def _iterations(state: State, pointer: Pointer) -> int:
    """Return the iterations of the phase whose status stands at `pointer`, before and now."""
    used = 0
    for document in (state.old, state.new):
        phase: Any = document and value_at(document.value, pointer[:-1])
        used = max(used, whole_number(phase.get("iterations_used")) or 0 if isinstance(phase, dict) else 0)
    return used


def _written(move: Move) -> Any:
    """Return the status of the base as it was written."""
    if move.state.old is None or move.was is None:
        return None
    return value_at(move.state.old.value, move.was)
