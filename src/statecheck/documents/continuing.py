"""A log that goes on from an older version of it: what was found in its old part is not looked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents.logs import entries, same_entries
from statecheck.documents.markdown import Markdown
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from statecheck.documents.log_course import Course
    from statecheck.documents.logs import Entry, Grammar
    from statecheck.documents.model import MarkdownDocument
    from statecheck.documents.work_log import WorkLog


class Noted(NamedTuple):
    """The numbers of the entries, of all of these, of which there is something to say; `given` is what it depends on.

    Of the others there is nothing to say, whatever comes after them.
    """

    entries: Sequence[Entry]
    given: object
    numbers: Sequence[int]
    anew: bool = False
    """Whether every entry was looked at for it, and not only what an older version did not have."""


class Known:
    """What was worked out of the latest version of a log that somebody asked about: its next version goes on from it.

    Whether it does is seen by its entries.
    """

    def __init__(self) -> None:
        self.course: Course | None = None
        self.work: WorkLog | None = None
        self.noted: dict[str, Noted] = {}
        """By the code of the rule that looked at each of the entries."""
        self.headings = Headings()

    def due(self, code: str, entries: Sequence[Entry], holds: Callable[[object], bool]) -> tuple[Sequence[int], bool]:
        """Return the numbers of the entries that a rule has to look at, and whether these are all for want of a note.

        `holds` says whether what was noted still holds, given what it depends on.
        """
        before = self.noted.get(code)
        if before is None or not holds(before.given):
            return range(len(entries)), True
        known = same_entries(before.entries, entries)
        again = (number for number in before.numbers if number < known)
        return (*again, *range(known, len(entries))), False


class Headings:
    """The numbers of the entries of a log by their headings. Its next version goes on from it."""

    def __init__(self) -> None:
        self._entries: Sequence[Entry] = ()
        self._numbers: dict[str, list[int]] = {}

    def alike(self, entries: Sequence[Entry], since: int) -> list[int]:
        """Return the numbers of the entries before one that have the heading of that one, or of one after it."""
        self._go_on(entries)
        new = {entry.heading.text for entry in entries[since:]}
        return sorted(number for text in new for number in self._numbers[text] if number < since)

    def _go_on(self, entries: Sequence[Entry]) -> None:
        if entries is self._entries:
            return
        known = same_entries(self._entries, entries)
        if known:
            self._numbers[self._entries[known].heading.text].pop()  # it was the last of all
        else:
            self._numbers = {}
        for number in range(known, len(entries)):
            self._numbers.setdefault(entries[number].heading.text, []).append(number)
        self._entries = entries


def continued_entries(
    new: MarkdownDocument, old: MarkdownDocument, found: Sequence[Entry], grammar: Grammar
) -> list[Entry] | None:
    """Return the entries of a log that begins with all of an older version of it, or None where to find them anew.

    `found` are the entries of the old version. Its last one may go on; what stands before that is as it was: nothing
    in Markdown reaches over a heading at the beginning of a line.
    """
    rest = _rest(new, old.lines.start(found[-1].heading.line), found, grammar) if found else None
    if rest is None:
        return None
    text, added = rest
    new.continue_from(old, found[-1], text)
    every = list(found)
    every[-1:] = added
    return every


def read_on(new: MarkdownDocument, found: Sequence[Entry], grammar: Grammar) -> list[Entry] | None:
    """Return the entries of a log from the last of those on that an older version has, or None where to find all anew.

    Those say where they stand in it. The log begins with all of the older version, and is not read before its end.
    """
    start = found[-1].span.start
    rest = _rest(new, start, found, grammar)
    if rest is None:
        return None
    new.markdown.begin_at(found[-1].heading.line, start, rest[0])
    return rest[1]


def _rest(
    new: MarkdownDocument, start: int, found: Sequence[Entry], grammar: Grammar
) -> tuple[Markdown, list[Entry]] | None:
    """Return what stands in a log from the last of the entries on that an older version has, and its entries."""
    last = found[-1].heading
    if last.level == 1 or not new.text.startswith("#", start):
        return None
    rest = Markdown(new.text[start:])
    added = entries(rest, grammar)
    if not added or added[0].heading.line != 0 or added[0].heading.level != last.level:
        return None
    return rest, [_moved(each, last.line, start) for each in added]


def _moved(entry: Entry, lines: int, characters: int) -> Entry:
    """Return an entry of the rest of a log as one of the whole log. Its text is that of the rest."""
    heading, time = entry.heading, entry.time_span
    return entry._replace(
        heading=heading._replace(line=heading.line + lines, span=heading.span.moved(characters)),
        end_line=entry.end_line + lines,
        time_span=None if time is None else time.moved(characters),
    )
