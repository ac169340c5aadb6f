"""Kinds of workspace that a project declares, and those that come with statecheck, which are written alike."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, Commands, as_bytes, git, make_repository, snapshot, write

from statecheck.configuration import parse_configuration
from statecheck.workspaces import DOCUMENTED, KINDS, declaration, kinds_with

BUNDLED = [kind for kind in KINDS if not kind.own]

# --- The form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BUNDLED, ids=[kind.name for kind in BUNDLED])
def test_a_kind_that_comes_with_statecheck_can_be_declared_by_a_project(kind: Any) -> None:
    text = declaration(kind.name)
    declared = parse_configuration(text.encode()).kinds[kind.name].model_dump(by_alias=True, exclude_unset=True)
    assert declared == tomllib.loads(text)["kinds"][kind.name]
    assert kinds_with({kind.name: declared}) == KINDS


def test_the_command_prints_what_can_be_declared(folder: Path, commands: Commands) -> None:
    listed = commands.statecheck("kinds")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines()] == [kind.name for kind in BUNDLED]
    printed = commands.statecheck("kinds", "changelog")
    assert (printed.code, printed.out) == (0, declaration("changelog"))
    assert "there is no kind 'zzz'; there are: refinement, " in commands.statecheck("kinds", "zzz").err
    refused = commands.statecheck("kinds", "chnagelog")
    assert refused.code == 2
    assert "there is no kind 'chnagelog'; did you mean changelog?" in refused.err


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_documented_kind_may_be_declared_as_it_is(name: str, folder: Path, commands: Commands) -> None:
    """Overriding a kind with itself changes nothing that is found."""
    example = ROOT / "examples" / "broken"
    write(folder, {f"all/{path}": content for path, content in snapshot(example).items()})
    before = commands.check_json("--no-history")
    write(folder, {"statecheck.toml": declaration(name)})
    after = commands.check_json("--no-history")
    assert before.json["findings"] == after.json["findings"]
    assert len(before.json["findings"]) > 5


def test_a_documented_kind_may_be_declared_otherwise(folder: Path, commands: Commands) -> None:
    task = {"phase": "execute", "phases": {"R1": {"status": "paused", "max_iterations": 3, "iterations_used": 1}}}
    text = declaration("iterative-work").replace("blocked = [", 'paused = ["in_progress"]\nblocked = [')
    text = text.replace('in_progress = ["confirming", ', 'in_progress = ["paused", "confirming", ')
    text = text.replace('schema = "task-state"', 'schema = "own.json"')
    make_repository(folder, {".iterative-work/a/state.json": json.dumps(task).replace("paused", "in_progress")})
    write(folder, {"statecheck.toml": text, "own.json": "{}"})
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "kinds")
    write(folder, {".iterative-work/a/state.json": json.dumps(task)})
    assert commands.check_json("--select", "T401,T402").findings == []
    write(folder, {".iterative-work/a/state.json": json.dumps(task).replace("paused", "done")})
    git(folder, "commit", "-q", "-am", "done")
    write(folder, {".iterative-work/a/state.json": json.dumps(task)})
    assert commands.check_json("--select", "T402").findings == ["T402 error .iterative-work/a/state.json:1:50"]


def _declared(body: str = "", *, found: str = 'found-by = ["board.json"]', paths: str = '["board.json"]') -> str:
    return f"[kinds.board]\n{found}\n[kinds.board.documents.board]\npaths = {paths}\n{body}"


REFUSED = [
    ("[kinds]\nboard = 3", "2: kinds.board: expected a table, and is 3"),
    ("[kinds.Board]", "1: kinds.Board: expected a name of small letters, digits and -, and is 'Board'"),
    ('[kinds.board]\nfound-by = ["a"]', "1: kinds.board.documents: is missing"),
    (_declared('shema = "a.json"'), "5: kinds.board.documents.board.shema: there is no such key; did you mean schema?"),
    (
        _declared(found=""),
        "1: kinds.board: it is found either by files (found-by), or by the names of folders (folders)",
    ),
    (_declared(found='found-by = ["../a"]'), "2: kinds.board.found-by: it leads out of the folder of the workspace"),
    (_declared(found='found-by = ["/a"]'), "2: kinds.board.found-by: it leads out of the folder of the workspace"),
    (_declared(found='found-by = ["a\\\\b"]'), "2: kinds.board.found-by: it has a backslash"),
    (_declared(found='found-by = ["**/a"]'), "2: kinds.board.found-by: it has **"),
    (
        _declared(found='found-by = [".git/a"]'),
        "2: kinds.board.found-by: it has a name that no file of a workspace has",
    ),
    (
        _declared(found='folders = ["a"]'),
        "2: kinds.board.folders: it has to begin with the name of a folder and to end",
    ),
    (_declared(found='folders = ["*/*"]'), "2: kinds.board.folders: it has to begin with the name of a folder"),
    (_declared(found='folders = ["a/*", "b/*"]'), "1: kinds.board: it has folders below more than one name"),
    (
        _declared(paths='["a.md"]\nentries = "progres"'),
        "5: kinds.board.documents.board.entries: expected refinement_log",
    ),
    (
        _declared(paths='["a.md"]\nentries = { heading = ["x"] }'),
        "5: kinds.board.documents.board.entries.heading: there is no such key; did you mean headings?",
    ),
    (
        _declared(paths='["a.md"]\nentries.headings = ["{a}{b}"]'),
        "5: kinds.board.documents.board.entries.headings: it has",
    ),
    (
        _declared(paths='["a.md"]\nentries.headings = ["{a} {a}"]'),
        "5: kinds.board.documents.board.entries.headings: it ha",
    ),
    (
        _declared(paths='["a.md"]\nentries.headings = ["{A}"]'),
        "5: kinds.board.documents.board.entries.headings: it has {A",
    ),
    (
        _declared(paths='["a.md"]\nentries.headings = ["## {a}"]'),
        "5: kinds.board.documents.board.entries.headings: it is t",
    ),
    (
        _declared(paths='["a.md"]\nentries.order = "up"\nentries.headings = ["a"]'),
        "5: kinds.board.documents.board.entries.o",
    ),
    (_declared(paths='["a.md"]\npurpose = "log"'), "3: kinds.board.documents.board: it is a log, and does not say how"),
    (
        _declared(paths='["a.json"]\nentries.headings = ["a"]'),
        "3: kinds.board.documents.board: it has entries, which only",
    ),
    (
        _declared(paths='["a.md"]\nschema = "a.json"'),
        "3: kinds.board.documents.board: it has no values to point at",
    ),
    (_declared('schema = "boards"'), "5: kinds.board.documents.board.schema: there is no bundled schema boards"),
    (_declared('timestamps = ["when"]'), "5: kinds.board.documents.board.timestamps: expected a JSON Pointer, as in"),
    (
        _declared('statuses = [{ pointer = "/a", machine = "m" }]'),
        "1: kinds.board: it has no machine m, which a status",
    ),
    (
        _declared('[kinds.board.machines.m.edges]\na = ["b"]'),
        "5: kinds.board.machines.m: it names b, which is no state",
    ),
    (
        _declared('[[kinds.board.requires]]\nof = "board"\nwhen = { a = 1 }\nin = "log"\nsays = "x"'),
        "1: kinds.board: it has no document log",
    ),
    (
        _declared('[[kinds.board.requires]]\nof = "board"\nwhen = { a = 1 }\nin = "board"\nsays = "x"'),
        "1: kinds.board: it requires a line in board, which is neither a log nor a memory",
    ),
    (
        '[kinds.iterative-work]\nfolders = [".iterative-work/*"]\n'
        '[kinds.iterative-work.documents.state]\npaths = ["state.yaml"]',
        "3: kinds.iterative-work.documents.state: the rules for state read json, and this is yaml",
    ),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_a_mistake_is_named_with_its_line(text: str, said: str, folder: Path, commands: Commands) -> None:
    write(folder, {"statecheck.toml": text})
    outcome = commands.check()
    assert (outcome.code, outcome.out) == (2, "")
    assert f"error: statecheck.toml:{said}" in outcome.err
    assert outcome.err.count("\n") == 1


# --- What is declared and would do nothing, or harm ---


USELESS = [
    (_declared(paths='["logs/*.md"]\nentries.headings = ["{time}"]'), "it is a log, which is one file"),
    (_declared(paths='["a.md", "b.md"]\nentries.headings = ["{time}"]'), "it is a log, which is one file"),
    (_declared(paths='["a.json", "*.yaml"]'), "it has paths of several formats, json and yaml"),
    (_declared(paths='["a.json"]\npurpose = "memory"'), "it is a memory, which has to be Markdown"),
    (_declared(paths='["a.jsonl"]\nschema = "a.json"'), "it has no values to point at"),
    (_declared(paths='["a.md"]\nentries.headings = ["{a"]'), "it has a brace that stands alone"),
    (_declared(paths='["a.md"]\nentries.headings = ["a}"]'), "it has a brace that stands alone"),
    (_declared(paths='["a.md"]\nentries = { headings = ["a"], level = 1 }'), "entries.level: "),
    (_declared(found='found-by = ["a"]\nat-least = 3'), "it is found by at least 3 of 1 files"),
    (_declared(found='folders = ["a/*"]\narchive = "b/*"'), "it has an archive that is not among its folders"),
    (_declared('[kinds.board.documents.other]\npaths = ["board.json"]'), "it has two documents at board.json"),
    (_declared('unique = ["/a~1b"]'), "expected a JSON Pointer"),
    (
        '[kinds.statecheck]\nfound-by = ["a"]\n[kinds.statecheck.documents.a]\npaths = ["a.json"]',
        "statecheck keeps itself",
    ),
    (
        '[kinds.workflow]\nfound-by = ["a"]\n'
        '[kinds.workflow.documents.initiative]\npaths = ["a.json"]\nclocks = ["/a"]',
        "it has no interview, which rules ask for; begin with: statecheck kinds workflow",
    ),
    (
        declaration("workflow") + '[kinds.workflow.documents.plan]\npaths = ["a.json"]\n',
        "the rules for plan read markdown, and this is json",
    ),
]


@pytest.mark.parametrize(
    ("text", "said"), USELESS, ids=[f"{number} {said}" for number, (_, said) in enumerate(USELESS)]
)
def test_what_would_do_nothing_is_refused(text: str, said: str, folder: Path, commands: Commands) -> None:
    write(folder, {"statecheck.toml": text})
    outcome = commands.check()
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


# --- A kind of one's own ----------------------------------------------------------------------------------------------

BOARD = """
[kinds.board]
found-by = ["board.json"]

