"""JSON Schemas: the workspace's own before the bundled ones, any draft that jsonschema knows, nothing remote.

jsonschema-rs says that a value is fine, which is nearly always; jsonschema is the reference and explains what is
not. Neither ever fetches anything: a reference is looked up in the repository or refused.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

from statecheck.documents.model import StateDocument, parse_document, read_document
from statecheck.documents.positions import Place
from statecheck.documents.schema_errors import SchemaError, explain, shorten
from statecheck.trees import OutsideError, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents.nodes import Pointer
    from statecheck.trees import Tree

_BASE = "http://repository.invalid/"
"""Where schemas of the repository live. Of a known scheme, since `urljoin` joins nothing to any other."""
_FOLDER = "references/schemas"
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"})
"""Keywords below which the next key is a name, not a keyword."""
_DATA = frozenset({"const", "enum", "default", "examples", "example"})
"""Keywords below which there is data, not a schema."""
_UNSURE = re.compile(r'"(?:multipleOf|patternProperties)"|"pattern"\s*:\s*"(?!\^?(?:[\w-]|\[[\w.-]+\][+*?]?)+\$?")')
"""Keywords, and patterns of more than plain classes, on which the two libraries may differ in corner cases."""


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
        self._uri = _BASE + (path or f"bundled/{name}")

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
        return self._dialect_problem() or self._reference_problem() or self._compile_problem()

    def is_valid(self, value: Any) -> bool:
        """Say whether a value matches the schema, by the fast library where both are known to agree."""
        if self._fast is not None:
            try:
                if self._fast.is_valid(value):
                    return True
            except (ValueError, TypeError, OverflowError):
                pass  # a value that the fast library cannot represent: the reference library decides
        return next(iter(self.errors(value)), None) is None

    def errors(self, value: Any) -> list[SchemaError]:
        """Return every violated constraint, in document order."""
        try:
            found = [each for error in self._reference.iter_errors(value) for each in explain(error)]
        except RecursionError:
            return [SchemaError((), "$recursion", "is nested too deeply to be compared with its schema", None, None)]
        return list({(each.pointer, each.keyword, each.message): each for each in found}.values())

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
            except _RemoteError:
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
        return cls(target, registry=registry)

    def _retrieve(self, uri: str) -> Any:
        return self._siblings.retrieve(urldefrag(uri)[0])

    def _dialect_problem(self) -> Unusable | None:
        import jsonschema

        dialect = _dialect(self.value)
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
        for pointer, reference in _references(self.value):
            try:
                self._siblings.follow(base, reference, self.value, own)
            except _RemoteError as error:
                return Unusable(f"needs {reference}: {error}", self._place(pointer))
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


class _RemoteError(ValueError):
    """A schema refers to something that is not in this repository."""


class Siblings:
    """The schemas that a schema may refer to: files of its repository, by path or by their ``$id``."""

    def __init__(self, tree: Tree | None, folder: str) -> None:
        self._tree = tree
        self._folder = folder

    def follow(self, base: str, reference: str, schema: Any, seen: set[str]) -> None:
        """Follow a reference, and those of the schemas it leads to. Raises `ValueError` where one leads nowhere."""
        if base.startswith(_BASE) and _leaves(base.removeprefix(_BASE), reference):
            raise _RemoteError("it lies outside the repository")
        target, fragment = urldefrag(urljoin(base, reference))
        if reference.startswith("#"):
            _check_pointer(schema, fragment)
            return
        if target in seen:
            return
        seen.add(target)
        found = self.retrieve(target)
        if target.startswith(_BASE) or target in self._by_id:
            _check_pointer(found, fragment)
            for _, further in _references(found):
                self.follow(target, further, found, seen)

    def retrieve(self, uri: str) -> Any:
        """Return the schema at `uri`. Raises `ValueError` where the repository does not hold it."""
        from jsonschema_specifications import REGISTRY

        known = uri if uri in REGISTRY else f"{uri}#"
        if known in REGISTRY:
            return REGISTRY.contents(known)
        if self._tree is not None and uri.startswith(_BASE):
            try:
                return self._read(normalize(uri.removeprefix(_BASE)))
            except OutsideError:
                raise _RemoteError("it lies outside the repository") from None
        if uri in self._by_id:
            return self._by_id[uri]
        raise _RemoteError("it is not in this repository, and nothing is ever fetched")

    def _read(self, path: str) -> Any:
        if self._tree is None:
            raise _RemoteError("it is not in this repository")
        document = read_document(self._tree, path, "json")
        if not document.usable or not isinstance(document, StateDocument):
            raise _RemoteError(f"{path} {document.problems[0].message}")
        return document.value

    @cached_property
    def _by_id(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self._tree.children(self._folder) if self._tree is not None else ():
            if name.endswith(".json"):
                try:
                    value = self._read(posixpath.join(self._folder, name))
                except _RemoteError:
                    continue
                if isinstance(value, dict) and isinstance(value.get("$id"), str):
                    found[value["$id"].rstrip("#")] = value
        return found


def _references(schema: Any, pointer: Pointer = (), named: bool = False) -> Iterator[tuple[Pointer, str]]:
    """Yield the references of a schema with their places; what only looks like one, in an example, is none."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if not named and key in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(value, str):
                yield (*pointer, key), value
            elif named or key not in _DATA:
                yield from _references(value, (*pointer, key), not named and key in _NAMED)
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from _references(value, (*pointer, index))


