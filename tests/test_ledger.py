"""The ledger: history for folders without git and for files that git ignores, written only when nothing is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from harness import NOW, ROOT, Commands, Outcome, git, make_repository, snapshot, write
from jsonschema import Draft202012Validator

LEDGER = ".statecheck/ledger.json"
HEALTHY = ROOT / "examples" / "healthy"
TASK = ".iterative-work/tram-noise"
LOG = f"{TASK}/progress.md"
STATE = f"{TASK}/state.json"
INITIATIVE = ".claude/initiative.json"
COMPARED = {"L201", "L202", "L203", "L204", "L205", "L206", "L207"}

Change = Callable[[str], str | None]


class Layout(NamedTuple):
    """Where a project lies, and what git ignores of it; None where there is no git."""

    ignore: str | None
    above: str = ""


LAYOUTS = {
    "no git": Layout(None),
    "no git, nested": Layout(None, "app/"),
    "folder ignored": Layout(".iterative-work/\n.claude/\n"),
    "files ignored": Layout("state.json\nprogress.md\n.claude/*.json\n"),
    "nested": Layout(".iterative-work/\n.claude/\n", "app/"),
}


def example(kind: str, above: str = "") -> dict[str, bytes]:
    """Return the files of a healthy workspace."""
    place = HEALTHY / kind
    return {
        above + path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()
    }


class Project:
    """A project in one of the layouts, recorded or about to be."""

    def __init__(self, folder: Path, commands: Commands, layout: Layout, *kinds: str) -> None:
        self.folder = folder
        self.commands = commands
        self.above = layout.above
        self.git = layout.ignore is not None
        files = {name: data for kind in kinds for name, data in example(kind, layout.above).items()}
        if layout.ignore is None:
            write(folder, files)
        else:
            make_repository(folder, {".gitignore": layout.ignore})
            write(folder, files)
            git(folder, "add", "-A")
            git(folder, "commit", "-q", "--allow-empty", "-m", "what is not ignored")

    def path(self, name: str) -> Path:
        return self.folder / self.above / name

    def change(self, name: str, how: Change) -> None:
        path = self.path(name)
        old = path.read_bytes().decode()
        new = how(old)
        assert new != old
        if new is None:
            path.unlink()
        else:
            path.write_bytes(new.encode())

    def record(self, *arguments: str) -> Outcome:
        return self.commands.check("--record", *arguments)

    def recorded(self) -> Project:
        outcome = self.record()
        assert outcome.code == 0, outcome.out + outcome.err
        assert (self.folder / LEDGER).is_file()
        return self

    def found(self, *codes: str) -> list[str]:
        """Return what is found that is no note, of these codes; paths as below the project."""
        outcome = self.commands.check_json()
        wanted = [each for each in outcome.findings if " info " not in each]
        return [each.replace(f" {self.above}", " ") for each in wanted if not codes or each.split()[0] in codes]

    @property
    def ledger(self) -> Any:
        return json.loads((self.folder / LEDGER).read_bytes())


def new_project(name: str, folder: Path, commands: Commands, *kinds: str) -> Project:
    return Project(folder, commands, LAYOUTS[name], *(kinds or ("iterative-work",)))


@pytest.fixture(params=LAYOUTS)
def project(request: pytest.FixtureRequest, folder: Path, commands: Commands) -> Project:
    """A recorded task, in each layout."""
    return new_project(request.param, folder, commands).recorded()


@pytest.fixture(params=["no git", "folder ignored"])
def simple(request: pytest.FixtureRequest, folder: Path, commands: Commands) -> Project:
    """A recorded task, with git and without."""
    return new_project(request.param, folder, commands).recorded()


def run(folder: Path, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run check-state as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "statecheck", "check", "--now", NOW, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


# Logs

FURTHER = """
## R2 - Iteration 2 - 2026-01-16T14:10:00Z
**Did:** Compared speed limits as well
**Remaining:** The cost of dampers
**Blockers:** None
"""


def entries(text: str) -> list[str]:
    """Return the preamble and the entries of the progress log."""
    head, *rest = text.split("\n## ")
    return [head.rstrip() + "\n", *(f"## {each.rstrip()}\n" for each in rest)]


def arranged(*order: int) -> Change:
    """Return a change that keeps the preamble, 0, and these entries in this order."""
    return lambda text: "\n".join(entries(text)[index] for index in (0, *order))


def inserted(text: str) -> str:
    head, one, two, three = entries(text)
    return "\n".join([head, one, FURTHER.strip() + "\n", two, three])


LOG_CHANGES: dict[str, tuple[Change, list[str]]] = {
    "an entry appended": (lambda text: text + FURTHER, []),
    "blank lines at the end": (lambda text: text + "\n\n", []),
    "no final newline": (lambda text: text.rstrip("\n"), []),
    "blank lines between entries": (lambda text: text.replace("\n\n## R2", "\n\n\n\n## R2"), []),
    "first entry changed": (lambda text: text.replace("two studies", "ten studies"), ["L201 error {}:3:1"]),
    "middle entry changed": (lambda text: text.replace("rail dampers", "walls"), ["L201 error {}:8:1"]),
    "last entry changed": (lambda text: text.replace("Speed limits", "None"), ["L201 error {}:13:1"]),
    "changed, and one appended": (
        lambda text: text.replace("two studies", "ten studies") + FURTHER,
        ["L201 error {}:3:1"],
    ),
    "heading changed": (lambda text: text.replace("T11:40", "T11:41"), ["L201 error {}:8:1"]),
    "two entries changed": (
        lambda text: text.replace("two studies", "ten studies").replace("Speed limits", "None"),
        ["L201 error {}:3:1", "L201 error {}:13:1"],
    ),
    "first entry removed": (arranged(2, 3), ["L202 error {}:3:1"]),
    "middle entry removed": (arranged(1, 3), ["L202 error {}:8:1"]),
    "last entry removed": (arranged(1, 2), ["L202 error {}:11:1"]),
    "middle removed, and one appended": (lambda text: (arranged(1, 3)(text) or "") + FURTHER, ["L202 error {}:8:1"]),
    "only the title left": (arranged(), ["L202 error {}:1:1"]),
    "emptied": (lambda text: "", ["L202 error {}:1:1"]),
    "inserted": (inserted, ["L203 error {}:8:1"]),
    "deleted": (lambda text: None, ["L204 error {}:1:1"]),
    "title changed": (lambda text: text.replace("# Progress Log", "# Log"), ["L205 warning {}:1:1"]),
    "text before the first entry": (
        lambda text: text.replace("# Progress Log\n", "# Progress Log\n\nStatus: 1 of 3\n"),
        ["L205 warning {}:1:1"],
    ),
    "line endings": (lambda text: text.replace("\n", "\r\n"), ["L206 warning {}:1:1"]),
    "line endings, and an entry changed": (
        lambda text: text.replace("two studies", "ten studies").replace("\n", "\r\n"),
        ["L206 warning {}:1:1", "L201 error {}:3:1"],
    ),
    "last entry extended": (lambda text: text + "**Signal:** R2_GAPS:1\n", ["L207 warning {}:17:1"]),
}


@pytest.mark.parametrize("name", LOG_CHANGES)
def test_what_happened_to_a_log_is_found(project: Project, name: str) -> None:
    change, expected = LOG_CHANGES[name]
    project.change(LOG, change)
    found = project.found(*COMPARED)
    if name == "emptied":
        found = [each for each in found if "L205" not in each]  # the title is gone as well
    assert sorted(found) == sorted(each.format(LOG) for each in expected)


def test_entries_that_changed_places_are_found(project: Project) -> None:
    project.change(LOG, arranged(2, 1, 3))
    (found,) = project.found(*COMPARED)
    assert found in (f"L201 error {LOG}:3:1", f"L201 error {LOG}:8:1")


def test_a_guardrail_is_only_a_warning(project: Project) -> None:
    """As in invariants.md, wherever the log is remembered."""
    project.change(f"{TASK}/guardrails.md", lambda text: text.replace("the other at 25", "the other at 15"))
    (found,) = project.found("L201")
    assert found.startswith(f"L201 warning {TASK}/guardrails.md:")


def go_on(project: Project, number: int = 2) -> None:
    """Log a further iteration of R2, in both files."""
    time = f"2026-01-16T{12 + number}:10:00Z"
    project.change(
        LOG, lambda text: text + FURTHER.replace("Iteration 2", f"Iteration {number}").replace("T14", time[10:13])
    )
    state = json.loads(project.path(STATE).read_bytes())
    state["updated"] = time
    state["current_iteration"] = state["phases"]["R2"]["iterations_used"] = number
    project.path(STATE).write_text(json.dumps(state, indent=2) + "\n")


def test_work_that_goes_on_is_recorded_again_and_again(project: Project) -> None:
    for number in (2, 3, 4):
        go_on(project, number)
        assert project.found("T405", "T407", *COMPARED) == []
        project.recorded()
    project.change(LOG, lambda text: text.replace("15:10:00Z\n**Did:** Compared", "15:10:00Z\n**Did:** Forgot"))
    assert project.found("L201") == [f"L201 error {LOG}:23:1"]


def test_what_was_appended_counts_only_once_it_is_recorded(simple: Project) -> None:
    go_on(simple)
    simple.change(LOG, lambda text: text.replace("speed limits as well", "speed limits too"))
    assert simple.found(*COMPARED) == []
    simple.recorded()
    simple.change(LOG, lambda text: text.replace("speed limits too", "nothing"))
    assert simple.found(*COMPARED) == [f"L201 error {LOG}:18:1"]


def test_crlf_logs_are_remembered_as_such(folder: Path, commands: Commands) -> None:
    project = new_project("no git", folder, commands)
    project.change(LOG, lambda text: text.replace("\n", "\r\n"))
    project.recorded()
    assert project.ledger["logs"][LOG]["line_end"] == "\r\n"
    project.change(LOG, lambda text: text + FURTHER.replace("\n", "\r\n"))
    assert project.found(*COMPARED) == []
    project.change(LOG, lambda text: text.replace("\r\n", "\n"))
    assert project.found(*COMPARED) == [f"L206 warning {LOG}:1:1"]


def test_findings_in_recorded_entries_are_notes(simple: Project) -> None:
    """What the entries of the base say is history, also where the base is a ledger (rule of trust 1)."""
    (simple.folder / LEDGER).unlink()
    simple.change(
        LOG,
        lambda text: (
            text.replace("R1 - Iteration 1 - 2026-01-16T10:45:00Z", "R1 - iteration 1 - 2026-01-16T11:45:00Z")
            .replace("R1 - Iteration 2", "R1 - Iteration 3")
            .replace("**Remaining:** Two sources on other measures\n", "")
            .replace("**Remaining:** Speed limits\n**Blockers:** None", "**Remaining:** Speed limits\n**Signal:** WHAT")
        ),
    )
    codes = ["L210", "L211", "L212", "L213", "L215"]
    outcome = simple.commands.check_json(TASK)
    before = [each for each in outcome.findings if each.split()[0] in codes]
    assert {each.split()[0] for each in before} == set(codes)
    assert all(" warning " in each for each in before)
    simple.recorded()
    assert simple.found(*codes) == []
    notes = [each for each in simple.commands.check_json().findings if each.split()[0] in codes]
    assert notes == [each.replace(" warning ", " info ") for each in before]
    simple.change(LOG, lambda text: text + FURTHER.replace("R2 - Iteration 2", "R2 - iteration 7"))
    new = simple.found(*codes)
    assert {each.split()[0] for each in new} == {"L210", "L213"}
    assert all(f" warning {LOG}:" in each for each in new)


def test_what_follows_the_end_in_recorded_entries_is_a_note(folder: Path, commands: Commands) -> None:
    project = new_project("no git", folder, commands, "refinement")
    project.change("decisions.md", lambda text: text.replace("- **Decision**: continue", "- **Decision**: terminate"))
    project.change("refinement_log.md", lambda text: text.replace("Convergence: continue", "Convergence: terminate"))
    before = project.found("L216")
    assert before and all("warning" in each for each in before)
    if project.record().code != 0:
        pytest.skip("other families see an error in it")
    assert project.found("L216") == []
    assert [each for each in commands.check_json().findings if "L216" in each] == [
        each.replace("warning", "info") for each in before
    ]


# State files


def state_change(*path: str, to: Any, updated: str = "2026-01-16T15:00:00Z") -> Change:
    """Return a change of one value of state.json; None removes it. The clock goes on as it should."""

    def change(text: str) -> str:
        value = json.loads(text)
        place = value
        for key in path[:-1]:
            place = place[key]
        if to is None:
            del place[path[-1]]
        else:
            place[path[-1]] = to
        if path != ("updated",):
            value["updated"] = updated
        return json.dumps(value, indent=2) + "\n"

    return change


STATE_CHANGES: dict[str, tuple[Change, str, str]] = {
    # the change, the code and severity, and what stands in the line
    "back to pending": (state_change("phases", "R2", "status", to="pending"), "T401 error", '"status": "pending"'),
    "done is left": (state_change("phases", "R1", "status", to="in_progress"), "T402 error", '"status": "in_progress"'),
    "fewer iterations": (state_change("phases", "R2", "iterations_used", to=0), "T405 error", '"iterations_used": 0'),
    "fewer confirmations": (
        state_change("phases", "R1", "confirmations_used", to=0),
        "T405 warning",
        '"confirmations_used": 0',
    ),
    "current iteration": (state_change("current_iteration", to=0), "T405 error", '"current_iteration": 0'),
    "completed_at": (
        state_change("phases", "R1", "completed_at", to="2026-01-16T12:45:00Z"),
        "T406 error",
        '"completed_at": "2026-01-16T12:45:00Z"',
    ),
    "created": (state_change("created", to="2026-01-16T09:00:00Z"), "T406 warning", '"created"'),
    "clock stands": (
        state_change("phases", "R2", "note", to="x", updated="2026-01-16T13:10:00Z"),
        "T407 warning",
        '"updated"',
    ),
    "clock goes back": (state_change("updated", to="2026-01-16T13:00:00Z"), "T407 warning", '"updated"'),
}


@pytest.mark.parametrize("name", STATE_CHANGES)
def test_state_is_compared_with_what_was_recorded(project: Project, name: str) -> None:
    change, expected, line = STATE_CHANGES[name]
    project.change(STATE, change)
    found = [each for each in project.found(expected.split()[0]) if STATE in each]
    lines = [number for number, text in enumerate(project.path(STATE).read_text().splitlines(), 1) if line in text]
    assert len(found) == 1, found
    assert found[0].startswith(f"{expected} {STATE}:")
    assert int(found[0].split(":")[-2]) in lines


def test_nothing_is_said_of_state_that_only_grew(project: Project) -> None:
    project.change(STATE, state_change("phases", "R2", "iterations_used", to=2))
    assert [each for each in project.found() if each.startswith("T")] == []


def test_reformatting_is_no_change(project: Project) -> None:
    project.change(STATE, lambda text: json.dumps(json.loads(text), indent=8, sort_keys=True))
    assert [each for each in project.found() if each[0] in "LT"] == []


def test_a_deleted_state_file_is_found(project: Project) -> None:
    project.change(STATE, lambda text: None)
    assert project.found("T410") == [f"T410 error {STATE}:1:1"]
    assert project.record().code == 1


WORKFLOW_CHANGES: dict[str, tuple[str, str, str]] = {
    "illegal": ('"status": "in_progress"', '"status": "created"', "T401 error"),
    "replaced": ('"name": "search-index"', '"name": "search-engine"', "T402 error"),
    "clock": ('"lastUpdated": "2026-02-03', '"lastUpdated": "2026-02-02', "T407 warning"),
}


@pytest.mark.parametrize("layout", ["no git", "folder ignored", "files ignored", "nested"])
@pytest.mark.parametrize("name", WORKFLOW_CHANGES)
def test_an_initiative_that_git_ignores_is_compared(folder: Path, commands: Commands, layout: str, name: str) -> None:
    """`.claude/*.json` is ignored, MEMORY.md and the milestones are tracked."""
    project = new_project(layout, folder, commands, "workflow").recorded()
    states = project.ledger["states"]
    yaml = f"{project.above}documentation/milestones/_active/search-index/WORKFLOW-STATUS.yaml"
    assert f"{project.above}{INITIATIVE}" in states
    assert (yaml in states) is (not project.git)  # git has it
    assert not any("MEMORY.md" in path for path in (*states, *project.ledger["logs"]))
    old, new, expected = WORKFLOW_CHANGES[name]
    project.change(INITIATIVE, lambda text: text.replace(old, new))
    found = [each for each in project.found(expected.split()[0]) if INITIATIVE in each]
    assert [each.split()[:2] for each in found] == [expected.split()]


@pytest.mark.parametrize("layout", ["no git", "folder ignored"])
def test_an_archived_initiative_does_not_change(folder: Path, commands: Commands, layout: str) -> None:
    project = new_project(layout, folder, commands)
    initiative = {"name": "old", "status": "archived", "lastUpdated": "2026-01-16T12:00:00Z", "note": "a"}
    memory = "# Memory\n\n- Completed initiative for old: delivered\n"
    write(folder, {INITIATIVE: json.dumps(initiative), "MEMORY.md": memory})
    project.recorded()
    assert project.found("T402", "T409") == []
    write(folder, {INITIATIVE: json.dumps({**initiative, "note": "b"})})
    assert project.found("T402", "T409") == [f"T409 error {INITIATIVE}:1:1"]


def finished(above: str) -> dict[str, str]:
    """Return a task whose phases are all done, below another folder."""
    files = {name.removeprefix(f"{TASK}/"): data.decode() for name, data in example("iterative-work").items()}
    files["plan.md"] = files["plan.md"].replace("[ ]", "[x]")
    state = json.loads(files["state.json"])
    done = {"status": "done", "iterations_used": 1, "confirmations_used": 1, "verification_passed": True}
    for phase, hour, maximum in (("R2", 14, 5), ("R3", 16, 3)):
        state["phases"][phase] = {**done, "max_iterations": maximum, "completed_at": f"2026-01-16T{hour}:30:00Z"}
    state |= {"phase": "complete", "current_phase": "R3", "updated": "2026-01-16T17:00:00Z"}
    files["state.json"] = json.dumps(state, indent=2) + "\n"
    files["progress.md"] = files["progress.md"].replace(
        "**Remaining:** Speed limits\n**Blockers:** None", "**Remaining:** None\n**Signal:** R2_DONE"
    ) + (
        "\n## R3 - Iteration 1 - 2026-01-16T16:00:00Z\n**Did:** Wrote the report\n**Remaining:** None\n"
        "**Signal:** R3_DONE\n"
    )
    files |= {"outputs/comparison.md": "# Comparison\n", "outputs/report.md": "# Report\n"}
    return {f"{above}/{name}": text for name, text in files.items()}


ARCHIVE = ".iterative-work/archive/tram-noise"


@pytest.mark.parametrize("layout", ["no git", "folder ignored", "files ignored", "nested"])
@pytest.mark.parametrize("changed", [False, True])
def test_a_task_that_is_archived_is_followed(folder: Path, commands: Commands, layout: str, changed: bool) -> None:
    project = new_project(layout, folder, commands).recorded()
    go_on(project)
    project.recorded()
    text = project.path(LOG).read_text()
    shutil.rmtree(project.path(TASK))
    done = finished(ARCHIVE)
    done[f"{ARCHIVE}/progress.md"] = text + (
        "\n## R2 - Iteration 3 - 2026-01-16T14:20:00Z\n**Did:** Costs\n**Remaining:** None\n**Signal:** R2_DONE\n"
    )
    if changed:
        done[f"{ARCHIVE}/progress.md"] = done[f"{ARCHIVE}/progress.md"].replace("two studies", "ten studies")
    write(folder / project.above.rstrip("/"), done)
    expected = [f"L201 error {ARCHIVE}/progress.md:3:1"] if changed else []
    assert project.found("T401", "T402", "T406", "T409", "T410", *COMPARED) == expected


@pytest.mark.parametrize("layout", ["no git", "folder ignored", "nested"])
def test_an_archived_task_does_not_change(folder: Path, commands: Commands, layout: str) -> None:
    project = new_project(layout, folder, commands, "workflow")
    write(folder / project.above.rstrip("/"), finished(ARCHIVE))
    project.recorded()
    assert project.found("T409") == []
    project.change(f"{ARCHIVE}/state.json", lambda text: text.replace('"max_iterations": 3', '"max_iterations": 4'))
    assert project.found("T409") == [f"T409 error {ARCHIVE}/state.json:1:1"]
    project.change(f"{ARCHIVE}/progress.md", lambda text: text + FURTHER)
    assert {each for each in project.found("T409") if "progress" in each} == {f"T409 error {ARCHIVE}/progress.md:1:1"}
    assert project.record().code == 1


def test_an_archived_task_that_is_deleted_in_the_ledger_is_no_crash(folder: Path, commands: Commands) -> None:
    project = new_project("no git", folder, commands)
    write(folder, finished(ARCHIVE))
    project.recorded()
    shutil.rmtree(project.path(ARCHIVE))
    assert commands.check_json().code in (0, 1)


def test_constraints_are_remembered(folder: Path, commands: Commands) -> None:
    project = new_project("no git", folder, commands, "refinement").recorded()
    project.change("constraints.json", lambda text: text.replace('"severity": "blocking"', '"severity": "low"', 1))
    assert project.found("T406") == ["T406 error constraints.json:5:19"]
    project.change("constraints.json", lambda text: text.replace('"severity": "low"', '"severity": "blocking"'))
    project.change("constraints.json", lambda text: text.replace("compare width and height", "look at it; compare"))
    assert project.found("T406") == ["T406 error constraints.json:7:21"]


@pytest.mark.parametrize("name", [".refiner/artifacts/badge", "art"])
def test_an_ignored_refinement_that_was_recorded_by_name_is_compared(
    folder: Path, commands: Commands, name: str
) -> None:
    """With a ledger or an explicit path the working tree includes ignored files (product.md)."""
    make_repository(folder, {".gitignore": f"/{name.split('/')[0]}/\n"})
    write(folder, example("refinement", f"{name}/"))
    assert commands.check("--record", name).code == 0
    ledger = json.loads((folder / LEDGER).read_bytes())
    assert f"{name}/refinement_log.md" in ledger["logs"]
    assert [each for each in commands.check_json().findings if each[0] in "LT" and " info " not in each] == []
    path = folder / name / "refinement_log.md"
    path.write_text(path.read_text().replace("Drew the badge for light", "Drew nothing for light"))
    assert f"L201 error {name}/refinement_log.md:3:1" in commands.check_json(name).findings
    assert f"L201 error {name}/refinement_log.md:3:1" in commands.check_json().findings


def test_a_project_that_git_ignores_as_a_whole_is_recorded(folder: Path, commands: Commands) -> None:
    project = Project(folder, commands, Layout("/app/\n", "app/"), "iterative-work").recorded()
    project.change(LOG, LOG_CHANGES["first entry changed"][0])
    assert project.found("L201") == [f"L201 error {LOG}:3:1"]


@pytest.mark.parametrize("layout", ["no git", "folder ignored"])
def test_archived_tasks_can_be_recorded_for_the_first_time(folder: Path, commands: Commands, layout: str) -> None:
    """What was not there before did not change: a new state file is judged by T403 and gates only."""
    project = new_project(layout, folder, commands)
    write(folder, finished(ARCHIVE))
    assert [each for each in commands.check_json(".iterative-work").findings if "T409" in each] == []
    project.recorded()
    assert f"{ARCHIVE}/state.json" in project.ledger["states"]


# When it is written


WRONG: dict[str, tuple[str, Change]] = {
    "a changed entry": (LOG, LOG_CHANGES["first entry changed"][0]),
    "a removed entry": (LOG, arranged(1, 3)),
    "a deleted log": (LOG, lambda text: None),
    "an illegal status": (STATE, STATE_CHANGES["done is left"][0]),
    "broken JSON": (STATE, lambda text: text[:50]),
    "a deleted state file": (STATE, lambda text: None),
    "against the schema": (STATE, state_change("domain", to="cooking")),
}


@pytest.mark.parametrize("name", WRONG)
def test_nothing_is_recorded_where_something_is_wrong(simple: Project, name: str) -> None:
    before = (simple.folder / LEDGER).read_bytes()
    simple.change(*WRONG[name])
    outcome = simple.record()
    assert outcome.code == 1
    assert "nothing was recorded" in outcome.err
    assert (simple.folder / LEDGER).read_bytes() == before


def test_what_cannot_be_verified_is_not_recorded(simple: Project) -> None:
    before = (simple.folder / LEDGER).read_bytes()
    write(simple.folder, {LOG: {"folder": True}})
    assert simple.record().code in (1, 2)
    assert (simple.folder / LEDGER).read_bytes() == before


def test_a_warning_is_recorded_unless_it_is_strict(simple: Project) -> None:
    before = (simple.folder / LEDGER).read_bytes()
    simple.change(LOG, lambda text: text.replace("# Progress Log", "# Progress of the work"))
    assert simple.record("--strict").code == 1
    assert (simple.folder / LEDGER).read_bytes() == before
    assert simple.record().code == 0
    assert simple.found("L205") == []


def test_only_record_writes_the_ledger(simple: Project) -> None:
    go_on(simple)
    before = snapshot(simple.folder)
    simple.commands.check()
    simple.commands.check("--strict", TASK)
    simple.commands.fix()
    simple.commands.fix("--unsafe-fixes", "--diff")
    assert snapshot(simple.folder) == before
    simple.change(LOG, LOG_CHANGES["first entry changed"][0])
    before = snapshot(simple.folder)
    simple.commands.check()
    simple.commands.fix()
    simple.commands.fix("--unsafe-fixes")
    assert snapshot(simple.folder)[LEDGER] == before[LEDGER]


def test_recording_where_nothing_is_wrong_yet_makes_no_ledger(folder: Path, commands: Commands) -> None:
    project = new_project("folder ignored", folder, commands)
    project.change(*WRONG["broken JSON"])
    assert project.record().code == 1
    assert not (folder / LEDGER).exists()
    assert git(folder, "status", "--porcelain") == ""


def test_a_first_recording(project: Project) -> None:
    shutil.rmtree(project.folder / ".statecheck")
    before = snapshot(project.folder)
    outcome = project.record()
    assert outcome.code == 0
    assert f"documents in {LEDGER}" in outcome.err
    after = snapshot(project.folder)
    assert {name: data for name, data in after.items() if not name.startswith(".statecheck/")} == before
    assert {name for name in after if not name.endswith(".lock")} - before.keys() == (
        {LEDGER, ".statecheck/.gitignore"} if project.git else {LEDGER}
    )
    if project.git:
        assert git(project.folder, "status", "--porcelain") == ""


def test_what_is_remembered(simple: Project) -> None:
    """Length, SHA-256 and entries of a log; statuses, counters and frozen fields of state; nobody's words."""
    ledger, text = simple.ledger, (simple.folder / LEDGER).read_text()
    data = simple.path(LOG).read_bytes()
    log = ledger["logs"][LOG]
    assert (log["length"], log["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert (log["entry_count"], len(log["entries"])) == (3, 3)
    assert [each["heading"] for each in log["entries"]] == [
        line[3:] for line in data.decode().splitlines() if line.startswith("## ")
    ]
    values = ledger["states"][STATE]["values"]
    assert values["phases"]["R1"] == json.loads(simple.path(STATE).read_bytes())["phases"]["R1"]
    assert (values["created"], values["slug"], values["current_iteration"]) == ("2026-01-16T10:00:00Z", "tram-noise", 1)
    assert ledger["recorded"] == NOW
    assert set(ledger["logs"]) == {LOG, f"{TASK}/guardrails.md"}
    assert "rail lubrication" not in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_schema_describes_what_is_written(folder: Path, commands: Commands, layout: str) -> None:
    schema = json.loads((ROOT / "schemas" / "ledger.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    project = new_project(layout, folder, commands, "iterative-work", "workflow", "refinement").recorded()
    Draft202012Validator(schema).validate(project.ledger)
    assert project.ledger["logs"] and project.ledger["states"]


def test_recording_twice_says_the_same(simple: Project) -> None:
    before = (simple.folder / LEDGER).read_bytes()
    simple.recorded()
    assert (simple.folder / LEDGER).read_bytes() == before


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("no git", "compared worktree with the ledger"),
        ("folder ignored", "compared worktree with HEAD and the ledger"),
    ],
)
def test_the_summary_names_the_ledger(folder: Path, commands: Commands, layout: str, words: str) -> None:
    project = new_project(layout, folder, commands).recorded()
    assert words in commands.check().out.splitlines()[-1]
    project.change(LOG, LOG_CHANGES["first entry changed"][0])
    assert "the ledger" in commands.check_json().json["findings"][0]["message"]


def test_before_the_first_commit_there_is_the_ledger(repository: Path, commands: Commands) -> None:
    write(repository, {".gitignore": ".iterative-work/\n", **example("iterative-work")})
    assert commands.check("--record").code == 0
    assert "compared worktree with the ledger" in commands.check().out
    path = repository / LOG
    path.write_text(path.read_text().replace("two studies", "ten studies"))
    assert f"L201 error {LOG}:3:1" in commands.check_json().findings


def test_git_does_not_see_the_ledger_and_a_gitignore_of_ones_own_stays(folder: Path, commands: Commands) -> None:
    project = new_project("folder ignored", folder, commands)
    write(folder, {".statecheck/.gitignore": "quarantine/\n"})
    project.recorded()
    assert (folder / ".statecheck/.gitignore").read_text() == "quarantine/\n"
    shutil.rmtree(folder / ".statecheck")
    project.recorded()
    git(folder, "check-ignore", LEDGER)
    git(folder, "add", "-A")
    assert git(folder, "status", "--porcelain") == ""


def test_nothing_is_recorded_of_what_git_has(folder: Path, commands: Commands) -> None:
    make_repository(folder, example("iterative-work"))
    outcome = commands.check("--record")
    assert (outcome.code, "nothing to record" in outcome.err) == (0, True)
    assert not (folder / LEDGER).exists()
    assert git(folder, "status", "--porcelain") == ""


def test_untracked_files_that_git_would_take_are_left_to_git(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"README": "x"})
    write(folder, example("iterative-work"))
    assert commands.check("--record").code == 0
    assert not (folder / LEDGER).exists()


# How it is asked for


REFUSED = [
    ["--select", "L"],
    ["--select", "D"],
    ["--select", "T", "--select", "S"],
    ["--ignore", "L201"],
    ["--ignore", "T"],
    ["--ignore", "log-deleted"],
    ["--staged"],
    ["--from-ref", "HEAD", "--to-ref", "HEAD"],
    ["--base", "HEAD"],
    ["--no-history"],
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_recording_what_was_not_judged_is_refused(folder: Path, commands: Commands, arguments: list[str]) -> None:
    project = new_project("folder ignored", folder, commands)
    before = snapshot(folder)
    assert project.record(*arguments).code == 2
    assert snapshot(folder) == before
    project.recorded()
    go_on(project)
    before = snapshot(folder)
    assert project.record(*arguments).code == 2
    assert snapshot(folder) == before


@pytest.mark.parametrize(
    "environment",
    [{"PRE_COMMIT": "1"}, {"PRE_COMMIT_FROM_REF": "HEAD", "PRE_COMMIT_TO_REF": "HEAD"}],
    ids=str,
)
def test_a_hook_does_not_record(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    project = new_project("folder ignored", folder, commands)
    before = snapshot(folder)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    outcome = project.record()
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert "--record" in outcome.err
    assert snapshot(folder) == before


@pytest.mark.parametrize("layout", ["no git", "folder ignored"])
@pytest.mark.parametrize("place", [f".iterative-work/{name}" for name in "ab"])
def test_recording_a_part_keeps_the_rest(folder: Path, commands: Commands, layout: str, place: str) -> None:
    project = two_tasks(layout, folder, commands)
    before = project.ledger
    for name in "ab":
        path = folder / f".iterative-work/{name}/progress.md"
        path.write_text(path.read_text() + "\n\n")
    assert project.record(place).code == 0
    after = project.ledger
    changed = {path for path in before["logs"] if before["logs"][path] != after["logs"][path]}
    assert changed == {f"{place}/progress.md"}
    assert after["logs"].keys() == before["logs"].keys()
    assert after["states"] == before["states"]


def two_tasks(layout: str, folder: Path, commands: Commands) -> Project:
    """Return a project with tasks a and b, recorded."""
    project = Project(folder, commands, LAYOUTS[layout])
    for name in "ab":
        put_task(folder, name)
    return project.recorded()


def put_task(folder: Path, name: str, above: str = "") -> None:
    for path, data in example("iterative-work").items():
        data = data.replace(b'"slug": "tram-noise"', f'"slug": "{name}"'.encode())
        write(folder, {above + path.replace("tram-noise", name): data})


def test_recording_a_folder_below_keeps_the_rest(folder: Path, commands: Commands) -> None:
    make_repository(folder, {".gitignore": ".iterative-work/\n"})
    for name in ("one", "two"):
        put_task(folder, "t", f"{name}/")
    assert commands.check("--record").code == 0
    before = json.loads((folder / LEDGER).read_bytes())
    path = folder / "one/.iterative-work/t/progress.md"
    path.write_text(path.read_text() + "\n")
    assert commands.check("--record", "one").code == 0
    after = json.loads((folder / LEDGER).read_bytes())
    assert after["logs"].keys() == before["logs"].keys()
    assert after["logs"]["two/.iterative-work/t/progress.md"] == before["logs"]["two/.iterative-work/t/progress.md"]
    assert after["logs"]["one/.iterative-work/t/progress.md"]["length"] == path.stat().st_size


def test_without_git_a_part_is_compared_with_the_same_ledger(folder: Path, commands: Commands) -> None:
    """A path that is named, or stood in, does not make history vanish."""
    for name in ("one", "two"):
        put_task(folder, "t", f"{name}/")
    assert commands.check("--record").code == 0
    path = folder / "one/.iterative-work/t/progress.md"
    path.write_text(path.read_text().replace("two studies", "ten studies"))
    assert commands.check().code == 1
    assert commands.check("one/.iterative-work/t").code == 1
    assert commands.check("one").code == 1


# Workspaces that are gone


@pytest.mark.parametrize("layout", ["no git", "folder ignored"])
def test_a_workspace_that_was_removed_is_forgotten_once_that_is_recorded(
    folder: Path, commands: Commands, layout: str
) -> None:
    project = two_tasks(layout, folder, commands)
    shutil.rmtree(folder / ".iterative-work/a")
    (found,) = project.found()
    assert found.startswith("T410 warning .iterative-work/a/state.json:")
    assert any("/a/" in path for path in project.ledger["states"])
    assert project.record("--strict").code == 1
    assert any("/a/" in path for path in project.ledger["states"])
    assert project.record().code == 0
    ledger = project.ledger
    assert set(ledger["states"]) == {".iterative-work/b/state.json"}
    assert set(ledger["logs"]) == {".iterative-work/b/progress.md", ".iterative-work/b/guardrails.md"}
    assert project.found() == []


@pytest.mark.parametrize("layout", ["no git", "folder ignored"])
def test_the_last_workspace_that_was_removed_is_forgotten_too(folder: Path, commands: Commands, layout: str) -> None:
    project = new_project(layout, folder, commands).recorded()
    shutil.rmtree(folder / TASK)
    assert [each[:12] for each in project.found()] == ["T410 warning"]
    assert project.record().code == 0
    assert (project.ledger["logs"], project.ledger["states"]) == ({}, {})
    assert project.found() == []


@pytest.mark.parametrize("layout", ["no git", "folder ignored"])
def test_a_workspace_that_is_the_whole_project_is_forgotten_too(folder: Path, commands: Commands, layout: str) -> None:
    make = Project(folder, commands, LAYOUTS[layout])
    write(folder, {INITIATIVE: json.dumps({"name": "x", "status": "created", "lastUpdated": "2026-01-16T12:00:00Z"})})
    put_task(folder, "b")
    make.recorded()
    shutil.rmtree(folder / ".claude")
    assert [each[:12] for each in make.found("T410")] == ["T410 warning"]
    assert make.record().code == 0
    assert set(make.ledger["states"]) == {".iterative-work/b/state.json"}
    assert make.found("T410") == []


# What fix-state does with it


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        (STATE, lambda text: None, "T410"),
        (LOG, lambda text: None, "L204"),
        (LOG, LOG_CHANGES["first entry changed"][0], "L201"),
        (LOG, arranged(1, 3), "L202"),
        (LOG, lambda text: "", "L202"),
    ],
    ids=["state deleted", "log deleted", "rewritten", "removed", "emptied"],
)
def test_what_a_ledger_does_not_have_is_not_restored_from_it(
    project: Project, name: str, change: Change, code: str
) -> None:
    project.change(name, change)
    offered = [each for each in project.commands.check_json().json["findings"] if each["code"] == code]
    assert offered and all(each["fix"] is None for each in offered)
    before = snapshot(project.folder)
    for arguments in ([], ["--unsafe-fixes"]):
        outcome = project.commands.fix(*arguments)
        assert outcome.code in (1, 2), outcome.out
        after = snapshot(project.folder)
        same = {each: data for each, data in after.items() if "lock" not in each and "quarantine" not in each}
        assert {each: same.get(each) for each in before if "lock" not in each} == {
            each: data for each, data in before.items() if "lock" not in each
        }
        assert project.above + name not in after or after[project.above + name] == before.get(project.above + name)


def test_an_archived_file_is_not_restored_from_a_ledger(folder: Path, commands: Commands) -> None:
    project = new_project("no git", folder, commands)
    write(folder, finished(ARCHIVE))
    project.recorded()
    project.change(f"{ARCHIVE}/state.json", lambda text: text.replace('"max_iterations": 3', '"max_iterations": 4'))
    before = snapshot(folder)
    assert commands.fix("--unsafe-fixes").code == 1
    assert {name: data for name, data in snapshot(folder).items() if name in before} == before


def test_a_status_is_restored_from_a_ledger(project: Project) -> None:
    text = project.path(STATE).read_text()
    changed = text.replace('"status": "done"', '"status": "in_progress"').replace("13:10:00Z", "15:00:00Z")
    project.path(STATE).write_text(changed)
    assert project.commands.fix().code == 1
    assert project.path(STATE).read_text() == changed
    project.commands.fix("--unsafe-fixes")
    after = project.path(STATE).read_text()
    assert json.loads(after)["phases"] == json.loads(text)["phases"]
    assert after == changed.replace('"status": "in_progress"', '"status": "done"', 1)
    assert project.found("T401", "T402", "T404") == []
    kept = [name for name in snapshot(project.folder) if "/quarantine/" in name and "/state." in name]
    assert len(kept) == 1
    again = snapshot(project.folder)
    project.commands.fix("--unsafe-fixes")
    assert snapshot(project.folder) == again


def test_a_counter_is_restored_from_a_ledger(project: Project) -> None:
    text = project.path(STATE).read_text()
    project.change(
        STATE, lambda text: text.replace('"iterations_used": 2', '"iterations_used": 1').replace("13:10", "15:10")
    )
    project.commands.fix()
    assert project.path(STATE).read_text() == text.replace("13:10", "15:10")


# Files that git has


def test_tracked_files_are_judged_against_head(folder: Path, commands: Commands) -> None:
    project = new_project("files ignored", folder, commands).recorded()
    guardrails = f"{TASK}/guardrails.md"
    assert set(project.ledger["logs"]) == {LOG}
    more = "\n## Units\n- **Context:** a\n- **Problem:** b\n- **Solution:** c\n- **Learned:** R1 iteration 2\n"
    project.change(guardrails, lambda text: text + more)
    project.recorded()
    project.change(guardrails, lambda text: text.replace("## Units", "## Their units"))
    assert project.found("L201", "L202") == []  # git does not have it yet
    git(folder, "commit", "-q", "-a", "-m", "a guardrail")
    project.change(guardrails, lambda text: text.replace("**Problem:** b", "**Problem:** x"))
    (found,) = commands.check_json("--select", "L").json["findings"]
    assert found["code"] == "L201"
    assert "HEAD" in found["message"]


def test_a_file_that_became_tracked_is_judged_against_head_alone(folder: Path, commands: Commands) -> None:
    project = new_project("folder ignored", folder, commands).recorded()
    go_on(project)
    git(folder, "add", "-f", ".iterative-work")
    git(folder, "commit", "-q", "-m", "tracked now")
    project.change(LOG, lambda text: text.replace(FURTHER, ""))
    assert project.found("L202") == [f"L202 error {LOG}:16:1"]
    assert project.record().code == 1
    git(folder, "checkout", "-q", LOG)
    project.record()
    assert LOG not in (project.ledger["logs"] if (folder / LEDGER).exists() else {})


def test_the_index_and_commits_are_not_compared_with_a_ledger(folder: Path, commands: Commands) -> None:
    project = new_project("folder ignored", folder, commands).recorded()
    project.change(LOG, LOG_CHANGES["first entry changed"][0])
    for arguments in (["--staged"], ["--from-ref", "HEAD", "--to-ref", "HEAD"]):
        outcome = commands.check(*arguments)
        assert (outcome.code, "the ledger" in outcome.out) == (0, False)


def tracked(folder: Path, commands: Commands) -> Project:
    """Return a project whose ledger git has, with a changed entry."""
    project = new_project("folder ignored", folder, commands).recorded()
    git(folder, "add", "-f", LEDGER)
    git(folder, "commit", "-q", "-m", "the ledger")
    project.change(LOG, LOG_CHANGES["first entry changed"][0])
    return project


def forged(project: Project) -> bytes:
    """Return the ledger that would fit the changed log."""
    (project.folder / LEDGER).unlink()
    copy = project.folder.parent / "copy"
    shutil.copytree(project.folder / ".iterative-work", copy / ".iterative-work")
    done = run(copy, "--record")
    assert done.returncode == 0, done.stderr
    return (copy / LEDGER).read_bytes()


@pytest.mark.parametrize("how", ["on disk", "staged", "untracked", "removed", "removed from git", "emptied"])
def test_a_tracked_ledger_cannot_be_pinned_anew_in_the_same_change(folder: Path, commands: Commands, how: str) -> None:
    project = tracked(folder, commands)
    content = {"removed": None, "removed from git": None, "emptied": b""}.get(how, forged(project))
    write(folder, {LEDGER: content})
    if how == "staged":
        git(folder, "add", "-f", LEDGER)
    elif how in ("untracked", "removed from git"):
        git(folder, "rm", "-q", "--cached", LEDGER)
    if how == "emptied":
        assert commands.check().code in (1, 2)
        return
    assert project.found("L201") == [f"L201 error {LOG}:3:1"]
    assert project.record().code == 1
    if content is not None:
        assert (folder / LEDGER).read_bytes() == content


def test_a_tracked_ledger_can_go_on(folder: Path, commands: Commands) -> None:
    project = tracked(folder, commands)
    project.change(LOG, lambda text: text.replace("ten studies", "two studies"))
    go_on(project)
    project.recorded()
    assert project.ledger["logs"][LOG]["entry_count"] == 4
    git(folder, "commit", "-q", "-a", "-m", "goes on")
    project.change(LOG, lambda text: text.replace("as well", "too"))
    assert project.found("L201") == [f"L201 error {LOG}:18:1"]


# Damage


def altered(how: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        value = json.loads(data)
        return json.dumps(how(value) or value, indent=2).encode()

    return change


def with_log(**values: Any) -> Callable[[bytes], bytes]:
    """Return a change of the log in a ledger; None removes a key."""

    def change(value: Any) -> None:
        for key, each in values.items():
            if each is None:
                del value["logs"][LOG][key]
            else:
                value["logs"][LOG][key] = each

    return altered(change)


def without(key: str) -> Callable[[bytes], bytes]:
    return altered(lambda value: {name: each for name, each in value.items() if name != key})


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "blank": lambda data: b" \n",
    "no JSON": lambda data: b"ledger",
    "null": lambda data: b"null",
    "a list": lambda data: b"[]",
    "an empty object": lambda data: b"{}",
    "zeros": lambda data: b"\0" * len(data),
    "two of them": lambda data: data + data,
    "conflict": lambda data: b"<<<<<<< a\n" + data + b"=======\n" + data + b">>>>>>> b\n",
    "invalid UTF-8": lambda data: data.replace(b"tram", b"tr\xff", 1),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "version 2": altered(lambda value: {**value, "version": 2}),
    "version null": altered(lambda value: {**value, "version": None}),
    "no version": without("version"),
    "no recorded": without("recorded"),
    "no logs": without("logs"),
    "no states": without("states"),
    "a key more": altered(lambda value: {**value, "extra": 1}),
    "logs null": altered(lambda value: {**value, "logs": None}),
    "a key more in a log": with_log(extra=1),
    "no sha256": with_log(sha256=None),
    "no entries": with_log(entries=None),
    "no entry_count": with_log(entry_count=None),
    "short hash": with_log(sha256="abc"),
    "no hexadecimal": with_log(sha256="g" * 64),
    "large hexadecimal": with_log(sha256="A" * 64),
    "bad preamble": with_log(preamble=""),
    "fewer entries": with_log(entry_count=2),
    "more entries": with_log(entry_count=4),
    "negative length": with_log(length=-1),
    "a length in words": with_log(length="many"),
    "level 0": with_log(level=0),
    "other line ends": with_log(line_end="\n\r"),
    "an entry cut out": altered(lambda value: value["logs"][LOG]["entries"].pop() and None),
    "an entry without hash": altered(lambda value: value["logs"][LOG]["entries"][0].pop("sha256") and None),
    "an entry with a bad hash": altered(lambda value: value["logs"][LOG]["entries"][0].update(sha256="x")),
    "a state without hash": altered(lambda value: value["states"][STATE].pop("sha256") and None),
    "a state without values": altered(lambda value: value["states"][STATE].pop("values") and None),
    "a state with more": altered(lambda value: value["states"][STATE].update(extra=1)),
}


def says_what_to_do(text: str) -> bool:
    return "estore" in text or "emove" in text


def assert_refused(project: Project, *, told: bool = True) -> None:
    """Every command that needs the ledger says so, and nothing is written."""
    before = snapshot(project.folder)
    for outcome in (
        project.commands.check(),
        project.commands.check("--select", "D"),
        project.record(),
        project.commands.fix(),
        project.commands.fix("--unsafe-fixes"),
        project.commands.statecheck("amend", LOG, "--reason", "x"),
    ):
        assert (outcome.code, outcome.nothing_judged) == (2, True), outcome
        assert LEDGER in outcome.err
        assert not told or says_what_to_do(outcome.err), outcome.err
        assert "Traceback" not in outcome.err
    after = snapshot(project.folder)
    assert {name: data for name, data in after.items() if name in before or "lock" not in name} == before
    assert project.commands.check("--no-history").code == 0


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_ledger_is_refused_and_left_as_it_is(simple: Project, name: str) -> None:
    path = simple.folder / LEDGER
    path.write_bytes(DAMAGE[name](path.read_bytes()))
    assert_refused(simple)


def test_a_truncated_ledger_is_refused_and_left_as_it_is(folder: Path, commands: Commands) -> None:
    project = new_project("no git", folder, commands).recorded()
    whole = (folder / LEDGER).read_bytes()
    for end in (*range(0, len(whole) - 2, 61), len(whole) - 4, len(whole) - 3, len(whole) - 2):
        (folder / LEDGER).write_bytes(whole[:end])
        outcome = project.record()
        assert (outcome.code, outcome.nothing_judged) == (2, True), end
        assert "remove it" in outcome.err
        assert commands.check().code == 2
        assert (folder / LEDGER).read_bytes() == whole[:end]
    (folder / LEDGER).write_bytes(whole)
    project.recorded()


INSTEAD: dict[str, Any] = {
    "folder": {"folder": True},
    "link to nowhere": {"link": "nowhere.json"},
    "link to itself": {"link": "ledger.json"},
    "link out": {"link": "/etc/hostname"},
}


@pytest.mark.parametrize("what", INSTEAD)
def test_something_else_in_the_place_of_the_ledger_is_refused(simple: Project, what: str) -> None:
    (simple.folder / LEDGER).unlink()
    write(simple.folder, {LEDGER: INSTEAD[what]})
    assert_refused(simple, told=False)


@pytest.mark.parametrize("what", INSTEAD)
def test_it_is_said_what_to_do_with_something_else_in_the_place_of_the_ledger(
    folder: Path, commands: Commands, what: str
) -> None:
    project = new_project("no git", folder, commands).recorded()
    (folder / LEDGER).unlink()
    write(folder, {LEDGER: INSTEAD[what]})
    assert says_what_to_do(commands.check().err)
    assert says_what_to_do(project.record().err)


def test_a_pipe_in_the_place_of_the_ledger_is_refused(simple: Project) -> None:
    (simple.folder / LEDGER).unlink()
    os.mkfifo(simple.folder / LEDGER)
    for arguments in ([], ["--record"]):
        done = run(simple.folder, *arguments, timeout=30)
        assert (done.returncode, done.stdout) == (2, "")
        assert LEDGER in done.stderr
    assert (simple.folder / LEDGER).is_fifo()


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_a_ledger_that_cannot_be_read_is_refused(simple: Project) -> None:
    (simple.folder / LEDGER).chmod(0)
    try:
        for outcome in (simple.commands.check(), simple.record(), simple.commands.fix()):
            assert outcome.code == 2
            assert LEDGER in outcome.err
    finally:
        (simple.folder / LEDGER).chmod(0o644)


def test_a_ledger_that_cannot_be_read_for_an_error_is_refused(simple: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `chmod 0` for those who are not root."""
    real, target = os.open, os.path.realpath(simple.folder / LEDGER)

    def refuse(path: Any, *arguments: Any, **named: Any) -> int:
        if os.path.realpath(path) == target:
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments, **named)

    before = (simple.folder / LEDGER).read_bytes()
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(
        "builtins.open", lambda path, *rest, **named: refuse(path) if path == target else _open(path, *rest, **named)
    )
    outcomes = [simple.commands.check(), simple.record(), simple.commands.fix()]
    monkeypatch.undo()
    assert (simple.folder / LEDGER).read_bytes() == before
    for outcome in outcomes:
        assert outcome.code == 2
        assert LEDGER in outcome.err


_open = open


def test_no_history_does_not_read_the_ledger(simple: Project) -> None:
    simple.change(LOG, LOG_CHANGES["first entry changed"][0])
    assert simple.commands.check().code == 1
    outcome = simple.commands.check("--no-history")
    assert (outcome.code, "the ledger" in outcome.out) == (0, False)


def test_no_history_without_a_good_ledger_still_finds_ignored_files(simple: Project) -> None:
    simple.change(STATE, lambda text: text[:50])
    assert "S101" in " ".join(simple.commands.check_json("--no-history").findings)


# Several at once


def test_runs_that_record_at_the_same_time_leave_a_whole_ledger(simple: Project) -> None:
    schema = json.loads((ROOT / "schemas" / "ledger.schema.json").read_bytes())
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "statecheck", "check", "--now", NOW, "--record"],
            cwd=simple.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    for each in started:
        _, errors = each.communicate(timeout=60)
        assert each.returncode == 0, errors
    Draft202012Validator(schema).validate(simple.ledger)
    assert simple.commands.check().code == 0
    assert [name for name in os.listdir(simple.folder / ".statecheck") if "tmp" in name] == []


@pytest.mark.parametrize("layout", ["no git", "folder ignored"])
def test_of_parts_recorded_at_the_same_time_none_is_lost(folder: Path, commands: Commands, layout: str) -> None:
    Project(folder, commands, LAYOUTS[layout])
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        put_task(folder, name)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "statecheck", "check", "--now", NOW, "--record", f".iterative-work/{name}"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for each in started:
        _, errors = each.communicate(timeout=60)
        assert each.returncode == 0, errors
    states = json.loads((folder / LEDGER).read_bytes())["states"]
    assert set(states) == {f".iterative-work/{name}/state.json" for name in names}


KILLED = """
import os, signal, sys
from statecheck.cli import check_state
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
os.{} = die
check_state(["--now", sys.argv[1], "--record"])
"""


@pytest.mark.parametrize("moment", ["replace", "fsync"])
def test_a_writer_that_is_killed_leaves_the_old_ledger(simple: Project, moment: str) -> None:
    before = (simple.folder / LEDGER).read_bytes()
    go_on(simple)
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(moment), NOW], cwd=simple.folder, capture_output=True, check=False
    )
    assert done.returncode == -9
    assert (simple.folder / LEDGER).read_bytes() == before
    assert simple.found("L201", "T405") == []
    simple.recorded()
    assert simple.ledger["logs"][LOG]["entry_count"] == 4


def test_a_ledger_that_cannot_be_written_is_exit_2(simple: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (simple.folder / LEDGER).read_bytes()
    go_on(simple)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        outcome = simple.record()
    assert outcome.code == 2
    assert f"{LEDGER} could not be written: no space left on device" in outcome.err
    assert (simple.folder / LEDGER).read_bytes() == before
    assert [name for name in os.listdir(simple.folder / ".statecheck") if "tmp" in name] == []


def test_the_clock_of_the_ledger_is_that_of_the_run(simple: Project) -> None:
    assert simple.commands.check("--record", now="2026-03-02T01:00:00+02:00").code == 0
    assert simple.ledger["recorded"] == "2026-03-01T23:00:00Z"
