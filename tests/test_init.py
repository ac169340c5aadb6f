"""statecheck init: what is written, what is left alone, who is asked, and that a second run changes nothing."""

from __future__ import annotations

import builtins
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from generate import hooks
from harness import ROOT, Commands, git, make_repository, snapshot, write
from ruamel.yaml import YAML

from statecheck.adoption import SCHEMAS, associations, editor_settings
from statecheck.adoption.templates import ADDRESS, CLAUDE, GITHUB, GITLAB, PRE_COMMIT
from statecheck.documents import SchemaStore

HOOKS, EDITOR, AGENT = ".pre-commit-config.yaml", ".vscode/settings.json", ".claude/settings.json"
GITHUB_FILE, GITLAB_FILE = ".github/workflows/statecheck.yml", ".gitlab-ci.yml"
COPIES = [f"{SCHEMAS}/{each.schema}.schema.json" for each in associations()]
EVERYTHING = ["--ci", "github", "--agent-hook", "claude"]


def init(commands: Commands, *arguments: str) -> Any:
    return commands.statecheck("init", *arguments)


def yaml(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def shown_json(out: str) -> Any:
    """The snippet that is to be added by hand."""
    return json.loads(re.search(r"^    \{\n(?:    .*\n)*", out, re.MULTILINE).group())  # type: ignore[union-attr]


# --- what is written -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_git", [True, False])
def test_an_empty_folder(with_git: bool, folder: Path, commands: Commands) -> None:
    if with_git:
        make_repository(folder)
    outcome = init(commands, "--yes", *EVERYTHING)
    assert outcome.code == 0
    assert set(snapshot(folder)) == {HOOKS, EDITOR, AGENT, GITHUB_FILE, *COPIES}
    said = f"say in {GITHUB_FILE} where statecheck comes from ({ADDRESS}); commit them, and run pre-commit install"
    assert f"wrote {len(COPIES) + 4} files; {said}" in outcome.out
    assert yaml((folder / HOOKS).read_text())["repos"] == yaml(PRE_COMMIT)
    assert json.loads((folder / EDITOR).read_text()) == editor_settings()
    assert json.loads((folder / AGENT).read_text()) == {"hooks": {event: [hook] for event, hook in CLAUDE.items()}}
    assert (folder / GITHUB_FILE).read_text() == GITHUB
    for each in associations():
        written = (folder / SCHEMAS / f"{each.schema}.schema.json").read_bytes()
        assert written == SchemaStore.bundled(each.schema).document.data
    before = snapshot(folder)
    again = init(commands, "--yes", *EVERYTHING)
    assert (again.code, again.out, snapshot(folder)) == (0, "nothing to do: everything is there\n", before)
    assert commands.check().code == 0


def test_only_what_was_asked_for(folder: Path, commands: Commands) -> None:
    init(commands, "--yes")
    assert set(snapshot(folder)) == {HOOKS, EDITOR, *COPIES}
    init(commands, "--yes", "--ci", "gitlab")
    assert set(snapshot(folder)) == {HOOKS, EDITOR, GITLAB_FILE, *COPIES}
    assert yaml((folder / GITLAB_FILE).read_text()) == yaml(GITLAB)


def test_from_a_folder_below_it_is_the_repository(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"a/b/x": "x"})
    below = Commands(folder / "a/b", commands._monkeypatch, commands._capsys)
    init(below, "--yes")
    assert {HOOKS, EDITOR, *COPIES, "a/b/x"} == set(snapshot(folder))


def test_the_diff_is_shown_first_and_nothing_written(folder: Path, commands: Commands) -> None:
    write(folder, {EDITOR: '{\n  "a": 1\n}\n'})
    before = snapshot(folder)
    outcome = init(commands)
    assert (outcome.code, snapshot(folder)) == (1, before)
    assert f"--- /dev/null\n+++ b/{HOOKS}\n" in outcome.out
    assert f"--- a/{EDITOR}\n+++ b/{EDITOR}\n@@ " in outcome.out
    assert ' {\n-  "a": 1\n+  "a": 1,\n+  "json.schemas": [\n' in outcome.out
    for path in COPIES:
        assert f"{path}: new, as statecheck schema prints it\n" in outcome.out
    assert outcome.out.endswith("nothing was written: look at this, then run the same with --yes\n")


