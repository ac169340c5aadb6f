"""Ranges commit by commit: rules that look back judge each step, at the cost of the files that it changed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from statecheck.engine.calls import Planner
from statecheck.engine.model import Snapshot
from statecheck.engine.subjects import Lineage, is_asked_for, pair_up
from statecheck.engine.workers import pieces, processes_for
from statecheck.engine.workspace import check_workspace
from statecheck.processes import shared
from statecheck.rules import looks_back
from statecheck.trees import CommitTree, UnreadableError, announce, differences, forget, read_ahead, resolve
from statecheck.tuples import NamedTuple
from statecheck.workspaces import candidates, discover, is_present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from statecheck.engine.model import Outcome, Result, Run
    from statecheck.engine.subjects import Subject
    from statecheck.findings import Finding, Unverified
    from statecheck.history import Step
    from statecheck.trees import Tree
    from statecheck.workspaces import Kind, View, Workspace

AHEAD = 64
"""Commits whose folders are read together."""

STRETCH = 1_000
"""Commits of a range that a process judges before it tells, at most: each stretch begins by reading what was before."""

BLOCK = 2**22
"""Bytes of a version of a log up to which the memory of one is used again for the next."""

LATEST_KEPT = 64
"""Workspaces that are remembered as they were when they were judged last."""

LATEST_BYTES = 2**23
"""Bytes of the documents that are remembered of them."""

SNAPSHOTS_KEPT = 16
"""Commits whose workspaces are remembered: what a step leads to is where the next one starts."""


class StepOutcome(NamedTuple):
    """What the rules say of one commit of a range."""

    findings: tuple[Finding, ...]
    unverified: tuple[Unverified, ...]
    said: frozenset[tuple[str, str, str]]
    """The folders, codes and subjects of what the commit did, excused or not."""
    broken: frozenset[str]
    """The folders of workspaces that came back after they were gone, or of which something could not be judged."""
    moved: frozenset[tuple[str, str]]
    """The folders of workspaces, each with that in a parent where it was another one."""


class _Remembering(Snapshot):
    """A commit whose workspaces are parsed once: as the end of one step, and the start of another."""

    def __init__(self, tree: Tree, schemas: Mapping[str, str]) -> None:
        super().__init__(tree, schemas)
        self._views: dict[Workspace, View] = {}

    def view(self, workspace: Workspace) -> View:
        if workspace not in self._views:
            self._views[workspace] = super().view(workspace)
        return self._views[workspace]


class _Latest:
    """The workspaces that were judged last, as they were then: what a commit goes on with may be of long before it."""

    def __init__(self) -> None:
        self._views: dict[Workspace, tuple[View, int]] = {}

    def give(self, view: View) -> None:
        """Let a view take over what was read of the workspace when it was judged last, as far as that is the same."""
        known = self._views.get(view.workspace)
        if known is not None and known[0] is not view:
            view.take_over(known[0])

    def keep(self, view: View) -> None:
        """Keep what was read of a workspace that was judged now, and so much of others as there is place for."""
        self._views.pop(view.workspace, None)
        self._views[view.workspace] = view, view.bytes_read
        while len(self._views) > LATEST_KEPT or sum(size for _, size in self._views.values()) > LATEST_BYTES:
            self._views.pop(next(iter(self._views)))


_Key = tuple[str, str]
"""What tells a workspace from others: its kind and its folder."""

_Identity = tuple[str, str, str]
"""What tells a finding about a state from others of the same workspace: its code, its path, and what it says."""


class _Looked(NamedTuple):
    """What the rules said of one workspace in one step.

    `found` are the findings but for notes; one about a state, and not about what the step did, with its identity.
    `said` are the codes and subjects of all of them.
    """

    key: _Key
    parents: tuple[_Key, ...]
    found: tuple[tuple[Finding, _Identity | None], ...]
    said: frozenset[tuple[str, str]]
    unverified: tuple[Unverified, ...]
    gone: bool


def judge_steps(run: Run, meanwhile: Callable[[], None] | None = None) -> Iterator[StepOutcome]:
    """Yield what the rules that look back say of each step of a range, in order.

    What is to be done `meanwhile` is done when other processes are still at work.
    """
    rules = {code: rule for code, rule in run.rules.items() if looks_back(rule)}
    run = run._replace(rules=rules, disk=None, stepwise=True)
    if not run.rules:
        return
    steps, news = run.comparison.steps, _News()
    _use_memory_again()
    for step, looked in zip(run.counted(steps, "commit"), _looked(run, meanwhile), strict=True):
        yield news.outcome(step, looked)


def step_subjects(run: Run) -> Iterator[Subject]:
    """Yield the workspaces that each step of a range may have changed; nothing is judged."""
    for _, subjects in _Steps(run).subjects(run.comparison.steps):
        yield from subjects


def _looked(run: Run, meanwhile: Callable[[], None] | None) -> Iterator[list[_Looked]]:
    """Yield what the rules say in each step. Several processes have each a stretch of the range, where that pays."""
    numbers, steps = range(len(run.comparison.steps)), _Steps(run)
    processes = processes_for(len(numbers))
    if processes == 1:
        yield from steps.looked(numbers)
        return

    def stretch(some: Sequence[int]) -> list[list[_Looked]]:
        run.start()
        return list(steps.looked(some))

    for piece in shared(stretch, pieces(numbers, processes, STRETCH), processes, meanwhile):
        yield from piece


def _use_memory_again() -> None:
    """Let a large block go once, so that the C library keeps smaller ones that are let go for those that come next.

    glibc asks the system anew for each block that is larger than any that was let go before, as is each version of a
    log that grows; to have its pages made took a quarter of the time.
    """
    bytes(BLOCK)


class _News:
    """What is new in one step after the other."""

    def __init__(self) -> None:
        self._standing: dict[_Key, set[_Identity]] = {}
        self._gone: set[str] = set()

    def outcome(self, step: Step, looked: Sequence[_Looked]) -> StepOutcome:
        """Return what is new in the next step, of which this was said."""
        findings: list[Finding] = []
        unverified: list[Unverified] = []
        said: set[tuple[str, str, str]] = set()
        broken: set[str] = set()
        moved: set[tuple[str, str]] = set()
        note = f"in commit {(step.revision or '')[:12]} of {step.date}"
        for each in looked:
            _, folder = each.key
            new = self._new(each)
            findings += [one._replace(revision=step.revision, message=f"{one.message} ({note})") for one in new]
            said |= {(folder, code, subject) for code, subject in each.said}
            moved |= {(folder, parent) for _, parent in each.parents if parent != folder}
            if each.unverified or (folder in self._gone and not each.gone):
                broken.add(folder)
            if each.gone:
                self._gone.add(folder)  # the step says what there is to say, unless it comes back otherwise
            unverified += [gap._replace(reason=f"{gap.reason} ({note})") for gap in each.unverified]
        return StepOutcome(tuple(findings), tuple(unverified), frozenset(said), frozenset(broken), frozenset(moved))

    def _new(self, looked: _Looked) -> Iterator[Finding]:
        """Return what a step brought: of a state that is as wrong as before, its first commit has spoken."""
        known = set().union(*(self._standing.get(parent, set()) for parent in looked.parents))
        self._standing[looked.key] = {identity for _, identity in looked.found if identity is not None}
        return (finding for finding, identity in looked.found if identity is None or identity not in known)


class _Steps:
    """The steps of a range, and what is worth keeping from one to the next."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._planner = Planner(run.rules)
        self._amendments = run.snapshot(run.comparison.after).amendments
        self._kept: dict[int, Snapshot] = {}
        self._latest = _Latest()
        self._links: dict[str, set[str]] = {}
        for tree in (run.comparison.before, run.comparison.after):
            for target, link in _linked(run.snapshot(tree), run.policy.kinds) if tree is not None else ():
                self._links.setdefault(target, set()).add(link)

    def looked(self, numbers: Sequence[int]) -> Iterator[list[_Looked]]:
        """Yield what the rules say in each step of a stretch. What the next one changed is asked of git meanwhile."""
        coming = self._announced([self._run.comparison.steps[number] for number in numbers])
        ahead = list(islice(coming, 1))
        while ahead:
            step, subjects, oids = ahead.pop()
            ahead += islice(coming, 1)
            after = self._snapshot(step.after)
            yield [self._look(subject, after) for subject in subjects]
            forget(step.after, oids)

    def subjects(self, steps: Sequence[Step]) -> Iterator[tuple[Step, list[Subject]]]:
        """Yield each step with the workspaces that it may have changed."""
        for number, step in enumerate(steps):
            if number % AHEAD == 0:
                read_ahead([(one, each.after) for each in steps[number : number + AHEAD] for one in each.parents])
            yield step, self._touched(step, self._snapshot(step.after))

    def _announced(self, steps: Sequence[Step]) -> Iterator[tuple[Step, list[Subject], list[str]]]:
        """Yield each step with its subjects, and the objects that git was told will be read for them."""
        for step, subjects in self.subjects(steps):
            after = self._snapshot(step.after)
            oids = [oid for each in subjects for oid in _new_files(after.view(each.workspace), each)]
            announce(step.after, oids)
            yield step, subjects, oids

    def _look(self, subject: Subject, after: Snapshot) -> _Looked:
        view = after.view(subject.workspace)
        for parent in subject.parents:
            self._latest.give(parent)
            view.take_over(parent)
        outcome = check_workspace(self._run, subject, after, self._amendments, self._planner)
        self._latest.keep(view)
        return _Looked(
            _key(subject.workspace),
            tuple(_key(parent.workspace) for parent in subject.parents),
            tuple((each.finding._replace(fix=None), _identity(each, subject)) for each in _grave(outcome)),
            frozenset((each.finding.code, each.violation.subject) for each in outcome.results),
            outcome.unverified,
            outcome.gone,
        )

    def _touched(self, step: Step, after: Snapshot) -> list[Subject]:
        """Return the workspaces that a step may have changed."""
        before = Lineage(
            tuple(self._snapshot(parent) for parent in step.parents),
            tuple((one, two, self._snapshot(tree)) for one, two, tree in step.parted),
        )
        paths: set[str] = set()
        if isinstance(after.tree, CommitTree):
            trees: list[CommitTree | None] = [tree for tree in step.parents if isinstance(tree, CommitTree)]
            paths.update(*(differences(tree, after.tree) for tree in trees or [None]))
        paths |= {link for path in paths for link in self._links.get(path, ())}
        near = [each for each in candidates(paths, self._run.policy.kinds) if is_asked_for(each, self._run)]
        later = [each for each in near if is_present(each, after.tree)]
        earlier = [[each for each in near if is_present(each, parent)] for parent in step.parents]
        return pair_up(after, before, later, earlier)

    def _snapshot(self, tree: Tree) -> Snapshot:
        found = self._kept.pop(id(tree), None) or _Remembering(tree, self._run.policy.schemas)
        self._kept[id(tree)] = found  # as the latest
        while len(self._kept) > SNAPSHOTS_KEPT:
            self._kept.pop(next(iter(self._kept)))
        return found


