"""What a clean run imports: nothing that it does not need."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from harness import ROOT, git, make_repository, write

from statecheck.rules import UnknownRuleError, all_rules, select
from statecheck.trees import Repository
from statecheck.trees.git_settings import GIT
from statecheck.trees.objects import ObjectReader

if TYPE_CHECKING:
    from harness import Commands

CLEAN = {
    ".iterative-work/x/state.json": '{"task": "x", "slug": "x", "created": "2026-01-01T00:00:00Z",'
    ' "updated": "2026-01-01T00:00:00Z", "domain": "writing", "phase": "discover"}',
    ".iterative-work/x/progress.md": "# Progress Log\n",
    ".iterative-work/x/guardrails.md": "# Guardrails\n\n## Quote\n\n- **Context:** a\n- **Problem:** b\n",
}
LIBRARIES = ["jsonschema", "pydantic", "ruamel", "markdown_it", "imagesize", "referencing"]
PROGRAM = """
import sys
from statecheck.cli import check_state
code = check_state([])
print(sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_clean_run_does_not_import(library: str, folder: Path) -> None:
    write(folder, CLEAN)
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "1 workspace" in done.stdout) == (0, True), done.stderr
    assert f"'{library}'" not in done.stderr
    assert "'jsonschema_rs'" in done.stderr


REMEMBERED = """
import sys
from statecheck.cli import check_state
code = check_state([])
print(sorted(name for name in sys.modules if name.startswith("statecheck.")), file=sys.stderr)
sys.exit(code)
"""


def test_a_run_in_which_nothing_changed_imports_no_rule_and_no_reader_of_files(repository: Path) -> None:
    write(repository, CLEAN)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "x")
    done = [
        subprocess.run([sys.executable, "-c", REMEMBERED], cwd=repository, capture_output=True, text=True, check=False)
        for _ in range(2)
    ]
    assert [(each.returncode, each.stdout) for each in done] == [(0, done[0].stdout)] * 2
    for room in ("rules", "validators", "fixers", "documents", "workspaces", "engine", "repair", "history"):
        assert f"'statecheck.{room}" not in done[1].stderr, room
    assert "'statecheck.documents" in done[0].stderr


@pytest.mark.parametrize("fixers", ["fixers", "repair"])
def test_a_run_that_finds_nothing_imports_nothing_that_mends(fixers: str, folder: Path) -> None:
    shutil.copytree(ROOT / "examples/healthy", folder, dirs_exist_ok=True)
    done = subprocess.run([sys.executable, "-c", REMEMBERED], cwd=folder, capture_output=True, text=True, check=False)
    assert f"'statecheck.{fixers}" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="git is asked in another way here")
@pytest.mark.parametrize("slow", ["subprocess", "hashlib", "concurrent", "multiprocessing", "threading", "pickle"])
def test_a_run_that_finds_nothing_imports_nothing_that_takes_long(slow: str, folder: Path) -> None:
    example = ROOT / "examples/healthy/iterative-work"
    make_repository(
        folder, {str(each.relative_to(example)): each.read_text() for each in example.rglob("*") if each.is_file()}
    )
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True, check=False)
    assert "1 workspace" in done.stdout, done.stderr
    assert done.returncode == 0
    assert f"'{slow}'" not in done.stderr


@pytest.mark.parametrize("kind", ["iterative-work", "refinement", "workflow"])
def test_nothing_of_the_base_is_read_that_is_the_same_now(
    kind: str, folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    example, read = ROOT / "examples/healthy" / kind, list[str]()
    make_repository(
        folder, {str(each.relative_to(example)): each.read_text() for each in example.rglob("*") if each.is_file()}
    )
    real = ObjectReader.content_within

    def noting(self: ObjectReader, oid: str, limit: int | None) -> bytes | None:
        read.append(oid)
        return real(self, oid, limit)

    monkeypatch.setattr(ObjectReader, "content_within", noting)
    assert commands.check("--no-cache").code == 0
    assert read == []


def test_usual_markdown_is_read_without_the_parser(folder: Path) -> None:
    shutil.copytree(ROOT / "examples/healthy", folder, dirs_exist_ok=True)
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True, check=False)
    assert "3 workspaces" in done.stdout
    assert "'markdown_it'" not in done.stderr


SELECTED = """
import json, sys
from statecheck.rules import UnknownRuleError, all_rules, select
chosen, ignored = json.loads(sys.argv[1])
try:
    found = list(select(chosen, ignored))
    loaded = sorted({name.split(".")[2] for name in sys.modules if name.startswith("statecheck.validators.")
                     and name.count(".") > 2})
except UnknownRuleError as error:
    found, loaded = [str(error)], []
every = list(all_rules())
again = list(select(chosen, ignored)) if loaded else found
print(json.dumps([found, loaded, every, again]))
"""


