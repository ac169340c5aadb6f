"""Audits: many repositories over any executor give the findings that check-state gives in each."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import NOW, ROOT, Commands, git, make_repository, write
from lives import LIVES, stages

from statecheck.audit import audit
from statecheck.cli import auditing
from statecheck.cli.auditing import Request, judge_repository
from statecheck.rules import UnknownRuleError

MOMENT = datetime.fromisoformat(NOW)
SCHEMA = json.loads((ROOT / "schemas" / "findings.schema.json").read_text(encoding="utf-8"))
GOOD = ["broken", "healthy", "plain", "empty"]
BAD = ["misconfigured", "absent"]


@pytest.fixture
def repositories(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Repositories of all sorts, two of which cannot be looked at; their names, as one stands above them."""
    shutil.copytree(ROOT / "examples" / "broken", folder / "broken")
    git(make_repository(folder / "broken"), "add", "-A")
    git(folder / "broken", "commit", "-q", "-m", "first")
    log = folder / "broken/iterative-work/.iterative-work/tram-noise/progress.md"
    log.write_bytes(log.read_bytes().replace(b"**Did:**", b"**Did:** not", 1))
    make_repository(folder / "healthy", dict(stages(LIVES["iterative-work"])[3].tree))
    write(folder / "plain", dict(stages(LIVES["refinement"])[2].tree))  # without version control
    make_repository(folder / "empty", {"README.md": "x"})
    make_repository(folder / "misconfigured", {**stages(LIVES["workflow"])[2].tree, "statecheck.toml": "strict = 1"})
    monkeypatch.chdir(folder)
    return ["broken", "absent", "healthy", "plain", "misconfigured", "empty"]


def judged(repositories: list[str], executor: Executor) -> dict[str, dict[str, Any]]:
    """Return what an audit says of each repository."""
    return {name: report._asdict() for name, report in audit(repositories, executor, now=MOMENT)}


def one_by_one(repositories: list[str]) -> dict[str, dict[str, Any]]:
    """Return what this process says of each repository, one after the other."""
    requests = {name: Request(os.path.abspath(name), (), (), True, True, NOW) for name in repositories}
    return {name: judge_repository(request)._asdict() for name, request in requests.items()}


# --- executors -------------------------------------------------------------------------------------------------------


@contextmanager
def dask() -> Iterator[Executor]:
    distributed = pytest.importorskip("distributed")
    with cluster() as address, distributed.Client(address) as client, client.get_executor(pure=False) as executor:
        yield executor


