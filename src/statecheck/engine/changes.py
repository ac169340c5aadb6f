"""Rules about a change: judged against every parent, less what a merge only brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.engine.calls import call_rule

if TYPE_CHECKING:
    from statecheck.engine.calls import Plan
    from statecheck.engine.subjects import Subject
    from statecheck.rules import Context, Rule, Skipped, Violation
    from statecheck.workspaces import View

Part = tuple[str, str, str]
"""Something that was changed: a path within the workspace, a thing in that file, and what was made of it."""


def judge_change(
    plan: Plan, subject: Subject, view: View, context: Context, skipped: list[tuple[Rule, Skipped]]
) -> list[Violation]:
    """Return what a rule that asks for ``before`` says of a workspace beside each of its parents.

    What two parents show is said once. What one side of a merge changed before the merge, and the merge leaves as that
    side has it, was judged where it was made. Of a workspace that is as it was there is nothing to say.
    """
    judged: list[Violation] = []
    said: set[Part] = set()
    for number, parent in enumerate(subject.parents):
        if plan.looks_back and view.is_untouched_since(parent):
            continue
        found = call_rule(plan, view, context._replace(before=parent), skipped)
        brought = _brought_along(plan, subject, context, number) if found and subject.parted else set()
        for each in found:
            parts = set(_parts(each, view, parent))
            if not parts <= said and not parts <= brought:
                judged.append(each)
                said |= parts
    return judged


def _brought_along(plan: Plan, subject: Subject, context: Context, number: int) -> set[Part]:
    """Return what the other parents changed since they parted from this one."""
    brought: set[Part] = set()
    for one, other, ancestor in subject.parted:
        if one == number:
            theirs = subject.parents[other]
            there = context._replace(before=ancestor, parents=(ancestor,))
            brought.update(*(_parts(each, theirs, ancestor) for each in call_rule(plan, theirs, there, [])))
    return brought


def _parts(violation: Violation, view: View, before: View) -> list[Part]:
    path = view.within(violation.path)
    made = violation.parts or (violation.message.replace(before.tree.label, ""),)
    return [(path, "" if violation.parts else violation.subject, each) for each in made]
