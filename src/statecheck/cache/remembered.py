"""What the files of the cache hold: all that a run found, and what has changed since."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from statecheck.cache.facts import Facts, Shape
from statecheck.cache.records import plain
from statecheck.cache.store import load, save
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LITTLE = 20
"""What has changed is saved alone as long as it is no more than one of so many verdicts."""

Key = tuple[str, str, tuple[str, ...], bool]
"""A workspace beside what it was: its kind and folder, its folders in the parents, and whether it is gone."""

Grounds = tuple[Shape, Facts]
"""What something rests on: questions, and their answers."""

NOT_WHAT_WAS_SAVED = (TypeError, ValueError, IndexError, KeyError, AttributeError)
"""What is raised where a file is whole, and holds something else."""


class Remembered(NamedTuple):
    """What the files of the cache hold.

    `when` is the time of the run, in nanoseconds: what lay in the past then, lies there for whoever comes later.
    `git` is what git said of the repository: its places, HEAD, and the listing of its files. `settings` stand for all
    that the rules were told; `common` and `every` are what all judgements, and the run as a whole, rest on. The
    verdicts are in the order of the run.
    """

    when: int
    git: Any
    settings: Any
    common: Grounds
    every: Grounds
    verdicts: dict[Key, tuple[Grounds, Any]]
    report: Any
    mark: bytes
    """What the file of the changes is known by as one of these: no other run has it."""
    changed: frozenset[Key] = frozenset()
    """The verdicts that are in the file of the changes."""


def remembered(question: tuple[object, ...], now: int) -> Remembered | None:
    """Return what is known of a question, or None where it is not what was saved, or by a clock that is ahead.

    `now` is in nanoseconds. A file of changes that belongs to another file is left alone.
    """
    loaded = load(question)
    if loaded is None:
        return None
    try:
        when, git, settings, shapes, rows, told, mark = loaded
        verdicts = _verdicts(rows, shapes)
        (common, _), (every, _) = verdicts.pop("common"), verdicts.pop("every")
        known = Remembered(when, git, settings, common, every, verdicts, told, mark)
        news = load(_changes(question))
        if news is not None and news[0] == mark:
            _, when, shapes, rows, gone, told = news
            verdicts.update(_verdicts(rows, shapes))
            for key in gone:
                del verdicts[key]
            known = known._replace(when=when, report=told, changed=frozenset([*rows, *gone]))
    except NOT_WHAT_WAS_SAVED:
        return None
    return known if known.when <= now else None


def _verdicts(rows: dict[Any, Any], shapes: Any) -> dict[Any, tuple[Grounds, Any]]:
    made = [Shape(*shape) for shape in shapes]
    return {key: ((made[number], Facts(*facts)), verdict) for key, (number, facts, verdict) in rows.items()}


def save_changes(question: tuple[object, ...], now: Remembered, known: Remembered) -> None:
    """Save what differs from what was known: in a file of its own, as long as it is little."""
    differing = {key for key in known.verdicts if now.verdicts.get(key) != known.verdicts[key]}
    changed = known.changed | differing
    same_grounds = (now.common, now.every) == (known.common, known.every)
    if same_grounds and not differing and now.report == known.report:
        return  # this is what is saved
    if not same_grounds or len(changed) * LITTLE > len(known.verdicts):
        save_all(question, now._replace(mark=os.urandom(8), changed=frozenset()))
        return
    rows, shapes = _rows({key: now.verdicts[key] for key in changed if key in now.verdicts})
    gone = tuple(key for key in changed if key not in now.verdicts)
    save(_changes(question), (known.mark, now.when, plain(tuple(shapes)), rows, gone, now.report))


def save_all(question: tuple[object, ...], now: Remembered) -> None:
    """Save everything."""
    rows, shapes = _rows({**now.verdicts, "common": (now.common, None), "every": (now.every, None)})
    save(question, (now.when, now.git, now.settings, plain(tuple(shapes)), rows, now.report, now.mark))


def _changes(question: tuple[object, ...]) -> tuple[object, ...]:
    """Return the question whose answer is what has changed since the file of another one was written."""
    return *question, "changes"


def _rows(verdicts: Mapping[Any, tuple[Grounds, Any]]) -> tuple[dict[Any, Any], dict[Shape, int]]:
    """Return what is saved of verdicts; questions that many share are saved once, by their numbers."""
    shapes: dict[Shape, int] = {}
    rows = {
        key: (shapes.setdefault(grounds[0], len(shapes)), tuple(grounds[1]), verdict)
        for key, (grounds, verdict) in verdicts.items()
    }
    return rows, shapes
