"""git as a source of trees: plumbing only, NUL-separated, one process for each kind of question."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from statecheck.trees.ancestry import Ancestry
from statecheck.trees.base import Entry
from statecheck.trees.commits import Commit, CommitTree, Folders
from statecheck.trees.flat import GitTree
from statecheck.trees.git_listing import Listing, parse_commit, parse_listing
from statecheck.trees.git_process import begin_git, run_git, widen, words_of
from statecheck.trees.git_settings import GIT
from statecheck.trees.objects import GitError, ObjectReader

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence

    from statecheck.trees.base import Tree
    from statecheck.trees.git_process import Background
    from statecheck.trees.listed import Listed
    from statecheck.trees.observation import Observer

_LISTING = ("ls-files", "-z", "-s", "-t", "--cached", "--others", "--exclude-standard", "--full-name")
_FILES_OF = ("ls-tree", "-r", "-z", "--full-tree")

ASKED_ALONE = 4
"""Questions whether any commit had a file that are answered one by one; for more, all of history is read once."""

_EMPTY_BLOBS = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    }
)
"""The object id of an empty file, in SHA-1 and in SHA-256 repositories."""

_EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""The object id of an empty folder, which every git knows, by the length of the repository's ids."""


class Repository:
    """A git repository with a working tree."""

    def __init__(
        self, root: str, git_dir: str, environment: dict[str, str], *, shallow: bool, head: str | None = None
    ) -> None:
        self.root = root
        self.git_dir = git_dir
        self.shallow = shallow
        self.objects = ObjectReader(self)
        self._environment = environment
        self._started: dict[tuple[str, ...], Background] = {}
        self._listing: Listing | None = None
        self._revisions: dict[str, str | None] = {} if head is None else {"HEAD": head}
        self._had: dict[tuple[str, ...], bool] = {}
        self._ever_added: frozenset[str] | None = None
        self._index: GitTree | None = None
        self._commits: dict[str, Listed] = {}
        self.observer: Observer | None = None
        """Is told what is asked, where somebody wants to know."""
        self._folders = Folders(self.objects)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a git process that is asked through its pipes."""
        import subprocess

        process = subprocess.Popen(
            [*GIT, *arguments],
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if process.stdout is not None:
            widen(process.stdout)
        return process

    def run(self, *arguments: str) -> bytes:
        """Return what a git command prints. Raises `GitError` with git's own words when it fails."""
        started = self._started.pop(arguments, None)
        printed = started.printed() if started is not None else None
        if printed is not None:
            return printed
        done = run_git(arguments, self.root, self._environment)
        if done.returncode:
            raise GitError(words_of(done.stderr) or f"git {arguments[0]} failed")
        return done.stdout

    def _begin(self, *arguments: str) -> None:
        started = None if arguments in self._started else begin_git(arguments, self.root, self._environment)
        if started is not None:
            self._started[arguments] = started

    def begin_listing(self) -> None:
        """Let git list the index and the untracked files while something else is done."""
        self._begin(*_LISTING)

    def begin_reading(self, revision: str) -> None:
        """Let git list the files of a commit while something else is done."""
        self._begin(*_FILES_OF, revision)

    def begin_reading_head(self) -> None:
        """Let git list the files of HEAD, if there is one, while something else is done."""
        head = self.revision("HEAD")
        if head is not None:
            self.begin_reading(head)

    def begin_objects(self, oids: Sequence[str]) -> None:
        """Let git look up objects while something else is done: they are likely to be read."""
        if oids:
            asked = "".join(f"{oid}\n" for oid in oids).encode()
            started = begin_git(("cat-file", "--batch", "--buffer"), self.root, self._environment, asked)
            if started is not None:
                self.objects.coming(oids, started)

    def revision(self, name: str) -> str | None:
        """Return the commit id that a name stands for, asked once, or None where there is none."""
        if name not in self._revisions:
            try:
                output = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
                self._revisions[name] = output.decode().strip()
            except GitError:
                self._revisions[name] = None
        return self._revisions[name]

    def unborn(self) -> bool:
        """Say whether the branch of HEAD has no commit yet. Raises `GitError` where it is damaged instead."""
        branch = self.run("symbolic-ref", "--quiet", "HEAD").decode("utf-8", "surrogateescape").strip()
        asked = run_git(("for-each-ref", "--format=%(objectname)", branch), self.root, self._environment)
        if asked.stderr:  # git only warns of a ref that is no object id, and goes on as if it were not there
            raise GitError(words_of(asked.stderr))
        return not asked.stdout

    def merge_base(self, first: str, second: str) -> str | None:
        """Return the best common ancestor of two commits, or None where they share none."""
        try:
            return self.run("merge-base", first, second).decode().split()[0]
        except GitError:
            return None

    def ancestry(self, commits: Sequence[str]) -> Ancestry:
        """Return what leads to some commits, for where any two of them, or before them, parted. It has to be closed."""
        return Ancestry(self.start("rev-list", "--timestamp", "--parents", "--end-of-options", *commits))

    def merging(self) -> list[str]:
        """Return the commits that are being merged into HEAD; none where no merge is going on."""
        try:
            with open(os.path.join(self.git_dir, "MERGE_HEAD"), encoding="ascii", errors="replace") as file:
                return file.read().split()
        except OSError:
            return []

    def commits(self, source: str, target: str) -> list[Commit]:
        """Return the commits that lead to `target` and not to `source`, each after its parents.

        Raises `GitError`; one whose parents a shallow clone lacks is among them (`cut_off` tells which).
        """
        form = "--format=%H%x00%P%x00%T%x00%aI%x00"
        output = self.run(
            "log", "--no-show-signature", "--topo-order", "--reverse", form, "--end-of-options", target, f"^{source}"
        )
        words = output.decode().split("\0")
        rows = zip(words[0::4], words[1::4], words[2::4], words[3::4], strict=False)
        return [Commit(oid.strip(), tuple(parents.split()), root, date) for oid, parents, root, date in rows]

    def cut_off(self, commit: Commit) -> bool:
        """Say whether a commit has parents that this shallow clone lacks."""
        if not self.shallow or commit.parents:
            return False
        header = self.objects.content(commit.oid).partition(b"\n\n")[0]
        return any(line.startswith(b"parent ") for line in header.split(b"\n"))

    def commit_tree(self, commit: str, root: str | None = None, label: str | None = None) -> CommitTree:
        """Return a commit as a tree that is read as far as it is asked for. Raises `GitError`."""
        if root is None:
            root = self.objects.content(commit).partition(b"\n")[0].removeprefix(b"tree ").decode("ascii", "replace")
        return CommitTree(label or commit[:12], root, self._folders)

    def ever_had(self, paths: Sequence[str]) -> bool:
        """Say whether any commit that a branch, a tag or HEAD leads to touched one of these files.

        False where there is no commit, and in a shallow clone for what was cut off.
        """
        places = tuple(paths)
        if self.observer is not None:
            self.observer.seen.lasting = False  # any new commit may change it
        if places not in self._had:
            head = ["HEAD"] if self.revision("HEAD") is not None else []
            if len(self._had) < ASKED_ALONE:
                literal = [f":(top,literal){path}" for path in places]
                self._had[places] = bool(self.run("rev-list", "-1", "--all", *head, "--", *literal).strip())
            else:
                self._had[places] = not self._ever(head).isdisjoint(places)
        return self._had[places]

    def _ever(self, head: Sequence[str]) -> frozenset[str]:
        """Return every file that any commit added, asked once: then no more questions cost a process each."""
        if self._ever_added is None:
            changes = ("--no-renames", "-m", "--root", "--name-only", "--diff-filter=A", "--no-ext-diff")
            output = self.run("log", "--no-show-signature", "-z", "--format=", *changes, "--all", *head, "--")
            self._ever_added = frozenset(name for name in os.fsdecode(output).split("\0") if name)
        return self._ever_added

    def listing(self) -> Listing:
        """Return the index and the untracked files, asked once."""
        if self._listing is None:
            self._listing = parse_listing(self.listed)
        return self._listing

    def apart(self) -> tuple[dict[str, Entry], frozenset[str]]:
        """Return what a sparse checkout leaves out of the working tree, and the paths of submodules.

        Hardly any repository has one or the other, and then its listing need not be read for it.
        """
        listed = self.listed
        if not (b" 160000 " in listed or b"\0S " in listed or listed.startswith(b"S ")):
            return {}, frozenset()
        staged, _, absent = self.listing()
        submodules = frozenset(path for path, entry in staged.items() if entry.kind == "submodule")
        return {path: staged[path] for path in absent}, submodules

    @cached_property
    def listed(self) -> bytes:
        """What git says of the index and the untracked files, in its own form."""
        return self.run(*_LISTING)

    def ignored(self) -> list[str]:
        """Return the files that git ignores; a folder of which it ignores everything stands for all of them."""
        output = self.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory", "--full-name")
        return [os.fsdecode(name).removesuffix("/") for name in output.split(b"\0") if name]

    def author(self) -> str | None:
        """Return name and address of whoever would commit here, or None where git does not know."""
        try:
            return self.run("var", "GIT_AUTHOR_IDENT").decode("utf-8", "replace").rpartition(" ")[0].rpartition(" ")[0]
        except GitError:
            return None

    def index(self) -> GitTree:
        """Return the git index as a tree: what a commit would hold."""
        if self._index is None:
            staged: Mapping[str, Entry] = self.listing().staged
            if announced := frozenset(self.announced()):
                staged = {path: entry for path, entry in staged.items() if path not in announced}
            self._index = GitTree("index", staged, self.objects, "index")
        return self._index

    def announced(self) -> tuple[str, ...]:
        """Return the files that ``git add --intent-to-add`` names without content: a commit leaves them out.

        They look like empty files in the index, so git is only asked where there are some; and of the index alone,
        since to compare with files on disk would run their filters.
        """
        if not any(oid.encode() in self.listed for oid in _EMPTY_BLOBS):
            return ()
        empty = {path: entry.oid or "" for path, entry in self.listing().staged.items() if entry.oid in _EMPTY_BLOBS}
        if not empty:
            return ()
        nothing = _EMPTY_TREES[len(next(iter(empty.values())))]
        output = self.run("diff-index", "--cached", "--ita-invisible-in-index", "-z", "--name-only", nothing)
        return tuple(sorted(empty.keys() - {os.fsdecode(name) for name in output.split(b"\0") if name}))

    def commit(self, revision: str, label: str | None = None) -> GitTree:
        """Return the files of a commit as a tree. Raises `GitError` where it cannot be read."""
        if revision not in self._commits:
            self._commits[revision] = parse_commit(self.run(*_FILES_OF, revision))
        return GitTree(label or revision, self._commits[revision], self.objects)

    def glimpse(self, commit: str) -> Tree:
        """Return a commit as a tree, for somebody who asks it for little. Raises `GitError`.

        Where git lists all of its files anyway, it is that list; else it is read as far as it is asked for.
        """
        listed = commit in self._commits or (*_FILES_OF, commit) in self._started
        return self.commit(commit) if listed else self.commit_tree(commit)

    def close(self) -> None:
        """End the processes that answer questions about objects, and those that nobody has waited for."""
        self.objects.close()
        for each in self._started.values():
            each.end()
        self._started.clear()