class _Terminal:
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("YES ", True), ("n", False), ("", False), (None, False)])
def test_on_a_terminal_it_asks(
    answer: str | None, written: bool, folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def reply(question: str) -> str:
        asked.append(question)
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr(builtins, "input", reply)
    monkeypatch.setattr(sys, "stdin", _Terminal(sys.stdin))
    monkeypatch.setattr(sys, "stdout", _Terminal(sys.stdout))
    outcome = init(commands)
    assert asked == ["Write this? [y/N] "]
    assert bool(snapshot(folder)) is written
    assert outcome.code == (0 if written else 1)
    if written:
        assert init(commands).code == 0
        assert len(asked) == 1, "where there is nothing to do nobody is asked"
    else:
        assert outcome.out.endswith("nothing was written\n")


def test_nobody_is_asked_where_there_is_no_input_at_all(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    outcome = init(commands)
    assert (outcome.code, snapshot(folder)) == (1, {})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFO here")
def test_a_fifo_does_not_hold_it_up(folder: Path, commands: Commands) -> None:
    (folder / ".vscode").mkdir()
    os.mkfifo(folder / EDITOR)
    outcome = init(commands, "--yes")
    assert (outcome.code, f"{EDITOR} is left as it is: it is no regular file but a FIFO" in outcome.out) == (1, True)


def test_a_schema_of_an_older_version_is_brought_up_to_date_with_a_diff(folder: Path, commands: Commands) -> None:
    init(commands, "--yes")
    path = f"{SCHEMAS}/constraints.schema.json"
    write(folder, {path: '{"title": "old"}\n'})
    outcome = init(commands)
    assert f"--- a/{path}\n+++ b/{path}\n" in outcome.out
    assert '-{"title": "old"}\n' in outcome.out
    init(commands, "--yes")
    assert (folder / path).read_bytes() == SchemaStore.bundled("constraints").document.data


# --- files of other people -------------------------------------------------------------------------------------------

CONFIGS = {
    "comments": "# ours\nrepos:\n# black\n-   repo: https://example.org/b  # why\n    rev: v1\n    hooks:\n"
    '    -   id: black\n        args: ["-l",\n               "100"]  # long\n\n'
    "# for the service\nci: {autofix: false}\n",
    "indented": "repos:\n  - repo: local\n    hooks:\n      - {id: a, name: a, entry: a, language: system}\n",
    "no line end": "repos:\n- repo: meta\n  hooks: [{id: check-hooks-apply}]",
    "windows": "# ours\r\nrepos:\r\n- repo: meta\r\n  hooks:\r\n  - id: check-hooks-apply\r\n",
    "a block of text": "repos:\n- repo: local\n  hooks:\n  - id: a\n"
    "    entry: |\n      one\n      two\nfail_fast: true\n",
    "anchors": "repos:\n- repo: meta\n  hooks: &h\n  - id: check-hooks-apply\n- repo: other\n  hooks: *h\n",
    "a start": "---\nrepos:\n- repo: meta\n  hooks:\n  - id: x\n",
    "no repos": "# nothing yet\ndefault_stages: [pre-commit]\n",
    "comments only": "# nothing yet\n",
    "empty": "",
    "a missing value": "repos:\n- repo: meta\n  hooks:\n",
    "other shapes": "repos:\n- 3\n- repo: meta\n  hooks: 3\n- repo: meta\n  hooks: [3, {id: [x]}]\n",
    "our other hooks": "repos:\n- repo: https://example.org/s\n  rev: v1\n  hooks:\n  - id: check-schema\n",
}


@pytest.mark.parametrize("name", CONFIGS)
def test_hooks_are_added_and_all_else_stays(name: str, folder: Path, commands: Commands) -> None:
    text = CONFIGS[name]
    write(folder, {HOOKS: text})
    assert init(commands, "--yes").code == 0
    new = (folder / HOOKS).read_bytes().decode()
    before, after = yaml(text) or {}, yaml(new)
    assert after.pop("repos") == [*before.pop("repos", []), *yaml(PRE_COMMIT)]
    assert after == before
    rest = iter(new.splitlines())
    assert all(line in rest for line in text.splitlines()), "every line is there, in its order"
    assert ("\r\n" in new) is ("\r\n" in text)
    assert "\n" not in new.replace("\r\n", "") or "\r\n" not in text
    before_second = snapshot(folder)
    assert (init(commands, "--yes").code, snapshot(folder)) == (0, before_second)


@pytest.mark.parametrize("where", ["https://example.org/statecheck", "local"])
def test_a_hook_that_is_there_stays_alone(where: str, folder: Path, commands: Commands) -> None:
    text = f"repos:\n- repo: {where}\n  rev: v1\n  hooks:\n  - id: check-state\n"
    write(folder, {HOOKS: text})
    init(commands, "--yes")
    assert (folder / HOOKS).read_text() == text


UNSAFE_YAML = {
    "flow": "repos: []\n",
    "a mapping": "repos: {a: 1}\n",
    "nothing": "repos:\n",
    "a list": "- a\n",
    "a word": "x\n",
    "damaged": "repos: [\n",
    "a key twice": "repos: []\nrepos: []\n",
    "two documents": "repos:\n- a: 1\n---\nrepos:\n- a: 1\n",
    "an end": "fail_fast: true\n...\n",
    "many aliases": "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{b}: &{b} [{', '.join(f'*{a}' for _ in range(10))}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)
    ),
    "no text": b"\xff\xfe",
    "a link that leads out": {"link": "/etc/hostname"},
    "a folder": {"folder": True},
    "a giant": {"repeat": ["# much\n", 2**16]},
}


@pytest.mark.parametrize("name", UNSAFE_YAML)
def test_hooks_that_cannot_be_added_safely_are_printed(name: str, folder: Path, commands: Commands) -> None:
    write(folder, {HOOKS: UNSAFE_YAML[name]})
    before = snapshot(folder)
    outcome = init(commands, "--yes")
    assert outcome.code == 1
    assert f"{HOOKS} is left as it is: " in outcome.out
    assert "Add by hand:\n    repos:\n      - repo: local\n" in outcome.out
    assert {path: content for path, content in snapshot(folder).items() if path == HOOKS} == before
    assert "Traceback" not in outcome.err
    assert (folder / EDITOR).exists(), "the rest is written"
    again = init(commands, "--yes")
    assert (again.code, "wrote" in again.out) == (1, False)


SETTINGS: dict[str, str] = {
    "others": '{\n\t"editor.tabSize": 2,\n\t"files.exclude": {"a": true}\n}\n',
    "on one line": '{"a": 1}',
    "empty": "{}\n",
    "blank": "\n",
    "no line end": '{\n  "a": [1,\n 2]}',
    "windows": '{\r\n    "ä": "\\u00e4"\r\n}\r\n',
    "schemas of others": '{\n  "json.schemas": [\n    {"fileMatch": ["x.json"], "url": "./x"}\n  ],\n'
    '  "yaml.schemas": {"./y": "y.yaml"}\n}\n',
    "no schemas yet": '{\n  "json.schemas": [],\n  "yaml.schemas": {}\n}\n',
    "one of ours": '{"json.schemas": [{"fileMatch": ["my/*.json"], '
    '"url": "./.statecheck/schemas/constraints.schema.json"}]}',
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_added_and_all_else_stays(name: str, folder: Path, commands: Commands) -> None:
    text = SETTINGS[name]
    write(folder, {EDITOR: text})
    assert init(commands, "--yes").code == 0
    new = (folder / EDITOR).read_bytes().decode()
    before, after = json.loads(text.strip() or "{}"), json.loads(new)
    schemas, places = after.pop("json.schemas"), after.pop("yaml.schemas")
    had = before.pop("json.schemas", [])
    assert schemas[: len(had)] == had
    assert {each["url"] for each in schemas} >= {each["url"] for each in editor_settings()["json.schemas"]}
    assert len(schemas) == len({each["url"] for each in schemas}), "none is there twice"
    assert places == {**before.pop("yaml.schemas", {}), **editor_settings()["yaml.schemas"]}
    assert after == before
    rest = iter(re.sub(r"\s", "", new))
    assert all(character in rest for character in re.sub(r"\s", "", text)), "spelling and order stay"
    assert new.count("\r\n") in (0, new.count("\n"))
    state = snapshot(folder)
    assert (init(commands, "--yes").code, snapshot(folder)) == (0, state)


@pytest.mark.parametrize(
    "content",
    [
        '{\n  // ours\n  "a": 1\n}\n',
        '{"a": 1,}\n',
        "[]\n",
        '{"json.schemas": {}}\n',
        '{"yaml.schemas": []}\n',
        '{"json.schemas": null}\n',
        '{"a": 1, "a": 2}\n',
        "{\n<<<<<<< a\n=======\n>>>>>>> b\n}\n",
        b"\xef\xbb\xbf{}\n",
        b"\xff\xfe{}",
        {"link": "/etc/hostname"},
        {"folder": True},
        "[" * 100_000,
    ],
    ids=repr,
)
def test_settings_that_cannot_be_edited_safely_are_printed(content: Any, folder: Path, commands: Commands) -> None:
    write(folder, {EDITOR: content})
    before = snapshot(folder).get(EDITOR)
    outcome = init(commands, "--yes")
    assert outcome.code == 1
    assert f"{EDITOR} is left as it is: " in outcome.out
    assert shown_json(outcome.out) == editor_settings()
    assert snapshot(folder).get(EDITOR) == before
    assert "Traceback" not in outcome.err


def test_what_was_added_by_hand_is_no_longer_printed(folder: Path, commands: Commands) -> None:
    """JSON with comments cannot be edited, but it can be seen that all is there."""
    write(folder, {EDITOR: '{\n  // ours\n  "a": 1\n}\n'})
    snippet = json.dumps(shown_json(init(commands, "--yes").out))
    write(folder, {EDITOR: '{\n  // ours\n  "a": 1,\n' + snippet[1:] + "\n"})
    outcome = init(commands, "--yes")
    assert (outcome.code, outcome.out) == (0, "nothing to do: everything is there\n")


AGENTS: dict[str, Any] = {
    "others": {"permissions": {"allow": ["Bash(ls)"]}},
    "a hook of others": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}},
    "another event": {"hooks": {"PreToolUse": []}},
    "no hooks": {"hooks": {}},
    "half of it": {"hooks": {"Stop": [CLAUDE["Stop"]]}},
}


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("name", AGENTS)
def test_the_hook_of_an_agent_is_added(name: str, indent: int | None, folder: Path, commands: Commands) -> None:
    value = AGENTS[name]
    write(folder, {AGENT: json.dumps(value, indent=indent)})
    assert init(commands, "--yes", "--agent-hook", "claude").code == 0
    after = json.loads((folder / AGENT).read_text())
    for event, hook in CLAUDE.items():
        had = value.get("hooks", {}).get(event, [])
        assert after["hooks"][event] == (had if hook in had else [*had, hook])
    assert {key: each for key, each in after.items() if key != "hooks"} == {
        key: each for key, each in value.items() if key != "hooks"
    }
    state = snapshot(folder)
    assert (init(commands, "--yes", "--agent-hook", "claude").code, snapshot(folder)) == (0, state)


