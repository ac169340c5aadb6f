"""What happened to a log: its base and its new version compared by bytes, else entry by entry.

A log is a preamble and entries in order; it is a pure append when the base's bytes are a prefix of the new ones
(invariants, L). Where they are not, every entry of the base is found again, or found to be changed or gone.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from statecheck.documents.log_versions import RememberedLog, WrittenLog, digest, is_text, plain
from statecheck.documents.positions import Lines, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from statecheck.documents.log_versions import LogVersion
    from statecheck.documents.logs import Entry

ALIKE = 0.6
"""From which share of equal text on, an entry under another heading is the old one rewritten, and not a new one."""

MAX_CELLS = 40_000
"""Pairs of entries among which the cheapest way from one version to the other is looked for."""

MAX_COMPARED = 4000
"""Characters of an entry of which this is asked."""


class Gone(NamedTuple):
    """Neighbouring entries of the base, by number, that are gone. `following` is the new entry where they stood."""

    old: tuple[int, ...]
    following: int | None


class LogChanges(NamedTuple):
    """What became of the entries of the base; entries are told by their number, in the base and in the new log.

    `origin` gives the old entry that a new one is, or was made of; `rewritten` and `moved` are pairs of an old and a
    new one. `inserted` came before an old entry, `added` after all of them. `extended` is the line, from 0, of what
    was added inside the base's last entry, and `preamble` the line of what changed before the first.
    """

    origin: dict[int, int]
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
    changes = [
        code for code in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if code[0] != "equal"
    ]
    if not changes:
        return 0, 1, []
    shown: list[str] = []
    for _, start, end, new_start, new_end in changes:
        shown += [f"-{line}" for line in before[start:end]] + [f"+{line}" for line in after[new_start:new_end]]
    first = min(changes[0][3], len(after) - 1)
    return first, max(first + 1, changes[-1][4]), shown


def newest_first(log: LogVersion) -> bool:
    """Say whether a log runs from the newest entry to the oldest, by its times."""
    times = [entry.time.moment for entry in log.entries if entry.time is not None]
    return len(times) > 1 and times[0] > times[-1] and all(a >= b for a, b in pairwise(times))


def _is_prefix(old: LogVersion, new: WrittenLog) -> bool:
    data = new.document.data
    if isinstance(old, WrittenLog):
        return data.startswith(old.document.data)
    record = old.record
    return len(data) >= record.length and hashlib.sha256(data[: record.length]).hexdigest() == record.sha256


def appended_log(length: int, new: WrittenLog) -> LogChanges:
    """Return what happened to a log that begins with exactly the bytes of its base, which are `length` many."""
    start = len(new.document.data[:length].decode("utf-8", "replace"))
    starts = new.document.lines.starts
    count = bisect_left(new.entries, start, key=lambda entry: starts[entry.heading.line])
    return LogChanges(
        origin={index: index for index in range(count)},
        added=tuple(range(count, len(new.entries))),
        extended=_extension(new, start, count),
        prefix=length,
    )


def _length(log: LogVersion) -> int:
    return log.record.length if isinstance(log, RememberedLog) else len(log.document.data)


def _extension(new: WrittenLog, start: int, count: int) -> int | None:
    """Return the line of what follows an offset and belongs to the last of so many entries, or None."""
    if not count:
        return None
    starts, last = new.document.lines.starts, new.entries[count - 1]
    end = starts[last.end_line] if last.end_line < len(starts) else len(new.document.text)
    lines = Lines(new.document.text[start:end])
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
        origin={index: index for index in range(min(left, len(old.entries)))},
        removed=(Gone(gone, None),) if gone else (),
        cut=kept if gone and kept < left else None,
        preamble=_preamble(old, new) if not old.entries else None,
    )


def _entry_by_entry(old: LogVersion, new: WrittenLog, elsewhere: Collection[str] = ()) -> LogChanges:
    pairs, rewritten = _aligned(old, new, elsewhere)
    moved = _moved(old.digests, new.digests, [*pairs, *rewritten])
    known_old = {first for first, _ in [*pairs, *moved, *rewritten]}
    known_new = {second for _, second in [*pairs, *moved, *rewritten]}
    for olds, news in _gaps(sorted([*pairs, *rewritten]), len(old.digests), len(new.digests)):
        rewritten += _rewritten(
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


def _aligned(
    old: LogVersion, new: WrittenLog, elsewhere: Collection[str]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the pairs of equal entries that stand in the same order, and pairs of the same heading between them."""
    first, second = old.digests, new.digests
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    olds, news = range(start, len(first) - end), range(start, len(second) - end)
    align = _cheapest if len(olds) * len(news) <= MAX_CELLS else _longest_blocks
    middle = align(old, new, olds, news, elsewhere)
    pairs = [(index, index) for index in range(start)]
    pairs += [(one, two) for one, two in middle if first[one] == second[two]]
    pairs += [(len(first) - step, len(second) - step) for step in range(end, 0, -1)]
    return pairs, [(one, two) for one, two in middle if first[one] != second[two]]


