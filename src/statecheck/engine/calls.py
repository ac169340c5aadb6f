"""Calls of a rule: with what it asks for by parameter name, as often as there is something to give it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from statecheck.documents import Document
from statecheck.rules import Context, Rule, Skipped, Violation, applies, looks_back
from statecheck.trees import GitError
from statecheck.workspaces import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.workspaces import View


def call_rule(rule: Rule, view: View, context: Context, skipped: list[tuple[Rule, Skipped]]) -> Iterator[Violation]:
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
    speaks of), each ``document`` that can be used, each ``file`` whatever its state, each ``manifest``, which names
    files, or the document of a role; with a default of None it does without a missing one.
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
        elif name == "manifest":
            listing = [each for spec, each in view.every_document() if spec.lists is not None]
            choices.append(list(listing) or _absent(rule, name, view))
        else:
            choices.append(list(view.documents(name)) or (_absent(rule, name, view) if required else [None]))
    roles = [name for name in rule.requirements if name not in ("workspace", "context", "before", "file")]
    for arguments in product(*choices):
        by_name = dict(zip(rule.requirements, arguments, strict=True))
        yield arguments, [gap for role in roles if (gap := _blocked(by_name[role])) is not None]


def _absent(rule: Rule, role: str, view: View) -> list[object]:
    """Return what stands for a document that is not there: a gap where the stage of the work needs it."""
    # Of a commit within a range nobody asks whether it is complete, and what was deleted is T410's and L204's.
    path = None if looks_back(rule) else lacking(view).get(role)
    return [] if path is None else [Skipped(path, "it does not exist", "X605")]


def _blocked(document: object) -> Skipped | None:
    """Return why a document cannot be given to a rule, or None where it can."""
    if isinstance(document, Skipped):
        return document
    if not isinstance(document, Document) or document.usable:
        return None
    problem = document.problems[0]
    return Skipped(document.path, problem.message, problem.code)
