"""Repeats in regular expressions that give nothing back."""

from __future__ import annotations

import sys

_WORK = sys.version_info >= (3, 11, 5)
"""Whether those of more than one character do. Before, one that fails half way leaves its beginning out (gh-106052)."""


def as_often_as_possible(pattern: str, count: str = "*") -> str:
    """Return a pattern that is repeated as often as it can be, and is never tried less often.

    Where Python gets that wrong, it is said in another way, which takes memory for each repeat.
    """
    return f"(?:{pattern}){count}+" if _WORK else f"(?>(?:{pattern}){count})"
