"""Where a workspace of a declared kind stands: what its statuses say, and what was logged last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import StateDocument
from statecheck.standing import Fact, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.workspaces.view import View


def declared_standing(workspace: View) -> Standing:
    """Return the first thing that has no final status, and else the newest entry of the first log that has one."""
    open_, facts = [], []
    for fact, final in _statuses(workspace):
        facts.append(fact)
        if not final:
            open_.append(fact)
    logged = list(_newest_entries(workspace))
    if open_:
        following = f"go on with {open_[0].name}, which is {open_[0].value}"
    elif facts:
        following = "nothing to resume: every status is final"
    else:
        following = f"read on from {logged[0].value}" if logged else "nothing says what comes next"
    over = workspace.ended or (bool(facts) and not open_)
    shown = [*(open_ or facts)[:1], *logged]
    return Standing(workspace.kind.name, workspace.folder, over, following, tuple(shown))


def _statuses(workspace: View) -> Iterator[tuple[Fact, bool]]:
    """Yield each status, and whether it is final: one that is not left, or that nothing follows."""
    for spec, document in workspace.every_document():
        if not isinstance(document, StateDocument) or not document.usable:
            continue
        names = {pointer[:-1]: str(name) for each in spec.unique for pointer, name in document.select(each)}
        for status in spec.statuses:
            for pointer, value in document.select(status.pointer):
                state = status.machine.state(value)
                if state is None:
                    continue
                above = (pointer[:end] for end in range(len(pointer), 0, -1))
                called = next((names[each] for each in above if each in names), None)
                name = f"{status.machine.name} {called}" if called else "/".join(map(str, pointer))
                line = document.place(document.span(pointer)).line
                final = state in status.machine.final or not status.machine.edges[state]
                yield Fact(name, state, document.path, line), final


def _newest_entries(workspace: View) -> Iterator[Fact]:
    for spec, document in workspace.every_document():
        entries = workspace.log_entries(spec.role)
        if entries:
            heading = entries[-1].heading
            name = f"last of {document.path.rpartition('/')[2]}"
            yield Fact(name, heading.text, document.path, heading.line + 1)
