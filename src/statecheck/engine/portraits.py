"""Portraits: what a workspace looks like, and the way its statuses went in the revisions that were compared."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import getitem
from typing import TYPE_CHECKING

from statecheck.documents import StateDocument
from statecheck.portraits import Artifact, Log, LogEntry, Portrait, Stop, Track
from statecheck.tuples import NamedTuple
from statecheck.workspaces import Locator, Reference, references, same_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.engine.model import Outcome, Run
    from statecheck.rules import Context
    from statecheck.workspaces import Machine, View


class _Sight(NamedTuple):
    """A thing in a state, in one revision."""

    machine: Machine
    subject: str
    name: str
    state: str
    where: str
    iterations: bool


class Portrayer:
    """Portrays the workspaces of one run; the trees between the two ends of a range are looked at once."""

    def __init__(self, run: Run) -> None:
        steps = run.comparison.steps if run.comparison.ranged else ()
        self._between = [(step.revision or "", run.snapshot(step.after)) for step in steps[:-1]]
        self._after = run.comparison.after.label

    def portray(self, outcome: Outcome) -> Portrait:
        """Return the portrait of a workspace."""
        view, context = outcome.view, outcome.context
        return Portrait(
            folder=view.folder,
            kind=view.kind.name,
            tracks=tuple(_tracks(self._views(view, context))),
            logs=tuple(_logs(view, context)),
            artifacts=tuple(_artifacts(view, context)),
        )

    def _views(self, view: View, context: Context) -> list[tuple[str, View]]:
        """Return the workspace in each revision, the oldest first, with the words for where that is."""
        before = [] if context.before is None else [(context.before.tree.label, context.before)]
        between = [(revision[:12], tree.view(view.workspace)) for revision, tree in self._between]
        return [*before, *between, (self._after, view)]


def _tracks(views: Sequence[tuple[str, View]]) -> Iterator[Track]:
    """Yield the way of each thing that has a status now. Another name makes another initiative."""
    ways: dict[str, list[_Sight]] = {}
    now: set[str] = set()
    for where, view in views:
        now = set()
        for sight in _sights(view, where):
            now.add(sight.subject)
            way = ways.setdefault(sight.subject, [])
            if way and not same_name(way[-1].name, sight.name):
                way.clear()
            if not way or way[-1].state != sight.state:
                way.append(sight)
    for subject, way in ways.items():
        if subject in now:
            yield Track(subject, tuple(way[-1].machine.edges), tuple(_stops(way)))


def _stops(way: Sequence[_Sight]) -> Iterator[Stop]:
    yield Stop(way[0].state, way[0].where)
    for old, new in pairwise(way):
        between = new.machine.way(old.state, new.state, bare=not (old.iterations or new.iterations))
        yield Stop(new.state, new.where, legal=between is not None, skipped=between or ())


def _sights(view: View, where: str) -> Iterator[_Sight]:
    for spec, document in view.every_document():
        if not isinstance(document, StateDocument) or not document.usable:
            continue
        found = ((each, at) for each in spec.statuses for at in document.select(each.pointer))
        for status, (pointer, value) in found:
            machine = status.machine
            state = machine.state(value)
            if state is not None:
                subject = f"{view.within(document.path)} {'/'.join(map(str, pointer))}"
                holder = reduce(getitem, pointer[:-1], document.value)
                members = holder if isinstance(holder, dict) else {}
                name = members.get("name") if machine.name == "initiative" else None
                iterations = bool(members.get("iterations_used"))
                yield _Sight(machine, subject, name if isinstance(name, str) else "", state, where, iterations)


def _logs(view: View, context: Context) -> Iterator[Log]:
    for spec in view.kind.documents:
        document = view.document(spec.role)
        if spec.purpose == "log" and document is not None:
            entries = tuple(
                LogEntry(
                    each.heading.text,
                    each.time_text or "",
                    each.heading.line + 1,
                    _is_new(view, context, spec.role, number),
                )
                for number, each in enumerate(view.log_entries(spec.role))
            )
            yield Log(document.path, entries)


def _is_new(view: View, context: Context, role: str, number: int) -> bool:
    return bool(context.parents) and context.is_new(number, role, view)


def _artifacts(view: View, context: Context) -> Iterator[Artifact]:
    locator = Locator(view, context.repository_root, context.root)
    for spec, manifest in view.every_document():
        if spec.lists is None or not isinstance(manifest, StateDocument) or not manifest.usable:
            continue
        for each in references(manifest, spec.lists):
            if isinstance(each, Reference):
                found = locator.locate(each.text)
                yield Artifact(each.name, each.text, found.state, found.path)
