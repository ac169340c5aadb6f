"""The constraints of a refinement (persist.md, Step 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from statecheck.documents.model import StateDocument
    from statecheck.documents.nodes import Pointer
    from statecheck.documents.schemas import Schema

CHECKED_FIELDS = {"validated": True, "last_checked": "2026-01-16T10:00:00Z"}
"""Fields of a constraint that are asked for where the schema in force admits them (persist.md, Step 2), and a value."""


class Constraint(NamedTuple):
    """A constraint that has an id, and where it stands in its document."""

    id: str
    pointer: Pointer
    value: dict[str, Any]

    @property
    def blocking(self) -> bool | None:
        """Whether a refinement must not end while it is violated; None where its severity is no word."""
        severity = self.value.get("severity")
        return severity.lower() == "blocking" if isinstance(severity, str) else None


class Constraints(NamedTuple):
    """The constraints that can be read; `unread` says why others cannot, where there are any."""

    found: list[Constraint]
    unread: str | None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the constraints."""
        return frozenset(each.id for each in self.found)


def read_constraints(document: StateDocument) -> Constraints:
    """Return the constraints of a document. What has another shape is left out: its schema's rule speaks of it."""
    listed = document.value.get("constraints") if isinstance(document.value, dict) else None
    if not isinstance(listed, list):
        return Constraints([], "constraints is no list")
    found, unread = [], None
    for index, each in enumerate(listed):
        name = each.get("id") if isinstance(each, dict) else None
        if isinstance(each, dict) and isinstance(name, str):
            found.append(Constraint(name, ("constraints", index), each))
        else:
            unread = f"constraint {index} has no id that can be read"
    return Constraints(found, unread)


def admits_field(schema: Schema, document: StateDocument, name: str) -> bool:
    """Say whether a schema admits one of `CHECKED_FIELDS` in the constraints of a document."""
    value = document.value
    listed = value.get("constraints") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        return False
    plain = [_without(each, name) for each in listed]
    extended = [{**each, name: CHECKED_FIELDS[name]} if isinstance(each, dict) else each for each in plain]
    return schema.admits({**value, "constraints": extended}, {**value, "constraints": plain})


def _without(value: Any, name: str) -> Any:
    return {key: each for key, each in value.items() if key != name} if isinstance(value, dict) else value
