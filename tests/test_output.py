"""What people and programs see: text, concise, JSON with its published schema, the summary line, colours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from harness import ROOT, Commands, make_repository, read_terminal, write

BROKEN = {
    "art/artifact_manifest.json": '{\n  "artifact_type": "logo",\n  "variants": [\n'
    '    {"name": "dark", "path": "dist/Dark.svg"}\n  ],\n  "generation_timestamp": "2026-01-16T10:00:00Z"\n}\n',
    "art/constraints.json": '{"constraints": []}\n',
    "art/refinement_log.md": "# Refinement Log\n",
    "art/decisions.md": "# Decisions\n",
    "art/dist/dark.svg": "<svg/>\n",
    "art/dist/extra.svg": "<svg/>\n",
}
SCHEMA = json.loads((ROOT / "schemas" / "findings.schema.json").read_text(encoding="utf-8"))


def test_text(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    outcome = commands.check()
    assert outcome.code == 1
    assert outcome.out == (
        "art/artifact_manifest.json:3:3: warning D305 unlisted-artifact: "
        "dist/extra.svg is in dist/, and no variant names it\n"
        '3 |   "variants": [\n'
        "  |   ^^^^^^^^^^\n"
        "  help: name it in a variant, or remove the file\n"
        "  fix: fix-state --unsafe-fixes can add a variant for dist/extra.svg\n"
        "\n"
        "art/artifact_manifest.json:4:30: error D306 case-mismatch: dist/Dark.svg is spelled dist/dark.svg in the file"
        " system\n"
        '4 |     {"name": "dark", "path": "dist/Dark.svg"}\n'
        "  |                              ^^^^^^^^^^^^^^^\n"
        "  help: use the real name\n"
        "  fix: fix-state can take the real name dist/dark.svg\n"
        "\n"
        "checked 1 workspace, 4 files; worktree compared with nothing (no version control); "
        "1 error, 1 warning (1 fixable with fix-state, 1 with --unsafe-fixes)\n"
    )


def test_of_a_long_change_the_beginning_is_shown(folder: Path, commands: Commands) -> None:
    log = ".iterative-work/t/progress.md"
    lines = [f"- **Note {number}:** as planned\n" for number in range(9)]
    entry = "# Progress Log\n\n## R1 - Iteration 1 - 2026-01-16T10:00:00Z\n"
    make_repository(folder, {".iterative-work/t/state.json": "{}\n", log: entry + "".join(lines)})
    for changed, shown, rest in ((4, 8, ""), (5, 7, " … and 3 lines more"), (9, 7, " … and 11 lines more")):
        new = [line.replace("as planned", "late") if number < changed else line for number, line in enumerate(lines)]
        write(folder, {log: entry + "".join(new)})
        out = commands.check("--select", "L201").out
        diff = [line.strip() for line in out.splitlines() if line.strip().startswith(("-- ", "+- "))]
        assert len(diff) == shown
        assert rest in out
        assert ("lines more" in out) == bool(rest)


def test_a_part_of_a_line_is_underlined(folder: Path, commands: Commands) -> None:
    log = (
        "# Refinement Log\n\n## Iteration 1 — 2026-01-16T10:00:00Z\n\n### Constraint Status\n- C-01: perhaps — by eye\n"
    )
    write(folder, {"art/constraints.json": '{"constraints": []}\n', "art/refinement_log.md": log})
    assert "6 | - C-01: perhaps — by eye\n  |         ^^^^^^^^^^^^^^^^\n" in commands.check("--select", "L212").out


def test_state_that_git_ignores_is_named(folder: Path, commands: Commands) -> None:
    status = "status: in_progress\nlastUpdated: 2026-01-16T12:00:00Z\n"
    make_repository(
        folder, {".gitignore": ".claude/\n", "documentation/milestones/_active/a/WORKFLOW-STATUS.yaml": status}
    )
    initiative = '{"name": "a", "status": "in_progress", "lastUpdated": "2026-01-16T12:00:00Z"}\n'
    write(folder, {".claude/initiative.json": initiative, ".claude/settings.local.json": "{}\n"})
    unseen = (
        ".claude/initiative.json: ignored by git, and not looked at; "
        "a plain run looks at what is named, or kept in a ledger (check-state --record)\n"
    )
    for arguments in ((), ("--staged",), ("--output-format", "concise")):
        outcome = commands.check(*arguments)
        assert (outcome.code, outcome.out.startswith(unseen)) == (0, True)
    assert "ignored" not in commands.check(".", ".claude").out
    assert "recorded 1 document" in commands.check("--record").err
    assert "ignored" not in commands.check().out


def test_both_ways_are_announced_where_each_run_does_something_else(folder: Path, commands: Commands) -> None:
    make_repository(folder, BROKEN | {"art/dist/Dark.svg": "<svg/>\n", "art/dist/dark.svg": None})
    write(folder, {"art/dist/Dark.svg": None})
    [finding] = commands.check_json("--select", "D301").json["findings"]
    assert finding["fix"] == {
        "safety": "unsafe",
        "summary": "bring art/dist/Dark.svg back from HEAD; fix-state alone can flag the variant with needs_execution",
    }
    assert "marked D301 missing-artifact: flag the variant with needs_execution" in commands.fix("--select", "D301").out


def test_concise(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    lines = commands.check("--output-format", "concise").out.splitlines()
    assert lines[1] == (
        "art/artifact_manifest.json:4:30 D306 dist/Dark.svg is spelled dist/dark.svg in the file system"
        "  (fix-state can take the real name dist/dark.svg)"
    )
    assert len(lines) == 3


def test_json_matches_its_schema(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN | {"other/.iterative-work/x/state.json": "{", "art/decisions.md": {"folder": True}})
    outcome = commands.check_json()
    jsonschema.Draft202012Validator(SCHEMA).validate(outcome.json)
    assert outcome.json["verdict"] == "fail"
    assert outcome.json["examined"] == {
        "workspaces": 2,
        "files": 5,
        "revisions": 1,
        "rules": outcome.json["examined"]["rules"],
    }
    assert outcome.json["comparison"] == {"base": None, "head": "worktree", "via": "no version control"}
    finding = next(each for each in outcome.json["findings"] if each["code"] == "D306")
    assert finding["fix"] == {"safety": "safe", "summary": "take the real name dist/dark.svg"}
    assert finding["workspace"] == "art"
    assert (finding["end_line"], finding["end_column"]) == (4, 45)


def test_json_of_nothing(folder: Path, commands: Commands) -> None:
    outcome = commands.check_json()
    jsonschema.Draft202012Validator(SCHEMA).validate(outcome.json)
    assert (outcome.code, outcome.json["verdict"]) == (0, "pass")


def test_fingerprint_survives_lines_that_move(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    first = {each["code"]: each["fingerprint"] for each in commands.check_json().json["findings"]}
    moved = BROKEN["art/artifact_manifest.json"].replace('"logo",', '"logo",\n\n\n')
    write(folder, {"art/artifact_manifest.json": moved})
    assert {each["code"]: each["fingerprint"] for each in commands.check_json().json["findings"]} == first


def test_equal_findings_have_their_own_fingerprints(folder: Path, commands: Commands) -> None:
    manifest = BROKEN["art/artifact_manifest.json"].replace("dist/Dark.svg", "dist/gone.svg")
    twice = manifest.replace("}\n  ]", '}, {"name": "light", "path": "dist/gone.svg"}\n  ]')
    write(folder, BROKEN | {"art/artifact_manifest.json": twice})
    prints = [each["fingerprint"] for each in commands.check_json("--select", "D301").json["findings"]]
    assert len(prints) == len(set(prints)) == 2


def test_file_names_that_are_no_text(folder: Path, commands: Commands) -> None:
    make_repository(folder)
    strange = {f"a\x1b[31m\n{name}": content for name, content in BROKEN.items()}
    write(folder, strange)
    for arguments in ([], ["--output-format", "concise"]):
        out = commands.check(*arguments).out
        assert "\x1b" not in out
        assert "a\\x1b[31m\\nart/artifact_manifest.json:4:30" in out
    jsonschema.Draft202012Validator(SCHEMA).validate(commands.check_json().json)


def test_content_never_reaches_the_terminal_raw(folder: Path, commands: Commands) -> None:
    nasty = "dist/\\u001b]0;owned\\u0007\\u202e::error::x"
    write(
        folder,
        BROKEN | {"art/artifact_manifest.json": BROKEN["art/artifact_manifest.json"].replace("dist/Dark.svg", nasty)},
    )
    out = commands.check().out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)
    assert "\\x1b]0;owned\\x07\\u202e::error::x" in out
    assert not any(line.startswith("::") for line in out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "variables", "colored"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {}, False),
    ],
)
def test_color(
    arguments: list[str],
    variables: dict[str, str],
    colored: bool,
    folder: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(folder, BROKEN)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[31m" in commands.check(*arguments).out) is colored


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("variables", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_color_on_a_terminal(variables: dict[str, str], colored: bool, folder: Path, commands: Commands) -> None:
    import os
    import pty

    write(folder, BROKEN)
    outer, inner = pty.openpty()
    environment = {"TERM": "xterm", **{k: v for k, v in os.environ.items() if k != "TERM"}, **variables}
    command = [sys.executable, "-m", "statecheck", "check"]
    subprocess.run(command, cwd=folder, stdout=inner, env=environment, check=False)
    os.close(inner)
    printed = read_terminal(outer)
    assert (b"\x1b[31m" in printed) is colored


def test_notes_are_shown_on_request(folder: Path, commands: Commands) -> None:
    older = BROKEN["art/artifact_manifest.json"].replace("generation_timestamp", "generated_at").replace("Dark", "dark")
    write(folder, BROKEN | {"art/artifact_manifest.json": older, "art/dist/extra.svg": None})
    quiet, loud = commands.check(), commands.check("-v")
    assert "1 note not shown; -v shows them" in quiet.out
    assert "note S106 undocumented-name: generated_at is documented as generation_timestamp" in loud.out
    assert (quiet.code, loud.code) == (0, 0)


def test_quiet_says_nothing_when_all_is_well(folder: Path, commands: Commands) -> None:
    write(folder, {"art/constraints.json": '{"constraints": []}', "art/decisions.md": "# Decisions\n"})
    assert commands.check("-q").out == ""
    write(folder, {"art/constraints.json": '{"constraints": {}}'})
    assert "S103" in commands.check("-q").out


def test_output_file(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    outcome = commands.check("--output-format", "json", "--output-file", "report.json")
    assert outcome.out == ""
    assert json.loads((folder / "report.json").read_text())["verdict"] == "fail"
    refused = commands.check("--output-file", "no/such/folder/report.txt")
    assert refused.code == 2
    assert "no/such/folder/report.txt: no such file or directory" in refused.err


def test_statistics(folder: Path, commands: Commands) -> None:
    write(folder, BROKEN)
    assert commands.check("--statistics").out.splitlines()[-2:] == [
        "     1  D305 unlisted-artifact",
        "     1  D306 case-mismatch",
    ]


def test_paths_are_shown_from_where_one_stands(folder: Path, commands: Commands) -> None:
    make_repository(folder, BROKEN)
    commands.folder = folder / "art" / "dist"
    outcome = commands.check("--output-format", "concise", "--select", "D306")
    assert outcome.out.startswith("../artifact_manifest.json:4:30 D306 ")
    assert commands.check_json("--select", "D306").findings == ["D306 error art/artifact_manifest.json:4:30"]


def test_a_closed_pipe_is_no_traceback(folder: Path, commands: Commands) -> None:
    write(folder, {f"w{number}/{name}": content for number in range(300) for name, content in BROKEN.items()})
    command = f"{sys.executable} -m statecheck check | head -1"
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="a shell closes streams here")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["check", "check --output-format json", "status", "fix --diff"])
def test_streams_that_are_closed_only_leave_the_exit_code(command: str, closed: str, folder: Path) -> None:
    make_repository(folder, BROKEN)
    open_ = subprocess.run([sys.executable, "-m", "statecheck", *command.split()], cwd=folder, capture_output=True)
    shell = f"{sys.executable} -m statecheck {command} {closed}"
    done = subprocess.run(shell, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("Traceback")) == (open_.returncode, "", 0)


def test_long_lines_are_cut_around_what_is_wrong(folder: Path, commands: Commands) -> None:
    manifest = {
        "artifact_type": "x" * 5000,
        "variants": [{"name": "dark", "path": "dist/gone.svg"}],
        "generation_timestamp": "2026-01-16T10:00:00Z",
    }
    write(folder, BROKEN | {"art/artifact_manifest.json": json.dumps(manifest), "art/dist/dark.svg": None})
    out = commands.check("--select", "D301").out
    assert max(map(len, out.splitlines())) < 300
    assert '"dist/gone.svg"' in out
