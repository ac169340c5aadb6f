"""``check-state``: what is asked for is judged, shown, and told by the exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from statecheck.cli.output import exit_code_of, require_heard, show
from statecheck.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from statecheck.cli.remembering import Remembering
    from statecheck.findings import Report


def check_command(arguments: argparse.Namespace) -> int:
    """Judge what the arguments ask for, show what was found, and return the exit code. Raises `ExpectedError`."""
    require_heard(arguments)
    if arguments.record:
        if arguments.shard is not None:
            raise UsageError("--record and --shard do not go together: the ledger remembers all of the state")
        return _record(arguments)
    memory = _remembering(arguments) if _is_of_all(arguments) and not arguments.no_cache else None
    try:
        known = memory.whole() if memory is not None else None
        report = known if known is not None else _anew(arguments, memory)
    finally:
        if memory is not None:
            memory.opened.repository.close()
    show(report, arguments)
    return exit_code_of(report, arguments)


def _is_of_all(arguments: argparse.Namespace) -> bool:
    """Say whether a run looks at everything there is as it is now: of parts, ranges, and records nothing is kept."""
    named = arguments.paths or arguments.from_ref or arguments.to_ref or "PRE_COMMIT_FROM_REF" in os.environ
    return not (named or arguments.endpoints or arguments.shard or arguments.output_format == "html")


def _remembering(arguments: argparse.Namespace) -> Remembering | None:
    from statecheck.cli.remembering import remembering

    return remembering(arguments)


def _anew(arguments: argparse.Namespace, memory: Remembering | None) -> Report:
    from statecheck.cli.anew import check_anew

    return check_anew(arguments, memory)


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
