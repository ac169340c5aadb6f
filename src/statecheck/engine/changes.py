"""Rules about a change: judged against every parent, less what a merge only brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.engine.calls import call_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.engine.subjects import Subject
    from statecheck.rules import Context, Rule, Skipped, Violation
    from statecheck.workspaces import View

Identity = tuple[str, str]
"""What a violation is about: a path within the workspace, and a thing in that file."""


def judge_change(
    rule: Rule, subject: Subject, view: View, context: Context, skipped: list[tuple[Rule, Skipped]]
) -> Iterator[Violation]:
    """Yield what a rule that asks for ``before`` says of a workspace beside each of its parents.

    What two parents show is said once. What one side of a merge changed before the merge, and the merge leaves as that
    side has it, was judged where it was made.
    """
    found = [list(call_rule(rule, view, context._replace(before=each), skipped)) for each in subject.parents]
    said: set[Identity] = set()
    for number, violations in enumerate(found):
        brought = (
            _brought_along(rule, subject, view, context, number, found) if violations and subject.parted else set()
        )
        for each in violations:
            about = _identity(each, view)
            if about not in said and about not in brought:
                yield each
        said |= {_identity(each, view) for each in violations if _identity(each, view) not in brought}


def _brought_along(
    rule: Rule, subject: Subject, view: View, context: Context, number: int, found: list[list[Violation]]
) -> set[Identity]:
    """Return what the other parents changed since they parted from this one, and the merge has as they have it."""
    brought: set[Identity] = set()
    for one, other, ancestor in subject.parted:
        if one == number:
            theirs = subject.parents[other]
            there = context._replace(before=ancestor, parents=(ancestor,))
            changed = {_identity(each, theirs) for each in call_rule(rule, theirs, there, [])}
            brought |= changed - {_identity(each, view) for each in found[other]}
    return brought


def _identity(violation: Violation, view: View) -> Identity:
    path = violation.path.removeprefix(f"{view.folder}/") if view.folder else violation.path
    return path, violation.subject
