"""Judging in several processes: what they find is what one finds, and what they could not look at is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from harness import make_repository

PROGRAM = """
import os, sys
from statecheck.cli import check_state
from statecheck.engine import judging, workers

real = os.scandir

def refusing(path):
    if str(path).endswith("w7/dist"):
        raise PermissionError(13, "Permission denied")
    return real(path)

os.scandir = refusing
workers.EACH, judging.PIECE = int(sys.argv[1]), 4
sys.exit(check_state(["--no-cache", "--output-format", "concise", "--no-history"]))
"""
WORKSPACE = {
    "artifact_manifest.json": '{"artifact_type": "logo", "variants": [{"name": "a", "path": "dist/a.svg"}]}\n',
    "constraints.json": '{"constraints": []}\n',
    "dist/a.svg": "<svg/>\n",
}


def judged(folder: Path, pays: int) -> tuple[int, str]:
    """Return what is printed where several processes pay from so many workspaces on."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(pays)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture
def workspaces(folder: Path) -> Path:
    """A repository of ten workspaces, of one of which a folder may not be listed."""
    files = {f"w{number}/{name}": text for number in range(10) for name, text in WORKSPACE.items()}
    return make_repository(folder, {**files, "w3/constraints.json": "{"})


def test_several_processes_tell_what_one_tells(workspaces: Path) -> None:
    alone = judged(workspaces, 1000)
    assert judged(workspaces, 1) == alone
    assert "w7/dist: unverified W901: the folder may not be listed: permission denied\n" in alone[1]
    assert "w3/constraints.json:1:1 S101" in alone[1]