@pytest.mark.parametrize("value", ['{"hooks": []}', '{"hooks": {"Stop": {}}}', '{"hooks": null}', "{ // x\n}"])
def test_the_hook_of_an_agent_is_printed_where_it_cannot_be_added(value: str, folder: Path, commands: Commands) -> None:
    write(folder, {AGENT: value})
    outcome = init(commands, "--yes", "--agent-hook", "claude")
    assert (outcome.code, (folder / AGENT).read_text()) == (1, value)
    assert f"{AGENT} is left as it is: " in outcome.out
    assert set(shown_json(outcome.out)["hooks"]) == {"PostToolUse", "Stop"}


def test_a_workflow_of_that_name_is_left_alone(folder: Path, commands: Commands) -> None:
    write(folder, {GITHUB_FILE: "name: ours\n"})
    outcome = init(commands, "--yes", "--ci", "github")
    assert (outcome.code, (folder / GITHUB_FILE).read_text()) == (1, "name: ours\n")
    assert "    name: statecheck\n" in outcome.out
    write(folder, {GITHUB_FILE: GITHUB.replace("3.12", "3.13")})
    assert init(commands, "--yes", "--ci", "github").code == 0, "it was adapted, and runs check-state"


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("# ours\nbuild:\n  script: make\n", True),
        ("stages: [build, test]\n", True),
        ("include:\n  - local: x.yml\nbuild:\n  script: !reference [.a, script]", True),
        ("stages: [build]\n", False),
        ("ours:\n  script: check-state --base main\n", None),
        ("- x\n", False),
    ],
)
def test_the_job_of_gitlab(text: str, added: bool | None, folder: Path, commands: Commands) -> None:
    write(folder, {GITLAB_FILE: text})
    outcome = init(commands, "--yes", "--ci", "gitlab")
    new = (folder / GITLAB_FILE).read_text()
    assert outcome.code == int(added is False)
    assert (new.startswith(text), GITLAB in new) == (True, bool(added))
    assert ("    statecheck:\n" in outcome.out) is (added is False)
    state = snapshot(folder)
    init(commands, "--yes", "--ci", "gitlab")
    assert snapshot(folder) == state


