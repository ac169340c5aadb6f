"""Trees: working tree, index, commit and overlay say the same of the same files, and git is asked as hooks need it."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from harness import Commands, git, make_repository, write

from statecheck.trees import (
    Entry,
    GitError,
    GitTree,
    OutsideError,
    Repository,
    Tree,
    UnreadableError,
    WorkingTree,
    commits,
    differences,
    find_repository,
    git_process,
    newly_staged,
    normalize,
    read_ahead,
    resolve,
)
from statecheck.trees import git as git_module
from statecheck.trees.commits import changed_tree, parse_tree
from statecheck.trees.git_process import Background
from statecheck.trees.overlay import Overlay

STATE = ".iterative-work/t/state.json"
BROKEN = "<<<<<<< a\n{\n=======\n>>>>>>> b\n"
RAW = os.fsdecode(b"raw \xff\xfe")
CONTENT: dict[str, Any] = {
    "plain.txt": "plain\n",
    "empty": "",
    "binary": b"\x00\r\n\xff",
    "a b/c  d.txt": "spaces",
    "line\nbreak/x\ty": "control",
    "grün/日本.md": "words",
    "-dash/--x": "dashes",
    '"quoted\\"': "quotes",
    ":(top)*?[a]": "magic",
    f"{RAW}/{RAW}": "raw",
    "real/inner/file": "inner",
    "to-file": {"link": "plain.txt"},
    "to-folder": {"link": "real"},
    "real/up": {"link": "../plain.txt"},
    "chain": {"link": "to-folder/inner/../up"},
    "out": {"link": "../outside.txt"},
    "absolute": {"link": "/etc/hostname"},
    "dangling": {"link": "nowhere"},
    "loop": {"link": "pool"},
    "pool": {"link": "loop"},
    "self": {"link": "self/x"},
}
TREES = ["disk", "plain", "index", "commit", "overlay", "proposed"]


@pytest.fixture(params=TREES)
def tree(request: pytest.FixtureRequest, folder: Path, opened: Callable[[Path], Repository]) -> Tree:
    """The files of CONTENT, in each kind of tree."""
    (folder.parent / "outside.txt").write_text("outside")
    make_repository(folder, CONTENT)
    repository = opened(folder)
    if request.param == "plain":
        (folder / ".git").rename(folder.parent / "put-aside.git")
        return WorkingTree(str(folder))
    trees: dict[str, Callable[[], Tree]] = {
        "disk": lambda: WorkingTree(str(folder), repository),
        "index": repository.index,
        "commit": lambda: repository.commit("HEAD"),
        "overlay": lambda: Overlay(repository.commit("HEAD"), {}),
        "proposed": lambda: _proposed(repository.commit("HEAD")),
    }
    return trees[request.param]()


def _proposed(below: Tree) -> Overlay:
    """Lay every regular file over another one, so that an overlay has to answer for all of them."""
    files = {path: below.read(path) for path in below.files() if not isinstance(CONTENT[path], dict)}
    return Overlay(Overlay(below, dict.fromkeys(files, b"old")), files)


def test_every_tree_has_the_same_files(tree: Tree) -> None:
    assert set(tree.files()) == set(CONTENT)


def test_every_tree_has_the_same_kinds(tree: Tree) -> None:
    for path, content in CONTENT.items():
        found = tree.entry(path)
        assert found is not None and found.kind == ("symlink" if isinstance(content, dict) else "file"), path
    for path in ("", "real", "real/inner", "grün", RAW, "line\nbreak", "-dash"):
        found = tree.entry(path)
        assert found is not None and found.kind == "folder", path
    for path in ("nowhere", "Plain.txt", "to-folder/inner", "plain.txt/x", "real/nowhere", "real/", "/"):
        assert tree.entry(path) is None, path


def test_every_tree_has_the_same_children(tree: Tree) -> None:
    assert {name: entry.kind for name, entry in tree.children("real").items()} == {"inner": "folder", "up": "symlink"}
    assert set(tree.children("")) - {".git"} == {path.partition("/")[0] for path in CONTENT}
    for path in ("nowhere", "plain.txt", "to-folder", "dangling"):
        assert tree.children(path) == {}, path


def test_every_tree_has_the_same_content(tree: Tree) -> None:
    for path, content in CONTENT.items():
        if not isinstance(content, dict):
            data = content if isinstance(content, bytes) else content.encode()
            assert (tree.read(path), tree.size(path)) == (data, len(data)), path
            assert tree.read(path, len(data)) == data


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("to-file", "plain.txt"),
        ("to-folder/inner/file", "real/inner/file"),
        ("real/up", "plain.txt"),
        ("chain", "plain.txt"),
        ("./real//inner/./file", "real/inner/file"),
        ("real/../plain.txt", "plain.txt"),
        ("to-folder/../plain.txt", "plain.txt"),
        ("real/new", "real/new"),
        ("", ""),
    ],
)
def test_links_inside_are_followed(tree: Tree, path: str, real: str) -> None:
    assert resolve(tree, path) == real
    found = tree.entry(real)
    if found is not None and found.kind == "file":
        assert tree.read(path) == tree.read(real)
        assert tree.size(path) == tree.size(real)


@pytest.mark.parametrize(
    ("path", "error", "reason"),
    [
        ("out", OutsideError, "leads out of the repository"),
        ("absolute", OutsideError, "leads out of the repository"),
        ("/etc/hostname", OutsideError, "leads out of the repository"),
        ("..", OutsideError, "leads out of the repository"),
        ("real/../../outside.txt", OutsideError, "leads out of the repository"),
        ("to-folder/../../outside.txt", OutsideError, "leads out of the repository"),
        ("loop", UnreadableError, "loop of symbolic links"),
        ("self", UnreadableError, "loop of symbolic links"),
        ("dangling", UnreadableError, "does not exist"),
        ("nowhere", UnreadableError, "does not exist"),
        ("plain.txt/x", UnreadableError, "does not exist"),
        ("real", UnreadableError, "is no regular file but a folder"),
        ("to-folder", UnreadableError, "is no regular file but a folder"),
        ("", UnreadableError, "is no regular file but a folder"),
    ],
)
def test_what_cannot_be_read(tree: Tree, path: str, error: type[UnreadableError], reason: str) -> None:
    for ask in (tree.read, tree.size):
        with pytest.raises(error) as caught:
            ask(path)
        assert reason in caught.value.reason
        assert caught.value.path == path


def test_a_link_tells_its_target(tree: Tree) -> None:
    assert tree.target("absolute") == "/etc/hostname"
    assert tree.target("real/up") == "../plain.txt"
    with pytest.raises(UnreadableError):
        tree.target("plain.txt")


def test_a_file_that_is_too_large_is_not_read(tree: Tree) -> None:
    assert tree.read("plain.txt", 6) == b"plain\n"
    with pytest.raises(UnreadableError, match=r"plain\.txt: .*5 (bytes|are read)"):
        tree.read("plain.txt", 5)


@pytest.mark.parametrize(
    ("path", "expected"), [("a/./b//c", "a/b/c"), ("a/../b", "b"), ("", ""), (".", ""), ("a/..", ""), ("..a", "..a")]
)
def test_normalize(path: str, expected: str) -> None:
    assert normalize(path) == expected


@pytest.mark.parametrize("path", ["..", "../a", "a/../../b", "/a", "//a"])
def test_normalize_refuses_what_leads_out(path: str) -> None:
    with pytest.raises(OutsideError):
        normalize(path)


# --- what an overlay adds, changes and takes away


def test_an_overlay_is_the_tree_below_with_its_changes(folder: Path) -> None:
    write(folder, {"a/kept": "1", "a/gone": "2", "b/only": "3", "link": {"link": "a"}, "other": {"link": "a/kept"}})
    changes = {"a/gone": None, "b/only": None, "a/kept": b"new", "new/deep/file": b"4", "link": None, "other": b"5"}
    tree = Overlay(WorkingTree(str(folder)), changes)
    assert sorted(tree.files()) == ["a/kept", "new/deep/file", "other"]
    assert sorted(tree.children("")) == ["a", "b", "new", "other"]
    assert (tree.children("a"), tree.children("b"), tree.children("new")) == (
        {"kept": Entry("file")},
        {},
        {"deep": Entry("folder")},
    )
    assert (tree.read("a/kept"), tree.size("new/deep/file"), tree.read("other")) == (b"new", 1, b"5")
    for path in ("a/gone", "link/kept", "link"):
        with pytest.raises(UnreadableError, match="does not exist"):
            tree.read(path)
    assert (folder / "a/gone").read_text() == "2"


# --- what only a disk has


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["FIFO", "folder"])
def test_nothing_waits_for_what_is_no_file(
    repository: Path, commands: Commands, make: Callable[[str], None], opened: Callable[[Path], Repository]
) -> None:
    write(repository, {".iterative-work/t/plan.md": "x", ".iterative-work/t/notes": "x"})
    make(str(repository / STATE))
    for tree in (WorkingTree(str(repository)), WorkingTree(str(repository), opened(repository))):
        for ask in (tree.read, tree.size):
            with pytest.raises(UnreadableError, match="is no regular file but a"):
                ask(STATE)
    outcome = commands.check_json()
    assert outcome.code != 0
    assert STATE in {each["path"] for each in [*outcome.json["findings"], *outcome.json["unverified"]]}


def test_permission_denied_is_said(repository: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository, {STATE: "{}"})
    real_open = os.open

    def refuse(path: Any, *arguments: Any, **keywords: Any) -> int:
        if str(path).endswith("state.json"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real_open(path, *arguments, **keywords)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableError, match="permission denied"):
        WorkingTree(str(repository)).read(STATE)
    assert commands.check().code != 0


def test_tracked_files_of_a_folder_that_may_not_be_listed_are_there(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {STATE: "{}", "other": "x"})
    real_scan, real_open = os.scandir, os.open

    def refuse(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **keywords: Any) -> Any:
            if "iterative-work" in str(path):
                raise PermissionError(errno.EACCES, "Permission denied", path)
            return function(path, *arguments, **keywords)

        return call

    monkeypatch.setattr(os, "scandir", refuse(real_scan))
    monkeypatch.setattr(os, "open", refuse(real_open))
    outcome = commands.check_json()
    assert outcome.json["examined"]["workspaces"] == 1
    assert outcome.code != 0


def test_the_executable_bit_is_known_where_git_knows_it(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"run": "x", "text": "x"})
    git(folder, "update-index", "--chmod=+x", "run")
    git(folder, "commit", "-q", "-m", "x")
    for tree in (opened(folder).index(), opened(folder).commit("HEAD")):
        bits = {path: entry.executable for path in ("run", "text") if (entry := tree.entry(path))}
        assert bits == {"run": True, "text": False}


# --- what git knows of files


def test_the_working_tree_is_what_git_would_show(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"kept": "1", "gone": "2", "forced.log": "3", ".gitignore": "*.log\n"})
    write(folder, {"gone": None, "new": "4", "ignored.log": "5"})
    tree = WorkingTree(str(folder), opened(folder))
    assert sorted(tree.files()) == [".gitignore", "forced.log", "kept", "new"]
    assert [tree.ignored(path) for path in ("ignored.log", "new", "kept", "forced.log")] == [True, False, False, False]
    assert tree.read("ignored.log") == b"5"
    assert sorted(opened(folder).index().files()) == [".gitignore", "forced.log", "gone", "kept"]
    assert "ignored.log" in WorkingTree(str(folder), opened(folder), ["ignored.log"]).files()


def test_repositories_inside_are_not_entered(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder / "nested", {STATE: "{}"})
    make_repository(folder.parent / "library", {STATE: "{}"})
    make_repository(folder, {"own": "x", ".gitignore": "ignored/\n"})
    git(folder, "submodule", "--quiet", "add", str(folder.parent / "library"), "sub")
    git(folder, "commit", "-q", "-m", "sub")
    make_repository(folder / "fresh", {STATE: "{}"})
    make_repository(folder / "ignored/deep", {STATE: "{}"})
    repository = opened(folder)
    trees = (WorkingTree(str(folder), repository, ["ignored"]), repository.index(), repository.commit("HEAD"))
    for tree in (*trees, WorkingTree(str(folder))):
        assert not [path for path in tree.files() if path.endswith(STATE)]
    for tree in trees:
        found = tree.entry("sub")
        assert found is not None and found.kind == "submodule"
        assert tree.children("sub") == {}


def test_a_sparse_checkout_is_whole(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"in/a": "1", "out/b": "22", "out/deep/c": "3", "out/link": {"link": "b"}})
    git(folder, "sparse-checkout", "set", "--no-cone", "/in/")
    assert not (folder / "out").exists()
    tree = WorkingTree(str(folder), opened(folder))
    assert set(tree.files()) == {"in/a", "out/b", "out/deep/c", "out/link"}
    assert (tree.read("out/b"), tree.size("out/b"), tree.read("out/link")) == (b"22", 2, b"22")
    assert {name: entry.kind for name, entry in tree.children("out").items()} == {
        "b": "file",
        "deep": "folder",
        "link": "symlink",
    }
    write(folder, {"out/b": "on disk"})
    assert WorkingTree(str(folder), opened(folder)).read("out/b") == b"on disk"


def test_a_file_in_conflict_cannot_be_judged_as_staged(folder: Path, commands: Commands) -> None:
    make_repository(folder, {STATE: "{}"})
    git(folder, "checkout", "-q", "-b", "side")
    write(folder, {STATE: '{"a": 1}'})
    git(folder, "commit", "-qam", "side")
    git(folder, "checkout", "-q", "main")
    write(folder, {STATE: '{"b": 1}'})
    git(folder, "commit", "-qam", "main")
    subprocess.run(["git", "merge", "-q", "side"], cwd=folder, capture_output=True, check=False)
    repository = find_repository(str(folder))
    assert repository is not None
    with pytest.raises(UnreadableError, match="in conflict"):
        repository.index().read(STATE)
    repository.close()
    outcome = commands.check_json("--staged")
    assert outcome.code != 0 and STATE in outcome.out


def test_what_is_only_intended_to_be_added_is_not_staged(
    folder: Path, commands: Commands, opened: Callable[[Path], Repository]
) -> None:
    make_repository(folder, {"really-empty": "", "gone": ""})
    write(folder, {STATE: BROKEN, "staged-empty": "", "gone": None})
    git(folder, "add", "-N", STATE)
    git(folder, "add", "staged-empty")
    repository = opened(folder)
    assert sorted(repository.index().files()) == ["gone", "really-empty", "staged-empty"]
    assert STATE in WorkingTree(str(folder), repository).files()
    assert commands.check_json("--staged").json["examined"]["workspaces"] == 0
    assert commands.check_json().json["examined"]["workspaces"] == 1


def test_sha256_repositories(folder: Path, commands: Commands) -> None:
    git(folder, "init", "-q", "--object-format=sha256")
    write(folder, {STATE: BROKEN, "empty": ""})
    git(folder, "add", "-A")
    assert judged(commands, "--staged") == {STATE}
    git(folder, "commit", "-q", "-m", "x")
    outcome = commands.check_json("--staged")
    assert len(outcome.json["comparison"]["base"]) == 64


def judged(commands: Commands, *arguments: str) -> set[str]:
    """Return the files that are found to be in conflict."""
    outcome = commands.check_json("--select", "W904", *arguments)
    assert outcome.err == ""
    return {each["path"] for each in outcome.json["findings"]}


# --- where the repository is


def test_a_run_from_a_sub_folder_is_of_the_whole_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_repository(folder, {STATE: BROKEN, "sub/deep/file": "x", f"sub/{STATE}": BROKEN})
    below = Commands(folder / "sub/deep", monkeypatch, capsys)
    assert judged(below) == judged(below, "--staged") == {STATE, f"sub/{STATE}"}
    assert judged(below, "..") == {f"sub/{STATE}"}


def test_a_linked_worktree_is_a_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_repository(folder, {STATE: "{}"})
    git(folder, "worktree", "add", "-q", "../linked")
    linked = Commands(folder.parent / "linked", monkeypatch, capsys)
    write(linked.folder, {STATE: BROKEN})
    assert (judged(linked), judged(linked, "--staged")) == ({STATE}, set())
    git(linked.folder, "add", "-A")
    assert judged(linked, "--staged") == {STATE}
    assert judged(Commands(folder, monkeypatch, capsys), "--staged") == set()


def test_a_submodule_is_a_repository_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_repository(folder.parent / "library", {STATE: BROKEN})
    make_repository(folder, {"own": "x"})
    git(folder, "submodule", "--quiet", "add", str(folder.parent / "library"), "sub")
    assert judged(Commands(folder / "sub", monkeypatch, capsys)) == {STATE}
    assert judged(Commands(folder, monkeypatch, capsys), "sub") == {STATE}
    assert judged(Commands(folder, monkeypatch, capsys)) == set()


@pytest.mark.parametrize("name", ["with space", "line\nbreak", "end\n", "grün", "-x"])
def test_repositories_in_folders_of_any_name(folder: Path, name: str, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder / name, {"a": "1"})
    repository = opened(folder / name)
    assert repository.root == str(folder / name)
    assert repository.git_dir == str(folder / name / ".git")
    assert repository.index().read("a") == b"1"


def test_no_repository_is_no_failure(folder: Path) -> None:
    assert find_repository(str(folder)) is None


class Trouble(NamedTuple):
    """A repository that git refuses, and a word of the message."""

    make: Callable[[Path], object]
    message: str


def _bare(folder: Path) -> None:
    git(folder, "init", "-q", "--bare")


def _inside_git(folder: Path) -> None:
    make_repository(folder.parent / "real", {STATE: "{}"})
    folder.rmdir()
    folder.symlink_to(folder.parent / "real/.git")


def _damaged(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        make_repository(folder, {STATE: "{}"})
        (folder / ".git" / name).write_text("[rubbish\n")

    return make


TROUBLES = {
    "bare": Trouble(_bare, "bare"),
    "inside .git": Trouble(_inside_git, "without a working tree"),
    "empty .git": Trouble(lambda folder: (folder / ".git").mkdir(), "damaged"),
    ".git that leads nowhere": Trouble(lambda folder: (folder / ".git").write_text("gitdir: /nowhere\n"), "/nowhere"),
    ".git of rubbish": Trouble(lambda folder: (folder / ".git").write_text("rubbish\n"), "invalid gitfile"),
    "HEAD of rubbish": Trouble(_damaged("HEAD"), "damaged"),
    "index of rubbish": Trouble(_damaged("index"), "index"),
    "config of rubbish": Trouble(_damaged("config"), "config"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_repository_that_git_refuses_is_a_failure(folder: Path, commands: Commands, name: str) -> None:
    TROUBLES[name].make(folder)
    outcome = commands.check()
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert TROUBLES[name].message in outcome.err


def test_a_missing_object_is_a_failure(folder: Path, commands: Commands) -> None:
    make_repository(folder, {STATE: BROKEN})
    oid = git(folder, "rev-parse", f"HEAD:{STATE}").strip()
    (folder / ".git/objects" / oid[:2] / oid[2:]).unlink()
    outcome = commands.check("--staged")
    assert (outcome.code, outcome.nothing_judged) == (2, True)
    assert oid in outcome.err


def test_git_that_ends_early_is_a_failure(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {STATE: "{}"})
    repository = opened(folder)
    tree = repository.index()
    real_start = repository.start

    def ended(*arguments: str) -> subprocess.Popen[bytes]:
        process = real_start(*arguments)
        process.kill()
        process.wait()
        return process

    monkeypatch.setattr(repository, "start", ended)
    for ask in (tree.read, tree.size):
        with pytest.raises(GitError):
            ask(STATE)


@pytest.mark.parametrize(("version_control", "code"), [(True, 2), (False, 0)])
def test_git_is_needed_only_where_there_is_a_repository(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, version_control: bool, code: int
) -> None:
    if version_control:
        make_repository(folder)
    monkeypatch.setenv("PATH", str(folder))
    outcome = commands.check()
    assert outcome.code == code
    assert ("git cannot be started (it is not installed)" in outcome.err) is version_control


# --- what git sets for its hooks


HOOK = """#!/bin/sh
cd "./$HOOK_CD" || exit 3
"{python}" -m statecheck check --output-format json --output-file "{output}" {arguments}
exit 0
"""


def install_hook(repository: Path, output: Path, arguments: str) -> None:
    hook = repository / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK.format(python=sys.executable, output=output, arguments=arguments))
    hook.chmod(0o755)


def committed(folder: Path, output: Path, *arguments: str, env: dict[str, str] | None = None) -> set[str]:
    """Commit with a hook, and return the files that it found in conflict."""
    output.unlink(missing_ok=True)
    git(folder, "commit", "-q", "-m", "x", *arguments, env=env)
    found = json.loads(output.read_text(encoding="utf-8"))
    assert found["comparison"]["head"] == "index"
    return {each["path"] for each in found["findings"] if each["code"] == "W904"}


def task(name: str) -> str:
    return f".iterative-work/{name}/state.json"


@pytest.mark.parametrize("linked", [False, True], ids=["main", "linked"])
@pytest.mark.parametrize("place", ["", ".", ".iterative-work"])
def test_a_hook_judges_what_is_being_committed(folder: Path, linked: bool, place: str) -> None:
    make_repository(folder, {task("a"): "{}", task("b"): "{}", task("c"): "{}", "sub/x": "x"})
    output = folder.parent / "found.json"
    install_hook(folder, output, f"--staged {place}")
    work = folder
    if linked:
        git(folder, "worktree", "add", "-q", "../linked")
        work = folder.parent / "linked"
    write(work, {task("a"): BROKEN, task("b"): BROKEN, task("c"): BROKEN})
    git(work, "add", task("a"))
    assert committed(work, output) == {task("a")}, "git commit"
    write(work, {task("a"): "{}"})
    git(work, "add", task("a"))
    assert committed(work, output, task("b")) == {task("a"), task("b")}, "git commit path"
    assert committed(work / "sub", output, "-a") == {task("b"), task("c")}, "git commit -a, in a sub-folder"


@pytest.mark.parametrize("linked", [False, True], ids=["main", "linked"])
@pytest.mark.parametrize("kind", ["repository", "folder"])
@pytest.mark.parametrize("commit", [[], ["-a"], ["f"]], ids=["commit", "commit -a", "commit path"])
def test_a_hook_may_look_at_another_place(folder: Path, linked: bool, kind: str, commit: list[str]) -> None:
    other = folder.parent / "other"
    if kind == "repository":
        make_repository(other, {task("o"): BROKEN})
    else:
        write(other, {task("o"): BROKEN})
    make_repository(folder, {task("a"): "{}", "f": "1"})
    output = folder.parent / "found.json"
    install_hook(folder, output, f'"{other}"')
    work = folder
    if linked:
        git(folder, "worktree", "add", "-q", "../linked")
        work = folder.parent / "linked"
    write(work, {"f": "2"})
    git(work, "add", "f")
    git(work, "commit", "-q", "-m", "x", *commit)
    found = json.loads(output.read_text(encoding="utf-8"))
    assert {each["path"] for each in found["findings"] if each["code"] == "W904"} == {task("o")}
    head = git(other, "rev-parse", "HEAD").strip() if kind == "repository" else None
    assert found["comparison"]["base"] == head


def test_a_hook_that_stands_in_a_sub_folder(folder: Path) -> None:
    make_repository(folder, {task("a"): "{}", "sub/x": "x"})
    output = folder.parent / "found.json"
    install_hook(folder, output, "--staged")
    write(folder, {task("a"): BROKEN})
    assert committed(folder, output, "-a", env={"HOOK_CD": "sub"}) == {task("a")}


@pytest.mark.parametrize("place", ["/{outside}/other-index", ".git/other-index", "/{git}/other-index"])
def test_another_index_is_judged_where_it_is_set(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    make_repository(folder, {STATE: "{}"})
    index = place.format(outside=str(folder.parent)[1:], git=str(folder / ".git")[1:])
    monkeypatch.setenv("GIT_INDEX_FILE", index)
    write(folder, {STATE: BROKEN})
    git(folder, "read-tree", "HEAD")
    git(folder, "add", "-A")
    assert judged(commands, "--staged") == {STATE}
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert judged(commands, "--staged") == set()


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_DIR GIT_INDEX_FILE", "GIT_DIR GIT_WORK_TREE"])
def test_what_is_set_for_another_repository_is_not_used(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make_repository(folder, {task("own"): BROKEN})
    other = make_repository(folder.parent / "other", {task("other"): BROKEN})
    values = {"GIT_DIR": other / ".git", "GIT_INDEX_FILE": other / ".git/index", "GIT_WORK_TREE": other}
    for each in name.split():
        monkeypatch.setenv(each, str(values[each]))
    assert judged(commands, "--staged") == {task("own")}
    assert judged(commands) == {task("own")}


def test_a_working_tree_that_the_environment_gives_is_used(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(folder.parent, "init", "-q", "--bare", "dotfiles")
    monkeypatch.setenv("GIT_DIR", "../dotfiles")
    monkeypatch.setenv("GIT_WORK_TREE", ".")
    monkeypatch.chdir(folder)
    write(folder, {STATE: BROKEN, "sub/x": "x"})
    git(folder, "add", STATE)
    assert judged(commands, "--staged") == {STATE}
    assert judged(commands, "--staged", STATE) == {STATE}
    assert judged(commands, "--staged", "sub") == set()


# --- how often git is asked


def processes(folder: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the git commands that reading every file of every tree starts."""
    make_repository(folder, {f"d{number}/f{number}": str(number) for number in range(count)})
    started: list[str] = []

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(command: list[str], *arguments: Any, **keywords: Any) -> Any:
            started.append(" ".join(command[len(git_module.GIT) :][:2]))
            return function(command, *arguments, **keywords)

        return call

    def spawned(_: str, command: list[str], *arguments: Any, **keywords: Any) -> int:
        started.append(" ".join(command[len(git_module.GIT) + 2 :][:2]))
        return real(command[0], command, *arguments, **keywords)

    with monkeypatch.context() as patched:
        real = getattr(os, "posix_spawnp", None)
        patched.setattr(os, "posix_spawnp", spawned, raising=False)
        patched.setattr(subprocess, "Popen", counted(subprocess.Popen))
        repository = find_repository(str(folder))
        assert repository is not None
        trees = (WorkingTree(str(folder), repository), repository.index(), repository.commit("HEAD"))
        for tree in trees:
            assert len([tree.read(path, tree.size(path)) for path in tree.files()]) == count
        assert isinstance(trees[1], GitTree)
        repository.close()
    return sorted(started)


