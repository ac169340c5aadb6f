"""Judging in several processes, where there is so much to judge that starting them pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.processes import processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PAYS = 300
"""Workspaces, or commits, from which on more than one process is worth its start."""

MOST = 4
"""Processes: what one alone does at both ends is soon all that counts."""

PIECE = 50
"""Workspaces that a process judges before it tells."""

_work: Callable[[Sequence[int]], Any] | None = None


def processes_for(count: int) -> int:
    """Return how many processes are to judge so many workspaces, or commits."""
    return 1 if count < PAYS else min(processors(), MOST)


def in_processes(
    work: Callable[[Sequence[int]], Any], numbers: Sequence[int], processes: int, size: int | None = None
) -> Iterator[Any]:
    """Yield what `work` gives for the numbers, piece by piece, in order; it runs in so many processes.

    `size` is how many numbers a piece has, if that matters.

    They are split off this one, so that all that it knows by now need not be told to them. Where that cannot be done,
    or one of them is ended from outside, the rest is done here.
    """
    from concurrent.futures import BrokenExecutor

    size = size or PIECE
    pieces = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    done = 0
    try:
        for result in _split(work, pieces, processes):
            yield result
            done += 1
    except (OSError, ImportError, NotImplementedError, BrokenExecutor):
        yield from map(work, pieces[done:])


def _split(work: Callable[[Sequence[int]], Any], pieces: Sequence[Sequence[int]], processes: int) -> Iterator[Any]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    global _work
    _work = work
    pool = ProcessPoolExecutor(processes, get_context("fork"), initializer=_begin)
    try:
        yield from pool.map(_do, pieces)
    finally:
        pool.shutdown(cancel_futures=True)
        _work = None


def _begin() -> None:
    """Leave it to the process that one was split off to end when the user says so."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _do(piece: Sequence[int]) -> Any:
    assert _work is not None
    return _work(piece)
