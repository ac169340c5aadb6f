"""The commands: parse, run, and the exit code of the table in product.md.

What a command needs is imported when it runs: most of what there is, most runs do without.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from statecheck import __version__
from statecheck.cli.arguments import CHECK, FIX, Help, add_check, add_command, add_fix
from statecheck.cli.output import FAILED, UNVERIFIED, exit_code, show_failure
from statecheck.errors import ExpectedError
from statecheck.reporters.escape import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from statecheck.findings import Report


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
    from statecheck.cli.amend import add_amend
    from statecheck.cli.audit import add_audit
    from statecheck.cli.baseline import add_baseline
    from statecheck.cli.catalog import add_catalog
    from statecheck.cli.init import add_init
    from statecheck.cli.merge import add_merge
    from statecheck.cli.status import add_status

    parser = _Parser(
        prog="statecheck", description="The fsck and the linter for the state that AI agents leave on disk."
    )
    parser.add_argument("--version", action="version", version=f"statecheck {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, text, add, command in (("check", CHECK, add_check, _check), ("fix", FIX, add_fix, _fix)):
        sub = add_command(commands, name, text)
        add(sub)
        sub.set_defaults(command=command)
    add_status(commands)
    add_init(commands)
    add_baseline(commands)
    add_amend(commands)
    add_audit(commands)
    add_merge(commands)
    add_catalog(commands)
    return parser


def _run(
    name: str,
    text: str,
    add: Callable[[argparse.ArgumentParser], None],
    command: Callable[[argparse.Namespace], int],
    argv: Sequence[str] | None,
) -> int:
    parser = _Parser(prog=name, description=text, formatter_class=Help)
    add(parser)
    return _guarded(name, command, parser.parse_args(argv))


def _guarded(name: str, command: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    gc.set_threshold(100_000, 20, 20)  # a run makes much that it keeps: to look through it often finds nothing
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # it was closed before the run began: nobody wants to know
            setattr(sys, stream, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(getattr(sys, stream), io.TextIOWrapper):
            getattr(sys, stream).reconfigure(errors="backslashreplace")  # to lack a character is no reason to stop
    try:
        code = command(arguments)
        sys.stdout.flush()
    except ExpectedError as error:
        show_failure(f"{name}: error: {error}", _nothing(error, arguments), arguments)
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
    from statecheck.cli.checking import check_command

    return check_command(arguments)


def _fix(arguments: argparse.Namespace) -> int:
    from statecheck.cli.mending import fix_command

    return fix_command(arguments)


def _nothing(error: ExpectedError, arguments: argparse.Namespace) -> Report | None:
    """Return the report of a run whose base cannot be had, or None where the run came to nothing otherwise."""
    from statecheck.engine import unavailable
    from statecheck.history import UnresolvedError

    if not isinstance(error, UnresolvedError):
        return None
    return unavailable(str(error), os.getcwd(), 0)._replace(shard=getattr(arguments, "shard", None))
