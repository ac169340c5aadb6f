"""What an agent says to its hook: JSON on standard input."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

PATIENCE = 2.0
"""Seconds to wait for what an agent says. It has written it before the hook starts; others may never close the pipe."""


def is_stopped_already(arguments: argparse.Namespace) -> bool:
    """Say whether an agent goes on working only because a hook stopped it from ending. Read once for each run."""
    if not hasattr(arguments, "hook_input"):
        arguments.hook_input = _read()
    return arguments.hook_input.get("stop_hook_active") is True


def _read() -> dict[str, object]:
    """Return the object on standard input; an empty one where a person, or nobody, is there."""
    try:
        number = sys.stdin.fileno()
        mode = os.fstat(number).st_mode
    except (OSError, ValueError, AttributeError):  # closed, or not a file at all
        return {}
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode)):
        return {}
    pieces: list[bytes] = []
    reader = threading.Thread(target=_collect, args=(number, pieces), daemon=True)
    reader.start()
    reader.join(PATIENCE)
    try:
        given = json.loads(b"".join(pieces))
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _collect(number: int, pieces: list[bytes]) -> None:
    try:
        while piece := os.read(number, 65536):
            pieces.append(piece)
    except OSError:
        pass  # it was closed: what there is counts
