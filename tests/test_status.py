"""``statecheck status``: where each kind of workspace stands, by the read protocol of its documents."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import ROOT, Commands, Outcome, git, make_repository, snapshot, write

SCHEMA = json.loads((ROOT / "schemas" / "status.schema.json").read_text(encoding="utf-8"))
HEALTHY = ROOT / "examples" / "healthy"
TASK = ".iterative-work/tram-noise"
NAME = "a\x1b[31m\u202e##[error]" if os.name == "posix" else "a##[error]"
YAML = "documentation/milestones/_active/search-index/WORKFLOW-STATUS.yaml"


@pytest.fixture
def task(folder: Path) -> Path:
    shutil.copytree(HEALTHY / "iterative-work", folder, dirs_exist_ok=True)
    return folder / TASK


@pytest.fixture
def workflow(folder: Path) -> Path:
    shutil.copytree(HEALTHY / "workflow", folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
def refinement(folder: Path) -> Path:
    shutil.copytree(HEALTHY / "refinement", folder, dirs_exist_ok=True)
    return folder


def change(path: Path, old: str, new: str) -> None:
    """Replace a text that is in a file once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def told(outcome: Outcome) -> Any:
    """Return the JSON output, which matches its schema, of a run on one workspace, and that workspace."""
    jsonschema.Draft202012Validator(SCHEMA).validate(outcome.json)
    assert outcome.json["verdict"] == {0: "pass", 1: "fail", 2: "unverified"}[outcome.code]
    (workspace,) = outcome.json["workspaces"]
    return workspace


def facts(workspace: Any) -> dict[str, str]:
    return {each["name"]: f"{each['value']} @ {each['path']}:{each['line']}" for each in workspace["facts"]}


def doubts(workspace: Any) -> set[str]:
    return {each["code"] for each in workspace["doubts"]}


def conflicts(workspace: Any) -> dict[str, tuple[list[str], str | None]]:
    return {
        each["subject"]: ([claim["value"] for claim in each["claims"]], each["authority"])
        for each in workspace["conflicts"]
    }


# Tasks of iterative work


def test_healthy_task(task: Path, commands: Commands) -> None:
    outcome = commands.status_json()
    workspace = told(outcome)
    assert (outcome.code, workspace["over"], workspace["conflicts"], workspace["doubts"]) == (0, False, [], [])
    assert workspace["next"] == "resume phase R2 after iteration 1 of 5; Remaining: Speed limits"
    known = facts(workspace)
    assert known["phase"] == f"R2 @ {TASK}/state.json:8"
    assert known["remaining"] == f"Speed limits @ {TASK}/progress.md:15"
    assert known["title"] == f"Compare measures @ {TASK}/plan.md:14"


@pytest.mark.parametrize(
    ("status", "following"),
    [
        ("pending", "start phase R2"),
        (
            "confirming",
            "go on with the confirmation of phase R2, whose work was declared done; Remaining: Speed limits",
        ),
        ("verifying", "go on with the verification of phase R2, whose confirmation passed; Remaining: Speed limits"),
        ("done", "phase R2 is done: start the next one, or verify the task"),
        ("blocked", "phase R2 is blocked: ask for input, or go to one that is not"),
        ("timeout", "phase R2 has used up its iterations: ask whether to allow more, ask for less, or intervene"),
        ("In-Progress", "resume phase R2 after iteration 1 of 5; Remaining: Speed limits"),
        ("sleeping", "first settle the current phase: state.json has none whose status is known"),
    ],
)
def test_each_status_of_a_phase(status: str, following: str, task: Path, commands: Commands) -> None:
    change(task / "state.json", '"in_progress"', f'"{status}"')
    assert told(commands.status_json())["next"] == following


@pytest.mark.parametrize(
    ("phase", "following"),
    [
        ("discover", "go on gathering requirements, for brief.md"),
        ("plan", "go on decomposing the task into phases, for plan.md"),
        ("verify", "go on reviewing the completed work"),
        ("deliver", "go on with the final packaging"),
        ("complete", "nothing to resume: the task is complete"),
        ("dream", "first settle the phase of the task: state.json has none that is known"),
    ],
)
def test_each_phase_of_a_task(phase: str, following: str, task: Path, commands: Commands) -> None:
    change(task / "state.json", '"execute"', f'"{phase}"')
    assert told(commands.status_json())["next"] == following


