"""The console scripts: the commands as processes of their own.

Once a command has said what it has to say, its process ends at once: to take down in good order what the system takes
down anyway is a seventh of the time of a short run.
"""

from __future__ import annotations

import atexit
import os
import sys
from typing import NoReturn

from statecheck.cli import commands


def check_state() -> NoReturn:
    """Run ``check-state`` and end the process with its exit code."""
    leave(commands.check_state())


def fix_state() -> NoReturn:
    """Run ``fix-state`` and end the process with its exit code."""
    leave(commands.fix_state())


def main() -> NoReturn:
    """Run ``statecheck`` and end the process with its exit code."""
    leave(commands.main())


def leave(code: int) -> NoReturn:
    """End the process with an exit code.

    What was registered for the end of the interpreter is done. Where other threads run, or somebody watches the
    program, it ends as any other.
    """
    threads = sys.modules.get("threading")
    if _is_watched() or (threads is not None and threads.active_count() > 1):
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no other name for it
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # nobody listens any more: what there was to say of it was said
    os._exit(code)


def _is_watched() -> bool:
    """Say whether somebody traces or measures the program, or wants to go on when it has ended."""
    monitoring = getattr(sys, "monitoring", None)  # new in Python 3.12
    tools = () if monitoring is None else map(monitoring.get_tool, range(6))
    return bool(sys.gettrace() or sys.getprofile() or sys.flags.inspect or any(tools))
