"""The state files of a workspace beside their base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from statecheck.documents import StateDocument
from statecheck.rules import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Document
    from statecheck.rules import Context
    from statecheck.workspaces import DocumentSpec, View


class State(NamedTuple):
    """A state file that can be read, and its base; `old` is None for a file that the base has not."""

    spec: DocumentSpec
    new: StateDocument
    old: StateDocument | None
    label: str
    """The word for the base."""


def states(workspace: View, before: View, *roles: str) -> Iterator[State | Skipped]:
    """Yield every state file of the given roles, all by default; what cannot be read in either is skipped."""
    for spec in workspace.kind.documents:
        if spec.purpose != "state" or spec.schema is None or (roles and spec.role not in roles):
            continue
        bases = {relative(base.path, before): base for base in before.documents(spec.role)}
        for document in workspace.documents(spec.role):
            base = bases.get(relative(document.path, workspace))
            gap = _damage(document)
            if gap is None and base is not None:
                gap = _damage(base, document.path, before.tree.label)
            if gap is not None:
                yield gap
            elif isinstance(document, StateDocument):
                yield State(spec, document, base if isinstance(base, StateDocument) else None, before.tree.label)


def relative(path: str, workspace: View) -> str:
    """Return the path of a document within its workspace."""
    return path.removeprefix(f"{workspace.folder}/") if workspace.folder else path


def _damage(document: Document, path: str | None = None, label: str = "") -> Skipped | None:
    if not document.usable:
        problem = document.problems[0]
        reason = problem.message if path is None else f"its version in {label} cannot be read: {problem.message}"
        return Skipped(path or document.path, reason, problem.code)
    if isinstance(document, StateDocument) and not isinstance(document.value, dict):
        where = "the document" if path is None else f"its version in {label}"
        return Skipped(path or document.path, f"{where} is no object", "S103")
    return None


def phases(document: StateDocument) -> dict[str, dict[str, Any]]:
    """Return the phases of a task that are objects, by name; what is none is S103's business."""
    found = document.value.get("phases") if isinstance(document.value, dict) else None
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: phase for name, phase in pairs if isinstance(phase, dict)}


def count(value: object) -> int | None:
    """Return a counter, or None where the value is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def taken_over(state: State, workspace: View, before: View, context: Context) -> bool:
    """Say whether a merge took a file as another parent has it: how it came to be so was judged there."""
    for parent in context.parents:
        if parent is not before:
            documents = parent.documents(state.spec.role)
            if any(
                relative(each.path, parent) == relative(state.new.path, workspace) and each.data == state.new.data
                for each in documents
            ):
                return True
    return False
