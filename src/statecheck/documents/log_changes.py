"""What happened to a log: its base and its new version compared by bytes, else entry by entry.

A log is a preamble and entries in order; it is a pure append when the base's bytes are a prefix of the new ones
(invariants, L). Where they are not, every entry of the base is found again, or found to be changed or gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from statecheck.documents.log_alignment import aligned, made_of
from statecheck.documents.log_versions import RememberedLog, WrittenLog, digest, is_text, plain
from statecheck.documents.positions import Lines, Span
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from statecheck.documents.log_versions import LogVersion
    from statecheck.documents.model import Document

MAX_LINES = 40_000
"""Pairs of lines of an entry among which it is looked for what stayed."""


class Gone(NamedTuple):
    """Neighbouring entries of the base, by number, that are gone. `following` is the new entry where they stood."""

    old: tuple[int, ...]
    following: int | None


class Unchanged(Mapping[int, int]):
    """The first entries of a log, so many of them, each of which is the old one with the same number."""

    def __init__(self, count: int) -> None:
        self._numbers = range(count)

    def __getitem__(self, number: int) -> int:
        if number not in self._numbers:
            raise KeyError(number)
        return number

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


class LogChanges(NamedTuple):
    """What became of the entries of the base; entries are told by their number, in the base and in the new log.

    `origin` gives the old entry that a new one is, or was made of; `rewritten` and `moved` are pairs of an old and a
    new one. `inserted` came before an old entry, `added` after all of them. `extended` is the line, from 0, of what
    was added inside the base's last entry, and `preamble` the line of what changed before the first.
    """

    origin: Mapping[int, int]
    rewritten: tuple[tuple[int, int], ...] = ()
    moved: tuple[tuple[int, int], ...] = ()
    removed: tuple[Gone, ...] = ()
    inserted: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    extended: int | None = None
    preamble: int | None = None
    cut: int | None = None
    """The new entry that is all that is left of an old one, in a log that was cut off."""
    prefix: int | None = None
    """The length of the base in bytes, where the log begins with exactly these."""

    @property
    def appends(self) -> bool:
        """Whether everything that the base has is still there as it was."""
        return not (self.rewritten or self.moved or self.removed or self.inserted)


def compare_logs(old: LogVersion, new: WrittenLog, elsewhere: Collection[str] = ()) -> LogChanges:
    """Return what happened to a log between two versions.

    `elsewhere` are the digests of entries that other parents of a merge have: under another heading, none of them was
    made of an old one here.
    """
    if new.grammar.newest_first:
        return _entry_by_entry(old, new, elsewhere)
    if _is_prefix(old, new):
        return appended_log(_length(old), new)
    if isinstance(old, WrittenLog) and old.document.data.startswith(new.document.data):
        return _cut_off(old, new)
    return _entry_by_entry(old, new, elsewhere)


def changed_lines(old: str, new: str) -> tuple[int, int, list[str]]:
    """Return the first changed line of a new text and the one after the last, from 0, and a short diff of the two.

    Where lines were only removed, it is the line that stands in their place.
    """
    before, after = plain(old).split("\n"), plain(new).split("\n")
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    olds, news = before[start : len(before) - end], after[start : len(after) - end]
    if not olds and not news:
        return 0, 1, []
    first = min(start, len(after) - 1)
    if len(olds) * len(news) > MAX_LINES:
        shown = [f"-{line}" for line in olds] + [f"+{line}" for line in news]
        return first, max(first + 1, start + len(news)), shown
    from difflib import SequenceMatcher

    shown = []
    for kind, one, two, new_one, new_two in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if kind != "equal":
            shown += [f"-{line}" for line in olds[one:two]] + [f"+{line}" for line in news[new_one:new_two]]
    return first, max(first + 1, start + len(news)), shown


def newest_first(log: LogVersion) -> bool:
    """Say whether a log runs from the newest entry to the oldest, by its times."""
    times = [entry.time.moment for entry in log.entries if entry.time is not None]
    return len(times) > 1 and times[0] > times[-1] and all(a >= b for a, b in pairwise(times))


def _is_prefix(old: LogVersion, new: WrittenLog) -> bool:
    data = new.document.data
    if isinstance(old, WrittenLog):
        return data.startswith(old.document.data)
    import hashlib

    record = old.record
    return len(data) >= record.length and hashlib.sha256(data[: record.length]).hexdigest() == record.sha256


def appended_log(length: int, new: WrittenLog) -> LogChanges:
    """Return what happened to a log that begins with exactly the bytes of its base, which are `length` many."""
    start = begun(new.document, length)
    count = len(new.entries)
    while count and new.document.start_of(new.entries[count - 1].heading.line) >= start:
        count -= 1
    return LogChanges(
        origin=Unchanged(count),
        added=tuple(range(count, len(new.entries))),
        extended=_extension(new, start, count),
        prefix=length,
    )


def begun(document: Document, length: int) -> int:
    """Return how many characters the first bytes of a document are. Its end is looked at, which is shorter."""
    return len(document.text) - len(document.data[length:].decode("utf-8", "replace"))


def _length(log: LogVersion) -> int:
    return log.record.length if isinstance(log, RememberedLog) else len(log.document.data)


def _extension(new: WrittenLog, start: int, count: int) -> int | None:
    """Return the line of what follows an offset and belongs to the last of so many entries, or None."""
    if not count:
        return None
    lines = Lines(new.document.text[start : new.document.start_of(new.entries[count - 1].end_line)])
    numbers = range(len(lines.starts))
    first = next((number for number in numbers if is_text(lines.content(number + 1))), None)
    return None if first is None else new.document.place(Span(start, start)).line - 1 + first


def _cut_off(old: WrittenLog, new: WrittenLog) -> LogChanges:
    """Return the changes of a log of which only the beginning is left."""
    left, kept = len(new.entries), 0
    while kept < min(left, len(old.entries)) and old.digests[kept] == new.digests[kept]:
        kept += 1
    gone = tuple(range(kept, len(old.entries)))
    return LogChanges(
        origin=Unchanged(min(left, len(old.entries))),
        removed=(Gone(gone, None),) if gone else (),
        cut=kept if gone and kept < left else None,
        preamble=_preamble(old, new) if not old.entries else None,
    )


def _entry_by_entry(old: LogVersion, new: WrittenLog, elsewhere: Collection[str] = ()) -> LogChanges:
    pairs, rewritten = aligned(old, new)
    moved = _moved(old.digests, new.digests, [*pairs, *rewritten])
    known_old = {first for first, _ in [*pairs, *moved, *rewritten]}
    known_new = {second for _, second in [*pairs, *moved, *rewritten]}
    for olds, news in _gaps(sorted([*pairs, *rewritten]), len(old.digests), len(new.digests)):
        rewritten += made_of(
            old,
            new,
            [each for each in olds if each not in known_old],
            [each for each in news if each not in known_new],
            elsewhere,
        )
    rewritten.sort()
    extended = _extended_pair(old, new, rewritten)
    origin = {second: first for first, second in [*pairs, *moved, *rewritten]}
    last = max((second for second in origin), default=-1)
    fresh = [index for index in range(len(new.digests)) if index not in origin]
    stayed = {first: second for second, first in origin.items()}
    return LogChanges(
        origin=origin,
        rewritten=tuple(each for each in rewritten if extended is None or each != extended[0]),
        moved=tuple(moved),
        removed=tuple(_gone(stayed, len(old.digests), len(new.digests))),
        inserted=tuple(index for index in fresh if index < last),
        added=tuple(index for index in fresh if index > last),
        extended=None if extended is None else extended[1],
        preamble=_preamble(old, new),
    )


def _moved(old: Sequence[str], new: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs of equal entries that stand elsewhere now."""
    firsts, seconds = {first for first, _ in pairs}, {second for _, second in pairs}
    places: dict[str, list[int]] = {}
    for index, each in enumerate(new):
        if index not in seconds:
            places.setdefault(each, []).append(index)
    found = []
    for index, each in enumerate(old):
        if index not in firsts and places.get(each):
            found.append((index, places[each].pop(0)))
    return found


