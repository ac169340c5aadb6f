"""ISO 8601 timestamps as the documents use them (persist.md step 1; state-management.md)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from statecheck.tuples import NamedTuple

_USUAL = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
"""How nearly all timestamps are written."""

_ISO = re.compile(
    r"""^(?P<year>\d{4})(?P<dash>-?)(?P<month>\d{2})(?P=dash)(?P<day>\d{2})
        (?:(?P<separator>[Tt ]|[ ]{2,})
           (?P<hour>\d{2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:(?P<mark>[.,])(?P<fraction>\d+))?)?)?
           (?P<gap>[ ]?)(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)?)?$""",
    re.VERBOSE | re.ASCII,
)

_ATTEMPT = re.compile(
    r"""^(?:\d
        |(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ ]+\d
        |(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[ ,]+(?:\d|[a-z]{3,9}[ ]+\d)
        |(?:today|yesterday|tomorrow|now)\b)""",
    re.VERBOSE | re.IGNORECASE,
)


LONGEST_KEPT = 64
"""Characters of a text that is remembered as a timestamp."""


class Timestamp(NamedTuple):
    """A timestamp as it was written.

    `moment` is always aware (UTC where no offset was written); `precision` is ``day``, ``minute``, ``second``
    or ``fraction``; `spelling` is the ISO 8601 form where only the spelling was off, else None.
    """

    text: str
    moment: datetime
    aware: bool
    precision: str
    spelling: str | None


class NotATimestampError(ValueError):
    """A text is no ISO 8601 timestamp, or names a day or an hour that does not exist."""


def parse_timestamp(text: str) -> Timestamp:
    """Return the timestamp that `text` is. Raises `NotATimestampError` with the reason."""
    return (_parse if len(text) > LONGEST_KEPT else _parse_once)(text)


def _parse(text: str) -> Timestamp:
    if usual := _USUAL.fullmatch(text):
        year, month, day, hour, minute, second = map(int, usual.groups())
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            return Timestamp(text, moment, aware=True, precision="second", spelling=None)
        except ValueError:
            pass  # no such day, or a leap second: below is said what is wrong
    match = _ISO.match(text.strip())
    if match is None:
        raise NotATimestampError("is not an ISO 8601 timestamp")
    part = match.groupdict()
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"]),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            min(int(part["second"] or 0), 59) if part["second"] == "60" else int(part["second"] or 0),
            int((part["fraction"] or "0")[:6].ljust(6, "0")),
            _zone(part["offset"]),
        )
        moment.astimezone(UTC)  # every comparison needs it
    except OverflowError:
        raise NotATimestampError("is no real date: it lies outside the years 1 to 9999 in UTC") from None
    except ValueError as error:
        raise NotATimestampError(f"is no real date: {error}") from None
    spelling = _spelling(part)
    return Timestamp(text, moment, part["offset"] is not None, _precision(part), None if spelling == text else spelling)


_parse_once = lru_cache(maxsize=1024)(_parse)
"""Many rules look at the same times."""


def looks_like_time(text: str) -> bool:
    """Say whether a text was meant as a time: real headings have titles in the place of the time, too."""
    return _ATTEMPT.match(text) is not None


def timestamp_or_none(value: object) -> Timestamp | None:
    """Return the timestamp in `value`, or None where it is none: rule S105 reports it then."""
    try:
        return parse_timestamp(value) if isinstance(value, str) else None
    except NotATimestampError:
        return None


def is_before(first: Timestamp, second: Timestamp) -> bool:
    """Say whether `first` is earlier than `second`, compared at the coarser precision of the two."""
    if first.precision == second.precision:
        return first.moment < second.moment
    if "day" in (first.precision, second.precision):
        return _day(first) < _day(second)
    if first.precision == second.precision:
        return first.moment < second.moment
    if "minute" in (first.precision, second.precision):
        return first.moment.replace(second=0, microsecond=0) < second.moment.replace(second=0, microsecond=0)
    return first.moment.replace(microsecond=0) < second.moment.replace(microsecond=0)


def is_certainly_before(first: Timestamp, second: Timestamp) -> bool:
    """Say whether `first` is earlier than `second`; where one has no offset and the other has, only whole days tell."""
    dated = "day" in (first.precision, second.precision)
    return (first.aware == second.aware or dated) and is_before(first, second)


def _day(stamp: Timestamp) -> str:
    moment = stamp.moment if stamp.precision == "day" else stamp.moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%d")


def _zone(offset: str | None) -> timezone:
    if offset is None or offset in "Zz":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:] if len(offset) > 3 else 0)
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _precision(part: dict[str, str | None]) -> str:
    if part["hour"] is None:
        return "day"
    if part["second"] is None:
        return "minute"
    return "fraction" if part["fraction"] else "second"


def _spelling(part: dict[str, str | None]) -> str:
    """Return the same moment in ISO 8601's own spelling: ``T`` between date and time, a capital ``Z``, no spaces."""
    dash = part["dash"] or ""
    colon = ":" if dash else ""
    text = f"{part['year']}{dash}{part['month']}{dash}{part['day']}"
    if part["hour"] is None:
        return text
    times = [piece for piece in (part["hour"], part["minute"], part["second"]) if piece is not None]
    text += "T" + colon.join(times)
    if part["fraction"]:
        text += (part["mark"] or ".") + part["fraction"]
    return text + (part["offset"] or "").upper()
