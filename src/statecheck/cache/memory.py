"""What was found earlier, workspace by workspace, and as a whole; and what is found now, for the next time."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from statecheck.cache.facts import (
    Facts,
    Shape,
    ask_again,
    content_holds,
    covers,
    facts_of,
    names_hold,
    note_listings,
    questions,
    take_listings,
    unwritten,
    whole,
)
from statecheck.cache.records import plain, report
from statecheck.cache.remembered import NOT_WHAT_WAS_SAVED, Grounds, Key, Remembered, remembered, save_all, save_changes
from statecheck.processes import Beside, processors
from statecheck.trees import Seen, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from statecheck.findings import Report
    from statecheck.trees import WorkingTree

PAYS = 1000
"""Verdicts from which on it is worth the start of a process to hold stamps against the disk meanwhile."""

Made = TypeVar("Made")

Renewable = tuple["Report", dict[Key, Made], list[Key]]
"""An earlier report, verdicts of its run in their order, and which of them do not stand for what files say now."""


class TreesAsked(Protocol):
    """Answers the questions to what git knows."""

    def __call__(self, who: str, path: str) -> object:
        """Return what one knows of a path; a slash at its end means all below it."""
        ...


class Memory:
    """The memory of one run. `question` is what it was asked."""

    def __init__(self, question: tuple[object, ...]) -> None:
        self._question = question
        self._now = time.time_ns()
        self._known = remembered(question, self._now)
        self._standing: dict[Key, tuple[Grounds, Any]] = {}
        self._kept: dict[Key, tuple[Grounds, Any]] = {}
        self._order: list[Key] = []
        self._same_git = False
        self.git: tuple[Any, Any] | None = None
        """What git said then, and what it says now, once it was asked."""
        self._same_common: bool | None = None
        self._renewable: Remembered | None = None

    def whole(self, git: Callable[[], object], disk: WorkingTree) -> Report | None:
        """Return the report of an earlier run if nothing that it rests on has changed, else None.

        What still stands of single workspaces is known then. `git` tells what git says.
        """
        known = self._known
        if known is None:
            return None
        rows = known.verdicts
        pays = len(rows) >= PAYS and processors() > 1
        with Beside(lambda each: bytes(unwritten(*one, disk) for one, _ in each), [rows.values()], pays=pays) as same:
            named = self._all_named(known, disk)
            common, every = self._still(known.common, disk), self._still(known.every, disk)
            unchanged = same.result()
        if common is None:
            return None
        for (key, (_, verdict)), there, each in zip(rows.items(), named, unchanged, strict=True):
            now = None if there is None else self._content(there, disk, same=bool(each))
            if now is not None:
                self._standing[key] = now, verdict
            elif there is not None:
                note_listings(*there, disk)
        self.git = known.git, git()
        self._same_git = self.git[0] == self.git[1]
        if disk.unlisted:
            self._standing.clear()  # what is in there nobody can say, and the run says that
        if known.report is None or every is None or not self._same_git or disk.unlisted or None in named:
            return None
        now_known = known._replace(when=self._now, common=common, every=every)
        if len(self._standing) < len(known.verdicts):
            self._renewable = now_known
            return None
        told = _made(report, known.report)
        if told is not None:
            save_changes(self._question, now_known._replace(verdicts=self._standing), known)
        return told

    def renewable(
        self, settings: object, says_something: Callable[[Any], bool], make: Callable[[Any], Made]
    ) -> Renewable[Made] | None:
        """Return what an earlier run found if nothing has changed since but the content of files in some workspaces.

        `make` gives a verdict of what is kept of it; of those that do not stand, and of those that say something.
        """
        known = self._renewable
        if known is not None and settings == known.settings:
            try:
                changed = [key for key in known.verdicts if key not in self._standing]
                verdicts = {
                    key: make(verdict)
                    for key, (_, verdict) in known.verdicts.items()
                    if key not in self._standing or says_something(verdict)
                }
                return report(known.report), verdicts, changed
            except NOT_WHAT_WAS_SAVED:
                pass
        self.judge_all()
        return None

    def judge_all(self) -> None:
        """Take it that more has changed than the content of files."""
        self._renewable, self._order, self._kept = None, [], {}

    @property
    def folders(self) -> set[str]:
        """The folders of the workspaces that were judged then."""
        return set() if self._known is None else {folder for _, folder, _, _ in self._known.verdicts}

    def recall(self, key: Key, settings: object, asked: TreesAsked, make: Callable[[Any], Made]) -> Made | None:
        """Return the verdict on a workspace of an earlier run that still stands, else None."""
        self._order.append(key)
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
    def is_complete(self) -> bool:
        """Whether every verdict that was asked for is kept."""
        return len(self._kept) == len(self._order)

    @property
    def lists_as_much(self) -> bool:
        """Whether every folder that an earlier verdict rests on is one that the verdict in its place rests on.

        What stands there is asked of nobody else: it may be why there are these workspaces.
        """
        known = {} if self._known is None else self._known.verdicts
        pairs = ((known[key][0], grounds) for key, (grounds, _) in self._kept.items() if key in known)
        return all(_listed(before) <= _listed(now) for before, now in pairs)

    def ask_again(self, disk: WorkingTree, common: Seen) -> bool:
        """Ask what the verdicts that still stand rest on, beside their own, so that `common` has it.

        Say whether that is still what it was a moment ago. Where it is not, none of them stands.
        """
        known = self._known
        if known is not None and self._standing and not ask_again(*known.common, disk, common, self._now):
            self._standing.clear()
            return False
        return True

    def ask_whole_again(self, disk: WorkingTree, every: Seen) -> bool:
        """Ask what the earlier run as a whole rests on, so that `every` has it; say whether it is still what it was."""
        return self._known is not None and ask_again(*self._known.every, disk, every, self._now)

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
        told = None if found is None else plain(found)
        shared = self._grounds(common, "", disk, asked, own=False)  # which asks the disk: `every` has it again then
        every.entries -= common.entries | self._told_by_listings(every.entries)
        every.others.clear()  # where git says anything else, the report as a whole is made anew
        all_of = self._grounds(every, "", disk, asked, own=False)
        kept = {key: self._kept[key] for key in self._order if key in self._kept}
        save_all(self._question, Remembered(self._now, git, settings, shared, all_of, kept, told, os.urandom(8)))

    def end_renewed(self, common: Seen, found: Report | None) -> bool:
        """Save what this run found, which judged only the workspaces that changed; say whether that is done.

        It is not where the verdicts rest on more than what all judgements of the earlier run did: then everything is
        kept that still stands, and is to be saved as a whole.
        """
        known, renewable = self._known, self._renewable
        assert known is not None and renewable is not None
        now = {**self._standing, **self._kept}
        verdicts = {key: now[key] for key in known.verdicts if key in now}
        if covers(*renewable.common, common):
            told = None if found is None else plain(found)
            save_changes(self._question, renewable._replace(verdicts=verdicts, report=told), known)
            return True
        self._renewable, self._order, self._kept = None, [*known.verdicts], verdicts
        return False

    def _told_by_listings(self, paths: Iterable[str]) -> set[str]:
        """Return the paths of which the listings that verdicts rest on tell what stands there."""
        listed = {each for grounds, _ in self._kept.values() for each in _listed(grounds)}
        return {path for path in paths if path.rpartition("/")[0] in listed}

    def _grounds(self, seen: Seen, folder: str, disk: WorkingTree, asked: TreesAsked, *, own: bool) -> Grounds:
        shape, facts = facts_of(seen, folder, disk, self._now, own=own)
        return shape, facts._replace(asked=_asked(shape, facts.folder, asked))

    def _all_named(self, known: Remembered, disk: WorkingTree) -> list[Grounds | None]:
        """Return what each verdict rests on, as far as names and what stands there go; None where that changed.

        What stands in a folder is taken for granted of all before anybody asks for one.
        """
        every = [grounds for grounds, _ in known.verdicts.values()]
        listed = [take_listings(*grounds, disk) for grounds in every]
        return [self._named(grounds, disk, listed=each) for grounds, each in zip(every, listed, strict=True)]

    def _still(self, grounds: Grounds, disk: WorkingTree) -> Grounds | None:
        """Return what something rests on as it is now, itself where not even times changed; None where it changed."""
        named = self._named(grounds, disk, listed=take_listings(*grounds, disk))
        return named and self._content(named, disk, same=unwritten(*grounds, disk))

    def _named(self, grounds: Grounds, disk: WorkingTree, *, listed: bool) -> Grounds | None:
        return _with(grounds, names_hold(*grounds, disk, self._now, listed=listed))

    def _content(self, grounds: Grounds, disk: WorkingTree, *, same: bool) -> Grounds | None:
        return _with(grounds, content_holds(*grounds, disk, self._now, same=same))

    def _has_common(self, asked: TreesAsked) -> bool:
        """Say whether git says the same of what all judgements rest on."""
        if self._same_common is None and self._known is not None:
            shape, facts = self._known.common
            self._same_common = _asked(shape, "", asked) == facts.asked
        return bool(self._same_common)


def _with(grounds: Grounds, facts: Facts | None) -> Grounds | None:
    """Return the questions with these answers; the very same grounds where the answers are."""
    return facts and (grounds if facts is grounds[1] else (grounds[0], facts))


def _listed(grounds: Grounds) -> set[str]:
    shape, facts = grounds
    return {whole(each, facts.folder) for each in shape.listings}


def _made(make: Callable[[Any], Made], row: Any) -> Made | None:
    """Return what a plain tuple was made of, or None where it is not what was saved."""
    try:
        return None if row is None else make(row)
    except NOT_WHAT_WAS_SAVED:
        return None


def _asked(shape: Shape, folder: str, asked: TreesAsked) -> bytes:
    answers = [asked(who, path) for who, path in questions(shape, folder)]
    return digest_of(repr(answers).encode("utf-8", "surrogatepass")) if answers else b""
