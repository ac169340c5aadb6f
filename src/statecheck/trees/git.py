"""git as a source of trees: plumbing only, NUL-separated, one process for each kind of question."""

from __future__ import annotations

import os
import subprocess
from typing import IO, TYPE_CHECKING, NamedTuple

from statecheck.trees.base import Entry
from statecheck.trees.flat import GitTree, kind_of_mode

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOCATION_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
)


class GitError(Exception):
    """git could not answer. The message is what a user can act on."""


class ObjectReader:
    """Sizes and contents by object id, through one ``cat-file`` process of each kind, started when needed."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def size(self, oid: str) -> int:
        """Return the size in bytes of an object. Raises `GitError` where it is missing."""
        return self._ask("--batch-check", oid)[0]

    def content(self, oid: str) -> bytes:
        """Return the content of an object. Raises `GitError` where it is missing."""
        size, answers = self._ask("--batch", oid)
        data = answers.read(size)
        answers.read(1)
        return data

    def close(self) -> None:
        """End the processes."""
        for process in self._processes.values():
            if process.stdin is not None:
                process.stdin.close()
            if process.stdout is not None:
                process.stdout.close()
            process.wait()
        self._processes.clear()

    def _ask(self, mode: str, oid: str) -> tuple[int, IO[bytes]]:
        process = self._processes.get(mode)
        if process is None:
            process = self._repository.start("cat-file", mode)
            self._processes[mode] = process
        if process.stdin is None or process.stdout is None:
            raise GitError("git cat-file has no pipes")
        process.stdin.write(oid.encode() + b"\n")
        process.stdin.flush()
        header = process.stdout.readline().split()
        if len(header) != 3:
            raise GitError(f"object {oid} is missing from the repository (a partial or damaged clone?)")
        return int(header[2]), process.stdout


class Listing(NamedTuple):
    """What one ``ls-files`` call tells: the index, and the untracked files that are not ignored."""

    staged: dict[str, Entry]
    untracked: list[str]
    absent: set[str]
    """Paths that a sparse checkout leaves out of the working tree."""


class Repository:
    """A git repository with a working tree."""

    def __init__(self, root: str, git_dir: str, environment: dict[str, str], *, shallow: bool) -> None:
        self.root = root
        self.git_dir = git_dir
        self.shallow = shallow
        self.objects = ObjectReader(self)
        self._environment = environment
        self._listing: Listing | None = None

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a git process that is asked through its pipes."""
        return subprocess.Popen(
            ["git", *arguments],
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *arguments: str) -> bytes:
        """Return what a git command prints. Raises `GitError` with git's own words when it fails."""
        done = _git(arguments, self.root, self._environment)
        if done.returncode:
            raise GitError(_words(done.stderr) or f"git {arguments[0]} failed")
        return done.stdout

    def revision(self, name: str) -> str | None:
        """Return the commit id that a name stands for, or None where there is none."""
        try:
            return (
                self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").decode().strip()
            )
        except GitError:
            return None

    def merge_base(self, first: str, second: str) -> str | None:
        """Return the best common ancestor of two commits, or None where they share none."""
        try:
            return self.run("merge-base", first, second).decode().split()[0]
        except GitError:
            return None

    def listing(self) -> Listing:
        """Return the index and the untracked files, asked once."""
        if self._listing is None:
            self._listing = _parse_listing(
                self.run("ls-files", "-z", "-s", "-t", "--cached", "--others", "--exclude-standard", "--full-name")
            )
        return self._listing

    def index(self) -> GitTree:
        """Return the git index as a tree."""
        return GitTree("index", self.listing().staged, self.objects)

    def commit(self, revision: str, label: str | None = None) -> GitTree:
        """Return the files of a commit as a tree. Raises `GitError` where it cannot be read."""
        entries = {}
        for record in self.run("ls-tree", "-r", "-z", "--full-tree", revision).split(b"\0"):
            if record:
                meta, _, name = record.partition(b"\t")
                mode, _, oid = meta.decode().split()
                entries[os.fsdecode(name)] = kind_of_mode(mode, oid)
        return GitTree(label or revision, entries, self.objects)

    def close(self) -> None:
        """End the processes that answer questions about objects."""
        self.objects.close()


def _parse_listing(output: bytes) -> Listing:
    """Read ``ls-files -z -s -t``: ``H 100644 <oid> 0<TAB>name`` for the index, ``? name`` for untracked files."""
    index: dict[str, Entry] = {}
    untracked: list[str] = []
    absent: set[str] = set()
    for record in output.split(b"\0"):
        if record.startswith(b"? "):
            name = os.fsdecode(record[2:])
            if not name.endswith("/"):  # another repository inside this one
                untracked.append(name)
        elif record:
            meta, _, raw = record.partition(b"\t")
            tag, mode, oid, stage = meta.decode().split()
            name = os.fsdecode(raw)
            index[name] = kind_of_mode(mode, oid if stage == "0" else "0" * len(oid))
            if tag == "S":
                absent.add(name)
    return Listing(index, untracked, absent)


def find_repository(start: str) -> Repository | None:
    """Return the repository whose working tree holds the folder `start`, or None where there is none.

    A ``GIT_DIR`` or ``GIT_INDEX_FILE`` of the environment (git sets them for its hooks) is kept for the repository
    it belongs to and removed for every other. Raises `GitError` where there is a repository that git refuses.
    """
    if not _has_git_dir(start) and "GIT_DIR" not in os.environ:
        return None
    clean = {name: value for name, value in os.environ.items() if name not in _LOCATION_VARIABLES}
    clean |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    question = ("rev-parse", "--is-shallow-repository", "--absolute-git-dir", "--show-toplevel")
    done = _git(question, start, clean)
    hooked = {name: os.environ[name] for name in _LOCATION_VARIABLES if name in os.environ}
    if hooked:
        asked = _git(question, start, clean | hooked)
        same_place = asked.returncode == 0 and (done.returncode != 0 or asked.stdout == done.stdout)
        if same_place:
            done, clean = asked, clean | hooked
    if done.returncode:
        words = _words(done.stderr)
        if "not a git repository" in words:
            return None
        raise GitError(words)
    shallow, git_dir, root = os.fsdecode(done.stdout).split("\n", 2)
    return Repository(root.rstrip("\n"), git_dir, clean, shallow=shallow == "true")


def _has_git_dir(start: str) -> bool:
    folder = os.path.abspath(start)
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
    return True


def _git(arguments: Sequence[str], folder: str, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed, and this folder is a git repository") from None


def _words(stderr: bytes) -> str:
    text = os.fsdecode(stderr).strip()
    return text.removeprefix("fatal: ").removeprefix("error: ")