def test_what_blocks_is_named(task: Path, commands: Commands) -> None:
    change(task / "state.json", '"in_progress"', '"blocked"')
    text = (task / "progress.md").read_text(encoding="utf-8")
    begin, _, _ = text.rpartition("**Blockers:** None")
    write(task, {"progress.md": f"{begin}**Blockers:** no access to the archive\n"})
    following = "phase R2 is blocked (no access to the archive): ask for input, or go to one that is not"
    assert told(commands.status_json())["next"] == following


def test_an_iteration_that_is_not_logged(task: Path, commands: Commands) -> None:
    change(task / "state.json", '"current_iteration": 1', '"current_iteration": 2')
    following = "resume phase R2 in iteration 2 of 5, which is not logged; Remaining: Speed limits"
    assert told(commands.status_json())["next"] == following


@pytest.mark.parametrize(
    "written",
    [
        "**Remaining:**\n- Speed limits\n- Costs\n**Blockers:** None",
        "- Remaining:\n  - Speed limits\n  - Costs\n- Blockers: None",
    ],
)
def test_what_remains_may_be_a_list(written: str, task: Path, commands: Commands) -> None:
    change(task / "progress.md", "**Remaining:** Speed limits\n**Blockers:** None", written)
    following = "resume phase R2 after iteration 1 of 5; Remaining: Speed limits; Costs"
    assert told(commands.status_json())["next"] == following


def test_a_log_that_goes_further_than_the_state(task: Path, commands: Commands) -> None:
    with (task / "progress.md").open("a", encoding="utf-8") as file:
        file.write("\n## R2 - Iteration 2 - 2026-01-16T14:10:00Z\n**Did:** Compared limits\n**Remaining:** None\n")
    outcome = commands.status_json()
    workspace = told(outcome)
    assert outcome.code == 1
    assert workspace["next"] == "first settle the iteration: 1 (state.json) or 2 (progress.md)"
    assert conflicts(workspace) == {"iteration": (["1", "2"], None)}


def test_a_log_of_another_phase_than_the_state(task: Path, commands: Commands) -> None:
    change(task / "state.json", '"current_phase": "R2"', '"current_phase": "R1"')
    workspace = told(commands.status_json())
    assert conflicts(workspace)["phase"] == (["R1", "R2"], None)
    assert "X612" in doubts(workspace)


def test_a_log_that_says_done(task: Path, commands: Commands) -> None:
    text = (task / "progress.md").read_text(encoding="utf-8").removesuffix("**Blockers:** None\n")
    write(task, {"progress.md": f"{text}**Signal:** R2_DONE\n"})
    assert conflicts(told(commands.status_json())) == {"status of phase R2": (["in_progress", "R2_DONE"], None)}


def test_a_plan_that_lags_behind(task: Path, commands: Commands) -> None:
    change(task / "plan.md", "- [x] **R1**", "- [ ] **R1**")
    workspace = told(commands.status_json())
    assert workspace["next"].startswith("resume phase R2"), "the state is authoritative"
    assert conflicts(workspace) == {"status of phase R1": (["done", "unchecked"], f"{TASK}/state.json")}
    assert doubts(workspace) == set(), "X611 is a warning there"


@pytest.mark.parametrize("content", ['{"task": ', None])
def test_a_task_without_state(content: str | None, task: Path, commands: Commands) -> None:
    write(task, {"state.json": content})
    outcome = commands.status_json()
    workspace = told(outcome)
    assert outcome.code == 1
    assert workspace["next"] == (
        "restore or rebuild state.json first: nothing that can be read says the phase and the iteration; "
        "the last entry of progress.md is 'R2 - Iteration 1 - 2026-01-16T13:10:00Z'; Remaining: Speed limits"
    )
    assert doubts(workspace) == {"S101" if content else "X605"}


def test_what_is_over_comes_last_and_is_one_line(task: Path, commands: Commands) -> None:
    state = json.loads((task / "state.json").read_text(encoding="utf-8"))
    done = {"status": "done", "iterations_used": 2, "confirmations_used": 1, "verification_passed": True}
    state.update(slug="old", phase="complete", current_phase="R1", current_iteration=2)
    state["phases"] = {"R1": {**done, "max_iterations": 5, "completed_at": "2026-01-16T12:15:00Z"}}
    write(task.parent, {"archive/old/state.json": json.dumps(state)})
    lines = commands.status("--no-history").out.splitlines()
    assert lines[0].startswith(f"iterative-work {TASK}: resume")
    assert any(
        line.startswith("iterative-work .iterative-work/archive/old: nothing to resume: the task is arch")
        for line in lines
    )


