"""state.json of an iterative-work task (state-management.md, state.json Schema), read whatever form its values have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents.kept import kept

if TYPE_CHECKING:
    from statecheck.documents.model import StateDocument


@kept
def task_phases(document: StateDocument) -> dict[str, dict[str, Any]]:
    """Return the phases of a task that are objects, by name; what is none is S103's business."""
    found = document.value.get("phases") if isinstance(document.value, dict) else None
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: phase for name, phase in pairs if isinstance(phase, dict)}


def whole_number(value: object) -> int | None:
    """Return a counter, or None where the value is none; 5.0 is one to JSON Schema, too."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
