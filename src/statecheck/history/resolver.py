"""The base resolver: from what was asked, and where the run stands, to trees, the steps between them, and words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from statecheck.history.comparison import Comparison, Step, pair
from statecheck.history.revisions import UnresolvedError, find_commit, find_merge_base
from statecheck.trees import GitTree, LedgerTree, WithLedger
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecheck.trees import Repository, Tree, WorkingTree


_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Question(NamedTuple):
    """What the user asked to compare. All empty: whatever the situation suggests.

    `endpoints` judges a range by its two ends alone; `upstream` takes the merge base with the upstream branch in the
    place of HEAD.
    """

    base: str | None = None
    from_ref: str | None = None
    to_ref: str | None = None
    staged: bool = False
    history: bool = True
    endpoints: bool = False
    upstream: bool = False


def resolve_comparison(
    question: Question,
    disk: WorkingTree,
    repository: Repository | None,
    environment: Mapping[str, str],
    ledger: LedgerTree | None = None,
    *,
    writes: bool = False,
) -> Comparison:
    """Return what to compare, by the table "What is compared with what".

    `environment` are the process's variables: pre-commit says there that it runs, and over which range. A run that
    `writes` is always of the working tree, which alone is compared with a `ledger`. Raises `UnresolvedError` where
    something that was asked for cannot be had, and `GitError`.
    """
    question = _with_environment(question, environment)
    if writes:
        question = question._replace(base=question.base or question.from_ref, from_ref=None, to_ref=None, staged=False)
    if repository is None:
        return _without_git(question, disk, ledger)
    if question.from_ref and question.to_ref:
        return _range(question.from_ref, question.to_ref, repository, endpoints=question.endpoints)
    after: Tree = repository.index() if question.staged else disk
    if not question.history:
        return pair(None, after, None, "--no-history")
    found = _based(question, after, repository, environment)
    return found if ledger is None or question.staged else _with_ledger(found, ledger)


def _with_ledger(found: Comparison, ledger: LedgerTree) -> Comparison:
    """Return a comparison with a ledger beside its base, for the files that the base does not have."""
    assert found.before is not None  # without history nothing was asked of a ledger
    before = WithLedger(found.before, ledger) if found.before.label else ledger
    steps = (found.steps[0]._replace(parents=(before, *found.parents[1:])),)
    return found._replace(before=before, steps=steps, via=found.via if found.base else ledger.label)


def wants_ledger(question: Question, environment: Mapping[str, str], *, writes: bool = False) -> bool:
    """Say whether a run looks back from the working tree, so that it is compared with a ledger, where there is one."""
    asked = _with_environment(question, environment)
    return asked.history and (writes or not (asked.staged or asked.from_ref))


def _without_git(question: Question, disk: WorkingTree, ledger: LedgerTree | None) -> Comparison:
    if question.staged or question.base or question.from_ref:
        raise UnresolvedError("this folder is in no git repository, so there are no revisions to compare with")
    if not question.history:
        return pair(None, disk, None, "--no-history")
    if ledger is None:
        return pair(None, disk, None, "no version control")
    return pair(ledger, disk, None, ledger.label)


def _based(question: Question, after: Tree, repository: Repository, environment: Mapping[str, str]) -> Comparison:
    """Return the comparison of the working tree or the index with one commit, or with all parents of a merge."""
    if question.base:
        base = find_merge_base(question.base, "HEAD", repository)
        return pair(repository.commit(base, base[:12]), after, base, f"merge base of {question.base} and HEAD")
    head = repository.revision("HEAD")
    if head is None:
        if not repository.unborn():
            raise UnresolvedError("HEAD stands for a commit that cannot be read; git fsck says what is damaged")
        return pair(GitTree("", {}, repository.objects), after, None, "no commit yet")
    merged = [find_commit(each, repository) for each in repository.merging() or _merging(environment)]
    if merged:
        return _merge([head, *merged], after, repository)
    base, label, via = _upstream(head, repository) if question.upstream else (head, "HEAD", "HEAD")
    return pair(repository.commit(base, label), after, base, via)


def _merge(heads: list[str], after: Tree, repository: Repository) -> Comparison:
    """Return the comparison of a merge that is going on with every parent, HEAD first."""
    from statecheck.history.range import parting

    parents = (repository.commit(heads[0], "HEAD"), *(repository.commit(each, each[:12]) for each in heads[1:]))
    step = Step(parents, after, parted=parting(tuple(heads), repository))
    ancestor = step.parted[0][2] if len(heads) == 2 and step.parted else None
    return Comparison(parents[0], after, heads[0], "MERGE_HEAD", ancestor, (step,))


def _upstream(head: str, repository: Repository) -> tuple[str, str, str]:
    """Return the merge base with the upstream branch, its label and how it was found; HEAD where there is none."""
    upstream = repository.revision("@{upstream}")
    if upstream is None:
        return head, "HEAD", "HEAD, since the branch has no upstream"
    base = repository.merge_base(upstream, head) or find_merge_base("@{upstream}", "HEAD", repository)
    return base, base[:12], "merge base of the upstream branch and HEAD"


def _merging(environment: Mapping[str, str]) -> list[str]:
    """Return the commits that are being merged by what git tells its hooks: it writes ``MERGE_HEAD`` after them."""
    names = (name.removeprefix("GITHEAD_") for name in sorted(environment) if name.startswith("GITHEAD_"))
    return [name for name in names if _OBJECT_ID.fullmatch(name)]


def _with_environment(question: Question, environment: Mapping[str, str]) -> Question:
    """Fill in what pre-commit says of itself, where the user said nothing."""
    if question.base or question.from_ref or question.staged or not question.history:
        return question
    source, target = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    if source and target:
        return question._replace(from_ref=source, to_ref=target)
    return question._replace(staged=environment.get("PRE_COMMIT") == "1")


def _range(source: str, target: str, repository: Repository, *, endpoints: bool) -> Comparison:
    end = find_commit(target, repository)
    base = find_merge_base(source, target, repository)
    before = repository.commit(base, base[:12])
    after = repository.commit(end, target if target != end else end[:12])
    via = f"merge base of {source} and {target}"
    if endpoints:
        return pair(before, after, base, via)
    from statecheck.history.range import range_steps

    steps = range_steps(find_commit(source, repository), end, repository)
    return Comparison(before, after, base, via, steps=steps, ranged=True)
