"""Discovery: the three kinds, at any depth and in every tree, and nothing that is not state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from harness import Commands, git, make_repository, write

from statecheck.trees import Tree, WorkingTree, find_repository
from statecheck.trees.overlay import Overlay
from statecheck.workspaces import KINDS, discover
from statecheck.workspaces.discovery import matches, project_of, within

TASK = {"state.json": "{}"}
FOUND: list[tuple[str, list[str], list[str]]] = [
    ("manifest and constraints", ["artifact_manifest.json", "constraints.json"], ["refinement"]),
    ("manifest and log", ["artifact_manifest.json", "refinement_log.md"], ["refinement"]),
    ("constraints and decisions", ["constraints.json", "decisions.md"], ["refinement"]),
    ("a lone manifest of some other tool", ["artifact_manifest.json", "dist/a.svg"], []),
    ("lone constraints", ["constraints.json"], []),
    ("logs alone", ["refinement_log.md", "decisions.md"], []),
    ("two halves in two folders", ["a/artifact_manifest.json", "b/constraints.json"], []),
    ("other case", ["Artifact_Manifest.json", "constraints.json"], []),
    ("initiative", [".claude/initiative.json"], ["workflow"]),
    ("interview", [".claude/interview-state.json"], ["workflow"]),
    ("milestone", ["documentation/milestones/_active/m1/WORKFLOW-STATUS.yaml"], ["workflow"]),
    ("finished milestone", ["documentation/milestones/done/m1/WORKFLOW-STATUS.yaml"], []),
    ("deeper milestone", ["documentation/milestones/_active/m1/x/WORKFLOW-STATUS.yaml"], []),
    ("memory alone", ["MEMORY.md", ".claude/settings.json"], []),
    ("initiative elsewhere", ["initiative.json", "x.claude/initiative.json"], []),
    ("task", [".iterative-work/t/plan.md"], ["iterative-work .iterative-work/t"]),
    ("task of notes only", [".iterative-work/t/notes/a.txt"], ["iterative-work .iterative-work/t"]),
    ("archived task", [".iterative-work/archive/t/plan.md"], ["iterative-work .iterative-work/archive/t archived"]),
    ("files beside tasks", [".iterative-work/README.md", ".iterative-work/archive/README.md"], []),
    ("similar name before", ["x.iterative-work/t/plan.md"], []),
    ("similar above", ["x.iterative-work/.iterative-work/t/a"], ["iterative-work x.iterative-work/.iterative-work/t"]),
    ("a line break in a folder", ["a\nb/.claude/initiative.json"], ["workflow a\nb"]),
    ("a task below a line break", ["a\nb/.iterative-work/t/a"], ["iterative-work a\nb/.iterative-work/t"]),
]
SHUT = [".git", "node_modules", ".venv", "venv", ".tox", ".nox", "site-packages", "__pycache__", ".statecheck"]


def described(files: list[str], prefix: str = "") -> list[str]:
    """Return workspaces as the table writes them, with the prefix taken off their folders."""
    lines = []
    for each in discover(files, KINDS):
        folder = f"{each.folder}/".removeprefix(prefix).strip("/")
        lines.append(" ".join(filter(None, [each.kind.name, folder, "archived" if each.archived else ""])))
    return lines


@pytest.mark.parametrize("depth", ["", "a/", "a/b c/ü/"])
@pytest.mark.parametrize(("files", "expected"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_kinds_at_any_depth(files: list[str], expected: list[str], depth: str) -> None:
    assert described([depth + each for each in files], depth) == expected


@pytest.mark.parametrize("name", SHUT)
@pytest.mark.parametrize("path", ["{}/.claude/initiative.json", "a/{}/b/.iterative-work/t/a", ".iterative-work/{}/a"])
def test_folders_of_others_are_never_entered(name: str, path: str) -> None:
    assert discover([path.format(name)], KINDS) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["env/pyvenv.cfg", "env/lib/.claude/initiative.json"], []),
        (["a/env/pyvenv.cfg", "a/env/.iterative-work/t/a"], []),
        (["env/mypyvenv.cfg", "env/.iterative-work/t/a"], ["iterative-work env/.iterative-work/t"]),
        (["environment/.iterative-work/t/a", "env/pyvenv.cfg"], ["iterative-work environment/.iterative-work/t"]),
        (["pyvenv.cfg", ".iterative-work/t/a"], ["iterative-work .iterative-work/t"]),
    ],
)
def test_virtual_environments_are_known_by_their_file(files: list[str], expected: list[str]) -> None:
    assert described(files) == expected


def every_tree(repository: Path) -> dict[str, Tree]:
    """Return the same files as working tree, index, commit, overlay, and folder without version control."""
    found = find_repository(str(repository))
    assert found is not None
    return {
        "disk": WorkingTree(str(repository), found),
        "plain": WorkingTree(str(repository)),
        "index": found.index(),
        "commit": found.commit("HEAD"),
        "overlay": Overlay(found.commit("HEAD"), {}),
        "proposed": Overlay(WorkingTree(str(repository / "nowhere")), dict.fromkeys(found.index().files(), b"")),
    }


def test_every_tree_has_the_same_workspaces(folder: Path) -> None:
    make_repository(folder, {"p/" + each: "x" for row in FOUND if row[2] for each in row[1]})
    expected = discover([f"p/{each}" for row in FOUND if row[2] for each in row[1]], KINDS)
    assert len(expected) == 7
    for name, tree in every_tree(folder).items():
        assert discover(tree.files(), KINDS) == expected, name


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [
        ("a", "a", True),
        ("a", "", True),
        ("", "a", True),
        ("a/b", "a", True),
        ("a", "a/x.json", True),
        ("ab", "a", False),
    ],
)
def test_within(folder: str, path: str, expected: bool) -> None:
    assert within(folder, [path]) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [("*.json", "a.json", True), ("*.json", "a/b.json", False), ("a.b", "axb", False), ("a/*", "a/b", True)],
)
def test_matches(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/p/.iterative-work/t/state.json", "/p"),
        ("/p/.iterative-work/archive/t", "/p"),
        ("/p/.iterative-work", "/p"),
        ("/p/.refiner/artifacts/x/constraints.json", "/p"),
        ("/p/.claude/initiative.json", "/p"),
        ("/p/.claude/memory/MEMORY.md", "/p"),
        ("/p/.claude/projects/x", "/p/.claude/projects/x"),
        ("/p/documentation/milestones/_active/m/WORKFLOW-STATUS.yaml", "/p"),
        ("/p/MEMORY.md", "/p/MEMORY.md"),
        ("/p", "/p"),
        ("/.iterative-work/t", "/"),
    ],
)
def test_the_project_of_a_place_without_version_control(place: str, expected: str) -> None:
    assert project_of(place) == expected


def workspaces(commands: Commands, *arguments: str) -> int:
    outcome = commands.check_json(*arguments)
    assert outcome.err == ""
    return int(outcome.json["examined"]["workspaces"])


def files(commands: Commands, *arguments: str) -> int:
    outcome = commands.check_json(*arguments)
    assert outcome.err == ""
    return int(outcome.json["examined"]["files"])


@pytest.mark.parametrize("ignore", [".gitignore", ".git/info/exclude"])
@pytest.mark.parametrize("content", [".iterative-work/\n", ".iterative-work/*/\n"])
def test_ignored_state_counts_only_where_it_is_named(
    repository: Path, commands: Commands, ignore: str, content: str
) -> None:
    write(repository, {ignore: content, ".iterative-work/t/state.json": "{}", ".iterative-work/u/state.json": "{}"})
    git(repository, "add", "-f", ".iterative-work/t")
    assert workspaces(commands) == 1
    assert workspaces(commands, ".") == 1
    assert workspaces(commands, ".iterative-work/u") == 1
    assert workspaces(commands, ".iterative-work/u/state.json") == 1
    assert workspaces(commands, ".iterative-work") == 2


def test_everything_ignored_is_nothing_to_check(repository: Path, commands: Commands) -> None:
    write(repository, {".git/info/exclude": "*\n", ".iterative-work/t/state.json": "{}"})
    assert workspaces(commands) == 0


@pytest.mark.parametrize("version_control", [True, False])
@pytest.mark.parametrize("name", [name for name in SHUT if name != ".git"])
def test_folders_of_others_are_not_entered_though_named(
    folder: Path, commands: Commands, name: str, version_control: bool
) -> None:
    if version_control:
        make_repository(folder)
    write(folder, {f"{name}/.iterative-work/t/state.json": "{}", ".iterative-work/t/state.json": "{}"})
    assert workspaces(commands) == 1
    if version_control:  # without it, the named folder is the root of the run
        assert workspaces(commands, name) == 0


@pytest.mark.parametrize(
    ("present", "arguments", "code"),
    [({}, [], 0), ({}, ["--fail-if-empty"], 1), ({".iterative-work/t/notes": "x"}, ["--fail-if-empty"], 0)],
)
def test_fail_if_empty(
    repository: Path, commands: Commands, present: dict[str, Any], arguments: list[str], code: int
) -> None:
    write(repository, present)
    assert commands.check("--select", "W901", *arguments).code == code


@pytest.mark.parametrize("version_control", [True, False])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".iterative-work/t/state.json", {".iterative-work/t/state.json"}),
        (".iterative-work/t", {".iterative-work/t/state.json", ".iterative-work/t/plan.md"}),
        (".claude/initiative.json", {".claude/initiative.json"}),
        ("w/constraints.json", {"w/constraints.json"}),
        ("w", {"w/constraints.json", "w/decisions.md"}),
    ],
)
def test_a_named_path_restricts_the_findings_to_it(
    folder: Path, commands: Commands, name: str, expected: set[str], version_control: bool
) -> None:
    """The invalid UTF-8 of every file is a finding of the file itself."""
    if version_control:
        make_repository(folder)
    names = [".iterative-work/t/state.json", ".iterative-work/t/plan.md", ".claude/initiative.json"]
    write(folder, dict.fromkeys([*names, "w/constraints.json", "w/decisions.md"], b"\xff\xfe\xff"))
    outcome = commands.check_json(name)
    found = {each["path"] for each in [*outcome.json["findings"], *outcome.json["unverified"]]}
    assert {Path(each).name for each in found} == {Path(each).name for each in expected}
    assert outcome.code != 0


def test_standing_in_a_task_without_version_control_is_standing_in_its_project(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, {".iterative-work/t/state.json": "{}", ".iterative-work/u/state.json": "{}"})
    assert workspaces(Commands(folder / ".iterative-work/t", monkeypatch, capsys)) == 1


@pytest.mark.parametrize("version_control", [True, False])
@pytest.mark.parametrize("name", ["missing", "missing/x.json", ".iterative-work/t/missing.json", "-- ", "mis\nsing"])
def test_a_path_that_does_not_exist_is_a_failure(
    folder: Path, commands: Commands, name: str, version_control: bool
) -> None:
    if version_control:
        make_repository(folder)
    write(folder, {".iterative-work/t/state.json": "{}"})
    outcome = commands.check("--", name)
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert "no such file or folder" in outcome.err


def test_paths_of_two_repositories_are_refused(folder: Path, commands: Commands) -> None:
    make_repository(folder / "a", TASK)
    make_repository(folder / "b", TASK)
    make_repository(folder / "a/nested", TASK)
    for places in (("a", "b"), ("b", "a/state.json"), ("a", "a/nested"), ("a", "a/nested/state.json"), (".", "a")):
        outcome = commands.check(*places)
        assert outcome.code == 2, places
        assert "run once for each repository" in outcome.err
    assert commands.check("a/nested").code == 0


def test_several_paths_of_one_repository(repository: Path, commands: Commands) -> None:
    write(repository, {f".iterative-work/{name}/state.json": "{}" for name in "abc"})
    assert workspaces(commands, ".iterative-work/a", ".iterative-work/c/state.json") == 2
    assert files(commands, ".iterative-work/a", ".iterative-work/c/state.json") == 2
