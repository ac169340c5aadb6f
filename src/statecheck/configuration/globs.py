"""Patterns of paths, as a configuration has them."""

from __future__ import annotations

import re

_BELOW = "(?:/.*)?"
"""What lies below a folder that matches."""


def compile_glob(glob: str, folder: str) -> re.Pattern[str]:
    """Return what fully matches the paths that a pattern means, from the root of the tree.

    `folder` is where the configuration lies. ``*`` and ``?`` stay within a name, ``**`` stands for any folders. What
    lies below a folder that matches matches too. A pattern without ``/`` is a name at any depth. The first place where
    what stands between two stars fits is as good as any, so nothing is tried twice, and no pattern takes long.
    """
    whole = glob.removesuffix("/")
    runs: list[list[str]] = [[]]  # of names, between **
    for part in (["**"] if "/" not in whole else []) + whole.removesuffix("/**").split("/"):
        if part == "**":
            runs.append([])
        else:
            runs[-1].append(_name(part))
    start = re.escape(f"{folder}/") if folder else ""
    first, *others = runs
    if not others:
        return re.compile(f"{start}{'/'.join(first)}{_BELOW}", re.DOTALL)
    start += "".join(f"{name}/" for name in first)
    start += "".join(f"(?>(?:[^/]*/)*?{'/'.join(run)}/)" for run in others[:-1] if run)
    end = f"(?:.*/)?{'/'.join(others[-1])}{_BELOW}" if others[-1] else ".*"
    return re.compile(start + end, re.DOTALL)


def _name(part: str) -> str:
    first, *others = ("[^/]".join(map(re.escape, piece.split("?"))) for piece in re.split(r"\*+", part))
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{piece})" for piece in others[:-1]) + f"[^/]*{others[-1]}"
