"""Fixtures: a temporary folder that is isolated from the machine, and the commands run in it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import pytest
from harness import Commands, isolate, make_repository

from statecheck.engine import proposals
from statecheck.trees import find_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from statecheck.rules import Fixer
    from statecheck.trees import Repository


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
def opened(folder: Path) -> Iterator[Callable[[Path], Repository]]:
    """Open repositories that are closed at the end of the test."""
    found: list[Repository] = []

    def find(place: Path) -> Repository:
        repository = find_repository(str(place))
        assert repository is not None
        found.append(repository)
        return repository

    yield find
    for each in found:
        each.close()


@pytest.fixture
def commands(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """The commands, run in ``folder``."""
    return Commands(folder, monkeypatch, capsys)


@pytest.fixture(autouse=True)
def mistakes_of_fixers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a mistake in a fixer fail the test; the engine passes over it, so that nobody loses a finding by it."""
    real = proposals.fixers_for

    def loud(code: str) -> list[Fixer]:
        return [each._replace(function=_loud(each.function)) for each in real(code)]

    monkeypatch.setattr(proposals, "fixers_for", loud)


def _loud(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:
            raise AssertionError(f"{function.__name__} makes a mistake: {error!r}") from error

    return call
