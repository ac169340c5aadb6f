"""The traps of a hook that needs history, by their numbers: what a hostile or unlucky world does to repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from harness import NOW, ROOT, Commands, Outcome, as_bytes, git, make_repository, snapshot, write
from ruamel.yaml import YAML

TASK = ".iterative-work/demo"
LOG, GUARD, STATE = f"{TASK}/progress.md", f"{TASK}/guardrails.md", f"{TASK}/state.json"
AMENDMENTS, LEDGER, CONFIGURATION = ".statecheck/amendments.jsonl", ".statecheck/ledger.json", "statecheck.toml"
ZEROS = "0" * 40
HOOKS = {each["id"]: each for each in YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}


DID = {
    "R1": "Scored fourteen reports for method and bias, and threw away five: no sample size was given anywhere. "
    "Whoever wrote number 9 surveyed 212 nurses by phone; kept it, though wages were never asked about",
    "R2": "Wrote to both libraries; one answers on Mondays only, so its 1987 catalogue has to wait a week. "
    "Ordered microfilm K-77 instead (EUR 12.50), which arrives by courier before Friday, they promise",
    "R3": "Tram noise peaks at 78 dB near junctions (night runs: 71 dB). Maps drawn, legend checked by eye, twice. "
    "Junction Q hums below 50 Hz; microphones fail there, hence a gap on page XVII of our atlas",
    "R4": "Interview quotes moved to quotes.md; every speaker agreed by mail, except K., who wants another read. "
    "Spelling of Łódź, Győr and Plzeň unified, index rebuilt, footnote marks now run a–z without jumps",
    "R5": "Budget table fixed! Rows 9-31 added VAT a second time, hence +19 % in summary, slides, poster, FAQ. "
    "Export as XLSX breaks umlauts => ship CSV; finance (Ms Oyelaran) signs off below 4000 automatically",
    "R6": "Translated chapter VII from Czech, with help; idioms kept in footnotes, jokes dropped, puns explained. "
    "Two stanzas rhyme now!! Nobody asked for that, yet both reviewers smiled; deadline slips until June",
    "A1": "Found why OCR fails: scans below 200 dpi, skewed pages. Rescanned box 12; boxes 13, 14 still wet. "
    "Mould spreads on shelf G, gloves needed, janitor informed, dehumidifier runs at 45 % day and night",
    "A2": "Query logs show 40k lookups/day, mostly 'zip', 'fax', 'hours'. Drop fax, pin hours, keep zip form. "
    "Bots: 1/3 of traffic, user-agent 'jkw/0.2', blocked via robots.txt & nginx 403 rule (#881)",
    "B1": "Glossary agreed with Juan & Wei: 'guard' means clause, never person; 61 pages changed by script. "
    "Three by hand -- they quote law verbatim: §14(2), §15, §203; lawyers must confirm each comma",
    "B2": "Removed duplicates from bibliography.bib using DOI where present, else fuzzy title match; 418 became 377. "
    "Unresolved: 'Vox Populi' 1951/1953, maybe reprint? Asked Uppsala; also ISBN-10 vs. -13 mixups",
}
"""What entries say, as different as long ones are: of alike ones, one may be taken for the other rewritten."""


def entry(name: str, did: str | None = None, time: str = "2026-01-16T10:00:00Z") -> str:
    """Return the entry of an iteration: ``R1.2`` is the second of R1. All have one time unless said otherwise."""
    phase, _, number = name.partition(".")
    return (
        f"## {phase} - Iteration {number or 1} - {time}\n"
        f"**Did:** {DID[phase] if did is None else did}\n"
        "**Remaining:** More\n"
        "**Blockers:** None\n"
    )


def log(*entries: str) -> str:
    """Return a log of entries, or of names of entries."""
    return "\n".join(["# Progress Log\n", *(each if each.startswith("##") else entry(each) for each in entries)])


def line(number: int) -> int:
    """Return the line of the heading of an entry of `log`, counted from 1."""
    return 5 * number - 2


def state(updated: str = "2026-01-16T10:00:00Z", slug: str = "demo", **more: Any) -> str:
    phase = {"status": "in_progress", "iterations_used": 1, "confirmations_used": 0, "max_iterations": 5, **more}
    whole = {"task": f"The task {slug}", "slug": slug, "domain": "research", "phase": "execute"}
    whole |= {"created": "2026-01-16T09:00:00Z", "updated": updated, "current_phase": "R1", "current_iteration": 1}
    return json.dumps({**whole, "phases": {"R1": phase}}, indent=2) + "\n"


BASE = {LOG: log("R1", "R2"), STATE: state()}
REWRITTEN = log(entry("R1", did=f"{DID['R1']}, or so"), "R2")
REWRITES = f"L201 error {LOG}:{line(1) + 1}:1"


def commit(repository: Path, files: dict[str, Any], message: str = "change") -> str:
    """Commit a change, and return the commit."""
    write(repository, files)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "--allow-empty", "-m", message)
    return head(repository)


def head(repository: Path, name: str = "HEAD") -> str:
    return git(repository, "rev-parse", name).strip()


def branch(repository: Path, name: str, start: str = "main") -> None:
    git(repository, "checkout", "-q", "-b", name, start)


def attempt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git where it may fail."""
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def judged(commands: Commands, *arguments: str) -> Outcome:
    """Judge what rules that look back say, which alone these tests are about."""
    return commands.check_json("--select", "L,T", *arguments)


def loud(outcome: Outcome) -> list[str]:
    assert outcome.err == ""
    assert outcome.unverified == []
    found = [each for each in outcome.findings if " info " not in each]
    assert outcome.code == (1 if any(" error " in each for each in found) else 0)
    return found


def found(commands: Commands, *arguments: str) -> list[str]:
    """Return the findings that are more than notes, once it is certain that nothing went unverified."""
    return loud(judged(commands, *arguments))


def refused(commands: Commands, *arguments: str) -> str:
    """Return why a comparison could not be had: exit code 2, and nothing that looks like a verdict."""
    outcome = judged(commands, *arguments)
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    return outcome.err


