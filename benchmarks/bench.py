"""One run of the benchmarks: its data, its size, how the program is called, and how a plan is measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from benchmarks import data, environment
from benchmarks.measure import Command, Runner, alternate
from benchmarks.results import Timed, Work


class Peer(NamedTuple):
    """A command to compare with, and the largest ratio to it that meets the target."""

    command: Command
    bound: float | None = None


class Plan(NamedTuple):
    """What is to be measured.

    `begin` is called before the first run, and `prepare` before each round with its number; `most` bounds the memory.
    """

    id: str
    title: str
    program: Command
    peers: Sequence[Peer]
    rounds: int
    most: int | None = None
    prepare: Callable[[int], None] | None = None
    begin: Callable[[], None] | None = None


class Bench:
    """Where data lie, and what the program is called. `scale` is the part of the full sizes that is generated."""

    def __init__(self, scratch: Path, scale: float, rounds: int | None) -> None:
        self._scratch, self._scale, self._rounds = scratch, scale, rounds
        self.runner = Runner(scratch)

    def size(self, full: int, least: int = 1) -> int:
        """Return a size at the scale."""
        return max(least, round(full * self._scale))

    def rounds(self, usual: int) -> int:
        """Return how many rounds are timed."""
        return self._rounds or usual

    def data(self, kind: str, count: int) -> Path:
        """Return the folder with data of a kind, which are written when they are first asked for."""
        folder = self._scratch / f"{kind}-{count}"
        if not folder.exists():
            tell(f"writing data: {kind}, {count:,}")
            data.KINDS[kind].write(folder, count, data.SEED)
        return folder

    @cached_property
    def has_cache(self) -> bool:
        """Whether the program has a cache that can be left out."""
        command = [environment.script("check-state"), "--help"]
        return "--no-cache" in subprocess.run(command, check=True, capture_output=True, text=True).stdout

    @cached_property
    def schema(self) -> str:
        """The path of the schema of state.json, as the program prints it."""
        path = self._scratch / "task-state.schema.json"
        command = [environment.script("statecheck"), "schema", "task-state"]
        path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        return str(path)

    def check(self, folder: Path, *options: str, cold: bool = True) -> Command:
        """Return a run of check-state; a cold one has no cache."""
        options += ("--no-cache",) if cold and self.has_cache else ()
        shown = " ".join(["check-state", *options])
        return Command("check-state", shown, [environment.script("check-state"), *options], folder)

    def check_jsonschema(self, folder: Path, files: Sequence[Path]) -> Command:
        """Return a run of check-jsonschema on state files."""
        arguments = [environment.script("check-jsonschema"), "--schemafile", self.schema, *map(str, files)]
        shown = f"check-jsonschema --schemafile SCHEMA {counted(files)}"
        return Command("check-jsonschema", shown, arguments, folder)

    def measure(self, plan: Plan) -> Work:
        """Run everything once without a clock, then in rounds. Raises `FailedError`."""
        commands = [plan.program, *(peer.command for peer in plan.peers)]
        tell(f"{plan.id}: {plan.title}: {', '.join(each.name for each in commands)}, {plan.rounds} rounds")
        if plan.begin is not None:
            plan.begin()
        firsts = [self.runner.first(each) for each in commands]
        times = alternate(commands, plan.rounds, self.runner.seconds, plan.prepare)
        bounds = [None, *(peer.bound for peer in plan.peers)]
        program, *peers = [
            Timed(command.name, command.shown, seconds, first.peak, bound)
            for command, seconds, first, bound in zip(commands, times, firsts, bounds, strict=True)
        ]
        return Work(plan.id, plan.title, firsts[0].said, program, peers, plan.most)


def tell(line: str) -> None:
    """Say on standard error what goes on."""
    print(line, file=sys.stderr, flush=True)


def counted(files: Sequence[Path]) -> str:
    """Return how many state files these are, in words."""
    return "state.json" if len(files) == 1 else f"{len(files):,} state.json"
