"""A run that judges: all that is asked for, but for what an earlier run judged and nothing has changed of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.cli.interrupted import require_whole
from statecheck.cli.progress import showing_progress
from statecheck.cli.setup import make_run
from statecheck.engine import check

if TYPE_CHECKING:
    import argparse

    from statecheck.cli.opened import Opened
    from statecheck.cli.remembering import Remembering
    from statecheck.engine import Run
    from statecheck.findings import Report, Shard


def check_anew(arguments: argparse.Namespace, opened: Opened | None, memory: Remembering | None = None) -> Report:
    """Judge what the arguments ask for, and have the memory keep what is found. Raises `ExpectedError`.

    A repository that is `opened` already is the one.
    """
    if memory is not None:
        memory.observe()
    run, repository = make_run(arguments, writes=False, opened=opened)
    try:
        require_whole(run, repository)
        run = run if memory is None else memory.keeping(run)
        with showing_progress(run, quiet=arguments.quiet) as watched:
            report = _check(watched, memory) if arguments.shard is None else _check_shard(watched, arguments.shard)
        if memory is not None:
            memory.end(run, report)
    finally:
        if repository is not None:
            repository.close()
    return report


def _check(run: Run, memory: Remembering | None) -> Report:
    """Judge what changed where that is known to be all, else everything."""
    earlier = None if memory is None else memory.renewable(run)
    if memory is None or earlier is None:
        return check(run)
    from statecheck.engine.renewal import check_again

    report = check_again(run, earlier)
    if report is not None:
        return report
    memory.judge_all()
    return check(run)


def _check_shard(run: Run, shard: Shard) -> Report:
    from statecheck.engine.shards import check_shard

    return check_shard(run, shard)