# Initiatives and workflows


def test_healthy_workflow(workflow: Path, commands: Commands) -> None:
    outcome = commands.status_json()
    workspace = told(outcome)
    assert (outcome.code, workspace["over"], workspace["conflicts"], workspace["doubts"]) == (0, False, [], [])
    assert workspace["next"] == (
        "resume initiative search-index at milestone M2; workflow APEX in phase implement: search-index"
    )
    assert facts(workspace)["status"] == "in_progress @ .claude/initiative.json:3"
    assert facts(workspace)["memory"] == (
        "Active APEX workflow: plan approved, implementing search-index @ MEMORY.md:6"
    )


def test_the_newer_file_counts(workflow: Path, commands: Commands) -> None:
    change(workflow / YAML, "status: in_progress", "status: blocked")
    change(workflow / YAML, "2026-02-03T14:05:00Z", "2026-02-03T16:05:00Z")
    outcome = commands.status_json()
    workspace = told(outcome)
    assert outcome.code == 1, "X601 is an error"
    assert workspace["next"].startswith("initiative search-index is blocked at milestone M2: ask what it is waiting")
    assert facts(workspace)["status"] == f"blocked @ {YAML}:2"
    claims = ["in_progress, written 2026-02-03T14:05:00Z", "blocked, written 2026-02-03T16:05:00Z"]
    assert conflicts(workspace) == {"status": (claims, YAML)}
    assert "Initiative state may be stale — last updated 2 hours ago" in workspace["conflicts"][0]["reason"]
    assert doubts(workspace) == {"X601"}


@pytest.mark.parametrize(
    ("status", "time"),
    [("completed", "2026-02-03T13:05:00Z"), ("blocked", "2027-02-03T13:05:00Z"), ("blocked", "2026-02-03T16:05:00")],
)
def test_what_a_person_has_to_decide(status: str, time: str, workflow: Path, commands: Commands) -> None:
    """The older one is completed, which is not left; a time lies in the future; a time has no offset."""
    change(workflow / YAML, "status: in_progress", f"status: {status}")
    change(workflow / YAML, "2026-02-03T14:05:00Z", time)
    outcome = commands.status_json()
    workspace = told(outcome)
    assert outcome.code == 1
    assert workspace["conflicts"][0]["authority"] is None
    assert workspace["next"].startswith(
        "first settle the status: in_progress, written 2026-02-03T14:05:00Z (initiative"
    )
    assert "a person has to decide" in commands.status().out


def test_files_come_before_memory(workflow: Path, commands: Commands) -> None:
    change(workflow / "MEMORY.md", "- Active APEX workflow: plan approved, implementing search-index\n", "")
    workspace = told(commands.status_json())
    assert workspace["next"].endswith("workflow APEX in phase implement: search-index")
    claims = ["implement", "Active APEX workflow: analyze completed, planning search-index"]
    assert conflicts(workspace) == {"phase of the workflow": (claims, ".claude/workflow-state.json")}
    assert doubts(workspace) == {"M505"}


def test_memory_that_says_completed(workflow: Path, commands: Commands) -> None:
    with (workflow / "MEMORY.md").open("a", encoding="utf-8") as file:
        file.write("- Completed initiative for search-index: it answers queries\n")
    write(workflow, {".claude/workflow-state.json": None})
    ((claims, authority),) = conflicts(told(commands.status_json())).values()
    assert claims == ["in_progress", "Completed initiative for search-index: it answers queries"]
    assert authority == ".claude/initiative.json"