[kinds.board.machines.ticket.edges]
open = ["doing"]
doing = ["review", "open"]
review = ["closed", "doing"]
closed = []
[kinds.board.machines.ticket]
final = ["closed"]

[kinds.board.documents.board]
paths = ["board.json"]
schema = "own/tickets.schema.json"
timestamps = ["/changed"]
clocks = ["/changed"]
unique = ["/tickets/*/key"]
statuses = [{ pointer = "/tickets/*/state", machine = "ticket" }]

[kinds.board.documents.board.lists]
files = ["/tickets/*/attachments"]
folder = "attachments"

[kinds.board.documents.journal]
paths = ["JOURNAL.md"]
[kinds.board.documents.journal.entries]
headings = ["{time} {who}"]
order = "newest-first"
drafts = ["Now"]

[kinds.board.documents.lessons]
paths = ["LESSONS.md"]
purpose = "memory"

[[kinds.board.requires]]
of = "board"
each = "/tickets/*"
when = { state = ["closed", "review"] }
in = "journal"
says = "{key}"

[[kinds.board.requires]]
of = "board"
each = "/tickets/*"
when = { state = "closed", kind = "defect" }
in = "lessons"
says = "{key}: {lesson}"
"""
SCHEMA = {"type": "object", "required": ["tickets"], "properties": {"changed": {"type": "string"}}}
TICKETS = [
    {"key": "B-1", "state": "closed", "kind": "defect", "lesson": "count", "attachments": ["attachments/a.txt"]},
    {"key": "B-2", "state": "open", "kind": "wish"},
    {"key": "B-10", "state": "doing", "kind": "wish"},
]
JOURNAL = """# Journal

