"""M501 to M504, M508 and M510: what is completed is in the memory, once, in its form, and not before its time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from statecheck.documents import Completion, show, words_of
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, listed, missing, on_line, rule
from statecheck.workspaces import (
    MACHINES,
    Owed,
    counterparts,
    initiative_source,
    owed_lines,
    position_of,
    status_sources,
)

from .due import Due, is_entry_of, missing_completions
from .memories import all_memory, completions, damaged, gaps, home, memory_files, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import MarkdownDocument, MemoryLine
    from statecheck.rules import Context
    from statecheck.workspaces import View

SOURCE = "persistence-architecture.md, Workflow Completion Write Protocol"
FORM = "Completed {workflow_type} for {context_summary}: {outcome}"
MOST_LINES = 2

FALLBACK = "initiative"
"""The type that a completion has where no state says of what type the workflow is."""


@rule("M501", "completion-missing", "error", "info", source=SOURCE, removed=True)
def completion_missing(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """What is completed is remembered in MEMORY.md.

    What holds
    When an initiative is completed or archived, is replaced by another, or its file is removed, and when the workflow's
    phase is git-commit or x-archive, MEMORY.md has a completion entry that names it. It is due in the change that
    completes it; where the base lacked it already, it is a note. MEMORY.md is in the root, in `.claude/`, in
    `.claude/memory/`, or where `[memory] path` in statecheck.toml says. Code and comments do not count. The memory of a
    kind of the project's own has the lines that the kind requires.

    Why
    "This ensures cross-session awareness": the next session reads the memory, not the archive, and does it all again.

    Example
    Bad:  "status": "completed", and not a word in MEMORY.md
    Good: - Completed initiative for search-redesign: M1 and M2 done

    Fix
    Safe: the entry is added below a heading Recent Completions, else at the end, from what the state says; a missing
    MEMORY.md is made where one is configured or was in the base. Unsafe where the repository only had one earlier.
    """
    memory = all_memory(workspace, context)
    for due in missing_completions(workspace, context, memory):
        unknown = gaps(workspace, context, memory)
        if due.unsure and due.document is not None:
            reason = "it has no name, and it cannot be said whether one of the entries in MEMORY.md is its"
            unknown = [*unknown, Skipped(due.document.path, reason, "")]
        if unknown and not due.settled:
            yield from unknown
        elif not unknown:
            yield _missing(due, workspace, context)
    for owed in owed_lines(workspace, "memory"):
        yield _owed(owed) if isinstance(owed, Owed) else Skipped(*owed)


def _owed(owed: Owed) -> Violation:
    """Return what a memory lacks that a project's own kind requires."""
    name = owed.path.rpartition("/")[2]
    lacks = f"{name} has no line" if owed.lacking is not None else f"there is no {name}"
    return at(
        owed.state,
        owed.state.span(owed.pointer),
        f"{owed.because}, and {lacks} with {show(owed.says)}",
        hint=f'add "{owed.says}"',
        subject=f"memory of {owed.says}",
        facts={"says": owed.says, "memory": owed.lacking},
        fresh=True,
    )


def _missing(due: Due, workspace: View, context: Context) -> Violation:
    who = f"initiative {due.name}" if due.name is not None else "the workflow"
    position = position_of(workspace, context.memory)
    kind = position.type if position is not None and position.type else FALLBACK
    entry = " ".join(f"Completed {kind} for {due.name}: {due.outcome}".split())
    message = f"{who} {due.what}, and MEMORY.md has no completion entry for it"
    hint = f'add "{entry if due.name is not None else FORM}"'
    facts = None
    if due.name is not None and not context.memory.outside:
        line = f"- {entry}" if due.lost is None else written(due.lost)
        facts = {"entries": [line], "settles": partial(is_entry_of, name=due.name), **home(workspace, context)}
        if due.lost is not None and facts["document"] is None:
            facts = None  # all of the file is gone: M510 brings it back
    subject = f"completion of {due.name}"
    if due.document is None:
        path = workspace.join(".claude/initiative.json")
        return missing(path, message, hint=hint, subject=subject, facts=facts, fresh=True)
    span = due.document.span(due.pointer)
    if due.settled:
        return at(due.document, span, message, hint=hint, subject=subject, severity="info")
    return at(due.document, span, message, hint=hint, subject=subject, facts=facts, fresh=True)


