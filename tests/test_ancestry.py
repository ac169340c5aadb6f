"""Where commits part: what is found of any history is what git finds, which is asked once."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Commands, git, make_repository, write

from statecheck.history.range import parting
from statecheck.trees import GitError, Repository

NAMES = "abcdefghijklmnopqrst"


def history(folder: Path, chance: random.Random, commits: int, *, skewed: bool) -> dict[str, str]:
    """Make a history in which anybody may have merged anything; return the commits by name."""
    make_repository(folder, {})
    made: list[str] = []
    stream = []
    for number in range(commits):
        count = chance.choice((0, 1, 1, 1, 1, 2, 2, 3)) if made else 0
        parents = chance.sample(made[-6:], min(count, len(made[-6:])))
        time = 1_700_000_000 + (chance.randrange(-5000, 5000) if skewed else 10 * (number // 2))
        name = NAMES[number]
        stream += [f"commit refs/heads/{name}", f"mark :{number + 1}", f"committer a <a@b> {time} +0000", "data 0"]
        if not parents:
            stream.append("deleteall")
        stream += [f"{'merge' if at else 'from'} :{NAMES.index(parent) + 1}" for at, parent in enumerate(parents)]
        stream += [f"M 100644 inline {name}", "data 1", name]
        made.append(name)
    git_input(folder, "\n".join([*stream, "done", ""]))
    return {name: git(folder, "rev-parse", f"refs/heads/{name}").strip() for name in made}


def git_input(folder: Path, text: str) -> None:
    command = ["git", "fast-import", "--quiet", "--done", "--force"]
    subprocess.run(command, cwd=folder, input=text.encode(), check=True, capture_output=True)


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_git_finds(folder: Path, opened: Callable[[Path], Repository], seed: int, skewed: bool) -> None:
    chance = random.Random(seed)
    commits = history(folder, chance, 14, skewed=skewed)
    repository = opened(folder)
    with repository.ancestry(list(commits.values())) as ancestry:
        for _ in range(60):
            one, two = chance.choices(list(commits.values()), k=2)
            told = subprocess.run(
                ["git", "merge-base", "--all", one, two], cwd=folder, capture_output=True, text=True, check=False
            ).stdout.split()
            found = ancestry.merge_base(one, two)
            assert (found in told) if told else (found is None), (one, two)
            if found is not None:
                times = {each: int(git(folder, "show", "-s", "--format=%ct", each)) for each in told}
                assert times[found] == max(times.values())


def test_of_several_that_are_best_the_latest_is_found(folder: Path, opened: Callable[[Path], Repository]) -> None:
    """Two branches that each merged the other: neither of the commits before leads to the other one."""
    make_repository(folder, {})
    times = {"root": 0, "a": 10, "b": 20, "left": 30, "right": 40}
    parents = {"root": [], "a": ["root"], "b": ["root"], "left": ["a", "b"], "right": ["b", "a"]}
    made: dict[str, str] = {}
    tree = git(folder, "write-tree").strip()
    for name, before in parents.items():
        date = f"{1_700_000_000 + times[name]} +0000"
        arguments = [word for parent in before for word in ("-p", made[parent])]
        environment = {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
        made[name] = git(folder, "commit-tree", tree, "-m", name, *arguments, env=environment).strip()
    assert len(git(folder, "merge-base", "--all", made["left"], made["right"]).split()) == 2
    with opened(folder).ancestry([made["left"], made["right"]]) as ancestry:
        assert ancestry.merge_base(made["left"], made["right"]) == made["b"]


def test_the_latest_is_found_though_it_is_listed_late(folder: Path, opened: Callable[[Path], Repository]) -> None:
    """Clocks disagreed: the later of two common ancestors is reached through commits of older dates alone."""
    make_repository(folder, {})
    tree, made = git(folder, "write-tree").strip(), dict[str, str]()
    times = {"root": 1, "a": 1000, "b": 5000, "c": 10, "d": 11, "left": 6000, "right": 6001}
    parents = {"root": "", "a": "root", "b": "root", "c": "b", "d": "b", "left": "a c", "right": "a d"}
    for name, before in parents.items():
        date = f"{1_700_000_000 + times[name]} +0000"
        arguments = [word for parent in before.split() for word in ("-p", made[parent])]
        environment = {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
        made[name] = git(folder, "commit-tree", tree, "-m", name, *arguments, env=environment).strip()
    assert git(folder, "merge-base", made["left"], made["right"]).strip() == made["b"]
    with opened(folder).ancestry([made["left"], made["right"]]) as ancestry:
        assert ancestry.merge_base(made["left"], made["right"]) == made["b"]


def test_what_is_not_needed_is_not_read(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"a": "0"})
    for number in range(1, 31):
        write(folder, {"a": f"{number}"})
        git(folder, "commit", "-qam", "x")
    git(folder, "checkout", "-qb", "side", "HEAD~2")
    write(folder, {"b": ""})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "side")
    main, side, base = (git(folder, "rev-parse", name).strip() for name in ("main", "side", "main~2"))
    with opened(folder).ancestry([main, side]) as ancestry:
        assert ancestry.merge_base(main, side) == base
        assert len(ancestry._parents) < 10
        assert ancestry.merge_base(main, main) == main
        assert ancestry.merge_base(base, side) == base
    assert ancestry._process.returncode is not None


def test_a_commit_that_no_head_leads_to_is_an_error(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"a": "0"})
    head = git(folder, "rev-parse", "HEAD").strip()
    with opened(folder).ancestry([head]) as ancestry, pytest.raises(GitError, match="rev-list ended"):
        ancestry.merge_base(head, "12" * 20)


def test_an_octopus_is_parted_by_one_process(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {"a": "0"})
    base = git(folder, "rev-parse", "HEAD").strip()
    heads = []
    for name in ("one", "two", "three"):
        git(folder, "checkout", "-q", "-b", name, base)
        write(folder, {name: ""})
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", name)
        heads.append(git(folder, "rev-parse", "HEAD").strip())
    repository, started = opened(folder), []
    real = repository.start
    monkeypatch.setattr(repository, "start", lambda *words: started.append(words[0]) or real(*words))
    pairs = parting(tuple(heads), repository)
    assert [(one, two, tree.label) for one, two, tree in pairs] == [
        (one, two, base[:12]) for one, two in ((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1))
    ]
    assert sorted(started) == ["cat-file", "rev-list"]


def test_a_shallow_clone_has_no_ancestors_behind_its_end(
    folder: Path, opened: Callable[[Path], Repository], commands: Commands
) -> None:
    source = folder / "source"
    make_repository(source, {"a": "0"})
    git(source, "checkout", "-q", "-b", "side")
    write(source, {"b": ""})
    git(source, "add", "-A")
    git(source, "commit", "-qm", "side")
    git(source, "checkout", "-q", "main")
    write(source, {"a": "1"})
    git(source, "commit", "-qam", "main")
    git(folder, "clone", "-q", "--depth", "1", "--no-single-branch", source.as_uri(), "clone")
    main, side = (git(folder / "clone", "rev-parse", f"origin/{name}").strip() for name in ("main", "side"))
    with opened(folder / "clone").ancestry([main, side]) as ancestry:
        assert ancestry.merge_base(main, side) is None
