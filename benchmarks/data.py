"""The data that is measured on, the same for the same seed: `python -m benchmarks.data KIND FOLDER --count N --seed S`.

Every kind is clean under all rules, but for `states`, which has nothing but state files: those are clean under the
rules S101, S102 and S103.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.repository import BASE, History, committed, git, settle
from benchmarks.tasks import FILES, START, Task
from benchmarks.words import Words
from benchmarks.workspaces import refinement, workflow

SEED = 1
HOME = ".iterative-work"
LOG = f"{HOME}/long-log/progress.md"
"""Where the log lies that is long."""

APPENDED = 1000
"""How many bytes are appended to it, and staged, at least."""

SHORTEST = 100
"""Bytes that any entry has more than: a log has no more entries than its size holds of so many."""

LONGEST = 40
"""More steps than any task has: one that is asked for so many is at its end."""

CREATED = START + timedelta(days=2)
"""When the first commit is made: after the life of any task in it."""


def tasks(count: int, seed: int = SEED) -> Iterator[Task]:
    """Yield so many tasks: each at some step of its life, a few delivered or in the archive."""
    words = Words(seed)
    for number in range(count):
        mine = words.of(f"{seed} {number}")
        task = Task(f"task-{number:05}", mine)
        if not task.step(mine.chance.randrange(LONGEST)) and mine.chance.random() < 0.5:
            task.deliver(archive=mine.chance.random() < 0.5)
        yield task


def write_each(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` workspaces of each kind in a repository with one commit."""
    words = Words(seed)
    files: dict[str, str] = {}
    for number in range(count):
        files |= refinement(f"refinement-{number}", words) | workflow(f"workflow-{number}", words)
    for task in tasks(count, seed):
        files |= task.files()
    with committed(folder) as history:
        history.commit(files.items(), CREATED)


def write_states(folder: Path, count: int, seed: int = SEED) -> None:
    """Write the state.json of `count` tasks, each alone in its folder, in a repository with one commit."""
    with committed(folder) as history:
        history.commit(((f"{task.folder}/state.json", task.state()) for task in tasks(count, seed)), CREATED)


def write_tasks(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` tasks of six files each in a repository with one commit."""
    with committed(folder) as history:
        history.commit((file for task in tasks(count, seed) for file in task.files().items()), CREATED)


def change_tasks(folder: Path, count: int, skip: int, changed: int, seed: int = SEED) -> None:
    """Let `changed` of the tasks that `write_tasks` wrote live one step further, in the working tree.

    The first `skip` of those that can are left as they are. Raises `ValueError` where there are too few.
    """
    living = (task for task in tasks(count, seed) if task.step())
    for number, task in enumerate(living):
        if number >= skip + changed:
            return
        for path, text in task.files().items() if number >= skip else ():
            (folder / path).write_text(text, encoding="utf-8")
    raise ValueError(f"there are no {skip + changed} tasks that go on among {count}")


def write_log(folder: Path, size: int, seed: int = SEED) -> None:
    """Write a task whose log has `size` bytes in a repository with one commit, and stage a kilobyte more of it."""
    task = Task("long-log", Words(seed), long=(size + APPENDED) // SHORTEST)
    task.step()
    task.work_on(size)
    with committed(folder) as history:
        history.commit(task.files().items(), task.now)
    task.work_on(APPENDED)
    for path, text in task.files().items():
        (folder / path).write_text(text, encoding="utf-8")
    git(folder, "add", "-u")
    settle(folder)


@contextmanager
def without_what_is_staged(folder: Path) -> Iterator[None]:
    """Take what is staged away for a while: the log is the one that was committed."""
    staged = {path: path.read_bytes() for path in (folder / LOG).parent.iterdir()}
    git(folder, "reset", "-q", "--hard")
    settle(folder)
    try:
        yield
    finally:
        for path, content in staged.items():
            path.write_bytes(content)
        git(folder, "add", "-u")
        settle(folder)


def stage_otherwise(folder: Path, number: int) -> None:
    """Stage what is appended to the log in other words, so that no run has seen it."""
    path = folder / LOG
    before, did, after = path.read_bytes().rpartition(b"**Did:** ")
    path.write_bytes(before + did + b"(%d) " % number + after)
    git(folder, "add", LOG)
    settle(folder)


def write_range(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` commits after the tag `base`: one task lives after the other, and each step is a commit."""
    words = Words(seed)
    lives: list[Task] = []
    steps = 0
    while steps < count:
        task, twin = (Task(f"task-{len(lives):05}", words.of(f"{seed} {len(lives)}")) for _ in range(2))
        lives.append(task)
        steps += sum(1 for _ in iter(twin.step, False))
    with committed(folder) as history:
        history.commit((file for task in lives for file in task.files().items()), START, BASE)
        _live(history, lives, count)


def write_long_range(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` commits after the tag `base`, all of one task: its log has an entry of each."""
    task = Task("long-task", Words(seed), long=count)
    with committed(folder) as history:
        history.commit(task.files().items(), START, BASE)
        _live(history, [task], count)


def _live(history: History, lives: list[Task], count: int) -> None:
    now = START
    for task in lives:
        written, task.now = task.files(), now
        while count and task.step():
            files = task.files()
            history.commit(files.items() - written.items(), task.now)
            written, now = files, task.now
            count -= 1


class Kind(NamedTuple):
    """A kind of data: how it is written, and what is counted."""

    write: Callable[[Path, int, int], None]
    counted: str


KINDS = {
    "each": Kind(write_each, "workspaces of each kind"),
    "states": Kind(write_states, "state.json alone, each in its folder"),
    "tasks": Kind(write_tasks, f"tasks of {FILES} files each"),
    "log": Kind(write_log, "bytes of an append-only log; a kilobyte more is staged"),
    "range": Kind(write_range, f"commits after the tag {BASE}, of tasks one after the other"),
    "long-range": Kind(write_long_range, f"commits after the tag {BASE}, of one task"),
}


def main() -> None:
    """Write data of one kind, as the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.data",
        description="Write data to measure on, in a new git repository.",
        epilog="; ".join(f"{name}: N {kind.counted}" for name, kind in KINDS.items()),
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("folder", type=Path, help="where to write; it must not be there yet")
    parser.add_argument("--count", type=int, default=1, metavar="N", help="how much; see below what is counted")
    parser.add_argument("--seed", type=int, default=SEED, help="another number gives other texts")
    options = parser.parse_args()
    KINDS[options.kind].write(options.folder, options.count, options.seed)


if __name__ == "__main__":
    main()
