"""What was found earlier, workspace by workspace, and as a whole; and what is found now, for the next time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from statecheck.cache.facts import Facts, Shape, ask_again, facts_of, hold, questions, unwritten, whole
from statecheck.cache.records import plain, report
from statecheck.cache.store import save
from statecheck.trees import Seen, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from statecheck.findings import Report
    from statecheck.trees import WorkingTree

Key = tuple[str, str, tuple[str, ...], bool]
"""A workspace beside what it was: its kind and folder, its folders in the parents, and whether it is gone."""


Made = TypeVar("Made")

Grounds = tuple[Shape, Facts]
"""What something rests on: questions, and their answers."""


class TreesAsked(Protocol):
    """Answers the questions to what git knows."""

    def __call__(self, who: str, path: str) -> object:
        """Return what one knows of a path; a slash at its end means all below it."""
        ...


class Remembered(NamedTuple):
    """What a file of the cache holds.

    `when` is the time of the run, in nanoseconds: what lay in the past then, lies there for whoever comes later.
    `git` is what git said of the repository: its places, HEAD, and the listing of its files. `settings` stand for all
    that the rules were told; `common` and `every` are what all judgements, and the run as a whole, rest on.
    """

    when: int
    git: Any
    settings: Any
    common: Grounds
    every: Grounds
    verdicts: dict[Key, tuple[Grounds, Any]]
    report: Any


class Memory:
    """The memory of one run. `question` is what it was asked, of which `loaded` is what is known from earlier."""

    def __init__(self, question: tuple[object, ...], loaded: Any) -> None:
        self._question = question
        self._now = time.time_ns()
        self._known = _remembered(loaded, self._now)
        self._standing: dict[Key, tuple[Grounds, Any]] = {}
        self._kept: dict[Key, tuple[Grounds, Any]] = {}
        self._same_git = False
        self.git: tuple[Any, Any] | None = None
        """What git said then, and what it says now, once it was asked."""
        self._same_common: bool | None = None

    def whole(self, git: Callable[[], object], disk: WorkingTree) -> Report | None:
        """Return the report of an earlier run if nothing that it rests on has changed, else None.

        What still stands of single workspaces is known then. `git` tells what git says; it is asked last, since git
        may still be looking.
        """
        known = self._known
        if known is None:
            return None
        same = {key: unwritten(*grounds, disk) for key, (grounds, _) in known.verdicts.items()}
        common, every = self._still(known.common, disk), self._still(known.every, disk)
        if common is None:
            return None
        for key, (grounds, verdict) in known.verdicts.items():
            now = self._still(grounds, disk, same=same[key])
            if now is not None:
                self._standing[key] = now, verdict
        self.git = known.git, git()
        self._same_git = self.git[0] == self.git[1]
        if disk.unlisted:
            self._standing.clear()  # what is in there nobody can say, and the run says that
        if known.report is None or every is None or not self._same_git or len(self._standing) < len(known.verdicts):
            return None
        told = _made(report, known.report)
        if told is None:
            return None
        grounds_now = [common, every, *(grounds for grounds, _ in self._standing.values())]
        before = [known.common, known.every, *(grounds for grounds, _ in known.verdicts.values())]
        if any(one is not other for one, other in zip(grounds_now, before, strict=True)):
            # Times have changed and nothing else: the next run need not read these files again.
            self._save(known._replace(when=self._now, common=common, every=every, verdicts=self._standing))
        return told

    @property
    def folders(self) -> set[str]:
        """The folders of the workspaces that were judged then."""
        return set() if self._known is None else {folder for _, folder, _, _ in self._known.verdicts}

    def recall(self, key: Key, settings: object, asked: TreesAsked, make: Callable[[Any], Made]) -> Made | None:
        """Return the verdict on a workspace of an earlier run that still stands, else None."""
        found = self._standing.get(key)
        if found is None or self._known is None or settings != self._known.settings:
            return None
        (shape, facts), verdict = found
        if not self._same_git and not (self._has_common(asked) and _asked(shape, facts.folder, asked) == facts.asked):
            return None
        made = _made(make, verdict)
        if made is not None:
            self._kept[key] = found
        return made

    def keep(self, key: Key, seen: Seen, verdict: object, disk: WorkingTree, asked: TreesAsked, *, own: bool) -> None:
        """Keep a verdict, and what it rests on. With `own`, the folder of the workspace is of it alone."""
        self._kept[key] = self._grounds(seen, key[1] if own else "", disk, asked, own=own), plain(verdict)

    def given(self) -> dict[Key, tuple[Grounds, Any]]:
        """Return the verdicts that were kept since this was asked before, and forget them."""
        given, self._kept = self._kept, {}
        return given

    def take(self, given: dict[Key, tuple[Grounds, Any]]) -> None:
        """Keep the verdicts that another process gave."""
        self._kept.update(given)

    @property
    def count(self) -> int:
        """How many verdicts are kept."""
        return len(self._kept)

    def ask_again(self, disk: WorkingTree, common: Seen) -> None:
        """Ask what the verdicts that still stand rest on, beside their own, so that `common` has it.

        Where that is no longer what it was a moment ago, none of them stands.
        """
        known = self._known
        if known is not None and self._standing and not ask_again(*known.common, disk, common, self._now):
            self._standing.clear()

    def end(
        self,
        git: object,
        settings: object,
        common: Seen,
        every: Seen,
        disk: WorkingTree,
        asked: TreesAsked,
        found: Report | None,
    ) -> None:
        """Save what this run found; `found` is None where it as a whole cannot be told again."""
        shared = self._grounds(common, "", disk, asked, own=False)  # which asks the disk: `every` has it again then
        every.entries -= common.entries | self._told_by_listings(every.entries)
        every.others.clear()  # where git says anything else, the report as a whole is made anew
        all_of = self._grounds(every, "", disk, asked, own=False)
        told = None if found is None else plain(found)
        self._save(Remembered(self._now, git, settings, shared, all_of, self._kept, told))

    def _told_by_listings(self, paths: Iterable[str]) -> set[str]:
        """Return the paths of which the listings that verdicts rest on tell what stands there."""
        listed = {whole(each, facts.folder) for (shape, facts), _ in self._kept.values() for each in shape.listings}
        return {path for path in paths if path.rpartition("/")[0] in listed}

    def _grounds(self, seen: Seen, folder: str, disk: WorkingTree, asked: TreesAsked, *, own: bool) -> Grounds:
        shape, facts = facts_of(seen, folder, disk, self._now, own=own)
        return shape, facts._replace(asked=_asked(shape, facts.folder, asked))

    def _still(self, grounds: Grounds, disk: WorkingTree, *, same: bool | None = None) -> Grounds | None:
        """Return what something rests on as it is now, itself where not even times changed; None where it changed."""
        shape, facts = grounds
        now = hold(shape, facts, disk, self._now, same=unwritten(shape, facts, disk) if same is None else same)
        if now is None:
            return None
        return grounds if now is facts else (shape, now)

    def _has_common(self, asked: TreesAsked) -> bool:
        """Say whether git says the same of what all judgements rest on."""
        if self._same_common is None and self._known is not None:
            shape, facts = self._known.common
            self._same_common = _asked(shape, "", asked) == facts.asked
        return bool(self._same_common)

    def _save(self, remembered: Remembered) -> None:
        """Save everything; questions that many share are written once."""
        shapes: dict[Shape, int] = {}

        def row(grounds: Grounds) -> tuple[int, Any]:
            return shapes.setdefault(grounds[0], len(shapes)), tuple(grounds[1])

        rows = {key: (row(grounds), verdict) for key, (grounds, verdict) in remembered.verdicts.items()}
        common, every = row(remembered.common), row(remembered.every)
        save(
            self._question,
            (
                remembered.when,
                remembered.git,
                remembered.settings,
                plain(tuple(shapes)),
                common,
                every,
                rows,
                remembered.report,
            ),
        )


_NOT_WHAT_WAS_SAVED = (TypeError, ValueError, IndexError, KeyError, AttributeError)


def _made(make: Callable[[Any], Made], row: Any) -> Made | None:
    """Return what a plain tuple was made of, or None where it is not what was saved."""
    try:
        return None if row is None else make(row)
    except _NOT_WHAT_WAS_SAVED:
        return None


def _asked(shape: Shape, folder: str, asked: TreesAsked) -> bytes:
    answers = [asked(who, path) for who, path in questions(shape, folder)]
    return digest_of(repr(answers).encode("utf-8", "surrogatepass")) if answers else b""


def _remembered(loaded: Any, now: int) -> Remembered | None:
    """Return what was loaded, or None where it is not what was saved, or by a clock that is ahead of this one."""
    if loaded is None:
        return None
    try:
        when, git, settings, plain_shapes, common, every, rows, told = loaded
        shapes = [Shape(*shape) for shape in plain_shapes]

        def grounds(row: tuple[int, Any]) -> Grounds:
            return shapes[row[0]], Facts(*row[1])

        verdicts = {key: (grounds(row), verdict) for key, (row, verdict) in rows.items()}
        if when > now:
            return None
        return Remembered(when, git, settings, grounds(common), grounds(every), verdicts, told)
    except _NOT_WHAT_WAS_SAVED:
        return None
