"""What a project configures, in `statecheck.toml` at its root."""

from __future__ import annotations

import posixpath
import tomllib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from statecheck.errors import OwnFileError

CONFIGURATION_FILE = "statecheck.toml"

PHASE = ".claude/workflow-state.json#/phase"
"""Where the phase of a workflow is looked for if nothing is configured."""


class ConfigurationError(OwnFileError):
    """The configuration cannot be used; the message says where and why."""


class Memory(BaseModel):
    """Where the memory is, and where the state says how far a workflow has come."""

    model_config = ConfigDict(extra="forbid", strict=True)

    path: str | None = Field(
        None,
        min_length=1,
        description="The memory file, relative to the folder of the workspace; or, beginning with / or ~, one outside "
        "the repository, which is only read, and only when the working tree is judged.",
    )
    phase: str | None = Field(
        None,
        pattern="^[^#]+[.]json#/",
        description="The JSON file, relative to the folder of the workspace, and the JSON Pointer in it, that say in "
        f"which phase the workflow is; {PHASE} if not given.",
    )
    type: str | None = Field(
        None,
        pattern="^[^#]+[.]json#/",
        description="The JSON file and the JSON Pointer in it that say of what type the workflow is; /type of the file "
        "that has the phase if not given.",
    )

    @property
    def phase_place(self) -> str:
        """Where the phase of a workflow is looked for."""
        return self.phase or PHASE

    @property
    def type_place(self) -> str:
        """Where the type of a workflow is looked for."""
        return self.type or f"{self.phase_place.partition('#')[0]}#/type"

    @field_validator("path")
    @classmethod
    def _usable(cls, path: str | None) -> str | None:
        """Return a path as trees have it. One that lies outside the repository stays as it is written."""
        reason = _unusable(path) if path is not None else None
        if reason is not None:
            raise PydanticCustomError("memory_path", "it {reason}", {"reason": reason})
        return path if path is None or path.startswith(_OUTSIDE) else posixpath.normpath(path)


_OUTSIDE = ("~", "/")
"""How a path begins that leads out of the repository on purpose."""


def _unusable(path: str) -> str | None:
    """Return why no memory can be kept at a path, or None."""
    clean = posixpath.normpath(path)
    if "\0" in path:
        return "has a character that no file name has"
    if path.endswith("/") or clean in (".", ".."):
        return "names a folder, where a file should be"
    if ".git" in clean.lower().split("/"):
        return "leads into the folder of git"
    return "leads out of the folder of the workspace" if clean.startswith("../") else None


class Configuration(BaseModel):
    """The configuration of statecheck, statecheck.toml at the root of a project."""

    model_config = ConfigDict(extra="forbid", strict=True)

    base: Literal["HEAD", "upstream"] = Field(
        "HEAD",
        description="What is compared with by default: HEAD, or the merge base of the upstream branch and HEAD, so "
        "that amending commits that were never pushed rewrites no history.",
    )
    memory: Memory = Field(
        default_factory=lambda: Memory.model_validate({}),
        title="Memory of workflows",
        description="The memory of workflows: MEMORY.md.",
    )


def weakened(before: Configuration, after: Configuration) -> list[str]:
    """Return, in words, what a changed configuration no longer asks for."""
    found = []
    if (before.base, after.base) == ("HEAD", "upstream"):
        found.append("base is upstream, so that what was not pushed may be rewritten")
    for name, was, now in (
        ("path", before.memory.path, after.memory.path),
        ("phase", before.memory.phase_place, after.memory.phase_place),
        ("type", before.memory.type_place, after.memory.type_place),
    ):
        configured = (getattr(before.memory, name), getattr(after.memory, name))
        if was is not None and was != now and configured != (None, None):
            found.append(f"memory.{name} is {'gone' if now is None else now}, and was {was}")
    place = after.memory.path
    if before.memory.path is None and place is not None and place.startswith(_OUTSIDE):
        found.append(f"memory.path is {place}, outside the repository")
    return found


def parse_configuration(data: bytes) -> Configuration:
    """Return the configuration that a file's content is. Raises `ConfigurationError`."""
    try:
        return Configuration.model_validate(tomllib.loads(data.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{CONFIGURATION_FILE} is no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{CONFIGURATION_FILE}: {where}: {first['msg']}") from None
