"""Patterns of paths, as a configuration has them."""

from __future__ import annotations

import re


def compile_glob(glob: str, folder: str) -> re.Pattern[str]:
    """Return what fully matches the paths that a pattern means, from the root of the tree.

    `folder` is where the configuration lies. ``*`` and ``?`` stay within a name, ``**`` stands for any folders. What
    lies below a folder that matches matches too. A pattern without ``/`` is a name at any depth.
    """
    parts = glob.removesuffix("/").removesuffix("/**").split("/")
    if len(parts) == 1:
        parts.insert(0, "**")
    if parts[-1] == "**":
        return re.compile(_start(folder) + _between(parts[:-1]) + ".*", re.DOTALL)
    return re.compile(f"{_start(folder)}{_between(parts[:-1])}{_name(parts[-1])}(?:/.*)?", re.DOTALL)


def _start(folder: str) -> str:
    return re.escape(f"{folder}/") if folder else ""


def _between(parts: list[str]) -> str:
    return "".join("(?:.*/)?" if part == "**" else f"{_name(part)}/" for part in parts)


def _name(part: str) -> str:
    within = {"*": "[^/]*", "?": "[^/]"}
    return "".join(within.get(character) or re.escape(character) for character in part)
