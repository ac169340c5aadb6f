"""Work that several processes share: they are split off the one that runs, so that they know what it knows.

A pool of the standard library takes longer to be imported and begun than twenty workspaces take to be judged.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, suppress
from typing import IO, TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")


def processors() -> int:
    """Return for how many processes there are processors; 1 where this process cannot be split as it is.

    Elsewhere each would have to read everything first.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    threads = sys.modules.get("threading")
    if threads is not None and threads.active_count() > 1:
        return 1  # what another thread holds would never be let go
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    processes: int,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[Result]:
    """Yield what `work` gives for each item, in order; this process and others, so many in all, take turns.

    What is to be done `meanwhile` is done when this process has had its last turn, while others still have theirs.
    """
    with ExitStack() as stack:
        others = [stack.enter_context(Beside(work, items[turn::processes])) for turn in range(1, processes)]
        last = (len(items) - 1) // processes * processes
        for number, item in enumerate(items):
            turn = number % processes
            if number == last + 1 and meanwhile is not None:
                meanwhile()
            yield others[turn - 1].result() if turn else work(item)


class Beside(Generic[Item, Result]):
    """A process, split off this one, that works on some items while this one does something else.

    Where it does not pay, the system has none to give, or it has ended before it was done, an item is worked on here
    when its result is asked for. As a context, it leaves no process behind.
    """

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item], *, pays: bool = True) -> None:
        self._work = work
        self._items = iter(items)
        self._process = 0
        self._given: IO[bytes] | None = None
        if pays and items:
            with suppress(OSError):  # then there is no such process
                self._begin(items)

    def _begin(self, items: Sequence[Item]) -> None:
        here = os.getpid()
        given, gives = os.pipe()
        try:
            process = os.fork()
            if not process:
                os.close(given)  # so that it ends where nobody listens any more
                _give(self._work, items, gives)
        except OSError:
            os.close(given)
            raise
        finally:
            if os.getpid() != here:
                os._exit(0)  # whatever happens there, nothing of it is said twice
            os.close(gives)
        self._process, self._given = process, open(given, "rb")  # noqa: SIM115 - it is closed where the process ends

    def __enter__(self) -> Beside[Item, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def result(self) -> Result:
        """Return what the work gives for the next item; the results come in the order of the items."""
        item = next(self._items)
        if self._given is not None:
            import pickle

            try:
                result: Result = pickle.load(self._given)  # noqa: S301 - it comes from this very program
            except (EOFError, pickle.UnpicklingError):
                self._end()
            else:
                return result
        return self._work(item)

    def _end(self) -> None:
        """Let the process go, whether or not it is done."""
        if self._given is not None:
            self._given.close()
        process, self._process, self._given = self._process, 0, None
        if process:
            import signal

            with suppress(OSError):  # who started this program may want to know of no process that ends: it is gone
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)


def _give(work: Callable[[Item], Result], items: Sequence[Item], gives: int) -> None:
    """Do the work in a process that was split off, and write down what it comes to."""
    import pickle
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that this one was split off ends it
    with open(gives, "wb") as file:
        for item in items:
            pickle.dump(work(item), file, pickle.HIGHEST_PROTOCOL)
            file.flush()
