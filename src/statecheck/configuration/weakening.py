"""What a configuration no longer asks for, and an earlier one did: rule W907 tells each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.configuration.model import OUTSIDE
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from statecheck.configuration.model import Configuration

_RANK = ("error", "warning", "info")
_SHOWN = 6
"""Codes that are told one by one."""


class Vocabulary(NamedTuple):
    """What the words of a configuration mean, which only the rules know."""

    codes: Callable[[Sequence[str]], Collection[str]]
    """The codes of rules that words name."""
    severities: Mapping[str, str]
    """The severity of each rule where none is configured."""
    configured: Callable[[Mapping[str, str]], Mapping[str, str]]
    """The severity of each rule that a table of words gives one."""


def weakened(before: Configuration, after: Configuration, words: Vocabulary) -> list[str]:
    """Return, in words, each thing that a changed configuration no longer asks for."""
    return [
        *_rules(before, after, words),
        *_severities(before, after, words),
        *_paths(before, after, words),
        *_rest(before, after),
        *_memory(before, after),
        *_kinds(before, after),
    ]


def _rules(before: Configuration, after: Configuration, words: Vocabulary) -> Iterator[str]:
    ignored, was_ignored = set(words.codes(after.ignore)), set(words.codes(before.ignore))
    lost = (_selected(before, words) - was_ignored) - (_selected(after, words) - ignored)
    for key, codes in (("ignore leaves out", lost & ignored), ("select no longer has", lost - ignored)):
        if codes:
            yield f"{key} {_listed(codes)}"


def _selected(configuration: Configuration, words: Vocabulary) -> set[str]:
    return set(words.severities if configuration.select is None else words.codes(configuration.select))


def _severities(before: Configuration, after: Configuration, words: Vocabulary) -> Iterator[str]:
    old, new = ({**words.severities, **words.configured(each.severity)} for each in (before, after))
    lowered: dict[tuple[str, str], list[str]] = {}
    for code, was in old.items():
        if was in _RANK and _RANK.index(new[code]) > _RANK.index(was):
            lowered.setdefault((new[code], was), []).append(code)
    for (now, was), codes in lowered.items():
        yield f"the severity of {_listed(codes)} is {now}, and was {was}"


def _paths(before: Configuration, after: Configuration, words: Vocabulary) -> Iterator[str]:
    for glob, ignored in after.per_path_ignores.items():
        was = before.per_path_ignores.get(glob, [])
        lost = set(words.codes(ignored)) - set(words.codes([*was, *before.ignore]))
        if lost and glob not in before.exclude:
            yield f"per-path-ignores leaves out {_listed(lost)} in {glob}"
    for glob in after.exclude:
        if glob not in before.exclude:
            yield f"exclude leaves out {glob}"


def _rest(before: Configuration, after: Configuration) -> Iterator[str]:
    if before.strict and not after.strict:
        yield "strict is off, so that warnings no longer fail"
    if (before.base, after.base) == ("HEAD", "upstream"):
        yield "base is upstream, so that what was not pushed may be rewritten"
    for name, path in {**before.schemas, **after.schemas}.items():
        was = before.schemas.get(name)
        if was != path or name not in after.schemas:
            yield f"schemas.{name} is {after.schemas.get(name, 'gone')}, and was {was or 'the bundled one'}"


def _memory(before: Configuration, after: Configuration) -> Iterator[str]:
    for name, was, now in (
        ("path", before.memory.path, after.memory.path),
        ("phase", before.memory.phase_place, after.memory.phase_place),
        ("type", before.memory.type_place, after.memory.type_place),
    ):
        configured = (getattr(before.memory, name), getattr(after.memory, name))
        if was is not None and was != now and configured != (None, None):
            yield f"memory.{name} is {'gone' if now is None else now}, and was {was}"
    place = after.memory.path
    if before.memory.path is None and place is not None and place.startswith(OUTSIDE):
        yield f"memory.path is {place}, outside the repository"


def _kinds(before: Configuration, after: Configuration) -> Iterator[str]:
    """Yield what became of kinds: whether another declaration asks for less, only a person can tell."""
    for name, was in before.kinds.items():
        now = after.kinds.get(name)
        if now is None:
            yield f"kind {name} is no longer declared"
        elif now != was:
            yield f"kind {name} is declared otherwise"


def _listed(codes: Collection[str]) -> str:
    shown = sorted(codes)
    more = len(shown) - _SHOWN
    return ", ".join(shown) if more <= 0 else f"{', '.join(shown[:_SHOWN])} and {more} more"