def test_git_is_asked_once_for_each_kind_of_question(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = processes(folder / "many", 60, monkeypatch)
    assert many == processes(folder / "few", 2, monkeypatch)
    assert len(many) == len(set(many)) <= 5


@pytest.mark.parametrize("supported", [True, False])
def test_what_git_was_told_to_begin_is_what_it_says(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch, supported: bool
) -> None:
    make_repository(folder, {f"f{number}": str(number) for number in range(3000)})
    write(folder, {"untracked": ""})
    ahead, behind = opened(folder), opened(folder)
    if not supported:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    ahead.begin_listing()
    ahead.begin_reading("HEAD")
    assert bool(ahead._started) == (supported and hasattr(os, "memfd_create"))
    assert ahead.listed == behind.listed
    assert "untracked" in ahead.listing().untracked
    assert list(ahead.commit("HEAD").files()) == list(behind.commit("HEAD").files())
    assert not ahead._started, "each is waited for once"
    assert ahead.commit("HEAD").entry("f7") == behind.commit("HEAD").entry("f7")


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is begun here")
def test_what_git_was_told_to_begin_fails_in_its_own_words(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"a": ""})
    repository = opened(folder)
    repository.begin_reading("nowhere")
    with pytest.raises(GitError, match="Not a valid object name nowhere"):
        repository.commit("nowhere")


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is begun here")
@pytest.mark.parametrize("refused", ["memfd_create", "posix_spawnp"])
def test_where_nothing_can_be_begun_git_is_asked_when_it_has_to_be(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    make_repository(folder, {"a": ""})
    repository = opened(folder)

    def refuse(*_: Any, **__: Any) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(os, refused, refuse)
        repository.begin_listing()
    assert not repository._started
    assert "a" in repository.listing().staged


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is begun here")
def test_an_interrupt_ends_what_was_begun(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {"a": ""})
    repository = opened(folder)
    repository.begin_listing()
    (begun,) = repository._started.values()
    real, waited = os.waitpid, list[int]()

    def wait(process: int, options: int) -> tuple[int, int]:
        waited.append(process)
        if len(waited) == 1:
            raise KeyboardInterrupt
        return real(process, options)

    monkeypatch.setattr(os, "waitpid", wait)
    with pytest.raises(KeyboardInterrupt):
        repository.listing()
    monkeypatch.undo()
    assert waited == [begun._process] * 2
    assert has_ended(begun)


def has_ended(begun: Background) -> bool:
    """Say whether nothing of a command is left: neither itself, nor what it printed."""
    with pytest.raises(ChildProcessError):
        os.waitpid(begun._process, os.WNOHANG)
    return begun._printed.closed


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is begun here")
def test_who_wants_to_know_of_no_process_that_ends_is_told_the_same(
    folder: Path, opened: Callable[[Path], Repository]
) -> None:
    make_repository(folder, {"a": ""})
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        repository = opened(folder)
        repository.begin_listing()
        assert "a" in repository.listing().staged
    finally:
        signal.signal(signal.SIGCHLD, before)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is begun here")
def test_a_program_without_standard_streams_asks_git_when_it_has_to(folder: Path) -> None:
    make_repository(folder, {"a": ""})
    program = (
        "import os, sys; os.close(0); os.close(1); from statecheck.trees import find_repository; "
        f"sys.stderr.write(str('a' in find_repository({str(folder)!r}).listing().staged))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == "True"


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is begun here")
@pytest.mark.parametrize("arguments", [["--base", "nowhere"], ["--staged", "--no-cache", "absent"], ["--no-history"]])
def test_whatever_a_run_comes_to_nothing_goes_on(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    make_repository(folder, {"a": ""})
    begun: list[Background] = []

    class Noting(Background):
        def __init__(self, *rest: Any) -> None:
            super().__init__(*rest)
            begun.append(self)

    monkeypatch.setattr(git_process, "Background", Noting)
    commands.check(*arguments)
    assert begun
    assert all(has_ended(each) for each in begun)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is begun here")
def test_closing_ends_what_nobody_waited_for(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"a": ""})
    repository = opened(folder)
    repository.begin_listing()
    (begun,) = repository._started.values()
    repository.close()
    assert has_ended(begun)
    assert "a" in repository.listing().staged, "it is asked anew"


def test_what_is_announced_is_read_as_ever(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {f"f{number}": f"text {number}" * number for number in range(9)})
    tree = opened(folder).index()
    reader, oids = tree._objects, [entry.oid for _, entry in sorted(tree.children("").items())]
    missing = "12" * 20
    reader.announce([*oids[1:8], missing])
    assert reader.content(oids[5]) == b"text 5" * 5, "what stands before it is kept meanwhile"
    assert reader.content_within(oids[3], 6 * 3) == b"text 3" * 3
    assert reader.content_within(oids[4], 6 * 4 - 1) is None
    assert [reader.content(oids[0]), reader.content(oids[8])] == [b"", b"text 8" * 8], "which nobody announced"
    assert set(reader._ready) == set(oids[1:8]) - {oids[5]}
    with pytest.raises(GitError, match=missing):
        reader.content(missing)
    reader.forget([*oids, missing])
    assert not reader._ready
    assert not reader._announced
    assert [reader.content(oid) for oid in reversed(oids)] == [b"text %d" % each * each for each in range(8, -1, -1)]


def test_what_is_announced_and_large_is_not_kept(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {"a": "1", "b": "2" * 99, "c": "3"})
    monkeypatch.setattr("statecheck.trees.objects.LARGEST_KEPT", 9)
    tree = opened(folder).index()
    reader, oids = tree._objects, [tree.entry(name).oid for name in "abc"]
    reader.announce(oids)
    assert reader.content(oids[2]) == b"3"
    assert reader.content(oids[1]) == b"2" * 99
    assert reader.content(oids[0]) == b"1"
    assert set(reader._ready) == {oids[0]}


def test_only_so_much_is_asked_before_an_answer_is_read(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {name: name for name in "abcd"})
    monkeypatch.setattr("statecheck.trees.objects.MOST_ASKED", 3)
    tree = opened(folder).index()
    reader, oids = tree._objects, [tree.entry(name).oid for name in "abcd"]
    reader.announce(oids[:2])
    reader.announce(oids)
    assert list(reader._questions("--batch").asked) == oids[:3]
    assert [reader.content(oid) for oid in oids] == [b"a", b"b", b"c", b"d"]


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is printed in the background here")
def test_what_was_begun_is_there_when_it_is_read(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"a": "1", "b": "22", "c": "333", "empty": ""})
    repository = opened(folder)
    oids = [repository.index().entry(name).oid for name in ("a", "b", "c", "empty")]
    missing, reader = "12" * 20, repository.objects
    repository.begin_objects([oids[0], missing, oids[2], oids[3]])
    assert [reader.content(oids[0]), reader.content(oids[2]), reader.content(oids[3])] == [b"1", b"333", b""]
    assert reader.content_within(oids[2], 2) is None
    assert not reader._processes, "no other process was asked"
    assert reader.content(oids[1]) == b"22"
    with pytest.raises(GitError, match=missing):
        reader.content(missing)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is printed in the background here")
def test_what_was_begun_and_failed_is_asked_again(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {"a": "1"})
    for failure in ("the command", "no process", "no such place", "another process"):
        repository = opened(folder)
        oid = repository.index().entry("a").oid
        with monkeypatch.context() as patch:
            if failure == "the command":
                patch.setattr("statecheck.trees.git_process.GIT", ["git", "--no-such-option"])
            elif failure == "no process":
                patch.setattr(os, "posix_spawnp", _refused)
            elif failure == "no such place":
                patch.setattr(os, "memfd_create", _refused)
            repository.begin_objects([oid])
        assert (repository.objects._coming is None) == failure.startswith("no ")
        if failure == "another process":
            repository.objects._of = -1
            repository.objects.split()
        assert repository.objects.content(oid) == b"1", failure


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is printed in the background here")
def test_what_is_too_large_is_passed_over(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {"a": "1", "b": "2" * 99, "c": "3"})
    monkeypatch.setattr("statecheck.trees.objects.LARGEST_KEPT", 9)
    repository = opened(folder)
    oids = [repository.index().entry(name).oid for name in "abc"]
    repository.begin_objects(oids)
    assert repository.objects.content(oids[2]) == b"3"
    assert set(repository.objects._ready) == {oids[0]}, "what was read is not kept"
    assert [repository.objects.content(each) for each in oids] == [b"1", b"2" * 99, b"3"]


@pytest.mark.parametrize(
    ("record", "found"),
    [
        (b"H 100644 %s 0\ta b.md", [("a b.md", "1" * 40)]),
        (b"S 100755 %s 0\ta\tb.md", [("a\tb.md", "1" * 40)]),
        (b"M 100644 %s 1\tx.md", []),
        (b"? 0\tx/note.md", []),
        (b"? H 100644 %s 0\tx.md", []),
        (b"? q \xff 0\tx.md", []),
    ],
)
def test_what_is_newly_staged_is_told_by_two_listings(record: bytes, found: list[tuple[str, str]]) -> None:
    old = b"H 100644 " + b"2" * 40 + b" 0\told.md\0"
    record = record.replace(b"%s", b"1" * 40)
    assert newly_staged(old, old + record + b"\0") == found
    assert newly_staged(old + record + b"\0", old + record + b"\0") == []


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="nothing is printed in the background here")
def test_closing_ends_what_was_begun(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"a": "1"})
    repository = opened(folder)
    repository.begin_objects([repository.index().entry("a").oid])
    assert repository.objects._coming is not None
    started = repository.objects._coming[1]
    repository.close()
    assert has_ended(started)


