"""``statecheck audit``: one report of many repositories, judged by the processes of this machine or by a cluster."""

from __future__ import annotations

import argparse
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from statecheck.cli.arguments import add_command, add_output, add_verdict
from statecheck.cli.formats import FORMATS
from statecheck.cli.output import exit_code_of, show
from statecheck.cli.setup import moment, words
from statecheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from statecheck.cli.auditing import Audited
    from statecheck.findings import Report

TEXT = """Judge the working trees of many repositories, as check-state would in each, and make one report.

Paths begin with the repository as it was named. Each goes by its own configuration and baseline. One that cannot be
looked at is unverified, and stops no other.

Exit codes: those of one run, 0 everything examined holds, 1 at least one error, 2 something could not be verified."""


def add_audit(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``audit`` to the umbrella command."""
    parser = add_command(commands, "audit", TEXT, "Judge many repositories, and make one report.")
    parser.add_argument("repositories", nargs="+", metavar="REPOSITORY", help="folders, each the root of a repository")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="let the workers of this Dask scheduler judge, such as tcp://10.0.0.1:8786; they find the same folders. "
        "Default: the processes of this machine",
    )
    chosen = parser.add_argument_group("rules")
    chosen.add_argument(
        "--select", action="append", default=[], metavar="CODES", help="families (D), codes (D301) or names"
    )
    chosen.add_argument("--ignore", action="append", default=[], metavar="CODES", help="the same, to leave out")
    chosen.add_argument("--no-baseline", action="store_true", help="show what the baselines accept, too")
    parser.add_argument("--no-history", action="store_true", help="compare with nothing, in place of HEAD")
    add_output(parser, [name for name in FORMATS if name not in ("claude", "html")])  # these are of one project
    add_verdict(parser)
    parser.add_argument("--now", metavar="TIME", help="the time to judge by, ISO 8601 with offset; default: the clock")
    parser.set_defaults(command=_audit)


def _audit(arguments: argparse.Namespace) -> int:
    from statecheck.cli.auditing import audit

    names = list(dict.fromkeys(arguments.repositories))
    with _executor(arguments.scheduler, len(names)) as executor:
        audited = audit(
            names,
            executor,
            select=words(arguments.select),
            ignore=words(arguments.ignore),
            history=not arguments.no_history,
            baseline=not arguments.no_baseline,
            now=moment(arguments.now),
        )
        report = _joined(list(audited), arguments)
    show(report, arguments)
    return exit_code_of(report, arguments)


@contextmanager
def _executor(scheduler: str | None, most: int) -> Iterator[Executor]:
    """Give the executor that judges: of the workers of a scheduler, or of processes here, `most` of them."""
    if scheduler is None:
        with _processes(min(most, os.cpu_count() or 1)) as executor:
            yield executor
        return
    try:
        from distributed import Client
    except ImportError:
        raise UsageError('--scheduler needs Dask, which is not there: pip install "statecheck[dask]"') from None
    try:
        client = Client(scheduler)
    except (OSError, ValueError) as error:
        raise UsageError(f"--scheduler {scheduler}: {error}") from None
    with client:  # which takes back what is not done, where the run is interrupted
        yield client.get_executor(pure=False)  # a repository may have changed since Dask remembers it


@contextmanager
def _processes(count: int) -> Iterator[Executor]:
    """Give processes of this machine; who interrupts the run waits for those that judge, and for no others."""
    import signal
    from concurrent.futures import ProcessPoolExecutor

    unheard = (signal.SIGINT, signal.SIG_IGN)  # a terminal tells all processes: this one ends the others
    executor = ProcessPoolExecutor(count, initializer=signal.signal, initargs=unheard)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _joined(audited: Sequence[Audited], arguments: argparse.Namespace) -> Report:
    from statecheck.findings import Report
    from statecheck.joining import below, join

    count = len(audited)
    base = "compared with nothing (--no-history)" if arguments.no_history else "each compared with its own base"
    whole = Report(
        root=os.getcwd(),
        findings=(),
        unverified=(),
        workspaces=0,
        files=0,
        revisions=sum(each.report.revisions for each in audited),
        rules=len({code for each in audited for code in each.report.codes}),
        base=None,
        head="worktree",
        via="--no-history" if arguments.no_history else "the base of each repository",
        words=f"audited {count} {'repository' if count == 1 else 'repositories'}, {base}",
    )
    return join([below(each.repository.replace(os.sep, "/"), each.report) for each in audited], whole)
