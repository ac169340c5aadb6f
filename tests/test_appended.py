"""Logs in a range of commits: what is only looked for in what a step added is found as if all were looked at."""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from harness import Commands, git, make_repository, write

from statecheck.documents import (
    GRAMMARS,
    Entry,
    Known,
    MarkdownDocument,
    WorkLog,
    continued_entries,
    entries,
    markdown,
    parse_document,
)
from statecheck.engine import steps
from statecheck.engine.model import Snapshot
from statecheck.rules import Context
from statecheck.workspaces import KINDS, View, discover, view

if TYPE_CHECKING:
    from collections.abc import Callable

    from statecheck.trees import Repository

STATE = ".iterative-work/x/state.json"
LOG = ".iterative-work/x/progress.md"
BRIEF = {".iterative-work/x/brief.md": "# A task\n"}
BEGUN = "# Progress Log\n\n## R1 - Iteration 1 - 2026-01-16T10:00:00Z\n\n**Did:** Read\n**Remaining:** Much\n"
STEPS = {
    "an entry of the same name": "\n## R1 - Iteration 1 - 2026-01-16T10:00:00Z\n\n**Did:** Read\n",
    "text in the last entry": "\nmore\n",
    "fields for the last entry": "**Signal:** wrong\n",
    "a gap, and a time that goes back": "\n## R1 - Iteration 4 - 2026-01-15T10:00:00Z\n\n**Did:** Read\n",
    "after the end": "\n## R1 - Iteration 5 - 2026-01-16T12:00:00Z\n\n**Remaining:** None\n**Signal:** R1_DONE\n"
    "\n## R1 - Iteration 6 - 2026-01-16T13:00:00Z\n\n**Did:** a\n**Remaining:** None\n**Blockers:** None\n",
    "a fence that stays open": "\n```\n## R2 - Iteration 1\n",
    "below a section": "\n# Part two\n\n### R2 - Iteration 1 - 2026-01-17T10:00:00Z\n\n- **Did:** Read\n",
    "headings that may be otherwise": "\n- list\n  ## R3 - Iteration 1\n\nR4 - Iteration 1\n---\n",
}


