"""Several fixers touch one file, and the result does not depend on the order of rules or files."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from harness import Commands, git, make_repository, snapshot, write

from statecheck.cli import setup
from statecheck.trees import WorkingTree

TASK = ".iterative-work/report"
STATE = """{
  "task": "Report", "slug": "other", "created": "2026-01-16 10:00:00Z", "updated": "2026-01-16T14:30:00z",
  "domain": "research", "phase": "execute", "current_phase": "R2", "current_iteration": 5,
  "phases": {
    "R1": {"status": "done", "iterations_used": 1, "confirmations_used": 1, "max_iterations": 5},
    "R2": {"status": "in-progress", "iterations_used": 1, "max_iterations": 2}
  }
}
"""
PLAN = """# Report - Phases

**Created:** 2026-01-16T10:05:00Z
**Domain:** research
**Total:** 3 phases

## Phases

- [ ] **R1**: Find
  - Criteria: three sources
  - Output: `sources/list.md`
  - Max iterations: 5

- [x] **R2**: Write
  - Criteria: one page
  - Output: `outputs/report.md`
  - Max iterations: 2

## Dependencies

R1 → R2
"""
PROGRESS = """# Progress Log

## R1 - Iteration 1 - 2026-01-16T10:30:00Z
**Did:** Found
**Remaining:** None
**Signal:** R1_DONE

## R2 - Iteration 1 - 2026-01-16T11:30:00Z
**Did:** Wrote half
**Remaining:** The rest
**Blockers:** None

## R2 - Iteration 2 - 2026-01-16T12:30:00Z
**Did:** Wrote more
**Remaining:** The end
**Blockers:** None
"""
INITIATIVE = """{
  "name": "search", "status": "completed", "currentMilestone": "M2", "lastUpdated": "2026-01-16T13:00:00Z",
  "progress": {"M1": "completed", "M2": "completed"}
}
"""
YAML = "name: search\nstatus: in-progress  # as of today\nmilestone: M1\nlast_updated: 2026-01-16 12:00:00Z\n"
BROKEN: dict[str, Any] = {
    f"{TASK}/state.json": STATE,
    f"{TASK}/plan.md": PLAN,
    f"{TASK}/progress.md": PROGRESS,
    f"{TASK}/sources/list.md": "three\n",
    f"{TASK}/brief.md": "# Report\n\n**Created:** 2026-01-16T09:00:00Z\n**Domain:** writing\n\n## Done When\n- There\n",
    ".claude/initiative.json": INITIATIVE,
    "documentation/milestones/_active/search/WORKFLOW-STATUS.yaml": YAML,
    "MEMORY.md": "# Memory\n\n- Small commits\n",
}


def _shuffle(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the rules, and the files of the tree, in another order."""
    chance = random.Random(seed)
    select, files = setup.select, WorkingTree.files

    def shuffled_rules(*words: Any) -> dict[str, Any]:
        pairs = list(select(*words).items())
        chance.shuffle(pairs)
        return dict(pairs)

    def shuffled_files(tree: WorkingTree) -> list[str]:
        names = list(files(tree))
        chance.shuffle(names)
        return names

    monkeypatch.setattr(setup, "select", shuffled_rules)
    monkeypatch.setattr(WorkingTree, "files", shuffled_files)


@pytest.mark.parametrize("unsafe", [False, True])
def test_the_order_of_rules_and_files_does_not_matter(
    unsafe: bool, tmp_path: Path, folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for seed in range(6):
        place = folder / str(seed)
        make_repository(place, {"README.md": "x\n"})
        write(place, BROKEN)
        git(place, "add", "-A")
        commands.folder = place
        with monkeypatch.context() as patched:
            if seed:
                _shuffle(seed, patched)
            outcome = commands.fix("--output-format", "json", *(["--unsafe-fixes"] if unsafe else []))
            assert outcome.err == ""
            after = snapshot(place)
            again = commands.fix("--output-format", "json", *(["--unsafe-fixes"] if unsafe else []))
            assert snapshot(place) == after
            assert again.findings == outcome.findings
        found.append((after, outcome.findings, outcome.code))
    assert found[0][0][f"{TASK}/state.json"] != STATE.encode()
    assert all(each == found[0] for each in found)
