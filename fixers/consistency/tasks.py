"""Fixers for X606 to X618: what one file of a task says is taken from another, and what is complete is filed away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import MarkdownDocument, Span, StateDocument, task_phases, whole_number
from statecheck.documents.rewriting import replace, set_value
from statecheck.rules import Fix, fix_of, fixer
from statecheck.trees.edits import Delete, Write
from statecheck.workspaces import read_work_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.rules import Context, Violation
    from statecheck.trees.edits import Edit
    from statecheck.workspaces import View


@fixer("X606", "safe")
def take_folder_name(violation: Violation, _: View, __: Context) -> Fix | None:
    """Make the slug the name of the folder (invariants, X606)."""
    document, facts = violation.document, violation.facts
    if not isinstance(document, StateDocument) or not facts:
        return None
    return fix_of(f"set slug to {facts['name']}", set_value(document, ("slug",), facts["name"]))


@fixer("X608", "safe")
def take_logged_iteration(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Take the number of iterations that progress.md has, where one of the two counters agrees (invariants, X608)."""
    document, facts, log = violation.document, violation.facts, read_work_log(workspace, context.amendments)
    if not isinstance(document, StateDocument) or not facts or log is None or log.thinned:
        return None
    name = facts["phase"]
    logged = len(log.iterations(name))
    key = {facts["used"]: "current_iteration", facts["current"]: "iterations_used"}.get(logged)
    if key is None or any(_falls(parent, name, key, logged) for parent in context.parents):
        return None
    pointer = (key,) if key == "current_iteration" else ("phases", name, key)
    return fix_of(f"set {key} to {logged}, as progress.md has it", set_value(document, pointer, logged))


def _falls(before: View, phase: str, key: str, number: int) -> bool:
    """Say whether a base has a larger number, or one that cannot be seen."""
    if before.document("state") is None:
        return False
    document = before.usable("state")
    if document is None or not isinstance(document.value, dict):
        return True
    holder = task_phases(document).get(phase, {})
    if key == "current_iteration":
        holder = document.value if document.value.get("current_phase") == phase else {}
    return (whole_number(holder.get(key)) or 0) > number


@fixer("X611", "safe")
def check_box(violation: Violation, _: View, __: Context) -> Fix | None:
    """Check the box of a phase that is done (invariants, X611)."""
    return _mark(violation, done=True)


@fixer("X611", "unsafe")
def uncheck_box(violation: Violation, _: View, __: Context) -> Fix | None:
    """Uncheck the box of a phase that is not done (invariants, X611)."""
    return _mark(violation, done=False)


def _mark(violation: Violation, *, done: bool) -> Fix | None:
    plan, facts = violation.document, violation.facts
    if not isinstance(plan, MarkdownDocument) or not facts or facts["done"] is not done:
        return None
    box = facts["box"]
    if plan.text[box.start : box.end] not in ("[ ]", "[x]", "[X]"):
        return None  # the line is written in a way that hides where its box stands
    edit = replace(plan, Span(box.start + 1, box.end - 1), "x" if done else " ")
    return Fix("check the phase" if done else "uncheck the phase", (edit,))


@fixer("X613", "unsafe")
def take_from_state(violation: Violation, _: View, __: Context) -> Fix | None:
    """Write what state.json says (invariants, X613)."""
    document, facts = violation.document, violation.facts
    if not isinstance(document, MarkdownDocument) or not facts:
        return None
    return Fix(f"set {facts['name']} to {facts['value']}", (replace(document, facts["span"], facts["value"]),))


@fixer("X617", "unsafe")
def move_into_archive(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Move all files of a complete task into the archive (invariants, X617)."""
    target = (violation.facts or {}).get("target")
    if target is None or workspace.tree.entry(target) is not None:
        return None
    paths = list(_plain_files(workspace))
    copies = [_copy(path, target, workspace, context) for path in paths if path is not None]
    written = [copy for copy in copies if copy is not None]
    if not written or len(written) < len(paths):
        return None
    removed: list[Edit] = [Delete(path) for path in paths if path is not None]
    return Fix(f"move the task to {target}", (*written, *removed))


def _plain_files(workspace: View) -> Iterator[str | None]:
    """Yield every file below the folder of a workspace, None for what is no plain file that counts as state."""
    pending = [workspace.folder]
    while pending:
        here = pending.pop()
        for name, entry in sorted(workspace.tree.children(here).items()):
            path = f"{here}/{name}"
            if entry.kind == "folder":
                pending.append(path)
            else:
                yield path if entry.kind == "file" and workspace.is_state(path) else None


def _copy(path: str, target: str, workspace: View, context: Context) -> Write | None:
    """Return the edit that writes a file of a workspace at the same place of another folder, None if unreadable."""
    copy = workspace.restoration(path, target + path.removeprefix(workspace.folder))
    runs = context.disk is not None and context.disk.executable(path)
    return copy._replace(executable=copy.executable or runs) if copy is not None else None
