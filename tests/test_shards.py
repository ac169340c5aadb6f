"""Shards: what they find together is what one run finds, each thing once, whatever the repository holds."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from harness import Commands, Outcome, git, make_repository, write
from lives import LIVES, Life, stages
from ruamel.yaml import YAML

SEEDS = int(__import__("os").environ.get("SEEDS","6"))
CASES = sorted((Path(__file__).parent / "cases").glob("*/*.yaml"))
TOGETHER = 8
"""Cases that are put into one repository, each in a folder of its own."""


def counted(items: list[Any]) -> Counter[str]:
    return Counter(json.dumps(each, sort_keys=True) for each in items)


def shards(commands: Commands, count: int, *arguments: str) -> list[Outcome]:
    return [commands.check_json("--shard", f"{number}/{count}", *arguments) for number in range(1, count + 1)]


def assert_same(whole: Outcome, parts: list[Outcome]) -> None:
    """The parts say what the whole says, none of it twice, and examined as much."""
    assert whole.err == "" and not any(each.err for each in parts)
    for what in ("findings", "unverified"):
        together = [item for each in parts for item in each.json[what]]
        assert counted(together) == counted(whole.json[what])
    for what in ("workspaces", "files"):
        assert sum(each.json["examined"][what] for each in parts) == whole.json["examined"][what]
    for what in ("revisions", "rules"):
        assert {each.json["examined"][what] for each in parts} == {whole.json["examined"][what]}
    assert [each.json["comparison"] for each in parts] == [whole.json["comparison"]] * len(parts)
    assert max(each.code == 1 for each in parts) == (whole.code == 1)


def _case(path: Path) -> dict[str, Any]:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def _below(folder: str, files: dict[str, Any] | None) -> dict[str, Any]:
    return {f"{folder}/{name}": content for name, content in (files or {}).items()}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_cases_together(seed: int, folder: Path, commands: Commands) -> None:
    chosen = random.Random(seed).sample(CASES, TOGETHER)
    cases = [(f"p{number}", _case(path)) for number, path in enumerate(chosen)]
    make_repository(folder, {"README.md": "x"} | {k: v for name, case in cases for k, v in _below(name, case.get("base")).items()})
    for name, case in cases:
        write(folder / name, case.get("files", {}))
    count = random.Random(seed).choice((2, 3, 5))
    assert_same(commands.check_json(), shards(commands, count))


def _damaged(content: str | bytes, chance: random.Random) -> str | bytes | None:
    """Return a file as somebody might have left it: cut, with a line less or one twice, or gone."""
    lines = content.splitlines(keepends=True)
    number = chance.randrange(len(lines)) if lines else 0
    joined: Any = b"" if isinstance(content, bytes) else ""
    kind = chance.randrange(5)
    if kind == 0 or not lines:
        return None
    if kind == 1:
        return content[: len(content) // 2]
    if kind == 2:
        return joined.join(lines[:number] + lines[number + 1 :])
    if kind == 3:
        return joined.join([*lines[: number + 1], lines[number], *lines[number + 1 :]])
    return joined.join([*lines[:number], lines[number].replace(lines[number][:1], lines[number][:1] * 2, 1), *lines[number + 1 :]])


def make_history(folder: Path, seed: int) -> None:
    """Make a repository in which several workspaces live at once, are moved and renamed, and sometimes damaged."""
    chance = random.Random(seed)
    lives = [(f"p{number}", stages(chance.choice(list(LIVES.values())))) for number in range(6)]
    make_repository(folder, {"README.md": "x"})
    places = {name: name for name, _ in lives}
    done = dict.fromkeys(places, 0)
    last: dict[str, Any] = {name: {} for name in places}
    while todo := [(name, stages) for name, stages in lives if done[name] < len(stages)]:
        for name, stages_ in chance.sample(todo, min(len(todo), chance.randrange(1, 4))):
            if chance.random() < 0.1:
                new = f"{chance.choice('abxyz')}{name}{done[name]}"
                (folder / places[name]).exists() and (folder / places[name]).rename(folder / new)
                places[name] = new
            tree = dict(stages_[done[name]].tree)
            old, last[name] = last[name], tree
            done[name] += chance.randrange(1, 3)
            if chance.random() < 0.4:
                path = chance.choice(sorted(tree))
                tree = {**tree, path: _damaged(tree[path], chance)}
            write(folder / places[name], {**{k: None for k in old if k not in tree}, **tree})
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "step")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_histories(seed: int, folder: Path, commands: Commands) -> None:
    make_history(folder, seed)
    first = git(folder, "rev-list", "--max-parents=0", "HEAD").strip()
    arguments = ["--from-ref", first, "--to-ref", "HEAD"]
    assert_same(commands.check_json(*arguments), shards(commands, 3, *arguments))
    assert_same(commands.check_json("--base", first), shards(commands, 3, "--base", first))
