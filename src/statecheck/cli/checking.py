"""``check-state``: what is asked for is judged, shown, and told by the exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from statecheck.cli.formats import FORMATS
from statecheck.cli.opened import is_held_against_head, open_here
from statecheck.cli.output import exit_code_of, require_heard, show
from statecheck.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from statecheck.cli.opened import Opened
    from statecheck.cli.remembering import Remembering
    from statecheck.findings import Report


def check_command(arguments: argparse.Namespace) -> int:
    """Judge what the arguments ask for, show what was found, and return the exit code. Raises `ExpectedError`."""
    require_heard(arguments)
    if arguments.record:
        if arguments.shard is not None:
            raise UsageError("--record and --shard do not go together: the ledger remembers all of the state")
        return _record(arguments)
    opened = open_here() if _is_of_all(arguments) else None
    try:
        report = _anew(arguments, None) if opened is None else _all(arguments, opened)
    finally:
        if opened is not None:
            opened.repository.close()
    show(report, arguments)
    return exit_code_of(report, arguments)


def _is_of_all(arguments: argparse.Namespace) -> bool:
    """Say whether a run looks at everything that a project has now: at no part, no range, and for no portraits."""
    named = arguments.paths or arguments.from_ref or arguments.to_ref or "PRE_COMMIT_FROM_REF" in os.environ
    return not (named or arguments.endpoints or arguments.shard or FORMATS[arguments.output_format].portrayed)


def _all(arguments: argparse.Namespace, opened: Opened) -> Report:
    """Return what an earlier run over a project found, if that still holds, else what is found now."""
    if arguments.no_cache:
        if is_held_against_head(arguments):
            opened.repository.begin_reading_head()
        return _anew(arguments, opened)
    from statecheck.cli.remembering import remembering

    memory = remembering(arguments, opened)
    known = None if memory is None else memory.whole()
    return _anew(arguments, opened, memory) if known is None else known


def _anew(arguments: argparse.Namespace, opened: Opened | None, memory: Remembering | None = None) -> Report:
    from statecheck.cli.anew import check_anew

    return check_anew(arguments, opened, memory)


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
