"""The base resolver: what is compared with what in every situation of product.md, and the words for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from harness import Commands, Outcome, git, make_repository, write

from statecheck.trees.objects import ObjectReader

FILE = ".iterative-work/t/notes.md"
ZEROS = "0" * 40


def commit(repository: Path, name: str) -> str:
    """Commit a change of the one file, and return the commit."""
    write(repository, {FILE: f"{name}\n"})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", name)
    return git(repository, "rev-parse", "HEAD").strip()


@pytest.fixture
def commits(repository: Path) -> dict[str, str]:
    """Two branches that part: ``base`` and then ``one``, ``two`` on main, ``side`` on another branch."""
    found = {name: commit(repository, name) for name in ("base", "one", "two")}
    git(repository, "checkout", "-q", "-b", "side", found["base"])
    found["side"] = commit(repository, "side")
    git(repository, "checkout", "-q", "main")
    return found


def judged(commands: Commands, *arguments: str) -> Outcome:
    return commands.check_json("--select", "W901", *arguments)


def words(commands: Commands, *arguments: str) -> str:
    """Return the clause of the summary line that says what was compared."""
    outcome = commands.check("--select", "W901", *arguments)
    assert outcome.code == 0, outcome.err
    return outcome.out.splitlines()[-1].split("; ")[1]


ROWS: list[tuple[str, str, str | None, str, str]] = [
    # arguments, what pre-commit says (PRE_COMMIT_ left out), base, head, via
    ("", "", "two", "worktree", "HEAD"),
    ("--staged", "", "two", "index", "HEAD"),
    ("", "PRE_COMMIT=1", "two", "index", "HEAD"),
    ("", "PRE_COMMIT=0", "two", "worktree", "HEAD"),
    ("--base side", "", "base", "worktree", "merge base of side and HEAD"),
    ("--base side", "PRE_COMMIT=1", "base", "worktree", "merge base of side and HEAD"),
    ("--base HEAD~1", "", "one", "worktree", "merge base of HEAD~1 and HEAD"),
    ("--from-ref side --to-ref main", "", "base", "main", "merge base of side and main"),
    ("--from-ref main --to-ref side", "", "base", "side", "merge base of main and side"),
    ("--from-ref {one} --to-ref {two}", "", "one", "{two}", "merge base of {one} and {two}"),
    ("", "FROM_REF=side TO_REF=main", "base", "main", "merge base of side and main"),
    ("", "PRE_COMMIT=1 FROM_REF=one TO_REF=main", "one", "main", "merge base of one and main"),
    ("", "PRE_COMMIT=1 FROM_REF= TO_REF=", "two", "index", "HEAD"),
    ("--staged", "FROM_REF=side TO_REF=main", "two", "index", "HEAD"),
    ("--base side", "FROM_REF=one TO_REF=main", "base", "worktree", "merge base of side and HEAD"),
    ("--no-history", "", None, "worktree", "--no-history"),
    ("--no-history", "PRE_COMMIT=1", None, "worktree", "--no-history"),
]


@pytest.mark.parametrize(("arguments", "environment", "base", "head", "via"), ROWS)
def test_what_is_compared_with_what(
    repository: Path,
    commands: Commands,
    commits: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    environment: str,
    base: str | None,
    head: str,
    via: str,
) -> None:
    git(repository, "tag", "one", commits["one"])
    short = {name: oid[:12] for name, oid in commits.items()}
    for name, _, value in (each.partition("=") for each in environment.split()):
        monkeypatch.setenv(name if name == "PRE_COMMIT" else f"PRE_COMMIT_{name}", value)
    given = arguments.format(**commits).split()
    outcome = judged(commands, *given)
    assert outcome.code == 0, outcome.err
    assert outcome.json["comparison"] == {
        "base": None if base is None else commits[base],
        "head": head.format(**short),
        "via": via.format(**commits),
    }
    judged_head, known = head.format(**short), None if base is None else commits[base]
    ranged = head not in ("worktree", "index")
    steps = len(git(repository, "rev-list", f"{known}..{judged_head}").split()) if ranged else 0
    assert outcome.json["examined"]["revisions"] == 1 + (steps if ranged else known is not None)
    via = via.format(**commits)
    clause = f"{judged_head} compared with nothing ({via})"
    if base is not None:
        clause = f"compared {judged_head} with {'HEAD' if via == 'HEAD' else short[base]}"
        clause += "" if via == "HEAD" else f" via {via}"
        clause += f", {steps} commit{'' if steps == 1 else 's'} one by one" if ranged else ""
    assert words(commands, *given) == clause


@pytest.mark.parametrize(
    ("arguments", "base", "head"),
    [([], None, "worktree"), (["--staged"], None, "index"), (["--no-history"], None, "worktree")],
)
def test_before_the_first_commit_everything_is_new(
    repository: Path, commands: Commands, arguments: list[str], base: None, head: str
) -> None:
    write(repository, {FILE: "x"})
    git(repository, "add", "-A")
    outcome = judged(commands, *arguments)
    assert outcome.code == 0
    assert (outcome.json["comparison"]["base"], outcome.json["comparison"]["head"]) == (base, head)
    reason = "--no-history" if arguments == ["--no-history"] else "no commit yet"
    assert words(commands, *arguments) == f"{head} compared with nothing ({reason})"


def test_without_version_control_nothing_is_compared(folder: Path, commands: Commands) -> None:
    write(folder, {FILE: "x"})
    assert words(commands) == "worktree compared with nothing (no version control)"
    assert judged(commands).json["comparison"] == {"base": None, "head": "worktree", "via": "no version control"}


@pytest.mark.parametrize(
    "arguments", [["--staged"], ["--base", "main"], ["--from-ref", "a", "--to-ref", "b"]], ids=" ".join
)
def test_revisions_cannot_be_asked_for_without_version_control(
    folder: Path, commands: Commands, arguments: list[str]
) -> None:
    write(folder, {FILE: "x"})
    outcome = judged(commands, *arguments)
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert "this folder is in no git repository" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["--base", "nowhere"], {}, "no commit nowhere in this clone. Fetch it first"),
        (["--base", "-x"], {}, "expected one argument"),
        (["--base=--all"], {}, "no commit --all in this clone"),
        (["--base=HEAD:" + FILE], {}, "no commit HEAD:"),
        (["--from-ref", "nowhere", "--to-ref", "HEAD"], {}, "no commit nowhere"),
        (["--from-ref", "HEAD", "--to-ref", ZEROS], {}, f"no commit {ZEROS}"),
        ([], {"PRE_COMMIT_FROM_REF": "nowhere", "PRE_COMMIT_TO_REF": "HEAD"}, "no commit nowhere"),
        (["--from-ref", "HEAD"], {}, "--from-ref and --to-ref go together"),
        (["--to-ref", "HEAD"], {}, "--from-ref and --to-ref go together"),
        (["--base", "HEAD", "--staged"], {}, "not allowed with"),
        (["--base", "other"], {}, "no common ancestor"),
        (["--from-ref", "other", "--to-ref", "main"], {}, "other and main have no common ancestor"),
    ],
)
def test_a_comparison_that_cannot_be_had_is_a_failure(
    repository: Path,
    commands: Commands,
    commits: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    message: str,
) -> None:
    git(repository, "checkout", "-q", "--orphan", "other")
    commit(repository, "other")
    git(repository, "checkout", "-q", "main")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    outcome = judged(commands, *arguments)
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert message in outcome.err


def test_base_cannot_be_had_before_the_first_commit(repository: Path, commands: Commands) -> None:
    write(repository, {FILE: "x"})
    assert judged(commands, "--base", "main").code == 2


def shallow_clone(repository: Path, depth: int) -> Path:
    clone = repository.parent / "clone"
    git(
        repository.parent,
        "clone",
        "-q",
        "--depth",
        str(depth),
        "--no-single-branch",
        f"file://{repository}",
        str(clone),
    )
    return clone


@pytest.mark.parametrize(
    ("depth", "arguments", "message"),
    [
        (1, ["--base", "HEAD~1"], "no commit HEAD~1"),
        (1, ["--base", "origin/side"], "no common ancestor"),
        (2, ["--from-ref", "origin/side", "--to-ref", "origin/main"], "no common ancestor"),
        (3, ["--from-ref", "origin/side", "--to-ref", "origin/main"], None),
        (1, [], None),
        (1, ["--staged"], None),
    ],
)
def test_a_shallow_clone_says_how_to_get_what_is_missing(
    repository: Path,
    commits: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    depth: int,
    arguments: list[str],
    message: str | None,
) -> None:
    outcome = judged(Commands(shallow_clone(repository, depth), monkeypatch, capsys), *arguments)
    assert outcome.code == (0 if message is None else 2)
    assert message is None or (message in outcome.err and "fetch-depth: 0" in outcome.err)


def test_a_detached_head_is_compared_like_any_other(
    repository: Path, commands: Commands, commits: dict[str, str]
) -> None:
    git(repository, "checkout", "-q", commits["one"])
    assert judged(commands).json["comparison"]["base"] == commits["one"]
    assert judged(commands, "--base", "side").json["comparison"]["base"] == commits["base"]


@pytest.mark.parametrize("content", ["1" * 40, "rubbish", ""])
@pytest.mark.parametrize("detached", [False, True])
def test_a_damaged_head_is_no_first_commit(
    repository: Path, commands: Commands, commits: dict[str, str], content: str, detached: bool
) -> None:
    (repository / ".git" / ("HEAD" if detached else "refs/heads/main")).write_text(f"{content}\n")
    assert judged(commands).code == 2


def test_what_pre_commit_says_is_read_for_fixing_but_the_working_tree_is_mended(
    repository: Path, commands: Commands, commits: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[tuple[dict[str, str], str, str]] = [
        ({"PRE_COMMIT": "1"}, "two", "HEAD"),
        ({"PRE_COMMIT_FROM_REF": "side", "PRE_COMMIT_TO_REF": "main"}, "base", "merge base of side and HEAD"),
    ]
    for environment, base, via in rows:
        with monkeypatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            comparison: dict[str, Any] = commands.fix("--output-format", "json", "--select", "W901").json["comparison"]
        assert comparison == {"base": commits[base], "head": "worktree", "via": via}


@pytest.mark.parametrize("arguments", [["--staged"], ["--from-ref", "HEAD", "--to-ref", "HEAD"]], ids=" ".join)
def test_only_the_working_tree_can_be_mended(
    repository: Path, commands: Commands, commits: dict[str, str], arguments: list[str]
) -> None:
    assert commands.fix(*arguments).code == 2


def test_what_is_judged_is_what_is_named(repository: Path, commands: Commands) -> None:
    """A file that is damaged only in the index, only on disk, or only in a commit is found only there."""
    name = ".iterative-work/t/state.json"

    def broken(*arguments: str) -> bool:
        outcome = commands.check_json(*arguments)
        return bool({each["code"] for each in outcome.json["findings"] if each["path"] == name} & {"S101", "W904"})

    make_repository(repository, {name: "{}"})
    git(repository, "tag", "good")
    write(repository, {name: "<<<<<<< a\n{\n=======\n>>>>>>> b\n"})
    git(repository, "add", "-A")
    write(repository, {name: "{}"})
    assert (broken(), broken("--staged")) == (False, True)
    git(repository, "commit", "-q", "-m", "broken")
    assert (broken("--from-ref", "good", "--to-ref", "HEAD"), broken("--base", "good")) == (True, False)
    git(repository, "add", "-A")
    write(repository, {name: "<<<<<<< a\n{\n=======\n>>>>>>> b\n"})
    assert (broken(), broken("--staged")) == (True, False)


def test_an_append_is_proven_without_reading_the_base(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git's object id of the prefix says that nothing before it was changed."""
    log, entry = ".iterative-work/t/progress.md", "## R1 - Iteration {} - 2026-01-16T1{}:00:00Z\n**Did:** x\n"
    make_repository(repository, {log: entry.format(1, 1)})
    base = git(repository, "rev-parse", f"HEAD:{log}").strip()
    read: list[str] = []
    real = ObjectReader.content_within
    monkeypatch.setattr(
        ObjectReader, "content_within", lambda self, oid, most: read.append(oid) or real(self, oid, most)
    )
    write(repository, {log: entry.format(1, 1) + entry.format(2, 2)})
    assert not [each for each in commands.check_json("--select", "L").findings if each.startswith("L20")]
    assert base not in read
    write(repository, {log: entry.format(1, 1).replace("x", "y") + entry.format(2, 2)})
    assert [each for each in commands.check_json("--select", "L").findings if each.startswith("L20")]
    assert base in read


def test_what_a_merge_takes_from_another_parent_was_judged_there(folder: Path, commands: Commands) -> None:
    name = ".claude/initiative.json"

    def step(status: str, hour: int) -> None:
        text = f'{{"name": "search", "status": "{status}", "lastUpdated": "2026-01-16T{hour}:00:00Z"}}\n'
        write(folder, {name: text})

    step("created", 10)
    make_repository(folder, {FILE: "one\n"})
    git(folder, "checkout", "-q", "-b", "side")
    for hour, status in enumerate(("in_progress", "completed"), 11):
        step(status, hour)
        git(folder, "commit", "-q", "-a", "-m", status)
    git(folder, "checkout", "-q", "main")
    commit(folder, "two")
    git(folder, "merge", "-q", "--no-ff", "--no-commit", "side")
    select = ("--select", "T403")
    assert commands.check_json(*select).findings == []
    step("archived", 13)
    assert commands.check_json(*select).findings == [f"T403 warning {name}:1:30"]
