"""What is worked out of a document or a workspace once, and then kept with it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Keeper(Protocol):
    """Something that does not change, with what was worked out of it: that goes when it goes."""

    @property
    def kept(self) -> dict[tuple[Any, ...], Any]:
        """The answers, by the function and its further arguments."""
        ...


Of = TypeVar("Of", bound=Keeper)
More = TypeVarTuple("More")
Answer = TypeVar("Answer")


def kept(function: Callable[[Of, *More], Answer]) -> Callable[[Of, *More], Answer]:
    """Return a function that works its answer out once for each document or workspace, and each further argument.

    Many rules ask the same. Nobody may change an answer: it is the next one's, too.
    """

    @wraps(function)
    def known(of: Of, *more: *More) -> Answer:
        key = (function, *more)
        try:
            answer: Answer = of.kept[key]
        except KeyError:
            answer = of.kept[key] = function(of, *more)
        return answer

    return known
