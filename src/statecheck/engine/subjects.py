"""What is judged: each workspace beside what it was in every parent, moves and renames followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple
from statecheck.workspaces import Workspace, discover, pair_workspaces, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from statecheck.engine.model import Run, Snapshot
    from statecheck.workspaces import View


Key = tuple[str, str, tuple[str, ...], bool]
"""A workspace beside what it was: its kind and folder, its folders in the parents, and whether it is gone."""


class Subject(NamedTuple):
    """A workspace to judge, and its view in each parent. `gone` says that only a parent has it.

    `parted` are its views where two parents, by number, parted.
    """

    workspace: Workspace
    parents: tuple[View, ...] = ()
    gone: bool = False
    parted: tuple[tuple[int, int, View], ...] = ()

    @property
    def key(self) -> Key:
        """What it is known by from run to run."""
        return self.workspace.kind.name, self.workspace.folder, tuple(each.folder for each in self.parents), self.gone


class Lineage(NamedTuple):
    """The trees that a tree comes from: its parents, and where two of them, by number, parted."""

    parents: tuple[Snapshot, ...]
    parted: tuple[tuple[int, int, Snapshot], ...] = ()


def lineage(run: Run) -> Lineage:
    """Return what the later tree of a run comes from in one step."""
    return Lineage(
        tuple(run.snapshot(parent) for parent in run.comparison.parents),
        tuple((one, two, run.snapshot(tree)) for one, two, tree in run.comparison.parted),
    )


def subjects(run: Run, after: Snapshot, before: Lineage) -> list[Subject]:
    """Return the workspaces of a tree and of its parents that the run is about, by folder."""
    later = discover(after.files, run.policy.kinds)
    earlier = [discover(parent.files, run.policy.kinds) for parent in before.parents]
    return [each for each in pair_up(after, before, later, earlier) if is_asked_for(each.workspace, run)]


def subject_of(key: Key, run: Run, before: Lineage) -> Subject:
    """Return the workspace that was known by this key, of a run that is about the same ones as then."""
    name, folder, folders, gone = key
    kind = next(each for each in run.policy.kinds if each.name == name)
    views = (parent.view(Workspace(kind, each)) for parent, each in zip(before.parents, folders, strict=True))
    return Subject(Workspace(kind, folder), tuple(views), gone)


def is_asked_for(workspace: Workspace, run: Run) -> bool:
    """Say whether the named paths concern a workspace, nothing excludes it, and it is not left to another shard."""
    asked = within(workspace.folder, run.paths) and not run.policy.excludes(workspace.folder)
    return asked and workspace.folder not in run.elsewhere


def pair_up(
    after: Snapshot, before: Lineage, later: Sequence[Workspace], earlier: Sequence[Sequence[Workspace]]
) -> list[Subject]:
    """Return the workspaces of a tree, and those that only its parents have, each with what it was in every parent."""
    pairs = [
        pair_workspaces(later, then, after.view, parent.view)
        for parent, then in zip(before.parents, earlier, strict=True)
    ]
    known = set(later)
    every = [*later, *_gone(known, pairs)]
    found = []
    for workspace in every:
        was = [each.get(workspace) or workspace for each in pairs]
        views = tuple(parent.view(each) for parent, each in zip(before.parents, was, strict=True))
        parted = tuple((one, two, tree.view(was[two])) for one, two, tree in before.parted)
        gone = workspace not in known and not _lacks_marker_alone(after.view(workspace))
        found.append(Subject(workspace, views, gone, parted))
    return sorted(found, key=lambda each: each.workspace.folder)


def _lacks_marker_alone(view: View) -> bool:
    """Say whether what asks for a workspace to be judged was removed, and not the workspace itself."""
    return bool(view.kind.markers) and next(view.every_document(), None) is not None


def _gone(known: set[Workspace], pairs: Iterable[Iterable[Workspace]]) -> dict[Workspace, None]:
    return {workspace: None for each in pairs for workspace in each if workspace not in known}
