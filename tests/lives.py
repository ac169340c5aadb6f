"""One healthy workspace of each kind through its whole life, as data: what each step changes, and when.

A file is given as its content, or as a change of what the step before left: `add`, `swap`, `put`. ``{now}`` stands for
the time of the step. A name is one within the workspace's folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

Change = str | bytes | None | Callable[[str], str]
Changes = dict[str, Change]
Tree = dict[str, str | bytes]

GONE = object()
"""In `put`: the member is taken away."""


class Step(NamedTuple):
    """What one commit changes. `move` takes every file of the workspace to another folder, before the changes."""

    message: str
    at: str
    changes: Changes
    move: str | None = None


class Life(NamedTuple):
    """A workspace from its first commit to its last. `workspaces` is how many a run finds."""

    name: str
    folder: str
    steps: tuple[Step, ...]


class Stage(NamedTuple):
    """All files of the repository after a step, and where the workspace is."""

    tree: Tree
    folder: str
    at: str


def add(text: str) -> Callable[[str], str]:
    """Append a text."""
    return lambda old: old + text


def swap(*pairs: tuple[str, str]) -> Callable[[str], str]:
    """Replace texts, each of which is there once."""

    def change(old: str) -> str:
        for before, after in pairs:
            assert old.count(before) == 1, f"{before!r} is there {old.count(before)} times in\n{old}"
            old = old.replace(before, after)
        return old

    return change


def put(values: dict[str, Any]) -> Callable[[str], str]:
    """Set members of a JSON document, each named by the keys, or indices, that lead to it."""

    def change(old: str) -> str:
        document = json.loads(old)
        for path, value in values.items():
            *way, last = (int(key) if key.isdigit() else key for key in path.split("/"))
            holder = document
            for key in way:
                holder = holder[key]
            if value is GONE:
                del holder[last]
            else:
                holder[last] = value
        return as_json(document)

    return change


def as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def apply(tree: Tree, changes: Changes, folder: str, at: str) -> Tree:
    """Return a tree after changes of the workspace in a folder of it."""
    tree = dict(tree)
    for name, change in changes.items():
        path = f"{folder}/{name}" if folder else name
        old = tree.pop(path, None)
        if callable(change):
            assert isinstance(old, str), f"there is no {path}"
            change = change(old)
        if change is not None:
            assert change != old, f"{path} is as it was"
            tree[path] = change.replace("{now}", at) if isinstance(change, str) else change
        else:
            assert old is not None, f"there is no {path}"
    return tree


def stages(life: Life) -> list[Stage]:
    """Return the repository after each step."""
    found: list[Stage] = []
    tree, folder = {}, life.folder
    for step in life.steps:
        if step.move is not None:
            tree = {path.replace(f"{folder}/", f"{step.move}/", 1): content for path, content in tree.items()}
            folder = step.move
        tree = apply(tree, step.changes, folder, step.at)
        found.append(Stage(tree, folder, step.at))
    return found


# --- an initiative ---------------------------------------------------------------------------------------------------

INITIATIVE = ".claude/initiative.json"
POSITION = ".claude/workflow-state.json"
INTERVIEW = ".claude/interview-state.json"
STATUS = "documentation/milestones/_active/search-index/WORKFLOW-STATUS.yaml"
MEMORY = "MEMORY.md"

COMPLETED = "- Completed initiative for search-index: M1 and M2 done\n"
EARLIER = "- 2026-01-20: **Completed APEX for login-form: every field can be reached by keyboard**\n"
MEMORY_AT_FIRST = """# Memory

## Patterns

- Tests need the fixture server; start it before running them

## Recent Completions

