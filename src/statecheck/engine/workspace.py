"""One workspace: the selected rules called with what they ask for, and what they say, each cause with one voice."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from statecheck.documents import Document
from statecheck.engine.model import Outcome
from statecheck.engine.results import make_results
from statecheck.findings import Unverified
from statecheck.rules import Context, Rule, Skipped, Violation, applies, looks_back
from statecheck.trees import GitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from statecheck.engine.model import Run, Snapshot
    from statecheck.engine.subjects import Subject
    from statecheck.workspaces import Amendments, View, Workspace


def check_workspace(run: Run, subject: Subject, after: Snapshot, amendments: Amendments | None = None) -> Outcome:
    """Run the selected rules on one workspace.

    Of one that only a parent has, just the rules that look back speak. `amendments` are those of `after`, if not given.
    """
    view = after.view(subject.workspace)
    context = Context(
        comparison=run.comparison,
        before=subject.parents[0] if subject.parents else None,
        parents=subject.parents,
        amendments=after.amendments if amendments is None else amendments,
        disk=run.disk,
        tracked=run.tracked,
        now=run.now,
        root=run.root,
        repository_root=_repository_root(run, subject.workspace),
    )
    violations: list[tuple[Rule, Violation]] = []
    skipped: list[tuple[Rule, Skipped]] = []
    for rule in run.rules.values():
        if subject.gone and not looks_back(rule):
            continue
        said: set[tuple[str, str]] = set()
        for parent in _parents(rule, context):
            found = [each for each in _found(rule, view, parent, skipped) if (each.path, each.subject) not in said]
            said |= {(each.path, each.subject) for each in found}  # of two parents, the first has said it
            violations += [(rule, each) for each in found]
    kept = list(_with_one_voice(violations))
    reported = {(rule.code, violation.path) for rule, violation in kept}
    return Outcome(
        results=tuple(make_results(kept, view, context)),
        unverified=tuple(_unverified(kept, skipped, reported)),
        files=frozenset() if subject.gone else frozenset(document.path for _, document in view.every_document()),
        blind=frozenset((rule.code, each.path) for rule, each in skipped),
        view=view,
        context=context,
        gone=subject.gone,
    )


def _parents(rule: Rule, context: Context) -> list[Context]:
    """Return what stands around each call of a rule: one that asks for ``before`` is called for every parent."""
    if "before" not in rule.requirements:
        return [context]
    return [context._replace(before=parent) for parent in context.parents]


def _found(rule: Rule, view: View, context: Context, skipped: list[tuple[Rule, Skipped]]) -> Iterator[Violation]:
    """Yield the violations of a rule; what it could not judge is added to `skipped`."""
    for arguments, blocked in _calls(rule, view, context):
        skipped += [(rule, each) for each in blocked]
        for found in _said(rule, arguments, view) if not blocked else ():
            if isinstance(found, Violation):
                yield found
            else:
                skipped.append((rule, found))


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

    A rule asks by parameter name: ``workspace``, ``context``, ``before`` (the workspace in the parent that ``context``
    speaks of), each ``document`` that can be used, each ``file`` whatever its state, or the document
    of a role; with a default of None it does without a missing one.
    """
    choices: list[list[object]] = []
    for name, required in rule.requirements.items():
        if name == "before":
            choices.append([context.before])
        elif name == "workspace":
            choices.append([view])
        elif name == "context":
            choices.append([context])
        elif name in ("file", "document"):
            choices.append([each for spec, each in view.every_document() if applies(rule, spec)])
        else:
            choices.append(list(view.documents(name)) or ([] if required else [None]))
    roles = [name for name in rule.requirements if name not in ("workspace", "context", "before", "file")]
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


def _repository_root(run: Run, workspace: Workspace) -> str:
    """Return where artifact paths may start: the repository, else the project that holds the kind's home folder."""
    if run.tracked is not None:
        return ""
    parts = workspace.folder.split("/")
    home = workspace.kind.home
    return "/".join(parts[: parts.index(home)]) if home in parts else ""
