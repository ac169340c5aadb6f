"""Shards: what they find together is what one run finds, each thing once, whatever the repository holds."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import NOW, ROOT, Commands, Outcome, git, make_repository, write
from lives import LIVES, stages
from ruamel.yaml import YAML

from statecheck.engine.shards import has
from statecheck.findings import Shard

CASES = sorted((Path(__file__).parent / "cases").glob("*/*.yaml"))
WORLDS = int(os.environ.get("STATECHECK_SHARDS", "6"))
"""Repositories that are made by chance, of each sort; the same ones every time."""

SCHEMA = json.loads((ROOT / "schemas" / "findings.schema.json").read_text(encoding="utf-8"))


def shards(commands: Commands, total: int, *arguments: str) -> list[Outcome]:
    return [commands.check_json("--shard", f"{number}/{total}", *arguments) for number in range(1, total + 1)]


def assert_same(commands: Commands, total: int, *arguments: str) -> list[Outcome]:
    """The parts say what the whole says, none of it twice, and examined as much; merged, they are the whole."""
    whole, parts = commands.check_json(*arguments), shards(commands, total, *arguments)
    assert whole.err == "" and not any(each.err for each in parts)
    for what in ("findings", "unverified"):
        together = [json.dumps(item, sort_keys=True) for each in parts for item in each.json[what]]
        assert Counter(together) == Counter(json.dumps(item, sort_keys=True) for item in whole.json[what])
    for what in ("workspaces", "files"):
        assert sum(each.json["examined"][what] for each in parts) == whole.json["examined"][what]
    for number, each in enumerate(parts, start=1):
        jsonschema.Draft202012Validator(SCHEMA).validate(each.json)
        assert each.json["examined"]["shard"] == {"index": number, "count": total}
        assert each.json["comparison"] == whole.json["comparison"]
    names = [commands.folder.parent / f"shard-{number}.json" for number in range(total)]
    for name, each in zip(names, parts, strict=True):
        name.write_text(each.out, encoding="utf-8")
    merged = commands.statecheck("merge-reports", "--output-format", "json", *map(str, reversed(names)))
    assert (merged.code, merged.out, merged.err) == (whole.code, whole.out, "")
    return parts


# --- repositories by chance ------------------------------------------------------------------------------------------

COMMON: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a schema that is no JSON": ({}, {"references/schemas/constraints.schema.json": "no JSON"}),
    "a schema that was weakened": (
        {"references/schemas/constraints.schema.json": '{"type": "object", "required": ["constraints", "more"]}'},
        {"references/schemas/constraints.schema.json": '{"type": "object"}'},
    ),
    "rules that were weakened": (
        {"statecheck.toml": 'strict = true\n[severity]\nS112 = "error"\n'},
        {"statecheck.toml": 'ignore = ["S"]\nbase = "upstream"\n'},
    ),
    "a memory of all": ({"statecheck.toml": '[memory]\npath = "~/MEMORY.md"\n'}, {}),
    "something that is excluded": ({"statecheck.toml": 'exclude = ["p1", "p2/**", "p3/*.md"]\n'}, {}),
    "a workspace at the root": (dict(stages(LIVES["workflow"])[3].tree), {".claude/initiative.json": "{"}),
    "kinds that share files": (
        {
            "statecheck.toml": '[kinds.outer]\nfound-by = ["outer.json"]\n[kinds.outer.documents]\n'
            'outer = { paths = ["outer.json"] }\ninner = { paths = ["*/inner.json"] }\n'
            '[kinds.inner]\nfound-by = ["inner.json"]\n[kinds.inner.documents]\ninner = { paths = ["inner.json"] }\n',
            "outer.json": "{}",
            **{f"p{number}/inner.json": "{}" for number in range(6)},
        },
        {**{f"p{number}/inner.json": '{"time": ' for number in range(3)}, "p4/inner.json": {"link": "../../outside"}},
    ),
}
"""What concerns more than one workspace: what is committed first, and what becomes of it."""


def _below(folder: str, files: dict[str, Any] | None) -> dict[str, Any]:
    return {f"{folder}/{name}": content for name, content in (files or {}).items()}


def make_world(folder: Path, chance: random.Random) -> None:
    """Make a repository with the files of several cases, each in a folder of its own, and something for all of them."""
    cases = [YAML(typ="safe").load(path.read_text(encoding="utf-8")) for path in chance.sample(CASES, 8)]
    committed, changed = COMMON[chance.choice(list(COMMON))]
    base = {"README.md": "x", **committed}
    for number, case in enumerate(cases):
        base |= _below(f"p{number}", case.get("base"))
    make_repository(folder, base)
    for number, case in enumerate(cases):
        write(folder, _below(f"p{number}", case.get("files")))
    write(folder, changed)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_any_repository(seed: int, folder: Path, commands: Commands) -> None:
    chance = random.Random(seed)
    make_world(folder, chance)
    total = chance.choice((2, 3, 5))
    assert_same(commands, total)
    assert_same(commands, total, *(f"p{number}" for number in chance.sample(range(8), 3)))
    files = git(folder, "ls-files", "-z").split("\0")
    assert_same(commands, total, *chance.sample([each for each in files if each.startswith("p")] or ["p0"], 1))


@pytest.mark.parametrize("seed", range(WORLDS))
def test_any_repository_with_a_baseline(seed: int, folder: Path, commands: Commands) -> None:
    chance = random.Random(seed + 1000)
    make_world(folder, chance)
    commands.statecheck("baseline", "--now", NOW)
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "--allow-empty", "-m", "second")
    files = sorted(path for path in folder.glob("p*/**/*") if path.is_file() and not path.is_symlink())
    for path in chance.sample(files, min(5, len(files))):
        path.write_bytes(path.read_bytes()[:-20])
    assert_same(commands, 3)


def _damaged(content: str | bytes, chance: random.Random) -> str | bytes | None:
    """Return a file as somebody may leave it: cut, with a line less or one twice, or gone."""
    lines: Any = content.splitlines(keepends=True)
    number = chance.randrange(len(lines)) if lines else 0
    nothing: Any = b"" if isinstance(content, bytes) else ""
    ways: list[Any] = [
        None,
        content[: len(content) // 2],
        nothing.join(lines[:number] + lines[number + 1 :]),
        nothing.join(lines[: number + 1] + lines[number:]),
    ]
    return chance.choice(ways)


def make_history(folder: Path, chance: random.Random) -> None:
    """Make a repository in which workspaces live side by side, are moved and renamed, and sometimes damaged."""
    make_repository(folder, {"README.md": "x"})
    lives = {f"p{number}": stages(chance.choice(list(LIVES.values()))) for number in range(6)}
    places = {name: name for name in lives}
    there: dict[str, dict[str, Any]] = {name: {} for name in lives}
    while lives:
        for name in chance.sample(sorted(lives), min(len(lives), chance.randrange(1, 4))):
            if (folder / places[name]).exists() and chance.random() < 0.1:
                new = f"{chance.choice('abxyz')}-{name}-{len(lives[name])}"
                (folder / places[name]).rename(folder / new)
                places[name] = new
            tree: dict[str, Any] = dict(lives[name].pop(0).tree)
            if chance.random() < 0.4:
                path = chance.choice(sorted(tree))
                tree[path] = _damaged(tree[path], chance)
            write(folder / places[name], {**{path: None for path in there[name] if path not in tree}, **tree})
            there[name] = tree
            if not lives[name]:
                del lives[name]
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", "step")


@pytest.mark.parametrize("seed", range(WORLDS))
def test_any_history(seed: int, folder: Path, commands: Commands) -> None:
    make_history(folder, random.Random(seed))
    first = git(folder, "rev-list", "--max-parents=0", "HEAD").strip()
    assert_same(commands, 3, "--from-ref", first, "--to-ref", "HEAD")
    assert_same(commands, 3, "--from-ref", first, "--to-ref", "HEAD", "--endpoints")
    assert_same(commands, 3, "--base", first)
    half = git(folder, "rev-list", "HEAD").split()[4]
    assert_same(commands, 3, "--from-ref", half, "--to-ref", "HEAD", "--select", "L,T,D")


# --- the partition ---------------------------------------------------------------------------------------------------

TASK = ".iterative-work/demo"


def shard_of(name: str, total: int = 16) -> int:
    """Return the shard that a folder belongs to by its name."""
    (number,) = [each for each in range(1, total + 1) if has(Shard(each, total), name)]
    return number


def judging(commands: Commands, total: int, *arguments: str) -> dict[str, int]:
    """Return which shard tells of which workspace."""
    found: dict[str, int] = {}
    for number, each in enumerate(shards(commands, total, *arguments), start=1):
        for folder in {finding["workspace"] for finding in each.json["findings"]}:
            assert found.setdefault(folder, number) == number
    return found


def test_a_name_has_the_same_shard_on_every_machine() -> None:
    assert [shard_of(name) for name in ("", TASK, "a", "a/b", "\u00e4", "\udce4")] == [5, 8, 11, 14, 13, 8]


def test_names_are_spread() -> None:
    counts = Counter(shard_of(f"{TASK}-{number}", 4) for number in range(4000))
    assert sorted(counts) == [1, 2, 3, 4]
    assert all(900 < count < 1100 for count in counts.values())


def test_a_workspace_has_its_shard_whatever_else_there_is(folder: Path, commands: Commands) -> None:
    write(folder, {f"{TASK}-{number}/state.json": "{" for number in range(5)})
    before = judging(commands, 3)
    write(folder, {f"{TASK}-{number}/state.json": "{" for number in range(-9, 20)})
    after = judging(commands, 3)
    assert before == {name: after[name] for name in before} == {name: shard_of(name, 3) for name in before}


def test_a_workspace_keeps_its_shard_in_the_archive(folder: Path, commands: Commands) -> None:
    names = [f"t{number}" for number in range(8)]
    write(folder, {f".iterative-work/{name}/state.json": "{" for name in names})
    active = judging(commands, 5)
    (folder / ".iterative-work").rename(folder / "archive")
    (folder / ".iterative-work").mkdir()
    (folder / "archive").rename(folder / ".iterative-work/archive")
    archived = judging(commands, 5)
    assert len(active) == 8
    assert archived == {each.replace("-work/", "-work/archive/"): number for each, number in active.items()}


def test_kinds_in_one_folder_go_together(folder: Path, commands: Commands) -> None:
    for number in range(6):
        write(
            folder / f".iterative-work/archive/t{number}",
            {"state.json": "{", "constraints.json": "{", "decisions.md": ""},
        )
    parts = assert_same(commands, 4)
    assert sum(each.json["examined"]["workspaces"] for each in parts) == 12
    judging(commands, 4)


@pytest.mark.parametrize("name", ["a", "b", "z"])
def test_a_workspace_that_is_renamed_is_followed(name: str, folder: Path, commands: Commands) -> None:
    """It has one shard under both names, or its log would be gone in one, and new in another."""
    log = "# Progress Log\n\n## R1 - Iteration 1 - 2026-01-16T10:00:00Z\n**Did:** Read\n"
    make_repository(folder, {".iterative-work/old/progress.md": log, ".iterative-work/old/state.json": '{"task": "x"'})
    (folder / ".iterative-work/old").rename(folder / f".iterative-work/{name}")
    rewritten = log.replace("Read", "Wrote") + log[16:].replace("Iteration 1", "Iteration 2")
    write(folder, {f".iterative-work/{name}/progress.md": log + "\n" + rewritten[16:]})
    assert_same(commands, 7)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "second")
    write(folder, {f".iterative-work/{name}/progress.md": rewritten})
    git(folder, "commit", "-q", "-a", "-m", "third")
    assert_same(commands, 7, "--from-ref", "HEAD~2", "--to-ref", "HEAD")


# --- what is not of one workspace ------------------------------------------------------------------------------------

REFINEMENT = {"artifact_manifest.json": '{"artifact_type": "logo"}\n', "constraints.json": '{"constraints": []}\n'}
SEVERAL = {f"w{number}/{name}": text for number in range(9) for name, text in REFINEMENT.items()}


def told(parts: list[Outcome], code: str) -> int:
    """Return in how many shards a rule speaks."""
    return sum(any(each.split()[0] == code for each in part.findings + part.unverified) for part in parts)


@pytest.mark.parametrize("name", COMMON)
def test_what_concerns_all_is_told_once(name: str, folder: Path, commands: Commands) -> None:
    committed, changed = COMMON[name]
    make_repository(folder, {**SEVERAL, **committed})
    write(folder, changed)
    assert_same(commands, 4)


def test_what_was_weakened_is_told_by_one_shard(folder: Path, commands: Commands) -> None:
    make_repository(folder, {**SEVERAL, "statecheck.toml": "strict = true"})
    write(folder, {"statecheck.toml": "", "references/schemas/constraints.schema.json": "no JSON"})
    parts = assert_same(commands, 4)
    assert (told(parts, "W907"), told(parts, "S104")) == (1, 1)


def test_what_a_change_accepts_is_told_by_one_shard(folder: Path, commands: Commands) -> None:
    make_repository(folder, {**SEVERAL, "w3/constraints.json": "{", "w5/constraints.json": "{"})
    commands.statecheck("baseline", "--now", NOW)
    assert told(assert_same(commands, 4), "W907") == 1


def test_a_baseline_accepts_in_every_shard(folder: Path, commands: Commands) -> None:
    named = '{"artifact_type": "logo", "variants": [{"name": "a", "path": "dist/a.svg"}]}\n'
    make_repository(folder, {**SEVERAL, "w3/artifact_manifest.json": named, "w5/artifact_manifest.json": named})
    commands.statecheck("baseline", "--now", NOW)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "accepted")
    write(folder, {"w3/dist/a.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>"})
    assert "no longer needed" in commands.check().out
    for part in (commands.check("--shard", f"{number}/3").out for number in range(1, 4)):
        assert "accepted by the baseline" in part
        assert "no longer needed" not in part, "who looks at a part does not know what is gone"
    assert_same(commands, 3)


def test_what_is_excluded_is_named_by_one_shard(folder: Path, commands: Commands) -> None:
    write(folder, {**SEVERAL, "statecheck.toml": 'exclude = ["w1", "w2", "w4/constraints.json"]'})
    assert_same(commands, 4)
    lines = [line for each in range(1, 5) for line in commands.check("-v", "--shard", f"{each}/4").out.split("\n")]
    named = [line.partition(": ")[0].split(", ") for line in lines if "excluded by the configuration" in line]
    assert sorted(name for names in named for name in names) == ["w1", "w2", "w4/constraints.json"]


def test_a_folder_that_may_not_be_listed(folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {**SEVERAL, "shut/x": "", "w1/dist/x.svg": ""})
    real = os.scandir

    def refusing(path: Any) -> Any:
        if os.path.basename(path) in ("shut", "dist"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    parts = assert_same(commands, 4)
    assert sorted(gap for part in parts for gap in part.unverified) == ["W901 shut", "W901 w1/dist"]


def test_a_base_that_cannot_be_had(folder: Path, commands: Commands) -> None:
    make_repository(folder, SEVERAL)
    parts = shards(commands, 3, "--base", "absent")
    assert {each.code for each in parts} == {2}
    assert [each.json["examined"]["shard"]["index"] for each in parts] == [1, 2, 3]
    assert {tuple(each.unverified) for each in parts} == {("W906 .",)}


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", ["", "1", "1/", "/2", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1.5/2", "²/3", "9999999/9999999"]
)
def test_no_shard(given: str, folder: Path, commands: Commands) -> None:
    outcome = commands.check(f"--shard={given}")
    assert (outcome.code, outcome.out) == (2, "")
    assert f"check-state: error: argument --shard: {given}: " in outcome.err


def test_the_summary_says_which_shard(folder: Path, commands: Commands) -> None:
    write(folder, {f"{TASK}/state.json": "{"})
    number = shard_of(TASK, 4)
    outcome = commands.check("--shard", f"{number}/4")
    assert f"; worktree compared with nothing (no version control); shard {number} of 4; 1 error\n" in outcome.out


def test_one_shard_is_the_whole(folder: Path, commands: Commands) -> None:
    make_repository(folder, SEVERAL)
    whole, part = commands.check_json().json, commands.check_json("--shard", "1/1").json
    assert "shard" not in whole["examined"]
    assert part["examined"].pop("shard") == {"index": 1, "count": 1}
    assert part == whole


def test_a_shard_without_workspaces(folder: Path, commands: Commands) -> None:
    write(folder, REFINEMENT)
    number = shard_of("", 4) % 4 + 1
    arguments = ("--fail-if-empty", "--shard", f"{number}/4")
    outcome = commands.check(*arguments)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(
        "no workspace belongs to this shard: others look at them\nchecked 0 workspaces, 0 files;"
    )
    write(folder, dict.fromkeys(REFINEMENT))
    assert [commands.check("--fail-if-empty", "--shard", f"{each}/4").code for each in range(1, 5)] == [1] * 4
    assert "there is no workspace here" in commands.check(*arguments).out


def test_what_does_not_go_together(folder: Path, commands: Commands) -> None:
    outcome = commands.check("--record", "--shard", "1/2")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--record and --shard do not go together: the ledger remembers all of the state" in outcome.err
    assert "unrecognized arguments: --shard" in commands.fix("--shard", "1/2").err


def test_what_another_workspace_did_hides_nothing(folder: Path, commands: Commands) -> None:
    """A log that comes back otherwise is told, also where another one was changed in an entry of the same name."""
    text = "# Progress Log\n\n## R1 - Iteration 1 - 2026-01-16T10:00:00Z\n**Did:** Read\n**Remaining:** None\n"
    names = [".iterative-work/a", ".iterative-work/b"]
    make_repository(
        folder, {f"{name}/progress.md": text for name in names} | {f"{name}/state.json": "{}" for name in names}
    )
    a, b = names
    (folder / a).rename(folder / "away")
    git(folder, "commit", "-q", "-a", "-m", "gone")
    git(folder, "clean", "-q", "-f", "-d")
    write(folder, {f"{b}/progress.md": text.replace("Read", "Wrote")})
    git(folder, "commit", "-q", "-a", "-m", "rewritten")
    write(folder, {f"{a}/progress.md": text.replace("Read", "Drew"), f"{a}/state.json": "{}"})
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "back")
    arguments = ("--select", "L", "--from-ref", "HEAD~3", "--to-ref", "HEAD")
    told = commands.check_json(*arguments).json["findings"]
    assert {each["workspace"] for each in told if each["code"] == "L201"} == {a, b}
    assert_same(commands, 3, *arguments)
