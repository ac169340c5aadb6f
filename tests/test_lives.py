"""Whole lives: a healthy workspace of each kind never has a finding, and each rule speaks of its own damage.

`lives.py` has the lives. A damage is the smallest change of one step of a life that a rule speaks of; here stands
which rules speak of it, and no other may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from harness import NOW, Commands, Outcome, git, isolate, make_repository, write
from lives import (
    COMPLETED,
    EARLIER,
    GONE,
    IMPLEMENTING,
    INITIATIVE,
    INTERVIEW,
    LIVES,
    MEMORY,
    POSITION,
    REVIEWING,
    STATUS,
    Changes,
    Life,
    Stage,
    Tree,
    add,
    apply,
    as_json,
    badge,
    position,
    put,
    stages,
    swap,
)

from statecheck.rules import all_rules


def differences(old: Tree, new: Tree) -> dict[str, str | bytes | None]:
    """Return what to write for one tree to become another."""
    return {path: new.get(path) for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def commit(repository: Path, message: str, at: str) -> None:
    dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    git(repository, "commit", "-q", "-m", message, env=dates)


def said(outcome: Outcome) -> list[str]:
    """Return all that a run says, notes and what it could not verify among it."""
    assert outcome.err == "", outcome.err
    return outcome.findings + [f"unverified {each}" for each in outcome.unverified]


# --- healthy lives -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_a_healthy_life_has_no_finding(life: Life, repository: Path, commands: Commands) -> None:
    heard: dict[str, list[str]] = {}
    tree: Tree = {}
    for step, stage in zip(life.steps, stages(life), strict=True):
        write(repository, differences(tree, stage.tree))
        git(repository, "add", "-A")
        tree = stage.tree
        before = commands.check_json("--staged", now=step.at)
        commit(repository, step.message, step.at)
        after = commands.check_json(now=step.at)
        for when, outcome in (("staged", before), ("committed", after)):
            heard[f"{step.message}, {when}"] = said(outcome)
            assert outcome.json["examined"]["workspaces"] == 1
    heard["every commit"] = said(commands.check_json("--from-ref", f"HEAD~{len(life.steps) - 1}", "--to-ref", "HEAD"))
    assert {when: words for when, words in heard.items() if words} == {}


# --- damages -------------------------------------------------------------------------------------------------------


class Damage(NamedTuple):
    """A change of one step of a life, staged beside it, or made once it is committed if `after`.

    `also` are the codes that speak beside `code`. `unstaged` are files that git no longer tracks.
    """

    code: str
    life: str
    step: str
    changes: Changes
    also: tuple[str, ...] = ()
    after: bool = False
    unstaged: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.code}, {self.step}"


def task(code: str, step: str, changes: Changes, *also: str, after: bool = False) -> Damage:
    return Damage(code, "iterative-work", step, changes, also, after)


def workflow(code: str, step: str, changes: Changes, *also: str, after: bool = False) -> Damage:
    return Damage(code, "workflow", step, changes, also, after)


def refinement(
    code: str, step: str, changes: Changes, *also: str, after: bool = False, unstaged: tuple[str, ...] = ()
) -> Damage:
    return Damage(code, "refinement", step, changes, also, after, unstaged)


def status(word: str, was: str) -> Changes:
    """Say another status in both files of an initiative."""
    return {INITIATIVE: put({"status": word}), STATUS: swap((f"status: {was} ", f"status: {word} "))}


def last(old: str, new: str) -> Callable[[str], str]:
    """Replace a text where it is there for the last time."""
    return lambda text: new.join(text.rsplit(old, 1))


SCHEMA = [
    task("S101", "R1 iteration 1", {"state.json": lambda text: text[:-3]}),
    workflow("S102", "wait for access", {INITIATIVE: swap(('"status"', '"status": "blocked",\n  "status"'))}),
    refinement("S103", "iteration 2", {"artifact_manifest.json": put({"artifact_type": 7})}),
    refinement("S104", "iteration 2", {"references/schemas/constraints.schema.json": as_json({"type": 7})}),
    task("S105", "R1 iteration 1", {"state.json": put({"updated": "2026-01-16T25:00:00Z"})}),
    task("S105", "R1 iteration 2", {"progress.md": swap(("T12:00:00Z", "T12:60:00Z"))}),
    refinement(
        "S106", "iteration 2", {"artifact_manifest.json": put({"generation_timestamp": GONE, "generated_at": "{now}"})}
    ),
    task("S110", "write the brief", {"brief.md": swap(("\n## Notes\nFor the traffic office.\n", ""))}),
    task("S111", "plan the phases", {"plan.md": swap(("3 phases", "4 phases"))}),
    task("S112", "plan the phases", {"context.md": swap(("count bikes.", "count bikes. It is short."))}),
    task("S113", "R1 iteration 2", {"guardrails.md": swap(("- **Solution:** Note how the bikes passed\n", ""))}),
]

CONFIRMATION = "\n## R1 - Iteration 3 - 2026-01-16T12:30:00Z\n**Did:** Read all four again\n**Remaining:** None\n"
LOGS = [
    task("L201", "R1 iteration 2", {"progress.md": swap(("two tests of loops", "three tests of loops"))}),
    # of R1, a confirmation logs itself or not: two entries are as good as three for X612
    task("L202", "start R2", {"progress.md": swap((f"{CONFIRMATION}**Signal:** R1_DONE\n", ""))}),
    task(
        "L203",
        "R2 iteration 1",
        {
            "progress.md": swap(
                (
                    "\n## R2 - Iteration 1 - 2026-01-16T14:00:00Z\n"
                    "**Did:** Compared three kinds\n**Remaining:** None\n**Signal:** R2_DONE\n",
                    "",
                ),
                (
                    "\n## Verify R1",
                    "\n## R2 - Iteration 1 - 2026-01-16T12:50:00Z\n"
                    "**Did:** Compared three kinds\n**Remaining:** None\n**Signal:** R2_DONE\n\n## Verify R1",
                ),
            )
        },
    ),
    task("L204", "R1 iteration 1", {"guardrails.md": None}),
    task("L205", "R1 iteration 1", {"progress.md": swap(("# Progress Log\n", "# The Progress Log\n"))}),
    task("L206", "R1 iteration 2", {"progress.md": lambda text: text.replace("\n", "\r\n")}),
    task("L207", "start R2", {"progress.md": add("\nOne of the four is from 2009.\n")}),
    task("L210", "R1 iteration 2", {"progress.md": swap(("R1 - Iteration 2", "R1 – Iteration 2"))}),
    task("L211", "R1 iteration 2", {"progress.md": swap(("**Did:** Found a radar and a camera\n", ""))}),
    refinement("L212", "iteration 2", {"decisions.md": swap(("2 of 5", "2/5"))}),
    task("L213", "R1 iteration 2", {"progress.md": swap(("R1 - Iteration 2", "R1 - Iteration 3"))}),
    # two of the three entries of R1 are as many as its iterations: X612 has nothing to say
    task("L214", "R1 is confirmed", {"progress.md": swap(("R1 - Iteration 3", "R1 - Iteration 2"))}),
    task("L215", "R1 is confirmed", {"progress.md": swap(("T12:30:00Z", "T11:30:00Z"))}),
    # the third entry of R1 counts as an iteration, and not as a confirmation
    task(
        "L216",
        "R1 is confirmed",
        {
            "state.json": put(
                {
                    "current_iteration": 3,
                    "phases/R1": {"status": "confirming", "iterations_used": 3, "max_iterations": 5},
                }
            )
        },
    ),
]

LIGHT = "dist/badge-light.svg"
MANIFEST = [
    refinement("D301", "iteration 3", {LIGHT: None}, after=True),
    refinement(
        "D302",
        "iteration 3",
        {
            LIGHT: None,
            "badge-light.svg": badge("Badge, light", "#1b1f24"),
            "artifact_manifest.json": put({"variants/0/path": "badge-light.svg"}),
        },
        after=True,
    ),
    refinement("D303", "iteration 3", {"artifact_manifest.json": put({"variants/0/path": "dist\\badge-light.svg"})}),
    refinement("D304", "iteration 3", {"artifact_manifest.json": put({"variants/1/name": "light"})}),
    refinement("D305", "iteration 3", {"dist/badge-old.svg": badge("Badge, old", "#000000")}, after=True),
    refinement("D306", "iteration 3", {"artifact_manifest.json": put({"variants/0/path": "dist/Badge-Light.svg"})}),
    refinement("D307", "iteration 3", {}, after=True, unstaged=(LIGHT,)),
    refinement("D308", "iteration 3", {LIGHT: ""}, after=True),
    refinement("D309", "iteration 3", {LIGHT: badge("Badge, light", "#1b1f24", 32)}, after=True),
    refinement(
        "D310", "iteration 3", {"artifact_manifest.json": put({"generation_timestamp": "2026-02-10T09:00:00Z"})}
    ),
    task("D311", "R1 is done", {"sources/list.md": None}),
]

TRANSITIONS = [
    workflow("T401", "wait for access", status("created", "blocked")),
    # the completion entry, true until then, names an initiative that is in progress
    workflow("T402", "archive the initiative", status("in_progress", "archived"), "M508"),
    task(
        "T402",
        "R1 is done",
        {
            "state.json": put(
                {"updated": "{now}", "phases/R1/status": "verifying", "phases/R1/completed_at": GONE},
            ),
            "plan.md": swap(("- [x] **R1**", "- [ ] **R1**")),
        },
        after=True,
    ),
    task(
        "T403",
        "R1 iteration 2",
        {"state.json": put({"phases/R1/status": "verifying", "phases/R1/confirmations_used": 1})},
    ),
    task("T404", "R3 is confirmed", {"state.json": put({"phases/R3/confirmations_used": GONE})}),
    task("T404", "R1 is done", {"state.json": put({"phases/R1/verification_passed": GONE})}),
    # what is in progress.md can as well be two iterations and their confirmation: X612 has nothing to say
    task("T405", "R3 is done", {"state.json": put({"current_iteration": 2, "phases/R3/iterations_used": 2})}),
    # and there, the fourth entry of R2 is neither an iteration nor a confirmation any more
    task("T405", "R2 is done", {"state.json": put({"phases/R2/confirmations_used": 1})}, "X612"),
    refinement("T406", "iteration 2", {"constraints.json": put({"constraints/2/severity": "medium"})}),
    task("T406", "start R2", {"state.json": put({"phases/R1/completed_at": "2026-01-16T12:59:00Z"})}),
    task("T407", "start R2", {"state.json": put({"updated": "2026-01-16T13:00:00Z"})}),
    task("T408", "R3 is blocked", {"state.json": put({"phases/R3/status": "timeout"})}),
    task("T408", "R3 runs out of iterations", {"state.json": put({"phases/R3/status": "in_progress"})}),
    task("T409", "complete the task", {"context.md": add("- Costs are of 2025\n")}, after=True),
    workflow(
        "T409",
        "archive the initiative",
        {INITIATIVE: put({"checkpoints": ["looked at it again"], "lastUpdated": "{now}"})},
        after=True,
    ),
    task("T410", "R1 iteration 1", {"state.json": None}),
    workflow("T410", "begin", {INTERVIEW: None}),
]

MEMORIES = [
    workflow("M501", "complete the initiative", {MEMORY: swap((COMPLETED, ""))}),
    # with the memory goes the entry, and those of other initiatives
    workflow("M501", "archive the initiative", {MEMORY: None}, "M510"),
    workflow("M502", "begin", {MEMORY: add("- Completed initiative for the fixture server\n")}),
    workflow("M503", "complete the initiative", {MEMORY: add("  Queries take 40 ms,\n  and 90 ms at most\n")}),
    workflow("M504", "complete the initiative", {MEMORY: add(COMPLETED)}),
    workflow("M505", "start M1", {MEMORY: swap((IMPLEMENTING, ""))}),
    workflow("M506", "start M1", {MEMORY: position("- Active APEX workflow: busy with search-index\n")}),
    workflow("M507", "start M1", {MEMORY: position(REVIEWING)}),
    workflow("M507", "archive the initiative", {MEMORY: add(REVIEWING)}),
    workflow("M508", "start M1", {MEMORY: add("- Completed initiative for search-index: M1 done\n")}),
    # a checkpoint is due in the first commit, and nobody says where the memory is: M505 cannot know
    workflow("M509", "create the initiative", {MEMORY: None, POSITION: put({"phase": "plan"})}),
    workflow("M509", "begin", {MEMORY: b"# Memory\n\n- \xff\n"}),
    workflow("M510", "begin", {MEMORY: swap((EARLIER, ""))}),
    workflow("M510", "begin", {MEMORY: None}),
]

SYNCED = "lastUpdated: 2026-02-03T09:00:00Z"
CONSISTENCY = [
    # in the first commit, which no event precedes
    workflow("X601", "create the initiative", {STATUS: swap(("status: created ", "status: in_progress "))}),
    # it only speaks where the two disagree
    workflow(
        "X602",
        "create the initiative",
        {STATUS: swap(("status: created ", "status: in_progress "), (SYNCED, "lastUpdated: 2026-02-03T08:50:00Z"))},
        "X601",
    ),
    # the two are 4 minutes apart
    workflow(
        "X603",
        "go on",
        {STATUS: swap(("status: in_progress ", "status: blocked "), ("T10:34:00Z", "T10:30:00Z"))},
    ),
    workflow("X603", "go on", {INITIATIVE: put({"status": "blocked", "lastUpdated": "2026-02-03T10:30:00Z"})}),
    # the two are a night apart, and disagree
    workflow(
        "X603",
        "start M2",
        {
            STATUS: swap(
                ("currentMilestone: M2", "currentMilestone: M1"), ("2026-02-04T09:00:00Z", "2026-02-03T15:00:00Z")
            )
        },
        "X602",
    ),
    workflow("X604", "create the initiative", {STATUS: None}),
    workflow("X604", "create the initiative", {INITIATIVE: None}),
    task("X605", "start R1", {"guardrails.md": None}),
    task("X605", "write the brief", {"brief.md": None}),
    refinement("X605", "iteration 1", {"artifact_manifest.json": None}),
    task("X606", "discover", {"state.json": put({"slug": "bike-counts"})}),
    task("X607", "R1 is done", {"state.json": put({"current_phase": "R9"})}),
    task("X608", "R1 iteration 1", {"state.json": put({"current_iteration": 3})}),
    task(
        "X609",
        "R1 iteration 2",
        {
            "state.json": put({"phases/R1/max_iterations": 1}),
            "plan.md": swap(("`sources/list.md`\n  - Max iterations: 5", "`sources/list.md`\n  - Max iterations: 1")),
        },
    ),
    task("X610", "R1 iteration 1", {"state.json": put({"phases/R1/verification_passed": True})}),
    task("X611", "R1 is done", {"plan.md": swap(("- [x] **R1**", "- [ ] **R1**"))}),
    task("X611", "plan the phases", {"state.json": put({"phases/R3": GONE})}),
    task("X611", "plan the phases", {"state.json": put({"phases/R3/max_iterations": 3})}),
    task("X612", "R1 iteration 2", {"progress.md": swap(("**Signal:** R1_DONE", "**Blockers:** None"))}),
    task("X612", "R1 iteration 2", {"state.json": put({"current_iteration": 3, "phases/R1/iterations_used": 3})}),
    task("X613", "plan the phases", {"plan.md": swap(("**Domain:** research", "**Domain:** analysis"))}),
    task("X613", "write the brief", {"brief.md": swap(("T09:00:00Z", "T09:05:00Z"))}),
    task("X614", "R1 is done", {"state.json": put({"phases/R1/completed_at": "2026-01-16T08:00:00Z"})}),
    task("X614", "R2 is done", {"state.json": put({"phases/R2/completed_at": "2026-01-16T12:59:00Z"})}),
    task(
        "X615",
        "R1 is confirmed",
        {"state.json": put({"phases/R2/status": "in_progress", "phases/R2/iterations_used": 0})},
    ),
    task("X615", "start R2", {"state.json": put({"current_phase": "R1", "current_iteration": 2})}),
    task("X615", "plan the phases", {"plan.md": swap(("R1 → R2 → R3", "R1 → R2 → R4"))}),
    task("X616", "R3 is blocked", {"progress.md": swap(("The budget is not known", "None"))}),
    task("X617", "deliver", {"state.json": put({"phase": "complete", "updated": "{now}"})}, after=True),
    task("X617", "complete the task", {"state.json": put({"phase": "deliver"})}),
    task("X618", "R1 iteration 2", {"guardrails.md": swap(("R1 iteration 1", "R1 iteration 4"))}),
    task("X618", "R1 iteration 2", {"guardrails.md": swap(("R1 iteration 1", "R7 iteration 1"))}),
    refinement("X620", "iteration 2", {"decisions.md": lambda text: text[: text.index("\n### Iteration 2 Decision")]}),
    refinement("X621", "iteration 2", {"refinement_log.md": last("Convergence: continue", "Convergence: terminate")}),
    refinement("X622", "iteration 2", {"refinement_log.md": last("- C-03:", "- C-09: satisfied — it is new\n- C-03:")}),
    refinement("X622", "iteration 1", {"refinement_log.md": swap(("- C-03: violated — the draft has no title\n", ""))}),
    refinement("X623", "iteration 2", {"constraints.json": put({"constraints/2/validated": False})}),
    refinement("X624", "iteration 2", {"decisions.md": last("remaining**: 1", "remaining**: 2")}),
    refinement(
        "X625",
        "iteration 3",
        {
            "constraints.json": put({"constraints/1/validated": False}),
            "refinement_log.md": swap(("C-02: satisfied", "C-02: violated")),
            "decisions.md": swap(("remaining**: 0", "remaining**: 1")),
        },
    ),
    refinement(
        "X626", "iteration 2", {"constraints.json": put({"constraints/0/last_checked": "2026-02-10T09:00:00Z"})}
    ),
    refinement("X627", "iteration 2", {"refinement_log.md": add("- dist/badge-mono.svg\n")}),
    refinement("X627", "iteration 2", {"refinement_log.md": last("- dist/badge-dark.svg\n", "")}),
]

CONFLICT = "<<<<<<< HEAD\n=======\n>>>>>>> other\n"
LEFT_OVER = [
    workflow("W903", "begin", {f"{INITIATIVE}.tmp": '{\n  "name": "search-index",\n'}),
    task("W904", "R1 iteration 1", {"state.json": swap(('  "domain"', f'{CONFLICT}  "domain"'))}),
    task(
        "W904", "R1 iteration 2", {"progress.md": swap(("**Did:** Found a radar", f"{CONFLICT}**Did:** Found a radar"))}
    ),
]

DAMAGES = [*SCHEMA, *LOGS, *MANIFEST, *TRANSITIONS, *MEMORIES, *CONSISTENCY, *LEFT_OVER]

NEED_NO_LIFE = (
    "W901",  # unverified: what cannot be read lies outside a life
    "W902",  # about permissions, which no commit holds
    "W906",  # unverified: about the history that is there, and not about a workspace
    "W907",  # about the configuration
)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A repository of each life, in which a tag of its number stands at each step."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        isolate(monkeypatch, tmp_path_factory.mktemp("home"))
        found = {}
        for life in LIVES.values():
            found[life.name] = make_repository(tmp_path_factory.mktemp(life.name))
            tree: Tree = {}
            for number, (step, stage) in enumerate(zip(life.steps, stages(life), strict=True)):
                write(found[life.name], differences(tree, stage.tree))
                git(found[life.name], "add", "-A")
                commit(found[life.name], step.message, step.at)
                git(found[life.name], "tag", str(number))
                tree = stage.tree
        yield found


def damaged(repository: Path, damage: Damage, lived: Path) -> Stage:
    """Bring a repository to where a damage is done, and do it; return what is there then, and when that is."""
    life = LIVES[damage.life]
    number = [step.message for step in life.steps].index(damage.step)
    every = stages(life)
    stage, base = every[number], number if damage.after else number - 1
    committed: Tree = {}
    if base >= 0:
        git(repository, "fetch", "-q", "--no-tags", str(lived), f"refs/tags/{base}")
        git(repository, "reset", "-q", "--hard", "FETCH_HEAD")
        committed = every[base].tree
    at = NOW if damage.after else stage.at
    tree = apply(stage.tree, damage.changes, stage.folder, at)
    write(repository, differences(committed, tree))
    git(repository, "add", "-A")
    for name in damage.unstaged:
        git(repository, "rm", "-q", "--cached", f"{stage.folder}/{name}")
    return Stage(tree, stage.folder, at)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_a_damage_is_reported_by_the_rules_it_concerns(
    damage: Damage, repository: Path, commands: Commands, lived: dict[str, Path]
) -> None:
    stage = damaged(repository, damage, lived[damage.life])
    for arguments in ((), ("--staged",)):
        outcome = commands.check_json(*arguments, now=stage.at)
        assert outcome.err == "", outcome.err
        loud = [each for each in outcome.json["findings"] if each["severity"] != "info" or each["code"] == damage.code]
        assert {each["code"] for each in loud} == {damage.code, *damage.also}, said(outcome)
        assert outcome.unverified == []
        assert outcome.code == any(each["severity"] == "error" for each in loud)


def test_every_rule_has_its_damage() -> None:
    assert set(all_rules()) - set(NEED_NO_LIFE) <= {damage.code for damage in DAMAGES}
    assert not {damage.code for damage in DAMAGES} & set(NEED_NO_LIFE)
