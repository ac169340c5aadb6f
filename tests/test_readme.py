"""What the README shows is what the program does."""

from __future__ import annotations

import re
import shlex
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from harness import NOW, ROOT, Commands, git, make_repository

from statecheck.cli.commands import umbrella
from statecheck.cli.formats import FORMATS
from statecheck.documents import SchemaStore
from statecheck.workspaces import DOCUMENTED, KINDS

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n\$ (.*?)```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def clone(folder: Path) -> Path:
    """A repository that holds the examples, as a clone of this one does."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    make_repository(folder, {"README.md": "x"})
    return folder


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.partition("\n")[0])
def test_examples_show_what_is_printed(block: str, clone: Path, commands: Commands) -> None:
    printed: list[str] = []
    shown = []
    for line in f"$ {block}".splitlines():
        if not line.startswith("$ "):
            shown.append(line)
            continue
        verb, *arguments = shlex.split(line[2:])
        if verb == "sed":
            _substitute(clone, *arguments)
        elif verb == "git":
            git(clone, *arguments)
        else:
            if verb == "statecheck":
                verb = arguments.pop(0)
            run: dict[str, Any] = {
                "check-state": commands.check,
                "fix-state": commands.fix,
                "status": commands.status,
                "baseline": partial(commands.statecheck, "baseline", "--now", NOW),
                "init": partial(commands.statecheck, "init"),
            }
            printed += run[verb](*arguments).out.splitlines()
    position = 0
    for line in (line for line in shown if line != "[…]"):
        assert line in printed[position:], line
        position = printed.index(line, position) + 1


def _substitute(clone: Path, option: str, expression: str, name: str) -> None:
    """Do what ``sed -i s/OLD/NEW/ FILE`` does, on every system."""
    assert option == "-i"
    _, old, new, _ = expression.split("/")
    path = clone / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def test_healthy_examples_are_healthy(clone: Path, commands: Commands) -> None:
    git(clone, "add", "-A")
    for arguments in ([], ["--staged"], ["--no-history"]):
        outcome = commands.check_json("examples/healthy", *arguments)
        assert (outcome.code, outcome.findings, outcome.unverified) == (0, [], [])
        assert outcome.json["examined"]["workspaces"] == len(DOCUMENTED)


def test_broken_examples_are_repaired_as_far_as_can_be(clone: Path, commands: Commands) -> None:
    found = commands.check_json("examples/broken").json["findings"]
    assert {each["workspace"] for each in found} == {
        f"examples/broken/{name}" for name in ("refinement", "workflow", "iterative-work/.iterative-work/tram-noise")
    }
    safe = {each["fingerprint"] for each in found if each["fix"] and each["fix"]["safety"] == "safe"}
    commands.fix("examples/broken")
    left = {each["fingerprint"] for each in commands.check_json("examples/broken").json["findings"]}
    assert len(safe) >= 8
    assert len(safe & left) == 1, "only the missing artifact, which is flagged, remains"


def test_options_that_are_named_are_there() -> None:
    """The page of the command line has all of them, since it is generated."""
    parsers = next(each.choices for each in umbrella()._actions if each.dest not in ("help", "version"))
    assert parsers is not None
    actions = [action for parser in dict(parsers).values() for action in parser._actions]
    named = set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", README))
    assert named <= {option for action in actions for option in action.option_strings}


def test_output_formats_are_the_documented_ones() -> None:
    section = README.partition("## Output formats\n")[2].partition("[Output formats]")[0]
    assert re.findall(r"`([a-z]+)`", section) == list(FORMATS)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_links_lead_somewhere(name: str) -> None:
    """To files of the repository, and to headings as hosting services name them."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        path, _, place = link.partition("#")
        target = ROOT / (path or name)
        assert target.exists(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE) if place else ()
        assert not place or place in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}, link


def test_kinds_and_schemas_are_named() -> None:
    for kind in [each for each in KINDS if not each.own]:
        assert f"`{kind.name}`" in README
    assert "references/schemas/" in README
    assert SchemaStore.names()