PAIRS = [
    (one, names[(at + shift) % len(names)])
    for names in [list(STEPS)]
    for shift in (1, 4)
    for at, one in enumerate(names)
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_step_is_judged_by_what_it_added(
    first: str, second: str, folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {**BRIEF, LOG: BEGUN})
    text = BEGUN
    for number, step in enumerate((first, second, "an entry of the same name")):
        text += STEPS[step]
        write(folder, {LOG: text})
        git(folder, "commit", "-q", "-a", "-m", f"step {number}")
    arguments = ("--no-cache", "--select", "L", "--from-ref", "HEAD~3", "--to-ref", "HEAD")
    fast = commands.check_json(*arguments)
    monkeypatch.setattr(Context, "settled", _nothing_settled)
    monkeypatch.setattr(view, "continued_entries", _never_continued)
    assert fast.json["findings"] == commands.check_json(*arguments).json["findings"]
    assert len(fast.findings) > 1


TURNS = ("append", "append", "append", "edit", "cut", "state", "branch", "move")
STATUSES = ("in_progress", "confirming", "verifying", "done", "pending", "blocked")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_whatever_happens_in_a_range_is_found_as_if_each_commit_were_read_anew(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    make_repository(folder, {**BRIEF, LOG: BEGUN, STATE: _state("in_progress", 0)})
    git(folder, "tag", "start")
    here = folder / ".iterative-work/x"
    for number in range(9):
        here = _happen(chance.choice(TURNS), number, here, folder, chance)
    arguments = ("--no-cache", "--from-ref", "start", "--to-ref", "HEAD")
    fast = commands.check_json(*arguments).json
    with monkeypatch.context() as patch:
        patch.setattr(steps, "processes_for", lambda _: 3)
        assert commands.check_json(*arguments).json == fast, "several processes find what one finds"
    monkeypatch.setattr(Context, "settled", _nothing_settled)
    monkeypatch.setattr(view, "continued_entries", _never_continued)
    monkeypatch.setattr(View, "take_over", _never_continued)
    monkeypatch.setattr(steps, "announce", _never_continued)
    monkeypatch.setattr(steps, "read_ahead", _never_continued)
    anew = commands.check_json(*arguments).json
    assert (fast["findings"], fast["unverified"]) == (anew["findings"], anew["unverified"])
    assert {each["code"] for each in fast["findings"]} & {"L201", "L202", "L211", "L213", "L215", "T401", "X612"}


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no process can be split in two here")
def test_a_state_that_stays_wrong_is_told_once_wherever_the_range_is_cut(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {**BRIEF, LOG: BEGUN, STATE: _state("in_progress", 0)})
    git(folder, "tag", "start")
    for number in range(1, 7):
        state = json.loads(_state("in_progress", 1))
        if number > 1:
            state["phases"]["R1"] |= {"status": "timeout", "max_iterations": 9}
        write(folder, {STATE: json.dumps(state | {"updated": f"2026-01-16T10:0{number}:00Z"})})
        git(folder, "commit", "-q", "-a", "-m", f"step {number}")
    arguments = ("--no-cache", "--select", "T408", "--from-ref", "start", "--to-ref", "HEAD")
    alone = commands.check_json(*arguments).json["findings"]
    assert len(alone) == 1
    for processes, stretch in ((2, 99), (3, 99), (6, 99), (2, 1)):
        monkeypatch.setattr(steps, "processes_for", lambda _, count=processes: count)
        monkeypatch.setattr(steps, "STRETCH", stretch)
        assert commands.check_json(*arguments).json["findings"] == alone


@pytest.mark.parametrize("tasks", [1, 3])
def test_a_step_reads_what_it_added_also_where_tasks_take_turns(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, tasks: int
) -> None:
    logs = [f".iterative-work/x{task}/progress.md" for task in range(tasks)]
    texts = dict.fromkeys(logs, "# Progress Log\n\n" + "\n\n".join(ENTRY.format(1, 1) for _ in range(200)))
    make_repository(folder, dict(texts))
    git(folder, "tag", "start")
    for number in range(24):
        path = logs[number % tasks]
        texts[path] += "\n\n" + ENTRY.format(2, 2)
        write(folder, {path: texts[path]})
        git(folder, "commit", "-q", "-a", "-m", f"step {number}")
    read: list[int] = []
    for name in ("scanned_blocks", "scanned_headings"):
        monkeypatch.setattr(markdown, name, _noting(read, getattr(markdown, name)))
    monkeypatch.setattr(steps, "processes_for", lambda _: 1)
    commands.check("--no-cache", "--select", "L,T", "--from-ref", "start", "--to-ref", "HEAD")
    whole = sum(map(len, texts.values()))
    assert whole < sum(read) < 8 * whole, "each of the two ends, and the first step of each task, read all of it"


def test_a_version_that_was_let_go_is_not_mistaken_for_the_next_one_in_its_place(
    folder: Path, opened: Callable[[Path], Repository]
) -> None:
    make_repository(folder, {**BRIEF, LOG: BEGUN.replace("Much", "Little"), STATE: _state("in_progress", 0)})
    write(folder, {LOG: BEGUN})
    git(folder, "commit", "-q", "-a", "-m", "rewritten")
    git(folder, "commit", "-q", "--allow-empty", "-m", "as it was")
    repository = opened(folder)

    def seen(revision: str) -> View:
        tree = repository.commit(revision)
        return Snapshot(tree).view(discover(tree.files(), KINDS)[0])

    new = seen("HEAD")
    for revision, same in (("HEAD~1", True), ("HEAD~2", False)) * 8:
        before = seen(revision)
        changes = new.log_changes("progress", before)
        assert changes is not None
        assert (changes.appends, new.is_untouched_since(before)) == (same, same)
        del before


ENTRY = "## R1 - Iteration {} - 2026-01-16T1{}:00:00Z\n**Did:** Read\n**Remaining:** Mu"


def test_an_entry_that_goes_on_is_read_anew_and_the_older_version_says_what_it_said() -> None:
    old, new, grammar = (
        _log(ENTRY.format(1, 1)),
        _log(f"{ENTRY.format(1, 1)}ch\n{ENTRY.format(2, 2)}"),
        GRAMMARS["progress"],
    )
    (before,) = entries(old.markdown, grammar)
    assert old.said_in(before)
    found = continued_entries(new, old, [before], grammar)
    assert found is not None
    assert (before.heading.line, before.end_line) == (found[0].heading.line, found[0].end_line), "only its text differs"
    assert [_remaining(new, each) for each in found] == ["Much", "Mu"]
    assert _remaining(old, before) == "Mu"


def test_what_a_work_log_takes_over_is_there_once() -> None:
    grammar, texts, known = GRAMMARS["progress"], [ENTRY.format(each, each) for each in range(1, 5)], None
    documents = [_log("\n\n".join(texts[: count + 1])) for count in range(4)]
    found = entries(documents[0].markdown, grammar)
    for count, document in enumerate(documents):
        if count:
            continued = continued_entries(document, documents[count - 1], found, grammar)
            assert continued is not None
            found = continued
        known = WorkLog(found, document.said_in, thinned=False, older=known)
        fresh = WorkLog(entries(document.markdown, grammar), document.said_in, thinned=False)
        assert [each.entry.iteration for each in known.work_from("r1", 0)] == list(range(1, count + 2))
        assert [each.entry[:2] for each in known.about("R1")] == [each.entry[:2] for each in fresh.about("R1")]
        assert known.last is found[-1]


def _log(text: str) -> MarkdownDocument:
    document = parse_document("progress.md", text.encode(), "markdown")
    assert isinstance(document, MarkdownDocument)
    return document


def _remaining(document: MarkdownDocument, entry: Entry) -> str:
    field = document.said_in(entry).field("remaining")
    return "" if field is None else field.value


def _happen(turn: str, number: int, here: Path, folder: Path, chance: random.Random) -> Path:
    """Make a commit, or a merge of two; return where the workspace is then."""
    log, step = here / "progress.md", chance.choice(list(STEPS.values()))
    text = log.read_text(encoding="utf-8")
    if turn == "branch":
        git(folder, "checkout", "-q", "-b", f"side-{number}", "HEAD~1" if number else "HEAD")
        if log.is_file():
            log.write_text(log.read_text(encoding="utf-8") + step, encoding="utf-8")
            git(folder, "commit", "-q", "-a", "-m", f"aside {number}")
        git(folder, "checkout", "-q", "main")
        git(folder, "merge", "-q", "-X", "ours", "-m", f"merge {number}", f"side-{number}")
        return here
    if turn == "move":
        there = here.parent / f"x{number}"
        git(folder, "mv", str(here), str(there))
        here = there
    elif turn == "state":
        (here / "state.json").write_text(_state(chance.choice(STATUSES), number), encoding="utf-8")
    elif turn == "append":
        log.write_text(text + step, encoding="utf-8")
    elif turn == "edit":
        log.write_text(text.replace("Read", f"Red {number}", 1), encoding="utf-8")
    else:
        log.write_text(text[: len(text) - chance.randrange(len(text) // 2 + 1)], encoding="utf-8")
    git(folder, "commit", "-q", "-a", "--allow-empty", "-m", f"{turn} {number}")
    return here


def _state(status: str, minute: int) -> str:
    phase = {"status": status, "max_iterations": 5, "iterations_used": 1}
    time = f"2026-01-16T10:{minute:02}:00Z"
    return json.dumps({"current_phase": "R1", "updated": time, "phases": {"R1": phase}}, indent=1)


def _noting(read: list[int], scan: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a scan that notes how many characters it was given."""

    def noted(text: str) -> Any:
        read.append(len(text))
        return scan(text)

    return noted


def _nothing_settled(*_: Any) -> int:
    return 0


def _never_continued(*_: Any) -> None:
    return None


@pytest.mark.parametrize("seed", range(40))
def test_entries_with_the_same_heading_are_found_as_if_all_were_looked_at(seed: int) -> None:
    chance, known = random.Random(seed), Known()

    def entry() -> Entry:
        heading = SimpleNamespace(text=chance.choice("abcdef"))
        return cast("Entry", SimpleNamespace(heading=heading))

    versions: list[list[Entry]] = [[entry()]]
    for _ in range(30):
        before = chance.choice(versions[-3:])
        versions.append([*before[:-1], *(entry() for _ in range(chance.randrange(1, 4)))])
        if chance.random() < 0.1:
            versions.append([entry() for _ in range(chance.randrange(1, 5))])
        now = versions[-1]
        for since in range(len(now) + 1):
            new = {each.heading.text for each in now[since:]}
            expected = [number for number in range(since) if now[number].heading.text in new]
            assert known.headings.alike(now, since) == expected
