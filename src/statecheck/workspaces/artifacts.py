"""The files that a manifest names: what is written, and what it leads to in a tree."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Literal

from statecheck.documents import select_values, timestamp_or_none
from statecheck.trees import Entry, UnreadableError, resolve
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Pointer, StateDocument, Timestamp
    from statecheck.trees import Tree
    from statecheck.workspaces.kinds import Listing
    from statecheck.workspaces.view import View

NOT_ARTIFACTS = (".gitkeep", ".gitignore", ".DS_Store")
"""Files of dist/ that are there for other reasons."""

MAX_SPELLINGS = 16
"""Ways to spell a path that are followed at once; one that has more is spelled like none of them."""

_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE = re.compile(r"^[A-Za-z]:")


class Reference(NamedTuple):
    """A path as a variant names it: where it stands in the manifest, and the variant's index and name."""

    pointer: Pointer
    text: str
    variant: int
    name: str


class Unfit(NamedTuple):
    """A part of the manifest that names no path though it should: its schema's rule speaks of it."""

    pointer: Pointer
    reason: str


class Located(NamedTuple):
    """What a reference leads to.

    `state` is ``found``, ``missing``, ``case`` (only under another spelling, `path` then being the real one) or
    ``unsafe`` (`reason` says why; `repaired` is the safe spelling of the same path, where there is one). `path` is
    the real path in the tree, `where` the root it was found from.
    """

    state: Literal["found", "missing", "case", "unsafe"]
    path: str = ""
    where: str | None = None
    entry: Entry | None = None
    reason: str = ""
    repaired: str | None = None
    named: str = ""
    """The path as it is named, before links are followed."""


def manifest_time(manifest: StateDocument) -> tuple[str, Timestamp | None]:
    """Return the field that says when a manifest was generated, empty where there is none, and its time."""
    value = manifest.value if isinstance(manifest.value, dict) else {}
    for field in ("generation_timestamp", "generated_at"):
        if field in value:
            return field, timestamp_or_none(value[field])
    return "", None


def references(manifest: StateDocument, listing: Listing) -> Iterator[Reference | Unfit]:
    """Yield the paths that a manifest names, in order, and what stands where a path should.

    What names them together, as one object of a list does, is called a variant.
    """
    members: dict[str, list[str]] = {}
    for pattern in listing.files:
        holder, _, member = pattern.rpartition("/")
        members.setdefault(holder, []).append(member)
    for holder, names in members.items():
        container = holder.partition("/*")[0]
        there = next((value for _, value in manifest.select(container)), None)
        if not isinstance(there, list | dict):
            yield Unfit(tuple(container.split("/")[1:]), f"there is no list of {container.rpartition('/')[2]}")
            continue
        for index, (pointer, variant) in enumerate(manifest.select(holder)):
            if names == ["*"]:
                yield from _items(variant, pointer)
            elif isinstance(variant, dict):
                yield from _named(variant, pointer, names, index)
            if listing.required and not isinstance(variant, dict):
                yield Unfit(pointer, f"variant {index} is no object")
            elif listing.required and not any(variant.get(each, []) != [] for each in names):
                yield Unfit(pointer, f"variant {index} names no path")


def _items(variants: Any, pointer: Pointer) -> Iterator[Reference | Unfit]:
    """Yield what is named by a list, or by an object, whose values are paths."""
    for index, (at, text) in enumerate(select_values(variants, "/*")):
        yield from _path(text, (*pointer, *at), index, str(at[-1]))


def _named(variant: dict[str, Any], pointer: Pointer, names: Sequence[str], index: int) -> Iterator[Reference | Unfit]:
    """Yield what the members of an object name."""
    called = variant.get("name")
    for name in names:
        if name in variant:
            yield from _path(variant[name], (*pointer, name), index, called if isinstance(called, str) else str(index))


def _path(value: Any, pointer: Pointer, index: int, name: str) -> Iterator[Reference | Unfit]:
    """Yield the path that stands at a place, or the several of a list."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _path(each if isinstance(each, str) else None, (*pointer, number), index, name)
    elif isinstance(value, str) and value:
        yield Reference(pointer, value, index, name)
    else:
        yield Unfit(pointer, f"{pointer[-1]} of variant {index} is no path")


class Locator:
    """Looks paths up from a workspace folder, its folder of artifacts, and the repository root, in this order."""

    def __init__(self, view: View, repository_root: str, native_root: str) -> None:
        self._tree = view.tree
        self._folder = view.folder
        self._native_root = native_root.replace("\\", "/").rstrip("/")
        self.roots = [
            ("the workspace", view.folder),
            (f"{view.kind.dist}/", view.join(view.kind.dist)),
            ("the repository root", repository_root),
        ]

    def locate(self, text: str) -> Located:
        """Return what a path leads to."""
        unsafe = self._spelling(text)
        if unsafe is not None:
            return unsafe
        try:
            return self._exact(text) or self._respelled(text) or Located("missing")
        except UnreadableError as error:
            return Located("unsafe", reason=error.reason)

    def candidates(self, text: str) -> list[str]:
        """Return the paths that a text may stand for, whether or not anything is there."""
        joined = [posixpath.normpath(posixpath.join(root, text)) for _, root in self.roots]
        return [path for path in joined if not path.startswith(("../", "/")) and path != ".."]

    def named(self, text: str, found: Located) -> set[str]:
        """Return the paths that a text names: where it leads to, and the link on the way, where there is one."""
        if found.state == "unsafe" and found.repaired is not None:
            text, found = found.repaired, self.locate(found.repaired)
        root = next((root for where, root in self.roots if where == found.where), None)
        if not found.path or root is None:
            return set(self.candidates(text))
        return {found.path, posixpath.normpath(posixpath.join(root, found.repaired or text))}

    def _spelling(self, text: str) -> Located | None:
        """Return why a path is unsafe as it is written, or None where it is not."""
        if "\0" in text:
            return Located("unsafe", reason="has a NUL character")
        if _URL.match(text):
            return Located("unsafe", reason="is an address, not a path")
        if _DRIVE.match(text):
            return Located("unsafe", reason="has a drive letter", repaired=self._inside(text.replace("\\", "/")))
        if text.startswith(("/", "\\")):
            return Located("unsafe", reason="is absolute", repaired=self._inside(text.replace("\\", "/")))
        if "\\" in text:
            slashed = text.replace("\\", "/")
            exact = self._tree.entry(posixpath.join(self._folder, text)) is None
            repaired = slashed if exact and self._spelling(slashed) is None else None
            return Located("unsafe", reason="has a backslash", repaired=repaired)
        climbed = posixpath.normpath(posixpath.join(self._folder, text))
        if climbed == ".." or climbed.startswith("../"):
            return Located("unsafe", reason="leads out of the repository")
        return None

    def _inside(self, text: str) -> str | None:
        """Return an absolute path that lies inside this repository as a relative one with the same target."""
        prefix = f"{self._native_root}/"
        if not text.startswith(prefix):
            return None
        path = posixpath.normpath(text.removeprefix(prefix))
        inside = f"{self._folder}/" if self._folder else ""
        relative = path.removeprefix(inside) if path.startswith(inside) else path
        if relative.startswith("../") or self.candidates(relative)[:1] == []:
            return None
        found = self._exact(relative)
        return relative if found is None or found.path == path else None

    def _exact(self, text: str) -> Located | None:
        for where, root in self.roots:
            joined = posixpath.join(root, text)
            if posixpath.normpath(joined).startswith(".."):
                continue
            path = resolve(self._tree, joined)
            entry = self._tree.entry(path)
            if entry is not None:
                return Located("found", path, where, entry, named=posixpath.normpath(joined))
        return None

    def _respelled(self, text: str) -> Located | None:
        """Return the one file whose name is the same but for case and Unicode form."""
        for where, root in self.roots:
            spellings = _spellings(self._tree, root, text.split("/"))
            if len(spellings) != 1 or spellings[0] == text:  # spelled like this, it is a link that leads nowhere
                continue
            path = resolve(self._tree, posixpath.join(root, spellings[0]))
            entry = self._tree.entry(path)
            if entry is not None:
                return Located("case", path, where, entry, repaired=spellings[0])
        return None


def _spellings(tree: Tree, root: str, parts: list[str]) -> list[str]:
    """Return the ways in which the tree spells what is there by the names `parts`, case and Unicode form aside."""
    ways: list[tuple[str, list[str]]] = [(root, [])]
    for part in parts:
        ways = [(below, [*real, name]) for here, real in ways for name, below in _steps(tree, here, part)]
        if len(ways) > MAX_SPELLINGS:
            return []
    return ["/".join(real) for _, real in ways]


def _steps(tree: Tree, here: str, part: str) -> list[tuple[str, str]]:
    """Return the names in a folder that `part` may stand for, each with the path it leads to."""
    if part in ("", "."):
        return [(part, here)]
    if part == "..":
        above = posixpath.normpath(posixpath.join(here, part))
        return [] if above.startswith("..") else [(part, "" if above == "." else above)]
    names = [name for name in tree.children(here) if _folded(name) == _folded(part)]
    return [(name, posixpath.join(here, name)) for name in names]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
