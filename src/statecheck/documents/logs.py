"""Append-only logs: a preamble, and entries in order. The grammars are data, one for each log of the documents."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from statecheck.documents.positions import Span
from statecheck.documents.repeats import as_often_as_possible
from statecheck.documents.timestamps import Timestamp, looks_like_time, timestamp_or_none
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from statecheck.documents.markdown import Heading, Markdown
    from statecheck.documents.positions import Lines

_DASH = r"\s*[-–—:]+\s*"
_TIME = r"(?P<time>\S.*?)"
_DATE_FIRST = r"(?P<time>\d{4}-?\d{2}-?\d{2}(?:[T ][\d:.,]+(?:\s?[Zz]|\s?[+-][\d:]+)?)?)"
MAX_DIGITS = 9
"""Digits of the largest number that a heading counts with."""

_ITERATION = r"(?:cycle\s+(?P<cycle>\d+)\s*,?\s*)?iteration\s+(?P<iteration>\d+)"
_NAMED = {"time": _DATE_FIRST, "iteration": r"(?P<iteration>\d+)"}
"""What a name in braces stands for, where it is not just any text."""

_NAME = re.compile(r"\{([a-z_]+)\}")
_DEFINITION = re.compile(r" {0,3}\[[^\]]+\]:\s*\S")
_TIMED = re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")

MAX_HEADING = 300
"""Characters of the longest heading that is looked into; a longer one is no entry's."""

Form = Literal["documented", "understood", "section", "draft", "unknown"]


class HeadingPattern:
    """A regular expression for the text of a heading, compiled when it is first needed: most never are."""

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self.pattern, self.flags = pattern, int(flags)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HeadingPattern) and (self.pattern, self.flags) == (other.pattern, other.flags)

    def __hash__(self) -> int:
        return hash((self.pattern, self.flags))

    @cached_property
    def match(self) -> Callable[[str], re.Match[str] | None]:
        """Matches the text of a heading from its beginning."""
        return re.compile(self.pattern, self.flags).match


class Grammar(NamedTuple):
    """How the entries of a log begin: headings down to `level` whose text matches a pattern.

    `name` is that of the documented log that its entries speak like, empty where they speak like none. `template` is
    the documented heading, from which a heading that is only understood can be spelled anew.
    """

    name: str
    level: int
    documented: tuple[HeadingPattern, ...]
    understood: tuple[HeadingPattern, ...] = ()
    template: str = ""
    timed: bool = True
    """Whether the documented heading ends with the time of the entry."""
    sections: tuple[str, ...] = ()
    """The titles within an entry: none of them begins another."""
    binding: bool = True
    """Whether changing what is there is an error: guardrails.md is to be appended to, never said to be immutable."""
    newest_first: bool = False
    drafts: tuple[HeadingPattern, ...] = ()
    """The headings of what is still being written: it is no entry yet, and may change."""

    @property
    def spelled(self) -> tuple[object, ...]:
        """The grammar in plain values: two that differ in anything are spelled otherwise."""
        patterns = (self.documented, self.understood, self.drafts)
        spelled = tuple(tuple((each.pattern, each.flags) for each in some) for some in patterns)
        others = self.name, self.level, self.template, self.timed, self.sections, self.binding, self.newest_first
        return *others, *spelled


class Entry(NamedTuple):
    """An entry of a log: lines from 0, `end_line` exclusive. What its heading says is None where it does not.

    `span` is where it stands in `source`, the text of the log.
    `kind` is ``work``, or the word of another documented form of progress.md: ``verify``, ``review``, ``revise``.
    `form` says how its heading is written: as documented, in a way that is understood, as the title of a section that
    holds entries, as that of a draft, or in no way that is known.
    """

    heading: Heading
    end_line: int
    source: str
    span: Span
    cycle: int | None
    iteration: int | None
    phase: str | None
    time_text: str | None
    time_span: Span | None
    kind: str = "work"
    form: Form = "unknown"

    @property
    def text(self) -> str:
        """The entry as it was written, with its heading."""
        return self.source[self.span.start : self.span.end]

    @property
    def understood(self) -> bool:
        """Whether the heading says which iteration the entry is of."""
        return self.form in ("documented", "understood")

    @property
    def time(self) -> Timestamp | None:
        """The time of the entry, where its heading has a valid one."""
        return _time_of(self.time_text)

    @property
    def key(self) -> tuple[str, int, int, str] | None:
        """What the entry is about: its kind, cycle, iteration and phase; None where that is not known."""
        if self.iteration is None:
            return None
        return self.kind, self.cycle or 0, self.iteration, self.phase or ""


