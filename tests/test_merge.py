"""merge-reports: the reports of all shards are those of one run, and what was lost is never fine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import ROOT, Commands, Outcome, git, make_repository, write

from statecheck import __version__
from statecheck.cli.formats import FORMATS

TASKS = 8
BAD = '{"task": "x", "updated": "2026-01-16 11:30:00Z"}\n'
SCHEMA = json.loads((ROOT / "schemas" / "findings.schema.json").read_text(encoding="utf-8"))
Change = Callable[[Any], None]


@pytest.fixture
def parts(folder: Path, commands: Commands) -> list[str]:
    """The reports of the shards of a run that finds something in each of them; their names."""
    make_repository(folder, {f".iterative-work/t{number}/state.json": BAD for number in range(TASKS)})
    return wrote(commands, 3)


def wrote(commands: Commands, total: int, *arguments: str) -> list[str]:
    names = []
    for number in range(1, total + 1):
        name = f"../part-{number}.json"
        commands.check_json("--shard", f"{number}/{total}", "--output-file", name, *arguments)
        names.append(name)
    return names


def merge(commands: Commands, *arguments: str) -> Outcome:
    return commands.statecheck("merge-reports", *arguments)


def changed(commands: Commands, name: str, change: Change) -> None:
    """Change a report as something on its way might."""
    path = commands.folder / name
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def refused(commands: Commands, *arguments: str) -> str:
    """Return why a merge came to nothing."""
    for form in ("text", "json"):
        outcome = merge(commands, "--output-format", form, *arguments)
        assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("statecheck: error: ") and outcome.err.count("\n") == 1
    return outcome.err.removeprefix("statecheck: error: ").rstrip()


# --- all is there ----------------------------------------------------------------------------------------------------


def test_merged_is_the_report_of_one_run(parts: list[str], commands: Commands) -> None:
    whole = commands.check_json()
    for order in (parts, parts[::-1]):
        merged = merge(commands, "--output-format", "json", *order)
        assert (merged.code, merged.out, merged.err) == (1, whole.out, "")


@pytest.mark.parametrize("name", ["text", "concise"])
def test_for_people(name: str, parts: list[str], commands: Commands) -> None:
    merged = merge(commands, "--output-format", name, *parts)
    head = git(commands.folder, "rev-parse", "HEAD").strip()
    whole = commands.check("--output-format", name).out.replace(
        "compared worktree with HEAD", f"compared worktree with {head[:12]} (HEAD), in 3 shards"
    )
    lines = [line for line in whole.split("\n") if " | " not in line]  # the lines of files are not in JSON
    assert merged.out == "\n".join(lines)
    assert "S105" in merged.out


@pytest.mark.parametrize(
    "name", [name for name in FORMATS if name not in ("text", "concise", "json", "html", "claude")]
)
def test_formats_hold_what_one_run_holds(name: str, parts: list[str], commands: Commands) -> None:
    def findings(text: str) -> list[str]:
        return sorted(line.strip() for line in text.split("\n") if "S105" in line and "checked" not in line)

    merged = merge(commands, "--output-format", name, *parts)
    assert merged.code == 1
    assert findings(merged.out) == findings(commands.check("--output-format", name).out)


def test_a_page_to_look_at(parts: list[str], commands: Commands) -> None:
    assert merge(commands, "--output-format", "html", *parts).out.count("S105") >= TASKS


def test_a_report_of_a_whole_run_is_shown_in_another_format(parts: list[str], commands: Commands) -> None:
    commands.check("--output-format", "json", "--output-file", "../whole.json")
    merged = merge(commands, "../whole.json")
    assert (merged.code, merged.err) == (1, "")
    assert "shards" not in merged.out


def test_options_of_the_output(parts: list[str], commands: Commands) -> None:
    assert merge(commands, "--output-file", "../out.txt", "--statistics", *parts).out == ""
    assert f"{TASKS:>6}  S105 bad-timestamp\n" in (commands.folder / "../out.txt").read_text(encoding="utf-8")
    assert "invalid choice: 'claude'" in merge(commands, "--output-format", "claude", *parts).err


def test_what_could_not_be_verified_stays_so(folder: Path, commands: Commands) -> None:
    write(folder, {"a/.iterative-work/t/state.json": {"link": "../../../../x"}, "b/.iterative-work/t/README.md": ""})
    whole = commands.check_json()
    merged = merge(commands, "--output-format", "json", *wrote(commands, 4))
    assert merged.unverified
    assert (merged.code, merged.out) == (whole.code, whole.out) and whole.code in (1, 2)


def test_a_base_that_cannot_be_had(parts: list[str], commands: Commands) -> None:
    outcome = merge(commands, "--output-format", "json", *wrote(commands, 3, "--base", "absent"))
    assert (outcome.code, outcome.unverified, outcome.findings) == (2, ["W906 ."], [])


def test_warnings(folder: Path, commands: Commands) -> None:
    """With --strict in the jobs, or in the project, a merge without it must not be milder."""
    for number in range(4):
        write(folder / f"w{number}", {"constraints.json": '{"constraints": []}', "decisions.md": "# Decisions\n"})
    write(folder, {"w1/constraints.json~": "other"})
    assert commands.check().code == 0
    assert merge(commands, *wrote(commands, 2)).code == 0
    assert merge(commands, "--strict", *wrote(commands, 2)).code == 1
    strict = merge(commands, "--output-format", "json", *wrote(commands, 2, "--strict"))
    assert (strict.code, strict.json["verdict"]) == (1, "fail")
    write(folder, {"statecheck.toml": "strict = true"})
    assert merge(commands, *wrote(commands, 2)).code == 1


def test_nothing_to_check(folder: Path, commands: Commands) -> None:
    assert merge(commands, *wrote(commands, 2)).code == 0
    outcome = merge(commands, "--fail-if-empty", *wrote(commands, 2))
    assert outcome.code == 1
    assert "there is no workspace here" in outcome.out
    assert merge(commands, *wrote(commands, 2, "--fail-if-empty")).code == 1
    write(folder, {".iterative-work/t/README.md": ""})
    assert merge(commands, "--fail-if-empty", *wrote(commands, 4, "--fail-if-empty", "--select", "D")).code == 0


# --- something is lost -----------------------------------------------------------------------------------------------


def test_a_shard_is_missing(parts: list[str], commands: Commands) -> None:
    advice = "missing: give the reports of all, and look at the jobs that wrote none"
    assert refused(commands, parts[0], parts[2]) == f"shard 2 of 3 is {advice}"
    assert refused(commands, parts[1]) == f"shards 1, 3 of 3 are {advice}"
    changed(commands, parts[0], lambda report: report["examined"]["shard"].update(count=99999))
    assert refused(commands, parts[0]) == f"shards 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and others of 99999 are {advice}"


def test_a_shard_is_there_twice(parts: list[str], commands: Commands) -> None:
    assert refused(commands, *parts, parts[0]) == "../part-1.json is given twice"
    (commands.folder / "../again.json").write_bytes((commands.folder / parts[1]).read_bytes())
    assert refused(commands, *parts, "../again.json") == "shard 2 of 3 is there twice: ../part-2.json and ../again.json"


def test_shards_of_different_matrices(parts: list[str], commands: Commands) -> None:
    commands.check_json("--shard", "2/2", "--output-file", "../other.json")
    assert refused(commands, parts[0], "../other.json") == "../part-1.json is of 3 shards, and ../other.json of 2"


def test_a_report_that_is_of_no_shard(parts: list[str], commands: Commands) -> None:
    commands.check_json("--output-file", "../whole.json")
    words = "../whole.json does not say which shard it is of: check-state --shard K/N writes that"
    assert refused(commands, *parts, "../whole.json") == words


def test_different_comparisons(parts: list[str], commands: Commands) -> None:
    git(commands.folder, "commit", "-q", "--allow-empty", "-m", "later")
    commands.check_json("--shard", "3/3", "--output-file", parts[2])
    words = refused(commands, *parts)
    assert words.startswith("../part-1.json and ../part-3.json are of different comparisons: compared worktree with ")
    commands.check_json("--shard", "3/3", "--base", "absent", "--output-file", parts[2])
    assert "are of different comparisons" in refused(commands, *parts)


def test_different_rules(parts: list[str], commands: Commands) -> None:
    commands.check_json("--shard", "3/3", "--select", "S105", "--output-file", parts[2])
    words = r"../part-1.json and ../part-3.json are of different runs: of "
    assert refused(commands, *parts).startswith(words)


def _set(*path: str | int, to: Any) -> Change:
    def change(report: Any) -> None:
        *way, last = path
        for key in way:
            report = report[key]
        report[last] = to

    return change


NO_REPORT = "it is no report of check-state, or damaged, at "


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("version", to=2), "it is of version 2; this statecheck reads version 1"),
        (_set("version", to="\x1b[2J"), "it is of version \\x1b[2J; this statecheck reads version 1"),
        (
            _set("tool", "version", to="9.9"),
            f"statecheck 9.9 wrote it, and this is {__version__}: use one version in all jobs",
        ),
        (_set("tool", to=None), f"{NO_REPORT}/tool: "),
        (_set("findings", to=None), f"{NO_REPORT}/findings: "),
        (_set("findings", 0, "line", to="1"), f"{NO_REPORT}/findings/0/line: "),
        (_set("findings", 0, "line", to=0), f"{NO_REPORT}/findings/0/line: "),
        (_set("findings", 0, "severity", to="fatal"), f"{NO_REPORT}/findings/0/severity: "),
        (_set("findings", 0, "more", to=1), f"{NO_REPORT}/findings/0/more: "),
        (_set("examined", "shard", to={"index": 0, "count": 3}), f"{NO_REPORT}/examined/shard/index: "),
        (_set("examined", "shard", to={"index": 4, "count": 3}), "it is damaged: it is of shard 4 of 3"),
        (_set("verdict", to="pass"), "it is damaged: its verdict is pass, and by what it holds it would be fail"),
        (
            _set("verdict", to="unverified"),
            "it is damaged: its verdict is unverified, and by what it holds it would be",
        ),
        (lambda report: report.pop("version"), "it is no report that check-state --output-format json wrote"),
        (lambda report: report.pop("unverified"), f"{NO_REPORT}/unverified: "),
    ],
)
def test_a_report_that_is_damaged(change: Change, words: str, parts: list[str], commands: Commands) -> None:
    changed(commands, parts[1], change)
    assert refused(commands, *parts).startswith(f"{parts[1]}: {words}")


@pytest.mark.parametrize("verdict", ["fail", "unverified"])
def test_a_verdict_without_a_reason(verdict: str, parts: list[str], commands: Commands) -> None:
    changed(commands, parts[1], lambda report: report.update(verdict=verdict, findings=[]))
    words = f"it is damaged: its verdict is {verdict}, and by what it holds it would be pass"
    assert refused(commands, *parts) == f"{parts[1]}: {words}"


def test_nothing_in_one_shard_and_something_in_another(parts: list[str], commands: Commands) -> None:
    changed(commands, parts[1], lambda report: report.update(verdict="fail", findings=[]))
    changed(commands, parts[1], lambda report: report["examined"].update(workspaces=0))
    assert refused(commands, *parts).startswith(f"{parts[1]}: it failed since there was no workspace in any shard")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is no JSON, or was cut off"),
        (b'{"version": 1, "tool"', "it is no JSON, or was cut off"),
        (b"\xff\xfe\xfa", "it is no JSON, or was cut off"),
        (b"[" * 200_000, "it is no JSON, or was cut off"),
        (b'{"version": ' + b"9" * 5000 + b"}", "it is no JSON, or was cut off"),
        (b"[]", "it is no report that check-state --output-format json wrote"),
        (b'{"version": 1}', f"{NO_REPORT}/tool: "),
    ],
)
def test_a_file_that_is_no_report(data: bytes, words: str, parts: list[str], commands: Commands) -> None:
    (commands.folder / parts[0]).write_bytes(data)
    assert refused(commands, *parts).startswith(f"{parts[0]}: {words}")


def test_a_file_that_is_not_there(parts: list[str], commands: Commands) -> None:
    assert refused(commands, *parts, "../absent.json") == "../absent.json: no such file or directory"
    assert "is a directory" in refused(commands, "..") or "permission denied" in refused(commands, "..")


def test_what_a_report_says_acts_on_nothing(parts: list[str], commands: Commands) -> None:
    def hostile(report: Any) -> None:
        report["findings"][0].update(path="../../\x1b[2J::error::x", message="\x1b]0;x\x07", hint="##[error]x")
        report["comparison"]["via"] = "\x1b[2J"

    for name in parts:
        changed(commands, name, hostile)
    for form in FORMATS:
        out = merge(commands, "--output-format", form, *parts).out
        assert "\x1b" not in out and "\x07" not in out


def test_the_schema_knows_shards(parts: list[str], commands: Commands) -> None:
    report = json.loads((commands.folder / parts[0]).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    report["examined"]["shard"] = None
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(report)