## Now

B-2, perhaps.

## 2026-01-06T10:00:00Z B-1

Reviewed and closed.

## 2026-01-05T10:00:00Z Ada

Began.
"""


def board(*changes: dict[str, Any], changed: str = "2026-01-07T10:00:00Z", **more: Any) -> str:
    """Return a board with some members of its tickets changed, a ticket a line."""
    tickets = [{**old, **new} for old, new in zip(TICKETS, [*changes, {}, {}, {}], strict=False)]
    lines = ",\n".join(f"  {json.dumps(each)}" for each in tickets)
    extra = "".join(f', "{key}": {json.dumps(value)}' for key, value in more.items())
    return f'{{"changed": "{changed}"{extra}, "tickets": [\n{lines}\n]}}\n'


HEALTHY = {
    "statecheck.toml": BOARD,
    "own/tickets.schema.json": json.dumps(SCHEMA),
    "work/board.json": board(),
    "work/JOURNAL.md": JOURNAL,
    "work/LESSONS.md": "# Lessons\n\n- B-1: count\n",
    "work/attachments/a.txt": "a",
}

LATER = "2026-01-08T10:00:00Z"
CHANGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, []),
    "a step along the machine": ({"work/board.json": board({}, {"state": "doing"}, changed=LATER)}, []),
    "tickets in another order": (
        {"work/board.json": json.dumps({"changed": LATER, "tickets": TICKETS[::-1]}) + "\n"},
        [],
    ),
    "a new entry on top": (
        {
            "work/JOURNAL.md": JOURNAL.replace(
                "## 2026-01-06", "## 2026-01-07T10:00:00Z Ada\n\nWent on.\n\n## 2026-01-06"
            )
        },
        [],
    ),
    "another draft": ({"work/JOURNAL.md": JOURNAL.replace("B-2, perhaps.", "B-10 first.\n\nThen B-2.")}, []),
    "no draft": ({"work/JOURNAL.md": JOURNAL.replace("## Now\n\nB-2, perhaps.\n\n", "")}, []),
    "a draft that becomes an entry": (
        {"work/JOURNAL.md": JOURNAL.replace("## Now", "## 2026-01-07T10:00:00Z B-2")},
        [],
    ),
    "what the schema does not have": (
        {"work/board.json": board(changed=LATER).replace('"tickets"', '"cards"')},
        ["S103 error work/board.json:1:1"],
    ),
    "no JSON": ({"work/board.json": "{"}, ["S101 error work/board.json:1:1"]),
    "a bad time": ({"work/board.json": board(changed="soon")}, ["S105 error work/board.json:1:13"]),
    "a state that is none": (
        {"work/board.json": board({}, {"state": "waiting"}, changed=LATER)},
        ["T401 error work/board.json:3:27"],
    ),
    "a step that is none": (
        {"work/board.json": board({}, {}, {"state": "open"}, changed=LATER)},
        [],
    ),
    "a state that was skipped": (
        {"work/board.json": board({}, {}, {"state": "closed"}, changed=LATER)},
        ["X620 error work/board.json:4:3", "T403 warning work/board.json:4:28"],
    ),
    "what is over is taken up": (
        {"work/board.json": board({"state": "doing"}, changed=LATER)},
        ["T402 error work/board.json:2:27"],
    ),
    "a clock that stands": (
        {"work/board.json": board({}, {"state": "doing"})},
        ["T407 warning work/board.json:1:13"],
    ),
    "an attachment that is not there": (
        {"work/board.json": board({}, {"attachments": ["attachments/b.txt"]}, changed=LATER)},
        ["D301 error work/board.json:3:67"],
    ),
    "an attachment that nothing names": (
        {"work/attachments/b.txt": "b"},
        ["D305 warning work/board.json:1:37"],
    ),
    "an attachment elsewhere": (
        {"work/board.json": board({}, {"attachments": ["JOURNAL.md"]}, changed=LATER)},
        ["D302 warning work/board.json:3:67"],
    ),
    "an entry that was changed": (
        {"work/JOURNAL.md": JOURNAL.replace("Began.", "Began late.")},
        ["L201 error work/JOURNAL.md:13:1"],
    ),
    "an entry that is gone": (
        {"work/JOURNAL.md": JOURNAL.partition("## 2026-01-05")[0]},
        ["L202 error work/JOURNAL.md:7:1"],
    ),
    "an entry below": (
        {"work/JOURNAL.md": f"{JOURNAL}\n## 2026-01-07T10:00:00Z Ada\n\nMore.\n"},
        ["L215 info work/JOURNAL.md:7:4", "L215 info work/JOURNAL.md:11:4", "L203 error work/JOURNAL.md:15:1"],
    ),
    "no journal": (
        {"work/JOURNAL.md": None},
        ["L204 error work/JOURNAL.md:1:1", "X620 error work/board.json:2:3"],
    ),
    "a heading of another form": (
        {"work/JOURNAL.md": JOURNAL.replace("## 2026-01-06", "## Ada, today\n\nx\n\n## 2026-01-06")},
        ["L210 warning work/JOURNAL.md:7:4"],
    ),
    "a ticket in review without an entry": (
        {"work/board.json": board({}, {}, {"state": "review"}, changed=LATER)},
        ["X620 error work/board.json:4:3"],
    ),
    "a lesson that is gone": ({"work/LESSONS.md": "# Lessons\n"}, ["M501 error work/board.json:2:3"]),
    "a lesson in a comment": ({"work/LESSONS.md": "<!-- B-1: count -->\n"}, ["M501 error work/board.json:2:3"]),
    "a lesson in code": ({"work/LESSONS.md": "```\nB-1: count\n```\n"}, ["M501 error work/board.json:2:3"]),
    "no lessons": ({"work/LESSONS.md": None}, ["M501 error work/board.json:2:3"]),
    "a lesson that is no text": (
        {"work/board.json": board({"lesson": None}, changed=LATER)},
        [],
    ),
}
UNVERIFIED = {"a lesson that is no text": ["M501 work/board.json"]}


@pytest.fixture
def healthy(folder: Path) -> Path:
    return make_repository(folder, HEALTHY)


@pytest.mark.parametrize("name", CHANGES)
def test_a_kind_of_ones_own_is_judged(name: str, healthy: Path, commands: Commands) -> None:
    change, expected = CHANGES[name]
    write(healthy, change)
    outcome = commands.check_json("--ignore", "D307")
    assert outcome.findings == expected
    assert outcome.unverified == UNVERIFIED.get(name, [])
    git(healthy, "add", "-A")
    assert commands.check_json("--staged").findings == expected
    git(healthy, "commit", "-q", "--allow-empty", "-m", name)
    ranged = commands.check_json("--from-ref", "HEAD~1", "--to-ref", "HEAD").findings
    assert sorted(each.split()[0] for each in ranged) == sorted(each.split()[0] for each in expected)


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in UNVERIFIED])
def test_a_kind_of_ones_own_is_repaired(name: str, healthy: Path, commands: Commands) -> None:
    write(healthy, CHANGES[name][0])
    before = snapshot(healthy)
    found = commands.check_json().json["findings"]
    mended = {each["fingerprint"] for each in found if each["fix"] is not None}
    commands.fix("--unsafe-fixes")
    after = snapshot(healthy)
    left = commands.check_json().json["findings"]
    assert not mended & {each["fingerprint"] for each in left}
    commands.fix("--unsafe-fixes")
    assert snapshot(healthy) == after
    if not mended:
        assert after == before
    for name in ("board", "JOURNAL"):
        kept = b"\n".join(as_bytes(content) for path, content in after.items() if name in path)
        written = [as_bytes(content) for path, content in before.items() if name in path]
        assert all(line in kept for content in written for line in content.splitlines())


REPAIRED = {
    "an entry that was changed": JOURNAL,
    "an entry that is gone": JOURNAL,
    "no journal": JOURNAL,
    "an entry below": JOURNAL.replace("## 2026-01-06", "## 2026-01-07T10:00:00Z Ada\n\nMore.\n\n## 2026-01-06"),
}


@pytest.mark.parametrize("name", REPAIRED)
def test_a_log_that_runs_newest_first_is_restored_to_the_byte(name: str, healthy: Path, commands: Commands) -> None:
    write(healthy, CHANGES[name][0])
    commands.fix("--unsafe-fixes")
    assert (healthy / "work/JOURNAL.md").read_text() == REPAIRED[name]


def test_what_is_over_is_restored(healthy: Path, commands: Commands) -> None:
    write(healthy, CHANGES["what is over is taken up"][0])
    outcome = commands.fix("--unsafe-fixes")
    assert "fixed T402 terminal-left: restore closed" in outcome.out
    assert (healthy / "work/board.json").read_text() == board(changed=LATER)


def test_a_required_line_is_added_to_a_memory_that_is_there(healthy: Path, commands: Commands) -> None:
    for before, after in (
        ("# Lessons\n", "# Lessons\n\n- B-1: count\n"),
        ("- other", "- other\n- B-1: count\n"),
        ("text\r\n", "text\r\n\r\n- B-1: count\r\n"),
        ("", "- B-1: count\n"),
        ("```\nopen\n", "```\nopen\n"),
    ):
        write(healthy, {"work/LESSONS.md": before})
        commands.fix()
        assert (healthy / "work/LESSONS.md").read_bytes().decode() == after


def test_documents_of_ones_own_are_none_of_the_documented_ones(folder: Path, commands: Commands) -> None:
    """A document that is called as a documented one is judged by what is declared of it alone."""
    text = '[kinds.own]\nfound-by = ["plan.md"]\n'
    for name in ("plan", "brief", "task_context", "memory", "guardrails"):
        text += f'[kinds.own.documents.{name}]\npaths = ["{name}.md"]\npurpose = "template"\n'
    for name in ("state", "manifest", "constraints", "initiative", "workflow_status", "interview"):
        text += f'[kinds.own.documents.{name}]\npaths = ["{name}.json"]\n'
    files = {f"{name}.md": "# Any\n" for name in ("plan", "brief", "task_context", "memory", "guardrails")}
    files |= {f"{name}.json": "[1]" for name in ("state", "manifest", "constraints", "initiative")}
    make_repository(folder, {"statecheck.toml": text, **files})
    outcome = commands.check_json("-v")
    assert (outcome.code, outcome.findings, outcome.unverified) == (0, [], [])
    assert outcome.json["examined"]["files"] == 9


def test_kinds_count_once_they_are_committed(folder: Path, commands: Commands) -> None:
    make_repository(folder, HEALTHY | CHANGES["a bad time"][0] | {"statecheck.toml": None})
    write(folder, {"statecheck.toml": BOARD})
    assert commands.check_json().json["examined"]["workspaces"] == 0
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "kinds")
    assert commands.check_json().findings == ["S105 error work/board.json:1:13"]
    write(folder, {"statecheck.toml": BOARD.replace('"review", "open"', '"review", "closed"')})
    changed = commands.check_json()
    assert "kind board is declared otherwise" in changed.out
    write(folder, {"statecheck.toml": "strict = false\n"})
    assert "kind board is no longer declared" in commands.check_json().out
    assert "S105 error work/board.json:1:13" in commands.check_json().findings, "the configuration of HEAD counts"


def test_a_ledger_remembers_kinds_of_ones_own(folder: Path, commands: Commands) -> None:
    write(folder, HEALTHY)
    assert commands.check("--record").code == 0
    assert commands.check_json().findings == []
    write(folder, CHANGES["a new entry on top"][0])
    assert commands.check_json().findings == []
    for name in ("an entry that was changed", "an entry that is gone", "what is over is taken up"):
        write(folder, HEALTHY)
        write(folder, CHANGES[name][0])
        assert [each.split()[0] for each in commands.check_json("--select", "L,T").findings] == [
            CHANGES[name][1][0].split()[0]
        ]


def test_kinds_that_own_folders(folder: Path, commands: Commands) -> None:
    text = (
        '[kinds.run]\nfolders = [".runs/*", ".runs/done/*"]\narchive = ".runs/done/*"\nhome = ".runs"\n'
        '[kinds.run.documents.steps]\npaths = ["steps.jsonl"]\npurpose = "log"\n'
    )
    make_repository(folder, {"statecheck.toml": text, ".runs/a/steps.jsonl": '{"n": 1}\n{"n": 2}\n'})
    assert commands.check_json().json["examined"]["workspaces"] == 1
    write(folder, {".runs/a/steps.jsonl": '{"n": 1}\n{"n": 3}\n'})
    assert commands.check_json().findings == ["L201 error .runs/a/steps.jsonl:2:1"]
    write(folder, {".runs/a/steps.jsonl": '{"n": 1}\n{"n": 2}\n{"n": 3}\n'})
    assert commands.check_json().findings == []
    git(folder, "commit", "-q", "-am", "more")
    (folder / ".runs/done").mkdir()
    (folder / ".runs/a").rename(folder / ".runs/done/a")
    assert commands.check_json().findings == []
    status = commands.status()
    assert "run .runs/done/a" in status.out


def test_a_required_line_is_asked_of_every_document(folder: Path, commands: Commands) -> None:
    text = (
        '[kinds.own]\nfound-by = ["t/*.json"]\n[kinds.own.documents.t]\npaths = ["t/*.json"]\n'
        '[kinds.own.documents.m]\npaths = ["M.md"]\npurpose = "memory"\n'
        '[[kinds.own.requires]]\nof = "t"\nwhen = { done = [1, "yes"] }\nin = "m"\nsays = "{id}"\n'
    )
    files = {f"t/{name}.json": json.dumps({"id": name, "done": 1}) for name in ("a", "b", "B-1")}
    write(
        folder, {"statecheck.toml": text, **files, "t/no.json": '{"id": "no", "done": true}', "M.md": "- a\n- B-1.5\n"}
    )
    assert commands.check_json().findings == ["M501 error t/B-1.json:1:1", "M501 error t/b.json:1:1"]
    write(folder, {"M.md": None})
    assert "done is 1, and there is no M.md with" in commands.check().out


def test_the_time_of_an_entry_says_nothing_else(folder: Path, commands: Commands) -> None:
    write(folder, {".statecheck/loop-agent": "", "progress.txt": "# P\n\n## 2026-01-10T10:00:00Z - other\n\nx\n"})
    write(folder, {"prd.json": '{"userStories": [{"id": "10", "passes": true}]}'})
    assert commands.check_json().findings == ["X620 error prd.json:1:18"]


def test_things_are_told_apart_by_numbers_too(folder: Path, commands: Commands) -> None:
    text = (
        '[kinds.own]\nfound-by = ["t.json"]\n[kinds.own.machines.task]\nfinal = ["3"]\n'
        '[kinds.own.machines.task.edges]\n1 = ["2"]\n2 = ["3"]\n3 = []\n'
        '[kinds.own.documents.t]\npaths = ["t.json"]\nunique = ["/t/*/id"]\n'
        'statuses = [{ pointer = "/t/*/s", machine = "task" }]\n'
    )
    things = [{"id": 1, "s": 1}, {"id": 2, "s": 2}, {"id": 3, "s": 3}]
    make_repository(folder, {"statecheck.toml": text, "t.json": json.dumps({"t": things})})
    write(folder, {"t.json": json.dumps({"t": things[::-1]})})
    assert commands.check_json().findings == []
    write(folder, {"t.json": json.dumps({"t": [*things[:2], {"id": 3, "s": 2}]})})
    outcome = commands.check_json()
    assert outcome.findings == ["T402 error t.json:1:61"]
    assert "task 3 went from 3 back to 2" in outcome.out, "no documented machine, whatever it is called"
    write(folder, {"t.json": json.dumps({"t": [things[0], things[0]]})})
    assert [each[:4] for each in commands.check_json("--select", "S").findings] == ["S103"]


LEVELS = """# J

