"""What MEMORY.md says of workflows: completion entries and checkpoint lines (persistence-architecture.md)."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING
from unicodedata import normalize

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents.markdown import Markdown, Passage
    from statecheck.documents.positions import Span


class Boundary(NamedTuple):
    """A boundary between two phases of a workflow, and the line that is written when it is passed."""

    type: str
    completed: str
    following: tuple[str, ...]
    text: str

    def line(self, context: str) -> str:
        """Return the documented line for what the workflow is about."""
        return f"Active {self.type} workflow: {self.text} {context}"


BOUNDARIES = (
    Boundary("APEX", "analyze", ("plan",), "analyze completed, planning"),
    Boundary("APEX", "plan", ("implement",), "plan approved, implementing"),
    Boundary("APEX", "implement", ("review",), "implementation done, reviewing"),
    Boundary("DEBUG", "troubleshoot", ("fix", "implement"), "root cause found, fixing"),
    Boundary("BRAINSTORM", "brainstorm", ("design",), "exploring → designing"),
)
"""L2 Checkpoint State Writes, When to Write: in the order in which a workflow of each type passes them."""


class Completion(NamedTuple):
    """A line that begins like a completion entry. Its parts are None where it has not all three.

    `told` is what follows "for": context and outcome. `line` counts from 0; `height` is the number of its lines that
    are not blank; `source` are its lines as they were written, none where it shares them with another.
    """

    type: str | None
    context: str | None
    outcome: str | None
    told: str
    line: int
    span: Span
    height: int
    source: tuple[str, ...]

    @property
    def of_initiative(self) -> bool:
        """Whether it says that an initiative was completed, not a workflow within one."""
        return "initiative" in words_of(self.type or "")

    def is_for(self, name: str) -> bool:
        """Say whether the context is a name, and nothing else; a name may have colons of its own."""
        parts = _COLON.split(self.told, len(_COLON.findall(name.strip())) + 1)
        return words_of(name) in (words_of(self.context or ""), words_of(": ".join(parts[:-1])))


class Checkpoint(NamedTuple):
    """A line that begins like a checkpoint line. Its context is None where it has neither of the documented forms.

    `boundary` is the one of the table that it speaks of, None for another of the general format.
    """

    type: str
    context: str | None
    boundary: Boundary | None
    line: int
    span: Span
    height: int


MemoryLine = Completion | Checkpoint

_DATE = r"[\[(]?\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?[\])]?"
_MARKS = r"[*_\"'“”„‘’«»\s]*"
_LEAD = re.compile(rf"^{_MARKS}(?:{_DATE}{_MARKS}[:—–-]*{_MARKS})?")
_BOX = re.compile(r"^\[[xX]\][ \t]+")
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_LIKE_COMPLETION = re.compile(r"^Completed\s+(?:(?:\S+\s+){1,3}for\b|(?i:initiative|workflow|apex|debug|brainstorm)\b)")
_COMPLETION = re.compile(
    r"^Completed\s+(?P<type>\S.*?)\s+for\s+(?P<context>\S.*?):\s+(?P<outcome>\S.*)$", re.DOTALL | re.I
)
_COLON = re.compile(r":\s+")
_LIKE_CHECKPOINT = re.compile(r"^Active\s+(?P<type>\S.{0,60}?)\s+workflow:", re.IGNORECASE)
_GENERAL = re.compile(r"^Active (?P<type>\S.*?) workflow: (?P<completed>\S.*?) completed, \S+ (?P<context>\S.*)$")
_LONGEST = 2000
"""Characters of an entry that are looked into."""


def read_memory(markdown: Markdown) -> list[MemoryLine]:
    """Return the completion entries and checkpoint lines of a memory file, and what begins like one, in order.

    They stand in headings, list items and paragraphs; what is code, comment or quotation is none.
    """
    found = [line for text in markdown.passages for line in _lines(markdown, text)]
    return [_less_shared(line, following) for line, following in zip_longest(found, found[1:])]


def words_of(text: str) -> list[str]:
    """Return the words of a name, in which case, ``-``, ``_``, blanks and the forms of Unicode are alike."""
    plain = normalize("NFC", text.casefold())
    return re.findall(r"[^\W_]+", plain) or [plain.strip()]


def names(context: str, name: str) -> bool:
    """Say whether a context names something: all words of the name stand in it, one after the other."""
    words, wanted = words_of(context), words_of(name)
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))


def _lines(markdown: Markdown, text: Passage) -> Iterator[MemoryLine]:
    """Yield what begins on the lines of one heading or paragraph."""
    uncommented = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text.text)
    shown = [_BOX.sub("", each.strip()) for each in uncommented.split("\n")]
    bare = [_LEAD.sub("", each.replace("**", ""), count=1) for each in shown]
    starts = [
        at
        for at, each in enumerate(bare)
        if _LIKE_COMPLETION.match(each) or _COMPLETION.match(each) or _LIKE_CHECKPOINT.match(each)
    ]
    for number, at in enumerate(starts):
        following = starts[number + 1] if number + 1 < len(starts) else len(bare)
        first = text.line + at
        last = text.line + following
        if text.item is not None and text.line == text.item[0] and following == len(bare):
            last = text.item[1]
        height = sum(bool(markdown.lines.content(line + 1).strip()) for line in range(first, last))
        whole = " ".join([bare[at], *(each.replace("**", "") for each in shown[at + 1 : following])]).strip()
        span = markdown.inside(first, shown[at])
        if _LIKE_CHECKPOINT.match(bare[at]):
            yield _checkpoint(whole, first, span, height)
        else:
            source = _source(markdown, first, last) if following - at == len(bare) else ()
            yield _completion(whole, first, span, height, source)


def _source(markdown: Markdown, first: int, last: int) -> tuple[str, ...]:
    """Return whole lines without blank ones at their end, and less the indentation of the first."""
    lines = [markdown.lines.content(number + 1) for number in range(first, last)]
    depth = len(lines[0]) - len(lines[0].lstrip())
    lines = [line[:depth].lstrip() + line[depth:] for line in lines]
    return tuple(lines[: max(index + 1 for index, line in enumerate(lines) if line.strip())])


def _less_shared(line: MemoryLine, following: MemoryLine | None) -> MemoryLine:
    """Return an entry without its lines where another stands within them."""
    if isinstance(line, Completion) and following is not None and following.line < line.line + len(line.source):
        return line._replace(source=())
    return line


def _completion(text: str, line: int, span: Span, height: int, source: tuple[str, ...]) -> Completion:
    match = _COMPLETION.match(text[:_LONGEST])
    parts = [match.group(name).strip("*_`\"'“”„‘’«» ") for name in ("type", "context", "outcome")] if match else []
    if match is None or not all(parts):
        return Completion(None, None, None, "", line, span, height, source)
    kind, context, outcome = parts
    return Completion(kind, context, outcome, text[match.start("context") : _LONGEST], line, span, height, source)


def _checkpoint(text: str, line: int, span: Span, height: int) -> Checkpoint:
    text = text[:_LONGEST].rstrip("*_\"'”’» ")
    like = _LIKE_CHECKPOINT.match(text)
    kind = like.group("type") if like else ""
    for boundary in BOUNDARIES:
        start = boundary.line("")
        if text.startswith(start) and text[len(start) :].strip():
            return Checkpoint(kind, text[len(start) :].strip(), boundary, line, span, height)
    match = _GENERAL.match(text)
    if match is None:
        return Checkpoint(kind, None, None, line, span, height)
    named = (
        each for each in BOUNDARIES if each.type == kind.upper() and each.completed == match.group("completed").lower()
    )
    return Checkpoint(kind, match.group("context"), next(named, None), line, span, height)
