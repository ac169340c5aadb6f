"""S103, S104 and S106: a document has the shape that its schema asks for, under the documented names."""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from statecheck.documents import Span, format_pointer, select_values, show
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.documents import Pointer, Schema, SchemaError, StateDocument
    from statecheck.workspaces import DocumentSpec, View


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
    real one. Anything else is for a person.
    """
    spec = workspace.spec_of(document.path)
    schema = workspace.schema(spec) if spec is not None else None
    if spec is None or schema is None:
        return
    if schema.unusable is not None:
        yield Skipped(schema.path or "", f"{document.path} cannot be compared with this schema", "S104")
        return
    if not schema.is_valid(document.value):
        wrapped = _wrapper(schema, document.value)
        if wrapped is not None:
            yield _wrapper_violation(document, wrapped)
        outer: Pointer = () if wrapped is None else (wrapped,)
        for error in schema.errors(document.value if wrapped is None else document.value[wrapped]):
            yield _violation(document, schema, error, outer)
    yield from _repeated(document, spec)


@rule("S104", "unusable-schema", "error", source="persist.md, Step 1")
def unusable_schema(workspace: View) -> Iterator[Violation]:
    """The workspace's own schema is valid JSON Schema, and needs nothing from elsewhere.

    What holds
    The file is readable JSON, follows a draft that is known, and every `$ref` in it leads to itself, to a file of
    this repository, or to a schema of the standard. Nothing is ever fetched.

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


@rule(
    "S106",
    "undocumented-name",
    "info",
    source="persist.md, Step 1",
    formats=("json", "yaml"),
    yields_to=("S103",),
)
def undocumented_name(document: StateDocument, workspace: View) -> Iterator[Violation]:
    """Fields carry the documented names.

    What holds
    A field that means a documented one has its name: generation_timestamp rather than generated_at, path rather
    than file or files, last_checked rather than lastChecked. A name that the workspace's own schema declares is
    right there.

    Why
    Other readers of the same files look for the documented name, and find nothing.

    Example
    Bad:  {"generated_at": "2026-01-16T10:00:00Z"}
    Good: {"generation_timestamp": "2026-01-16T10:00:00Z"}

    Fix
    Unsafe: the field is renamed, since another program may rely on the name that is there.
    """
    spec = workspace.spec_of(document.path)
    schema = workspace.schema(spec) if spec is not None else None
    if spec is None or schema is None or schema.unusable is not None:
        return
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


class _Near(NamedTuple):
    """A near miss with one reading: what to say, where, and what the fixer needs."""

    words: str
    facts: dict[str, Any]
    span: Span
    pointer: Pointer


def _violation(document: StateDocument, schema: Schema, error: SchemaError, outer: Pointer) -> Violation:
    """Return the violation of an error; `outer` leads to the value that was compared with the schema."""
    near = _near_key(document, schema, error, outer) or _near_value(document, error, outer)
    field = str(error.pointer[-1]) if error.pointer and isinstance(error.pointer[-1], str) else ""
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
        hint=_suggestion(error) or f"see the schema: {schema.path or f'statecheck schema {schema.name}'}",
        subject=f"{format_pointer(pointer)} {error.keyword} {error.extra or ''}".strip(),
    )


def _near_key(document: StateDocument, schema: Schema, error: SchemaError, outer: Pointer) -> _Near | None:
    """Return the key that is a documented one in another spelling, where exactly one is."""
    if error.extra is None or not isinstance(error.instance, dict):
        return None
    declared = schema.property_names(error.pointer)
    if error.keyword == "required":
        found = [key for key in error.instance if key not in declared and _folded(key) == _folded(error.extra)]
        wrong, right = (found[0] if len(found) == 1 else None), error.extra
    else:
        names = [name for name in declared if name not in error.instance and _folded(name) == _folded(error.extra)]
        wrong, right = error.extra, names[0] if len(names) == 1 else ""
    if not wrong or not right:
        return None
    pointer = (*outer, *error.pointer, wrong)
    words = f"{wrong} is there: did you mean {right}?"
    return _Near(words, {"rename": (pointer, right)}, document.key_span(pointer), pointer)


def _near_value(document: StateDocument, error: SchemaError, outer: Pointer) -> _Near | None:
    """Return the allowed value that a value is another spelling of, where exactly one is."""
    value: Any = None
    if error.keyword == "enum" and isinstance(error.instance, str):
        found = [each for each in error.expected if isinstance(each, str) and _folded(each) == _folded(error.instance)]
        value = found[0] if len(found) == 1 else None
    elif error.keyword == "type" and isinstance(error.instance, str):
        value = _unquoted(error.instance, [error.expected] if isinstance(error.expected, str) else error.expected)
    if value is None:
        return None
    pointer = (*outer, *error.pointer)
    facts = {"value": (pointer, value)}
    return _Near(f"did you mean {show(value)}?", facts, document.span(pointer), pointer)


def _unquoted(text: str, types: Iterable[str]) -> int | bool | None:
    if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,17})", text) and {"integer", "number"} & set(types):
        return int(text)
    return {"true": True, "false": False}.get(text) if "boolean" in types else None


def _suggestion(error: SchemaError) -> str | None:
    """Return a guess for a person, where the reading is not certain enough for a fix."""
    if error.keyword == "enum" and isinstance(error.instance, str):
        near = get_close_matches(error.instance, [each for each in error.expected if isinstance(each, str)], 1)
        return f"did you mean {near[0]}?" if near else None
    if error.extra is not None and isinstance(error.instance, dict):
        wanted = get_close_matches(error.extra, _others(error), 1, 0.75)
        return f"did you mean {wanted[0]}?" if wanted and error.keyword != "required" else None
    return None


def _others(error: SchemaError) -> list[str]:
    """Return the names that a missing or refused one could have been meant for."""
    if error.keyword == "required":
        return [str(key) for key in error.instance]
    return list(error.expected) if error.keyword == "additionalProperties" else []


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


def _wrapper_violation(document: StateDocument, key: str) -> Violation:
    return at(
        document,
        document.key_span((key,)),
        f"the document is wrapped in an object with the key {show(key)}; its fields belong at the top",
        subject=f"/{key} wrapper",
        facts={"unwrap": (key,)},
    )


def _repeated(document: StateDocument, spec: DocumentSpec) -> Iterator[Violation]:
    """Yield values that must be unique in the document and are not: JSON Schema cannot say so."""
    for pattern in spec.unique:
        first: dict[str, Pointer] = {}
        for pointer, value in select_values(document.value, pattern):
            if not isinstance(value, str):
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


def _aliases(document: StateDocument, schema: Schema, spec: DocumentSpec) -> Iterator[tuple[Pointer, str]]:
    for pattern, name in spec.aliases:
        for pointer, _ in select_values(document.value, pattern):
            declared_by_own = schema.path is not None and pointer[-1] in schema.property_names(pointer[:-1])
            if not declared_by_own:
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
    folded = {_folded(name): name for name in declared if name not in value}
    for key, inner in value.items():
        if key not in declared and _folded(key) in folded:
            yield (*pointer, key), folded[_folded(key)]
        yield from _respelled(inner, schema, (*pointer, key))


def _folded(name: str) -> str:
    return re.sub(r"[-_\s]", "", name).lower()
