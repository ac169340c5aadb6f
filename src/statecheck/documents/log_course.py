"""The course of a log: what its entries have before them, as far as their numbers, their times and their ends tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents.logs import same_entries
from statecheck.documents.timestamps import is_certainly_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from statecheck.documents.log_fields import EntryFields
    from statecheck.documents.logs import Entry
    from statecheck.documents.timestamps import Timestamp

COUNTED = ("refinement_log", "decisions", "progress")
"""The grammars of the logs whose entries count."""

Among = tuple[str, int, str]
"""What an entry is counted among: a kind of entries, of a cycle, of a phase."""


class Earlier(NamedTuple):
    """What an entry has before it; other entries of the log are told by their number."""

    among: Among | None
    """What it is counted among, or None where it is not counted."""
    largest: int
    """The largest iteration among these; 0 where there is none."""
    same: int | None
    """The first entry among these of the same iteration."""
    ended: int | None
    """The iteration right before it among these, if that decided to terminate."""
    later: int | None
    """The entry with the latest time, where that is later than its own."""
    further: int | None
    """How many work entries its phase has since it was done, with this one; None where it is not done."""


class Course:
    """What each entry of a log has before it. `said` gives what an entry says.

    `older` is the course of an older version: where that has the same entries, up to its last one, they are not looked
    at again.
    """

    def __init__(
        self, entries: Sequence[Entry], said: Callable[[Entry], EntryFields], grammar: str, older: Course | None = None
    ) -> None:
        self.earlier: list[Earlier] = []
        self._entries = entries
        self._count: _Count | None = None if older is None else older.handed_over(entries)
        if older is not None and self._count is not None:
            self.earlier = older.earlier[:-1]
        count = self._count = self._count or _Count(grammar)
        last = len(entries) - 1
        for number in range(len(self.earlier), len(entries)):
            fields = said(entries[number])
            earlier = count.before(entries[number], fields)
            self.earlier.append(earlier)
            if number < last:  # which may go on
                count.add(number, entries[number], fields, earlier)

    def handed_over(self, entries: Sequence[Entry]) -> _Count | None:
        """Return what was counted before the last entry, to go on from there; None where these are other entries.

        Who asks first has it.
        """
        if not same_entries(self._entries, entries):
            return None
        count, self._count = self._count, None
        return count


class _Count:
    """What is counted in a log, up to some entry."""

    def __init__(self, grammar: str) -> None:
        self._counts = grammar in COUNTED
        self._phases = grammar == "progress"
        self._cycle, self._over = 0, False
        self._largest: dict[Among, int] = {}
        self._first: dict[tuple[Among, int], int] = {}
        self._ended: dict[Among, int] = {}
        self._latest: tuple[Timestamp, int] | None = None
        self._further: dict[str, int] = {}

    def before(self, entry: Entry, fields: EntryFields) -> Earlier:
        """Return what an entry has before it that comes next."""
        later = self._later_than(entry)
        further = self._further.get(entry.phase) if self._is_work(entry) and entry.phase is not None else None
        if further is not None:
            further = None if fields.remains else further + 1
        if not self._counts or not entry.understood or entry.iteration is None:
            return Earlier(None, 0, None, None, later, further)
        cycle = entry.cycle if entry.cycle is not None else -self._cycle_of(entry)
        among = entry.kind, cycle, (entry.phase or "").lower()
        same = self._first.get((among, entry.iteration))
        return Earlier(among, self._largest.get(among, 0), same, self._ended.get(among), later, further)

    def add(self, number: int, entry: Entry, fields: EntryFields, earlier: Earlier) -> None:
        """Count an entry."""
        time = entry.time if entry.time_span is not None and earlier.later is None else None
        if time is not None and (self._latest is None or is_certainly_before(self._latest[0], time)):
            self._latest = time, number
        if self._is_work(entry) and entry.phase is not None:
            self._add_work(entry.phase, fields, earlier)
        among, iteration = earlier.among, entry.iteration
        if among is None or iteration is None:
            return
        self._largest[among] = max(earlier.largest, iteration)
        self._first.setdefault((among, iteration), number)
        if not self._phases:
            self._add_verdict(among, iteration, fields.verdict, self._cycle_of(entry))

    def _later_than(self, entry: Entry) -> int | None:
        time = entry.time if entry.time_span is not None and self._latest is not None else None
        if time is None or self._latest is None or not is_certainly_before(time, self._latest[0]):
            return None
        return self._latest[1]

    def _add_work(self, phase: str, fields: EntryFields, earlier: Earlier) -> None:
        if earlier.further is not None:
            self._further[phase] = earlier.further
        elif phase in self._further:  # something remains
            del self._further[phase]
        elif fields.done:
            self._further[phase] = 0

    def _add_verdict(self, among: Among, iteration: int, verdict: str | None, cycle: int) -> None:
        """Count what a refinement decided. An iteration 1 after a terminate begins a new cycle."""
        self._cycle = cycle
        self._over = verdict == "terminate" or (self._over and verdict is None and iteration != 1)
        self._ended.pop(among, None)
        if verdict == "terminate":
            self._ended[among] = iteration

    def _cycle_of(self, entry: Entry) -> int:
        return self._cycle + (not self._phases and self._over and entry.iteration == 1)

    def _is_work(self, entry: Entry) -> bool:
        return self._phases and entry.understood and entry.kind == "work"
