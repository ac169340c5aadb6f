"""Which bundled schema describes which files, by name, for editors."""

from __future__ import annotations

from typing import Any, Literal

from statecheck.tuples import NamedTuple
from statecheck.workspaces import BASELINE_FILE, DOCUMENTED, KINDS, LEDGER_FILE, OWN_FOLDER

SCHEMAS = f"{OWN_FOLDER}/schemas"
"""Where a project keeps the schemas for its editors: a copy of those that are bundled."""


class Association(NamedTuple):
    """A schema, and patterns of the names of the files that it describes; ``*`` stands for one name."""

    schema: str
    format: Literal["json", "yaml", "toml"]
    files: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where the schema lies, as editors take it: relative to the folder that they have open."""
        return f"./{SCHEMAS}/{self.schema}.schema.json"


def associations() -> list[Association]:
    """Return what every documented kind of workspace has, and statecheck's own files.

    The other kinds wait for a marker, since their files have common names: an editor knows no markers.
    """
    found = [
        Association(spec.schema, "yaml" if spec.format == "yaml" else "json", files)
        for kind in KINDS
        if kind.name in DOCUMENTED
        for spec in kind.documents
        if spec.schema is not None
        and (files := tuple(f"{each}{name}" for each in _folders(kind.folders) for name in spec.patterns))
    ]
    own = (
        Association("ledger", "json", (LEDGER_FILE,)),
        Association("baseline", "json", (BASELINE_FILE,)),
        Association("configuration", "toml", ("statecheck.toml",)),
    )
    return [*found, *own]


def editor_settings() -> dict[str, Any]:
    """Return the settings of VS Code that have it use the schemas, in the form of settings.json."""
    each = associations()
    return {
        "json.schemas": [{"fileMatch": list(one.files), "url": one.place} for one in each if one.format == "json"],
        "yaml.schemas": {one.place: list(one.files) for one in each if one.format == "yaml"},
    }


def _folders(folders: tuple[str, ...]) -> list[str]:
    return [f"{folder}/" for folder in folders] or [""]