def _leaves(path: str, reference: str) -> bool:
    """Say whether a relative reference climbs out of the repository."""
    relative = urldefrag(reference)[0]
    if "://" in relative or relative.startswith("/"):
        return False
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative)).startswith("..")


def _check_pointer(schema: Any, fragment: str) -> None:
    """Raise where a JSON Pointer leads nowhere; anchors, and schemas with addresses inside, are for the library."""
    if not fragment.startswith("/") or "$id" in json.dumps(schema).replace('"$id"', "", 1):
        return
    found = schema
    for part in unquote(fragment)[1:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            raise _RemoteError(f"there is nothing at #{fragment}")


class SchemaStore:
    """The schemas in force in a tree."""

    _bundled: dict[str, Schema] = {}  # noqa: RUF012 - shared on purpose: bundled schemas never change
    _compiled: dict[tuple[str, bytes], Schema] = {}  # noqa: RUF012 - keyed by content, so trees can share it

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._own: dict[str, Schema | None] = {}

    def in_force(self, name: str, folder: str) -> Schema:
        """Return the schema for documents of a workspace folder: the nearest own one upwards, else the bundled."""
        while True:
            own = self._at(posixpath.join(folder, _FOLDER, f"{name}.schema.json"))
            if own is not None:
                return own
            if not folder:
                return self.bundled(name)
            folder = posixpath.dirname(folder)

    @classmethod
    def bundled(cls, name: str) -> Schema:
        """Return a schema that comes with statecheck. Raises `KeyError` for a name that does not."""
        if name not in cls._bundled:
            path = os.path.join(_bundled_folder(), f"{name}.schema.json")
            try:
                with open(path, "rb") as file:
                    document = parse_document(f"{name}.schema.json", file.read(), "json")
            except FileNotFoundError:
                raise KeyError(name) from None
            assert isinstance(document, StateDocument)
            cls._bundled[name] = Schema(name, None, document)
        return cls._bundled[name]

    @staticmethod
    def names() -> list[str]:
        """Return the names of the bundled schemas."""
        suffix = ".schema.json"
        return sorted(name.removesuffix(suffix) for name in os.listdir(_bundled_folder()) if name.endswith(suffix))

    def _at(self, path: str) -> Schema | None:
        if path not in self._own:
            self._own[path] = self._load(path) if self._tree.entry(path) is not None else None
        return self._own[path]

    def _load(self, path: str) -> Schema:
        document = read_document(self._tree, path, "json")
        assert isinstance(document, StateDocument)
        name = posixpath.basename(path).removesuffix(".schema.json")
        key = (path, document.data)
        if key not in self._compiled or "$ref" in document.text:
            siblings = Siblings(self._tree, posixpath.dirname(path))
            self._compiled[key] = Schema(name, path, document, siblings)
        return self._compiled[key]


def _bundled_folder() -> str:
    import statecheck.schemas  # type: ignore[import-not-found,unused-ignore]

    return str(next(iter(statecheck.schemas.__path__)))


def _dialect(schema: Any) -> str | None:
    found = schema.get("$schema") if isinstance(schema, dict) else None
    return found if isinstance(found, str) else None


def _draft3(schema: Any) -> bool:
    return "draft-03" in (_dialect(schema) or "")