## January

### 2026-01-06 B

b

### 2026-01-05 A

a

[1]: https://example.org/1
"""


def test_sections_and_links_of_a_log_that_runs_newest_first(folder: Path, commands: Commands) -> None:
    text = (
        '[kinds.own]\nfound-by = ["mark"]\n[kinds.own.documents.j]\npaths = ["j.md"]\n'
        'entries = { headings = ["{time} {cycle}"], level = 3, order = "newest-first" }\n'
    )
    make_repository(folder, {"statecheck.toml": text, "mark": "", "j.md": LEVELS})
    new = LEVELS.replace("### 2026-01-06", "### 2026-01-07 C\n\nc\n\n### 2026-01-06")
    write(folder, {"j.md": new})
    assert commands.check_json().findings == []
    write(folder, {"j.md": f"{LEVELS}\n### 2026-01-07 C\n\nc\n"})
    commands.fix("--unsafe-fixes")
    assert (folder / "j.md").read_text() == LEVELS.replace("### 2026-01-06", "### 2026-01-07 C\n\nc\n\n### 2026-01-06")
    write(folder, {"j.md": None})
    assert commands.check_json().findings == ["L204 error j.md:1:1"]


def test_lines_that_are_put_back_stay_lines(folder: Path, commands: Commands) -> None:
    text = '[kinds.own]\nfound-by = ["mark"]\n[kinds.own.documents.j]\npaths = ["j.jsonl"]\npurpose = "log"\n'
    make_repository(folder, {"statecheck.toml": text, "mark": "", "j.jsonl": '{"a": 1}\n{"a": 2}\n'})
    write(folder, {"j.jsonl": '{"a": 2}\n{"a": 3}\n'})
    commands.fix()
    assert (folder / "j.jsonl").read_text() == '{"a": 1}\n{"a": 2}\n{"a": 3}\n'


def test_where_declared_kinds_stand(folder: Path, commands: Commands) -> None:
    make_repository(folder, HEALTHY)
    outcome = commands.status()
    assert outcome.code == 0
    assert "board work: go on with ticket B-2, which is open" in outcome.out
    assert "last of JOURNAL.md" in outcome.out
    closed = [{**each, "state": "closed"} for each in TICKETS]
    write(folder, {"work/board.json": json.dumps({"tickets": closed})})
    assert "board work: nothing to resume: every status is final" in commands.status().out


def test_a_marker_does_not_go_unseen(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"prd.json": prd(), "progress.txt": PROGRESS, ".statecheck/loop-agent": ""})
    write(folder, {"prd.json": prd(Compare=True), ".statecheck/loop-agent": None})
    expected = ["W907 warning .statecheck/loop-agent:1:1", "X620 error prd.json:9:5"]
    assert commands.check_json().findings == expected
    git(folder, "add", "-A")
    assert commands.check_json("--staged").findings == expected
    git(folder, "commit", "-q", "-m", "unseen")
    assert commands.check_json("--from-ref", "HEAD~1", "--to-ref", "HEAD").findings == expected


# --- The examples -----------------------------------------------------------------------------------------------------

PRD = {
    "project": "tram",
    "userStories": [
        {"id": "US-001", "title": "Measure", "passes": True},
        {"id": "US-002", "title": "Compare", "passes": False},
    ],
}
PROGRESS = """# Progress

