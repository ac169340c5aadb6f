"""D301, D302, D303, D306, D307 and D308: each path that a variant names leads to a file that others have too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import show
from statecheck.rules import Skipped, at, rule
from statecheck.trees import UnreadableError, resolve
from statecheck.workspaces import NOT_ARTIFACTS

from .located import about, located, on_disk_only, over_references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import StateDocument
    from statecheck.findings import Severity
    from statecheck.rules import Context, Violation
    from statecheck.trees import GitTree
    from statecheck.workspaces import Located, Reference, View

SOURCE = "persist.md, Step 5"
MAX_GUESSED = 50
"""Files of dist/ among which a misspelled name is looked for."""


@rule("D301", "missing-artifact", "error", "info", source=f"{SOURCE} and Output")
def missing_artifact(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """Every file that a variant names exists.

    What holds
    A path is looked up from the workspace folder, its dist/, then the repository root, in the tree that is judged.
    One that is on disk but not in the index or commit is D307; one in another case is D306.

    Why
    The manifest is what later steps, and people, take for the result. A file that is not there was never made, or
    was lost, and the log says "done" all the same.

    Example
    Bad:  {"name": "dark", "path": "dist/logo-dark.svg"} without that file
    Good: the same, with dist/logo-dark.svg

    Fix
    Unsafe: the file is brought back from the base. Safe: the variant is flagged with needs_execution, where its
    schema admits the field; the error stays until the file is there. Once it is, the flag is a note, and dropping it is
    an unsafe fix.
    """
    unsettled: set[int] = set()
    flagged: dict[int, str] = {}
    variants = manifest.value.get("variants") if isinstance(manifest.value, dict) else None
    for each in located(manifest, workspace, context):
        if isinstance(each, Skipped):
            yield each
            continue
        reference, found = each
        variant = variants[reference.variant] if isinstance(variants, list) else None
        flag = isinstance(variant, dict) and variant.get("needs_execution") is True
        unsettled |= set() if found.state == "found" else {reference.variant}
        if found.state == "unsafe":
            yield Skipped(manifest.path, f"{show(reference.text)} {found.reason}", "D303")
        elif found.state == "missing" and on_disk_only(reference, workspace, context) is None:
            note = " (flagged for re-execution)" if flag else ""
            yield about(
                manifest,
                reference,
                f"variant {show(reference.name)} names {reference.text}, which does not exist{note}",
                hint=_advice(reference, workspace),
                facts={"reference": reference, "flagged": flag},
            )
        elif flag:
            flagged[reference.variant] = reference.name
    for index, name in flagged.items():
        if index not in unsettled:
            pointer = ("variants", index, "needs_execution")
            yield at(
                manifest,
                manifest.key_span(pointer),
                f"variant {show(name)} is flagged for re-execution, and its files are there",
                severity="info",
                subject=f"{name} needs_execution",
                facts={"unflag": pointer},
            )


def _advice(reference: Reference, workspace: View) -> str:
    """Return what to do about a missing file: a guess where dist/ has few files and one of nearly that name."""
    from difflib import get_close_matches

    names = {path.rpartition("/")[2]: path for path in workspace.files_below(workspace.kind.dist)}
    few = names if len(names) <= MAX_GUESSED else {}
    near = get_close_matches(reference.text.rpartition("/")[2], few, 1, 0.75)
    if near:
        return f"did you mean {names[near[0]].removeprefix(workspace.join(''))}?"
    folder = workspace.kind.dist
    return f"looked in the workspace, its {folder}/, and the repository root; write the file or drop the variant"


@rule("D302", "artifact-outside-dist", "warning", source=SOURCE)
def artifact_outside_dist(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """A named file lies inside the workspace's dist/.

    What holds
    The file that a path leads to, whatever root it was found from, is below dist/ of the workspace.

    Why
    dist/ is what is handed over. What lies elsewhere is left behind when the folder is copied, and changes with
    work that has nothing to do with the artifact.

    Example
    Bad:  "path": "../shared/logo.svg"
    Good: "path": "dist/logo.svg"

    Fix
    None: whether to copy or to move the file is for a person.
    """
    inside = f"{workspace.join(workspace.kind.dist)}/"

    def judge(reference: Reference, found: Located) -> Violation | None:
        if found.state != "found" or f"{found.path}/".startswith(inside):
            return None
        message = f"{reference.text} leads from {found.where} to {found.path or '.'}, outside {inside}"
        return about(manifest, reference, message, hint=f"put the file into {workspace.kind.dist}/ and name it there")

    return over_references(manifest, workspace, context, judge)


@rule("D303", "unsafe-path", "error", source=SOURCE)
def unsafe_path(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """A path is relative, has forward slashes, and stays in the repository.

    What holds
    No absolute path, drive letter or backslash, no ".." that leaves the repository, no symbolic link that leads out
    of it. No other rule of the family reports on such a path.

    Why
    On any other machine the path leads nowhere, or to somebody else's file.

    Example
    Bad:  "path": "/home/ada/project/dist/logo.svg"
    Good: "path": "dist/logo.svg"

    Fix
    Safe: backslashes become slashes, and an absolute path inside this repository a relative one. Anything else is
    for a person.
    """
    for each in located(manifest, workspace, context):
        if isinstance(each, Skipped):
            yield each
        elif each[1].state == "unsafe":
            reference, found = each
            hint = "name the file relative to the workspace folder, with forward slashes"
            facts = {"pointer": reference.pointer, "path": found.repaired}
            yield about(manifest, reference, f"{show(reference.text)} {found.reason}", hint=hint, facts=facts)


@rule("D306", "case-mismatch", "error", source=SOURCE)
def case_mismatch(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """A path is spelled as the file is: in case, and in Unicode form.

    What holds
    Every part of the path is the real name, character for character.

    Why
    macOS and Windows find the file all the same; Linux, and so CI and every server, does not.

    Example
    Bad:  "path": "dist/Logo.svg" for the file dist/logo.svg
    Good: "path": "dist/logo.svg"

    Fix
    Safe: the manifest takes the real name.
    """

    def judge(reference: Reference, found: Located) -> Violation | None:
        if found.state != "case":
            return None
        message = f"{reference.text} is spelled {found.repaired} in the file system"
        facts = {"pointer": reference.pointer, "path": found.repaired}
        return about(manifest, reference, message, hint="use the real name", facts=facts)

    return over_references(manifest, workspace, context, judge)


@rule("D307", "untracked-artifact", "error", "warning", source=SOURCE)
def untracked_artifact(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """With git, a named file that exists is also tracked or staged.

    What holds
    The file is in the index; when an index or commit is judged, it is in that. It is an error there, and a warning
    on a plain run. Where git ignores the file on purpose it is a warning.

    Why
    The commit says that the artifact is there, and a clean checkout lacks it.

    Example
    Bad:  git add artifact_manifest.json, but not dist/logo.svg
    Good: git add artifact_manifest.json dist/logo.svg

    Fix
    None: statecheck never runs git add. The finding says what to run.
    """
    tracked = context.tracked
    if tracked is None:
        return iter(())
    judged: Severity = "warning" if workspace.tree.kind == "worktree" else "error"
    where = "the index" if tracked.kind == "index" else f"commit {tracked.label}"

    def judge(reference: Reference, found: Located) -> Violation | None:
        path = found.named if found.state == "found" else on_disk_only(reference, workspace, context)
        if path is None or found.state not in ("found", "missing") or _has(tracked, path):
            return None
        import shlex

        ignored = context.disk is not None and context.disk.ignored(path)
        message = f"{path} is on disk but not in {where}" + (": git ignores it" if ignored else "")
        hint = f"run: git add {'-f ' if ignored else ''}{shlex.quote(path)}"
        return about(manifest, reference, message, hint=hint, severity="warning" if ignored else judged)

    return over_references(manifest, workspace, context, judge)


def _has(tracked: GitTree, path: str) -> bool:
    """Say whether a clean checkout has a file, or something in a folder; what a submodule holds is its own affair."""
    try:
        parts = resolve(tracked, path).split("/")
    except UnreadableError:
        return False
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    found = [tracked.entry(each) for each in above]
    return found[-1] is not None or any(entry is not None and entry.kind == "submodule" for entry in found)


@rule("D308", "not-a-file", "error", "warning", source=SOURCE)
def not_a_file(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """A named file is a regular file with something in it, or a folder with at least one file.

    What holds
    No FIFO, socket or device stands in its place; it has at least one byte (a warning); a folder is not empty.

    Why
    An empty file is what an interrupted or failed generation leaves, and it passes every test for existence.

    Example
    Bad:  dist/logo.svg with 0 bytes
    Good: dist/logo.svg with an image in it

    Fix
    None: only generating the artifact again helps.
    """

    def judge(reference: Reference, found: Located) -> Violation | None:
        if found.state != "found" or found.entry is None:
            return None
        message = _unfit(found.path, found.entry.kind, workspace)
        if message is None:
            return None
        severity: Severity = "warning" if message == "is empty" else "error"
        hint = "generate the artifact again"
        return about(manifest, reference, f"{reference.text} {message}", hint=hint, severity=severity)

    return over_references(manifest, workspace, context, judge)


def _unfit(path: str, kind: str, workspace: View) -> str | None:
    if kind == "folder":
        return None if _holds_file(path, workspace) else "is a folder without files"
    if kind == "submodule":
        return None
    if kind != "file":
        return "is no regular file"
    try:
        return None if workspace.tree.size(path) else "is empty"
    except UnreadableError as error:
        return error.reason


def _holds_file(folder: str, workspace: View) -> bool:
    pending = [folder]
    while pending:
        here = pending.pop()
        for name, entry in workspace.tree.children(here).items():
            if entry.kind == "folder":
                pending.append(f"{here}/{name}")
            elif name not in NOT_ARTIFACTS:
                return True
    return False