@contextmanager
def cluster() -> Iterator[str]:
    """Give the address of a cluster of two processes on this machine."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, host="127.0.0.1", dashboard_address=None
    ) as local:
        yield local.scheduler_address


@pytest.mark.parametrize(
    "executor",
    [
        lambda: ThreadPoolExecutor(4),
        lambda: ProcessPoolExecutor(2),
        pytest.param(dask, marks=pytest.mark.slow),
    ],
    ids=["threads", "processes", "dask"],
)
def test_every_executor_finds_the_same(
    executor: Callable[[], AbstractContextManager[Executor]], repositories: list[str]
) -> None:
    with executor() as workers:
        found = judged(repositories, workers)
    assert list(found) == repositories, "in the order in which they were named"
    assert found == one_by_one(repositories)


def test_what_is_found_is_what_check_state_finds(repositories: list[str], commands: Commands) -> None:
    with ThreadPoolExecutor() as executor:
        found = dict(audit(repositories, executor, now=MOMENT))
    assert sum(len(each.findings) for each in found.values()) > 10
    for name in GOOD:
        there = commands.check_json(name).json
        report = found[name]
        assert [each.fingerprint for each in report.findings] == [each["fingerprint"] for each in there["findings"]]
        assert (report.verdict(), report.workspaces, report.files) == (
            there["verdict"],
            there["examined"]["workspaces"],
            there["examined"]["files"],
        )


def test_one_that_cannot_be_looked_at_stops_no_other(repositories: list[str]) -> None:
    with ThreadPoolExecutor() as executor:
        found = dict(audit(repositories, executor, now=MOMENT))
    assert [name for name, report in found.items() if report.verdict() == "unverified"] == ["absent", "misconfigured"]
    reasons = [gap.reason for name in ("absent", "misconfigured") for gap in found[name].unverified]
    assert reasons[0].startswith("no such file or folder: ")
    assert reasons[1] == "statecheck.toml:1: strict: expected true or false, and is 1"


def test_what_crosses_to_a_worker_is_small(repositories: list[str]) -> None:
    request = Request(os.path.abspath("broken"), (), (), True, True, NOW)
    assert pickle.loads(pickle.dumps(request)) == request
    assert len(pickle.dumps(request)) < 1000
    report = judge_repository(request)
    assert pickle.loads(pickle.dumps(report)) == report


def test_a_worker_that_ends_is_no_good_news(repositories: list[str]) -> None:
    with ProcessPoolExecutor(1, initializer=os._exit, initargs=(1,)) as executor:
        found = dict(audit(repositories, executor))
    assert {report.verdict() for report in found.values()} == {"unverified"}
    assert all("no worker could look at it: BrokenProcessPool" in each.unverified[0].reason for each in found.values())


def test_an_executor_that_is_shut_down(repositories: list[str]) -> None:
    executor = ThreadPoolExecutor()
    executor.shutdown()
    (found,) = audit(["healthy"], executor)
    assert found.report.unverified[0].reason.startswith("no worker could look at it: RuntimeError")


def test_a_mistake_in_a_run_stops_no_other(repositories: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(auditing, "check", mistaken)
    report = judge_repository(Request(os.path.abspath("healthy"), (), (), True, True, NOW))
    assert [gap.reason for gap in report.unverified] == ["the run failed, please report this: KeyError: 'x'"]


def test_a_history_that_cannot_be_had(repositories: list[str]) -> None:
    (Path("healthy") / ".git" / "refs" / "heads" / "main").write_text("0" * 39 + "1\n")
    with ThreadPoolExecutor() as executor:
        (found,) = audit(["healthy"], executor)
    assert [gap.code for gap in found.report.unverified] == ["W906"]


def test_only_whole_repositories(repositories: list[str]) -> None:
    with ThreadPoolExecutor() as executor:
        (found,) = audit([Path("broken") / "refinement"], executor)
    assert found.repository == os.path.join("broken", "refinement")
    assert found.report.unverified[0].reason.endswith(f"{os.path.realpath('broken')}: name that")


def test_arguments_are_looked_at_first(repositories: list[str]) -> None:
    with ThreadPoolExecutor() as executor:
        with pytest.raises(UnknownRuleError):
            audit(repositories, executor, select=["D999"])
        with pytest.raises(ValueError, match="offset"):
            audit(repositories, executor, now=MOMENT.replace(tzinfo=None))
        (found,) = audit(["broken"], executor, select=["D"], ignore=["D305"], history=False, baseline=False)
        assert {each.code for each in found.report.findings} == {"D301", "D306", "D311"}
        assert found.report.via == "--no-history"
    assert MOMENT.tzinfo is UTC


# --- the command -----------------------------------------------------------------------------------------------------


def run_audit(commands: Commands, *arguments: str) -> Any:
    return commands.statecheck("audit", "--now", NOW, *arguments)


def test_the_command(repositories: list[str], commands: Commands) -> None:
    outcome = run_audit(commands, "--output-format", "json", *repositories)
    assert (outcome.code, outcome.err) == (1, "")
    jsonschema.Draft202012Validator(SCHEMA).validate(outcome.json)
    assert outcome.unverified == ["W901 absent", "W901 misconfigured"]
    alone = [(name, commands.check_json(name).json) for name in GOOD]
    for what in ("path", "workspace"):
        expected = sorted(f"{name}/{each[what]}" for name, report in alone for each in report["findings"])
        assert sorted(each[what] for each in outcome.json["findings"]) == expected
    for what in ("workspaces", "files", "revisions"):
        assert outcome.json["examined"][what] == sum(report["examined"][what] for _, report in alone)
    text = run_audit(commands, *repositories).out
    assert "broken/refinement/artifact_manifest.json:10:15: error D306" in text
    assert text.endswith(", 2 unverified (8 fixable with fix-state, 3 with --unsafe-fixes)\n")
    assert "; audited 6 repositories, each compared with its own base; " in text


@pytest.mark.parametrize(
    ("names", "code"),
    [(["healthy"], 0), (["broken"], 1), (["absent"], 2), (["absent", "broken"], 1), (["absent", "healthy"], 2)],
)
def test_exit_codes(names: list[str], code: int, repositories: list[str], commands: Commands) -> None:
    assert run_audit(commands, *names).code == code


def test_options_of_the_verdict(repositories: list[str], commands: Commands) -> None:
    assert run_audit(commands, "empty").code == 0
    assert run_audit(commands, "--fail-if-empty", "empty").code == 1
    assert run_audit(commands, "--fail-if-empty", "empty", "healthy").code == 0
    only_warnings = ("--select", "D305", "broken")
    assert run_audit(commands, *only_warnings).code == 0
    assert run_audit(commands, "--strict", *only_warnings).code == 1
    make_repository(Path("broken"), {"statecheck.toml": "strict = true"})
    assert run_audit(commands, *only_warnings, "healthy").code == 1, "as the project is configured"


def test_a_repository_that_is_named_in_another_way(repositories: list[str], commands: Commands) -> None:
    def paths(*names: str) -> set[str]:
        found = run_audit(commands, "--output-format", "json", "--select", "D306", *names).json["findings"]
        return {each["path"] for each in found}

    below = "refinement/artifact_manifest.json"
    assert paths("broken/") == paths("broken", "broken") == {f"broken/{below}"}
    assert paths("./broken") == {f"./broken/{below}"}
    assert paths(os.path.abspath("broken")) == {f"{Path('broken').resolve().as_posix()}/{below}"}
    commands.folder /= "broken"
    assert paths(".") == {below}
    assert paths("../broken") == {f"../broken/{below}"}


@pytest.mark.parametrize("name", ["concise", "sarif", "github", "gitlab", "junit", "markdown"])
def test_formats(name: str, repositories: list[str], commands: Commands) -> None:
    outcome = run_audit(commands, "--output-format", name, "--statistics", *repositories)
    assert (outcome.code, outcome.err) == (1, "")
    assert "broken/refinement" in outcome.out
    assert "statecheck.toml:1: strict: expected true or false, and is 1" in outcome.out


def test_hooks_have_no_say(repositories: list[str], commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_audit(commands, "broken").out
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "absent")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "absent")
    assert run_audit(commands, "broken").out == before


def test_without_dask(repositories: list[str], commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    outcome = run_audit(commands, "--scheduler", "tcp://127.0.0.1:8786", "healthy")
    words = 'statecheck: error: --scheduler needs Dask, which is not there: pip install "statecheck[dask]"\n'
    assert (outcome.code, outcome.out, outcome.err) == (2, "", words)


def test_no_address_of_a_scheduler(repositories: list[str], commands: Commands) -> None:
    pytest.importorskip("distributed")
    outcome = run_audit(commands, "--scheduler", "nowhere", "healthy")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "statecheck: error: --scheduler nowhere: missing port number in address 'nowhere'\n"


@pytest.mark.slow
def test_the_command_on_a_cluster(repositories: list[str], commands: Commands) -> None:
    here = run_audit(commands, *repositories)
    with cluster() as address:
        there = run_audit(commands, "--scheduler", address, *repositories)
    assert there == here
