"""What no file can show: a folder that cannot be written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from harness import Commands, make_repository, write

INITIATIVE = {".claude/initiative.json": '{"status": "created", "lastUpdated": "2026-01-01T00:00:00Z"}\n'}


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no folder be writable, also for a user to whom the system forbids nothing."""
    real = os.access

    def access(path: Any, mode: int, **options: Any) -> bool:
        return not mode & os.W_OK and real(path, mode, **options)

    monkeypatch.setattr(os, "access", access)


@pytest.mark.usefixtures("read_only")
def test_a_state_folder_that_cannot_be_written(folder: Path, commands: Commands) -> None:
    make_repository(folder, INITIATIVE)
    outcome = commands.check_json("--select", "W")
    assert outcome.findings == ["W902 error .claude:1:1"]
    assert outcome.json["findings"][0]["message"] == "Cannot write state files — workflow state will not persist"
    assert commands.check_json("--select", "W", "--staged").findings == []


def test_a_state_folder_that_can_be_written(folder: Path, commands: Commands) -> None:
    write(folder, INITIATIVE)
    assert commands.check_json("--select", "W").findings == []


@pytest.mark.usefixtures("read_only")
def test_other_kinds_have_no_such_folder(folder: Path, commands: Commands) -> None:
    write(folder, {"art/constraints.json": '{"constraints": []}', "art/decisions.md": "# Decisions\n"})
    assert commands.check_json("--select", "W").findings == []


def test_a_base_that_cannot_be_had_is_told_in_json_too(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"w/artifact_manifest.json": "{}", "w/constraints.json": "{}"})
    outcome = commands.check_json("--base", "origin/main")
    assert outcome.code == 2
    assert outcome.json["verdict"] == "unverified"
    assert outcome.unverified == ["W906 ."]
    assert outcome.json["unverified"][0]["reason"] in outcome.err
    assert outcome.json["findings"] == []
    assert commands.check_json("--base", "HEAD").unverified == []
