"""Where the documents of a workspace lie, by the patterns of its kind."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple
from statecheck.workspaces.discovery import expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from statecheck.trees import Entry, Files, Tree
    from statecheck.workspaces.kinds import DocumentSpec, Kind


class Layout(NamedTuple):
    """Where the documents of a kind lie, worked out once.

    `specs` are by role. `plain` are the roles whose document is one file of the workspace folder, each with its name,
    and `others` all others with their patterns. `known` are the patterns of files of which more than the syntax is
    judged, the memory aside.
    """

    specs: Mapping[str, DocumentSpec]
    plain: tuple[tuple[str, str], ...]
    others: tuple[DocumentSpec, ...]
    known: tuple[str, ...]


@cache
def layout(kind: Kind) -> Layout:
    """Return where the documents of a kind lie."""
    specs = {spec.role: spec for spec in reversed(kind.documents)}
    plain = {spec.role: spec.patterns[0] for spec in specs.values() if _is_plain(spec, kind)}
    described = (
        spec for spec in kind.documents if spec.described or spec.grammar is not None or spec.purpose == "template"
    )
    return Layout(
        specs,
        tuple(plain.items()),
        tuple(spec for role, spec in specs.items() if role not in plain),
        tuple(pattern for spec in described for pattern in spec.patterns),
    )


def _is_plain(spec: DocumentSpec, kind: Kind) -> bool:
    """Say whether the document of a role is one file of the workspace folder, and no other role has it."""
    if len(spec.patterns) != 1 or {"/", "*"} & set(spec.patterns[0]):
        return False
    return spec.patterns[0] not in named_elsewhere(kind, spec.role)


@cache
def named_elsewhere(kind: Kind, role: str) -> frozenset[str]:
    """Return the paths that other roles of a kind name without ``*``: the more exact role has the document."""
    patterns = (pattern for spec in kind.documents if spec.role != role for pattern in spec.patterns)
    return frozenset(pattern for pattern in patterns if "*" not in pattern)


def places(kind: Kind, tree: Tree, folder: str, files: Files) -> dict[str, list[str]]:
    """Return the paths of the documents that a workspace folder has, by role; a role that has none is left out.

    A file is only one where it is among `files`, those that count as state, or something else stands in its place.
    """
    found: dict[str, list[str]] = {}
    listing, below, known = tree.children(folder), f"{folder}/" if folder else "", layout(kind)
    for role, name in known.plain:
        if name in listing and _counts(below + name, listing[name], files):
            found[role] = [below + name]
    for spec in known.others:
        every = [path for pattern in spec.patterns for path in _matching(pattern, tree, folder, files)]
        taken = named_elsewhere(kind, spec.role) if every else ()
        if free := [path for path in dict.fromkeys(every) if path.removeprefix(below) not in taken]:
            found[spec.role] = free
    return found


def known_places(kind: Kind, tree: Tree, folder: str) -> Iterator[str]:
    """Yield where a tree has files that would be documents of a workspace, whether or not they count there.

    Left out are those of which only the syntax is judged, and the memory, which is read wherever it is.
    """
    listing, below = tree.children(folder), f"{folder}/" if folder else ""
    for pattern in layout(kind).known:
        if "/" in pattern or "*" in pattern:
            yield from expand(tree, folder, pattern)
        elif pattern in listing:
            yield below + pattern


def _matching(pattern: str, tree: Tree, folder: str, files: Files) -> list[str]:
    """Return the paths that a pattern matches: state files, or something else in a file's place."""
    found = expand(tree, folder, pattern)
    if "*" in pattern:
        return [path for path in found if path in files]
    return [path for path in found if (entry := tree.entry(path)) is not None and _counts(path, entry, files)]


def _counts(path: str, entry: Entry, files: Files) -> bool:
    """Say whether what stands at a path counts: a file that git ignores does not, anything else is in its way."""
    return path in files or entry.kind not in ("file", "symlink")
