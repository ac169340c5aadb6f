"""``statecheck merge-reports``: one report of the shards of a run, in any format, with the exit code of them all."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from statecheck.cli.arguments import add_command, add_output, add_verdict
from statecheck.cli.formats import FORMATS
from statecheck.cli.output import exit_code_of, show
from statecheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecheck.findings import Report
    from statecheck.reporters.json_input import Reread

TEXT = """Make one report of those that the shards of a run wrote: check-state --shard K/N --output-format json.

What was lost is never taken for fine. Nothing is reported, and the exit code is 2, where a shard is missing or there
twice, where a report is damaged, and where two are not of the same comparison. What JSON does not have is not shown:
the lines of the files, and the workspaces without findings.

Exit codes: those of one run, 0 everything examined holds, 1 at least one error, 2 something could not be verified."""


def add_merge(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``merge-reports`` to the umbrella command."""
    parser = add_command(commands, "merge-reports", TEXT, "Make one report of those that the shards of a run wrote.")
    parser.add_argument("reports", nargs="+", metavar="REPORT", help="JSON reports, one of each shard")
    add_output(parser, [name for name in FORMATS if name != "claude"])  # an agent's hook runs the check itself
    add_verdict(parser)
    parser.set_defaults(command=_merge)


def _merge(arguments: argparse.Namespace) -> int:
    given = {name: _read(name) for name in dict.fromkeys(arguments.reports)}
    _require_different(arguments.reports)
    reports = {name: each.report for name, each in given.items()}
    _require_alike(reports)
    _require_whole(reports)
    report = _joined(list(reports.values()))
    empty = next((name for name, each in given.items() if each.fails_empty), None)
    if empty is not None and report.workspaces:
        raise UsageError(f"{empty}: it failed since there was no workspace in any shard, and in another there are some")
    arguments.fail_if_empty = arguments.fail_if_empty or empty is not None
    show(report, arguments)
    return exit_code_of(report, arguments)


def _read(name: str) -> Reread:
    """Return the report in a file. Raises `UsageError`."""
    from statecheck.reporters.json_input import ReportError, read_report

    try:
        with open(name, "rb") as file:
            return read_report(file.read(), os.getcwd())
    except OSError as error:
        raise UsageError(f"{name}: {(error.strerror or str(error)).lower()}") from None
    except ReportError as error:
        raise UsageError(f"{name}: {error}") from None


def _require_different(names: list[str]) -> None:
    """Raise `UsageError` where a file is named twice."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is given twice")


def _require_alike(reports: Mapping[str, Report]) -> None:
    """Raise `UsageError` where two reports cannot be of one run."""
    (first, one), *others = reports.items()
    for name, each in others:
        if (each.base, each.head, each.via) != (one.base, one.head, one.via):
            raise UsageError(f"{first} and {name} are of different comparisons: {one.words}, and {each.words}")
        if (each.revisions, each.rules) != (one.revisions, one.rules):
            raise UsageError(
                f"{first} and {name} are of different runs: of {one.rules} rules in {one.revisions} revisions, and of "
                f"{each.rules} in {each.revisions}"
            )


def _require_whole(reports: Mapping[str, Report]) -> None:
    """Raise `UsageError` where the reports are not those of all shards, each once; one may be of a whole run."""
    unsharded = next((name for name, each in reports.items() if each.shard is None), None)
    if unsharded is not None:
        if len(reports) > 1:
            raise UsageError(f"{unsharded} does not say which shard it is of: check-state --shard K/N writes that")
        return
    seen: dict[int, str] = {}
    totals: dict[int, str] = {}
    for name, each in reports.items():
        assert each.shard is not None
        number, total = each.shard
        totals.setdefault(total, name)
        if len(totals) > 1:
            (one, of), (two, other) = totals.items()
            raise UsageError(f"{of} is of {one} shards, and {other} of {two}")
        if number in seen:
            raise UsageError(f"shard {number} of {total} is there twice: {seen[number]} and {name}")
        seen[number] = name
    (total,) = totals
    missing = [str(number) for number in range(1, total + 1) if number not in seen]
    if missing:
        shown = ", ".join(missing[:10]) + (" and others" if len(missing) > 10 else "")
        what = f"shard {shown} of {total} is" if len(missing) == 1 else f"shards {shown} of {total} are"
        raise UsageError(f"{what} missing: give the reports of all, and look at the jobs that wrote none")


def _joined(reports: list[Report]) -> Report:
    from statecheck.joining import join

    ordered = sorted(reports, key=lambda each: each.shard or (1, 1))
    whole = ordered[0]._replace(shard=None)
    if len(ordered) > 1:
        whole = whole._replace(words=f"{whole.words}, in {len(ordered)} shards")
    return join(ordered, whole)