def _gaps(pairs: Sequence[tuple[int, int]], olds: int, news: int) -> Iterator[tuple[range, range]]:
    """Yield the stretches of both versions that lie between entries which stayed."""
    last_old = last_new = -1
    for first, second in [*pairs, (olds, news)]:
        yield range(last_old + 1, first), range(last_new + 1, second)
        last_old, last_new = first, second


def _extended_pair(
    old: LogVersion, new: WrittenLog, rewritten: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], int] | None:
    """Return the pair of the base's last entry where text was only added at its end, and the line of that text."""
    pair = next((each for each in rewritten if each[0] == len(old.entries) - 1), None)
    if pair is None or isinstance(old, RememberedLog):
        return None
    before, after = (plain(each.text).split("\n") for each in (old.entries[pair[0]], new.entries[pair[1]]))
    added: list[int] = []
    stayed = 0
    for number, line in enumerate(after):
        if stayed < len(before) and line == before[stayed]:
            stayed += 1
        else:
            added.append(number)
    first = next((number for number in added if is_text(after[number])), None)
    if before[0] != after[0] or stayed < len(before) or first is None:
        return None
    return pair, new.entries[pair[1]].heading.line + first


def _gone(stayed: dict[int, int], olds: int, news: int) -> Iterator[Gone]:
    """Yield the runs of old entries that are gone, each with the new entry that stands where they stood."""
    run: list[int] = []
    place = 0
    for index in range(olds + 1):
        if index < olds and index not in stayed:
            run.append(index)
            continue
        if run:
            yield Gone(tuple(run), place if place < news else None)
            run = []
        place = stayed.get(index, place - 1) + 1


def _preamble(old: LogVersion, new: WrittenLog) -> int | None:
    """Return the first line of the new preamble that differs from the base's, blank lines aside, or None."""
    if isinstance(old, RememberedLog):
        return None if old.record.preamble == digest(new.preamble) else 0
    before = [line for line in plain(old.preamble).split("\n") if line.strip()]
    lines = [(number, line) for number, line in enumerate(plain(new.preamble).split("\n")) if line.strip()]
    if before == [line for _, line in lines]:
        return None
    same = 0
    while same < min(len(before), len(lines)) and before[same] == lines[same][1]:
        same += 1
    if same < len(lines):
        return lines[same][0]
    return lines[-1][0] if lines else 0
