"""The constraints of a refinement (persist.md, Step 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from statecheck.documents.model import StateDocument
    from statecheck.documents.nodes import Pointer


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
