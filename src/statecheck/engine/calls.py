"""Calls of a rule: with what it asks for by parameter name, as often as there is something to give it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from statecheck.documents import Document
from statecheck.rules import Rule, Skipped, Violation, applies, looks_back
from statecheck.trees import GitError
from statecheck.tuples import NamedTuple
from statecheck.workspaces import lacking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from statecheck.rules import Context
    from statecheck.workspaces import Kind, View

AROUND = ("workspace", "context", "before")
"""What a rule may ask for that is always there, once."""


class Plan(NamedTuple):
    """How a rule is called on workspaces of one kind.

    `requirements` say of each parameter whether it must be there; `each` are the roles of the documents that a
    parameter ``file`` or ``document`` stands for.
    """

    rule: Rule
    requirements: tuple[tuple[str, bool], ...]
    each: tuple[str, ...]
    judged: tuple[int, ...]
    """Which of the parameters have to be usable."""
    plain: tuple[int, ...] | None
    """Which of what is always there it is called with, where it asks for nothing else: once, then."""
    looks_back: bool
    changes: bool
    """Whether it asks for what the workspace was before."""


def plans(rules: Iterable[Rule], kind: Kind) -> list[Plan]:
    """Return how the rules are called on workspaces of a kind; those with nothing to look at there are left out."""
    found = []
    roles = {spec.role for spec in kind.documents}
    roles |= {"manifest"} if any(spec.lists is not None for spec in kind.documents) else set()
    for rule in rules:
        requirements = tuple(rule.requirements.items())
        names = {name for name, _ in requirements}
        each = tuple(spec.role for spec in kind.documents if applies(rule, spec))
        needed = {name for name, required in requirements if required}.difference(AROUND)
        if not needed - {"file", "document"} <= roles or (needed & {"file", "document"} and not each):
            continue
        if rule.roles and roles.isdisjoint(rule.roles):
            continue
        judged = tuple(at for at, (name, _) in enumerate(requirements) if name != "file" and name not in AROUND)
        plain = tuple(AROUND.index(name) for name, _ in requirements) if names.issubset(AROUND) else None
        found.append(Plan(rule, requirements, each, judged, plain, looks_back(rule), "before" in names))
    return found


class Planner:
    """The plans of the rules of a run, made once for each kind."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._plans: dict[int, tuple[Kind, list[Plan]]] = {}

    def of(self, kind: Kind) -> list[Plan]:
        """Return the plans for a kind."""
        if id(kind) not in self._plans:
            self._plans[id(kind)] = kind, plans(self._rules.values(), kind)  # the kind is kept, and so is its id
        return self._plans[id(kind)][1]


def call_rule(plan: Plan, view: View, context: Context, skipped: list[tuple[Rule, Skipped]]) -> list[Violation]:
    """Return the violations of a rule; what it could not judge is added to `skipped`."""
    violations: list[Violation] = []
    for arguments in _calls(plan, view, context):
        if blocked := [gap for at in plan.judged if (gap := _blocked(arguments[at])) is not None]:
            skipped += [(plan.rule, each) for each in blocked]
            continue
        try:
            for found in plan.rule.function(*arguments):
                if isinstance(found, Violation):
                    violations.append(found)
                else:
                    skipped.append((plan.rule, found))
        except GitError:
            raise  # no rule could see anything then
        except Exception as error:  # a mistake in a rule must not take the others' findings with it: it is unverified
            reason = f"the rule failed, please report this: {type(error).__name__}: {error}"
            skipped.append((plan.rule, Skipped(view.folder, reason, plan.rule.code)))
    return violations


def _calls(plan: Plan, view: View, context: Context) -> Iterable[tuple[object, ...]]:
    """Return the arguments of each call of a rule on a workspace.

    A rule asks by parameter name: ``workspace``, ``context``, ``before`` (the workspace in the parent that ``context``
    speaks of), each ``document`` that can be used, each ``file`` whatever its state, each ``manifest``, which names
    files, or the document of a role; with a default of None it does without a missing one.
    """
    around = (view, context, context.before)
    if plan.plain is not None:
        return (tuple([around[at] for at in plan.plain]),)
    choices: list[Sequence[object]] = []
    for name, required in plan.requirements:
        choice: Sequence[object]
        if name in AROUND:
            choice = (around[AROUND.index(name)],)
        elif name in ("file", "document"):
            choice = [each for role in plan.each for each in view.documents(role)]
        elif name == "manifest":
            listing = [each for spec, each in view.every_document() if spec.lists is not None]
            choice = listing or _absent(plan, name, view)
        else:
            choice = view.documents(name) or (_absent(plan, name, view) if required else (None,))
        if not choice:
            return ()
        choices.append(choice)
    return product(*choices)


def _absent(plan: Plan, role: str, view: View) -> list[object]:
    """Return what stands for a document that is not there: a gap where the stage of the work needs it."""
    # Of a commit within a range nobody asks whether it is complete, and what was deleted is T410's and L204's.
    path = None if plan.looks_back else lacking(view).get(role)
    return [] if path is None else [Skipped(path, "it does not exist", "X605")]


def _blocked(document: object) -> Skipped | None:
    """Return why a document cannot be given to a rule, or None where it can."""
    if not isinstance(document, Document):
        return document if isinstance(document, Skipped) else None
    if document.usable:
        return None
    problem = document.problems[0]
    return Skipped(document.path, problem.message, problem.code)
