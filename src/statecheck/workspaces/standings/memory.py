"""What the memory says of an initiative and its workflow, and where the files say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import BOUNDARIES, Checkpoint, Completion, MarkdownDocument, MemoryLine, names
from statecheck.standing import Conflict, Fact
from statecheck.tuples import NamedTuple
from statecheck.workspaces.declared import INITIATIVE
from statecheck.workspaces.memory import memory_documents
from statecheck.workspaces.standings.facts import stated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.workspaces.initiatives import Source
    from statecheck.workspaces.positions import MemorySettings, Position
    from statecheck.workspaces.view import View

_REASON = "files come before memory"


class Memory(NamedTuple):
    """The last line of the memory on the work, and the place of it; None where it has none."""

    line: MemoryLine | None
    fact: Fact | None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The line as a fact."""
        return () if self.fact is None else (self.fact,)

    @property
    def active(self) -> Fact | None:
        """The line, where it says that a workflow is active."""
        return self.fact if isinstance(self.line, Checkpoint) else None


def read_memories(workspace: View, settings: MemorySettings, about: str | None) -> Memory:
    """Return the last line about something in the memory files, or the last of all where it is not known what."""
    ignored = workspace.tree.kind == "worktree"
    documents = memory_documents(workspace, settings, ignored=ignored)
    documents += [settings.document] if settings.document is not None else []
    found = Memory(None, None)
    for document in documents:
        if isinstance(document, MarkdownDocument) and document.usable:
            for line in document.memory_lines:
                if line.context is not None and (about is None or _is_about(line, about)):
                    text = document.text[line.span.start : line.span.end]
                    found = Memory(line, Fact("memory", text, document.path, line.line + 1))
    return found


def _is_about(line: MemoryLine, about: str) -> bool:
    return line.is_for(about) if isinstance(line, Completion) else names(line.context or "", about)


def memory_conflicts(memory: Memory, position: Position | None, initiative: Source | None) -> Iterator[Conflict]:
    """Yield where the memory and the files disagree on how far the work is: the files count."""
    if memory.fact is None or memory.line is None:
        return
    if position is not None:
        if _contradicts(memory.line, position):
            ours = stated("phase", position.document, position.pointer, position.phase)
            yield Conflict("phase of the workflow", (ours, memory.fact), position.document.path, _REASON)
    elif initiative is not None and initiative.status is not None:
        ended = initiative.status in INITIATIVE.final
        if isinstance(memory.line, Checkpoint) if ended else _ends_initiative(memory.line):
            ours = stated("status", initiative.document, ("status",), initiative.status)
            yield Conflict("whether the work is over", (ours, memory.fact), initiative.document.path, _REASON)


def _contradicts(line: MemoryLine, position: Position) -> bool:
    """Say whether a line of the memory is of another phase than the workflow is in.

    A workflow may be under way once more after it was completed; an initiative may not.
    """
    if isinstance(line, Completion):
        return not position.over and _ends_initiative(line)
    if (position.type or "").lower() != line.type.lower():
        return False
    if position.over or line.boundary is None:
        return position.over
    known = [each for each in BOUNDARIES if each.type == line.boundary.type]
    phases = {phase for each in known for phase in (each.completed, *each.following)}
    return position.phase in phases and position.phase not in line.boundary.following


def _ends_initiative(line: MemoryLine) -> bool:
    return isinstance(line, Completion) and line.of_initiative
