"""What a run found: the vocabulary that the engine fills in and the reporters show. Nothing here does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from statecheck.portraits import Portrait

Severity = Literal["error", "warning", "info"]
Safety = Literal["safe", "unsafe"]
Verdict = Literal["pass", "fail", "unverified"]


class Related(NamedTuple):
    """Another place that a finding speaks of."""

    path: str
    line: int
    message: str


class Change(NamedTuple):
    """Text that takes the place of a piece of a file. Lines and columns count from 1; the end column is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class FixNote(NamedTuple):
    """What ``fix-state`` would do; `complete` is False where the finding remains for a person to settle.

    `changes` are what a safe fix makes of the file that the finding is in, for editors; empty where it does more.
    """

    safety: Safety
    summary: str
    complete: bool = True
    changes: tuple[Change, ...] = ()


Identity = tuple[str, str, str]
"""What a finding is known by from run to run: its fingerprint without the number of its likes, its code, its path."""


def as_text(name: str) -> str:
    """Return a name as text that every file can hold: what is no Unicode in it is written out."""
    return name.encode("utf-8", "backslashreplace").decode()


class Finding(NamedTuple):
    """Something that does not hold, and where. Lines and columns count from 1; `path` is relative to the root."""

    code: str
    name: str
    severity: Severity
    workspace: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    hint: str | None
    related: tuple[Related, ...]
    fix: FixNote | None
    fingerprint: str
    source: tuple[str, ...] = ()
    """The lines of the file from `line` on, for people to look at."""
    revision: str | None = None
    diff: tuple[str, ...] = ()
    """What changed, for people to look at: lines that begin with ``-`` or ``+``."""

    @property
    def identity(self) -> Identity:
        """What it is known by from run to run, as text that every file can hold."""
        return self.fingerprint.partition("-")[0], self.code, as_text(self.path)


class Acceptance(NamedTuple):
    """What a baseline accepts in a run: how many findings, and what it has that is no longer needed, how often each."""

    accepted: int
    gone: tuple[tuple[Identity, int], ...] = ()


class Unverified(NamedTuple):
    """Something that could not be looked at: never the same as fine."""

    code: str
    path: str
    reason: str
    cause: str = ""
    """The rule that would tell why, where there is one."""


class Shard(NamedTuple):
    """A part of the workspaces: the one with this `number`, from 1 to `total`."""

    number: int
    total: int


class Report(NamedTuple):
    """The outcome of a run. `root` is the folder that all paths are relative to, as the system writes it.

    `folders` are the workspaces that were looked at, and `codes` the rules that looked. `portraits` say what the
    workspaces look like, where that was asked for.
    """

    root: str
    findings: tuple[Finding, ...]
    unverified: tuple[Unverified, ...]
    workspaces: int
    files: int
    revisions: int
    rules: int
    base: str | None
    head: str
    via: str
    words: str
    unseen: tuple[str, ...] = ()
    """Documents of the workspaces that were not looked at by design: git ignores them, and nobody named them."""
    folders: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    portraits: tuple[Portrait, ...] = ()
    strict: bool = False
    """Whether the project is configured so that warnings fail, whatever is asked for."""
    excluded: tuple[str, ...] = ()
    """Workspaces, and documents of others, that the project is configured not to look at."""
    acceptance: Acceptance | None = None
    """What a baseline accepts, where there is one: that is not among the findings."""
    shard: Shard | None = None
    """The part of the workspaces that was looked at, where that was asked for."""
    elsewhere: int = 0
    """How many workspaces were left to other shards."""

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def verdict(self, *, strict: bool = False, fail_if_empty: bool = False) -> Verdict:
        """Return ``fail`` for errors (with `strict`, warnings too; with `fail_if_empty`, for no workspace anywhere).

        Else ``unverified`` where something could not be looked at, and ``pass`` where all could.
        """
        failed = (
            self.count("error")
            or ((strict or self.strict) and self.count("warning"))
            or (fail_if_empty and not (self.workspaces or self.elsewhere))
        )
        if failed:
            return "fail"
        return "unverified" if self.unverified else "pass"
