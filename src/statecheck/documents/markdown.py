"""Markdown as blocks: what is a heading, a list item, a field, and what is only code, comment or quotation.

markdown-it-py's block rules decide; inline markup is not parsed (it costs ten times as much and no rule needs it).
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents.positions import Lines, Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_BOLD_FIELD = re.compile(r"^\*\*(?P<name>[^*:\n]+?)(?::\*\*|\*\*:)[ \t]*(?P<value>.*)$")
_PLAIN_FIELD = re.compile(r"^(?P<name>[A-Za-z][A-Za-z ]{0,40}):(?:[ \t]+(?P<value>.*))?$")
_TASK = re.compile(r"^\[(?P<mark>[ xX])\][ \t]+(?P<text>.*)$", re.DOTALL)


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


class TextLine(NamedTuple):
    """A line of text without the marks before it, and whether it stands in a list."""

    text: str
    line: int
    listed: bool


class Markdown:
    """The blocks of a Markdown text. Lines count from 0 here; offsets are characters of the given text."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    @cached_property
    def headings(self) -> list[Heading]:
        """The headings at the top level of the document."""
        found = []
        for index, token in enumerate(self._tokens):
            if token.type == "heading_open" and token.level == 0 and token.map:
                text = self._tokens[index + 1].content
                found.append(Heading(int(token.tag[1:]), text, token.map[0], self.inside(token.map[0], text)))
        return found

    @cached_property
    def code_spans(self) -> list[Span]:
        """The spans of code blocks and fences, anywhere."""
        code = [token.map for token in self._tokens if token.type in ("fence", "code_block") and token.map]
        return [self.lines.span(first, last) for first, last in code]

    @cached_property
    def items(self) -> list[Item]:
        """The list items outside quotes, in order; `depth` is 0 at the top."""
        found: list[Item] = []
        depth = quoted = 0
        for index, token in enumerate(self._tokens):
            quoted += _step(token, "blockquote")
            if token.type == "list_item_open" and not quoted and token.map:
                text = self._first_text(index)
                task = _TASK.match(text)
                checked = task.group("mark") in "xX" if task else None
                shown = task.group("text") if task else text
                first, last = token.map
                found.append(Item(shown, first, last, depth, checked, self.inside(first, text.split("\n")[0])))
            depth += _step(token, "list_item")
        return found

    @cached_property
    def fields(self) -> list[Field]:
        """The ``**Name:** value`` lines outside quotes and code, in order; without bold only in lists."""
        found: list[Field] = []
        for text, number, listed in self.texts:
            match = _BOLD_FIELD.match(text) or (_PLAIN_FIELD.match(text) if listed else None)
            if match:
                value = (match.group("value") or "").strip().removesuffix("\\").rstrip()
                found.append(Field(match.group("name").strip(), value, number, self.inside(number, value)))
        return found

    @cached_property
    def texts(self) -> list[TextLine]:
        """The lines of text outside quotes, code and comments, in order."""
        found: list[TextLine] = []
        listed = quoted = 0
        for token in self._tokens:
            quoted += _step(token, "blockquote")
            listed += _step(token, "list_item")
            if token.type == "inline" and not quoted and token.map:
                lines = enumerate(token.content.split("\n"), start=token.map[0])
                found += [TextLine(text, number, listed > 0) for number, text in lines]
        return found

    @cached_property
    def passages(self) -> list[Passage]:
        """The headings and paragraphs outside quotes and code, in order; those of list items too."""
        found: list[Passage] = []
        items: list[tuple[int, int]] = []
        quoted = 0
        for token in self._tokens:
            quoted += _step(token, "blockquote")
            if token.type == "list_item_open" and token.map:
                items.append((token.map[0], token.map[1]))
            elif token.type == "list_item_close":
                items.pop()
            elif token.type == "inline" and not quoted and token.map:
                found.append(Passage(token.content, token.map[0], token.map[1], items[-1] if items else None))
        return found

    @cached_property
    def head(self) -> list[Field]:
        """The fields before the first section: below it the same names are ordinary words."""
        end = next((heading.line for heading in self.headings if heading.level == 2), len(self.lines.starts))
        return [field for field in self.fields if field.line < end]

    def body(self, first: int, last: int) -> str:
        """Return the text of whole lines from `first` up to, not including, `last`."""
        span = self.lines.span(first, last)
        return self.text[span.start : span.end]

    def section(self, heading: Heading) -> tuple[int, int]:
        """Return the lines of a section's body: after its heading, to the next heading of its level or above."""
        after = (each.line for each in self.headings if each.line > heading.line and each.level <= heading.level)
        return heading.line + 1, next(after, len(self.lines.starts))

    @cached_property
    def _tokens(self) -> list[Token]:
        return _parser().parse(self.text.removeprefix("\ufeff"))

    def _first_text(self, index: int) -> str:
        """Return the first paragraph of the list item that opens at token `index`, if it begins with one."""
        following = self._tokens[index + 1 : index + 3]
        return following[1].content if len(following) == 2 and following[1].type == "inline" else ""

    def inside(self, line: int, text: str) -> Span:
        """Return where `text` stands in a line, or the whole line where it was written otherwise."""
        whole = self.lines.content(line + 1)
        start = self.lines.starts[line] if line < len(self.lines.starts) else len(self.text)
        column = whole.rfind(text) if text else len(whole)
        if column < 0:
            column, text = 0, whole
        return Span(start + column, start + column + len(text))


def _step(token: Token, name: str) -> int:
    if token.type == f"{name}_open":
        return 1
    return -1 if token.type == f"{name}_close" else 0


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser
