"""The commands that show what statecheck knows: its rules, the page of a rule, its schemas, its kinds of workspace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from statecheck.cli.pages import fix_tiers
from statecheck.documents import SchemaStore
from statecheck.errors import UsageError
from statecheck.repair import write_file
from statecheck.reporters.escape import escape
from statecheck.reporters.summary import plural
from statecheck.rules import Rule, all_rules, families, lookup
from statecheck.trees import UnreadableError, WorkingTree
from statecheck.workspaces import KINDS, declaration

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection


def add_catalog(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``rules``, ``explain``, ``schema`` and ``kinds`` to the umbrella command."""
    listing = commands.add_parser("rules", help="List every rule with its severity and what fix-state can do.")
    listing.set_defaults(command=_rules)
    page = commands.add_parser("explain", help="Show the page of a rule.")
    page.add_argument("rule", metavar="CODE", help="a code (D301) or a name (missing-artifact)")
    page.set_defaults(command=_explain)
    schema = commands.add_parser("schema", help="List the bundled JSON Schemas, or print one.")
    what = schema.add_mutually_exclusive_group()
    what.add_argument("name", nargs="?", metavar="NAME", help="the schema to print; without it, a list")
    what.add_argument("--all", metavar="DIR", help="write each as DIR/NAME.schema.json, for editors")
    schema.set_defaults(command=_schema)
    kinds = commands.add_parser("kinds", help="List the kinds of workspace, or print one as statecheck.toml has it.")
    kinds.add_argument("name", nargs="?", metavar="NAME", help="the kind to print; without it, a list")
    kinds.set_defaults(command=_kinds)


def page_lines(rule: Rule) -> list[str]:
    """Return the page of a rule, as ``statecheck explain`` shows it."""
    lines = [
        f"{rule.code} {rule.name} ({' or '.join(rule.severities)}; fix: {fix_tiers(rule.code)})",
        f"{families()[rule.code[0]].title}; from {rule.source}",
        "",
        rule.summary,
    ]
    for heading, text in rule.page().items():
        lines += ["", heading, *(f"  {line}".rstrip() for line in text.split("\n"))]
    return lines


def _rules(_: argparse.Namespace) -> int:
    titles = families()
    family = ""
    for code, rule in all_rules().items():
        if code[0] != family:
            family = code[0]
            print(f"{family}: {titles[family].title}")  # noqa: T201
        print(f"  {code} {rule.name:26} {'/'.join(rule.severities):16} {fix_tiers(code):13} {rule.summary}")  # noqa: T201
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    print("\n".join(page_lines(lookup(arguments.rule))))  # noqa: T201
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    if arguments.all is not None:
        return _write_schemas(arguments.all)
    if arguments.name is None:
        for name in SchemaStore.names():
            print(f"{name:20} {SchemaStore.bundled(name).value.get('description', '')}")  # noqa: T201
        return 0
    try:
        print(SchemaStore.bundled(arguments.name).document.text, end="")  # noqa: T201
    except KeyError:
        raise UsageError(f"there is no schema {arguments.name!r}{_near(arguments.name, SchemaStore.names())}") from None
    return 0


def _kinds(arguments: argparse.Namespace) -> int:
    known = {kind.name: kind for kind in KINDS if not kind.own}
    if arguments.name is None:
        for name, kind in known.items():
            print(f"{name:20} {', '.join(kind.folders or kind.needs or kind.found_by)}")  # noqa: T201
        return 0
    if arguments.name not in known:
        raise UsageError(f"there is no kind {arguments.name!r}{_near(arguments.name, known)}")
    print(declaration(arguments.name), end="")  # noqa: T201
    return 0


def _write_schemas(folder: str) -> int:
    """Write every schema that is not there already, each as a whole. Raises `WriteError`."""
    if not folder:
        raise UsageError("--all needs the name of a folder")
    disk = WorkingTree(os.path.abspath(folder))
    written = 0
    for name in SchemaStore.names():
        path, content = f"{name}.schema.json", SchemaStore.bundled(name).document.data
        if _content(disk, path) != content:
            write_file(disk, path, content)
            written += 1
    there = f"; {len(SchemaStore.names()) - written} were there" if written < len(SchemaStore.names()) else ""
    print(f"wrote {plural(written, 'schema')} to {escape(folder)}{there}")  # noqa: T201
    return 0


def _content(disk: WorkingTree, path: str) -> bytes | None:
    try:
        return disk.read(path)
    except UnreadableError:
        return None


def _near(name: str, known: Collection[str]) -> str:
    """Return which name may have been meant, or all that there are."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(known)}"
