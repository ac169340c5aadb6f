"""The fixpoint: apply what fixers propose to an overlay and check it, until nothing more can be mended.

Nothing here writes. What comes out has been checked: no finding that was mended is still there, and no error is
there that was not before (product.md, rule of trust 3).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from statecheck.engine import (
    Lineage,
    Outcome,
    Policy,
    Result,
    Snapshot,
    Subject,
    check_plain,
    check_workspace,
    lineage,
    make_report,
    propose,
    subjects,
    verdict_of,
)
from statecheck.errors import ExpectedError
from statecheck.repair.quarantine import QUARANTINE_IGNORE, quarantine_path
from statecheck.rules import all_rules
from statecheck.trees import UnreadableError
from statecheck.trees.edits import Batch, Delete, OverlapError, Replace, Write, apply_edits
from statecheck.trees.overlay import Overlay
from statecheck.trees.recording import Recording
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from statecheck.engine import Run
    from statecheck.findings import Finding, Report, Safety
    from statecheck.rules import Fix, Rule
    from statecheck.trees import Tree
    from statecheck.trees.edits import Edit

MAX_ROUNDS = 20
"""Rounds of proposing and checking, beside two for each finding, before a repair counts as never ending."""

ACROSS = ("X", "M")
"""The families whose rules hold one file against another: what can be seen of one comes to light in the others."""

Changes = dict[str, bytes | None]


class DisagreementError(ExpectedError):
    """Fixers undo each other, or never end; the message names them, and the workspace, in which nothing is changed."""


class Applied(NamedTuple):
    """A fix that is part of the repair."""

    finding: Finding
    safety: Safety
    summary: str
    complete: bool
    brings: tuple[str, ...] = ()
    """The rules of which it would bring an error; one that does is no part of the repair."""


class Repair(NamedTuple):
    """A proven repair.

    `changes` are whole files (None: removed) in the order in which they must be written; `originals` are what was
    read of them; `report` is what remains.
    """

    changes: Changes
    originals: Changes
    applied: tuple[Applied, ...]
    report: Report
    refused: tuple[Applied, ...]
    """What was proposed, and not made because it would have brought an error."""
    executable: frozenset[str]
    """Files that are created with the right to be executed."""
    reads: Mapping[str, str]
    """The SHA-256 of each file of the working tree that it was proven on."""
    disagreements: tuple[str, ...]
    """Which fixers undo each other, in workspaces of which nothing is repaired for that."""


class _Proposal(NamedTuple):
    result: Result
    safety: Safety
    fix: Fix

    @property
    def key(self) -> tuple[str, str, str]:
        return self.result.finding.code, self.result.finding.fingerprint, self.fix.summary

    @property
    def applied(self) -> Applied:
        return Applied(self.result.finding, self.safety, self.fix.summary, self.fix.complete)

    @property
    def place(self) -> tuple[bool, str, int, int, str]:
        """When it has its turn: what takes files away comes last, so that what moves was mended before."""
        finding = self.result.finding
        removes = any(isinstance(edit, Delete) for edit in self.fix.edits)
        return removes, finding.path, finding.line, finding.column, finding.code


def repair(run: Run, *, unsafe: bool) -> Repair:
    """Return what mends everything that can be mended in the named workspaces, proven on an overlay.

    With `unsafe`, fixes that choose between two things somebody wrote, or invent a value, are used too. A workspace
    whose fixers disagree stays as it is, and the others are repaired.
    """
    below = Recording(run.comparison.after)
    run = run._replace(comparison=run.comparison._replace(after=below))
    changes: Changes = {}
    applied: list[tuple[Applied, tuple[str, ...]]] = []
    refused: list[Applied] = []
    disagreements: list[str] = []
    undone: list[Applied] = []
    executable: set[str] = set()
    order: dict[str, int] = {}
    snapshot = run.snapshot(below)
    before = lineage(run)
    for subject in run.counted(subjects(run, snapshot, before), "workspace"):
        alone = run._replace(portrayed=False, baseline=run.baseline._replace(whole=False))
        mender = _Mender(alone, subject, before, unsafe=unsafe)
        try:
            snapshot, changes = mender.mend(snapshot, changes)
        except DisagreementError as error:
            disagreements.append(str(error))
            undone += [each for each, _ in mender.applied]
            continue
        applied += mender.applied
        refused += mender.refused
        executable |= mender.executable
        for path in mender.document_order:
            order.setdefault(path, len(order))
    displaced = {path for _, paths in applied for path in paths}
    changes = {path: content for path, content in changes.items() if content != _content(below, path)}
    for path in sorted(displaced & set(changes)):
        original = _content(below, path)
        if original is not None:
            kept = quarantine_path(path, original)
            if _content(below, kept) != original:
                changes[kept] = original
                if _content(below, QUARANTINE_IGNORE) is None:
                    changes[QUARANTINE_IGNORE] = b"*\n"
    report = check_plain(run._replace(comparison=run.comparison._replace(after=Overlay(below, changes))))
    said = {(each.finding.code, each.finding.fingerprint) for each in (*refused, *undone)}
    findings = (each._replace(fix=None) if (each.code, each.fingerprint) in said else each for each in report.findings)
    written = sorted(changes, key=lambda path: _rank(path, changes, order))
    return Repair(
        {path: changes[path] for path in written},
        {path: _content(below, path) for path in written},
        tuple(each for each, _ in applied),
        report._replace(findings=tuple(findings)),
        tuple(refused),
        frozenset(executable),
        below.digests,
        tuple(disagreements),
    )


class _Mender:
    """The repair of one workspace, round by round."""

    def __init__(self, run: Run, subject: Subject, before: Lineage, *, unsafe: bool) -> None:
        self._run = run
        self._before = before
        self._subject = subject
        self._workspace = subject.workspace
        self._safeties: tuple[Safety, ...] = ("safe", "unsafe") if unsafe else ("safe",)
        self._refused: set[tuple[str, str, str]] = set()
        self.refused: list[Applied] = []
        self.executable: set[str] = set()
        self.applied: list[tuple[Applied, tuple[str, ...]]] = []
        self.document_order: list[str] = []

    def mend(self, snapshot: Snapshot, changes: Changes) -> tuple[Snapshot, Changes]:
        """Return `changes`, and the tree they make, with those added that mend this workspace.

        Raises `DisagreementError`.
        """
        outcome = self._outcome(snapshot, self._run.rules)
        self.document_order = [document.path for _, document in snapshot.view(self._workspace).every_document()]
        states = [changes]
        limit = MAX_ROUNDS + 2 * len(outcome.results)
        while proposals := self._proposals(outcome, changes):
            batch, candidate = self._fitting(proposals, changes)
            following: list[_Proposal] = []
            if self._brought(snapshot, batch, candidate):
                batch, candidate = self._fitting(batch[:1], changes)
                brought = self._brought(snapshot, batch, candidate)
                if brought:
                    following, whole = self._following(batch, candidate, brought)
                    if not following or self._brought(snapshot, [*batch, *following], whole):
                        self._refused.add(batch[0].key)
                        self.refused.append(batch[0].applied._replace(brings=tuple(sorted(brought))))
                        continue
                    self._note(following, Overlay(self._run.comparison.after, candidate))
                    candidate = whole
            self._note(batch, snapshot.tree)
            if candidate in states:
                raise DisagreementError(self._disagreement())
            if len(states) > limit:
                raise DisagreementError(f"repair does not come to an end in {self._place}; nothing was repaired there")
            states.append(candidate)
            snapshot, changes = self._snapshot(candidate), candidate
            outcome = self._outcome(snapshot, self._run.rules)
        return snapshot, changes

    def _snapshot(self, changes: Changes) -> Snapshot:
        return self._run.snapshot(Overlay(self._run.comparison.after, changes))

    def _outcome(self, snapshot: Snapshot, rules: Mapping[str, Rule], policy: Policy | None = None) -> Outcome:
        comparison = self._run.comparison._replace(after=snapshot.tree)
        run = self._run._replace(comparison=comparison, rules=rules, policy=policy or self._run.policy)
        gone = self._subject.gone or snapshot.view(self._workspace).emptied  # it was moved away
        return check_workspace(run, self._subject._replace(gone=gone), snapshot)

    def _following(
        self, batch: Sequence[_Proposal], candidate: Changes, brought: Collection[str]
    ) -> tuple[list[_Proposal], Changes]:
        """Return what mends the errors that fixes bring, and the changes with it: what is made due can be done."""
        outcome = self._outcome(self._snapshot(candidate), self._run.rules)
        taken = {edit.path for each in batch for edit in each.fix.edits}  # there it could only be undone
        wanted = [
            each
            for each in self._proposals(outcome, candidate)
            if each.result.finding.code in brought
            and each.fix.complete
            and taken.isdisjoint(edit.path for edit in each.fix.edits)
        ]
        return self._fitting(wanted, candidate)

    def _brought(self, snapshot: Snapshot, batch: Sequence[_Proposal], candidate: Changes) -> set[str]:
        """Return the rules, whatever is selected and configured, of which fixes bring errors that were not there.

        Errors that could not be seen before are not theirs: of rules that were blind, in files that a fix uncovers or
        of rules that hold these against others, and those that the base has, which what was taken away had hidden.
        """
        before = self._outcome(snapshot, all_rules(), Policy())
        after = self._outcome(self._snapshot(candidate), all_rules(), Policy())
        if _unusable(after) - _unusable(before):
            return {"S101"}
        uncovered = {edit.path for each in batch if each.fix.uncovers for edit in each.fix.edits}
        reveals = any(each.fix.uncovers or each.fix.reveals for each in batch)
        blind = {code for code, _ in before.blind if code[0] in ACROSS}
        had = Counter(each.code for each in before.findings if each.severity == "error")
        has = Counter(
            each.code
            for each in after.findings
            if each.severity == "error"
            and not (each.code in blind or (each.code, each.path) in before.blind)
            and not (each.path in uncovered or (reveals and each.code[0] in ACROSS))
        )
        return set(has - had - self._errors_of_base()) if has - had else set()

    def _errors_of_base(self) -> Counter[str]:
        """Return how many errors of each rule the workspace has in the base, all by itself."""
        found: Counter[str] = Counter()
        for parent, view in zip(self._before.parents, self._subject.parents, strict=True):
            alone = self._run._replace(rules=all_rules(), policy=Policy(), disk=None)
            outcome = check_workspace(alone, Subject(view.workspace), parent)
            found |= Counter(each.code for each in outcome.findings if each.severity == "error")
        return found

    def _proposals(self, outcome: Outcome, changes: Changes) -> list[_Proposal]:
        """Return what fixers propose that would change something, in an order that no dictionary decides."""
        found = []
        named = set(make_report(self._run, [verdict_of(outcome, self._run)]).findings)
        for result in outcome.results:
            if result.finding.fix is None or result.finding not in named:
                continue
            offers = [each for each in self._offers(result, outcome) if self._applicable(each, changes)]
            best = next((each for each in offers if each.fix.complete), next(iter(offers), None))
            if best is not None:
                found.append(best)
        return sorted(found, key=lambda each: each.place)

    def _offers(self, result: Result, outcome: Outcome) -> Iterator[_Proposal]:
        """Yield what the fixers of a finding propose, what is safe first, less what was refused."""
        for safety in self._safeties:
            fix = propose(result.finding.code, result.violation, outcome.view, outcome.context, safety)
            if fix is not None and (proposal := _Proposal(result, safety, fix)).key not in self._refused:
                yield proposal

    def _applicable(self, proposal: _Proposal, changes: Changes) -> bool:
        tree = Overlay(self._run.comparison.after, changes)
        try:
            made = apply_edits(tree, proposal.fix.edits)
        except (OverlapError, UnreadableError):
            return False
        return any(content != _content(tree, path) for path, content in made.items())

    def _fitting(self, proposals: Sequence[_Proposal], changes: Changes) -> tuple[list[_Proposal], Changes]:
        """Return the proposals that can be applied together, and the changes they make."""
        batch = Batch()
        chosen = [proposal for proposal in proposals if batch.add(proposal.fix.edits)]
        made = apply_edits(Overlay(self._run.comparison.after, changes), batch.edits)
        return chosen, {**changes, **made}

    def _note(self, batch: Sequence[_Proposal], tree: Tree) -> None:
        for proposal in batch:
            keeps = proposal.safety == "unsafe" or proposal.fix.displaces
            displacing = keeps and any(_displaces(edit) for edit in proposal.fix.edits)
            moved = _moved(tree, proposal.fix.edits)
            paths = tuple(edit.path for edit in proposal.fix.edits if edit not in moved) if displacing else ()
            self.applied.append((proposal.applied, paths))
            self.executable |= {each.path for each in proposal.fix.edits if isinstance(each, Write) and each.executable}

    def _disagreement(self) -> str:
        codes = sorted({each.finding.code for each, _ in self.applied[-4:]})
        return f"the fixers of {' and '.join(codes)} undo each other in {self._place}; nothing was repaired there"

    @property
    def _place(self) -> str:
        return self._workspace.folder or "."


def _unusable(outcome: Outcome) -> set[str]:
    """Return the documents of a workspace that cannot be read."""
    return {document.path for _, document in outcome.view.every_document() if not document.usable}


def _displaces(edit: object) -> bool:
    return not (isinstance(edit, Replace) and edit.start == edit.end)


def _moved(tree: Tree, edits: Sequence[Edit]) -> list[Edit]:
    """Return the removals among edits that only move a file: its content is written elsewhere, nothing is displaced."""
    written = {edit.content for edit in edits if isinstance(edit, Write)}
    return [edit for edit in edits if isinstance(edit, Delete) and _content(tree, edit.path) in written]


def _content(tree: Tree, path: str) -> bytes | None:
    try:
        return tree.read(path)
    except UnreadableError:
        return None


def _rank(path: str, changes: Changes, order: dict[str, int]) -> tuple[int, int, str]:
    """Return when a file is written: what is kept first, then artifacts, documents in their order, removals last."""
    if changes[path] is None:
        return 3, 0, path
    if path.startswith(".statecheck/"):
        return 0, 0, path
    return (2, order[path], path) if path in order else (1, 0, path)
