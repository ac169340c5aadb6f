"""What an entry of a log says: its sections and its ``Name: value`` lines (persist.md steps 3 and 4; progress.md)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from statecheck.documents.logs import Entry
    from statecheck.documents.markdown import Field, Heading, Item, Markdown

MOST_DIGITS = 18
"""Digits of a count that are looked at: no refinement has more violations."""

_DONE = re.compile(r"^[`*]*(?P<phase>[\w.-]+?)_DONE\b", re.IGNORECASE)
_BLOCKED = re.compile(r"^[`*]*BLOCKED:\s*\S", re.IGNORECASE)
_OF = re.compile(r"^[`*\s]*(\d{1,9})\s+of\s+(\d{1,9})\b", re.IGNORECASE)
_COUNT = re.compile(r"^[`*\s]*(\d+)[`*]*\s*(?:[(\[–—-].*|[.,;:](?!\d).*)?$")
_NONE = re.compile(r"^[`*_\s]*(?:none|n/a|nothing)[`*_\s]*[.!]?$", re.IGNORECASE)


class Latest:
    """The latest version of a log: older ones, of which it has all, need not be kept for what their entries say."""

    __slots__ = ("markdown",)

    def __init__(self, markdown: Markdown) -> None:
        self.markdown = markdown


class EntryFields:
    """The sections, fields and list items between the lines of an entry. Names are compared in lower case."""

    __slots__ = ("_done", "_entry", "_fields", "_found", "_log", "_names")

    def __init__(self, log: Latest, entry: Entry) -> None:
        self._log = log
        self._entry = entry
        self._found: list[Heading] | None = None
        self._fields: list[Field] | None = None
        self._names: list[str] = []
        self._done: str | None = ""

    def signals(self, done_phase: str | None) -> None:
        """Be told the phase that the entry signals to be done, which need not be looked for then."""
        self._done = done_phase

    def move_to(self, log: Latest) -> None:
        """Look into another version of the log from now on, which has the entry as it is."""
        self._log = log

    @property
    def _titles(self) -> list[Heading]:
        if self._found is None:
            self._found = self._log.markdown.headings_between(*self.lines())
        return self._found

    def section(self, name: str) -> Heading | None:
        """Return the section whose title is, or begins with, a name."""
        return next(iter(self.sections(name)), None)

    def sections(self, name: str) -> list[Heading]:
        """Return the sections whose title is, or begins with, a name."""
        begin = name.lower()
        return [each for each in self._titles if each.text.strip().lower().startswith(begin)]

    def field(self, name: str, within: Heading | None = None) -> Field | None:
        """Return the field of a name, in a section of the entry or in all of it."""
        found = self.fields(name, within)
        return found[0] if found else None

    def fields(self, name: str, within: Heading | None = None) -> list[Field]:
        """Return the fields of a name, in a section of the entry or in all of it."""
        if self._fields is None:
            self._fields = self._log.markdown.fields_between(*self.lines())
            self._names = [each.name.lower() for each in self._fields]
        wanted = name.lower()
        if wanted not in self._names:
            return []
        named = [each for each, known in zip(self._fields, self._names, strict=True) if known == wanted]
        if within is None:
            return named
        first, last = self.lines(within)
        return [each for each in named if first <= each.line < last]

    def items(self, within: Heading | None = None) -> list[Item]:
        """Return the list items of a section of the entry, or of all of it."""
        return self._log.markdown.items_between(*self.lines(within))

    def below(self, field: Field) -> list[Item]:
        """Return the list items that belong to a field: below its own item, else up to the next field or heading."""
        items = self.items()
        own = next((each for each in items if each.line == field.line), None)
        if own is not None:
            return self._log.markdown.items_between(own.line + 1, own.end_line)
        listed = {each.line for each in items}
        rest = field.line + 1, self._entry.end_line
        following = [each.line for each in self._log.markdown.fields_between(*rest)]
        titles = [each.line for each in self._log.markdown.headings_between(*rest)]
        end = min((line for line in [*following, *titles] if line not in listed), default=self._entry.end_line)
        return [_before(end, each) for each in self._log.markdown.items_between(field.line + 1, end)]

    def lines(self, within: Heading | None = None) -> tuple[int, int]:
        """Return the lines of a section of the entry, or of all of it, below its heading; the last is exclusive."""
        if within is None:
            return self._entry.heading.line + 1, self._entry.end_line
        inside = (each for each in self._titles if each.line > within.line)
        end = next((each.line for each in inside if each.level <= within.level), self._entry.end_line)
        return within.line + 1, end

    @property
    def done_phase(self) -> str | None:
        """The phase, in lower case, that the entry signals to be done."""
        if self._done == "":  # it was not looked for yet
            signal = self.field("signal")
            match = _DONE.match(signal.value) if signal is not None else None
            self._done = match.group("phase").lower() if match is not None else None
        return self._done

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
