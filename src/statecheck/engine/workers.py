"""Judging in several processes, where there is so much to judge that another one pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.processes import processors

if TYPE_CHECKING:
    from collections.abc import Sequence

EACH = 16
"""Workspaces, or commits, for each further process: of fewer, as many are judged before it has begun."""

MOST = 4
"""Processes: what one alone does at both ends is soon all that counts."""


def processes_for(count: int) -> int:
    """Return how many processes are to judge so many workspaces, or commits."""
    return min(processors(), MOST, 1 + count // EACH)


def pieces(numbers: Sequence[int], processes: int, most: int) -> list[Sequence[int]]:
    """Return numbers in pieces for so many processes that take turns: all of a size, of so many at most."""
    size = min(most, -(-len(numbers) // processes))
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]
