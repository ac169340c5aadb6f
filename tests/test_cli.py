"""Arguments and exit codes: the table of the README, row by row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from harness import Commands, make_repository, write

from statecheck.documents import SchemaStore
from statecheck.rules import all_rules, families

GOOD = {"art/constraints.json": '{"constraints": []}', "art/decisions.md": "# Decisions\n"}
ERROR = GOOD | {"art/constraints.json": '{"constraints": 1}'}
WARNING = GOOD | {"art/x.json.tmp": "?"}
UNVERIFIED = GOOD | {"art/decisions.md": {"folder": True}, "art/refinement_log.md": "# Log\n"}


@pytest.mark.parametrize(
    ("files", "arguments", "code"),
    [
        (GOOD, [], 0),
        (ERROR, [], 1),
        (WARNING, [], 0),
        (WARNING, ["--strict"], 1),
        (UNVERIFIED, [], 2),
        (ERROR | UNVERIFIED | {"art/constraints.json": "1"}, [], 1),
        ({}, [], 0),
        ({}, ["--fail-if-empty"], 1),
        (GOOD, ["--fail-if-empty"], 0),
        (GOOD, ["nowhere"], 2),
        (GOOD, ["--select", "S999"], 2),
        (GOOD, ["--no-such-option"], 2),
        (GOOD, ["--staged"], 2),
        (GOOD, ["--base", "HEAD"], 2),
        (GOOD, ["--from-ref", "A"], 2),
        (GOOD, ["--staged", "--no-history"], 2),
        (GOOD, ["--now", "yesterday"], 2),
        (GOOD, ["--now", "2026-01-01T00:00:00"], 2),
    ],
)
def test_check_state_exit_code(
    files: dict[str, object], arguments: list[str], code: int, folder: Path, commands: Commands
) -> None:
    write(folder, files)
    outcome = commands.check(*arguments)
    assert outcome.code == code, outcome
    assert "Traceback" not in outcome.err
    assert bool(outcome.err) == (code == 2 and not outcome.out)


@pytest.mark.parametrize(
    ("files", "arguments", "code", "again"),
    [
        (GOOD, [], 0, 0),
        (ERROR, [], 1, 1),
        (WARNING | {"art/constraints.json.tmp": "{"}, [], 0, 0),
        (GOOD | {"art/constraints.json.tmp": "{"}, ["--exit-non-zero-on-fix"], 1, 0),
        (GOOD | {"art/constraints.json.tmp": "{"}, ["--diff"], 1, 1),
        (GOOD, ["--diff"], 0, 0),
        (UNVERIFIED, [], 2, 2),
        (GOOD, ["--staged"], 2, 2),
        (GOOD, ["--from-ref", "A", "--to-ref", "B"], 2, 2),
    ],
)
def test_fix_state_exit_code(
    files: dict[str, object], arguments: list[str], code: int, again: int, folder: Path, commands: Commands
) -> None:
    write(folder, files)
    assert commands.fix(*arguments).code == code
    assert commands.fix(*arguments).code == again


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["--select", "S103"], {"S103"}),
        (["--select", "S"], {"S103"}),
        (["--select", "schema-violation"], {"S103"}),
        (["--select", "schema"], {"S103"}),
        (["--select", "D,W"], {"W903"}),
        (["--select", "S", "--select", "W903"], {"S103", "W903"}),
        (["--ignore", "S103"], {"W903"}),
        (["--select", "S,W", "--ignore", "W"], {"S103"}),
        (["--select", "s103"], {"S103"}),
    ],
)
def test_selection(arguments: list[str], codes: set[str], folder: Path, commands: Commands) -> None:
    write(folder, ERROR | {"art/x.tmp": "?"})
    assert {each.split()[0] for each in commands.check_json(*arguments).findings} == codes


def test_unknown_rule_suggests_a_near_one(folder: Path, commands: Commands) -> None:
    assert commands.check("--select", "schema-violatoin").err == (
        "check-state: error: there is no rule 'schema-violatoin'; did you mean schema-violation?\n"
    )


def test_a_broken_manifest_does_not_pass_a_family_silently(folder: Path, commands: Commands) -> None:
    write(folder, GOOD | {"art/artifact_manifest.json": "{"})
    outcome = commands.check_json("--select", "D")
    assert outcome.code == 2
    assert {each.split()[1] for each in outcome.unverified} == {"art/artifact_manifest.json"}
    write(folder, {"art/artifact_manifest.json": '{"variants": [3, {"path": 4}]}'})
    outcome = commands.check_json("--select", "D")
    assert outcome.code == 2
    assert {each["reason"] for each in outcome.json["unverified"]} == {
        "variant 0 is no object",
        "path of variant 1 is no path",
    }
    assert commands.check_json().unverified == []


@pytest.mark.parametrize("code", all_rules())
def test_explain(code: str, commands: Commands) -> None:
    outcome = commands.statecheck("explain", code)
    assert outcome.code == 0
    assert outcome.out.startswith(f"{code} {all_rules()[code].name} (")
    for heading in ("What holds", "Why", "Example", "Fix"):
        assert f"\n{heading}\n  " in outcome.out
    assert commands.statecheck("explain", all_rules()[code].name).out == outcome.out


def test_explain_takes_one_rule(commands: Commands) -> None:
    assert "is a family of rules" in commands.statecheck("explain", "D").err
    assert "there is no rule 'X9'" in commands.statecheck("explain", "X9").err


def test_rules(commands: Commands) -> None:
    out = commands.statecheck("rules").out
    assert all(f"  {code} {rule.name}" in out for code, rule in all_rules().items())


def test_schema(commands: Commands) -> None:
    listed = commands.statecheck("schema").out
    for name in SchemaStore.names():
        assert name in listed
        assert '"$schema": "https://json-schema.org/draft/2020-12/schema"' in commands.statecheck("schema", name).out
    assert "there is no schema 'nothing'" in commands.statecheck("schema", "nothing").err


def test_umbrella_runs_both_verbs(folder: Path, commands: Commands) -> None:
    write(folder, ERROR)
    assert commands.statecheck("check").out == commands.check().out
    assert commands.statecheck("fix", "--diff").code == commands.fix("--diff").code


@pytest.mark.parametrize("name", ["check-state", "fix-state", "statecheck"])
def test_installed_commands(name: str, folder: Path) -> None:
    script = Path(sys.executable).parent / name
    done = subprocess.run([script, "--version"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "statecheck")


def test_a_sub_folder_means_the_whole_repository(folder: Path, commands: Commands) -> None:
    make_repository(folder, ERROR | {"empty/x": "x"})
    commands.folder = folder / "empty"
    assert commands.check_json().findings == ["S103 error art/constraints.json:1:17"]
    assert commands.check_json(".").findings == []


def test_interrupt(folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("statecheck.cli.anew.check", interrupted)
    assert commands.check().code == 130


def test_a_rule_that_fails_is_unverified_and_the_others_speak(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(workspace: object) -> list[object]:
        raise ZeroDivisionError("oops")

    rules = all_rules()
    chosen = {"S103": rules["S103"], "D301": rules["D301"]._replace(function=broken)}
    monkeypatch.setattr("statecheck.cli.setup.select", lambda *_: chosen)
    write(folder, ERROR)
    outcome = commands.check_json()
    assert (outcome.code, outcome.findings) == (1, ["S103 error art/constraints.json:1:17"])
    assert outcome.json["unverified"] == [
        {"code": "D301", "path": "art", "reason": "the rule failed, please report this: ZeroDivisionError: oops"}
    ]


def test_nothing_to_look_at_is_said(folder: Path, commands: Commands) -> None:
    write(folder, {"other/artifact_manifest.json": "{}"})
    out = commands.check().out
    assert out.startswith(
        "there is no workspace here: no refinement, workflow, or iterative-work folder, and none of another kind\n"
    )
    assert commands.check("--ignore", ",".join(families())).code == commands.check("--select", "").code == 2


def test_what_was_typed_is_harmless_to_show(commands: Commands) -> None:
    outcome = commands.check("--nope\033[31m")
    assert outcome.code == 2
    assert "\033" not in outcome.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("command", [["check"], ["check", "--output-format", "html"], ["status"], ["rules"]])
def test_output_that_cannot_be_written_is_an_error(command: list[str], folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "statecheck", *command], cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "statecheck: error: No space left on device: the output could not be written"
    assert "Traceback" not in done.stderr


def test_a_range_is_needed_for_its_endpoints(folder: Path, commands: Commands) -> None:
    outcome = commands.check("--endpoints")
    assert (outcome.code, outcome.out) == (2, "")
    assert "error: --endpoints is for a range: --from-ref A --to-ref B" in outcome.err


def test_a_plan_of_nothing_says_so(folder: Path, commands: Commands) -> None:
    outcome = commands.fix("--plan", "plan.json")
    assert outcome.code == 0
    assert "0 files to change: there is nothing to do" in outcome.out + outcome.err


def test_nothing_to_record_says_why(folder: Path, commands: Commands) -> None:
    assert "nothing to record: there is no state that is kept here" in commands.check("--record").err
