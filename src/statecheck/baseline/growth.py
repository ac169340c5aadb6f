"""A change must not accept its own findings: what it adds to a baseline does not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from statecheck.findings import Identity

Counts = dict["Identity", int]
"""How often each finding is accepted."""


def common(after: Mapping[Identity, int], bases: Sequence[Mapping[Identity, int]]) -> Counts:
    """Return what a baseline accepts that one of its bases accepts too, as often as both do."""
    known = {identity: min(count, _most(identity, bases)) for identity, count in after.items()}
    return {identity: count for identity, count in known.items() if count}


def additions(after: Mapping[Identity, int], bases: Sequence[Mapping[Identity, int]]) -> int:
    """Return how many findings a baseline accepts that none of its bases does."""
    return sum(max(0, count - _most(identity, bases)) for identity, count in after.items())


def _most(identity: Identity, bases: Sequence[Mapping[Identity, int]]) -> int:
    return max((each.get(identity, 0) for each in bases), default=0)
