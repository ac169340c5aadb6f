"""What a run is asked to do, and what it gives back for a workspace."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from statecheck.documents import SchemaStore
from statecheck.engine.acceptance import Baseline
from statecheck.engine.policy import Policy
from statecheck.trees import files_of
from statecheck.tuples import NamedTuple
from statecheck.workspaces import MemorySettings, PastLogs, View, governed_folder, project_of, read_amendments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from statecheck.clock import Clock
    from statecheck.engine.subjects import Subject
    from statecheck.engine.verdicts import Verdict
    from statecheck.findings import Finding, Unverified
    from statecheck.history import Comparison
    from statecheck.rules import Context, Rule, Violation, Weakening
    from statecheck.trees import CommitFiles, GitTree, Paths, Tree, WorkingTree
    from statecheck.workspaces import Amendments, Workspace

Item = TypeVar("Item")


def _unseen(_done: int, _total: int, _noun: str) -> None:
    """Show no progress."""


def _nothing() -> None:
    """Do nothing: there is no git."""


class Keeper(PastLogs, Protocol):
    """Keeps verdicts, and what was found in long logs, from run to run."""

    def watch(self, after: Snapshot, parents: Sequence[Snapshot]) -> None:
        """Be told what a run looks at, before it does."""
        ...

    def recall(self, subject: Subject) -> Verdict | None:
        """Return the verdict on a workspace that an earlier run came to and that still stands, or None."""
        ...

    def judging(self, subject: Subject) -> AbstractContextManager[Callable[[Verdict], None]]:
        """Note what is looked at while a workspace is judged; what is given takes the verdict."""
        ...

    def keep_logs(self, view: View) -> None:
        """Keep what was found in the long logs of a workspace that was judged."""
        ...

    def given(self) -> object:
        """Return what was kept since this was asked before, for the process that this one was split off."""
        ...

    def take(self, given: object) -> None:
        """Keep what another process gave."""
        ...


class Run(NamedTuple):
    """What a run is asked to do. `paths` are what the user named, relative to `root`; ``""`` is all of it."""

    root: str
    paths: tuple[str, ...]
    rules: Mapping[str, Rule]
    comparison: Comparison
    disk: WorkingTree | None
    tracked: GitTree | None
    clock: Clock
    memory: MemorySettings
    ever_had: Callable[[Sequence[str]], bool]
    weakened: tuple[Weakening, ...]
    policy: Policy = Policy()
    configuration: str | None = None
    """The file on disk that configures the run, where there is one."""
    progress: Callable[[int, int, str], None] = _unseen
    """Is told how far the run is: how many of how many, and of what (``workspace``, ``commit``)."""
    portrayed: bool = False
    """Whether the report is to say what the workspaces look like."""
    baseline: Baseline = Baseline()
    """The findings that are accepted for now."""
    settings: tuple[str | bytes, ...] = ()
    """The file of the configuration that counts, and its content."""
    kept: bool = False
    """Whether what git ignores counts as well, since a ledger has it."""
    start: Callable[[], None] = _nothing
    """Is called in a process that was split off, which must not share what git was asked through."""
    keeper: Keeper | None = None
    stepwise: bool = False
    """Whether it judges the steps of a range, of which no notes are told."""
    elsewhere: frozenset[str] = frozenset()
    """The folders of workspaces that are left to other shards of the run."""

    def snapshot(self, tree: Tree) -> Snapshot:
        """Return a tree as the run looks at it."""
        return Snapshot(tree, self.policy.schemas)

    def counted(self, items: Sequence[Item], noun: str) -> Iterator[Item]:
        """Yield the items, and say how far one is."""
        for number, item in enumerate(items):
            self.progress(number, len(items), noun)
            yield item


class Result(NamedTuple):
    """A finding beside the rule and the violation it came from, which its fixers need."""

    finding: Finding
    violation: Violation
    rule: Rule


class Outcome(NamedTuple):
    """What the rules say of one workspace. `blind` are the (rule, path) pairs that could not be judged."""

    results: tuple[Result, ...]
    unverified: tuple[Unverified, ...]
    files: frozenset[str]
    blind: frozenset[tuple[str, str]]
    view: View
    context: Context
    gone: bool = False
    """Whether only the base has the workspace."""

    @property
    def findings(self) -> list[Finding]:
        """The findings alone."""
        return [result.finding for result in self.results]


class Snapshot:
    """A tree with what is worth keeping while many of its workspaces are looked at."""

    def __init__(self, tree: Tree, schemas: Mapping[str, str] | None = None, past: PastLogs | None = None) -> None:
        self.tree = tree
        self._past = past
        self.files: Paths | CommitFiles = files_of(tree)
        self.schemas = SchemaStore(tree, schemas)

    def view(self, workspace: Workspace) -> View:
        """Return a workspace as it stands in this tree."""
        return View(workspace, self.tree, self.files, self.schemas, self._past)

    @cached_property
    def amendments(self) -> Amendments:
        """The changes of logs that were recorded on purpose."""
        return read_amendments(self.tree)


def root_for(place: str) -> str:
    """Return the root, without version control, from which the workspaces at an absolute POSIX path are found."""
    return project_of(place)


def stands_for(name: str) -> str:
    """Return what a named path stands for: a project's own schema for all that it governs, anything else for itself."""
    governed = governed_folder(name)
    return name if governed is None else governed
