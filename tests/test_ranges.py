"""Ranges and merges: every commit between two revisions is judged, and a merge against each of its parents."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, Commands, Outcome, git, write

from statecheck.engine import steps
from statecheck.trees.objects import ObjectReader

TASK = ".iterative-work/demo"
STATE, LOG = f"{TASK}/state.json", f"{TASK}/progress.md"
OTHER = ".iterative-work/other"
ARCHIVED = ".iterative-work/archive/demo"
DAY = "2026-01-1{}T09:00:00+00:00"

PENDING = '{"status": "pending", "max_iterations": 5}'
RUNNING = '{"status": "in_progress", "iterations_used": 2, "max_iterations": 5}'
UNCONFIRMED = '{"status": "verifying", "iterations_used": 2, "max_iterations": 5}'
DONE = (
    '{"status": "done", "iterations_used": 2, "confirmations_used": 1, "verification_passed": true, '
    '"max_iterations": 5, "completed_at": "2026-01-16T11:00:00Z"}'
)
DONE_UNCONFIRMED = (
    '{"status": "done", "iterations_used": 2, "verification_passed": true, "max_iterations": 5, '
    '"completed_at": "2026-01-16T11:00:00Z"}'
)
REOPENED = (
    '{"status": "in_progress", "iterations_used": 2, "confirmations_used": 1, "verification_passed": true, '
    '"max_iterations": 5, "completed_at": "2026-01-16T11:00:00Z"}'
)


def running(used: int) -> str:
    return f'{{"status": "in_progress", "iterations_used": {used}, "max_iterations": 99}}'


def state(
    r1: str = RUNNING, hour: int = 12, r2: str = PENDING, *, slug: str = "demo", phase: str = "execute", task: str = ""
) -> str:
    """Return a state file whose phase R1 stands on line 8, and R2 on line 9."""
    return f"""{{
  "task": "{task or "Report"}",
  "slug": "{slug}", "domain": "research", "phase": "{phase}",
  "created": "2026-01-16T09:00:00Z",
  "updated": "2026-01-16T{hour:02}:00:00Z",
  "current_phase": "R1",
  "phases": {{
    "R1": {r1},
    "R2": {r2}
  }}
}}
"""


def entry(name: str, did: str = "Read three reports", phase: str = "R1", iteration: int | None = None) -> str:
    """Return an entry of five lines, the last one blank; ``name`` is its hour, and by default its iteration + 9."""
    number = int(name) - 9 if iteration is None else iteration
    return (
        f"## {phase} - Iteration {number} - 2026-01-16T{name}:00:00Z\n"
        f"**Did:** {did}\n**Remaining:** Read the others\n**Blockers:** None\n\n"
    )


def log(*entries: str) -> str:
    """Return a log; the heading of its entry number N stands on line 5 * N - 2."""
    return "# Progress Log\n\n" + "".join(entries)


E1, E2, E3, E4 = entry("10"), entry("11"), entry("12"), entry("13")
E1_REWRITTEN = entry("10", "Read four reports")
BY_MAIN = entry("14", "Compared the reports by age, by country, by method and by size of the sample. " * 4, "R2", 1)
BY_TOPIC = entry("15", "1,204 + 88 (64) / 17 = 51; 40 % of 60 %; 7,003 + 2,110 = 9,113; " * 4, "R3", 1)
BY_THIRD = entry("16", "ΑΒΓΔΕΖΗΘ, ЖЩЫЭЮЯ, ÄÖÜẞ, ĄĘŁŻĆŚŹŃ, ŠŽČĐĆ, ÆØÅÞÐ, ĞÜŞİÇ! " * 4, "R4", 1)
FIRST = {STATE: state(), LOG: log(E1, E2)}


def last_line(text: str) -> int:
    return text.rstrip().count("\n") + 1


def commit(repository: Path, files: dict[str, Any] | None = None, day: int = 0) -> str:
    """Commit these files, written by their author on a day of their own, and return the commit."""
    write(repository, files or {})
    git(repository, "add", "-A", "-f")
    dates = {"GIT_AUTHOR_DATE": DAY.format(day)}
    git(repository, "commit", "-q", "--allow-empty", "-m", f"day {day}", env=dates)
    return git(repository, "rev-parse", "HEAD").strip()


def commits(repository: Path, *changes: dict[str, Any]) -> list[str]:
    """Make one commit of each change."""
    return [commit(repository, files, day) for day, files in enumerate(changes)]


def branch(repository: Path, name: str, start: str, *changes: dict[str, Any]) -> str:
    """Make a branch of these commits, and return the last."""
    git(repository, "checkout", "-q", "-b", name, start)
    return commits(repository, *changes)[-1]


def start_merge(repository: Path, *others: str, files: dict[str, Any]) -> None:
    """Merge branches into the one that is checked out, as far as the commit, with this outcome for these files."""
    git(repository, "merge", "-q", "--no-commit", "--no-ff", "--allow-unrelated-histories", "-s", "ours", *others)
    write(repository, files)
    git(repository, "add", "-A", "-f")


def merge(repository: Path, *others: str, files: dict[str, Any]) -> str:
    start_merge(repository, *others, files=files)
    git(repository, "commit", "-q", "-m", "merge")
    return git(repository, "rev-parse", "HEAD").strip()


def judge(commands: Commands, source: str, target: str = "HEAD", *arguments: str, select: str = "L,T") -> Outcome:
    return commands.check_json("--select", select, "--from-ref", source, "--to-ref", target, *arguments)


def found(outcome: Outcome, *, notes: bool = False) -> set[tuple[str, str, str, int, str | None]]:
    """Return code, severity, path, line and revision of the findings, without notes; none is there twice."""
    assert outcome.err == "", outcome.err
    listed = [each for each in outcome.json["findings"] if notes or each["severity"] != "info"]
    keys = ("code", "severity", "path", "line", "revision", "message")
    rows = [tuple(each[key] for key in keys) for each in listed]
    assert len(rows) == len(set(rows)), rows
    return {(each["code"], each["severity"], each["path"], each["line"], each["revision"]) for each in listed}


# --- every commit of a range ---------------------------------------------------------------------------------------


def test_a_status_that_went_back_and_forth_is_found_though_the_ends_agree(repository: Path, commands: Commands) -> None:
    base, back, again = commits(
        repository, {STATE: state(DONE)}, {STATE: state(REOPENED, 13)}, {STATE: state(DONE, 14), LOG: log(E1)}
    )
    outcome = judge(commands, base)
    assert found(outcome) == {("T402", "error", STATE, 8, back), ("T403", "warning", STATE, 8, again)}
    assert outcome.code == 1
    finding = next(each for each in outcome.json["findings"] if each["code"] == "T402")
    assert finding["column"] == 22
    assert len(finding["revision"]) == 40
    assert finding["revision"][:12] in finding["message"]
    assert finding["revision"] not in finding["message"]
    assert "2026-01-11T09:00:00" in finding["message"]
    assert finding["fix"] is None


@pytest.mark.parametrize("output", ["text", "concise"])
def test_people_read_the_commit_and_its_author_date(repository: Path, commands: Commands, output: str) -> None:
    base, back, _ = commits(repository, {STATE: state(DONE)}, {STATE: state(REOPENED, 13)}, {STATE: state(DONE, 14)})
    outcome = commands.check("--select", "T", "--from-ref", base, "--to-ref", "HEAD", "--output-format", output)
    line = outcome.out.splitlines()[0]
    assert line.startswith(f"{STATE}:8:22")
    assert " T402 " in line
    assert back[:12] in line
    assert "2026-01-11" in line


def test_a_log_that_was_rewritten_and_restored(repository: Path, commands: Commands) -> None:
    base, sin, _ = commits(repository, FIRST, {LOG: log(E1_REWRITTEN, E2)}, {LOG: log(E1, E2)})
    outcome = judge(commands, base)
    assert ("L201", "error", LOG, 4, sin) in found(outcome)
    assert {each[:4] for each in found(outcome)} == {("L201", "error", LOG, 4)}
    assert outcome.code == 1


def test_restoring_what_the_range_had_rewritten_is_judged_as_a_step_of_its_own(
    repository: Path, commands: Commands
) -> None:
    """Each commit is judged with its parent: whoever restores an entry changes one that the commit before has."""
    base, sin, restored = commits(repository, FIRST, {LOG: log(E1_REWRITTEN, E2)}, {LOG: log(E1, E2)})
    assert found(judge(commands, sin)) == {("L201", "error", LOG, 4, restored)}
    assert found(judge(commands, base, sin)) == {("L201", "error", LOG, 4, sin)}


def test_a_log_that_was_deleted_and_brought_back(repository: Path, commands: Commands) -> None:
    base, sin, _ = commits(repository, FIRST, {LOG: None}, {LOG: log(E1, E2)})
    assert found(judge(commands, base)) == {("L204", "error", LOG, 1, sin)}


def test_an_entry_that_was_cut_off_and_put_back(repository: Path, commands: Commands) -> None:
    base, sin, _ = commits(repository, FIRST, {LOG: log(E1)}, {LOG: log(E1, E2)})
    assert found(judge(commands, base)) == {("L202", "error", LOG, last_line(log(E1)), sin)}


def test_an_entry_that_was_inserted(repository: Path, commands: Commands) -> None:
    base, _, sin = commits(repository, {**FIRST, LOG: log(E1, E3)}, {LOG: log(E1, E3, E4)}, {LOG: log(E1, E2, E3, E4)})
    errors = {each for each in found(judge(commands, base)) if each[1] == "error"}
    assert errors == {("L203", "error", LOG, 8, sin)}


def test_a_counter_that_fell_and_rose(repository: Path, commands: Commands) -> None:
    texts = [{STATE: state(running(used), 12 + hour)} for hour, used in enumerate((3, 1, 4))]
    base, sin, _ = commits(repository, *texts)
    assert found(judge(commands, base)) == {("T405", "error", STATE, 8, sin)}


def test_each_commit_is_named_for_what_it_did(repository: Path, commands: Commands) -> None:
    base, one, two, three = commits(
        repository,
        FIRST,
        {LOG: log(E1_REWRITTEN, E2)},
        {LOG: log(E1_REWRITTEN)},
        {STATE: state(running(1), 13)},
    )
    assert found(judge(commands, base)) == {
        ("L201", "error", LOG, 4, one),
        ("L202", "error", LOG, last_line(log(E1)), two),
        ("T405", "error", STATE, 8, three),
    }
    assert found(judge(commands, one, two)) == {("L202", "error", LOG, last_line(log(E1)), two)}


def test_the_same_change_made_twice_is_found_twice(repository: Path, commands: Commands) -> None:
    base, one, _, two = commits(
        repository,
        {STATE: state(running(3), 10)},
        {STATE: state(running(1), 11)},
        {STATE: state(running(3), 12)},
        {STATE: state(running(1), 13)},
    )
    assert found(judge(commands, base)) == {("T405", "error", STATE, 8, one), ("T405", "error", STATE, 8, two)}


def test_pure_appends_and_legal_moves_say_nothing(repository: Path, commands: Commands) -> None:
    base, *_ = commits(
        repository,
        {STATE: state(PENDING, 10), LOG: log()},
        {STATE: state(running(1), 11), LOG: log(E1)},
        {STATE: state(running(2), 12), LOG: log(E1, E2)},
        {"readme.md": "about something else"},
    )
    outcome = judge(commands, base)
    assert (found(outcome, notes=True), outcome.unverified, outcome.code) == (set(), [], 0)


def test_a_wrong_state_is_reported_once_by_the_commit_that_brought_it(repository: Path, commands: Commands) -> None:
    base, _, sin, _, _ = commits(
        repository,
        {STATE: state(RUNNING, 10)},
        {"other": "x"},
        {STATE: state(UNCONFIRMED, 11)},
        {STATE: state(UNCONFIRMED, 12)},
        {STATE: state(UNCONFIRMED, 13, RUNNING)},
    )
    outcome = judge(commands, base, select="T404")
    assert found(outcome) == {("T404", "error", STATE, 8, sin)}


def test_a_wrong_state_that_becomes_wrong_otherwise_is_another_finding(repository: Path, commands: Commands) -> None:
    """verifying without a confirmation, and then done without one: two gates were skipped by two commits."""
    base, one, two = commits(
        repository,
        {STATE: state(RUNNING, 10)},
        {STATE: state(UNCONFIRMED, 11)},
        {STATE: state(DONE_UNCONFIRMED, 12)},
    )
    assert found(judge(commands, base, select="T404")) == {
        ("T404", "error", STATE, 8, one),
        ("T404", "error", STATE, 8, two),
    }


def test_a_wrong_state_that_was_mended_and_comes_back_is_found_again(repository: Path, commands: Commands) -> None:
    base, one, _, two = commits(
        repository,
        {STATE: state(RUNNING, 10)},
        {STATE: state(UNCONFIRMED, 11)},
        {STATE: state(RUNNING, 12)},
        {STATE: state(UNCONFIRMED, 13)},
    )
    assert found(judge(commands, base, select="T404")) == {
        ("T404", "error", STATE, 8, one),
        ("T404", "error", STATE, 8, two),
    }


def test_a_malformed_entry_is_reported_once_by_the_commit_that_added_it(repository: Path, commands: Commands) -> None:
    malformed = E3.replace("## R1 - Iteration 3 - ", "## R1 — Iteration 3 — ")
    base, sin, _, _ = commits(
        repository,
        FIRST,
        {LOG: log(E1, E2, malformed)},
        {LOG: log(E1, E2, malformed, E4)},
        {STATE: state(RUNNING, 13)},
    )
    outcome = judge(commands, base, select="L")
    assert found(outcome) == {("L210", "warning", LOG, 13, sin)}
    assert outcome.code == 0


def test_old_entries_stay_notes_in_every_commit(repository: Path, commands: Commands) -> None:
    malformed = E1.replace("## R1 - Iteration 1 - ", "## R1 — Iteration 1 — ")
    twice = log(malformed, E2, E2)
    base, *_ = commits(
        repository, {**FIRST, LOG: twice}, {LOG: twice + E3}, {LOG: twice + E3 + E4}, {STATE: state(RUNNING, 13)}
    )
    outcome = judge(commands, base, select="L")
    assert found(outcome) == set()
    assert {each[:4] for each in found(outcome, notes=True)} == {
        ("L210", "info", LOG, 3),
        ("L214", "info", LOG, 13),
    }
    assert outcome.code == 0
    assert judge(commands, base, "HEAD", "--strict", select="L").code == 0


# --- the two ends alone --------------------------------------------------------------------------------------------


def test_endpoints_judge_the_two_ends_alone(repository: Path, commands: Commands) -> None:
    base, _, end = commits(
        repository,
        {STATE: state(DONE), LOG: log(E1)},
        {STATE: state(REOPENED, 13), LOG: log(E1_REWRITTEN)},
        {STATE: state(DONE, 14), LOG: log(E1)},
    )
    outcome = judge(commands, base, "HEAD", "--endpoints")
    assert (found(outcome), outcome.code) == (set(), 0)
    assert outcome.json["comparison"] == {"base": base, "head": "HEAD", "via": f"merge base of {base} and HEAD"}
    assert outcome.json["examined"]["revisions"] == 2
    assert judge(commands, base).code == 1
    assert end != base


def test_endpoints_find_what_is_wrong_between_the_ends(repository: Path, commands: Commands) -> None:
    base, *_ = commits(repository, {STATE: state(DONE)}, {STATE: state(DONE, 13)}, {STATE: state(REOPENED, 14)})
    outcome = judge(commands, base, "HEAD", "--endpoints")
    assert found(outcome) == {("T402", "error", STATE, 8, None)}
    assert "in commit" not in outcome.json["findings"][0]["message"]
    words = commands.check("--select", "T", "--from-ref", base, "--to-ref", "HEAD", "--endpoints").out.splitlines()[-1]
    assert f"; compared HEAD with {base[:12]} via merge base of {base} and HEAD; " in words
    assert "one by one" not in words


def test_endpoints_judge_entries_of_the_range_as_new(repository: Path, commands: Commands) -> None:
    base, *_ = commits(repository, FIRST, {LOG: log(E1, E2, E3)}, {LOG: log(E1, E2, entry("12", "Something else"))})
    assert found(judge(commands, base, "HEAD", "--endpoints")) == set()
    assert {each[0] for each in found(judge(commands, base))} == {"L201"}


# --- the other families --------------------------------------------------------------------------------------------

MANIFEST = "art/artifact_manifest.json"
ART = {
    MANIFEST: '{\n  "artifact_type": "badge",\n  "variants": [\n    {"name": "a", "path": "dist/a.txt"}\n  ],\n'
    '  "generation_timestamp": "2026-01-16T11:30:00Z"\n}\n',
    "art/constraints.json": '{"constraints": []}\n',
    "art/dist/a.txt": "a\n",
}


def test_other_families_judge_the_end_of_a_range_alone(repository: Path, commands: Commands) -> None:
    wrong = ART[MANIFEST].replace('"badge"', "7")
    base, sin, _ = commits(
        repository, {**ART}, {"art/dist/a.txt": None, MANIFEST: wrong}, {"art/dist/a.txt": "a\n", **ART}
    )
    outcome = judge(commands, base, select="S,D")
    assert (found(outcome, notes=True), outcome.code) == (set(), 0)
    outcome = judge(commands, base, sin, select="S,D")
    assert found(outcome) == {("S103", "error", MANIFEST, 2, None), ("D301", "error", MANIFEST, 4, None)}
    assert all("in commit" not in finding["message"] for finding in outcome.json["findings"])


# --- initiatives that end ------------------------------------------------------------------------------------------

INITIATIVE, INTERVIEW = ".claude/initiative.json", ".claude/interview-state.json"


def initiative(status: str, hour: int, name: str = "search") -> str:
    return f'{{"name": "{name}", "status": "{status}", "lastUpdated": "2026-01-16T{hour}:00:00Z"}}\n'


def both(status: str, hour: int) -> dict[str, Any]:
    """Return the change that gives an initiative a status, in both of its files."""
    beside = f"name: search\nstatus: {status}\nlastUpdated: 2026-01-16T{hour}:00:00Z\n"
    return {
        INITIATIVE: initiative(status, hour),
        "documentation/milestones/_active/search/WORKFLOW-STATUS.yaml": beside,
    }


OUT_OF_ACTIVE = {INITIATIVE: None, "documentation/milestones/_active/search/WORKFLOW-STATUS.yaml": None}


@pytest.mark.parametrize("between", [[], [both("archived", 12)]], ids=["completed", "archived"])
def test_an_initiative_that_is_completed_then_removed(
    repository: Path, commands: Commands, between: list[dict[str, Any]]
) -> None:
    base, *_ = commits(repository, both("in_progress", 10), both("completed", 11), *between, OUT_OF_ACTIVE)
    outcome = judge(commands, base)
    assert (found(outcome), outcome.unverified, outcome.code) == (set(), [], 0)


def test_an_initiative_that_is_removed_while_it_goes_on(repository: Path, commands: Commands) -> None:
    kept = {INTERVIEW: "{}\n"}
    base, sin = commits(repository, {**both("in_progress", 10), **kept}, OUT_OF_ACTIVE)
    status = "documentation/milestones/_active/search/WORKFLOW-STATUS.yaml"
    expected = {("T410", "error", INITIATIVE, 1, sin), ("T410", "error", status, 1, sin)}
    assert found(judge(commands, base)) == expected
    commit(repository, {INTERVIEW: None})
    assert found(judge(commands, base)) >= expected


def test_an_initiative_that_is_completed_removed_and_brought_back_in_progress(
    repository: Path, commands: Commands
) -> None:
    base, *_ = commits(repository, both("completed", 10), both("archived", 11), OUT_OF_ACTIVE, both("in_progress", 12))
    outcome = judge(commands, base)
    assert {each[:3] for each in found(outcome)} >= {("T402", "error", INITIATIVE)}


@pytest.mark.parametrize(
    "change",
    [
        {INITIATIVE: initiative("created", 12, "login")},
        {INITIATIVE: None},
        {INITIATIVE: None, INTERVIEW: None, "MEMORY.md": None},
    ],
    ids=["replaced", "removed", "all removed"],
)
def test_an_initiative_that_ends_within_a_range_is_remembered(
    repository: Path, commands: Commands, change: dict[str, Any]
) -> None:
    first = {INITIATIVE: initiative("in_progress", 10), INTERVIEW: "{}\n", "MEMORY.md": "# Memory\n"}
    base, *_ = commits(repository, first, {INITIATIVE: initiative("completed", 11)}, change)
    assert found(judge(commands, base, select="M501")) == {("M501", "error", INITIATIVE, 1, None)}
    entry = "# Memory\n\n- Completed initiative for search: in use\n"
    commit(repository, {"MEMORY.md": entry})
    assert found(judge(commands, base, select="M501")) == set()
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    assert found(judge(commands, "HEAD~1", select="M501")) == {("M501", "error", INITIATIVE, 1, None)}


# --- moves ---------------------------------------------------------------------------------------------------------

REFINEMENT = ROOT / "examples" / "healthy" / "refinement"
NAMES = ("artifact_manifest.json", "constraints.json", "refinement_log.md", "decisions.md")


def moved(source: str, target: str, **contents: str) -> dict[str, Any]:
    """Return the change that moves a task, with new contents for ``state`` and ``log``."""
    return {
        f"{source}/state.json": None,
        f"{source}/progress.md": None,
        f"{target}/state.json": contents["state"],
        f"{target}/progress.md": contents["log"],
    }


COMPLETE = state(DONE, 13, DONE, phase="complete")
OVER = {STATE: state(DONE, 12, DONE, phase="deliver"), LOG: log(E1, E2)}


def test_a_task_that_moves_into_the_archive_is_not_deleted(repository: Path, commands: Commands) -> None:
    base, *_ = commits(repository, OVER, moved(TASK, ARCHIVED, state=COMPLETE, log=log(E1, E2, E3)), {"x": "y"})
    outcome = judge(commands, base)
    assert (found(outcome), outcome.unverified, outcome.code) == (set(), [], 0)


def test_changes_hidden_in_a_move_into_the_archive_are_found_there(repository: Path, commands: Commands) -> None:
    back = COMPLETE.replace(DONE, REOPENED, 1)
    base, sin = commits(repository, OVER, moved(TASK, ARCHIVED, state=back, log=log(E1_REWRITTEN, E2)))
    assert found(judge(commands, base)) == {
        ("L201", "error", f"{ARCHIVED}/progress.md", 4, sin),
        ("T402", "error", f"{ARCHIVED}/state.json", 8, sin),
    }


def test_a_log_that_is_lost_in_a_move_is_found(repository: Path, commands: Commands) -> None:
    base, sin = commits(repository, OVER, {STATE: None, LOG: None, f"{ARCHIVED}/state.json": COMPLETE})
    assert found(judge(commands, base)) == {("L204", "error", f"{ARCHIVED}/progress.md", 1, sin)}


def test_a_task_under_another_slug_is_the_same_task(repository: Path, commands: Commands) -> None:
    base, _, sin = commits(
        repository,
        FIRST,
        moved(TASK, OTHER, state=state(RUNNING, 13, slug="other"), log=log(E1, E2, E3)),
        {f"{OTHER}/progress.md": log(E1, E3)},
    )
    assert found(judge(commands, base, "HEAD~1")) == set()
    errors = {each for each in found(judge(commands, base)) if each[1] == "error"}
    assert errors == {("L202", "error", f"{OTHER}/progress.md", 8, sin)}


def test_changes_hidden_in_a_new_slug_are_found_there(repository: Path, commands: Commands) -> None:
    change = moved(TASK, OTHER, state=state(running(1), 13, slug="other"), log=log(E1_REWRITTEN, E2))
    base, sin = commits(repository, FIRST, change)
    assert found(judge(commands, base)) == {
        ("L201", "error", f"{OTHER}/progress.md", 4, sin),
        ("T405", "error", f"{OTHER}/state.json", 8, sin),
    }


def test_a_wrong_state_that_only_moves_is_not_reported_again(repository: Path, commands: Commands) -> None:
    base, sin, _ = commits(
        repository,
        FIRST,
        {STATE: state(UNCONFIRMED, 13)},
        moved(TASK, OTHER, state=state(UNCONFIRMED, 14, slug="other"), log=log(E1, E2)),
    )
    assert found(judge(commands, base, select="T404")) == {("T404", "error", STATE, 8, sin)}


def refinement(folder: str, iterations: int = 2) -> dict[str, Any]:
    """Return the example, as far as it was after so many iterations, in a folder."""
    files = {f"{folder}/{name}": (REFINEMENT / name).read_text() for name in NAMES}
    if iterations == 1:
        for name, heading in (("refinement_log.md", "\n## Iteration 2"), ("decisions.md", "\n### Iteration 2")):
            path = f"{folder}/{name}"
            files[path] = files[path].partition(heading)[0]
    return files


def test_a_refinement_folder_that_is_renamed_with_an_append(repository: Path, commands: Commands) -> None:
    gone = {f"old/{name}": None for name in NAMES}
    base, *_ = commits(repository, refinement("old", 1), {**gone, **refinement("deep/new")})
    outcome = judge(commands, base)
    assert (found(outcome), outcome.unverified, outcome.code) == (set(), [], 0)


def test_a_change_hidden_in_the_renaming_of_a_refinement_folder(repository: Path, commands: Commands) -> None:
    gone = {f"old/{name}": None for name in NAMES}
    new = refinement("deep/new")
    path = "deep/new/refinement_log.md"
    new[path] = new[path].replace("Drew the badge for light backgrounds", "Drew nothing")
    base, sin = commits(repository, refinement("old", 1), {**gone, **new})
    assert found(judge(commands, base)) == {("L201", "error", path, 6, sin)}


# --- merges in a range ---------------------------------------------------------------------------------------------


def test_what_main_added_is_not_blamed_on_the_topic_that_merges_it(repository: Path, commands: Commands) -> None:
    """Main rewrote an entry, fell back with a counter, and appended: all of it is its own."""
    base = commit(repository, FIRST)
    main_log = log(E1_REWRITTEN, E2, BY_MAIN)
    commits(repository, {LOG: main_log}, {STATE: state(running(1), 13)})
    branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    merge(repository, "main", files={LOG: main_log + BY_TOPIC, STATE: state(running(1), 13)})
    outcome = judge(commands, "main", "topic")
    assert (found(outcome), outcome.code) == (set(), 0)
    assert outcome.json["examined"]["revisions"] == 3


def test_the_merge_commit_of_a_pull_request(repository: Path, commands: Commands) -> None:
    """As hosting services make it: the target comes first. What it did since the branch left it is its own."""
    base = commit(repository, FIRST)
    main_log = log(E1_REWRITTEN, E2, BY_MAIN)
    target = commit(repository, {LOG: main_log, STATE: state(running(1), 13)})
    branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    git(repository, "checkout", "-q", "--detach", "main")
    merge(repository, "topic", files={LOG: main_log + BY_TOPIC})
    for source in ("HEAD^1", target):
        outcome = judge(commands, source)
        assert (found(outcome), outcome.code) == (set(), 0)
        assert outcome.json["comparison"]["base"] == target
        assert outcome.json["examined"]["revisions"] == 3
    git(repository, "reset", "-q", "--hard", "HEAD^1")
    oid = merge(repository, "topic", files={LOG: main_log})
    assert found(judge(commands, "HEAD^1")) == {("L202", "error", LOG, 13, oid)}


def test_main_merged_into_the_topic_again_and_again(repository: Path, commands: Commands) -> None:
    base = commit(repository, FIRST)
    texts = [log(E1_REWRITTEN, E2), log(E1_REWRITTEN, E2, BY_MAIN)]
    branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    for text in texts:
        git(repository, "checkout", "-q", "main")
        commit(repository, {LOG: text})
        git(repository, "checkout", "-q", "topic")
        merge(repository, "main", files={LOG: text + BY_TOPIC})
    outcome = judge(commands, "main", "topic")
    assert (found(outcome), outcome.code) == (set(), 0)
    sin = commit(repository, {LOG: texts[1]})
    assert found(judge(commands, "main", "topic")) == {("L202", "error", LOG, last_line(texts[1]), sin)}


def test_a_merge_with_a_branch_that_archived_the_task(repository: Path, commands: Commands) -> None:
    """What main added at the old place, and the merge left out at the new one, is found at the new one."""
    base = commit(repository, OVER)
    commit(repository, {LOG: log(E1, E2, BY_MAIN)})
    branch(repository, "topic", base, moved(TASK, ARCHIVED, state=COMPLETE, log=log(E1, E2)))
    oid = merge(repository, "main", files={})
    assert TASK + "/" not in git(repository, "ls-files")
    outcome = judge(commands, "main", "topic", select="L")
    assert found(outcome) == {("L202", "error", f"{ARCHIVED}/progress.md", 11, oid)}


MERGES: list[tuple[str, str, set[tuple[str, str, int]]]] = [
    # what it is, the log as it was merged, what is found (L214 and L215 aside)
    ("theirs first", log(E1, E2, BY_MAIN, BY_TOPIC), set()),
    ("ours first", log(E1, E2, BY_TOPIC, BY_MAIN), set()),
    ("with one more", log(E1, E2, BY_MAIN, BY_TOPIC, BY_THIRD), set()),
    ("ours dropped", log(E1, E2, BY_MAIN), {("L202", "error", 13)}),
    ("theirs dropped", log(E1, E2, BY_TOPIC), {("L202", "error", 13)}),
    ("both dropped", log(E1, E2), {("L202", "error", 11)}),
    ("ours edited", log(E1, E2, BY_MAIN, BY_TOPIC.replace("88", "89")), {("L201", "error", 19)}),
    ("theirs edited", log(E1, E2, BY_TOPIC, BY_MAIN.replace("by age", "by rank")), {("L201", "error", 19)}),
    ("an old one edited", log(E1_REWRITTEN, E2, BY_MAIN, BY_TOPIC), {("L201", "error", 4)}),
    ("an old one dropped", log(E2, BY_MAIN, BY_TOPIC), {("L202", "error", 3)}),
    ("the log deleted", "", {("L204", "error", 1)}),
]


def quiet(outcome: Outcome) -> set[tuple[str, str, int, str | None]]:
    """Return the findings of the task's log that are not about the order of numbers and times."""
    return {
        (code, severity, line, revision)
        for code, severity, path, line, revision in found(outcome)
        if path == LOG and code not in ("L213", "L214", "L215")
    }


