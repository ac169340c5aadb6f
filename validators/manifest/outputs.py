"""D311: when a phase is done, what its plan names as output is there."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from statecheck.rules import Skipped, at, rule
from statecheck.trees import UnreadableError, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import MarkdownDocument, StateDocument
    from statecheck.rules import Violation
    from statecheck.workspaces import View


@rule("D311", "missing-output", "error", source="state-management.md, plan.md Template")
def missing_output(plan: MarkdownDocument, state: StateDocument, workspace: View) -> Iterator[Violation | Skipped]:
    """When a phase is done, the output its plan names exists.

    What holds
    For each phase with status done in state.json, every path in backticks on its Output line in plan.md is a file,
    or a folder with files, below the task folder. A name may hold `*`.

    Why
    Output is what the next phase builds on. "Done" without it is work that nobody can use.

    Example
    Bad:  R1 done, Output: `sources/list.md`, and no such file
    Good: R1 done, and sources/list.md there

    Fix
    None: the output must be written.
    """
    phases = state.value.get("phases") if isinstance(state.value, dict) else None
    if phases is None:
        return
    if not isinstance(phases, dict):
        yield Skipped(state.path, "phases is no object", "S103")
        return
    for phase in plan.plan.phases:
        found = phases.get(phase.id) if phase.id is not None else None
        if found is not None and not isinstance(found, dict):
            yield Skipped(state.path, f"phase {phase.id} is no object", "S103")
        if not isinstance(found, dict) or found.get("status") != "done":
            continue
        for output in phase.outputs:
            if not _exists(output, workspace):
                yield at(
                    plan,
                    phase.fields["output"].span,
                    f"phase {phase.id} is done, and its output {output} does not exist in the task folder",
                    hint="write it, or move the phase back",
                    subject=f"{phase.id} {output}",
                )


def _names_below(workspace: View) -> Iterator[str]:
    """Yield every path below the task folder, relative to it; ignored files are there as well."""
    pending = [""]
    while pending:
        here = pending.pop()
        for name, entry in workspace.tree.children(workspace.join(here) if here else workspace.folder).items():
            path = posixpath.join(here, name)
            yield path
            if entry.kind == "folder":
                pending.append(path)


def _exists(output: str, workspace: View) -> bool:
    if "*" in output:
        pattern = posixpath.normpath(output)
        return any(fnmatchcase(path, pattern) for path in _names_below(workspace))
    path = workspace.join(output)
    entry = workspace.tree.entry(path)
    if entry is not None and entry.kind == "file":
        return True
    try:
        path = resolve(workspace.tree, path)
    except UnreadableError:
        return False
    inside = f"{workspace.folder}/" if workspace.folder else ""
    entry = workspace.tree.entry(path)
    return (
        entry is not None
        and path.startswith(inside)
        and (entry.kind != "folder" or bool(workspace.tree.children(path)))
    )
