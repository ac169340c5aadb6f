"""The engine: runs the selected rules on every workspace of a comparison, and collects what they find."""

from __future__ import annotations

import hashlib
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents import Document, SchemaStore
from statecheck.findings import Finding, FixNote, Report, Unverified
from statecheck.rules import Context, Fix, Rule, Skipped, Violation, applies, fixers_for
from statecheck.trees import GitError
from statecheck.workspaces import View, Workspace, before_archiving, discover, governed_folder, project_of, within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from statecheck.findings import Safety, Severity
    from statecheck.history import Comparison
    from statecheck.trees import GitTree, Tree, WorkingTree

MAX_SOURCE_LINES = 3
"""Lines of a file that a finding carries for people to look at."""


class Run(NamedTuple):
    """What a run is asked to do. `paths` are what the user named, relative to `root`; ``""`` is all of it."""

    root: str
    paths: tuple[str, ...]
    rules: Mapping[str, Rule]
    comparison: Comparison
    disk: WorkingTree | None
    tracked: GitTree | None
    now: datetime


class Result(NamedTuple):
    """A finding beside the violation it came from, which its fixers need."""

    finding: Finding
    violation: Violation


class Outcome(NamedTuple):
    """What the rules say of one workspace. `blind` are the (rule, path) pairs that could not be judged."""

    results: tuple[Result, ...]
    unverified: tuple[Unverified, ...]
    files: frozenset[str]
    blind: frozenset[tuple[str, str]]
    view: View
    context: Context

    @property
    def findings(self) -> list[Finding]:
        """The findings alone."""
        return [result.finding for result in self.results]


class Snapshot:
    """A tree with what is worth keeping while many of its workspaces are looked at."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.files: Collection[str] = tree.files()
        self.schemas = SchemaStore(tree)

    def view(self, workspace: Workspace) -> View:
        """Return a workspace as it stands in this tree."""
        return View(workspace, self.tree, self.files, self.schemas)


def find_workspaces(files: Collection[str], paths: Sequence[str]) -> list[Workspace]:
    """Return the workspaces among `files` that lie below, or hold, one of the named paths."""
    return [each for each in discover(files) if within(each.folder, paths)]


def root_for(place: str) -> str:
    """Return the root, without version control, from which the workspaces at an absolute POSIX path are found."""
    return project_of(place)


def stands_for(name: str) -> str:
    """Return what a named path stands for: a project's own schema for all that it governs, anything else for itself."""
    governed = governed_folder(name)
    return name if governed is None else governed


def check(run: Run) -> Report:
    """Run the selected rules on every workspace of the comparison's later tree."""
    after = Snapshot(run.comparison.after)
    before = Snapshot(run.comparison.before) if run.comparison.before is not None else None
    workspaces = find_workspaces(after.files, run.paths)
    outcomes = [check_workspace(run, each, after, before) for each in workspaces]
    return make_report(run, outcomes)


def make_report(run: Run, outcomes: Iterable[Outcome]) -> Report:
    """Return one report of the outcomes of several workspaces; what two of them share is said once."""
    workspaces = 0
    findings: dict[tuple[object, ...], Finding] = {}
    unverified: dict[Unverified, None] = {}
    files: set[str] = set()
    for outcome in outcomes:
        unnamed = {path for path in outcome.files if not _is_named(path, run)}
        speaks = any(_is_named(finding.path, run) for finding in outcome.findings)
        if len(unnamed) == len(outcome.files) and not speaks and not _is_named(outcome.view.folder, run):
            continue
        workspaces += 1
        for finding in outcome.findings:
            if unnamed and not _is_named(finding.path, run) and governed_folder(finding.path) is None:
                continue
            findings.setdefault((*finding[:2], finding.path, finding.line, finding.column, finding.message), finding)
        for gap in outcome.unverified:
            if gap.path not in unnamed:
                unverified[gap] = None
        files |= outcome.files - unnamed
    for folder in run.disk.unlisted if run.disk is not None else ():
        unverified[Unverified("W901", folder, "the folder may not be listed: permission denied")] = None
    comparison = run.comparison
    return Report(
        root=run.root,
        findings=tuple(sorted(findings.values(), key=lambda each: (each.path, each.line, each.column, each.code))),
        unverified=tuple(sorted(unverified, key=lambda each: (each.path, each.code))),
        workspaces=workspaces,
        files=len(files),
        revisions=1 + (comparison.before is not None),
        rules=len(run.rules),
        base=comparison.base,
        head=comparison.after.label,
        via=comparison.via,
        words=comparison.words,
    )


