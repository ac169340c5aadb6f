"""File systems whose folders have times that tell when something was put there or taken away."""

from __future__ import annotations

import os
import sys

_KEEPING = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
"""What Linux calls those that do. Of what is far away, or lies in another system's form, nobody knows."""


def keeps_times(root: str) -> bool:
    """Say whether the folders below a folder are known to have times that change with what stands in them."""
    if sys.platform == "darwin":
        return not root.startswith("/Volumes/")
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            mounts = [line.partition(" - ") for line in file]
    except OSError:
        return False
    places = {_plain(before.split(" ")[4]): after.split(" ")[0] for before, _, after in mounts}
    above = os.path.realpath(root)
    while above not in places and above != os.path.dirname(above):
        above = os.path.dirname(above)
    return places.get(above) in _KEEPING


def _plain(place: str) -> str:
    """Return a path in which Linux writes out what would end a word or a line."""
    for written, meant in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        place = place.replace(written, meant)
    return place
