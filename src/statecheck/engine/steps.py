"""Ranges commit by commit: rules that look back judge each step, at the cost of the files that it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from statecheck.engine.model import Snapshot
from statecheck.engine.subjects import pair_up
from statecheck.engine.workspace import check_workspace
from statecheck.rules import looks_back
from statecheck.trees import CommitTree, differences
from statecheck.workspaces import candidates, is_present, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.engine.model import Outcome, Result, Run
    from statecheck.engine.subjects import Subject
    from statecheck.findings import Finding, Unverified
    from statecheck.history import Step
    from statecheck.trees import Tree
    from statecheck.workspaces import View, Workspace

SNAPSHOTS_KEPT = 16
"""Commits whose workspaces are remembered: what a step leads to is where the next one starts."""


class StepOutcome(NamedTuple):
    """What the rules say of one commit of a range."""

    findings: tuple[Finding, ...]
    unverified: tuple[Unverified, ...]


class _Remembering(Snapshot):
    """A commit whose workspaces are parsed once: as the end of one step, and the start of another."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self._views: dict[Workspace, View] = {}

    def view(self, workspace: Workspace) -> View:
        if workspace not in self._views:
            self._views[workspace] = super().view(workspace)
        return self._views[workspace]


def judge_steps(run: Run) -> Iterator[StepOutcome]:
    """Yield what the rules that look back say of each step of a range, in order."""
    run = run._replace(rules={code: rule for code, rule in run.rules.items() if looks_back(rule)}, disk=None)
    if run.rules:
        amendments = Snapshot(run.comparison.after)
        said: set[tuple[str, str, str]] = set()
        kept: dict[int, Snapshot] = {}
        for step in run.comparison.steps:
            yield _judge_step(run, step, amendments, kept, said)


def _judge_step(
    run: Run, step: Step, end: Snapshot, kept: dict[int, Snapshot], said: set[tuple[str, str, str]]
) -> StepOutcome:
    """Return what is new in one step. `said` holds what rules about a state said before: once is enough."""
    findings: list[Finding] = []
    unverified: list[Unverified] = []
    note = f"in commit {(step.revision or '')[:12]} of {step.date}"
    for outcome in _outcomes(run, step.parents, step.after, end, kept):
        excused = _excused(run, step, outcome, end, kept)
        for result in outcome.results:
            finding = result.finding
            identity = finding.code, finding.path, result.violation.subject or finding.message
            known = identity in excused or ("before" not in result.rule.requirements and identity in said)
            if finding.severity == "info" or known:
                continue
            said.add(identity)
            findings.append(finding._replace(revision=step.revision, message=f"{finding.message} ({note})", fix=None))
        unverified += [each._replace(reason=f"{each.reason} ({note})") for each in outcome.unverified]
    return StepOutcome(tuple(findings), tuple(unverified))


def _outcomes(
    run: Run, parents: Iterable[Tree], after: Tree, end: Snapshot, kept: dict[int, Snapshot]
) -> Iterator[Outcome]:
    later = _snapshot(after, kept)
    earlier = [_snapshot(parent, kept) for parent in parents]
    for subject in _touched(run, later, earlier):
        yield check_workspace(run, subject, later, end.amendments)


def _snapshot(tree: Tree, kept: dict[int, Snapshot]) -> Snapshot:
    found = kept.pop(id(tree), None) or _Remembering(tree)
    kept[id(tree)] = found  # as the latest
    while len(kept) > SNAPSHOTS_KEPT:
        kept.pop(next(iter(kept)))
    return found


def _touched(run: Run, after: Snapshot, parents: list[Snapshot]) -> list[Subject]:
    """Return the workspaces that a step may have changed."""
    paths: set[str] = set()
    if isinstance(after.tree, CommitTree):
        trees: list[CommitTree | None] = [each.tree for each in parents if isinstance(each.tree, CommitTree)]
        paths.update(*(differences(tree, after.tree) for tree in trees or [None]))
    near = [each for each in candidates(paths) if within(each.folder, run.paths)]
    later = [each for each in near if is_present(each, after.tree)]
    earlier = [[each for each in near if is_present(each, parent.tree)] for parent in parents]
    return pair_up(after, parents, later, earlier)


def _excused(
    run: Run, step: Step, outcome: Outcome, end: Snapshot, kept: dict[int, Snapshot]
) -> set[tuple[str, str, str]]:
    """Return what a merge only brings along from a branch outside the range: it was judged where it was made."""
    if not step.elsewhere or not any(_counts(each) for each in outcome.results):
        return set()
    return {
        (each.finding.code, each.finding.path, each.violation.subject or each.finding.message)
        for ancestor, other in step.elsewhere
        for theirs in _outcomes(run, [ancestor], other, end, kept)
        for each in theirs.results
    }


def _counts(result: Result) -> bool:
    return result.finding.severity != "info"