def _is_named(path: str, run: Run) -> bool:
    """Say whether the user named a document, or a folder above it."""
    return any(not name or path == name or path.startswith(f"{name}/") for name in run.paths)


def check_workspace(run: Run, workspace: Workspace, after: Snapshot, before: Snapshot | None) -> Outcome:
    """Run the selected rules on one workspace."""
    view = after.view(workspace)
    base = _base_view(workspace, before) if before is not None else None
    context = Context(
        comparison=run.comparison,
        before=base,
        disk=run.disk,
        tracked=run.tracked,
        now=run.now,
        root=run.root,
        repository_root=_repository_root(run, workspace),
    )
    violations: list[tuple[Rule, Violation]] = []
    skipped: list[tuple[Rule, Skipped]] = []
    for rule in run.rules.values():
        for arguments, blocked in _calls(rule, view, context):
            skipped += [(rule, each) for each in blocked]
            if blocked:
                continue
            for found in _said(rule, arguments, view):
                if isinstance(found, Violation):
                    violations.append((rule, found))
                else:
                    skipped.append((rule, found))
    kept = list(_with_one_voice(violations))
    reported = {(rule.code, violation.path) for rule, violation in kept}
    results = _results(kept, view, context)
    return Outcome(
        results=tuple(results),
        unverified=tuple(_unverified(kept, skipped, reported)),
        files=frozenset(document.path for _, document in view.every_document()),
        blind=frozenset((rule.code, each.path) for rule, each in skipped),
        view=view,
        context=context,
    )


def _said(rule: Rule, arguments: tuple[object, ...], view: View) -> Iterator[Violation | Skipped]:
    """Yield what a rule says. A mistake in a rule must not take the others' findings with it: it is unverified."""
    try:
        yield from rule.function(*arguments)
    except GitError:
        raise  # no rule could see anything then
    except Exception as error:
        reason = f"the rule failed, please report this: {type(error).__name__}: {error}"
        yield Skipped(view.folder, reason, rule.code)


def _calls(rule: Rule, view: View, context: Context) -> Iterator[tuple[tuple[object, ...], list[Skipped]]]:
    """Yield the arguments of each call of a rule on a workspace, and what keeps that call from being made.

    A rule asks by parameter name: ``workspace``, ``context``, each ``document`` that can be used, each ``file``
    whatever its state, or the document of a role; with a default of None it does without a missing one.
    """
    choices: list[list[object]] = []
    for name, required in rule.requirements.items():
        if name == "workspace":
            choices.append([view])
        elif name == "context":
            choices.append([context])
        elif name in ("file", "document"):
            choices.append([each for spec, each in view.every_document() if applies(rule, spec)])
        else:
            choices.append(list(view.documents(name)) or ([] if required else [None]))
    roles = [name for name in rule.requirements if name not in ("workspace", "context", "file")]
    for arguments in product(*choices):
        by_name = dict(zip(rule.requirements, arguments, strict=True))
        yield arguments, [gap for role in roles if (gap := _blocked(by_name[role])) is not None]


def _blocked(document: object) -> Skipped | None:
    """Return why a document cannot be given to a rule, or None where it can."""
    if not isinstance(document, Document) or document.usable:
        return None
    problem = document.problems[0]
    return Skipped(document.path, problem.message, problem.code)


def _with_one_voice(violations: Sequence[tuple[Rule, Violation]]) -> Iterator[tuple[Rule, Violation]]:
    """Leave out what another rule says instead about the same subject of the same file."""
    said = {(rule.code, violation.path, violation.subject) for rule, violation in violations}
    for rule, violation in violations:
        if not any((code, violation.path, violation.subject) in said for code in rule.yields_to):
            yield rule, violation


