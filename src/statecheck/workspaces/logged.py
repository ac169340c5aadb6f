"""The entries of a workspace's logs with what they say, and what each is counted among."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents import JsonLinesDocument, MarkdownDocument, WrittenLog, entries, kept, newest_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Document, Entry, EntryFields
    from statecheck.workspaces.kinds import DocumentSpec
    from statecheck.workspaces.view import View

COUNTED = ("refinement_log", "decisions", "progress")
"""The grammars of the logs whose entries count."""


class Logged(NamedTuple):
    """An entry of a log whose grammar is documented, its number, and what it says."""

    document: MarkdownDocument
    role: str
    grammar: str
    number: int
    entry: Entry
    fields: EntryFields

    @property
    def understood(self) -> bool:
        """Whether the heading says which iteration the entry is of."""
        return self.entry.form in ("documented", "understood")


class Counted(NamedTuple):
    """An entry that counts, its number, and what it is counted among: a kind of entries, of a cycle, of a phase."""

    logged: Logged
    among: tuple[str, str, int, str]
    iteration: int

    @property
    def cycle(self) -> int:
        """The cycle that the heading names; else one below 1 for each that ended before it."""
        return self.among[2]


def logged_entries(workspace: View, *grammars: str) -> Iterator[Logged]:
    """Yield the entries of the logs with these grammars that can be read, in order."""
    for logged in logs(workspace, *grammars).values():
        yield from logged


def logs(workspace: View, *grammars: str) -> dict[str, Sequence[Logged]]:
    """Return the entries of the logs with these grammars that can be read, by role, each in order."""
    return {
        spec.role: _logged(workspace, spec.role, spec.fields)
        for spec in workspace.kind.documents
        if spec.fields is not None and spec.fields in grammars
    }


@kept
def _logged(workspace: View, role: str, grammar: str) -> Sequence[Logged]:
    """Return the entries of one log."""
    document = workspace.document(role)
    if not isinstance(document, MarkdownDocument):
        return ()
    return [
        Logged(document, role, grammar, number, entry, document.said_in(entry))
        for number, entry in enumerate(workspace.log_entries(role))
    ]


@kept
def counted_entries(workspace: View, *grammars: str) -> Sequence[Counted]:
    """Return the entries that say which iteration they are of. An iteration 1 after a terminate begins a new cycle."""
    return [each for logged in logs(workspace, *grammars).values() for each in _counted(logged)]


def _counted(logged: Sequence[Logged]) -> Iterator[Counted]:
    """Yield the entries of one log that say which iteration they are of."""
    cycle, ended = 0, False
    for each in logged:
        entry = each.entry
        if not each.understood or entry.iteration is None:
            continue
        if each.grammar != "progress":
            cycle += ended and entry.iteration == 1
            verdict = each.fields.verdict
            ended = verdict == "terminate" or (ended and verdict is None and entry.iteration != 1)
        counts = entry.cycle if entry.cycle is not None else -cycle
        yield Counted(each, (each.role, entry.kind, counts, (entry.phase or "").lower()), entry.iteration)


def logged_in_order(workspace: View, role: str) -> list[Logged]:
    """Return the entries of one log, oldest first; titles of sections are none."""
    found = [each for each in logged_entries(workspace, *_grammar(workspace, role)) if each.entry.form != "section"]
    return found[::-1] if _runs_backwards(workspace, role) else found


def counted_in_order(workspace: View, role: str) -> list[Counted]:
    """Return the entries of one log that say which iteration they are of, oldest first."""
    found = list(counted_entries(workspace, *_grammar(workspace, role)))
    return found[::-1] if _runs_backwards(workspace, role) else found


def _grammar(workspace: View, role: str) -> tuple[str, ...]:
    spec = workspace.spec(role)
    return (spec.fields,) if spec is not None and spec.fields is not None else ()


def _runs_backwards(workspace: View, role: str) -> bool:
    version = workspace.log_version(role)
    return isinstance(version, WrittenLog) and newest_first(version)


def read_entries(spec: DocumentSpec, found: Document) -> list[Entry]:
    """Return what the headings of a log begin, as it stands; nothing where it cannot be read."""
    if not found.usable or spec.grammar is None:
        return []
    if isinstance(found, JsonLinesDocument):
        return found.entries
    return entries(found.markdown, spec.grammar) if isinstance(found, MarkdownDocument) else []