@pytest.fixture
def based(folder: Path) -> Path:
    """A repository with one task, in one commit."""
    return make_repository(folder, BASE)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The commands in another folder."""
    return lambda folder: Commands(folder, monkeypatch, capsys)


# --- 1: deletes and renames-out

GONE: list[tuple[str, dict[str, Any], str]] = [
    ("deleted", {LOG: None}, f"L204 error {LOG}:1:1"),
    ("renamed out", {LOG: None, "docs/progress.md": BASE[LOG]}, f"L204 error {LOG}:1:1"),
    ("renamed beside", {LOG: None, f"{TASK}/old-progress.md": BASE[LOG]}, f"L204 error {LOG}:1:1"),
    ("other case", {LOG: None, f"{TASK}/Progress.md": BASE[LOG]}, f"L204 error {LOG}:1:1"),
    ("state", {STATE: None}, f"T410 error {STATE}:1:1"),
    ("the task", {STATE: None, LOG: None}, f"T410 warning {STATE}:1:1"),
]


@pytest.mark.parametrize(("change", "expected"), [each[1:] for each in GONE], ids=[each[0] for each in GONE])
def test_1_what_is_gone_is_found_though_no_file_is_left_to_name(
    based: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], expected: str
) -> None:
    write(based, change)
    assert found(commands) == [expected]
    assert found(commands, "--staged") == []
    git(based, "add", "-A")
    assert found(commands, "--staged") == [expected]
    with monkeypatch.context() as patched:
        patched.setenv("PRE_COMMIT", "1")
        assert found(commands) == [expected]
    start = head(based)
    git(based, "commit", "-q", "-m", "gone")
    assert found(commands, "--from-ref", start, "--to-ref", "HEAD") == [expected]
    assert found(commands, "--base", start) == [expected]


def test_1_a_log_that_became_a_folder_is_no_log(based: Path, commands: Commands) -> None:
    write(based, {LOG: None})
    write(based, {f"{LOG}/x.md": "x\n"})
    git(based, "add", "-A")
    outcome = judged(commands, "--staged")
    assert outcome.code in (1, 2), outcome.out


def test_1_what_is_gone_only_in_between_is_found_in_its_commit(based: Path, commands: Commands) -> None:
    start = head(based)
    removal = commit(based, {LOG: None}, "remove")
    commit(based, {LOG: BASE[LOG]}, "restore")
    outcome = judged(commands, "--from-ref", start, "--to-ref", "HEAD")
    assert loud(outcome) == [f"L204 error {LOG}:1:1"]
    assert [each["revision"] for each in outcome.json["findings"]] == [removal]
    assert found(commands, "--from-ref", start, "--to-ref", "HEAD", "--endpoints") == []


def test_1_a_path_that_is_gone_can_be_named(based: Path, commands: Commands) -> None:
    git(based, "rm", "-q", LOG)
    assert found(commands, "--staged", LOG) == [f"L204 error {LOG}:1:1"]
    assert found(commands, "--staged", TASK) == [f"L204 error {LOG}:1:1"]


def test_1_moving_a_task_to_the_archive_is_no_deletion(folder: Path, commands: Commands) -> None:
    done = json.loads(state())
    done |= {"phase": "complete"}
    make_repository(folder, {LOG: BASE[LOG], STATE: json.dumps(done)})
    (folder / ".iterative-work/archive").mkdir()
    git(folder, "mv", TASK, ".iterative-work/archive/demo")
    assert found(commands) == []
    assert found(commands, "--staged") == []
    write(folder, {".iterative-work/archive/demo/progress.md": REWRITTEN})
    git(folder, "add", "-A")
    moved = ".iterative-work/archive/demo/progress.md"
    assert f"L201 error {moved}:{line(1) + 1}:1" in found(commands, "--staged")


# --- 2: FROM and TO


@pytest.fixture
def parted(based: Path) -> Path:
    """``main`` went on with R3 after ``feature`` parted and appended R4."""
    branch(based, "feature")
    commit(based, {LOG: log("R1", "R2", "R4")})
    git(based, "checkout", "-q", "main")
    commit(based, {LOG: log("R1", "R2", "R3"), ".iterative-work/other/progress.md": log("R1")})
    git(based, "checkout", "-q", "feature")
    return based


def test_2_raw_refs_of_pre_commit_are_compared_from_their_merge_base(
    parted: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", head(parted, "main"))
    monkeypatch.setenv("PRE_COMMIT_TO_REF", head(parted, "feature"))
    outcome = judged(commands)
    assert loud(outcome) == []
    assert outcome.json["comparison"]["base"] == head(parted, "main~1")
    commit(parted, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R4")})
    monkeypatch.setenv("PRE_COMMIT_TO_REF", head(parted))
    assert found(commands) == [REWRITES]


def test_2_refs_are_empty_at_commit(based: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"": "1", "_FROM_REF": "", "_TO_REF": ""}.items():
        monkeypatch.setenv(f"PRE_COMMIT{name}", value)
    write(based, {LOG: REWRITTEN})
    assert found(commands) == []
    git(based, "add", "-A")
    assert found(commands) == [REWRITES]


def test_2_after_a_force_push_from_is_no_ancestor(
    parted: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = head(parted)
    git(parted, "reset", "-q", "--hard", "HEAD~1")
    commit(parted, {LOG: log("R1", "R2", "R5")})
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", pushed)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    outcome = judged(commands)
    assert loud(outcome) == []
    assert outcome.json["comparison"]["base"] == head(parted, "HEAD~1")
    git(parted, "reset", "-q", "--hard", "HEAD~1")
    commit(parted, {LOG: log("R2", "R5")})
    assert found(commands) == [f"L202 error {LOG}:{line(1)}:1"]


@pytest.mark.parametrize("gone", ["FROM", "TO"])
def test_2_a_ref_that_this_clone_lacks_is_no_pass(
    based: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    for name in ("FROM", "TO"):
        monkeypatch.setenv(f"PRE_COMMIT_{name}_REF", "1" * 40 if name == gone else "HEAD")
    assert f"no commit {'1' * 40}" in refused(commands)
    monkeypatch.setenv(f"PRE_COMMIT_{gone}_REF", ZEROS)
    assert f"no commit {ZEROS}" in refused(commands)


def test_2_a_first_push_of_a_whole_branch_brings_no_refs(
    based: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that can be said is of the files; the run must not claim to have looked at a range."""
    commit(based, {LOG: REWRITTEN})
    monkeypatch.setenv("PRE_COMMIT", "1")
    for name in (
        "REMOTE_NAME=origin",
        "REMOTE_URL=/x",
        "LOCAL_BRANCH=refs/heads/main",
        "REMOTE_BRANCH=refs/heads/main",
    ):
        monkeypatch.setenv(f"PRE_COMMIT_{name.partition('=')[0]}", name.partition("=")[2])
    outcome = judged(commands, "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert loud(outcome) == [REWRITES], "what CI is to run finds it"
    assert commands.check("--select", "L,T").out.splitlines()[-1].split("; ")[1] == "compared index with HEAD"


def test_2_each_commit_of_a_range_is_judged(based: Path, commands: Commands) -> None:
    start = head(based)
    rewriting = commit(based, {LOG: REWRITTEN})
    commit(based, {LOG: log("R1", "R2", "R3")})
    outcome = judged(commands, "--from-ref", start, "--to-ref", "HEAD")
    located = [(f"{each['code']}:{each['line']}", each["revision"]) for each in outcome.json["findings"]]
    assert located == [(f"L201:{line(1) + 1}", rewriting), (f"L201:{line(1) + 1}", head(based))]
    assert found(commands, "--from-ref", start, "--to-ref", "HEAD", "--endpoints") == []


# --- 3: several refs pushed at once


def test_3_each_of_several_pushed_refs_is_judged_by_its_own_range(
    based: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pre-commit names the first ref only, so CI is the authority: asked for the second, it finds what hides there."""
    branch(based, "first")
    commit(based, {LOG: log("R1", "R2", "R3")})
    branch(based, "second", "main")
    commit(based, {LOG: REWRITTEN})
    git(based, "checkout", "-q", "first")
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "main")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "first")
    assert found(commands) == []
    assert found(commands, "--from-ref", "main", "--to-ref", "second") == [REWRITES]
    with_tag = head(based, "second")
    git(based, "tag", "-a", "-m", "v1", "v1", with_tag)
    assert found(commands, "--from-ref", "main", "--to-ref", "v1") == [REWRITES], "an annotated tag is its commit"
    assert found(commands, "--from-ref", "main", "--to-ref", "first") == []


# --- 4: shallow clones


@pytest.fixture
def origin(folder: Path) -> Path:
    """Four commits on ``main``, the last of which rewrote an entry, and one on ``side``, which parted at the second."""
    make_repository(folder, {LOG: log("R1"), STATE: state()})
    commit(folder, {LOG: log("R1", "R2")})
    branch(folder, "side")
    commit(folder, {LOG: log("R1", "R2", "R4")})
    git(folder, "checkout", "-q", "main")
    commit(folder, {LOG: log("R1", "R2", "R3")})
    commit(folder, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R3")})
    return folder


def clone(origin: Path, *arguments: str, name: str = "clone") -> Path:
    target = origin.parent / name
    git(origin.parent, "clone", "-q", *arguments, f"file://{origin}", str(target))
    return target


SHALLOW: list[tuple[int, str, str]] = [
    (1, "--base HEAD~1", "no commit HEAD~1"),
    (1, "--from-ref HEAD~1 --to-ref HEAD", "no commit HEAD~1"),
    (1, "--from-ref HEAD^ --to-ref HEAD --endpoints", "no commit HEAD^"),
    (1, "--base origin/main", "nothing would be compared"),
    (2, "--base origin/main", "nothing would be compared"),
    (1, "--base main", "nothing would be compared"),
    (1, "--from-ref origin/main --to-ref HEAD", "nothing would be compared"),
    (1, "--from-ref origin/main --to-ref main --endpoints", "nothing would be compared"),
    (1, "--base origin/side", "no common ancestor"),
    (2, "--from-ref origin/side --to-ref origin/main", "no common ancestor"),
    (2, "--from-ref origin/side --to-ref origin/main --endpoints", "no common ancestor"),
]


@pytest.mark.parametrize("linked", [False, True], ids=["", "worktree"])
@pytest.mark.parametrize(("depth", "arguments", "reason"), SHALLOW)
def test_4_a_shallow_clone_never_passes_for_want_of_history(
    origin: Path, elsewhere: Any, depth: int, arguments: str, reason: str, linked: bool
) -> None:
    shallow = clone(origin, "--depth", str(depth), "--no-single-branch")
    if linked:
        git(shallow, "worktree", "add", "-q", "--detach", "../linked")
        shallow = origin.parent / "linked"
        assert not (shallow / ".git/shallow").exists()
    message = refused(elsewhere(shallow), *arguments.split())
    assert reason in message
    assert "fetch-depth: 0" in message


def test_4_what_pre_commit_asks_for_is_no_pass_in_a_shallow_clone(
    origin: Path, elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shallow = clone(origin, "--depth", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", head(origin, "main~2"))
    monkeypatch.setenv("PRE_COMMIT_TO_REF", head(origin))
    message = refused(elsewhere(shallow))
    assert head(origin, "main~2") in message
    assert "fetch-depth: 0" in message


def test_4_a_whole_clone_finds_what_the_shallow_one_could_not(origin: Path, elsewhere: Any) -> None:
    whole = elsewhere(clone(origin))
    assert found(whole, "--from-ref", "HEAD~1", "--to-ref", "HEAD") == [REWRITES]
    assert found(whole, "--from-ref", "origin/side", "--to-ref", "origin/main") == [REWRITES]
    shallow = elsewhere(clone(origin, "--depth", "1", name="shallow"))
    git(shallow.folder, "fetch", "-q", "--unshallow")
    assert found(shallow, "--from-ref", "HEAD~1", "--to-ref", "HEAD") == [REWRITES]


def test_4_comparing_two_trees_needs_only_the_base_commit(origin: Path, elsewhere: Any) -> None:
    commands = elsewhere(clone(origin, "--depth", "1"))
    assert found(commands) == []
    write(commands.folder, {LOG: log("R1", "R2", "R3")})
    assert found(commands) == [REWRITES]
    git(commands.folder, "add", "-A")
    assert found(commands, "--staged") == [REWRITES]
    assert found(elsewhere(clone(origin, "--depth", "2", name="two")), "--base", "HEAD~1") == [REWRITES]


def test_4_a_base_fetched_by_itself_is_enough_for_the_ends(origin: Path, elsewhere: Any) -> None:
    """A checkout of two commits of which the first is the parent of the second: the base, and no more."""
    commands = elsewhere(clone(origin, "--depth", "2"))
    ends = ("--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert found(commands, *ends) == [REWRITES]
    assert found(commands, *ends, "--endpoints") == [REWRITES]


def test_4_a_first_commit_is_no_shallow_one(origin: Path, elsewhere: Any, commands: Commands) -> None:
    root = head(origin, "main~3")
    git(origin, "checkout", "-q", root)
    assert found(commands) == []
    assert "HEAD~1" in refused(commands, "--base", "HEAD~1")
    assert "fetch-depth" not in refused(commands, "--base", "HEAD~1"), "there is nothing to fetch"
    shallow = elsewhere(clone(origin, "--depth", "1", "--branch", "main"))
    assert git(shallow.folder, "log", "--format=%P").strip() == "", "the log shows no parents"
    assert b"parent " in git(shallow.folder, "cat-file", "commit", "HEAD").encode(), "and the commit has them"
    assert "fetch-depth: 0" in refused(shallow, "--base", "HEAD~1")


def test_4_a_root_commit_within_a_range_is_not_cut_off(based: Path, elsewhere: Any) -> None:
    """Histories that were joined: the root of the other one has no parents, and a shallow clone lacks none of it."""
    commit(based, {"x": "1"})
    commit(based, {"x": "2"})
    git(based, "checkout", "-q", "--orphan", "imported")
    git(based, "rm", "-rfq", ".")
    commit(based, {".iterative-work/imported/progress.md": log("R1")})
    git(based, "checkout", "-q", "main")
    git(based, "merge", "-q", "--allow-unrelated-histories", "-m", "join", "imported")
    shallow = clone(based, "--depth", "2")
    assert git(shallow, "rev-parse", "--is-shallow-repository").strip() == "true"
    assert found(elsewhere(shallow), "--from-ref", "HEAD^1", "--to-ref", "HEAD") == []


def test_4_a_range_that_is_cut_off_is_unverified_unless_its_ends_suffice(origin: Path, elsewhere: Any) -> None:
    git(origin, "merge", "-q", "-X", "ours", "-m", "merge", "side")
    write(origin, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R3", "R4")})
    git(origin, "commit", "-q", "-a", "--amend", "-m", "merge")
    commands = elsewhere(clone(origin, "--depth", "2"))
    ends = ("--from-ref", "HEAD^1", "--to-ref", "HEAD")
    message = refused(commands, *ends)
    assert "fetch-depth: 0" in message
    assert "--endpoints" in message
    assert found(commands, *ends, "--endpoints") == []
    commit(commands.folder, {LOG: log("R1", "R2", "R3", "R4")})
    assert found(commands, "--from-ref", "HEAD~1^1", "--to-ref", "HEAD", "--endpoints") == [REWRITES]
    assert found(commands, "--from-ref", "HEAD~1", "--to-ref", "HEAD") == [REWRITES], "these commits are all there"


def test_4_the_upstream_of_a_shallow_clone_may_share_nothing_with_it(origin: Path, elsewhere: Any) -> None:
    """The configured base is the merge base with the upstream branch: where that is cut off, its tip is no stand-in."""
    git(origin, "checkout", "-q", "side")
    shallow = clone(origin, "--depth", "1", "--branch", "side")
    commit(shallow, {CONFIGURATION: 'base = "upstream"\n'})
    commit(origin, {LOG: log("R1", "R2", "R4", "R5")})
    commit(origin, {LOG: log("R1", "R2", "R4", "R5", "R6")})
    git(shallow, "fetch", "-q", "--depth", "1")
    assert attempt(shallow, "merge-base", "HEAD", "@{upstream}").returncode != 0
    assert "fetch-depth: 0" in refused(elsewhere(shallow))


# --- 5: GitHub pull requests


@pytest.fixture
def pull_request(parted: Path) -> Path:
    """The repository of a pull request from ``feature`` to ``main``, with the merge that the service makes of them."""
    git(parted, "checkout", "-q", "--detach", "main")
    attempt(parted, "merge", "-q", "--no-commit", "feature")
    commit(parted, {LOG: log("R1", "R2", "R3", "R4")}, "merge")
    git(parted, "update-ref", "refs/pull/1/merge", "HEAD")
    git(parted, "checkout", "-q", "main")
    return parted


def checkout(service: Path, depth: int) -> Path:
    """Check out a pull request as actions/checkout does."""
    target = make_repository(service.parent / "checkout")
    git(target, "remote", "add", "origin", f"file://{service}")
    limit = [f"--depth={depth}"] if depth else []
    refs = ["+refs/pull/1/merge:refs/remotes/pull/1/merge"]
    git(target, "fetch", "-q", "--no-tags", *limit, "origin", *refs)
    if not depth:
        git(target, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
    git(target, "checkout", "-q", "--force", "refs/remotes/pull/1/merge")
    return target


ENDS = ("--from-ref", "HEAD^1", "--to-ref", "HEAD")


def test_5_depth_two_is_enough_for_the_ends_of_a_pull_request(pull_request: Path, elsewhere: Any) -> None:
    commands = elsewhere(checkout(pull_request, 2))
    outcome = judged(commands, *ENDS, "--endpoints")
    assert loud(outcome) == [], "what others added to main is no deletion"
    assert outcome.json["comparison"]["base"] == head(pull_request, "main")
    assert "--endpoints" in refused(commands, *ENDS), "the commits of the pull request are cut off"


def test_5_depth_one_is_not(pull_request: Path, elsewhere: Any) -> None:
    assert "fetch-depth: 0" in refused(elsewhere(checkout(pull_request, 1)), *ENDS, "--endpoints")


@pytest.mark.parametrize("depth", [0, 2])
def test_5_what_a_pull_request_rewrites_is_found(pull_request: Path, elsewhere: Any, depth: int) -> None:
    git(pull_request, "checkout", "-q", "feature")
    commit(pull_request, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R4")})
    git(pull_request, "checkout", "-q", "--detach", "main")
    attempt(pull_request, "merge", "-q", "--no-commit", "feature")
    commit(pull_request, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R3", "R4")}, "merge")
    git(pull_request, "update-ref", "refs/pull/1/merge", "HEAD")
    commands = elsewhere(checkout(pull_request, depth))
    assert found(commands, *ENDS, "--endpoints") == [REWRITES]
    if not depth:
        assert set(found(commands, *ENDS)) == {REWRITES}


@pytest.mark.parametrize("endpoints", [[], ["--endpoints"]], ids=["commits", "endpoints"])
def test_5_what_others_added_to_the_target_is_no_deletion(
    parted: Path, commands: Commands, endpoints: list[str]
) -> None:
    """`base.sha` is the tip of the target: R3 and a whole task are there, and not in the pull request."""
    assert found(commands, "--from-ref", head(parted, "main"), "--to-ref", "feature", *endpoints) == []
    assert found(commands, "--base", "main") == []
    two_dots = git(parted, "diff", "--name-status", "main", "feature")
    assert "D\t.iterative-work/other/progress.md" in two_dots, "two dots would have said so"


def test_5_the_whole_history_of_a_pull_request_checkout(pull_request: Path, elsewhere: Any) -> None:
    commands = elsewhere(checkout(pull_request, 0))
    assert found(commands, *ENDS) == []
    assert found(commands, "--from-ref", "origin/main", "--to-ref", "HEAD") == []
    assert found(commands, "--from-ref", "origin/main", "--to-ref", "origin/feature") == []


# --- 6: amending


@pytest.fixture
def pushed(based: Path) -> Path:
    """A clone whose ``main`` has an upstream branch, and one commit more than it, with R3."""
    write(based, {CONFIGURATION: 'base = "upstream"\n'})
    commit(based, {})
    target = clone(based)
    commit(target, {LOG: log("R1", "R2", "R3")})
    return target


AMENDED = log("R1", "R2", entry("R3", did=f"{DID['R3']}, or so"))


def test_6_against_head_an_amendment_looks_like_rewriting(based: Path, commands: Commands) -> None:
    commit(based, {LOG: log("R1", "R2", "R3")})
    write(based, {LOG: AMENDED})
    assert found(commands) == [f"L201 error {LOG}:{line(3) + 1}:1"]


def test_6_against_the_upstream_branch_it_does_not(pushed: Path, elsewhere: Any) -> None:
    commands = elsewhere(pushed)
    write(pushed, {LOG: AMENDED})
    git(pushed, "add", "-A")
    for arguments in ([], ["--staged"]):
        outcome = judged(commands, *arguments)
        assert loud(outcome) == []
        assert outcome.json["comparison"]["base"] == head(pushed, "origin/main")
        assert outcome.json["comparison"]["via"] == "merge base of the upstream branch and HEAD"
    write(pushed, {LOG: log("R1", "R3")})
    assert found(commands) == [f"L202 error {LOG}:{line(2)}:1"], "what was pushed is history"
    git(pushed, "add", "-A")
    assert found(commands, "--staged") == [f"L202 error {LOG}:{line(2)}:1"]


def test_6_others_going_on_upstream_delete_nothing_here(based: Path, pushed: Path, elsewhere: Any) -> None:
    commit(based, {LOG: log("R1", "R2", "R4")})
    git(pushed, "fetch", "-q")
    outcome = judged(elsewhere(pushed))
    assert loud(outcome) == []
    assert outcome.json["comparison"]["base"] == head(pushed, "HEAD~1")


def test_6_git_commit_amend_passes_the_hook(pushed: Path) -> None:
    install_hook(pushed, "pre-commit")
    write(pushed, {LOG: AMENDED})
    done = attempt(pushed, "commit", "-a", "--amend", "-m", "amended")
    assert done.returncode == 0, done.stderr
    write(pushed, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R3")})
    done = attempt(pushed, "commit", "-a", "--amend", "-m", "amended")
    assert done.returncode == 1
    assert f"{LOG}:{line(1) + 1}:1 L201" in done.stderr


@pytest.mark.parametrize("how", ["detached", "no upstream"])
def test_6_without_an_upstream_branch_head_is_compared_and_said(pushed: Path, elsewhere: Any, how: str) -> None:
    git(pushed, "checkout", "-q", *(["--detach"] if how == "detached" else ["-b", "new"]))
    write(pushed, {LOG: AMENDED})
    outcome = judged(elsewhere(pushed))
    assert loud(outcome) == [f"L201 error {LOG}:{line(3) + 1}:1"]
    via = outcome.json["comparison"]["via"]
    assert via.startswith("HEAD") and "no upstream" in via


# --- 7: merges

HOOK = """#!/bin/sh
"{python}" -m statecheck check --select L,T --output-format concise --now {now} {arguments} >&2
"""


def install_hook(repository: Path, name: str, arguments: str = "--staged") -> None:
    """Install a hook of git's that runs check-state and blocks."""
    hook = Path(git(repository, "rev-parse", "--path-format=absolute", "--git-path", f"hooks/{name}").strip())
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK.format(python=sys.executable, now=NOW, arguments=arguments))
    hook.chmod(0o755)


def merging(repository: Path, content: str) -> None:
    """Merge ``feature`` into ``main`` and resolve the conflict with this content, not committed yet."""
    git(repository, "checkout", "-q", "main")
    attempt(repository, "merge", "-q", "--no-commit", "feature")
    assert (repository / ".git/MERGE_HEAD").exists()
    write(repository, {LOG: content})
    git(repository, "add", "-A")


def everywhere(repository: Path, commands: Commands) -> list[list[str]]:
    """Judge a merge as it is made, staged and plain, then commit it and judge it as part of a range of each side."""
    judgements = [found(commands), found(commands, "--staged")]
    start = git(repository, "merge-base", "main", "feature").strip()
    git(repository, "commit", "-q", "-m", "merge")
    return [*judgements, found(commands, "--from-ref", start, "--to-ref", "HEAD")]


@pytest.mark.parametrize("side", ["ours", "theirs"])
def test_7_taking_one_side_drops_the_others_entries(parted: Path, commands: Commands, side: str) -> None:
    kept, lost = ("R3", "R4") if side == "ours" else ("R4", "R3")
    git(parted, "checkout", "-q", "main")
    attempt(parted, "merge", "-q", "feature")
    git(parted, "checkout", f"--{side}", LOG)
    assert (parted / LOG).read_text() == log("R1", "R2", kept)
    git(parted, "add", "-A")
    for arguments in ([], ["--staged"]):
        outcome = judged(commands, *arguments)
        assert loud(outcome) == [f"L202 error {LOG}:{line(3)}:1"]
        assert f"'{entry(lost).splitlines()[0][3:]}' is gone" in outcome.json["findings"][0]["message"]
        assert outcome.json["examined"]["revisions"] == 3
    git(parted, "commit", "-q", "-m", "merge")
    dropped = [f"L202 error {LOG}:{line(3)}:1"]
    for source in ("HEAD^1", "HEAD^2", "HEAD^1~1"):
        assert found(commands, "--from-ref", source, "--to-ref", "HEAD") == dropped, source


def test_7_a_merge_in_conflict_blocks_the_commit_of_a_dropped_side(parted: Path) -> None:
    install_hook(parted, "pre-commit")
    merging(parted, log("R1", "R2", "R4"))
    done = attempt(parted, "commit", "-m", "merge")
    assert done.returncode == 1
    assert f"{LOG}:{line(3)}:1 L202" in done.stderr
    write(parted, {LOG: log("R1", "R2", "R3", "R4")})
    git(parted, "add", "-A")
    assert attempt(parted, "commit", "-m", "merge").returncode == 0


def test_7_a_clean_merge_is_judged_by_pre_merge_commit(parted: Path) -> None:
    """A merge driver that keeps one side makes a clean merge of what drops the other's entries."""
    for hook in ("pre-commit", "pre-merge-commit"):
        install_hook(parted, hook)
    git(parted, "checkout", "-q", "main")
    git(parted, "config", "merge.mine.driver", "true")
    commit_attributes(parted, "*.md merge=mine\n")
    done = attempt(parted, "merge", "-m", "merge", "feature")
    assert (parted / LOG).read_text() == log("R1", "R2", "R3"), "R4 is gone, without a conflict"
    assert done.returncode != 0, "every parent is to be compared, also where git has not written MERGE_HEAD yet"
    assert f"{LOG}:{line(3)}:1 L202" in done.stderr


def test_7_a_clean_merge_that_drops_a_side_is_found_in_a_range(parted: Path, commands: Commands) -> None:
    git(parted, "checkout", "-q", "main")
    git(parted, "merge", "-q", "-s", "ours", "-m", "merge", "feature")
    assert found(commands, "--from-ref", "HEAD~1", "--to-ref", "HEAD") == [f"L202 error {LOG}:{line(3)}:1"]


def commit_attributes(repository: Path, text: str) -> None:
    """Set attributes without committing them, so that a merge is of what the test says."""
    (repository / ".git/info").mkdir(exist_ok=True)
    (repository / ".git/info/attributes").write_text(text)


@pytest.mark.parametrize("how", ["rebase", "cherry-pick"])
def test_7_what_a_rebase_or_cherry_pick_loses_is_found_in_the_range(parted: Path, commands: Commands, how: str) -> None:
    """They run no hook at all; ``-X theirs`` is the commit that is applied."""
    for hook in ("pre-commit", "pre-merge-commit"):
        install_hook(parted, hook)
    if how == "rebase":
        git(parted, "rebase", "-q", "-X", "theirs", "main")
    else:
        branch(parted, "picked", "main")
        git(parted, "cherry-pick", "-X", "theirs", "feature")
    text = (parted / LOG).read_text()
    assert entry("R3") not in text, "the conflict was resolved by losing an entry"
    outcome = judged(commands, "--from-ref", "main", "--to-ref", "HEAD")
    lost = [each["message"] for each in outcome.json["findings"] if each["code"] in ("L201", "L202")]
    assert outcome.code == 1
    assert len(lost) == 1 and "R3 - Iteration 1" in lost[0]


def test_7_a_merge_of_several_branches_is_compared_with_all_of_them(based: Path, commands: Commands) -> None:
    for number in (3, 4, 5):
        task = f".iterative-work/t{number}"
        branch(based, f"b{number}")
        commit(based, {f"{task}/progress.md": log(f"R{number}"), f"{task}/state.json": state(slug=f"t{number}")})
        git(based, "checkout", "-q", "main")
    git(based, "merge", "-q", "--no-commit", "b3", "b4", "b5")
    assert len((based / ".git/MERGE_HEAD").read_text().split()) == 3
    fourth, fifth = (f".iterative-work/t{number}" for number in (4, 5))
    write(based, {f"{fourth}/progress.md": "# Progress Log\n"})
    shutil.rmtree(based / fifth)
    git(based, "add", "-A")
    expected = [f"L202 error {fourth}/progress.md:1:1", f"T410 warning {fifth}/state.json:1:1"]
    assert found(commands) == expected
    assert found(commands, "--staged") == expected
    git(based, "commit", "-q", "-m", "octopus")
    outcome = judged(commands, "--from-ref", "HEAD^1", "--to-ref", "HEAD")
    ranged = [each for each in outcome.json["findings"] if each["revision"] == head(based)]
    assert [f"{each['code']} {each['path']}:{each['line']}" for each in ranged] == [
        f"L202 {fourth}/progress.md:1",
        f"T410 {fifth}/state.json:1",
    ]


def test_7_the_upstream_base_does_not_hide_the_other_parent(based: Path, pushed: Path, elsewhere: Any) -> None:
    """``git pull`` in a clone configured for amending: the conflict is resolved by dropping what was pulled."""
    commit(based, {LOG: log("R1", "R2", "R4")})
    git(pushed, "fetch", "-q")
    attempt(pushed, "merge", "-q", "--no-commit", "origin/main")
    write(pushed, {LOG: log("R1", "R2", "R3")})
    git(pushed, "add", "-A")
    assert found(elsewhere(pushed)) == [f"L202 error {LOG}:{line(3)}:1"]
    assert found(elsewhere(pushed), "--staged") == [f"L202 error {LOG}:{line(3)}:1"]


def test_7_what_a_merge_brings_from_outside_the_range_is_not_its_fault(parted: Path, commands: Commands) -> None:
    """Somebody rewrote an entry on main: a branch that merges main is not blocked by it, but by a fault of its own."""
    git(parted, "checkout", "-q", "main")
    commit(parted, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R3")})
    git(parted, "checkout", "-q", "feature")
    attempt(parted, "merge", "-q", "--no-commit", "main")
    catch_up = log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R3", "R4")
    commit(parted, {LOG: catch_up}, "catch up")
    assert found(commands, "--from-ref", "main", "--to-ref", "feature") == []
    commit(parted, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), "R2", "R4")})
    assert found(commands, "--from-ref", "main", "--to-ref", "feature") == [f"L202 error {LOG}:{line(3)}:1"]


