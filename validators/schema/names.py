"""S106: fields carry the documented names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from statecheck.documents import format_pointer
from statecheck.rules import Skipped, at, rule

from .in_force import in_force
from .near import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Pointer, Schema, StateDocument
    from statecheck.rules import Violation
    from statecheck.workspaces import DocumentSpec, View


@rule(
    "S106",
    "undocumented-name",
    "info",
    source="persist.md, Step 1",
    formats=("json", "yaml"),
    yields_to=("S103",),
)
def undocumented_name(document: StateDocument, workspace: View) -> Iterator[Violation | Skipped]:
    """Fields carry the documented names.

    What holds
    A field that means a documented one has its name: generation_timestamp rather than generated_at, path rather
    than file or files, last_checked rather than lastChecked. A name that the workspace's own schema uses is
    accepted.

    Why
    Other readers of the same files look for the documented name, and find nothing.

    Example
    Bad:  {"generated_at": "2026-01-16T10:00:00Z"}
    Good: {"generation_timestamp": "2026-01-16T10:00:00Z"}

    Fix
    Unsafe: the field is renamed, since another program may rely on the name that is there.
    """
    found = in_force(document, workspace)
    if found is None or isinstance(found, Skipped):
        yield from () if found is None else (found,)
        return
    spec, schema = found
    names = [*_aliases(document, schema, spec), *_respelled(document.value, schema)]
    wanted = Counter((*pointer[:-1], name) for pointer, name in names if pointer[-1] != "files")
    for pointer, name in names:
        target = (*pointer[:-1], name)
        # A list is no single path, and a key that is taken, or that two fields would take, cannot be given.
        free = pointer[-1] != "files" and wanted[target] == 1 and document.span(target) == document.span(target[:-1])
        yield at(
            document,
            document.key_span(pointer),
            f"{pointer[-1]} is documented as {name}",
            subject=format_pointer(pointer),
            facts={"rename": (pointer, name)} if free else None,
        )


def _aliases(document: StateDocument, schema: Schema, spec: DocumentSpec) -> Iterator[tuple[Pointer, str]]:
    for pattern, name in spec.aliases:
        for pointer, _ in document.select(pattern):
            # Anywhere in it: a name may be declared below alternatives, or only be required.
            used_by_own = schema.path is not None and f'"{pointer[-1]}"' in schema.document.text
            if not used_by_own:
                yield pointer, name


def _respelled(value: object, schema: Schema, pointer: Pointer = ()) -> Iterator[tuple[Pointer, str]]:
    """Yield the keys that spell a declared property otherwise, in objects whose properties the schema declares."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _respelled(item, schema, (*pointer, index))
        return
    declared = schema.property_names(pointer) if isinstance(value, dict) else {}
    if not declared or not isinstance(value, dict):
        return
    missing = {folded(name): name for name in declared if name not in value}
    for key, inner in value.items():
        if key not in declared and folded(key) in missing:
            yield (*pointer, key), missing[folded(key)]
        yield from _respelled(inner, schema, (*pointer, key))
