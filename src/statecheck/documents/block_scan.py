"""The blocks of a Markdown text by regular expression, where it is certain what markdown-it-py would say.

Certain are headings, paragraphs, lists, fences, comments, thematic breaks and quotations as they are usually written.
Anything else makes the scan give up on the whole text, and the parser decides.
"""

from __future__ import annotations

import re
from functools import cache

from statecheck.documents.blocks import Blocks, ListItem, TextBlock
from statecheck.documents.repeats import as_often_as_possible

_PLAIN = r"""(?:
    [^ \t\n#`~<>\-+*_=0-9]
    |\*++[^ \t\n*] |_++[^ \t\n_] |-++[^ \t\n-] |=++[^ \t\n=] |\#++[^ \t\n#] |\+[^ \t\n]
    |`{1,2}+(?!`) |~{1,2}+(?!~) |<(?![A-Za-z/!?])
    |[0-9]++(?![.)](?:[ \t\n]|\Z))
)"""
"""How a line begins that can be nothing but text, wherever it stands."""

_TEXT = rf"{_PLAIN}.*+" + as_often_as_possible(rf"\n\ *+{_PLAIN}.*+")
_END = r"(?:\n|\Z)"
_RULE = "|".join(as_often_as_possible(rf"{mark}[ \t]*+", "{3,}") for mark in ("-", r"\*", "_"))
_BLANK = r"(?:[ \t\n]*\n)?(?:[ \t]++\Z)?"
_BLANKS = re.compile(_BLANK)
_COMMENT = re.compile(rf"(?s:<!(?=--).*?-->).*+{_END}{_BLANK}")
_QUOTE = re.compile(as_often_as_possible(rf" {{0,3}}+>.*+{_END}", "+"))
_CODE_IN_QUOTE = re.compile(r"\t|    |```|~~~")
_BEGINS_IN_TEXT = ("-", "+", "*", "1.", "1)")
"""The marks of a list that needs no blank line before it."""

MAX_DEPTH = 8
"""Open list items; markdown-it-py has a limit, too, and leaves out what is beyond it."""

MAX_MARKS = 16
"""Characters that a fence begins with."""


class _UnsureError(Exception):
    """What stands here is better left to the parser."""


def scanned_blocks(text: str) -> Blocks | None:
    r"""Return the blocks of a text whose lines end with ``\n``, or None where it is not certain what they are."""
    try:
        return _Scan(text).blocks() if "\0" not in text else None
    except _UnsureError:
        return None


def heading_text(written: str) -> str | None:
    """Return the text of a heading, given what stands after its marks; None where that is not certain."""
    text = written.strip(" \t")
    if text.endswith("#"):
        bare = text.rstrip("#")
        text = text if bare and bare[-1] not in " \t" else bare.rstrip(" \t")
    return text if text == text.strip() else None


