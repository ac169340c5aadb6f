"""Where an initiative, and the workflow within it, stands (persistence-architecture.md, Read Protocol).

Files come before memory, memory before the folders. Where two files disagree, the newer one counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.standing import Conflict, Fact, Standing
from statecheck.workspaces.authority import Authority, authority, disagreements, stale_warning
from statecheck.workspaces.declared import INITIATIVE
from statecheck.workspaces.initiatives import (
    ACTIVE,
    Source,
    active_folders,
    counterparts,
    initiative_source,
    same_name,
    status_sources,
)
from statecheck.workspaces.positions import MemorySettings, Position, position_of
from statecheck.workspaces.standings.facts import member, said, stated, undecided
from statecheck.workspaces.standings.memory import Memory, memory_conflicts, read_memories

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.clock import Clock
    from statecheck.workspaces.view import View

_BY_FOLDERS = "reconstruct the state from the folders, neither a file nor the memory says where the work stands"
_NOWHERE = "begin: nothing that can be read says where the work stands"


def initiative_standing(workspace: View, settings: MemorySettings, clock: Clock) -> Standing:
    """Return where an initiative stands."""
    primary, position = initiative_source(workspace), position_of(workspace, settings)
    about = position.context if position is not None else primary.name if primary is not None else None
    memory = read_memories(workspace, settings, about)
    believed, conflicts = _believed(primary, workspace, clock)
    conflicts += memory_conflicts(memory, position, believed)
    conflicts += _folder_conflicts(believed, workspace)
    facts = [*_source_facts(believed, primary), *_position_facts(position), *_interview_facts(workspace)]
    facts += memory.facts
    facts += _folder_facts(workspace, believed)
    over = _is_over(believed, position)
    following = undecided(conflicts) or _next(believed, position, memory, facts, over=over)
    return Standing(workspace.kind.name, workspace.folder, over, following, tuple(facts), tuple(conflicts))


def _believed(primary: Source | None, workspace: View, clock: Clock) -> tuple[Source | None, list[Conflict]]:
    """Return the file that counts for status and milestone, and where another says otherwise."""
    believed, conflicts = primary, []
    for other in counterparts(primary, workspace) if primary is not None else ():
        assert primary is not None  # else it would have no counterpart
        decided = authority(primary, other, clock)
        for each in disagreements(primary, other):
            claims = (
                stated(each.field, primary.document, each.our_pointer, _dated(each.ours, primary)),
                stated(each.field, other.document, each.their_pointer, _dated(each.theirs, other)),
            )
            path = decided.newer.document.path if decided.newer is not None else None
            conflicts.append(Conflict(each.field, claims, path, _reason(decided, primary, other)))
            believed = decided.newer or believed
    return believed, conflicts


def _reason(decided: Authority, primary: Source, other: Source) -> str:
    """Return why a file counts, or what to do, and the documented warning where one of the two is stale."""
    if decided.newer is None or primary.clock is None or other.clock is None:
        return decided.words
    warning = stale_warning(primary.clock, other.clock)
    return decided.words if warning is None else f"{decided.words} ({warning})"


def _dated(value: str | None, source: Source) -> str:
    return f"{value}, written {source.clock.text}" if source.clock is not None else f"{value}, at no known time"


def _source_facts(believed: Source | None, primary: Source | None) -> Iterator[Fact]:
    if believed is None or primary is None:
        return
    document = believed.document
    if primary.name is not None:
        yield stated("initiative", primary.document, ("name",), primary.name)
    if believed.status is not None:
        yield stated("status", document, ("status",), believed.status)
    if believed.milestone is not None:
        yield stated("milestone", document, believed.milestone_pointer, believed.milestone)
    if primary.milestones:
        every = ", ".join(f"{name} {state}" for name, state in primary.milestones.items())
        yield stated("progress", primary.document, ("progress",), every)
    if believed.clock is not None:
        yield stated("updated", document, believed.clock_pointer, believed.clock.text)


def _position_facts(position: Position | None) -> Iterator[Fact]:
    if position is not None:
        told = [position.type or "unnamed type", f"in phase {position.phase}"]
        about = f": {position.context}" if position.context else ""
        yield stated("workflow", position.document, position.pointer, " ".join(told) + about)


def _interview_facts(workspace: View) -> Iterator[Fact]:
    interview = workspace.usable("interview")
    if interview is not None and isinstance(interview.value, dict):
        confidence = interview.value.get("confidence")
        if isinstance(confidence, dict) and confidence.get("composite") is not None:
            yield stated("interview confidence", interview, ("confidence", "composite"), confidence["composite"])
        yield from member("interview updated", interview, "lastUpdated")


def _folder_facts(workspace: View, believed: Source | None) -> Iterator[Fact]:
    """Yield what the scan of the folders adds: what WORKFLOW-STATUS.yaml says of initiatives that no file told of."""
    known = (believed.name if believed is not None else None) or ""
    told = set()
    for source in status_sources(workspace):
        told.add(source.name or "")
        if not same_name(source.name or "", known):
            parts = [source.name or "unnamed", source.status or "of no known status"]
            parts += [f"at milestone {source.milestone}"] if source.milestone is not None else []
            yield stated("active folder", source.document, ("status",), " ".join(parts))
    for folder in active_folders(workspace):
        if not any(same_name(folder, each) for each in {*told, known}):
            yield Fact("active folder", folder, workspace.join(f"{ACTIVE}/{folder}"), 1)


def _folder_conflicts(believed: Source | None, workspace: View) -> list[Conflict]:
    """Return that the initiative goes on, and the scan of the folders would find only others."""
    folders = active_folders(workspace)
    if believed is None or believed.name is None or believed.status in (None, *INITIATIVE.final) or not folders:
        return []
    names = {*folders, *(each.name or "" for each in status_sources(workspace))}
    if any(same_name(each, believed.name) for each in names):
        return []
    claims = (
        stated("initiative", believed.document, ("name",), believed.name),
        Fact("initiative", ", ".join(folders), workspace.join(f"{ACTIVE}/{folders[0]}"), 1),
    )
    return [Conflict("active initiative", claims, believed.document.path, "files come before the scan of the folders")]


def _is_over(believed: Source | None, position: Position | None) -> bool:
    """Say whether the files leave nothing to resume; the memory and the folders alone never say that."""
    ended = believed is not None and believed.status in INITIATIVE.final
    return ended if position is None else position.over and (ended or believed is None)


def _next(
    believed: Source | None, position: Position | None, memory: Memory, facts: Sequence[Fact], *, over: bool
) -> str:
    workflow = "" if position is None or position.over else f"workflow {said(facts, 'workflow')}"
    if over:
        reached = (
            f"initiative {believed.name or ''} is {believed.status}" if believed is not None else "the workflow ended"
        )
        return f"nothing to resume: {' '.join(reached.split())}"
    if believed is None:
        if workflow:
            return f"resume {workflow}; initiative.json is missing, or cannot be read"
        if memory.active is not None:
            return f"resume by the memory, no file says where the work stands: {memory.active.value}"
        folder = said(facts, "active folder")
        return f"{_BY_FOLDERS}: {folder}" if folder else _NOWHERE
    name = " ".join(f"initiative {believed.name or ''}".split())
    where = f" at milestone {believed.milestone}" if believed.milestone is not None else ""
    tail = f"; {workflow}" if workflow else ""
    steps = {
        "created": f"start {name}{where}",
        "in_progress": f"resume {name}{where}",
        "blocked": f"{name} is blocked{where}: ask what it is waiting for",
    }
    return steps.get(believed.status or "", f"first settle the status of {name}: no file says one that is known") + tail
