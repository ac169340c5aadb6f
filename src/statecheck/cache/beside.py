"""Work that is done beside what else there is to do: in a process that is split off, where that pays."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from statecheck.processes import processors

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
        if count < PAYS or processors() == 1:
            return
        with suppress(OSError):  # then there is no such process
            self._begin()

    def _begin(self) -> None:
        given, gives = os.pipe()
        try:
            process = os.fork()
            if not process:
                os.close(given)  # so that it ends where nobody listens any more
                _give(self._work, gives)
        except OSError:
            os.close(given)
            raise
        finally:
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
        process, self._process = self._process, 0
        try:
            return os.waitpid(process, 0)[1]
        except ChildProcessError:
            return 1  # who started this program wants to know of no process that ends, and nobody knows how it did


def _give(work: Callable[[], bytes], gives: int) -> None:
    """Do the work and end the process, without a word to anybody else."""
    status = 1
    try:
        with open(gives, "wb") as file:
            file.write(work())
        status = 0
    finally:
        os._exit(status)
