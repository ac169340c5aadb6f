"""Runs of commands: how long each takes, by turns with the others, and how much memory it has at most."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import psutil

from benchmarks.repository import isolated

INTERVAL = 0.003
"""Seconds between two looks at the memory of a run."""


class FailedError(Exception):
    """A run ended with another exit code than 0: what it took says nothing."""


class Command(NamedTuple):
    """What is run, and where. `name` is what people call it, `shown` how it is written on the page."""

    name: str
    shown: str
    arguments: Sequence[str]
    folder: Path


class First(NamedTuple):
    """What is learned from a run whose time does not count."""

    peak: int
    """The largest memory, in bytes: of all its processes together."""

    said: str
    """The last line that it printed."""


class Runner:
    """Runs commands, isolated from the settings of the machine, with caches below a scratch folder."""

    def __init__(self, scratch: Path) -> None:
        self._environment = isolated() | {"XDG_CACHE_HOME": str(scratch / "cache")}

    def seconds(self, command: Command) -> float:
        """Run a command and return how long it took. Raises `FailedError`."""
        with tempfile.TemporaryFile() as errors:
            began = time.perf_counter()
            process = self._start(command, subprocess.DEVNULL, errors)
            code = process.wait()
            took = time.perf_counter() - began
            _demand_success(command, code, errors)
        return took

    def first(self, command: Command) -> First:
        """Run a command, look at its memory all the time, and return what was seen. Raises `FailedError`."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = self._start(command, output, errors)
            peak = _watch(process)
            _demand_success(command, process.returncode, errors)
            return First(peak, _last_line(output))

    def _start(self, command: Command, output: int | IO[bytes], errors: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )


def alternate(
    commands: Sequence[Command],
    rounds: int,
    seconds: Callable[[Command], float],
    prepare: Callable[[int], None] | None = None,
) -> list[list[float]]:
    """Run all commands once in each round, and return the times of each command.

    Who begins changes from round to round. `prepare` is called before each with its number, from 1.
    """
    times: list[list[float]] = [[] for _ in commands]
    for number in range(1, rounds + 1):
        if prepare is not None:
            prepare(number)
        for turn in range(len(commands)):
            which = (number + turn) % len(commands)
            times[which].append(seconds(commands[which]))
    return times


def _watch(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process, and return the most memory that it had, together with all that it started.

    That is the largest sum of the proportional sets that was seen, or the largest resident set that any one of the
    processes ever had, where a short peak lay between two looks.
    """
    parent, together, alone = psutil.Process(process.pid), 0, 0
    while process.poll() is None:
        sizes = [_sizes(each) for each in _family(parent)]
        together = max(together, sum(proportional for proportional, _ in sizes))
        alone = max(alone, *(most for _, most in sizes))
        time.sleep(INTERVAL)
    return max(together, alone)


def _family(parent: psutil.Process) -> list[psutil.Process]:
    try:
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return [parent]


def _sizes(process: psutil.Process) -> tuple[int, int]:
    """Return the proportional set of a process, and the largest resident set that it had; 0 once it is gone."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        most = next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)
        return process.memory_full_info().pss, most
    except (psutil.Error, OSError):
        return 0, 0


def _demand_success(command: Command, code: int, errors: IO[bytes]) -> None:
    if code:
        raise FailedError(f"{command.shown}: exit code {code}: {_last_line(errors)}")


def _last_line(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").splitlines()
    return lines[-1] if lines else ""
