"""The blocks of a Markdown text that are looked at: headings and paragraphs, list items, and code.

markdown-it-py's block rules decide; inline markup is not parsed (it costs ten times as much and no rule needs it).
What `block_scan` and `heading_scan` are sure of, they say without it: importing it takes longer than a small run.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


class TextBlock(NamedTuple):
    """A heading or paragraph outside quotes: its lines from 0, `end_line` exclusive.

    `level` is 0 for a paragraph; `item` is the number of the list item that it stands in, if any.
    """

    level: int
    text: str
    line: int
    end_line: int
    item: int | None


class ListItem(NamedTuple):
    """A list item outside quotes: the heading or paragraph that it begins with; `depth` is 0 at the top."""

    text: str
    line: int
    end_line: int
    depth: int


class Blocks(NamedTuple):
    """What stands in a text, each in order; `code` are the lines of code blocks and fences, in quotes too."""

    texts: list[TextBlock]
    items: list[ListItem]
    code: list[tuple[int, int]]


def parsed_blocks(text: str) -> Blocks:
    """Return the blocks of a text as markdown-it-py has them."""
    found = Blocks([], [], [])
    inside: list[int] = []
    quoted = 0
    tokens = _parser().parse(text)
    for index, token in enumerate(tokens):
        quoted += _step(token, "blockquote")
        if not token.map:
            if token.type == "list_item_close" and not quoted:
                inside.pop()
        elif token.type in ("fence", "code_block"):
            found.code.append((token.map[0], token.map[1]))
        elif quoted:
            continue
        elif token.type == "list_item_open":
            following = tokens[index + 2]
            said = following.content if following.type == "inline" else ""
            found.items.append(ListItem(said, token.map[0], token.map[1], len(inside)))
            inside.append(len(found.items) - 1)
        elif token.type == "inline":
            tag = tokens[index - 1].tag
            level = int(tag[1:]) if tag != "p" else 0
            first, last = token.map
            found.texts.append(TextBlock(level, token.content, first, last, inside[-1] if inside else None))
    return found


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
