"""The entries of a workspace's logs with what they say, and what each is counted among."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import Course, JsonLinesDocument, MarkdownDocument, WrittenLog, entries, kept, newest_first
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Document, Entry, EntryFields
    from statecheck.workspaces.kinds import DocumentSpec
    from statecheck.workspaces.view import View


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
        return self.entry.understood


class Counted(NamedTuple):
    """An entry that counts, the iteration that it is of, and the cycle that it counts in.

    That is the cycle that the heading names; else one below 1 for each that ended before it.
    """

    logged: Logged
    cycle: int
    iteration: int


class LoggedEntries:
    """The entries of a log, each put beside what it says when somebody looks at it: of a long log, hardly one is."""

    def __init__(self, document: MarkdownDocument, role: str, grammar: str, entries: Sequence[Entry]) -> None:
        self.role = role
        self._document, self._grammar, self._entries = document, grammar, entries

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, number: int) -> Logged:
        entry = self._entries[number]
        return Logged(self._document, self.role, self._grammar, number, entry, self._document.said_in(entry))

    def __iter__(self) -> Iterator[Logged]:
        return map(self.__getitem__, range(len(self._entries)))


@kept
def logs(workspace: View, *grammars: str) -> dict[str, LoggedEntries]:
    """Return the entries of the logs with these grammars that can be read, by role, each in order."""
    wanted = (spec for spec in workspace.kind.documents if spec.fields is not None and spec.fields in grammars)
    found = {spec.role: _logged(workspace, spec.role) for spec in wanted}
    return {role: logged for role, logged in found.items() if logged is not None}


def _logged(workspace: View, role: str) -> LoggedEntries | None:
    """Return the entries of one log, or None where there is none that can be read, or its entries say nothing."""
    document, spec = workspace.document(role), workspace.spec(role)
    if not isinstance(document, MarkdownDocument) or spec is None or spec.fields is None:
        return None
    return LoggedEntries(document, role, spec.fields, workspace.log_entries(role))


@kept
def course(workspace: View, role: str) -> Course | None:
    """Return what the entries of a log have before them, or None where it is missing, or no Markdown."""
    document, spec = workspace.document(role), workspace.spec(role)
    if not isinstance(document, MarkdownDocument) or spec is None:
        return None
    entries, known = workspace.log_entries(role), workspace.known(role)
    known.course = Course.of(entries, document.said_in, spec.fields or "", known.course)
    return known.course


def logged_in_order(workspace: View, role: str) -> list[Logged]:
    """Return the entries of one log, oldest first; titles of sections are none."""
    found = [each for each in _logged(workspace, role) or () if each.entry.form != "section"]
    return found[::-1] if _runs_backwards(workspace, role) else found


def counted_in_order(workspace: View, role: str) -> list[Counted]:
    """Return the entries of one log that say which iteration they are of, oldest first."""
    logged, known = _logged(workspace, role), course(workspace, role)
    if logged is None or known is None:
        return []
    counted = ((logged[number], cycle) for number, cycle in enumerate(known.cycles) if cycle is not None)
    found = [Counted(each, cycle, each.entry.iteration) for each, cycle in counted if each.entry.iteration is not None]
    return found[::-1] if _runs_backwards(workspace, role) else found


def _runs_backwards(workspace: View, role: str) -> bool:
    version = workspace.log_version(role)
    return isinstance(version, WrittenLog) and newest_first(version)


def read_entries(spec: DocumentSpec | None, found: Document | None) -> Sequence[Entry]:
    """Return what the headings of a log begin, as it stands; nothing where it is missing, or cannot be read."""
    if spec is None or spec.grammar is None or found is None or not found.usable:
        return ()
    if isinstance(found, JsonLinesDocument):
        return found.entries
    return entries(found.markdown, spec.grammar) if isinstance(found, MarkdownDocument) else ()
