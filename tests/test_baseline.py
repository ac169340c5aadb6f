"""The baseline: what is wrong today is accepted, only new findings fail, and it shrinks and never grows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import NOW, Commands, git, make_repository, snapshot, write

from statecheck.baseline import BaselineFile, additions, common, parse_baseline
from statecheck.cli.formats import FORMATS
from statecheck.cli.record import WOULD_BE_FORGOTTEN
from statecheck.documents import SchemaStore
from statecheck.rules import all_rules

PLACE = ".statecheck/baseline.json"
MANIFEST = '{"artifact_type": "logo", "variants": [], "generation_timestamp": "2026-01-16T10:00:00Z"}\n'
GOOD = '{"constraints": [{"id": "C-01", "severity": "blocking"}]}\n'
BAD = '{"constraints": [{"id": "C-01"}]}\n'
MENDABLE = '{"constraints": [{"ID": "C-01", "severity": "blocking"}]}\n'
LOG = "## Iteration 1 — 2026-01-16T10:00:00Z\n\n### Actions Taken\n- one\n"


def workspace(constraints: str = BAD, folder: str = "w") -> dict[str, Any]:
    return {f"{folder}/artifact_manifest.json": MANIFEST, f"{folder}/constraints.json": constraints}


def baseline(commands: Commands) -> Any:
    return commands.statecheck("baseline", "--now", NOW)


def commit(folder: Path, files: dict[str, Any] | None = None) -> str:
    write(folder, files or {})
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "--allow-empty", "-m", "more")
    return git(folder, "rev-parse", "HEAD").strip()


def stored(folder: Path) -> Any:
    return json.loads((folder / PLACE).read_text(encoding="utf-8"))["entries"]


def told(outcome: Any) -> list[str]:
    """The findings, less those of rules that are no concern here."""
    return [each.rpartition(":")[0].rpartition(":")[0] for each in outcome.findings if not each.startswith("X")]


S103 = "S103 error w/constraints.json"
W907 = f"W907 warning {PLACE}"


@pytest.fixture
def accepted(folder: Path, commands: Commands) -> Path:
    """A repository with one broken workspace, and a committed baseline that accepts what is wrong there."""
    make_repository(folder, workspace())
    assert baseline(commands).code == 0
    commit(folder)
    return folder


# --- recording -------------------------------------------------------------------------------------------------------


def test_errors_and_warnings_are_recorded_in_order(folder: Path, commands: Commands) -> None:
    files = {**workspace(folder="b"), **workspace(folder="a"), "a/artifact_manifest.json.tmp": "x"}
    make_repository(folder, files)
    before = commands.check_json().json["findings"]
    outcome = baseline(commands)
    assert (outcome.code, outcome.out) == (0, f"recorded {len(before)} findings in {PLACE}; commit it\n")
    entries = stored(folder)
    assert sum(each.get("count", 1) for each in entries) == len(before)
    assert entries == sorted(entries, key=lambda each: (each["path"], each["code"]))
    assert {(each["code"], each["path"], each["message"]) for each in entries} == {
        (each["code"], each["path"], each["message"]) for each in before
    }
    assert {each["severity"] for each in before} == {"error", "warning"}


def test_the_schema_describes_what_is_written(accepted: Path) -> None:
    value = json.loads((accepted / PLACE).read_text(encoding="utf-8"))
    jsonschema.validate(value, SchemaStore.bundled("baseline").value)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value | {"extra": 1}, SchemaStore.bundled("baseline").value)


def test_notes_are_not_recorded(folder: Path, commands: Commands) -> None:
    make_repository(folder, {**workspace(GOOD), "w/refinement_log.md": LOG})
    findings = commands.check_json("--select", "L").json["findings"]
    assert findings
    assert {each["severity"] for each in findings} == {"info"}
    baseline(commands)
    assert not (folder / PLACE).exists() or not any(each["code"].startswith("L") for each in stored(folder))


def test_where_nothing_is_wrong_nothing_is_recorded(folder: Path, commands: Commands) -> None:
    make_repository(folder)
    outcome = baseline(commands)
    assert (outcome.code, outcome.out) == (0, "nothing to record: there is nothing that a baseline could accept\n")
    assert not (folder / ".statecheck").exists()


def test_what_is_unverified_is_not_recorded_and_still_told(folder: Path, commands: Commands) -> None:
    make_repository(folder, {**workspace(), "w/refinement_log.md": {"link": "/etc/hostname"}})
    outcome = baseline(commands)
    assert outcome.code == 2
    assert "unverified, which nothing can accept" in outcome.out
    assert all(each["code"] != "W901" for each in stored(folder))
    commit(folder)
    after = commands.check_json()
    assert after.code == 2
    assert "W901 w/refinement_log.md" in after.unverified


def test_equal_findings_are_counted(folder: Path, commands: Commands) -> None:
    twice = '{"constraints": [{"id": "C-01", "severity": "a"}, {"id": "C-01", "severity": "a"}]}\n'
    thrice = twice.replace("]", ', {"id": "C-01", "severity": "a"}, {"id": "C-01", "severity": "a"}]')
    file = BaselineFile.model_validate(
        {"version": 1, "entries": [{"fingerprint": "0" * 16, "code": "S103", "path": "p", "message": "m", "count": 3}]}
    )
    assert file.counts() == {("0" * 16, "S103", "p"): 3}
    assert file.without({("0" * 16, "S103", "p"): 2}).text().count('"count"') == 0
    assert file.without({("0" * 16, "S103", "p"): 3}).entries == []
    make_repository(folder, workspace(twice))
    before = len(commands.check_json().json["findings"])
    baseline(commands)
    commit(folder)
    assert commands.check_json().findings == []
    write(folder, workspace(thrice))
    new = commands.check_json()
    assert 0 < len(new.findings) <= len(commands.check_json("--no-baseline").findings) - before


@pytest.mark.parametrize(
    "name", ["a\u202eb", "ä ö", "w\x1b[2J", "::error::x", 'q"\\', "line\nbreak", os.fsdecode(b"n\xff")]
)
def test_hostile_names(name: str, folder: Path, commands: Commands) -> None:
    try:
        make_repository(folder, workspace(folder=name))
    except (OSError, UnicodeError):
        pytest.skip("no such name here")
    found = commands.check_json()
    assert found.code == 1
    assert baseline(commands).code == 0
    text = (folder / PLACE).read_bytes()
    assert text.isascii() or name == "ä ö"
    assert b"\x1b" not in text
    commit(folder)
    assert commands.check_json().findings == []
    write(folder, workspace(GOOD, folder=name))
    assert PLACE in commands.fix().out
    assert not any(each["code"] == "S103" for each in stored(folder))


# --- accepting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_accepted_is_in_no_format(name: str, accepted: Path, commands: Commands) -> None:
    outcome = commands.check("--output-format", name, "--strict", "-v")
    assert outcome.code == 0
    assert "w/constraints.json" not in outcome.out + outcome.err


def test_the_closing_line_says_how_many(accepted: Path, commands: Commands) -> None:
    count = len(commands.check_json("--no-baseline").findings)
    assert commands.check().out.endswith(f"no findings; {count} accepted by the baseline\n")
    write(accepted, workspace(GOOD))
    gone = count - len(commands.check_json("--no-baseline").findings)
    words = (
        "is no longer needed: fix-state takes it out" if gone == 1 else "are no longer needed: fix-state takes them out"
    )
    assert commands.check().out.endswith(f" accepted by the baseline ({gone} of its entries {words})\n")


def test_a_new_finding_fails(accepted: Path, commands: Commands) -> None:
    write(accepted, workspace(BAD.replace("}]", '}, {"id": "C-02"}]')))
    outcome = commands.check_json()
    assert (outcome.code, told(outcome)) == (1, [S103])
    assert "C-02" in str(outcome.json) or outcome.json["findings"][0]["column"] > 20


def test_lines_may_move(accepted: Path, commands: Commands) -> None:
    write(accepted, workspace(json.dumps(json.loads(BAD), indent=4)))
    assert commands.check_json().code == 0


def test_no_baseline_shows_everything(accepted: Path, commands: Commands) -> None:
    outcome = commands.check_json("--no-baseline")
    assert (outcome.code, S103 in told(outcome)) == (1, True)
    assert "baseline" not in commands.check("--no-baseline").out


def test_fix_state_mends_what_is_told(folder: Path, commands: Commands) -> None:
    make_repository(folder, workspace(MENDABLE))
    baseline(commands)
    commit(folder)
    assert commands.fix("--exit-non-zero-on-fix").code == 0
    assert (folder / "w/constraints.json").read_text() == MENDABLE
    outcome = commands.fix("--no-baseline")
    assert "fixed S103" in outcome.out
    assert (folder / "w/constraints.json").read_text() != MENDABLE


def test_check_state_writes_nothing(accepted: Path, commands: Commands) -> None:
    write(accepted, workspace(GOOD))
    before = snapshot(accepted)
    commands.check()
    assert snapshot(accepted) == before


def test_status_still_says_what_not_to_trust(accepted: Path, commands: Commands) -> None:
    assert "S103" in commands.status().out


def test_a_ledger_can_be_recorded_where_all_else_is_accepted(folder: Path, commands: Commands) -> None:
    write(folder, workspace())
    assert commands.check("--record").code == 1
    baseline(commands)
    assert commands.check("--record").code == 0
    assert (folder / ".statecheck/ledger.json").exists()
    assert commands.check_json().findings == []  # a ledger remembers no baseline, so none is told to be new


def test_an_entry_stands_for_what_it_names(accepted: Path, commands: Commands) -> None:
    """The fingerprint alone accepts nothing: what is reviewed is what counts."""
    value = json.loads((accepted / PLACE).read_text())
    for each in value["entries"]:
        each["path"] = "elsewhere.json"
    commit(accepted, {PLACE: json.dumps(value)})
    assert S103 in told(commands.check_json())


# --- shrinking -------------------------------------------------------------------------------------------------------


def test_fix_state_takes_out_what_is_gone(accepted: Path, commands: Commands) -> None:
    before = (accepted / PLACE).read_bytes()
    write(accepted, workspace(GOOD))
    shown = commands.fix("--diff")
    assert (shown.code, f"--- a/{PLACE}" in shown.out) == (1, True)
    assert (accepted / PLACE).read_bytes() == before
    outcome = commands.fix("--exit-non-zero-on-fix")
    assert outcome.code == 1
    assert outcome.out.startswith(f"{PLACE}: took out ")
    assert all(each["code"] != "S103" for each in stored(accepted))
    after = snapshot(accepted)
    again = commands.fix("--exit-non-zero-on-fix")
    assert (again.code, snapshot(accepted)) == (0, after)
    assert "took out" not in again.out


def test_line_ends_stay(accepted: Path, commands: Commands) -> None:
    write(accepted, {PLACE: (accepted / PLACE).read_bytes().replace(b"\n", b"\r\n"), **workspace(GOOD)})
    commands.fix()
    data = (accepted / PLACE).read_bytes()
    assert b"S103" not in data
    assert data.count(b"\r\n") == data.count(b"\n") > 0


def test_a_plan_takes_out_what_is_gone(accepted: Path, commands: Commands, tmp_path: Path) -> None:
    write(accepted, workspace(GOOD))
    plan = str(tmp_path / "plan.json")
    assert commands.fix("--plan", plan).code == 1
    assert any(each["code"] == "S103" for each in stored(accepted))
    assert f"{PLACE}: took out" in commands.fix("--apply", plan).out
    assert all(each["code"] != "S103" for each in stored(accepted))
    write(accepted, {PLACE: (accepted / PLACE).read_text() + "\n"})
    assert commands.fix("--apply", plan).code == 2


def test_a_plan_does_not_outlive_the_baseline_it_was_made_with(
    accepted: Path, commands: Commands, tmp_path: Path
) -> None:
    write(accepted, {"w/artifact_manifest.json.tmp": MANIFEST})
    plan = str(tmp_path / "plan.json")
    commands.fix("--plan", plan)
    write(accepted, {PLACE: None})
    assert "changed since the plan was made" in commands.fix("--apply", plan).err


def test_running_it_again_only_takes_out(accepted: Path, commands: Commands) -> None:
    count = len(stored(accepted))
    write(accepted, {**workspace(GOOD), **workspace(folder="new")})
    outcome = baseline(commands)
    assert outcome.out.startswith("took ")
    assert "not accepted; check-state tells more" in outcome.out
    assert outcome.code == 1
    assert len(stored(accepted)) < count
    assert not any(each["path"].startswith("new/") for each in stored(accepted))
    before = (accepted / PLACE).read_bytes()
    assert f"nothing to take out of {PLACE}; to record anew, remove it first\n" in baseline(commands).out
    assert (accepted / PLACE).read_bytes() == before


def test_to_start_over_the_file_is_removed(accepted: Path, commands: Commands) -> None:
    write(accepted, {**workspace(folder="new"), PLACE: None})
    outcome = baseline(commands)
    assert outcome.code == 0
    new = sum(each["path"].startswith("new/") for each in stored(accepted))
    assert new
    words = f"{new} of them count only once the base has them: until then check-state tells them all the same\n"
    assert outcome.out.endswith(words)
    assert commands.check().code == 1
    commit(accepted)
    assert commands.check().code == 0


@pytest.mark.parametrize(
    "arguments", [["w"], ["v"], ["--select", "S"], ["--select", "D"], ["--ignore", "L"], ["w/constraints.json"]]
)
def test_a_limited_run_takes_nothing_out(arguments: list[str], accepted: Path, commands: Commands) -> None:
    commit(accepted, {"v/x": "x"})
    write(accepted, workspace(GOOD))
    before = (accepted / PLACE).read_bytes()
    assert "no longer needed" not in commands.check(*arguments).out
    commands.fix(*arguments)
    assert (accepted / PLACE).read_bytes() == before


@pytest.mark.parametrize("text", ['ignore = ["S103"]', 'exclude = ["w"]', '[per-path-ignores]\n"w/*" = ["S"]'])
def test_what_is_configured_not_to_be_looked_at_is_not_gone(text: str, accepted: Path, commands: Commands) -> None:
    commit(accepted, {"statecheck.toml": text})
    commands.fix()
    assert any(each["code"] == "S103" for each in stored(accepted))


def test_what_could_not_be_looked_at_is_not_gone(folder: Path, commands: Commands) -> None:
    """A file that became unreadable hides its findings; once it is mended they are back, and still accepted."""
    make_repository(folder, workspace())
    baseline(commands)
    commit(folder)
    write(folder, workspace('{"constraints": ['))
    assert S103.replace("S103", "S101") in told(commands.check_json())
    commands.fix()
    assert any(each["code"] == "S103" for each in stored(folder))
    write(folder, workspace())
    assert commands.check_json().code == 0


def test_what_is_unverified_elsewhere_keeps_everything(accepted: Path, commands: Commands) -> None:
    write(accepted, {**workspace(GOOD), "v/constraints.json": {"link": "/etc/hostname"}, "v/refinement_log.md": LOG})
    assert "1 unverified" in commands.fix().out
    assert any(each["code"] == "S103" for each in stored(accepted))


def test_a_finding_that_became_a_note_is_not_gone(folder: Path, commands: Commands) -> None:
    """Once it is committed, an entry is history; a range from before it would tell it again."""
    make_repository(folder, {"x": "x"})
    write(folder, {**workspace(GOOD), "w/refinement_log.md": LOG})
    baseline(commands)
    had = [each for each in stored(folder) if each["code"].startswith("L")]
    assert had
    commit(folder)
    commands.fix()
    assert [each for each in stored(folder) if each["code"].startswith("L")] == had


def test_a_workspace_that_is_gone_needs_nothing(accepted: Path, commands: Commands) -> None:
    commit(accepted, {"w/artifact_manifest.json": None, "w/constraints.json": None})
    commands.fix()
    assert stored(accepted) == []
    assert commands.check().out.endswith("no findings\n")


# --- trust -----------------------------------------------------------------------------------------------------------


def forged(folder: Path, commands: Commands) -> str:
    """A baseline that accepts all there is now."""
    kept = (folder / PLACE).read_bytes()
    (folder / PLACE).unlink()
    baseline(commands)
    text = (folder / PLACE).read_text(encoding="utf-8")
    (folder / PLACE).write_bytes(kept)
    return text


@pytest.mark.parametrize("arguments", [[], ["--staged"]])
def test_what_a_change_adds_does_not_count(arguments: list[str], accepted: Path, commands: Commands) -> None:
    write(accepted, workspace(folder="new"))
    write(accepted, {PLACE: forged(accepted, commands)})
    git(accepted, "add", "-A")
    outcome = commands.check_json(*arguments)
    assert outcome.code == 1
    assert told(outcome) == [W907, S103.replace(" w/", " new/")]
    added = sum(each["path"].startswith("new/") for each in stored(accepted))
    message = outcome.json["findings"][0]["message"]
    words = "finding, which is" if added == 1 else "findings, which are"
    assert message == f"baseline.json asks for less than in HEAD: it accepts {added} more {words} told all the same"
    commit(accepted)
    assert commands.check_json().code == 0  # somebody has committed it all the same


def test_a_count_that_a_change_raises_does_not_count() -> None:
    one, two = ("a", "S103", "p"), ("b", "S103", "p")
    assert common({one: 3, two: 1}, [{one: 2}]) == {one: 2}
    assert additions({one: 3, two: 1}, [{one: 2}]) == 2
    assert common({one: 3}, [{one: 1}, {one: 2}]) == {one: 2}
    assert additions({one: 1}, [{one: 2, two: 5}]) == 0


@pytest.mark.parametrize("arguments", [[], ["--staged"]])
def test_a_change_that_brings_a_baseline_says_so(arguments: list[str], folder: Path, commands: Commands) -> None:
    make_repository(folder, workspace())
    count = len(commands.check_json().findings)
    baseline(commands)
    git(folder, "add", "-A")
    outcome = commands.check_json(*arguments)
    assert (outcome.code, outcome.findings) == (0, [f"{W907}:1:1"])
    said = f"the change brings a baseline of {count} finding{'' if count == 1 else 's'}"
    assert outcome.json["findings"][0]["message"] == f"baseline.json asks for less than in HEAD: {said}"
    assert commands.check_json("--strict", *arguments).code == 1


def test_a_range_is_judged_by_the_baseline_of_the_merge_base(accepted: Path, commands: Commands) -> None:
    base = git(accepted, "rev-parse", "HEAD").strip()
    commit(accepted, workspace(folder="new"))
    commit(accepted, {PLACE: forged(accepted, commands)})
    git(accepted, "checkout", "-q", "-b", "other", base)
    commit(accepted, {"x": "x"})
    for more in ([], ["--endpoints"]):
        outcome = commands.check_json("--from-ref", "other", "--to-ref", "main", *more)
        assert (outcome.code, told(outcome)) == (1, [W907, S103.replace(" w/", " new/")])
    git(accepted, "checkout", "-q", "main")
    assert told(commands.check_json("--base", "other")) == [W907, S103.replace(" w/", " new/")]
    assert commands.check_json().code == 0


def test_a_range_may_bring_a_first_baseline(folder: Path, commands: Commands) -> None:
    base = commit(make_repository(folder, {"x": "x"}))
    commit(folder, {**workspace(), "w/refinement_log.md": LOG})
    write(folder, {PLACE: None})
    git(folder, "reset", "-q", "--soft", base)  # all is new: the log's entries count
    baseline(commands)
    commit(folder)
    outcome = commands.check_json("--from-ref", base, "--to-ref", "HEAD")
    assert (outcome.code, told(outcome)) == (0, [W907])


def test_a_range_says_nothing_of_what_an_accepted_damage_hides(folder: Path, commands: Commands) -> None:
    """As in a plain run, the damage is the cause of what could not be judged, and that is accepted."""
    initiative = '{"status": "in_progress", "lastUpdated": "2026-02-30T14:05:00Z", "name": "x", "n": 0}\n'
    make_repository(folder, {".claude/initiative.json": initiative})
    baseline(commands)
    base = commit(folder)
    commit(folder, {".claude/initiative.json": initiative.replace(": 0", ": 1")})
    outcome = commands.check_json("--from-ref", base, "--to-ref", "HEAD")
    assert (outcome.code, outcome.findings, outcome.unverified) == (0, [], [])
    everything = commands.check_json("--from-ref", base, "--to-ref", "HEAD", "--no-baseline")
    assert (everything.code, everything.unverified) == (1, ["T407 .claude/initiative.json"])
    some = commands.check_json("--from-ref", base, "--to-ref", "HEAD", "--select", "T")
    assert (some.code, some.unverified) == (2, ["T407 .claude/initiative.json"]), "the cause was not looked at"


def test_no_loss_that_a_ledger_looks_out_for_can_be_accepted() -> None:
    for code in WOULD_BE_FORGOTTEN:
        assert "before" in all_rules()[code].requirements


def test_what_a_change_did_is_never_accepted(folder: Path, commands: Commands) -> None:
    make_repository(folder, {**workspace(GOOD), "w/refinement_log.md": LOG})
    write(folder, {"w/refinement_log.md": LOG.replace("- one", "- two")})
    outcome = baseline(commands)
    assert outcome.code == 1
    assert "1 error is not accepted; check-state tells more\n" in outcome.out
    found = next(each for each in commands.check_json("--select", "L201").json["findings"])
    entry = {"fingerprint": found["fingerprint"], "code": "L201", "path": found["path"], "message": found["message"]}
    write(folder, {PLACE: json.dumps({"version": 1, "entries": [entry]})})
    assert "L201 error w/refinement_log.md" in told(commands.check_json())
    git(folder, "add", PLACE)
    git(folder, "commit", "-q", "-m", "blessed in advance")
    assert "L201 error w/refinement_log.md" in told(commands.check_json())


def test_a_change_that_takes_the_baseline_away_is_told_everything(accepted: Path, commands: Commands) -> None:
    write(accepted, {PLACE: None})
    assert told(commands.check_json()) == [S103]


def test_a_merge_may_bring_what_the_other_side_accepts(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"x": "x"})
    git(folder, "checkout", "-q", "-b", "other")
    commit(folder, workspace())
    baseline(commands)
    commit(folder)
    git(folder, "checkout", "-q", "main")
    commit(folder, {"y": "y"})
    git(folder, "merge", "-q", "--no-commit", "--no-ff", "other")
    for arguments in ([], ["--staged"]):
        outcome = commands.check_json(*arguments)
        assert (outcome.code, told(outcome)) == (0, [])


def test_a_damaged_baseline_that_was_committed_can_be_mended(accepted: Path, commands: Commands) -> None:
    good = (accepted / PLACE).read_bytes()
    commit(accepted, {PLACE: "{"})
    write(accepted, {PLACE: good})
    outcome = commands.check_json()
    assert (outcome.code, told(outcome)) == (0, [W907])
    assert "in the place of a damaged one" in outcome.json["findings"][0]["message"]


# --- where it is read ------------------------------------------------------------------------------------------------


def test_without_git(folder: Path, commands: Commands) -> None:
    write(folder, workspace())
    assert commands.check().code == 1
    assert baseline(commands).code == 0
    outcome = commands.check_json()
    assert (outcome.code, outcome.findings) == (0, [])
    below = Commands(folder / "w", commands._monkeypatch, commands._capsys)
    assert below.check_json().findings == []
    write(folder, workspace(GOOD))
    assert baseline(below).out.startswith("took ")
    assert sorted(path.name for path in (folder / ".statecheck").iterdir()) == ["baseline.json"]


def test_before_the_first_commit(folder: Path, commands: Commands) -> None:
    make_repository(folder)
    write(folder, workspace())
    baseline(commands)
    git(folder, "add", "-A")
    for arguments in ([], ["--staged"], ["--no-history"]):
        assert commands.check_json(*arguments).findings == []


def test_staged_reads_the_index(accepted: Path, commands: Commands) -> None:
    write(accepted, {PLACE: None})
    assert commands.check_json("--staged").code == 0
    git(accepted, "rm", "-q", "--cached", PLACE)
    git(accepted, "checkout", "-q", "HEAD", "--", PLACE)
    git(accepted, "rm", "-q", "--cached", PLACE)
    assert commands.check_json("--staged").code == 1
    assert commands.check_json().code == 0


def test_from_a_folder_below(accepted: Path, commands: Commands) -> None:
    below = Commands(accepted / "w", commands._monkeypatch, commands._capsys)
    assert below.check_json().code == 0
    assert below.check_json(".").code == 0
    write(accepted, workspace(GOOD))
    assert f"../{PLACE}: took out" in below.fix().out


def test_git_does_not_ignore_it(folder: Path, commands: Commands) -> None:
    """Neither beside a ledger nor beside a quarantine, which it does ignore."""
    make_repository(folder, {"x": "x"})
    write(folder, {".gitignore": "i/\n", **workspace(GOOD, folder="i")})
    assert commands.check("--record", "i").code in (0, 1)
    write(folder, {**workspace(), ".statecheck/quarantine/.gitignore": "*\n"})
    baseline(commands)
    assert PLACE in git(folder, "ls-files", "--others", "--exclude-standard").splitlines()


def test_it_is_said_where_git_ignores_it(folder: Path, commands: Commands) -> None:
    make_repository(folder, {".gitignore": ".statecheck/\n", **workspace()})
    assert f"git ignores {PLACE}: nobody else has it until that is changed\n" in baseline(commands).out


# --- damage ----------------------------------------------------------------------------------------------------------

ENTRY = {"fingerprint": "0123456789abcdef", "code": "S103", "path": "p", "message": "m"}
CONFLICT = '{\n<<<<<<< HEAD\n  "version": 1,\n=======\n  "version": 1,\n>>>>>>> other\n  "entries": []\n}\n'
DAMAGE: dict[str, tuple[Any, str]] = {
    "nothing": ("", ":1:1: the baseline is damaged: "),
    "cut off": ('{\n "version": 1,\n "entries": [', ": the baseline is damaged: "),
    "no object": ("[]", ":1:1: the baseline is damaged: "),
    "conflict": (CONFLICT, ":2:1: the baseline is damaged: merge conflict marker '<<<<<<< HEAD'"),
    "another version": (
        '{\n  "version": 2,\n  "entries": []\n}',
        ":2:14: the baseline is damaged at /version: input should be 1.",
    ),
    "no entries": ('{"version": 1}', ":1:1: the baseline is damaged at /entries: field required."),
    "another key": (
        '{"version": 1, "entries": [], "x": 1}',
        ":1:36: the baseline is damaged at /x: extra inputs are not permitted.",
    ),
    "a key twice": (
        '{"version": 1, "version": 1, "entries": []}',
        'the baseline is damaged: key "version" is there twice',
    ),
    "a count of nothing": (json.dumps({"version": 1, "entries": [{**ENTRY, "count": 0}]}), " at /entries/0/count: "),
    "a count that is no number": (
        json.dumps({"version": 1, "entries": [{**ENTRY, "count": "2"}]}),
        " at /entries/0/count: ",
    ),
    "a fingerprint that is none": (
        json.dumps({"version": 1, "entries": [{**ENTRY, "fingerprint": "*"}]}),
        " at /entries/0/fingerprint: ",
    ),
    "a path without end": (
        json.dumps({"version": 1, "entries": [{**ENTRY, "path": "a/" * 2**15}]}),
        " at /entries/0/path: string should have at most 32768 characters.",
    ),
    "an entry twice": (
        json.dumps({"version": 1, "entries": [ENTRY, ENTRY]}),
        " at /entries/1: S103 of p has an entry already.",
    ),
    "half a surrogate pair": ('{"version": 1, "entries": [], "\\ud800": 1}', "the baseline is damaged: "),
    "no text": (b"\xff\xfe{}", "the baseline is damaged: "),
    "deep": ("[" * 100_000, "the baseline is damaged: "),
    "a link": ({"link": "../w/constraints.json"}, " is a symbolic link, where a file should be"),
    "a folder": ({"folder": True}, " is a folder, where a file should be"),
    "a giant": ({"repeat": [" ", 17 * 2**20]}, "at most 16777216 are read"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_baseline_is_exit_2(name: str, folder: Path, commands: Commands) -> None:
    content, words = DAMAGE[name]
    make_repository(folder, workspace())
    write(folder, {PLACE: content})
    before = snapshot(folder)
    for run in (commands.check, commands.fix, lambda: baseline(commands)):
        outcome = run()
        assert outcome.code == 2
        assert words in outcome.err
        assert PLACE in outcome.err
        assert "Traceback" not in outcome.err
    assert snapshot(folder) == before
    assert commands.check("--no-baseline").code == 1
    git(folder, "add", "-A")
    if not isinstance(content, dict) or "folder" not in content:
        assert commands.check("--staged").code == 2


def test_a_conflict_in_the_index_is_exit_2(accepted: Path, commands: Commands) -> None:
    git(accepted, "checkout", "-q", "-b", "other")
    commit(accepted, {PLACE: json.dumps({"version": 1, "entries": [ENTRY]}, indent=2)})
    git(accepted, "checkout", "-q", "main")
    commit(accepted, {PLACE: json.dumps({"version": 1, "entries": []}, indent=2)})
    with pytest.raises(AssertionError):
        git(accepted, "merge", "-q", "other")
    outcome = commands.check("--staged")
    assert (outcome.code, "is in conflict: the merge is not resolved" in outcome.err) == (2, True)
    plain = commands.check()
    assert (plain.code, "merge conflict marker" in plain.err) == (2, True)


def test_what_is_written_is_read_again(accepted: Path) -> None:
    data = (accepted / PLACE).read_bytes()
    assert parse_baseline(data).text().encode() == data
