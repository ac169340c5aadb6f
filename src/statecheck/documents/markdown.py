"""Markdown as blocks: what is a heading, a list item, a field, and what is only code, comment or quotation."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from sys import intern
from typing import TYPE_CHECKING, TypeVar

from statecheck.documents.block_scan import scanned_blocks
from statecheck.documents.blocks import Blocks, TextBlock, parsed_blocks
from statecheck.documents.heading_scan import scanned_headings
from statecheck.documents.positions import Lines, Span
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOLD_FIELD = re.compile(r"^\*\*(?P<name>[^*:\n]+?)(?::\*\*|\*\*:)[ \t]*(?P<value>.*)$")
_PLAIN_FIELD = re.compile(r"^(?P<name>[A-Za-z][A-Za-z ]{0,40}):(?:[ \t]+(?P<value>.*))?$")
_TASK = re.compile(r"^\[(?P<mark>[ xX])\][ \t]+(?P<text>.*)$", re.DOTALL)

PIECE = 2**18
"""Characters of a text from which on it is read in pieces."""


class Heading(NamedTuple):
    """A heading outside lists, quotes and code; `line` counts from 0, `span` is the heading's text."""

    level: int
    text: str
    line: int
    span: Span


class Field(NamedTuple):
    """A ``**Name:** value`` line, or ``Name: value`` as a list item; `span` is the value's."""

    name: str
    value: str
    line: int
    span: Span


class Item(NamedTuple):
    """A list item: its first paragraph, whether it is a checked or unchecked box, and where it stands."""

    text: str
    line: int
    end_line: int
    depth: int
    checked: bool | None
    span: Span


class Passage(NamedTuple):
    """A heading or paragraph: its text, and its lines; `item` are those of the list item that it stands in, if any."""

    text: str
    line: int
    end_line: int
    item: tuple[int, int] | None


Placed = TypeVar("Placed", Heading, Field, Item)


class TextLine(NamedTuple):
    """A line of text without the marks before it, and whether it stands in a list."""

    text: str
    line: int
    listed: bool


