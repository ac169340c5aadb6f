"""What a run may leave out, since an earlier one did the same: the way between a run and the cache.

Nothing is imported here but what a run needs in which nothing has changed.
"""

from __future__ import annotations

import os
import sys
import zlib
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from statecheck import __version__
from statecheck.cache import Memory, cache_folder, entry_answer, finding, listing_answer, load, save
from statecheck.cli.opened import is_held_against_head
from statecheck.journals import journal_place
from statecheck.trees import CommitFiles, GitTree, Observer, Paths, Seen
from statecheck.trees.file_systems import keeps_times

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from statecheck.cli.opened import Opened
    from statecheck.documents import Grammar
    from statecheck.engine import Key, Run, Snapshot, Subject, Verdict
    from statecheck.engine.renewal import EarlierRun
    from statecheck.findings import Report
    from statecheck.trees import WorkingTree
    from statecheck.workspaces import View

ASKED = ("select", "ignore", "no_baseline", "base", "staged", "no_history", "now")
"""The arguments that decide what is found, and not just how it is told."""

VARIABLES = ("PRE_COMMIT", "GIT_", "GITHEAD_", "HOME", "XDG_CONFIG_HOME", "USERPROFILE")
"""How the names of the variables begin that may change what a run looks at."""

_STEERING = ("references", ".statecheck")
"""Names of folders in which lies what is read once, and judged by everywhere: schemas, amendments."""

_LISTED = 2**20
"""Bytes of a listing that is kept as it is; of a longer one, only a digest."""


def remembering(arguments: argparse.Namespace, opened: Opened) -> Remembering | None:
    """Return what is remembered of a whole project for these arguments, or None where nothing can be."""
    if os.path.join(cache_folder(), "").startswith(os.path.join(opened.repository.root, "")):
        return None  # a project must not bring its own verdicts along
    return Remembering(
        opened, _question(arguments), staged=arguments.staged, looks_back=is_held_against_head(arguments)
    )