"""
PLANNING = "- Active APEX workflow: analyze completed, planning search-index\n"
IMPLEMENTING = "- Active APEX workflow: plan approved, implementing search-index\n"
REVIEWING = "- Active APEX workflow: implement completed, reviewing search-index\n"


def position(line: str) -> Callable[[str], str]:
    """Add a line on where the workflow stands, before the completions."""
    return swap(("\n## Recent Completions", f"{line}\n## Recent Completions"))


def clock(old: str, new: str, *pairs: tuple[str, str]) -> Callable[[str], str]:
    """Change values of WORKFLOW-STATUS.yaml, and the hour and minute of a day in it."""
    return swap((f"T{old}:00Z", f"T{new}:00Z"), *pairs)


WORKFLOW = Life(
    "workflow",
    "",
    (
        Step(
            "create the initiative",
            "2026-02-03T09:00:00Z",
            {
                INITIATIVE: as_json(
                    {
                        "name": "search-index",
                        "status": "created",
                        "currentMilestone": None,
                        "progress": {"M1": "created", "M2": "created", "tasks_done": 0},
                        "checkpoints": [],
                        "lastUpdated": "{now}",
                    }
                ),
                STATUS: "name: search-index\nstatus: created   # M1 reads the pages, M2 answers queries\n"
                "currentMilestone: null\nlastUpdated: {now}\n",
                POSITION: as_json({"type": "APEX", "phase": "analyze", "context": "search-index"}),
                INTERVIEW: as_json(
                    {
                        "confidence": {
                            "problem": 90,
                            "technical": 70,
                            "weights": {"problem": 0.5, "technical": 0.5},
                            "composite": 80,
                        },
                        "lastUpdated": "{now}",
                    }
                ),
                MEMORY: MEMORY_AT_FIRST + EARLIER,
            },
        ),
        Step(
            "begin",
            "2026-02-03T09:30:00Z",
            {
                INITIATIVE: put({"status": "in_progress", "lastUpdated": "{now}"}),
                STATUS: clock("09:00", "09:30", ("status: created ", "status: in_progress ")),
            },
        ),
        Step("plan", "2026-02-03T10:00:00Z", {POSITION: put({"phase": "plan"}), MEMORY: position(PLANNING)}),
        Step(
            "wait for access",
            "2026-02-03T10:30:00Z",
            {
                INITIATIVE: put({"status": "blocked", "lastUpdated": "{now}"}),
                STATUS: clock("09:30", "10:30", ("status: in_progress ", "status: blocked ")),
            },
        ),
        Step(
            "go on",
            "2026-02-03T10:34:00Z",
            {
                INITIATIVE: put({"status": "in_progress", "lastUpdated": "{now}"}),
                STATUS: clock("10:30", "10:34", ("status: blocked ", "status: in_progress ")),
            },
        ),
        Step(
            "start M1",
            "2026-02-03T11:00:00Z",
            {
                INITIATIVE: put({"currentMilestone": "M1", "progress/M1": "in_progress", "lastUpdated": "{now}"}),
                STATUS: clock("10:34", "11:00", ("currentMilestone: null", "currentMilestone: M1")),
                POSITION: put({"phase": "implement"}),
                MEMORY: position(IMPLEMENTING),
            },
        ),
        Step(
            "complete a task",
            "2026-02-03T13:00:00Z",
            {INITIATIVE: put({"progress/tasks_done": 1, "lastUpdated": "{now}"})},
        ),
        Step(
            "complete M1",
            "2026-02-03T15:00:00Z",
            {
                INITIATIVE: put({"currentMilestone": "M2", "progress/M1": "completed", "lastUpdated": "{now}"}),
                STATUS: clock("11:00", "15:00", ("lastUpdated:", "completed: [M1]\nlastUpdated:")),
            },
        ),
        Step(
            "start M2",
            "2026-02-04T09:00:00Z",
            {
                INITIATIVE: put({"progress/M2": "in_progress", "lastUpdated": "{now}"}),
                STATUS: swap(
                    ("2026-02-03T15:00:00Z", "{now}"),
                    ("currentMilestone: M1", "currentMilestone: M2"),
                ),
            },
        ),
        Step("review", "2026-02-04T14:00:00Z", {POSITION: put({"phase": "review"}), MEMORY: position(REVIEWING)}),
        Step(
            "complete the initiative",
            "2026-02-04T16:00:00Z",
            {
                INITIATIVE: put({"status": "completed", "progress/M2": "completed", "lastUpdated": "{now}"}),
                STATUS: clock("09:00", "16:00", ("status: in_progress ", "status: completed ")),
                POSITION: put({"phase": "git-commit"}),
                MEMORY: add(COMPLETED),
            },
        ),
        Step(
            "archive the initiative",
            "2026-02-05T09:00:00Z",
            {
                INITIATIVE: put({"status": "archived", "lastUpdated": "{now}"}),
                STATUS: swap(
                    ("2026-02-04T16:00:00Z", "{now}"),
                    ("status: completed ", "status: archived "),
                ),
                POSITION: put({"phase": "x-archive"}),
            },
        ),
        Step("remove the initiative", "2026-02-05T09:10:00Z", {INITIATIVE: None, STATUS: None, POSITION: None}),
        Step(
            "create the next initiative",
            "2026-02-06T09:00:00Z",
            {
                INITIATIVE: as_json({"name": "answer-cache", "status": "created", "lastUpdated": "{now}"}),
                STATUS.replace("search-index", "answer-cache"): "status: created\nlastUpdated: {now}\n",
            },
        ),
    ),
)

# --- a task ----------------------------------------------------------------------------------------------------------


def entry(heading: str, did: str, remaining: str, **more: str) -> Callable[[str], str]:
    """Append an entry to progress.md; `more` is its Blockers or its Signal."""
    fields = {"Did": did, "Remaining": remaining, **{name.capitalize(): value for name, value in more.items()}}
    lines = "".join(f"**{name}:** {value}\n" for name, value in fields.items())
    return add(f"\n## {heading} - {{now}}\n{lines}")


TASK = Life(
    "iterative-work",
    ".iterative-work/bike-count",
    (
        Step(
            "discover",
            "2026-01-16T09:00:00Z",
            {
                "state.json": as_json(
                    {
                        "task": "bike-count-report",
                        "slug": "bike-count",
                        "created": "{now}",
                        "updated": "{now}",
                        "domain": "research",
                        "phase": "discover",
                    }
                )
            },
        ),
        Step(
            "write the brief",
            "2026-01-16T09:30:00Z",
            {
                "state.json": put({"phase": "plan", "updated": "{now}"}),
                "brief.md": """# Bike Count Report

