"""Verdicts: what a run keeps of a workspace that was judged. They are small, and another process can give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple
from statecheck.workspaces import known_places

if TYPE_CHECKING:
    from statecheck.engine.model import Outcome, Run
    from statecheck.findings import Finding, Unverified
    from statecheck.portraits import Portrait


class Verdict(NamedTuple):
    """What the rules say of one workspace, without what they looked at.

    `files` are its documents, and `unseen` those that are on disk and do not count, since git ignores them. `blind` are
    the rules that may have missed something, each with the file or folder in which. One that is `gone` only a base has;
    one that is statecheck's `own` is no workspace of the user's.
    """

    folder: str
    findings: tuple[Finding, ...]
    unverified: tuple[Unverified, ...]
    files: tuple[str, ...]
    unseen: tuple[str, ...]
    blind: tuple[tuple[str, str], ...]
    gone: bool = False
    own: bool = False
    portrait: Portrait | None = None


def verdict_of(outcome: Outcome, run: Run) -> Verdict:
    """Return what is kept of what the rules said of a workspace."""
    return Verdict(
        folder=outcome.view.folder,
        findings=tuple(outcome.findings),
        unverified=outcome.unverified,
        files=tuple(sorted(outcome.files)),
        unseen=tuple(_unseen(outcome, run)),
        blind=tuple(sorted((code, _blind_place(code, path, outcome, run)) for code, path in outcome.blind)),
        gone=outcome.gone,
        own=outcome.view.kind.own,
    )


def _blind_place(code: str, path: str, outcome: Outcome, run: Run) -> str:
    """Return where a rule may have missed something, since it could not read the document at `path`.

    One that looks at each document alone missed that one; another holds it against the rest of the workspace.
    """
    return path if {"document", "file"} & run.rules[code].requirements.keys() else outcome.view.folder


def _unseen(outcome: Outcome, run: Run) -> list[str]:
    """Return the documents of a workspace that are on disk and do not count, since git ignores them."""
    view = outcome.view
    if run.disk is None or outcome.gone:
        return []
    paths = dict.fromkeys(known_places(view.kind, run.disk, view.folder))
    return [path for path in paths if not view.is_state(path) and run.disk.ignored(path)]


def is_concerned(verdict: Verdict, run: Run) -> bool:
    """Say whether the user named a workspace, one of its files, or one that something was found in.

    A workspace of which the configuration excludes every file is not concerned.
    """
    seen = seen_files(verdict, run)
    if verdict.files and not seen:
        return False
    named = is_named(verdict.folder, run) or any(is_named(path, run) for path in seen)
    return named or any(concerns(finding, run) for finding in verdict.findings)


def seen_files(verdict: Verdict, run: Run) -> tuple[str, ...]:
    """Return the files of a workspace that the configuration does not exclude."""
    if not run.policy.exclude:
        return verdict.files
    return tuple(path for path in verdict.files if not run.policy.excludes(path))


def concerns(finding: Finding, run: Run) -> bool:
    """Say whether a finding stands in a document that the user named, or holds another file against one."""
    return any(is_named(path, run) for path in (finding.path, *(each.path for each in finding.related)))


def is_named(path: str, run: Run) -> bool:
    """Say whether the user named a document, or a folder above it."""
    return "" in run.paths or any(path == name or path.startswith(f"{name}/") for name in run.paths)