class Remembering:
    """What one run remembers, and notes for the next.

    `staged` says that it judges what the index has, and `looks_back` that it holds that against HEAD.
    """

    def __init__(
        self, opened: Opened, question: tuple[object, ...], *, staged: bool = False, looks_back: bool = True
    ) -> None:
        self.opened = opened
        opened.disk.before_listing = {} if keeps_times(opened.repository.root) else None
        self._staged = staged
        self._looks_back = looks_back
        self._question = question
        self._memory = Memory(question)
        self._observer = Observer()
        self._every = self._observer.seen
        self._common = Seen()
        self._files: dict[str, Paths | CommitFiles] = {}
        self._run: Run | None = None
        self._renewed = False
        self._elsewhere: list[_Answers] = []

    def whole(self) -> Report | None:
        """Return the report of an earlier run, if nothing that it rests on has changed since."""
        repository, disk = self.opened
        place = journal_place(repository.root, os.path.join(repository.root, repository.git_dir), "")
        if repository.revision("HEAD") is None or repository.merging() or place.stage is not None:
            return None
        report = self._memory.whole(lambda: self._git, disk)
        if report is None and self._looks_back:
            repository.begin_reading_head()
        if report is None and self._staged and self._memory.git is not None:
            from statecheck.cli.reading_ahead import begin_large

            then, now = (said[0] for said in self._memory.git)
            begin_large(self.opened, then, now, self._memory.folders)
        return report

    def observe(self) -> None:
        """Note from now on what is asked of the repository and its working tree."""
        self.opened.disk.observer = self.opened.repository.observer = self._observer

    def keeping(self, run: Run) -> Run:
        """Return the run with a keeper of its verdicts, where it is one of which they can be kept."""
        comparison = run.comparison
        simple = not comparison.ranged and len(comparison.parents) <= 1 and not comparison.parted
        if not simple or run.kept or run.memory.outside or run.policy.schemas or run.portrayed:
            return run
        assert run.tracked is not None
        for tree, name in ((run.tracked, "index"), *((parent, "base") for parent in comparison.parents)):
            if not isinstance(tree, GitTree):
                return run
            tree.observed = self._observer, name
        self._run = run
        return run._replace(keeper=self)

    def renewable(self, run: Run) -> EarlierRun | None:
        """Return what an earlier run found, where nothing has changed since but the content of files in workspaces."""
        from statecheck.engine.renewal import EarlierRun

        is_plain = run.keeper is self and run.comparison.via == "HEAD"
        found = self._memory.renewable(self._settings, _says_something, _verdict) if is_plain else None
        self._renewed = found is not None
        return found and EarlierRun(*found)

    def judge_all(self) -> None:
        """Take it that more has changed than the content of files."""
        self._renewed = False
        self._memory.judge_all()

    def watch(self, after: Snapshot, parents: Sequence[Snapshot]) -> None:
        """Note what is asked of the lists of files, and read what all judgements share before the first."""
        self._files = {"after": after.files, "before": parents[0].files} if parents else {"after": after.files}
        for name, files in self._files.items():
            if isinstance(files, Paths):
                files.observed = self._observer, name
        with self._observer.noting(self._common):
            after.amendments  # noqa: B018 - it is kept where it is read
        if not self._renewed:
            self._note_common()

    def _note_common(self) -> bool:
        """Note what the verdicts that are told again have in common; say whether it is still what it was."""
        with self._observer.noting(self._common):
            return self._memory.ask_again(self.opened.disk, self._common)

    def _note_whole(self) -> bool:
        """Note what the earlier run rests on that found what there is to judge; say whether it is still what it was."""
        with self._observer.noting(self._every):
            return self._memory.ask_whole_again(self.opened.disk, self._every)

    def recall(self, subject: Subject) -> Verdict | None:
        """Return the verdict on a workspace that an earlier run came to and that still stands, or None."""
        return self._memory.recall(subject.key, self._settings, self._asked, _verdict)

    @contextmanager
    def judging(self, subject: Subject) -> Iterator[Callable[[Verdict], None]]:
        """Note what is looked at while a workspace is judged; what is given takes the verdict."""
        assert self._run is not None
        clock, seen = self._run.clock, Seen()
        clock.lasting = True
        with self._observer.noting(seen):
            yield lambda verdict: self._keep(subject, seen, verdict)
        seen.lasting = seen.lasting and clock.lasting

    def recall_log(self, path: str, grammar: Grammar) -> Any:
        """Return what an earlier run with the same question and rules kept of the log at a path, or None."""
        return load(self._question_of(path, grammar))

    def keep_logs(self, view: View) -> None:
        """Keep what was found in the long logs of a workspace: each in a file, which the next run writes anew."""
        for path, grammar, past in view.long_logs():
            save(self._question_of(path, grammar), past)

    def _question_of(self, path: str, grammar: Grammar) -> tuple[object, ...]:
        assert self._run is not None
        return *self._question, tuple(self._run.rules), path, grammar.spelled

    def given(self) -> object:
        """Return what was kept since this was asked before, for the process that this one was split off."""
        common = self._common
        told = _answers(common.entries, common.listings, self.opened.disk)
        self._common = Seen()
        return self._memory.given(), common, told

    def take(self, given: object) -> None:
        """Keep what another process gave."""
        verdicts, common, told = cast("tuple[dict[Key, Any], Seen, _Answers]", given)
        self._memory.take(verdicts)
        self._common.add(common)
        self._elsewhere.append(told)

    def end(self, run: Run, report: Report) -> None:
        """Save what the run found, unless something changed while it looked."""
        disk = self.opened.disk
        same = all(_answers(*each, disk) == each for each in self._elsewhere)
        if run.keeper is None or disk.unlisted or not (same and self._common.lasting):
            return
        whole = self._every.lasting and not report.unverified and run.comparison.via == "HEAD"
        whole = whole and self._memory.is_complete and (self._memory.lists_as_much or not self._renewed)
        told = report if whole else None
        if self._renewed:
            saved = self._memory.end_renewed(self._common, told)
            if saved or not (self._note_common() and self._note_whole() and self._common.lasting):
                return
        self._memory.end(self._git, self._settings, self._common, self._every, disk, self._asked, told)

    def _keep(self, subject: Subject, seen: Seen, verdict: Verdict) -> None:
        """Keep a verdict where it is certain what it rests on."""
        folder, own = subject.workspace.folder, bool(subject.workspace.kind.folders)
        alone = _share(seen, self._common, folder if own else None)
        if seen.lasting and not verdict.unverified:
            self._memory.keep(subject.key, alone, verdict, self.opened.disk, self._asked, own=own)

    def _asked(self, who: str, path: str) -> object:
        """Answer a question to what git knows."""
        assert self._run is not None and self._run.tracked is not None
        if who == "ignored":
            return self.opened.disk.ignored(path)
        if who in self._files:
            files = self._files[who]
            return sorted(files.below(path[:-1])) if path.endswith("/") else path in files
        tree = self._run.tracked if who == "index" else self._run.comparison.parents[0]
        return sorted(tree.children(path[:-1]).items()) if path.endswith("/") else tree.entry(path)

    @cached_property
    def _settings(self) -> tuple[object, ...]:
        """What stands for all that the rules are told beside the trees."""
        assert self._run is not None
        run = self._run
        told = (run.weakened, run.memory.path, run.memory.phase, run.memory.type)
        labels = (run.comparison.after.label, *(parent.label for parent in run.comparison.parents))
        return (tuple(run.rules), run.settings, repr(told), labels, run.comparison.base is None)

    @cached_property
    def _git(self) -> tuple[object, ...]:
        """Return what git says: the listing of its files, or a digest of a long one, and what else counts."""
        repository = self.opened.repository
        listed, digest = repository.listed, b""
        if len(listed) > _LISTED:
            from statecheck.trees import digest_of

            listed, digest = b"", digest_of(listed)
        said = repository.root, repository.git_dir, repository.revision("HEAD"), repository.announced()
        return listed, digest, *said


