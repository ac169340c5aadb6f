"""The memory files of a workspace, and what they say of workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import Checkpoint, Completion, MarkdownDocument, MemoryLine
from statecheck.rules import Skipped
from statecheck.tuples import NamedTuple
from statecheck.workspaces import memory_documents, places_of_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Document
    from statecheck.rules import Context
    from statecheck.workspaces import View


LOOKED_AT = ("W901", "S101")
"""Problems of a memory file as a file, of which M509 speaks: it is missing in its place, or is no text."""


class Remembered(NamedTuple):
    """A line of a memory file, and the file."""

    document: MarkdownDocument
    line: MemoryLine


def memory_files(workspace: View, context: Context) -> list[Document]:
    """Return the memory files that are there: in their documented places, and where one is configured.

    On the working tree one that git ignores counts, too: memory is often kept out of repositories.
    """
    ignored = context.comparison.after.kind == "worktree"
    return memory_documents(workspace, context.memory, ignored=ignored)


def memory_places(workspace: View, context: Context) -> list[str]:
    """Return where the memory of a workspace may be, within the root; the first place is where it is to be."""
    return places_of_memory(workspace, context.memory)


def is_configured(context: Context) -> bool:
    """Say whether the project says where its memory is."""
    return context.memory.path is not None


def remembered(documents: Sequence[Document]) -> Iterator[Remembered]:
    """Yield the completion entries and checkpoint lines of memory files, in order."""
    for document in documents:
        if isinstance(document, MarkdownDocument) and document.usable:
            yield from (Remembered(document, line) for line in document.memory_lines)


def completions(documents: Sequence[Document]) -> list[Completion]:
    """Return the completion entries that have all three parts."""
    return [
        each.line
        for each in remembered(documents)
        if isinstance(each.line, Completion) and each.line.context is not None
    ]


def checkpoints(documents: Sequence[Document]) -> list[Checkpoint]:
    """Return the checkpoint lines that have a documented form."""
    return [
        each.line
        for each in remembered(documents)
        if isinstance(each.line, Checkpoint) and each.line.context is not None
    ]


def all_memory(workspace: View, context: Context) -> list[Document]:
    """Return the memory files, and the one that is configured outside the root, where it was read."""
    outside = context.memory.document
    return [*memory_files(workspace, context), *([outside] if outside is not None else [])]


def damaged(documents: Sequence[Document]) -> Iterator[Skipped]:
    """Yield a gap for each memory file that cannot be read; M509 is about those that cannot be looked at at all."""
    for document in documents:
        if not document.usable:
            problem = document.problems[0]
            yield Skipped(document.path, problem.message, "M509" if problem.code in LOOKED_AT else problem.code)


def gaps(workspace: View, context: Context, memory: Sequence[Document]) -> list[Skipped]:
    """Return why it cannot be said what the memory lacks; M509 reports what has to do with where it is."""
    found = list(damaged(memory))
    place = memory_places(workspace, context)[0]
    if not found and context.memory.outside and context.memory.document is None:
        reason = f"the memory at {context.memory.path} lies outside the repository and was not read"
        return [Skipped(place, reason, "M509")]
    if not found and not has_home(workspace, context):
        return [Skipped(place, "the repository never had a MEMORY.md; memory may be kept outside of it", "M509")]
    return found


def was_there(workspace: View, context: Context) -> bool:
    """Say whether the base has a memory file."""
    places = memory_places(workspace, context)
    return any(parent.tree.entry(place) is not None for parent in context.parents for place in places)


def has_home(workspace: View, context: Context) -> bool:
    """Say whether it is known that the memory is in the repository: it is there, was there once, or is configured."""
    if memory_files(workspace, context) or is_configured(context) or was_there(workspace, context):
        return True
    return context.ever_had(memory_places(workspace, context))


def home(workspace: View, context: Context) -> dict[str, Any]:
    """Return the facts that a fixer needs to add an entry: the file, or where to make one, and whether it may be made.

    A file may be made without asking where one is configured, or the base had one; `lost` is what the base has of a
    file that is gone.
    """
    there = next(iter(memory_files(workspace, context)), None)
    place = there.path if there is not None else _lost_place(workspace, context)
    expected = is_configured(context) or was_there(workspace, context)
    lost = next((data for each in context.parents if (data := each.restorable(place)) is not None), None)
    return {"document": there, "place": place, "expected": expected, "lost": lost if there is None else None}


def _lost_place(workspace: View, context: Context) -> str:
    """Return where the base has the memory, else the first place for it."""
    places = memory_places(workspace, context)
    had = (place for place in places if any(parent.tree.entry(place) is not None for parent in context.parents))
    return places[0] if is_configured(context) else next(had, places[0])