@rule("M502", "completion-malformed", "warning", source=SOURCE)
def completion_malformed(workspace: View, context: Context) -> Iterator[Violation]:
    """A completion entry has its three parts.

    What holds
    A line that begins like a completion entry reads `Completed {workflow_type} for {context_summary}: {outcome}`.

    Why
    Whoever looks for what was completed looks for these words, and wants to know what came of it.

    Example
    Bad:  - Completed initiative for search-redesign
    Good: - Completed initiative for search-redesign: search answers in 50 ms

    Fix
    None: what came of it is known to whoever did it.
    """
    for document, line in remembered(memory_files(workspace, context)):
        if isinstance(line, Completion) and line.context is None:
            text = _words(document, line)
            message = f"the completion entry {_defect(text)}"
            yield at(document, line.span, message, hint=f'write "{FORM}"', subject=text)


def _defect(text: str) -> str:
    """Return what is wrong with a line that begins like a completion entry, as far as that can be told."""
    kind, named, rest = text.partition(" for ")
    context, _, outcome = rest.partition(":") if named else ("", "", kind.partition(":")[2])
    parts = {"type": kind.partition("Completed")[2], "context": context, "outcome": outcome}
    lacking = [f"its {name}" for name, part in parts.items() if not part.strip("*_`\"' ")]
    return f"lacks {listed(lacking)}" if lacking else "has not the form of one"


@rule("M503", "completion-too-long", "warning", source=SOURCE)
def completion_too_long(workspace: View, context: Context) -> Iterator[Violation]:
    """A completion entry is one or two lines.

    What holds
    What belongs to a completion entry, nested items included, is at most two lines.

    Why
    "Write 1-2 lines only": the memory is read at the start of every session.

    Example
    Bad:  an entry with a list of all that was done below it
    Good: - Completed initiative for search-redesign: search answers in 50 ms

    Fix
    None: what matters of it is for a person to say.
    """
    before = [each for parent in context.parents for each in completions(memory_files(parent, context))]
    for document, line in remembered(memory_files(workspace, context)):
        if isinstance(line, Completion) and line.context is not None and line.height > MOST_LINES:
            message = f"the completion entry for {line.context} has {line.height} lines; one or two are enough"
            had = any(_identity(each) == _identity(line) and each.height == line.height for each in before)
            subject = _words(document, line)
            yield at(document, line.span, message, hint="keep the outcome", subject=subject, fresh=not had)


@rule("M504", "completion-repeated", "warning", source=SOURCE)
def completion_repeated(workspace: View, context: Context) -> Iterator[Violation]:
    """A completion is remembered once.

    What holds
    No two completion entries have the same context and the same outcome.

    Why
    Two entries read as two pieces of work.

    Example
    Bad:  the same entry twice
    Good: once

    Fix
    Safe, where the line is exactly that of the first one: it is dropped.
    """
    before = [completions(memory_files(parent, context)) for parent in context.parents]
    known: dict[tuple[str, ...], tuple[MarkdownDocument, Completion]] = {}
    count: dict[tuple[str, ...], int] = {}
    for document, line in remembered(memory_files(workspace, context)):
        if not isinstance(line, Completion) or line.context is None:
            continue
        identity = _identity(line)
        first_document, first = known.setdefault(identity, (document, line))
        count[identity] = count.get(identity, 0) + 1
        if first is line:
            continue
        exact = len(line.source) == len(first.source) == 1 and line.source[0].strip() == first.source[0].strip()
        yield at(
            document,
            line.span,
            f"the completion of {line.context} is remembered twice with the same outcome",
            hint="keep one of the two",
            subject=_words(document, line),
            related=(Related(first_document.path, first.line + 1, "the first one is here"),),
            facts={"line": line.line} if exact else None,
            fresh=not any(
                sum(_identity(each) == identity for each in earlier) >= count[identity] for earlier in before
            ),
        )


