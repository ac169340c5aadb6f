"""L210 and L211: an entry has the documented heading, and says what an entry has to say."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from statecheck.documents import Noted, kept
from statecheck.rules import Skipped, at, listed, rule
from statecheck.workspaces import logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from statecheck.documents import Entry, EntryFields, Grammar, MarkdownDocument
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import Logged, LoggedEntries, View

SOURCE = "persist.md, Steps 3 and 4; state-management.md, progress.md Format"
_SHOWN = re.compile(r"\{(\w+)\}")
_LETTERS = {"iteration": "N", "phase": "ID"}


@kept
def damaged_logs(workspace: View, *grammars: str) -> list[Skipped]:
    """Return the logs with these grammars that cannot be read."""
    logs = (workspace.document(spec.role) for spec in workspace.kind.documents if spec.fields in grammars)
    return [
        Skipped(log.path, log.problems[0].message, log.problems[0].code)
        for log in logs
        if log is not None and not log.usable
    ]


def judged_entries(
    workspace: View,
    context: Context,
    code: str,
    judge: Callable[[Logged], Iterator[Violation]],
    *grammars: str,
    given: object = None,
) -> Iterator[Violation]:
    """Yield what is said of each entry of the logs with these grammars.

    `judge` looks at an entry alone, and at what is `given`. Where it had nothing to say of one, it is not asked again.
    """
    for role, logged in logs(workspace, *grammars).items():
        yield from _judged(workspace, context, code, role, logged, judge, given)


def _judged(
    workspace: View,
    context: Context,
    code: str,
    role: str,
    items: LoggedEntries | Sequence[Entry],
    judge: Callable[[Any], Iterator[Violation]],
    given: object = None,
) -> Iterator[Violation]:
    """Yield what is said of each of the `items`, which stand for the entries of one log."""
    settled, entries, known = context.settled(role, workspace), workspace.log_entries(role), workspace.known(role)
    if settled:
        for number in _unsettled(workspace, role, settled):
            yield from judge(items[number])
        return
    numbers, anew = known.due(code, entries, lambda before: before == given)
    noted = []
    for number in numbers:
        found = list(judge(items[number]))
        if found:
            noted.append(number)
            yield from found
    known.noted[code] = Noted(entries, given, noted, anew)


def unsettled_numbers(
    workspace: View, context: Context, *grammars: str
) -> Iterator[tuple[LoggedEntries, Sequence[int]]]:
    """Yield the logs with these grammars, and the numbers of the entries that are to be judged each for itself."""
    for role, logged in logs(workspace, *grammars).items():
        yield logged, _unsettled(workspace, role, context.settled(role, workspace))


@kept
def _unsettled(workspace: View, role: str, settled: int) -> Sequence[int]:
    """Return the numbers of the entries of a log that are to be judged each for itself: the first so many are not.

    Old ones that have the heading of a new one are among them: findings about equal things are numbered.
    """
    entries = workspace.log_entries(role)
    if not settled:
        return range(len(entries))
    return [*workspace.known(role).headings.alike(entries, settled), *range(settled, len(entries))]


@rule("L210", "malformed-entry", "warning", source=SOURCE, formats=("markdown",), purposes=("log",))
def malformed_entry(document: MarkdownDocument, workspace: View, context: Context) -> Iterator[Violation]:
    """The heading of an entry has the documented form.

    What holds
    In refinement_log.md `## Iteration N — TIMESTAMP`, in decisions.md `### Iteration N Decision`, in progress.md
    `## ID - Iteration N - TIMESTAMP`, `## Verify ID - TIMESTAMP`, `## Review - Iteration N - TIMESTAMP` or
    `## Revise - Iteration N - TIMESTAMP`, with the time of day. Another dash, other case, the date first or alone, no
    time, and `Cycle C, iteration N` are understood, and reported. Headings in code, comments and quotations are none.

    Why
    Who looks for the last iteration looks for this heading. An entry under another one is not found.

    Example
    Bad:  ## 2026-01-16 — iteration 2
    Good: ## Iteration 2 — 2026-01-16T14:30:00Z

    Fix
    Safe, for a new entry where all parts are there: the heading is spelled as documented. Anything else would lose or
    invent a part.
    """
    spec = workspace.spec_of(document.path)
    grammar = spec.grammar if spec is not None and spec.purpose == "log" else None
    if spec is None or grammar is None or not grammar.template:
        return
    judge = partial(_malformed, document, grammar)
    yield from _judged(workspace, context, "L210", spec.role, workspace.log_entries(spec.role), judge)


def _malformed(document: MarkdownDocument, grammar: Grammar, entry: Entry) -> Iterator[Violation]:
    if entry.form in ("documented", "section"):
        return
    spelled = _spelled(entry, grammar)
    form = _SHOWN.sub(_letters, grammar.template)
    yield at(
        document,
        entry.heading.span,
        f"the heading is not of the form {form}",
        hint=f"write {spelled or _with_gaps(entry, grammar)}",
        subject=f"{entry.heading.text} form",
        facts=None if spelled is None else {"line": entry.heading.line, "heading": spelled},
    )


def _spelled(entry: Entry, grammar: Grammar) -> str | None:
    """Return the heading in the documented form, or None where a part is missing or would be lost."""
    parts = {"iteration": entry.iteration, "time": entry.time_text, "phase": entry.phase}
    needed = _SHOWN.findall(grammar.template)
    timed = entry.time is not None and entry.time.precision != "day"
    if entry.kind != "work" or any(parts.get(name) is None for name in needed) or ("time" in needed and not timed):
        return None
    heading = grammar.template.format(**parts)
    lost = Counter(_words(entry.heading.text)) - Counter(_words(heading))
    return None if lost else heading


def _with_gaps(entry: Entry, grammar: Grammar) -> str:
    """Return the documented form with what the heading says of it, and letters for what it does not."""
    if entry.time is not None and entry.time.precision != "day":
        time = entry.time_text
    else:
        time = "YYYY-MM-DD" if entry.time is None else entry.time.text
        time += "THH:MM:SSZ" if grammar.timed else ""
    known = {"time": time, "iteration": entry.iteration, "phase": entry.phase}
    return _SHOWN.sub(lambda name: str(known.get(name[1]) or _letters(name)), grammar.template)


def _letters(name: re.Match[str]) -> str:
    """Return the letters that stand for a part of a heading."""
    return _LETTERS.get(name[1]) or name[1].upper()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@rule("L211", "entry-field-missing", "warning", source=SOURCE)
def entry_field_missing(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """An entry has all the fields of its kind.

    What holds
    A refinement entry has the sections Actions Taken, Constraint Status, Reflection Summary (with Convergence and
    Reason) and Files Modified. A decision has Decision, Iteration, Blocking violations remaining, Rationale, and Next
    focus when continuing. A work entry of progress.md has Did, Remaining, and Blockers or Signal.

    Why
    The next iteration starts from these lines: "Remaining" is its work list, "Convergence" says whether there is one.

    Example
    Bad:  an entry with **Did:** alone
    Good: **Did:**, **Remaining:** and **Blockers:**

    Fix
    None: what happened cannot be made up.
    """
    yield from damaged_logs(workspace, *_NEEDS)
    yield from judged_entries(workspace, context, "L211", _lacking, *_NEEDS)


def _lacking(each: Logged) -> Iterator[Violation]:
    if not each.understood or each.entry.kind != "work":
        return
    lacking = list(_NEEDS[each.grammar](each.fields))
    if lacking:
        yield at(
            each.document,
            each.entry.heading.span,
            f"the entry lacks {listed(lacking)}",
            hint="add what is missing while the entry is new",
            subject=f"{each.entry.heading.text} fields",
        )


def _refinement(fields: EntryFields) -> Iterator[str]:
    for name in ("Actions Taken", "Constraint Status", "Reflection Summary"):
        if fields.section(name) is None:
            yield name
    summary = fields.section("Reflection Summary")
    for name in ("Convergence", "Reason") if summary is not None else ():
        if fields.field(name, summary) is None:
            yield name
    if fields.section("Files Modified") is None:
        yield "Files Modified"


def _decision(fields: EntryFields) -> Iterator[str]:
    for name in ("Decision", "Iteration", "Blocking violations remaining", "Rationale"):
        if fields.field(name) is None:
            yield name
    if fields.verdict == "continue" and fields.field("Next focus") is None:
        yield "Next focus"


def _progress(fields: EntryFields) -> Iterator[str]:
    for name in ("Did", "Remaining"):
        if fields.field(name) is None:
            yield name
    if fields.field("Blockers") is None and fields.field("Signal") is None:
        yield "Blockers or Signal"


_NEEDS = {"refinement_log": _refinement, "decisions": _decision, "progress": _progress}