@pytest.mark.parametrize(
    ("phase", "line", "subjects"),
    [
        ("implement", "Completed APEX for search-index: it answers queries", set()),  # it was begun anew
        ("implement", "Completed initiative for search-index: it answers queries", {"phase of the workflow"}),
        ("git-commit", "Completed APEX for search-index: it answers queries", set()),
        ("git-commit", "Active APEX workflow: implementation done, reviewing search-index", {"phase of the workflow"}),
        ("review", "Active APEX workflow: implementation done, reviewing search-index", set()),
        ("implement", "Active DEBUG workflow: root cause found, fixing search-index", set()),  # of another workflow
        ("implement", "Active APEX workflow: analyze completed, planning login", set()),  # about something else
    ],
)
def test_what_the_memory_says_last(
    phase: str, line: str, subjects: set[str], workflow: Path, commands: Commands
) -> None:
    change(workflow / ".claude/workflow-state.json", "implement", phase)
    with (workflow / "MEMORY.md").open("a", encoding="utf-8") as file:
        file.write(f"- {line}\n")
    assert set(conflicts(told(commands.status_json()))) == subjects


def test_memory_comes_before_the_folders(workflow: Path, commands: Commands) -> None:
    write(workflow, {".claude": None})
    workspace = told(commands.status_json())
    assert workspace["next"] == (
        "resume by the memory, no file says where the work stands: "
        "Active APEX workflow: plan approved, implementing search-index"
    )
    assert facts(workspace)["active folder"] == f"search-index in_progress at milestone M2 @ {YAML}:2"


def test_folders_are_the_last_resort(workflow: Path, commands: Commands) -> None:
    write(workflow, {".claude": None, "MEMORY.md": None})
    assert told(commands.status_json())["next"] == (
        "reconstruct the state from the folders, neither a file nor the memory says where the work stands: "
        "search-index in_progress at milestone M2"
    )


def test_a_damaged_initiative(workflow: Path, commands: Commands) -> None:
    write(workflow, {".claude/initiative.json": '{"name": "search-index", '})
    outcome = commands.status_json()
    workspace = told(outcome)
    assert outcome.code == 1
    assert workspace["next"] == (
        "resume workflow APEX in phase implement: search-index; initiative.json is missing, or cannot be read"
    )
    assert "S101" in doubts(workspace)


def test_folders_of_other_initiatives(workflow: Path, commands: Commands) -> None:
    os.rename(
        workflow / "documentation/milestones/_active/search-index", workflow / "documentation/milestones/_active/ui"
    )
    change(workflow / "documentation/milestones/_active/ui/WORKFLOW-STATUS.yaml", "search-index", "ui")
    workspace = told(commands.status_json())
    assert conflicts(workspace) == {"active initiative": (["search-index", "ui"], ".claude/initiative.json")}


def test_an_initiative_that_is_over(workflow: Path, commands: Commands) -> None:
    for name in (".claude/initiative.json", YAML):
        text = (workflow / name).read_text(encoding="utf-8").replace("in_progress", "completed")
        write(workflow, {name: text})
    write(workflow, {".claude/workflow-state.json": None})
    with (workflow / "MEMORY.md").open("a", encoding="utf-8") as file:
        file.write("- Completed initiative for search-index: it answers queries\n")
    workspace = told(commands.status_json())
    assert (workspace["over"], workspace["conflicts"]) == (True, [])
    assert workspace["next"] == "nothing to resume: initiative search-index is completed"


def test_what_git_ignores_counts_and_is_named(workflow: Path, commands: Commands) -> None:
    write(workflow, {".gitignore": ".claude/\nMEMORY.md\n"})
    make_repository(workflow)
    git(workflow, "add", "-A")
    git(workflow, "commit", "-q", "-m", "all but what is ignored")
    outcome = commands.status_json()
    assert told(outcome)["next"].startswith("resume initiative search-index at milestone M2")
    assert outcome.json["ignored"] == [
        ".claude/initiative.json",
        ".claude/interview-state.json",
        ".claude/workflow-state.json",
    ]
    assert "ignored by git" in commands.status().out


# Refinements


def test_healthy_refinement_is_over(refinement: Path, commands: Commands) -> None:
    outcome = commands.status_json()
    workspace = told(outcome)
    assert (outcome.code, workspace["over"], workspace["conflicts"], workspace["doubts"]) == (0, True, [], [])
    assert workspace["next"] == "nothing to resume: it terminated with iteration 2 of 5"
    assert facts(workspace)["iteration"] == "2 of 5 @ decisions.md:14"
    assert len(commands.status().out.splitlines()) == 2, "a line of its own, and the summary"


