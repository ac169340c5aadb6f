"""What the two files of an initiative say: its name, its status, its milestone, and when they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import StateDocument, Timestamp, timestamp_or_none, words_of
from statecheck.tuples import NamedTuple
from statecheck.workspaces.declared import INITIATIVE, MILESTONE
from statecheck.workspaces.records import clock_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Pointer
    from statecheck.workspaces.view import View

ACTIVE = "documentation/milestones/_active"
"""Where the folders of initiatives lie that are not over."""

MILESTONE_FIELDS = ("currentMilestone", "milestone")
"""The names of the field for the milestone: the documented one, and another of WORKFLOW-STATUS.yaml."""


class Source(NamedTuple):
    """One of the two files, as far as it can be used: what it does not say, or says wrongly, is None.

    A milestone that is a number is here as it is written.
    """

    document: StateDocument
    name: str | None
    status: str | None
    milestone: str | None
    milestone_pointer: Pointer
    clock_pointer: Pointer
    clock: Timestamp | None

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.document.path.rpartition("/")[2]

    @property
    def value(self) -> dict[str, Any]:
        """The object that the file holds."""
        found: dict[str, Any] = self.document.value
        return found

    @property
    def milestones(self) -> dict[str, str]:
        """The statuses of the milestones in `progress` that have one, by name, in order."""
        progress = self.value.get("progress")
        found = {}
        for name, each in progress.items() if isinstance(progress, dict) else ():
            state = MILESTONE.state(each.get("status") if isinstance(each, dict) else each)
            if state is not None:
                found[name] = state
        return found

    @property
    def milestones_done(self) -> list[str]:
        """The milestones that `progress` calls completed, in order."""
        return [name for name, state in self.milestones.items() if state in INITIATIVE.final]


def initiative_source(workspace: View) -> Source | None:
    """Return what initiative.json says, or None where it is missing, damaged, or no object.

    One without a name has that of the active folder, where there is just one.
    """
    known = workspace.spec("initiative") is not None
    source = _source(workspace, "initiative", workspace.usable("initiative")) if known else None
    if source is None or source.name is not None:
        return source
    folders = active_folders(workspace)
    return source._replace(name=folders[0]) if len(folders) == 1 else source


def status_sources(workspace: View) -> Iterator[Source]:
    """Yield what each WORKFLOW-STATUS.yaml says that can be read; one without a name has its folder's."""
    for document in workspace.documents("workflow_status"):
        usable = document if isinstance(document, StateDocument) and document.usable else None
        source = _source(workspace, "workflow_status", usable)
        if source is not None:
            yield source if source.name is not None else source._replace(name=folder_name(document.path))


def active_folders(workspace: View) -> list[str]:
    """Return the names of the folders of active initiatives that hold a file, sorted."""
    below = workspace.join(ACTIVE) + "/"
    return sorted(
        {path[len(below) :].split("/")[0] for path in workspace.files_below(ACTIVE) if "/" in path[len(below) :]}
    )


def folder_name(path: str) -> str:
    """Return the name of the folder that a file lies in."""
    return path.rpartition("/")[0].rpartition("/")[2]


def counterparts(initiative: Source, workspace: View) -> list[Source]:
    """Return each WORKFLOW-STATUS.yaml of an initiative: of its name, else in the folder of its name.

    Without a name it is the only one there is.
    """
    sources = list(status_sources(workspace))
    name = initiative.name
    if name is None:
        return sources if len(workspace.paths("workflow_status")) == 1 else []
    named = [each for each in sources if each.name is not None and same_name(each.name, name)]
    return named or [each for each in sources if same_name(folder_name(each.document.path), name)]


def same_name(one: str, other: str) -> bool:
    """Say whether two names mean the same; case, ``-``, ``_`` and blanks are alike."""
    return words_of(one) == words_of(other)


def _source(workspace: View, role: str, document: StateDocument | None) -> Source | None:
    spec = workspace.spec(role)
    if document is None or spec is None or not isinstance(document.value, dict):
        return None
    value = document.value
    clock = clock_of(spec, value)
    field = next((each for each in MILESTONE_FIELDS if each in value), MILESTONE_FIELDS[0])
    return Source(
        document,
        _text(value.get("name")),
        INITIATIVE.state(value.get("status")),
        _milestone(document, field),
        (field,),
        clock[0] if clock is not None else (spec.clocks[0].lstrip("/"),),
        timestamp_or_none(clock[1]) if clock is not None else None,
    )


def _milestone(document: StateDocument, field: str) -> str | None:
    """Return the milestone that a file names; a number as it is written there."""
    value = document.value.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _text(value)
    span = document.span((field,))
    return document.text[span.start : span.end].split()[-1]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
