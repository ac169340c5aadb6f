"""Where a workspace stands: the vocabulary that the workspaces fill in and the reporters show. Nothing here acts."""

from __future__ import annotations

from typing import Literal

from statecheck.tuples import NamedTuple


class Fact(NamedTuple):
    """Something that a document says, and where. Lines count from 1; `path` is relative to the root."""

    name: str
    value: str
    path: str
    line: int


class Conflict(NamedTuple):
    """What several sources say of one thing, the one that is read first before the others.

    `authority` is the path of the one that counts, None where a person has to decide; `reason` says why, or what to do.
    """

    subject: str
    claims: tuple[Fact, ...]
    authority: str | None
    reason: str


class Doubt(NamedTuple):
    """Something that should not be trusted: an error of a rule, or what could not be verified."""

    code: str
    verdict: Literal["error", "unverified"]
    path: str
    line: int
    message: str


class Standing(NamedTuple):
    """Where a workspace stands, by the protocol that its documents give for reading them.

    `next` is what to do first. `over` says that nothing is left to resume.
    """

    kind: str
    folder: str
    over: bool
    next: str
    facts: tuple[Fact, ...]
    conflicts: tuple[Conflict, ...] = ()
    doubts: tuple[Doubt, ...] = ()


class Overview(NamedTuple):
    """Where every workspace stands. `unverified` is what could not be looked at and belongs to none of them.

    `ignored` are their documents that git ignores, which have no history to be compared with.
    """

    root: str
    standings: tuple[Standing, ...]
    unverified: tuple[Doubt, ...] = ()
    ignored: tuple[str, ...] = ()
    base: str | None = None
    words: str = ""