def _one_iteration(folder: Path) -> None:
    """Take the second iteration back."""
    for name in ("refinement_log.md", "decisions.md"):
        text = (folder / name).read_text(encoding="utf-8")
        for heading in ("## Iteration 2", "### Iteration 2"):
            text = text.partition(f"\n{heading}")[0]
        write(folder, {name: text.rstrip() + "\n"})


def test_a_refinement_that_goes_on(refinement: Path, commands: Commands) -> None:
    _one_iteration(refinement)
    workspace = told(commands.status_json())
    assert (workspace["over"], workspace["conflicts"]) == (False, [])
    assert workspace["next"] == (
        "go on with iteration 2 of 5; Next focus: draw the dark variant; blocking violations remaining: 1"
    )
    assert facts(workspace)["violated"] == "C-02 (blocking) @ refinement_log.md:10"


def test_an_interrupted_persist(refinement: Path, commands: Commands) -> None:
    text = (refinement / "decisions.md").read_text(encoding="utf-8")
    write(refinement, {"decisions.md": text.partition("\n### Iteration 2")[0]})
    workspace = told(commands.status_json())
    assert workspace["next"] == "first settle the iteration: 2 (refinement_log.md) or 1 (decisions.md)"
    assert doubts(workspace) == {"X620"}


def test_two_verdicts(refinement: Path, commands: Commands) -> None:
    change(refinement / "decisions.md", "- **Decision**: terminate", "- **Decision**: continue")
    assert conflicts(told(commands.status_json())) == {"convergence": (["terminate", "continue"], None)}


def test_the_log_alone_may_have_the_verdict(refinement: Path, commands: Commands) -> None:
    change(refinement / "decisions.md", "- **Decision**: terminate\n", "")
    assert told(commands.status_json())["over"]
    change(refinement / "refinement_log.md", "- Convergence: terminate\n", "")
    following = "first settle whether it goes on: iteration 2 of 5 says neither continue nor terminate"
    assert told(commands.status_json())["next"] == following


def test_many_doubts_are_counted(refinement: Path, commands: Commands) -> None:
    variants = [{"name": f"v{number}", "path": f"dist/v{number}.svg"} for number in range(9)]
    manifest = json.loads((refinement / "artifact_manifest.json").read_text(encoding="utf-8"))
    write(refinement, {"artifact_manifest.json": json.dumps({**manifest, "variants": variants}, indent=1)})
    assert len(told(commands.status_json())["doubts"]) == 9
    shown = commands.status().out
    assert shown.count("do not trust") == 5
    assert "  and 4 more: check-state shows them" in shown.splitlines()


def test_a_count_that_is_wrong(refinement: Path, commands: Commands) -> None:
    _one_iteration(refinement)
    change(refinement / "decisions.md", "remaining**: 1", "remaining**: 0")
    assert conflicts(told(commands.status_json())) == {"count of blocking violations": (["1: C-02", "0"], None)}


def test_a_refinement_whose_log_cannot_be_read(refinement: Path, commands: Commands) -> None:
    write(refinement, {"refinement_log.md": b"\xff\xfe\xff", "decisions.md": None})
    workspace = told(commands.status_json())
    assert workspace["next"] == "begin with iteration 1: no iteration is logged that can be read"
    assert "S101" in doubts(workspace)


# All kinds


def test_no_workspace(folder: Path, commands: Commands) -> None:
    outcome = commands.status()
    assert (outcome.code, "there is no workspace here" in outcome.out) == (0, True)
    assert commands.status_json().json["workspaces"] == []


def test_only_what_is_named(folder: Path, commands: Commands) -> None:
    shutil.copytree(HEALTHY, folder, dirs_exist_ok=True)
    assert told(commands.status_json("refinement"))["kind"] == "refinement"
    assert told(commands.status_json(f"iterative-work/{TASK}/progress.md"))["kind"] == "iterative-work"
    assert commands.status("nowhere").code == 2


def test_nothing_is_written(folder: Path, commands: Commands) -> None:
    shutil.copytree(ROOT / "examples" / "broken", folder, dirs_exist_ok=True)
    before = snapshot(folder)
    assert commands.status().code == 1
    assert snapshot(folder) == before