def _longest_blocks(
    old: LogVersion, new: WrittenLog, olds: range, news: range, _: Collection[str]
) -> list[tuple[int, int]]:
    """Align by the longest runs of equal entries: quick, and good enough for very much that changed."""
    first, second = ([log.digests[index] for index in part] for log, part in ((old, olds), (new, news)))
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return [(olds[block.a + step], news[block.b + step]) for block in blocks for step in range(block.size)]


def _cheapest(
    old: LogVersion, new: WrittenLog, olds: range, news: range, elsewhere: Collection[str]
) -> list[tuple[int, int]]:
    """Align so that the least has happened: an entry kept costs nothing, one rewritten, lost, or put in costs one."""
    free = [
        [
            0 if old.digests[one] == new.digests[two] else 1 if _same_heading(old, new, one, two, elsewhere) else None
            for two in news
        ]
        for one in olds
    ]
    costs = [[0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for row in range(len(olds), -1, -1):
        for column in range(len(news), -1, -1):
            ways = []
            if row < len(olds):
                ways.append(costs[row + 1][column] + 1)
            if column < len(news):
                ways.append(costs[row][column + 1] + 1)
            if row < len(olds) and column < len(news) and (cost := free[row][column]) is not None:
                ways.append(costs[row + 1][column + 1] + cost)
            costs[row][column] = min(ways, default=0)
    found = []
    row = column = 0
    while row < len(olds) and column < len(news):
        cost = free[row][column]
        if cost is not None and costs[row][column] == costs[row + 1][column + 1] + cost:
            found.append((olds[row], news[column]))
            row, column = row + 1, column + 1
        elif costs[row][column] == costs[row + 1][column] + 1:
            row += 1
        else:
            column += 1
    return found


def _same_heading(old: LogVersion, new: WrittenLog, one: int, two: int, elsewhere: Collection[str]) -> bool:
    before, after = old.entries[one], new.entries[two]
    if before.kind == "line" and new.digests[two] in elsewhere:
        return False
    return before.heading.text == after.heading.text


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


def _rewritten(
    old: LogVersion, new: WrittenLog, olds: list[int], news: list[int], elsewhere: Collection[str]
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of an old entry and what was made of it, among those that lie in the same stretch."""
    at = 0
    for first in olds:
        heading, titled = old.entries[first].heading.text, old.entries[first].kind != "line"
        possible = (
            index
            for index in range(at, len(news))
            if new.digests[news[index]] not in elsewhere
            or (titled and new.entries[news[index]].heading.text == heading)
        )
        match = next((index for index in possible if _is_made_of(old, new, first, news[index])), None)
        if match is not None:
            yield first, news[match]
            at = match + 1


def _is_made_of(old: LogVersion, new: WrittenLog, first: int, second: int) -> bool:
    before, after = old.entries[first], new.entries[second]
    if before.heading.text == after.heading.text or (before.key is not None and before.key == after.key):
        return True
    if isinstance(old, RememberedLog):
        return False
    if before.key is not None and after.key is not None:  # of another iteration, unless just its number was changed
        return before.time_text == after.time_text and _body(before) == _body(after)
    one, two = (plain(each.text)[:MAX_COMPARED] for each in (before, after))
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    return all(ratio() >= ALIKE for ratio in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio))


def _body(entry: Entry) -> str:
    return plain(entry.text).partition("\n")[2]


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
