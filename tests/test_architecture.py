"""The rule of the architecture: imports run one way, and only the writer touches the disk."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from harness import ROOT

EVERYWHERE = {"tuples"}

# What each room may import beside that. Nobody imports validators or fixers: the registry finds them.
ROOMS = {
    "trees": {"errors"},
    "history": {"trees", "errors"},
    "documents": {"trees"},
    "workspaces": {"trees", "documents", "standing", "clock"},
    "portraits": set(),
    "findings": {"portraits"},
    "joining": {"findings"},
    "standing": set(),
    "kinds": set(),
    "clock": set(),
    "cache": {"trees", "findings", "processes"},
    "processes": set(),
    "tuples": set(),
    "errors": set(),
    "journals": set(),
    "configuration": {"errors"},
    "ledger": {"trees", "documents", "workspaces", "errors"},
    "baseline": {"documents", "workspaces", "findings", "errors"},
    "adoption": {"trees", "documents", "workspaces", "errors", ""},
    "rules": {"trees", "history", "documents", "workspaces", "findings", "errors", "clock"},
    "engine": {"trees", "history", "documents", "workspaces", "findings", "portraits", "rules", "clock", "processes"},
    "repair": {"trees", "workspaces", "findings", "rules", "engine", "errors", "journals", ""},
    "reporters": {"findings", "portraits", "standing", ""},
    "cli": {
        "trees",
        "history",
        "documents",
        "workspaces",
        "findings",
        "standing",
        "rules",
        "engine",
        "repair",
        "reporters",
        "configuration",
        "ledger",
        "baseline",
        "adoption",
        "cache",
        "clock",
        "joining",
        "errors",
        "journals",
        "",
    },
    "validators": {"trees", "documents", "workspaces", "findings", "rules", "clock"},
    "fixers": {"trees", "documents", "workspaces", "rules"},
    "__main__": {"cli"},
    "audit": {"cli"},
    "": set(),
}
# The bundled schemas, and the kinds as they are declared, are read from the package's own folders.
ALLOWED_ELSEWHERE = {("documents", "schemas"), ("workspaces", "kinds")}


def _files() -> list[tuple[str, Path]]:
    package = ROOT / "src" / "statecheck"
    found = [(path.relative_to(package).parts[0].removesuffix(".py"), path) for path in package.rglob("*.py")]
    found = [("" if room == "__init__" else room, path) for room, path in found]
    return found + [(room, path) for room in ("validators", "fixers") for path in (ROOT / room).rglob("*.py")]


def _imported(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        rooms |= {name.partition(".")[2].partition(".")[0] for name in names if name.partition(".")[0] == "statecheck"}
    return rooms


@pytest.mark.parametrize(("room", "path"), _files(), ids=lambda each: each.name if isinstance(each, Path) else each)
def test_imports_run_one_way(room: str, path: Path) -> None:
    foreign = _imported(path) - ROOMS[room] - EVERYWHERE - {room}
    foreign = {other for other in foreign if (room, other) not in ALLOWED_ELSEWHERE}
    assert not foreign, f"{path} imports {foreign}"


def test_only_the_writer_changes_files() -> None:
    writing = {"unlink", "rename", "makedirs", "mkdir", "rmdir", "remove", "mkstemp", "chmod", "fchown", "write_bytes"}
    culprits = {
        path.name
        for _, path in _files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writing
    }
    of_the_cache = {"store.py"}  # in a folder of the user's own, never in a project
    assert culprits == {"writer.py", "journal.py", "exchange.py", "moves.py", "transaction.py"} | of_the_cache


@pytest.mark.parametrize(("room", "path"), _files(), ids=lambda each: each.name if isinstance(each, Path) else each)
def test_modules_stay_short(room: str, path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 360, path
