"""What the two verbs can be asked, the same words for both."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from statecheck import __version__
from statecheck.cli.formats import FORMATS
from statecheck.findings import Shard

if TYPE_CHECKING:
    from collections.abc import Iterable

CHECK = """Say what no longer holds in the state that agents keep in files, and where.

Exit codes: 0 everything examined holds (warnings are allowed without --strict), 1 at least one error,
2 something could not be verified."""

FIX = """Write the corrected files. A second run changes nothing, and nothing that somebody wrote is lost.

All files of a repair are written, or none. What a crash interrupts, the next run ends.

Exit codes: 0 no error remains, 1 an error remains, or --diff or --plan has a change, or --exit-non-zero-on-fix and
something was written, 2 something could not be verified or written."""


def add_check(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``check-state``."""
    history, base = _add_common(parser)
    base.add_argument("--staged", action="store_true", help="judge what is staged for commit")
    base.add_argument("--from-ref", metavar="A", help="judge B, compared with its merge base with A")
    history.add_argument("--to-ref", metavar="B", help="goes with --from-ref")
    history.add_argument(
        "--endpoints", action="store_true", help="judge a range by its two ends, not commit by commit (for squashing)"
    )
    base.add_argument(
        "--record",
        action="store_true",
        help="where nothing is wrong, remember in .statecheck/ledger.json the state that git does not have",
    )
    parser.add_argument("--no-cache", action="store_true", help="judge everything anew, and remember nothing of it")
    parser.add_argument(
        "--shard",
        type=shard,
        metavar="K/N",
        help="judge the K-th of N parts of the workspaces; statecheck merge-reports makes one report of all N",
    )
    add_verdict(parser)


def shard(text: str) -> Shard:
    """Return the part of the workspaces that ``K/N`` names. Raises what argparse takes for a wrong argument."""
    number, slash, total = text.partition("/")
    if not (slash and all(each.isdecimal() and each.isascii() and len(each) < 7 for each in (number, total))):
        raise argparse.ArgumentTypeError(f"{text}: write it as K/N, such as 2/4 for the second of four parts")
    if not 1 <= int(number) <= int(total):
        raise argparse.ArgumentTypeError(f"{text}: K is from 1 to N, and N is how many parts there are")
    return Shard(int(number), int(total))


class Help(argparse.RawDescriptionHelpFormatter):
    """Shows help as wide as the terminal is, without all that argparse loads to know that."""

    def __init__(self, prog: str) -> None:
        columns = 0
        with suppress(ValueError):
            columns = int(os.environ.get("COLUMNS", ""))
        if columns <= 0:
            with suppress(OSError):  # it is no terminal
                columns = os.get_terminal_size(1).columns
        super().__init__(prog, width=(columns if columns > 0 else 80) - 2)


def add_command(
    commands: argparse._SubParsersAction[Any], name: str, text: str, summary: str | None = None
) -> argparse.ArgumentParser:
    """Add a command to the umbrella command, and return its parser. Without a `summary` it is the first line."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text.partition("\n")[0] if summary is None else summary,
        description=text,
        formatter_class=Help,
    )
    return parser


def check_arguments(**given: Any) -> argparse.Namespace:
    """Return the arguments of ``check-state`` without any, but for those that are given by name."""
    parser = argparse.ArgumentParser()
    add_check(parser)
    return argparse.Namespace(**{**vars(parser.parse_args([])), **given})


def add_fix(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fix-state``, which is always of the working tree."""
    _add_common(parser)
    only_for_check = {"staged": False, "from_ref": None, "to_ref": None, "endpoints": False, "record": False}
    parser.set_defaults(**only_for_check, strict=False, statistics=False, fail_if_empty=False)
    parser.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="also choose between two things that somebody wrote, or invent a value; what is displaced is kept "
        "under .statecheck/quarantine/",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--diff", action="store_true", help="show what would change, write nothing")
    instead.add_argument("--plan", metavar="F", help="write what would be done there, and nothing else")
    instead.add_argument("--apply", metavar="F", help="do exactly what a plan says; nothing where a file changed since")
    parser.add_argument(
        "--exit-non-zero-on-fix",
        action="store_true",
        help="exit 1 when something was written (hooks use this)",
    )


def add_output(parser: argparse.ArgumentParser, formats: Iterable[str]) -> None:
    """Add how a report is shown, in one of these formats."""
    output = parser.add_argument_group("output")
    output.add_argument("--output-format", choices=formats, default="text", help="default: text")
    output.add_argument("--output-file", metavar="F", help="write the findings there instead of standard output")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="default: auto")
    volume = output.add_mutually_exclusive_group()
    volume.add_argument("-v", "--verbose", action="store_true", help="show notes (old entries, undocumented names) too")
    volume.add_argument("-q", "--quiet", action="store_true", help="print nothing when there is nothing to say")


def add_verdict(parser: argparse.ArgumentParser) -> None:
    """Add what decides beside the errors, and the numbers at the end."""
    parser.add_argument("--strict", action="store_true", help="warnings fail too")
    parser.add_argument("--fail-if-empty", action="store_true", help="finding nothing to check is a failure")
    parser.add_argument("--statistics", action="store_true", help="end with the number of findings of each rule")


def _add_common(parser: argparse.ArgumentParser) -> tuple[argparse._ArgumentGroup, argparse._MutuallyExclusiveGroup]:
    """Add what both verbs take; return the groups of what is compared with what."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="folders or files; default: the repository, or folder, you stand in"
    )
    chosen = parser.add_argument_group("rules")
    chosen.add_argument(
        "--select", action="append", default=[], metavar="CODES", help="families (D), codes (D301) or names"
    )
    chosen.add_argument("--ignore", action="append", default=[], metavar="CODES", help="the same, to leave out")
    chosen.add_argument("--no-baseline", action="store_true", help="show what .statecheck/baseline.json accepts, too")
    history = parser.add_argument_group("comparison (default: the working tree with HEAD)")
    base = history.add_mutually_exclusive_group()
    base.add_argument("--base", metavar="REV", help="compare the working tree with its merge base with REV")
    base.add_argument("--no-history", action="store_true", help="compare with nothing")
    add_output(parser, FORMATS)
    parser.add_argument("--now", metavar="TIME", help="the time to judge by, ISO 8601 with offset; default: the clock")
    parser.add_argument("--version", action="version", version=f"statecheck {__version__}")
    return history, base
