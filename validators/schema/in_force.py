"""The schema that a document is compared with, for the rules that compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.rules import Skipped

if TYPE_CHECKING:
    from statecheck.documents import Schema, StateDocument
    from statecheck.workspaces import DocumentSpec, View


def in_force(document: StateDocument, workspace: View) -> tuple[DocumentSpec, Schema] | Skipped | None:
    """Return what is known of a document and its schema, None where it has none, or why it cannot be compared."""
    spec = workspace.spec_of(document.path)
    schema = workspace.schema(spec) if spec is not None else None
    if spec is None or schema is None:
        return None
    if schema.unusable is not None:
        return Skipped(schema.path or "", f"{document.path} cannot be compared with this schema", "S104")
    return spec, schema
