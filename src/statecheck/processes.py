"""How many processes may share work: they are split off the one that runs, so that they know what it knows."""

from __future__ import annotations

import os
import sys


def processors() -> int:
    """Return for how many processes there are processors; 1 where this process cannot be split as it is.

    Elsewhere each would have to read everything first.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    threads = sys.modules.get("threading")
    if threads is not None and threads.active_count() > 1:
        return 1  # what another thread holds would never be let go
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
