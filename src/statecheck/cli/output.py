"""Output: where a report is written, and the exit code that its reader understands."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING, TextIO

from statecheck.cli.formats import FORMATS
from statecheck.errors import UsageError
from statecheck.reporters.escape import escape, escape_acting
from statecheck.reporters.presentation import Presentation

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from statecheck.findings import Report, Verdict

OK, FAILED, UNVERIFIED = 0, 1, 2


def verdict_of(report: Report, arguments: argparse.Namespace) -> Verdict:
    """Return the verdict that the user's options make of a report."""
    return report.verdict(strict=arguments.strict, fail_if_empty=arguments.fail_if_empty)


def exit_code_of(report: Report, arguments: argparse.Namespace) -> int:
    """Return the exit code that a report stands for."""
    return {"pass": OK, "fail": FAILED, "unverified": UNVERIFIED}[verdict_of(report, arguments)]


def require_heard(arguments: argparse.Namespace) -> None:
    """Raise `UsageError` where an agent is to be told something and could not hear it."""
    if arguments.output_format == "claude" and (arguments.output_file or getattr(arguments, "diff", False)):
        option = "--output-file" if arguments.output_file else "--diff"
        raise UsageError(f"{option} and --output-format claude do not go together: an agent reads standard error alone")


def show(report: Report, arguments: argparse.Namespace, stream: IO[str] | None = None) -> None:
    """Print a report in the format that was asked for; beside a diff, on standard error. Raises `UsageError`."""
    chosen = FORMATS[arguments.output_format]
    verdict = verdict_of(report, arguments)
    how = Presentation(
        verdict,
        verbose=arguments.verbose,
        strict=arguments.strict,
        color=_colored(arguments),
        checkout=os.environ.get("GITHUB_WORKSPACE"),
    )
    lines = chosen.lines(report, how)
    if chosen.document:
        _print(lines, arguments, stream)
    elif arguments.output_format == "claude":
        said, goes_to = _for_agent([*getattr(arguments, "repaired", ()), *lines], arguments)
        _print(said, arguments, goes_to)
    elif arguments.quiet and verdict == "pass" and not report.count("warning"):
        _print([], arguments, stream)  # an output file of an earlier run must not go on speaking
    else:
        _print(lines, arguments, stream)
        if arguments.statistics:
            _print(_statistics(report), arguments, stream)


def diff_line(line: str) -> str:
    """Return a line of a diff with what acts on a terminal written out; a carriage return at its end stays."""
    tail = "\r" if line.endswith("\r") else ""
    return escape_acting(line.removesuffix("\r")) + tail


def show_repair(lines: Iterable[str], arguments: argparse.Namespace) -> None:
    """Print what a repair did, unless the format is a document, which has no place for it. Raises `UsageError`."""
    if arguments.output_format == "claude":
        arguments.repaired = list(lines)  # an agent is told everything at once
    elif not FORMATS[arguments.output_format].document:
        _print(lines, arguments)


def show_failure(message: str, report: Report | None, arguments: argparse.Namespace) -> None:
    """Print why a run came to nothing, and where programs read the output, the `report` that says so."""
    name = getattr(arguments, "output_format", "text")
    lines, stream = [escape(message)], sys.stderr
    if name == "claude":
        lines, stream = _for_agent(lines, arguments)
    elif report is not None and (FORMATS[name].document or name == "github"):
        try:
            show(report, arguments)
        except UsageError as error:
            lines.append(escape(str(error)))
    for line in lines:
        stream.write(f"{line}\n")


def exit_code(code: int, arguments: argparse.Namespace) -> int:
    """Return the exit code that who reads the format understands: an agent is only told of what is 2."""
    if code == OK or getattr(arguments, "output_format", "text") != "claude":
        return code
    from statecheck.cli.agent import is_stopped_already

    return OK if is_stopped_already(arguments) else UNVERIFIED


def _for_agent(lines: list[str], arguments: argparse.Namespace) -> tuple[list[str], TextIO]:
    """Return what an agent's hook prints, and where: to the agent, or once that is to be let go, to the person."""
    from statecheck.cli.agent import is_stopped_already
    from statecheck.reporters.claude import told_to_the_person

    if lines and is_stopped_already(arguments):
        return [told_to_the_person("\n".join(lines))], sys.stdout
    return lines, sys.stderr


def _statistics(report: Report) -> Iterable[str]:
    counts: dict[str, int] = {}
    for finding in report.findings:
        key = f"{finding.code} {finding.name}"
        counts[key] = counts.get(key, 0) + 1
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>6}  {key}"


def _print(lines: Iterable[str], arguments: argparse.Namespace, elsewhere: IO[str] | None = None) -> None:
    """Print lines where the user wants them. The first call of a run starts the output file anew."""
    stream = elsewhere or sys.stdout
    if arguments.output_file is not None:
        try:
            mode = "a" if getattr(arguments, "output_started", False) else "w"
            stream = open(arguments.output_file, mode, encoding="utf-8", newline="\n")  # noqa: SIM115 - closed below
            arguments.output_started = True
        except OSError as error:
            raise UsageError(
                f"--output-file {arguments.output_file}: {(error.strerror or str(error)).lower()}"
            ) from None
    try:
        for line in lines:
            stream.write(f"{line}\n")
    finally:
        if arguments.output_file is not None:
            stream.close()


def _colored(arguments: argparse.Namespace) -> bool:
    if arguments.color != "auto":
        return bool(arguments.color == "always")
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and arguments.output_file is None and sys.stdout.isatty()
