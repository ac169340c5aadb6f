"""Editors: the documented associations, what init writes, the schemas that are written, and real file names agree."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, Commands, snapshot, write

from statecheck.adoption import SCHEMAS, associations, editor_settings
from statecheck.documents import SchemaStore
from statecheck.workspaces import DOCUMENTED, KINDS

DOC = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
Patterns = dict[str, list[str]]


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def names_of(place: str) -> str:
    """The name of the schema that a place in the documentation means."""
    assert place.startswith(f"./{SCHEMAS}/")
    return place.removeprefix(f"./{SCHEMAS}/").removesuffix(".schema.json")


def of_settings(settings: Any) -> Patterns:
    found = {names_of(each["url"]): each["fileMatch"] for each in settings["json.schemas"]}
    return found | {names_of(place): files for place, files in settings["yaml.schemas"].items()}


def of_lua() -> Patterns:
    lua = block("lua")
    assert f'"/{SCHEMAS}/" .. name .. ".schema.json"' in lua
    pairs = re.findall(r'fileMatch = \{ (.*?) \}, url = schema\("(.*?)"\)', lua)
    pairs += [(files, name) for name, files in re.findall(r'\[schema\("(.*?)"\)\] = \{ (.*?) \}', lua)]
    return {name: re.findall(r'"(.*?)"', files) for files, name in pairs}


def of_table() -> Patterns:
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", DOC, re.MULTILINE)
    return {name: re.findall(r"`(.*?)`", files) for name, files in rows}


def of_init() -> Patterns:
    return {each.schema: list(each.files) for each in associations()}


def less(patterns: Patterns, *names: str) -> Patterns:
    return {name: files for name, files in patterns.items() if name not in names}


def test_the_page_and_init_agree() -> None:
    assert json.loads(block("json")) == editor_settings()
    assert of_table() == of_init()
    assert of_settings(editor_settings()) == less(of_init(), "configuration")
    assert of_lua() == less(of_init(), "configuration")
    (rule,) = tomllib.loads(block("toml"))["rule"]
    assert rule == {
        "include": ["**/statecheck.toml"],
        "schema": {"path": f"{SCHEMAS}/configuration.schema.json"},
    }


def matches(pattern: str, path: str) -> bool:
    """Say whether an editor takes a file for one that a pattern means: at any depth, ``*`` within a name."""
    names = "[^/]*".join(map(re.escape, pattern.split("*")))
    return re.fullmatch(f"(?:.*/)?{names}", path) is not None


def files_of_kinds() -> list[tuple[str, str]]:
    """Real names of every document that has a schema, with the name of the schema."""
    return [
        (spec.schema, f"{folder}{pattern}".replace("*", "some-name"))
        for kind in KINDS
        if kind.name in DOCUMENTED
        for spec in kind.documents
        if spec.schema is not None
        for folder in ([f"{each}/" for each in kind.folders] or [""])
        for pattern in spec.patterns
    ]


@pytest.mark.parametrize("patterns", [of_init(), of_lua(), of_table(), of_settings(editor_settings())])
@pytest.mark.parametrize("above", ["", "deep/down/"])
def test_every_document_is_matched_by_its_own_schema_alone(patterns: Patterns, above: str) -> None:
    for schema, path in files_of_kinds():
        found = [name for name, files in patterns.items() if any(matches(each, above + path) for each in files)]
        assert found == [schema], path


def test_the_examples_are_matched() -> None:
    """Every pattern of a workspace matches a file of the examples, but for those that no example has."""
    paths = [path.relative_to(ROOT).as_posix() for path in (ROOT / "examples").rglob("*") if path.is_file()]
    unmatched = {
        pattern
        for files in of_init().values()
        for pattern in files
        if not any(matches(pattern, path) for path in paths)
    }
    assert unmatched <= {
        ".claude/interview-state.json",
        ".iterative-work/archive/*/state.json",
        ".statecheck/ledger.json",
        ".statecheck/baseline.json",
        "statecheck.toml",
    }


def test_the_files_of_statecheck_itself_are_where_the_patterns_say(folder: Path, commands: Commands) -> None:
    write(folder, {"w/constraints.json": "{}", "w/decisions.md": "# Decisions\n", "w/artifact_manifest.json": "{}"})
    commands.statecheck("baseline")
    commands.check("--record")
    for name in ("ledger", "baseline"):
        (pattern,) = of_init()[name]
        value = json.loads((folder / pattern).read_text())
        assert SchemaStore.bundled(name).is_valid(value)


# --- statecheck schema --all -----------------------------------------------------------------------------------------


def test_every_schema_is_written_once(folder: Path, commands: Commands) -> None:
    outcome = commands.statecheck("schema", "--all", "some/schemas")
    count = len(SchemaStore.names())
    assert (outcome.code, outcome.out) == (0, f"wrote {count} schemas to some/schemas\n")
    written = {path.name: path.read_bytes() for path in (folder / "some/schemas").iterdir()}
    assert written == {f"{name}.schema.json": SchemaStore.bundled(name).document.data for name in SchemaStore.names()}
    assert set(of_table()) <= set(SchemaStore.names())
    assert {"configuration", "findings", "plan", "baseline", "ledger", "status"} <= set(SchemaStore.names())
    times = {path.name: path.stat().st_mtime_ns for path in (folder / "some/schemas").iterdir()}
    again = commands.statecheck("schema", "--all", "some/schemas")
    assert again.out == f"wrote 0 schemas to some/schemas; {count} were there\n"
    assert {path.name: path.stat().st_mtime_ns for path in (folder / "some/schemas").iterdir()} == times


def test_a_schema_that_changed_is_written_again(folder: Path, commands: Commands) -> None:
    commands.statecheck("schema", "--all", "s")
    write(folder, {"s/ledger.schema.json": "{}", "s/mine.json": "{}"})
    assert commands.statecheck("schema", "--all", "s").out.startswith("wrote 1 schema to s; ")
    assert (folder / "s/ledger.schema.json").read_bytes() == SchemaStore.bundled("ledger").document.data
    assert (folder / "s/mine.json").read_text() == "{}"


def test_what_init_writes_is_what_the_command_writes(folder: Path, commands: Commands) -> None:
    commands.statecheck("init", "--yes")
    before = snapshot(folder)
    rest = len(SchemaStore.names()) - len(associations())
    assert commands.statecheck("schema", "--all", SCHEMAS).out.startswith(f"wrote {rest} schemas to ")
    assert {path: content for path, content in snapshot(folder).items() if path in before} == before
    assert commands.statecheck("init").code == 0


@pytest.mark.parametrize("arguments", [["--all", ""], ["--all", "a-file"], ["--all", "a-file/below"]])
def test_what_is_no_folder_is_refused(arguments: list[str], folder: Path, commands: Commands) -> None:
    write(folder, {"a-file": "x"})
    outcome = commands.statecheck("schema", *arguments)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
    assert set(snapshot(folder)) == {"a-file"}


def test_one_or_all(folder: Path, commands: Commands) -> None:
    outcome = commands.statecheck("schema", "ledger", "--all", "x")
    assert (outcome.code, "not allowed with" in outcome.err) == (2, True)
