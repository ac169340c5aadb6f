"""The state files of a workspace beside their base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import StateDocument, format_pointer, kept
from statecheck.rules import Skipped
from statecheck.trees import LEDGER
from statecheck.tuples import NamedTuple
from statecheck.workspaces import renamed_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Document, Pointer
    from statecheck.rules import Context
    from statecheck.workspaces import DocumentSpec, View


OF_THE_BASE = ""
"""The cause of what cannot be used in the base: no rule reports it, since rules report what is there now."""


class State(NamedTuple):
    """A state file that can be read, and its base; `old` is None for a file that the base has not."""

    spec: DocumentSpec
    new: StateDocument
    old: StateDocument | None
    label: str
    """The word for the base."""


@kept
def states(context: Context, workspace: View, before: View, *roles: str) -> list[State | Skipped]:  # noqa: ARG001
    """Return every state file of the given roles, all by default; what cannot be read in either is skipped.

    Kept with the `context`: an older version that a newer one had to remember would never be let go.
    """
    return list(_states(workspace, before, *roles))


def _states(workspace: View, before: View, *roles: str) -> Iterator[State | Skipped]:
    for spec in workspace.kind.documents:
        if spec.purpose != "state" or not spec.described or (roles and spec.role not in roles):
            continue
        bases = {before.within(base.path): base for base in before.documents(spec.role)}
        renamed = renamed_documents(before, workspace, spec.role)
        for document in workspace.documents(spec.role):
            path = workspace.within(document.path)
            base = bases.get(renamed.get(path, path))
            gap = _damage(document)
            if gap is None and base is not None:
                gap = _damage(base, document.path, before.tree.label)
            if gap is not None:
                yield gap
            elif isinstance(document, StateDocument):
                old = base if isinstance(base, StateDocument) else None
                yield State(spec, document, old, before.label_of(old.path) if old is not None else before.tree.label)


def _damage(document: Document, path: str | None = None, label: str = "") -> Skipped | None:
    if not document.usable:
        problem = document.problems[0]
        if path is None:
            return Skipped(document.path, problem.message, problem.code)
        return Skipped(path, f"its version in {label} cannot be read: {problem.message}", OF_THE_BASE)
    if isinstance(document, StateDocument) and not isinstance(document.value, dict):
        if path is None:
            return Skipped(document.path, "the document is no object", "S103")
        return Skipped(path, f"its version in {label} is no object", OF_THE_BASE)
    return None


def lost_values(state: State, *pointers: str) -> Iterator[Skipped]:
    """Yield what the base has at these places, and the new file has not, or not as anything that can be compared."""
    if state.old is None:
        return
    for pointer in pointers:
        wanted = dict if pointer == "/phases/*" else object
        values = state.new.select(pointer)
        there = {each for each, value in values if value is not None and isinstance(value, wanted)}
        for each, value in state.old.select(pointer):
            if value is not None and each not in there and _holder_is_there(state.new.value, each):
                yield Skipped(state.new.path, f"{format_pointer(each)} is gone", "S103")


def _holder_is_there(value: Any, pointer: Pointer) -> bool:
    """Say whether a named phase, or the document itself, that should hold a value is there, in whatever form."""
    phases_there = value.get("phases") if isinstance(value, dict) else None
    if pointer[0] != "phases" or len(pointer) < 2:
        return True
    return not isinstance(phases_there, dict) or pointer[1] in phases_there


def never_recorded(state: State, before: View, context: Context) -> bool:
    """Say whether nothing could know a file before: git ignores it, and there is no ledger. It is not new then."""
    alone = state.old is None and context.disk is not None and context.disk.ignored(state.new.path)
    return alone and not before.tree.label.endswith(LEDGER)


def taken_over(state: State, workspace: View, before: View, context: Context) -> bool:
    """Say whether a merge took a file as another parent has it: how it came to be so was judged there."""
    for parent in context.parents:
        if parent is not before:
            documents = parent.documents(state.spec.role)
            if any(
                parent.within(each.path) == workspace.within(state.new.path) and each.data == state.new.data
                for each in documents
            ):
                return True
    return False
