"""What was found earlier, workspace by workspace, and as a whole; and what is found now, for the next time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from statecheck.cache.facts import Facts, Shape, ask_again, facts_of, hold, questions
from statecheck.cache.records import plain, report
from statecheck.cache.store import save
from statecheck.trees import Seen, digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.findings import Report
    from statecheck.trees import WorkingTree

Key = tuple[str, str, tuple[str, ...], bool]
"""A workspace beside what it was: its kind and folder, its folders in the parents, and whether it is gone."""


class TreesAsked(Protocol):
    """Answers the questions to what git knows."""

    def __call__(self, who: str, path: str) -> object:
        """Return what one knows of a path; a slash at its end means all below it."""
        ...


class Remembered(NamedTuple):
    """What a file of the cache holds.

    `git` is what git said of the repository: its places, HEAD, and the listing of its files. `settings` stand for all
    that the rules were told; `common` and `every` are what all judgements, and the run as a whole, rest on.
    """

    git: tuple[object, ...]
    settings: object
    shapes: tuple[Shape, ...]
    common: tuple[int, Facts]
    every: tuple[int, Facts]
    verdicts: dict[Key, tuple[int, Facts, Any]]
    report: Any


class Memory:
    """The memory of one run. `question` is what it was asked, of which `loaded` is what is known from earlier."""

    def __init__(self, question: tuple[object, ...], loaded: Any) -> None:
        self._question = question
        self._known = None if loaded is None else _remembered(loaded)
        self._shapes: dict[Shape, int] = {}
        self._now = time.time_ns()
        self._standing: dict[Key, tuple[Shape, Facts, Any]] = {}
        self._kept: dict[Key, tuple[int, Facts, Any]] = {}
        self._same_git = False
        self._same_common: bool | None = None

    def whole(self, git: tuple[object, ...], disk: WorkingTree) -> Report | None:
        """Return the report of an earlier run if nothing that it rests on has changed, else None.

        What still stands of single workspaces is known then.
        """
        known = self._known
        if known is None:
            return None
        self._same_git = git == known.git
        every, common = (self._holds(*facts, disk) for facts in (known.every, known.common))
        if common is None:
            return None
        fresh = every is None or (every, common) != (known.every[1], known.common[1])
        for key, (shape, facts, verdict) in known.verdicts.items():
            now = self._holds(shape, facts, disk)
            if now is not None:
                self._standing[key] = known.shapes[shape], now, verdict
                fresh = fresh or now is not facts
        if known.report is None or every is None or not self._same_git or len(self._standing) < len(known.verdicts):
            return None
        if fresh:  # times have changed and nothing else: the next run need not read it again
            self._kept = {
                key: (self._number(shape), facts, verdict) for key, (shape, facts, verdict) in self._standing.items()
            }
            self._save(
                known._replace(
                    shapes=tuple(self._shapes),
                    common=(self._number(known.shapes[known.common[0]]), common),
                    every=(self._number(known.shapes[known.every[0]]), every),
                    verdicts=self._kept,
                )
            )
        return report(known.report)

    def recall(self, key: Key, settings: object, asked: TreesAsked) -> Any:
        """Return the verdict on a workspace of an earlier run that still stands, else None."""
        found = self._standing.get(key)
        if found is None or self._known is None or settings != self._known.settings:
            return None
        shape, facts, verdict = found
        if not self._same_git and not (self._has_common(asked) and _asked(shape, facts.folder, asked) == facts.asked):
            return None
        self._kept[key] = self._number(shape), facts, verdict
        return verdict

    def keep(self, key: Key, seen: Seen, verdict: object, disk: WorkingTree, asked: TreesAsked, *, whole: bool) -> None:
        """Keep a verdict, and what it rests on. With `whole`, the folder of the workspace is of it alone."""
        shape, facts = facts_of(seen, key[1] if whole else "", disk, self._now, whole=whole)
        facts = facts._replace(asked=_asked(shape, facts.folder, asked))
        self._kept[key] = self._number(shape), facts, plain(verdict)

    def ask_again(self, disk: WorkingTree, common: Seen) -> None:
        """Ask what the verdicts that still stand rest on, beside their own, so that `common` has it."""
        if self._known is not None and self._standing:
            shape, facts = self._known.common
            ask_again(self._known.shapes[shape], facts, disk, common)

    def end(
        self,
        git: tuple[object, ...],
        settings: object,
        common: Seen,
        every: Seen,
        disk: WorkingTree,
        asked: TreesAsked,
        found: Report | None,
    ) -> None:
        """Save what this run found; `found` is None where it as a whole cannot be told again."""
        told = []
        for seen in (common, every):
            shape, facts = facts_of(seen, "", disk, self._now, whole=False)
            told.append((self._number(shape), facts._replace(asked=_asked(shape, "", asked))))
        whole = None if found is None else plain(found)
        self._save(Remembered(git, settings, tuple(self._shapes), told[0], told[1], self._kept, whole))

    def _has_common(self, asked: TreesAsked) -> bool:
        """Say whether git says the same of what all judgements rest on."""
        if self._same_common is None and self._known is not None:
            shape, facts = self._known.common
            self._same_common = _asked(self._known.shapes[shape], "", asked) == facts.asked
        return bool(self._same_common)

    def _holds(self, shape: int, facts: Facts, disk: WorkingTree) -> Facts | None:
        assert self._known is not None
        return hold(self._known.shapes[shape], facts, disk, self._now)

    def _number(self, shape: Shape) -> int:
        return self._shapes.setdefault(shape, len(self._shapes))

    def _save(self, remembered: Remembered) -> None:
        rows = {key: plain(row) for key, row in remembered.verdicts.items()}
        save(self._question, (*plain(remembered[:5]), rows, remembered.report))


def _asked(shape: Shape, folder: str, asked: TreesAsked) -> bytes:
    answers = [asked(who, path) for who, path in questions(shape, folder)]
    return digest_of(repr(answers).encode("utf-8", "surrogatepass")) if answers else b""


def _remembered(loaded: Sequence[Any]) -> Remembered:
    git, settings, shapes, common, every, rows, told = loaded
    return Remembered(
        git,
        settings,
        tuple(Shape(*shape) for shape in shapes),
        (common[0], Facts(*common[1])),
        (every[0], Facts(*every[1])),
        {key: (shape, Facts(*facts), verdict) for key, (shape, facts, verdict) in rows.items()},
        told,
    )