@pytest.mark.parametrize(("merged", "expected"), [each[1:] for each in MERGES], ids=[each[0] for each in MERGES])
def test_main_merged_into_the_topic(
    repository: Path, commands: Commands, merged: str, expected: set[tuple[str, str, int]]
) -> None:
    base = commit(repository, FIRST)
    commit(repository, {LOG: log(E1, E2, BY_MAIN)})
    branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    oid = merge(repository, "main", files={LOG: merged or None})
    outcome = judge(commands, "main", "topic", select="L")
    assert quiet(outcome) == {(*each, oid) for each in expected}
    assert outcome.code == (1 if expected else 0)


@pytest.mark.parametrize(("merged", "expected"), [each[1:] for each in MERGES], ids=[each[0] for each in MERGES])
def test_two_topics_merged_in_the_range(
    repository: Path, commands: Commands, merged: str, expected: set[tuple[str, str, int]]
) -> None:
    base = commit(repository, FIRST)
    branch(repository, "one", base, {LOG: log(E1, E2, BY_TOPIC)})
    branch(repository, "two", base, {LOG: log(E1, E2, BY_MAIN)})
    git(repository, "checkout", "-q", "main")
    merge(repository, "one", files={LOG: log(E1, E2, BY_TOPIC)})
    oid = merge(repository, "two", files={LOG: merged or None})
    outcome = judge(commands, base, "main", select="L")
    assert quiet(outcome) == {(*each, oid) for each in expected}
    assert outcome.json["examined"]["revisions"] == 5


