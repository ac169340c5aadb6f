"""Ranges: the commits between two revisions, each as a step from its parents."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from statecheck.history.comparison import Step
from statecheck.history.revisions import UnresolvedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from statecheck.trees import Ancestry, Repository, Tree

    Parting = tuple[tuple[int, int, Tree], ...]


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
    trees = _Trees(repository, {each.oid: each.root for each in commits})
    parted = _partings([each.parents for each in commits if len(each.parents) > 1], [target], trees)
    return [
        Step(tuple(map(trees.of, each.parents)), trees.of(each.oid), each.oid, each.date, parted.get(each.parents, ()))
        for each in commits
    ]


def parting(parents: tuple[str, ...], repository: Repository) -> Parting:
    """Return where each two parents of a merge, by number, parted; those without a common ancestor are left out."""
    return _partings([parents], parents, _Trees(repository, {}))[parents]


class _Trees:
    """The trees of commits, each made once; `roots` are those that are known."""

    def __init__(self, repository: Repository, roots: Mapping[str, str]) -> None:
        self.repository = repository
        self._roots = roots
        self._made: dict[str, Tree] = {}

    def of(self, commit: str) -> Tree:
        if commit not in self._made:
            self._made[commit] = self.repository.commit_tree(commit, self._roots.get(commit))
        return self._made[commit]


def _partings(merges: Sequence[tuple[str, ...]], heads: Sequence[str], trees: _Trees) -> dict[tuple[str, ...], Parting]:
    """Return where the parents of merges parted, by these; all of them lead to the heads."""
    if not merges:
        return {}
    with trees.repository.ancestry(heads) as ancestry:
        return {parents: tuple(_parted(parents, ancestry, trees)) for parents in merges}


def _parted(parents: Sequence[str], ancestry: Ancestry, trees: _Trees) -> Iterator[tuple[int, int, Tree]]:
    for one, two in combinations(range(len(parents)), 2):
        ancestor = ancestry.merge_base(parents[one], parents[two])
        if ancestor is not None:
            yield one, two, trees.of(ancestor)
            yield two, one, trees.of(ancestor)