def _key(workspace: Workspace) -> _Key:
    return workspace.kind.name, workspace.folder


def _grave(outcome: Outcome) -> Iterator[Result]:
    return (each for each in outcome.results if each.finding.severity != "info")


def _identity(result: Result, subject: Subject) -> _Identity | None:
    """Return what tells a finding about a state from others, or None of one about what a step did."""
    if "before" in result.rule.requirements:
        return None
    finding = result.finding
    path = finding.path.removeprefix(f"{subject.workspace.folder}/")
    return finding.code, path, f"{result.violation.subject} {finding.message}"


def _new_files(view: View, subject: Subject) -> Iterator[str]:
    """Yield the object ids of the documents of a workspace that no parent has where they are now."""
    for spec in view.kind.documents:
        for path in view.paths(spec.role):
            entry = view.tree.entry(path)
            new = entry is not None and all(parent.tree.entry(path) != entry for parent in subject.parents)
            if new and entry is not None and entry.kind == "file" and entry.oid is not None:
                yield entry.oid


def _linked(snapshot: Snapshot, kinds: Sequence[Kind]) -> Iterator[tuple[str, str]]:
    """Yield the real path, and the path as a document, of documents that are symbolic links."""
    for workspace in discover(snapshot.files, kinds):
        for spec in workspace.kind.documents:
            for path in snapshot.view(workspace).paths(spec.role):
                entry = snapshot.tree.entry(path)
                if entry is not None and entry.kind == "symlink":
                    try:
                        yield resolve(snapshot.tree, path), path
                    except UnreadableError:
                        continue  # it leads nowhere: W901
