"""Judging again what changed, where all that an earlier run found about the rest is known to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.engine.judging import Judge
from statecheck.engine.report import make_report
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from statecheck.engine.model import Run
    from statecheck.engine.subjects import Key
    from statecheck.engine.verdicts import Verdict
    from statecheck.findings import Report


class EarlierRun(NamedTuple):
    """What an earlier run found of the same workspaces, at the same places, compared with the same base.

    `verdicts` are those that say something, in the order of that run, and those on what has `changed`: in these, a file
    has other content now.
    """

    report: Report
    verdicts: Mapping[Key, Verdict]
    changed: Sequence[Key]


def check_again(run: Run, earlier: EarlierRun) -> Report | None:
    """Return the report of a run that judges only what changed, or None where more has changed than was known."""
    before, verdicts = earlier.report, {**earlier.verdicts}
    for key, verdict in zip(earlier.changed, Judge(run, keys=earlier.changed).verdicts(), strict=True):
        if _places(verdict) != _places(verdicts[key]):
            return None
        verdicts[key] = verdict
    return make_report(run, verdicts.values(), excluded_folders=before.excluded)._replace(
        workspaces=before.workspaces, files=before.files, unseen=before.unseen, folders=before.folders
    )


def _places(verdict: Verdict) -> tuple[object, ...]:
    """Return what a report counts of a workspace, whatever is found in it."""
    return verdict.folder, verdict.files, verdict.unseen, verdict.gone, verdict.own
