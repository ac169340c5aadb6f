"""What several rules of the family ask: each named path with what it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import show
from statecheck.rules import Skipped, at
from statecheck.workspaces import Located, Locator, Reference, Unfit, references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statecheck.documents import StateDocument
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View


def locator(workspace: View, context: Context) -> Locator:
    """Return what looks paths up in the tree that is judged."""
    return Locator(workspace, context.repository_root, context.root)


def located(
    manifest: StateDocument, workspace: View, context: Context
) -> Iterator[tuple[Reference, Located] | Skipped]:
    """Yield each named path with what it leads to, and as skipped what names none: rule S103 speaks of that."""
    look = locator(workspace, context)
    spec = workspace.spec_of(manifest.path)
    for each in references(manifest, spec.lists) if spec is not None and spec.lists is not None else ():
        if isinstance(each, Unfit):
            yield Skipped(manifest.path, each.reason, "S103")
        else:
            yield each, look.locate(each.text)


def over_references(
    manifest: StateDocument,
    workspace: View,
    context: Context,
    judge: Callable[[Reference, Located], Violation | None],
) -> Iterator[Violation | Skipped]:
    """Yield what `judge` says of each named path, and what is skipped: of unsafe paths, only rule D303 speaks."""
    for each in located(manifest, workspace, context):
        if isinstance(each, Skipped):
            yield each
        elif each[1].state == "unsafe":
            yield Skipped(manifest.path, f"{show(each[0].text)} {each[1].reason}", "D303")
        elif (found := judge(*each)) is not None:
            yield found


def about(manifest: StateDocument, reference: Reference, message: str, **details: Any) -> Violation:
    """Return a violation at a path of the manifest; the path is its subject, so that one cause has one voice."""
    return at(manifest, manifest.span(reference.pointer), message, subject=reference.text, **details)


def on_disk_only(reference: Reference, workspace: View, context: Context) -> str | None:
    """Return the path of a file that is on disk and was never added to git, where the disk is not judged, else None."""
    if context.disk is None or workspace.tree.kind == "worktree":
        return None
    for path in locator(workspace, context).candidates(reference.text):
        if context.disk.untracked(path):
            return path
    return None
