"""Plans: what would be done as a file, and exactly that done, or nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from harness import ROOT, Commands, make_repository, snapshot, write

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads((ROOT / "schemas/plan.schema.json").read_text(encoding="utf-8"))
MANIFEST = """{
  "artifact_type": "Größe",
  "variants": [{"name": "light", "path": "dist/%s"}],
  "generation_timestamp": "2026-01-16T10:00:00Z"
}
"""
LOG = "# Refinement Log\n\n## Iteration 1 — 2026-01-16T10:00:00Z\n\nDone by %s.\n"
SOUND = {
    "art/artifact_manifest.json": MANIFEST % "logo.svg",
    "art/constraints.json": '{"constraints": []}\n',
    "art/refinement_log.md": LOG % "hand",
    "art/decisions.md": "# Decisions\n\n## Iteration 1 — 2026-01-16T10:00:00Z\n\n**Decision:** keep it\n",
    "art/dist/logo.svg": "<svg/>\n",
}
TASK = {
    ".iterative-work/archive/x/state.json": '{"task": "x", "slug": "x", "created": "2026-01-01T00:00:00Z", '
    '"updated": "2026-01-01T00:00:00Z", "domain": "writing", "phase": "complete", "phases": {}}\n',
    ".iterative-work/archive/x/progress.md": "# Progress Log\n",
}
DAMAGED = {
    "art/artifact_manifest.json": MANIFEST % "Logo.svg",
    "art/refinement_log.md": LOG % "eye",
    "art/decisions.md": None,
    "art/constraints.json.tmp": '{"con',
}


@pytest.fixture
def damaged(folder: Path) -> Path:
    """A repository whose working tree can be repaired in each way there is."""
    make_repository(folder, SOUND)
    write(folder, DAMAGED)
    return folder


def _plan(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder.parent / "plan.json").read_text(encoding="utf-8"))
    return value


def _sha(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def test_a_plan_writes_nothing_and_says_everything(damaged: Path, commands: Commands) -> None:
    before = snapshot(damaged)
    outcome = commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    assert outcome.code == 1, "like --diff: something would change"
    assert snapshot(damaged) == before
    plan = _plan(damaged)
    jsonschema.Draft202012Validator(SCHEMA).validate(plan)
    assert {each["code"] for each in plan["repairs"]} == {"D306", "L201", "L204", "W903"}
    assert {each["code"]: each["safety"] for each in plan["repairs"]}["D306"] == "safe"
    changes = {each["path"]: each for each in plan["changes"]}
    manifest = changes["art/artifact_manifest.json"]
    old = (MANIFEST % "Logo.svg").encode()
    assert (manifest["before"], manifest["after"]) == (_sha(old), _sha(MANIFEST % "logo.svg"))
    (edit,) = manifest["edits"]
    line = b'  "variants": [{"name": "light", "path": "dist/Logo.svg"}],\n'
    assert old[edit["start"] : edit["end"]] == line
    assert edit["content"].encode() == line.replace(b"Logo", b"logo")
    assert changes["art/constraints.json.tmp"]["after"] is None
    assert changes["art/decisions.md"]["before"] is None
    kept = next(each for path, each in changes.items() if path.startswith(".statecheck/quarantine/art/"))
    assert kept["copy_of"] == "art/refinement_log.md"
    assert plan["reads"]["art/constraints.json"] == _sha(SOUND["art/constraints.json"])
    assert plan["reads"]["art/decisions.md"] is None
    assert str(damaged) not in json.dumps(plan), "a plan can be carried to another clone"
    assert "art/artifact_manifest.json:3:42: to fix D306 case-mismatch: take the real name dist/logo.svg" in outcome.out
    assert "to do it: fix-state --apply ../plan.json" in outcome.out


def test_applied_is_exactly_what_fix_state_does(damaged: Path, commands: Commands) -> None:
    copy = damaged.parent / "copy"
    shutil.copytree(damaged, copy)
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    outcome = commands.fix("--apply", "../plan.json")
    assert outcome.code == 0
    assert "fixed D306 case-mismatch" in outcome.out
    assert "repaired 4 findings; wrote 3 files, removed 1" in outcome.out
    applied = snapshot(damaged)
    shutil.rmtree(damaged)
    shutil.copytree(copy, damaged)
    assert commands.fix("--unsafe-fixes").code == 0
    assert snapshot(damaged) == applied


def test_a_plan_made_in_one_clone_is_applied_in_another(damaged: Path, commands: Commands) -> None:
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    moved = damaged.parent / "elsewhere"
    shutil.copytree(damaged, moved)
    commands.folder = moved
    assert commands.fix("--apply", "../plan.json").code == 0
    assert (moved / "art/artifact_manifest.json").read_text(encoding="utf-8") == MANIFEST % "logo.svg"


def test_nothing_to_do_is_an_empty_plan(folder: Path, commands: Commands) -> None:
    make_repository(folder, SOUND)
    assert commands.fix("--plan", "../plan.json").code == 0
    assert _plan(folder)["changes"] == []
    before = snapshot(folder)
    assert commands.fix("--apply", "../plan.json", "--exit-non-zero-on-fix").code == 0
    assert snapshot(folder) == before


@pytest.mark.parametrize("path", sorted({*SOUND, "art/constraints.json.tmp"} - {"art/dist/logo.svg"}))
def test_a_file_that_changed_since_stops_everything(path: str, damaged: Path, commands: Commands) -> None:
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    write(damaged, {path: "somebody else's work"})
    before = snapshot(damaged)
    outcome = commands.fix("--apply", "../plan.json")
    assert outcome.code == 2
    assert f"{path} changed since the plan was made; nothing was written, make a new one" in outcome.err
    assert snapshot(damaged) == before


def test_a_file_that_is_gone_stops_everything(damaged: Path, commands: Commands) -> None:
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    write(damaged, {"art/constraints.json": None})
    assert commands.fix("--apply", "../plan.json").code == 2
    assert (damaged / "art/constraints.json.tmp").exists()


def test_a_plan_is_applied_once(damaged: Path, commands: Commands) -> None:
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    assert commands.fix("--apply", "../plan.json").code == 0
    outcome = commands.fix("--apply", "../plan.json")
    assert outcome.code == 2
    assert "changed since the plan was made" in outcome.err


def test_what_remains_is_said(damaged: Path, commands: Commands) -> None:
    write(damaged, {"art/constraints.json": '{"constraints": 3}\n'})
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    outcome = commands.fix("--apply", "../plan.json")
    assert outcome.code == 1
    assert "error S103" in outcome.out
    assert json.loads(commands.fix("--plan", "../next.json", "--output-format", "json").out)["verdict"] == "fail"


def test_content_that_is_no_text_is_planned(folder: Path, commands: Commands) -> None:
    image = ".iterative-work/archive/x/outputs/image.bin"
    make_repository(folder, {**TASK, image: b"\xff\xfe\n"})
    write(folder, {image: None})
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    (change,) = (each for each in _plan(folder)["changes"] if each["path"] == image)
    assert change["edits"][0]["encoding"] == "base64"
    assert base64.b64decode(change["edits"][0]["content"]) == b"\xff\xfe\n"
    commands.fix("--apply", "../plan.json")
    assert (folder / image).read_bytes() == b"\xff\xfe\n"


def _path(plan: dict[str, Any], path: str) -> None:
    plan["changes"][0]["path"] = path
    plan["reads"][path] = plan["changes"][0]["before"]


def _content(plan: dict[str, Any], _: str) -> None:
    next(each for each in plan["changes"] if each["edits"])["edits"][0]["content"] = "{}"


def _edit(plan: dict[str, Any], _: str) -> None:
    next(each for each in plan["changes"] if each["edits"])["edits"][0]["end"] = 10**9


def _copy(plan: dict[str, Any], path: str) -> None:
    next(each for each in plan["changes"] if each["copy_of"])["copy_of"] = path


def _unread(plan: dict[str, Any], _: str) -> None:
    plan["reads"] = {}


def _version(plan: dict[str, Any], _: str) -> None:
    plan["version"] = 2


def _more(plan: dict[str, Any], _: str) -> None:
    plan["run"] = "rm"


@pytest.mark.parametrize(
    ("change", "argument", "said"),
    [
        (_path, "../outside.json", "is not inside the project"),
        (_path, "/etc/passwd", "is not inside the project"),
        (_path, "a/../b.json", "is not inside the project"),
        (_path, ".git/config", "is not inside the project"),
        (_path, "sub/.GIT/hooks/x", "is not inside the project"),
        (_path, "a\0b", "is not inside the project"),
        (_content, "", "what it makes of it is not what it says"),
        (_edit, "", "the plan does not fit"),
        (_copy, "../../etc/passwd", "leads out of the repository"),
        (_copy, "art/none", "does not exist"),
        (_unread, "", "what it makes of it is not what it says"),
        (_version, "", "the plan cannot be used: version"),
        (_more, "", "the plan cannot be used: run"),
    ],
)
def test_a_plan_that_was_tampered_with_does_nothing(
    change: Callable[[dict[str, Any], str], None], argument: str, said: str, damaged: Path, commands: Commands
) -> None:
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    plan = _plan(damaged)
    change(plan, argument)
    (damaged.parent / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    before = snapshot(damaged)
    outcome = commands.fix("--apply", "../plan.json")
    assert outcome.code == 2
    assert said in outcome.err
    assert snapshot(damaged) == before


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"version": 1}'])
def test_a_plan_that_is_none(content: bytes, damaged: Path, commands: Commands) -> None:
    (damaged.parent / "plan.json").write_bytes(content)
    outcome = commands.fix("--apply", "../plan.json")
    assert outcome.code == 2
    assert "the plan cannot be used" in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_plan_that_is_not_there_or_cannot_be_written(damaged: Path, commands: Commands) -> None:
    assert "no such file or directory" in commands.fix("--apply", "none.json").err
    assert "no such file or directory" in commands.fix("--plan", "none/plan.json").err
    assert commands.fix("--plan", "none/plan.json").code == 2


def test_a_planned_file_behind_a_link_that_leads_out_is_not_written(damaged: Path, commands: Commands) -> None:
    commands.fix("--unsafe-fixes", "--plan", "../plan.json")
    outside = damaged.parent / "outside.json"
    shutil.move(damaged / "art/artifact_manifest.json", outside)
    (damaged / "art/artifact_manifest.json").symlink_to(outside)
    assert commands.fix("--apply", "../plan.json").code == 2
    assert outside.read_text(encoding="utf-8") == MANIFEST % "Logo.svg"
