"""X627: the files that an entry names are those that were changed."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from statecheck.documents import RememberedLog, is_none
from statecheck.rules import Skipped, Violation, at, rule
from statecheck.trees import UnreadableError
from statecheck.workspaces import NOT_ARTIFACTS, Locator, logged_in_order

from .refinement import unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Item
    from statecheck.rules import Context
    from statecheck.workspaces import Logged, View

SECTION = "Files Modified"

_ONE_PATH = re.compile(
    r"^(?:`(?P<quoted>[^`\n]+)`|\[[^\]\n]*\]\((?P<link>[^\s():%]+)\)|(?P<bare>[^\s`,:]+))"
    r"(?P<rest>$|\s*:(?:\s.*)?$|\s+[(\[—–-].*$)",
    re.DOTALL,
)
_LIKE_A_PATH = re.compile(r"^(?:\S*/\S*|\S*\w\.\w*[A-Za-z]\w*)$")
_OPEN = re.compile(r"^~|[*?{}<>\[$#…]|\.\.\.")
"""What stands in a path for something else."""

_GONE = re.compile(r"\b(?:delet|remov|renam|mov)(?:e|ed|es|ing)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s`*()\[\]<>\"',;|]+")


@rule("X627", "files-modified", "warning", roles=("log",), source="persist.md, Step 3")
def files_modified(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """Files Modified lists the files that an iteration changed, and they exist.

    What holds
    A file that an entry added since the base lists under Files Modified exists, or was deleted in this change; of
    items that are more than one path, nothing is said. Where the change adds an entry, every file of dist/ that it
    creates or changes is listed there, by itself or with its folder. Without a base, only the newest entry is judged,
    and only for files that do not exist.

    Why
    The list is what a reviewer opens, and what the next iteration takes for the work that was done.

    Example
    Bad:  - `dist/dark.svg` where the file is dist/logo-dark.svg
    Good: - `dist/logo-dark.svg`

    Fix
    None: what was changed is known to whoever changed it.
    """
    yield from unavailable(workspace, "log")
    entries = [each for each in logged_in_order(workspace, "log") if each.understood]
    added = [each for each in entries if context.is_new(each.number, each.role, workspace)]
    compared = any(parent.tree.label for parent in context.parents)  # before the first commit there is nothing
    for entry in added if compared else entries[-1:]:
        yield from _not_there(entry, workspace, context)
    if added and compared and not _only_remembered(context):
        yield from _unlisted(added, workspace, context)


def _not_there(entry: Logged, workspace: View, context: Context) -> Iterator[Violation]:
    section = entry.fields.section(SECTION)
    for item in entry.fields.items(section) if section is not None else ():
        path = _path(item)
        if path is None or any(_has(path, view, context) for view in (workspace, *context.parents)):
            continue
        if _was_there_between(path, workspace, context):
            continue
        yield at(
            entry.document,
            item.span,
            f"{path} does not exist{', and was not deleted in this change' if context.parents else ''}",
            hint="name the file as it is; looked in the workspace, its dist/, and the folders above",
            subject=f"{entry.entry.heading.text} {path}",
        )


def _path(item: Item) -> str | None:
    """Return the path that an item is, or None where it is another text, or says that the file is gone."""
    match = _ONE_PATH.match(item.text.strip())
    if match is None or is_none(item.text) or _GONE.search(match.group("rest")):
        return None
    path: str = match.group("quoted") or match.group("link") or match.group("bare").rstrip(".")
    return path if _LIKE_A_PATH.match(path) and not _OPEN.search(path) and not is_none(path) else None


def _has(path: str, view: View, context: Context) -> bool:
    """Say whether a path leads to something, or to where nobody can look."""
    look = Locator(view, context.repository_root, context.root)
    found = look.locate(path)
    if found.state == "unsafe" and found.repaired is not None:
        found = look.locate(found.repaired)
    if found.state in ("found", "unsafe"):
        return True
    folders = view.folder.split("/")
    above = (posixpath.normpath("/".join([*folders[:end], path])) for end in range(1, len(folders)))
    on_disk = context.disk is not None and any(map(context.disk.untracked, look.candidates(path)))
    return on_disk or any(view.tree.entry(each) is not None for each in above if not each.startswith("../"))


def _was_there_between(path: str, workspace: View, context: Context) -> bool:
    """Say whether a commit within a range had a file, so that it was made and deleted in the same change."""
    steps = context.comparison.steps if context.comparison.ranged else ()
    places = Locator(workspace, context.repository_root, context.root).candidates(path)
    return any(step.after.entry(place) is not None for step in steps for place in places)


def _only_remembered(context: Context) -> bool:
    """Say whether the base is a ledger, which remembers the log and nothing of dist/."""
    return any(isinstance(parent.log_version("log"), RememberedLog) for parent in context.parents)


def _unlisted(added: Sequence[Logged], workspace: View, context: Context) -> Iterator[Violation]:
    listed = [each for entry in added for each in _mentioned(entry, workspace, context)]
    newest = added[-1]
    heading = newest.fields.section(SECTION) or newest.entry.heading
    for path in workspace.files_below(workspace.kind.dist):
        if posixpath.basename(path) in NOT_ARTIFACTS or not all(_changed(path, workspace, p) for p in context.parents):
            continue
        if any(path == each or path.startswith(f"{each}/") or fnmatchcase(path, each) for each in listed):
            continue
        inside = path.removeprefix(workspace.join(""))
        yield at(
            newest.document,
            heading.span,
            f"{inside} was changed, and Files Modified does not list it",
            hint=f"list {inside} in the entry of the iteration that changed it",
            subject=f"{newest.entry.heading.text} {inside}",
        )


def _mentioned(entry: Logged, workspace: View, context: Context) -> Iterator[str]:
    """Yield every path that a word of the section may stand for, in the tree; folders and patterns, too."""
    section = entry.fields.section(SECTION)
    if section is None:
        return
    text = entry.document.markdown.body(*entry.fields.lines(section))
    look = Locator(workspace, context.repository_root, context.root)
    for word in {*_BETWEEN.split(text), *re.findall(r"`([^`\n]+)`", text)}:
        plain = word.rstrip(".:").removesuffix("/")
        inside = look.locate(plain).repaired if plain.startswith("/") or "\\" in plain else plain
        if inside:
            yield from look.candidates(inside)


def _changed(path: str, workspace: View, before: View) -> bool:
    """Say whether a file is not as it was; of one that cannot be read, it is not known."""
    old = before.join(path.removeprefix(workspace.join("")))
    now, then = workspace.tree.entry(path), before.tree.entry(old)
    if then is None or now is None:
        return now is not None
    if now.oid is not None and now.oid == then.oid:
        return False
    try:
        return workspace.tree.read(path) != before.tree.checked_out(old)
    except UnreadableError:
        return False
