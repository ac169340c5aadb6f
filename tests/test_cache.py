"""The cache: a run that remembers finds what a run finds that does not, whatever happened in between."""

from __future__ import annotations

import errno
import io
import json
import os
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from harness import ROOT, git, make_repository, write

from statecheck.cache import cache_folder, facts, memory, remembered, store
from statecheck.cli import remembering
from statecheck.documents import past_log
from statecheck.engine import judging, renewal, subjects, workers
from statecheck.trees import Repository, listed
from statecheck.trees.file_systems import keeps_times
from statecheck.workspaces import long_logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness import Commands

    from statecheck.engine import Run, Verdict
    from statecheck.engine.renewal import EarlierRun
    from statecheck.findings import Report

TASK = ".iterative-work/tram-noise"


@pytest.fixture
def project(folder: Path) -> Path:
    """A repository with workspaces of every kind, healthy and broken ones, all committed."""
    shutil.copytree(ROOT / "examples/healthy", folder / "healthy")
    for name in ("refinement", "iterative-work"):
        shutil.copytree(ROOT / "examples/broken" / name, folder / "broken" / name)
    shutil.copytree(ROOT / "examples/healthy/iterative-work/.iterative-work", folder / ".iterative-work")
    make_repository(folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")
    return folder


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the workspaces that are judged anew, as they are."""
    folders: list[str] = []
    real = judging.check_workspace

    def noting(run: object, subject: object, *rest: object, **more: object) -> object:
        folders.append(subject.workspace.folder)  # type: ignore[attr-defined]
        return real(run, subject, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "check_workspace", noting)
    return folders


def age(folder: Path) -> None:
    """Make everything look as if it had been written long ago, so that its times prove something."""
    for path in folder.rglob("*"):
        if ".git" not in path.parts:
            os.utime(path, (1_700_000_000, 1_700_000_000), follow_symlinks=False)


def caches() -> list[Path]:
    where = Path(cache_folder())
    return sorted(where.iterdir()) if where.is_dir() else []


# --- what is not done again


def test_nothing_is_judged_again_where_nothing_changed(project: Path, commands: Commands, judged: list[str]) -> None:
    first = commands.check_json()
    assert judged
    judged.clear()
    second = commands.check_json()
    assert (second.code, second.out, judged) == (first.code, first.out, [])
    assert commands.check_json("--no-cache").out == first.out
    assert judged


def test_only_what_changed_is_judged_again(project: Path, commands: Commands, judged: list[str]) -> None:
    shutil.copytree(project / TASK, project / ".iterative-work/other")
    commands.check_json()
    judged.clear()
    with (project / TASK / "context.md").open("a") as file:
        file.write("\nOne more line.\n")
    assert commands.check_json().out == commands.check_json("--no-cache").out
    assert judged[0] == TASK
    assert judged.count(TASK) == 2  # by the run that remembers, and by the one that does not
    assert judged.count(".iterative-work/other") == 1


def test_what_was_only_touched_is_not_judged_again(project: Path, commands: Commands, judged: list[str]) -> None:
    commands.check_json()
    age(project)
    judged.clear()
    commands.check_json()
    assert judged == []


def test_a_commit_of_one_workspace_leaves_the_verdicts_on_the_others(
    project: Path, commands: Commands, judged: list[str]
) -> None:
    shutil.copytree(project / TASK, project / ".iterative-work/other")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "other")
    commands.check_json()
    judged.clear()
    write(project, {f"{TASK}/outputs/new.md": "x\n"})
    git(project, "add", "-A")
    git(project, "commit", "-qm", "new")
    told = commands.check_json().out
    assert TASK in judged
    assert ".iterative-work/other" not in judged
    assert told == commands.check_json("--no-cache").out


@pytest.mark.parametrize("arguments", [("--staged",), ("--no-history",), ("--select", "S"), ("--base", "HEAD")])
def test_each_question_has_its_own_answer(project: Path, commands: Commands, arguments: tuple[str, ...]) -> None:
    commands.check_json()
    for _ in range(2):
        assert commands.check_json(*arguments).out == commands.check_json(*arguments, "--no-cache").out


def test_the_format_does_not_matter(project: Path, commands: Commands, judged: list[str]) -> None:
    found = commands.check_json().code
    judged.clear()
    for form in ("text", "concise", "sarif", "github"):
        assert commands.check("--output-format", form).code == found
    assert judged == []


# --- what is never told again


def test_what_could_not_be_looked_at_is_looked_at_again(project: Path, commands: Commands) -> None:
    (project / TASK / "state.json").unlink()
    (project / TASK / "state.json").mkdir()
    first = commands.check_json()
    assert first.json["unverified"]
    (project / TASK / "state.json").rmdir()
    git(project, "checkout", "--", ".")
    assert commands.check_json().out == commands.check_json("--no-cache").out


def test_a_time_in_the_future_is_held_against_the_clock_each_time(project: Path, commands: Commands) -> None:
    state = project / TASK / "state.json"
    value = json.loads(state.read_text())
    value["updated"] = "2026-02-01T10:00:00Z"
    state.write_text(json.dumps(value, indent=2))
    age(project)
    found = []
    for day in ("2026-01-20", "2026-01-20", "2026-03-01"):
        run = ["check", "--select", "S105", "--no-history", "--output-format", "concise"]
        program = "import sys, time; from statecheck.cli import main; from statecheck.cli import setup;"
        program += "setup.datetime = type('D', (setup.datetime,), {'now': classmethod("
        program += f"lambda _, zone: setup.datetime.fromisoformat('{day}T00:00:00+00:00'))}});"
        done = subprocess.run(
            [sys.executable, "-c", f"{program} sys.exit(main({run}))"],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        found.append(any(line.startswith(f"{TASK}/state.json") for line in done.stdout.splitlines()))
    assert found == [True, True, False]


def test_an_interrupted_repair_and_a_merge_are_noticed(project: Path, commands: Commands) -> None:
    commands.check_json()
    journal = project / ".git/statecheck-repair.writing"
    journal.write_text("{}")
    assert commands.check_json().code == 2
    journal.unlink()
    head = git(project, "rev-parse", "HEAD").strip()
    (project / ".git/MERGE_HEAD").write_text(f"{head}\n")
    assert commands.check_json().json["comparison"]["via"] == "MERGE_HEAD"


def agree(commands: Commands, *arguments: str) -> bool:
    """Say whether a run that remembers tells what a fresh one tells."""
    first, fresh = commands.check_json(*arguments), commands.check_json(*arguments, "--no-cache")
    return (first.code, first.out, first.err) == (fresh.code, fresh.out, fresh.err)


def test_a_base_that_moved_is_another_base(project: Path, commands: Commands) -> None:
    git(project, "commit", "-q", "--allow-empty", "-m", "more")
    git(project, "branch", "base", "HEAD~1")
    assert agree(commands, "--base", "base")
    git(project, "branch", "-qf", "base", "HEAD")
    assert agree(commands, "--base", "base")
    git(project, "branch", "-qD", "base")
    assert agree(commands, "--base", "base")


def test_arguments_that_do_not_go_together_are_refused_as_ever(project: Path, commands: Commands) -> None:
    commands.check()
    assert commands.check("--to-ref", "HEAD").code == 2


def test_a_link_to_another_schema_is_another_schema(project: Path, commands: Commands) -> None:
    shutil.copytree(project / TASK, project / ".iterative-work/other")
    schemas = project / "references/schemas"
    write(schemas, {"a.json": "{}", "b.json": '{"required": ["nothing"]}'})
    (schemas / "task-state.schema.json").symlink_to("a.json")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "schemas")
    assert agree(commands)
    (schemas / "task-state.schema.json").unlink()
    (schemas / "task-state.schema.json").symlink_to("b.json")
    assert agree(commands)


def test_a_schema_inside_a_task_governs_the_tasks_within(project: Path, commands: Commands) -> None:
    shutil.copytree(project / TASK, project / TASK / "sub/.iterative-work/inner")
    write(project / TASK, {"references/schemas/task-state.schema.json": "{}"})
    assert agree(commands)
    write(project / TASK, {"references/schemas/task-state.schema.json": '{"required": ["nothing"]}'})
    assert agree(commands)


def test_a_file_of_the_index_is_not_the_one_on_disk(project: Path, commands: Commands) -> None:
    git(project, "update-index", "--skip-worktree", f"{TASK}/state.json")
    (project / TASK / "state.json").unlink()
    assert agree(commands)
    write(project, {f"{TASK}/state.json": "{"})
    assert agree(commands)


def test_a_file_that_is_only_announced_is_not_one_that_is_added(project: Path, commands: Commands) -> None:
    git(project, "rm", "-q", "--cached", f"{TASK}/progress.md")
    write(project, {f"{TASK}/progress.md": ""})
    git(project, "add", "-N", f"{TASK}/progress.md")
    assert agree(commands, "--staged")
    git(project, "add", f"{TASK}/progress.md")
    assert agree(commands, "--staged")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may list everything")
def test_a_folder_that_may_no_longer_be_listed_is_told(project: Path, commands: Commands) -> None:
    commands.check_json()
    (project / TASK / "outputs").chmod(0o311)
    try:
        assert agree(commands)
    finally:
        (project / TASK / "outputs").chmod(0o755)


def test_another_program_judges_anew(
    project: Path, commands: Commands, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.check_json()
    judged.clear()
    monkeypatch.setattr("statecheck.cli.remembering._program", lambda: ("another",))
    commands.check_json()
    assert judged


def test_no_secret_of_the_environment_is_kept(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'http.extraheader=AUTHORIZATION: s3cr3t'")
    commands.check_json()
    (cache,) = caches()
    assert b"s3cr3t" not in cache.read_bytes()


@pytest.mark.parametrize("home", [".", "{project}"])
def test_a_cache_that_would_lie_in_the_project_is_none(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", home.format(project=project))
    before = sorted(project.rglob("*"))
    assert commands.check_json().out == commands.check_json().out
    assert sorted(project.rglob("*")) == before


# --- the file


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: b"x" * len(data),
        lambda data: data + b"more",
    ],
)
def test_a_damaged_file_is_as_good_as_none(
    project: Path, commands: Commands, judged: list[str], damage: Callable[[bytes], bytes]
) -> None:
    first = commands.check_json()
    (cache,) = caches()
    cache.write_bytes(damage(cache.read_bytes()))
    judged.clear()
    assert commands.check_json().out == first.out
    assert judged
    judged.clear()
    assert commands.check_json().out == first.out
    assert judged == []


@pytest.mark.parametrize("value", [(), (1, 2, 3), (0, 0, 1, 2, ((),), (0, ()), (5, ()), {}, None), "text"])
def test_a_whole_file_of_something_else_is_as_good_as_none(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, value: object
) -> None:
    first = commands.check_json()
    monkeypatch.setattr("statecheck.cli.remembering.load", lambda _: value)
    assert commands.check_json().out == first.out


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no such permissions here")
def test_a_file_that_others_may_write_is_not_read(project: Path, commands: Commands, judged: list[str]) -> None:
    commands.check_json()
    (cache,) = caches()
    cache.chmod(0o666)
    judged.clear()
    commands.check_json()
    assert judged


def test_without_a_cache_nothing_is_written(project: Path, commands: Commands) -> None:
    commands.check_json("--no-cache")
    assert caches() == []


def test_where_no_cache_can_be_written_the_run_is_the_same(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = commands.check_json("--no-cache").out
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert [commands.check_json().out for _ in range(2)] == [found, found]


def test_nothing_of_it_lies_in_the_project(project: Path, commands: Commands) -> None:
    commands.check_json()
    assert git(project, "status", "--porcelain") == ""
    assert not (project / ".statecheck").exists()
    assert caches()


def test_the_oldest_files_go_where_there_is_too_much(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.check_json()
    (first,) = caches()
    os.utime(first, (1_700_000_000, 1_700_000_000))
    monkeypatch.setattr(store, "MAX_FOLDER", first.stat().st_size + 100)
    commands.check_json("--select", "S")
    assert len(caches()) == 1
    assert first not in caches()


def test_a_file_that_would_be_too_large_is_not_kept(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_FILE", 100)
    commands.check_json()
    assert caches() == []


def test_several_runs_at_once_find_the_same(project: Path, commands: Commands) -> None:
    found = commands.check_json("--no-cache")

    def run(_: int) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "statecheck", "check", "--output-format", "json", "--now", "2026-06-01T00:00:00Z"],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    with ThreadPoolExecutor(4) as pool:
        told = set(pool.map(run, range(8)))
    assert len(told) == 1
    assert told.pop()[0] == found.code


# --- the same whatever happens


class World:
    """A project to which things happen, one after the other."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)

    def happen(self) -> str:
        """Let something happen; return what."""
        event = self.random.choice(
            [
                *(
                    self.append,
                    self.rewrite,
                    self.same_size,
                    self.touch,
                    self.remove,
                    self.add,
                    self.rename,
                    self.stage,
                ),
                *(self.commit, self.ignore, self.configure, self.link, self.own_schema, self.restore, self.new_folder),
            ]
        )
        event()
        return event.__name__

    def file(self) -> Path:
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file() and ".git" not in path.parts]
        return self.random.choice(files)

    def append(self) -> None:
        with self.file().open("ab") as file:
            file.write(b"\n## R9 - Iteration 9 - 2026-01-20T10:00:00Z\n\n- **Signal:** CONTINUE\n")

    def rewrite(self) -> None:
        path = self.file()
        data = path.read_bytes()
        path.write_bytes(data.replace(b"done", b"pending") if b"done" in data else data[: len(data) // 2])

    def same_size(self) -> None:
        """Another content of the same size, with the time of the old one."""
        path = self.file()
        status, data = path.stat(), bytearray(path.read_bytes())
        if data:
            at = self.random.randrange(len(data))
            data[at] = ord("7") if data[at] != ord("7") else ord("8")
            path.write_bytes(bytes(data))
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def touch(self) -> None:
        age(self.folder)

    def remove(self) -> None:
        self.file().unlink()

    def add(self) -> None:
        where = self.file().parent
        (where / f"new-{self.random.randrange(100)}.md").write_text("new\n")

    def rename(self) -> None:
        tasks = [path for path in (self.folder / ".iterative-work").iterdir() if path.name != "archive"]
        if tasks:
            task = self.random.choice(sorted(tasks))
            place = self.folder / ".iterative-work/archive" if self.random.random() < 0.5 else task.parent
            place.mkdir(exist_ok=True)
            target = place / f"{task.name}-{self.random.randrange(100)}"
            if not target.exists():
                task.rename(target)

    def stage(self) -> None:
        git(self.folder, "add", "-A")

    def commit(self) -> None:
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-qm", "change", "--allow-empty")

    def ignore(self) -> None:
        with (self.folder / ".gitignore").open("a") as file:
            file.write(self.random.choice(["*.json\n", "!*.json\n", "outputs/\n", "progress.md\n"]))

    def configure(self) -> None:
        text = self.random.choice(['ignore = ["D"]\n', 'select = ["S", "T"]\n', "", "strict = true\n"])
        (self.folder / "statecheck.toml").write_text(text)

    def link(self) -> None:
        path = self.file()
        target = path.with_name(f"real-{path.name}")
        if not target.exists() and not path.is_symlink():
            path.rename(target)
            path.symlink_to(target.name)

    def own_schema(self) -> None:
        schema = self.folder / "references/schemas/task-state.schema.json"
        schema.parent.mkdir(parents=True, exist_ok=True)
        schema.write_text(json.dumps({"required": [self.random.choice(["task", "nothing"])]}))

    def restore(self) -> None:
        git(self.folder, "checkout", "-q", "--", ".")

    def new_folder(self) -> None:
        target = self.folder / f".iterative-work/task-{self.random.randrange(5)}"
        source = ROOT / "examples/healthy/iterative-work/.iterative-work/tram-noise"
        shutil.copytree(source, target, dirs_exist_ok=True)


@pytest.mark.parametrize("seed", range(int(os.environ.get("STATECHECK_WORLDS", "6"))))
def test_a_run_that_remembers_finds_what_a_fresh_one_finds(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    if seed % 2:
        monkeypatch.setattr(long_logs, "LONG", 0)
        monkeypatch.setattr(past_log, "SPARE", 0)
    shutil.copytree(ROOT / "examples/broken/workflow", project / "broken/workflow")
    world = World(project, seed)
    events = []
    for _ in range(25):
        events.append(world.happen())
        remembering, fresh = commands.check_json(), commands.check_json("--no-cache")
        assert (remembering.code, remembering.out) == (fresh.code, fresh.out), events
        if world.random.random() < 0.3:
            again = commands.check_json()
            assert (again.code, again.out) == (fresh.code, fresh.out), events


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Wait until what was written is known by its times: here, that takes a moment and not two seconds."""
    monkeypatch.setattr(facts, "SETTLED", 20_000_000)
    return lambda: time.sleep(0.03)


@pytest.fixture
def renewals(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each run that judged only what changed, whether it could."""
    told: list[bool] = []
    real = renewal.check_again

    def noting(run: Run, earlier: EarlierRun) -> Report | None:
        report = real(run, earlier)
        told.append(report is not None)
        return report

    monkeypatch.setattr(renewal, "check_again", noting)
    return told


@pytest.mark.parametrize("seed", range(int(os.environ.get("STATECHECK_WORLDS", "6"))))
def test_a_run_that_trusts_in_times_finds_what_a_fresh_one_finds(
    project: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    settled: Callable[[], None],
    renewals: list[bool],
) -> None:
    """What is little is kept in a file of its own, git's lists are searched, stamps are looked at by two processes."""
    monkeypatch.setattr(remembered, "LITTLE", (1, 20)[seed % 2])
    monkeypatch.setattr(listed, "OFTEN", (0, 32)[seed // 2 % 2])
    monkeypatch.setattr(memory, "PAYS", 0)
    monkeypatch.setattr(memory, "processors", lambda: 2)
    world = World(project, 1000 + seed)
    events = []
    start = git(project, "rev-parse", "HEAD").strip()
    commands.check_json()
    for number in range(25):
        if number % 5 == 4:
            git(project, "reset", "-q", "--hard", start)
            git(project, "clean", "-qfdx")
        content = (world.append, world.rewrite, world.same_size)
        event = world.random.choice(content) if world.random.random() < 0.6 else None
        events.append(world.happen() if event is None else event.__name__)
        if event is not None:
            event()
        settled()
        remembering, fresh = commands.check_json(), commands.check_json("--no-cache")
        assert (remembering.code, remembering.out) == (fresh.code, fresh.out), events
    assert True in renewals, events


# --- judging again what changed


@pytest.fixture
def tasks(project: Path, commands: Commands, settled: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with thirty tasks more, of which a run knows all, by times that prove something; three are few."""
    monkeypatch.setattr(remembered, "LITTLE", 10)
    for number in range(30):
        shutil.copytree(project / TASK, project / f"more/.iterative-work/task-{number:02}")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "more")
    for _ in range(2):  # what is asked only where something changed is known then, too
        settled()
        commands.check()
        add_to(project / "more/.iterative-work/task-29/context.md")
    settled()
    commands.check()
    settled()
    return project


def add_to(path: Path, text: str = "\nOne more line.\n") -> None:
    with path.open("a") as file:
        file.write(text)


def test_where_only_content_changed_nobody_looks_for_workspaces(
    tasks: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    judged: list[str],
    renewals: list[bool],
    settled: Callable[[], None],
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("workspaces are looked for")

    with monkeypatch.context() as patched:
        patched.setitem(subjects.__globals__, "discover", never)
        for number in range(3):
            add_to(tasks / f"more/.iterative-work/task-0{number}/context.md")
            state = tasks / f"more/.iterative-work/task-1{number}/state.json"
            state.write_text(json.dumps(json.loads(state.read_text()) | {"created": "yesterday"}))
            told = commands.check_json().out
            assert told.count("yesterday") == 2 * (number + 1)
            assert judged == [f"more/.iterative-work/task-{each}{number}" for each in (0, 1)]
            settled()
            assert commands.check_json().out == told
            judged.clear()
    assert renewals == [True] * 3
    assert commands.check_json("--no-cache").out == told


def changed_one(tasks: Path, commands: Commands, settled: Callable[[], None]) -> tuple[Path, Path, bytes, str]:
    """Change one task; return the files of the cache, the larger first, what that held before, and what is found."""
    known, changes = sorted(caches(), key=lambda each: -each.stat().st_size)
    before = known.read_bytes()
    add_to(tasks / "more/.iterative-work/task-03/context.md")
    settled()
    return known, changes, before, commands.check_json().out


def test_little_that_changed_is_kept_beside_what_is_known(
    tasks: Path, commands: Commands, judged: list[str], settled: Callable[[], None]
) -> None:
    known, changes, before, told = changed_one(tasks, commands, settled)
    assert known.read_bytes() == before
    assert changes.stat().st_size < len(before) / 2
    judged.clear()
    assert commands.check_json().out == told
    assert judged == []
    for number in range(10, 12):  # by now it is more than one of ten
        add_to(tasks / f"more/.iterative-work/task-{number}/context.md")
    settled()
    told = commands.check_json().out
    assert known.read_bytes() != before
    judged.clear()
    assert commands.check_json().out == told
    assert judged == []


@pytest.mark.parametrize("event", ["another", "damaged", "gone"])
def test_changes_of_another_file_are_passed_over(
    tasks: Path, commands: Commands, judged: list[str], settled: Callable[[], None], event: str
) -> None:
    known, changes, before, told = changed_one(tasks, commands, settled)
    if event == "another":
        kept = changes.read_bytes()
        known.unlink()
        commands.check()
        assert known.read_bytes() != before
        changes.write_bytes(kept)
    elif event == "damaged":
        changes.write_bytes(changes.read_bytes()[:-1])
    else:
        changes.unlink()
    judged.clear()
    assert commands.check_json().out == told
    again = {f"more/.iterative-work/task-{each}" for each in ("03", "29")}
    assert {*judged} == (set() if event == "another" else again)


def test_what_could_not_be_looked_at_in_a_changed_workspace_is_looked_at_again(
    tasks: Path, commands: Commands, judged: list[str], renewals: list[bool], settled: Callable[[], None]
) -> None:
    state = tasks / "more/.iterative-work/task-03/state.json"
    good = state.read_text()
    state.write_text("{")
    for _ in range(2):
        settled()
        told, fresh = commands.check_json(), commands.check_json("--no-cache")
        assert (told.code, told.out) == (fresh.code, fresh.out)
        assert "unverified" in told.out
    assert renewals[:1] == [True]
    state.write_text(good)
    settled()
    assert commands.check_json().out == commands.check_json("--no-cache").out


def test_what_a_changed_workspace_asks_for_elsewhere_counts_from_then_on(
    project: Path, commands: Commands, renewals: list[bool], settled: Callable[[], None]
) -> None:
    """A manifest that names a file outside its folder: that file is part of what the verdict rests on."""
    write(project, {"elsewhere/badge.svg": "<svg/>\n"})
    git(project, "add", "-A")
    git(project, "commit", "-qm", "elsewhere")
    settled()
    commands.check()
    manifest = next(project.glob("healthy/**/artifact_manifest.json"))
    listing = json.loads(manifest.read_text())
    listing["variants"][0]["path"] = "../" * len(manifest.relative_to(project).parts[:-1]) + "elsewhere/badge.svg"
    manifest.write_text(json.dumps(listing))
    settled()
    first = commands.check_json().out
    assert first == commands.check_json("--no-cache").out
    assert renewals == [True]
    settled()
    assert commands.check_json().out == first
    (project / "elsewhere/badge.svg").unlink()
    settled()
    gone = commands.check_json().out
    assert gone == commands.check_json("--no-cache").out != first


def test_more_that_changed_than_content_is_judged_as_ever(
    tasks: Path, commands: Commands, renewals: list[bool], settled: Callable[[], None]
) -> None:
    add_to(tasks / "more/.iterative-work/task-03/context.md")
    write(tasks, {"more/.iterative-work/task-04/outputs/new.md": "x\n"})
    settled()
    assert commands.check_json().out == commands.check_json("--no-cache").out
    assert renewals == []


def test_a_folder_whose_time_was_set_back_is_listed_again(
    tasks: Path, commands: Commands, settled: Callable[[], None]
) -> None:
    task = tasks / "more/.iterative-work/task-04"
    status = task.stat()
    (task / "state.json").rename(task / "state.jsonx")
    os.utime(task, ns=(status.st_atime_ns, status.st_mtime_ns))
    settled()
    assert commands.check_json().out == commands.check_json("--no-cache").out


def test_a_folder_that_became_a_link_to_itself_is_another(
    tasks: Path, commands: Commands, settled: Callable[[], None]
) -> None:
    home = tasks / "more/.iterative-work"
    home.rename(tasks / "more/real")
    home.symlink_to("real")
    settled()
    assert commands.check_json().out == commands.check_json("--no-cache").out


def test_numbers_that_need_more_than_63_bits_are_as_good_as_others(
    project: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    renewals: list[bool],
    settled: Callable[[], None],
) -> None:
    """Some file systems number their files so."""
    schema = (ROOT / "schemas/task-state.schema.json").read_text()
    write(project, {"references/schemas/task-state.schema.json": schema})
    git(project, "add", "-A")
    git(project, "commit", "-qm", "schema")
    real = os.lstat, os.fstat

    def numbered(status: os.stat_result) -> os.stat_result:
        times = {name: getattr(status, name) for name in ("st_mtime_ns", "st_ctime_ns", "st_atime_ns")}
        return os.stat_result((status[0], status[1] + 2**63, *status[2:]), times)

    monkeypatch.setattr(os, "lstat", lambda path: numbered(real[0](path)))
    monkeypatch.setattr(os, "fstat", lambda handle: numbered(real[1](handle)))
    settled()
    commands.check()
    for _ in range(2):
        add_to(project / TASK / "context.md")
        settled()
        assert commands.check_json().out == commands.check_json("--no-cache").out
    assert renewals == [True, True]


def test_a_folder_that_could_not_be_listed_once_is_listed_again(
    tasks: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, settled: Callable[[], None]
) -> None:
    real, gone = os.scandir, "task-07"

    def failing(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith(gone):
            raise OSError(errno.EMFILE, "too many open files")
        return real(path)  # type: ignore[return-value]

    write(tasks, {f"more/.iterative-work/{gone}/outputs/x.md": "x\n"})
    settled()
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", failing)
        commands.check()
    settled()
    assert commands.check_json().out == commands.check_json("--no-cache").out


@pytest.mark.parametrize("known", [True, False])
def test_where_folders_keep_no_times_they_are_listed_each_time(
    tasks: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, settled: Callable[[], None], known: bool
) -> None:
    listed_folders: list[str] = []
    real = os.scandir

    def noting(path: str) -> Iterator[os.DirEntry[str]]:
        listed_folders.append(str(path))
        return real(path)  # type: ignore[return-value]

    monkeypatch.setattr(remembering, "keeps_times", lambda _: known)
    commands.check()
    settled()
    commands.check()
    monkeypatch.setattr(os, "scandir", noting)
    commands.check()
    assert any("task-05" in path for path in listed_folders) is not known


@pytest.mark.parametrize("event", ["sparse", "submodule"])
def test_what_only_git_knows_of_a_folder_is_asked_of_git(
    tasks: Path, commands: Commands, settled: Callable[[], None], event: str
) -> None:
    """The folder on disk is the same, and its times were set back; git says another thing of what is in it."""
    task = tasks / "more/.iterative-work/task-05"
    if event == "sparse":
        git(tasks, "update-index", "--skip-worktree", "more/.iterative-work/task-05/context.md")
        (task / "context.md").unlink()
    else:
        make_repository(task / "outputs/inner")
        write(task, {"outputs/inner/a": "a"})
        git(task / "outputs/inner", "add", "-A")
        git(task / "outputs/inner", "commit", "-qm", "inner")
    for _ in range(2):
        settled()
        assert commands.check_json().out == commands.check_json("--no-cache").out
    if event == "sparse":
        git(tasks, "update-index", "--no-skip-worktree", "more/.iterative-work/task-05/context.md")
    else:
        git(tasks, "-c", "advice.addEmbeddedRepo=false", "add", "more/.iterative-work/task-05/outputs/inner")
    for _ in range(2):
        settled()
        assert commands.check_json().out == commands.check_json("--no-cache").out


def test_where_more_changed_than_was_known_everything_is_judged(
    tasks: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, renewals: list[bool], settled: Callable[[], None]
) -> None:
    """As if the files of a workspace were others, though its folders hold the same."""
    real = renewal._places
    seen: list[object] = []

    def places(verdict: Verdict) -> tuple[object, ...]:
        seen.append(verdict)
        return (*real(verdict), len(seen))

    monkeypatch.setattr(renewal, "_places", places)
    renewals.clear()
    add_to(tasks / "more/.iterative-work/task-05/context.md")
    settled()
    assert commands.check_json().out == commands.check_json("--no-cache").out
    assert renewals == [False]
    monkeypatch.undo()
    assert commands.check_json().out == commands.check_json("--no-cache").out


def test_a_folder_that_only_a_verdict_told_of_is_not_forgotten_with_it(
    project: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    renewals: list[bool],
    settled: Callable[[], None],
) -> None:
    """A manifest names a folder, in which a file says that nobody may enter; later it names another file."""
    monkeypatch.setattr(judging, "processes_for", lambda count: 2 if count > 1 else 1)
    shutil.copytree(ROOT / "examples/broken/refinement", project / "healthy/refinement/pkg")
    write(project, {"healthy/refinement/pkg/pyvenv.cfg": "home = x\n"})
    manifest = project / "healthy/refinement/artifact_manifest.json"
    good = manifest.read_text()
    manifest.write_text(good.replace("dist/badge-dark.svg", "pkg"))
    git(project, "add", "-A")
    git(project, "commit", "-qm", "pkg")
    settled()
    commands.check()
    manifest.write_text(good)
    settled()
    commands.check()
    assert renewals == [True]
    settled()
    (project / "healthy/refinement/pkg/pyvenv.cfg").unlink()
    settled()
    assert commands.check_json().out == commands.check_json("--no-cache").out


def test_excluded_workspaces_are_told_again_where_others_changed(
    tasks: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, renewals: list[bool], settled: Callable[[], None]
) -> None:
    (tasks / "statecheck.toml").write_text('exclude = ["more/.iterative-work/task-1*"]\n')
    for _ in range(2):
        settled()
        commands.check()
    renewals.clear()
    add_to(tasks / "more/.iterative-work/task-05/context.md")
    settled()
    assert commands.check_json().out == commands.check_json("--no-cache").out
    assert renewals == [True]


# --- file systems


@pytest.mark.skipif(sys.platform != "linux", reason="this is how Linux tells")
def test_folders_are_trusted_where_the_file_system_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = (
        "22 1 8:1 / / rw - ext4 /dev/root rw\n"
        "23 22 0:40 / /mnt/far\\040away rw shared:1 - nfs4 server:/x rw\n"
        "24 22 0:41 / /mnt/c rw - 9p drvfs rw\n"
        "25 24 0:42 / /mnt/c/here rw - tmpfs tmpfs rw\n"
        "26 22 0:43 / /x rw - fuse.rclone x rw\n"
        "27 22 0:44 / /x rw - xfs /dev/x rw\n"
    )
    monkeypatch.setattr("builtins.open", lambda *_, **__: io.StringIO(mounts))
    expected = {
        "/": True,
        "/home/a": True,
        "/mnt/far away/b": False,
        "/mnt/c/x": False,
        "/mnt/c/here/x": True,
        "/x/y": True,
    }
    assert {place: keeps_times(place) for place in expected} == expected


# --- what happens while a run looks


@pytest.mark.parametrize("question", ["ls-files", "ls-tree"])
@pytest.mark.parametrize("event", ["another", "gone"])
def test_a_schema_that_changes_while_git_is_asked_is_not_held_for_the_old_one(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, question: str, event: str
) -> None:
    schema = project / "references/schemas/task-state.schema.json"
    write(project, {"references/schemas/task-state.schema.json": '{"required": ["task"]}'})
    monkeypatch.setattr(facts, "SETTLED", 0)  # so that what was written a moment ago is known by its stamp
    for _ in range(2):
        commands.check()
    with (project / ".iterative-work/tram-noise/context.md").open("a") as file:
        file.write("more\n")
    real = Repository.run

    def run(self: Repository, *arguments: str) -> bytes:
        printed = real(self, *arguments)
        if arguments[0] == question and event == "gone":
            schema.unlink(missing_ok=True)
        elif arguments[0] == question:
            schema.write_text('{"required": ["nothing"]}')
        return printed

    with monkeypatch.context() as patched:
        patched.setattr(Repository, "run", run)
        commands.check()
    told, fresh = commands.check_json(), commands.check_json("--no-cache")
    assert (told.code, told.out) == (fresh.code, fresh.out)


# --- several processes


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="no process can be split in two here")
@pytest.mark.parametrize("seed", range(2))
def test_several_processes_find_what_one_finds(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    world = World(project, 100 + seed)
    for _ in range(4):
        world.happen()
    for number in range(12):
        shutil.copytree(project / "broken/iterative-work/.iterative-work", project / f"more/{number}/.iterative-work")
    alone = commands.check_json("--no-cache")
    used: list[int] = []

    def processes(count: int) -> int:
        used.append(count)
        return 2 if count > 1 else 1

    monkeypatch.setattr(judging, "processes_for", processes)
    monkeypatch.setattr(judging, "PIECE", 3)
    assert commands.check_json("--no-cache").out == alone.out
    assert commands.check_json().out == alone.out
    assert max(used) > 12
    used.clear()
    assert commands.check_json().out == alone.out


def test_where_no_process_can_be_split_off_one_does_it_all(
    project: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = commands.check_json("--no-cache")

    def broken(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(judging, "processes_for", lambda count: 2)
    monkeypatch.setattr(os, "fork", broken, raising=False)
    assert commands.check_json("--no-cache").out == alone.out
    assert commands.check_json().out == alone.out
    assert agree(commands)


def test_one_process_is_enough_for_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 64)
    assert [workers.processes_for(count) for count in (0, 1, 15)] == [1, 1, 1]
    assert [workers.processes_for(count) for count in (16, 31, 32, 47, 48, 10_000)] == [2, 2, 3, 3, 4, 4]
    monkeypatch.setattr(workers, "processors", lambda: 1)
    assert workers.processes_for(10_000) == 1
