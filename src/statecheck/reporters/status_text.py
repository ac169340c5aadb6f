"""Where the workspaces stand, for people and agents: what to do first, what is known, and what not to trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.reporters.escape import escape
from statecheck.reporters.summary import plural
from statecheck.reporters.text import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.standing import Conflict, Doubt, Overview, Standing

LONGEST = 300
"""Characters of a value that are shown; the JSON output has all of it."""

MOST_DOUBTS = 5
"""Doubts of a workspace that are shown one by one."""


def status_lines(overview: Overview) -> Iterator[str]:
    """Yield the text format: what goes on first, then what is over, a line each where nothing is wrong with it."""
    for each in overview.standings:
        brief = each.over and not each.conflicts and not each.doubts
        caution = f" (with {plural(len(each.doubts), 'doubt')}, below)" if each.doubts else ""
        yield f"{each.kind} {shown_path(overview.root, each.folder or '.')}: {_value(each.next)}{caution}"
        yield from () if brief else (f"  {line}" for line in _details(each, overview.root))
        yield from () if brief else [""]
    yield from (_doubt(each, overview.root) for each in overview.unverified)
    if overview.ignored:
        paths = ", ".join(shown_path(overview.root, path) for path in overview.ignored)
        yield f"ignored by git, so that no history says what was changed in it: {paths}"
    if not overview.standings:
        yield "there is no workspace here: no refinement, workflow, or iterative-work folder, and none of another kind"
    yield escape(overview.words)


def _details(standing: Standing, root: str) -> Iterator[str]:
    width = max((len(fact.name) for fact in standing.facts), default=0)
    for fact in standing.facts:
        path = escape(fact.path.removeprefix(f"{standing.folder}/"))
        yield f"{fact.name + ':':{width + 1}} {_value(fact.value)}  ({path}:{fact.line})"
    for conflict in standing.conflicts:
        yield from _conflict(conflict, root)
    yield from (f"do not trust {_doubt(each, root)}" for each in standing.doubts[:MOST_DOUBTS])
    if len(standing.doubts) > MOST_DOUBTS:
        yield f"and {len(standing.doubts) - MOST_DOUBTS} more: check-state shows them"


def _conflict(conflict: Conflict, root: str) -> Iterator[str]:
    decided = (
        "a person has to decide" if conflict.authority is None else f"{shown_path(root, conflict.authority)} counts"
    )
    yield f"conflict, {_value(conflict.subject)}: {decided}: {_value(conflict.reason)}"
    for claim in conflict.claims:
        yield f"  {shown_path(root, claim.path)}:{claim.line}: {_value(claim.value)}"


def _doubt(doubt: Doubt, root: str) -> str:
    word = "unverified " if doubt.verdict == "unverified" else ""
    return f"{shown_path(root, doubt.path)}:{doubt.line}: {word}{doubt.code} {_value(doubt.message)}"


def _value(text: str) -> str:
    shown = escape(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."