# --- all or nothing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocked", [".vscode", ".statecheck", ".github"])
def test_all_is_written_or_nothing(blocked: str, folder: Path, commands: Commands) -> None:
    make_repository(folder, {blocked: "a file where a folder should be"})
    before = snapshot(folder)
    outcome = init(commands, "--yes", "--ci", "github")
    assert (outcome.code, snapshot(folder)) == (2, before)
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("blocked", [".vscode", ".statecheck", ".claude"])
def test_nothing_is_written_through_a_link_that_leads_out(
    blocked: str, folder: Path, commands: Commands, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    make_repository(folder, {blocked: {"link": str(tmp_path / "outside")}})
    outcome = init(commands, "--yes", "--agent-hook", "claude")
    assert outcome.code in (1, 2)
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_link_within_the_project_stays_and_its_target_is_written(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"shared/settings.json": '{\n  "a": 1\n}\n', ".vscode": {"link": "shared"}})
    assert init(commands, "--yes").code == 0
    assert (folder / ".vscode").is_symlink()
    assert "json.schemas" in json.loads((folder / "shared/settings.json").read_text())


def test_hostile_content_does_not_act(folder: Path, commands: Commands) -> None:
    write(folder, {HOOKS: "# \x1b[2J\u202e\nrepos:\n- repo: meta\n", EDITOR: '{"\x1b": 1}'})
    outcome = init(commands)
    assert "\x1b" not in outcome.out
    assert "\u202e" not in outcome.out


