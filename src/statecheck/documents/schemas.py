"""A JSON Schema, of any draft that jsonschema knows.

jsonschema-rs says that a value is fine, which is nearly always; jsonschema is the reference and explains what is not.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from statecheck.documents.positions import Place
from statecheck.documents.schema_effort import MAX_STEPS, Effort, EffortError, is_cheap, with_bounded_effort
from statecheck.documents.schema_errors import SchemaError, explain, shorten
from statecheck.documents.schema_patterns import with_bounded_patterns
from statecheck.documents.schema_references import BASE, RemoteError, Siblings, references_of
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents.model import StateDocument
    from statecheck.documents.nodes import Pointer

_UNSURE = re.compile(r'"multipleOf"')
"""Keywords on which the two libraries differ in corner cases: jsonschema alone judges a schema that has one."""


MAX_ERRORS = 1000
"""Violations of a schema that are told of one document."""


class Unusable(NamedTuple):
    """Why a schema cannot be used, and where in its file (rule S104)."""

    message: str
    place: Place


class Schema:
    """A schema in force for a document. `path` is its file in the repository, or None for a bundled one."""

    def __init__(self, name: str, path: str | None, document: StateDocument, siblings: Siblings | None = None) -> None:
        self.name = name
        self.path = path
        self.document = document
        self._siblings = siblings or Siblings(None, "")
        self._effort = Effort()
        self._last: tuple[Any, list[SchemaError]] | None = None
        self._uri = BASE + (path or f"bundled/{name}")

    @property
    def value(self) -> Any:
        """The schema as JSON."""
        return self.document.value

    @cached_property
    def unusable(self) -> Unusable | None:
        """What keeps the schema from being used, or None."""
        if not self.document.usable:
            problem = self.document.problems[0]
            return Unusable(f"cannot be read: {problem.message}", self.document.place(problem.span))
        if self.path is None:
            return None
        if not isinstance(self.value, dict | bool):
            return Unusable("is no valid JSON Schema: neither an object nor a boolean", self._place(()))
        return self._dialect_problem() or self._reference_problem() or self._compile_problem()

    def is_valid(self, value: Any) -> bool:
        """Say whether a value matches the schema, by the fast library where both are known to agree."""
        if self._fast is not None and (self.path is None or is_cheap(self.value, value)):
            try:
                if self._fast.is_valid(value):
                    return True
            except (ValueError, TypeError, OverflowError):
                pass  # a value that the fast library cannot represent: the reference library decides
        return next(iter(self.errors(value)), None) is None

    def errors(self, value: Any) -> list[SchemaError]:
        """Return the violated constraints, in document order; of very many, the first."""
        if self._last is None or self._last[0] is not value:
            self._last = value, self._errors(value)
        return self._last[1]

    def _errors(self, value: Any) -> list[SchemaError]:
        self._effort.start()
        found: list[SchemaError] = []
        try:
            for error in islice(self._reference.iter_errors(value), MAX_ERRORS):
                found += explain(error)
        except RecursionError:
            return [SchemaError((), "$recursion", "is nested too deeply to be compared with its schema", None, None)]
        except EffortError:
            message = f"takes more than {MAX_STEPS} steps to be compared with its schema"
            found.append(SchemaError((), "$effort", message, None, None))
        return list({(each.pointer, each.keyword, each.message): each for each in found}.values())

    def admits(self, changed: Any, original: Any) -> bool:
        """Say whether a value violates no more of the schema than the one that it was made of."""
        return self.is_valid(changed) or len(self.errors(changed)) <= len(self.errors(original))

    def property_names(self, pointer: Pointer) -> dict[str, Any]:
        """Return the properties, by name, that the schema declares for the object at `pointer`."""
        names: dict[str, Any] = {}
        for subschema in self._subschemas(pointer):
            names.update(subschema.get("properties", {}))
        return names

    def _subschemas(self, pointer: Pointer) -> Iterator[dict[str, Any]]:
        current = [self._followed(self.value)]
        for part in pointer:
            following = []
            for schema in current:
                key = "items" if isinstance(part, int) else "properties"
                inner = schema.get(key, {})
                if isinstance(part, str):
                    inner = inner.get(part, schema.get("additionalProperties"))
                if isinstance(inner, dict):
                    following.append(self._followed(inner))
            current = following
        yield from current

    def _followed(self, schema: Any) -> dict[str, Any]:
        for _ in range(10):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            schema = self.value
            for part in reference[2:].split("/"):
                schema = schema.get(part, {}) if isinstance(schema, dict) else {}
        return schema if isinstance(schema, dict) else {}

    @cached_property
    def _fast(self) -> Any:
        """The validator of jsonschema-rs, or None where it might decide otherwise than jsonschema."""
        import jsonschema_rs

        if _UNSURE.search(self.document.text) or _draft3(self.value):
            return None
        try:
            return jsonschema_rs.validator_for(
                self.value, validate_formats=False, retriever=self._retrieve, base_uri=self._uri
            )
        except ValueError:
            return None

    @cached_property
    def _reference(self) -> Any:
        import jsonschema
        import referencing
        import referencing.jsonschema

        def retrieve(uri: str) -> referencing.Resource[Any]:
            try:
                found = self._retrieve(uri)
            except RemoteError:
                raise referencing.exceptions.NoSuchResource(uri) from None
            return referencing.Resource.from_contents(found, default_specification=referencing.jsonschema.DRAFT202012)

        registry: referencing.Registry[Any] = referencing.Registry(retrieve=retrieve)  # type: ignore[call-arg]
        resource = referencing.Resource.from_contents(
            self.value, default_specification=referencing.jsonschema.DRAFT202012
        )
        registry = registry.with_resource(self._uri, resource)
        cls = jsonschema.validators.validator_for(self.value, default=jsonschema.Draft202012Validator)
        target = self.value
        if not (isinstance(target, dict) and ("$id" in target or "id" in target)):
            target = {"$schema": target["$schema"], "$ref": self._uri} if _dialect(target) else {"$ref": self._uri}
        cls = with_bounded_patterns(cls)
        return (cls if self.path is None else with_bounded_effort(cls, self._effort))(target, registry=registry)

    def _retrieve(self, uri: str) -> Any:
        from urllib.parse import urldefrag

        return self._siblings.retrieve(urldefrag(uri)[0])

    def _dialect_problem(self) -> Unusable | None:
        import jsonschema

        dialect = _dialect(self.value)
        if isinstance(self.value, dict) and "$schema" in self.value and dialect is None:
            return Unusable("is no valid JSON Schema: $schema is no address", self._place(("$schema",)))
        known: Any = jsonschema.validators.validator_for(self.value, default=None)  # type: ignore[arg-type]
        if dialect is not None and known is None:
            message = f"names a dialect that is not known: {dialect}"
            return Unusable(message, self._place(("$schema",)))
        try:
            (known or jsonschema.Draft202012Validator).check_schema(self.value)
        except jsonschema.SchemaError as error:
            return Unusable(
                f"is no valid JSON Schema: {shorten(error.message)}", self._place(tuple(error.absolute_path))
            )
        except RecursionError:
            return Unusable("is nested too deeply", self._place(()))
        return None

    def _reference_problem(self) -> Unusable | None:
        base = str(self.value.get("$id", self._uri)) if isinstance(self.value, dict) else self._uri
        own = {base, self._uri}
        for pointer, reference in references_of(self.value):
            try:
                self._siblings.follow(base, reference, self.value, own)
            except ValueError as error:  # an address that is none raises one too
                return Unusable(f"needs {reference}: {error}", self._place(pointer))
            except RecursionError:
                return Unusable(f"needs {reference}: it leads to too many schemas", self._place(pointer))
        return None

    def _compile_problem(self) -> Unusable | None:
        import jsonschema_rs

        if _draft3(self.value):
            return None
        try:
            jsonschema_rs.validator_for(
                self.value, validate_formats=False, retriever=self._retrieve, base_uri=self._uri
            )
        except ValueError as error:
            return Unusable(f"cannot be used: {shorten(str(error).splitlines()[0])}", self._place(()))
        return None

    def _place(self, pointer: Pointer) -> Place:
        return self.document.place(self.document.span(pointer))


def _dialect(schema: Any) -> str | None:
    found = schema.get("$schema") if isinstance(schema, dict) else None
    return found if isinstance(found, str) else None


def _draft3(schema: Any) -> bool:
    return "draft-03" in (_dialect(schema) or "")
