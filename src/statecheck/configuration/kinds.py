"""Kinds of workspace that a project declares. Those that come with statecheck are written in the same form."""

from __future__ import annotations

import posixpath
import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

_NAME = re.compile(r"\{([^{}]*)\}")
_PART = re.compile(r"[a-z_]+")
MAX_PARTS = 6
"""Names in braces that a heading may have."""


def unfit(reason: str) -> PydanticCustomError:
    """Return the error that says what is wrong with a value, after the word "it"."""
    return PydanticCustomError("unusable", "it {reason}", {"reason": reason})


def usable_path(path: str) -> str:
    """Return a pattern of paths below a workspace. Raises `PydanticCustomError`."""
    parts = path.split("/")
    if "\\" in path or "\0" in path:
        raise unfit("has a backslash: between names of folders stands / on every system")
    if path.startswith(("/", "~")) or ".." in parts:
        raise unfit("leads out of the folder of the workspace")
    if "" in parts or "." in parts or ".git" in (part.lower() for part in parts):
        raise unfit("has a name that no file of a workspace has")
    if any("**" in part for part in parts):
        raise unfit("has **: a * stands for a name, or a part of one")
    return path


def _own_folder(path: str) -> str:
    usable_path(path)
    if "*" in path.split("/")[0] or not path.endswith("/*"):
        raise unfit("has to begin with the name of a folder and to end with /*")
    return path


def _heading(text: str) -> str:
    names = _NAME.findall(text)
    wrong = next((name for name in names if not _PART.fullmatch(name)), None)
    if wrong is not None:
        raise unfit(f"has {{{wrong}}}: a name in braces has small letters and _")
    if len(set(names)) < len(names):
        raise unfit("has a name in braces twice")
    if len(names) > MAX_PARTS:
        raise unfit(f"has more than {MAX_PARTS} names in braces")
    if re.search(r"[{}]", _NAME.sub("", text)):
        raise unfit("has a brace that stands alone")
    if re.search(r"\}\{", text):
        raise unfit("has two names in braces with nothing between them")
    if not text.strip() or text.startswith("#"):
        raise unfit("is the text of a heading, without the # before it")
    return text


def _said(text: str) -> str:
    if not all(re.fullmatch(r"[\w-]+", name) for name in _NAME.findall(text)):
        raise unfit("has braces around what is no name of a member")
    return text


Path = Annotated[str, AfterValidator(usable_path)]
Pointer = Annotated[str, Field(pattern="^(/[^/~]+)+$")]
"""A JSON Pointer in which * stands for every key or index."""
Word = Annotated[str, Field(min_length=1)]
Heading = Annotated[str, AfterValidator(_heading)]


def _alias(name: str) -> str:
    return name.strip("_").replace("_", "-")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=_alias, populate_by_name=False)


