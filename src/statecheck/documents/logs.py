"""Append-only logs: a preamble, and entries in order. The grammars are data, one for each log of the documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents.timestamps import Timestamp, timestamp_or_none

if TYPE_CHECKING:
    from statecheck.documents.markdown import Heading, Markdown
    from statecheck.documents.positions import Span

_DASH = r"\s*[-–—:]+\s*"
_TIME = r"(?P<time>\S.*?)"
_DATE_FIRST = r"(?P<time>\d{4}-?\d{2}-?\d{2}(?:[T ][\d:.,]+(?:\s?[Zz]|\s?[+-][\d:]+)?)?)"
_ITERATION = r"(?:cycle\s+(?P<cycle>\d+)\s*,?\s*)?iteration\s+(?P<iteration>\d+)"


MAX_HEADING = 300
"""Characters of the longest heading that is looked into; a longer one is no entry's."""


class Grammar(NamedTuple):
    """How the entries of a log begin: headings from level 2 down to `level` whose text matches a pattern."""

    level: int
    documented: tuple[re.Pattern[str], ...]
    understood: tuple[re.Pattern[str], ...] = ()


class Entry(NamedTuple):
    """An entry of a log: lines from 0, `end_line` exclusive. What its heading says is None where it does not."""

    heading: Heading
    end_line: int
    text: str
    cycle: int | None
    iteration: int | None
    phase: str | None
    time_text: str | None
    time_span: Span | None

    @property
    def time(self) -> Timestamp | None:
        """The time of the entry, where its heading has a valid one."""
        return timestamp_or_none(self.time_text)


GRAMMARS = {
    "refinement_log": Grammar(
        2,
        (re.compile(rf"^Iteration (?P<iteration>\d+) — {_TIME}$"),),
        (
            re.compile(rf"^{_ITERATION}(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            re.compile(rf"^{_DATE_FIRST}{_DASH}{_ITERATION}\b.*$", re.IGNORECASE),
        ),
    ),
    "decisions": Grammar(
        3,
        (re.compile(r"^Iteration (?P<iteration>\d+) Decision$"),),
        (
            re.compile(rf"^{_ITERATION}\s+decision(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            re.compile(rf"^{_ITERATION}(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            re.compile(rf"^{_DATE_FIRST}{_DASH}{_ITERATION}\b.*$", re.IGNORECASE),
        ),
    ),
    "progress": Grammar(
        2,
        (
            re.compile(rf"^(?P<phase>\w[\w.]*) - Iteration (?P<iteration>\d+) - {_TIME}$"),
            re.compile(rf"^Verify (?P<phase>\w[\w.]*) - {_TIME}$"),
            re.compile(rf"^(?:Review|Revise) - Iteration (?P<iteration>\d+) - {_TIME}$"),
        ),
        (
            re.compile(rf"^(?P<phase>\w[\w.-]*?){_DASH}{_ITERATION}(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            re.compile(rf"^{_DATE_FIRST}{_DASH}(?P<phase>\w[\w.-]*?){_DASH}{_ITERATION}$", re.IGNORECASE),
        ),
    ),
    "guardrails": Grammar(2, (re.compile(r"^.+$"),)),
}
"""The logs of persist.md (steps 3 and 4) and of state-management.md, and the deviations that are understood."""


def entries(markdown: Markdown, grammar: Grammar) -> list[Entry]:
    """Return the entries of a log in order; a heading that matches no pattern begins an entry all the same."""
    starts = [heading for heading in markdown.headings if 2 <= heading.level <= grammar.level]
    ends = [*(heading.line for heading in starts[1:]), len(markdown.lines.starts)][: len(starts)]
    return [_entry(markdown, grammar, heading, end) for heading, end in zip(starts, ends, strict=True)]


def _entry(markdown: Markdown, grammar: Grammar, heading: Heading, end: int) -> Entry:
    patterns = (*grammar.documented, *grammar.understood) if len(heading.text) <= MAX_HEADING else ()
    match = next(
        (found for each in patterns if (found := each.match(heading.text))),
        None,
    )
    parts = match.groupdict() if match else {}
    time_text = parts.get("time")
    span = None
    if match and time_text:
        start = heading.span.start + match.start("time")
        span = type(heading.span)(start, start + len(time_text))
    return Entry(
        heading,
        end,
        markdown.body(heading.line, end),
        int(parts["cycle"]) if parts.get("cycle") else None,
        int(parts["iteration"]) if parts.get("iteration") else None,
        parts.get("phase"),
        time_text,
        span,
    )
