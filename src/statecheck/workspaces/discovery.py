"""Finding workspaces in any tree, at any depth, from the paths of its files alone."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from statecheck.trees import NEVER_ENTERED, all_are_there, as_files, known_names
from statecheck.tuples import NamedTuple
from statecheck.workspaces.declared import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from statecheck.trees import Files, Tree
    from statecheck.workspaces.kinds import Kind

OWN_FOLDER = ".statecheck"
"""Where statecheck keeps what it must remember; the copies there are not workspaces."""

LEDGER_FILE = f"{OWN_FOLDER}/ledger.json"
"""The ledger of a project, relative to its root."""

BASELINE_FILE = f"{OWN_FOLDER}/baseline.json"
"""The findings that a project accepts for now, relative to its root."""

_SHUT = NEVER_ENTERED | {OWN_FOLDER}
_OWN_SCHEMA = re.compile(r"(?:(.*)/)?references/schemas/[^/]+\.json", re.DOTALL)


class Workspace(NamedTuple):
    """A folder of one kind. `folder` is ``""`` for the root of the tree."""

    kind: Kind
    folder: str

    @property
    def archived(self) -> bool:
        """Whether it lies where its kind keeps finished work."""
        return self.kind.archive is not None and _folder_pattern(self.kind.archive).fullmatch(self.folder) is not None


def before_archiving(workspace: Workspace) -> Workspace | None:
    """Return where an archived workspace was before it was moved, or None where it is not archived."""
    if not workspace.archived:
        return None
    above, _, name = workspace.folder.rpartition("/")
    return Workspace(workspace.kind, f"{above.rpartition('/')[0]}/{name}")


def archived_workspace(workspace: Workspace) -> Workspace | None:
    """Return where a workspace is moved when its work is over, or None where it is, or its kind has no archive."""
    if workspace.kind.archive is None or workspace.archived:
        return None
    above, _, name = workspace.folder.rpartition("/")
    return Workspace(workspace.kind, f"{above}/{workspace.kind.archive.split('/')[-2]}/{name}")


def discover(files: Collection[str], kinds: Sequence[Kind]) -> list[Workspace]:
    """Return the workspaces that a tree with these files holds, by folder and kind (product.md, Workspaces)."""
    found: set[tuple[str, int]] = set()
    files = as_files(files)
    names = {pattern.rpartition("/")[2] for kind in kinds for pattern in kind.found_by}
    markers = [path for path in known_names(files) if path.rpartition("/")[2] in names and path in files]
    settings = [path for path in known_names(files) if path.endswith("pyvenv.cfg") and path in files]
    environments = {folder for folder, _, name in (path.rpartition("/") for path in settings) if name == "pyvenv.cfg"}
    for order, kind in enumerate(kinds):
        candidates = _by_folder_name(files, kind) if kind.folders else _by_files(files, markers, kind)
        found |= {(folder, order) for folder in candidates if _may_enter(folder, environments)}
    return [Workspace(kinds[order], folder) for folder, order in sorted(found)]


def candidates(paths: Iterable[str], kinds: Sequence[Kind]) -> list[Workspace]:
    """Return the folders that these paths, as documents of a kind, may be workspaces of."""
    found: set[tuple[str, int]] = set()
    every = tuple(kinds)
    for path in paths:
        found |= _may_hold(path, every)
    return [Workspace(kinds[order], folder) for folder, order in sorted(found)]


@lru_cache(maxsize=1024)
def _may_hold(path: str, kinds: tuple[Kind, ...]) -> frozenset[tuple[str, int]]:
    """Return the folders that a path may be a document of, each with the number of the kind: commits repeat paths."""
    found: set[tuple[str, int]] = set()
    for order, kind in enumerate(kinds):
        if kind.folders:
            found |= {(folder, order) for folder in _by_folder_name(as_files([path]), kind)}
            continue
        patterns = [pattern for document in kind.documents for pattern in document.patterns]
        regexes = [_compiled(rf"(?:(?P<folder>.*)/)?{_regex(pattern)}") for pattern in patterns]
        matching = (match for regex in regexes if (match := regex.fullmatch(path)))
        found |= {(match.group("folder") or "", order) for match in matching}
    return frozenset((folder, order) for folder, order in found if _may_enter(folder, set()))


def is_present(workspace: Workspace, tree: Tree) -> bool:
    """Say whether a tree holds a workspace."""
    kind = workspace.kind
    if kind.folders:
        return bool(tree.children(workspace.folder))
    there = {pattern for pattern in kind.found_by if expand(tree, workspace.folder, pattern)}
    return len(there) >= kind.at_least and bool(there & set(kind.needs or kind.found_by))


def expand(tree: Tree, folder: str, pattern: str) -> list[str]:
    """Return the paths below a folder of a tree that a pattern matches, in order."""
    if "*" not in pattern:
        path = f"{folder}/{pattern}" if folder else pattern
        return [path] if tree.entry(path) is not None else []
    found = [folder]
    for part in pattern.split("/"):
        found = [
            f"{here}/{name}" if here else name
            for here in found
            for name in sorted(tree.children(here))
            if matches(part, name)
        ]
    return found


def governed_folder(path: str) -> str | None:
    """Return the folder whose workspaces a project's own schema governs, or None where the file is no such schema."""
    match = _OWN_SCHEMA.fullmatch(path)
    return match and (match.group(1) or "")