## Codebase Patterns

- Measure at night.

## 2026-01-09T14:30:00Z - US-001

- Measured at three stops.
---
"""


def prd(**passes: bool) -> str:
    stories = [{**each, "passes": passes.get(str(each["title"]), each["passes"])} for each in PRD["userStories"]]  # type: ignore[index]
    return json.dumps({**PRD, "userStories": stories}, indent=2) + "\n"


LOOP: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, []),
    "a story that passes, with its entry": (
        {
            "prd.json": prd(Compare=True),
            "progress.txt": f"{PROGRESS}\n## 2026-01-10T09:00:00Z - US-002\n\n- Compared.\n---\n",
        },
        [],
    ),
    "a story that passes without an entry": ({"prd.json": prd(Compare=True)}, ["X620 error prd.json:9:5"]),
    "a story that passes no longer": ({"prd.json": prd(Measure=False)}, ["T402 error prd.json:7:17"]),
    "patterns that are collected": ({"progress.txt": PROGRESS.replace("- Measure at", "- Wait.\n- Measure at")}, []),
    "an entry that is rewritten": (
        {"progress.txt": PROGRESS.replace("three", "two")},
        ["L201 error progress.txt:9:1"],
    ),
    "a story whose result is no boolean": (
        {"prd.json": prd().replace("false", '"no"')},
        ["S103 error prd.json:12:17", "T401 error prd.json:12:17"],
    ),
}


@pytest.mark.parametrize("name", LOOP)
def test_the_loop_agent(name: str, folder: Path, commands: Commands) -> None:
    files = {"prd.json": prd(), "progress.txt": PROGRESS}
    make_repository(folder, files)
    write(folder, LOOP[name][0])
    assert commands.check_json().json["examined"]["workspaces"] == 0, "it is off until the marker is there"
    write(folder, files | {".statecheck/loop-agent": ""})
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "judge it")
    write(folder, LOOP[name][0])
    assert commands.check_json().findings == LOOP[name][1]


CHANGELOG = """# Changelog

