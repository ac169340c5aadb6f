"""The status machines of the documents, as data, and which states can be reached from which."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Machine(NamedTuple):
    """A status machine. The first state of `edges` is where everything begins.

    `final` are states that are not left, but for what their edges say. `bare` are edges that only exist for what has
    no iterations yet.
    """

    name: str
    edges: dict[str, tuple[str, ...]]
    final: frozenset[str] = frozenset()
    bare: tuple[tuple[str, str], ...] = ()

    @property
    def first(self) -> str:
        """The state in which everything begins."""
        return next(iter(self.edges))

    def state(self, value: object) -> str | None:
        """Return the state that a value means, a near miss of its spelling included, or None where it is none."""
        if not isinstance(value, str):
            return None
        folded = value.strip().replace("-", "_").replace(" ", "_").lower()
        return folded if folded in self.edges else None

    def way(self, start: str, end: str, *, bare: bool = False) -> tuple[str, ...] | None:
        """Return the states between two on the shortest legal way, or None where there is no way.

        `bare` says that there are no iterations yet.
        """
        return _way(self.name, start, end, bare)


INITIATIVE = Machine(
    "initiative",
    {
        "created": ("in_progress",),
        "in_progress": ("blocked", "completed"),
        "blocked": ("in_progress",),
        "completed": ("archived",),
        "archived": (),
    },
    final=frozenset({"completed", "archived"}),
)
"""persistence-architecture.md, Status State Machine."""

PHASE = Machine(
    "phase",
    {
        "pending": ("in_progress", "blocked"),
        "in_progress": ("confirming", "blocked", "timeout"),
        "confirming": ("verifying", "in_progress", "blocked", "timeout"),
        "verifying": ("done", "in_progress", "blocked", "timeout"),
        "done": (),
        "blocked": ("in_progress",),
        "timeout": ("in_progress",),
    },
    final=frozenset({"done"}),
    bare=(("blocked", "pending"),),
)
"""state-management.md, Phase Lifecycle, Status Values, and Recovery Scenarios."""

TASK = Machine(
    "task",
    {
        "discover": ("plan",),
        "plan": ("execute",),
        "execute": ("verify",),
        "verify": ("deliver", "execute"),
        "deliver": ("complete",),
        "complete": (),
    },
)
"""state-management.md, Phase Values."""

MILESTONE = Machine("milestone", INITIATIVE.edges)
"""Milestones use the words of an initiative, where they are words."""

MACHINES = {machine.name: machine for machine in (INITIATIVE, PHASE, TASK, MILESTONE)}


@cache
def _way(name: str, start: str, end: str, bare: bool) -> tuple[str, ...] | None:
    machine = MACHINES[name]
    ways: dict[str, tuple[str, ...]] = {start: ()}
    pending = [start]
    while pending and end not in ways:
        here = pending.pop(0)
        further = machine.edges[here] + tuple(b for a, b in machine.bare if bare and a == here)
        for state in further:
            if state not in ways:
                ways[state] = (*ways[here], *([here] if here != start else []))
                pending.append(state)
    return ways.get(end)
