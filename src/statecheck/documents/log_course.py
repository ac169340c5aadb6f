"""The course of a log: what its entries have before them, as far as their numbers, their times and their ends tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents.logs import same_entries
from statecheck.documents.timestamps import is_certainly_before, looks_like_time
from statecheck.tuples import NamedTuple

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
    """What there is to note of an entry, given what it has before it; other entries are told by their number."""

    missing: int | None = None
    """The first iteration, among those that it is counted with, that is left out before its own."""
    same: int | None = None
    """The first entry among these of the same iteration."""
    ended: int | None = None
    """The iteration right before it among these, if that decided to terminate."""
    later: int | None = None
    """The entry with the latest time, where that is later than its own."""
    further: int | None = None
    """How many work entries its phase has since it was done, with this one; None where it is not done."""
    garbled: bool = False
    """Whether what stands for its time is none, though it looks like one."""


_NOTHING = Earlier()


class Course:
    """What the entries of a log have before them, as far as they were looked at."""

    def __init__(
        self, entries: Sequence[Entry], cycles: list[int | None], notable: dict[int, Earlier], count: _Count
    ) -> None:
        self.cycles = cycles
        """The cycle that each entry counts in, or None for one that does not count."""
        self.notable = notable
        """What there is to note, by the number of the entry: in most logs, nothing."""
        self._entries = entries
        self._count: _Count | None = count

    @staticmethod
    def of(
        entries: Sequence[Entry], said: Callable[[Entry], EntryFields], grammar: str, older: Course | None = None
    ) -> Course:
        """Return the course of a log. `said` gives what an entry says.

        `older` is the course of an older version: where that has the same entries, up to its last one, they are not
        looked at again.
        """
        count = None if older is None else older.handed_over(entries)
        if older is None or count is None:
            course = Course(entries, [], {}, _Count(grammar))
        else:
            known = len(older.cycles) - 1
            notable = {number: each for number, each in older.notable.items() if number < known}
            course = Course(entries, older.cycles[:known], notable, count)
        course._go_on(said)
        return course

    @staticmethod
    def from_plain(kept: Any, entries: Sequence[Entry], grammar: str) -> Course:
        """Return the course of which this was kept."""
        cycles, notable, count = kept
        found = {number: Earlier(*each) for number, each in notable.items()}
        return Course(entries, cycles, found, _Count.from_plain(count, entries, grammar))

    def to_plain(self) -> Any:
        """Return what there is to keep of it, made of plain values; None where it was handed over."""
        notable = {number: tuple(each) for number, each in self.notable.items()}
        return None if self._count is None else (self.cycles, notable, self._count.to_plain())

    def _go_on(self, said: Callable[[Entry], EntryFields]) -> None:
        count, entries = self._count, self._entries
        assert count is not None  # it is new
        last = len(entries) - 1
        for number in range(len(self.cycles), len(entries)):
            entry, fields = entries[number], said(entries[number])
            among, earlier = count.before(entry, fields)
            self.cycles.append(None if among is None else among[1])
            if earlier != _NOTHING:
                self.notable[number] = earlier
            if number < last:  # which may go on
                count.add(number, entry, fields, among, earlier)

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
        self._first: dict[Among, dict[int, int]] = {}
        self._ended: dict[Among, int] = {}
        self._latest: tuple[Timestamp, int] | None = None
        self._further: dict[str, int] = {}

    def to_plain(self) -> Any:
        """Return it, made of nothing but plain values."""
        latest = None if self._latest is None else self._latest[1]
        return self._cycle, self._over, self._largest, self._first, self._ended, latest, self._further

    @staticmethod
    def from_plain(kept: Any, entries: Sequence[Entry], grammar: str) -> _Count:
        """Return the count of which this was kept."""
        count = _Count(grammar)
        count._cycle, count._over, count._largest, count._first, count._ended, latest, count._further = kept
        time = None if latest is None else entries[latest].time
        count._latest = None if latest is None or time is None else (time, latest)
        return count

    def before(self, entry: Entry, fields: EntryFields) -> tuple[Among | None, Earlier]:
        """Return what an entry that comes next is counted among, if it is, and what it has before it."""
        later, text = self._later_than(entry), entry.time_text
        garbled = text is not None and entry.time is None and looks_like_time(text)
        further = self._further.get(entry.phase) if self._is_work(entry) and entry.phase is not None else None
        if further is not None:
            further = None if fields.remains else further + 1
        if not self._counts or not entry.understood or entry.iteration is None:
            return None, Earlier(later=later, further=further, garbled=garbled)
        cycle = entry.cycle if entry.cycle is not None else -self._cycle_of(entry)
        among = entry.kind, cycle, (entry.phase or "").lower()
        next_one, same = self._largest.get(among, 0) + 1, self._first.get(among, {}).get(entry.iteration)
        missing = next_one if entry.iteration > next_one else None
        return among, Earlier(missing, same, self._ended.get(among), later, further, garbled)

    def add(self, number: int, entry: Entry, fields: EntryFields, among: Among | None, earlier: Earlier) -> None:
        """Count an entry."""
        time = entry.time if entry.time_span is not None and earlier.later is None else None
        if time is not None and (self._latest is None or is_certainly_before(self._latest[0], time)):
            self._latest = time, number
        if self._is_work(entry) and entry.phase is not None:
            self._add_work(entry.phase, fields, earlier)
        if among is None or entry.iteration is None:
            return
        self._largest[among] = max(self._largest.get(among, 0), entry.iteration)
        self._first.setdefault(among, {}).setdefault(entry.iteration, number)
        if not self._phases:
            self._add_verdict(among, entry.iteration, fields.verdict, self._cycle_of(entry))

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
