"""Repositories that are made fast: whole histories through one `git fast-import`."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

BRANCH = "main"
BASE = "base"
"""The tag on the commit before a range."""

AGE = 1.1
"""Seconds after which files are older than an index that is written then."""


def isolated() -> dict[str, str]:
    """Return the environment without what this machine or a hook tells git, Python and pre-commit."""
    dropped = ("GIT_", "PRE_COMMIT", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it prints. Raises `CalledProcessError` where it fails."""
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=isolated(), check=True, stdout=subprocess.PIPE, text=True).stdout


class History:
    """Commits on their way into a repository."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        self._pipe = process.stdin
        self.commits = 0

    def commit(self, files: Iterable[tuple[str, str]], when: datetime, tag: str | None = None) -> None:
        """Add a commit that writes these files, by their paths, and put a tag on it if one is given."""
        self.commits += 1
        seconds = int(when.timestamp())
        self._pipe.write(
            f"commit refs/heads/{BRANCH}\ncommitter Bench <bench@example.org> {seconds} +0000\ndata 4\nwork\n".encode()
        )
        for path, text in files:
            data = text.encode()
            self._pipe.write(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
        self._pipe.write(b"\n")
        if tag is not None:
            self._pipe.write(f"reset refs/tags/{tag}\nfrom refs/heads/{BRANCH}\n\n".encode())


@contextmanager
def committed(folder: Path) -> Iterator[History]:
    """Make a repository of the commits that are added, with its last commit checked out.

    A history is packed as a clone of it would be; the files of a single commit have little in common.
    Raises `FileExistsError` where the folder is there, and `CalledProcessError` where git fails.
    """
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", BRANCH)
    command = ["git", "fast-import", "--quiet", "--depth=0"]
    with subprocess.Popen(command, cwd=folder, env=isolated(), stdin=subprocess.PIPE) as process:
        history = History(process)
        yield history
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    git(folder, "reset", "-q", "--hard", BRANCH)
    if history.commits > 1:
        git(folder, "repack", "-adfq")
    settle(folder)


def settle(folder: Path) -> None:
    """Let the index be younger than all files: those of its own second git would read again at every status."""
    time.sleep(AGE)
    git(folder, "status", "--porcelain")
