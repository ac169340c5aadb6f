"""Every rule's cases: bad input gives the finding at its place, good input gives nothing, the fix gives exactly the
expected files, and a second run changes nothing.

A case is a file tests/cases/CODE/NAME.yaml; tests/cases/README.md describes its fields.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from harness import NOW, Commands, as_bytes, git, make_repository, snapshot, write
from ruamel.yaml import YAML

from statecheck.rules import all_rules, fixers_for

CASES = Path(__file__).parent / "cases"
FIELDS = {
    "about",
    "git",
    "base",
    "files",
    "stage",
    "arguments",
    "now",
    "expect",
    "says",
    "offers",
    "unverified",
    "fixes",
}
FIX_FIELDS = {"unsafe", "files", "remains", "kept"}


def _cases() -> list[Path]:
    return sorted(CASES.glob("*/*.yaml"))


def _load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    unknown = set(case) - FIELDS | {field for fix in case.get("fixes", []) for field in set(fix) - FIX_FIELDS}
    assert not unknown, f"unknown fields {unknown}"
    return case


def _set_up(case: dict[str, Any], folder: Path) -> None:
    if case.get("git") or "base" in case:
        make_repository(folder, case.get("base"))
    write(folder, case.get("files", {}))
    if "stage" in case:
        git(folder, "add", "-A", "--", *case["stage"])


TOGETHER = dict.fromkeys("SDW", "S,D,W")
"""Families whose cases are judged by one another; the others' cases are about a change, and judged by their own."""


def _arguments(case: dict[str, Any], path: Path) -> list[str]:
    arguments: list[str] = case.get("arguments", [])
    if "--select" in arguments:
        return arguments
    letter = path.parent.name[0]
    return ["--select", TOGETHER.get(letter, letter), *arguments]


def _loud(findings: list[str], code: str) -> list[str]:
    """Leave out notes of other rules: a case is about its own."""
    return sorted(each for each in findings if " info " not in each or each.startswith(code))


def _helps(finding: dict[str, Any]) -> bool:
    """Say whether a finding tells what to do: in its help, or in what it guesses was meant."""
    return bool(finding["hint"]) or "did you mean" in finding["message"]


def _place(finding: dict[str, Any], which: str) -> tuple[int, int]:
    return finding[f"{which}line"], finding[f"{which}column"]


@pytest.mark.parametrize("path", _cases(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_findings(path: Path, folder: Path, commands: Commands) -> None:
    case, code = _load(path), path.parent.name
    _set_up(case, folder)
    before = snapshot(folder)
    arguments, now = _arguments(case, path), case.get("now", NOW)
    outcome = commands.check_json(*arguments, now=now)
    assert outcome.err == ""
    assert _loud(outcome.findings, code) == sorted(case["expect"])
    backwards = [each for each in outcome.json["findings"] if _place(each, "") > _place(each, "end_")]
    assert not backwards, "a finding ends before it begins"
    helpless = [each for each in outcome.json["findings"] if each["severity"] != "info" and not _helps(each)]
    assert not helpless, "a finding says nothing of what to do"
    words = {" / ".join(filter(None, (each["message"], each["hint"]))) for each in outcome.json["findings"]}
    assert set(case.get("says", [])) <= words
    offers = {each["fix"]["summary"] for each in outcome.json["findings"] if each["fix"]}
    assert set(case.get("offers", [])) <= offers
    lacking = [each for each in outcome.json["unverified"] if each["reason"] == "it does not exist"]
    told = sorted(f"{each['code']} {each['path']}" for each in outcome.json["unverified"] if each not in lacking)
    assert told == sorted(case.get("unverified", []))
    # A case of another family may leave out files that X605 asks for: what needs them is unverified then, rightly.
    assert not lacking or not code.startswith("X")
    failed = any(" error " in each for each in case["expect"])
    assert outcome.code == (1 if failed else 2 if outcome.unverified else 0)
    assert snapshot(folder) == before, "check-state wrote something"


def _empty(folder: Path) -> set[Path]:
    return {
        path for path in folder.rglob("*") if path.is_dir() and ".git" not in path.parts and not any(path.iterdir())
    }


def _fixes() -> list[Any]:
    return [
        pytest.param(path, index, id=f"{path.parent.name}-{path.stem}-{index}")
        for path in _cases()
        for index in range(len(_load(path).get("fixes", [])))
    ]


@pytest.mark.parametrize(("path", "index"), _fixes())
def test_fix(path: Path, index: int, folder: Path, commands: Commands) -> None:
    case = _load(path)
    fix = case["fixes"][index]
    _set_up(case, folder)
    before = snapshot(folder)
    arguments = [*_arguments(case, path), *(["--unsafe-fixes"] if fix.get("unsafe") else [])]
    now = case.get("now", NOW)
    if not fix["files"] and not fix.get("unsafe"):
        found = commands.check_json(*arguments, now=now).json["findings"]
        assert not [each for each in found if each["fix"] and each["fix"]["safety"] == "safe"], "it is not mended"
    commands.fix("--diff", *arguments, now=now)
    assert snapshot(folder) == before, "--diff wrote something"
    empty = _empty(folder)
    outcome = commands.fix("--output-format", "json", *arguments, now=now)
    assert outcome.err == ""
    after = snapshot(folder)
    expected = {
        **before,
        **{name: content if content is None else as_bytes(content) for name, content in fix["files"].items()},
    }
    kept = {name: content for name, content in after.items() if name.startswith(".statecheck/")}
    assert kept.pop(".statecheck/quarantine/.gitignore", b"*\n") == b"*\n"
    rest = {name: content for name, content in after.items() if not name.startswith(".statecheck/")}
    assert rest == {name: content for name, content in expected.items() if content is not None}
    assert _loud(outcome.findings, path.parent.name) == sorted(fix.get("remains", []))
    assert sorted(kept.values(), key=str) == sorted((before[name] for name in fix.get("kept", [])), key=str)
    assert _empty(folder) <= empty, "a folder is left in which nothing is"
    again = commands.fix("--output-format", "json", *arguments, now=now)
    assert snapshot(folder) == after, "a second run changed something"
    assert again.findings == outcome.findings
    assert again.code == outcome.code


SHOWN_BY_TESTS = {"W902", "W906"}
"""test_workspace.py: no file can make a folder unwritable for every user, or a clone shallow."""


@pytest.mark.parametrize("code", sorted(set(all_rules()) - SHOWN_BY_TESTS))
def test_every_rule_has_its_cases(code: str) -> None:
    cases = [_load(path) for path in sorted((CASES / code).glob("*.yaml"))]
    found = [any(each.startswith(code) for each in [*case["expect"], *case.get("unverified", [])]) for case in cases]
    assert any(found), f"{code} has no case of bad input"
    assert not all(found), f"{code} has no case of good input"
    shown = {"unsafe" if fix.get("unsafe") else "safe" for case in cases for fix in case.get("fixes", [])}
    assert shown >= {fixer.safety for fixer in fixers_for(code)}, f"{code} has a fix that no case shows"
    assert cases and all(case.get("about") for case in cases)