# --- 8: append-only across merges


MERGES: list[tuple[str, Sequence[str], list[str]]] = [
    ("ours first", ["A1", "A2", "B1", "B2"], []),
    ("theirs first", ["B1", "B2", "A1", "A2"], []),
    ("and a new one", ["A1", "A2", "B1", "B2", "R3"], []),
    ("their last dropped", ["A1", "A2", "B1"], ["L202"]),
    ("their first dropped", ["A1", "A2", "B2"], ["L202"]),
    ("all of theirs dropped", ["A1", "A2"], ["L202"]),
    ("all of ours dropped", ["B1", "B2"], ["L202"]),
    ("one of ours dropped", ["B1", "B2", "A2"], ["L202"]),
    ("interleaved", ["A1", "B1", "A2", "B2"], ["L203"]),
    ("interleaved otherwise", ["B1", "A1", "A2", "B2"], ["L203"]),
    ("theirs reversed", ["A1", "A2", "B2", "B1"], ["L201"]),
    ("ours reversed", ["A2", "A1", "B1", "B2"], ["L201"]),
    ("theirs edited", ["A1", "A2", "B1 edited", "B2"], ["L201"]),
    ("ours edited", ["A1 edited", "A2", "B1", "B2"], ["L201"]),
    ("a new one between", ["A1", "A2", "R3", "B1", "B2"], ["L203"]),
    ("a new one on top", ["R3", "A1", "A2", "B1", "B2"], ["L203"]),
]


