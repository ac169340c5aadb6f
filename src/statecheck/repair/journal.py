"""The journal of a repair: what is being written, so that the next run can end what a crash interrupted.

It is written once, before anything else, and its name says how far the repair has come: a step forward is a rename,
which needs no space. With git it lies in git's own folder, where no commit can bring one along.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from statecheck.errors import OwnFileError
from statecheck.journals import STAGES, journal_place
from statecheck.repair.exchange import remove_if_empty
from statecheck.repair.moves import sync_folder
from statecheck.trees import UnreadableError, normalize, resolve
from statecheck.tuples import NamedTuple
from statecheck.workspaces import OWN_FOLDER

if TYPE_CHECKING:
    from statecheck.journals import Stage
    from statecheck.trees import WorkingTree

ASIDE = re.compile(r"[.]statecheck-[0-9a-f]{16}[.]tmp")
"""The names of the files that lie beside those that are written."""

_VERSION = 1


class JournalError(OwnFileError):
    """A journal cannot be used; the message says why, and what to do."""


class Step(NamedTuple):
    """One file of a repair.

    `place` is where it really is, and `aside` the file beside it that first has what is to be written and then what
    stood there; both relative to the root. `old` and `new` are digests, None where there is nothing.
    """

    path: str
    place: str
    aside: str
    old: str | None
    new: str | None


class Journal(NamedTuple):
    """The files of a repair in the order in which they are written, and the folders that are made for them."""

    steps: tuple[Step, ...]
    folders: tuple[str, ...]


class JournalFile:
    """Where the journal of a project is, and how far it says that a repair has come."""

    def __init__(self, disk: WorkingTree, git_dir: str | None) -> None:
        self._disk = disk
        self._place = journal_place(disk.root, git_dir, OWN_FOLDER)

    @property
    def stage(self) -> Stage | None:
        """How far a repair has come that has a journal, or None where there is none."""
        return self._place.stage

    def begin(self, journal: Journal) -> None:
        """Write the journal. Raises `OSError`, and `UnreadableError` where its folder is a link."""
        if self._place.own:
            if resolve(self._disk.anew(), OWN_FOLDER) != OWN_FOLDER:
                raise UnreadableError(OWN_FOLDER, "is a symbolic link")
            os.makedirs(self._place.folder, exist_ok=True)
        value = {"version": _VERSION, "steps": [step._asdict() for step in journal.steps], "folders": journal.folders}
        name = self._place.name("staging")
        with open(f"{name}.new", "w", encoding="ascii") as file:
            json.dump(value, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{name}.new", name)
        sync_folder(self._place.folder)

    def advance(self, before: Stage, after: Stage) -> None:
        """Say that the repair has come further. Raises `OSError`."""
        os.replace(self._place.name(before), self._place.name(after))
        sync_folder(self._place.folder)

    def end(self) -> None:
        """Remove the journal. Raises `OSError`."""
        for name in (*map(self._place.name, STAGES), f"{self._place.name('staging')}.new"):
            if os.path.lexists(name):
                os.unlink(name)
        if self._place.own:
            remove_if_empty(self._place.folder)

    def read(self, stage: Stage) -> Journal:
        """Return the journal, whose places are all inside the project. Raises `JournalError`."""
        name = self._place.name(stage)
        try:
            with open(name, encoding="ascii") as file:
                return _journal(json.load(file), self._disk.anew())
        except (OSError, ValueError, KeyError, TypeError, UnreadableError) as error:
            shown = os.path.relpath(name, self._disk.root).replace(os.sep, "/")
            raise JournalError(
                f"{shown}, the journal of a repair that was interrupted, cannot be used: {error}; what that repair "
                "left is named .statecheck-*.tmp: look at it, then remove the journal"
            ) from None


def _journal(value: Any, disk: WorkingTree) -> Journal:
    if value["version"] != _VERSION:
        raise ValueError(f"its version is {value['version']}")
    steps = tuple(Step(**each) for each in value["steps"])
    for step in steps:
        above = step.place.rpartition("/")[0]
        folder, _, name = step.aside.rpartition("/")
        if not ASIDE.fullmatch(name) or folder != above or ".git" in step.place.split("/"):
            raise ValueError(f"{step.aside} is no file of a repair")
        _require_real(step.place, disk)
    for made in value["folders"]:
        _require_real(f"{made}/.", disk)
    return Journal(steps, tuple(value["folders"]))


def _require_real(place: str, disk: WorkingTree) -> None:
    """Raise `ValueError` where a place is not written plainly, or lies behind a symbolic link."""
    folder = place.rpartition("/")[0]
    if normalize(place) != place.removesuffix("/.") or resolve(disk, folder) != folder:
        raise ValueError(f"{place} is not inside the project")
