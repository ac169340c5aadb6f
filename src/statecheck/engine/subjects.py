"""What is judged: each workspace beside what it was in every parent, moves and renames followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from statecheck.workspaces import discover, pair_workspaces, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from statecheck.engine.model import Snapshot
    from statecheck.workspaces import View, Workspace


class Subject(NamedTuple):
    """A workspace to judge, and its view in each parent. `gone` says that only a parent has it."""

    workspace: Workspace
    parents: tuple[View, ...] = ()
    gone: bool = False


def subjects(after: Snapshot, parents: Sequence[Snapshot], paths: Sequence[str]) -> list[Subject]:
    """Return the workspaces of a tree and of its parents that the named paths concern, by folder."""
    later = discover(after.files)
    earlier = [discover(parent.files) for parent in parents]
    return [each for each in pair_up(after, parents, later, earlier) if within(each.workspace.folder, paths)]


def pair_up(
    after: Snapshot, parents: Sequence[Snapshot], later: Sequence[Workspace], earlier: Sequence[Sequence[Workspace]]
) -> list[Subject]:
    """Return the workspaces of a tree, and those that only its parents have, each with what it was in every parent."""
    pairs = [
        pair_workspaces(later, before, after.view, parent.view) for parent, before in zip(parents, earlier, strict=True)
    ]
    known = set(later)
    every = [*later, *_gone(known, pairs)]
    found = [
        Subject(
            workspace,
            tuple(parent.view(each.get(workspace) or workspace) for parent, each in zip(parents, pairs, strict=True)),
            workspace not in known,
        )
        for workspace in every
    ]
    return sorted(found, key=lambda each: each.workspace.folder)


def _gone(known: set[Workspace], pairs: Iterable[Iterable[Workspace]]) -> dict[Workspace, None]:
    return {workspace: None for each in pairs for workspace in each if workspace not in known}
