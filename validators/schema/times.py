"""S105: timestamps are real, and say in which time zone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents import (
    MarkdownDocument,
    NotATimestampError,
    StateDocument,
    format_pointer,
    parse_timestamp,
    select_values,
    show,
)
from statecheck.rules import at, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Document, Span
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
)
def bad_timestamp(document: Document, workspace: View, context: Context) -> Iterator[Violation]:
    """A timestamp is ISO 8601, a real date, with an offset, and not in the future.

    What holds
    Every timestamp field of a state file, the Created line of a template, and the time of every new log entry is
    ISO 8601 and a day that exists. It says its offset, and is at most 5 minutes ahead of now (--now sets it).

    Why
    The newest timestamp decides which file is right, and where a session resumes. One without an offset means
    another moment on every machine; one in the future wins for ever.

    Example
    Bad:  "updated": "2026-02-30T10:00:00"
    Good: "updated": "2026-02-28T10:00:00Z"

    Fix
    Safe: spelling only (a blank for the T, a small z). Unsafe: a missing offset is read as UTC.
    """
    for written in _stamps(document, workspace):
        yield from _judge(document, written, context)


class _Written(NamedTuple):
    """A timestamp of a document: what it is called, as written, where, and how grave a bad one is."""

    name: str
    text: str
    span: Span
    severity: Severity
    date_suffices: bool = False


def _stamps(document: Document, workspace: View) -> Iterator[_Written]:
    spec = workspace.spec_of(document.path)
    if spec is None:
        return
    if isinstance(document, StateDocument):
        for pattern in spec.timestamps:
            for pointer, value in select_values(document.value, pattern):
                if isinstance(value, str):
                    yield _Written(format_pointer(pointer), value, document.span(pointer), "error")
    elif isinstance(document, MarkdownDocument) and spec.purpose == "log":
        for entry in workspace.log_entries(spec.role):
            # Real headings also have a title in the place of the time: that form is L210's business.
            if entry.time_text is not None and entry.time_span is not None and entry.time_text[0].isdigit():
                name = f"the time of {entry.heading.text!r}"
                yield _Written(name, entry.time_text, entry.time_span, "warning", date_suffices=True)
    elif isinstance(document, MarkdownDocument) and spec.purpose == "template":
        for field in document.markdown.head:
            if field.name == "Created" and field.value:
                yield _Written("Created", field.value, field.span, "warning")


def _judge(document: Document, written: _Written, context: Context) -> Iterator[Violation]:
    name, text, span, severity, date_suffices = written
    label = name.rpartition("/")[2] if name.startswith("/") else name
    try:
        stamp = parse_timestamp(text)
    except NotATimestampError as error:
        message = f"{label} {show(text)} {error}"
        yield at(document, span, message, hint="write it as 2026-01-16T10:00:00Z", severity=severity, subject=name)
        return
    if stamp.spelling is not None:
        yield at(
            document,
            span,
            f"{label} {show(text)} is not spelled as ISO 8601 has it: {stamp.spelling}",
            severity=severity,
            subject=name,
            facts={"text": text, "span": span, "spelling": stamp.spelling},
        )
    if not stamp.aware and not (date_suffices and stamp.precision == "day"):
        lacks = "neither time nor offset" if stamp.precision == "day" else "no offset"
        facts = None if stamp.precision == "day" else {"text": text, "span": span, "offset": "Z"}
        yield at(
            document,
            span,
            f"{label} {show(text)} has {lacks}: it means another moment on every machine",
            hint="end it with Z for UTC, or with an offset such as +02:00",
            severity="warning",
            subject=f"{name} offset",
            facts=facts,
        )
    if stamp.moment - context.now > CLOCK_TOLERANCE + (timedelta(days=1) if not stamp.aware else timedelta()):
        message = f"{label} {show(text)} is in the future (now is {context.now:%Y-%m-%dT%H:%M:%SZ})"
        yield at(
            document,
            span,
            message,
            hint="correct it, or the clock that wrote it",
            severity="warning",
            subject=f"{name} future",
        )
