"""The schemas in force in a tree: the workspace's own, found from its folder upwards, the configured, the bundled."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from statecheck.documents.model import StateDocument, parse_document, read_document
from statecheck.documents.schema_references import MAX_BYTES, Siblings
from statecheck.documents.schemas import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecheck.trees import Tree

_FOLDER = "references/schemas"


class SchemaStore:
    """The schemas in force in a tree; `configured` are paths by the name of the schema they take the place of."""

    _bundled: dict[str, Schema] = {}  # noqa: RUF012 - shared on purpose: bundled schemas never change
    _compiled: dict[tuple[str, str, bytes], Schema] = {}  # noqa: RUF012 - keyed by content, so trees can share it

    def __init__(self, tree: Tree, configured: Mapping[str, str] | None = None) -> None:
        self._tree = tree
        self._configured = configured or {}
        self._own: dict[str, Schema] = {}
        self._above: dict[tuple[str, str], Schema] = {}

    def of(self, tree: Tree) -> SchemaStore:
        """Return the schemas in force in another tree."""
        return SchemaStore(tree, self._configured)

    def in_force(self, name: str, folder: str) -> Schema:
        """Return the schema for documents of a workspace folder: the nearest own one upwards, else the configured.

        Else the bundled one. One that is configured and not there is unusable (S104), and nothing takes its place.
        """
        own = self._at(folder, name)
        if own is not None or not folder:
            return own or self._without_own(name)
        above = folder.rpartition("/")[0], name
        if above not in self._above:  # those of a thousand workspaces side by side are looked for once
            self._above[above] = self._upwards(*above)
        return self._above[above]

    def _upwards(self, folder: str, name: str) -> Schema:
        while (own := self._at(folder, name)) is None and folder:
            folder = folder.rpartition("/")[0]
        return own or self._without_own(name)

    def _without_own(self, name: str) -> Schema:
        return self._load(self._configured[name], name) if name in self._configured else self.bundled(name)

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

    def _at(self, folder: str, name: str) -> Schema | None:
        """Return a project's own schema for the workspaces of a folder, where there is one."""
        path = f"{folder}/{_FOLDER}/{name}.schema.json" if folder else f"{_FOLDER}/{name}.schema.json"
        if self._tree.entry(path) is None:
            return None
        if path not in self._own:
            self._own[path] = self._load(path, name)
        return self._own[path]

    def _load(self, path: str, name: str) -> Schema:
        document = read_document(self._tree, path, "json", MAX_BYTES)
        assert isinstance(document, StateDocument)
        key = (name, path, document.data)
        if key not in self._compiled or "$ref" in document.text:
            siblings = Siblings(self._tree, posixpath.dirname(path))
            self._compiled[key] = Schema(name, path, document, siblings)
        return self._compiled[key]


def _bundled_folder() -> str:
    import statecheck.schemas  # type: ignore[import-not-found,unused-ignore]

    return str(next(iter(statecheck.schemas.__path__)))