@rule("M508", "completion-premature", "error", roles=("initiative", "workflow_status"), source=SOURCE)
def completion_premature(workspace: View, context: Context) -> Iterator[Violation]:
    """Nothing is remembered as completed that is not.

    What holds
    No completion entry of an initiative has for its whole context the name of one that is there and is neither
    completed nor archived. A workflow within it may be completed: `Completed APEX for search`.

    Why
    The next session believes the memory, and leaves the rest undone.

    Example
    Bad:  - Completed initiative for search-redesign: done      where "status" is "in_progress"
    Good: the entry, in the change that completes the initiative

    Fix
    None: either the entry or the status is wrong.
    """
    open_ones = dict(_unfinished(workspace))
    position = position_of(workspace, context.memory)
    for document, line in remembered(memory_files(workspace, context)):
        if not isinstance(line, Completion) or line.context is None or not line.of_initiative:
            continue
        name = next((each for each in open_ones if line.is_for(each)), None)
        if name is None:
            continue
        if position is not None and position.over and (position.type or FALLBACK).lower() == (line.type or "").lower():
            continue  # a workflow within the initiative came to its end, not the initiative
        yield at(
            document,
            line.span,
            f"{line.context} is remembered as completed, and its status is {open_ones[name]}",
            hint="complete it first, or say in the entry what was completed of it",
            subject=_words(document, line),
        )


def _unfinished(workspace: View) -> Iterator[tuple[str, str]]:
    """Yield the names and statuses of initiatives that are not over; initiative.json speaks for its own."""
    final = MACHINES["initiative"].final
    primary = initiative_source(workspace)
    own = [each.document.path for each in counterparts(primary, workspace)] if primary is not None else []
    for source in status_sources(workspace):
        status = primary.status if primary is not None and source.document.path in own else source.status
        if source.name and status is not None and status not in final:
            yield source.name, status
    if primary is not None and primary.name and primary.status is not None and primary.status not in final:
        yield primary.name, primary.status


@rule("M510", "completion-removed", "warning", source=SOURCE, removed=True)
def completion_removed(workspace: View, before: View, context: Context) -> Iterator[Violation]:
    """What was remembered as completed stays remembered.

    What holds
    Every completion entry that the base has is there. An entry whose words changed while one of its context remains is
    not gone.

    Why
    "This ensures cross-session awareness": what is taken out of the memory is done a second time.

    Example
    Bad:  MEMORY.md tidied up, and the entry of last week gone
    Good: the entry, below a heading of its own

    Fix
    Safe: the entry is put back; a MEMORY.md that was deleted is restored.
    """
    now = completions(memory_files(workspace, context))
    if any(True for _ in damaged(memory_files(workspace, context))):
        return
    old = memory_files(before, context)
    known = {_identity(each) for each in now}
    earlier = {_identity(each) for each in completions(old)}
    changed = {tuple(words_of(each.context or "")) for each in now if _identity(each) not in earlier}
    lost: dict[tuple[str, ...], tuple[MarkdownDocument, Completion]] = {}
    for document, line in remembered(old):
        if not isinstance(line, Completion) or line.context is None or _identity(line) in known:
            continue
        if tuple(words_of(line.context)) not in changed:
            lost.setdefault(_identity(line), (document, line))
    gone: dict[str, list[str]] = {}
    for document, line in lost.values():
        gone.setdefault(document.path, []).append(written(line))

    def is_lost(line: MemoryLine) -> bool:
        return isinstance(line, Completion) and _identity(line) in lost

    for document, line in lost.values():
        here = next((each for each in memory_files(workspace, context) if each.path == document.path), None)
        message = f"the completion of {line.context} is gone, which MEMORY.md has in {before.tree.label}"
        subject = f"completion of {line.context}: {line.outcome}"
        facts = {"entries": gone[document.path], "settles": is_lost, "document": here, "place": document.path}
        details = {"hint": "put it back", "subject": subject, "facts": {**facts, "before": before}}
        if here is None:
            yield missing(document.path, message, **details)
        else:
            yield on_line(here, 0, message, **details)


def written(line: Completion) -> str:
    """Return an entry as it was written, or on one line where it shared its lines with another."""
    return "\n".join(line.source) or f"- Completed {line.type} for {line.context}: {line.outcome}"


def _identity(line: Completion) -> tuple[str, ...]:
    return (*words_of(line.context or ""), "", *words_of(line.outcome or ""))


def _words(document: MarkdownDocument, line: Completion) -> str:
    return document.text[line.span.start : line.span.end]