class Markdown:
    """The blocks of a Markdown text. Lines count from 0 here; offsets are characters of the given text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._end: _End | None = None

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    @cached_property
    def headings(self) -> list[Heading]:
        """The headings at the top level of the document."""
        return [
            Heading(block.level, block.text, block.line, self.inside(block.line, block.text)) for block in self._titles
        ]

    @cached_property
    def code_spans(self) -> list[Span]:
        """The spans of code blocks and fences, anywhere."""
        return [self.lines.span(first, last) for first, last in self._blocks.code]

    @cached_property
    def items(self) -> list[Item]:
        """The list items outside quotes, in order; `depth` is 0 at the top."""
        found: list[Item] = []
        for above, blocks in self._pieces():
            for text, first, last, depth in blocks.items:
                task = _TASK.match(text)
                checked = task.group("mark") in "xX" if task else None
                shown = task.group("text") if task else text
                span = self.inside(above + first, text.partition("\n")[0])
                found.append(Item(shown, above + first, above + last, depth, checked, span))
        return found

    @cached_property
    def fields(self) -> list[Field]:
        """The ``**Name:** value`` lines outside quotes and code, in order; without bold only in lists."""
        found: list[Field] = []
        for above, blocks in self._pieces():
            for _, whole, first, _, item in blocks.texts:
                for number, text in enumerate(whole.split("\n"), start=above + first) if ":" in whole else ():
                    match = _BOLD_FIELD.match(text) or (_PLAIN_FIELD.match(text) if item is not None else None)
                    if match:
                        name, said = match.groups("")
                        value = said.strip().removesuffix("\\").rstrip()
                        found.append(Field(intern(name.strip()), value, number, self.inside(number, value)))
        return found

    @cached_property
    def texts(self) -> list[TextLine]:
        """The lines of text outside quotes, code and comments, in order."""
        return [
            TextLine(text, number, block.item is not None)
            for block in self._blocks.texts
            for number, text in enumerate(block.text.split("\n"), start=block.line)
        ]

    @cached_property
    def passages(self) -> list[Passage]:
        """The headings and paragraphs outside quotes and code, in order; those of list items too."""
        items = [(item.line, item.end_line) for item in self._blocks.items]
        return [
            Passage(block.text, block.line, block.end_line, None if block.item is None else items[block.item])
            for block in self._blocks.texts
        ]

    @cached_property
    def head(self) -> list[Field]:
        """The fields before the first section: below it the same names are ordinary words."""
        end = next((heading.line for heading in self.headings if heading.level == 2), len(self.lines.starts))
        return [field for field in self.fields if field.line < end]

    def continue_from(self, old: Markdown, line: int, rest: Markdown) -> None:
        """Take over what was found in an older text: the lines before `line` are the same, and `rest` are the others.

        The rest begins with a heading at the top, over which nothing reaches.
        """
        start = old.lines.start(line)
        starts = old.lines.starts[:line]
        starts += [start + each for each in rest.lines.starts]
        self.lines = Lines(self.text, starts)
        known = old.__dict__
        if "headings" in known:
            self.headings, self._heading_lines = _continued(
                old.headings, old._heading_lines, line, [_moved(each, line, start) for each in rest.headings]
            )
        if "fields" in known:
            self.fields, self._field_lines = _continued(
                old.fields, old._field_lines, line, [_moved(each, line, start) for each in rest.fields]
            )
        if "items" in known:
            items = (_moved(each, line, start) for each in rest.items)
            self.items, self._item_lines = _continued(
                old.items, old._item_lines, line, [each._replace(end_line=each.end_line + line) for each in items]
            )

    def begin_at(self, line: int, start: int, rest: Markdown) -> None:
        """Look, for what stands from a line on, in the rest of the text alone: it begins with a heading at the top."""
        self._end = _End(line, start, rest)

    def is_passed_over(self, line: int) -> bool:
        """Say whether a line stands before the part of the text that is looked into."""
        return self._end is not None and line < self._end.line

    def _end_with(self, line: int) -> _End | None:
        return None if self._end is None or line < self._end.line else self._end

    def start(self, line: int) -> int:
        """Return where a line starts; the end of the text where there is none."""
        if end := self._end_with(line):
            return end.start + end.rest.lines.start(line - end.line)
        return self.lines.start(line)

    def body(self, first: int, last: int) -> str:
        """Return the text of whole lines from `first` up to, not including, `last`."""
        span = self.lines.span(first, last)
        return self.text[span.start : span.end]

    def headings_between(self, first: int, last: int) -> list[Heading]:
        """Return the headings on the lines from `first` up to, not including, `last`."""
        if end := self._end_with(first):
            return end.moved(end.rest.headings_between(first - end.line, last - end.line))
        return self.headings[_between(self._heading_lines, first, last)]

    def fields_between(self, first: int, last: int) -> list[Field]:
        """Return the fields on the lines from `first` up to, not including, `last`."""
        if end := self._end_with(first):
            return end.moved(end.rest.fields_between(first - end.line, last - end.line))
        return self.fields[_between(self._field_lines, first, last)]

    def items_between(self, first: int, last: int) -> list[Item]:
        """Return the items that begin on the lines from `first` up to, not including, `last`."""
        if end := self._end_with(first):
            items = end.moved(end.rest.items_between(first - end.line, last - end.line))
            return [each._replace(end_line=each.end_line + end.line) for each in items]
        return self.items[_between(self._item_lines, first, last)]

    def section(self, heading: Heading) -> tuple[int, int]:
        """Return the lines of a section's body: after its heading, to the next heading of its level or above."""
        after = (each.line for each in self.headings if each.line > heading.line and each.level <= heading.level)
        return heading.line + 1, next(after, len(self.lines.starts))

    @cached_property
    def _heading_lines(self) -> list[int]:
        return [each.line for each in self.headings]

    @cached_property
    def _field_lines(self) -> list[int]:
        return [each.line for each in self.fields]

    @cached_property
    def _item_lines(self) -> list[int]:
        return [each.line for each in self.items]

    @cached_property
    def _titles(self) -> list[TextBlock]:
        """The headings at the top, for which most of a text need not be read."""
        found = scanned_headings(_plain(self.text)) if "_blocks" not in self.__dict__ else None
        return [each for each in self._blocks.texts if each.level and each.item is None] if found is None else found

    @cached_property
    def _blocks(self) -> Blocks:
        return _blocks_of(self.text)

    def _pieces(self) -> Iterator[tuple[int, Blocks]]:
        """Yield the blocks, with the lines above: a long log's piece by piece, so that they are not all kept.

        A piece begins with a heading at the beginning of a line, over which nothing reaches.
        """
        if len(self.text) <= PIECE or "_blocks" in self.__dict__:
            yield 0, self._blocks
            return
        start = above = 0
        for heading in self.headings:
            end = self.lines.start(heading.line)
            if end - start >= PIECE and self.text.startswith("#", end):
                yield above, _blocks_of(self.text[start:end])
                start, above = end, heading.line
        yield above, _blocks_of(self.text[start:])

    def inside(self, line: int, text: str) -> Span:
        """Return where `text` stands in a line, or the whole line where it was written otherwise."""
        starts = self.lines.starts
        if text and line + 1 < len(starts):
            found = self.text.rfind(text, starts[line], starts[line + 1])
            if found >= 0:
                return Span(found, found + len(text))
        start = self.lines.start(line)
        whole = self.lines.content(line + 1)
        column = whole.rfind(text) if text else len(whole)
        if column < 0:
            column, text = 0, whole
        return Span(start + column, start + column + len(text))


class _End(NamedTuple):
    """The rest of a text, from a line on, and where that starts."""

    line: int
    start: int
    rest: Markdown

    def moved(self, found: list[Placed]) -> list[Placed]:
        """Return what stands in it as it stands in the whole."""
        return [_moved(each, self.line, self.start) for each in found]


def _blocks_of(text: str) -> Blocks:
    plain = _plain(text)
    return scanned_blocks(plain) or parsed_blocks(plain)


def _plain(text: str) -> str:
    r"""Return a text without a byte order mark, whose lines end with ``\n``."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _moved(found: Placed, lines: int, characters: int) -> Placed:
    """Return what stands in the rest of a text as it stands in the whole."""
    return found._replace(line=found.line + lines, span=found.span.moved(characters))


def _continued(
    known: list[Placed], lines: list[int], line: int, further: list[Placed]
) -> tuple[list[Placed], list[int]]:
    """Return what stood before a line and what stands after it, and the lines of all of it."""
    count = bisect_left(lines, line)
    every, where = known[:count], lines[:count]  # copied once: they are as long as the log
    every += further
    where += [each.line for each in further]
    return every, where


def _between(lines: list[int], first: int, last: int) -> slice:
    """Return which of what begins on these lines begins from `first` up to, not including, `last`."""
    start = bisect_left(lines, first)
    return slice(start, bisect_left(lines, last, lo=start))
