"""What is compared with what: two trees, the steps between them, and the words for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.trees import Tree


class Step(NamedTuple):
    """One change of history: from its parents to what was made of them. A merge has several parents.

    `revision` and `date` (the author's) are those of a commit of a range, None of what is not committed yet. `parted`
    are the trees where two parents of a merge, by number, parted: what one of them changed since then was judged where
    it was made, and is not the merge's.
    """

    parents: tuple[Tree, ...]
    after: Tree
    revision: str | None = None
    date: str | None = None
    parted: tuple[tuple[int, int, Tree], ...] = ()


class Comparison(NamedTuple):
    """Two trees, the words for them, and the steps that lead from one to the other.

    `before` is None where history is absent by nature or not wanted. In a range, rules about history judge each of
    the `steps`; else there is one, and a merge being committed gives it several parents.
    """

    before: Tree | None
    after: Tree
    base: str | None
    via: str
    ancestor: Tree | None = None
    """While a merge is going on: where the two sides parted."""
    steps: Sequence[Step] = ()
    ranged: bool = False
    """Whether the steps are the commits of a range."""

    @property
    def words(self) -> str:
        """The clause of the summary line: ``compared index with HEAD``."""
        if self.before is None or not self.before.label:
            return f"{self.after.label} compared with nothing ({self.via})"
        others = [parent.label for parent in self.parents[1:]]
        sides = " and ".join([self.before.label, *others])
        via = "" if self.via in (sides, self.before.label) else f" via {self.via}"
        count = len(self.steps)
        each = f", {count} commit{'' if count == 1 else 's'} one by one" if self.ranged else ""
        return f"compared {self.after.label} with {sides}{via}{each}"

    @property
    def parents(self) -> tuple[Tree, ...]:
        """The trees that what is judged comes from: one, several for a merge, none without history."""
        if not self.ranged and self.steps:
            return self.steps[0].parents
        return () if self.before is None else (self.before,)

    @property
    def parted(self) -> tuple[tuple[int, int, Tree], ...]:
        """Where the parents parted, of what is not a range."""
        return () if self.ranged or not self.steps else self.steps[0].parted

    @property
    def revisions(self) -> int:
        """How many revisions are looked at, the one that is judged among them."""
        return 1 + (len(self.steps) if self.ranged else sum(bool(parent.label) for parent in self.parents))


def pair(before: Tree | None, after: Tree, base: str | None, via: str) -> Comparison:
    """Return the comparison of one tree with another, or with nothing."""
    return Comparison(before, after, base, via, steps=(Step(() if before is None else (before,), after),))
