"""The hooks under the real pre-commit: from a bare repository of this project, tried and installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from harness import ROOT, git, make_repository, write
from site_examples import DOCS, blocks

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pre-commit")]

MANIFEST = """{
  "artifact_type": "logo",
  "variants": [
    {
      "name": "light",
      "path": "dist/%s"
    }
  ],
  "generation_timestamp": "2026-01-16T10:00:00Z"
}
"""
WORKSPACE = {
    "art/artifact_manifest.json": MANIFEST % "logo.svg",
    "art/constraints.json": '{"constraints": []}\n',
    "art/decisions.md": "# Decisions\n",
    "art/refinement_log.md": "# Refinement Log\n",
    "art/dist/logo.svg": "<svg/>\n",
    "README.md": "A project.\n",
}


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that an installation needs, fetched once, so that the tests themselves need no network."""
    folder = tmp_path_factory.mktemp("wheels")
    source = tmp_path_factory.mktemp("source") / "project"
    _copy_project(source)
    needed = [str(source), "setuptools>=77", "wheel"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "-w", str(folder), *needed], check=True)
    for built in folder.glob("statecheck-*"):
        built.unlink()
    return folder


@pytest.fixture(scope="session")
def hook_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the environments it installs; one for all tests."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def project(tmp_path: Path, folder: Path, wheelhouse: Path, hook_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare repository of this project, and an environment in which pre-commit can install it offline."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheelhouse))
    monkeypatch.setenv("PRE_COMMIT_HOME", str(hook_home))
    source = tmp_path / "source"
    _copy_project(source)
    make_repository(source)
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "the project")
    bare = tmp_path / "statecheck.git"
    git(tmp_path, "clone", "-q", "--bare", str(source), str(bare))
    return bare


def _copy_project(target: Path) -> None:
    ignored = shutil.ignore_patterns(
        ".git", ".venv*", "__pycache__", "build", "dist", "*.egg-info", ".*_cache", "tests"
    )
    shutil.copytree(ROOT, target, ignore=ignored)


def _pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _commit(folder: Path, message: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "commit", "-m", message]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _install(folder: Path, project: Path, *hooks: str) -> None:
    revision = git(project, "rev-parse", "HEAD").strip()
    listed = "".join(f"      - id: {hook}\n" for hook in hooks)
    write(
        folder, {".pre-commit-config.yaml": f"repos:\n  - repo: {project}\n    rev: {revision}\n    hooks:\n{listed}"}
    )
    done = _pre_commit(folder, "install")
    assert done.returncode == 0, done.stdout + done.stderr


def test_try_repo(folder: Path, project: Path) -> None:
    make_repository(folder, {**WORKSPACE, "art/dist/logo.svg": None, "art/dist/other.svg": "<svg/>\n"})
    done = _pre_commit(folder, "try-repo", str(project), "check-manifest", "--all-files", "--verbose")
    assert done.returncode == 1
    assert "art/artifact_manifest.json:6:15: error D301 missing-artifact" in done.stdout
    assert "checked 1 workspace" in done.stdout


def test_commit_is_blocked_repaired_and_passes(folder: Path, project: Path) -> None:
    make_repository(folder, WORKSPACE)
    _install(folder, project, "check-state", "fix-state")
    write(folder, {"art/artifact_manifest.json": MANIFEST % "Logo.svg"})
    git(folder, "add", "-A")

    blocked = _commit(folder, "spelled otherwise")
    assert blocked.returncode == 1
    assert "error D306 case-mismatch" in blocked.stderr + blocked.stdout
    assert "compared index with HEAD" in blocked.stderr + blocked.stdout
    assert "fixed D306" in blocked.stderr + blocked.stdout
    assert (folder / "art/artifact_manifest.json").read_text() == MANIFEST % "logo.svg"
    assert "Logo.svg" in git(folder, "show", ":art/artifact_manifest.json"), "a hook must never git add"

    write(folder, {"art/artifact_manifest.json": (MANIFEST % "logo.svg").replace("T10", "T11")})
    git(folder, "add", "-A")
    passed = _commit(folder, "spelled as it is")
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_the_configuration_of_the_quick_start(folder: Path, project: Path) -> None:
    make_repository(folder, WORKSPACE)
    (block,) = (each for each in blocks(DOCS / "start" / "commit.md") if each.file == ".pre-commit-config.yaml")
    revision = git(project, "rev-parse", "HEAD").strip()
    text = block.text.replace("URL-OF-THIS-REPOSITORY", str(project)).replace("TAG-OR-COMMIT", revision)
    write(folder, {".pre-commit-config.yaml": text, "art/artifact_manifest.json": MANIFEST % "Logo.svg"})
    _pre_commit(folder, "install", "-t", "pre-commit", "-t", "pre-merge-commit")
    git(folder, "add", "-A")
    blocked = _commit(folder, "spelled otherwise")
    assert blocked.returncode == 1
    assert "fixed D306" in blocked.stderr + blocked.stdout
    assert "compared index with HEAD" in blocked.stderr + blocked.stdout
    git(folder, "add", "-A")
    assert _commit(folder, "as it is").returncode == 0


def test_deleting_a_file_alone_is_seen(folder: Path, project: Path) -> None:
    make_repository(folder, WORKSPACE)
    _install(folder, project, "check-manifest")
    git(folder, "add", "-A")
    assert _commit(folder, "hooks").returncode == 0
    git(folder, "rm", "-q", "art/dist/logo.svg")
    done = _commit(folder, "remove the artifact")
    assert done.returncode == 1
    assert "D301 missing-artifact" in done.stderr + done.stdout


def test_an_unstaged_artifact_is_seen(folder: Path, project: Path) -> None:
    make_repository(folder, {"README.md": "A project.\n"})
    _install(folder, project, "check-state", "check-schema")
    write(folder, WORKSPACE)
    git(folder, "add", "art/artifact_manifest.json", "art/constraints.json", ".pre-commit-config.yaml")
    done = _commit(folder, "forgot the artifact")
    assert done.returncode == 1
    assert "error D307 untracked-artifact" in done.stderr + done.stdout
    assert "git add art/dist/logo.svg" in done.stderr + done.stdout
