"""Long logs: what an earlier run has found in one is found again, and only what was appended is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from statecheck.documents import MarkdownDocument, go_on_from, past_of
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.documents import Document, Entry, Grammar, Known
    from statecheck.trees import Tree
    from statecheck.workspaces.kinds import DocumentSpec

LONG = 2**18
"""Bytes from which on a log is long: what is found in a shorter one is found again sooner than it is looked up."""


class PastLogs(Protocol):
    """What earlier runs have found in long logs."""

    def recall_log(self, path: str, grammar: Grammar) -> Any:
        """Return what was kept of the log at a path, or None where nothing was."""
        ...


class LongLog(NamedTuple):
    """A log of which something is worth keeping."""

    document: MarkdownDocument
    grammar: Grammar

    def read_on(self, logs: PastLogs | None) -> tuple[Sequence[Entry], Known] | None:
        """Return its entries and what is known of it if it goes on from what an earlier run has read, else None."""
        past = None if logs is None else logs.recall_log(self.document.path, self.grammar)
        return None if past is None else go_on_from(past, self.document, self.grammar)

    def past(self, entries: Sequence[Entry], known: Known, tree: Tree) -> Any:
        """Return what to keep of it, made of plain values; None where that is not worth it."""
        entry = tree.entry(self.document.path)
        oid = None if entry is None or entry.kind != "file" else entry.oid  # that of a link is not that of the log
        return past_of(self.document, entries, known, oid)


def long_log(spec: DocumentSpec | None, document: Document | None) -> LongLog | None:
    """Return a document as a log of which something is worth keeping, or None where it is none."""
    if spec is None or spec.grammar is None or spec.grammar.newest_first:
        return None
    if not isinstance(document, MarkdownDocument) or not document.usable or len(document.data) < LONG:
        return None
    return LongLog(document, spec.grammar)
