"""Sentences to fill files with: many of them, and the same for the same seed."""

from __future__ import annotations

import random

_WHO = ("The council", "A survey", "The second draft", "One operator", "The field test", "An older study", "The review")
_DID = ("confirms", "leaves open", "compares", "questions", "describes", "prices", "repeats", "narrows down", "dates")
_WHAT = ("the cost of", "the order of", "the effect of", "the sources on", "the limits of", "the demand for")
_THING = (
    "night buses", "rail grinding", "bike counters", "shared stops", "reading rooms", "flood gates", "school streets",
    "meter data", "tree pits", "ferry links", "market halls", "noise walls", "heat plans", "ticket zones", "street art",
)  # fmt: skip
_WHERE = (
    "in the old town",
    "along the canal",
    "at the harbour",
    "in three districts",
    "on the ring road",
    "by the mill",
)
_WHEN = ("since 2019", "for one winter", "over two years", "at the weekend", "before the vote", "in the last quarter")
_MORE = (
    "and gives a number for each",
    "though the sample is small",
    "with a source that can be looked up",
    "which the next iteration has to weigh",
    "and says what it leaves out",
    "as the first interview suggested",
)
POOL = 4096
"""How many sentences there are to choose from; a text of twenty is then like no other."""


class Words:
    """A source of text: cheap to ask, as a benchmark asks for a hundred megabytes."""

    def __init__(self, seed: int | str, pool: list[str] | None = None) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - repeatable text, not a secret
        self._pool = pool or [self._sentence() for _ in range(POOL)]

    def of(self, topic: str) -> Words:
        """Return a source of the same sentences in another order, whatever was asked for before."""
        return Words(topic, self._pool)

    def _sentence(self) -> str:
        parts = [self.chance.choice(each) for each in (_WHO, _DID, _WHAT, _THING, _WHERE, _WHEN)]
        return ", ".join([" ".join(parts), self.chance.choice(_MORE)])

    def line(self) -> str:
        """Return one sentence, without a full stop."""
        return self._pool[int(self.chance.random() * POOL)]

    def text(self, sentences: int) -> str:
        """Return a paragraph."""
        return "".join(f"{self.line()}. " for _ in range(sentences))[:-1]

    def name(self) -> str:
        """Return what a task may be called."""
        return f"{self.chance.choice(_THING)} {self.chance.choice(_WHERE)}"
