"""What a JSON Schema refers to: itself, files of its repository, the standard's own schemas, and nothing else.

Nothing is ever fetched: a reference is looked up in the repository or refused.
"""

from __future__ import annotations

import json
import posixpath
from functools import cached_property
from typing import TYPE_CHECKING, Any

from statecheck.documents.model import StateDocument, read_document
from statecheck.trees import OutsideError, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents.nodes import Pointer
    from statecheck.trees import Tree

MAX_BYTES = 2**16
"""Bytes of the largest schema that is read."""

BASE = "http://repository.invalid/"
"""Where schemas of the repository live. Of a known scheme, since `urljoin` joins nothing to any other."""

_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"})
"""Keywords below which the next key is a name, not a keyword."""

_DATA = frozenset({"const", "enum", "default", "examples", "example"})
"""Keywords below which there is data, not a schema."""


class RemoteError(ValueError):
    """A schema refers to something that is not in this repository."""


class Siblings:
    """The schemas that a schema may refer to: files of its repository, by path or by their ``$id``."""

    def __init__(self, tree: Tree | None, folder: str) -> None:
        self._tree = tree
        self._folder = folder
        self._addressed: dict[int, tuple[Any, bool]] = {}
        """By identity, the schemas that were followed, and whether schemas inside them have addresses of their own."""

    def follow(self, base: str, reference: str, schema: Any, seen: set[str]) -> None:
        """Follow a reference, and those of the schemas it leads to. Raises `ValueError` where one leads nowhere."""
        from urllib.parse import urldefrag, urljoin

        if base.startswith(BASE) and _leaves(base.removeprefix(BASE), reference):
            raise RemoteError("it lies outside the repository")
        target, fragment = urldefrag(urljoin(base, reference))
        if reference.startswith("#"):
            self._check_pointer(schema, fragment)
            return
        if target in seen:
            return
        seen.add(target)
        found = self.retrieve(target)
        if target.startswith(BASE) or target in self._by_id:
            self._check_pointer(found, fragment)
            for _, further in references_of(found):
                self.follow(target, further, found, seen)

    def retrieve(self, uri: str) -> Any:
        """Return the schema at `uri`. Raises `ValueError` where the repository does not hold it."""
        from jsonschema_specifications import REGISTRY

        known = uri if uri in REGISTRY else f"{uri}#"
        if known in REGISTRY:
            return REGISTRY.contents(known)
        if self._tree is not None and uri.startswith(BASE):
            try:
                return self._read(normalize(uri.removeprefix(BASE)))
            except OutsideError:
                raise RemoteError("it lies outside the repository") from None
        if uri in self._by_id:
            return self._by_id[uri]
        raise RemoteError("it is not in this repository, and nothing is ever fetched")

    def _check_pointer(self, schema: Any, fragment: str) -> None:
        """Raise where a JSON Pointer leads nowhere; anchors, and schemas with addresses inside, are for the library."""
        if not fragment.startswith("/"):
            return
        if id(schema) not in self._addressed:
            self._addressed[id(schema)] = schema, "$id" in json.dumps(schema).replace('"$id"', "", 1)
        if not self._addressed[id(schema)][1]:
            _follow_pointer(schema, fragment)

    def _read(self, path: str) -> Any:
        if self._tree is None:
            raise RemoteError("it is not in this repository")
        document = read_document(self._tree, path, "json", MAX_BYTES)
        if not document.usable or not isinstance(document, StateDocument):
            raise RemoteError(f"{path} {document.problems[0].message}")
        return document.value

    @cached_property
    def _by_id(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self._tree.children(self._folder) if self._tree is not None else ():
            if name.endswith(".json"):
                try:
                    value = self._read(posixpath.join(self._folder, name))
                except RemoteError:
                    continue
                if isinstance(value, dict) and isinstance(value.get("$id"), str):
                    found[value["$id"].rstrip("#")] = value
        return found


def references_of(schema: Any, pointer: Pointer = (), named: bool = False) -> Iterator[tuple[Pointer, str]]:
    """Yield the references of a schema with their places; what only looks like one, in an example, is none."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if not named and key in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(value, str):
                yield (*pointer, key), value
            elif named or key not in _DATA:
                yield from references_of(value, (*pointer, key), not named and key in _NAMED)
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from references_of(value, (*pointer, index))


def _leaves(path: str, reference: str) -> bool:
    """Say whether a relative reference climbs out of the repository."""
    from urllib.parse import urldefrag

    relative = urldefrag(reference)[0]
    if "://" in relative or relative.startswith("/"):
        return False
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative)).startswith("..")


def _follow_pointer(schema: Any, fragment: str) -> None:
    """Raise where a JSON Pointer leads nowhere."""
    from urllib.parse import unquote

    found = schema
    for part in unquote(fragment)[1:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            raise RemoteError(f"there is nothing at #{fragment}")
