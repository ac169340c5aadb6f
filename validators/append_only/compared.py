"""The logs of a workspace beside their base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import WrittenLog, kept
from statecheck.rules import Skipped
from statecheck.tuples import NamedTuple
from statecheck.workspaces import find_amendment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Document, Entry, LogChanges, LogVersion
    from statecheck.findings import Severity
    from statecheck.rules import Context
    from statecheck.workspaces import Amendment, DocumentSpec, View

MAX_DIFF = 8
"""Lines of a diff that a finding shows."""


class Compared(NamedTuple):
    """A log that both the base and the new tree have, and what happened to it."""

    spec: DocumentSpec
    document: Document
    new: WrittenLog
    changes: LogChanges
    before: View

    @property
    def label(self) -> str:
        """The word for the base."""
        return self.before.label_of(self.before.paths(self.spec.role)[0])

    @property
    def old(self) -> LogVersion:
        """The log as the base has it; only read when it is asked for."""
        found = self.before.log_version(self.spec.role)
        assert found is not None  # it was compared with
        return found

    @property
    def severity(self) -> Severity:
        """How grave it is to change what is there."""
        return "error" if self.new.grammar.binding else "warning"

    def amendment(self, old: int, new: int | None, base_path: str, context: Context) -> Amendment | None:
        """Return the recorded amendment that accepts just this change of an entry, or None."""
        after = None if new is None else self.new.digests[new]
        return find_amendment(context.amendments, (self.document.path, base_path), self.old.digests[old], after)


@kept
def compared_logs(context: Context, workspace: View, before: View) -> list[Compared | Skipped]:
    """Return every log that both have; one that cannot be read in either is skipped."""
    return list(_compared(context, workspace, before))


def _compared(context: Context, workspace: View, before: View) -> Iterator[Compared | Skipped]:
    for spec in workspace.kind.documents:
        document = workspace.document(spec.role)
        if spec.purpose != "log" or document is None or not before.paths(spec.role):
            continue
        changes = context.log_changes(workspace, spec.role, before)
        new = workspace.log_version(spec.role)
        if changes is not None and isinstance(new, WrittenLog):
            yield Compared(spec, document, new, changes, before)
            continue
        for damaged in (document, before.document(spec.role)):
            if damaged is not None and not damaged.usable:
                problem = damaged.problems[0]
                where = "" if damaged is document else f"its version in {before.tree.label} cannot be read: "
                yield Skipped(document.path, f"{where}{problem.message}", problem.code)
                break


def named(entry: Entry) -> str:
    """Return the heading of an entry for a message, shortened."""
    text = entry.heading.text
    return f"'{text if len(text) <= 80 else text[:77] + '...'}'"
