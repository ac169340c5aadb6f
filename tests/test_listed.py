"""What git lists, read as far as somebody asks: the answers are those of who reads it all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from harness import git, make_repository, write
from hypothesis import given
from hypothesis import strategies as st

from statecheck.trees import Entry, GitTree, Paths, Repository, find_repository, listed
from statecheck.trees.git_listing import parse_commit, parse_listing
from statecheck.trees.listed import Listed, WithOthers

if TYPE_CHECKING:
    from pathlib import Path

OID = "1" * 40
NAMES = st.binary(min_size=1, max_size=3).filter(lambda name: not {0, ord("/")} & {*name} and name not in (b".", b".."))
"""Names of files, with all bytes that may be in one: blanks, tabs, line ends, what is no UTF-8, what sorts before /."""

PATHS = st.lists(
    st.one_of(NAMES, st.sampled_from([b"a", b"a b", b"a-", b"a.b", b"a0", b"\xf0\x9f\x98\x80", b"\xff", b"\xe9"])),
    min_size=1,
    max_size=4,
).map(b"/".join)


def entries(paths: set[bytes]) -> dict[bytes, str]:
    """Return an object id for each path; one that is a folder of another one is left out, as git has it."""
    return {
        path: f"{number:040x}"
        for number, path in enumerate(sorted(paths))
        if not any(other.startswith(path + b"/") for other in paths)
    }


def printed(found: dict[bytes, str]) -> bytes:
    """Return what ``ls-tree`` prints of files."""
    return b"".join(b"100644 blob %s\t%s\0" % (oid.encode(), path) for path, oid in sorted(found.items()))


def plain(found: dict[bytes, str]) -> dict[str, Entry]:
    return {os.fsdecode(path): Entry("file", oid) for path, oid in sorted(found.items())}


def asked(found: dict[bytes, str]) -> list[str]:
    """Return paths to ask about: those of the files, of all their folders, and some that are not there."""
    paths = {"", "a", "a/", "nothing", "a/nothing", "\udcff", "\U0001f600", "a/\ud800"}
    for path in map(os.fsdecode, found):
        parts = path.split("/")
        paths |= {"/".join(parts[:end]) for end in range(1, len(parts) + 1)} | {f"{path}/below", f"{path}0", path[:-1]}
    return sorted(paths)


@pytest.mark.parametrize("few", [0, 1, 32])
@given(paths=st.sets(PATHS, max_size=12))
def test_a_tree_that_is_searched_answers_as_one_that_is_read(few: int, paths: set[bytes]) -> None:
    found = entries(paths)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listed, "OFTEN", few)
        reader = None
        known = GitTree("read", plain(found), reader)  # type: ignore[arg-type]
        for path in asked(found):
            searched = GitTree("searched", parse_commit(printed(found)), reader)  # type: ignore[arg-type]
            for _ in range(3):  # some are read as a whole by then
                assert searched.entry(path) == known.entry(path), path
                assert searched.children(path) == known.children(path), path
            files, all_files = Paths(parse_commit(printed(found))), Paths(plain(found))
            assert (path in files) == (path in all_files)
            assert [*files.below(path)] == [*all_files.below(path)]
        assert [*parse_commit(printed(found))] == [*plain(found)]
        assert parse_commit(printed(found)) == plain(found)


@pytest.mark.parametrize("few", [0, 32])
@given(paths=st.sets(PATHS, max_size=8), others=st.sets(PATHS, max_size=8))
def test_others_are_among_the_paths(few: int, paths: set[bytes], others: set[bytes]) -> None:
    found = entries(paths)
    more = sorted(map(os.fsdecode, others))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listed, "OFTEN", few)
        every = Paths({**dict.fromkeys(plain(found)), **dict.fromkeys(more)})
        for path in [*asked(found), *more]:
            searched = Paths(WithOthers(parse_commit(printed(found)), more))
            assert (path in searched) == (path in every)
            assert [*searched.below(path)] == [*every.below(path)]
            assert ([*searched], len(searched)) == ([*every], len(every))


def test_what_is_asked_once_is_searched_and_what_is_asked_often_is_read() -> None:
    read = []

    def entry(words: str) -> Entry:
        read.append(words)
        return Entry("file", words[-40:])

    many = Listed(printed({b"f/%05d" % number: OID for number in range(10_000)}), entry)
    assert many.get("f/00007") == Entry("file", OID)
    assert "f/no" not in many
    assert many.holds("f") is True
    assert many.holds("f/00007") is False
    assert len(read) == 1, "the others were not looked at"
    assert many.few_below("f") is None, "there are too many"
    for number in range(10_000 // listed.OFTEN):
        many.get(f"f/{number:05}")
    assert len(read) > 10_000, "by now it was better to read them all"


def test_a_conflict_is_one_however_it_is_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(folder)
    write(folder, {"a": "1\n", "b": "1\n", "c/d": "1\n"})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "checkout", "-qb", "other")
    write(folder, {"b": "2\n"})
    git(folder, "commit", "-qam", "two")
    git(folder, "checkout", "-q", "main")
    write(folder, {"b": "3\n", "new": "x\n", "c/new": "x\n"})
    git(folder, "commit", "-qam", "three")
    with pytest.raises(AssertionError, match="git merge"):
        git(folder, "merge", "-q", "other")
    repository = find_repository(str(folder))
    assert isinstance(repository, Repository)
    try:
        monkeypatch.setattr(listed, "OFTEN", 0)
        found = parse_listing(repository.listed)
        assert found.staged["b"] == Entry("file", "0" * 40)
        assert found.staged.few_below("c") == {"c/d": found.staged["a"]}
        assert [*found.staged] == ["a", "b", "c/d"]
        assert found.staged.all()["b"] == Entry("file", "0" * 40)
        assert found.untracked == ["c/new", "new"]
    finally:
        repository.close()
