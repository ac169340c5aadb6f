"""What rules look back at in a state file: its times, statuses, counters, and whether anything else changed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from statecheck.documents import select_values, timestamp_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statecheck.documents import Pointer
    from statecheck.workspaces.kinds import DocumentSpec


def kept_values(spec: DocumentSpec, value: Any) -> Any:
    """Return the part of a state file's value that rules look back at, in the shape of the whole."""
    patterns = [*spec.timestamps, *(status.pointer for status in spec.statuses), *spec.kept, *spec.unique]
    chosen = {pointer for pattern in patterns for pointer, _ in select_values(value, pattern)}
    return _part(value, (), chosen)


def _part(value: Any, here: Pointer, chosen: set[Pointer]) -> Any:
    if here in chosen:
        return value
    inside = {pointer[len(here)] for pointer in chosen if pointer[: len(here)] == here}
    if isinstance(value, dict):
        return {key: _part(each, (*here, key), chosen) for key, each in value.items() if key in inside}
    if isinstance(value, list):
        return [_part(each, (*here, index), chosen) for index, each in enumerate(value) if index in inside]
    return value


def value_digest(spec: DocumentSpec, value: Any) -> str:
    """Return the SHA-256, in hexadecimal, of all that a state file says but the time at which it was written.

    How names, words and times are spelled does not count: to correct a spelling is no change of state.
    """
    import hashlib

    clocks = {clock.lstrip("/") for clock in spec.clocks}
    rest = {key: each for key, each in value.items() if key not in clocks} if isinstance(value, dict) else value
    text = json.dumps(_folded(rest), sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _folded(value: Any) -> Any:
    if isinstance(value, dict):
        return {_word(str(key)): _folded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_folded(each) for each in value]
    if not isinstance(value, str):
        return value
    time = timestamp_or_none(value)
    if time is not None:
        return time.moment.timestamp()
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return _word(value)


def _word(text: str) -> str:
    return re.sub(r"[-_\s]+", "", text).casefold()


def clock_of(spec: DocumentSpec, value: Any) -> tuple[Pointer, Any] | None:
    """Return where a state file says when it was written, and what it says, or None where it does not."""
    return next(iter(_clocks(spec, value)), None)


def _clocks(spec: DocumentSpec, value: Any) -> Iterable[tuple[Pointer, Any]]:
    for clock in spec.clocks:
        yield from select_values(value, clock)
