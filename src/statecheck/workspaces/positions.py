"""Where a workflow stands: its type and phase, from workflow-state.json or from the fields that are configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import Document, StateDocument, read_document
from statecheck.tuples import NamedTuple
from statecheck.workspaces.initiatives import initiative_source

if TYPE_CHECKING:
    from statecheck.documents import Pointer
    from statecheck.workspaces.view import View

TERMINAL_PHASES = frozenset({"git-commit", "x-archive"})
"""persistence-architecture.md, Workflow Completion Write Protocol."""

_CONTEXT_FIELDS = ("context", "context_summary", "name")


class MemorySettings(NamedTuple):
    """What is configured of the memory.

    `path` is the memory file, relative to the workspace, and `document` is what was read of one that lies outside the
    root. `phase` and `type` are a file and a JSON Pointer in it: ``.claude/initiative.json#/phase``.
    """

    path: str | None = None
    outside: bool = False
    document: Document | None = None
    phase: str | None = None
    type: str | None = None


class Position(NamedTuple):
    """Where a workflow stands. `context` is what it is about, as far as its state says."""

    document: StateDocument
    pointer: Pointer
    phase: str
    type: str | None
    context: str | None

    @property
    def over(self) -> bool:
        """Whether the workflow reached a terminal phase."""
        return self.phase in TERMINAL_PHASES


def position_of(workspace: View, settings: MemorySettings) -> Position | None:
    """Return where the workflow stands, or None where that is not known."""
    if workspace.kind.name != "workflow":
        return None
    phase = _located(workspace, settings.phase or ".claude/workflow-state.json#/phase")
    if phase is None:
        return None
    document, pointer, word = phase
    kind = _located(workspace, settings.type or f"{workspace.within(document.path)}#/type")
    return Position(
        document, pointer, word.lower(), kind[2] if kind is not None else None, _context(workspace, document)
    )


def _context(workspace: View, document: StateDocument) -> str | None:
    value = document.value if document.path != workspace.join(".claude/initiative.json") else {}
    named = (value.get(field) for field in _CONTEXT_FIELDS)
    own = next((each.strip() for each in named if isinstance(each, str) and each.strip()), None)
    if own is not None:
        return own
    initiative = initiative_source(workspace)
    return initiative.name if initiative is not None else None


def _located(workspace: View, place: str) -> tuple[StateDocument, Pointer, str] | None:
    """Return the document, the pointer and the word at a place, or None where there is no word."""
    path, _, pattern = place.partition("#")
    path = workspace.join(path)
    spec = workspace.spec_of(path)
    if spec is not None:
        document = next((each for each in workspace.documents(spec.role) if each.path == path), None)
    else:
        document = read_document(workspace.tree, path, "json") if workspace.tree.entry(path) is not None else None
    if not isinstance(document, StateDocument) or not document.usable:
        return None
    found = next(iter(document.select(pattern)), None)
    if found is None or not isinstance(found[1], str) or not found[1].strip():
        return None
    return document, found[0], found[1].strip()
