"""The lines that logs and memories owe to states, as a project's kinds require them, and which are not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from statecheck.documents import MarkdownDocument, StateDocument, show, value_at
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from statecheck.documents import Document, Entry, Pointer
    from statecheck.workspaces.kinds import Purpose, Requirement
    from statecheck.workspaces.view import View

_NAME = re.compile(r"\{([^{}]+)\}")


class Owed(NamedTuple):
    """A line that is not there: the object that asks for it, its text, and the document that lacks it.

    `lacking` is None where there is no such document, and `path` where it should be.
    """

    requirement: Requirement
    state: StateDocument
    pointer: Pointer
    says: str
    path: str
    lacking: Document | None
    downwards: bool
    """Whether it belongs on top of what is there."""

    @property
    def because(self) -> str:
        """What the object says that asks for the line."""
        value = value_at(self.state.value, self.pointer)
        return ", ".join(f"{name} is {show(value[name])}" for name in self.requirement.when)


class Unknown(NamedTuple):
    """Why it cannot be said what is owed; `cause` is the rule that reports it."""

    path: str
    reason: str
    cause: str


def owed_lines(workspace: View, purpose: Purpose) -> Iterator[Owed | Unknown]:
    """Yield what logs, or memories, owe to the states of a workspace, and what keeps that from being known."""
    for requirement in workspace.kind.requires:
        spec = workspace.spec(requirement.where)
        if spec is None or spec.purpose != purpose:
            continue
        there = [each for role in (requirement.of, requirement.where) for each in workspace.documents(role)]
        damaged = [each for each in there if not each.usable]
        yield from (Unknown(each.path, each.problems[0].message, each.problems[0].code) for each in damaged)
        for state in workspace.documents(requirement.of) if not damaged else ():
            if isinstance(state, StateDocument):
                yield from _owed(requirement, workspace, state, workspace.join(spec.patterns[0]))


def is_said(says: str, line: str) -> bool:
    """Say whether a line has a text in it, and not only as a part of longer words."""
    return re.search(rf"(?<![\w-]){re.escape(says)}(?![\w-]|\.\w)", line) is not None


def _owed(requirement: Requirement, workspace: View, state: StateDocument, place: str) -> Iterator[Owed | Unknown]:
    lines = list(_lines(workspace, requirement.where))
    lacking, spec = workspace.document(requirement.where), workspace.spec(requirement.where)
    downwards = spec is not None and spec.grammar is not None and spec.grammar.newest_first
    for pointer, value in state.select(requirement.each):
        if not isinstance(value, dict) or not _asks(value, requirement.when):
            continue
        says = _filled(requirement.says, value)
        if says is None:
            missing = ", ".join(name for name in _NAME.findall(requirement.says) if not _is_word(value.get(name)))
            yield Unknown(
                state.path, f"{missing} of {'/'.join(map(str, pointer)) or 'the document'} is no text", "S103"
            )
        elif not any(is_said(says, line) for line in lines):
            path = lacking.path if lacking is not None else place
            yield Owed(requirement, state, pointer, says, path, lacking, downwards)


def _lines(workspace: View, role: str) -> Iterator[str]:
    """Yield the headings of a log, or the lines of a memory: neither of them code, or a comment."""
    spec = workspace.spec(role)
    if spec is not None and spec.grammar is not None:
        yield from map(_title, workspace.log_entries(role))
        return
    for document in workspace.documents(role):
        if isinstance(document, MarkdownDocument):
            yield from (each.text for each in document.markdown.texts)


def _title(entry: Entry) -> str:
    """Return what an entry is about: its heading without the time, or a whole line of a log that has no headings."""
    if entry.kind == "line":
        return entry.text
    text = entry.heading.text
    return text.replace(entry.time_text, " ", 1) if entry.time_text else text


def _asks(value: Mapping[str, Any], when: Mapping[str, tuple[Any, ...]]) -> bool:
    """Say whether each member has one of its values; 1 is not true."""
    return all(
        any(type(value.get(name)) is type(each) and value[name] == each for each in wanted)
        for name, wanted in when.items()
    )


def _filled(says: str, value: Mapping[str, Any]) -> str | None:
    if not all(_is_word(value.get(name)) for name in _NAME.findall(says)):
        return None
    return _NAME.sub(lambda match: " ".join(str(value[match[1]]).split()), says)


def _is_word(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, str | int) and bool(str(value).strip())
