"""Status machines, as data, and which states can be reached from which."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Machine(NamedTuple):
    """A status machine. The first state of `edges` is where everything begins.

    `final` are states that are not left, but for what their edges say. `bare` are edges that only exist for what has
    no iterations yet.
    """

    name: str
    edges: Mapping[str, tuple[str, ...]]
    final: frozenset[str] = frozenset()
    bare: tuple[tuple[str, str], ...] = ()
    own: bool = False
    """Whether it is none of the documented ones: no other rule knows its states."""

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def documented(self) -> str | None:
        """Its name, where it is a documented one."""
        return None if self.own else self.name

    @property
    def first(self) -> str:
        """The state in which everything begins."""
        return next(iter(self.edges))

    def state(self, value: object) -> str | None:
        """Return the state that a value means, a near miss of its spelling included, or None where it is none."""
        if isinstance(value, bool | int | float):
            value = str(value).lower()
        if not isinstance(value, str):
            return None
        known = _spellings(self)
        return known[value] if value in known else known.get(_folded(value))

    def way(self, start: str, end: str, *, bare: bool = False) -> tuple[str, ...] | None:
        """Return the states between two on the shortest legal way, or None where there is no way.

        `bare` says that there are no iterations yet.
        """
        ways: dict[str, tuple[str, ...]] = {start: ()}
        pending = [start]
        while pending and end not in ways:
            here = pending.pop(0)
            further = (*self.edges[here], *(b for a, b in self.bare if bare and a == here))
            for state in further:
                if state not in ways:
                    ways[state] = (*ways[here], *([here] if here != start else []))
                    pending.append(state)
        return ways.get(end)


@cache
def _spellings(machine: Machine) -> Mapping[str, str]:
    """Return the states of a machine by their own spelling and by the folded one; of several, the first."""
    folded = {_folded(state): state for state in reversed(list(machine.edges))}
    return folded | {state: folded[_folded(state)] for state in machine.edges}


def _folded(state: str) -> str:
    return state.strip().replace("-", "_").replace(" ", "_").lower()
