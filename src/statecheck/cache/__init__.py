"""The cache: what an earlier run found, for as long as everything that it looked at is as it was.

A cache never changes a verdict. What it holds is told again only if every question that the earlier run asked of the
disk and of git gets the same answer now; where that is not certain, it is not kept.
"""

from statecheck.cache.facts import entry_answer, listing_answer
from statecheck.cache.memory import Memory
from statecheck.cache.records import finding
from statecheck.cache.store import cache_folder, load, save

__all__ = [
    "Memory",
    "cache_folder",
    "entry_answer",
    "finding",
    "listing_answer",
    "load",
    "save",
]
