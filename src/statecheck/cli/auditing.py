"""The audit of many repositories: each is judged by itself, in whatever process an executor chooses."""

from __future__ import annotations

import os
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from statecheck.cli.arguments import check_arguments
from statecheck.cli.interrupted import require_whole
from statecheck.cli.setup import make_run
from statecheck.engine import check, unavailable
from statecheck.errors import ExpectedError, UsageError
from statecheck.findings import Report, Unverified
from statecheck.history import UnresolvedError
from statecheck.rules import select as select_rules
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor

_ONE_AT_A_TIME = Lock()
"""Of the threads of a process one judges at a time: what they share, as the parsers, is not made for several."""


class Audited(NamedTuple):
    """A repository, as it was named, and the report of it; its paths are relative to the repository."""

    repository: str
    report: Report


class Request(NamedTuple):
    """What a worker is asked. `path` is absolute, `now` is ISO 8601."""

    path: str
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    history: bool
    baseline: bool
    now: str


def audit(
    repositories: Iterable[str | os.PathLike[str]],
    executor: Executor,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    history: bool = True,
    baseline: bool = True,
    now: datetime | None = None,
) -> Iterator[Audited]:
    """Judge the working trees of many repositories, as ``check-state`` would in each, and yield the reports in order.

    `repositories` are folders, which the workers of the `executor` find under the same absolute paths. `select` and
    `ignore` are families, codes or names of rules. Without `history` nothing is compared with a base; without
    `baseline` what a project accepts for now is told, too. `now` is the time to judge by, with an offset; by default it
    is that of the call, for all repositories.

    A repository that cannot be looked at stops no other: its report says so under `unverified`. Raises
    `UnknownRuleError`, and `ValueError` for a time without offset, before anything is begun.
    """
    select_rules([*select, *ignore], ())
    moment = datetime.now(UTC) if now is None else now
    if moment.utcoffset() is None:
        raise ValueError("the time to judge by has no offset")
    names = [os.fspath(each) for each in repositories]
    requests = [
        Request(os.path.abspath(name), tuple(select), tuple(ignore), history, baseline, moment.isoformat())
        for name in names
    ]
    started = [_start(executor, each) for each in requests]
    return (Audited(name, _result(each, os.path.abspath(name))) for name, each in zip(names, started, strict=True))


def judge_repository(request: Request) -> Report:
    """Return the report of one repository; whatever goes wrong is in it."""
    with _ONE_AT_A_TIME:
        try:
            return _judge(request)
        except UnresolvedError as error:
            return unavailable(str(error), request.path, 0)
        except ExpectedError as error:
            return _unjudged(request.path, str(error))
        except OSError as error:
            return _unjudged(request.path, (error.strerror or str(error)).lower())
        except Exception as error:
            return _unjudged(request.path, f"the run failed, please report this: {type(error).__name__}: {error}")


def _judge(request: Request) -> Report:
    arguments = check_arguments(
        paths=[request.path],
        select=list(request.select),
        ignore=list(request.ignore),
        no_history=not request.history,
        no_baseline=not request.baseline,
        now=request.now,
    )
    run, repository = make_run(arguments, writes=False, environment={})
    try:
        if os.path.realpath(run.root) != os.path.realpath(request.path):
            raise UsageError(f"its state is judged with that of {run.root}: name that")
        require_whole(run, repository)
        return check(run)
    finally:
        if repository is not None:
            repository.close()


def _start(executor: Executor, request: Request) -> Future[Report]:
    try:
        return executor.submit(judge_repository, request)
    except Exception as error:  # each executor has errors of its own
        failed: Future[Report] = Future()
        failed.set_exception(error)
        return failed


def _result(started: Future[Report], path: str) -> Report:
    """Return the report of a repository, also where the worker that looked at it came to an end."""
    try:
        return started.result()
    except Exception as error:
        return _unjudged(path, f"no worker could look at it: {type(error).__name__}: {error}")


def _unjudged(path: str, reason: str) -> Report:
    """Return the report of a repository of which nothing was judged."""
    return unavailable(reason, path, 0)._replace(unverified=(Unverified("W901", ".", reason),))
