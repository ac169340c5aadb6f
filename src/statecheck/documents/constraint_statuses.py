"""What an entry of a refinement log says of each constraint (persist.md, Step 3), in the spellings of real logs.

A list item or a row of a table speaks of one constraint, or of a range of them; a sentence may speak of all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from statecheck.documents.log_fields import first_word
from statecheck.documents.log_versions import is_text
from statecheck.documents.positions import Span
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from statecheck.documents.log_fields import EntryFields
    from statecheck.documents.markdown import Heading, Item, Markdown

CONSTRAINT_SECTION = "Constraint Status"

MAX_RANGE = 1000
"""Constraints of the longest range that is counted out."""

_GOOD = "✅☑✔✓🟢"
_BAD = "❌✗✘✖🔴"
_MARKS = re.compile(rf"^(?:[`*_\s\ufe0f]|[{_GOOD}{_BAD}])*")
_ITEM = re.compile(r"^(?P<id>\w[\w.-]*)(?P<further>[^:]*?)[`*]*:[`*]*(?:[ \t]+(?P<status>\S.*)|(?=[`*]*$))", re.DOTALL)
_MARKED = re.compile(rf"^(?P<id>\w[\w.-]*)[`*]*\s*[—–-]?\s*(?P<status>[{_GOOD}{_BAD}].*)$", re.DOTALL)
_BESIDE = re.compile(r"^\([^():\d]*\)$")
_NEXT = re.compile(
    r"[`*\s]*(?P<how>\bthrough\b|\bto\b|\.\.+|[–—-]|,(?:\s*and\b)?|\band\b|&)[`*\s]*(?P<id>\w(?:[\w.-]*\w)?)[`*\s]*",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^(?P<first>\w[\w.-]*?\d)(?P<how>\.\.+|-)(?P<last>[A-Za-z]\w*-?\d+|\d+)$")
_NUMBERED = re.compile(r"^(?P<prefix>.*?)(?P<number>\d{1,9})$")
_ALL = re.compile(
    r"^all\s+(?:(?:of\s+)?(?:the\s+)?(?:(?P<count>\d{1,4})\s+)?constraints)\s*(?:(?:are|were|now|remain)\b\s*|:\s*)*"
    r"[`*]*satisfied\b(?!\s*\?)(?!.*\b(?:except|but|apart|save|besides)\b)",
    re.IGNORECASE | re.DOTALL,
)
_ROW = re.compile(r"^\s*\|(?P<cells>.*?)\|?\s*$")
_RULER = re.compile(r"^[\s|:]*-[\s|:-]*$")
_STATUSES = {"satisfied": True, "violated": False}
_CELL_WORDS = {"pass": True, "passed": True, "fail": False, "failed": False, **_STATUSES}
_FOLLOWED = re.compile(r"[`*_\s\ufe0f]*(?:(?P<arrow>→|⇒|[-=]+>)|\?)")
_STATUS = re.compile(r"(?P<word>[A-Za-z]+)(?!-?\w)")
_GROUPS = frozenset({"all", "blocking", "constraints", "everything", "overall", "result", "status", "summary", "total"})
"""Words that stand where an id could, and speak of several constraints."""


class StatusLine(NamedTuple):
    """A list item that gives constraints a status: the first id, all of them, and what follows the colon."""

    id: str
    ids: tuple[str, ...]
    status: str

    @property
    def satisfied(self) -> bool | None:
        """What the status says, None where it is neither satisfied nor violated, or in doubt."""
        verdict = _verdict(self.status, _STATUSES)
        if verdict is not None or first_word(_MARKS.sub("", self.status)) in _STATUSES:
            return verdict
        mark = self.status[:1]
        sure = mark and mark in _GOOD + _BAD and not _FOLLOWED.match(self.status[1:])
        return mark in _GOOD if sure else None

    @property
    def stated(self) -> bool:
        """Whether it begins with one of the two words, and leaves no doubt."""
        return first_word(self.status) in _STATUSES and self.satisfied is not None


class ConstraintStatus(NamedTuple):
    """What an entry says of a constraint, and where; `satisfied` is None where it says neither of the two words."""

    id: str
    satisfied: bool | None
    span: Span
    status: str = ""


class ConstraintStatuses(NamedTuple):
    """What a section says of the constraints. `understood` is False where it says more than could be read."""

    heading: Heading
    said: tuple[ConstraintStatus, ...]
    understood: bool

    @property
    def verdicts(self) -> dict[str, ConstraintStatus]:
        """What the entry says, by id, of the constraints of which it says one thing."""
        found: dict[str, list[ConstraintStatus]] = {}
        for each in self.said:
            found.setdefault(each.id, []).append(each)
        one_voice = (all(each.satisfied == several[0].satisfied for each in several) for several in found.values())
        return {name: several[0] for (name, several), one in zip(found.items(), one_voice, strict=True) if one}


def status_line(text: str, known: Collection[str]) -> StatusLine | None:
    """Return the status that a list item gives to constraints, or None where it is about something else.

    `known` are the ids of the constraints; a word with a digit in it is taken for one, too: other words before a colon
    are prose, unless one of the two statuses follows.
    """
    plain = _MARKS.sub("", text)
    lead = next((each for each in text[: len(text) - len(plain)] if each in _GOOD + _BAD), "")
    match = _ITEM.match(plain) or _MARKED.match(plain)
    if match is None:
        return None
    further = match.groupdict().get("further") or ""
    ids = _ids(match.group("id"), further.strip("`* "), known)
    if ids is None:
        return None
    line = StatusLine(ids[0], ids, match.group("status") or lead)
    named = line.id in known or any(map(str.isdigit, line.id))
    stated = first_word(line.status) in _STATUSES and line.id.lower() not in _GROUPS
    return line if line.status and (named or stated) else None


def _verdict(text: str, words: Mapping[str, bool]) -> bool | None:
    """Return what the word that a text begins with says; of a change, ``violated → satisfied``, what it led to.

    None where it is another word, or a question.
    """
    while True:
        text = _MARKS.sub("", text)
        match = _STATUS.match(text)
        if match is None or match.group("word").lower() not in words:
            return None
        followed = _FOLLOWED.match(text, match.end())
        if followed is None:
            return words[match.group("word").lower()]
        if followed.group("arrow") is None:
            return None
        text = text[followed.end() :]


def read_statuses(markdown: Markdown, fields: EntryFields, known: Collection[str]) -> ConstraintStatuses | None:
    """Return what an entry says of the constraints, or None where it has no section for it that says anything."""
    sections = fields.sections(CONSTRAINT_SECTION)
    if not sections:
        return None
    heading = sections[0]
    first, last = fields.lines(heading)
    said: list[ConstraintStatus] = []
    understood = len(sections) == 1
    taken: set[int] = set()
    for item in fields.items(heading):
        if item.line in taken:
            continue  # what stands below a status explains it
        found = _of_item(item, known)
        understood = understood and bool(found)
        said += found
        taken.update(range(item.line, item.end_line if found else item.line + 1 + item.text.count("\n")))
    rest = [
        number for number in range(first, last) if number not in taken and is_text(markdown.lines.content(number + 1))
    ]
    if not taken and not rest:
        return None
    rows = list(_of_lines(markdown, rest, known))
    said += [each for row in rows for each in row or ()]
    statuses = ConstraintStatuses(heading, tuple(said), understood and None not in rows)
    return _less_doubtful(statuses, fields, known)


def _of_item(item: Item, known: Collection[str]) -> list[ConstraintStatus]:
    if _speaks_of_all(item.text, known):
        return [ConstraintStatus(each, True, item.span, item.text) for each in sorted(known)]
    line = status_line(item.text, known)
    return [] if line is None else [ConstraintStatus(each, line.satisfied, item.span, line.status) for each in line.ids]


def _of_lines(
    markdown: Markdown, numbers: Sequence[int], known: Collection[str]
) -> Iterator[list[ConstraintStatus] | None]:
    """Yield what each line outside the list items says: rows of a table, a sentence about all. None: not understood."""
    for number in numbers:
        text = markdown.lines.content(number + 1)
        start = markdown.lines.starts[number] + len(text) - len(text.lstrip())
        span = Span(start, start + len(text.strip()))
        row = _ROW.match(text)
        if _speaks_of_all(text, known):
            yield [ConstraintStatus(each, True, span, text) for each in sorted(known)]
        elif row is None:
            yield None
        elif not _RULER.match(text) and not _RULER.match(markdown.lines.content(number + 2)):
            yield _of_row([each.strip("`*_ \t") for each in row.group("cells").split("|")], span, known)


def _of_row(cells: list[str], span: Span, known: Collection[str]) -> list[ConstraintStatus] | None:
    place = next((index for index, cell in enumerate(cells) if cell in known), 0)
    if cells[place] not in known and not re.fullmatch(r"(?=.*\d)(?=.*[^\W\d])\w[\w.-]*", cells[place]):
        return None
    for cell in cells[place + 1 :]:
        verdict = StatusLine("", (), cell).satisfied
        verdict = _verdict(cell, _CELL_WORDS) if verdict is None else verdict
        if verdict is not None:
            return [ConstraintStatus(cells[place], verdict, span, cell)]
    return None


def _speaks_of_all(text: str, known: Collection[str]) -> bool:
    match = _ALL.match(_MARKS.sub("", text))
    return match is not None and match.group("count") in (None, str(len(known)))


def _less_doubtful(statuses: ConstraintStatuses, fields: EntryFields, known: Collection[str]) -> ConstraintStatuses:
    """Return the statuses without those of which the entry says something else, there or elsewhere."""
    inside = {each.span for each in statuses.said}
    elsewhere = (status_line(item.text, known) for item in fields.items() if item.span not in inside)
    doubted = {
        name
        for line in elsewhere
        if line is not None and re.search(r"satisfied|violated|pass|fail", line.status, re.IGNORECASE)
        for name in line.ids
        if any(each.id == name and each.satisfied != line.satisfied for each in statuses.said)
    }
    doubted |= {each.id for each in statuses.said} - statuses.verdicts.keys()
    if not doubted:
        return statuses
    kept = tuple(each for each in statuses.said if each.id not in doubted)
    return statuses._replace(said=kept, understood=False)


def _ids(first: str, further: str, known: Collection[str]) -> tuple[str, ...] | None:
    """Return the ids that stand before a colon, ranges counted out, or None where something else stands there."""
    if not further or _BESIDE.match(further):
        joined = _JOINED.match(first) if first not in known else None
        if joined is None:
            return (first,)
        counted = _counted(joined.group("first"), joined.group("last"))
        likely = joined.group("how") != "-" or (counted is not None and counted[0] in known)
        return counted if likely else (first,)
    found, position = [first], 0
    while position < len(further):
        match = _NEXT.match(further, position)
        if match is None:
            return None
        position = match.end()
        if match.group("how").lower().startswith((",", "and", "&")):
            found.append(match.group("id"))
            continue
        counted = _counted(found[-1], match.group("id"))
        if counted is None:
            return None
        found += counted[1:]
    return tuple(dict.fromkeys(found))


def _counted(first: str, last: str) -> tuple[str, ...] | None:
    """Return the ids from one to another, as in ``C-01`` to ``C-05``, or None where they do not count up."""
    one, two = _NUMBERED.match(first), _NUMBERED.match(last)
    if one is None or two is None or two.group("prefix") not in ("", one.group("prefix")):
        return None
    start, end = int(one.group("number")), int(two.group("number"))
    if not start <= end < start + MAX_RANGE:
        return None
    width = len(one.group("number"))
    return tuple(f"{one.group('prefix')}{number:0{width}}" for number in range(start, end + 1))
