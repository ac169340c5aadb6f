"""The plan of an iterative-work task (state-management.md, plan.md Template), read from its Markdown blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from statecheck.documents.markdown import Field, Item, Markdown

_PHASE = re.compile(r"^\*\*(?P<id>[^*\s:]+)(?::\*\*|\*\*:)[ \t]*(?P<title>.*)$", re.DOTALL)
_PATH = re.compile(r"^(?=.*(?:/|\*|\w\.\w))(?!n/a$)\S+$", re.IGNORECASE)
_QUOTED = re.compile(r"`([^`]+)`")


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


class Plan(NamedTuple):
    """The phases of a plan in order: the checkboxes of its section Phases, and its items that begin like a phase."""

    phases: list[PlanPhase]


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
    return Plan(phases)


def _phases_section(markdown: Markdown) -> tuple[int, int]:
    """Return the lines of the section Phases, or the whole plan where it has none: to-do lists elsewhere are none."""
    headings = (each for each in markdown.headings if each.level == 2 and each.text.strip().lower() == "phases")
    heading = next(headings, None)
    return markdown.section(heading) if heading is not None else (0, len(markdown.lines.starts))
