"""The headings at the top of a Markdown text, without a look into most of its lines.

A line that begins with ``#`` in the first column is one, unless a fence or a comment holds it: nothing else goes on
over such a line. What may be one, or may hold one, in a way that this does not tell makes the scan give up.
"""

from __future__ import annotations

import re
from functools import cache

from statecheck.documents.block_scan import heading_text
from statecheck.documents.blocks import TextBlock
from statecheck.documents.repeats import as_often_as_possible

_HTML = r"<(?=[A-Za-z/!?])"
_MARKS = r"[ \-+*0-9.)]"
_INSIDE = as_often_as_possible(r"\n(?:(?P=indented)\ *+(?!```|~~~).*+|[ \t]*+$)")


def scanned_headings(text: str) -> list[TextBlock] | None:
    r"""Return the headings at the top of a text whose lines end with ``\n``, or None where they are not certain."""
    if "\0" in text:
        return None
    found: list[TextBlock] = []
    text = f"\n{text}"
    line = position = 0
    for match in _line().finditer(text):
        if match["marks"] is None:
            if match["unsure"] is not None:
                return None
            continue
        title = heading_text(match["title"] or "")
        if title is None:
            return None
        start = match.start()
        line += text.count("\n", position, start)
        position = start
        found.append(TextBlock(len(match["marks"]), title, line, line + 1, None))
    return found


@cache
def _line() -> re.Pattern[str]:
    """Return the pattern of the lines that tell.

    Where lists may be as deep in one another as markdown-it-py reads, none is sure any more.
    """
    return re.compile(
        rf"""\n(?:
            (?P<marks>\#{{1,6}}+)(?P<title>[ \t].*+)?$
            |(?P<ticks>```++)[^`\n]*+(?:\n.*+)*?\n\ {{0,3}}+(?P=ticks)`*+[ \t]*+$
            |(?P<tildes>~~~++).*+(?:\n.*+)*?\n\ {{0,3}}+(?P=tildes)~*+[ \t]*+$
            |<!(?=--)(?s:.*?)-->.*+$
            |(?P<indented>\ {{1,3}}+)(?P<fence>```++|~~~++)[^`\n]*+
                {_INSIDE}\n(?P=indented)(?P=fence)[ \t]*+$
            |\ {{1,3}}+<!--.*?-->.*+$
            |(?P<unsure>
                \ {{0,3}}+(?:```|~~~|{_HTML})
                |\ {{1,3}}+\#{{1,6}}+(?:[ \t]|$)
                |(?<=[^\n]\n)\ {{0,3}}+(?:-++|=++)[ \t]*+$
                |(?!-++$)(?:{_MARKS}{{17,}}|(?={_MARKS}*+\t)[ \t\-+*0-9.)]{{4,}})[-+*.)](?:[ \t]|$)
            )
        )""",
        re.VERBOSE | re.MULTILINE,
    )
