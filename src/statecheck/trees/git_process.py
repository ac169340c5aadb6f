"""One call of git, from its arguments to what it printed."""

from __future__ import annotations

import os
import subprocess
from typing import IO, TYPE_CHECKING

from statecheck.trees.git_settings import GIT
from statecheck.trees.objects import GitError

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_git(arguments: Sequence[str], folder: str, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Return what a git command came to. Raises `GitError` where git cannot be started."""
    try:
        return subprocess.run(
            [*GIT, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except OSError as error:
        raise GitError(f"git cannot be started ({_reason(error)}), and this folder is a git repository") from None


class Background:
    """A git command that runs while something else is done, and prints where it need not wait for a reader.

    It is given `asked` to read. Raises `OSError` where there is no such place, or git cannot be started.
    """

    def __init__(self, arguments: Sequence[str], folder: str, environment: dict[str, str], asked: bytes = b"") -> None:
        self._printed = open(os.memfd_create("git"), "rb")  # noqa: SIM115 - it is read when the command has ended
        try:
            with open(os.memfd_create("asked") if asked else os.devnull, "w+b") as given:
                given.write(asked)
                given.seek(0)
                self._process = subprocess.Popen(
                    [*GIT, *arguments],
                    cwd=folder,
                    env=environment,
                    stdin=given,
                    stdout=self._printed,
                    stderr=subprocess.DEVNULL,
                )
        except OSError:
            self._printed.close()
            raise

    def printed(self) -> bytes | None:
        """Return what the command printed, once it has ended, or None where it failed."""
        output = self.output()
        if output is None:
            return None
        with output:
            return output.read()

    def output(self) -> IO[bytes] | None:
        """Return what the command printed, once it has ended, to read and close; None where it failed."""
        try:
            code = self._process.wait()
        except BaseException:
            self.end()
            raise
        if code:
            self._printed.close()
            return None
        self._printed.seek(0)
        return self._printed

    def end(self) -> None:
        """End the command: nobody wants what it prints."""
        self._process.kill()
        self._process.wait()
        self._printed.close()


def words_of(stderr: bytes) -> str:
    """Return what git said, without the word that it begins with."""
    text = os.fsdecode(stderr).strip()
    return text.removeprefix("fatal: ").removeprefix("error: ")


def _reason(error: OSError) -> str:
    return "it is not installed" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
