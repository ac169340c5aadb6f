"""What was measured, and what follows from it: medians, ratios, growth, and which target is missed."""

from __future__ import annotations

import itertools
import math
from statistics import linear_regression, median
from typing import Any, NamedTuple

MEBIBYTE = 2**20
LIMIT = 1.1
"""The largest exponent of growth from one size to the next: of 1, and a tenth for the noise of the machine."""


class Timed(NamedTuple):
    """The runs of one command. A peer has the largest ratio that the program may have to it, or none."""

    name: str
    command: str
    seconds: list[float]
    peak: int
    bound: float | None = None

    @property
    def milliseconds(self) -> float:
        """The median."""
        return median(self.seconds) * 1000


class Work(NamedTuple):
    """A piece of work: what the program took for it, and each peer. `most` bounds the memory, in bytes."""

    id: str
    title: str
    said: str
    program: Timed
    peers: list[Timed]
    most: int | None = None

    def ratio(self, peer: Timed) -> float:
        """Return the median of the program divided by the median of a peer."""
        return self.program.milliseconds / peer.milliseconds

    def meets(self, peer: Timed) -> bool | None:
        """Say whether the program is as fast as the target says; None without one for this peer."""
        return None if peer.bound is None else self.ratio(peer) <= peer.bound

    @property
    def fits(self) -> bool | None:
        """Whether the program has as little memory as the target says; None without one."""
        return None if self.most is None else self.program.peak <= self.most


class Growth(NamedTuple):
    """What work of one kind costs at several sizes."""

    what: str
    command: str
    sizes: list[int]
    seconds: list[list[float]]
    peaks: list[int]

    @property
    def medians(self) -> list[float]:
        """The median of each size, in seconds."""
        return [median(each) for each in self.seconds]

    @property
    def steps(self) -> list[float]:
        """The exponent of growth from each size to the next: 1 where cost grows as the size does."""
        points = list(zip(self.sizes, self.medians, strict=True))
        return [math.log(b[1] / a[1]) / math.log(b[0] / a[0]) for a, b in itertools.pairwise(points)]

    @property
    def exponent(self) -> float:
        """The slope of the line that lies nearest to all points, in logarithms."""
        sizes, costs = [math.log(each) for each in self.sizes], [math.log(each) for each in self.medians]
        return linear_regression(sizes, costs).slope

    @property
    def meets(self) -> bool:
        """Whether no step grows faster than the size, but for the noise."""
        return max(self.steps) <= LIMIT


class Results(NamedTuple):
    """A whole run. Targets are only judged at a scale of 1."""

    scale: float
    cache: bool
    machine: dict[str, str]
    works: list[Work]
    growths: list[Growth]

    def missed(self) -> list[str]:
        """Return which targets are missed, in words; none where the data were scaled."""
        if self.scale != 1:
            return []
        found = [f"{work.id} ({peer.name})" for work in self.works for peer in work.peers if work.meets(peer) is False]
        found += [f"{work.id} (memory)" for work in self.works if work.fits is False]
        return sorted(set(found)) + [f"P8 ({growth.what})" for growth in self.growths if not growth.meets]


def to_json(results: Results) -> dict[str, Any]:
    """Return results as JSON has them."""
    works = [
        work._asdict() | {"program": work.program._asdict(), "peers": [each._asdict() for each in work.peers]}
        for work in results.works
    ]
    return results._asdict() | {"works": works, "growths": [each._asdict() for each in results.growths]}


def from_json(value: dict[str, Any]) -> Results:
    """Return the results that `to_json` made this of."""
    works = [
        Work(**{**each, "program": Timed(**each["program"]), "peers": [Timed(**peer) for peer in each["peers"]]})
        for each in value["works"]
    ]
    return Results(**{**value, "works": works, "growths": [Growth(**each) for each in value["growths"]]})
