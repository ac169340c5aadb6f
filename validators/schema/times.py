"""S105: timestamps are real, and say in which time zone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from statecheck.documents import (
    MarkdownDocument,
    NotATimestampError,
    Noted,
    Span,
    StateDocument,
    format_pointer,
    looks_like_time,
    parse_timestamp,
    show,
    timestamp_or_none,
)
from statecheck.rules import at, rule
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.clock import Clock
    from statecheck.documents import Document, Pointer, Timestamp
    from statecheck.findings import Severity
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import View

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a timestamp may lie in the future: clocks differ."""


@rule(
    "S105",
    "bad-timestamp",
    "error",
    "warning",
    source="persist.md, Step 1; state-management.md, state.json Schema and progress.md Format",
    purposes=("state", "log", "template"),
)
def bad_timestamp(document: Document, workspace: View, context: Context) -> Iterator[Violation]:
    """A timestamp is ISO 8601, a real date, with an offset, and not in the future.

    What holds
    Every timestamp field of a state file, the Created line of a template, and the time of every new log entry is
    ISO 8601 and a day that exists. It says its offset, and is at most 5 minutes ahead of now (--now sets it).

    Why
    The newest timestamp decides which file is right, and where a session resumes. One without an offset means
    another moment on every machine; one in the future stays the newest until that moment has come.

    Example
    Bad:  "updated": "2026-02-28 10:00:00z"
    Good: "updated": "2026-02-28T10:00:00Z"

    Fix
    Safe: spelling only (a blank for the T, a small z). Unsafe: a missing offset is read as UTC.
    """
    for written in _stamps(document, workspace, context.clock):
        yield from _judge(document, written, context)


class _Written(NamedTuple):
    """A timestamp of a document: as written, how grave a bad one is, and where it stands: its pointer, or its span."""

    text: str
    severity: Severity
    pointer: Pointer = ()
    span: Span | None = None
    called: str = ""
    """What it is the time of, for one that has no pointer."""
    date_suffices: bool = False

    @property
    def name(self) -> str:
        return self.called or format_pointer(self.pointer)

    def span_in(self, document: Document) -> Span:
        """Return where it stands; only asked of a bad one, for which the syntax of a document is worth reading."""
        if self.span is None and isinstance(document, StateDocument):
            return document.span(self.pointer)
        return self.span or Span(0, 0)


def _stamps(document: Document, workspace: View, clock: Clock) -> Iterator[_Written]:
    """Yield the timestamps of a document but those that are surely fine, as nearly all of them are."""
    spec = workspace.spec_of(document.path)
    if spec is None:
        return
    if isinstance(document, StateDocument):
        for pattern in spec.timestamps:
            for pointer, value in document.select(pattern):
                if isinstance(value, str) and _fine(value, clock) is None:
                    yield _Written(value, "error", pointer)
    elif isinstance(document, MarkdownDocument) and spec.purpose == "log":
        yield from _of_entries(spec.role, workspace, clock)
    elif isinstance(document, MarkdownDocument) and spec.purpose == "template":
        for field in document.markdown.head:
            if field.name == "Created" and field.value:
                yield _Written(field.value, "warning", span=field.span, called="Created")


def _of_entries(role: str, workspace: View, clock: Clock) -> Iterator[_Written]:
    """Yield the times of the entries of a log but those that are surely fine.

    Those of an older version were, if even the latest of them is still not in the future.
    """
    entries, known = workspace.log_entries(role), workspace.known(role)
    numbers, anew = known.due("S105", entries, lambda latest: latest is None or _fine(str(latest), clock) is not None)
    told = None if anew else known.noted["S105"].given
    latest = None if told is None else _fine(str(told), clock)
    noted = []
    for number in numbers:
        # Real headings also have a title in the place of the time: that form is L210's business.
        entry = entries[number]
        time, text = entry.time_span, entry.time_text
        if time is None or text is None:
            continue
        stamp = _fine(text, clock)
        if stamp is not None:
            latest = stamp if latest is None or latest.moment < stamp.moment else latest
            continue
        noted.append(number)
        if looks_like_time(text):
            called = f"the time of {entry.heading.text!r}"
            yield _Written(text, "warning", span=time, called=called, date_suffices=True)
    known.noted["S105"] = Noted(entries, None if latest is None else latest.text, noted, anew)


def _fine(text: str, clock: Clock) -> Timestamp | None:
    """Return a timestamp with which nothing is wrong, as with nearly all of them; else None."""
    stamp = timestamp_or_none(text)
    if stamp is None or stamp.spelling is not None or not stamp.aware or clock.is_before(stamp.moment, CLOCK_TOLERANCE):
        return None
    return stamp


def _facts(document: Document, written: _Written, **facts: str) -> dict[str, Any] | None:
    """Return what a fixer needs, or None where the value is shared with other places of a YAML document."""
    shared = isinstance(document, StateDocument) and not document.editable(written.pointer)
    return None if shared else {"text": written.text, "span": written.span_in(document), **facts}


def _judge(document: Document, written: _Written, context: Context) -> Iterator[Violation]:
    name, text, severity, date_suffices = written.name, written.text, written.severity, written.date_suffices
    label = name.rpartition("/")[2] if name.startswith("/") else name
    try:
        stamp = parse_timestamp(text)
    except NotATimestampError as error:
        hint = "write it as 2026-01-16T10:00:00Z" if "ISO" in str(error) else "write a date that exists"
        yield at(
            document,
            written.span_in(document),
            f"{label} {show(text)} {error}",
            hint=hint,
            severity=severity,
            subject=name,
        )
        return
    if stamp.spelling is not None:
        yield at(
            document,
            written.span_in(document),
            f"{label} {show(text)} is not spelled as ISO 8601 has it: {stamp.spelling}",
            hint=f"write {stamp.spelling}",
            severity=severity,
            subject=name,
            facts=_facts(document, written, spelling=stamp.spelling),
        )
    if not stamp.aware and not (date_suffices and stamp.precision == "day"):
        lacks = "neither time nor offset" if stamp.precision == "day" else "no offset"
        facts = None if stamp.precision == "day" else _facts(document, written, offset="Z")
        yield at(
            document,
            written.span_in(document),
            f"{label} {show(text)} has {lacks}: it means another moment on every machine",
            hint="end it with Z for UTC, or with an offset such as +02:00",
            severity="warning",
            subject=f"{name} offset",
            facts=facts,
        )
    if context.clock.is_before(stamp.moment, CLOCK_TOLERANCE + (timedelta() if stamp.aware else timedelta(days=1))):
        message = f"{label} {show(text)} is in the future (now is {context.clock.now:%Y-%m-%dT%H:%M:%SZ})"
        yield at(
            document,
            written.span_in(document),
            message,
            hint="correct it, or the clock that wrote it",
            severity="warning",
            subject=f"{name} future",
        )