_Answers = tuple[dict[str, str], dict[str, str]]
"""What stood at paths on disk, and in folders."""


def _answers(entries: Iterable[str], listings: Iterable[str], disk: WorkingTree) -> _Answers:
    there = {path: entry_answer(path, disk) for path in entries}
    return there, {folder: listing_answer(folder, disk) for folder in listings}


def _says_something(row: Any) -> bool:
    """Say whether a verdict, as it is kept, is more than that there are such files."""
    _, findings, unverified, _, _, blind, *_ = row
    return bool(findings or unverified or blind)


def _verdict(row: Any) -> Verdict:
    from statecheck.engine import Verdict

    made = Verdict(*row)
    return made._replace(findings=tuple(map(finding, made.findings))) if made.findings else made


def _question(arguments: argparse.Namespace) -> tuple[object, ...]:
    """Return what decides, beside the files, what a run finds."""
    asked = tuple(_plain(getattr(arguments, name)) for name in ASKED)
    user = (os.geteuid(), os.getegid(), *sorted(os.getgroups())) if hasattr(os, "geteuid") else ()
    return _program(), os.path.realpath(os.getcwd()), asked, _variables(), user


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _is_steering(path: str) -> bool:
    return any(name in _STEERING for name in path.split("/"))


def _share(seen: Seen, common: Seen, folder: str | None) -> Seen:
    """Add to `common` what was asked for a workspace and others may have been told, too; return what is its own.

    That is what is not in its own folder, or is read once, wherever it lies. Without such a folder all is its own.
    """

    def shared(path: str) -> bool:
        elsewhere = folder is not None and path != folder and not path.startswith(f"{folder}/")
        return elsewhere or _is_steering(path)

    common.add(seen.part(shared))
    return seen if folder is None else seen.part(lambda path: not shared(path))


def _variables() -> tuple[object, ...]:
    """Return the variables that may change what a run looks at. Their values may be secrets, and are not kept."""
    found = sorted(each for each in os.environ.items() if each[0].startswith(VARIABLES))
    data = ((name, os.fsencode(value)) for name, value in found)
    return tuple((name, len(value), zlib.crc32(value), zlib.adler32(value)) for name, value in data)


def _program() -> tuple[object, ...]:
    """Return what stands for the code that judges: another version, installed or edited in its place, judges anew."""
    places = [path for name in ("validators", "fixers", "schemas") for path in _parts(name)]
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    files = [each for folder in (package, *places) for each in _files(folder)]
    installed = [os.stat(folder).st_mtime_ns for folder in sys.path if folder and os.path.isdir(folder)]
    return __version__, sys.version, tuple(sorted(files)), tuple(installed)


def _parts(name: str) -> list[str]:
    spec = find_spec(f"statecheck.{name}")
    return [] if spec is None else list(spec.submodule_search_locations or ())


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as found:
        for each in found:
            if each.name == "__pycache__":
                continue
            if each.is_dir():
                yield from _files(each.path)
            else:
                status = each.stat()
                yield each.path, status.st_size, status.st_mtime_ns
