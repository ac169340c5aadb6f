"""Judging the workspaces of a run one after the other: nothing of one is kept once the next is judged."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from statecheck.engine.calls import Planner
from statecheck.engine.portraits import Portrayer
from statecheck.engine.subjects import lineage, subjects
from statecheck.engine.verdicts import is_concerned, verdict_of
from statecheck.engine.workspace import check_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statecheck.engine.model import Outcome, Run
    from statecheck.engine.subjects import Subject
    from statecheck.engine.verdicts import Verdict


class Judge:
    """Judges the workspaces of the comparison's later tree. What `less` leaves out of an outcome is not told."""

    def __init__(self, run: Run, less: Callable[[Outcome], Outcome] | None = None) -> None:
        self._run = run
        self._less = less
        self._after = run.snapshot(run.comparison.after)
        self._planner = Planner(run.rules)
        self._portrayer = Portrayer(run) if run.portrayed else None
        self._before = lineage(run)
        if run.keeper is not None:
            run.keeper.watch(self._after, self._before.parents)

    def subjects(self) -> Iterator[Subject]:
        """Yield the workspaces that the run is about, by folder, and say how far one is."""
        every = deque(subjects(self._run, self._after, self._before))
        for number in range(len(every)):
            self._run.progress(number, number + len(every), "workspace")
            yield every.popleft()

    def outcome(self, subject: Subject) -> Outcome:
        """Return what the rules say of a workspace, with all that they looked at."""
        return check_workspace(self._run, subject, self._after, planner=self._planner)

    def verdict(self, subject: Subject) -> Verdict:
        """Return the verdict on a workspace: one of an earlier run that still stands, else judge it."""
        keeper = self._run.keeper
        if keeper is None:
            return self._anew(subject)
        known = keeper.recall(subject)
        if known is not None:
            return known
        with keeper.judging(subject) as keep:
            verdict = self._anew(subject)
        keep(verdict)
        return verdict

    def _anew(self, subject: Subject) -> Verdict:
        outcome = self.outcome(subject)
        outcome = outcome if self._less is None else self._less(outcome)
        verdict = verdict_of(outcome, self._run)
        if self._portrayer is None or verdict.gone or verdict.own or not is_concerned(verdict, self._run):
            return verdict
        return verdict._replace(portrait=self._portrayer.portray(outcome))