def test_a_dropped_entry_is_not_taken_for_one_of_the_other_branch(repository: Path, commands: Commands) -> None:
    """Entries are much alike, for their form is given: what another parent has as it is was not made of this one."""
    ours, theirs = entry("14", "Drew a table", "R2", 1), entry("15", "Drew a map", "R3", 1)
    base = commit(repository, FIRST)
    branch(repository, "one", base, {LOG: log(E1, E2, ours)})
    branch(repository, "two", base, {LOG: log(E1, E2, theirs)})
    oid = merge(repository, "one", files={LOG: log(E1, E2, ours)})
    assert quiet(judge(commands, base, "two")) == {("L202", "error", 13, oid)}


def test_an_entry_of_main_that_the_merge_edits_in_its_place(repository: Path, commands: Commands) -> None:
    base = commit(repository, FIRST)
    commit(repository, {LOG: log(E1, E2, BY_MAIN)})
    branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    oid = merge(repository, "main", files={LOG: log(E1, E2, BY_MAIN.replace("by age", "by rank"), BY_TOPIC)})
    outcome = judge(commands, "main", "topic", select="L201,L202")
    assert quiet(outcome) == {("L201", "error", 14, oid)}


def test_an_entry_that_main_rewrote_and_the_merge_again_is_found(repository: Path, commands: Commands) -> None:
    """That main rewrote the entry is its own; that the merge has a third text is the merge's."""
    base = commit(repository, FIRST)
    commit(repository, {LOG: log(E1_REWRITTEN, E2)})
    branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    oid = merge(repository, "main", files={LOG: log(entry("10", "Read five reports"), E2, BY_TOPIC)})
    assert found(judge(commands, "main", "topic")) == {("L201", "error", LOG, 4, oid)}


