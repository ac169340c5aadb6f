"""The entries of a workspace's logs with what they say, and what each is counted among."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents import MarkdownDocument, WrittenLog, fields_of_entries, kept, newest_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Entry, EntryFields
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


@kept
def said_by(workspace: View, role: str) -> list[EntryFields]:
    """Return what each entry of a log says."""
    document = workspace.document(role)
    if not isinstance(document, MarkdownDocument):
        return []
    return fields_of_entries(document.markdown, workspace.log_entries(role))


@kept
def logged_entries(workspace: View, *grammars: str) -> list[Logged]:
    """Return the entries of the logs with these grammars that can be read, in order."""
    found: list[Logged] = []
    for spec in workspace.kind.documents:
        fields = spec.fields
        document = workspace.document(spec.role) if fields in grammars else None
        if fields is not None and isinstance(document, MarkdownDocument):
            entries = zip(workspace.log_entries(spec.role), said_by(workspace, spec.role), strict=True)
            found += [
                Logged(document, spec.role, fields, number, entry, said) for number, (entry, said) in enumerate(entries)
            ]
    return found


@kept
def counted_entries(workspace: View, *grammars: str) -> list[Counted]:
    """Return the entries that say which iteration they are of. An iteration 1 after a terminate begins a new cycle."""
    return list(_counted(logged_entries(workspace, *grammars)))


def _counted(logged: Sequence[Logged]) -> Iterator[Counted]:
    cycle, ended, role = 0, False, ""
    for each in logged:
        if each.role != role:
            cycle, ended, role = 0, False, each.role
        entry = each.entry
        if not each.understood or entry.iteration is None:
            continue
        if each.grammar != "progress":
            cycle += ended and entry.iteration == 1
            verdict = each.fields.verdict
            ended = verdict == "terminate" or (ended and verdict is None and entry.iteration != 1)
        counts = entry.cycle if entry.cycle is not None else -cycle
        yield Counted(each, (role, entry.kind, counts, (entry.phase or "").lower()), entry.iteration)


def logged_in_order(workspace: View, role: str) -> list[Logged]:
    """Return the entries of one log, oldest first; titles of sections are none."""
    found = [each for each in logged_entries(workspace, *_grammar(workspace, role)) if each.entry.form != "section"]
    return found[::-1] if _runs_backwards(workspace, role) else found


def counted_in_order(workspace: View, role: str) -> list[Counted]:
    """Return the entries of one log that say which iteration they are of, oldest first."""
    found = counted_entries(workspace, *_grammar(workspace, role))
    return found[::-1] if _runs_backwards(workspace, role) else found


def _grammar(workspace: View, role: str) -> tuple[str, ...]:
    spec = workspace.spec(role)
    return (spec.fields,) if spec is not None and spec.fields is not None else ()


def _runs_backwards(workspace: View, role: str) -> bool:
    version = workspace.log_version(role)
    return isinstance(version, WrittenLog) and newest_first(version)
