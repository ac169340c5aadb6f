"""Ranges: the commits between two revisions, each as a step from its parents."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from statecheck.history.comparison import Step
from statecheck.history.revisions import UnresolvedError

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    return [_step(each, trees, repository) for each in commits]


def _step(commit: Commit, trees: dict[str, Tree], repository: Repository) -> Step:
    for parent in commit.parents:
        if parent not in trees:
            trees[parent] = repository.commit_tree(parent)
    parents = tuple(trees[each] for each in commit.parents)
    return Step(parents, trees[commit.oid], commit.oid, commit.date, parting(commit.parents, repository))


def parting(parents: Sequence[str], repository: Repository) -> tuple[tuple[int, int, Tree], ...]:
    """Return where each two parents of a merge, by number, parted; those without a common ancestor are left out."""
    found: list[tuple[int, int, Tree]] = []
    for one, two in combinations(range(len(parents)), 2):
        ancestor = repository.merge_base(parents[one], parents[two])
        if ancestor is not None:
            tree = repository.commit_tree(ancestor)
            found += [(one, two, tree), (two, one, tree)]
    return tuple(found)