## [Unreleased]

- Faster.

## [1.1.0] - 2026-02-01

### Added

- Trams.

## [1.0.0] - 2026-01-01

- First.

[1.1.0]: https://example.org/1.1.0
[1.0.0]: https://example.org/1.0.0
"""
RELEASED = CHANGELOG.replace(
    "## [Unreleased]\n\n- Faster.\n", "## [Unreleased]\n\n- Later.\n\n## [1.2.0] - 2026-03-01\n\n- Faster.\n"
).replace("[1.1.0]: ", "[1.2.0]: https://example.org/1.2.0\n[1.1.0]: ")

LOGS: dict[str, tuple[str, list[str]]] = {
    "nothing": (CHANGELOG, []),
    "a release": (RELEASED, []),
    "other links": (CHANGELOG.replace("example.org/1.0", "example.com/1.0"), []),
    "yanked": (RELEASED.replace("2026-03-01", "2026-03-01 [YANKED]"), []),
    "an old release rewritten": (CHANGELOG.replace("- First.", "- Second."), ["L201 error CHANGELOG.md:15:1"]),
    "an old release gone": (
        CHANGELOG.replace("## [1.1.0] - 2026-02-01\n\n### Added\n\n- Trams.\n\n", ""),
        ["L202 error CHANGELOG.md:7:1"],
    ),
    "a heading without brackets": (RELEASED.replace("[1.2.0] -", "Summer,"), ["L210 warning CHANGELOG.md:7:4"]),
}


@pytest.mark.parametrize("name", LOGS)
def test_the_change_log(name: str, folder: Path, commands: Commands) -> None:
    make_repository(folder, {"CHANGELOG.md": CHANGELOG, ".statecheck/changelog": ""})
    text, expected = LOGS[name]
    write(folder, {"CHANGELOG.md": text})
    assert commands.check_json(now="2026-04-01T00:00:00Z").findings == expected
    if expected and not expected[0].startswith("L210"):
        commands.fix("--unsafe-fixes", now="2026-04-01T00:00:00Z")
        assert (folder / "CHANGELOG.md").read_text() == CHANGELOG