def test_what_one_topic_did_is_not_said_again_of_the_merge(repository: Path, commands: Commands) -> None:
    """One parent is a prefix of the merged log, and what the other added is there: the merge itself is legal."""
    base = commit(repository, FIRST)
    sin = branch(repository, "one", base, {LOG: log(E1_REWRITTEN, E2, BY_MAIN)})
    branch(repository, "two", base, {LOG: log(E1, E2, BY_TOPIC)})
    git(repository, "checkout", "-q", "main")
    merge(repository, "one", files={LOG: log(E1_REWRITTEN, E2, BY_MAIN)})
    merge(repository, "two", files={LOG: log(E1_REWRITTEN, E2, BY_MAIN, BY_TOPIC)})
    errors = {each for each in found(judge(commands, base, "main")) if each[1] == "error"}
    assert errors == {("L201", "error", LOG, 4, sin)}


def test_a_branch_that_is_merged_as_it_is_is_judged_in_its_own_commits(repository: Path, commands: Commands) -> None:
    """The merge commit of a branch, over a main that did not move, adds nothing to what the branch did."""
    base = commit(repository, FIRST)
    change = {LOG: log(E1_REWRITTEN, E2), STATE: state(running(1), 13)}
    sin = branch(repository, "one", base, change)
    git(repository, "checkout", "-q", "main")
    oid = merge(repository, "one", files=change)
    assert git(repository, "rev-parse", f"{oid}^{{tree}}") == git(repository, "rev-parse", f"{sin}^{{tree}}")
    assert found(judge(commands, base, "main")) == {
        ("L201", "error", LOG, 4, sin),
        ("T405", "error", STATE, 8, sin),
    }


