"""What an earlier run found in a long log: of the same log with more at its end, only that is read.

What is kept of an entry is what its heading says, and where it stands; and of the log as a whole, what later entries
are held against. It is kept as it is saved, in a few long rows: of most entries nobody asks anything.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, overload

from statecheck.documents.continuing import Known, Noted, read_on
from statecheck.documents.log_course import Course
from statecheck.documents.logs import Entry
from statecheck.documents.markdown import Heading
from statecheck.documents.positions import Span
from statecheck.trees import blob_id
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from statecheck.documents.logs import Form, Grammar
    from statecheck.documents.model import MarkdownDocument

SPARE = 2**16
"""Bytes that a log may grow by before what was found in it is kept anew: so much is read again sooner."""

_LINE, _ITERATION = 1, 8
"""Which of the numbers are the line of the heading, and the iteration."""

_NUMBER = "i"
"""The type of a number in a row; None is below zero."""


class _Entries(Sequence[Entry]):
    """Entries that are made when somebody looks at them."""

    def _at(self, number: int) -> Entry:
        raise NotImplementedError

    @overload
    def __getitem__(self, number: int) -> Entry: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Entry]: ...
    def __getitem__(self, number: int | slice) -> Entry | Sequence[Entry]:
        every = range(len(self))
        return [self._at(each) for each in every[number]] if isinstance(number, slice) else self._at(every[number])


class PastEntries(_Entries):
    """The entries of a log as they were kept."""

    def __init__(self, text: str, rows: Rows) -> None:
        self.rows = rows
        self._text = text
        self._made: dict[int, Entry] = {}

    def __len__(self) -> int:
        return len(self.rows.titles)

    def done_phase(self, line: int) -> str | None:
        """Return the phase that the entry which begins on a line signals to be done."""
        done: str | None = self.rows.dones[bisect_left(self.rows.numbers[_LINE], line)]
        return done

    def _at(self, number: int) -> Entry:
        if number not in self._made:
            self._made[number] = self.rows.entry(number, self._text)
        return self._made[number]


class GrownEntries(_Entries):
    """The entries of an older version of a log, but its last one, and those that stand from there on.

    `length` is that of the older version in bytes.
    """

    def __init__(self, older: PastEntries, added: Sequence[Entry], length: int) -> None:
        self.older, self.added, self.length = older, added, length
        self._known = len(older) - 1

    def __len__(self) -> int:
        return self._known + len(self.added)

    def _at(self, number: int) -> Entry:
        return self.older[number] if number < self._known else self.added[number - self._known]


class Encoded:
    """A row of values of which there are only few, each written once: `codes` are their numbers."""

    def __init__(self, values: list[Any], codes: array[int]) -> None:
        self.values, self.codes = values, codes

    @staticmethod
    def of(row: Iterable[Any]) -> Encoded:
        """Return a row of these values."""
        values: dict[Any, int] = {}
        codes = array(_NUMBER, (values.setdefault(each, len(values)) for each in row))
        return Encoded(list(values), codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, number: int) -> Any:
        return self.values[self.codes[number]]

    def grown(self, known: int, added: Encoded) -> Encoded:
        """Return the first so many of these values, and others after them."""
        return Encoded.of(self[each] if each < known else added[each - known] for each in range(known + len(added)))


class Rows(NamedTuple):
    """What is kept of the entries of a log. `numbers` are in the order in which `_numbers_of` gives them."""

    numbers: Sequence[array[int]]
    titles: Sequence[str]
    phases: Encoded
    kinds: Encoded
    forms: Encoded
    dones: Encoded

    @staticmethod
    def of(entries: Sequence[Entry], document: MarkdownDocument) -> Rows:
        """Return what to keep of the last entries of a log."""
        starts = [document.start_of(entry.heading.line) for entry in entries]
        places = pairwise([*starts, len(document.text)])
        numbers = (_numbers_of(entry, Span(*place)) for entry, place in zip(entries, places, strict=True))
        return Rows(
            [array(_NUMBER, each) for each in zip(*numbers, strict=True)],
            [entry.heading.text for entry in entries],
            Encoded.of(entry.phase for entry in entries),
            Encoded.of(entry.kind for entry in entries),
            Encoded.of(entry.form for entry in entries),
            Encoded.of(document.said_in(entry).done_phase for entry in entries),
        )

    @property
    def few(self) -> tuple[Encoded, ...]:
        """The rows of few values."""
        return self.phases, self.kinds, self.forms, self.dones

    @staticmethod
    def from_plain(kept: Any) -> Rows:
        """Return the rows of which this was kept. Raises `ValueError` where they are not equally long."""
        numbers, titles, *others = kept
        few = [Encoded(values, array(_NUMBER, codes)) for values, codes in others]
        rows = Rows([array(_NUMBER, each) for each in numbers], titles, *few)
        lengths = {*map(len, rows.numbers), *map(len, rows.few)}
        if lengths != {len(titles)} or not titles:
            raise ValueError
        return rows

    def to_plain(self) -> Any:
        """Return the rows made of plain values."""
        few = ((each.values, each.codes.tobytes()) for each in self.few)
        return [each.tobytes() for each in self.numbers], list(self.titles), *few

    def grown(self, known: int, added: Rows) -> Rows:
        """Return the first so many of these, and others after them."""
        numbers = [old[:known] + new for old, new in zip(self.numbers, added.numbers, strict=True)]
        few = (old.grown(known, new) for old, new in zip(self.few, added.few, strict=True))
        return Rows(numbers, [*self.titles[:known], *added.titles], *few)

    def entry(self, number: int, text: str) -> Entry:
        """Return an entry of a log whose text is this."""
        level, line, end_line, start, end, title, title_end, cycle, iteration, time, time_end = (
            each[number] for each in self.numbers
        )
        heading = self.titles[number]
        return Entry(
            Heading(level, heading, line, Span(title, title_end)),
            end_line,
            text,
            Span(start, end),
            _told(cycle),
            _told(iteration),
            self.phases[number],
            None if time < 0 else heading[time - title : time_end - title],
            None if time < 0 else Span(time, time_end),
            self.kinds[number],
            self.forms[number],
        )


class Head(NamedTuple):
    """What the heading of an entry says, as far as entries are told apart by it."""

    phase: str | None
    iteration: int | None
    kind: str
    form: Form


def heads_from(entries: Sequence[Entry], number: int) -> Iterator[Head]:
    """Yield what the headings of entries say, from one on; of those that were kept, none is made for it."""
    if isinstance(entries, GrownEntries):
        rows, known = entries.older.rows, len(entries.older) - 1
        for each in range(number, known):
            iteration = _told(rows.numbers[_ITERATION][each])
            yield Head(rows.phases[each], iteration, rows.kinds[each], rows.forms[each])
        entries, number = entries.added, max(0, number - known)
    yield from (Head(each.phase, each.iteration, each.kind, each.form) for each in entries[number:])


def past_of(document: MarkdownDocument, entries: Sequence[Entry], known: Known, oid: str | None) -> Any:
    """Return what to keep of a log, made of plain values; None where too little is known of it, or little is new.

    `oid` is its object id, if git has one.
    """
    noted = {name: each for name, each in known.noted.items() if each.entries is entries}
    course = None if known.course is None else known.course.to_plain()
    if not entries or course is None:
        return None
    if isinstance(entries, GrownEntries):
        anew = any(each.anew for each in noted.values())
        if not anew and len(document.data) - entries.length < SPARE:
            return None
        rows = entries.older.rows.grown(len(entries.older) - 1, Rows.of(entries.added, document))
    else:
        rows = Rows.of(entries, document)
    found = {name: (each.given, list(each.numbers)) for name, each in noted.items()}
    return len(document.data), oid or blob_id(document.data), rows.to_plain(), course, found


def go_on_from(past: Any, new: MarkdownDocument, grammar: Grammar) -> tuple[Sequence[Entry], Known] | None:
    """Return the entries of a log, and what is known of it, if it begins with all of what something was kept of.

    None where it does not, or where to find them anew.
    """
    try:
        length, oid, rows, course, noted = past
        older = PastEntries(new.text, Rows.from_plain(rows)) if new.begins_with(length, oid) else None
        if older is None:
            return None
        known = Known()
        known.course = Course.from_plain(course, older, grammar.name)
        known.noted = {name: Noted(older, given, numbers) for name, (given, numbers) in noted.items()}
    except (TypeError, ValueError, IndexError, AttributeError):  # it is not what was kept
        return None
    added = read_on(new, older, grammar)
    if added is None:
        return None
    new.said_before = older.done_phase
    return GrownEntries(older, added, length), known


def _numbers_of(entry: Entry, place: Span) -> tuple[int, ...]:
    heading, counts = entry.heading, (entry.cycle, entry.iteration)
    known = (-1 if each is None else each for each in counts)
    lines = heading.level, heading.line, entry.end_line
    return *lines, *place, *heading.span, *known, *(entry.time_span or (-1, -1))


def _told(number: int) -> int | None:
    return None if number < 0 else number