class _Scan:
    """One pass over a text, from block to block."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line = 0
        """The line where the block at hand begins."""
        self.texts: list[TextBlock] = []
        self.code: list[tuple[int, int]] = []
        self.items: list[tuple[str, int, int]] = []
        self.ends: list[int] = []
        self.open: list[int] = []
        """The numbers of the list items that are open."""
        self.bases: list[int] = [0]
        """The column at which the contents of the document begin, and those of each open list item."""

    def blocks(self) -> Blocks:
        """Return the blocks. Raises `_UnsureError`."""
        text, bases, match_block = self.text, self.bases, _block().match
        paragraph = False  # whether the line above belongs to one
        position = self._end_of(_BLANKS, 0)
        self.line = text.count("\n", 0, position)
        while position < len(text):
            match = match_block(text, position)
            if match is None:
                raise _UnsureError
            kind, indent, end = match.lastgroup, match.end(1) - position, match.end()
            goes_on = paragraph and indent >= bases[-1]  # without a blank line it would be text, unless it cannot be
            if indent < bases[-1]:
                self._close(indent)
            if indent - bases[-1] > 3:
                raise _UnsureError
            if kind == "text":
                self._add_text(match["text"])
                paragraph = end <= match.end("text") + 1
            elif kind == "item":
                self._open_item(match, goes_on)
                paragraph = end <= match.end("item") + 1
            else:
                paragraph = False
                if kind == "title" or kind == "marks":
                    self._add_heading(match)
                elif kind == "rule":
                    self._add_rule(match["rule"].rstrip(), goes_on)
                else:
                    end = self._skip(match)
            self.line += text.count("\n", position, end)
            position = end
        self.line += bool(text[text.rfind("\n") + 1 :].strip(" \t"))  # the last line, where no line end follows
        self._close(-1)
        items = zip(self.items, self.ends, strict=True)
        return Blocks(self.texts, [ListItem(said, line, end, depth) for (said, line, depth), end in items], self.code)

    def _close(self, indent: int) -> None:
        """Close the list items that a block with this indentation does not belong to."""
        while self.open and indent < self.bases[-1]:
            self.ends[self.open.pop()] = self.line
            self.bases.pop()

    def _open_item(self, match: re.Match[str], goes_on: bool) -> None:
        """Add a list item, with the paragraph that it begins with."""
        if len(self.open) == MAX_DEPTH or (goes_on and match["marker"] not in _BEGINS_IN_TEXT):
            raise _UnsureError
        self.bases.append(match.start("item") - match.start())
        self.open.append(len(self.items))
        said = self._add_text(match["item"])
        self.items.append((said, self.line, len(self.open) - 1))
        self.ends.append(0)

    def _add_text(self, written: str) -> str:
        """Add a paragraph, and return what it says."""
        text = written.rstrip(" \t")
        if text != text.strip() or (text.startswith("[") and "]:" in text):  # a definition of a link would vanish
            raise _UnsureError
        if "\n " in text and self.open:
            text = _indented(self.bases[-1]).sub("\n", text)
        end = self.line + text.count("\n") + 1
        self.texts.append(TextBlock(0, text, self.line, end, self.open[-1] if self.open else None))
        return text

    def _add_heading(self, match: re.Match[str]) -> None:
        text = heading_text(match["title"] or "")
        if text is None:
            raise _UnsureError
        level = len(match["marks"])
        self.texts.append(TextBlock(level, text, self.line, self.line + 1, self.open[-1] if self.open else None))

    def _add_rule(self, rule: str, goes_on: bool) -> None:
        """Take a line for what it is: one that underlines the paragraph above makes a heading of it."""
        if goes_on and not rule.strip(rule[0]) and rule[0] in "-=":
            self.texts[-1] = self.texts[-1]._replace(level="=-".index(rule[0]) + 1)
        elif rule[0] == "=":
            raise _UnsureError

    def _skip(self, match: re.Match[str]) -> int:
        """Return where a fence, a comment or a quotation ends, and the blank lines after it."""
        if match.lastgroup == "fence":
            return self._fence(match)
        if self.open:
            raise _UnsureError
        if match.lastgroup == "comment":
            return self._end_of(_COMMENT, match.start("comment"))
        end = self._end_of(_QUOTE, match.start())
        after = self._end_of(_BLANKS, end)
        if _CODE_IN_QUOTE.search(self.text, match.start(), end) or end == after < len(self.text):
            raise _UnsureError
        return after

    def _fence(self, match: re.Match[str]) -> int:
        """Add a fence, up to where it is closed, or to the end of the list item that it is in."""
        marks, base = match["fence"], self.bases[-1]
        if len(marks) > MAX_MARKS:
            raise _UnsureError
        end = _fence_end(marks[0], len(marks), base).search(self.text, match.end("fence"))
        if end is None:
            raise _UnsureError
        after = end.end() if end["close"] is not None else end.start()
        if end["close"] is None and end[0].endswith("\t"):
            raise _UnsureError
        lines = self.text.count("\n", match.start(), after) + (self.text[after - 1] != "\n")
        self.code.append((self.line, self.line + lines))
        return self._end_of(_BLANKS, after)

    def _end_of(self, pattern: re.Pattern[str], position: int) -> int:
        found = pattern.match(self.text, position)
        if found is None:
            raise _UnsureError
        return found.end()


@cache
def _block() -> re.Pattern[str]:
    """Return the pattern of a block, and the blank lines after it; it is not needed where no Markdown is read."""
    return re.compile(
        rf"""(\ *+)(?:
            (?P<text>{_TEXT})
            |(?P<marks>\#{{1,6}}+)(?P<title>[ \t].*+)?(?={_END})
            |(?P<marker>[-+*]|[0-9]{{1,9}}+[.)])\ {{1,4}}+(?P<item>{_TEXT})
            |(?P<rule>{_RULE}|=++[ \t]*+)(?={_END})
            |(?P<fence>`{{3,}}+(?=[^`\n]*+{_END})|~{{3,}}+).*+
            |(?P<comment><!--)
            |(?P<quote>>)
        ){_END}?{_BLANK}""",
        re.VERBOSE,
    )


@cache
def _indented(columns: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{1,{columns}}}")


@cache
def _fence_end(mark: str, length: int, base: int) -> re.Pattern[str]:
    """Return the pattern of the line that ends a fence: one that closes it, or one to the left of its list item."""
    left = rf"|(?<=\n) {{0,{base - 1}}}+[^ \n]" if base else ""
    return re.compile(rf"(?<=\n)(?P<close> {{{base},{base + 3}}}+{mark}{{{length},}}+[ \t]*+{_END}){left}")
