"""Shards: a part of the workspaces is judged, so that several machines together look at all of them, each at its own.

What the shards find is what one run finds, each thing once: what is not of a single workspace is told by one shard.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from statecheck.engine.acceptance import Baseline
from statecheck.engine.names import Names
from statecheck.engine.report import check, make_report
from statecheck.engine.steps import step_subjects
from statecheck.engine.subjects import lineage, subjects
from statecheck.engine.verdicts import verdict_of
from statecheck.engine.workspace import check_workspace
from statecheck.rules import looks_back
from statecheck.trees import upwards
from statecheck.workspaces import discover, governed_folder, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from statecheck.engine.model import Outcome, Run
    from statecheck.engine.subjects import Subject
    from statecheck.findings import Finding, Report, Shard, Unverified
    from statecheck.rules import Rule
    from statecheck.workspaces import View

    Told = tuple[object, ...]


def check_shard(run: Run, shard: Shard) -> Report:
    """Run the selected rules on the workspaces of a shard.

    It does not say what a baseline no longer needs: only who looks at everything knows that.
    """
    after = run.snapshot(run.comparison.after)
    every = subjects(run, after, lineage(run))
    places = _elsewhere(run, every, shard)
    shares = _Shares(run, every, places)
    report = check(run._replace(elsewhere=places, baseline=run.baseline._replace(whole=False)))
    unlisted = () if run.disk is None else run.disk.unlisted
    return report._replace(
        findings=tuple(each for each in report.findings if shares.tells_finding(each)),
        unverified=tuple(
            each
            for each in report.unverified
            if (shares.tells_folder(each.path, shard) if each.path in unlisted else shares.tells_gap(each))
        ),
        files=shares.files,
        shard=shard,
        elsewhere=shares.workspaces_elsewhere,
    )


def has(shard: Shard, name: str) -> bool:
    """Say whether a name belongs to a shard: by itself, whatever else there is, and on every machine alike."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8]) % shard.total == shard.number - 1


def _elsewhere(run: Run, every: Iterable[Subject], shard: Shard) -> frozenset[str]:
    """Return the folders of the workspaces that other shards judge.

    A workspace keeps its shard when it is archived. One that the run sees under several names has one shard, so that
    moves and renames are followed as ever.
    """
    names = Names(run.policy.kinds)
    steps = step_subjects(run) if run.comparison.ranged else ()
    for subject in (*every, *steps):
        names.add(subject.workspace.folder, *(parent.folder for parent in subject.parents))
    for workspace in discover(run.comparison.after.files(), run.policy.kinds):
        names.add(workspace.folder)  # what is excluded is told, too
    return frozenset(folder for folder in names.folders if not has(shard, names.of(folder)))


class _Shares:
    """Which shard tells what several workspaces would say, and counts what several of them have: that of the first."""

    def __init__(self, run: Run, every: Sequence[Subject], elsewhere: frozenset[str]) -> None:
        self._run = run
        self._every = every
        self._elsewhere = elsewhere
        self._after = run.snapshot(run.comparison.after)
        self._views = [self._after.view(subject.workspace) for subject in every]
        self._numbers: dict[str, list[int]] = {}
        self._said: dict[tuple[str | None, int], tuple[Outcome, set[Told]]] = {}
        first: dict[str, bool] = {}
        self.workspaces_elsewhere = 0
        for number, (subject, view) in enumerate(zip(every, self._views, strict=True)):
            self._numbers.setdefault(view.folder, []).append(number)
            if subject.gone:
                continue
            paths = list(_paths(view))
            counted = [path for path in paths if self._counts(path)]
            mine = view.folder not in elsewhere
            self.workspaces_elsewhere += bool(counted or not paths) and not (mine or view.kind.own)
            for path in counted:
                first.setdefault(path, mine)
        self.files = sum(first.values())
        """How many files were looked at; one that workspaces of several shards have counts for the first."""
        self._known_unlisted = frozenset(() if run.disk is None else run.disk.unlisted)

    def tells_finding(self, finding: Finding) -> bool:
        """Say whether this shard tells a finding that it made."""
        stepwise = self._run.comparison.ranged and looks_back(finding.code)  # told of the steps that it is about
        return stepwise or self._is_first(finding.code, finding.path, _of_finding(finding))

    def tells_gap(self, gap: Unverified) -> bool:
        """Say whether this shard tells what could not be looked at."""
        stepwise = self._run.comparison.ranged and looks_back(gap.code)
        return stepwise or self._is_first(None, gap.path, _of_gap(gap))  # any rule may tell the cause instead

    def tells_folder(self, folder: str, shard: Shard) -> bool:
        """Say whether this shard tells that a folder may not be listed: one does, where all looked."""
        return folder not in self._known_unlisted or has(shard, folder)

    def _is_first(self, code: str | None, path: str, said: Told) -> bool:
        """Say whether no workspace of another shard says the same before those of this shard."""
        around = [number for folder in upwards(path) for number in self._numbers.get(folder, ())]
        owners = [number for number in around if self._views[number].owns(path)]
        if owners and not any(self._is_elsewhere(number) for number in owners):
            return True
        common = governed_folder(path) is not None or path in {each.path for each in self._run.weakened}
        speakers = range(len(self._every)) if common or not around else sorted(around)
        teller = next((number for number in speakers if self._says(number, code, said)), None)
        return teller is None or not self._is_elsewhere(teller)

    def _is_elsewhere(self, number: int) -> bool:
        return self._every[number].workspace.folder in self._elsewhere

    def _says(self, number: int, code: str | None, said: Told) -> bool:
        """Say whether a workspace would tell something if it were alone with one rule, or with all."""
        run = self._run._replace(rules=self._rules(code), portrayed=False, baseline=Baseline())
        if (code, number) not in self._said:
            outcome = check_workspace(run, self._every[number], self._after)
            self._said[code, number] = outcome, _told(outcome)
        outcome, known = self._said[code, number]
        return said in known and said in _told(make_report(run, [verdict_of(outcome, run)]))

    def _rules(self, code: str | None) -> dict[str, Rule]:
        """Return a rule, and those that it leaves a finding to."""
        rules = dict(self._run.rules)
        wanted = rules if code is None else {code, *(rules[code].yields_to if code in rules else ())}
        return {each: rule for each, rule in rules.items() if each in wanted}

    def _counts(self, path: str) -> bool:
        return not self._run.policy.excludes(path) and within(path, self._run.paths)


def _paths(view: View) -> Iterable[str]:
    return (path for spec in view.kind.documents for path in view.paths(spec.role))


def _told(found: Outcome | Report) -> set[Told]:
    return {*map(_of_finding, found.findings), *map(_of_gap, found.unverified)}


def _of_finding(finding: Finding) -> Told:
    return finding.code, finding.path, finding.line, finding.column, finding.message


def _of_gap(gap: Unverified) -> Told:
    return gap.code, gap.path, gap.reason
