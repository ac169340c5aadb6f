"""Named tuples: what typing makes of a class, but for the annotations that nobody asks for."""

from __future__ import annotations

import pickle
import typing
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from statecheck.findings import Related
from statecheck.tuples import NamedTuple


class Place(NamedTuple):
    """A place."""

    path: str
    line: int = 1
    words: tuple[str, ...] = ()
    """What is said of it."""

    @property
    def shown(self) -> str:
        return f"{self.path}:{self.line}"

    @classmethod
    def first(cls, path: str) -> Place:
        return cls(path)

    def __len__(self) -> int:
        return self.line


class Empty(NamedTuple):
    """Nothing."""


def test_a_named_tuple_has_its_fields_their_defaults_and_what_else_stands_in_the_class() -> None:
    place = Place("a", words=("b",))
    assert place == ("a", 1, ("b",)) and isinstance(place, tuple)
    assert (place.shown, Place.first("c"), tuple.__len__(place), len(place)) == ("a:1", Place("c"), 3, 1)
    assert repr(place) == "Place(path='a', line=1, words=('b',))"
    assert (Place.__doc__, Place.__module__, Place.__qualname__) == ("A place.", __name__, "Place")
    assert Place._field_defaults == {"line": 1, "words": ()}
    assert (Empty(), Empty.__doc__) == ((), "Nothing.")
    assert not hasattr(place, "__dict__")


def test_a_named_tuple_can_be_told_to_another_process() -> None:
    related = Related("a", 1, "here")
    assert pickle.loads(pickle.dumps(related)) == related
    assert type(pickle.loads(pickle.dumps(Place("a")))) is Place


@given(st.lists(st.sampled_from("abcdefgh"), unique=True), st.integers(0, 8))
def test_it_is_what_typing_makes(names: list[str], plain: int) -> None:
    body: dict[str, Any] = {
        "__module__": __name__,
        "__qualname__": "Made",
        "__annotations__": dict.fromkeys(names, int),
    }
    body |= {name: number for number, name in enumerate(names) if number >= plain}
    ours, theirs = _ours({**body}), _theirs({**body})
    assert ours._fields == theirs._fields
    assert ours._field_defaults == theirs._field_defaults
    assert tuple(ours(*names)) == tuple(theirs(*names))


def _ours(body: dict[str, Any]) -> Any:
    return type(NamedTuple)("Made", (NamedTuple,), body)  # type: ignore[arg-type]


def _theirs(body: dict[str, Any]) -> Any:
    return typing.NamedTupleMeta("Made", (typing._NamedTuple,), body)  # type: ignore[attr-defined]