**Created:** 2026-01-16T09:00:00Z
**Domain:** research

## Outcome Needed
Where the city should count bikes, and with which kind of counter.

## Done When
- Three kinds of counter are compared by accuracy and cost
- Every number has a source

## Constraints
- At most four pages

## Notes
For the traffic office.
""",
            },
        ),
        Step(
            "plan the phases",
            "2026-01-16T10:00:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "phases": {
                            "R1": {"status": "pending", "max_iterations": 5},
                            "R2": {"status": "pending", "max_iterations": 5},
                            "R3": {"status": "pending", "max_iterations": 2},
                        },
                    }
                ),
                "plan.md": """# Bike Count Report - Phases

**Created:** {now}
**Domain:** research
**Total:** 3 phases

## Phases

- [ ] **R1**: Collect sources
  - Criteria: at least four sources with measurements
  - Output: `sources/list.md`
  - Max iterations: 5

- [ ] **R2**: Compare counters
  - Criteria: three kinds with accuracy and cost
  - Output: `outputs/comparison.md`
  - Max iterations: 5

- [ ] **R3**: Write the report
  - Criteria: every criterion of the brief is met
  - Output: `outputs/report.md`
  - Max iterations: 2

## Dependencies

R1 → R2 → R3 (sequential)
""",
                "context.md": """# Bike Count Report Context

**Goal:** A report of four pages on where and how to count bikes.

**Approach:** Collect tests of counters, compare the kinds, then write.

**Key outputs:**
- `outputs/report.md` — Final deliverable
- `outputs/comparison.md` — Intermediate findings

**Patterns to follow:**
- Accuracy is the share of bikes that were counted

