"""What a project may configure. The published JSON Schema is made from this."""

from __future__ import annotations

import posixpath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from statecheck.configuration.kinds import DeclaredKind

PHASE = ".claude/workflow-state.json#/phase"
"""Where the phase of a workflow is looked for if nothing is configured."""


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
            raise PydanticCustomError("unusable", "it {reason}", {"reason": reason})
        return path if path is None or path.startswith(OUTSIDE) else posixpath.normpath(path)


OUTSIDE = ("~", "/")
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


def _usable_glob(glob: str) -> str:
    """Return a pattern of paths below the folder of the configuration."""
    parts = glob.removesuffix("/").split("/")
    reason = None
    if "\\" in glob:
        reason = "has a backslash: between names of folders stands / on every system"
    elif glob.startswith(OUTSIDE) or ".." in parts:
        reason = "leads out of the folder of the configuration, which it is relative to"
    elif glob.startswith("!"):
        reason = "begins with !, and nothing can be taken back in"
    elif not glob or "" in parts or "." in parts:
        reason = "has an empty name, or the name ."
    if reason is not None:
        raise PydanticCustomError("unusable", "it {reason}", {"reason": reason})
    return glob


def _usable_schema(path: str) -> str:
    """Return the path of a schema below the folder of the configuration, as trees have it."""
    reason = _unusable(path)
    if path.startswith(OUTSIDE):
        reason = "leads out of the folder of the configuration"
    if not path.endswith(".json"):
        reason = "is no .json file"
    if reason is not None:
        shown = reason.replace("the workspace", "the configuration")
        raise PydanticCustomError("unusable", "it {reason}", {"reason": shown})
    return posixpath.normpath(path)


Codes = list[Annotated[str, Field(min_length=1)]]
"""Families, codes or names of rules."""

Glob = Annotated[str, AfterValidator(_usable_glob)]


def _usable_kind(name: str) -> str:
    if name == "statecheck":
        raise PydanticCustomError("unusable", "it {reason}", {"reason": "is what statecheck keeps itself"})
    return name


KindName = Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$"), AfterValidator(_usable_kind)]

SchemaName = Literal[
    "artifact-manifest", "constraints", "initiative", "interview-state", "loop-agent", "task-state", "workflow-status"
]


class Configuration(BaseModel):
    """The configuration of statecheck: statecheck.toml, or [tool.statecheck] in pyproject.toml."""

    model_config = ConfigDict(extra="forbid", strict=True)

    select: Codes | None = Field(
        None,
        min_length=1,
        description="The rules to judge by: families (L), codes (L201) or names. All if not given; --select on the "
        "command line takes its place.",
    )
    ignore: Codes = Field(
        [], description="Rules to leave out: families (L), codes (L201) or names. --ignore adds to them."
    )
    severity: dict[str, Literal["error", "warning", "info"]] = Field(
        {}, description="How severe the findings of a rule are, by family, code or name; a code goes before its family."
    )
    per_path_ignores: dict[Glob, Codes] = Field(
        {},
        alias="per-path-ignores",
        description="Rules to leave out in the files and folders that a pattern matches: * and ? within a name, ** for "
        "any folders; without / at any depth.",
    )
    exclude: list[Glob] = Field(
        [], description="Files and folders that are not looked at; patterns as in per-path-ignores."
    )
    schemas: dict[SchemaName, Annotated[str, AfterValidator(_usable_schema)]] = Field(
        {},
        description="Schemas of the project's own in the place of bundled ones, relative to the folder of the "
        "configuration. One in references/schemas of a workspace, or above it, goes before them.",
    )
    strict: bool = Field(default=False, description="Whether warnings fail too, as with --strict.")
    base: Literal["HEAD", "upstream"] = Field(
        "HEAD",
        description="What is compared with by default: HEAD, or the merge base of the upstream branch and HEAD, so "
        "that amending commits that were never pushed rewrites no history.",
    )
    kinds: dict[KindName, DeclaredKind] = Field(
        {},
        description="Kinds of workspace of the project's own. One with the name of a kind that comes with statecheck "
        "takes its place.",
    )
    memory: Memory = Field(
        default_factory=lambda: Memory.model_validate({}),
        title="Memory of workflows",
        description="The memory of workflows: MEMORY.md.",
    )
