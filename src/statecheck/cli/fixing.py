"""``fix-state``: repair and write, or plan, or apply a plan; and first end what an earlier run was kept from ending."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from statecheck.cli.baselines import shrunk
from statecheck.cli.interrupted import git_dir_of, require_whole
from statecheck.cli.progress import showing_progress
from statecheck.cli.setup import make_run
from statecheck.errors import UsageError
from statecheck.repair import (
    JournalFile,
    New,
    finish_interrupted,
    lock_left,
    locked,
    repair,
    require_unchanged,
    write_all,
)
from statecheck.reporters.escape import escape
from statecheck.trees import WorkingTree
from statecheck.trees.recording import Recording
from statecheck.tuples import NamedTuple
from statecheck.workspaces import BASELINE_FILE, LEDGER_FILE, OWN_FOLDER

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Mapping, Sequence

    from statecheck.engine import Run
    from statecheck.repair import Repair
    from statecheck.repair.plan import PlanFile
    from statecheck.trees import Repository

LOCK = f"{OWN_FOLDER}/repair"


class Mended(NamedTuple):
    """A repair, the root of its paths, and how many findings it takes out of the baseline."""

    repair: Repair
    root: str
    forgotten: int = 0


class Applied(NamedTuple):
    """A plan that was carried out, and the run that says what remains."""

    plan: PlanFile
    run: Run
    repository: Repository | None


def mend(arguments: argparse.Namespace) -> Mended:
    """Repair the working tree as the arguments say, and return what was or would be done.

    With ``--diff`` nothing is written, with ``--plan`` the plan alone. Raises what the run and the repair raise.
    """
    shows = arguments.diff or arguments.plan is not None
    run, repository = make_run(arguments, writes=True) if shows else _whole(arguments)
    try:
        if shows:
            require_whole(run, repository)
        with showing_progress(run, quiet=arguments.quiet) as watched:
            done = _with_baseline(repair(watched, unsafe=arguments.unsafe_fixes), run)
        mended = done.repair
        if arguments.plan is not None:
            from statecheck.repair.plan import plan_of

            reads = {**_own_files(run), **mended.reads}
            _write_plan(arguments.plan, plan_of(mended._replace(reads=reads)))
        elif not shows and mended.changes:
            files = [New(path, mended.originals[path], content) for path, content in mended.changes.items()]
            _write(run, repository, mended.reads, files, mended.executable)
    finally:
        if repository is not None:
            repository.close()
    return done


def _with_baseline(mended: Repair, run: Run) -> Mended:
    """Return a repair that takes out of the baseline, too, what is no longer needed there."""
    assert run.disk is not None
    disk = Recording(run.disk)
    acceptance = mended.report.acceptance
    found = shrunk(disk, acceptance)
    if found is None or acceptance is None:
        return Mended(mended, run.root)
    old, new = found
    repaired = mended._replace(
        changes={**mended.changes, BASELINE_FILE: new},
        originals={**mended.originals, BASELINE_FILE: old},
        reads={**mended.reads, **disk.digests},
        report=mended.report._replace(acceptance=acceptance._replace(gone=())),
    )
    return Mended(repaired, run.root, sum(count for _, count in acceptance.gone))


def apply_plan(arguments: argparse.Namespace) -> Applied:
    """Do exactly what a plan says, or nothing where a file has changed since. Raises `PlanError` and `WriteError`."""
    from statecheck.repair.plan import parse_plan, planned_files

    try:
        with open(arguments.apply, "rb") as file:
            plan = parse_plan(file.read())
    except OSError as error:
        raise UsageError(f"--apply {arguments.apply}: {(error.strerror or str(error)).lower()}") from None
    run, repository = _whole(arguments)
    try:
        assert isinstance(run.disk, WorkingTree)
        require_unchanged(plan.reads, run.disk, "since the plan was made", "make a new one")
        if plan.changes:
            executable = {change.path for change in plan.changes if change.executable}
            _write(run, repository, plan.reads, planned_files(plan, run.disk), executable)
    finally:
        if repository is not None:
            repository.close()
    return Applied(plan, *make_run(arguments, writes=True))


def _whole(arguments: argparse.Namespace) -> tuple[Run, Repository | None]:
    """Return the run, once a repair that was interrupted has been ended."""
    run, repository = make_run(arguments, writes=True)
    journal = _journal(run, repository)
    assert isinstance(run.disk, WorkingTree)
    if journal.stage is None and not lock_left(run.disk, LOCK, git_dir_of(repository)):
        return run, repository
    with locked(run.disk, LOCK, git_dir_of(repository)):
        said = finish_interrupted(run.disk, journal)
    if said is not None:
        print(escape(said), file=sys.stderr)  # noqa: T201
    if repository is not None:
        repository.close()
    return make_run(arguments, writes=True)


def _write(
    run: Run,
    repository: Repository | None,
    reads: Mapping[str, str | None],
    files: Sequence[New],
    executable: Collection[str],
) -> None:
    """Write files while no other run does, if nothing has changed that was read."""
    assert isinstance(run.disk, WorkingTree)
    with locked(run.disk, LOCK, git_dir_of(repository)):
        require_unchanged(reads, run.disk, "while it was being repaired", "run again")
        write_all(files, executable, run.disk, _journal(run, repository))


def _own_files(run: Run) -> Mapping[str, str]:
    """Return the SHA-256 of the configuration, the ledger and the baseline, as far as they are there."""
    assert run.disk is not None
    disk = Recording(run.disk)
    for path in (run.configuration, LEDGER_FILE, BASELINE_FILE):
        if path is not None and disk.entry(path) is not None:
            disk.read(path)
    return disk.digests


def _write_plan(name: str, text: str) -> None:
    try:
        with open(name, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"--plan {name}: {(error.strerror or str(error)).lower()}") from None


def _journal(run: Run, repository: Repository | None) -> JournalFile:
    disk = run.disk if run.disk is not None else WorkingTree(run.root)
    return JournalFile(disk, git_dir_of(repository))