def test_a_merge_may_bring_the_same_iteration_from_two_branches(repository: Path, commands: Commands) -> None:
    base = commit(repository, FIRST)
    ours, theirs = entry("12", "Ours"), entry("13", "Theirs", iteration=3)
    branch(repository, "one", base, {LOG: log(E1, E2, ours)})
    branch(repository, "two", base, {LOG: log(E1, E2, theirs)})
    oid = merge(repository, "one", files={LOG: log(E1, E2, ours, theirs)})
    outcome = judge(commands, base, "two")
    assert found(outcome) == {("L214", "warning", LOG, 18, oid)}
    assert outcome.code == 0


@pytest.mark.parametrize("kept", ["all", "without one", "without two", "without three"])
def test_an_octopus_in_the_range(repository: Path, commands: Commands, kept: str) -> None:
    base = commit(repository, FIRST)
    added = {"one": BY_MAIN, "two": BY_TOPIC, "three": BY_THIRD}
    for name, text in added.items():
        branch(repository, name, base, {LOG: log(E1, E2, text)})
    there = [text for name, text in added.items() if not kept.endswith(name)]
    git(repository, "checkout", "-q", "one")
    oid = merge(repository, "two", "three", files={LOG: log(E1, E2, *there)})
    assert len(git(repository, "rev-list", "--parents", "-1", "HEAD").split()) == 4
    outcome = judge(commands, base, select="L")
    assert quiet(outcome) == (set() if kept == "all" else {("L202", "error", 13, oid)})


STATES: list[tuple[str, str, str, str, set[tuple[str, str, int]]]] = [
    # what it is, the state of main, of the topic, as merged, what is found
    ("both go on", state(RUNNING, 13, RUNNING), state(DONE, 14), state(DONE, 15, RUNNING), set()),
    (
        "back from done",
        state(RUNNING, 13, RUNNING),
        state(DONE, 14),
        state(RUNNING, 13, RUNNING),
        {("T402", "error", 8)},
    ),
    ("back from their done", state(DONE, 13), state(RUNNING, 14), state(RUNNING, 14), {("T402", "error", 8)}),
    ("back from both", state(DONE, 13), state(DONE, 14), state(REOPENED, 15), {("T402", "error", 8)}),
    ("counter falls", state(RUNNING, 13), state(running(4), 14), state(RUNNING, 15), {("T405", "error", 8)}),
    ("state deleted", state(RUNNING, 13), state(running(4), 14), "", {("T410", "error", 1)}),
]


@pytest.mark.parametrize(
    ("main", "topic", "merged", "expected"), [each[1:] for each in STATES], ids=[each[0] for each in STATES]
)
def test_state_files_in_a_merge(
    repository: Path, commands: Commands, main: str, topic: str, merged: str, expected: set[tuple[str, str, int]]
) -> None:
    base = commit(repository, FIRST)
    commit(repository, {STATE: main})
    branch(repository, "topic", base, {STATE: topic})
    oid = merge(repository, "main", files={STATE: merged or None})
    errors = {each for each in found(judge(commands, "main", "topic", select="T")) if each[1] == "error"}
    assert errors == {(code, severity, STATE, line, oid) for code, severity, line in expected}


def test_a_state_that_main_took_back_is_not_blamed_on_the_topic(repository: Path, commands: Commands) -> None:
    base = commit(repository, {STATE: state(DONE), LOG: log(E1)})
    commit(repository, {STATE: state(REOPENED, 13)})
    branch(repository, "topic", base, {LOG: log(E1, E2)})
    merge(repository, "main", files={STATE: state(REOPENED, 13)})
    assert found(judge(commands, "main", "topic")) == set()


# --- a merge being committed ---------------------------------------------------------------------------------------

WAYS = ["", "--staged", "PRE_COMMIT=1"]


def now(commands: Commands, way: str, monkeypatch: pytest.MonkeyPatch, select: str = "L,T") -> Outcome:
    if way == "PRE_COMMIT=1":
        monkeypatch.setenv("PRE_COMMIT", "1")
    return commands.check_json("--select", select, *(["--staged"] if way == "--staged" else []))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("merged", "expected"), [each[1:] for each in MERGES], ids=[each[0] for each in MERGES])
