"""Long logs that grow: what an earlier run found in one is not looked for again, and nothing is found otherwise."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from harness import Commands, git, make_repository, write

from statecheck.documents import (
    GRAMMARS,
    Course,
    Entry,
    Known,
    MarkdownDocument,
    Noted,
    WorkLog,
    block_scan,
    entries,
    go_on_from,
    heading_scan,
    markdown,
    parse_document,
    past_log,
    past_of,
)
from statecheck.workspaces import long_logs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.documents import Grammar

STATE = ".iterative-work/x/state.json"
LOG = ".iterative-work/x/progress.md"
FILES = {".iterative-work/x/brief.md": "# A task\n"}
BEGUN = "# Progress Log\n\n## R1 - Iteration 1 - 2026-01-16T10:00:00Z\n\n**Did:** Read\n**Remaining:** Much\n"

PIECES = (
    "\n## R1 - Iteration {n} - 2026-01-16T1{d}:00:00Z\n\n**Did:** Read\n**Remaining:** Much\n**Blockers:** None\n",
    "\n## R1 - Iteration {n} - 2026-01-16T1{d}:00:00Z\n\n**Did:** Read\n**Remaining:** None\n**Signal:** R1_DONE\n",
    "\n## Iteration {n} — 2026-01-16T1{d}:00:00Z\n\n### Constraint Status\n- c{d}: perhaps\n- C1: satisfied\n",
    "\n## Iteration {n} — 2026-01-16T1{d}:00:00Z\n\n### Actions Taken\n\n### Constraint Status\n\n- C2: maybe\n\n"
    "### Reflection Summary\n- **Convergence**: terminate\n- **Reason**: x\n\n### Files Modified\n",
    "\n### Iteration {n} Decision\n\n**Decision:** terminate\n**Iteration:** {n} of 5\n",
    "\n## Verify R1 - 2099-01-16T1{d}:00:00Z\n\n**Signal:** R1_VERIFIED\n",
    "\n## R2 - Iteration {n} - 2026-01-99T1{d}:00:00Z\n\n- **Did:** Read\n",
    "\n# Part two\n\n### R2 - Iteration {n} - 2026-01-17T10:00:00Z\n",
    "\n## Notes\n",
    "\n## Something else\n\ntext\n",
    "\nmore text\n**Signal:** wrong\n",
    "\n```\n## R1 - Iteration 7\n",
    "\n- a list\n  ## R3 - Iteration 1\n\nR4 - Iteration 1\n---\n",
    "\r\n## R5 - Iteration {n} - 2026-01-16T1{d}:00\r",
    "\n##",
    "\n#",
    " tail",
    "## glued - Iteration 1",
    "\n<div>\n\n## R6 - Iteration 1\n",
    "\n   ## indented - Iteration {n} - 2026-01-16T1{d}:00:00Z\n",
)


def log_of(text: str) -> MarkdownDocument:
    document = parse_document("log.md", text.encode(), "markdown")
    assert isinstance(document, MarkdownDocument)
    return document


def filled(pieces: list[tuple[int, int]]) -> str:
    return "".join(PIECES[which].format(n=digit + 1, d=digit) for which, digit in pieces)


def some(chance: random.Random) -> list[tuple[int, int]]:
    return [(chance.randrange(len(PIECES)), chance.randrange(10)) for _ in range(chance.randint(0, 5))]


def kept_of(document: MarkdownDocument, found: Sequence[Entry], grammar: Grammar) -> Any:
    known = Known()
    known.course = Course.of(found, document.said_in, grammar.name)
    return past_of(document, found, known, None)


def what(entry: Entry) -> tuple[object, ...]:
    """Return all that an entry is, but of which text its own is a piece."""
    return (*(getattr(entry, name) for name in Entry._fields if name not in ("source", "span")), entry.text)


def work_of(document: MarkdownDocument, found: Sequence[Entry]) -> list[object]:
    """Return all that a work log says of the phases that the pieces have."""
    log = WorkLog(found, document.said_in, thinned=False)
    told: list[object] = [log.whole, None if log.last is None else what(log.last)]
    for phase in ("R1", "r2", "R3", "R5", "glued", "none"):
        told += [log.has_work(phase), log.iterations(phase), log.says_done(phase)]
        told += [
            [what(each.entry) for each in log.about(phase)],
            [what(each.entry) for each in log.work_from(phase, 3)],
        ]
    return told


def said(document: MarkdownDocument, entry: Entry) -> tuple[object, ...]:
    fields = document.said_in(entry)
    names = ("did", "remaining", "signal", "convergence", "decision")
    found = [fields.fields(name) for name in names]
    return found, fields.items(), fields.sections(""), fields.done_phase, fields.verdict, fields.remains


EDGES = [
    ([(0, 1), (15, 0)], [(16, 0)]),
    ([(0, 1), (14, 0)], [(17, 0), (0, 2)]),
    ([(8, 0), (14, 0)], [(17, 0), (0, 2)]),
    ([(0, 1), (0, 1), (1, 2)], [(0, 4), (0, 4), (5, 1)]),
    ([(13, 1)], [(0, 1)]),
]


@pytest.mark.parametrize("grammar", ["progress", "refinement_log", "decisions"])
def test_a_log_that_grew_is_read_as_if_it_were_read_anew(grammar: str) -> None:
    chance, rules, anew = random.Random(grammar), GRAMMARS[grammar], 0
    cases = EDGES + [(some(chance), some(chance)) for _ in range(150)]
    for before, after in cases:
        old = log_of(BEGUN + filled(before))
        found = entries(old.markdown, rules)
        new, fresh = log_of(old.text + filled(after)), log_of(old.text + filled(after))
        again = go_on_from(kept_of(old, found, rules), new, rules)
        if again is None:
            anew += 1
            continue
        expected = entries(fresh.markdown, rules)
        assert [what(each) for each in again[0]] == [what(each) for each in expected], (before, after)
        course = Course.of(expected, fresh.said_in, rules.name)
        grown = Course.of(again[0], new.said_in, rules.name, again[1].course)
        assert (grown.cycles, grown.notable) == (course.cycles, course.notable), (before, after)
        assert work_of(new, again[0]) == work_of(fresh, expected), (before, after)
        assert [said(new, each) for each in again[0]] == [said(fresh, each) for each in expected], (before, after)
    assert anew < len(cases) / 3


def test_of_a_log_that_grew_only_the_end_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = PIECES[0]
    old = log_of(BEGUN + "".join(entry.format(n=number, d=1) for number in range(2, 500)))
    grammar = GRAMMARS["progress"]
    past = kept_of(old, entries(old.markdown, grammar), grammar)
    read: list[int] = []
    for module, name in ((block_scan, "scanned_blocks"), (heading_scan, "scanned_headings")):
        real = getattr(module, name)
        monkeypatch.setattr(markdown, name, lambda text, real=real: (read.append(len(text)), real(text))[1])
    new = log_of(old.text + entry.format(n=500, d=2) + entry.format(n=501, d=3))
    read.clear()  # the look for conflicts is over
    again = go_on_from(past, new, grammar)
    assert again is not None
    course = Course.of(again[0], new.said_in, grammar.name, again[1].course)
    assert (len(course.cycles), course.notable) == (501, {})
    assert [new.said_in(each).done for each in again[0]] == [False] * 501
    log = WorkLog(again[0], new.said_in, thinned=False)
    assert (len(log.iterations("R1")), log.says_done("R1"), len(log.work_from("R1", 499))) == (501, False, 3)
    assert max(read) < 3 * len(entry)


def test_what_was_kept_and_is_not_what_is_kept_is_as_good_as_nothing() -> None:
    old, grammar = log_of(BEGUN), GRAMMARS["progress"]
    length, oid, rows, course, noted = kept_of(old, entries(old.markdown, grammar), grammar)
    assert go_on_from((length, oid, rows, course, noted), log_of(BEGUN), grammar) is not None
    for wrong in (
        (),
        "text",
        (length, oid, rows, course),
        (length, oid, (), course, noted),
        (length, oid, ([], [], [], [], [], []), course, noted),
        (length, oid, (rows[0], [*rows[1], "more"], *rows[2:]), course, noted),
        (length, oid, rows, None, noted),
        (length, oid, rows, course, None),
        (length, oid, rows, course, {"L211": ()}),
    ):
        assert go_on_from(wrong, log_of(BEGUN), grammar) is None, wrong
    assert go_on_from((length, oid[:-1], rows, course, noted), log_of(BEGUN), grammar) is None
    assert go_on_from((length + 1, oid, rows, course, noted), log_of(BEGUN), grammar) is None


def test_little_that_is_new_is_not_worth_keeping() -> None:
    old, grammar = log_of(BEGUN), GRAMMARS["progress"]
    known, found = Known(), entries(old.markdown, grammar)
    known.course = Course.of(found, old.said_in, grammar.name)
    known.noted["L211"] = Noted(found, None, [0], anew=True)
    past = past_of(old, found, known, None)

    def kept(more: str, noted: dict[str, tuple[object, bool]]) -> Any:
        new = log_of(BEGUN + more)
        again = go_on_from(past, new, grammar)
        assert again is not None
        known.course = Course.of(again[0], new.said_in, grammar.name, again[1].course)
        known.noted = {name: Noted(again[0], given, [], anew=anew) for name, (given, anew) in noted.items()}
        return past_of(new, again[0], known, None)

    assert kept("more\n", {"L211": (None, False)}) is None
    assert kept("more\n", {"L211": ("other", True)}) is not None
    assert kept("more\n", {"L211": (None, False), "L212": (None, True)}) is not None
    assert kept("more\n" * past_log.SPARE, {"L211": (None, False)}) is not None


# --- whole runs

TURNS = ("append", "append", "append", "append", "edit", "cut", "commit", "stage", "state", "constraints", "back")
STATUSES = ("in_progress", "confirming", "verifying", "done", "pending", "blocked", "timeout")
REFINEMENT = "r/refinement_log.md"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_whatever_happens_to_long_logs_a_run_finds_what_a_fresh_one_finds(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(long_logs, "LONG", 0)
    monkeypatch.setattr(past_log, "SPARE", chance.choice([0, 500]))
    grown = count_of_grown(monkeypatch)
    files = {
        LOG: BEGUN,
        STATE: state("in_progress", 0),
        REFINEMENT: "# Refinement Log\n",
        "r/decisions.md": "# Decisions\n",
    }
    make_repository(folder, {**FILES, **files, "r/constraints.json": constraints(1), "r/manifest.json": "{}\n"})
    staged = ("--staged",) if seed % 3 == 0 else ()
    happened = []
    for _ in range(14):
        happened.append(happen(chance, folder))
        if staged:
            git(folder, "add", "-A")
        cached, fresh = commands.check_json(*staged), commands.check_json("--no-cache", *staged)
        assert (cached.code, cached.json["findings"], cached.json["unverified"]) == (
            fresh.code,
            fresh.json["findings"],
            fresh.json["unverified"],
        ), happened
    assert any(grown), happened


def count_of_grown(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that is told, of each log that something was kept of, whether it goes on from that."""
    told: list[bool] = []

    def noting(*arguments: Any) -> Any:
        again = go_on_from(*arguments)
        told.append(again is not None)
        return again

    monkeypatch.setattr(long_logs, "go_on_from", noting)
    return told


