"""One workspace: the selected rules called with what they ask for, and what they say, each cause with one voice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.engine.calls import Planner, call_rule
from statecheck.engine.changes import Changes
from statecheck.engine.model import Outcome
from statecheck.engine.results import is_settled, make_results
from statecheck.findings import Unverified
from statecheck.rules import Context, Rule, Skipped, Violation, looks_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from statecheck.engine.model import Run, Snapshot
    from statecheck.engine.subjects import Subject
    from statecheck.workspaces import Amendments, Workspace

MISSING = ("X605", "T410", "L204")
"""The rules that report a file that is missing: where one of them speaks, the cause is known."""


def check_workspace(
    run: Run, subject: Subject, after: Snapshot, amendments: Amendments | None = None, planner: Planner | None = None
) -> Outcome:
    """Run the selected rules on one workspace.

    Of one that only a parent has, just the rules that look back, or at what is removed, speak. `amendments` are those
    of `after`, if not given; a `planner` is kept from one workspace to the next.
    """
    view = after.view(subject.workspace)
    for parent in subject.parents:
        parent.later = view
    context = Context(
        comparison=run.comparison,
        before=subject.parents[0] if subject.parents else None,
        parents=subject.parents,
        amendments=after.amendments if amendments is None else amendments,
        disk=run.disk,
        tracked=run.tracked,
        clock=run.clock,
        root=run.root,
        repository_root=_repository_root(run, subject.workspace),
        memory=run.memory,
        ever_had=run.ever_had,
        weakened=run.weakened,
        excluded=run.policy.excludes,
        stepwise=run.stepwise,
        kept={},
    )
    changes = Changes(subject, view, context)
    violations: list[tuple[Rule, Violation]] = []
    skipped: list[tuple[Rule, Skipped]] = []
    for plan in (planner or Planner(run.rules)).of(subject.workspace.kind):
        rule = plan.rule
        if subject.gone and not (rule.removed or plan.looks_back):
            continue
        found = changes.judge(plan, skipped) if plan.changes else call_rule(plan, view, context, skipped)
        if found:
            violations += [(rule, each) for each in found if not run.policy.leaves_out(rule.code, each.path)]
    files = frozenset() if subject.gone else frozenset([document.path for _, document in view.every_document()])
    if not violations and not skipped:
        return Outcome((), (), files, frozenset(), view, context, subject.gone)
    skipped = [(rule, gap) for rule, gap in skipped if not run.policy.leaves_out(rule.code, gap.path)]
    if skipped and is_settled(view, context):
        skipped = [(rule, gap) for rule, gap in skipped if not looks_back(rule)]
    kept = list(_with_one_voice(violations))
    reported = {(rule.code, violation.path) for rule, violation in kept}
    return Outcome(
        results=tuple(make_results(kept, view, context, run.policy.severities)),
        unverified=tuple(_unverified(kept, skipped, reported)),
        files=files,
        blind=frozenset((rule.code, each.path) for rule, each in skipped),
        view=view,
        context=context,
        gone=subject.gone,
    )


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
        causes = MISSING if gap.cause in MISSING else (gap.cause,)
        if not any((cause, gap.path) in reported for cause in causes):
            yield Unverified(rule.code, gap.path, gap.reason, gap.cause)


def _repository_root(run: Run, workspace: Workspace) -> str:
    """Return where artifact paths may start: the repository, else the project that holds the kind's home folder."""
    if run.tracked is not None:
        return ""
    parts = workspace.folder.split("/")
    home = workspace.kind.home
    return "/".join(parts[: parts.index(home)]) if home in parts else ""