def test_a_base_that_cannot_be_had(task: Path, commands: Commands, folder: Path) -> None:
    make_repository(folder, {"README.md": "x"})
    outcome = commands.status_json("--base", "nowhere")
    jsonschema.Draft202012Validator(SCHEMA).validate(outcome.json)
    assert (outcome.code, outcome.json["verdict"], outcome.json["workspaces"]) == (2, "unverified", [])
    assert [each["code"] for each in outcome.json["unverified"]] == ["W906"]
    assert "nowhere" in outcome.err
    plain = commands.status("--base", "nowhere")
    assert (plain.code, plain.out) == (2, "")


def test_what_could_not_be_looked_at(task: Path, commands: Commands) -> None:
    with (task / "guardrails.md").open("wb") as file:
        file.truncate(33 * 2**20)
    outcome = commands.status_json()
    workspace = told(outcome)
    assert (outcome.code, workspace["next"][:15]) == (2, "resume phase R2")
    assert {(each["code"], each["verdict"]) for each in workspace["doubts"]} == {("W901", "unverified")}
    assert "do not trust .iterative-work/tram-noise/guardrails.md:1: unverified W901" in commands.status().out


def test_what_was_rewritten_is_in_doubt(task: Path, commands: Commands, folder: Path) -> None:
    make_repository(folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    change(task / "progress.md", "Two sources on other measures", "None")
    assert doubts(told(commands.status_json())) == {"L201"}
    assert doubts(told(commands.status_json("--no-history"))) == set()


def test_a_workspace_that_is_gone(task: Path, commands: Commands, folder: Path) -> None:
    make_repository(folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    shutil.rmtree(task)
    workspace = told(commands.status_json())
    assert (workspace["over"], workspace["facts"]) == (True, [])
    assert workspace["next"].startswith("nothing to resume: it is gone")


def test_hostile_content_acts_on_nothing(task: Path, commands: Commands) -> None:
    harm = "\x1b[31m\u202e::error::\u2028 ##[command]"
    change(task / "progress.md", "Speed limits", f"Speed {harm}")
    change(task / "plan.md", "Compare measures", f"::warning::{harm}")
    state = json.loads((task / "state.json").read_text(encoding="utf-8"))
    state["task"] = f"{harm}\n::error::x"
    write(task, {"state.json": json.dumps(state)})
    write(
        task.parents[1], {f".iterative-work/{NAME}/state.json": '{"phase": "execute", "current_phase": "\\u001b[2J"}'}
    )
    for outcome in (commands.status(), commands.status_json()):
        assert not {"\x1b", "\u202e", "\u2028", "\r"} & set(outcome.out)
        assert "##[" not in outcome.out
        assert not any(line.lstrip().startswith("::") for line in outcome.out.splitlines())
    shutil.rmtree(task.parent / NAME)
    assert harm in facts(told(commands.status_json()))["task"], "JSON says what the file says"


DOCUMENTS = [path for path in sorted(HEALTHY.rglob("*")) if path.suffix in (".json", ".md", ".yaml")]
CONTENTS = ["null", "[]", '"x"', '{"phases": 5, "constraints": [1], "progress": [], "variants": {}}', "\x00"]
VALUES = ["null", "[]", "5", '"\\ud800"', '{"a": null}', "1e999"]


def _examples_with(folder: Path, path: Path, content: str) -> None:
    """Copy the healthy example that a document is of, with another content in its place."""
    kind = path.relative_to(HEALTHY).parts[0]
    if not (folder / kind).exists():
        shutil.copytree(HEALTHY / kind, folder / kind)
    write(folder, {path.relative_to(HEALTHY).as_posix(): content})


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_any_document_may_be_anything(path: Path, folder: Path, commands: Commands) -> None:
    for content in CONTENTS:
        _examples_with(folder, path, content)
        outcome = commands.status_json("--no-history")
        jsonschema.Draft202012Validator(SCHEMA).validate(outcome.json)
        assert commands.status("--no-history").code == outcome.code


@pytest.mark.parametrize("path", [each for each in DOCUMENTS if each.suffix == ".json"], ids=lambda path: path.name)
def test_any_value_may_be_anything(path: Path, folder: Path, commands: Commands) -> None:
    whole = json.loads(path.read_text(encoding="utf-8"))
    for key in whole:
        for value in VALUES:
            _examples_with(folder, path, json.dumps({**whole, key: "HERE"}).replace('"HERE"', value))
            jsonschema.Draft202012Validator(SCHEMA).validate(commands.status_json("--no-history").json)
