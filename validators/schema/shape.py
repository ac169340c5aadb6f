"""S103 and S104: a document has the shape that its schema asks for, and the schema can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import Span, format_pointer, show
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, rule

from .in_force import in_force
from .near import folded, near_key, near_value, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.documents import Pointer, Schema, SchemaError, StateDocument
    from statecheck.workspaces import DocumentSpec, View

GENERIC = frozenset({"data", "document", "json", "manifest", "result", "root", "state", "status"})
"""Keys of a wrapper that say nothing of the document."""


@rule(
    "S103",
    "schema-violation",
    "error",
    source="persist.md, Steps 1 and 2, Output; state-management.md, state.json Schema; persistence-architecture.md",
    formats=("json", "yaml"),
)
def schema_violation(document: StateDocument, workspace: View) -> Iterator[Violation | Skipped]:
    """A document matches its schema: the workspace's own, else the bundled one.

    What holds
    The schema is references/schemas/NAME.schema.json, looked for from the workspace folder upwards to the
    repository root, in any draft of JSON Schema; where there is none, the one that comes with statecheck
    (`statecheck schema` lists them). Each violated constraint is one finding, at the value.

    Why
    "Validate before writing": a field that is missing, misspelled or of another type is read as absent by the next
    session.

    Example
    Bad:  {"status": "in-progress", "lastUpdated": "2026-01-16T10:00:00Z"}
    Good: {"status": "in_progress", "lastUpdated": "2026-01-16T10:00:00Z"}

    Fix
    Safe: near misses that have one reading: a word in another spelling (in-progress for in_progress), a key in
    another case (maxIterations for max_iterations), a number or boolean in quotes, an object wrapped around the
    real one under a key that says nothing. Anything else is for a person: a key that says something, such as a
    name, would be lost.
    """
    found = in_force(document, workspace)
    if isinstance(found, Skipped):
        yield found
        return
    if found is None:
        spec = workspace.spec_of(document.path)
        yield from _repeated(document, spec) if spec is not None else ()
        return
    spec, schema = found
    if not schema.is_valid(document.value):
        wrapped = _wrapper(schema, document.value)
        if wrapped is not None:
            yield _wrapper_violation(document, wrapped, (spec.role, schema.name, workspace.kind.name))
        outer: Pointer = () if wrapped is None else (wrapped,)
        for error in schema.errors(document.value if wrapped is None else document.value[wrapped]):
            yield _violation(document, schema, error, outer)
    yield from _repeated(document, spec)


@rule("S104", "unusable-schema", "error", source="persist.md, Step 1")
def unusable_schema(workspace: View) -> Iterator[Violation]:
    """The workspace's own schema is valid JSON Schema, and needs nothing from elsewhere.

    What holds
    The file is readable JSON of at most 64 KiB, follows a draft that is known, and every `$ref` in it leads to
    itself, to a file of this repository, or to a schema of the standard. Nothing is ever fetched.

    Why
    A schema that cannot be used checks nothing. One that is fetched can change without a commit, and can be used
    to reach out from a CI machine.

    Example
    Bad:  {"$ref": "https://example.org/manifest.json"}
    Good: {"$ref": "manifest-parts.schema.json"}

    Fix
    None: only the author of the schema knows what it should say. Copy what it refers to into the repository.
    """
    for spec in workspace.kind.documents:
        schema = workspace.schema(spec) if workspace.paths(spec.role) else None
        if schema is not None and schema.path is not None and schema.unusable is not None:
            yield Violation(
                schema.path,
                schema.unusable.place,
                f"the schema of {spec.patterns[0]} {schema.unusable.message}",
                hint="mend the schema; until then its documents are not checked",
                document=schema.document,
            )


def _violation(document: StateDocument, schema: Schema, error: SchemaError, outer: Pointer) -> Violation:
    """Return the violation of an error; `outer` leads to the value that was compared with the schema."""
    near = near_key(document, schema, error, outer) or near_value(document, error, outer)
    field = str(error.pointer[-1]) if error.pointer else "the document"
    message = (
        error.message if error.keyword in ("required", "additionalProperties") else f"{field} {error.message}".strip()
    )
    if near is not None:
        return at(
            document,
            near.span,
            f"{message}; {near.words}",
            subject=format_pointer(near.pointer),
            facts=near.facts,
        )
    pointer = (*outer, *error.pointer)
    span = document.span(pointer)
    if error.extra is not None and error.keyword != "required":
        pointer = (*pointer, error.extra)
        span = document.key_span(pointer)
    elif isinstance(error.instance, dict | list):
        span = Span(span.start, span.start + 1)
    return at(
        document,
        span,
        message,
        hint=suggestion(error) or f"see the schema: {schema.path or f'statecheck schema {schema.name}'}",
        subject=f"{format_pointer(pointer)} {error.keyword} {error.extra or ''}".strip(),
    )


def _wrapper(schema: Schema, value: object) -> str | None:
    """Return the only key of an object, where the schema knows what is inside it, and not the key."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    key, inner = next(iter(value.items()))
    declared = schema.property_names(())
    if not isinstance(inner, dict) or key in declared or not set(declared) & set(inner):
        return None
    complete = all(error.pointer for error in schema.errors(inner))
    return str(key) if complete else None


def _wrapper_violation(document: StateDocument, key: str, names: Iterable[str]) -> Violation:
    """Return the violation of a wrapper; a key that is only a name of the document, one of `names`, says nothing."""
    return at(
        document,
        document.key_span((key,)),
        f"the document is wrapped in an object with the key {show(key)}; its fields belong at the top",
        hint="take them out of it",
        subject=f"/{key} wrapper",
        facts={"unwrap": (key,), "generic": folded(key) in GENERIC | {folded(name) for name in names}},
    )


def _repeated(document: StateDocument, spec: DocumentSpec) -> Iterator[Violation]:
    """Yield values that must be unique in the document and are not: JSON Schema cannot say so."""
    for pattern in spec.unique:
        first: dict[str | int, Pointer] = {}
        for pointer, value in document.select(pattern):
            if not isinstance(value, str | int):
                continue
            if value in first:
                line = document.place(document.span(first[value])).line
                yield at(
                    document,
                    document.span(pointer),
                    f"{pointer[-1]} {show(value)} is there twice",
                    hint="give each one its own",
                    subject=f"{format_pointer(pointer)} unique",
                    related=(Related(document.path, line, "the first one is here"),),
                )
            else:
                first[value] = pointer
