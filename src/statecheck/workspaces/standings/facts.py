"""What the modules of this package share: a fact from a place in a document."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.documents import is_none, show
from statecheck.standing import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Pointer, StateDocument
    from statecheck.standing import Conflict
    from statecheck.workspaces.logged import Logged


def stated(name: str, document: StateDocument, pointer: Pointer, value: object) -> Fact:
    """Return what a state file says at a place."""
    line = document.place(document.span(pointer)).line
    return Fact(name, text_of(value), document.path, line)


def text_of(value: object) -> str:
    """Return a text as it is, and any other value as JSON has it, short enough to be shown."""
    return value if isinstance(value, str) else show(value)


def member(name: str, document: StateDocument, key: str) -> Iterator[Fact]:
    """Yield what a state file says in a member of its object, where it says anything."""
    value = document.value.get(key) if isinstance(document.value, dict) else None
    if value is not None and value != "":
        yield stated(name, document, (key,), value)


def logged(name: str, entry: Logged, field: str) -> Iterator[Fact]:
    """Yield what an entry of a log says in a field, the list below it included, where it says anything."""
    found = entry.fields.field(field)
    if found is None:
        return
    value = found.value or "; ".join(each.text for each in entry.fields.below(found))
    if value:
        yield Fact(name, value, entry.document.path, found.line + 1)


def said(facts: Sequence[Fact], name: str) -> str | None:
    """Return what the first fact of a name says, or None where there is none, or it says that there is nothing."""
    value = next((each.value for each in facts if each.name == name), None)
    return None if value is None or is_none(value) else value


def undecided(conflicts: Sequence[Conflict]) -> str | None:
    """Return what a person has to decide before anything is resumed, or None where there is nothing."""
    open_ones = [each for each in conflicts if each.authority is None]
    if not open_ones:
        return None
    sides = " or ".join(f"{claim.value} ({posixpath.basename(claim.path)})" for claim in open_ones[0].claims)
    return f"first settle the {open_ones[0].subject}: {sides}"
