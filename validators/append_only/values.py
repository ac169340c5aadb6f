"""L212: what an entry says is one of the things that can be said there."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from statecheck.documents import (
    CONSTRAINT_SECTION,
    Span,
    first_word,
    is_none,
    leading_number,
    number_of,
    read_constraints,
    show,
    status_line,
)
from statecheck.rules import at, rule

from .form import SOURCE, damaged_logs, judged_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statecheck.documents import Field, Item
    from statecheck.rules import Context, Skipped, Violation
    from statecheck.workspaces import Logged, View

_SIGNAL = re.compile(
    r"^(?:(?P<phase>[\w.-]+?)_(?:DONE|VERIFIED|GAPS:\s*\d+)|BLOCKED:\s*\S.*|REVIEW_PASS|REVIEW_FAIL)$", re.DOTALL
)


@rule("L212", "bad-entry-value", "warning", source=SOURCE)
def bad_entry_value(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """The values of an entry are those that the documents know, and agree with its heading.

    What holds
    Convergence and Decision are continue or terminate. Iteration is `N of MAX`, N that of the heading and not above
    MAX. The number of blocking violations is a whole number. The status of a constraint begins with satisfied or
    violated. A Signal is `ID_DONE`, `ID_VERIFIED` or `ID_GAPS:n` of its own phase, `BLOCKED:reason`, `REVIEW_PASS` or
    `REVIEW_FAIL`, and with DONE goes Remaining None.

    Why
    Other programs, and the other files of the workspace, take these words literally.

    Example
    Bad:  - **Iteration**: 3/5
    Good: - **Iteration**: 3 of 5

    Fix
    None: what was meant is known to whoever wrote it.
    """
    identifiers = _constraint_ids(workspace)
    judges: dict[str, Callable[[Logged], Iterator[Violation]]] = {
        "refinement_log": partial(_refinement, identifiers),
        "decisions": _decision,
        "progress": _progress,
    }
    yield from damaged_logs(workspace, *judges)

    def judge(each: Logged) -> Iterator[Violation]:
        if each.understood:
            yield from judges[each.grammar](each)

    yield from judged_entries(workspace, context, "L212", judge, *judges, given=sorted(identifiers))


def _refinement(identifiers: frozenset[str], each: Logged) -> Iterator[Violation]:
    yield from _verdict(each, "Convergence")
    section = each.fields.section(CONSTRAINT_SECTION)
    for item in each.fields.items(section) if section is not None else ():
        line = status_line(item.text, identifiers)
        if line is not None and not line.stated:
            status = line.status.split("\n")[0]
            message = f"the status of {line.id} is {show(status)}; expected satisfied or violated"
            yield at(
                each.document,
                _inside(item, status),
                message,
                hint="write satisfied or violated, then the details",
                subject=f"{each.entry.heading.text} {item.line}",
            )


def _decision(each: Logged) -> Iterator[Violation]:
    yield from _verdict(each, "Decision")
    iteration = each.fields.field("Iteration")
    if iteration is not None:
        yield from _iteration(each, iteration)
    count = each.fields.field("Blocking violations remaining")
    if count is not None and leading_number(count.value) is None:
        yield _bad(each, count, "expected a whole number", "count them; where there is none, write 0")


def _iteration(each: Logged, field: Field) -> Iterator[Violation]:
    numbers = number_of(field.value)
    if numbers is None:
        number = each.entry.iteration or "N"
        yield _bad(each, field, "expected N of MAX", f"write {number} of the number of iterations that are allowed")
        return
    number, most = numbers
    if each.entry.iteration is not None and number != each.entry.iteration:
        hint = f"write {each.entry.iteration} of {most}, or correct the heading"
        yield _bad(each, field, f"its heading says iteration {each.entry.iteration}", hint)
    elif number > most:
        yield _bad(each, field, f"{number} is more than {most}", "write the maximum that was agreed on with a person")


def _progress(each: Logged) -> Iterator[Violation]:
    signal, remaining = each.fields.field("Signal"), each.fields.field("Remaining")
    if signal is not None and not is_none(signal.value):
        match = _SIGNAL.match(signal.value.strip("`* ").rstrip("."))
        phase = match.group("phase") if match else None
        if match is None:
            known = "ID_DONE, ID_VERIFIED, ID_GAPS:n, BLOCKED:reason, REVIEW_PASS or REVIEW_FAIL"
            yield _bad(each, signal, f"expected {known}", "write the one that is meant, or leave Signal out")
        elif phase is not None and each.entry.phase is not None and phase.lower() != each.entry.phase.lower():
            own = f"{each.entry.phase}{match.group()[len(phase) :]}"
            hint = f"write {own}, or log it in an entry of phase {phase}"
            yield _bad(each, signal, f"the entry is of phase {each.entry.phase}", hint)
    if each.fields.done and remaining is not None and each.fields.remains:
        hint = "write None, or signal it once nothing remains"
        yield _bad(each, remaining, "its Signal says that the phase is done: expected None", hint)


def _verdict(each: Logged, name: str) -> Iterator[Violation]:
    field = each.fields.field(name)
    if field is not None and first_word(field.value) not in ("continue", "terminate"):
        reason = "Reason" if name == "Convergence" else "Rationale"
        hint = f"write one of the two words first; why goes under {reason}"
        yield _bad(each, field, "expected continue or terminate", hint)


def _bad(each: Logged, field: Field, expected: str, hint: str) -> Violation:
    message = f"{field.name} is {show(field.value)}; {expected}"
    return at(each.document, field.span, message, hint=hint, subject=f"{each.entry.heading.text} {field.name}")


def _inside(item: Item, text: str) -> Span:
    """Return where a part of the first line of an item stands."""
    first = item.text.split("\n")[0]
    start = item.span.start + max(first.rfind(text), 0)
    return Span(start, start + len(text))


def _constraint_ids(workspace: View) -> frozenset[str]:
    document = workspace.usable("constraints")
    return read_constraints(document).ids if document is not None else frozenset()
