"""Two versions of a log beside each other: which entry is which, and which was made of which."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from statecheck.documents.log_versions import RememberedLog, WrittenLog, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from statecheck.documents.log_versions import LogVersion
    from statecheck.documents.logs import Entry

ALIKE = 0.6
"""From which share of equal text on, an entry under another heading is the old one rewritten, and not a new one."""

MAX_CELLS = 40_000
"""Pairs of entries among which the cheapest way from one version to the other is looked for."""

MAX_ASKED = 2_000
"""Pairs of entries, in one stretch, of which it is asked whether one was made of the other under another heading."""

MAX_COMPARED = 4000
"""Characters of an entry of which this is asked."""


def aligned(old: LogVersion, new: WrittenLog) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the pairs of equal entries that stand in the same order, and pairs of the same heading between them."""
    first, second = old.digests, new.digests
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    end = 0
    while end < min(len(first), len(second)) - start and first[-1 - end] == second[-1 - end]:
        end += 1
    olds, news = range(start, len(first) - end), range(start, len(second) - end)
    align = _cheapest if len(olds) * len(news) <= MAX_CELLS else _longest_run
    middle = align(old, new, olds, news)
    pairs = [(index, index) for index in range(start)]
    pairs += [(one, two) for one, two in middle if first[one] == second[two]]
    pairs += [(len(first) - step, len(second) - step) for step in range(end, 0, -1)]
    return pairs, [(one, two) for one, two in middle if first[one] != second[two]]


def _longest_run(old: LogVersion, new: WrittenLog, olds: range, news: range) -> list[tuple[int, int]]:
    """Align by the longest run of equal entries in the same order: quick, and good enough where very much changed.

    Of entries that are there more than once, the first is the first.
    """
    first, second = _places(old.digests, olds), _places(new.digests, news)
    return _rising([(first[each], second[each]) for each in first if each in second])


def _places(digests: Sequence[str], part: range) -> dict[tuple[str, int], int]:
    """Return where each entry stands, by its digest and by how many like it stand before it."""
    count: Counter[str] = Counter()
    places = {}
    for index in part:
        places[digests[index], count[digests[index]]] = index
        count[digests[index]] += 1
    return places


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, in order of their first, whose second rises."""
    pairs = sorted(pairs)
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for index, (_, second) in enumerate(pairs):
        place = bisect_left(tails, second)
        back.append(ends[place - 1] if place else -1)
        tails[place : place + 1] = [second]
        ends[place : place + 1] = [index]
    found = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = back[at]
    return found[::-1]


def _cheapest(old: LogVersion, new: WrittenLog, olds: range, news: range) -> list[tuple[int, int]]:
    """Align so that the least has happened: an entry kept costs nothing, one rewritten, lost, or put in costs one."""
    free = [
        [
            0 if old.digests[one] == new.digests[two] else 1 if _same_heading(old, new, one, two) else None
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


def _same_heading(old: LogVersion, new: WrittenLog, one: int, two: int) -> bool:
    before, after = old.entries[one], new.entries[two]
    if before.kind == "line":  # its number is not its own
        return False
    return before.heading.text == after.heading.text


def made_of(
    old: LogVersion, new: WrittenLog, olds: list[int], news: list[int], elsewhere: Collection[str]
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of an old entry and what was made of it, among those that lie in the same stretch."""
    at = 0
    asked = len(olds) * len(news) <= MAX_ASKED
    for first in olds:
        heading, titled = old.entries[first].heading.text, old.entries[first].kind != "line"
        possible = (
            index
            for index in range(at, len(news))
            if new.digests[news[index]] not in elsewhere
            or (titled and new.entries[news[index]].heading.text == heading)
        )
        match = next((index for index in possible if _is_made_of(old, new, first, news[index], asked)), None)
        if match is not None:
            yield first, news[match]
            at = match + 1


def _is_made_of(old: LogVersion, new: WrittenLog, first: int, second: int, asked: bool) -> bool:
    before, after = old.entries[first], new.entries[second]
    if before.heading.text == after.heading.text or (before.key is not None and before.key == after.key):
        return True
    if isinstance(old, RememberedLog) or not asked:
        return False
    if before.key is not None and after.key is not None:  # of another iteration, unless just its number was changed
        return before.time_text == after.time_text and _body(before) == _body(after)
    one, two = (plain(each.text)[:MAX_COMPARED] for each in (before, after))
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, one, two, autojunk=False)
    return all(ratio() >= ALIKE for ratio in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio))


def _body(entry: Entry) -> str:
    return plain(entry.text).partition("\n")[2]
