"""Target P8: what work of one kind costs at one size after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.bench import Bench, tell
from benchmarks.measure import Command, alternate
from benchmarks.results import Growth
from benchmarks.tasks import FILES
from benchmarks.works import check_log, check_range

ROUNDS = 3


class Dimension(NamedTuple):
    """What grows: the sizes, the kind of data of which there is so much, and what is run on them.

    `each` is the size that one of the data has.
    """

    what: str
    sizes: tuple[int, ...]
    kind: str
    command: Callable[[Bench, Path], Command]
    each: int = 1


DIMENSIONS = (
    Dimension("files", (1_000, 10_000, 100_000), "tasks", Bench.check, FILES),
    Dimension("commits", (100, 1_000, 10_000), "range", check_range),
    Dimension("bytes of a log", (1_000_000, 3_000_000, 10_000_000, 30_000_000), "log", check_log),
)


def grow(bench: Bench, dimension: Dimension) -> Growth:
    """Measure one dimension: each size once without a clock, then all sizes by turns. Raises `FailedError`."""
    counts = [bench.size(size // dimension.each) for size in dimension.sizes]
    sizes = [count * dimension.each for count in counts]
    rounds = bench.rounds(ROUNDS)
    commands = [dimension.command(bench, bench.data(dimension.kind, count)) for count in counts]
    tell(f"P8: {dimension.what}: {', '.join(f'{size:,}' for size in sizes)}, {rounds} rounds")
    peaks = [bench.runner.first(each).peak for each in commands]
    times = alternate(commands, rounds, bench.runner.seconds)
    return Growth(dimension.what, commands[0].shown, sizes, times, peaks)
