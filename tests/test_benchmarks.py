"""The benchmarks: their data are clean, their arithmetic is right, and the page says what was measured. No timings."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import __main__, data, growth, page, repository, works
from benchmarks.bench import Bench
from benchmarks.measure import Command, FailedError, First, Runner, alternate
from benchmarks.results import LIMIT, MEBIBYTE, Growth, Results, Timed, Work, from_json, to_json
from benchmarks.tasks import FILES
from harness import ROOT, Commands, git, snapshot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="they are run on Linux")

RUNS = {
    "each": (1, []),
    "states": (40, ["--select", "S101,S102,S103"]),
    "tasks": (60, []),
    "log": (20_000, ["--staged"]),
    "range": (60, ["--from-ref", "base", "--to-ref", "main"]),
    "long-range": (60, ["--from-ref", "base", "--to-ref", "main"]),
}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "AGE", 0)


@pytest.mark.parametrize("kind", data.KINDS)
def test_data_are_clean(kind: str, folder: Path, commands: Commands) -> None:
    count, options = RUNS[kind]
    data.KINDS[kind].write(folder / kind, count, data.SEED)
    commands.folder = folder / kind
    found = commands.check_json("--strict", "--fail-if-empty", *options)
    assert (found.code, found.findings, found.unverified) == (0, [], [])
    if options:
        found = commands.check("--strict", *([] if kind != "states" else options))
        assert found.code == 0, found.out


def test_data_are_as_many_as_asked_for(folder: Path) -> None:
    data.write_tasks(folder / "tasks", 20)
    assert len(git(folder / "tasks", "ls-files").splitlines()) == 20 * FILES
    for kind in ("range", "long-range"):
        data.KINDS[kind].write(folder / kind, 30, data.SEED)
        changed = git(folder / kind, "log", "--format=%s", "--name-only", "base..main").split("work\n")[1:]
        assert len(changed) == 30
        assert all("progress.md" in each and "state.json" in each for each in changed)
    data.write_log(folder / "log", 50_000)
    before = len(git(folder / "log", "show", f"HEAD:{data.LOG}"))
    (numbers,) = git(folder / "log", "diff", "--cached", "--numstat", "--", data.LOG).splitlines()
    assert 50_000 <= before < 51_000
    assert (folder / "log" / data.LOG).stat().st_size - before >= data.APPENDED
    assert re.match(r"[1-9]\d*\t0\t", numbers)


def test_a_log_is_as_it_was_committed_for_a_while_and_what_is_staged_can_be_said_otherwise(folder: Path) -> None:
    project = folder / "log"
    data.write_log(project, 20_000)
    staged = git(project, "diff", "--cached")
    with data.without_what_is_staged(project):
        assert git(project, "status", "--porcelain") == ""
    assert git(project, "diff", "--cached") == staged
    for number in (1, 2):
        data.stage_otherwise(project, number)
        changed = git(project, "diff", "--cached", "--", data.LOG)
        assert f"+**Did:** ({number})" in changed
        assert "\n-" not in changed.partition("\n@@")[2]
        assert git(project, "diff") == ""


def test_data_are_those_of_the_seed(folder: Path) -> None:
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        data.write_tasks(folder / name, 5, seed)
    one, same, other = (snapshot(folder / name) for name in ("one", "same", "other"))
    assert one == same
    assert one != other
    briefs = [text for name, text in one.items() if name.endswith("brief.md")]
    assert len(set(briefs)) == 5


def test_tasks_have_all_domains_stages_and_statuses() -> None:
    states = [json.loads(task.state()) for task in data.tasks(300)]
    assert {each["domain"] for each in states} == {"research", "writing", "analysis", "planning"}
    assert {each["phase"] for each in states} == {"execute", "verify", "deliver", "complete"}
    statuses = {phase["status"] for each in states for phase in each["phases"].values()}
    assert statuses == {"pending", "in_progress", "blocked", "confirming", "verifying", "done"}


def test_tasks_that_change_are_others_each_time(folder: Path, commands: Commands) -> None:
    target = commands.folder = folder / "tasks"
    data.write_tasks(target, 60)
    changed = []
    for skip in (0, 10):
        data.change_tasks(target, 60, skip, 10)
        changed.append({Path(name).parent for name in git(target, "diff", "--name-only").splitlines()})
        found = commands.check_json("--strict")
        assert (found.code, found.findings) == (0, [])
    assert [len(each) for each in changed] == [10, 20]
    assert changed[0] < changed[1]
    with pytest.raises(ValueError, match="no 70 tasks that go on among 60"):
        data.change_tasks(target, 60, 60, 10)


def test_data_from_the_command_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["benchmarks.data", "states", str(folder / "states"), "--count", "3", "--seed", "7"]
    monkeypatch.setattr(sys, "argv", command)
    data.main()
    assert len(git(folder / "states", "ls-files").splitlines()) == 3


# --- how it is measured ----------------------------------------------------------------------------------------------


def command(name: str, *arguments: str) -> Command:
    return Command(name, name, arguments, ROOT)


def test_commands_take_turns() -> None:
    ran: list[str] = []

    def seconds(each: Command) -> float:
        ran.append(each.name)
        return float(len(ran))

    times = alternate([command("a"), command("b")], 3, seconds, lambda number: ran.append(str(number)))
    assert ran == ["1", "b", "a", "2", "a", "b", "3", "b", "a"]
    assert times == [[3.0, 5.0, 9.0], [2.0, 6.0, 8.0]]


def test_a_run_that_fails_is_no_measurement(folder: Path) -> None:
    runner = Runner(folder)
    failing = command("bad", sys.executable, "-c", "raise SystemExit('it is broken')")
    for run in (runner.seconds, runner.first):
        with pytest.raises(FailedError, match="bad: exit code 1: it is broken"):
            run(failing)


def test_the_settings_of_the_machine_are_not_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONDONTWRITEBYTECODE", "GIT_DIR", "PRE_COMMIT"):
        monkeypatch.setenv(name, "1")
    names = "PYTHONDONTWRITEBYTECODE", "GIT_DIR", "PRE_COMMIT", "GIT_CONFIG_GLOBAL", "XDG_CACHE_HOME"
    code = f"import os; print([os.environ.get(name) for name in {names}])"
    said = Runner(folder).first(command("python", sys.executable, "-c", code)).said
    assert said == str([None, None, None, "/dev/null", str(folder / "cache")])


def test_memory_is_that_of_all_processes(folder: Path) -> None:
    half = "import time; held = b'x' * 40_000_000; time.sleep(0.5)"
    both = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {half!r}]); {half}; child.wait()"
    one, two = (Runner(folder).first(command("python", sys.executable, "-c", code)).peak for code in (half, both))
    assert 40_000_000 < one < 80_000_000 < two


class Stub(Runner):
    """Runs nothing: the program takes half a second, and everything else one."""

    def seconds(self, command: Command) -> float:
        return 0.5 if command.name == "check-state" else 1.0

    def first(self, command: Command) -> First:
        return First(10 * MEBIBYTE, f"{command.name} ran")


@pytest.fixture
def bench(folder: Path) -> Bench:
    made = Bench(folder, 0.001, 2)
    made.runner = Stub(folder)
    made.has_cache = True
    made.schema = "task-state.schema.json"
    return made


def test_the_plans_are_the_targets(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.environment.sourcemeta", lambda: "jsonschema")
    monkeypatch.setattr("benchmarks.environment.ajv", lambda: "ajv")
    plans = [plan(bench) for name in __main__.NAMES for plan in works.PLANS.get(name, ())]
    measured = [bench.measure(plan) for plan in plans]
    assert [(work.id, peer.name, peer.bound) for work in measured for peer in work.peers] == [
        ("P1", "check-jsonschema", 0.5),
        ("P2", "check-json", 2),
        ("P3", "check-jsonschema", 0.1),
        ("P3", "sourcemeta jsonschema", 0.8),
        ("P3", "ajv", None),
        ("P4", "check-jsonschema", 1),
        ("P5", "git status", 3),
        ("P6", "git diff", 2),
        ("P6", "git diff", None),
        ("P7", "git log", 1.5),
        ("P7", "git log", 1.5),
    ]
    assert {work.id: work.most for work in measured if work.most} == {"P4": 300 * MEBIBYTE, "P6": 8 * 10_000}
    warm = [work.id for work in measured if "--no-cache" not in work.program.command]
    assert warm == ["P2", "P5", "P6"]
    assert measured[0].program.seconds == [0.5, 0.5]
    assert measured[0].said == "check-state ran"


def test_peers_of_npm_can_be_missing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sourcemeta", "ajv"):
        monkeypatch.setattr(f"benchmarks.environment.{name}", lambda: None)
    assert [peer.command.name for peer in works.p3(bench).peers] == ["check-jsonschema"]


def test_a_program_without_a_cache_is_not_told_to_leave_it_out(bench: Bench) -> None:
    bench.has_cache = False
    assert bench.check(ROOT, "--staged").shown == "check-state --staged"


def test_sizes_of_the_growth(bench: Bench) -> None:
    grown = [growth.grow(bench, each) for each in growth.DIMENSIONS]
    assert [each.sizes for each in grown] == [[6, 12, 102], [1, 1, 10], [1_000, 3_000, 10_000, 30_000]]
    full = {each.what: each.sizes for each in growth.DIMENSIONS}
    assert full["files"] == (1_000, 10_000, 100_000)
    assert full["commits"] == (100, 1_000, 10_000)
    assert full["bytes of a log"][-1] < 32 * MEBIBYTE, "the largest Markdown file that is read"


@pytest.mark.parametrize(
    "wrong",
    [
        ["--only", "P9"],
        ["--scale", "0"],
        ["--scale", "nan"],
        ["--rounds", "0"],
        ["--write"],
        ["more"],
        ["--only", "P1", "--write", "docs"],
    ],
)
def test_a_wrong_command_line_installs_nothing(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        __main__.main(wrong)
    assert stop.value.code == 2
    assert "usage: python -m benchmarks" in capsys.readouterr().err


# --- what follows from it --------------------------------------------------------------------------------------------


def work(*, program: list[float], peer: list[float], bound: float | None = 0.5, most: int | None = None) -> Work:
    peers = [Timed("peer", "peer file", peer, 5 * MEBIBYTE, bound)]
    return Work(
        "P1", "a piece of work", "no findings", Timed("check-state", "check-state", program, 3 * MEBIBYTE), peers, most
    )


def results(*works: Work, growths: tuple[Growth, ...] = (), scale: float = 1) -> Results:
    return Results(scale, True, {"cores": "2"}, list(works), list(growths))


def test_a_ratio_is_that_of_the_medians() -> None:
    one = work(program=[0.3, 0.1, 0.2], peer=[0.5, 0.4, 9.0])
    (peer,) = one.peers
    assert (one.program.milliseconds, peer.milliseconds) == (200, 500)
    assert math.isclose(one.ratio(peer), 0.4)
    (row,) = list(page.targets(results(one)))[2:]
    assert row == "| P1 | a piece of work | 200 | peer | 500 | 0.40 | ≤ 0.5 | met | 3 |"
    assert "| P1 | `peer file` | 500 (400–9,000) | 5 |  |" in page.page(results(one))


@pytest.mark.parametrize(
    ("seconds", "bound", "most", "missed"),
    [
        (0.5, 0.5, 3, []),
        (0.51, 0.5, None, ["P1 (peer)"]),
        (0.51, None, None, []),
        (0.4, 0.5, 2, ["P1 (memory)"]),
        (0.6, 0.5, 2, ["P1 (memory)", "P1 (peer)"]),
    ],
)
def test_a_target_is_met_or_missed(seconds: float, bound: float | None, most: int | None, missed: list[str]) -> None:
    measured = results(work(program=[seconds], peer=[1.0], bound=bound, most=most and most * MEBIBYTE))
    assert measured.missed() == missed
    shown = "\n".join(page.targets(measured))
    assert shown.count("**missed**") == len(missed)
    assert page.verdict(measured) == (f"Missed: {', '.join(missed)}." if missed else "No target is missed.")


def test_scaled_data_judge_no_target() -> None:
    measured = results(work(program=[9.0], peer=[1.0], most=1), growths=(grown(3),), scale=0.1)
    assert measured.missed() == []
    text = page.page(measured)
    assert "missed" not in text
    assert "| met" not in text
    assert "The data had 0.1 of their full size." in text


def grown(power: float, start: float = 0) -> Growth:
    sizes = [100, 1_000, 10_000]
    return Growth("files", "check-state", sizes, [[start + size**power / 1e4] * 3 for size in sizes], [MEBIBYTE] * 3)


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_the_exponent_of_growth(power: float) -> None:
    measured = grown(power)
    assert all(math.isclose(step, power) for step in measured.steps)
    assert math.isclose(measured.exponent, power)
    assert measured.meets is (power <= 1)


def test_a_start_that_takes_long_does_not_hide_how_the_rest_grows() -> None:
    slow = grown(1.5, start=1)
    assert slow.exponent < LIMIT < slow.steps[-1]
    assert not slow.meets
    assert results(growths=(slow,)).missed() == ["P8 (files)"]


def test_results_survive_being_written() -> None:
    measured = results(work(program=[0.1], peer=[0.2], most=7), growths=(grown(1),))
    assert from_json(json.loads(json.dumps(to_json(measured)))) == measured


def test_the_page_is_that_of_the_figures() -> None:
    figures = json.loads((ROOT / "docs/performance.json").read_text(encoding="utf-8"))
    assert page.page(from_json(figures)) == (ROOT / "docs/performance.md").read_text(encoding="utf-8")


def test_the_picture_is_one_of_text_and_lines() -> None:
    picture = (ROOT / "docs/performance.svg").read_text(encoding="utf-8")
    assert all(f"{each.what}</text>" in picture for each in growth.DIMENSIONS)
    assert "<script" not in picture


def test_the_wheel_does_not_have_them() -> None:
    code = "import importlib.util as util; assert util.find_spec('benchmarks') is None"
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
