"""S110 to S113: the Markdown templates of an iterative-work task keep their documented parts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from statecheck.documents import BRIEF_SECTIONS, DOMAINS, Lines, Span
from statecheck.rules import at, on_line, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Field, Heading, Markdown, MarkdownDocument, PlanPhase
    from statecheck.rules import Violation
    from statecheck.workspaces import View

PHASE_FIELDS = ("Criteria", "Output", "Max iterations")
CONTEXT_LISTS = ("Key outputs", "Patterns to follow", "Phase signals")
GUARDRAIL_FIELDS = ("Context", "Problem", "Solution", "Learned")
CONTEXT_WORDS = 200

_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bvs)(?<!\bcf)[.!?][)\"'”’]*\s+(?=([^\W\d_]|[\"'“(]))")
_LEARNED = re.compile(r"^\w[\w.-]* iteration \d+\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_NAMED = re.compile(r"[*_]*(?P<id>[A-Za-z]+\d+)[*_]*\s*[:.)–—-]\s*[*_]*(?P<title>\S.*)")
"""A phase whose id is there, and not in its place."""


@rule("S110", "brief-template", "warning", source="state-management.md, brief.md Template")
def brief_template(brief: MarkdownDocument) -> Iterator[Violation]:
    """brief.md has the parts of its template.

    What holds
    A title; Created; Domain, one of research, writing, analysis, planning; the sections Outcome Needed, Done When
    (with at least one item), Constraints, and Notes.

    Why
    The brief is what "done" is measured against. A session that finds no Done When decides for itself.

    Example
    Bad:  a brief without a "## Done When" section
    Good: ## Done When
          - The report names three options with their costs

    Fix
    Safe: a missing section is added, empty. What belongs in it is for a person to say.
    """
    markdown = brief.markdown
    yield from _title(brief, "", "# {Task Name}")
    yield from _fields(brief, 0, markdown.head, ("Created", "Domain"), "the brief")
    yield from _domain(brief)
    sections = _sections(markdown)
    for name in BRIEF_SECTIONS:
        if name.lower() not in sections:
            yield on_line(
                brief,
                _last_line(markdown),
                f'the brief has no section "{name}"',
                hint=f"add ## {name}",
                subject=f"section {name}",
                facts={"section": name},
            )
    done_when = sections.get("done when")
    if done_when is not None and not _items_in(markdown, done_when):
        yield at(
            brief,
            done_when.span,
            "Done When names no criterion",
            hint="add at least one item",
            subject="Done When",
        )


@rule("S111", "plan-template", "warning", source="state-management.md, plan.md Template")
def plan_template(plan: MarkdownDocument) -> Iterator[Violation]:
    """plan.md has the parts of its template.

    What holds
    A title that ends in "- Phases"; Created, Domain and Total; each phase is a checkbox `- [ ] **ID**: title` with
    Criteria, Output and Max iterations; a Dependencies section; Total is the number of phases.

    Why
    state.json and progress.md refer to the plan by phase id. A phase that is not written as one is not seen.

    Example
    Bad:  - R1: collect sources
    Good: - [ ] **R1**: Collect sources
            - Criteria: at least ten
            - Output: `sources/list.md`
            - Max iterations: 5

    Fix
    Safe: Total is set to the number of phases. Anything else is for a person.
    """
    markdown = plan.markdown
    yield from _title(plan, "- Phases", "# {Task Name} - Phases")
    yield from _fields(plan, 0, markdown.head, ("Created", "Domain", "Total"), "the plan")
    yield from _domain(plan)
    phases = plan.plan.phases
    for phase in phases:
        yield from _phase(plan, phase)
    if "dependencies" not in _sections(markdown):
        line = _last_line(markdown)
        yield on_line(
            plan,
            line,
            'the plan has no section "Dependencies"',
            hint="add ## Dependencies",
            subject="Dependencies",
        )
    total = next((field for field in markdown.head if field.name == "Total"), None)
    stated = _NUMBER.match(total.value) if total is not None else None
    if total is not None and (stated is None or int(stated.group()[:9]) != len(phases)):
        yield at(
            plan,
            total.span,
            f"Total says {total.value or 'nothing'}; the plan has {len(phases)} phases",
            hint=f"write {len(phases)} phases",
            subject="Total",
            facts={"span": total.span, "total": len(phases), "stated": stated.group() if stated else None},
        )


@rule("S112", "context-template", "warning", source="state-management.md, context.md Template")
def context_template(task_context: MarkdownDocument) -> Iterator[Violation]:
    """context.md has the parts of its template, and is brief.

    What holds
    A title that ends in "Context"; Goal and Approach, one sentence each; Key outputs, Patterns to follow, and Phase
    signals; fewer than 200 words.

    Why
    Every iteration reads it in full. What grows here is paid for again and again.

    Example
    Bad:  **Goal:** Write the report. It should be long. It should also be good.
    Good: **Goal:** A ten-page report that names three options with their costs.

    Fix
    None: shortening a text is a matter of judgement.
    """
    markdown = task_context.markdown
    yield from _title(task_context, "Context", "# {Task} Context")
    yield from _fields(
        task_context,
        0,
        markdown.fields,
        ("Goal", "Approach", *CONTEXT_LISTS),
        "the context",
        empty=CONTEXT_LISTS,
    )
    for field in markdown.fields:
        if field.name not in ("Goal", "Approach"):
            continue
        sentences = _sentences(_paragraph(markdown, field))
        if sentences > 1:
            yield at(
                task_context,
                field.span,
                f"{field.name} has {sentences} sentences; one is asked for",
                hint="keep the one that says it; details belong in plan.md",
                subject=field.name,
            )
    words = _words(markdown.text)
    if words >= CONTEXT_WORDS:
        yield on_line(
            task_context,
            0,
            f"the context has {words} words; fewer than {CONTEXT_WORDS} are asked for",
            hint="keep what every iteration needs; details belong in plan.md",
            subject="words",
        )


@rule("S113", "guardrail-template", "warning", source="state-management.md, guardrails.md Format")
def guardrail_template(guardrails: MarkdownDocument, workspace: View) -> Iterator[Violation]:
    """guardrails.md has its title, and each guardrail its four parts.

    What holds
    The title is "# Guardrails". Each guardrail is a "## name" with Context, Problem, Solution, and Learned, which
    says the phase and iteration: `R2 iteration 3`.

    Why
    The file is read before every iteration. A lesson without its problem cannot be weighed, and one without its
    origin cannot be looked up.

    Example
    Bad:  ## Check links
          - **Solution:** open each one
    Good: ## Check links
          - **Context:** citing a web page
          - **Problem:** two sources were gone
          - **Solution:** open each one before citing it
          - **Learned:** R1 iteration 2

    Fix
    None: what was learned, only its author knows. Guardrails that the base already has are notes.
    """
    headings = guardrails.markdown.headings
    title = next((heading for heading in headings if heading.level == 1), None)
    if title is None or title.text != "Guardrails":
        span = title.span if title is not None else Span(0, 0)
        yield at(guardrails, span, 'the title is not "# Guardrails"', hint="write # Guardrails", subject="title")
    every = guardrails.markdown.fields
    for entry in workspace.log_entries("guardrails"):
        first = bisect_right(every, entry.heading.line, key=lambda each: each.line)
        fields = every[first : bisect_left(every, entry.end_line, lo=first, key=lambda each: each.line)]
        yield from _fields(
            guardrails,
            entry.heading.line,
            fields,
            GUARDRAIL_FIELDS,
            f"guardrail {entry.heading.text!r}",
        )
        for field in fields:
            if field.name == "Learned" and field.value and not _LEARNED.match(field.value):
                message = f"Learned says {field.value!r}; expected a phase and an iteration, as in R2 iteration 3"
                hint = "write the iteration in which it was learned"
                yield at(guardrails, field.span, message, hint=hint, subject=f"{entry.heading.text} Learned form")


def _words(text: str) -> int:
    """Count the words of a text; marks alone are none, so that there are at most as many as there are pieces."""
    pieces = text.split()
    if len(pieces) < CONTEXT_WORDS:
        return len(pieces)
    return sum(any(map(str.isalnum, piece)) for piece in pieces)


def _title(document: MarkdownDocument, ending: str, form: str) -> Iterator[Violation]:
    title = next((heading for heading in document.markdown.headings if heading.level == 1), None)
    if title is None:
        message = f"there is no title: expected {form}"
        yield on_line(document, 0, message, hint="begin the file with it", subject="title")
    elif not title.text.endswith(ending) or title.text == ending:
        message = f"the title is {title.text!r}; expected the form {form}"
        hint = f"write the task's name{f', then {ending}' if ending else ''}"
        yield at(document, title.span, message, hint=hint, subject="title")


def _fields(
    document: MarkdownDocument,
    first: int,
    fields: Sequence[Field],
    names: Sequence[str],
    owner: str,
    empty: Sequence[str] = (),
) -> Iterator[Violation]:
    """Yield the names that are missing from `fields`, or say nothing; the owner of the fields begins at `first`."""
    found = {field.name: field for field in fields}
    for name in names:
        if name not in found:
            yield on_line(document, first, f"{owner} has no {name}", hint=f"add **{name}:**", subject=f"{owner} {name}")
        elif not found[name].value and name not in empty:
            message = f"{name} of {owner} is empty"
            hint = f"say it after **{name}:**"
            yield on_line(document, found[name].line, message, hint=hint, subject=f"{owner} {name}")


def _domain(document: MarkdownDocument) -> Iterator[Violation]:
    for field in document.markdown.head:
        if field.name == "Domain" and field.value and field.value not in DOMAINS:
            message = f"Domain is {field.value!r}; expected one of {', '.join(DOMAINS)}"
            yield at(document, field.span, message, hint="choose the nearest one", subject="Domain")


def _phase(plan: MarkdownDocument, phase: PlanPhase) -> Iterator[Violation]:
    if phase.id is None or phase.item.checked is None:
        message = f"phase {phase.id or phase.title!r} is not written as - [ ] **ID**: title"
        hint = f"write {_as_phase(phase)}"
        yield at(plan, phase.item.span, message, hint=hint, subject=f"phase {phase.id or phase.title}")
    for name in PHASE_FIELDS:
        field = phase.fields.get(name.lower())
        if field is None or not field.value:
            owner = phase.id or phase.title
            message = f"phase {owner} has no {name}" if field is None else f"{name} of phase {owner} is empty"
            yield at(
                plan,
                phase.item.span,
                message,
                hint=f"add - {name}: below it",
                subject=f"phase {owner} {name}",
            )
    maximum = phase.fields.get("max iterations")
    if maximum is not None and maximum.value and phase.maximum is None:
        message = f"Max iterations of phase {phase.id or phase.title} is {maximum.value!r}; expected a number"
        subject = f"phase {phase.id or phase.title} Max iterations"
        yield at(plan, maximum.span, message, hint="write a whole number, such as 5", subject=subject)


def _as_phase(phase: PlanPhase) -> str:
    """Return a phase in the documented form, with letters for what cannot be told."""
    box = "[x]" if phase.item.checked else "[ ]"
    title = phase.title.split("\n")[0]
    match = _NAMED.match(title) if phase.id is None else None
    if match is not None:
        return f"- {box} **{match['id']}**: {match['title']}"
    return f"- {box} **{phase.id or 'ID'}**: {title}"


def _sentences(text: str) -> int:
    """Count sentences; a full stop before a lower-case letter ends none."""
    return 1 + sum(not match[1].islower() for match in _SENTENCE_END.finditer(text))


def _paragraph(markdown: Markdown, field: Field) -> str:
    """Return the value of a field with the lines that continue it: up to a blank line, another field, a list."""
    starts = {each.line for each in markdown.fields}
    starts |= {each.line for each in markdown.items} | {each.line for each in markdown.headings}
    text = field.value
    for line in range(field.line + 1, len(markdown.lines.starts)):
        content = markdown.lines.content(line + 1).strip()
        if line in starts or not content:
            break
        text += f" {content}"
    return text


def _sections(markdown: Markdown) -> dict[str, Heading]:
    return {heading.text.strip().lower(): heading for heading in markdown.headings if heading.level == 2}


def _items_in(markdown: Markdown, heading: Heading) -> bool:
    first, last = markdown.section(heading)
    return any(first <= item.line < last and item.text.strip() for item in markdown.items)


def _last_line(markdown: Markdown) -> int:
    """Return the last line that has text."""
    return len(Lines(markdown.text.rstrip()).starts) - 1
