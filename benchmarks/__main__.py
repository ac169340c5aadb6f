"""Measure the program beside its peers: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import environment

NAMES = [f"P{number}" for number in range(1, 9)]
"""The targets, in the order in which they are measured: P5 changes the data of P4."""


def main(arguments: list[str]) -> int:
    """Measure what the command line asks for, print the tables, and return the exit code: 1 where a run failed."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.write is not None and options.only != NAMES:
        parser.error("--write: a page is written of all targets, not with --only")
    if options.write is not None and not options.write.is_dir():
        parser.error(f"--write: {options.write} is no folder")
    if not environment.inside():
        try:
            environment.build()
        except subprocess.CalledProcessError as error:
            print(f"the environment cannot be made: {error}", file=sys.stderr)
            return 1
        environment.enter(arguments)
    return _measure(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the program beside its peers, and say which target is missed.",
        epilog="It makes an environment of its own below .benchmarks/, and writes data in a temporary folder.",
    )
    parser.add_argument(
        "--scale", type=_positive, default=1.0, metavar="X", help="the part of the data to generate: 0.01"
    )
    parser.add_argument("--only", type=_names, default=NAMES, metavar="IDS", help="the targets to measure: P1,P3")
    parser.add_argument(
        "--rounds", type=_count, metavar="N", help="how often each is timed, in place of its own number"
    )
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write page, picture and figures there: docs")
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _names(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= set(NAMES):
        raise argparse.ArgumentTypeError(f"{text}: expected some of {','.join(NAMES)}")
    return [name for name in NAMES if name in names]


def _measure(options: argparse.Namespace) -> int:
    # Only the environment has what these import.
    from benchmarks import machine, page, plot
    from benchmarks.bench import Bench
    from benchmarks.growth import DIMENSIONS, grow
    from benchmarks.measure import FailedError
    from benchmarks.results import Results
    from benchmarks.works import PLANS

    with tempfile.TemporaryDirectory(prefix="benchmarks-") as scratch:
        bench = Bench(Path(scratch), options.scale, options.rounds)
        try:
            works = [bench.measure(plan(bench)) for name in options.only for plan in PLANS.get(name, ())]
            growths = [grow(bench, each) for each in DIMENSIONS] if "P8" in options.only else []
        except FailedError as error:
            print(error, file=sys.stderr)
            return 1
        results = Results(options.scale, bench.has_cache, machine.describe(), works, growths)
    tables = [each for each, there in ((page.targets, works), (page.growth, growths)) if there]
    print(*("\n".join([*each(results), ""]) for each in tables), page.verdict(results), sep="\n")
    if options.write is not None:
        page.write(results, options.write)
        plot.draw(growths, options.write / "performance.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
