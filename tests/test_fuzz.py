"""Fuzzing: every parser, on any bytes and on damaged copies of real files, and whole workspaces, with both commands.

By default a few seconds with the same examples every time. CONTRIBUTING.md says how to run it for long.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import ROOT, Commands, make_repository, snapshot, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statecheck.adoption import Proposal, proposals
from statecheck.adoption.proposals import AGENT_FILE, EDITOR_FILE, GITLAB_FILE, HOOKS_FILE
from statecheck.baseline import parse_baseline
from statecheck.cli.configured import CONFIGURATION_FILE
from statecheck.configuration import parse_configuration
from statecheck.documents import (
    GRAMMARS,
    Document,
    EntryFields,
    JsonLinesDocument,
    MarkdownDocument,
    NotATimestampError,
    Schema,
    SchemaStore,
    StateDocument,
    WrittenLog,
    compare_logs,
    conflict_sides,
    entries,
    format_pointer,
    looks_like_time,
    parse_document,
    parse_timestamp,
    read_constraints,
    read_plan,
    read_statuses,
    select_values,
    task_phases,
    timestamp_or_none,
)
from statecheck.documents.log_fields import Latest
from statecheck.documents.rewriting import remove_item, remove_member, set_value, unwrap
from statecheck.errors import OwnFileError
from statecheck.ledger import parse_ledger
from statecheck.reporters.escape import escape
from statecheck.trees import WorkingTree
from statecheck.trees.edits import apply_edits
from statecheck.trees.overlay import Overlay
from statecheck.workspaces import BASELINE_FILE
from statecheck.workspaces.amendments import AMENDMENTS_FILE, read_amendments

pytestmark = pytest.mark.slow

LONG = int(os.environ.get("STATECHECK_FUZZ", "0"))
"""Examples of each test in a long run, which are new ones every time; 0 is the short run."""


def examples(short: int) -> settings:
    """Return the settings of a test that has `short` examples in the short run."""
    return settings(
        max_examples=LONG or short,
        derandomize=not LONG,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


# Where the texts come from.

HEALTHY = {
    path.relative_to(ROOT / "examples" / "healthy").as_posix(): path.read_bytes()
    for path in sorted((ROOT / "examples" / "healthy").rglob("*"))
    if path.is_file() and path.suffix in (".json", ".yaml", ".md")
}
OWN = {
    CONFIGURATION_FILE: b'base = "upstream"\n\n[memory]\npath = "notes/MEMORY.md"\nphase = ".claude/a.json#/phase"\n',
    AMENDMENTS_FILE: b'{"path": "a", "old_sha256": "0", "new_sha256": null,'
    b' "reason": "a", "author": "b", "time": "c"}\n',
    ".statecheck/ledger.json": json.dumps(
        {
            "version": 1,
            "recorded": "2026-01-16T10:00:00Z",
            "logs": {
                "a.md": {
                    "length": 1,
                    "sha256": "0" * 64,
                    "preamble": "0" * 64,
                    "line_end": "\n",
                    "mark": False,
                    "level": 2,
                }
                | {"entry_count": 1, "entries": [{"heading": "## a", "sha256": "0" * 64}]}
            },
            "states": {"a.json": {"sha256": "0" * 64, "values": {"status": "done"}}},
        },
        indent=1,
    ).encode(),
}
OWN[BASELINE_FILE] = json.dumps(
    {"version": 1, "entries": [{"fingerprint": "0" * 16, "code": "S103", "path": "a", "message": "b", "count": 2}]}
).encode()
OTHERS = {
    HOOKS_FILE: b"# ours\nrepos:\n-   repo: meta  # why\n    hooks: [{id: a}]\n- repo: local\n  hooks:\n"
    b"  - id: b\n    args: ['-x',\n      y]\n    entry: |\n      one\n\n# end\nci: {a: &x 1, b: *x}\n",
    GITLAB_FILE: b"stages: [build, test]\ninclude:\n  - local: x\nbuild:\n  script: !reference [.a, script]\n",
    EDITOR_FILE: b'{\n\t"a": {"b": [1, 2]},\n\t"json.schemas": [\n\t\t{"url": "./x"}\n\t],\n\t"yaml.schemas": {}\n}\n',
    AGENT_FILE: b'{"hooks": {"Stop": [{"hooks": []}], "PreToolUse": []}, "permissions": {"allow": ["x"]}}',
}
"""Files of other programs, which init adds to."""
SCHEMAS = {path.name: path.read_bytes() for path in sorted((ROOT / "schemas").glob("*.schema.json"))}

PIECES = (
    *(bytes([code]) for code in (0, 7, 8, 9, 10, 11, 13, 27, 127)),
    *(text.encode() for text in ("\x85", "\u2028", "\u202e", "\ufeff", "\ud7ff", "é", "e\u0301", "→", "—", "✅")),
    *(b"\xff", b"\xc3", b"\xed\xa0\x80", b"\r\n", b"    ", b"\t"),
    *(
        b'"',
        b"'",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b": ",
        b",",
        b"#",
        b"|",
        b">",
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!int ",
    ),
    *(b"null", b"true", b"-1", b"1e999", b"9" * 30, b"0x1F", b"1_0", b".nan", b'"\\ud800"', b"\\u0000"),
    *(
        b"## ",
        b"# ",
        b"- ",
        b"- [ ] ",
        b"- [x] ",
        b"**",
        b":** ",
        b"```\n",
        b"<!--",
        b"-->",
        b"---\n",
        b"> ",
        b"| a |\n",
    ),
    *(b"<<<<<<< a\n", b"=======\n", b">>>>>>> b\n", b"||||||| c\n", b"::error::x\n", b"../", b"/etc/passwd", b"\\n"),
    *(
        b"2026-13-01T25:00:00Z",
        b"0001-01-01T00:00:00+23:59",
        b"9999-12-31T23:59:59-23:59",
        b"in-progress",
        b"C-01..C-99",
    ),
)
"""What is put into files."""


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """Return a damaged copy of a file."""
    for _ in range(draw(st.integers(1, 4))):
        content = _mutated(draw, content)
    return content


def _mutated(draw: st.DrawFn, content: bytes) -> bytes:
    at = draw(st.integers(0, len(content)))
    end = min(len(content), at + draw(st.integers(0, 60)))
    lines = content.splitlines(keepends=True) or [b""]
    one, two = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    piece = draw(st.sampled_from(PIECES) | st.binary(max_size=4))
    times = draw(st.integers(1, 200))
    kind = draw(
        st.sampled_from(["insert", "replace", "cut", "drop", "double", "swap", "move", "number", "nest", "many"])
    )
    if kind == "insert":
        return content[:at] + piece + content[at:]
    if kind == "replace":
        return content[:at] + piece + content[end:]
    if kind == "cut":
        return content[:at]
    if kind == "number":
        numbers = list(re.finditer(rb"\d+", content))
        if not numbers:
            return content
        found = numbers[one % len(numbers)]
        return content[: found.start()] + draw(st.sampled_from(PIECES)) + content[found.end() :]
    if kind == "nest":
        opening, closing = draw(st.sampled_from([(b"[", b"]"), (b'{"a": ', b"}"), (b"> ", b""), (b"- ", b"")]))
        return content[:at] + opening * times + content[at:end] + closing * times + content[end:]
    if kind == "many":
        return content[:at] + piece * times + content[at:]
    changed = list(lines)
    if kind == "drop":
        del changed[one]
    elif kind == "double":
        changed.insert(two, lines[one])
    elif kind == "swap":
        changed[one], changed[two] = lines[two], lines[one]
    else:
        changed = [*lines[:one], *lines[one + 1 :]]
        changed.insert(two, lines[one])
    return b"".join(changed)


def texts(*suffixes: str, also: dict[str, bytes] | None = None) -> st.SearchStrategy[bytes]:
    """Return any bytes, any text, and damaged copies of the files with these endings."""
    files = [content for name, content in HEALTHY.items() if name.endswith(suffixes)]
    files += (also or {}).values()
    any_text = st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    pieces = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)
    return st.binary(max_size=300) | any_text | pieces | st.sampled_from(files).flatmap(mutations)


# Parsers.


def check_places(document: Document) -> None:
    """See to it that every problem has a place within the document."""
    for problem in document.problems:
        place = document.place(problem.span)
        assert 1 <= place.line <= len(document.lines.starts)
        assert 1 <= place.column <= len(document.text) + 1
        assert (place.end_line, place.end_column) >= (place.line, place.column)
        assert len(problem.message) < 1000


@pytest.mark.parametrize("format_name", ["json", "yaml"])
@given(data=st.data())
@examples(150)
def test_state(format_name: str, data: st.DataObject) -> None:
    content = data.draw(texts(".json", ".yaml"))
    document = parse_document(f"x.{format_name}", content, format_name)
    assert isinstance(document, StateDocument)
    check_places(document)
    if not document.usable:
        return
    json.dumps(document.value, ensure_ascii=False).encode("utf-8")
    for pointer, node in document.root.walk():
        assert 0 <= node.start <= node.end <= len(document.text)
        assert document.span(pointer).start <= document.span(pointer).end
    list(select_values(document.value, "/variants/*/path"))
    read_constraints(document)
    task_phases(document)


@pytest.mark.parametrize("format_name", ["json", "yaml"])
@given(data=st.data())
@examples(150)
def test_rewriting(format_name: str, data: st.DataObject) -> None:
    """What is set is what a reader finds, and nothing else changes."""
    content = data.draw(texts(f".{format_name}"))
    document = parse_document(f"x.{format_name}", content, format_name)
    if not isinstance(document, StateDocument) or document.problems:
        return
    places = [pointer for pointer, node in document.root.walk() if node.members is None and node.items is None]
    if not places:
        return
    pointer = data.draw(st.sampled_from(places))
    value = data.draw(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.integers(-9, 99) | st.booleans()
    )
    edit = set_value(document, pointer, value)
    if edit is None:
        return
    after = _edited(document, edit, format_name)
    assert not after.problems, (document.text, pointer, value, after.text)
    assert after.value == _with(document.value, pointer, value), (document.text, pointer, value, after.text)


@given(content=texts(".json"), data=st.data())
@examples(150)
def test_removing(content: bytes, data: st.DataObject) -> None:
    """What is removed is gone, and what is unwrapped is all that there is."""
    document = parse_document("x.json", content, "json")
    if not isinstance(document, StateDocument) or document.problems:
        return
    places = [pointer for pointer, _ in document.root.walk() if pointer]
    if not places:
        return
    pointer = data.draw(st.sampled_from(places))
    remove = remove_item if isinstance(pointer[-1], int) else remove_member
    assert _edited(document, remove(document, pointer), "json").value == _without(document.value, pointer)
    assert _edited(document, unwrap(document, pointer), "json").value == _at(document.value, pointer)


def _edited(document: StateDocument, edit: Any, format_name: str) -> StateDocument:
    tree = Overlay(WorkingTree("/nonexistent"), {document.path: document.data})
    content = apply_edits(tree, [edit])[document.path]
    assert content is not None
    after = parse_document(document.path, content, format_name)
    assert isinstance(after, StateDocument)
    return after


def _at(value: Any, pointer: Any) -> Any:
    for part in pointer:
        value = value[part]
    return value


def _with(value: Any, pointer: Any, new: Any) -> Any:
    if not pointer:
        return new
    changed = value.copy()
    changed[pointer[0]] = _with(value[pointer[0]], pointer[1:], new)
    return changed


def _without(value: Any, pointer: Any) -> Any:
    changed = value.copy()
    if len(pointer) == 1:
        del changed[pointer[0]]
    else:
        changed[pointer[0]] = _without(value[pointer[0]], pointer[1:])
    return changed


@given(content=texts(".jsonl", also={AMENDMENTS_FILE: OWN[AMENDMENTS_FILE]}))
@examples(150)
def test_json_lines(content: bytes) -> None:
    document = parse_document("x.jsonl", content, "jsonl")
    assert isinstance(document, JsonLinesDocument)
    check_places(document)
    assert len(document.entries) >= len(document.values)
    read_amendments(Overlay(WorkingTree("/nonexistent"), {AMENDMENTS_FILE: content}))


@given(content=texts(".md"), before=texts(".md"))
@examples(200)
def test_markdown(content: bytes, before: bytes) -> None:
    """Markdown as everything that it is read as: logs of every grammar, a plan, a memory, statuses."""
    document, older = (parse_document("x.md", each, "markdown") for each in (content, before))
    assert isinstance(document, MarkdownDocument)
    check_places(document)
    markdown = document.markdown
    for span in (
        *(each.span for each in (*markdown.headings, *markdown.fields, *markdown.items)),
        *markdown.code_spans,
    ):
        assert 0 <= span.start <= span.end <= len(document.text)
    read_plan(markdown).needed()
    assert all(line.line <= len(document.lines.starts) for line in document.memory_lines)
    conflict_sides(document.text)
    for grammar in GRAMMARS.values():
        found = entries(markdown, grammar)
        for entry in found:
            fields = EntryFields(Latest(markdown), entry)
            (
                fields.items(),
                fields.verdict,
                fields.done_phase,
                fields.remains,
                fields.names_blocker,
                entry.time,
                entry.key,
            )
            read_statuses(markdown, fields, {"C1", "C-01"})
        log = WrittenLog(document, found, grammar)
        assert len(log.record.entries) == len(found)
        assert isinstance(older, MarkdownDocument)
        compare_logs(WrittenLog(older, entries(older.markdown, grammar), grammar), log)
        assert compare_logs(log, log).appends


@given(
    text=st.text(max_size=40)
    | st.from_regex(r"\A[0-9]{4}-?[0-9]{2}-?[0-9]{2}([T ]+[0-9:.,]{0,12}[Zz+-]?[0-9:]{0,6})?\Z")
)
@examples(500)
def test_timestamps(text: str) -> None:
    looks_like_time(text)
    try:
        stamp = parse_timestamp(text)
    except NotATimestampError as error:
        assert str(error)
        assert timestamp_or_none(text) is None
        return
    assert stamp.moment.tzinfo is not None
    if stamp.spelling is not None:
        assert parse_timestamp(stamp.spelling).moment == stamp.moment


@given(content=texts(also=OWN))
@examples(300)
def test_own_files(content: bytes) -> None:
    """What statecheck keeps in a project is used, or refused with a sentence."""
    for parse in (parse_configuration, parse_ledger, parse_baseline):
        try:
            found = parse(content)
        except OwnFileError as error:
            assert str(error)
        else:
            assert found.model_dump() is not None


@pytest.mark.parametrize("path", OTHERS)
@given(data=st.data())
@examples(60)
def test_adoption(path: str, data: st.DataObject) -> None:
    """A file of others gets what is missing, all else as it was, or is left to a person; once is enough."""
    content = data.draw(texts(also={path: OTHERS[path]}))
    changed = _proposed(path, content)
    if changed is None:
        return
    assert not changed.reason
    assert changed.new is not None
    rest = iter(changed.new.split())
    assert path.endswith(".json") or all(word in rest for word in content.split()), "nothing is taken away"
    again = _proposed(path, changed.new)
    assert again is None, "a second run changes nothing"


def _proposed(path: str, content: bytes) -> Proposal | None:
    """Return what init proposes for a file with this content, None where it leaves it alone."""
    tree = Overlay(WorkingTree("/nowhere"), {path: content})
    found = [each for each in proposals(tree, "gitlab", "claude") if each.path == path and each.new is not None]
    return found[0] if found else None


@given(content=texts(also=SCHEMAS), value=texts(".json"))
@examples(60)
def test_schemas(content: bytes, value: bytes) -> None:
    """A schema is used, or refused with its place; both libraries say the same of a value."""
    document, judged = (parse_document("x.json", each, "json") for each in (content, value))
    assert isinstance(document, StateDocument)
    assert isinstance(judged, StateDocument)
    schema = Schema("x", "x.schema.json", document)
    if schema.unusable is not None:
        assert schema.unusable.place.line >= 1
        return
    if judged.usable:
        assert schema.is_valid(judged.value) == (not schema.errors(judged.value))
    for name in SchemaStore.names():
        if judged.usable:
            bundled = SchemaStore.bundled(name)
            errors = bundled.errors(judged.value)
            assert bundled.is_valid(judged.value) == (not errors)
            assert all(
                judged.span(each.pointer).start >= 0 and format_pointer(each.pointer) is not None for each in errors
            )


@given(text=st.text(max_size=80) | st.binary(max_size=40).map(os.fsdecode))
@examples(300)
def test_escaping(text: str) -> None:
    """What is shown stays on its line, and acts on nothing."""
    shown = escape(text)
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", shown)
    shown.encode("utf-8")


# Whole workspaces.

OUTPUT = jsonschema.Draft202012Validator(json.loads((ROOT / "schemas" / "findings.schema.json").read_text("utf-8")))
EVERY = {
    path.relative_to(ROOT / "examples" / "healthy").as_posix(): path.read_bytes()
    for path in sorted((ROOT / "examples" / "healthy").rglob("*"))
    if path.is_file()
}


@pytest.mark.parametrize("versioned", [False, True], ids=["plain", "versioned"])
@examples(40)
@given(data=st.data())
def test_workspaces(versioned: bool, data: st.DataObject, folder: Path, commands: Commands) -> None:
    """Each command ends with a verdict that its JSON output states; a second repair changes nothing."""
    if versioned and not (folder / ".git").exists():
        make_repository(folder, EVERY)
    shutil.rmtree(folder / ".statecheck", ignore_errors=True)
    write(folder, EVERY | dict.fromkeys(OWN))
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from([*HEALTHY, *OWN]))
        whole = HEALTHY.get(name) or OWN[name]
        write(folder, {name: data.draw(st.none() | mutations(whole) | st.binary(max_size=60))})
    before = snapshot(folder)
    judged(commands.check_json())
    assert snapshot(folder) == before
    for unsafe in ([], ["--unsafe-fixes"]):
        first = commands.fix("--output-format", "json", *unsafe)
        judged(first)
        after = snapshot(folder)
        second = commands.fix("--output-format", "json", *unsafe)
        judged(second)
        assert snapshot(folder) == after, "a second repair changes something"
        if first.out:
            assert second.findings == first.findings


def judged(outcome: Any) -> None:
    """See to it that a command ended with a verdict, or a sentence that says why it has none."""
    assert outcome.code in (0, 1, 2), outcome
    assert "Traceback" not in outcome.err
    assert "the rule failed" not in outcome.out
    if outcome.out:
        OUTPUT.validate(outcome.json)
    else:
        assert outcome.code == 2
        assert ": error: " in outcome.err
