"""What is known of a kind of workspace, as data: its files, what each is for, and what its content means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecheck.documents import Grammar
    from statecheck.workspaces.machines import Machine

Format = Literal["json", "jsonl", "yaml", "markdown"]
Purpose = Literal["state", "log", "template", "memory"]


DIST = "dist"
"""The folder of a workspace that holds its artifacts (persist.md, Step 5)."""


class Status(NamedTuple):
    """A value that follows a status machine: a JSON Pointer in which ``*`` stands for every key or index.

    `aside` says that the machine is not binding there: leaving it is a warning, and no state is final.
    """

    pointer: str
    machine: Machine
    aside: bool = False


class Listing(NamedTuple):
    """The files that a manifest names: where, and the folder that holds them.

    `files` are JSON Pointers in which ``*`` stands for every key or index; what stands there is a path, or several.
    """

    files: tuple[str, ...]
    folder: str
    required: bool = False
    """Whether each thing that may name files has to."""


class DocumentSpec(NamedTuple):
    """A document of a kind.

    `patterns` are paths below the workspace folder, in which ``*`` stands for one whole name or a part of one.
    `timestamps`, `unique`, `clocks` and `kept` are JSON Pointers in which ``*`` stands for every key or index;
    `aliases` are names that are used in the wild for documented ones. `clocks` say when the file was last written,
    the first that is there counts; `kept` are the values, beside times and statuses, that rules look back at.
    """

    role: str
    patterns: tuple[str, ...]
    format: Format
    purpose: Purpose
    schema: str | None = None
    grammar: Grammar | None = None
    timestamps: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    statuses: tuple[Status, ...] = ()
    clocks: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    lists: Listing | None = None
    """Where it names files, for a manifest."""

    @property
    def described(self) -> bool:
        """Whether more than the syntax of a state file is known."""
        values = self.statuses or self.kept or self.clocks or self.unique or self.timestamps
        return self.schema is not None or self.lists is not None or bool(values)

    @property
    def fields(self) -> str | None:
        """Which of the documented logs the entries speak like; None for what is no log, empty for another log."""
        return None if self.grammar is None else self.grammar.name


class Requirement(NamedTuple):
    """A line that a log or a memory owes to a state.

    For each object at `each` of the document `of` whose members have one of the values of `when`, an entry of the log
    `where`, or a line of that memory, says `says`, in which a name in braces stands for a member of the object.
    """

    of: str
    each: str
    when: Mapping[str, tuple[Any, ...]]
    where: str
    says: str


class Kind(NamedTuple):
    """A kind of workspace.

    A folder is one where at least `at_least` of the files `found_by` are there, one of `needs` among them (any, if
    empty); or, for kinds that own a folder by its name, where its path ends as one of `folders` says.
    """

    name: str
    source: str
    documents: tuple[DocumentSpec, ...]
    found_by: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    at_least: int = 1
    folders: tuple[str, ...] = ()
    archive: str | None = None
    ended: tuple[str, str, str] | None = None
    """The role, field and value that say that the work is over and filed away."""
    home: str | None = None
    """The folder, by name, that holds workspaces of this kind at the top of a project."""
    own: bool = False
    """Whether it is statecheck's own: judged like any other, and not counted as a workspace."""
    requires: tuple[Requirement, ...] = ()

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def markers(self) -> tuple[str, ...]:
        """The files that only say that the kind is there, where one of them has to be."""
        named = {pattern for document in self.documents for pattern in document.patterns}
        needed = self.needs or self.found_by
        return () if named & set(needed) or self.own else needed

    @property
    def dist(self) -> str:
        """The folder that holds the artifacts which its manifest names."""
        return next((document.lists.folder for document in self.documents if document.lists is not None), DIST)