def test_a_log_in_a_merge_being_committed(
    repository: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    merged: str,
    expected: set[tuple[str, str, int]],
) -> None:
    base = commit(repository, FIRST)
    main = commit(repository, {LOG: log(E1, E2, BY_MAIN)})
    topic = branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    start_merge(repository, "main", files={LOG: merged or None})
    outcome = now(commands, way, monkeypatch, "L")
    assert quiet(outcome) == {(*each, None) for each in expected}
    assert outcome.code == (1 if expected else 0)
    head = "index" if way else "worktree"
    assert outcome.json["comparison"] == {"base": topic, "head": head, "via": "MERGE_HEAD"}
    assert outcome.json["examined"]["revisions"] == 3
    line = commands.check("--select", "L", *(["--staged"] if way == "--staged" else [])).out.splitlines()[-1]
    assert line.split("; ")[1] == f"compared {head} with HEAD and {main[:12]} via MERGE_HEAD"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("main", "topic", "merged", "expected"), [each[1:] for each in STATES], ids=[each[0] for each in STATES]
)
def test_a_state_in_a_merge_being_committed(
    repository: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    main: str,
    topic: str,
    merged: str,
    expected: set[tuple[str, str, int]],
) -> None:
    base = commit(repository, FIRST)
    commit(repository, {STATE: main})
    branch(repository, "topic", base, {STATE: topic})
    start_merge(repository, "main", files={STATE: merged or None})
    errors = {each for each in found(now(commands, way, monkeypatch, "T")) if each[1] == "error"}
    assert errors == {(code, severity, STATE, line, None) for code, severity, line in expected}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_merged_branch_did_is_not_blamed_on_who_merges_it(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """One parent is a prefix, and what the other added is there, intact: nobody is blocked by somebody else's entry."""
    base = commit(repository, FIRST)
    main_log = log(E1_REWRITTEN, E2, BY_MAIN)
    commit(repository, {LOG: main_log, STATE: state(running(1), 13)})
    branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    start_merge(repository, "main", files={LOG: main_log + BY_TOPIC, STATE: state(running(1), 13)})
    outcome = now(commands, way, monkeypatch)
    assert (found(outcome), outcome.code) == (set(), 0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dropped", [None, BY_MAIN, BY_TOPIC, BY_THIRD])
def test_an_octopus_being_committed(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, way: str, dropped: str | None
) -> None:
    base = commit(repository, FIRST)
    added = {"one": BY_MAIN, "two": BY_TOPIC, "three": BY_THIRD}
    for name, text in added.items():
        branch(repository, name, base, {LOG: log(E1, E2, text)})
    git(repository, "checkout", "-q", "one")
    merged = log(E1, E2, *(text for text in added.values() if text != dropped))
    start_merge(repository, "two", "three", files={LOG: merged})
    outcome = now(commands, way, monkeypatch, "L")
    assert quiet(outcome) == (set() if dropped is None else {("L202", "error", 13, None)})
    assert outcome.json["examined"]["revisions"] == 4


def test_an_octopus_being_committed_that_goes_back_from_done(repository: Path, commands: Commands) -> None:
    base = commit(repository, FIRST)
    for name, text in (("one", state(RUNNING, 13)), ("two", state(RUNNING, 14)), ("three", state(DONE, 15))):
        branch(repository, name, base, {STATE: text})
    git(repository, "checkout", "-q", "one")
    start_merge(repository, "two", "three", files={STATE: state(RUNNING, 16)})
    assert found(commands.check_json("--select", "T")) == {("T402", "error", STATE, 8, None)}


def test_a_merge_is_judged_in_the_index_or_on_disk(repository: Path, commands: Commands) -> None:
    base = commit(repository, FIRST)
    commit(repository, {LOG: log(E1, E2, BY_MAIN)})
    branch(repository, "topic", base, {LOG: log(E1, E2, BY_TOPIC)})
    start_merge(repository, "main", files={LOG: log(E1, E2, BY_TOPIC)})
    write(repository, {LOG: log(E1, E2, BY_MAIN, BY_TOPIC)})
    assert quiet(commands.check_json("--select", "L", "--staged")) == {("L202", "error", 13, None)}
    assert quiet(commands.check_json("--select", "L")) == set()


# --- the words -----------------------------------------------------------------------------------------------------


def clause(commands: Commands, *arguments: str) -> str:
    """Return the middle clause of the last line."""
    return commands.check("--select", "L,T", *arguments).out.splitlines()[-1].split("; ")[1]


def test_the_last_line_says_what_was_compared(repository: Path, commands: Commands) -> None:
    base, one, two = commits(repository, FIRST, {LOG: log(E1, E2, E3)}, {LOG: log(E1, E2, E3, E4)})
    git(repository, "branch", "target", base)
    short = base[:12]
    rows = {
        ("--from-ref", "target", "--to-ref", "main"): (
            f"compared main with {short} via merge base of target and main, 2 commits one by one"
        ),
        ("--from-ref", one, "--to-ref", two): (
            f"compared {two[:12]} with {one[:12]} via merge base of {one} and {two}, 1 commit one by one"
        ),
        ("--from-ref", "main", "--to-ref", "main"): (
            f"compared main with {two[:12]} via merge base of main and main, 0 commits one by one"
        ),
        ("--from-ref", "target", "--to-ref", "main", "--endpoints"): (
            f"compared main with {short} via merge base of target and main"
        ),
        ("--base", "target"): f"compared worktree with {short} via merge base of target and HEAD",
        (): "compared worktree with HEAD",
        ("--staged",): "compared index with HEAD",
        ("--no-history",): "worktree compared with nothing (--no-history)",
    }
    assert {row: clause(commands, *row) for row in rows} == rows


@pytest.mark.parametrize("environment", [False, True])
def test_what_json_says_of_a_range(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, environment: bool
) -> None:
    base, *_ = commits(repository, FIRST, {LOG: log(E1, E2, E3)}, {STATE: state(RUNNING, 13)}, {"x": "y"})
    git(repository, "branch", "target", base)
    if environment:
        monkeypatch.setenv("PRE_COMMIT", "1")
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", "target")
        monkeypatch.setenv("PRE_COMMIT_TO_REF", "main")
    outcome = commands.check_json(
        "--select", "L,T", *([] if environment else ["--from-ref", "target", "--to-ref", "main"])
    )
    assert outcome.json["comparison"] == {"base": base, "head": "main", "via": "merge base of target and main"}
    examined = outcome.json["examined"]
    assert (examined["workspaces"], examined["files"], examined["revisions"]) == (1, 2, 4)


# --- unusual ranges ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "target"), [("HEAD", "HEAD"), ("HEAD", "HEAD~1"), ("HEAD", "HEAD~2")])
def test_an_empty_range(repository: Path, commands: Commands, source: str, target: str) -> None:
    commits(repository, FIRST, {LOG: log(E1_REWRITTEN, E2)}, {STATE: state(running(1), 13)})
    outcome = judge(commands, source, target)
    assert (found(outcome), outcome.unverified, outcome.code) == (set(), [], 0)
    assert outcome.json["examined"]["revisions"] == 1
    end = git(repository, "rev-parse", target).strip()
    assert outcome.json["comparison"]["base"] == end


def test_a_range_of_one_commit(repository: Path, commands: Commands) -> None:
    base, sin = commits(repository, FIRST, {LOG: log(E1_REWRITTEN, E2)})
    outcome = judge(commands, base)
    assert found(outcome) == {("L201", "error", LOG, 4, sin)}
    assert outcome.json["examined"]["revisions"] == 2


def test_a_range_that_touches_no_workspace(repository: Path, commands: Commands) -> None:
    base, *_ = commits(repository, {**FIRST, "a": "1"}, {"a": "2"}, {"b/c": "3"}, {"a": None})
    outcome = judge(commands, base)
    assert (found(outcome), outcome.code) == (set(), 0)
    assert outcome.json["examined"]["workspaces"] == 1


def test_a_range_without_any_workspace(repository: Path, commands: Commands) -> None:
    base, *_ = commits(repository, {"a": "1"}, {"a": "2"}, {})
    outcome = judge(commands, base)
    assert (found(outcome), outcome.code, outcome.json["examined"]["workspaces"]) == (set(), 0, 0)
    assert judge(commands, base, "HEAD", "--fail-if-empty").code == 1


def test_root_commits_in_the_range(repository: Path, commands: Commands) -> None:
    base = commit(repository, FIRST)
    git(repository, "checkout", "-q", "--orphan", "orphan")
    git(repository, "rm", "-rqf", ".")
    files = {f"{OTHER}/state.json": state(UNCONFIRMED, 11, slug="other"), f"{OTHER}/progress.md": log(E1)}
    root = commit(repository, files)
    assert len(git(repository, "rev-list", "--parents", "-1", root).split()) == 1
    sin = commit(repository, {f"{OTHER}/progress.md": log(E1_REWRITTEN)})
    git(repository, "checkout", "-q", "main")
    merge(repository, "orphan", files={**files, f"{OTHER}/progress.md": log(E1_REWRITTEN)})
    outcome = judge(commands, base, "main")
    errors = {each for each in found(outcome) if each[1] == "error"}
    assert errors == {
        ("T404", "error", f"{OTHER}/state.json", 8, root),
        ("L201", "error", f"{OTHER}/progress.md", 4, sin),
    }
    assert outcome.json["examined"]["revisions"] == 4


def test_main_of_another_root_merged_into_the_topic(repository: Path, commands: Commands) -> None:
    """What the other history holds was made elsewhere, though the two share nothing."""
    commit(repository, FIRST)
    git(repository, "checkout", "-q", "--orphan", "topic")
    git(repository, "rm", "-rqf", ".")
    commit(repository, {f"{OTHER}/state.json": state(slug="other"), f"{OTHER}/progress.md": log(E1)})
    merge(repository, "main", files=FIRST)
    outcome = judge(commands, "main", "topic")
    assert {each for each in found(outcome) if each[1] == "error"} == set()
    assert outcome.code == 0


def test_a_workspace_that_comes_and_goes_and_comes(repository: Path, commands: Commands) -> None:
    first = {**FIRST, STATE: state(phase="discover")}
    base, _, gone, _, sin = commits(
        repository, {"x": "y"}, first, {STATE: None, LOG: None}, first, {LOG: log(E1_REWRITTEN, E2)}
    )
    outcome = judge(commands, base)
    assert found(outcome) == {("T410", "warning", STATE, 1, gone), ("L201", "error", LOG, 4, sin)}
    outcome = judge(commands, base, "HEAD~1")
    assert (found(outcome), outcome.code) == ({("T410", "warning", STATE, 1, gone)}, 0)
    outcome = judge(commands, base, "HEAD~2")
    assert (found(outcome), outcome.code) == ({("T410", "warning", STATE, 1, gone)}, 0)
    assert judge(commands, base, "HEAD~2", "--strict").code == 1


@pytest.mark.parametrize("slug", ["größe", "日本", "two words", "line\nbreak", 'quo"te', "tab\tbed", "-dash", "a\\b"])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_any_file_name(repository: Path, commands: Commands, slug: str) -> None:
    folder = f".iterative-work/{slug}"
    first = {f"{folder}/state.json": FIRST[STATE], f"{folder}/progress.md": FIRST[LOG], f"{folder}/outputs/ä\nö": "x"}
    base, sin, gone = commits(
        repository, first, {f"{folder}/progress.md": log(E1_REWRITTEN, E2)}, {f"{folder}/progress.md": None}
    )
    assert found(judge(commands, base)) == {
        ("L201", "error", f"{folder}/progress.md", 4, sin),
        ("L204", "error", f"{folder}/progress.md", 1, gone),
    }
    assert len(commands.check("--from-ref", base, "--to-ref", "HEAD", "--output-format", "concise").out.split("\n")) > 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither links nor modes")
def test_links_modes_and_submodules_beside_the_state(repository: Path, commands: Commands) -> None:
    base = commit(repository, {**FIRST, f"{TASK}/sources/link": {"link": "a"}, f"{ARCHIVED}/state.json": COMPLETE})
    write(repository, {f"{TASK}/sources/link": {"link": "nowhere/else"}})
    (repository / LOG).chmod(0o755)
    (repository / STATE).chmod(0o755)
    git(repository, "config", "core.fileMode", "true")
    commit(repository, {})
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{base},{TASK}/sources/module")
    git(repository, "commit", "-q", "-m", "a submodule")
    git(repository, "update-index", "--cacheinfo", f"160000,{'1' * 40},{TASK}/sources/module")
    git(repository, "commit", "-q", "-m", "its next commit")
    assert "mode change 100644 => 100755" in git(repository, "diff", "--summary", base, "HEAD")
    outcome = judge(commands, base)
    assert (found(outcome), outcome.unverified, outcome.code) == (set(), [], 0)
    assert outcome.json["examined"]["revisions"] == 4


@pytest.mark.parametrize("kind", ["dangling link", "submodule", "folder"])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no links")
def test_a_log_that_is_no_file_in_one_commit_is_never_fine(repository: Path, commands: Commands, kind: str) -> None:
    base = commit(repository, FIRST)
    write(repository, {LOG: {"link": "nowhere"} if kind == "dangling link" else None})
    if kind == "folder":
        write(repository, {f"{LOG}/inside": "x"})
    git(repository, "add", "-A")
    if kind == "submodule":
        git(repository, "update-index", "--add", "--cacheinfo", f"160000,{base},{LOG}")
    git(repository, "commit", "-q", "-m", kind)
    git(repository, "rm", "-rqf", "--cached", LOG)
    write(repository, {LOG: None})
    commit(repository, {LOG: log(E1_REWRITTEN)})
    outcome = judge(commands, base)
    assert outcome.code != 0
    assert outcome.json["verdict"] == ("fail" if found(outcome) else "unverified")


# --- what cannot be read -------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no process can be split in two here")
def test_of_two_objects_that_are_missing_that_of_the_earlier_commit_is_named(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ".iterative-work/a/progress.md"
    later = ({LOG: log(E1, E2, *more)} for more in ([], [E3], [E3, E4], [E3, E4, BY_MAIN]))
    base, *_ = commits(repository, {STATE: state(), other: log(E1)}, *later)
    damaged = [git(repository, "rev-parse", each).strip() for each in (f"HEAD~1:{LOG}", f"HEAD:{other}")]
    for oid in damaged:
        (repository / ".git/objects" / oid[:2] / oid[2:]).unlink()
    said = []
    for processes in (1, 2):
        monkeypatch.setattr(steps, "processes_for", lambda _, count=processes: count)
        outcome = commands.check("--no-cache", "--from-ref", base, "--to-ref", "HEAD")
        assert outcome.code == 2
        said.append(outcome.err)
    assert said[0] == said[1]
    assert damaged[0] in said[0]


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("select", ["T", "T,S", "S,T,L,D,W"])
def test_transitions_from_a_broken_state_are_unverified(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, select: str, processes: int
) -> None:
    monkeypatch.setattr(steps, "processes_for", lambda _: processes)
    base, broken, _ = commits(
        repository, {STATE: state(DONE), LOG: log(E1)}, {STATE: "{"}, {STATE: state(REOPENED, 13)}
    )
    outcome = judge(commands, base, select=select, target="HEAD")
    # No step could be judged, but the two ends can: what was done is in progress again.
    assert {(each[0], each[4]) for each in found(outcome) if each[0][0] == "T"} == {("T402", None)}
    reasons = {each["reason"] for each in outcome.json["unverified"] if each["path"] == STATE}
    assert {each["code"] for each in outcome.json["unverified"]} >= {"T401", "T402", "T403", "T405", "T406", "T407"}
    end = git(repository, "rev-parse", "HEAD").strip()
    assert any(broken[:12] in reason and "2026-01-11" in reason for reason in reasons)
    assert any(end[:12] in reason and "2026-01-12" in reason for reason in reasons)
    assert (outcome.code, outcome.json["verdict"]) == (1, "fail")


def test_beside_an_error_what_is_unverified_is_listed(repository: Path, commands: Commands) -> None:
    base, _, sin = commits(repository, FIRST, {STATE: "{"}, {STATE: state(RUNNING, 13), LOG: log(E1)})
    outcome = judge(commands, base)
    assert found(outcome) == {("L202", "error", LOG, last_line(log(E1)), sin)}
    assert outcome.unverified
    assert (outcome.code, outcome.json["verdict"]) == (1, "fail")
    line = commands.check("--select", "L,T", "--from-ref", base, "--to-ref", "HEAD").out.splitlines()[-1]
    assert f"1 error, {len(outcome.unverified)} unverified" in line


def test_other_workspaces_are_judged_beside_a_broken_state(repository: Path, commands: Commands) -> None:
    other = {f"{OTHER}/state.json": state(DONE, slug="other", task="Another"), f"{OTHER}/progress.md": log(E4)}
    base, _, sin = commits(
        repository,
        {**FIRST, **other},
        {STATE: "{"},
        {f"{OTHER}/state.json": state(REOPENED, 13, slug="other", task="Another")},
    )
    outcome = judge(commands, base, select="T")
    assert found(outcome) == {("T402", "error", f"{OTHER}/state.json", 8, sin)}
    assert {each["path"] for each in outcome.json["unverified"]} == {STATE}


def test_a_broken_log_in_one_commit(repository: Path, commands: Commands) -> None:
    base, *_ = commits(repository, FIRST, {LOG: b"\xff\xfe\x00"}, {LOG: log(E1, E2)})
    outcome = judge(commands, base, select="L")
    assert outcome.code != 0
    assert LOG in {each["path"] for each in outcome.json["unverified"]} | {each[2] for each in found(outcome)}


# --- moved and missing ends ----------------------------------------------------------------------------------------


def test_after_a_force_push_the_range_begins_at_the_merge_base(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, old = commits(repository, FIRST, {LOG: log(E1_REWRITTEN, E2), STATE: state(running(1), 13)})
    new = branch(repository, "pushed", base, {LOG: log(E1, E2, E3)})
    outcome = judge(commands, old, new)
    assert (found(outcome), outcome.code) == (set(), 0)
    assert outcome.json["comparison"] == {"base": base, "head": new[:12], "via": f"merge base of {old} and {new}"}
    sin = commit(repository, {LOG: log(E1, E2)})
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", old)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", sin)
    outcome = commands.check_json("--select", "L,T")
    assert found(outcome) == {("L202", "error", LOG, 11, sin)}
    assert outcome.json["examined"]["revisions"] == 3


@pytest.mark.parametrize("missing", ["1" * 40, "0" * 40, "gone", "HEAD~9"])
@pytest.mark.parametrize("way", ["arguments", "environment", "endpoints"])
def test_a_range_whose_beginning_is_missing_cannot_be_judged(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, missing: str, way: str
) -> None:
    commits(repository, FIRST, {LOG: log(E1, E2, E3)})
    if way == "environment":
        monkeypatch.setenv("PRE_COMMIT", "1")
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", missing)
        monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
        outcome = commands.check_json("--select", "L,T")
    else:
        outcome = judge(commands, missing, "HEAD", *(["--endpoints"] if way == "endpoints" else []))
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert f"no commit {missing}" in outcome.err


def test_a_shallow_clone_that_lacks_a_part_of_the_range(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base, *_ = commits(repository, FIRST, {"a": "1"}, {LOG: log(E1_REWRITTEN, E2)}, {LOG: log(E1, E2)})
    clone = repository.parent / "clone"
    git(repository.parent, "clone", "-q", "--depth", "2", f"file://{repository}", str(clone))
    git(clone, "fetch", "-q", "--depth", "1", "origin", base)
    outcome = judge(Commands(clone, monkeypatch, capsys), base)
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert "fetch-depth: 0" in outcome.err


# --- another base --------------------------------------------------------------------------------------------------


def test_base_compares_with_the_merge_base(repository: Path, commands: Commands) -> None:
    base, _ = commits(repository, FIRST, {LOG: log(E1_REWRITTEN, E2)})
    branch(repository, "topic", base, {LOG: log(E1, E2, E3)})
    write(repository, {LOG: log(E1, E2, entry("12", "Said otherwise"))})
    assert found(commands.check_json("--select", "L,T")) == {("L201", "error", LOG, 14, None)}
    outcome = commands.check_json("--select", "L,T", "--base", "main")
    assert (found(outcome), outcome.code) == (set(), 0)
    assert outcome.json["comparison"] == {"base": base, "head": "worktree", "via": "merge base of main and HEAD"}
    write(repository, {LOG: log(E1_REWRITTEN, E2, E3)})
    assert found(commands.check_json("--select", "L,T", "--base", "main")) == {("L201", "error", LOG, 4, None)}


def upstream(repository: Path, oid: str) -> None:
    """Give main an upstream branch that stands at a commit."""
    git(repository, "remote", "add", "origin", "https://example.org/none.git")
    git(repository, "update-ref", "refs/remotes/origin/main", oid)
    git(repository, "branch", "-q", "--set-upstream-to", "origin/main", "main")


UPSTREAM = {"statecheck.toml": 'base = "upstream"\n'}


@pytest.mark.parametrize("way", WAYS)
def test_the_upstream_branch_as_base_lets_commits_be_amended(
    repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    pushed, _ = commits(repository, FIRST | UPSTREAM, {LOG: log(E1, E2, E3)})
    upstream(repository, pushed)
    write(repository, {LOG: log(E1, E2, entry("12", "Said otherwise"))})
    git(repository, "add", "-A")
    outcome = now(commands, way, monkeypatch)
    assert (found(outcome), outcome.code) == (set(), 0)
    assert outcome.json["comparison"]["base"] == pushed
    assert outcome.json["comparison"]["head"] == ("index" if way else "worktree")
    write(repository, {LOG: log(E1_REWRITTEN, E2)})
    git(repository, "add", "-A")
    outcome = now(commands, way, monkeypatch)
    assert found(outcome) == {("L201", "error", LOG, 4, None)}
    line = commands.check("--select", "L,T", *(["--staged"] if way == "--staged" else [])).out.splitlines()[-1]
    words = (
        f"compared {'index' if way else 'worktree'} with {pushed[:12]} via merge base of the upstream branch and HEAD"
    )
    assert line.split("; ")[1] == words


def test_the_upstream_branch_that_went_its_own_way(repository: Path, commands: Commands) -> None:
    base, pushed = commits(repository, FIRST | UPSTREAM, {LOG: log(E1, E2, BY_MAIN)})
    git(repository, "reset", "-q", "--hard", base)
    commit(repository, {LOG: log(E1, E2, BY_TOPIC)})
    upstream(repository, pushed)
    outcome = commands.check_json("--select", "L,T")
    assert (found(outcome), outcome.json["comparison"]["base"]) == (set(), base)


@pytest.mark.parametrize("situation", ["no upstream", "detached", "upstream gone"])
def test_without_an_upstream_branch_it_is_head_and_the_run_says_so(
    repository: Path, commands: Commands, situation: str
) -> None:
    base, head = commits(repository, FIRST | UPSTREAM, {LOG: log(E1, E2, E3)})
    if situation == "detached":
        git(repository, "checkout", "-q", "--detach")
    if situation == "upstream gone":
        upstream(repository, base)
        git(repository, "update-ref", "-d", "refs/remotes/origin/main")
    write(repository, {LOG: log(E1, E2, entry("12", "Said otherwise"))})
    outcome = commands.check_json("--select", "L,T")
    assert found(outcome) == {("L201", "error", LOG, 14, None)}
    assert outcome.json["comparison"]["base"] == head
    assert "no upstream" in outcome.json["comparison"]["via"]
    assert "no upstream" in clause(commands)
    assert clause(commands).startswith("compared worktree with HEAD")


def test_what_is_asked_for_goes_before_the_configured_base(repository: Path, commands: Commands) -> None:
    pushed, one, two = commits(repository, FIRST | UPSTREAM, {LOG: log(E1, E2, E3)}, {"x": "y"})
    upstream(repository, pushed)
    assert commands.check_json("--select", "L", "--base", one).json["comparison"]["base"] == one
    assert judge(commands, one, two).json["comparison"]["base"] == one
    assert commands.check_json("--select", "L", "--no-history").json["comparison"]["base"] is None


def test_a_configured_head_is_the_default(repository: Path, commands: Commands) -> None:
    pushed, head = commits(repository, FIRST | {"statecheck.toml": 'base = "HEAD"\n'}, {"x": "y"})
    upstream(repository, pushed)
    assert commands.check_json("--select", "L").json["comparison"] == {
        "base": head,
        "head": "worktree",
        "via": "HEAD",
    }


@pytest.mark.parametrize("kept", [BY_MAIN, BY_TOPIC], ids=["theirs dropped", "ours dropped"])
def test_a_merge_being_committed_is_judged_against_every_parent_whatever_the_base(
    repository: Path, commands: Commands, kept: str
) -> None:
    base = commit(repository, FIRST | UPSTREAM)
    upstream(repository, base)
    branch(repository, "side", base, {LOG: log(E1, E2, BY_TOPIC)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {LOG: log(E1, E2, BY_MAIN)})
    start_merge(repository, "side", files={LOG: log(E1, E2, kept)})
    assert quiet(commands.check_json("--select", "L")) == {("L202", "error", 13, None)}


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ('base = "main"\n', "base"),
        ("base = 3\n", "base"),
        ('base = ["upstream"]\n', "base"),
        ('bases = "upstream"\n', "bases"),
        ('[base]\nref = "upstream"\n', "base"),
        ("base = upstream\n", ""),
        ('base = "HEAD"\nbase = "upstream"\n', ""),
        (b"\xff\xfe", ""),
        ('[memory]\npath = "a\\u0000b"\n', "memory.path"),
        ('[memory]\npath = ".git/refs/heads/x"\n', "memory.path"),
        ('[memory]\npath = "notes/../.GIT/description"\n', "memory.path"),
        ('[memory]\npath = "../memory.md"\n', "memory.path"),
        ('[memory]\npath = "notes/../../memory.md"\n', "memory.path"),
        ('[memory]\npath = "notes/"\n', "memory.path"),
        ('[memory]\npath = "notes/.."\n', "memory.path"),
    ],
)
def test_a_bad_configuration_is_named(repository: Path, commands: Commands, content: Any, key: str) -> None:
    commit(repository, {**FIRST, "statecheck.toml": content})
    outcome = commands.check_json("--select", "L,T")
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert "statecheck.toml" in outcome.err
    assert key in outcome.err.replace("statecheck.toml", "")
    assert "Traceback" not in outcome.err


# --- the cost ------------------------------------------------------------------------------------------------------


def test_a_commit_costs_what_it_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a range of 30 commits no more objects are read from a tree of 2,000 unrelated files than from one of 20."""
    asked: list[str] = []
    real = ObjectReader.content

    def content(self: ObjectReader, oid: str) -> bytes:
        asked.append(oid)
        return real(self, oid)

    counts = {}
    for size in (20, 2000):
        place = folder / str(size)
        place.mkdir()
        git(place, "init", "-q", "-b", "main")
        files = {f"src/p{number % 40}/q{number % 7}/f{number}.txt": f"{number}\n" for number in range(size)}
        base = commit(place, {**files, STATE: state(running(1), 0), LOG: log(E1)})
        text = log(E1)
        for step in range(30):
            text += entry(f"{10 + step // 2}", f"Step {step}", iteration=step + 2)
            commit(place, {LOG: text, STATE: state(running(1), 1 + step // 2)})
        asked.clear()
        monkeypatch.setattr(ObjectReader, "content", content)
        outcome = judge(Commands(place, monkeypatch, capsys), base)
        monkeypatch.setattr(ObjectReader, "content", real)
        assert outcome.json["examined"]["revisions"] == 31
        assert {each for each in found(outcome) if each[1] == "error"} == set()
        counts[size] = len(asked)
    assert abs(counts[2000] - counts[20]) <= 3
    assert counts[2000] <= 30 * 8


def test_a_file_that_was_made_and_deleted_within_a_range_is_not_missing(repository: Path, commands: Commands) -> None:
    log = "# Refinement Log\n\n## Iteration 1 — 2026-01-16T10:00:00Z\n"
    more = "\n## Iteration 2 — 2026-01-16T11:00:00Z\n\n### Files Modified\n- `dist/tried.svg`\n- `dist/gone.svg`\n"
    start, *_ = commits(
        repository,
        {"art/constraints.json": '{"constraints": []}\n', "art/refinement_log.md": log},
        {"art/dist/tried.svg": "<svg/>\n"},
        {"art/dist/tried.svg": None, "art/refinement_log.md": log + more},
    )
    outcome = commands.check_json("--select", "X627", "--from-ref", start, "--to-ref", "HEAD")
    assert outcome.findings == ["X627 warning art/refinement_log.md:9:3"]
