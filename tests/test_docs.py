"""The site: what its pages show is what the programs do, and no example goes unexecuted."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from generate import hooks
from harness import ROOT, make_repository
from ruamel.yaml import YAML
from site_examples import DOCS, PAGES, Block, agrees, blocks, own_test, run

from statecheck.cli.catalog import page_lines
from statecheck.cli.commands import umbrella
from statecheck.cli.formats import FORMATS
from statecheck.rules import all_rules

WORDS = {("start/agent.md", "text"), ("machines.md", "text")}
"""Blocks that are no examples: what an agent is told in words, and what needs a cluster (tests/test_audit.py)."""

NAMES = {each: each.relative_to(DOCS).as_posix() for each in PAGES}


RUN = [each for each in PAGES if own_test(each) is None and any(b.language == "console" for b in blocks(each))]


def file_block(page: str, name: str) -> Block:
    """Return the block of a page that is a file of this name."""
    return next(each for each in blocks(DOCS / page) if each.file == name)


@pytest.fixture
def clone(folder: Path) -> Path:
    """A repository that holds the examples, as a clone of this one does."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    return make_repository(folder, {"README.md": "x"})


@pytest.mark.skipif(sys.platform != "linux", reason="the pages are written for a shell with the tools of GNU")
@pytest.mark.parametrize(
    "page", [each for each in PAGES if any(b.language == "console" for b in blocks(each))], ids=str
)
def test_examples_show_what_is_printed(page: Path, clone: Path) -> None:
    for example, printed in run(page, clone):
        assert agrees(example.shown, printed), "\n".join([f"$ {example.command}", *printed])


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        (["a", "b b", "c"], True),
        (["[…]"], True),
        (["a", "[…]", "c"], True),
        (["a", "b […]", "c"], True),
        (["a", "b b"], False),
        (["a", "[…]", "b"], False),
        (["a", "b", "c"], False),
        (["a", "b b", "c", "d"], False),
        (["[…]", "b . ", "c"], False),
        ([], False),
    ],
)
def test_a_page_that_shows_something_else_is_found(shown: list[str], *, same: bool) -> None:
    assert agrees(shown, ["a", "b b", "c"]) is same


@pytest.mark.parametrize("page", PAGES, ids=NAMES.get)
def test_no_example_goes_unexecuted(page: Path) -> None:
    """A block is run, or is a file that the page's commands see and a test below knows, or the page names its test."""
    if (test := own_test(page)) is not None:
        assert page.name in test.read_text(encoding="utf-8"), f"{test.name} does not read the page"
        return
    known = {".pre-commit-config.yaml", ".github/workflows/state.yml", ".gitlab-ci.yml", ".claude/settings.json"}
    known |= {"statecheck.toml", "hook.sh", "nightly.py"}
    known |= {f"tickets/{name}" for name in ("board.json", "board.schema.json", "JOURNAL.md", "LESSONS.md")}
    for block in blocks(page):
        if block.language != "console" and (NAMES[page], block.language) not in WORDS:
            assert block.file in known, block
    fences = len(re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.M))
    toctrees = len(re.findall(r"^```\{", page.read_text(encoding="utf-8"), re.M))
    assert fences == 2 * (len(blocks(page)) + toctrees), "an example that is indented, or has no language"


def _valid(schema: str, text: str, path: Path) -> Any:
    """Return the content of a YAML file that is what a service reads."""
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return YAML(typ="safe").load(text)


def test_the_workflow(tmp_path: Path) -> None:
    block = file_block("start/ci.md", ".github/workflows/state.yml")
    workflow = _valid("github-workflows", block.text, tmp_path / "state.yml")
    checkout, action = workflow["jobs"]["check"]["steps"]
    assert checkout["with"] == {"fetch-depth": 0}
    assert action["uses"] == "OWNER/REPOSITORY@TAG-OR-COMMIT"
    assert workflow["permissions"]["security-events"] == "write"
    inputs = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    page = (DOCS / "start/ci.md").read_text(encoding="utf-8")
    table = page.partition("| input | |\n")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.M) == list(inputs)


def test_a_matrix_of_shards(tmp_path: Path) -> None:
    """Each shard has a number that the matrix counts to, and the last job is not skipped where one fails."""
    workflow = _valid(
        "github-workflows", file_block("machines.md", ".github/workflows/state.yml").text, tmp_path / "w.yml"
    )
    shard, state = workflow["jobs"]["shard"], workflow["jobs"]["state"]
    numbers = shard["strategy"]["matrix"]["shard"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert f'--shard "$SHARD/{len(numbers)}"' in shard["steps"][2]["run"]
    assert shard["steps"][2]["run"].count("$RUNNER_TEMP/shard-$SHARD.json") == 2, "not one of the checkout"
    assert (state["needs"], state["if"]) == ("shard", "${{ !cancelled() }}")
    pipeline = _valid("gitlab-ci", file_block("machines.md", ".gitlab-ci.yml").text, tmp_path / "p.yml")
    assert pipeline["state"]["needs"] == ["shards"]
    for job in (workflow["jobs"].values(), pipeline.values()):
        assert "merge-reports" in str(list(job)[-1])


def test_the_include_for_gitlab(tmp_path: Path) -> None:
    block = file_block("start/ci.md", ".gitlab-ci.yml")
    included = _valid("gitlab-ci", block.text, tmp_path / "include.yml")
    (remote,) = included["include"]
    template = ROOT / "templates" / Path(remote["remote"]).name
    variables = YAML(typ="safe").load(template.read_text(encoding="utf-8"))["statecheck"]["variables"]
    assert set(included["variables"]) <= set(variables)


def test_the_hooks_of_the_quick_start(tmp_path: Path) -> None:
    block = file_block("start/commit.md", ".pre-commit-config.yaml")
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(block.text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(path)], check=True)
    named = {each["id"] for each in YAML(typ="safe").load(block.text)["repos"][0]["hooks"]}
    page = (DOCS / "start/commit.md").read_text(encoding="utf-8")
    assert named | set(re.findall(r"`(check-[a-z-]+)`", page)) == {each["id"] for each in hooks()}


def test_the_hooks_of_an_agent() -> None:
    settings = json.loads(file_block("start/agent.md", ".claude/settings.json").text)
    page = (DOCS / "start/agent.md").read_text(encoding="utf-8")
    for matchers in settings["hooks"].values():
        for hook in (each for matcher in matchers for each in matcher["hooks"]):
            assert shlex.split(hook["command"])[0] == "check-state"
            assert f"| {hook['command']} examples" in page, "the page runs it"


def test_the_formats_are_the_documented_ones() -> None:
    table = (DOCS / "formats.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z]+)` \|", table, re.M) == list(FORMATS)


@pytest.mark.parametrize("code", all_rules())
def test_the_page_of_a_rule_says_what_explain_says(code: str) -> None:
    rule = all_rules()[code]
    page = re.sub(r"\\([*<_\\])", r"\1", (DOCS / "rules" / f"{code}.md").read_text(encoding="utf-8"))
    assert page.startswith(f"# {code} {rule.name}\n")
    for line in page_lines(rule)[2:]:
        assert line.strip() in page


def test_every_command_and_option_is_on_the_page_of_the_command_line() -> None:
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    choices = next(each.choices for each in umbrella()._actions if each.dest not in ("help", "version"))
    assert choices is not None
    for name, parser in dict(choices).items():
        assert f"`{ {'check': 'check-state', 'fix': 'fix-state'}.get(name, f'statecheck {name}') }`" in page
        for action in parser._actions:
            assert all(
                f"`{option}" in page for option in action.option_strings if action.dest not in ("help", "version")
            ), action
