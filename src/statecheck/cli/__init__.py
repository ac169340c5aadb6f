"""The command line: arguments and exit codes, nothing of how anything is done."""

from statecheck.cli.commands import check_state, fix_state, main

__all__ = ["check_state", "fix_state", "main"]