class Machine(_Table):
    """A status machine."""

    edges: dict[Word, list[Word]] = Field(
        min_length=1,
        description="Each state with those that may follow it. The first one is where everything begins; the states of "
        "a value that is true or false are called so.",
    )
    final: list[Word] = Field([], description="The states that are not left, but for what their edges say.")
    unstarted: dict[Word, Word] = Field(
        {}, description="Edges that only exist while no iteration was used, from the one state to the other."
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        """Return the machine where each state that is named is one of it."""
        named = [*(each for following in self.edges.values() for each in following), *self.final]
        named += [*self.unstarted, *self.unstarted.values()]
        wrong = next((each for each in named if each not in self.edges), None)
        if wrong is not None:
            raise unfit(f"names {wrong}, which is no state of it: each state stands before a = in edges")
        return self


class Status(_Table):
    """A value that follows a status machine."""

    pointer: Pointer = Field(description="Where it stands.")
    machine: Word = Field(description="The machine that it follows.")
    aside: bool = Field(default=False, description="Whether leaving the machine is only a warning.")


class Alias(_Table):
    """A field that goes by another name than the documented one."""

    pointer: Pointer = Field(description="Where it stands.")
    name: Word = Field(description="Its documented name.")


class Entries(_Table):
    """The entries of an append-only log in Markdown."""

    headings: list[Heading] = Field(
        min_length=1,
        description="The texts of the headings that begin an entry. A name in braces stands for any text, {time} for a "
        "date, with a time if there is one, {iteration} for a number. The first is the one that is asked for.",
    )
    level: int = Field(2, ge=2, le=6, description="The level of these headings: 2 for ##. The title has 1.")
    order: Literal["newest-last", "newest-first"] = Field("newest-last", description="Where new entries are added.")
    drafts: list[Heading] = Field(
        [], description="The headings of what is still being written: it is no entry yet, and may change."
    )


class Lists(_Table):
    """The files that a manifest names."""

    files: list[Pointer] = Field(min_length=1, description="Where their paths stand.")
    folder: Path = Field(description="The folder of the workspace that holds them.")


def _form(value: Any) -> str:
    return "<table>" if isinstance(value, dict | Entries) else "<name>"


Documented = Annotated[
    Annotated[Literal["refinement_log", "decisions", "progress", "guardrails"], Tag("<name>")]
    | Annotated[Entries, Tag("<table>")],
    Discriminator(_form),
]
"""The entries of a log: those of a documented log by its name, or a form of their own."""


class Document(_Table):
    """A document of a kind."""

    paths: list[Path] = Field(
        min_length=1, description="Where it may be in the workspace; * stands for a name, or a part of one."
    )
    format: Literal["json", "jsonl", "yaml", "markdown"] | None = Field(
        None, description="Its format. By the name of the first path, if not given."
    )
    purpose: Literal["state", "log", "template", "memory"] | None = Field(
        None, description="What it is for: log if it has entries, and state if not, if not given."
    )
    schema_: Word | None = Field(
        None,
        description="Its JSON Schema: the name of a bundled one, or a .json file, relative to the configuration.",
    )
    entries: Documented | None = Field(
        None,
        title="Entries",
        description="The entries of a log: like those of a documented log, or of a form of their own.",
    )
    statuses: list[Status] = Field([], description="The values that follow a status machine.")
    timestamps: list[Pointer] = Field([], description="The values that are timestamps.")
    unique: list[Pointer] = Field([], description="The values by which things in a list are told apart.")
    clocks: list[Pointer] = Field([], description="The values that say when the file was last written.")
    kept: list[Pointer] = Field([], description="Further values that a ledger remembers.")
    aliases: list[Alias] = Field([], description="The fields that go by other names than the documented ones.")
    lists: Lists | None = Field(None, title="Lists", description="The files that it names, for a manifest.")

    @property
    def form(self) -> str:
        """Its format."""
        return self.format or _form_of(self.paths[0])

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Return the document where it is one: of one format, and a log in one file."""
        formats = sorted({_form_of(path) for path in self.paths})
        if self.format is None and len(formats) > 1:
            raise unfit(f"has paths of several formats, {' and '.join(formats)}: declare a document for each")
        if (self.entries is not None or self.purpose == "log") and (len(self.paths) > 1 or "*" in self.paths[0]):
            raise unfit("is a log, which is one file: declare a document for each of several")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Return the document where its keys go together."""
        if self.purpose == "memory" and self.form != "markdown":
            raise unfit("is a memory, which has to be Markdown")
        if self.purpose == "log" and self.entries is None and self.form != "jsonl":
            raise unfit("is a log, and does not say how its entries begin: give it entries")
        if self.entries is not None and self.form != "markdown":
            raise unfit("has entries, which only a log in Markdown has: each line of a .jsonl file is one")
        if self.entries is not None and self.purpose not in (None, "log"):
            raise unfit(f"has entries, and is said to be a {self.purpose}")
        values = self.statuses or self.schema_ or self.timestamps or self.unique or self.lists
        if values and self.form in ("markdown", "jsonl"):
            raise unfit("has no values to point at: schema, statuses, timestamps, unique, lists are for JSON and YAML")
        if any(each.pointer.startswith("/*") for each in self.statuses):
            raise unfit("has a status in a list that is the whole document: put the list into an object")
        return self


class Required(_Table):
    """A line that a log or a memory owes to a state."""

    of: Word = Field(description="The document that asks for it.")
    each: Annotated[str, Field(pattern="^(/[^/~]+)*$")] = Field(
        "", description="The objects in it that do; the whole document if not given."
    )
    when: dict[Word, Any] = Field(
        min_length=1,
        description="The values, or one of a list of values, that members of such an object have then.",
    )
    in_: Word = Field(description="The log, or the memory, that has to have it.")
    says: Annotated[Word, AfterValidator(_said)] = Field(
        description="What the heading of an entry, or a line of the memory, says: a name in braces stands for a member."
    )


class Ended(_Table):
    """What says that the work is over and filed away."""

    in_: Word = Field(description="The document that says so.")
    field: Word = Field(description="The field of it.")
    is_: Word = Field(description="What the field is then.")


class DeclaredKind(_Table):
    """A kind of workspace."""

    documents: dict[Word, Document] = Field(
        min_length=1, description="Its documents, by what they are called, in the order in which they are written."
    )
    source: str = Field("", description="What describes it.")
    found_by: list[Path] = Field([], description="Files by which a workspace is found.")
    needs: list[Path] = Field([], description="Those of which one has to be there; any, if not given.")
    at_least: int = Field(1, ge=1, description="How many of the files have to be there.")
    folders: list[Annotated[str, AfterValidator(_own_folder)]] = Field(
        [], description="Folders that are workspaces by their names, as in .tasks/*"
    )
    archive: Annotated[str, AfterValidator(_own_folder)] | None = Field(
        None, description="The folder, one of folders, that holds workspaces whose work is over."
    )
    home: Word | None = Field(None, description="The folder, by name, that holds workspaces at the top of a project.")
    ended: Ended | None = Field(None, title="Ended", description="What says that the work is over and filed away.")
    machines: dict[Word, Machine] = Field({}, description="Its status machines.")
    requires: list[Required] = Field([], description="The lines that logs and memories owe to states.")

    @model_validator(mode="after")
    def _found(self) -> Self:
        """Return the kind where it can be found."""
        if bool(self.found_by) == bool(self.folders):
            raise unfit("is found either by files (found-by), or by the names of folders (folders)")
        if len({folder.partition("/")[0] for folder in self.folders}) > 1:
            raise unfit("has folders below more than one name")
        if self.at_least > max(len(self.found_by), 1):
            raise unfit(f"is found by at least {self.at_least} of {len(self.found_by)} files")
        if self.archive is not None and self.archive not in self.folders:
            raise unfit("has an archive that is not among its folders")
        return self

    @model_validator(mode="after")
    def _named(self) -> Self:
        """Return the kind where what it names is there."""
        for name, document in self.documents.items():
            wrong = next((each.machine for each in document.statuses if each.machine not in self.machines), None)
            if wrong is not None:
                raise unfit(f"has no machine {wrong}, which a status of {name} follows")
        named = [*(each.of for each in self.requires), *(each.in_ for each in self.requires)]
        named += [self.ended.in_] if self.ended is not None else []
        wrong = next((each for each in named if each not in self.documents), None)
        if wrong is not None:
            raise unfit(f"has no document {wrong}")
        return self

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        """Return the kind where its documents go together."""
        taken = [path for document in self.documents.values() for path in document.paths]
        twice = next((path for path in taken if taken.count(path) > 1), None)
        if twice is not None:
            raise unfit(f"has two documents at {twice}")
        if len({document.lists.folder for document in self.documents.values() if document.lists is not None}) > 1:
            raise unfit("has manifests of several folders: make each of them a kind of its own")
        for each in self.requires:
            if self.documents[each.of].form in ("markdown", "jsonl"):
                raise unfit(f"requires something of {each.of}, which has no values: that is for JSON and YAML")
            where = self.documents[each.in_]
            if where.entries is None and where.purpose not in ("log", "memory"):
                raise unfit(f"requires a line in {each.in_}, which is neither a log nor a memory")
        return self


def _form_of(path: str) -> str:
    """Return the format that a path stands for: Markdown, where its name says nothing else."""
    suffix = posixpath.splitext(path)[1].lower()
    return {".json": "json", ".jsonl": "jsonl", ".yaml": "yaml", ".yml": "yaml"}.get(suffix, "markdown")
