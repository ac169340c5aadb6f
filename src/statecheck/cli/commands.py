"""The commands: parse, run, show, and the exit code of the table in product.md."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from statecheck import __version__
from statecheck.cli.amend import add_amend
from statecheck.cli.arguments import CHECK, FIX, add_check, add_fix
from statecheck.cli.baseline import add_baseline
from statecheck.cli.catalog import add_catalog
from statecheck.cli.fixing import apply_plan, mend, require_whole
from statecheck.cli.init import add_init
from statecheck.cli.output import (
    FAILED,
    UNVERIFIED,
    diff_line,
    exit_code,
    exit_code_of,
    show,
    show_failure,
    show_repair,
)
from statecheck.cli.progress import showing_progress
from statecheck.cli.setup import UsageError, make_run
from statecheck.cli.status import add_status
from statecheck.engine import check, unavailable
from statecheck.errors import OwnFileError
from statecheck.history import UnresolvedError
from statecheck.repair import DisagreementError, WriteError, unified_diff
from statecheck.reporters.escape import escape
from statecheck.reporters.summary import plural
from statecheck.reporters.text import location, shown_path
from statecheck.rules import UnknownRuleError
from statecheck.trees import GitError
from statecheck.workspaces import BASELINE_FILE, LEDGER_FILE, OWN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from statecheck.cli.fixing import Mended
    from statecheck.engine import Run
    from statecheck.findings import Report, Shard
    from statecheck.repair import Repair
    from statecheck.repair.plan import PlanFile

_EXPECTED = (
    UsageError,
    UnknownRuleError,
    UnresolvedError,
    GitError,
    WriteError,
    DisagreementError,
    OwnFileError,
)
"""What ends a run with a sentence and exit code 2."""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are harmless to show, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        super().error(escape(message))


def check_state(argv: Sequence[str] | None = None) -> int:
    """Run ``check-state`` with these arguments, the process's own by default, and return its exit code."""
    return _run("check-state", CHECK, add_check, _check, argv)


