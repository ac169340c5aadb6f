"""M505 to M507: where a workflow stands is in the memory, in its form, and in order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from statecheck.documents import BOUNDARIES, Checkpoint, Completion, names, words_of
from statecheck.rules import Violation, at, rule
from statecheck.workspaces import position_of

from .due import is_line_of, missing_checkpoint, misspelled_phase
from .memories import all_memory, gaps, home, memory_files, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Boundary, MemoryLine
    from statecheck.rules import Context, Skipped
    from statecheck.workspaces import Position, View

    from .memories import Remembered

SOURCE = "persistence-architecture.md, L2 Checkpoint State Writes"
GENERAL = "Active {workflow_type} workflow: {completed_phase} completed, {next_phase_verb} {context_summary}"
UNNAMED = "the current work"


@rule("M505", "checkpoint-missing", "error", source=SOURCE)
def checkpoint_missing(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """The boundary that a workflow passed last is remembered in MEMORY.md.

    What holds
    Where `.claude/workflow-state.json` (or the fields that statecheck.toml names) says the type and the phase of a
    workflow that is not over, MEMORY.md has the line of the newest boundary that it passed: for APEX plan, implement
    and review, for DEBUG fix or implement, for BRAINSTORM design. A word that is nearly one of the type's phases is
    unverified; any other is the phase of a workflow of another kind, of which nothing is asked.

    Why
    These lines "exist solely so that a new session reading MEMORY.md can detect an active workflow".

    Example
    Bad:  "type": "APEX", "phase": "implement", and not a word in MEMORY.md
    Good: - Active APEX workflow: plan approved, implementing search-redesign

    Fix
    Safe, where the state says what the workflow is about: the line is added at the end of MEMORY.md. Else unsafe.
    """
    memory = all_memory(workspace, context)
    due = missing_checkpoint(workspace, context, memory)
    if due is None:
        unclear = misspelled_phase(workspace, context)
        yield from [unclear] if unclear is not None else []
        return
    unknown = gaps(workspace, context, memory)
    if unknown:
        yield from unknown
        return
    position = due.position
    line = " ".join(due.boundary.line(due.context or UNNAMED).split())
    settles = partial(is_line_of, boundary=due.boundary, context=due.context)
    facts = {"entries": [f"- {line}"], "settles": settles, "named": due.context is not None}
    yield at(
        position.document,
        position.document.span(position.pointer),
        f"the {due.boundary.type} workflow is in phase {position.phase}, and MEMORY.md has no line that says so",
        hint=f'add "{line}"',
        subject="checkpoint",
        facts=None if context.memory.outside else {**facts, **home(workspace, context)},
    )


@rule("M506", "checkpoint-malformed", "warning", source=SOURCE)
def checkpoint_malformed(workspace: View, context: Context) -> Iterator[Violation]:
    """A checkpoint line has one of the documented forms.

    What holds
    A line `Active … workflow:` has one of the five documented texts, or the general format
    `Active {workflow_type} workflow: {completed_phase} completed, {next_phase_verb} {context_summary}`, on one line.

    Why
    A new session detects an active workflow by these words.

    Example
    Bad:  - Active APEX workflow: implementing search-redesign
    Good: - Active APEX workflow: plan approved, implementing search-redesign

    Fix
    None: what was completed is known to whoever did it.
    """
    for document, line in remembered(memory_files(workspace, context)):
        if not isinstance(line, Checkpoint):
            continue
        text = document.text[line.span.start : line.span.end]
        if line.context is None:
            yield at(
                document,
                line.span,
                "the checkpoint line has none of the documented forms",
                hint=_expected(line),
                subject=text,
            )
        elif line.height > 1:
            message = f"the checkpoint line goes on over {line.height} lines; it is one line"
            yield at(document, line.span, message, hint="keep what was completed, and what is next", subject=text)


def _expected(line: Checkpoint) -> str:
    known = [each.line("…") for each in BOUNDARIES if each.type == line.type.upper()]
    return f'write "{known[0] if len(known) == 1 else GENERAL}"'


@rule("M507", "checkpoint-order", "warning", source=SOURCE)
def checkpoint_order(workspace: View, context: Context) -> Iterator[Violation]:
    """The checkpoint lines of a workflow follow its phases.

    What holds
    The lines of one workflow come in the order of its phases, none is ahead of the phase that its state says, and none
    is the last word on it after its completion entry. A workflow that its state says to be under way once more begins
    anew after such an entry; an initiative does not.

    Why
    The last line is where the next session takes the work up.

    Example
    Bad:  - Active APEX workflow: implementation done, reviewing search-redesign
          - Active APEX workflow: plan approved, implementing search-redesign
    Good: the two lines the other way round

    Fix
    None: which of the lines is true is known to whoever wrote them.
    """
    position = position_of(workspace, context.memory)
    latest: dict[tuple[str, ...], int] = {}
    lines = [each for each in remembered(memory_files(workspace, context)) if each.line.context is not None]
    subjects = [tuple(words_of(each.line.context or "")) for each in lines]
    following: dict[tuple[str, ...], list[MemoryLine]] = {}
    for words, each in zip(subjects, lines, strict=True):
        following.setdefault(words, []).append(each.line)
    for index, (words, each) in enumerate(zip(subjects, lines, strict=True)):
        later = following[words] = following[words][1:]
        if isinstance(each.line, Completion):
            latest = {workflow: number for workflow, number in latest.items() if workflow[1:] != words}
            continue
        problem = None if later else _after_completion(each.line, position, lines[:index])
        if problem is None and each.line.boundary is not None:
            number = BOUNDARIES.index(each.line.boundary)
            workflow = (each.line.boundary.type, *words)
            over = any(isinstance(other, Completion) for other in later)
            problem = None if over else _ahead(each.line, position)
            problem = problem or _behind(each.line.boundary, latest.get(workflow, -1))
            latest[workflow] = max(number, latest.get(workflow, -1))
        if problem is not None:
            text = each.document.text[each.line.span.start : each.line.span.end]
            yield at(each.document, each.line.span, problem, hint="keep the line that is true", subject=text)


def _after_completion(line: Checkpoint, position: Position | None, before: list[Remembered]) -> str | None:
    """Return what is wrong with a line that is the last on a workflow whose completion was remembered before it."""
    context = line.context or ""
    completed = [each for _, each in before if isinstance(each, Completion) and each.is_for(context)]
    if not completed or (_goes_on(line, position) and not any(each.of_initiative for each in completed)):
        return None
    return f"{context} was completed before, and this line says that it is active"


def _goes_on(line: Checkpoint, position: Position | None) -> bool:
    """Say whether a workflow is under way that is of the type of a line, and that the line is about."""
    if position is None or position.over or position.context is None:
        return False
    return (position.type or "").lower() == line.type.lower() and names(line.context or "", position.context)


def _ahead(line: Checkpoint, position: Position | None) -> str | None:
    """Return what is wrong with a line that says more than the state does."""
    boundary = line.boundary
    if position is None or boundary is None or (position.type or "").upper() != boundary.type:
        return None
    if position.context is not None and not names(line.context or "", position.context):
        return None
    order = _phases(boundary.type)
    if position.phase not in order or order[boundary.following[0]] <= order[position.phase]:
        return None
    return f"the line says that {boundary.completed} is over, and the workflow is in phase {position.phase}"


def _behind(boundary: Boundary, latest: int) -> str | None:
    if BOUNDARIES.index(boundary) >= latest:
        return None
    return f"the line comes after one of a later phase: {BOUNDARIES[latest].completed} was over already"


def _phases(kind: str) -> dict[str, int]:
    """Return the phases of a type of workflow, each with its place in the order."""
    found: dict[str, int] = {}
    for number, boundary in enumerate(each for each in BOUNDARIES if each.type == kind):
        found.setdefault(boundary.completed, number)
        found.update(dict.fromkeys(boundary.following, number + 1))
    return found