def test_a_repair_that_was_interrupted_is_ended_first(folder: Path, commands: Commands) -> None:
    write(folder, {".statecheck/repair.writing": "{}"})
    outcome = init(commands, "--yes")
    assert (outcome.code, "run fix-state, which will end it" in outcome.err) == (2, True)
    assert not (folder / HOOKS).exists()


# --- what the templates say ------------------------------------------------------------------------------------------


def test_the_hooks_are_those_of_the_manifest() -> None:
    """All but the language: nobody can know from where the commands are to be installed."""
    published = {hook["id"]: hook for hook in hooks()}
    for hook in yaml(PRE_COMMIT)[0]["hooks"]:
        expected = {**published[hook["id"]], "language": "system"}
        assert hook == {key: expected[key] for key in hook}
        assert set(expected) - set(hook) == {"description", "minimum_pre_commit_version"}


def test_the_jobs_compare_with_the_whole_history_and_name_no_bare_package() -> None:
    workflow, job = yaml(GITHUB), yaml(GITLAB)["statecheck"]
    steps = workflow["jobs"]["statecheck"]["steps"]
    assert steps[0]["with"]["fetch-depth"] == 0
    assert job["variables"]["GIT_DEPTH"] == "0"
    assert [step["run"] for step in steps if "pip" in step.get("run", "")] == [f"pip install {ADDRESS}"]
    assert job["script"][0] == f"pip install {ADDRESS}"
    assert "continue-on-error" not in steps[-1], "the last step decides"
    assert "--from-ref" in steps[-1]["run"]
    assert "${{" not in "".join(step.get("run", "") for step in steps), "nothing of a request becomes part of a script"


def test_the_commands_of_the_jobs_are_understood(folder: Path, commands: Commands) -> None:
    make_repository(folder, {"x": "x"})
    head = git(folder, "rev-parse", "HEAD").strip()
    runs = [step["run"] for step in yaml(GITHUB)["jobs"]["statecheck"]["steps"] if "check-state" in step.get("run", "")]
    job = yaml(GITLAB)["statecheck"]
    runs += [line for line in (*job["script"], *job["after_script"]) if "check-state" in line]
    runs += [hook["command"] for each in CLAUDE.values() for hook in each["hooks"]]
    assert len(runs) == 6
    for run in runs:
        words = [head if word.startswith('"$') else word for word in run.split()]
        assert words[0] == "check-state"
        assert commands.check(*words[1:]).code == 0
    assert json.loads((folder / "statecheck.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((folder / job["artifacts"]["reports"]["codequality"]).read_text()) == []


def test_the_site_shows_the_same_hook_of_an_agent() -> None:
    page = (ROOT / "docs/start/agent.md").read_text(encoding="utf-8")
    block = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert block is not None
    assert json.loads(block.group(1)) == {"hooks": {event: [hook] for event, hook in CLAUDE.items()}}


@pytest.mark.slow
def test_pre_commit_runs_the_hooks(folder: Path, commands: Commands) -> None:
    make_repository(folder)
    init(commands, "--yes")
    git(folder, "add", "-A")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2