def fix_state(argv: Sequence[str] | None = None) -> int:
    """Run ``fix-state`` with these arguments, the process's own by default, and return its exit code."""
    return _run("fix-state", FIX, add_fix, _fix, argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the umbrella command ``statecheck`` and return its exit code."""
    arguments = umbrella().parse_args(argv)
    return _guarded("statecheck", arguments.command, arguments)


def umbrella() -> argparse.ArgumentParser:
    """Return the parser of the umbrella command, and so of all commands."""
    parser = _Parser(
        prog="statecheck", description="The fsck and the linter for the state that AI agents leave on disk."
    )
    parser.add_argument("--version", action="version", version=f"statecheck {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, text, add, command in (("check", CHECK, add_check, _check), ("fix", FIX, add_fix, _fix)):
        sub = commands.add_parser(
            name,
            help=text.partition("\n")[0],
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add(sub)
        sub.set_defaults(command=command)
    add_status(commands)
    add_init(commands)
    add_baseline(commands)
    add_amend(commands)
    _add_for_many_machines(commands)
    add_catalog(commands)
    return parser


def _add_for_many_machines(commands: argparse._SubParsersAction[Any]) -> None:
    from statecheck.cli.audit import add_audit
    from statecheck.cli.merge import add_merge

    add_audit(commands)
    add_merge(commands)


def _run(
    name: str,
    text: str,
    add: Callable[[argparse.ArgumentParser], None],
    command: Callable[[argparse.Namespace], int],
    argv: Sequence[str] | None,
) -> int:
    parser = _Parser(prog=name, description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    add(parser)
    return _guarded(name, command, parser.parse_args(argv))


def _guarded(name: str, command: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to stop
    try:
        code = command(arguments)
        sys.stdout.flush()
    except _EXPECTED as error:
        nothing = None
        if isinstance(error, UnresolvedError):
            shard = getattr(arguments, "shard", None)
            nothing = unavailable(str(error), os.getcwd(), 0)._replace(shard=shard)
        show_failure(f"{name}: error: {error}", nothing, arguments)
        return exit_code(UNVERIFIED, arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the interpreter's last flush is quiet
        return exit_code(FAILED, arguments)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        show_failure(f"{name}: error: {error.strerror or error}: the output could not be written", None, arguments)
        return exit_code(UNVERIFIED, arguments)
    except KeyboardInterrupt:
        return 130
    return exit_code(code, arguments)


def _check(arguments: argparse.Namespace) -> int:
    _require_heard(arguments)
    if arguments.record:
        if arguments.shard is not None:
            raise UsageError("--record and --shard do not go together: the ledger remembers all of the state")
        return _record(arguments)
    run, repository = make_run(arguments, writes=False)
    try:
        require_whole(run, repository)
        with showing_progress(run, quiet=arguments.quiet) as watched:
            report = check(watched) if arguments.shard is None else _check_shard(watched, arguments.shard)
    finally:
        if repository is not None:
            repository.close()
    show(report, arguments)
    return exit_code_of(report, arguments)


def _check_shard(run: Run, shard: Shard) -> Report:
    from statecheck.engine.shards import check_shard

    return check_shard(run, shard)


def _require_heard(arguments: argparse.Namespace) -> None:
    """Raise `UsageError` where an agent is to be told something and could not hear it."""
    if arguments.output_format == "claude" and (arguments.output_file or getattr(arguments, "diff", False)):
        option = "--output-file" if arguments.output_file else "--diff"
        raise UsageError(f"{option} and --output-format claude do not go together: an agent reads standard error alone")


def _record(arguments: argparse.Namespace) -> int:
    from statecheck.cli.record import check_and_record

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


def _fix(arguments: argparse.Namespace) -> int:
    _require_heard(arguments)
    if arguments.apply is not None:
        return _apply(arguments)
    done = mend(arguments)
    mended = done.repair
    if arguments.diff:
        for line in map(diff_line, unified_diff(mended)):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        show(mended.report, arguments, sys.stderr)
        _tell_disagreements(mended)
        return FAILED if mended.changes else exit_code_of(mended.report, arguments)
    show_repair(_applied_lines(done, arguments.plan), arguments)
    show(mended.report, arguments)
    _tell_disagreements(mended)
    if mended.changes and (arguments.exit_non_zero_on_fix or arguments.plan is not None):
        return FAILED
    return exit_code_of(mended.report, arguments)


def _apply(arguments: argparse.Namespace) -> int:
    done = apply_plan(arguments)
    try:
        report = check(done.run)
    finally:
        if done.repository is not None:
            done.repository.close()
    show_repair(_carried_out(done.plan), arguments)
    show(report, arguments)
    if done.plan.changes and arguments.exit_non_zero_on_fix:
        return FAILED
    return exit_code_of(report, arguments)


def _carried_out(plan: PlanFile) -> Iterable[str]:
    for each in plan.repairs:
        place = f"{escape(each.path)}:{each.line}:{each.column}"
        yield f"{place}: {_done(complete=each.complete)} {each.code} {escape(each.name)}: {escape(each.summary)}"
    if any(change.path == BASELINE_FILE for change in plan.changes):
        yield f"{BASELINE_FILE}: took out what is no longer needed"
    yield from _written(
        {change.path: change.after is None for change in plan.changes}, sum(each.complete for each in plan.repairs)
    )


def _tell_disagreements(mended: Repair) -> None:
    """End the run with a sentence where fixers undid each other; what else could be repaired was written before."""
    if mended.disagreements:
        raise DisagreementError("; ".join(mended.disagreements))


def _applied_lines(done: Mended, plan: str | None) -> Iterable[str]:
    mended, root = done.repair, done.root
    for each in mended.applied:
        word = _done(complete=each.complete) if plan is None else "to fix"
        yield f"{location(each.finding, root)}: {word} {each.finding.code} {each.finding.name}: {escape(each.summary)}"
    for each in mended.refused:
        brings = ", ".join(each.brings)
        refusal = f"not fixed {each.finding.code}: to {escape(each.summary)} would bring another error, {brings}"
        yield f"{location(each.finding, root)}: {refusal}"
    for path in mended.changes if plan is None else ():
        if path.startswith(f"{OWN_FOLDER}/quarantine/") and not path.endswith("/.gitignore"):
            yield f"{shown_path(root, path)}: what was displaced is kept here"
    if done.forgotten:
        word = "took" if plan is None else "to take"
        entries = f"{done.forgotten} {'entry that is' if done.forgotten == 1 else 'entries that are'}"
        yield f"{shown_path(root, BASELINE_FILE)}: {word} out {entries} no longer needed"
    if plan is not None:
        how = f"; to do it: fix-state --apply {escape(plan)}" if mended.changes else ": there is nothing to do"
        yield f"{plural(len(mended.changes), 'file')} to change{how}"
        return
    removals = {path: content is None for path, content in mended.changes.items()}
    yield from _written(removals, sum(each.complete for each in mended.applied))


def _done(*, complete: bool) -> str:
    return "fixed" if complete else "marked"


def _written(removals: Mapping[str, bool], repaired: int) -> Iterable[str]:
    """Yield what was written in all; `removals` says of each file whether it was removed."""
    own = [removed for path, removed in removals.items() if not path.startswith(f"{OWN_FOLDER}/")]
    if own:
        wrote = f"repaired {plural(repaired, 'finding')}; wrote {plural(len(own) - sum(own), 'file')}"
        removal = f", removed {sum(own)}" if any(own) else ""
        yield f"{wrote}{removal}; look at what changed before you stage it"