@pytest.mark.parametrize(
    ("chosen", "ignored", "loaded"),
    [
        (["L"], [], ["append_only"]),
        (["l", "s101"], ["L201", "T401"], ["append_only", "schema", "transitions"]),
        (["X605"], [], ["consistency"]),
        (["L", "manifest"], [], None),
        (["L", "log-deleted"], ["m"], None),
        ([], ["L"], None),
        (["L", "L999"], [], None),
        (["Q"], [], None),
        (["L"], ["nothing"], None),
    ],
)
def test_a_run_of_some_families_imports_these_alone_and_runs_the_same_rules(
    chosen: list[str], ignored: list[str], loaded: list[str] | None
) -> None:
    command = [sys.executable, "-c", SELECTED, json.dumps([chosen, ignored])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found, modules, every, again = json.loads(done.stdout)
    assert found == again
    assert every == list(all_rules())
    if loaded is not None:
        assert modules == loaded
    try:
        assert found == list(select(chosen, ignored))
    except UnknownRuleError as error:
        assert found == [str(error)]


@pytest.mark.parametrize(
    ("columns", "width"), [("60", 60), (" 60", 60), ("0", 80), ("-5", 80), ("many", 80), ("9" * 5000, 80)]
)
def test_help_is_as_wide_as_is_said(columns: str, width: int, folder: Path) -> None:
    program = "import sys; from statecheck.cli import check_state; check_state(['--help'])"
    environment = os.environ | {"COLUMNS": columns}
    command = [sys.executable, "-c", program]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=folder).stdout
    described = shown[shown.index("positional arguments") :].splitlines()
    longest = max(len(line) for line in described if line.startswith(" " * 20))
    assert width - 30 < longest <= width - 2


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is begun here")
def test_only_large_documents_that_were_staged_since_are_looked_up_ahead(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(Repository, "begin_objects", lambda _, oids: begun.extend(oids))
    make_repository(folder, CLEAN)
    commands.check("--staged")
    large = "# Progress Log\n" + "word " * 60_000
    names = ["progress.md", "huge.json", "small.md", "picture.png"]
    write(folder, {f".iterative-work/x/{name}": large for name in names} | {"elsewhere.md": large + "more"})
    write(folder, {".iterative-work/x/small.md": "small\n", ".iterative-work/x/huge.json": "1" * (2**25 + 1)})
    commands.check()
    commands.check("--staged")
    git(folder, "add", "-A")
    assert begun == []
    commands.check()
    assert begun == [], "what is on disk is read there"
    found = commands.check_json("--staged")
    assert begun == [git(folder, "rev-parse", ":.iterative-work/x/progress.md").strip()]
    monkeypatch.undo()
    assert commands.check_json("--staged", "--no-cache").out == found.out


# --- git is asked in a few processes, however much there is


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands of git that are started."""
    names: list[str] = []
    real, spawn = subprocess.Popen, getattr(os, "posix_spawnp", None)

    class Noting(real):  # type: ignore[misc, valid-type]
        def __init__(self, arguments: list[str], *rest: object, **more: object) -> None:
            names.append(" ".join(arguments[len(GIT) :][:2]))
            super().__init__(arguments, *rest, **more)

    def noting(program: str, arguments: list[str], *rest: object, **more: object) -> object:
        names.append(" ".join(arguments[len(GIT) + 2 :][:2]))
        return spawn(program, arguments, *rest, **more)

    monkeypatch.setattr(subprocess, "Popen", Noting)
    monkeypatch.setattr(os, "posix_spawnp", noting, raising=False)
    return names


def task(number: int, text: str = "") -> dict[str, str]:
    """A task whose memory-like files are missing: history is asked whether it ever had them."""
    state = json.dumps({**json.loads(CLEAN[".iterative-work/x/state.json"]), "task": str(number), "slug": f"x{number}"})
    return {f".iterative-work/x{number}/state.json": state, f".iterative-work/x{number}/notes.md": f"{text}\n"}


def test_the_number_of_processes_does_not_grow_with_the_files(
    repository: Path, commands: Commands, started: list[str]
) -> None:
    counts = []
    for numbers in (range(2), range(2, 40)):
        for number in numbers:
            write(repository, task(number))
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", "x")
        for number in numbers:
            write(repository, task(number, "changed"))
        started.clear()
        assert commands.check("--no-cache", "--no-baseline").code == 0
        counts.append(len(started))
    assert counts[0] == counts[1], started


def test_the_number_of_processes_does_not_grow_with_the_commits(
    repository: Path, commands: Commands, started: list[str]
) -> None:
    write(repository, task(0))
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "x")
    start = git(repository, "rev-parse", "HEAD").strip()
    counts = []
    for commits in (2, 20):
        for number in range(commits):
            git(repository, "checkout", "-qb", f"side-{commits}-{number}")
            write(repository, task(number + 1, f"{commits}"))
            git(repository, "add", "-A")
            git(repository, "commit", "-qm", "aside")
            git(repository, "checkout", "-q", "main")
            write(repository, task(0, f"{commits} {number}"))
            git(repository, "commit", "-qam", "x")
            git(repository, "merge", "-qm", "merged", f"side-{commits}-{number}")
        started.clear()
        assert commands.check("--from-ref", start, "--to-ref", "HEAD").code == 0
        counts.append(len(started))
    assert counts[0] == counts[1], started


def test_the_number_of_questions_about_all_of_history_is_bounded(
    repository: Path, commands: Commands, started: list[str]
) -> None:
    initiative = '{"status": "completed", "name": "a", "lastUpdated": "2026-01-01T00:00:00Z"}'
    counts = []
    for places in (20, 60):
        for number in range(places):
            write(repository, {f"p{number}/.claude/initiative.json": initiative})
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", "x", "--allow-empty")
        started.clear()
        commands.check("--no-cache")
        counts.append(len(started))
    assert counts[0] == counts[1], started
