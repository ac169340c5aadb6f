"""``check-state --record``: remember what git does not have, once nothing is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.cli.own_files import load_ledger
from statecheck.cli.setup import make_run
from statecheck.engine import check, lineage, subjects
from statecheck.errors import UsageError
from statecheck.repair import locked, write_file
from statecheck.rules import all_rules, looks_back
from statecheck.trees import GitTree
from statecheck.tuples import NamedTuple
from statecheck.workspaces import LEDGER_FILE, OWN_FOLDER

if TYPE_CHECKING:
    import argparse

    from statecheck.engine import Run
    from statecheck.findings import Finding, Report
    from statecheck.trees import Repository, WorkingTree

IGNORE_FILE = f"{OWN_FOLDER}/.gitignore"
IGNORED = b"/.gitignore\n/ledger.json*\n"
"""The ledger speaks of files of this machine alone."""


WOULD_BE_FORGOTTEN = ("L201", "L202", "L203", "T401", "T405", "T406")
"""Rules whose warnings say that something which the ledger remembers was changed or is gone."""


class Recorded(NamedTuple):
    """The report of a run, and how many documents were remembered; None where something was wrong."""

    report: Report
    documents: int | None


def check_and_record(arguments: argparse.Namespace) -> Recorded:
    """Judge the working tree, and write the ledger where the verdict is pass. One run at a time does.

    Raises `UsageError`, `WriteError`, and what making the run raises.
    """
    run, repository = make_run(arguments, writes=False)
    try:
        _require(run)
        assert run.disk is not None
        with locked(run.disk, LEDGER_FILE, None if repository is None else repository.git_dir):
            run, repository = _again(arguments, repository)
            report = check(run)
            verdict = report.verdict(strict=arguments.strict, fail_if_empty=arguments.fail_if_empty)
            if verdict != "pass" or any(_is_loss(each) for each in report.findings):
                return Recorded(report, None)
            return Recorded(report, _write(run, repository))
    finally:
        if repository is not None:
            repository.close()


def _is_loss(finding: Finding) -> bool:
    """Say whether a finding, though only a warning, speaks of something that the ledger would forget."""
    return finding.severity == "warning" and finding.code in WOULD_BE_FORGOTTEN


def _require(run: Run) -> None:
    if isinstance(run.comparison.after, GitTree):
        raise UsageError("--record is for the working tree, and this run judges the index or a commit")
    left_out = [
        code
        for code, rule in all_rules().items()
        if looks_back(rule) and (code not in run.rules or run.policy.softens(code))
    ]
    if left_out:
        raise UsageError(f"--record needs the rules that look back, or it would accept what {left_out[0]} did not see")


def _again(arguments: argparse.Namespace, repository: Repository | None) -> tuple[Run, Repository | None]:
    """Return the run as it is now that nobody else writes: another run may have recorded in between."""
    if repository is not None:
        repository.close()
    return make_run(arguments, writes=False)


def _write(run: Run, repository: Repository | None) -> int:
    """Write the ledger, and return how many documents it remembers."""
    from statecheck.ledger import record

    assert run.disk is not None
    disk: WorkingTree = run.disk
    tracked = repository.index() if repository is not None else None

    def wanted(path: str) -> bool:
        return tracked is None or (tracked.entry(path) is None and disk.ignored(path))

    after = run.snapshot(run.comparison.after)
    every = subjects(run, after, lineage(run))
    before = load_ledger(disk, repository)
    ledger = record(before, [after.view(each.workspace) for each in every], run.clock.now, wanted)
    count = len(ledger.logs) + len(ledger.states)
    if count or before is not None:
        if repository is not None and disk.entry(IGNORE_FILE) is None:
            write_file(disk, IGNORE_FILE, IGNORED)
        write_file(disk, LEDGER_FILE, ledger.text().encode())
    return count
