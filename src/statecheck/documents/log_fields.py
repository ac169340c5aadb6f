"""What an entry of a log says: its sections and its ``Name: value`` lines (persist.md steps 3 and 4; progress.md)."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, TypeVar

from statecheck.documents.markdown import Field, Heading, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.documents.logs import Entry
    from statecheck.documents.markdown import Markdown

MOST_DIGITS = 18
"""Digits of a count that are looked at: no refinement has more violations."""

Lined = TypeVar("Lined", Field, Heading, Item)

_DONE = re.compile(r"^[`*]*(?P<phase>[\w.-]+?)_DONE\b", re.IGNORECASE)
_BLOCKED = re.compile(r"^[`*]*BLOCKED:\s*\S", re.IGNORECASE)
_OF = re.compile(r"^[`*\s]*(\d{1,9})\s+of\s+(\d{1,9})\b", re.IGNORECASE)
_COUNT = re.compile(r"^[`*\s]*(\d+)[`*]*\s*(?:[(\[–—-].*|[.,;:](?!\d).*)?$")
_NONE = re.compile(r"^[`*_\s]*(?:none|n/a|nothing)[`*_\s]*[.!]?$", re.IGNORECASE)


class EntryFields:
    """The sections, fields and list items between the lines of an entry. Names are compared in lower case."""

    def __init__(self, markdown: Markdown, entry: Entry, fields: Sequence[Field] | None = None) -> None:
        self._markdown = markdown
        self._entry = entry
        self._fields: dict[str, list[Field]] = {}
        for each in _between(markdown.fields, *self.lines()) if fields is None else fields:
            self._fields.setdefault(each.name.lower(), []).append(each)

    def section(self, name: str) -> Heading | None:
        """Return the section whose title is, or begins with, a name."""
        return next(iter(self.sections(name)), None)

    def sections(self, name: str) -> list[Heading]:
        """Return the sections whose title is, or begins with, a name."""
        first, last = self._entry.heading.line + 1, self._entry.end_line
        titles = _between(self._markdown.headings, first, last)
        return [each for each in titles if each.text.strip().lower().startswith(name.lower())]

    def field(self, name: str, within: Heading | None = None) -> Field | None:
        """Return the field of a name, in a section of the entry or in all of it."""
        found = self._fields.get(name.lower()) if within is None else self.fields(name, within)
        return found[0] if found else None

    def fields(self, name: str, within: Heading | None = None) -> list[Field]:
        """Return the fields of a name, in a section of the entry or in all of it."""
        if within is None:
            return self._fields.get(name.lower(), [])
        named = _between(self._markdown.fields, *self.lines(within))
        return [each for each in named if each.name.lower() == name.lower()]

    def items(self, within: Heading | None = None) -> list[Item]:
        """Return the list items of a section of the entry, or of all of it."""
        return _between(self._markdown.items, *self.lines(within))

    def below(self, field: Field) -> list[Item]:
        """Return the list items that belong to a field: below its own item, else up to the next field or heading."""
        items = self.items()
        own = next((each for each in items if each.line == field.line), None)
        if own is not None:
            return _between(items, own.line + 1, own.end_line)
        listed = {each.line for each in items}
        following = [each.line for each in _between(self._markdown.fields, field.line + 1, self._entry.end_line)]
        titles = [each.line for each in _between(self._markdown.headings, field.line + 1, self._entry.end_line)]
        end = min((line for line in [*following, *titles] if line not in listed), default=self._entry.end_line)
        return [_before(end, each) for each in _between(items, field.line + 1, end)]

    def lines(self, within: Heading | None = None) -> tuple[int, int]:
        """Return the lines of a section of the entry, or of all of it, below its heading; the last is exclusive."""
        if within is None:
            return self._entry.heading.line + 1, self._entry.end_line
        inside = _between(self._markdown.headings, within.line + 1, self._entry.end_line)
        end = next((each.line for each in inside if each.level <= within.level), self._entry.end_line)
        return within.line + 1, end

    @property
    def done_phase(self) -> str | None:
        """The phase, in lower case, that the entry signals to be done."""
        signal = self.field("signal")
        match = _DONE.match(signal.value) if signal is not None else None
        return match.group("phase").lower() if match is not None else None

    @property
    def done(self) -> bool:
        """Whether the entry signals that its phase is done."""
        return self.done_phase == (self._entry.phase or "").lower()

    @property
    def names_blocker(self) -> bool:
        """Whether the entry says what the work is waiting for."""
        signal, blockers = self.field("signal"), self.field("blockers")
        waits = signal is not None and _BLOCKED.match(signal.value) is not None
        return waits or (blockers is not None and blockers.value != "" and not is_none(blockers.value))

    @property
    def remains(self) -> bool:
        """Whether the entry says that something remains to be done."""
        remaining = self.field("remaining")
        return remaining is not None and not is_none(remaining.value)

    @property
    def verdict(self) -> str | None:
        """The word of an iteration on whether to go on: ``continue`` or ``terminate``, None where it says neither."""
        for name in ("convergence", "decision"):
            field = self.field(name)
            word = first_word(field.value) if field is not None else ""
            if word in ("continue", "terminate"):
                return word
        return None


def fields_of_entries(markdown: Markdown, entries: Sequence[Entry]) -> list[EntryFields]:
    """Return what each entry of a log says. The places of all fields are looked at once."""
    fields = markdown.fields
    lines = [each.line for each in fields]
    return [
        EntryFields(
            markdown,
            entry,
            fields[bisect_left(lines, entry.heading.line + 1) : bisect_left(lines, entry.end_line)],
        )
        for entry in entries
    ]


def _between(found: Sequence[Lined], first: int, last: int) -> list[Lined]:
    """Return what stands on the lines from `first` up to, not including, `last`, of something in the order of lines."""
    start = bisect_left(found, first, key=lambda each: each.line)
    return list(found[start : bisect_left(found, last, lo=start, key=lambda each: each.line)])


def _before(line: int, item: Item) -> Item:
    """Return an item without the lines from `line` on: Markdown takes a field right below a list for its last item."""
    return item._replace(text="\n".join(item.text.split("\n")[: line - item.line]))


def is_none(value: str) -> bool:
    """Say whether a value says that there is nothing."""
    return _NONE.match(value) is not None


def first_word(value: str) -> str:
    """Return the first word of a value in lower case, without marks of emphasis around it."""
    match = re.match(r"[`*_\s]*([A-Za-z-]+)", value)
    return match.group(1).lower() if match else ""


def number_of(value: str) -> tuple[int, int] | None:
    """Return the two numbers of a value like ``3 of 5``, or None where it is none."""
    match = _OF.match(value)
    return (int(match.group(1)), int(match.group(2))) if match else None


def leading_number(value: str) -> int | None:
    """Return the number that a value is, whatever is said of it after that, or None where it is none."""
    match = _COUNT.match(value)
    return int(match.group(1)[:MOST_DIGITS]) if match else None
