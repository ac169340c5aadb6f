"""Kinds of workspace as they are declared: those that come with statecheck, and those of a project."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, Any, cast

from statecheck.documents import GRAMMARS, own_grammar
from statecheck.workspaces.bundled import BUNDLED
from statecheck.workspaces.kinds import DocumentSpec, Kind, Listing, Requirement, Status
from statecheck.workspaces.machines import Machine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statecheck.documents import Grammar
    from statecheck.workspaces.kinds import Format, Purpose

Table = dict[str, Any]
"""A table of the configuration."""

DOCUMENTED = ("refinement", "workflow", "iterative-work")
"""The kinds that the three documents describe, and that rules know by name."""

LINES = GRAMMARS["amendments"]._replace(name="")
"""The grammar of a log of which each line is an entry."""

_FORMATS: dict[str, Format] = {".json": "json", ".jsonl": "jsonl", ".yaml": "yaml", ".yml": "yaml"}

AMENDMENTS = Kind(
    name="statecheck",
    source="product.md, What is compared with what",
    own=True,
    found_by=(".statecheck/amendments.jsonl",),
    documents=(
        DocumentSpec(
            "amendments",
            (".statecheck/amendments.jsonl",),
            "jsonl",
            "log",
            grammar=GRAMMARS["amendments"],
        ),
    ),
)
"""What was changed in logs on purpose, and why: a log itself."""


def kind_of(name: str, table: Table) -> Kind:
    """Return the kind that a table of a usable configuration declares."""
    machines = {
        key: _machine(key, value, own=name not in DOCUMENTED) for key, value in table.get("machines", {}).items()
    }
    ended = table.get("ended")
    return Kind(
        name,
        table.get("source", ""),
        tuple(_document(name, key, value, machines) for key, value in table["documents"].items()),
        found_by=tuple(table.get("found-by", ())),
        needs=tuple(table.get("needs", ())),
        at_least=table.get("at-least", 1),
        folders=tuple(table.get("folders", ())),
        archive=table.get("archive"),
        ended=None if ended is None else (document_name(name, ended["in"]), ended["field"], ended["is"]),
        home=table.get("home"),
        requires=tuple(_requirement(name, each) for each in table.get("requires", ())),
    )


def document_name(kind: str, role: str) -> str:
    """Return what a document is called by rules, and in the place of the name of a schema.

    The documents of the documented kinds are the ones that rules ask for by name. Those of any other kind carry its
    name, so that they are none of these by chance; but a manifest is one anywhere.
    """
    return role if kind in DOCUMENTED else f"{kind}.{role}"


def _format_of(path: str) -> Format:
    """Return the format of a document by its name: Markdown, where the name says nothing else."""
    return _FORMATS.get(posixpath.splitext(path)[1].lower(), "markdown")


def declaration(name: str) -> str:
    """Return how a kind that comes with statecheck is declared, as a project would. Raises `OSError` for another."""
    import statecheck.kinds

    folder = next(iter(statecheck.kinds.__path__))
    with open(os.path.join(folder, f"{name}.toml"), encoding="utf-8") as file:
        return file.read()


def kinds_with(tables: Mapping[str, Table]) -> tuple[Kind, ...]:
    """Return every kind where a configuration declares these: a kind takes the place of the one with its name."""
    known = {kind.name: kind for kind in KINDS}
    return tuple((known | {name: kind_of(name, table) for name, table in tables.items()}).values())


def _machine(name: str, table: Table, *, own: bool) -> Machine:
    edges = {state: tuple(following) for state, following in table["edges"].items()}
    return Machine(name, edges, frozenset(table.get("final", ())), tuple(table.get("unstarted", {}).items()), own)


def _document(kind: str, role: str, table: Table, machines: Mapping[str, Machine]) -> DocumentSpec:
    entries, lists, schema = table.get("entries"), table.get("lists"), table.get("schema")
    form = table.get("format") or _format_of(table["paths"][0])
    purpose = table.get("purpose") or ("state" if entries is None else "log")
    return DocumentSpec(
        document_name(kind, role),
        tuple(table["paths"]),
        cast("Format", form),
        cast("Purpose", purpose),
        schema=document_name(kind, role) if schema is not None and schema.endswith(".json") else schema,
        grammar=_grammar(entries) if entries is not None else LINES if purpose == "log" else None,
        timestamps=tuple(table.get("timestamps", ())),
        unique=tuple(table.get("unique", ())),
        aliases=tuple((each["pointer"], each["name"]) for each in table.get("aliases", ())),
        statuses=tuple(
            Status(each["pointer"], machines[each["machine"]], each.get("aside", False))
            for each in table.get("statuses", ())
        ),
        clocks=tuple(table.get("clocks", ())),
        kept=tuple(table.get("kept", ())),
        lists=None if lists is None else Listing(tuple(lists["files"]), lists["folder"], kind in DOCUMENTED),
    )


def _grammar(entries: str | Table) -> Grammar:
    if isinstance(entries, str):
        return GRAMMARS[entries]
    newest_first = entries.get("order") == "newest-first"
    return own_grammar(
        entries.get("level", 2), entries["headings"], entries.get("drafts", ()), newest_first=newest_first
    )


def _requirement(kind: str, table: Table) -> Requirement:
    wanted = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in table["when"].items()}
    return Requirement(
        document_name(kind, table["of"]),
        table.get("each", ""),
        wanted,
        document_name(kind, table["in"]),
        table["says"],
    )


KINDS = (*(kind_of(name, table) for name, table in BUNDLED.items()), AMENDMENTS)
"""The kinds that come with statecheck, each in its document's order of writing."""

MACHINES = {
    status.machine.name: status.machine
    for kind in KINDS
    for spec in kind.documents
    for status in spec.statuses
    if not status.machine.own
}
"""The documented status machines, by name."""

INITIATIVE, MILESTONE, TASK, PHASE = (MACHINES[name] for name in ("initiative", "milestone", "task", "phase"))