def worded(names: Sequence[str], wording: str) -> str:
    """Return a log of R1, R2 and these entries, whose texts are as different, or as alike, as the wording says."""

    def made(name: str) -> str:
        phase, _, edited = name.partition(" ")
        did = f"Scored sources of {phase}" if wording == "alike" else DID[phase]
        return entry(phase, did=f"{did}, or so" if edited else did)

    return log(*map(made, ("R1", "R2", *names)))


@pytest.fixture(params=["different", "alike"])
def wording(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def appended(folder: Path, wording: str) -> Path:
    """Both sides appended two entries: A1 and A2 on ``main``, B1 and B2 on ``feature``."""
    make_repository(folder, {LOG: worded([], wording), STATE: state()})
    branch(folder, "feature")
    commit(folder, {LOG: worded(["B1", "B2"], wording)})
    git(folder, "checkout", "-q", "main")
    commit(folder, {LOG: worded(["A1", "A2"], wording)})
    return folder


@pytest.mark.parametrize(("entries", "codes"), [each[1:] for each in MERGES], ids=[each[0] for each in MERGES])
def test_8_both_sides_entries_survive_a_merge_in_their_order(
    appended: Path, commands: Commands, wording: str, entries: Sequence[str], codes: list[str]
) -> None:
    merging(appended, worded(entries, wording))
    for judgement in everywhere(appended, commands):
        assert sorted({each.split()[0] for each in judgement if each[0] == "L"}) == codes
        assert all(each.split()[1] == "error" and each.split()[2].startswith(f"{LOG}:") for each in judgement)
    first_parent = found(commands, "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert sorted({each.split()[0] for each in first_parent}) == codes


@pytest.mark.parametrize("kept", ["A", "B"])
def test_8_the_base_must_survive_a_merge_too(appended: Path, commands: Commands, wording: str, kept: str) -> None:
    other = "AB".replace(kept, "")
    whole = worded([f"{kept}1", f"{kept}2", f"{other}1", f"{other}2"], wording)
    first = worded([], wording).split("## ")[1]
    merging(appended, whole.replace(f"## {first}", ""))
    for judgement in everywhere(appended, commands):
        assert set(judgement) == {f"L202 error {LOG}:{line(1)}:1"}


def test_8_where_findings_of_a_merge_stand(appended: Path, commands: Commands, wording: str) -> None:
    merging(appended, worded(["A1", "A2", "B1 edited"], wording))
    expected = [f"L201 error {LOG}:{line(5) + 1}:1", f"L202 error {LOG}:{line(5) + 3}:1"]
    assert everywhere(appended, commands) == [expected] * 3


def test_8_equal_entries_of_both_sides_may_be_one(based: Path, commands: Commands) -> None:
    """Both sides have the same new entry, as after a cherry-pick: it need not be there twice."""
    branch(based, "feature")
    commit(based, {LOG: log("R1", "R2", "R3", "R4")})
    git(based, "checkout", "-q", "main")
    commit(based, {LOG: log("R1", "R2", "R3", "R5")})
    merging(based, log("R1", "R2", "R3", "R5", "R4"))
    assert everywhere(based, commands) == [[]] * 3


def test_8_the_same_iteration_on_both_sides_is_a_warning(based: Path, commands: Commands) -> None:
    branch(based, "feature")
    commit(based, {LOG: log("R1", "R2", entry("R1.2", did="Read theirs"))})
    git(based, "checkout", "-q", "main")
    commit(based, {LOG: log("R1", "R2", entry("R1.2", did="Read ours"))})
    merging(based, log("R1", "R2", entry("R1.2", did="Read ours"), entry("R1.2", did="Read theirs")))
    assert everywhere(based, commands) == [[f"L214 warning {LOG}:{line(4)}:4"]] * 3


def test_8_an_iteration_that_the_merge_itself_repeats_is_an_error(based: Path, commands: Commands) -> None:
    branch(based, "feature")
    commit(based, {LOG: log("R1", "R2", "R4")})
    git(based, "checkout", "-q", "main")
    commit(based, {LOG: log("R1", "R2", "R3")})
    merging(based, log("R1", "R2", "R3", "R4", entry("R3", did="Read it again")))
    assert everywhere(based, commands) == [[f"L214 error {LOG}:{line(5)}:4"]] * 3


@pytest.mark.parametrize("appended", [True, False], ids=["both appended", "both changed what was there"])
def test_8_a_conflict_of_two_that_appended_is_mended(based: Path, commands: Commands, appended: bool) -> None:
    branch(based, "feature")
    first = "R1" if appended else entry("R1", did="Read another")
    commit(based, {LOG: log(first, "R2", "R4")})
    git(based, "checkout", "-q", "main")
    commit(based, {LOG: log(first, "R2", "R3")})
    attempt(based, "merge", "-q", "feature")
    conflict = (based / LOG).read_text()
    assert "<<<<<<<" in conflict
    commands.fix("--select", "W904")
    assert (based / LOG).read_text() == (log("R1", "R2", "R3", "R4") if appended else conflict)


def test_8_a_merge_by_union_keeps_both_sides(appended: Path, commands: Commands, wording: str) -> None:
    """``merge=union`` puts our lines first, then theirs: whole entries stay whole where nothing is alike."""
    commit_attributes(appended, "progress.md merge=union\n")
    git(appended, "merge", "-q", "-m", "merge", "feature")
    text = (appended / LOG).read_text()
    entries = worded(["A1", "A2", "B1", "B2"], wording).rstrip().split("\n\n")
    whole = all(f"{each}\n" in text for each in entries)
    outcome = judged(commands, "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert (outcome.code == 0) == whole, text


def test_8_a_log_that_only_one_side_has(based: Path, commands: Commands) -> None:
    branch(based, "feature")
    commit(based, {GUARD: "# Guardrails\n\n## Open every link\n- **Context:** Citing\n"})
    git(based, "checkout", "-q", "main")
    commit(based, {LOG: log("R1", "R2", "R3")})
    attempt(based, "merge", "-q", "--no-commit", "feature")
    git(based, "rm", "-q", "-f", GUARD)
    expected = [f"L204 error {GUARD}:1:1"]
    assert everywhere(based, commands) == [expected] * 3


# --- 9: bytes, never diffs


def test_9_appending_to_a_file_without_a_final_newline_deletes_nothing(folder: Path, commands: Commands) -> None:
    start = log("R1", "R2").removesuffix("\n")
    make_repository(folder, {LOG: start, STATE: state()})
    write(folder, {LOG: f"{start}\n\n{entry('R3')}"})
    assert "-**Blockers:** None" in git(folder, "diff"), "the diff shows a deletion"
    assert found(commands) == []
    git(folder, "add", "-A")
    assert found(commands, "--staged") == []
    git(folder, "commit", "-q", "-m", "append")
    assert found(commands, "--from-ref", "HEAD~1", "--to-ref", "HEAD") == []


@pytest.mark.parametrize(
    "odd", ["-- a flag", "--- a/x", "++ b", "+++ b/x", "- x", "@@ -1 +1 @@", "\\ No newline at end"]
)
def test_9_lines_that_look_like_a_diff_are_compared(folder: Path, commands: Commands, odd: str) -> None:
    old, new = (entry("R1").replace("**Remaining", f"{each}**Remaining") for each in (f"{odd}\n", ""))
    make_repository(folder, {LOG: log(old, "R2"), STATE: state()})
    write(folder, {LOG: log(new, "R2")})
    expected = [f"L201 error {LOG}:{line(1) + 2}:1"]
    assert found(commands) == expected
    git(folder, "add", "-A")
    assert found(commands, "--staged") == expected
    git(folder, "commit", "-q", "-m", "remove a line")
    assert found(commands, "--from-ref", "HEAD~1", "--to-ref", "HEAD") == expected


HOSTILE = """[color]
\tui = always
[core]
\tquotePath = true
\tpager = false
[diff]
\texternal = false
\tnoprefix = true
\trenames = copies
\tignoreSubmodules = all
[diff "nothing"]
\ttextconv = true
[log]
\tdecorate = full
\tdate = relative
\tshowSignature = true
\tshowRoot = false
\tfollow = true
\tmailmap = true
[format]
\tpretty = oneline
[status]
\tshowUntrackedFiles = no
"""


def test_9_how_somebody_likes_diffs_and_logs_shown_changes_no_verdict(
    based: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path(os.environ["GIT_CONFIG_GLOBAL"]).open("a") as file:
        file.write(HOSTILE)
    commit_attributes(based, "*.md binary -diff diff=nothing\n")
    start = head(based)
    commit(based, {LOG: REWRITTEN})
    assert found(commands, "--from-ref", start, "--to-ref", "HEAD") == [REWRITES]
    write(based, {LOG: log("R1")})
    assert found(commands) == [
        f"L201 error {LOG}:{line(1) + 1}:1",
        f"L202 error {LOG}:{line(1) + 3}:1",
    ]


# --- 10: index and working tree


def test_10_what_is_staged_is_read_from_the_index(based: Path, commands: Commands) -> None:
    write(based, {LOG: REWRITTEN})
    git(based, "add", "-A")
    write(based, {LOG: log("R1", "R2", "R3")})
    assert found(commands, "--staged") == [REWRITES]
    assert found(commands) == []
    git(based, "add", "-A")
    write(based, {LOG: REWRITTEN})
    assert found(commands, "--staged") == []
    assert found(commands) == [REWRITES]


def test_10_a_transition_is_of_what_is_staged(folder: Path, commands: Commands) -> None:
    make_repository(folder, {".claude/initiative.json": initiative("completed", 1)})
    write(folder, {".claude/initiative.json": initiative("in_progress", 2)})
    assert found(commands, "--staged") == []
    git(folder, "add", "-A")
    write(folder, {".claude/initiative.json": None})
    assert found(commands, "--staged") == ["T402 error .claude/initiative.json:3:13"]


def initiative(status: str, day: int) -> str:
    return (
        json.dumps({"name": "alpha", "status": status, "lastUpdated": f"2026-01-{day:02}T12:00:00Z"}, indent=2) + "\n"
    )


def test_10_a_file_that_git_was_told_not_to_look_at_is_compared(based: Path, commands: Commands) -> None:
    git(based, "update-index", "--assume-unchanged", LOG)
    write(based, {LOG: REWRITTEN})
    assert git(based, "status", "--porcelain") == ""
    assert found(commands) == [REWRITES]


MANIFEST = """{
  "artifact_type": "logo",
  "variants": [
    {
      "name": "light",
      "path": "dist/logo.svg"
    }
  ],
  "generation_timestamp": "2026-01-16T10:00:00Z"
}
"""


def test_10_an_untracked_file_does_not_hide_a_missing_artifact(repository: Path, commands: Commands) -> None:
    files = {"art/artifact_manifest.json": MANIFEST, "art/constraints.json": '{"constraints": []}\n'}
    write(repository, files)
    git(repository, "add", "-A")
    write(repository, {"art/dist/logo.svg": "<svg/>\n"})
    staged = commands.check_json("--select", "D", "--staged")
    assert (staged.code, staged.findings) == (1, ["D307 error art/artifact_manifest.json:6:15"])
    plain = commands.check_json("--select", "D")
    assert (plain.code, plain.findings) == (0, ["D307 warning art/artifact_manifest.json:6:15"])
    git(repository, "commit", "-q", "-m", "without it")
    git(repository, "commit", "-q", "--allow-empty", "-m", "next")
    ranged = commands.check_json("--select", "D", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert ranged.code == 1, "a clean checkout lacks it"


def test_10_an_amendment_counts_when_it_is_staged(based: Path, commands: Commands) -> None:
    write(based, {LOG: REWRITTEN})
    assert commands.statecheck("amend", LOG, "--reason", "a secret", "--now", NOW).code == 0
    git(based, "add", LOG)
    assert found(commands, "--staged") == [REWRITES]
    git(based, "add", "-A")
    assert found(commands, "--staged") == []


def test_10_the_configuration_that_is_judged_by_is_not_an_untracked_one(based: Path, elsewhere: Any) -> None:
    """Staged is what will be committed: a file beside it that nobody will get does not change the verdict."""
    target = clone(based)
    commit(target, {LOG: log("R1", "R2", "R3")})
    write(target, {LOG: AMENDED})
    git(target, "add", "-A")
    write(target, {CONFIGURATION: 'base = "upstream"\n'})
    assert found(elsewhere(target), "--staged") == [f"L201 error {LOG}:{line(3) + 1}:1"]


# --- 11: GIT_INDEX_FILE

SECOND = ".iterative-work/second"


def two_tasks(folder: Path) -> Path:
    return make_repository(folder, {**BASE, f"{SECOND}/progress.md": log("R1", "R2"), f"{SECOND}/state.json": state()})


def blocked(folder: Path, *arguments: str) -> set[str]:
    """Try to commit with the hook, and return the places that it found."""
    done = attempt(folder, "commit", "-q", "-m", "x", *arguments)
    places = {each.split()[0] for each in done.stderr.splitlines() if " L20" in each}
    assert done.returncode == (1 if places else 0), done.stderr
    return places


@pytest.mark.parametrize("kind", ["main", "worktree", "submodule"])
def test_11_a_hook_judges_just_what_a_commit_takes(folder: Path, kind: str) -> None:
    work = two_tasks(folder)
    if kind == "worktree":
        git(folder, "worktree", "add", "-q", "../linked")
        work = folder.parent / "linked"
    if kind == "submodule":
        outer = make_repository(folder.parent / "outer", {"x": "x"})
        git(outer, "submodule", "--quiet", "add", f"file://{folder}", "inner")
        git(outer, "commit", "-q", "-m", "submodule")
        work = outer / "inner"
    assert (work / ".git").is_file() == (kind != "main")
    install_hook(work, "pre-commit")
    first, second = (f"{task}/progress.md" for task in (TASK, SECOND))
    bad, good = REWRITTEN, log("R1", "R2", "R3")
    here = f":{line(1) + 1}:1"

    write(work, {first: bad, second: good})
    git(work, "add", second)
    assert blocked(work, "-a") == {first + here}, "commit -a takes what is not staged"
    assert blocked(work, "--", first) == {first + here}, "commit path takes that path"
    assert blocked(work) == set(), "commit takes what is staged"
    write(work, {second: bad, first: log("R1", "R2", "R3")})
    git(work, "add", second)
    assert blocked(work, "--", first) == set(), "commit path leaves out what else is staged"
    assert blocked(work) == {second + f":{line(1) + 1}:1", second + f":{line(2) + 3}:1"}


@pytest.mark.parametrize("commit_arguments", [[], ["-a"], ["x"]], ids=["commit", "commit -a", "commit path"])
def test_11_the_index_of_a_commit_is_not_used_for_a_submodule(folder: Path, commit_arguments: list[str]) -> None:
    """A hook of the outer repository looks into the submodule, whose own index has the fault."""
    inner = make_repository(folder / "source", BASE)
    outer = make_repository(folder / "outer", {"x": "1"})
    git(outer, "submodule", "--quiet", "add", f"file://{inner}", "inner")
    git(outer, "commit", "-q", "-m", "submodule")
    install_hook(outer, "pre-commit", "--staged inner")
    write(outer, {"x": "2"})
    git(outer, "add", "x")
    assert blocked(outer, *commit_arguments) == set()
    write(outer, {"x": "3", f"inner/{LOG}": REWRITTEN})
    git(outer, "add", "x")
    assert blocked(outer, *commit_arguments) == set(), "it is not staged there"
    git(outer / "inner", "add", "-A")
    write(outer, {"x": "4"})
    git(outer, "add", "x")
    assert blocked(outer, *commit_arguments) == {f"inner/{LOG}:{line(1) + 1}:1"}


def test_11_variables_that_a_hook_leaves_behind_mislead_nobody(
    based: Path, elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent that was started by a hook goes on in another repository with that hook's variables set."""
    other = make_repository(based.parent / "other", {LOG: REWRITTEN, STATE: state()})
    write(other, {LOG: BASE[LOG]})
    git(other, "add", "-A")
    monkeypatch.setenv("GIT_DIR", str(based / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(based / ".git/index"))
    monkeypatch.setenv("GIT_PREFIX", "")
    commands = elsewhere(other)
    assert found(commands, "--staged") == [REWRITES]
    assert found(commands) == [REWRITES]


# --- 12: files made by a fixer


def test_12_making_a_file_is_not_passing(based: Path, commands: Commands) -> None:
    """The fixer brings back a log that is gone: a new file, which pre-commit would not notice."""
    git(based, "rm", "-q", LOG)
    staged = git(based, "ls-files", "-s")
    arguments = ("--select", "L", "--exit-non-zero-on-fix")
    outcome = commands.fix(*arguments)
    assert outcome.code == 1
    assert f"{LOG}:1:1: fixed L204" in outcome.out
    assert (based / LOG).read_text() == BASE[LOG]
    assert git(based, "ls-files", "-s") == staged, "nothing is ever added"
    assert git(based, "status", "--porcelain").splitlines() == [f"D  {LOG}", "?? .iterative-work/demo/progress.md"]
    assert commands.fix(*arguments).code == 0, "a second run has nothing to do"
    assert found(commands, "--staged") == [f"L204 error {LOG}:1:1"], "and what is staged still lacks it"


def test_12_the_hook_that_writes_says_so_by_its_exit_code() -> None:
    assert "--exit-non-zero-on-fix" in HOOKS["fix-state"]["entry"].split()


# --- 13: parallel processes


@pytest.mark.parametrize("name", HOOKS)
def test_13_hooks_run_one_at_a_time_and_name_their_stages_as_pre_commit_3_2_does(name: str) -> None:
    hook = HOOKS[name]
    assert hook["require_serial"] is True
    assert hook["minimum_pre_commit_version"] == "3.2.0"
    assert set(hook["stages"]) == {"pre-commit", "pre-merge-commit", "pre-push", "manual"}


def statecheck(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-m", "statecheck", *arguments], cwd=folder, text=True, **pipes)


def test_13_fixers_that_run_at_once_do_no_harm(based: Path, commands: Commands) -> None:
    """Each either writes the same, or finds that another was faster and writes nothing."""
    write(based, {LOG: log("R2", "R3")})
    running = [statecheck(based, "fix", "--select", "L", "--now", NOW) for _ in range(6)]
    ended = [(*each.communicate(timeout=60), each.returncode) for each in running]
    assert all(code in (0, 2) for *_, code in ended), ended
    assert any(code == 0 for *_, code in ended)
    assert snapshot(based) == {LOG: as_bytes(log("R1", "R2", "R3")), STATE: as_bytes(state())}, "nothing is left behind"
    assert found(commands) == []


def test_13_amendments_recorded_at_once_are_all_kept(folder: Path, commands: Commands) -> None:
    tasks = [f".iterative-work/t{number}" for number in range(6)]
    make_repository(folder, {f"{each}/progress.md": log("R1", "R2") for each in tasks})
    write(folder, {f"{each}/progress.md": REWRITTEN for each in tasks})
    running = [statecheck(folder, "amend", f"{each}/progress.md", "--reason", "a secret") for each in tasks]
    for each in running:
        assert each.wait(timeout=60) == 0, each.communicate()
        each.communicate()
    recorded = [json.loads(each) for each in (folder / AMENDMENTS).read_text().splitlines()]
    assert sorted(each["path"] for each in recorded) == [f"{each}/progress.md" for each in tasks]
    assert found(commands, "--select", "L201") == []


# --- 14: self-blessing


def amended(repository: Path, commands: Commands) -> None:
    assert commands.statecheck("amend", LOG, "--reason", "a secret", "--now", NOW).code == 0


def test_14_an_amendment_of_the_same_change_is_accepted_in_the_open(based: Path, commands: Commands) -> None:
    """That is what amending is for; what it accepts stays a note that names the reason, for whoever reviews."""
    start = head(based)
    write(based, {LOG: REWRITTEN})
    amended(based, commands)
    git(based, "add", "-A")
    git(based, "commit", "-q", "-m", "amended")
    outcome = judged(commands, "--from-ref", start, "--to-ref", "HEAD")
    assert loud(outcome) == []
    notes = [each for each in outcome.json["findings"] if each["path"] == LOG]
    assert [(each["code"], each["severity"], each["line"]) for each in notes] == [("L201", "info", line(1))]
    assert "a secret" in notes[0]["message"]


def test_14_an_amendment_accepts_just_what_it_says(based: Path, commands: Commands) -> None:
    write(based, {LOG: REWRITTEN})
    amended(based, commands)
    write(based, {LOG: log(entry("R1", did="Nothing of that"), "R2")})
    assert found(commands) == [REWRITES], "another text for the same entry"
    write(based, {LOG: log(entry("R1", did=f"{DID['R1']}, or so"), entry("R2", did="Wrote to nobody"))})
    assert found(commands) == [f"L201 error {LOG}:{line(2) + 1}:1"], "another entry"
    write(based, {LOG: log("R2")})
    assert found(commands) == [f"L202 error {LOG}:{line(1)}:1"], "removed, not changed"


@pytest.mark.parametrize(
    "record",
    ["*", '{"path": "*"}', "[]", "true", json.dumps({"path": LOG, "old_sha256": "*", "new_sha256": "*"})],
)
def test_14_a_record_that_is_no_amendment_accepts_nothing(based: Path, commands: Commands, record: str) -> None:
    write(based, {LOG: REWRITTEN, AMENDMENTS: f"{record}\n"})
    outcome = commands.check_json("--select", "L201")
    assert REWRITES in outcome.findings
    assert outcome.code == 1


@pytest.mark.parametrize("how", ["reworded", "removed", "deleted"])
def test_14_the_record_of_amendments_is_a_log_itself(based: Path, commands: Commands, how: str) -> None:
    write(based, {LOG: REWRITTEN})
    amended(based, commands)
    start = commit(based, {})
    text = (based / AMENDMENTS).read_text()
    write(based, {AMENDMENTS: {"reworded": text.replace("a secret", "a typo"), "removed": "", "deleted": None}[how]})
    code = {"reworded": "L201", "removed": "L202", "deleted": "L204"}[how]
    expected = [f"{code} error {AMENDMENTS}:1:1"]
    assert found(commands) == expected
    git(based, "add", "-A")
    assert found(commands, "--staged") == expected
    git(based, "commit", "-q", "-m", "hush")
    assert found(commands, "--from-ref", start, "--to-ref", "HEAD") == expected


@pytest.fixture
def remembered(folder: Path, commands: Commands) -> Path:
    """A repository that ignores its state and has committed a ledger of it."""
    make_repository(folder, {".gitignore": ".iterative-work/\n"})
    write(folder, BASE)
    assert commands.check("--select", "L,T", "--record").code == 0
    git(folder, "add", "-f", LEDGER)
    git(folder, "commit", "-q", "-m", "ledger")
    assert found(commands) == []
    return folder


def pin(folder: Path, commands: Commands) -> None:
    """Write the ledger anew, as if what is there had always been so."""
    own = folder.parent / "own"
    write(own, {LOG: (folder / LOG).read_text(), STATE: state()})
    made = Commands(own, commands._monkeypatch, commands._capsys).check("--select", "L,T", "--record")
    assert made.code == 0, made.err
    shutil.copyfile(own / LEDGER, folder / LEDGER)


def test_14_a_ledger_that_is_not_committed_remembers_too(folder: Path, commands: Commands) -> None:
    make_repository(folder, {".gitignore": ".iterative-work/\n"})
    write(folder, BASE)
    assert commands.check("--select", "L,T", "--record").code == 0
    write(folder, {LOG: REWRITTEN})
    rewritten = [f"L201 error {LOG}:{line(1)}:1"]
    assert found(commands) == rewritten
    outcome = commands.check("--select", "L,T", "--record")
    assert outcome.code == 1
    assert "nothing was recorded" in outcome.err
    assert found(commands) == rewritten, "recording what is wrong would make it right"


@pytest.mark.parametrize("staged", [False, True], ids=["", "added"])
def test_14_a_ledger_pinned_anew_in_the_same_change_blesses_nothing(
    remembered: Path, commands: Commands, staged: bool
) -> None:
    write(remembered, {LOG: REWRITTEN})
    pin(remembered, commands)
    if staged:
        git(remembered, "add", "-f", LEDGER)
    assert found(commands) == [f"L201 error {LOG}:{line(1)}:1"]


@pytest.mark.parametrize("how", ["rm", "rm --cached", "deleted"])
def test_14_a_ledger_removed_in_the_same_change_blesses_nothing(remembered: Path, commands: Commands, how: str) -> None:
    write(remembered, {LOG: REWRITTEN})
    if how == "deleted":
        write(remembered, {LEDGER: None})
    else:
        git(remembered, *how.split(), "-q", "-f", LEDGER)
        if how == "rm --cached":
            pin(remembered, commands)
    outcome = judged(commands)
    assert outcome.code == 1, f"the ledger of HEAD counts: {outcome.out}{outcome.err}"
    assert f"L201 error {LOG}:{line(1)}:1" in outcome.findings


def test_14_a_damaged_ledger_is_never_made_anew(remembered: Path, commands: Commands) -> None:
    git(remembered, "rm", "-q", "--cached", LEDGER)
    git(remembered, "commit", "-q", "-m", "keep it here")
    write(remembered, {LEDGER: "{}\n", LOG: REWRITTEN})
    assert LEDGER in refused(commands)
    assert commands.check("--select", "L,T", "--record").code == 2
    assert (remembered / LEDGER).read_text() == "{}\n"


def test_14_state_that_is_ignored_in_the_same_change_is_still_compared(based: Path, commands: Commands) -> None:
    write(based, {".gitignore": "progress.md\n"})
    git(based, "rm", "-q", "--cached", LOG)
    git(based, "add", "-A")
    assert found(commands, "--staged") == [f"L204 error {LOG}:1:1"]
    assert found(commands) == [f"L204 error {LOG}:1:1"]
    start = head(based)
    git(based, "commit", "-q", "-m", "ignore it")
    assert found(commands, "--from-ref", start, "--to-ref", "HEAD") == [f"L204 error {LOG}:1:1"]


@pytest.mark.parametrize("stage", [False, True], ids=["worktree", "staged"])
def test_14_a_configuration_of_the_same_change_does_not_judge_it(based: Path, elsewhere: Any, stage: bool) -> None:
    """HEAD compares with HEAD; a change that says otherwise would bless what it rewrites."""
    target = clone(based)
    commit(target, {LOG: log("R1", "R2", "R3")})
    write(target, {LOG: AMENDED, CONFIGURATION: 'base = "upstream"\n'})
    if stage:
        git(target, "add", "-A")
    expected = [f"L201 error {LOG}:{line(3) + 1}:1"]
    assert found(elsewhere(target), *(["--staged"] if stage else [])) == expected


def test_14_no_configuration_changes_what_a_range_is_compared_with(based: Path, commands: Commands) -> None:
    start = head(based)
    commit(based, {LOG: REWRITTEN, CONFIGURATION: 'base = "upstream"\n'})
    assert found(commands, "--from-ref", start, "--to-ref", "HEAD") == [REWRITES]


def test_14_a_configuration_that_cannot_be_read_is_no_pass(based: Path, commands: Commands) -> None:
    for content in ('base = "nothing"\n', "base = \n", "bass = 'HEAD'\n", b"\xff\n"):
        write(based, {CONFIGURATION: content})
        assert CONFIGURATION in refused(commands)


# --- 15: clocks


def test_15_what_the_file_system_says_of_time_is_never_asked(based: Path, commands: Commands) -> None:
    write(based, {LOG: REWRITTEN})
    for moment in (0, 4_000_000_000):
        for path in (LOG, STATE):
            os.utime(based / path, (moment, moment))
        assert found(commands) == [REWRITES]
    write(based, {LOG: BASE[LOG]})
    os.utime(based / LOG, (4_000_000_000, 4_000_000_000))
    assert found(commands) == []


def test_15_a_change_of_the_same_size_at_the_same_moment_is_seen(based: Path, commands: Commands) -> None:
    """The racy case: git may take the file for unchanged by its size and time."""
    status = (based / LOG).stat()
    text = BASE[LOG].replace("Scored", "Sc0red")
    (based / LOG).write_text(text)
    os.utime(based / LOG, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert found(commands) == [REWRITES]


@pytest.mark.parametrize("moments", [("2031", "2026", "2001"), ("2001", "2031", "2001"), ("2026", "2026", "2026")])
def test_15_commits_are_judged_in_their_order_whatever_their_clocks_say(
    based: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, moments: tuple[str, str, str]
) -> None:
    start = head(based)
    made = []
    contents = [log("R1", "R2", "R3"), log("R2", "R3"), log("R2", "R3", "R4")]
    for moment, content in zip(moments, contents, strict=True):
        for who in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{who}_DATE", f"{moment}-01-10T10:00:00+00:00")
        made.append(commit(based, {LOG: content}))
    outcome = judged(commands, "--from-ref", start, "--to-ref", "HEAD")
    assert loud(outcome) == [f"L202 error {LOG}:{line(1)}:1"]
    assert [each["revision"] for each in outcome.json["findings"]] == [made[1]]


def test_15_a_range_with_skewed_clocks_leaves_out_what_its_start_has(
    based: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rewriting that the start already has is not this range's, though it claims to be the newest of all commits."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_DATE", "2037-01-10T10:00:00+00:00")
    commit(based, {LOG: REWRITTEN})
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_DATE", "1999-01-10T10:00:00+00:00")
    start = ""
    for number in range(8):
        start = commit(based, {"x": str(number)})
    commit(based, {"x": "end"})
    outcome = judged(commands, "--from-ref", start, "--to-ref", "HEAD")
    assert loud(outcome) == []
    assert outcome.json["examined"]["revisions"] == 2


def test_15_ties_and_times_without_offset_say_nothing_about_order(based: Path, commands: Commands) -> None:
    """What may be later is not reported as earlier: a time without an offset may be half a day off."""
    write(based, {LOG: log("R1", "R2", entry("R3", time="2026-01-16T09:00:00"), "R4")})
    assert found(commands) == []


def test_15_a_time_in_the_future_is_said_and_nothing_is_repaired_by_it(based: Path, commands: Commands) -> None:
    """A future-dated entry would win for ever: entries with real times come after it."""
    start = log("R1", entry("R2", time="2036-01-16T10:00:00Z"))
    write(based, {LOG: start})
    commit(based, {})
    write(based, {LOG: f"{start}\n{entry('R3')}"})
    assert found(commands) == [f"L215 warning {LOG}:{line(3)}:23"]
    before = snapshot(based)
    commands.fix("--select", "L,T,S105", "--unsafe-fixes")
    assert snapshot(based) == before


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("2026-01-16T10:00:00Z", "2026-01-16T10:00:00Z", ["T407"]),
        ("2026-01-16T10:00:00Z", "2026-01-16T12:00:00+02:00", ["T407"]),
        ("2026-01-16T10:00:00Z", "2026-01-16T11:00:00+02:00", ["T407"]),
        ("2026-01-16T10:00:00Z", "2026-01-16T10:00:01Z", []),
        ("2026-01-16T10:00:00+02:00", "2026-01-16T09:00:00Z", []),
        ("2036-01-16T10:00:00Z", "2026-01-17T10:00:00Z", ["T407"]),
    ],
)
def test_15_the_clock_of_a_state_is_compared_as_moments_and_not_repaired(
    folder: Path, commands: Commands, before: str, after: str, expected: list[str]
) -> None:
    make_repository(folder, {STATE: state(updated=before)})
    write(folder, {STATE: state(updated=after, iterations_used=2)})
    assert [each.split()[0] for each in found(commands)] == expected
    kept = snapshot(folder)
    commands.fix("--select", "T", "--unsafe-fixes")
    assert snapshot(folder) == kept


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("newest", ["2026-01-20T12:00:00Z", "2036-01-20T12:00:00Z", "2026-01-20T12:00:00"])
def test_15_the_newest_time_never_reopens_what_is_completed(
    folder: Path, commands: Commands, newest: str, unsafe: bool
) -> None:
    """The two files of an initiative disagree, and the later one says in_progress: no repair takes its word."""
    status = "documentation/milestones/_active/alpha/WORKFLOW-STATUS.yaml"
    done = "name: alpha\nstatus: completed\nlastUpdated: 2026-01-16T12:00:00Z\n"
    make_repository(folder, {".claude/initiative.json": initiative("completed", 16), status: done})
    reopened = json.dumps({"name": "alpha", "status": "in_progress", "lastUpdated": newest}, indent=2) + "\n"
    write(folder, {".claude/initiative.json": reopened})
    assert found(commands) == ["T402 error .claude/initiative.json:3:13"]
    commands.fix("--select", "L,T,S,W", *(["--unsafe-fixes"] if unsafe else []))
    assert (folder / status).read_text() == done
    mended = json.loads((folder / ".claude/initiative.json").read_text())["status"]
    assert mended == ("completed" if unsafe else "in_progress"), "what a person wrote is only displaced when asked"


def test_15_the_hour_of_the_run_changes_no_comparison(based: Path, commands: Commands) -> None:
    write(based, {LOG: REWRITTEN})
    for now in ("2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
        outcome = commands.check_json("--select", "L,T", now=now)
        assert loud(outcome) == [REWRITES]


# --- 16: hooks of agents


def test_16_nothing_is_printed_when_clean(based: Path) -> None:
    """As an agent's hook runs it: another process, with JSON on standard input that nobody reads."""
    given = json.dumps({"hook_event_name": "Stop", "stop_hook_active": True})
    command = [sys.executable, "-m", "statecheck", "check", "--select", "L,T", "-q", "--now", NOW]
    done = subprocess.run(command, cwd=based, input=given, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_16_findings_and_what_could_not_be_looked_at_have_codes_of_their_own(based: Path, commands: Commands) -> None:
    write(based, {LOG: REWRITTEN})
    failed = commands.check("-q", "--select", "L,T")
    assert failed.code == 1
    assert "L201" in failed.out
    unverified = commands.check("-q", "--select", "L,T", "--base", "nowhere")
    assert (unverified.code, unverified.nothing_judged) == (2, True)
    assert "no commit nowhere" in unverified.err
    write(based, {LOG: b"\xff\xfe\x00", STATE: "{"})
    assert commands.check("-q", "--select", "L,T").code == 2


@pytest.mark.parametrize("inside", [False, True], ids=["elsewhere", "home is a repository"])
def test_16_memory_in_the_home_folder_is_never_touched(folder: Path, commands: Commands, inside: bool) -> None:
    home = Path(os.environ["HOME"])
    memory = home / ".claude/projects/-work/memory/MEMORY.md"
    write(home, {".claude/projects/-work/memory/MEMORY.md": "Completed\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n"})
    if inside:
        make_repository(home, {"dotfile": "x"})
    make_repository(folder, {".claude/initiative.json": initiative("in_progress", 16)})
    write(folder, {".claude/initiative.json": initiative("completed", 17)})
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in home.rglob("*") if path.is_file()}
    commands.fix("--unsafe-fixes")
    outcome = commands.check_json()
    assert not [each for each in outcome.json["findings"] if "projects" in each["path"]]
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in home.rglob("*") if path.is_file()}
    assert after == before
    assert memory in after


# --- the same under the real pre-commit


@pytest.fixture
def installed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which pre-commit runs the project's hooks as they are declared, from this environment."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    names = ("check-append-only", "check-transitions", "fix-state")
    hooks = [{**HOOKS[name], "language": "system", "verbose": True} for name in names]
    hooks[-1]["entry"] += " --select L"
    make_repository(
        folder, {**BASE, ".pre-commit-config.yaml": json.dumps({"repos": [{"repo": "local", "hooks": hooks}]})}
    )
    types = [argument for name in ("pre-commit", "pre-merge-commit", "pre-push") for argument in ("-t", name)]
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install", *types], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


@pytest.mark.slow
def test_under_pre_commit_deletions_merges_and_new_files_are_seen(installed: Path) -> None:
    """Traps 1, 7, 11 and 12."""
    git(installed, "rm", "-q", LOG)
    done = attempt(installed, "commit", "-m", "remove the log alone")
    assert done.returncode == 1, "1: no file is left for pre-commit to name"
    assert "error L204 log-deleted" in said(done)
    assert "fixed L204 log-deleted" in said(done)
    assert (installed / LOG).read_text() == BASE[LOG], "12: the fixer made a file"
    assert git(installed, "status", "--porcelain").startswith(f"D  {LOG}"), "12: and did not add it"
    git(installed, "reset", "-q", "--hard")

    write(installed, {LOG: REWRITTEN})
    for arguments in (["-a"], [LOG]):
        done = attempt(installed, "commit", "-m", "rewrite", *arguments)
        assert done.returncode == 1, f"11: commit {arguments}"
        assert "error L201 log-entry-rewritten" in said(done)
    git(installed, "reset", "-q", "--hard")

    branch(installed, "feature")
    write(installed, {LOG: log("R1", "R2", "R4")})
    assert attempt(installed, "commit", "-a", "-m", "append").returncode == 0
    git(installed, "checkout", "-q", "main")
    write(installed, {LOG: log("R1", "R2", "R3")})
    assert attempt(installed, "commit", "-a", "-m", "append").returncode == 0
    attempt(installed, "merge", "-q", "feature")
    git(installed, "checkout", "--theirs", LOG)
    git(installed, "add", "-A")
    done = attempt(installed, "commit", "-m", "merge")
    assert done.returncode == 1, "7: the other side's entry is gone"
    assert "error L202 log-entry-removed" in said(done)
    write(installed, {LOG: log("R1", "R2", "R3", "R4")})
    git(installed, "add", "-A")
    done = attempt(installed, "commit", "-m", "merge")
    assert done.returncode == 0, said(done)


@pytest.mark.slow
def test_under_pre_commit_a_push_is_judged_by_its_range(installed: Path) -> None:
    """Traps 2 and 3."""
    git(installed.parent, "init", "-q", "--bare", "remote.git")
    git(installed, "remote", "add", "origin", str(installed.parent / "remote.git"))
    assert attempt(installed, "push", "origin", "main").returncode == 0, "2: a whole branch, without refs"
    commit_unchecked(installed, REWRITTEN)
    commit_unchecked(installed, log("R1", "R2", "R3"))
    done = attempt(installed, "push", "origin", "main")
    assert done.returncode != 0, "2: each commit of the push is judged"
    assert "error L201 log-entry-rewritten" in said(done)

    git(installed, "reset", "-q", "--hard", "origin/main")
    branch(installed, "first")
    commit_unchecked(installed, log("R1", "R2", "R3"))
    done = attempt(installed, "push", "origin", "first")
    assert done.returncode == 0, said(done)
    git(installed, "commit", "-q", "--no-verify", "--amend", "-m", "again")
    commit_unchecked(installed, log("R1", "R2", "R3", "R5"))
    done = attempt(installed, "push", "--force", "origin", "first")
    assert done.returncode == 0, f"2: a force push, where FROM is no ancestor: {said(done)}"

    branch(installed, "second", "main")
    commit_unchecked(installed, REWRITTEN)
    commit_unchecked_on(installed, "first", log("R1", "R2", "R3", "R5", "R6"))
    done = attempt(installed, "push", "origin", "first", "second")
    assert done.returncode == 0, "3: pre-commit names the first ref only; should this ever fail, so much the better"
    command = [sys.executable, "-m", "statecheck", "check", "--select", "L", "--now", NOW]
    ranged = [*command, "--from-ref", "origin/main", "--to-ref", "origin/second"]
    asked = subprocess.run(ranged, cwd=installed, capture_output=True, text=True, check=False)
    assert asked.returncode == 1, "3: CI is the authority"
    assert "error L201 log-entry-rewritten" in asked.stdout


def commit_unchecked(repository: Path, content: str) -> None:
    write(repository, {LOG: content})
    git(repository, "commit", "-q", "--no-verify", "-a", "-m", "unchecked")


def commit_unchecked_on(repository: Path, name: str, content: str) -> None:
    git(repository, "checkout", "-q", name)
    commit_unchecked(repository, content)
