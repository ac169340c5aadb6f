"""The base resolver: from what was asked, and where the run stands, to a pair of trees and the words for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecheck.trees import Repository, Tree, WorkingTree


class UnresolvedError(Exception):
    """The comparison that was asked for cannot be had; the message says how to get it (rule W906)."""


class Question(NamedTuple):
    """What the user asked to compare. All empty: whatever the situation suggests."""

    base: str | None = None
    from_ref: str | None = None
    to_ref: str | None = None
    staged: bool = False
    history: bool = True


class Comparison(NamedTuple):
    """Two trees and the words for them. `before` is None where history is absent by nature or not wanted."""

    before: Tree | None
    after: Tree
    base: str | None
    via: str
    ancestor: Tree | None = None
    """While a merge is going on: where the two sides parted."""

    @property
    def words(self) -> str:
        """The clause of the summary line: ``compared index with HEAD``."""
        if self.before is None:
            return f"{self.after.label} compared with nothing ({self.via})"
        return f"compared {self.after.label} with {self.before.label}"


def resolve_comparison(
    question: Question,
    disk: WorkingTree,
    repository: Repository | None,
    environment: Mapping[str, str],
    *,
    writes: bool = False,
) -> Comparison:
    """Return what to compare, by the table "What is compared with what".

    `environment` are the process's variables: pre-commit says there that it runs, and over which range. A run that
    `writes` is always of the working tree. Raises `UnresolvedError` where something that was asked for cannot be
    had, and `GitError`.
    """
    question = _with_environment(question, environment)
    if writes:
        question = question._replace(base=question.base or question.from_ref, from_ref=None, to_ref=None, staged=False)
    if repository is None:
        if question.staged or question.base or question.from_ref:
            raise UnresolvedError("this folder is in no git repository, so there are no revisions to compare with")
        return Comparison(None, disk, None, "no version control")
    if question.from_ref and question.to_ref:
        return _range(question.from_ref, question.to_ref, repository)
    after: Tree = repository.index() if question.staged else disk
    if not question.history:
        return Comparison(None, after, None, "--no-history")
    if question.base:
        base = _merge_base(question.base, "HEAD", repository)
        return Comparison(repository.commit(base, base[:12]), after, base, f"merge base of {question.base} and HEAD")
    head = repository.revision("HEAD")
    if head is None:
        if not repository.unborn():
            raise UnresolvedError("HEAD stands for a commit that cannot be read; git fsck says what is damaged")
        return Comparison(None, after, None, "no commit yet")
    return Comparison(repository.commit(head, "HEAD"), after, head, "HEAD", _ancestor(head, repository))


def _ancestor(head: str, repository: Repository) -> Tree | None:
    """Return where the sides of the merge that is going on parted, or None where there is none, or several."""
    other = repository.merging()
    parted = repository.merge_base(head, other) if other is not None else None
    return repository.commit(parted) if parted is not None else None


def _with_environment(question: Question, environment: Mapping[str, str]) -> Question:
    """Fill in what pre-commit says of itself, where the user said nothing."""
    if question.base or question.from_ref or question.staged or not question.history:
        return question
    source, target = environment.get("PRE_COMMIT_FROM_REF"), environment.get("PRE_COMMIT_TO_REF")
    if source and target:
        return question._replace(from_ref=source, to_ref=target)
    return question._replace(staged=environment.get("PRE_COMMIT") == "1")


def _range(source: str, target: str, repository: Repository) -> Comparison:
    end = _commit(target, repository)
    base = _merge_base(source, target, repository)
    return Comparison(
        repository.commit(base, base[:12]),
        repository.commit(end, target if target != end else end[:12]),
        base,
        f"merge base of {source} and {target}",
    )


def _merge_base(first: str, second: str, repository: Repository) -> str:
    commits = [_commit(name, repository) for name in (first, second)]
    base = repository.merge_base(*commits)
    if base is None:
        raise UnresolvedError(f"{first} and {second} have no common ancestor here.{_deepen(repository)}")
    return base


def _commit(name: str, repository: Repository) -> str:
    found = repository.revision(name)
    if found is None:
        raise UnresolvedError(f"there is no commit {name} in this clone.{_deepen(repository)}")
    return found


def _deepen(repository: Repository) -> str:
    if not repository.shallow:
        return " Fetch it first, or name another revision."
    return " The clone is shallow: fetch the whole history (git fetch --unshallow; in CI, fetch-depth: 0)."
