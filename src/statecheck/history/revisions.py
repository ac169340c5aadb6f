"""Names of revisions, and what a shallow clone can say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.errors import ExpectedError

if TYPE_CHECKING:
    from statecheck.trees import Repository


class UnresolvedError(ExpectedError):
    """The comparison that was asked for cannot be had; the message says how to get it (rule W906)."""


def find_commit(name: str, repository: Repository) -> str:
    """Return the commit that a name stands for. Raises `UnresolvedError`."""
    found = repository.revision(name)
    if found is None:
        raise UnresolvedError(f"there is no commit {name} in this clone.{_deepen(repository)}")
    return found


def find_merge_base(first: str, second: str, repository: Repository) -> str:
    """Return the merge base of two revisions.

    Raises `UnresolvedError` where there is none, and where a shallow clone gives the second revision itself, which
    would compare it with nothing but itself.
    """
    commits = [find_commit(name, repository) for name in (first, second)]
    base = repository.merge_base(*commits)
    if base is None:
        raise UnresolvedError(f"{first} and {second} have no common ancestor here.{_deepen(repository)}")
    if repository.shallow and base == commits[1] and first != second:
        raise UnresolvedError(
            f"the merge base of {first} and {second} is {second} itself, so nothing would be compared."
            f"{_deepen(repository)}"
        )
    return base


def _deepen(repository: Repository) -> str:
    if not repository.shallow:
        return " Fetch it first, or name another revision."
    return " The clone is shallow: fetch the whole history (git fetch --unshallow; in CI, fetch-depth: 0)."
