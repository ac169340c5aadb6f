"""Work that several processes share: whatever becomes of one of them, the results are those of one alone."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import make_repository
from hypothesis import given
from hypothesis import strategies as st

from statecheck.processes import Beside, processors, shared
from statecheck.trees import find_repository

HERE = os.getpid()

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or sys.platform == "darwin", reason="no process can be split in two here"
)


def who(_: object) -> int:
    return os.getpid()


def doubled(number: int) -> int:
    return 2 * number


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that were split off."""
    found: list[int] = []
    fork = os.fork

    def noting() -> int:
        found.append(fork())
        return found[-1]

    monkeypatch.setattr(os, "fork", noting)
    return found


def is_gone(process: int) -> bool:
    """Say whether there is no such process, nor has anybody to wait for it."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 20])
def test_the_results_come_in_the_order_of_the_items(count: int, processes: int, begun: list[int]) -> None:
    assert list(shared(doubled, range(count), processes)) == [2 * each for each in range(count)]
    assert len(begun) == max(0, min(processes, count) - 1)
    assert all(is_gone(each) for each in begun)


def test_the_processes_take_turns() -> None:
    found = list(shared(who, range(7), 3))
    assert found[::3] == [os.getpid()] * 3
    assert len(set(found)) == 3
    assert found[1::3] == found[1:2] * 2


@pytest.mark.parametrize(("count", "processes", "before"), [(8, 3, 7), (5, 3, 4), (6, 3, 4), (2, 2, 1), (20, 2, 19)])
def test_after_its_last_turn_this_process_does_what_is_to_be_done_meanwhile(
    count: int, processes: int, before: int
) -> None:
    done: list[int] = []
    results = shared(who, range(count), processes, lambda: done.append(told))
    told = 0
    for told, _ in enumerate(results, start=1):
        assert done == [before for _ in range(told > before)]
    assert (told, done) == (count, [before])


@pytest.mark.parametrize(("count", "processes"), [(6, 1), (1, 2), (7, 2), (4, 3), (0, 2)])
def test_nothing_is_done_meanwhile_where_no_other_process_is_waited_for(count: int, processes: int) -> None:
    done: list[int] = []
    assert len(list(shared(who, range(count), processes, lambda: done.append(1)))) == count
    assert done == []


def test_a_process_that_ends_leaves_its_work_to_this_one(begun: list[int]) -> None:
    def work(number: int) -> tuple[int, bool]:
        if number == 5 and os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)
        return number, os.getpid() == HERE

    found = list(shared(work, range(10), 2))
    assert [number for number, _ in found] == list(range(10))
    assert [here for _, here in found[1::2]] == [False, False, True, True, True]
    assert all(is_gone(each) for each in begun)


def test_what_goes_wrong_in_another_process_goes_wrong_here() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise KeyError(number)
        return number

    found: list[int] = []
    with pytest.raises(KeyError, match="3"):
        found += shared(work, range(6), 2)
    results = shared(work, range(6), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]


def test_what_cannot_be_told_is_made_here() -> None:
    found = list(shared(lambda number: lambda: number, range(4), 2))
    assert [each() for each in found] == [0, 1, 2, 3]


def test_who_wants_no_more_leaves_no_process_behind(begun: list[int]) -> None:
    def work(number: int) -> int:
        if os.getpid() != HERE:
            time.sleep(600)
        return number

    results = shared(work, range(9), 3)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(KeyError), Beside(work, [1]):
        raise KeyError
    assert len(begun) == 3
    assert all(is_gone(each) for each in begun)


def test_work_beside_is_done_by_another_process_where_that_pays() -> None:
    with Beside(who, [None]) as other, Beside(who, [None], pays=False) as none:
        assert other.result() != HERE
        assert none.result() == HERE
    large = b"x" * 10_000_000
    with Beside(lambda _: large, [None, None]) as other:
        assert [other.result(), other.result()] == [large] * 2


@pytest.mark.parametrize("event", [KeyboardInterrupt, MemoryError, OSError])
def test_nothing_that_happens_in_another_process_is_done_twice(
    event: type[BaseException], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real, told = os.fork, tmp_path / "told"

    def interrupted() -> int:
        process = real()
        if not process:
            raise event
        return process

    monkeypatch.setattr(os, "fork", interrupted)
    try:
        assert list(shared(doubled, range(4), 2)) == [0, 2, 4, 6]
    finally:
        with told.open("a") as file:
            file.write("once\n")
    assert told.read_text() == "once\n"


@pytest.fixture
def in_time() -> Iterator[None]:
    """Whoever waits for ever is told so after a minute."""

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("in_time")
def test_git_is_not_kept_waiting_by_a_process_that_does_not_ask_it(folder: Path) -> None:
    make_repository(folder, {"small": "1", "large": "x" * 1_000_000})
    repository = find_repository(str(folder))
    assert repository is not None
    small, large = (entry.oid for entry in (repository.index().entry(name) for name in ("small", "large")) if entry)
    assert small and large and repository.objects.content(small) == b"1"
    reading, writing = os.pipe()

    def work(number: int) -> tuple[int, bytes | None]:
        if os.getpid() != HERE:
            repository.objects.split()
            assert os.read(reading, 1) == b"!"
            return number, repository.objects.content(small)
        found = repository.objects.content_within(large, 10)  # which waits until git has ended
        os.write(writing, b"!")
        return number, found

    assert list(shared(work, range(2), 2)) == [(0, None), (1, b"1")]
    assert repository.objects.content(small) == b"1"
    repository.close()
    os.close(reading)
    os.close(writing)


def test_who_wants_to_know_of_no_process_that_ends_is_told_the_same() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert list(shared(doubled, range(6), 2)) == [0, 2, 4, 6, 8, 10]
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_where_there_is_no_process_to_be_had_one_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise OSError("no more processes")

    open_files = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    monkeypatch.setattr(os, "fork", refused)
    assert list(shared(who, range(4), 2)) == [os.getpid()] * 4
    assert not open_files or len(os.listdir("/proc/self/fd")) == open_files


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.binary(max_size=300),
        lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    ),
    st.floats(0, 0.999),
)
def test_half_a_result_is_none(value: Any, part: float) -> None:
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    reading, writing = os.pipe()
    with open(writing, "wb") as file:
        file.write(data[: int(len(data) * part)])
    with open(reading, "rb") as file, Beside(lambda _: "made here", [None], pays=False) as other:
        other._given = file  # what a process wrote that was ended meanwhile
        assert other.result() == "made here"


def test_a_process_with_threads_is_not_split(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert processors() == 1
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert processors() >= 1
