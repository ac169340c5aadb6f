"""The plan of an iterative-work task (state-management.md, plan.md Template), read from its Markdown blocks."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from statecheck.documents.positions import Span
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from statecheck.documents.markdown import Field, Item, Markdown

_PHASE = re.compile(r"^\*\*(?P<id>[^*\s:]+)(?::\*\*|\*\*:)[ \t]*(?P<title>.*)$", re.DOTALL)
_PATH = re.compile(r"^(?=.*(?:/|\*|\w\.\w))(?!n/a$)\S+$", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`]+)`")
_NUMBER = re.compile(r"\d+")

_ARROW = re.compile(r"\s*(?:→|-+>)\s*")
_LABEL = re.compile(r"^[A-Za-z][A-Za-z ]*:\s+")
_ID = r"[^\W_](?:[\w.-]*\w)?"
_AND = r"\s*(?:,\s*and\b|,|\+|&|\band\b)\s*"
_GROUP = re.compile(rf"[(\[]?\s*(?P<ids>{_ID}(?:{_AND}{_ID})*)\s*[)\]]?(?P<rest>.*)$")
_ASIDE = re.compile(r"\s*(?:\([^)]*\))?$")
_REMARK = re.compile(r"\s*(?:[.;:(].*|[–—-]\s.*)?$")

MAX_LINE = 1000
"""Characters of the longest line that is looked into for dependencies."""

DOMAINS = ("research", "writing", "analysis", "planning")
"""What a brief, and the task with it, can be about (state-management.md, brief.md Template)."""

BRIEF_SECTIONS = ("Outcome Needed", "Done When", "Constraints", "Notes")
"""The sections of a brief, in their order (state-management.md, brief.md Template)."""


class PlanPhase(NamedTuple):
    """A phase as the plan lists it; `fields` are the lines below it by name, in lower case."""

    item: Item
    id: str | None
    title: str
    fields: dict[str, Field]

    @property
    def outputs(self) -> list[str]:
        """The paths that the Output line names: in backticks, else its first word, where it looks like a path."""
        field = self.fields.get("output")
        if field is None:
            return []
        written = _QUOTED.findall(field.value) or field.value.split()[:1]
        return [each for each in written if _PATH.match(each)]

    @property
    def maximum(self) -> int | None:
        """The number on its line Max iterations, or None where there is none."""
        field = self.fields.get("max iterations")
        stated = _NUMBER.match(field.value) if field is not None else None
        return int(stated.group()[:9]) if stated is not None else None

    @property
    def box(self) -> Span | None:
        """Where its checkbox stands, or None where it has none."""
        start = self.item.span.start
        return Span(start, start + len("[ ]")) if self.item.checked is not None else None

    @property
    def text(self) -> Span:
        """Where its text stands, after the checkbox."""
        end = self.item.span.end
        return Span(end - len(self.item.text.split("\n")[0]), end)


class Dependencies(NamedTuple):
    """The section Dependencies of a plan.

    `chains` are its lines with arrows, each with its number and its segments: every phase of one depends on all of the
    segment before it. `written` says whether the section says anything.
    """

    chains: list[tuple[int, list[list[str]]]]
    written: bool

    @property
    def names(self) -> set[str]:
        """The phases that the chains name."""
        return {name for _, chain in self.chains for segment in chain for name in segment}


class Plan(NamedTuple):
    """The phases of a plan in order: the checkboxes of its section Phases, and its items that begin like a phase."""

    phases: list[PlanPhase]
    dependencies: Dependencies

    @property
    def ids(self) -> list[str]:
        """The ids of the phases that have one."""
        return [phase.id for phase in self.phases if phase.id is not None]

    def needed(self) -> dict[str, list[str]]:
        """Return what each phase depends on by itself: as the section says, without one as the plan's order says.

        Nothing, where the section says it in prose, or names other phases than the plan has.
        """
        chains = [chain for _, chain in self.dependencies.chains]
        if not self.dependencies.written:
            chains = [[[name] for name in self.ids]]
        elif self.dependencies.names != set(self.ids):
            chains = []
        found: dict[str, list[str]] = {}
        for chain in chains:
            for before, after in itertools.pairwise(chain):
                for name in after:
                    found.setdefault(name, []).extend(each for each in before if each != name)
        return {name: list(dict.fromkeys(each)) for name, each in found.items()}


def read_plan(markdown: Markdown) -> Plan:
    """Return the plan that a Markdown text holds."""
    phases = []
    first, last = _phases_section(markdown)
    for item in markdown.items:
        match = _PHASE.match(item.text)
        if item.depth == 0 and first <= item.line < last and (match or item.checked is not None):
            fields = {field.name.lower(): field for field in markdown.fields if item.line < field.line < item.end_line}
            title = match.group("title") if match else item.text
            phases.append(PlanPhase(item, match.group("id") if match else None, title, fields))
    return Plan(phases, _dependencies(markdown, {phase.id for phase in phases if phase.id is not None}))


def _phases_section(markdown: Markdown) -> tuple[int, int]:
    """Return the lines of the section Phases, or the whole plan where it has none: to-do lists elsewhere are none."""
    headings = (each for each in markdown.headings if each.level == 2 and each.text.strip().lower() == "phases")
    heading = next(headings, None)
    return markdown.section(heading) if heading is not None else (0, len(markdown.lines.starts))


def _dependencies(markdown: Markdown, ids: set[str]) -> Dependencies:
    headings = (each for each in markdown.headings if each.level == 2)
    heading = next((each for each in headings if each.text.strip().lower() == "dependencies"), None)
    if heading is None:
        return Dependencies([], written=False)
    first, last = markdown.section(heading)
    lines = [each for each in markdown.texts if first <= each.line < last and each.text.strip()]
    code = (markdown.lines.place(span).line - 1 for span in markdown.code_spans)
    chains = [(each.line, chain) for each in lines for chain in _chains(each.text[:MAX_LINE], ids)]
    return Dependencies(chains, written=bool(lines) or any(first <= line < last for line in code))


def _chains(text: str, ids: set[str]) -> list[list[list[str]]]:
    """Return the chains that a line states, none where it is prose: several are set apart by ``;`` or ``,``."""
    plain = re.sub(r"[*`]", "", text).strip()
    for separator in (None, ";", ","):
        chains = [_chain(piece) for piece in (plain.split(separator) if separator else [plain])]
        if all(chains):
            names = {name for chain in chains for segment in chain for name in segment}
            phases = names & ids or any(character.isdigit() for name in names for character in name)
            return chains if phases else []
    return []


def _chain(text: str) -> list[list[str]]:
    """Return the segments of ``R1 → R2, R3 → R4 (remark)``, none where that is no such text or names one twice."""
    parts = _ARROW.split(_LABEL.sub("", text.strip()))
    groups = [_GROUP.match(part) for part in parts]
    segments = [re.split(_AND, group.group("ids")) for group in groups if group is not None]
    ends = [_ASIDE] * (len(parts) - 1) + [_REMARK]
    read = all(group is not None and end.match(group.group("rest")) for group, end in zip(groups, ends, strict=True))
    names = [name for segment in segments for name in segment]
    return segments if read and len(parts) > 1 and len(names) == len(set(names)) else []
