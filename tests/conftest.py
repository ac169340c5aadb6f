"""Fixtures: a temporary folder that is isolated from the machine, and the commands run in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import Commands, isolate, make_repository


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the slow tests out of what coverage looks at: they would take several times as long, and add nothing."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker("no_cover")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without version control."""
    home = tmp_path / "home"
    home.mkdir()
    isolate(monkeypatch, home)
    work = tmp_path / "work"
    work.mkdir()
    return work


@pytest.fixture
def repository(folder: Path) -> Path:
    """An empty git repository."""
    return make_repository(folder)


@pytest.fixture
def commands(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """The commands, run in ``folder``."""
    return Commands(folder, monkeypatch, capsys)
