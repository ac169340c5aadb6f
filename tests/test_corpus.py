"""Real files, where they lie beside the project: no traceback anywhere, true findings, no false alarm."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from harness import SHARED, Commands

CORPUS = SHARED / "corpus"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside the project"),
]
NOW = "2026-11-01T00:00:00Z"


def _copy(name: str, folder: Path) -> None:
    shutil.copytree(CORPUS / name, folder / "c", copy_function=shutil.copyfile)
    for path in [folder / "c", *(folder / "c").rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def _loud(findings: list[str]) -> list[str]:
    """The errors and warnings, less what is true of every real refinement.

    That is what the logs say of their own form (see `test_logs_are_understood`), and that no constraint has the fields
    `validated` and `last_checked` (see `test_no_constraint_is_marked`).
    """
    return [each for each in findings if " info " not in each and not each.startswith(("L21", "X623", "X626"))]


def test_manifest_paths_resolve_from_the_repository_root(folder: Path, commands: Commands) -> None:
    _copy("refinement/uar", folder)
    outcome = commands.check_json("c", now=NOW)
    assert (outcome.code, outcome.json["examined"]["workspaces"]) == (1, 3)
    assert _loud(outcome.findings) == []
    assert {each.split()[0] for each in outcome.findings if not each.startswith("L21")} == {"S106", "X623", "X626"}


def test_absolute_paths_of_another_machine(folder: Path, commands: Commands) -> None:
    _copy("refinement/flint-fabric", folder)
    outcome = commands.check_json("c", now=NOW)
    by_code: dict[str, int] = {}
    for each in _loud(outcome.findings):
        by_code[each.split()[0]] = by_code.get(each.split()[0], 0) + 1
    assert by_code == {"D303": 7, "D301": 11}
    assert all(each["fix"] is None for each in outcome.json["findings"] if each["code"] == "D303")


@pytest.mark.parametrize(("name", "missing"), [("entity-management", 5), ("hybrid-mobile", 2)])
def test_artifacts_that_were_not_collected(name: str, missing: int, folder: Path, commands: Commands) -> None:
    _copy(f"refinement/{name}", folder)
    assert [each.split()[0] for each in _loud(commands.check_json("c", now=NOW).findings)] == ["D301"] * missing


LOGS = {
    "uar": {"L210": 10, "L211": 12, "L212": 3, "L216": 2},
    "flint-fabric": {"L210": 6, "L211": 6},
    "entity-management": {"L210": 10, "L211": 5},
    "hybrid-mobile": {"L210": 1, "L212": 1},
}


@pytest.mark.parametrize("name", LOGS)
def test_logs_are_understood(name: str, folder: Path, commands: Commands) -> None:
    """Headings that deviate are named, fields that are missing too; no iteration is taken for a gap or a repetition."""
    _copy(f"refinement/{name}", folder)
    outcome = commands.check_json("c", "--select", "L", now=NOW)
    found = [each["code"] for each in outcome.json["findings"]]
    assert {code: found.count(code) for code in found} == LOGS[name]
    assert {each["severity"] for each in outcome.json["findings"]} == {"warning"}
    assert outcome.code == 0


MARKS = {
    "uar": {"X623": 4, "X626": 12},
    "flint-fabric": {"X626": 11},
    "entity-management": {"X626": 6},
    "hybrid-mobile": {"X626": 12},
}


@pytest.mark.parametrize("name", MARKS)
def test_no_constraint_is_marked(name: str, folder: Path, commands: Commands) -> None:
    """Their own schema forbids the two fields; where it is not there, the documented ones are asked for."""
    _copy(f"refinement/{name}", folder)
    found = [each.split()[0] for each in commands.check_json("c", "--select", "X", now=NOW).findings]
    assert {code: found.count(code) for code in found} == MARKS[name]
    shutil.copytree(
        CORPUS / "refinement/artifact-refiner-skill/references", folder / "c/references", copy_function=shutil.copyfile
    )
    assert commands.check_json("c", "--select", "X", now=NOW).findings == []


def test_their_own_schema_forbids_what_they_write(folder: Path, commands: Commands) -> None:
    _copy("refinement", folder)
    shutil.copytree(
        CORPUS / "refinement/artifact-refiner-skill/references", folder / "c/references", copy_function=shutil.copyfile
    )
    outcome = commands.check_json("c", "--select", "S", now=NOW)
    assert outcome.code == 1
    messages = {each["message"].partition(";")[0] for each in outcome.json["findings"]}
    assert {each["code"] for each in outcome.json["findings"]} == {"S103"}, "their schema uses the names of S106"
    assert all(message.startswith(("artifact_type is ", "type is ")) for message in messages), messages
    assert 'artifact_type is "code"' in messages
    assert 'type is "responsive"' in messages


@pytest.mark.parametrize(
    "name", [path.relative_to(CORPUS).as_posix() for path in sorted(CORPUS.rglob("*")) if path.is_dir()] or ["."]
)
def test_every_folder_gives_a_verdict(name: str, folder: Path, commands: Commands) -> None:
    commands.folder = CORPUS
    outcome = commands.check_json(name, now=NOW)
    assert outcome.code in (0, 1)
    assert outcome.err == ""
    assert {each.split()[0] for each in _loud(outcome.findings)} <= {"D301", "D303"}


def test_repair_of_real_files_loses_nothing(folder: Path, commands: Commands) -> None:
    _copy("refinement", folder)
    before = {path: path.read_bytes() for path in (folder / "c").rglob("*") if path.is_file()}
    for arguments in ([], ["--unsafe-fixes"]):
        commands.fix("c", *arguments, now=NOW)
        after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        commands.fix("c", *arguments, now=NOW)
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == after
    kept = {content for path, content in after.items() if ".statecheck" in path.parts}
    for path, content in before.items():
        spelled_anew = after[path].lower() == content.lower()  # the heading of an entry (L210)
        marked = any(mark in after[path] for mark in (b"needs_execution", b'"validated": true'))
        assert spelled_anew or content in kept or marked