def _refused(*_: object, **__: object) -> None:
    raise OSError


def test_closing_ends_the_processes(folder: Path, opened: Callable[[Path], Repository]) -> None:
    make_repository(folder, {"a": "1"})
    repository = opened(folder)
    tree = repository.index()
    assert (tree.read("a"), tree.size("a")) == (b"1", 1)
    running = [each._process for each in repository.objects._processes.values()]
    repository.close()
    assert len(running) == 2
    assert all(process.returncode == 0 for process in running)


# --- folders of commits


def tree_object(entries: dict[str, tuple[str, bytes]]) -> bytes:
    return b"".join(f"{mode} {name}".encode() + b"\0" + oid for name, (mode, oid) in entries.items())


@pytest.mark.parametrize("seed", range(200))
def test_a_folder_that_is_read_beside_an_older_one_is_what_it_is_alone(seed: int) -> None:
    chance = random.Random(seed)
    names = chance.sample(["a", "b", "100644 b", "c d", "e", "f\n", "g" * 30, "40000 a", "h"], chance.randrange(9))
    modes, filler = ("100644", "100755", "120000", "40000"), (b"\0", b" ", b"1", b"a", b"100644 b\0")

    def oid() -> bytes:
        return (chance.choice(filler) * 20)[:20] if chance.random() < 0.5 else chance.randbytes(20)

    older = {name: (chance.choice(modes), oid()) for name in names}
    newer = dict(older)
    for _ in range(chance.randrange(4)):
        if names:
            name = chance.choice(names)
            newer[name] = (chance.choice([newer[name][0], *modes]), oid())
    if chance.random() < 0.3 and names:
        newer.pop(names[0], None)
        newer[chance.choice(["z", "y" * len(names[0])])] = ("100644", oid())
    one, data = parse_tree(tree_object(older), 20), tree_object(newer)
    alone, beside = parse_tree(data, 20), changed_tree(one, data, 20)
    assert beside is None or (list(beside.entries.items()), beside.starts) == (
        list(alone.entries.items()),
        alone.starts,
    )
    if list(older) == list(newer) and [mode for mode, _ in older.values()] == [mode for mode, _ in newer.values()]:
        assert beside is not None


