"""``check-state``: what is asked for is judged, shown, and told by the exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from statecheck.cli.interrupted import require_whole
from statecheck.cli.output import exit_code_of, require_heard, show
from statecheck.cli.progress import showing_progress
from statecheck.cli.setup import make_run
from statecheck.engine import check

if TYPE_CHECKING:
    import argparse


def check_command(arguments: argparse.Namespace) -> int:
    """Judge what the arguments ask for, show what was found, and return the exit code. Raises `ExpectedError`."""
    require_heard(arguments)
    if arguments.record:
        return _record(arguments)
    run, repository = make_run(arguments, writes=False)
    try:
        require_whole(run, repository)
        with showing_progress(run, quiet=arguments.quiet) as watched:
            report = check(watched)
    finally:
        if repository is not None:
            repository.close()
    show(report, arguments)
    return exit_code_of(report, arguments)


def _record(arguments: argparse.Namespace) -> int:
    from statecheck.cli.record import check_and_record
    from statecheck.reporters.summary import plural
    from statecheck.workspaces import LEDGER_FILE

    report, documents = check_and_record(arguments)
    show(report, arguments)
    if documents is None:
        said = f"nothing was recorded in {LEDGER_FILE}: first mend what is wrong"
    elif documents:
        said = f"recorded {plural(documents, 'document')} in {LEDGER_FILE}"
    else:
        said = f"nothing to record: there is no state that {'git does not have' if report.files else 'is kept here'}"
    print(said, file=sys.stderr)  # noqa: T201
    return exit_code_of(report, arguments)
