"""What a ledger is to remember of the workspaces of a run."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from statecheck.documents import StateDocument, WrittenLog
from statecheck.ledger.file import LedgerFile, LogModel, StateModel, log_model
from statecheck.workspaces import kept_values, value_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from statecheck.workspaces import View


def record(
    ledger: LedgerFile | None, views: Iterable[View], now: datetime, wanted: Callable[[str], bool]
) -> LedgerFile:
    """Return a ledger that remembers the documents of these workspaces as they are, and all others as before.

    `wanted` says which paths are to be remembered: those that no version control has.
    """
    logs: dict[str, LogModel] = {} if ledger is None else dict(ledger.logs)
    states: dict[str, StateModel] = {} if ledger is None else dict(ledger.states)
    for view in views:
        _forget(logs, states, view)
        for spec, document in view.every_document():
            version = view.log_version(spec.role)
            if not wanted(document.path) or not document.usable:
                continue
            if spec.purpose == "log" and isinstance(version, WrittenLog):
                logs[document.path] = log_model(version.record)
            elif spec.described and isinstance(document, StateDocument):
                value = document.value
                states[document.path] = StateModel(sha256=value_digest(spec, value), values=kept_values(spec, value))
    return LedgerFile(
        version=1,
        recorded=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        logs=dict(sorted(logs.items())),
        states=dict(sorted(states.items())),
    )


def _forget(logs: dict[str, LogModel], states: dict[str, StateModel], view: View) -> None:
    """Leave out what a workspace's documents were, wherever its kind may have them."""
    for path in [*logs, *states]:
        if view.owns(path):
            logs.pop(path, None)
            states.pop(path, None)