**Phase signals:**
- R1: Sources collected
- R2: Counters compared
- R3: Report complete
""",
            },
        ),
        Step(
            "start R1",
            "2026-01-16T10:30:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "phase": "execute",
                        "current_phase": "R1",
                        "current_iteration": 1,
                        "phases/R1": {"status": "in_progress", "iterations_used": 0, "max_iterations": 5},
                    }
                ),
                "progress.md": "# Progress Log\n",
                "guardrails.md": "# Guardrails\n\nRead before starting any iteration. Append when issues discovered.\n",
            },
        ),
        Step(
            "R1 iteration 1",
            "2026-01-16T11:00:00Z",
            {
                "state.json": put({"updated": "{now}", "current_iteration": 2, "phases/R1/iterations_used": 1}),
                "progress.md": entry("R1 - Iteration 1", "Found two tests of loops", "Two more", blockers="None"),
            },
        ),
        Step(
            "R1 iteration 2",
            "2026-01-16T12:00:00Z",
            {
                "state.json": put(
                    {"updated": "{now}", "phases/R1/iterations_used": 2, "phases/R1/status": "confirming"}
                ),
                "progress.md": entry("R1 - Iteration 2", "Found a radar and a camera", "None", signal="R1_DONE"),
                "sources/list.md": "# Sources\n\n1. Loops in asphalt\n2. Loops in snow\n3. Radar\n4. Cameras\n",
                "guardrails.md": add(
                    "\n## Bikes in groups\n"
                    "- **Context:** Citing the accuracy of a counter\n"
                    "- **Problem:** Some tests had bikes pass one by one\n"
                    "- **Solution:** Note how the bikes passed\n"
                    "- **Learned:** R1 iteration 1\n"
                ),
            },
        ),
        Step(
            "R1 is confirmed",
            "2026-01-16T12:30:00Z",
            {
                "state.json": put(
                    {"updated": "{now}", "phases/R1/confirmations_used": 1, "phases/R1/status": "verifying"}
                ),
                "progress.md": entry("R1 - Iteration 3", "Read all four again", "None", signal="R1_DONE"),
            },
        ),
        Step(
            "R1 is done",
            "2026-01-16T13:00:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "phases/R1/status": "done",
                        "phases/R1/verification_passed": True,
                        "phases/R1/completed_at": "{now}",
                    }
                ),
                "plan.md": swap(("- [ ] **R1**", "- [x] **R1**")),
                "progress.md": entry("Verify R1", "Checked each number", "None", signal="R1_VERIFIED"),
            },
        ),
        Step(
            "start R2",
            "2026-01-16T13:10:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "current_phase": "R2",
                        "current_iteration": 1,
                        "phases/R2": {"status": "in_progress", "iterations_used": 0, "max_iterations": 5},
                    }
                )
            },
        ),
        Step(
            "R2 iteration 1",
            "2026-01-16T14:00:00Z",
            {
                "state.json": put(
                    {"updated": "{now}", "phases/R2/iterations_used": 1, "phases/R2/status": "confirming"}
                ),
                "progress.md": entry("R2 - Iteration 1", "Compared three kinds", "None", signal="R2_DONE"),
                "outputs/comparison.md": "# Comparison\n\n| kind | accuracy |\n|---|---|\n| loop | 95 % |\n",
            },
        ),
        Step(
            "the confirmation of R2 finds a gap",
            "2026-01-16T14:30:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "current_iteration": 2,
                        "phases/R2/confirmations_used": 1,
                        "phases/R2/status": "in_progress",
                    }
                ),
                "progress.md": entry("R2 - Iteration 2", "Read it again", "Two kinds have no cost", blockers="None"),
            },
        ),
        Step(
            "R2 iteration 3",
            "2026-01-16T15:00:00Z",
            {
                "state.json": put(
                    {"updated": "{now}", "phases/R2/iterations_used": 2, "phases/R2/status": "confirming"}
                ),
                "progress.md": entry("R2 - Iteration 3", "Added the costs", "None", signal="R2_DONE"),
                "outputs/comparison.md": add("\nA loop costs half as much as a camera.\n"),
            },
        ),
        Step(
            "R2 is confirmed",
            "2026-01-16T15:30:00Z",
            {
                "state.json": put(
                    {"updated": "{now}", "phases/R2/confirmations_used": 2, "phases/R2/status": "verifying"}
                ),
                "progress.md": entry("R2 - Iteration 4", "Read it a third time", "None", signal="R2_DONE"),
            },
        ),
        Step(
            "R2 is done",
            "2026-01-16T16:00:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "phases/R2/status": "done",
                        "phases/R2/verification_passed": True,
                        "phases/R2/completed_at": "{now}",
                    }
                ),
                "plan.md": swap(("- [ ] **R2**", "- [x] **R2**")),
            },
        ),
        Step(
            "start R3",
            "2026-01-17T09:00:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "current_phase": "R3",
                        "current_iteration": 1,
                        "phases/R3": {"status": "in_progress", "iterations_used": 0, "max_iterations": 2},
                    }
                )
            },
        ),
        Step(
            "R3 is blocked",
            "2026-01-17T10:00:00Z",
            {
                "state.json": put({"updated": "{now}", "phases/R3/iterations_used": 1, "phases/R3/status": "blocked"}),
                "progress.md": entry(
                    "R3 - Iteration 1", "Wrote two pages", "The recommendation", blockers="The budget is not known"
                ),
                "outputs/report.md": "# Bike Count Report\n\nLoops count best.\n",
            },
        ),
        Step(
            "R3 goes on",
            "2026-01-17T13:00:00Z",
            {"state.json": put({"updated": "{now}", "current_iteration": 2, "phases/R3/status": "in_progress"})},
        ),
        Step(
            "R3 runs out of iterations",
            "2026-01-17T13:30:00Z",
            {
                "state.json": put({"updated": "{now}", "phases/R3/iterations_used": 2, "phases/R3/status": "timeout"}),
                "progress.md": entry(
                    "R3 - Iteration 2", "Tried to fit it on two pages", "The recommendation", blockers="Too short"
                ),
            },
        ),
        Step(
            "R3 gets two more",
            "2026-01-17T13:40:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "current_iteration": 3,
                        "phases/R3/max_iterations": 4,
                        "phases/R3/status": "in_progress",
                    }
                ),
                "plan.md": swap(("Max iterations: 2", "Max iterations: 4")),
            },
        ),
        Step(
            "R3 iteration 3",
            "2026-01-17T14:00:00Z",
            {
                "state.json": put(
                    {"updated": "{now}", "phases/R3/iterations_used": 3, "phases/R3/status": "confirming"}
                ),
                "progress.md": entry("R3 - Iteration 3", "Wrote the recommendation", "None", signal="R3_DONE"),
                "outputs/report.md": add("Ten of them can be paid for.\n"),
            },
        ),
        Step(
            "R3 is confirmed",
            "2026-01-17T14:30:00Z",
            {
                "state.json": put(
                    {"updated": "{now}", "phases/R3/confirmations_used": 1, "phases/R3/status": "verifying"}
                )
            },
        ),
        Step(
            "R3 is done",
            "2026-01-17T15:00:00Z",
            {
                "state.json": put(
                    {
                        "updated": "{now}",
                        "phases/R3/status": "done",
                        "phases/R3/verification_passed": True,
                        "phases/R3/completed_at": "{now}",
                    }
                ),
                "plan.md": swap(("- [ ] **R3**", "- [x] **R3**")),
            },
        ),
        Step(
            "verify the task",
            "2026-01-17T15:30:00Z",
            {
                "state.json": put({"updated": "{now}", "phase": "verify"}),
                "progress.md": entry("Review - Iteration 1", "Read it as a whole", "None", signal="REVIEW_PASS"),
            },
        ),
        Step("deliver", "2026-01-17T16:00:00Z", {"state.json": put({"updated": "{now}", "phase": "deliver"})}),
        Step(
            "complete the task",
            "2026-01-17T16:30:00Z",
            {"state.json": put({"updated": "{now}", "phase": "complete"})},
            move=".iterative-work/archive/bike-count",
        ),
    ),
)

# --- a refinement ----------------------------------------------------------------------------------------------------


def badge(title: str, ring: str, size: int = 64) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 64 64">\n'
        f'  <title>{title}</title>\n  <circle cx="32" cy="32" r="28" fill="none" stroke="{ring}"/>\n</svg>\n'
    )


def logged(number: int, actions: str, statuses: dict[str, str], verdict: str, *files: str) -> Callable[[str], str]:
    """Append an iteration to refinement_log.md."""
    listed = "".join(f"- {identifier}: {status}\n" for identifier, status in statuses.items())
    return add(
        f"\n## Iteration {number} — {{now}}\n\n### Actions Taken\n- {actions}\n\n### Constraint Status\n{listed}\n"
        f"### Reflection Summary\n- Convergence: {verdict}\n- Reason: by the blocking constraints\n\n"
        f"### Files Modified\n" + "".join(f"- {name}\n" for name in files)
    )


def decided(number: int, verdict: str, violations: int, focus: str | None = None) -> Callable[[str], str]:
    """Append a decision to decisions.md."""
    more = f"- **Next focus**: {focus}\n" if focus else ""
    return add(
        f"\n### Iteration {number} Decision\n\n- **Decision**: {verdict}\n- **Iteration**: {number} of 5\n"
        f"- **Blocking violations remaining**: {violations}\n- **Rationale**: by the blocking constraints\n{more}"
    )


def checked(**validated: bool) -> Callable[[str], str]:
    """Mark the constraints C-01, C-02 and C-03, given as C1, C2 and C3, as validated or not, and as checked now."""
    marks = {f"constraints/{int(name[1:]) - 1}/validated": value for name, value in validated.items()}
    return put({**marks, **{f"constraints/{index}/last_checked": "{now}" for index in range(3)}})


def variants(**paths: str) -> list[dict[str, str]]:
    return [{"name": name, "path": path} for name, path in paths.items()]


REFINEMENT = Life(
    "refinement",
    ".refiner/artifacts/badge",
    (
        Step(
            "agree on the constraints",
            "2026-02-10T08:00:00Z",
            {
                "constraints.json": as_json(
                    {
                        "constraints": [
                            {
                                "id": "C-01",
                                "severity": "blocking",
                                "description": "Each variant is 64 by 64 pixels",
                                "validation": "compare width and height with 64",
                            },
                            {
                                "id": "C-02",
                                "severity": "blocking",
                                "description": "There is a variant for dark backgrounds, with a contrast of 4.5",
                                "validation": {"tool": "contrast", "at_least": 4.5},
                            },
                            {"id": "C-03", "severity": "low", "description": "Each variant has a title"},
                        ]
                    }
                ),
                "refinement_log.md": "# Refinement Log\n",
                "decisions.md": "# Decisions\n",
            },
        ),
        Step(
            "iteration 1",
            "2026-02-10T09:00:00Z",
            {
                "artifact_manifest.json": as_json(
                    {
                        "artifact_type": "badge",
                        "variants": variants(light="dist/badge-light.svg", draft="dist/badge-draft.svg"),
                        "sizes": ["64x64"],
                        "generation_timestamp": "{now}",
                    }
                ),
                "constraints.json": checked(C1=True, C2=False, C3=False),
                "refinement_log.md": logged(
                    1,
                    "Drew the light variant and a draft",
                    {
                        "C-01": "satisfied — both are 64 by 64",
                        "C-02": "violated — there is no dark variant",
                        "C-03": "violated — the draft has no title",
                    },
                    "continue",
                    "dist/badge-light.svg",
                    "dist/badge-draft.svg",
                ),
                "decisions.md": decided(1, "continue", 1, "draw the dark variant"),
                "dist/badge-light.svg": badge("Badge, light", "#1b1f24"),
                "dist/badge-draft.svg": badge("", "#ff00ff"),
            },
        ),
        Step(
            "iteration 2",
            "2026-02-10T10:00:00Z",
            {
                "artifact_manifest.json": put(
                    {
                        "variants": variants(
                            light="dist/badge-light.svg", draft="dist/badge-draft.svg", dark="dist/badge-dark.svg"
                        ),
                        "generation_timestamp": "{now}",
                    }
                ),
                "constraints.json": checked(C1=True, C2=False, C3=True),
                "refinement_log.md": logged(
                    2,
                    "Drew the dark variant, and gave the draft a title",
                    {
                        "C-01": "satisfied — all three are 64 by 64",
                        "C-02": "violated — the contrast is 3.9",
                        "C-03": "satisfied — each has a title",
                    },
                    "continue",
                    "dist/badge-draft.svg",
                    "dist/badge-dark.svg",
                ),
                "decisions.md": decided(2, "continue", 1, "raise the contrast"),
                "dist/badge-draft.svg": badge("Badge, draft", "#ff00ff"),
                "dist/badge-dark.svg": badge("Badge, dark", "#8a8a8a"),
            },
        ),
        Step(
            "iteration 3",
            "2026-02-10T11:30:00Z",
            {
                "artifact_manifest.json": put(
                    {
                        "variants": variants(light="dist/badge-light.svg", dark="dist/badge-dark.svg"),
                        "generation_timestamp": "{now}",
                    }
                ),
                "constraints.json": checked(C1=True, C2=True, C3=True),
                "refinement_log.md": logged(
                    3,
                    "Raised the contrast, and removed the draft",
                    {
                        "C-01": "satisfied — both are 64 by 64",
                        "C-02": "satisfied — the contrast is 15.8",
                        "C-03": "satisfied — each has a title",
                    },
                    "terminate",
                    "dist/badge-dark.svg",
                    "dist/badge-draft.svg",
                ),
                "decisions.md": decided(3, "terminate", 0),
                "dist/badge-draft.svg": None,
                "dist/badge-dark.svg": badge("Badge, dark", "#ffffff"),
            },
        ),
    ),
)

LIVES = {life.name: life for life in (WORKFLOW, TASK, REFINEMENT)}
