"""Work that is done beside what else there is to do: in a process that is split off, where that pays."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAYS = 1000
"""Pieces of work, some ten microseconds each, from which on a process is worth its start."""

_PIECE = 64 * 1024


class Beside:
    """Work that a process which was split off this one does meanwhile; what it gives are bytes.

    Where there is no such process, for `count` is too small or the system has none to give, it is done when somebody
    asks for it. As a context, it leaves no process behind.
    """

    def __init__(self, work: Callable[[], bytes], count: int) -> None:
        self._work = work
        self._process, self._given = 0, -1
        if count < PAYS or not _may_split():
            return
        given, gives = os.pipe()
        try:
            process = os.fork()
        except OSError:
            os.close(given)
            os.close(gives)
            return
        if not process:
            _give(work, gives)
        os.close(gives)
        self._process, self._given = process, given

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            self._end()

    def result(self) -> bytes:
        """Return what the work gives."""
        if not self._process:
            return self._work()
        found = bytearray()
        while piece := os.read(self._given, _PIECE):
            found += piece
        return self._work() if self._end() else bytes(found)

    def _end(self) -> int:
        """Let the process go, and return how it ended: 0 if it gave all there is."""
        os.close(self._given)
        _, status = os.waitpid(self._process, 0)
        self._process = 0
        return status


def _give(work: Callable[[], bytes], gives: int) -> None:
    """Do the work and end the process, without a word to anybody else."""
    status = 1
    try:
        with open(gives, "wb") as file:
            file.write(work())
        status = 0
    finally:
        os._exit(status)


def _may_split() -> bool:
    """Say whether a process can be split off as this one is, and there is another processor for it."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return False
    threads = sys.modules.get("threading")
    if threads is not None and threads.active_count() > 1:
        return False  # what another thread holds would never be let go
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores > 1