def within(folder: str, paths: Iterable[str]) -> bool:
    """Say whether a workspace folder lies below one of the paths, or holds one of them."""
    return any(
        not path or folder == path or folder.startswith(f"{path}/") or not folder or path.startswith(f"{folder}/")
        for path in paths
    )


def matches(pattern: str, path: str) -> bool:
    """Say whether a path matches a pattern in which ``*`` stands for a name or a part of one."""
    return pattern == path if "*" not in pattern else _compiled(_regex(pattern)).fullmatch(path) is not None


def project_of(place: str, kinds: Sequence[Kind] = KINDS) -> str:
    """Return the folder that the workspace of a file or folder is found from, or `place` where its name says nothing.

    ``/x/.iterative-work/a/plan.md`` is found from ``/x``. `place` is absolute, with ``/`` between names.
    """
    parts = place.split("/")
    patterns = [([kind.home], True) for kind in kinds if kind.home is not None]
    patterns += [(pattern.split("/"), False) for kind in kinds if not kind.home for pattern in _anchored(kind)]
    for at in range(len(parts) - 1, 0, -1):
        rest = parts[at:]
        for pattern, owns_all_below in patterns:
            fits = all(matches(*pair) for pair in zip(pattern, rest, strict=False))
            if fits and (owns_all_below or len(rest) <= len(pattern)):
                return "/".join(parts[:at]) or "/"
    return place


def may_hold_state(path: str, kinds: Sequence[Kind], *, anywhere: bool = False) -> bool:
    """Say whether a file or folder lies where some kind has its workspaces by name; `anywhere`, if one may enter it."""
    homes = {kind.home for kind in kinds} | {each.split("/")[0] for kind in kinds for each in _anchored(kind)}
    return (anywhere or not homes.isdisjoint(path.split("/"))) and _SHUT.isdisjoint(path.split("/"))


def _anchored(kind: Kind) -> Iterator[str]:
    """Yield the patterns of a kind's files that begin with a folder."""
    documents = (pattern for document in kind.documents for pattern in document.patterns)
    yield from (pattern for pattern in (*kind.found_by, *documents) if "/" in pattern)


def _by_files(files: Files, markers: Collection[str], kind: Kind) -> set[str]:
    """Return folders that hold enough of the files a kind is found by; `markers` are those with such a name."""
    names = {pattern.rpartition("/")[2] for pattern in kind.found_by}
    any_name = any("*" in name for name in names)
    patterns = [(pattern, _compiled(rf"(?:(?P<folder>.*)/)?{_regex(pattern)}")) for pattern in kind.found_by]
    seen: dict[str, set[str]] = {}
    for path in known_names(files) if any_name else markers:
        if not any_name and path.rpartition("/")[2] not in names:
            continue  # it marks another kind
        for pattern, regex in patterns:
            match = regex.fullmatch(path)
            if match and path in files:
                seen.setdefault(match.group("folder") or "", set()).add(pattern)
    needed = set(kind.needs or kind.found_by)
    return {folder for folder, patterns in seen.items() if len(patterns) >= kind.at_least and patterns & needed}


def _by_folder_name(files: Files, kind: Kind) -> set[str]:
    """Return folders whose path ends as the kind says, however few files they hold."""
    found = set()
    home = kind.folders[0].partition("/")[0]
    reserved = {pattern.split("/")[1] for pattern in kind.folders if "*" not in pattern.split("/")[1]}
    patterns = [pattern.split("/") for pattern in kind.folders]
    for above in dict.fromkeys(path.rpartition("/")[0] for path in known_names(files) if home in path):
        parts = [*above.split("/"), ""]  # the name of the file says nothing
        for at in (index for index, part in enumerate(parts) if part == home):
            for pattern in patterns:
                end = at + len(pattern)
                if len(parts) <= end or (len(pattern) == 2 and parts[at + 1] in reserved):
                    continue
                if all(each == "*" or matches(each, part) for each, part in zip(pattern, parts[at:end], strict=True)):
                    found.add("/".join(parts[:end]))
    return found if all_are_there(files) else {each for each in found if next(files.below(each), None) is not None}


def _may_enter(folder: str, environments: set[str]) -> bool:
    parts = folder.split("/") if folder else []
    if not _SHUT.isdisjoint(parts):
        return False
    return not environments or not any("/".join(parts[:end]) in environments for end in range(1, len(parts) + 1))


def _folder_pattern(pattern: str) -> re.Pattern[str]:
    return _compiled(rf"(?:.*/)?{_regex(pattern)}")


@lru_cache(maxsize=1024)
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.DOTALL)


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> str:
    return "[^/]+".join(re.escape(piece) for piece in pattern.split("*"))
