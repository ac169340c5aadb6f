"""``statecheck status``: where each workspace stands, and what a new session must know, and not trust, to resume."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from statecheck.cli.arguments import add_command, check_arguments
from statecheck.cli.interrupted import require_whole
from statecheck.cli.setup import make_run
from statecheck.engine import is_concerned, make_report, outcomes, unavailable, verdict_of
from statecheck.history import UnresolvedError
from statecheck.reporters.status_text import status_lines
from statecheck.reporters.summary import summary
from statecheck.standing import Doubt, Overview, Standing
from statecheck.workspaces.standings import standing_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.engine import Outcome, Run
    from statecheck.findings import Report, Unverified, Verdict

TEXT = """Say where each workspace stands: what to do first, what is known and from where, and what not to trust.

What is said follows the read protocols of the documents: files before memory before the scan of the folders; of two
files of an initiative the newer one; for a task state.json, then the last entry of progress.md; for a refinement the
newest entry and decision. It is of the working tree, with what git ignores where state is kept.

Exit codes: 0 the standings can be trusted, or there is no workspace, 1 something is wrong with the state (an error of
check-state), or sources disagree and a person has to decide, 2 something could not be verified, or bad usage. All
that could be told is printed with each of them."""

_GONE = "nothing to resume: it is gone; only what was compared with has it"

_CODES: dict[Verdict, int] = {"pass": 0, "fail": 1, "unverified": 2}


def add_status(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``status`` to the umbrella command."""
    parser = add_command(commands, "status", TEXT, TEXT.partition(":")[0] + ".")
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="folders or files; default: the repository, or folder, you stand in"
    )
    base = parser.add_mutually_exclusive_group()
    base.add_argument("--base", metavar="REV", help="compare the working tree with its merge base with REV")
    base.add_argument("--no-history", action="store_true", help="compare with nothing")
    parser.add_argument("--output-format", dest="format", choices=("text", "json"), default="text")
    parser.add_argument("--now", metavar="TIME", help="the time to judge by, ISO 8601 with offset; default: the clock")
    parser.set_defaults(command=_status)


def _status(arguments: argparse.Namespace) -> int:
    try:
        run, repository = make_run(_as_check(arguments), writes=True, ignored=True)
    except UnresolvedError as error:
        if arguments.format == "json":
            _show(_overview(unavailable(str(error), os.getcwd(), 0), [], ()), "unverified", arguments)
        raise
    try:
        require_whole(run, repository)
        judged = [(each, verdict_of(each, run)) for each in outcomes(run)]
        concerned = [outcome for outcome, verdict in judged if is_concerned(verdict, run)]
        report = make_report(run, [verdict for _, verdict in judged])
        overview = _overview(report, list(_standings(concerned, run)), _ignored(concerned, run))
    finally:
        if repository is not None:
            repository.close()
    verdict = _verdict(report, overview)
    _show(overview, verdict, arguments)
    return _CODES[verdict]


def _as_check(arguments: argparse.Namespace) -> argparse.Namespace:
    """Return the arguments of a check of the same files by every rule."""
    # What a baseline accepts for now is not to be trusted any more for that.
    return check_arguments(**vars(arguments), no_baseline=True)


def _standings(outcomes: Iterable[Outcome], run: Run) -> Iterator[Standing]:
    """Yield where each workspace stands, one that is gone included; statecheck's own records only if in doubt."""
    for outcome in outcomes:
        view, doubts = outcome.view, tuple(_doubts(outcome))
        if view.kind.own and not doubts:
            continue
        if outcome.gone:
            yield Standing(view.kind.name, view.folder, over=True, next=_GONE, facts=(), doubts=doubts)
        else:
            yield standing_of(view, run.memory, run.clock)._replace(doubts=doubts)


def _doubts(outcome: Outcome) -> Iterator[Doubt]:
    for each in outcome.findings:
        if each.severity == "error":
            yield Doubt(each.code, "error", each.path, each.line, each.message)
    yield from map(_gap, outcome.unverified)


def _gap(each: Unverified) -> Doubt:
    return Doubt(each.code, "unverified", each.path, 1, each.reason)


def _ignored(outcomes: Iterable[Outcome], run: Run) -> tuple[str, ...]:
    paths = {path for outcome in outcomes for path in outcome.files}
    return () if run.disk is None else tuple(sorted(path for path in paths if run.disk.ignored(path)))


def _overview(report: Report, standings: list[Standing], ignored: tuple[str, ...]) -> Overview:
    told = {doubt for each in standings for doubt in each.doubts}
    rest = (_gap(each) for each in report.unverified)
    return Overview(
        root=report.root,
        standings=tuple(sorted(standings, key=lambda each: each.over)),
        unverified=tuple(each for each in rest if each not in told),
        ignored=ignored,
        base=report.base,
        words=summary(report),
    )


def _verdict(report: Report, overview: Overview) -> Verdict:
    undecided = any(each.authority is None for standing in overview.standings for each in standing.conflicts)
    return "fail" if undecided else report.verdict()


def _show(overview: Overview, verdict: Verdict, arguments: argparse.Namespace) -> None:
    if arguments.format == "json":
        from statecheck.reporters.status_json import status_json

        print(status_json(overview, verdict))  # noqa: T201
        return
    for line in status_lines(overview):
        print(line)  # noqa: T201
