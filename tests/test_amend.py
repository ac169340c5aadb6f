"""Amendments: a change of an old entry that was recorded on purpose is accepted, just that one, and said."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from harness import NOW, ROOT, Commands, Outcome, git, make_repository, snapshot, write

AMENDMENTS = ".statecheck/amendments.jsonl"
HEALTHY = ROOT / "examples" / "healthy"
TASK = ".iterative-work/tram-noise"
ARCHIVE = ".iterative-work/archive/tram-noise"
LOG = f"{TASK}/progress.md"
REASON = "a password had to go"
FIELDS = ["path", "old_sha256", "new_sha256", "reason", "author", "time"]
JUDGED = ("L201", "L202", "L203", "L204", "S101")
FURTHER = """
## R2 - Iteration 2 - 2026-01-16T14:10:00Z
**Did:** Compared speed limits as well
**Remaining:** The cost of dampers
**Blockers:** None
"""

Change = Callable[[str], str]


def example(kind: str) -> dict[str, bytes]:
    place = HEALTHY / kind
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.fixture
def task(repository: Path) -> Path:
    """A repository with a task whose log has three entries: of lines 3, 8 and 13."""
    return make_repository(repository, example("iterative-work"))


def change(folder: Path, how: Change, name: str = LOG) -> None:
    path = folder / name
    old = path.read_bytes().decode()
    assert how(old) != old
    path.write_bytes(how(old).encode())


def first(text: str) -> str:
    return text.replace("two studies", "some studies")


def second(text: str) -> str:
    return text.replace("rail dampers", "[removed]")


def third(text: str) -> str:
    return text.replace("lubrication and dampers", "[removed]")


def without(*numbers: int) -> Change:
    """Return a change that removes these entries."""

    def remove(text: str) -> str:
        head, *rest = text.split("\n## ")
        kept = [f"\n## {each}" for number, each in enumerate(rest) if number not in numbers]
        return (head + "".join(kept)).rstrip("\n") + "\n"

    return remove


def entry_digest(text: str, number: int) -> str:
    """Return the hash of an entry: its text with LF, without the blank lines after it."""
    entry = "## " + text.replace("\r\n", "\n").split("\n## ")[number + 1].rstrip()
    return hashlib.sha256(entry.encode()).hexdigest()


def amend(commands: Commands, *arguments: str, log: str = LOG, reason: str = REASON) -> Outcome:
    return commands.statecheck("amend", log, "--reason", reason, "--now", NOW, *arguments)


def amended(commands: Commands, *arguments: str, log: str = LOG, reason: str = REASON) -> Outcome:
    outcome = amend(commands, *arguments, log=log, reason=reason)
    assert (outcome.code, outcome.err) == (0, ""), outcome
    return outcome


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / AMENDMENTS).read_text().splitlines()]


def found(commands: Commands, *arguments: str) -> list[str]:
    """Return what is found of the logs that is no note."""
    return [
        each for each in commands.check_json(*arguments).findings if each.startswith(JUDGED) and " info " not in each
    ]


def notes(commands: Commands, *arguments: str) -> list[str]:
    return [
        f"{each['code']} {each['path']}:{each['line']}"
        for each in commands.check_json(*arguments).json["findings"]
        if each["code"] in JUDGED and each["severity"] == "info"
    ]


def commit(folder: Path, message: str = "x") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD").strip()


# What is recorded


def test_what_is_recorded(task: Path, commands: Commands) -> None:
    """Path, old and new hash of the entry, reason, author and time; the author comes from git."""
    old = (task / LOG).read_text()
    change(task, first)
    before = snapshot(task)
    outcome = amended(commands)
    assert "1 change" in outcome.out
    assert AMENDMENTS in outcome.out
    (line,) = lines(task)
    assert list(line) == FIELDS
    assert line == {
        "path": LOG,
        "old_sha256": entry_digest(old, 0),
        "new_sha256": entry_digest(first(old), 0),
        "reason": REASON,
        "author": line["author"],
        "time": NOW,
    }
    assert "Test" in line["author"]
    assert {name: data for name, data in snapshot(task).items() if not name.startswith(".statecheck/")} == before
    assert (task / AMENDMENTS).read_bytes().endswith(b"\n")


def test_the_author_is_who_git_says(task: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    git(task, "config", "user.name", "Zoë \u001b[31mRed")
    git(task, "config", "user.email", "zoe@example.org")
    change(task, first)
    amended(commands)
    assert lines(task)[0]["author"].startswith("Zoë")
    assert found(commands) == []
    assert "\u001b" not in commands.check("-v", "--color", "never").out


def test_without_an_identity_somebody_is_named(task: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    (Path(os.environ["GIT_CONFIG_GLOBAL"])).write_text("[user]\n\tuseConfigOnly = true\n")
    change(task, first)
    amended(commands)
    assert lines(task)[0]["author"].strip()
    assert found(commands) == []


def test_the_time_is_written_in_utc(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands, "--now", "2026-03-02T01:00:00+02:00")
    assert lines(task)[0]["time"] == "2026-03-01T23:00:00Z"


def test_nothing_of_its_work_is_left_for_git_to_see(task: Path, commands: Commands) -> None:
    """What is to be committed is the log and the amendment, nothing else; nothing was staged."""
    change(task, first)
    amended(commands)
    status = git(task, "status", "--porcelain", "--untracked-files=all")
    assert sorted(status.splitlines()) == sorted([f" M {LOG}", f"?? {AMENDMENTS}"])


# What is accepted


@pytest.mark.parametrize(("how", "line"), [(first, 3), (second, 8), (third, 13)])
def test_a_recorded_change_is_a_note(task: Path, commands: Commands, how: Change, line: int) -> None:
    change(task, how)
    assert [each[:10] for each in found(commands)] == ["L201 error"]
    amended(commands)
    outcome = commands.check_json()
    (note,) = [each for each in outcome.json["findings"] if each["code"] == "L201"]
    assert (outcome.code, note["severity"], note["path"], note["line"]) == (0, "info", LOG, line)
    assert REASON in note["message"]
    assert note["fix"] is None
    assert commands.check("--strict").code == 0
    commit(task, "amended")
    assert (found(commands), notes(commands)) == ([], [])


@pytest.mark.parametrize(("numbers", "line"), [((0,), 3), ((1,), 8), ((2,), 11), ((0, 1), 3), ((0, 1, 2), 1)])
def test_a_recorded_removal_is_a_note(task: Path, commands: Commands, numbers: tuple[int, ...], line: int) -> None:
    old = (task / LOG).read_text()
    change(task, without(*numbers))
    assert commands.check().code == 1
    outcome = amended(commands)
    assert f"{len(numbers)} change" in outcome.out
    recorded = lines(task)
    assert [each["old_sha256"] for each in recorded] == [entry_digest(old, number) for number in numbers]
    assert all(each["new_sha256"] is None for each in recorded)
    assert found(commands) == []
    assert set(notes(commands)) == {f"L202 {LOG}:{line}"}


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)])
def test_the_note_names_what_was_removed(task: Path, commands: Commands, numbers: tuple[int, ...]) -> None:
    """Not what stands in its place now."""
    headings = [each[3:] for each in (task / LOG).read_text().splitlines() if each.startswith("## ")]
    change(task, without(*numbers))
    amended(commands)
    said = [each["message"] for each in commands.check_json().json["findings"] if each["code"] == "L202"]
    named = [heading for heading in headings if any(heading in message for message in said)]
    assert named == [headings[number] for number in numbers]


def test_several_changes_at_once(task: Path, commands: Commands) -> None:
    change(task, lambda text: without(1)(third(first(text))))
    assert "3 changes" in amended(commands).out
    assert [each["new_sha256"] is None for each in lines(task)] == [False, True, False]
    assert found(commands) == []
    assert sorted(each.split()[0] for each in notes(commands)) == ["L201", "L201", "L202"]


def test_of_two_changes_one_that_came_later_is_an_error(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    change(task, second)
    assert found(commands) == [f"L201 error {LOG}:9:1"]
    assert notes(commands) == [f"L201 {LOG}:3"]
    amended(commands, reason="this one too")
    assert [each["reason"] for each in lines(task)] == [REASON, "this one too"]
    assert found(commands) == []


def test_a_further_change_of_the_same_entry_is_an_error(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    change(task, lambda text: text.replace("some studies", "no studies"))
    assert found(commands) == [f"L201 error {LOG}:4:1"]
    commands.fix()
    assert "no studies" in (task / LOG).read_text()
    git(task, "checkout", "-q", LOG)
    change(task, first)
    assert found(commands) == []
    commit(task)
    change(task, lambda text: text.replace("some studies", "no studies"))
    assert found(commands) == [f"L201 error {LOG}:4:1"]
    amended(commands)
    assert found(commands) == []


def test_a_changed_entry_is_not_a_removed_one(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    change(task, without(0))
    assert [each[:10] for each in found(commands)] == ["L202 error"]
    git(task, "checkout", "-q", LOG)
    (task / AMENDMENTS).unlink()
    change(task, without(0))
    amended(commands)
    git(task, "checkout", "-q", LOG)
    change(task, first)
    assert [each[:10] for each in found(commands)] == ["L201 error"]


def test_an_amended_log_goes_on(task: Path, commands: Commands) -> None:
    change(task, lambda text: first(text) + FURTHER)
    amended(commands)
    assert len(lines(task)) == 1
    assert found(commands) == []


def test_a_moved_entry_is_not_accepted_by_an_amendment(task: Path, commands: Commands) -> None:
    def swapped(text: str) -> str:
        head, one, two, three = text.rstrip("\n").split("\n## ")
        return "\n## ".join([head, two.rstrip("\n") + "\n", one.rstrip("\n") + "\n", three]) + "\n"

    change(task, swapped)
    assert amend(commands).code == 2
    assert [each[:10] for each in found(commands)] == ["L201 error"]


def test_a_guardrail_is_amended_like_the_rest(task: Path, commands: Commands) -> None:
    guardrails = f"{TASK}/guardrails.md"
    change(task, lambda text: text.replace("the other at 25", "the other at 15"), guardrails)
    assert found(commands) == [f"L201 warning {guardrails}:7:1"]
    amended(commands, log=guardrails)
    assert found(commands) == []


def test_line_ends_do_not_count(repository: Path, commands: Commands) -> None:
    files = example("iterative-work")
    text = files[LOG].decode()
    make_repository(repository, {**files, LOG: text.replace("\n", "\r\n")})
    change(repository, first)
    amended(commands)
    assert lines(repository)[0]["old_sha256"] == entry_digest(text, 0)
    assert lines(repository)[0]["new_sha256"] == entry_digest(first(text), 0)
    assert found(commands) == []
    change(repository, lambda text: text.replace("\r\n", "\n"))
    assert found(commands, "--select", "L201,L202") == []


def test_blank_lines_after_the_entry_do_not_count(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    change(task, lambda text: text.replace("\n\n## R1 - Iteration 2", "\n\n\n\n## R1 - Iteration 2"))
    assert found(commands) == []


def test_a_task_that_is_archived_takes_its_amendments_along(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    (task / ARCHIVE).parent.mkdir()
    git(task, "mv", TASK, ARCHIVE)
    assert found(commands) == []
    assert notes(commands) == [f"L201 {ARCHIVE}/progress.md:3"]
    git(task, "add", "-A")
    assert found(commands, "--staged") == []


def test_a_task_is_archived_first_and_amended_then(task: Path, commands: Commands) -> None:
    (task / ARCHIVE).parent.mkdir()
    git(task, "mv", TASK, ARCHIVE)
    change(task, first, f"{ARCHIVE}/progress.md")
    assert found(commands) == [f"L201 error {ARCHIVE}/progress.md:4:1"]
    amended(commands, log=f"{ARCHIVE}/progress.md")
    assert found(commands) == []
    git(task, "add", "-A")
    assert found(commands, "--staged") == []
    base = git(task, "rev-parse", "HEAD").strip()
    commit(task)
    assert found(commands, "--from-ref", base, "--to-ref", "HEAD") == []


def test_a_refinement_log_is_amended(repository: Path, commands: Commands) -> None:
    make_repository(repository, {f"art/{name}": data for name, data in example("refinement").items()})
    change(
        repository, lambda text: text.replace("Drew the badge for light", "Drew it for light"), "art/refinement_log.md"
    )
    change(repository, lambda text: text.replace("does not exist yet", "is missing"), "art/decisions.md")
    assert [each.split()[2] for each in found(commands)] == ["art/decisions.md:8:1", "art/refinement_log.md:6:1"]
    amended(commands, log="art/decisions.md")
    assert [each.split()[2] for each in found(commands)] == ["art/refinement_log.md:6:1"]  # just the log that was named
    assert len(lines(repository)) == 1
    amended(commands, log="art/refinement_log.md")
    assert found(commands) == []


def test_the_log_may_be_named_from_another_folder(
    task: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(task, first)
    inside = Commands(task / TASK, monkeypatch, capsys)
    amended(inside, log="progress.md")
    assert lines(task)[0]["path"] == LOG
    assert not (task / TASK / ".statecheck").exists()
    assert found(commands) == []


# What is not accepted


def one_off(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda line: {**line, **values}


def lacking(field: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda line: {name: value for name, value in line.items() if name != field}


NOT_ACCEPTED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another path": one_off(path=f"{TASK}/guardrails.md"),
    "a longer path": one_off(path=f"./{LOG}"),
    "another task": one_off(path=".iterative-work/other/progress.md"),
    "wrong old hash": one_off(old_sha256="0" * 64),
    "wrong new hash": one_off(new_sha256="0" * 64),
    "removal instead": one_off(new_sha256=None),
    "shortened hash": lambda line: {**line, "new_sha256": line["new_sha256"][:12]},
    "swapped hashes": lambda line: {**line, "old_sha256": line["new_sha256"], "new_sha256": line["old_sha256"]},
    "any entry": one_off(old_sha256="*"),
    **{f"no {field}": lacking(field) for field in FIELDS},
    **{f"empty {field}": one_off(**{field: ""}) for field in FIELDS},
    **{f"null {field}": one_off(**{field: None}) for field in FIELDS},
    "blank reason": one_off(reason=" \t"),
    "a reason that is no text": one_off(reason=["why"]),
    "a number for a hash": one_off(new_sha256=1),
    "a list of paths": lambda line: {**line, "path": [line["path"]]},
    "empty object": lambda line: {},
}


@pytest.mark.parametrize("name", NOT_ACCEPTED)
def test_an_amendment_that_does_not_fit_accepts_nothing(task: Path, commands: Commands, name: str) -> None:
    change(task, first)
    amended(commands)
    write(task, {AMENDMENTS: json.dumps(NOT_ACCEPTED[name](lines(task)[0])) + "\n"})
    assert f"L201 error {LOG}:4:1" in found(commands)
    assert f"L201 {LOG}:3" not in notes(commands)
    assert commands.check().code == 1


def test_an_amendment_of_another_entry_accepts_nothing(task: Path, commands: Commands) -> None:
    old = (task / LOG).read_text()
    change(task, second)
    amended(commands)
    write(task, {LOG: first(old)})
    assert found(commands) == [f"L201 error {LOG}:4:1"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_removal_that_lacks_a_field_accepts_nothing(task: Path, commands: Commands, field: str) -> None:
    """Also the new hash has to be there: that an entry was removed is said with null."""
    change(task, without(1))
    amended(commands)
    write(task, {AMENDMENTS: json.dumps(lacking(field)(lines(task)[0])) + "\n"})
    assert f"L202 error {LOG}:8:1" in found(commands)


def test_an_amendment_that_is_not_committed_accepts_nothing_that_is(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    git(task, "add", LOG)
    assert found(commands, "--staged") == [f"L201 error {LOG}:4:1"]
    git(task, "add", AMENDMENTS)
    assert found(commands, "--staged") == []
    assert notes(commands, "--staged") == [f"L201 {LOG}:3"]
    git(task, "commit", "-q", "-m", "amended")
    assert found(commands, "--base", "HEAD~1") == []
    assert found(commands, "--from-ref", "HEAD~1", "--to-ref", "HEAD") == []


@pytest.mark.parametrize("amended_in", ["an earlier commit", "the same commit", "a later commit", "never"])
def test_in_a_range_the_amendment_comes_in_any_of_its_commits(task: Path, commands: Commands, amended_in: str) -> None:
    base = git(task, "rev-parse", "HEAD").strip()
    change(task, first)
    amended(commands)
    amendment = (task / AMENDMENTS).read_bytes()
    changed = (task / LOG).read_bytes()
    git(task, "checkout", "-q", LOG)
    (task / AMENDMENTS).unlink()
    steps: dict[str, list[dict[str, Any]]] = {
        "an earlier commit": [{AMENDMENTS: amendment}, {LOG: changed}],
        "the same commit": [{LOG: changed, AMENDMENTS: amendment}],
        "a later commit": [{LOG: changed}, {LOG: changed + FURTHER.encode()}, {AMENDMENTS: amendment}],
        "never": [{LOG: changed}],
    }
    for files in steps[amended_in]:
        write(task, files)
        commit(task)
    expected = [f"L201 error {LOG}:4:1"] if amended_in == "never" else []
    assert found(commands, "--from-ref", base, "--to-ref", "HEAD") == expected
    assert found(commands, "--from-ref", base, "--to-ref", "HEAD", "--endpoints") == expected
    assert found(commands, "--base", base) == expected
    if amended_in == "a later commit":
        assert found(commands, "--from-ref", base, "--to-ref", "HEAD~1") == [f"L201 error {LOG}:4:1"]


# The record is a log itself


def two_amendments(task: Path, commands: Commands) -> list[str]:
    """Commit two amendments, and return their lines."""
    change(task, first)
    amended(commands)
    change(task, second)
    amended(commands, reason="and another")
    commit(task)
    return (task / AMENDMENTS).read_text().splitlines(keepends=True)


RECORD_CHANGES: dict[str, tuple[Callable[[str, str], str | None], set[str]]] = {
    "first edited": (lambda one, two: one.replace(REASON, "no reason") + two, {f"L201 error {AMENDMENTS}:1:1"}),
    "second edited": (lambda one, two: one + two.replace("another", "another one"), {f"L201 error {AMENDMENTS}:2:1"}),
    "first removed": (lambda one, two: two, {f"L202 error {AMENDMENTS}:1:1"}),
    "second removed": (lambda one, two: one, {f"L202 error {AMENDMENTS}:1:1"}),
    "emptied": (lambda one, two: "", {f"L202 error {AMENDMENTS}:1:1"}),
    "deleted": (lambda one, two: None, {f"L204 error {AMENDMENTS}:1:1"}),
    "inserted": (lambda one, two: one + one.replace(REASON, "forged") + two, {f"L203 error {AMENDMENTS}:2:1"}),
    "appended": (lambda one, two: one + two + one.replace(REASON, "more"), set()),
}


@pytest.mark.parametrize("name", RECORD_CHANGES)
@pytest.mark.parametrize("how", ["worktree", "--staged", "range"])
def test_the_record_is_only_ever_added_to(task: Path, commands: Commands, name: str, how: str) -> None:
    one, two = two_amendments(task, commands)
    content, expected = RECORD_CHANGES[name]
    write(task, {AMENDMENTS: content(one, two)})
    arguments = {"worktree": [], "--staged": ["--staged"], "range": ["--from-ref", "HEAD~1", "--to-ref", "HEAD"]}[how]
    if how == "--staged":
        git(task, "add", "-A")
    elif how == "range":
        commit(task)
    there = {each for each in found(commands, *arguments) if AMENDMENTS in each}
    if name.endswith("edited"):  # an edited line may be told as one gone and one put in
        assert there == expected or {each[:10] for each in there} <= {"L201 error", "L202 error", "L203 error"}
        assert there
    else:
        assert there == expected
    assert commands.check(*arguments).code == (1 if expected else 0)


def test_the_lines_of_the_record_keep_their_order(task: Path, commands: Commands) -> None:
    one, two = two_amendments(task, commands)
    write(task, {AMENDMENTS: two + one})
    (only,) = [each for each in found(commands) if AMENDMENTS in each]
    assert only.startswith("L201 error")


def test_the_record_is_restored(task: Path, commands: Commands) -> None:
    one, two = two_amendments(task, commands)
    for content in (None, two, one, ""):
        write(task, {AMENDMENTS: content})
        commands.fix()
        assert (task / AMENDMENTS).read_text() == one + two
    write(task, {AMENDMENTS: one.replace(REASON, "forged") + two})
    commands.fix("--unsafe-fixes")
    assert (task / AMENDMENTS).read_text() == one + two


def test_the_record_cannot_be_amended(task: Path, commands: Commands) -> None:
    _, two = two_amendments(task, commands)
    write(task, {AMENDMENTS: two})
    outcome = amend(commands, log=AMENDMENTS)
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert (task / AMENDMENTS).read_text() == two


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "no JSON": lambda line: line + b"not json\n",
    "cut off": lambda line: line + line[:40],
    "a list": lambda line: line + b"[]\n",
    "a string": lambda line: b'"x"\n' + line,
    "a number": lambda line: line + b"1\n",
    "null": lambda line: line + b"null\n",
    "two on a line": lambda line: line + line.rstrip() + line,
    "spread over lines": lambda line: line + b'{\n"path": "x"\n}\n',
    "conflict": lambda line: b"<<<<<<< ours\n" + line + b"=======\n" + line + b">>>>>>> theirs\n",
    "no UTF-8": lambda line: line + b'{"path": "\xff"}\n',
    "a trailing comma": lambda line: line.rstrip() + b",\n",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_accepts_nothing(task: Path, commands: Commands, name: str) -> None:
    change(task, first)
    amended(commands)
    write(task, {AMENDMENTS: DAMAGE[name]((task / AMENDMENTS).read_bytes())})
    there = found(commands)
    assert f"L201 error {LOG}:4:1" in there
    codes = {"S101", "W904"} if name == "conflict" else {"S101"}
    damaged = [each for each in commands.check_json().findings if f" error {AMENDMENTS}:" in each]
    assert {each.split()[0] for each in damaged} & codes
    assert commands.check().code == 1


def test_a_damaged_record_is_not_added_to(task: Path, commands: Commands) -> None:
    """An amendment in a record that nobody can read would accept nothing."""
    write(task, {AMENDMENTS: "not json\n"})
    change(task, first)
    outcome = amend(commands)
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert (task / AMENDMENTS).read_text() == "not json\n"


def test_a_record_without_final_newline_is_added_to(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    write(task, {AMENDMENTS: (task / AMENDMENTS).read_text().rstrip("\n")})
    change(task, second)
    amended(commands)
    assert len(lines(task)) == 2
    assert found(commands) == []


@pytest.mark.parametrize("how", [first, without(0)], ids=["changed", "removed"])
def test_a_clean_merge_brings_an_amended_change_along(task: Path, commands: Commands, how: Change) -> None:
    """The other side only went on elsewhere; nothing is put back."""
    base = git(task, "rev-parse", "HEAD").strip()
    git(task, "checkout", "-q", "-b", "side")
    change(task, how)
    amended(commands)
    commit(task, "side")
    git(task, "checkout", "-q", "main")
    write(task, {"README.md": "x\n"})
    commit(task, "main")
    git(task, "merge", "-q", "--no-commit", "side")
    before = unlocked(task)
    assert found(commands) == []
    assert found(commands, "--staged") == []
    for arguments in ([], ["--unsafe-fixes"]):
        commands.fix(*arguments)
        assert unlocked(task) == before
    git(task, "commit", "-q", "-m", "merge")
    assert found(commands, "--from-ref", base, "--to-ref", "HEAD") == []
    assert found(commands, "--from-ref", "HEAD^1", "--to-ref", "HEAD") == []


@pytest.mark.parametrize("order", ["ours first", "theirs first"])
def test_two_branches_that_both_amended_are_merged(task: Path, commands: Commands, order: str) -> None:
    base = git(task, "rev-parse", "HEAD").strip()
    git(task, "checkout", "-q", "-b", "side")
    change(task, third)
    amended(commands, reason="theirs")
    commit(task, "side")
    git(task, "checkout", "-q", "main")
    change(task, first)
    amended(commands, reason="ours")
    commit(task, "main")
    git(task, "config", "merge.conflictStyle", "merge")
    merging = subprocess.run(["git", "merge", "-q", "--no-commit", "side"], cwd=task, capture_output=True, check=False)
    assert merging.returncode == 1  # both added the file
    ours, theirs = (git(task, "show", f"{each}:{AMENDMENTS}") for each in ("main", "side"))
    text = git(task, "show", f"{base}:{LOG}")
    write(task, {AMENDMENTS: ours + theirs if order == "ours first" else theirs + ours, LOG: first(third(text))})
    assert found(commands) == []
    git(task, "add", "-A")
    assert found(commands, "--staged") == []
    git(task, "commit", "-q", "-m", "merge")
    assert found(commands, "--from-ref", base, "--to-ref", "HEAD") == []
    assert len(lines(task)) == 2


def test_a_merge_that_drops_the_amendment_of_a_side_is_an_error(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    commit(task)
    git(task, "checkout", "-q", "-b", "side")
    change(task, third)
    amended(commands, reason="theirs")
    commit(task, "side")
    git(task, "checkout", "-q", "main")
    change(task, second)
    amended(commands, reason="ours")
    ours = (task / AMENDMENTS).read_text()
    commit(task, "main")
    subprocess.run(["git", "merge", "-q", "--no-commit", "side"], cwd=task, capture_output=True, check=False)
    text = git(task, "show", f"main:{LOG}")
    write(task, {AMENDMENTS: ours, LOG: third(text)})
    git(task, "add", "-A")
    there = found(commands, "--staged")
    assert any(each.startswith(f"L202 error {AMENDMENTS}") for each in there)


# What there is nothing to record of


def unlocked(folder: Path) -> dict[str, bytes | str]:
    return {name: data for name, data in snapshot(folder).items() if not name.endswith(".lock")}


def refused(commands: Commands, folder: Path, *arguments: str, log: str = LOG, reason: str = REASON) -> str:
    before = unlocked(folder)
    outcome = amend(commands, *arguments, log=log, reason=reason)
    assert (outcome.code, outcome.nothing_judged) == (2, True), outcome
    assert "Traceback" not in outcome.err
    assert unlocked(folder) == before
    return outcome.err


def test_amending_twice_says_that_there_is_nothing_to_record(task: Path, commands: Commands) -> None:
    change(task, first)
    amended(commands)
    for _ in range(2):
        assert "recorded already" in refused(commands, task)
    assert len(lines(task)) == 1


def test_there_is_nothing_to_record_of_an_unchanged_log(task: Path, commands: Commands) -> None:
    assert f"{LOG}: no entry was changed or removed" in refused(commands, task)
    change(task, lambda text: text + FURTHER)
    assert "no entry was changed or removed" in refused(commands, task)
    change(task, lambda text: text.replace("\n", "\r\n"))
    assert "no entry was changed or removed" in refused(commands, task)


def test_there_is_nothing_to_record_of_a_new_log(repository: Path, commands: Commands) -> None:
    make_repository(repository, {"README": "x"})
    write(repository, example("iterative-work"))
    assert "no entry was changed or removed" in refused(commands, repository)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (f"{TASK}/missing.md", "no such file or folder"),
        ("nowhere/progress.md", "no such file or folder"),
        (TASK, ""),
        (".", ""),
        (f"{TASK}/state.json", ""),
        (f"{TASK}/plan.md", ""),
        ("README.md", ""),
    ],
)
def test_what_is_no_log_cannot_be_amended(task: Path, commands: Commands, name: str, words: str) -> None:
    """Although the log below it, or beside it, was changed; the message is about what was named."""
    write(task, {"README.md": "x\n"})
    change(task, first)
    said = refused(commands, task, log=name)
    assert name in said
    assert words in said


@pytest.mark.parametrize("name", [TASK, f"{TASK}/state.json", f"{TASK}/plan.md", "README.md"])
def test_it_is_said_that_it_is_no_log(task: Path, commands: Commands, name: str) -> None:
    """Not that nothing was changed in it: it was."""
    write(task, {"README.md": "x\n"})
    change(task, lambda text: text + "\n", f"{TASK}/plan.md")
    said = refused(commands, task, log=name)
    assert "no log" in said or "not a log" in said or "folder" in said


def test_a_deleted_log_cannot_be_amended(task: Path, commands: Commands) -> None:
    (task / LOG).unlink()
    said = refused(commands, task)
    assert LOG in said


def test_a_log_that_was_cut_off_cannot_be_amended(task: Path, commands: Commands) -> None:
    change(task, lambda text: text[:-40])
    assert "cut off" in refused(commands, task)


@pytest.mark.parametrize("reason", ["", " ", "\n\t", "\u00a0"])
def test_a_reason_has_to_be_given(task: Path, commands: Commands, reason: str) -> None:
    change(task, first)
    assert "--reason" in refused(commands, task, reason=reason)


def test_the_reason_is_required(task: Path, commands: Commands) -> None:
    outcome = commands.statecheck("amend", LOG)
    assert outcome.code == 2
    assert "--reason" in outcome.err


@pytest.mark.parametrize("base", ["nowhere", "--all"])
def test_a_base_that_is_not_there(task: Path, commands: Commands, base: str) -> None:
    change(task, first)
    assert "no commit" in refused(commands, task, f"--base={base}")


def test_a_base_can_be_named(task: Path, commands: Commands) -> None:
    change(task, first)
    commit(task)
    assert "no entry was changed" in refused(commands, task)
    base = git(task, "rev-parse", "HEAD~1").strip()
    amended(commands, "--base", base)
    commit(task)
    assert found(commands, "--from-ref", base, "--to-ref", "HEAD") == []


def test_without_history_there_is_nothing_to_amend(folder: Path, commands: Commands) -> None:
    write(folder, example("iterative-work"))
    refused(commands, folder)


# Reasons


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        ("one\ntwo\r\n  three", "one two three"),
        ('he said "no" and \\ left', 'he said "no" and \\ left'),
        ("Größe, 大きさ, 🙂", "Größe, 大きさ, 🙂"),
        ("next\u2028line\u0085end", "next line end"),
        ('{"path": "x"}', '{"path": "x"}'),
        ("x" * 5000, "x" * 5000),
        ("{0} %s $HOME `id`", "{0} %s $HOME `id`"),
    ],
)
def test_a_reason_is_kept_as_it_was_given(task: Path, commands: Commands, reason: str, kept: str) -> None:
    change(task, first)
    amended(commands, reason=reason)
    assert (task / AMENDMENTS).read_bytes().count(b"\n") == 1
    assert json.loads((task / AMENDMENTS).read_bytes())["reason"] == kept
    assert found(commands) == []
    (note,) = [each for each in commands.check_json().json["findings"] if each["code"] == "L201"]
    assert kept[:40] in note["message"]


@pytest.mark.parametrize(
    "reason", ["\u001b[31mred\u001b[0m", "bell\u0007", "back\u0008\u0008", "\u009b31m", "\u202ereversed"]
)
def test_a_reason_does_not_act_on_the_terminal(task: Path, commands: Commands, reason: str) -> None:
    change(task, first)
    said = amended(commands, reason=reason)
    assert found(commands) == []
    for outcome in (said, commands.check("-v"), commands.check("-v", "--output-format", "concise"), commands.fix("-v")):
        assert not {"\u001b", "\u0007", "\u0008", "\u009b", "\u202e"} & set(outcome.out + outcome.err)
    assert "on purpose" in commands.check("-v").out


def test_a_log_whose_name_acts_on_the_terminal(repository: Path, commands: Commands) -> None:
    name = ".iterative-work/x\u001b[31m"
    files = {path.replace(TASK, name): data for path, data in example("iterative-work").items()}
    make_repository(repository, files)
    change(repository, first, f"{name}/progress.md")
    outcome = amend(commands, log=f"{name}/progress.md")
    assert "\u001b" not in outcome.out + outcome.err
    assert outcome.code == 0
    assert found(commands, "--select", "L") == []


def test_a_reason_of_broken_bytes_is_no_crash(task: Path) -> None:
    change(task, first)
    done = subprocess.run(
        [sys.executable, "-m", "statecheck", "amend", LOG, "--reason", b"caf\xe9"],
        cwd=task,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (0, 2)
    assert b"Traceback" not in done.stderr
    assert done.returncode == 2 or b"\\udce9" not in (task / AMENDMENTS).read_bytes()


# Repair


def test_fix_state_does_not_undo_an_amended_change(task: Path, commands: Commands) -> None:
    change(task, lambda text: without(1)(first(text)))
    amended(commands)
    before = snapshot(task)
    for arguments in ([], ["--unsafe-fixes"]):
        assert commands.fix(*arguments).code == 0
        assert snapshot(task) == before


def test_fix_state_restores_what_was_not_amended_in_the_same_log(task: Path, commands: Commands) -> None:
    text = (task / LOG).read_text()
    change(task, first)
    amended(commands)
    change(task, lambda now: third(without(1)(now)) + FURTHER)
    assert sorted(each[:10] for each in found(commands)) == ["L201 error", "L202 error"]
    commands.fix()
    assert (task / LOG).read_text() == third(first(text)) + FURTHER
    commands.fix("--unsafe-fixes")
    assert (task / LOG).read_text() == first(text) + FURTHER
    assert found(commands) == []
    assert notes(commands) == [f"L201 {LOG}:3"]


def test_fix_state_does_not_put_back_what_was_removed_on_purpose(task: Path, commands: Commands) -> None:
    text = (task / LOG).read_text()
    change(task, without(0))
    amended(commands)
    change(task, lambda now: second(now))
    commands.fix("--unsafe-fixes")
    assert (task / LOG).read_text() == without(0)(text)
    write(task, {LOG: without(0, 2)(text)})
    commands.fix()
    assert (task / LOG).read_text() == without(0)(text)


def test_fix_state_of_a_crlf_log_with_an_amendment(repository: Path, commands: Commands) -> None:
    files = example("iterative-work")
    text = files[LOG].decode().replace("\n", "\r\n")
    make_repository(repository, {**files, LOG: text})
    change(repository, first)
    amended(commands)
    change(repository, third)
    commands.fix("--unsafe-fixes")
    assert (repository / LOG).read_bytes().decode() == first(text)


# With the ledger as base


@pytest.fixture(params=["no git", "ignored"])
def remembered(request: pytest.FixtureRequest, folder: Path, commands: Commands) -> Path:
    """A recorded task that git does not have."""
    if request.param == "ignored":
        make_repository(folder, {".gitignore": ".iterative-work/\n"})
    write(folder, example("iterative-work"))
    assert commands.check("--record").code == 0
    return folder


def test_an_amendment_of_what_only_the_ledger_has(remembered: Path, commands: Commands) -> None:
    text = (remembered / LOG).read_text()
    change(remembered, first)
    assert commands.check("--record").code == 1
    amended(commands)
    (line,) = lines(remembered)
    assert (line["path"], line["old_sha256"]) == (LOG, entry_digest(text, 0))
    assert line["author"].strip()
    assert found(commands) == []
    assert notes(commands) == [f"L201 {LOG}:3"]
    assert commands.check("--record").code == 0
    assert notes(commands) == []
    change(remembered, lambda now: now.replace("some studies", "no studies"))
    assert [each[:10] for each in found(commands)] == ["L201 error"]


def test_a_removal_of_what_only_the_ledger_has(remembered: Path, commands: Commands) -> None:
    change(remembered, without(1))
    amended(commands)
    assert found(commands) == []
    change(remembered, without(0))
    assert [each[:10] for each in found(commands)] == ["L202 error"]


def test_the_record_of_a_project_without_git_is_judged_against_the_ledger(folder: Path, commands: Commands) -> None:
    write(folder, example("iterative-work"))
    assert commands.check("--record").code == 0
    change(folder, first)
    amended(commands)
    assert commands.check("--record").code == 0
    ledger = json.loads((folder / ".statecheck/ledger.json").read_bytes())
    assert ledger["logs"][AMENDMENTS]["entry_count"] == 1
    write(folder, {AMENDMENTS: (folder / AMENDMENTS).read_text().replace(REASON, "no reason")})
    assert {each[:10] for each in found(commands) if AMENDMENTS in each} <= {"L201 error", "L202 error"}
    assert commands.check().code == 1
    write(folder, {AMENDMENTS: None})
    assert found(commands) == [f"L204 error {AMENDMENTS}:1:1"]


# Several at once


def test_of_amendments_made_at_the_same_time_none_is_lost(repository: Path) -> None:
    names = [f"task-{number}" for number in range(6)]
    files = {
        path.replace("tram-noise", name): data for name in names for path, data in example("iterative-work").items()
    }
    make_repository(repository, files)
    logs = [f".iterative-work/{name}/progress.md" for name in names]
    for log in logs:
        change(repository, first, log)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "statecheck", "amend", log, "--reason", f"reason of {log}", "--now", NOW],
            cwd=repository,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for log in logs
    ]
    for each in started:
        _, errors = each.communicate(timeout=60)
        assert each.returncode == 0, errors
    assert {(each["path"], each["reason"]) for each in lines(repository)} == {(log, f"reason of {log}") for log in logs}


def test_of_runs_that_amend_the_same_log_one_records_it(task: Path) -> None:
    """Those that waited for the lock look again at what is recorded."""
    change(task, first)
    with FileLock(task / ".git/statecheck-amendments.jsonl.lock"):
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "statecheck", "amend", LOG, "--reason", REASON, "--now", NOW],
                cwd=task,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        time.sleep(2)  # until they wait
        assert not (task / AMENDMENTS).exists()
    errors = [each.communicate(timeout=60)[1] for each in started]
    assert len(lines(task)) == 1, errors
    assert sorted(each.returncode for each in started) == [0, 2, 2]


def test_a_log_that_changes_while_another_amends_is_recorded_as_it_is(task: Path) -> None:
    """What is recorded is the entry as it stands when it is recorded, not when the run began."""
    old = (task / LOG).read_text()
    change(task, first)
    with FileLock(task / ".git/statecheck-amendments.jsonl.lock"):
        started = subprocess.Popen(
            [sys.executable, "-m", "statecheck", "amend", LOG, "--reason", REASON, "--now", NOW],
            cwd=task,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(2)
        write(task, {LOG: old.replace("two studies", "no studies")})
    _, errors = started.communicate(timeout=60)
    assert started.returncode == 0, errors
    assert lines(task)[0]["new_sha256"] == entry_digest(old.replace("two studies", "no studies"), 0)
