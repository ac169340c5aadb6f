"""What the files of a project are to become, and what is left to a person."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from statecheck.adoption.associations import SCHEMAS, associations, editor_settings
from statecheck.adoption.errors import NotEditableError
from statecheck.adoption.json_files import Addition, pretty, with_additions
from statecheck.adoption.templates import CLAUDE, GITHUB, GITLAB, PRE_COMMIT
from statecheck.adoption.yaml_files import parsed_yaml, with_item, with_key
from statecheck.documents import SchemaStore, select_values
from statecheck.trees import UnreadableError, resolve
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statecheck.trees import Tree

HOOKS_FILE = ".pre-commit-config.yaml"
EDITOR_FILE = ".vscode/settings.json"
AGENT_FILE = ".claude/settings.json"
GITHUB_FILE = ".github/workflows/statecheck.yml"
GITLAB_FILE = ".gitlab-ci.yml"

LIMIT = 2**17
"""Bytes of the largest file that is read, to be edited: nobody writes a larger one by hand."""

_COMMAND = "check-state"


class Proposal(NamedTuple):
    """What a file is, and is to become. Without `new` it is left to a person: `reason` says why, `snippet` what to add.

    `copied` says that it is a copy of something bundled, which nobody has to look at line by line.
    """

    path: str
    old: bytes | None
    new: bytes | None
    reason: str = ""
    snippet: str = ""
    copied: bool = False


def proposals(tree: Tree, ci: str | None, agent: str | None) -> Iterator[Proposal]:
    """Yield what is to be done in a project: hooks, editor, and if asked CI (github, gitlab) and agent (claude).

    What is there already is not proposed.
    """
    yield from _file(tree, HOOKS_FILE, _hooks, f"repos:\n{_indented(PRE_COMMIT)}", (_COMMAND,))
    for each in associations():
        content = SchemaStore.bundled(each.schema).document.data
        for proposal in _file(tree, f"{SCHEMAS}/{each.schema}.schema.json", partial(_copy, content.decode()), "", ()):
            yield proposal._replace(copied=True)
    places = [each.place for each in associations() if each.format != "toml"]
    yield from _file(tree, EDITOR_FILE, partial(_json, _missing_setting), pretty(editor_settings()), places)
    if ci == "github":
        yield from _file(tree, GITHUB_FILE, _workflow, GITHUB, (_COMMAND,))
    if ci == "gitlab":
        yield from _file(tree, GITLAB_FILE, _job, GITLAB, (_COMMAND,))
    if agent == "claude":
        settings = {"hooks": {event: [hook] for event, hook in CLAUDE.items()}}
        yield from _file(tree, AGENT_FILE, partial(_json, _missing_hook), pretty(settings), (_COMMAND,))


def _file(
    tree: Tree, path: str, make: Callable[[str, str | None], str], snippet: str, words: tuple[str, ...] | list[str]
) -> Iterator[Proposal]:
    """Yield what a file is to become by `make`, unless it is that.

    One that cannot be edited, and has all the `words`, has what is wanted.
    """
    text = None
    try:
        old = _content(tree, path)
        text = None if old is None else old.decode("utf-8")
        new = make(path, text).encode()
        if new != old:
            yield Proposal(path, old, new)
    except (NotEditableError, UnreadableError, UnicodeDecodeError) as error:
        if text is None or not all(word in text for word in words):
            yield Proposal(path, None, None, _why(error), snippet)


def _why(error: Exception) -> str:
    if isinstance(error, UnreadableError):
        return f"it {error.reason}"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _content(tree: Tree, path: str) -> bytes | None:
    """Return what stands at a path, links followed, or None for nothing. Raises `UnreadableError`."""
    real = resolve(tree, path)
    return None if tree.entry(real) is None else tree.read(real, LIMIT)


def _copy(content: str, _path: str, text: str | None) -> str:
    """Return what is copied; a checkout may have it with other line ends."""
    return text if text is not None and text.replace("\r\n", "\n") == content else content


def _hooks(path: str, text: str | None) -> str:
    """Return the configuration of pre-commit with the hooks, unless it has one of them."""
    document = parsed_yaml(path, text or "")
    repos = [] if document is None else document.value.get("repos", [])
    if not isinstance(repos, list):
        raise NotEditableError("repos is no list")
    if any(name == _COMMAND for _, name in select_values(repos, "/*/hooks/*/id")):
        return text or ""
    return with_item(path, text or "", "repos", PRE_COMMIT)


def _workflow(_path: str, text: str | None) -> str:
    if text is not None and text != GITHUB:
        raise NotEditableError("there is another workflow in it")
    return GITHUB


def _job(path: str, text: str | None) -> str:
    """Return the configuration of GitLab CI with the job, unless it has one of that name, or one that does the same."""
    document = parsed_yaml(path, text or "")
    value = {} if document is None else document.value
    if "statecheck" in value or _COMMAND in (text or ""):
        return text or ""
    if isinstance(value.get("stages"), list) and "test" not in value["stages"]:
        raise NotEditableError("it has no stage test, in which the job would be: give the job a stage")
    return with_key(path, text or "", "statecheck", GITLAB)


def _json(missing: Callable[[Any], Addition | None], path: str, text: str | None) -> str:
    return with_additions(path, "{}\n" if text is None or not text.strip() else text, missing)


def _missing_setting(value: Any) -> Addition | None:
    """Return the first setting of an editor that is missing."""
    wanted = editor_settings()
    for key, expected in wanted.items():
        if key not in value:
            return Addition((), key, expected)
        if type(value[key]) is not type(expected):
            raise NotEditableError(f"{key} is of another shape")
    for item in wanted["json.schemas"]:
        if not any(isinstance(each, dict) and each.get("url") == item["url"] for each in value["json.schemas"]):
            return Addition(("json.schemas",), None, item)
    for place, files in wanted["yaml.schemas"].items():
        if place not in value["yaml.schemas"]:
            return Addition(("yaml.schemas",), place, files)
    return None


def _missing_hook(value: Any) -> Addition | None:
    """Return the first hook of an agent that is missing."""
    if "hooks" not in value:
        return Addition((), "hooks", {event: [hook] for event, hook in CLAUDE.items()})
    for event, hook in CLAUDE.items():
        if not isinstance(value["hooks"], dict) or not isinstance(value["hooks"].get(event, []), list):
            raise NotEditableError("hooks is of another shape")
        if event not in value["hooks"]:
            return Addition(("hooks",), event, [hook])
        if _COMMAND not in json.dumps(value["hooks"][event]):
            return Addition(("hooks", event), None, hook)
    return None


def _indented(block: str) -> str:
    return "".join(f"  {line}\n" for line in block.splitlines())
