"""progress.md of an iterative-work task (state-management.md, progress.md Format): what was logged for which phase."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents.logs import same_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from statecheck.documents.log_fields import EntryFields
    from statecheck.documents.logs import Entry


class Logged(NamedTuple):
    """An entry, and what it says."""

    entry: Entry
    fields: EntryFields


class WorkLog:
    """The entries of a progress log by phase; names of phases are compared in lower case.

    `said` gives what an entry says. `thinned` says that some were removed on purpose: what is not there may have been.
    `older` is an older version: where it has the same entries, up to its last one, they are not looked at again.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        said: Callable[[Entry], EntryFields],
        *,
        thinned: bool,
        older: WorkLog | None = None,
    ) -> None:
        self.thinned = thinned
        self._entries = entries
        self._phases: defaultdict[str, list[Logged]] = defaultdict(list)
        self.unknown: list[Logged] = []
        """The entries whose headings are not understood."""
        known = 0 if older is None else self._take_over(older)
        for entry in entries[known:]:
            if entry.phase is not None:
                self._phases[entry.phase.lower()].append(Logged(entry, said(entry)))
            elif entry.form == "unknown":
                self.unknown.append(Logged(entry, said(entry)))

    def _take_over(self, older: WorkLog) -> int:
        """Take over all entries of an older version but its last one, which may have gone on; return how many."""
        known = same_entries(older._entries, self._entries)
        if known:
            self._phases.update((name, logged.copy()) for name, logged in older._phases.items())
            self.unknown = older.unknown.copy()
            for among in (*self._phases.values(), self.unknown):
                if among and among[-1].entry is older._entries[-1]:
                    among.pop()
        return known

    @property
    def last(self) -> Entry | None:
        """The last work entry."""
        return next((each for each in reversed(self._entries) if each.phase is not None and each.kind == "work"), None)

    @property
    def whole(self) -> bool:
        """Whether all that was logged is there, and understood."""
        return not self.unknown and not self.thinned

    def work(self, phase: str) -> list[Logged]:
        """Return the work entries of a phase, in order."""
        return [each for each in self._phases.get(phase.lower(), ()) if each.entry.kind == "work"]

    def iterations(self, phase: str) -> set[int]:
        """Return the iterations of a phase that have a work entry."""
        return {each.entry.iteration for each in self.work(phase) if each.entry.iteration is not None}

    def about(self, phase: str) -> list[Logged]:
        """Return the entries of a phase, of every kind, and others whose heading names it, in order."""
        word = re.compile(rf"(?<![\w-]){re.escape(phase)}(?![\w-])", re.IGNORECASE)
        named = [each for each in self.unknown if word.search(each.entry.heading.text)]
        every = [*self._phases.get(phase.lower(), ()), *named]
        return sorted(every, key=lambda each: each.entry.heading.line)

    def says_done(self, phase: str) -> bool:
        """Say whether an entry of a phase, or one whose heading is not understood, signals that the phase is done."""
        return any(each.fields.done_phase == phase.lower() for each in [*self.work(phase), *self.unknown])
