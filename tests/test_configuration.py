"""The configuration: each key, each mistake with its line, where it is found, and which one counts."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import ROOT, Commands, git, make_repository, write

from statecheck.configuration import Configuration, compile_glob
from statecheck.documents import SchemaStore
from statecheck.workspaces import KINDS

MANIFEST = '{"artifact_type": "logo", "variants": [], "generation_timestamp": "2026-01-16T10:00:00Z"}\n'
BAD = '{"constraints": [{"id": "C-01"}]}\n'
GOOD = '{"constraints": [{"id": "C-01", "severity": "blocking"}]}\n'
BROKEN = {"w/artifact_manifest.json": MANIFEST, "w/constraints.json": BAD}
FOUND = "S103 error w/constraints.json:1:18"
SHARED = "[tool.statecheck]\n"
PYPROJECT = '[project]\nname = "x"\ndependencies = ["statecheck"]\n'


def configure(folder: Path, text: str, name: str = "statecheck.toml") -> None:
    write(folder, {name: text})


def commit(folder: Path, files: dict[str, Any]) -> str:
    write(folder, files)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "more")
    return git(folder, "rev-parse", "HEAD").strip()


def codes(outcome: Any) -> list[str]:
    return [each for each in outcome.findings if each.startswith(("S", "D"))]


# --- keys -----------------------------------------------------------------------------------------------------------

KEYS: dict[str, tuple[str, list[str], int]] = {
    "nothing": ("", [FOUND], 1),
    "select a family": ('select = ["D"]', [], 0),
    "select a code": ('select = ["S103"]', [FOUND], 1),
    "select a name": ('select = ["schema-violation"]', [FOUND], 1),
    "ignore a family": ('ignore = ["S"]', [], 0),
    "ignore a code": ('ignore = ["s103"]', [], 0),
    "ignore goes before select": ('select = ["S"]\nignore = ["S103"]', [], 0),
    "severity": ('[severity]\nS103 = "warning"', [FOUND.replace("error", "warning")], 0),
    "severity of a family": ('[severity]\nS = "info"', [FOUND.replace("error", "info")], 0),
    "severity: a code before its family": ('[severity]\nS103 = "error"\nS = "info"', [FOUND], 1),
    "strict": ('strict = true\n[severity]\nS103 = "warning"', [FOUND.replace("error", "warning")], 1),
    "not strict": ('strict = false\n[severity]\nS103 = "warning"', [FOUND.replace("error", "warning")], 0),
    "per path": ('[per-path-ignores]\n"w/constraints.json" = ["S103"]', [], 0),
    "per path, a folder": ('[per-path-ignores]\n"w" = ["S"]', [], 0),
    "per path, another code": ('[per-path-ignores]\n"w" = ["S101"]', [FOUND], 1),
    "per path, another path": ('[per-path-ignores]\n"v/*" = ["S"]', [FOUND], 1),
    "exclude a workspace": ('exclude = ["w"]', [], 0),
    "exclude a document": ('exclude = ["w/constraints.json"]', [], 0),
    "exclude something else": ('exclude = ["v/**"]', [FOUND], 1),
    "schemas": ('[schemas]\nconstraints = "own/lenient.json"', [], 0),
    "schemas, of another document": ('[schemas]\ninitiative = "own/lenient.json"', [FOUND], 1),
}


@pytest.mark.parametrize("name", ["statecheck.toml", "pyproject.toml"])
@pytest.mark.parametrize("key", KEYS)
def test_keys(key: str, name: str, folder: Path, commands: Commands) -> None:
    text, expected, code = KEYS[key]
    write(folder, BROKEN | {"own/lenient.json": "{}"})
    if name == "pyproject.toml":
        text = SHARED + text.replace("[per-path", "[tool.statecheck.per-path")
        text = text.replace("\n[severity]", "\n[tool.statecheck.severity]").replace(
            "\n[schemas]", "\n[tool.statecheck.schemas]"
        )
        text = PYPROJECT + text
    configure(folder, text, name)
    outcome = commands.check_json("--ignore", "X")
    assert (codes(outcome), outcome.code) == (expected, code)


def test_every_key_is_tested() -> None:
    text = "".join(text for text, *_ in KEYS.values())
    for name, field in Configuration.model_fields.items():
        assert (field.alias or name) in text or name in (
            "base",
            "kinds",
            "memory",
        )  # of these, test_ranges, test_kinds and cases


def test_the_command_line_takes_the_place_of_select_and_adds_to_ignore(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    configure(folder, 'select = ["D"]\n')
    assert codes(commands.check_json("--select", "S")) == [FOUND]
    configure(folder, 'ignore = ["S103"]\n')
    assert codes(commands.check_json("--select", "S")) == []
    assert codes(commands.check_json("--ignore", "D")) == []
    outcome = commands.check("--select", "S103")
    assert (outcome.code, "and at the configuration" in outcome.err) == (2, True)


def test_what_is_left_out_is_not_in_the_output(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN | {"v/artifact_manifest.json": "{", "v/constraints.json": GOOD})
    everything = commands.check_json()
    assert {each["workspace"] for each in everything.json["findings"]} == {"v", "w"}
    configure(folder, 'exclude = ["v"]\n')
    outcome = commands.check_json()
    assert outcome.json["examined"]["workspaces"] == 1
    assert outcome.json["examined"]["files"] == 2
    assert codes(outcome) == [FOUND]
    assert "v: excluded" not in commands.check().out
    assert "v: excluded by the configuration, and not looked at\n" in commands.check("-v").out


def test_a_cause_that_is_not_told_leaves_what_depends_on_it_unverified(folder: Path, commands: Commands) -> None:
    """What only the ignored finding would have said is not passed over: D rules could not look."""
    write(folder, {"w/artifact_manifest.json": "{", "w/constraints.json": GOOD})
    configure(folder, '[per-path-ignores]\n"w/artifact_manifest.json" = ["S101"]\n')
    outcome = commands.check_json("--select", "S,D")
    assert outcome.code == 2
    assert {each[:1] for each in outcome.unverified} >= {"D"}
    configure(folder, '[per-path-ignores]\n"w/artifact_manifest.json" = ["S", "D"]\n')
    assert commands.check_json("--select", "S,D").unverified == []


def test_nothing_left_to_check_is_no_silent_pass(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    configure(folder, 'exclude = ["**"]\n')
    outcome = commands.check()
    assert outcome.out.startswith("w: excluded by the configuration, and not looked at\nchecked 0 workspaces")
    assert outcome.code == 0
    assert commands.check("--fail-if-empty").code == 1


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("", True),
        ('ignore = ["S103"]', False),
        ('[per-path-ignores]\n"w/*.json" = ["S103"]', False),
        ('exclude = ["constraints.json"]', False),
        ('exclude = ["w"]', False),
        ('[severity]\nS103 = "warning"', True),
    ],
)
def test_fix_state_repairs_what_is_told(text: str, repaired: bool, folder: Path, commands: Commands) -> None:
    damaged = GOOD.replace('"id"', '"ID"')
    write(folder, {"w/artifact_manifest.json": MANIFEST, "w/constraints.json": damaged})
    configure(folder, text)
    outcome = commands.fix()
    assert ((folder / "w/constraints.json").read_text() != damaged) is repaired, outcome.out
    assert commands.fix().out.count("repaired") == 0


def test_fix_state_is_strict_too(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    configure(folder, 'strict = true\n[severity]\nS103 = "warning"\n')
    assert commands.fix().code == 1


def test_a_schema_that_is_not_there_is_told(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    configure(folder, '[schemas]\nconstraints = "own/none.json"\n')
    assert codes(commands.check_json()) == ["S104 error own/none.json:1:1"]


def test_a_schema_of_the_workspace_goes_before_a_configured_one(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN | {"own/no.json": "false", "w/references/schemas/constraints.schema.json": "{}"})
    configure(folder, '[schemas]\nconstraints = "own/no.json"\n')
    assert codes(commands.check_json()) == []


def test_record_refuses_what_would_be_forgotten_unseen(folder: Path, commands: Commands) -> None:
    write(folder, {"w/artifact_manifest.json": MANIFEST, "w/constraints.json": GOOD})
    for text in ('ignore = ["L201"]', '[severity]\nL201 = "info"', '[per-path-ignores]\n"w" = ["T"]'):
        configure(folder, text)
        outcome = commands.check("--record")
        assert (outcome.code, "--record needs the rules that look back" in outcome.err) == (2, True)


# --- patterns -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("w", "w", True),
        ("w", "w/a.json", True),
        ("w", "deep/down/w/a.json", True),
        ("w", "wide", False),
        ("w/", "w/a.json", True),
        ("a/w", "a/w/x", True),
        ("a/w", "b/a/w/x", False),
        ("a/**", "a", True),
        ("a/**", "a/b/c", True),
        ("a/**", "b/a/c", False),
        ("**/a/**/b*c*d/**/e", "x/a/y/a/bcd/bxcxd/z/e/f", True),
        ("**/a/**/b*c*d/**/e", "x/a/y/a/bcx/z/e/f", False),
        ("x*y*y", "xyy", True),
        ("x*y*y", "xy", False),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/b/b/c/d", True),
        ("**/c", "c", True),
        ("**/c", "a/b/c", True),
        ("**", "", True),
        ("**", "x/y", True),
        ("*.md", "a/b.md", True),
        ("a/*.md", "a/b/c.md", False),
        ("a/*.md", "a/c.md", True),
        ("a/?.md", "a/c.md", True),
        ("a/?.md", "a/cc.md", False),
        ("a.b", "a-b", False),
        ("[x]", "[x]/y", True),
        ("*a" * 30 + "b", "a" * 200, False),
        ("**/a/" * 30 + "b", "a/" * 1000 + "c", False),
    ],
)
def test_patterns(glob: str, path: str, expected: bool) -> None:
    assert bool(compile_glob(glob, "").fullmatch(path)) is expected
    assert bool(compile_glob(glob, "in.here").fullmatch(f"in.here/{path}")) is expected
    assert not compile_glob(glob, "in.here").fullmatch(path)


# --- mistakes -------------------------------------------------------------------------------------------------------

MISTAKES = [
    ('selct = ["L"]', "1: selct: there is no such key; did you mean select?"),
    (
        "# one\n\nzzz = 1",
        "3: zzz: there is no such key; there are base, exclude, ignore, kinds, memory, per-path-ignores, ",
    ),
    ("[per_path_ignores]\na = []", "1: per_path_ignores: there is no such key; did you mean per-path-ignores?"),
    ('[memory]\npth = "x"', "2: memory.pth: there is no such key; did you mean path?"),
    ("memory.pth = 3", "1: memory.pth: there is no such key; did you mean path?"),
    ('select = "L"', "1: select: expected a list, and is 'L'"),
    ("select = []", "1: select: is empty: leave it out, or say something"),
    ('select = [""]', "1: select: is empty: leave it out, or say something"),
    ("ignore = [\n  3,\n]", "1: ignore: expected a string, and is 3"),
    ('select = [\n  "L",\n  "schema-violations",\n]', "3: select: there is no rule 'schema-violations'; did you mean"),
    ('ignore = ["L", "Q"]', "1: ignore: there is no rule 'Q'"),
    ("strict = 1", "1: strict: expected true or false, and is 1"),
    ('strict = "yes"', "1: strict: expected true or false, and is 'yes'"),
    ('[severity]\nL201 = "fatal"', "2: severity.L201: expected error, warning or info, and is 'fatal'"),
    (
        '[severity]\nL201 = "warn"',
        "2: severity.L201: expected error, warning or info, and is 'warn'; did you mean warning?",
    ),
    ('[severity]\nL201 = "error"\nQ9 = "info"', "3: severity.Q9: there is no rule 'Q9'"),
    ('[severity]\nW901 = "error"', "2: severity.W901: what it speaks of could not be looked at"),
    ('severity = "error"', "1: severity: expected a table, and is 'error'"),
    ('[per-path-ignores]\n"a/**" = "S"', "2: per-path-ignores.a/**: expected a list, and is 'S'"),
    ('[per-path-ignores]\n"a/**" = [\n"S",\n"Q"]', "4: per-path-ignores.a/**: there is no rule 'Q'"),
    ('[per-path-ignores]\n"../a" = ["S"]', "2: per-path-ignores.../a: it leads out of the folder"),
    ('exclude = ["a",\n "/b"]', "2: exclude: it leads out of the folder of the configuration"),
    ("exclude = ['a\\b']", "1: exclude: it has a backslash: between names of folders stands / on every system"),
    ('exclude = ["!a"]', "1: exclude: it begins with !, and nothing can be taken back in"),
    ('exclude = ["a//b"]', "1: exclude: it has an empty name, or the name ."),
    ('exclude = ["."]', "1: exclude: it has an empty name, or the name ."),
    (
        '[schemas]\nconstraint = "a.json"',
        "2: schemas.constraint: expected artifact-manifest, constraints, initiative, ",
    ),
    ('[schemas]\nconstraints = "../a.json"', "2: schemas.constraints: it leads out of the folder"),
    ('[schemas]\nconstraints = "a.yaml"', "2: schemas.constraints: it is no .json file"),
    ('base = "upstrem"', "1: base: expected HEAD or upstream, and is 'upstrem'; did you mean upstream?"),
    ('[memory]\npath = "../x"', "2: memory.path: it leads out of the folder of the workspace"),
    ('[memory]\nphase = "x"', "2: memory.phase: expected a .json file and a JSON Pointer in it, as in .claude/"),
    ('base = """\nselect = 3\n"""\n\nselect = 3', "5: select: expected a list, and is 3"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES, ids=[text for text, _ in MISTAKES])
def test_a_mistake_is_named_with_its_line(text: str, said: str, folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    configure(folder, text)
    for outcome in (commands.check(), commands.fix(), commands.check_json()):
        assert (outcome.code, outcome.out) == (2, "")
        assert f"error: statecheck.toml:{said}" in outcome.err
        assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tool.statecheck]\nselct = ["L"]', "pyproject.toml:5: selct: there is no such key; did you mean select?"),
        ('[tool]\nstatecheck.ignore = ["Q"]', "pyproject.toml:5: ignore: there is no rule 'Q'"),
        ('[tool]\nstatecheck = "x"', "pyproject.toml:5: expected a table, and is 'x'"),
        ("[tool.statecheck", "pyproject.toml is no TOML: "),
    ],
)
def test_a_mistake_in_pyproject(text: str, said: str, folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    configure(folder, PYPROJECT + text, "pyproject.toml")
    outcome = commands.check()
    assert (outcome.code, said in outcome.err) == (2, True), outcome.err


# --- where it is found ----------------------------------------------------------------------------------------------


def test_the_nearest_upwards_counts(folder: Path, commands: Commands) -> None:
    files = {f"a/b/{name}": content for name, content in BROKEN.items()}
    make_repository(folder, files | {"statecheck.toml": 'ignore = ["S"]\n', "a/pyproject.toml": PYPROJECT})
    assert codes(commands.check_json()) == []
    commands.folder = folder / "a" / "b"
    assert codes(commands.check_json()) == []
    found = FOUND.replace("w/", "a/b/w/")
    commit(folder, {"a/statecheck.toml": ""})
    assert codes(commands.check_json()) == [found]
    commands.folder = folder
    assert codes(commands.check_json("a/b")) == [found]
    assert codes(commands.check_json("a/b/w/constraints.json", "statecheck.toml")) == []
    assert codes(commands.check_json()) == []


def test_paths_are_relative_to_the_folder_of_the_file(folder: Path, commands: Commands) -> None:
    files = {f"a/{name}": content for name, content in BROKEN.items()}
    make_repository(folder, files | {"a/statecheck.toml": 'exclude = ["a/w"]\n'})
    assert codes(commands.check_json("a")) == [FOUND.replace("w/", "a/w/")]
    commit(folder, {"a/statecheck.toml": 'exclude = ["w/*.json"]\n'})
    assert codes(commands.check_json("a")) == []
    commit(folder, {"a/statecheck.toml": '[schemas]\nconstraints = "own.json"\n', "a/own.json": "{}"})
    assert codes(commands.check_json("a")) == []


def test_statecheck_toml_goes_before_pyproject(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN | {"pyproject.toml": f'{SHARED}ignore = ["S"]\n', "statecheck.toml": "strict = true\n"})
    assert codes(commands.check_json()) == [FOUND]


def test_a_pyproject_without_the_table_is_passed_by(folder: Path, commands: Commands) -> None:
    make_repository(folder, {f"a/{name}": content for name, content in BROKEN.items()})
    commit(folder, {"pyproject.toml": f'{SHARED}ignore = ["S"]\n', "a/pyproject.toml": PYPROJECT})
    assert codes(commands.check_json("a")) == []


@pytest.mark.parametrize("kind", [{"link": "elsewhere.toml"}, {"folder": True}])
def test_a_pyproject_that_is_no_file_is_passed_by(kind: Any, folder: Path, commands: Commands) -> None:
    write(folder, BROKEN | {"pyproject.toml": kind})
    assert codes(commands.check_json()) == [FOUND]
    write(folder, {"statecheck.toml": kind})
    assert commands.check_json().code == 2


def test_a_working_tree_elsewhere(folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """git may be told of another working tree than the folder that one stands in."""
    make_repository(folder / "tree", BROKEN | {"statecheck.toml": 'ignore = ["S"]\n'})
    write(folder, {"stand/x": "x"})
    commands.folder = folder / "stand"
    monkeypatch.setenv("GIT_DIR", str(folder / "tree" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(folder / "tree"))
    assert codes(commands.check_json()) == []


def test_without_git_it_is_found_upwards_too(folder: Path, commands: Commands) -> None:
    write(folder, {f"a/b/{name}": content for name, content in BROKEN.items()})
    configure(folder, 'exclude = ["a/b/w/constraints.json"]\n')
    commands.folder = folder / "a" / "b"
    assert codes(commands.check_json()) == []
    commands.folder = folder
    assert codes(commands.check_json("a/b/w")) == []


def test_a_memory_outside_the_repository_is_read_from_disk(folder: Path, commands: Commands) -> None:
    initiative = '{"name": "a", "status": "in_progress", "lastUpdated": "2026-01-16T12:00Z"}\n'
    make_repository(
        folder, {".claude/initiative.json": initiative, "statecheck.toml": '[memory]\npath = "~/memory.md"\n'}
    )
    select = ("--select", "M509")
    assert commands.check_json(*select).findings == ["M509 warning MEMORY.md:1:1"]
    assert commands.check_json(*select, "--staged").findings == [], "an index has nothing outside"
    write(folder, {".claude/initiative.json": initiative.replace("in_progress", "completed")})
    due = commands.check_json("--select", "M501")
    assert (due.findings, due.unverified) == ([], ["M501 MEMORY.md"])
    write(Path(os.environ["HOME"]), {"memory.md": "# Memory\n"})
    assert commands.check_json(*select).findings == []
    assert commands.check_json("--select", "M501").findings == ["M501 error .claude/initiative.json:1:25"]


def test_nothing_outside_the_repository_counts(folder: Path, commands: Commands) -> None:
    configure(folder, 'ignore = ["S"]\n')
    make_repository(folder / "inside", BROKEN)
    commands.folder = folder / "inside"
    assert codes(commands.check_json()) == [FOUND]


# --- which one counts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [[], ["--staged"]])
def test_the_one_of_head_counts(way: list[str], folder: Path, commands: Commands) -> None:
    make_repository(folder, BROKEN)
    configure(folder, 'ignore = ["S"]\n')
    git(folder, "add", "-A")
    assert codes(commands.check_json(*way)) == [FOUND]
    git(folder, "commit", "-q", "-m", "configure")
    assert codes(commands.check_json(*way)) == []
    write(folder, {"statecheck.toml": None})
    git(folder, "add", "-A")
    assert codes(commands.check_json(*way)) == []


def test_in_a_range_the_one_of_the_base_counts(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"x": "x"})
    base = git(folder, "rev-parse", "HEAD").strip()
    commit(folder, BROKEN | {"statecheck.toml": 'ignore = ["S"]\n'})
    configured = commit(folder, {"x": "y"})
    commit(folder, {"x": "z"})
    for way in (["--from-ref", base, "--to-ref", "HEAD"], ["--base", base]):
        assert codes(commands.check_json(*way)) == [FOUND]
    for way in (["--from-ref", configured, "--to-ref", "HEAD"], ["--base", configured], []):
        assert codes(commands.check_json(*way)) == []


def test_a_mistake_that_was_committed_can_be_mended(folder: Path, commands: Commands) -> None:
    make_repository(folder, BROKEN | {"statecheck.toml": 'ignor = ["S"]\n'})
    assert commands.check().code == 2
    configure(folder, 'ignore = ["S"]\n')
    assert codes(commands.check_json()) == [FOUND]


# --- W907 -----------------------------------------------------------------------------------------------------------

WEAKENINGS = [
    ("", 'ignore = ["S103", "D"]', ["ignore leaves out D301, D302, D303, D304, D305, D306 and "]),
    ("", 'select = ["S", "D", "L", "T", "M", "X", "W907"]', ["select no longer has W901, W902, W903, W904, W906"]),
    ('select = ["S", "W"]', 'select = ["S103", "W"]', ["select no longer has S101, S102, S104, S105, S106, S110 and "]),
    ('ignore = ["S103"]', 'select = ["S101", "W"]\nignore = ["S103"]', ["select no longer has D301, "]),
    ("", '[severity]\nS103 = "warning"', ["the severity of S103 is warning, and was error"]),
    ('[severity]\nS103 = "warning"', '[severity]\nS103 = "info"', ["the severity of S103 is info, and was warning"]),
    ('[severity]\nT403 = "error"', "", ["the severity of T403 is warning, and was error"]),
    ("", 'exclude = ["v"]', ["exclude leaves out v"]),
    ('exclude = ["v"]', 'exclude = ["v", "u/**"]', ["exclude leaves out u/**"]),
    ("", '[per-path-ignores]\n"v" = ["S103"]', ["per-path-ignores leaves out S103 in v"]),
    (
        '[per-path-ignores]\n"v" = ["S103"]',
        '[per-path-ignores]\n"v" = ["S103", "S104"]',
        ["per-path-ignores leaves out S104 in v"],
    ),
    ("strict = true", "", ["strict is off, so that warnings no longer fail"]),
    ("", 'base = "upstream"', ["base is upstream, so that what was not pushed may be rewritten"]),
    ("", '[schemas]\nconstraints = "x.json"', ["schemas.constraints is x.json, and was the bundled one"]),
    ('[schemas]\nconstraints = "x.json"', "", ["schemas.constraints is gone, and was x.json"]),
    ('[memory]\npath = "a.md"', "", ["memory.path is gone, and was a.md"]),
    (
        "strict = true",
        'ignore = ["S103"]\nexclude = ["v"]',
        ["ignore leaves out S103", "exclude leaves out v", "strict is off, so that warnings no longer fail"],
    ),
    ("", "strict = true", []),
    ("", '[severity]\nT403 = "error"', []),
    ('ignore = ["S103"]', "", []),
    ('ignore = ["S"]', 'ignore = ["S103"]', []),
    ('exclude = ["v"]', "", []),
    ('ignore = ["S103"]', '[per-path-ignores]\n"v" = ["S103"]', []),
    ('ignore = ["S103"]', 'ignore = ["schema-violation"]', []),
    ('select = ["W"]', 'select = ["w"]', []),
]


@pytest.mark.parametrize(("before", "after", "expected"), WEAKENINGS)
def test_each_weakening_is_told(before: str, after: str, expected: list[str], folder: Path, commands: Commands) -> None:
    make_repository(folder, {"w/artifact_manifest.json": MANIFEST, "w/constraints.json": GOOD, "x.json": "{}"})
    base = commit(folder, {"statecheck.toml": before, "y": "y"})
    configure(folder, after)
    said = [each["message"] for each in commands.check_json("--select", "W907").json["findings"]]
    assert len(said) == len(expected)
    for message, what in zip(sorted(said), sorted(expected), strict=True):
        assert f"statecheck.toml asks for less than in HEAD: {what}" in message
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "more")
    outcome = commands.check_json("--select", "W907", "--from-ref", base, "--to-ref", "HEAD")
    assert len(outcome.findings) == len(expected)


def test_a_weakening_in_another_file_is_told(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"w/artifact_manifest.json": MANIFEST, "w/constraints.json": GOOD})
    commit(folder, {"statecheck.toml": "strict = true\n"})
    write(folder, {"statecheck.toml": None, "pyproject.toml": f"{SHARED}strict = true\n"})
    assert commands.check_json("--select", "W907").findings == []
    write(folder, {"pyproject.toml": SHARED})
    assert commands.check_json("--select", "W907").findings == ["W907 warning pyproject.toml:1:1"]


def test_a_ledger_remembers_no_configuration(folder: Path, commands: Commands) -> None:
    """In a folder without git a warning about it would never go away."""
    state = '{"task": "x", "slug": "x", "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z"'
    write(folder, {".iterative-work/x/state.json": f'{state}, "domain": "writing", "phase": "discover"}}'})
    configure(folder, 'exclude = ["v"]\n')
    assert commands.check("--record").code == 0
    outcome = commands.check_json("--select", "W907")
    assert (outcome.findings, outcome.json["comparison"]["via"]) == ([], "the ledger")


# --- what is published ----------------------------------------------------------------------------------------------


def test_the_published_schema_agrees_with_what_is_read(commands: Commands) -> None:
    schema = json.loads(commands.statecheck("schema", "configuration").out)
    validator = jsonschema.Draft202012Validator(schema)
    for text, *_ in KEYS.values():
        validator.validate(tomllib.loads(text))
    refused = [text for text, _ in MISTAKES if "no rule" not in _ and " it " not in _ and "W901" not in _]
    for text in refused:
        assert list(validator.iter_errors(tomllib.loads(text))), text


def test_the_schemas_that_can_be_configured_are_those_of_documents() -> None:
    names = {spec.schema for kind in KINDS if not kind.own for spec in kind.documents if spec.schema}
    known = json.loads(SchemaStore.bundled("configuration").document.text)["properties"]["schemas"]
    assert names == set(known["propertyNames"]["enum"])


def test_the_example_with_every_key(folder: Path, commands: Commands) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    table = tomllib.loads(example)
    assert set(table) == {field.alias or name for name, field in Configuration.model_fields.items()}
    write(folder, BROKEN | {"statecheck.toml": example})
    for path in table["schemas"].values():
        write(folder, {path: "{}"})
    assert commands.check_json().code in (0, 1)
