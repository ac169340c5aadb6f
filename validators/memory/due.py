"""When MEMORY.md owes an entry: what is completed, and the boundary that a workflow passed last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import BOUNDARIES, Boundary, Checkpoint, Completion, Document, StateDocument, names, show
from statecheck.rules import Skipped, listed
from statecheck.tuples import NamedTuple
from statecheck.workspaces import MACHINES, Position, Source, initiative_source, position_of, same_name

from .memories import checkpoints, completions, memory_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import MemoryLine, Pointer
    from statecheck.rules import Context
    from statecheck.trees import Entry
    from statecheck.workspaces import View


LONGEST_ENDING = len("ation")


class Due(NamedTuple):
    """An entry that has to be there. `document` is None where initiative.json was removed.

    `settled` says that the base owed it already, so that it is not this change that forgot it; `lost` is the entry that
    the base has. `unsure` says that no name is known, and that one of the older entries may be it.
    """

    document: StateDocument | None
    pointer: Pointer
    name: str | None
    what: str
    outcome: str
    settled: bool = False
    lost: Completion | None = None
    unsure: bool = False


class DueCheckpoint(NamedTuple):
    """A checkpoint line that has to be there. `context` is None where the state does not name what it is about."""

    position: Position
    boundary: Boundary
    context: str | None


def missing_completions(workspace: View, context: Context, memory: Sequence[Document]) -> Iterator[Due]:
    """Yield the completion entries that are due and are in none of the memory files."""
    entries = completions(memory)
    asked: list[str | None] = []
    for due in _completions_due(workspace, context):
        again = any(due.name is None or other is None or same_name(other, due.name) for other in asked)
        asked.append(due.name)
        if again:
            continue
        old = [completions(memory_files(parent, context)) for parent in context.parents]
        if _entry(entries, due.name) is None:
            lost = next((each for parent in old if (each := _entry(parent, due.name)) is not None), None)
            yield due._replace(settled=due.settled and lost is None, lost=lost)
        elif due.name is None and not due.settled and old and not _added(entries, old):
            yield due._replace(unsure=True)


def _added(entries: Sequence[Completion], old: Sequence[Sequence[Completion]]) -> bool:
    """Say whether there is an entry that no parent has."""
    known = {each[:3] for parent in old for each in parent}
    return any(each[:3] not in known for each in entries)


def is_entry_of(line: MemoryLine, name: str) -> bool:
    """Say whether a line is a completion entry that names something."""
    if not isinstance(line, Completion) or line.context is None:
        return False
    return names(line.context, name) or line.is_for(name)


def is_line_of(line: MemoryLine, boundary: Boundary, context: str | None) -> bool:
    """Say whether a line is the checkpoint line of a boundary that a workflow passed, which is about `context`."""
    if not isinstance(line, Checkpoint) or line.boundary != boundary:
        return False
    return context is None or names(line.context or "", context)


def _entry(entries: Sequence[Completion], name: str | None) -> Completion | None:
    """Return the first completion entry that names something; any, where no name is known."""
    return next((each for each in entries if name is None or is_entry_of(each, name)), None)


def _completions_due(workspace: View, context: Context) -> Iterator[Due]:
    now = initiative_source(workspace)
    earlier = [source for parent in context.parents if (source := initiative_source(parent)) is not None]
    if now is not None and now.status in MACHINES["initiative"].final:
        settled = any(_same_initiative(each, now) and each.status == now.status for each in earlier)
        name = now.name or next((each.name for each in earlier if each.name is not None), None)
        yield Due(now.document, ("status",), name, f"is {now.status}", _outcome(now), settled)
    for then in (*_between(workspace, context), *earlier):
        if then.status not in MACHINES["initiative"].final:
            continue
        if now is not None and then.name is not None and now.name is not None and not _same_initiative(then, now):
            what = f"was {then.status} and is replaced by {now.name}"
            yield Due(now.document, ("name",), then.name, what, _outcome(then))
        elif workspace.document("initiative") is None:
            yield Due(None, (), then.name, f"was {then.status}, and its file is removed", _outcome(then))
    position = position_of(workspace, context.memory)
    if position is not None and position.over:
        before = [position_of(parent, context.memory) for parent in context.parents]
        settled = any(each is not None and _same_position(each, position) for each in before)
        what = f"reached its terminal phase {position.phase}"
        yield Due(position.document, position.pointer, position.context, what, position.phase, settled)


def _between(workspace: View, context: Context) -> Iterator[Source]:
    """Yield what initiative.json says in the commits of a range, the newest first, each version once."""
    if workspace.spec("initiative") is None:
        return  # of all workspaces and all commits, only a few have one
    known: set[Entry | None] = set()
    for step in reversed(context.comparison.steps if context.comparison.ranged else ()):
        view = workspace.seen_in(step.after)
        entries = [step.after.entry(path) for path in view.paths("initiative")]
        source = initiative_source(view) if entries and not known.issuperset(entries) else None
        known.update(entries)
        if source is not None:
            yield source


def _same_position(one: Position, other: Position) -> bool:
    return (one.phase, one.context) == (other.phase, other.context)


def _same_initiative(one: Source, other: Source) -> bool:
    return one.name is None or other.name is None or same_name(one.name, other.name)


def _outcome(source: Source) -> str:
    """Return what came of an initiative, as far as its own file says."""
    done = source.milestones_done
    if not done:
        return source.status or "completed"
    return f"{done[0] if len(done) == 1 else ', '.join(done[:-1]) + f' and {done[-1]}'} done"


def missing_checkpoint(workspace: View, context: Context, memory: Sequence[Document]) -> DueCheckpoint | None:
    """Return the checkpoint line that is due and is in none of the memory files, or None where none is."""
    position = position_of(workspace, context.memory)
    boundary = _newest_boundary(position) if position is not None else None
    if position is None or boundary is None or _is_completed(workspace, position):
        return None
    if any(is_line_of(line, boundary, position.context) for line in checkpoints(memory)):
        return None
    return DueCheckpoint(position, boundary, position.context)


def _is_completed(workspace: View, position: Position) -> bool:
    """Say whether the initiative that the workflow is about is over."""
    source = initiative_source(workspace)
    if source is None or source.status not in MACHINES["initiative"].final:
        return False
    return position.context is None or source.name is None or names(position.context, source.name)


def _newest_boundary(position: Position) -> Boundary | None:
    kind = (position.type or "").upper()
    passed = (each for each in BOUNDARIES if each.type == kind and position.phase in each.following)
    return next(passed, None)


def misspelled_phase(workspace: View, context: Context) -> Skipped | None:
    """Return why the boundary of a workflow of a documented type is not known: its phase is nearly a documented one.

    Any other word is the phase of a workflow of the user's own, of which nothing is asked.
    """
    position = position_of(workspace, context.memory)
    kind = (position.type or "").upper() if position is not None else ""
    known = list(
        dict.fromkeys(each for one in BOUNDARIES if one.type == kind for each in (one.completed, *one.following))
    )
    if position is None or not known or position.over or position.phase in known or _is_completed(workspace, position):
        return None
    from difflib import get_close_matches

    near = next((each for each in known if _is_inflected(position.phase, each)), None)
    near = near or next(iter(get_close_matches(position.phase, known, 1, 0.75)), None)
    if near is None:
        return None
    reason = f"phase {show(position.phase)} is none of {listed(known)}; did you mean {near}?"
    return Skipped(position.document.path, reason, "")


def _is_inflected(word: str, phase: str) -> bool:
    """Say whether a word is another form of a phase: planning, fixed, implementation."""
    ending = word.removeprefix(phase)
    return ending != word and ending.isalpha() and len(ending) <= LONGEST_ENDING
