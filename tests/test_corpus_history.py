"""Real logs with their real histories, version by version: what was appended passes, what was rewritten is found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from harness import SHARED, Commands, Outcome, git, make_repository, snapshot, write

VERSIONS = SHARED / "corpus" / "versions"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not VERSIONS.is_dir(), reason="the corpus is not beside the project"),
]
NOW = "2026-11-01T00:00:00Z"
LOG_RULES = "L201,L202,L203,L204,L205,L206,L207"
BROKEN_RULE = "the rule failed"


class Log(NamedTuple):
    """A log of the corpus: where its versions lie, and which file of which workspace it is."""

    versions: str
    path: str
    beside: dict[str, str]

    def read(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted((VERSIONS / self.versions).iterdir())]


CONSTRAINTS = '{"constraints": []}\n'
REFINEMENT = {".refiner/artifacts/it/constraints.json": CONSTRAINTS}
JWT = "fix-jwt-crypto-provider"
JWT_LOG = Log(f"{JWT}/refinement_log.md", ".refiner/artifacts/it/refinement_log.md", REFINEMENT)
JWT_DECISIONS = Log(f"{JWT}/decisions.md", ".refiner/artifacts/it/decisions.md", REFINEMENT)
DEVTOOLS = Log(
    "v3-devtools-react-inspector-archive-qa/refinement_log.md", ".refiner/artifacts/it/refinement_log.md", REFINEMENT
)
TTC = Log("ttc-progress", ".iterative-work/ttc/progress.md", {})
LOGS = [JWT_LOG, JWT_DECISIONS, DEVTOOLS, TTC]
every_log = pytest.mark.parametrize("log", LOGS, ids=[log.versions for log in LOGS])


def test_every_log_of_the_corpus_is_tried_here() -> None:
    """A log that is collected later is named above, or fails here."""
    holds_files = {path.parent.relative_to(VERSIONS).as_posix() for path in VERSIONS.rglob("*") if path.is_file()}
    assert holds_files == {log.versions for log in LOGS}


def commit_versions(repository: Path, *logs: Log) -> list[str]:
    """Commit the versions of logs, the n-th of each in the n-th commit, and return the commits."""
    commits = []
    for contents in zip(*(log.read() for log in logs), strict=True):
        for log, content in zip(logs, contents, strict=True):
            write(repository, {**log.beside, log.path: content})
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "--allow-empty", "-m", f"version {len(commits) + 1}")
        commits.append(git(repository, "rev-parse", "HEAD").strip())
    return commits


def ranged(commands: Commands, commits: list[str], select: str = LOG_RULES) -> Outcome:
    """Judge every commit after the first."""
    outcome = commands.check_json("--select", select, "--from-ref", commits[0], "--to-ref", "HEAD", now=NOW)
    assert outcome.err == ""
    assert outcome.json["unverified"] == []
    assert outcome.json["examined"]["workspaces"] == 1
    assert outcome.json["examined"]["revisions"] == len(commits)
    return outcome


def placed(outcome: Outcome, commits: list[str]) -> list[str]:
    """Return the findings with the number of the version that each is about."""
    return [
        f"{finding} in {commits.index(each['revision']) + 1}"
        for finding, each in zip(outcome.findings, outcome.json["findings"], strict=True)
    ]


def one_by_one(repository: Path, commands: Commands, log: Log, *arguments: str) -> Iterator[tuple[int, Outcome]]:
    """Yield the verdict on each version in the working tree, HEAD being the one before it, and the version's number."""
    contents = log.read()
    write(repository, {**log.beside, log.path: contents[0]})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "version 1")
    for number, content in enumerate(contents[1:], start=2):
        write(repository, {log.path: content})
        yield number, commands.check_json(*arguments, now=NOW)
        git(repository, "commit", "-q", "--allow-empty", "-a", "-m", f"version {number}")


RESPELLED = [  # by diff of the two versions: lines 3, 17 and 27, "## 2026-08-14 — …" became "### Iteration N …"
    f"L201 error {JWT_DECISIONS.path}:3:1 in 2",
    f"L201 error {JWT_DECISIONS.path}:17:1 in 2",
    f"L201 error {JWT_DECISIONS.path}:27:1 in 2",
]
KNOWN = {JWT_LOG.versions: [], JWT_DECISIONS.versions: RESPELLED, DEVTOOLS.versions: []}


@pytest.mark.parametrize("log", [JWT_LOG, JWT_DECISIONS, DEVTOOLS], ids=lambda log: log.versions)
def test_what_happened_to_a_log_is_found_in_its_commit(repository: Path, commands: Commands, log: Log) -> None:
    commits = commit_versions(repository, log)
    outcome = ranged(commands, commits)
    assert placed(outcome, commits) == KNOWN[log.versions]
    assert outcome.code == (1 if any(" error " in each for each in KNOWN[log.versions]) else 0)


def test_a_log_that_was_only_appended_to_has_nothing_rewritten(repository: Path, commands: Commands) -> None:
    commits = commit_versions(repository, TTC)
    outcome = ranged(commands, commits, "L201,L202,L203,L204,L205,L206")
    assert (outcome.code, outcome.findings) == (0, [])


