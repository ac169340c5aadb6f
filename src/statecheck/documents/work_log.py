"""progress.md of an iterative-work task (state-management.md, progress.md Format): what was logged for which phase."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from statecheck.documents.logs import same_entries
from statecheck.documents.past_log import heads_from
from statecheck.tuples import NamedTuple

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
        self._entries, self._said = entries, said
        self._about: defaultdict[str, list[int]] = defaultdict(list)
        """The numbers of the entries of each phase."""
        self._work: defaultdict[str, dict[int, int | None]] = defaultdict(dict)
        """The iterations of the work entries of each phase, by their numbers."""
        self._unknown: list[int] = []
        """The numbers of the entries whose headings are not understood."""
        known = 0 if older is None else self._take_over(older)
        for number, head in enumerate(heads_from(entries, known), known):
            if head.phase is not None:
                phase = head.phase.lower()
                self._about[phase].append(number)
                if head.kind == "work":
                    self._work[phase][number] = head.iteration
            elif head.form == "unknown":
                self._unknown.append(number)

    def _take_over(self, older: WorkLog) -> int:
        """Take over all entries of an older version but its last one, which may have gone on; return how many."""
        known = same_entries(older._entries, self._entries)
        if known:
            self._about.update((name, numbers.copy()) for name, numbers in older._about.items())
            self._work.update((name, work.copy()) for name, work in older._work.items())
            self._unknown = older._unknown.copy()
            for numbers in (*self._about.values(), self._unknown):
                if numbers and numbers[-1] == known:
                    numbers.pop()
            for work in self._work.values():
                work.pop(known, None)
        return known

    @property
    def last(self) -> Entry | None:
        """The last work entry."""
        number = max((next(reversed(work)) for work in self._work.values() if work), default=None)
        return None if number is None else self._entries[number]

    @property
    def whole(self) -> bool:
        """Whether all that was logged is there, and understood."""
        return not self._unknown and not self.thinned

    def has_work(self, phase: str) -> bool:
        """Say whether a phase has a work entry."""
        return bool(self._work.get(phase.lower()))

    def work_from(self, phase: str, iteration: int) -> list[Logged]:
        """Return the work entries of a phase that are of an iteration, or of a later one, in order."""
        work = self._work.get(phase.lower(), {})
        return [self._logged(number) for number, own in work.items() if own is not None and own >= iteration]

    def iterations(self, phase: str) -> set[int]:
        """Return the iterations of a phase that have a work entry."""
        return {iteration for iteration in self._work.get(phase.lower(), {}).values() if iteration is not None}

    def about(self, phase: str) -> list[Logged]:
        """Return the entries of a phase, of every kind, and others whose heading names it, in order."""
        word = re.compile(rf"(?<![\w-]){re.escape(phase)}(?![\w-])", re.IGNORECASE)
        named = [number for number in self._unknown if word.search(self._entries[number].heading.text)]
        return [self._logged(number) for number in sorted([*self._about.get(phase.lower(), ()), *named])]

    def says_done(self, phase: str) -> bool:
        """Say whether an entry of a phase, or one whose heading is not understood, signals that the phase is done."""
        numbers = [*self._unknown, *self._work.get(phase.lower(), ())]
        return any(self._logged(each).fields.done_phase == phase.lower() for each in reversed(numbers))

    def _logged(self, number: int) -> Logged:
        entry = self._entries[number]
        return Logged(entry, self._said(entry))
