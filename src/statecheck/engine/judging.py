"""Judging the workspaces of a run: nothing of one is kept once it is judged but a verdict, which is small."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from statecheck.engine.calls import Planner
from statecheck.engine.model import Snapshot
from statecheck.engine.subjects import lineage, subject_of, subjects
from statecheck.engine.verdicts import is_concerned, verdict_of
from statecheck.engine.workers import pieces, processes_for
from statecheck.engine.workspace import check_workspace
from statecheck.processes import shared
from statecheck.trees import GitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from statecheck.engine.model import Outcome, Run
    from statecheck.engine.portraits import Portrayer
    from statecheck.engine.subjects import Key, Subject
    from statecheck.engine.verdicts import Verdict


PIECE = 50
"""Workspaces that a process judges before it tells."""


class Judge:
    """Judges the workspaces of the comparison's later tree. What `less` leaves out of an outcome is not told.

    With `keys`, it is only those that are known by them; that they are there is known then, too.
    """

    def __init__(
        self, run: Run, less: Callable[[Outcome], Outcome] | None = None, keys: Sequence[Key] | None = None
    ) -> None:
        self._run = run
        self._less = less
        self._process = os.getpid()
        self._after = Snapshot(run.comparison.after, run.policy.schemas, run.keeper)
        self._planner = Planner(run.rules)
        self._portrayer = _portrayer(run) if run.portrayed else None
        self._keys = keys
        self._prepared: dict[int, Outcome] = {}

    @cached_property
    def _subjects(self) -> list[Subject | None]:
        """The workspaces that are still to be judged, each in its place."""
        run, before = self._run, lineage(self._run)
        if run.keeper is not None:
            run.keeper.watch(self._after, before.parents)
        if self._keys is not None:
            return [subject_of(each, run, before) for each in self._keys]
        return [*subjects(run, self._after, before)]

    def prepare(self) -> None:
        """Look at the workspaces now, where they are so few that no other process pays; the verdicts come later.

        It is for runs that keep no verdicts. What git cannot answer is left to whoever asks for them.
        """
        assert self._run.keeper is None
        with suppress(GitError):
            if processes_for(len(self._subjects)) == 1:
                self._prepared = {number: self._outcome(each) for number, each in enumerate(self._subjects) if each}

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what the rules say of every workspace, with all that they looked at, by folder."""
        for number in self._run.counted(range(len(self._subjects)), "workspace"):
            yield self._outcome(self._taken(number))

    def verdicts(self) -> Iterator[Verdict]:
        """Yield the verdict on every workspace, by folder: one of an earlier run that still stands, or a new one."""
        known = self._recalled()
        missing = [number for number in range(len(self._subjects)) if number not in known]
        fresh = self._judged(missing)
        for number in self._run.counted(range(len(self._subjects)), "workspace"):
            yield known[number] if number in known else next(fresh)

    def _recalled(self) -> dict[int, Verdict]:
        keeper, known = self._run.keeper, {}
        for number, subject in enumerate(self._subjects) if keeper is not None else ():
            verdict = keeper.recall(subject) if keeper is not None and subject is not None else None
            if verdict is not None:
                known[number] = verdict
        return known

    def _judged(self, numbers: Sequence[int]) -> Iterator[Verdict]:
        """Yield new verdicts, in the order of the numbers."""
        processes = processes_for(len(numbers))
        if processes == 1:
            yield from map(self._verdict, numbers)
            return
        keeper, disk = self._run.keeper, self._run.disk
        for verdicts, kept, unlisted in shared(self._piece, pieces(numbers, processes, PIECE), processes):
            if keeper is not None and kept is not None:
                keeper.take(kept)
            if disk is not None:
                disk.unlisted |= unlisted
            yield from verdicts

    def _piece(self, numbers: Sequence[int]) -> tuple[list[Verdict], object, dict[str, None]]:
        """Return the verdicts on some workspaces; from a process that was split off, also what is kept of them.

        The folders that it may not list are told, too: only the process that reports can say so.
        """
        keeper = self._run.keeper
        if os.getpid() == self._process:
            return [self._verdict(number) for number in numbers], None, {}
        self._run.start()
        if keeper is not None:
            keeper.given()  # what was kept before the split is there already
        verdicts = [self._verdict(number) for number in numbers]
        kept = None if keeper is None else keeper.given()
        return verdicts, kept, {} if self._run.disk is None else self._run.disk.unlisted

    def _verdict(self, number: int) -> Verdict:
        subject, keeper = self._taken(number), self._run.keeper
        if keeper is None:
            known = self._prepared.pop(number, None)
            return self._told(self._outcome(subject) if known is None else known)
        with keeper.judging(subject) as keep:
            outcome = self._outcome(subject)
            keeper.keep_logs(outcome.view)
            verdict = self._told(outcome)
        keep(verdict)
        return verdict

    def _taken(self, number: int) -> Subject:
        """Return a workspace to judge, which is not kept here any longer."""
        subject, self._subjects[number] = self._subjects[number], None
        assert subject is not None
        return subject

    def _told(self, outcome: Outcome) -> Verdict:
        """Return what is told of a workspace."""
        verdict = verdict_of(outcome if self._less is None else self._less(outcome), self._run)
        if self._portrayer is None or verdict.gone or verdict.own or not is_concerned(verdict, self._run):
            return verdict
        return verdict._replace(portrait=self._portrayer.portray(outcome))

    def _outcome(self, subject: Subject) -> Outcome:
        return check_workspace(self._run, subject, self._after, planner=self._planner)


def _portrayer(run: Run) -> Portrayer:
    from statecheck.engine.portraits import Portrayer

    return Portrayer(run)
