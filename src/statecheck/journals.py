"""Where the journal of a repair lies, and how far it says that the repair has come. Every run looks there first."""

from __future__ import annotations

import os
from typing import Literal

from statecheck.tuples import NamedTuple

Stage = Literal["staging", "writing", "settled"]

STAGES: tuple[Stage, ...] = ("staging", "writing", "settled")
"""New files are being made beside the old ones; they are being exchanged; all that is left is to clear up."""


class JournalPlace(NamedTuple):
    """The folder of the journals of a project: git's own, or in a project without git, statecheck's."""

    folder: str
    own: bool

    @property
    def stage(self) -> Stage | None:
        """How far a repair has come that has a journal, or None where there is none."""
        return next((stage for stage in reversed(STAGES) if os.path.lexists(self.name(stage))), None)

    def name(self, stage: Stage) -> str:
        """Return the name of the journal at a stage."""
        prefix = "" if self.own else "statecheck-"
        return os.path.join(self.folder, f"{prefix}repair.{stage}")


def journal_place(root: str, git_dir: str | None, own_folder: str) -> JournalPlace:
    """Return where the journal of a project lies. `own_folder` is that of statecheck, relative to `root`."""
    if git_dir is not None:
        return JournalPlace(git_dir, own=False)
    return JournalPlace(os.path.join(root, own_folder), own=True)
