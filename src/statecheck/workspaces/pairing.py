"""The same workspace before and after a change: in its place, moved into the archive, or under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import StateDocument
from statecheck.workspaces.discovery import before_archiving

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from statecheck.documents import Document
    from statecheck.workspaces.discovery import Workspace
    from statecheck.workspaces.view import View

    Look = Callable[[Workspace], View]

Pairs = dict["Workspace", "Workspace | None"]
"""What each workspace of the later tree was before, None where it is new; one that is gone stands for itself."""


def pair_workspaces(later: Sequence[Workspace], earlier: Sequence[Workspace], after: Look, before: Look) -> Pairs:
    """Return what each workspace was in the base, moves and renames followed.

    `later` and `earlier` are those that each tree holds; `after` and `before` give their views.
    """
    there = set(later)
    gone = [each for each in earlier if each not in there]
    known = set(earlier)
    pairs: Pairs = {}
    for workspace in later:
        if workspace in known:
            pairs[workspace] = workspace
        elif (moved_from := before_archiving(workspace)) in gone:
            pairs[workspace] = moved_from
            del gone[gone.index(moved_from)]
        else:
            pairs[workspace] = None
    for workspace in [each for each, was in pairs.items() if was is None]:
        same = [each for each in gone if each.kind is workspace.kind and _is_same(before(each), after(workspace))]
        if same:
            pairs[workspace] = same[0]
            del gone[gone.index(same[0])]
    return pairs | {each: each for each in gone}


def renamed_documents(old: View, new: View, role: str) -> dict[str, str]:
    """Return which documents of a role lie in a folder under another name now, each with where it was.

    Paths are those below the workspace. A document is the same if it names itself the same, or says the same of all
    but its name.
    """
    if old.folder == new.folder and old.paths(role) == new.paths(role):
        return {}
    lost = {old.within(each.path): each for each in old.documents(role)}
    found = {new.within(each.path): each for each in new.documents(role)}
    renamed: dict[str, str] = {}
    for path in sorted(found.keys() - lost.keys()):
        gone = sorted(lost.keys() - found.keys() - set(renamed.values()))
        was = next((each for each in gone if _says_the_same(lost[each], found[path])), None)
        if was is not None:
            renamed[path] = was
    return renamed


def _says_the_same(before: Document, after: Document) -> bool:
    values = [each.value for each in (before, after) if isinstance(each, StateDocument) and each.usable]
    if len(values) != 2 or not all(isinstance(value, dict) for value in values):
        return before.data == after.data
    names = [value.get("name") for value in values]
    first, second = ({key: each for key, each in value.items() if key != "name"} for value in values)
    return first == second or (names[0] is not None and names[0] == names[1])


def _is_same(old: View, new: View) -> bool:
    """Say whether a workspace under another name goes on with what was there."""
    pairs = [
        (before, new.document(spec.role)) for spec in old.kind.documents for before in old.documents(spec.role)[:1]
    ]
    if pairs and all(after is not None and before.data == after.data for before, after in pairs):
        return True
    logs = (spec.role for spec in old.kind.documents if spec.purpose == "log" and old.log_entries(spec.role))
    if any(_goes_on(old.document(role), new.document(role)) for role in logs):
        return True
    return any(_born_together(before, after) for before, after in pairs)


def _goes_on(before: Document | None, after: Document | None) -> bool:
    return before is not None and after is not None and after.data.startswith(before.data)


def _born_together(before: Document, after: Document | None) -> bool:
    """Say whether two state files say that they are of the same task: its name, and when it was created."""
    values = [
        each.value for each in (before, after) if isinstance(each, StateDocument) and isinstance(each.value, dict)
    ]
    if len(values) != 2:
        return False
    marks = [(value.get("task"), value.get("created")) for value in values]
    return None not in marks[0] and marks[0] == marks[1]