def _unverified(
    kept: Iterable[tuple[Rule, Violation]],
    skipped: Iterable[tuple[Rule, Skipped]],
    reported: set[tuple[str, str]],
) -> Iterator[Unverified]:
    for rule, violation in kept:
        if rule.severities[0] == "unverified":
            yield Unverified(rule.code, violation.path, violation.message)
    for rule, gap in skipped:
        if (gap.cause, gap.path) not in reported:
            yield Unverified(rule.code, gap.path, gap.reason)


def _results(kept: Iterable[tuple[Rule, Violation]], view: View, context: Context) -> Iterator[Result]:
    settled = view.ended and context.before is not None and view.same_as(context.before)
    seen: dict[str, int] = {}
    for rule, violation in kept:
        if rule.severities[0] == "unverified":
            continue
        severity: Severity = violation.severity or rule.severities[0]
        old = settled or _is_old(violation, view, context.before)
        note = None if old else fix_note(rule.code, violation, view, context)
        finding = Finding(
            code=rule.code,
            name=rule.name,
            severity="info" if old else severity,
            workspace=view.folder,
            path=violation.path,
            line=violation.place.line,
            column=violation.place.column,
            end_line=violation.place.end_line,
            end_column=violation.place.end_column,
            message=violation.message,
            hint=violation.hint,
            related=violation.related,
            fix=note,
            fingerprint=_fingerprint(rule.code, violation, seen),
            source=_source(violation),
        )
        yield Result(finding, violation)


def fix_note(code: str, violation: Violation, view: View, context: Context) -> FixNote | None:
    """Return what could be done about a violation: the safe way that settles it, else the unsafe one, else less."""
    tiers: tuple[Safety, ...] = ("safe", "unsafe")
    partial = None
    for safety in tiers:
        fix = propose(code, violation, view, context, safety)
        if fix is not None and fix.complete:
            return FixNote(safety, fix.summary)
        partial = partial or (fix and FixNote(safety, fix.summary, complete=False))
    return partial


def propose(code: str, violation: Violation, view: View, context: Context, *safeties: Safety) -> Fix | None:
    """Return the first fix of these safeties that a fixer of the rule proposes."""
    for fixer in fixers_for(code):
        if fixer.safety in safeties:
            fix = fixer.function(violation, view, context)
            if fix is not None and fix.edits:
                return fix
    return None


def _base_view(workspace: Workspace, before: Snapshot) -> View:
    """Return the workspace in the base; one that was moved into the archive is the same workspace."""
    view = before.view(workspace)
    moved_from = before_archiving(workspace)
    if moved_from is None or next(view.every_document(), None) is not None:
        return view
    return before.view(moved_from)


def _is_old(violation: Violation, view: View, before: View | None) -> bool:
    """Say whether a violation stands on a line of a log that the base already has: old entries are history.

    The line is looked for in the base's entry of the same heading, so that nothing said elsewhere excuses it.
    """
    spec = view.spec_of(violation.path)
    if before is None or spec is None or spec.purpose != "log":
        return False
    document, base = violation.document, before.document(spec.role)
    if document is None or base is None:
        return False
    if document.data == base.data:
        return True
    line = violation.place.line - 1
    entry = view.log_entry_at(spec.role, line)
    return entry is not None and document.lines.content(line + 1).rstrip() in before.old_lines(spec.role, entry)


def _fingerprint(code: str, violation: Violation, seen: dict[str, int]) -> str:
    """Return an identity that survives changes elsewhere in the file; equal ones are numbered."""
    parts = (code, violation.path, violation.subject or violation.message)
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _source(violation: Violation) -> tuple[str, ...]:
    document: Document | None = violation.document
    if document is None or not document.text:
        return ()
    last = min(violation.place.end_line, violation.place.line + MAX_SOURCE_LINES - 1)
    return tuple(document.lines.content(line) for line in range(violation.place.line, last + 1))


def _repository_root(run: Run, workspace: Workspace) -> str:
    """Return where artifact paths may start: the repository, else the project that holds the kind's home folder."""
    if run.tracked is not None or run.comparison.before is not None:
        return ""
    parts = workspace.folder.split("/")
    home = workspace.kind.home
    return "/".join(parts[: parts.index(home)]) if home in parts else ""