@pytest.mark.parametrize("seed", range(12))
def test_what_differs_between_commits_is_what_git_says(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr("statecheck.trees.commits.ENTRIES_KEPT", chance.choice([0, 9, 10_000]))
    monkeypatch.setattr("statecheck.trees.commits.FOLDERS_KEPT", chance.choice([1, 64]))
    make_repository(folder, {f"d{number % 3}/e{number % 2}/f{number}": "" for number in range(20)})
    for number in range(8):
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".git" not in path.parts]
        for path in chance.sample(files, chance.randrange(1, 4)):
            event = chance.choice(["write", "remove", "mode"])
            if event == "write":
                path.write_text(f"{number}")
            elif event == "remove":
                path.unlink()
            else:
                path.chmod(0o755)
        write(folder, {f"d{chance.randrange(4)}/new{number}": ""} if chance.random() < 0.5 else {"top": f"{number}"})
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "x", "--allow-empty")
    repository = opened(folder)
    made = git(folder, "rev-list", "--reverse", "HEAD").split()
    trees = [repository.commit_tree(each) for each in made]
    if chance.random() < 0.5:
        read_ahead(list(pairwise(trees)))
    for one, two in [*combinations(range(len(made)), 2)]:
        told = git(folder, "diff-tree", "-r", "--name-only", "--no-renames", made[one], made[two]).split("\n")
        assert sorted(differences(trees[one], trees[two])) == sorted(filter(None, told))
    assert sorted(differences(None, trees[-1])) == sorted(trees[-1].files())


def test_of_a_folder_that_changes_in_each_commit_most_is_read_once(
    folder: Path, opened: Callable[[Path], Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(folder, {f"all/w{number:02}/state": "" for number in range(30)})
    for number in range(12):
        write(folder, {f"all/w{number * 7 % 30:02}/state": f"{number}"})
        git(folder, "commit", "-qam", "x")
    repository, read = opened(folder), list[int]()
    real = commits._entry
    monkeypatch.setattr(commits, "_entry", lambda data, at, size: read.append(at) or real(data, at, size))
    trees = [repository.commit_tree(each) for each in git(folder, "rev-list", "--reverse", "HEAD").split()]
    read_ahead(list(pairwise(trees)))
    changes = [list(differences(one, two)) for one, two in pairwise(trees)]
    assert changes == [[f"all/w{number * 7 % 30:02}/state"] for number in range(12)]
    assert len(read) < 30 + 12 * 6
