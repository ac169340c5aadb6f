"""``statecheck baseline``: accept what is wrong today, so that only what is new fails; and later less and less."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from statecheck.cli.arguments import add_command, check_arguments
from statecheck.cli.baselines import accepted, content, load_baseline, shrunk
from statecheck.cli.fixing import LOCK
from statecheck.cli.interrupted import git_dir_of, require_whole
from statecheck.cli.setup import make_run
from statecheck.engine import acceptable, check
from statecheck.repair import locked, write_file
from statecheck.reporters.summary import plural
from statecheck.workspaces import BASELINE_FILE, OWN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.engine import Run
    from statecheck.findings import Report
    from statecheck.trees import Repository, WorkingTree

TEXT = """Accept the errors and warnings that are there today, so that only new ones fail.

They are recorded in .statecheck/baseline.json, which is committed, and reviewed like any other file. Run again, this
takes out what is no longer needed, as fix-state does; it never adds. To start over, remove the file.

What a change did to the state that was committed is never accepted: a log entry that was rewritten, a status that may
not follow. Nor is what could not be verified.

Exit codes: 0 the baseline accepts what can be accepted, 1 an error is left that it does not accept, 2 something
could not be verified."""


def add_baseline(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``baseline`` to the umbrella command."""
    parser = add_command(commands, "baseline", TEXT)
    parser.add_argument("--now", metavar="TIME", help="the time to judge by, ISO 8601 with offset; default: the clock")
    parser.set_defaults(command=_baseline)


def _baseline(arguments: argparse.Namespace) -> int:
    run, repository = _whole(arguments)
    try:
        require_whole(run, repository)
        assert run.disk is not None
        with locked(run.disk, LOCK, git_dir_of(repository)):
            disk = run.disk.anew()
            report, lines = _shrink(run, disk) if load_baseline(disk) is not None else _record(run, disk)
            if repository is not None and {BASELINE_FILE, OWN_FOLDER} & set(repository.ignored()):
                lines.append(f"git ignores {BASELINE_FILE}: nobody else has it until that is changed")
    finally:
        if repository is not None:
            repository.close()
    for line in [*lines, *_left(report)]:
        print(line)  # noqa: T201
    return 2 if report.unverified else 1 if any(each.severity == "error" for each in report.findings) else 0


def _whole(arguments: argparse.Namespace) -> tuple[Run, Repository | None]:
    """Return the run of everything, also where one stands in a folder below."""
    run, repository = make_run(_as_check(arguments, []), writes=True)
    if run.paths == ("",):
        return run, repository
    if repository is not None:
        repository.close()
    return make_run(_as_check(arguments, [run.root]), writes=True)


def _as_check(arguments: argparse.Namespace, paths: list[str]) -> argparse.Namespace:
    """Return the arguments of a check by every rule that is configured."""
    return check_arguments(paths=paths, now=arguments.now)


def _record(run: Run, disk: WorkingTree) -> tuple[Report, list[str]]:
    """Write a first baseline; return what it does not accept, and what is to be said."""
    from statecheck.baseline import BaselineFile

    report = check(run)
    found = [each for each in report.findings if acceptable(each, run.rules)]
    rest = report._replace(findings=tuple(each for each in report.findings if not acceptable(each, run.rules)))
    if not found:
        return rest, ["nothing to record: there is nothing that a baseline could accept"]
    write_file(disk, BASELINE_FILE, content(BaselineFile.of(found)))
    return rest, [
        f"recorded {plural(len(found), 'finding')} in {BASELINE_FILE}; commit it",
        *_waiting(run, disk.anew()),
    ]


def _waiting(run: Run, disk: WorkingTree) -> Iterator[str]:
    """Yield, in words, what a new baseline accepts and the base does not: a change does not accept its own findings."""
    baseline, _ = accepted(run.comparison._replace(after=disk), whole=True, wanted=True)
    waiting = sum(baseline.recorded.values()) - sum(baseline.counting.values())
    if waiting:
        yield f"{waiting} of them count only once the base has them: until then check-state tells them all the same"


def _shrink(run: Run, disk: WorkingTree) -> tuple[Report, list[str]]:
    """Take out of the baseline what is no longer needed; return what it does not accept, and what is to be said."""
    report = check(run)
    found = shrunk(disk, report.acceptance)
    if found is None or report.acceptance is None:
        return report, [f"nothing to take out of {BASELINE_FILE}; to record anew, remove it first"]
    write_file(disk, BASELINE_FILE, found[1])
    gone = sum(count for _, count in report.acceptance.gone)
    return report, [f"took {gone} {'entry' if gone == 1 else 'entries'} out of {BASELINE_FILE}; commit it"]


def _left(report: Report) -> Iterator[str]:
    """Yield, in words, what fails all the same."""
    errors = sum(each.severity == "error" for each in report.findings)
    if errors:
        yield f"{plural(errors, 'error')} {'is' if errors == 1 else 'are'} not accepted; check-state tells more"
    if report.unverified:
        yield f"{len(report.unverified)} unverified, which nothing can accept; check-state tells more"
