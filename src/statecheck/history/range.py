"""Ranges: the commits between two revisions, each as a step from its parents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.history.comparison import Step
from statecheck.history.revisions import UnresolvedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from statecheck.trees import Commit, Repository, Tree


def range_steps(source: str, target: str, repository: Repository) -> list[Step]:
    """Return a step for each commit that leads to `target` and not to `source`, in order.

    Raises `UnresolvedError` where a shallow clone lacks some of them, and `GitError`.
    """
    commits = repository.commits(source, target)
    cut = next((each for each in commits if repository.cut_off(each)), None)
    if cut is not None:
        raise UnresolvedError(
            f"the history of this shallow clone ends at {cut.oid[:12]}, within the range: what came before it cannot "
            "be judged. Fetch the whole history (git fetch --unshallow; in CI, fetch-depth: 0), or judge the two ends "
            "alone (--endpoints)."
        )
    trees: dict[str, Tree] = {each.oid: repository.commit_tree(each.oid, each.root) for each in commits}
    inside = frozenset(trees)
    return [_step(each, trees, inside, repository) for each in commits]


def _step(commit: Commit, trees: dict[str, Tree], inside: frozenset[str], repository: Repository) -> Step:
    for parent in commit.parents:
        if parent not in trees:
            trees[parent] = repository.commit_tree(parent)
    parents = tuple(trees[each] for each in commit.parents)
    elsewhere = tuple(_elsewhere(commit.parents, trees, inside, repository)) if len(parents) > 1 else ()
    return Step(parents, trees[commit.oid], commit.oid, commit.date, elsewhere)


def _elsewhere(
    parents: Sequence[str], trees: Mapping[str, Tree], inside: frozenset[str], repository: Repository
) -> list[tuple[Tree, Tree]]:
    """Return, for each parent outside the range, the tree where it parted from one inside, and its own."""
    own = next((each for each in parents if each in inside), None)
    found: list[tuple[Tree, Tree]] = []
    for other in parents:
        if own is not None and other not in inside:
            parted = repository.merge_base(own, other)
            if parted is not None:
                found.append((repository.commit_tree(parted), trees[other]))
    return found
