"""One call of git, from its arguments to what it printed."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from statecheck.trees.git_settings import GIT
from statecheck.trees.objects import GitError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence

PIPE_BYTES = 2**20
"""What a pipe holds at most, where the system lets it: git writes a version of a log while another one is judged."""


def widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold more than it does as a rule, where that can be asked for, and is granted."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError, AttributeError):  # this user's pipes hold too much already, or Python cannot ask
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def run_git(arguments: Sequence[str], folder: str, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Return what a git command came to. Raises `GitError` where git cannot be started."""
    import subprocess

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


def begin_git(
    arguments: Sequence[str], folder: str, environment: dict[str, str], asked: bytes = b""
) -> Background | None:
    """Start a git command that is given `asked` to read, or return None where none can run in the background.

    Who needs what it prints asks anew, then, and is told what is wrong.
    """
    if not hasattr(os, "memfd_create"):
        return None
    try:
        return Background(arguments, folder, environment, asked)
    except OSError:
        return None


def printed_by(arguments: Sequence[str], folder: str, environment: dict[str, str]) -> bytes | None:
    """Return what a git command prints, or None where it fails. Raises `GitError` where git cannot be started."""
    started = begin_git(arguments, folder, environment)
    if started is not None:
        return started.printed()
    done = run_git(arguments, folder, environment)
    return None if done.returncode else done.stdout


class Background:
    """A git command that runs while something else is done, and prints where it need not wait for a reader.

    It is started without `subprocess`, whose import alone takes as long as many a command. Raises `OSError` where
    there is no such place, or git cannot be started.
    """

    def __init__(self, arguments: Sequence[str], folder: str, environment: dict[str, str], asked: bytes) -> None:
        self._printed = open(os.memfd_create("git"), "rb")  # noqa: SIM115 - it is read when the command has ended
        try:
            with open(os.memfd_create("asked"), "w+b") as given:
                given.write(asked)
                given.seek(0)
                ends = _standing_in(given.fileno(), self._printed.fileno())
                command = [*GIT, "-C", folder, *arguments]
                self._process = os.posix_spawnp(command[0], command, environment, file_actions=ends)
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
        """Return what the command printed, once it has ended, to read and close; None where it failed.

        It has failed, too, where who started this program wants to know of no process that ends: nobody knows then.
        """
        try:
            _, code = os.waitpid(self._process, 0)
        except ChildProcessError:
            code = 1
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
        import signal

        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        self._printed.close()


def _standing_in(given: int, printed: int) -> list[tuple[int, ...] | tuple[int, int, str, int, int]]:
    """Return how a command comes to read one file and write another.

    Raises `OSError` where one may be in the way of the other: this program was started without some standard stream.
    """
    if min(given, printed) <= 2:
        raise OSError("there is no standard input, output, or error")
    silent = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
    return [(os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_DUP2, printed, 1), silent]


def words_of(stderr: bytes) -> str:
    """Return what git said, without the word that it begins with."""
    text = os.fsdecode(stderr).strip()
    return text.removeprefix("fatal: ").removeprefix("error: ")


def _reason(error: OSError) -> str:
    return "it is not installed" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
