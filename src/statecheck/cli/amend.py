"""``statecheck amend``: record that a change of an old entry was made on purpose, and why."""

from __future__ import annotations

import argparse
import getpass
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from statecheck.cli.arguments import add_command, check_arguments
from statecheck.cli.setup import make_run
from statecheck.documents import WrittenLog, parse_document
from statecheck.engine import lineage, subjects
from statecheck.errors import UsageError
from statecheck.repair import locked, write_file
from statecheck.reporters.escape import escape
from statecheck.reporters.summary import plural
from statecheck.workspaces import AMENDMENTS_FILE, Amendment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.engine import Run, Snapshot, Subject
    from statecheck.trees import Repository

TEXT = """Record that entries of a log were changed or removed on purpose, and why.

A log is only ever added to; but a secret must be removable. Change the log, run this, and commit both: L201 and L202
then accept exactly this change, and say so. Everybody sees the reason in the review of .statecheck/amendments.jsonl,
which is a log itself."""


def add_amend(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``amend`` to the umbrella command."""
    parser = add_command(commands, "amend", TEXT)
    parser.add_argument("log", metavar="LOG", help="the log that was changed")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept for everybody to read")
    parser.add_argument("--base", metavar="REV", help="what the log was changed from; default: HEAD, or the ledger")
    parser.add_argument("--now", metavar="TIME", help="the time to record, ISO 8601 with offset; default: the clock")
    parser.set_defaults(command=_amend)


def _amend(arguments: argparse.Namespace) -> int:
    reason = " ".join(arguments.reason.split())
    if not reason:
        raise UsageError("--reason is empty: say why the entry had to be changed")
    if any("\ud800" <= character <= "\udfff" for character in reason):
        raise UsageError("--reason is no UTF-8 text")
    run, repository = make_run(_as_check(arguments), writes=True)
    try:
        assert run.disk is not None
        with locked(run.disk, AMENDMENTS_FILE, None if repository is None else repository.git_dir):
            run = run._replace(disk=run.disk.anew(), comparison=run.comparison._replace(after=run.disk.anew()))
            count = _record(run, reason, repository, arguments.log)
    finally:
        if repository is not None:
            repository.close()
    print(f"recorded {plural(count, 'change')} of {escape(arguments.log)} in {AMENDMENTS_FILE}; commit both together")  # noqa: T201
    return 0


def _record(run: Run, reason: str, repository: Repository | None, log: str) -> int:
    """Add a line for each change that is not recorded yet, and return how many there were."""
    disk = run.disk
    assert disk is not None
    after = run.snapshot(run.comparison.after)
    author = (repository.author() if repository is not None else None) or getpass.getuser()
    about = [(subject, role) for subject in _subjects(run) for role in _roles(after, subject, run.paths)]
    if not about:
        raise UsageError(f"{log} is no log of a workspace: there is nothing to amend")
    old = disk.read(AMENDMENTS_FILE) if disk.entry(AMENDMENTS_FILE) is not None else b""
    if not parse_document(AMENDMENTS_FILE, old, "jsonl").usable:
        raise UsageError(f"{AMENDMENTS_FILE} is damaged, and nothing that it records is accepted: restore it first")
    time = f"{run.clock.now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    amendments = [
        Amendment(*change, reason, author, time)
        for subject, role in about
        for change in dict.fromkeys(_changes(after, subject, role))
    ]
    if not amendments:
        raise UsageError(f"{log}: no entry was changed or removed that is not recorded already")
    separator = b"\n" if old and not old.endswith(b"\n") else b""
    lines = (json.dumps(each._asdict(), ensure_ascii=False) + "\n" for each in amendments)
    write_file(disk, AMENDMENTS_FILE, old + separator + "".join(lines).encode())
    return len(amendments)


def _as_check(arguments: argparse.Namespace) -> argparse.Namespace:
    """Return the arguments of a check of this log alone."""
    return check_arguments(paths=[arguments.log], base=arguments.base, now=arguments.now, no_baseline=True)


def _subjects(run: Run) -> list[Subject]:
    return subjects(run, run.snapshot(run.comparison.after), lineage(run))


def _roles(after: Snapshot, subject: Subject, paths: Sequence[str]) -> Iterator[str]:
    """Yield the roles of the logs of a workspace that were named."""
    view = after.view(subject.workspace)
    for spec in view.kind.documents:
        document = view.document(spec.role)
        if spec.purpose == "log" and document is not None and document.path in paths and not view.kind.own:
            yield spec.role


def _changes(after: Snapshot, subject: Subject, role: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield path, old and new digest of each entry that the base has otherwise, or that is gone."""
    view = after.view(subject.workspace)
    for before in subject.parents:
        old, new = before.log_version(role), view.log_version(role)
        changes = view.log_changes(role, before, subject.parents if len(subject.parents) > 1 else ())
        if old is None or changes is None or not isinstance(new, WrittenLog):
            continue
        path = new.document.path
        if changes.cut is not None:
            raise UsageError(f"{path} was cut off inside an entry: put the rest back first")
        pairs: list[tuple[int, str | None]] = [(first, new.digests[second]) for first, second in changes.rewritten]
        pairs += [(index, None) for gone in changes.removed for index in gone.old]
        for index, digest in sorted(pairs):
            known = after.amendments.get((path, old.digests[index]), [])
            if not any(each.new_sha256 == digest for each in known):
                yield path, old.digests[index], digest
