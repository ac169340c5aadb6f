"""The hook manifest: generated from the families, with patterns that match what they should."""

from __future__ import annotations

import re

import pytest
from generate import GENERATED, hooks
from harness import ROOT
from ruamel.yaml import YAML

from statecheck.rules import families

MANIFEST = {
    hook["id"]: hook for hook in YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("name", GENERATED)
def test_generated_files_are_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == GENERATED[name]()


def test_manifest_is_what_the_families_make() -> None:
    assert list(MANIFEST.values()) == hooks()
    named = {f"check-{family.name}" for family in families().values() if family.hook}
    assert set(MANIFEST) == named | {"check-state", "fix-state"}


@pytest.mark.parametrize("name", MANIFEST)
def test_hooks_that_judge_deletions_always_run(name: str) -> None:
    hook = MANIFEST[name]
    assert hook["require_serial"] and hook["minimum_pre_commit_version"] == "3.2.0"
    assert ("files" in hook) == (name == "check-schema")
    if "files" not in hook:
        assert hook["always_run"] is True
        assert hook["pass_filenames"] is False


@pytest.mark.parametrize(
    "path",
    [
        "artifact_manifest.json",
        ".refiner/artifacts/logo/constraints.json",
        "a/b/refinement_log.md",
        ".claude/initiative.json",
        "sub/.claude/workflow-state.json",
        "documentation/milestones/_active/new-login/WORKFLOW-STATUS.yaml",
        "MEMORY.md",
        ".iterative-work/future-work/state.json",
        "x/.iterative-work/archive/future-work/progress.md",
        "references/schemas/constraints.schema.json",
    ],
)
def test_files_pattern_matches_documents(path: str) -> None:
    assert re.search(MANIFEST["check-schema"]["files"], path)


@pytest.mark.parametrize(
    "path",
    [
        "my_artifact_manifest.json",
        "artifact_manifest.json.md",
        "state.json",
        "docs/plan.md",
        ".iterative-work/state.json",
        ".claude/agents/x.json",
        "xclaude/initiative.json",
        "README.md",
    ],
)
def test_files_pattern_matches_nothing_else(path: str) -> None:
    assert not re.search(MANIFEST["check-schema"]["files"], path)
