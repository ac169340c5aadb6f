"""Fixers of the family D: the manifest takes the names that files have, and says what must be made again."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from statecheck.documents import StateDocument, find
from statecheck.documents.rewriting import add_item, add_member, remove_item, remove_member, set_value
from statecheck.rules import Fix, fix_of, fixer
from statecheck.trees.edits import Write
from statecheck.workspaces import Locator

if TYPE_CHECKING:
    from typing import Any

    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View


LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""What git has in the place of a large file: not the file itself."""


@fixer("D301", "unsafe")
def bring_back(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Bring the file back from the base: somebody removed it, perhaps on purpose (persist.md, Step 5)."""
    reference = (violation.facts or {}).get("reference")
    if reference is None or context.before is None:
        return None
    look = Locator(context.before, context.repository_root, context.root)
    found = look.locate(reference.text)
    if found.state != "found" or found.entry is None or found.entry.kind != "file":
        return None
    if workspace.tree.entry(found.path) is not None:
        return None
    content = context.before.restorable(found.path)
    if content is None or content.startswith(LFS_POINTER):
        return None
    back = Write(found.path, content, executable=found.entry.executable)
    return Fix(f"bring {found.path} back from {context.before.tree.label}", (back,))


@fixer("D301", "safe")
def flag_for_execution(violation: Violation, workspace: View, _: Context) -> Fix | None:
    """Flag the variant for re-execution, where the schema in force admits the field (persist.md, Step 5)."""
    facts, manifest = violation.facts or {}, violation.document
    if workspace.spec("manifest") is None:  # only the documented manifest has the flag
        return None
    if not isinstance(manifest, StateDocument) or "reference" not in facts or facts["flagged"]:
        return None
    pointer = ("variants", facts["reference"].variant)
    if "needs_execution" in manifest.value["variants"][pointer[1]]:  # somebody wrote that it is not needed
        return None
    value = _with_flag(manifest.value, pointer[1])
    spec = workspace.spec_of(manifest.path)
    schema = workspace.schema(spec) if spec is not None else None
    if value is None or schema is None or schema.unusable is not None:
        return None
    if not schema.admits(value, manifest.value):
        return None
    edit = add_member(manifest, pointer, "needs_execution", True)
    return Fix("flag the variant with needs_execution", (edit,), complete=False)


@fixer("D301", "unsafe")
def drop_flag(violation: Violation, _: View, __: Context) -> Fix | None:
    """Drop the flag of a variant whose files are there (invariants, D301)."""
    facts, manifest = violation.facts or {}, violation.document
    if not isinstance(manifest, StateDocument) or "unflag" not in facts:
        return None
    return Fix("drop needs_execution", (remove_member(manifest, facts["unflag"]),))


@fixer("D303", "safe")
def make_relative(violation: Violation, workspace: View, context: Context) -> Fix | None:
    """Write the same path relative and with forward slashes, where a file is there (persist.md, Step 5)."""
    path = (violation.facts or {}).get("path")
    if path is None:
        return None
    found = Locator(workspace, context.repository_root, context.root).locate(path)
    if found.state not in ("found", "case"):
        return None
    return _take_path(violation, "name the file as", found.repaired or path)


@fixer("D306", "safe")
def take_real_name(violation: Violation, _: View, __: Context) -> Fix | None:
    """Take the name that the file has (persist.md, Step 5)."""
    path = (violation.facts or {}).get("path")
    return _take_path(violation, "take the real name", path) if path is not None else None


@fixer("D304", "unsafe")
def drop_repeated(violation: Violation, _: View, __: Context) -> Fix | None:
    """Drop a variant that repeats an earlier one in every field (persist.md, Step 1)."""
    facts, manifest = violation.facts or {}, violation.document
    if not isinstance(manifest, StateDocument) or "drop" not in facts:
        return None
    return Fix("drop the repeated variant", (remove_item(manifest, facts["drop"]),))


@fixer("D305", "unsafe")
def add_variant(violation: Violation, workspace: View, _: Context) -> Fix | None:
    """Add a variant for a file of dist/ that none names (persist.md, Step 5)."""
    facts, manifest = violation.facts or {}, violation.document
    if not isinstance(manifest, StateDocument) or workspace.spec("manifest") is None:
        return None
    if find(manifest.root, ("variants",))[0].items is None:
        return None
    variants = [each for each in manifest.value["variants"] if isinstance(each, dict)]
    path = str(facts["path"])
    stem = posixpath.splitext(posixpath.basename(path))[0]
    name = path if any(each.get("name") == stem for each in variants) else stem
    key = "file" if any("file" in each for each in variants) else "path"
    edit = add_item(manifest, ("variants",), {"name": name, key: path})
    return Fix(f"add a variant for {path}", (edit,))


def _take_path(violation: Violation, words: str, path: str) -> Fix | None:
    facts, manifest = violation.facts or {}, violation.document
    if not isinstance(manifest, StateDocument):
        return None
    return fix_of(f"{words} {path}", set_value(manifest, facts["pointer"], path))


def _with_flag(value: Any, index: int) -> dict[str, Any] | None:
    """Return the manifest as it would be with the flag, or None where the variant is no object."""
    variants = list(value["variants"])
    if not isinstance(variants[index], dict):
        return None
    variants[index] = {**variants[index], "needs_execution": True}
    return {**value, "variants": variants}