def happen(chance: random.Random, folder: Path) -> str:
    turn = chance.choice(TURNS)
    log = folder / chance.choice([LOG, REFINEMENT, "r/decisions.md"])
    text = log.read_bytes().decode()
    if turn == "append":
        log.write_bytes((text + filled(some(chance))).encode())
    elif turn == "edit":
        log.write_bytes(text.replace("Read", "Wrote", 1).replace("maybe", "violated", 1).encode())
    elif turn == "cut":
        log.write_bytes(text[: chance.randrange(len(text) // 2, len(text) + 1)].encode())
    elif turn == "commit":
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "more")
    elif turn == "stage":
        git(folder, "add", "-A")
    elif turn == "state":
        write(folder, {STATE: state(chance.choice(STATUSES), chance.randrange(4))})
    elif turn == "constraints":
        write(folder, {"r/constraints.json": constraints(chance.randrange(4))})
    else:
        git(folder, "checkout", "-q", "--", ".")
    return turn


def state(status: str, used: int) -> str:
    phases = {"R1": {"status": status, "iterations_used": used, "max_iterations": 3, "confirmations_used": used}}
    return json.dumps({"task": "x", "phase": "execute", "current_phase": "R1", "phases": phases}) + "\n"


def constraints(count: int) -> str:
    found = [{"id": f"C{number}", "status": "satisfied"} for number in range(count)]
    return json.dumps({"constraints": found}) + "\n"


def test_what_was_the_past_then_is_the_past_now_only_if_the_clock_goes_on(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_logs, "LONG", 0)
    monkeypatch.setattr(past_log, "SPARE", 0)
    # The question holds --now; it is asked the same here, so that only what is kept of the log is at hand.
    make_repository(folder, {**FILES, LOG: BEGUN})
    monkeypatch.setattr("statecheck.cli.remembering.ASKED", ("select",))
    late = "\n## R1 - Iteration 2 - 2026-03-16T10:00:00Z\n\n**Did:** Read\n**Remaining:** Much\n**Blockers:** None\n"
    write(folder, {LOG: BEGUN + late + late.replace("Iteration 2", "Iteration 3")})
    grown = count_of_grown(monkeypatch)
    rules = ("--select", "S105,L213")
    assert not commands.check_json(*rules, "--now", "2026-04-01T00:00:00Z").findings
    write(folder, {LOG: BEGUN + late + late.replace("Iteration 2", "Iteration 3") + "more\n"})
    found = commands.check_json(*rules, "--now", "2026-02-01T00:00:00Z").json["findings"]
    assert [each["line"] for each in found] == [8, 14]
    assert grown == [True]


def test_a_log_that_is_a_link_is_known_by_its_content(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_logs, "LONG", 0)
    grown = count_of_grown(monkeypatch)
    make_repository(folder, {**FILES, "log.md": BEGUN})
    (folder / LOG).symlink_to("../../log.md")
    git(folder, "add", "-A")
    for number in (2, 3):
        commands.check("--staged")
        write(folder, {"log.md": (folder / "log.md").read_text() + PIECES[0].format(n=number, d=number)})
        git(folder, "add", "-A")
    found = commands.check_json("--staged")
    assert grown == [True, True]
    assert found.out == commands.check_json("--staged", "--no-cache").out


def test_a_log_without_times_is_kept_once(folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_logs, "LONG", 0)
    kept: list[bool] = []

    def noting(*arguments: Any) -> Any:
        past = past_of(*arguments)
        kept.append(past is not None)
        return past

    monkeypatch.setattr(long_logs, "past_of", noting)
    entry = "\n### Iteration {} Decision\n\n**Decision:** continue\n"
    text = "# Decisions\n" + entry.format(1)
    make_repository(folder, {"r/decisions.md": text, "r/constraints.json": constraints(1)})
    for number in (2, 3, 4):
        commands.check("--select", "S105,L")
        write(folder, {"r/decisions.md": (text := text + entry.format(number))})
    assert kept == [True, False, False]
