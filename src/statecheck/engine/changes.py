"""Rules about a change: judged against every parent, less what a merge only brings along."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from statecheck.engine.calls import call_rule

if TYPE_CHECKING:
    from statecheck.engine.calls import Plan
    from statecheck.engine.subjects import Subject
    from statecheck.rules import Context, Rule, Skipped, Violation
    from statecheck.workspaces import View

Part = tuple[str, str, str]
"""Something that was changed: a path within the workspace, a thing in that file, and what was made of it."""


class Changes:
    """What was changed in a workspace since each of its parents, for the rules that ask for ``before``.

    What two parents show is said once. What one side of a merge changed before the merge, and the merge leaves as that
    side has it, was judged where it was made. Of a workspace that is as it was there is nothing to say.
    """

    def __init__(self, subject: Subject, view: View, context: Context) -> None:
        self._subject = subject
        self._view = view
        self._since = [(number, context.beside(parent)) for number, parent in enumerate(subject.parents)]

    @cached_property
    def _parents_it_differs_from(self) -> list[tuple[int, Context]]:
        """The parents since which something was changed; nobody asks in a run whose rules do not look back."""
        parents = self._subject.parents
        return [each for each in self._since if not self._view.is_untouched_since(parents[each[0]])]

    def judge(self, plan: Plan, skipped: list[tuple[Rule, Skipped]]) -> list[Violation]:
        """Return what a rule says of the workspace beside each of its parents."""
        judged: list[Violation] = []
        said: set[Part] = set()
        for number, context in self._parents_it_differs_from if plan.looks_back else self._since:
            found = call_rule(plan, self._view, context, skipped)
            brought = self._brought_along(plan, number, context) if found and self._subject.parted else set()
            for each in found:
                parts = set(_parts(each, self._view, self._subject.parents[number]))
                if not parts <= said and not parts <= brought:
                    judged.append(each)
                    said |= parts
        return judged

    def _brought_along(self, plan: Plan, number: int, context: Context) -> set[Part]:
        """Return what the other parents changed since they parted from this one."""
        brought: set[Part] = set()
        for one, other, ancestor in self._subject.parted:
            if one == number:
                theirs = self._subject.parents[other]
                there = context.beside(ancestor, (ancestor,))
                brought.update(*(_parts(each, theirs, ancestor) for each in call_rule(plan, theirs, there, [])))
        return brought


def _parts(violation: Violation, view: View, before: View) -> list[Part]:
    path = view.within(violation.path)
    made = violation.parts or (violation.message.replace(before.tree.label, ""),)
    return [(path, "" if violation.parts else violation.subject, each) for each in made]