GRAMMARS = {
    "refinement_log": Grammar(
        "refinement_log",
        2,
        (HeadingPattern(rf"^Iteration (?P<iteration>\d+) — {_TIME}$"),),
        (
            HeadingPattern(rf"^{_ITERATION}(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            HeadingPattern(rf"^{_DATE_FIRST}{_DASH}{_ITERATION}\b.*$", re.IGNORECASE),
        ),
        "## Iteration {iteration} — {time}",
        sections=("actions taken", "constraint status", "reflection summary", "files modified"),
    ),
    "decisions": Grammar(
        "decisions",
        3,
        (HeadingPattern(r"^Iteration (?P<iteration>\d+) Decision$"),),
        (
            HeadingPattern(rf"^{_ITERATION}\s+decision(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            HeadingPattern(rf"^{_ITERATION}(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            HeadingPattern(rf"^{_DATE_FIRST}{_DASH}{_ITERATION}\b.*$", re.IGNORECASE),
        ),
        "### Iteration {iteration} Decision",
        timed=False,
    ),
    "progress": Grammar(
        "progress",
        2,
        (
            HeadingPattern(rf"^(?P<kind>Review|Revise) - Iteration (?P<iteration>\d+) - {_TIME}$"),
            HeadingPattern(
                rf"^(?!(?i:review|revise|verify)\b)(?P<phase>\w[\w.-]*) - Iteration (?P<iteration>\d+) - {_TIME}$"
            ),
            HeadingPattern(rf"^(?P<kind>Verify) (?P<phase>\w[\w.-]*) - {_TIME}$"),
        ),
        (
            HeadingPattern(rf"^(?P<kind>Verify)\s+(?P<phase>\w[\w.-]*?)(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            HeadingPattern(rf"^(?P<kind>Review|Revise){_DASH}{_ITERATION}(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            HeadingPattern(rf"^(?P<phase>\w[\w.-]*?){_DASH}{_ITERATION}(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            HeadingPattern(rf"^(?P<phase>\w[\w.-]*?)\s*\({_ITERATION}\)(?:{_DASH}{_TIME})?$", re.IGNORECASE),
            HeadingPattern(rf"^{_DATE_FIRST}{_DASH}(?P<phase>\w[\w.-]*?){_DASH}{_ITERATION}$", re.IGNORECASE),
        ),
        "## {phase} - Iteration {iteration} - {time}",
    ),
    "guardrails": Grammar("guardrails", 2, (HeadingPattern(r"^.+$"),), timed=False, binding=False),
    "amendments": Grammar("amendments", 1, (), timed=False),
}
"""The logs of persist.md (steps 3 and 4) and of state-management.md, and the deviations that are understood."""


def own_grammar(level: int, headings: Sequence[str], drafts: Sequence[str], *, newest_first: bool) -> Grammar:
    """Return the grammar of a log that is not among the documented ones.

    In a heading a name in braces stands for any text, up to what follows it: ``[{time}] - {story}``; ``time`` for a
    date, and what it may go on with, ``iteration`` for a number. The first heading is the one that is asked for.
    """
    return Grammar(
        "",
        level,
        tuple(map(_pattern, headings)),
        template=f"{'#' * level} {headings[0]}",
        timed=False,
        newest_first=newest_first,
        drafts=tuple(map(_pattern, drafts)),
    )


def _pattern(heading: str) -> HeadingPattern:
    """Return the regular expression for a heading. It never looks at a place twice: a heading may be anybody's."""
    pieces = _NAME.split(heading)
    pattern = re.escape(pieces[0])
    for name, literal in zip(pieces[1::2], pieces[2::2], strict=True):
        until = re.escape(literal)
        anything = as_often_as_possible(f"(?!{until}).", "+") if literal else ".+"
        pattern += f"{_NAMED.get(name, f'(?P<{name}>{anything})')}{until}"
    return HeadingPattern(f"^{pattern}$", re.DOTALL)


def entries(markdown: Markdown, grammar: Grammar) -> list[Entry]:
    """Return the entries of a log as they stand; a heading that matches no pattern begins an entry all the same.

    A heading of level 1 is the log's title before the first entry, and begins a section after it. A deeper one than
    the grammar's begins an entry where it says when: in many logs, entries stand below a section.
    """
    starts: list[Heading] = []
    for heading in markdown.headings:
        own = heading.level <= grammar.level or (
            grammar.name
            and _TIMED.search(heading.text)
            and not heading.text.lower().startswith(grammar.sections or "\0")
        )
        if own and (heading.level > 1 or starts):
            starts.append(heading)
    last = _footer(markdown.lines) if grammar.newest_first else len(markdown.lines.starts)
    ends = [*(heading.line for heading in starts[1:]), last][: len(starts)]
    found = [_entry(markdown, grammar, heading, end) for heading, end in zip(starts, ends, strict=True)]
    return [
        _as_section(each, found[index + 1 : index + 2]) if each.form == "unknown" else each
        for index, each in enumerate(found)
    ]


@lru_cache(maxsize=2**14)
def _time_of(text: str | None) -> Timestamp | None:
    """Return the time that a heading says: several rules ask, of every entry."""
    return timestamp_or_none(text)


def history(found: Sequence[Entry], grammar: Grammar) -> Sequence[Entry]:
    """Return the entries that are written once and for all, oldest first."""
    if not grammar.drafts and not grammar.newest_first:
        return found
    settled = [entry for entry in found if entry.form != "draft"]
    if not grammar.newest_first:
        return settled
    return [entry for entry in reversed(settled) if entry.form != "section"]


def same_entries(old: Sequence[Entry], new: Sequence[Entry]) -> int:
    """Return how many entries a log has from an older version that it goes on from: all but the last, or none.

    The last one may have gone on.
    """
    known = len(old) - 1
    return known if 0 < known < len(new) and new[known - 1] is old[known - 1] else 0


def _footer(lines: Lines) -> int:
    """Return the line from which on there are only definitions of links: they belong to the log, and to no entry."""
    end = len(lines.starts)
    while end > 0 and (not lines.content(end).strip() or _DEFINITION.match(lines.content(end))):
        end -= 1
    return end


def _as_section(entry: Entry, following: list[Entry]) -> Entry:
    """Return an entry of unknown form; one that is none, but a bare title above others, marked as such."""
    if not following or entry.text.split("\n", 1)[-1].strip():
        return entry
    holds = following[0].heading.level > entry.heading.level or entry.heading.level == 1
    return entry._replace(form="section") if holds else entry


def _entry(markdown: Markdown, grammar: Grammar, heading: Heading, end: int) -> Entry:
    match, form = _match(heading, grammar)
    parts = match.groupdict() if match else {}
    if not grammar.name:  # what the other names of a project's own heading stand for means nothing here
        parts = {name: text for name, text in parts.items() if name in _NAMED}
    time_text = parts.get("time")
    span = None
    if match and time_text:
        start = heading.span.start + match.start("time")
        span = Span(start, start + len(time_text))
    if form == "documented" and grammar.timed and not _says_when(time_text or ""):
        form = "understood"
    return Entry(
        heading,
        end,
        markdown.text,
        markdown.lines.span(heading.line, end),
        _number(parts.get("cycle")),
        _number(parts.get("iteration")),
        parts.get("phase"),
        time_text,
        span,
        (parts.get("kind") or "work").lower(),
        form,
    )


def _match(heading: Heading, grammar: Grammar) -> tuple[re.Match[str] | None, Form]:
    """Return how a heading is read; one of another level than the documented is only understood."""
    if len(heading.text) > MAX_HEADING:
        return None, "unknown"
    if grammar.drafts and any(each.match(heading.text) for each in grammar.drafts):
        return None, "draft"
    for pattern in grammar.documented:
        if found := pattern.match(heading.text):
            return found, "documented" if heading.level == grammar.level else "understood"
    for pattern in grammar.understood:
        if found := pattern.match(heading.text):
            return found, "understood"
    return None, "unknown"


def _says_when(text: str) -> bool:
    """Say whether a text was meant as a day with its time: whether it is a good one is another rule's business."""
    stamp = _time_of(text)
    return stamp.precision != "day" if stamp is not None else looks_like_time(text)


def _number(text: str | None) -> int | None:
    """Return a number of a heading; one of more digits than anything counts to is none."""
    return int(text) if text and len(text) <= MAX_DIGITS else None
