"""``statecheck init``: the hooks, the schemas for editors, and if asked the CI job and the hook of an agent."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from statecheck.cli.arguments import add_command
from statecheck.cli.fixing import LOCK
from statecheck.cli.interrupted import git_dir_of
from statecheck.cli.output import FAILED, OK, diff_line
from statecheck.repair import JournalFile, New, WriteError, file_diff, locked, write_all
from statecheck.reporters.escape import escape
from statecheck.reporters.summary import plural
from statecheck.trees import WorkingTree, find_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.adoption import Proposal

TEXT = """Have the state of this project checked before each commit, and while it is edited.

Shows as a diff what it would write, and asks: .pre-commit-config.yaml with the hooks, .vscode/settings.json with the
JSON Schemas by file name, and these in .statecheck/schemas/; if asked, a CI job and the hook of an agent. All of it is
written, or none. What other people wrote there stays; a file that cannot be edited without a risk for it is left alone,
and what to add by hand is printed.

Exit codes: 0 everything is there now, 1 nothing was written, since nobody agreed to it, or something is left to add
by hand, 2 something could not be written."""


def add_init(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``init`` to the umbrella command."""
    parser = add_command(commands, "init", TEXT)
    parser.add_argument("--ci", choices=("github", "gitlab"), help="also a job that judges each pull or merge request")
    parser.add_argument("--agent-hook", choices=("claude",), help="also the hooks that tell an agent what it broke")
    parser.add_argument("-y", "--yes", action="store_true", help="write without asking")
    parser.set_defaults(command=_init)


def _init(arguments: argparse.Namespace) -> int:
    from statecheck.adoption import proposals

    repository = find_repository(os.getcwd())
    try:
        disk = WorkingTree(os.getcwd() if repository is None else repository.root)
        every = list(proposals(disk, arguments.ci, arguments.agent_hook))
        changes = [each for each in every if each.new is not None]
        left = [each for each in every if each.new is None]
        for line in [*_shown(changes), *_left(left)]:
            print(line)  # noqa: T201
        if changes and not (arguments.yes or _agreed()):
            return FAILED
        if changes:
            _write(changes, disk, git_dir_of(repository))
            print(f"wrote {plural(len(changes), 'file')}; {_next(changes)}")  # noqa: T201
    finally:
        if repository is not None:
            repository.close()
    if not every:
        print("nothing to do: everything is there")  # noqa: T201
    return FAILED if left else OK


def _shown(changes: Sequence[Proposal]) -> Iterator[str]:
    """Yield a diff of what would be written; of schemas that are not there yet, the names."""
    for each in changes:
        if each.copied and each.old is None:
            yield f"{each.path}: new, as statecheck schema prints it"
        else:
            yield from map(diff_line, file_diff(each.path, each.old, each.new))


def _left(left: Sequence[Proposal]) -> Iterator[str]:
    """Yield what has to be added by hand, and where."""
    for each in left:
        yield f"{each.path} is left as it is: {escape(each.reason)}. {'Add by hand:' if each.snippet else ''}".rstrip()
        yield from (f"    {line}".rstrip() for line in each.snippet.splitlines())


def _agreed() -> bool:
    """Say whether a person wants it written; where there is nobody to ask, say how to have it written."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        print("nothing was written: look at this, then run the same with --yes")  # noqa: T201
        return False
    try:
        answer = input("Write this? [y/N] ")
    except EOFError:
        answer = ""
    agreed = answer.strip().lower() in ("y", "yes")
    if not agreed:
        print("nothing was written")  # noqa: T201
    return agreed


def _write(changes: Sequence[Proposal], disk: WorkingTree, git_dir: str | None) -> None:
    """Write all files, or none, while no repair does. Raises `WriteError`."""
    with locked(disk, LOCK, git_dir):
        journal = JournalFile(disk, git_dir)
        if journal.stage is not None:
            raise WriteError("a repair was interrupted while it wrote: run fix-state, which will end it")
        write_all([New(each.path, each.old, each.new) for each in changes], (), disk, journal)


def _next(changes: Sequence[Proposal]) -> str:
    """Return what is to be done then."""
    from statecheck.adoption import ADDRESS

    job = next((each.path for each in changes if ADDRESS.encode() in (each.new or b"")), None)
    address = "" if job is None else f"say in {job} where statecheck comes from ({ADDRESS}); "
    if any(each.path == ".pre-commit-config.yaml" for each in changes):
        return f"{address}commit them, and run pre-commit install -t pre-commit -t pre-merge-commit"
    return f"{address}look at what changed before you commit it"
