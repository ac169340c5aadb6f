"""What a rule is, what it may ask for, and what it and its fixer give back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from statecheck.documents import START, Document, Place, Span, kept
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from statecheck.clock import Clock
    from statecheck.documents import LogChanges
    from statecheck.findings import Related, Safety, Severity
    from statecheck.history import Comparison
    from statecheck.trees import GitTree, WorkingTree
    from statecheck.trees.edits import Edit
    from statecheck.workspaces import Amendments, DocumentSpec, MemorySettings, View

RuleSeverity = Literal["error", "warning", "info", "unverified"]


class Violation(NamedTuple):
    """What a rule yields: a place, the facts, and what to do. The engine stamps code and severity on it.

    `subject` names the thing concerned within the file (a JSON Pointer, a file name) so that the finding keeps its
    identity when lines move; `facts` are for the rule's fixers; `severity` is only given where a rule has two. `diff`
    are lines for people that begin with ``-`` or ``+``. A `fresh` violation speaks of what the change did, so that it
    does not matter on which line of a log it stands; those of rules that ask for ``before`` all are.
    One that is `mended_elsewhere` stands in a log and is mended in another file, so that an old entry excuses nothing.
    `parts` tell what was changed into what, where that is more than the message says: a merge that only brings all of
    them along is not to blame.
    """

    path: str
    place: Place
    message: str
    hint: str | None = None
    severity: Severity | None = None
    subject: str = ""
    related: tuple[Related, ...] = ()
    facts: Mapping[str, Any] | None = None
    document: Document | None = None
    diff: tuple[str, ...] = ()
    fresh: bool = False
    mended_elsewhere: bool = False
    parts: tuple[str, ...] = ()


class Skipped(NamedTuple):
    """A value that a rule needed and could not use. It is unverified unless the rule `cause` reported it."""

    path: str
    reason: str
    cause: str


class Weakening(NamedTuple):
    """Something that a configuration no longer asks for, in words, and the file that says so, or said otherwise."""

    path: str
    what: str


class Context(NamedTuple):
    """What stands around a workspace in this run.

    `parents` are the workspace in each tree that it comes from, several for a merge; `before` is one of them, the
    first where a rule does not ask for each. `disk` is the working tree, where the run may look at it; `tracked` is the
    index or commit that a clean checkout would have; `root` is the folder of the run on disk.
    """

    comparison: Comparison
    before: View | None
    parents: tuple[View, ...]
    amendments: Amendments
    disk: WorkingTree | None
    tracked: GitTree | None
    clock: Clock
    root: str
    repository_root: str
    """Where the paths of artifacts may start, relative to `root` (empty: at the root itself)."""
    memory: MemorySettings
    ever_had: Callable[[Sequence[str]], bool]
    """Says whether any commit had one of these files."""
    weakened: tuple[Weakening, ...]
    """What the configuration no longer asks for, and did in the base, in words."""
    excluded: Callable[[str], bool]
    """Says whether the project is configured so that a path is not looked at: it is not repaired either."""
    stepwise: bool
    """Whether it is a step of a range, of which no notes are told."""
    kept: dict[tuple[Any, ...], Any]
    """What several rules ask about the workspace, and `before`, worked out once."""

    def beside(self, before: View, parents: tuple[View, ...] | None = None) -> Context:
        """Return the context in which the workspace is compared with one of its parents; other ones, if given."""
        return self._replace(before=before, parents=self.parents if parents is None else parents, kept={})

    def log_changes(self, workspace: View, role: str, before: View) -> LogChanges | None:
        """Return what happened to a log since one of the parents, or None where it is missing or damaged in either."""
        return workspace.log_changes(role, before, self.parents if len(self.parents) > 1 else ())

    def is_new(self, entry: int, role: str, workspace: View) -> bool:
        """Say whether no parent has an entry of a log."""
        changes = (self.log_changes(workspace, role, parent) for parent in self.parents)
        return all(each is None or entry not in each.origin for each in changes)

    def settled(self, role: str, workspace: View) -> int:
        """Return how many entries of a log, from the first on, need not be judged each for itself.

        In a step of a range that only appended to the log, these are those that a parent has, less the last, which may
        go on: all that can be said of them are notes.
        """
        return _settled(self, role, workspace) if self.stepwise else 0


@kept
def _settled(context: Context, role: str, workspace: View) -> int:
    changes = (context.log_changes(workspace, role, parent) for parent in context.parents)
    counts = (len(each.origin) - 1 for each in changes if each is not None and each.prefix is not None)
    return max([0, *counts])


class Fix(NamedTuple):
    """What a fixer proposes.

    `displaces` says that it takes away what somebody wrote though it is safe: the file as it was is kept. `complete` is
    False where the finding remains for a person to settle. `uncovers` says that more of the file can be judged
    afterwards: errors that only come to light then are not the fix's; `reveals` says so only of what disagrees with it.
    """

    summary: str
    edits: tuple[Edit, ...]
    complete: bool = True
    uncovers: bool = False
    displaces: bool = False
    reveals: bool = False


def fix_of(summary: str, edit: Edit | None, *, uncovers: bool = False) -> Fix | None:
    """Return the fix that one edit makes, or None where the edit cannot be made."""
    return Fix(summary, (edit,), uncovers=uncovers) if edit is not None else None


class Fixer(NamedTuple):
    """A function from a violation and its workspace to edits, and whether what it does is safe."""

    code: str
    safety: Safety
    function: Callable[[Violation, View, Context], Fix | None]


class Family(NamedTuple):
    """A family of rules: its letter, its name (also its module's, and its hook's after ``check-``), its title.

    `content_only` says that its rules judge nothing but the content of single files, so that a hook can be given
    the names of the files that changed. `looks_back` says that they judge each step of a range.
    """

    letter: str
    name: str
    title: str
    hook: bool = True
    content_only: bool = False
    looks_back: bool = False


class Rule(NamedTuple):
    """A rule: the sentence it checks is its function's docstring."""

    code: str
    name: str
    severities: tuple[RuleSeverity, ...]
    source: str
    function: Callable[..., Iterable[Violation | Skipped]]
    formats: tuple[str, ...]
    purposes: tuple[str, ...]
    roles: tuple[str, ...]
    """The roles of which a kind has to have one, if any are named."""
    yields_to: tuple[str, ...]
    removed: bool
    """Whether it also judges a workspace that the change removed."""

    @property
    def requirements(self) -> dict[str, bool]:
        """What the function asks for by parameter name, and whether it must be there."""
        code = self.function.__code__
        names = code.co_varnames[: code.co_argcount]
        optional = len(self.function.__defaults__ or ())
        return {name: index < len(names) - optional for index, name in enumerate(names)}

    @property
    def summary(self) -> str:
        """The first sentence of the docstring."""
        return self._docstring().partition("\n\n")[0].replace("\n", " ")

    def page(self) -> dict[str, str]:
        """Return the manual page by heading: ``What holds``, ``Why``, ``Example``, ``Fix``."""
        pieces = re.split(r"\n(What holds|Why|Example|Fix)\n", self._docstring())
        return {heading: text.strip("\n").rstrip() for heading, text in zip(pieces[1::2], pieces[2::2], strict=True)}

    def _docstring(self) -> str:
        """Return the docstring without its indentation, which Python 3.13 removes by itself."""
        import inspect

        return inspect.cleandoc(self.function.__doc__ or "")


def applies(rule: Rule, spec: DocumentSpec) -> bool:
    """Say whether a rule that takes each ``document`` takes documents like this one."""
    return (not rule.formats or spec.format in rule.formats) and (not rule.purposes or spec.purpose in rule.purposes)


def at(document: Document, span: Span, message: str, **details: Any) -> Violation:
    """Return a violation at a span of a document."""
    return Violation(document.path, document.place(span), message, document=document, **details)


def on_line(document: Document, line: int, message: str, **details: Any) -> Violation:
    """Return a violation on a whole line of a document, counted from 0."""
    start = document.lines.starts[min(line, len(document.lines.starts) - 1)]
    text = document.lines.content(line + 1)
    return at(document, Span(start, start + len(text)), message, **details)


def missing(path: str, message: str, **details: Any) -> Violation:
    """Return a violation about a file that should exist: it stands on line 1 of that file."""
    return Violation(path, START, message, **details)


def listed(words: Sequence[str]) -> str:
    """Return words as a message lists them: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
