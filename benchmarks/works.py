"""The targets P1 to P7: on which data, by which commands, beside which peers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import data, environment
from benchmarks.bench import Bench, Peer, Plan, counted
from benchmarks.measure import Command
from benchmarks.repository import BASE, BRANCH
from benchmarks.results import MEBIBYTE
from benchmarks.tasks import FILES

LOG_SIZE = 10_000_000
CHANGED = 10
"""How many tasks change between two runs of P5."""

SPARE = 4
"""How many tasks there have to be for each that changes: about half of them go on."""


def p1(bench: Bench) -> Plan:
    """One workspace of each kind, without a cache."""
    folder = bench.data("each", 1)
    peer = Peer(bench.check_jsonschema(folder, _states(folder)), 0.5)
    return Plan("P1", "one workspace of each kind, no cache", bench.check(folder), [peer], bench.rounds(20))


def p2(bench: Bench) -> Plan:
    """The same, with a cache, and nothing changed."""
    folder = bench.data("each", 1)
    (state,) = _states(folder)
    arguments = [environment.script("check-json"), str(state)]
    peer = Peer(Command("check-json", "check-json state.json", arguments, folder), 2)
    program = bench.check(folder, cold=False)
    return Plan("P2", "the same, nothing changed since the last run", program, [peer], bench.rounds(20))


def p3(bench: Bench) -> Plan:
    """Many state files, only read and held against their schema."""
    folder = bench.data("states", bench.size(10_000))
    files = _states(folder)
    peers = [Peer(bench.check_jsonschema(folder, files), 0.1), *_other_validators(bench, folder, files)]
    program = bench.check(folder, "--select", "S101,S102,S103")
    return Plan("P3", f"{counted(files)}, S101, S102 and S103", program, peers, bench.rounds(5))


def _other_validators(bench: Bench, folder: Path, files: list[Path]) -> Iterator[Peer]:
    """Yield those peers of P3 that npm installed."""
    sourcemeta, ajv = environment.sourcemeta(), environment.ajv()
    if sourcemeta is not None:
        arguments = [sourcemeta, "validate", bench.schema, *map(str, files)]
        shown = f"jsonschema validate SCHEMA {counted(files)}"
        yield Peer(Command("sourcemeta jsonschema", shown, arguments, folder), 0.8)
    if ajv is not None:
        options = ["validate", "--spec=draft2020", "--strict=false"]
        arguments = [ajv, *options, "-s", bench.schema, "-d", f"{folder}/{data.HOME}/**/state.json"]
        yield Peer(Command("ajv", f"ajv {' '.join(options)} -s SCHEMA -d '**/state.json'", arguments, folder))


def p4(bench: Bench) -> Plan:
    """Many tasks, all rules, without a cache."""
    count = _tasks(bench)
    folder = bench.data("tasks", count)
    peer = Peer(bench.check_jsonschema(folder, _states(folder)), 1)
    title = f"{count:,} tasks, {count * FILES:,} files, no cache"
    return Plan("P4", title, bench.check(folder), [peer], bench.rounds(3), most=300 * MEBIBYTE)


def p5(bench: Bench) -> Plan:
    """The same, with a cache; ten tasks change before each round."""
    count = _tasks(bench)
    folder = bench.data("tasks", count)
    peer = Peer(Command("git status", "git status", ["git", "status"], folder), 3)

    def change(number: int) -> None:
        data.change_tasks(folder, count, (number - 1) * CHANGED, CHANGED)

    title = f"the same, {CHANGED} tasks changed since the last run"
    return Plan("P5", title, bench.check(folder, cold=False), [peer], bench.rounds(7), prepare=change)


def p6(bench: Bench) -> Plan:
    """A long log that an earlier run has read, to which a little was appended."""
    folder, size = _grown_log(bench)
    program = check_log(bench, folder, cold=False)

    def begin() -> None:
        with data.without_what_is_staged(folder):
            bench.runner.seconds(program)

    def change(number: int) -> None:
        data.stage_otherwise(folder, number)

    title = f"a log of {size / 1_000_000:g} MB, 1 KB appended and staged since the last run, all log rules"
    peer, rounds = Peer(_numbers(folder), 2), bench.rounds(7)
    return Plan("P6", title, program, [peer], rounds, most=8 * size, prepare=change, begin=begin)


def p6_anew(bench: Bench) -> Plan:
    """The same log, of which nothing is known: for this there is no target."""
    folder, _ = _grown_log(bench)
    return Plan("P6", "the same, no cache", check_log(bench, folder), [Peer(_numbers(folder))], bench.rounds(7))


def _grown_log(bench: Bench) -> tuple[Path, int]:
    size = bench.size(LOG_SIZE, data.APPENDED)
    return bench.data("log", size), size


def _numbers(folder: Path) -> Command:
    return _git(folder, "diff", "--numstat", "HEAD", "--", data.LOG)


def p7(bench: Bench) -> Plan:
    """A range of commits of one task, each with an entry of its log and another status."""
    return _range(bench, "long-range", "a range of {:,} commits, each with an entry of one log and a status")


def p7_short(bench: Bench) -> Plan:
    """The same of tasks that live one after the other, with a log each."""
    return _range(bench, "range", "the same in tasks that live one after the other")


PLANS = {"P1": [p1], "P2": [p2], "P3": [p3], "P4": [p4], "P5": [p5], "P6": [p6, p6_anew], "P7": [p7, p7_short]}


def check_log(bench: Bench, folder: Path, *, cold: bool = True) -> Command:
    """Return a run of all log rules on what is staged."""
    return bench.check(folder, "--staged", "--select", "L", cold=cold)


def check_range(bench: Bench, folder: Path) -> Command:
    """Return a run over a generated range."""
    return bench.check(folder, "--from-ref", BASE, "--to-ref", BRANCH)


def _range(bench: Bench, kind: str, title: str) -> Plan:
    count = bench.size(1_000)
    folder = bench.data(kind, count)
    peer = Peer(_git(folder, "log", "-p", f"{BASE}..{BRANCH}", "--", data.HOME), 1.5)
    return Plan("P7", title.format(count), check_range(bench, folder), [peer], bench.rounds(5))


def _tasks(bench: Bench) -> int:
    """Return how many tasks P4 and P5 have: so many that enough can change before each round of P5."""
    return bench.size(10_000, SPARE * CHANGED * bench.rounds(7))


def _git(folder: Path, *arguments: str) -> Command:
    return Command(f"git {arguments[0]}", " ".join(["git", *arguments]), ["git", *arguments], folder)


def _states(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{data.HOME}/**/state.json"))
