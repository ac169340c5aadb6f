"""L212: what an entry says is one of the things that can be said there."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from statecheck.documents import Span, first_word, is_none, show
from statecheck.rules import at, rule

from .form import SOURCE, Logged, damaged_logs, logged_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statecheck.documents import Field, Item
    from statecheck.rules import Skipped, Violation
    from statecheck.workspaces import View

_OF = re.compile(r"^[`*\s]*(\d{1,9})\s+of\s+(\d{1,9})\b", re.IGNORECASE)
_COUNT = re.compile(r"^[`*\s]*\d+[`*]*\s*(?:[(\[–—-].*|[.,;:](?!\d).*)?$")
_SIGNAL = re.compile(
    r"^(?:(?P<phase>[\w.-]+?)_(?:DONE|VERIFIED|GAPS:\s*\d+)|BLOCKED:\s*\S.*|REVIEW_PASS|REVIEW_FAIL)$", re.DOTALL
)
_STATUS = re.compile(r"^[`*]*(?P<id>\w[\w.-]*)(?P<range>[^:]*?)[`*]*:[`*]*[ \t]+(?P<status>\S.*)$", re.DOTALL)
_RANGE = re.compile(r"^[`*]*\s*(?:through|to|–|—|-|\.\.+|,|and|&)\s*[`*]*\w[\w.,\s-]*$", re.IGNORECASE)


@rule("L212", "bad-entry-value", "warning", source=SOURCE)
def bad_entry_value(workspace: View) -> Iterator[Violation | Skipped]:
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
    for each in logged_entries(workspace, *judges):
        if each.understood:
            yield from judges[each.grammar](each)


def _refinement(identifiers: frozenset[str], each: Logged) -> Iterator[Violation]:
    yield from _verdict(each, "Convergence")
    section = each.fields.section("Constraint Status")
    for item in each.fields.items(section) if section is not None else ():
        match = _STATUS.match(item.text)
        if match is None or not _names_constraints(match, identifiers):
            continue
        if first_word(match.group("status")) not in ("satisfied", "violated"):
            status = match.group("status").split("\n")[0]
            message = f"the status of {match.group('id')} is {show(status)}; expected satisfied or violated"
            yield at(each.document, _inside(item, status), message, subject=f"{each.entry.heading.text} {item.line}")


def _decision(each: Logged) -> Iterator[Violation]:
    yield from _verdict(each, "Decision")
    iteration = each.fields.field("Iteration")
    if iteration is not None:
        yield from _iteration(each, iteration)
    count = each.fields.field("Blocking violations remaining")
    if count is not None and not _COUNT.match(count.value):
        yield _bad(each, count, "expected a whole number")


def _iteration(each: Logged, field: Field) -> Iterator[Violation]:
    match = _OF.match(field.value)
    if match is None:
        yield _bad(each, field, "expected N of MAX")
        return
    number, most = int(match.group(1)), int(match.group(2))
    if each.entry.iteration is not None and number != each.entry.iteration:
        yield _bad(each, field, f"its heading says iteration {each.entry.iteration}")
    elif number > most:
        yield _bad(each, field, f"{number} is more than {most}")


def _progress(each: Logged) -> Iterator[Violation]:
    signal, remaining = each.fields.field("Signal"), each.fields.field("Remaining")
    if signal is not None and not is_none(signal.value):
        match = _SIGNAL.match(signal.value.strip("`* ").rstrip("."))
        phase = match.group("phase") if match else None
        if match is None:
            known = "ID_DONE, ID_VERIFIED, ID_GAPS:n, BLOCKED:reason, REVIEW_PASS or REVIEW_FAIL"
            yield _bad(each, signal, f"expected {known}")
        elif phase is not None and each.entry.phase is not None and phase.lower() != each.entry.phase.lower():
            yield _bad(each, signal, f"the entry is of phase {each.entry.phase}")
    if each.fields.done and remaining is not None and each.fields.remains:
        yield _bad(each, remaining, "its Signal says that the phase is done: expected None")


def _verdict(each: Logged, name: str) -> Iterator[Violation]:
    field = each.fields.field(name)
    if field is not None and first_word(field.value) not in ("continue", "terminate"):
        yield _bad(each, field, "expected continue or terminate")


def _bad(each: Logged, field: Field, expected: str) -> Violation:
    subject = f"{each.entry.heading.text} {field.name}"
    return at(each.document, field.span, f"{field.name} is {show(field.value)}; {expected}", subject=subject)


def _inside(item: Item, text: str) -> Span:
    """Return where a part of the first line of an item stands."""
    first = item.text.split("\n")[0]
    start = item.span.start + max(first.rfind(text), 0)
    return Span(start, start + len(text))


def _names_constraints(match: re.Match[str], identifiers: frozenset[str]) -> bool:
    """Say whether what stands before the colon is a constraint, or several: in prose it is some other word."""
    name, further = match.group("id"), match.group("range").strip("`* ")
    if further and not _RANGE.match(further):
        return False
    return name in identifiers or any(character.isdigit() for character in name)


def _constraint_ids(workspace: View) -> frozenset[str]:
    document = workspace.usable("constraints")
    value: Any = document.value if document is not None else None
    constraints = value.get("constraints") if isinstance(value, dict) else None
    found = (each.get("id") for each in constraints if isinstance(each, dict)) if isinstance(constraints, list) else ()
    return frozenset(each for each in found if isinstance(each, str))
