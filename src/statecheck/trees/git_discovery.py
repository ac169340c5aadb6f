"""Where a repository is: around a folder, or where the environment says."""

from __future__ import annotations

import os

from statecheck.trees.git import Repository
from statecheck.trees.git_process import printed_by, run_git, words_of
from statecheck.trees.git_settings import ALWAYS, LOCATION_VARIABLES
from statecheck.trees.objects import GitError

_QUESTION = ("rev-parse", "--is-shallow-repository", "--absolute-git-dir", "--show-toplevel")


def find_repository(start: str) -> Repository | None:
    """Return the repository whose working tree holds the folder `start`, or None where there is none.

    What git sets in the environment for its hooks is kept for the repository it belongs to and removed for every
    other. Raises `GitError` where there is a repository that git refuses, or one without a working tree.
    """
    clean = {name: value for name, value in os.environ.items() if name not in LOCATION_VARIABLES}
    clean |= ALWAYS
    if not _has_git_dir(start):
        return _given_repository(start, clean)
    shallow, git_dir, root, head = _place(start, clean)
    return Repository(root, git_dir, clean | _hook_variables(git_dir, root), shallow=shallow, head=head)


def _place(folder: str, environment: dict[str, str]) -> tuple[bool, str, str, str | None]:
    """Return whether the repository around a folder is shallow, its git folder, its working tree, and its HEAD.

    Where HEAD is no commit, or cannot be read, it is None: who needs it asks again, and is told why.
    """

    def ask(*question: str) -> str:
        done = run_git(question, folder, environment)
        if done.returncode:
            words = words_of(done.stderr)
            if "must be run in a work tree" in words or "cannot use bare repository" in words:
                words = f"{folder} is in a repository without a working tree (a bare one): there are no files to check"
            elif "not a git repository" in words:
                words = f"{folder} lies below a .git that is damaged: {words}"
            raise GitError(words)
        return os.fsdecode(done.stdout).removesuffix("\n")

    all_at_once = printed_by((*_QUESTION, "HEAD^{commit}"), folder, environment) or b""
    answers = os.fsdecode(all_at_once).removesuffix("\n").split("\n")
    if len(answers) == len(_QUESTION):
        return answers[0] == "true", answers[1], answers[2], answers[3]
    answers = ask(*_QUESTION).split("\n")
    if len(answers) != len(_QUESTION) - 1:  # a folder has a line break in its name
        answers = [ask(_QUESTION[0], question) for question in _QUESTION[1:]]
    shallow, git_dir, root = answers
    return shallow == "true", git_dir, root, None


def _given_repository(start: str, clean: dict[str, str]) -> Repository | None:
    """Return the repository that the environment gives a working tree around `start` (no ``.git`` is there)."""
    if "GIT_DIR" in os.environ and "GIT_WORK_TREE" in os.environ:
        given = {name: os.environ[name] for name in LOCATION_VARIABLES if name in os.environ}
        shallow, git_dir, root, _ = _place(os.getcwd(), clean | given)
        if _inside(start, root):
            return Repository(
                root, git_dir, clean | given | {"GIT_DIR": git_dir, "GIT_WORK_TREE": root}, shallow=shallow
            )
    folder = os.path.abspath(start)
    while folder != os.path.dirname(folder):
        if os.path.isfile(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(folder, "objects")):
            _place(folder, clean)
        folder = os.path.dirname(folder)
    return None


def _hook_variables(git_dir: str, root: str) -> dict[str, str]:
    """Return what git told its hook of this repository: above all the index that is being committed.

    ``GIT_DIR`` is set in linked worktrees only; otherwise an index belongs to the repository whose git folder it
    lies in, or, outside of all, to the one that the process stands in.
    """
    given = os.environ.get("GIT_DIR")
    if given is not None and os.path.realpath(given) != os.path.realpath(git_dir):
        return {}
    kept = {}
    if given is not None:
        names = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
        kept = {name: os.environ[name] for name in names if name in os.environ}
    index = os.environ.get("GIT_INDEX_FILE")
    if index:
        path = os.path.join(root, index)
        folder = os.path.dirname(path)
        ours = os.path.realpath(folder) == os.path.realpath(git_dir)
        nobodys = not os.path.lexists(os.path.join(folder, "HEAD")) and _inside(os.getcwd(), root)
        if (ours or nobodys) and (os.path.isabs(index) or os.path.lexists(path)):
            kept["GIT_INDEX_FILE"] = path
    return kept


def _inside(folder: str, root: str) -> bool:
    real, top = os.path.realpath(folder), os.path.realpath(root)
    return real == top or real.startswith(os.path.join(top, ""))


def _has_git_dir(start: str) -> bool:
    folder = os.path.abspath(start)
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
    return True