def test_entries_below_a_section_of_a_log_are_entries(repository: Path, commands: Commands) -> None:
    """`## Session History` holds `### <time>` entries: each commit adds new ones, and extends none."""
    commits = commit_versions(repository, TTC)
    assert placed(ranged(commands, commits, "L207"), commits) == []


def test_both_logs_of_one_workspace(repository: Path, commands: Commands) -> None:
    commits = commit_versions(repository, JWT_LOG, JWT_DECISIONS)
    assert placed(ranged(commands, commits), commits) == RESPELLED


@every_log
def test_version_by_version_says_the_same_as_the_range(repository: Path, commands: Commands, log: Log) -> None:
    found = []
    for number, outcome in one_by_one(repository, commands, log, "--select", LOG_RULES):
        assert (outcome.err, outcome.json["unverified"]) == ("", [])
        assert all(each["revision"] is None for each in outcome.json["findings"])
        found += [f"{each} in {number}" for each in outcome.findings]
    commits = git(repository, "rev-list", "--reverse", "HEAD").split()
    assert sorted(found) == sorted(placed(ranged(commands, commits), commits))


def test_the_index_is_judged_like_the_working_tree(repository: Path, commands: Commands) -> None:
    old, new = JWT_DECISIONS.read()
    make_repository(repository, {**JWT_DECISIONS.beside, JWT_DECISIONS.path: old})
    write(repository, {JWT_DECISIONS.path: new})
    git(repository, "add", "-A")
    write(repository, {JWT_DECISIONS.path: old})
    outcome = commands.check_json("--staged", "--select", LOG_RULES, now=NOW)
    assert [f"{each} in 2" for each in outcome.findings] == RESPELLED
    assert commands.check_json("--select", LOG_RULES, now=NOW).findings == []


def test_what_each_heading_was_is_said(repository: Path, commands: Commands) -> None:
    commits = commit_versions(repository, JWT_DECISIONS)
    messages = [each["message"] for each in ranged(commands, commits).json["findings"]]
    for heading, message in zip(
        (
            "'2026-08-14 — Accept iteration 1'",
            "'2026-08-14 — Supersede iteration 1 provider-identity claim'",
            "'2026-08-14 — Terminate iteration 2'",
        ),
        messages,
        strict=True,
    ):
        assert heading in message


def test_respelled_headings_are_put_back_and_new_decisions_stay(repository: Path, commands: Commands) -> None:
    old, new = JWT_DECISIONS.read()
    make_repository(repository, {**JWT_DECISIONS.beside, JWT_DECISIONS.path: old})
    write(repository, {JWT_DECISIONS.path: new})
    before = snapshot(repository)
    commands.fix("--select", LOG_RULES, now=NOW)
    assert snapshot(repository) == before, "the words of two writers are not chosen between without being asked"

    commands.fix("--unsafe-fixes", "--select", LOG_RULES, now=NOW)
    written = (repository / JWT_DECISIONS.path).read_bytes()
    assert written.startswith(old)
    added = new[new.index(b"### Iteration 3 Decision") :]
    assert written == old + b"\n" + added
    kept = {each for path, each in snapshot(repository).items() if path.startswith(".statecheck/quarantine/")}
    assert new in kept
    after = commands.check_json("--select", LOG_RULES, now=NOW)
    assert (after.code, after.findings) == (0, [])
    again = snapshot(repository)
    commands.fix("--unsafe-fixes", "--select", LOG_RULES, now=NOW)
    assert snapshot(repository) == again


@every_log
def test_every_rule_gives_a_verdict_on_every_version(repository: Path, commands: Commands, log: Log) -> None:
    """All rules, on each version beside the one before it: no rule fails, and no traceback."""
    for _, outcome in one_by_one(repository, commands, log):
        judged(outcome)
    commits = git(repository, "rev-list", "--reverse", "HEAD").split()
    judged(commands.check_json("--from-ref", commits[0], "--to-ref", "HEAD", now=NOW))


@every_log
def test_going_back_a_version_is_a_loss_that_is_mended(repository: Path, commands: Commands, log: Log) -> None:
    """Each version and the one before it the other way round: entries, or lines of them, are gone."""
    contents = log.read()
    make_repository(repository, {**log.beside, log.path: contents[0]})
    for older, newer in pairwise(contents):
        write(repository, {log.path: newer})
        git(repository, "commit", "-q", "--allow-empty", "-a", "-m", "newer")
        write(repository, {log.path: older})
        outcome = commands.check_json("--select", LOG_RULES, now=NOW)
        judged(outcome)
        assert {each.split()[0] for each in outcome.findings} & {"L201", "L202"}
        fixed = commands.fix("--output-format", "json", "--unsafe-fixes", "--select", LOG_RULES, now=NOW)
        judged(fixed)
        assert (repository / log.path).read_bytes() == newer
        assert commands.check_json("--select", LOG_RULES, now=NOW).findings == []


def judged(outcome: Outcome) -> None:
    assert outcome.code in (0, 1, 2)
    assert outcome.err == ""
    assert not [each for each in outcome.json["unverified"] if BROKEN_RULE in each["reason"]]
