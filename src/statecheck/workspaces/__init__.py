"""Workspaces: kinds as data, discovery in any tree, documents by role. This room knows no rules."""

from statecheck.workspaces.artifacts import DIST, Located, Locator, Reference, Unfit, references
from statecheck.workspaces.discovery import (
    OWN_FOLDER,
    Workspace,
    before_archiving,
    discover,
    governed_folder,
    project_of,
    within,
)
from statecheck.workspaces.kinds import KINDS, DocumentSpec, Kind
from statecheck.workspaces.view import View

__all__ = [
    "DIST",
    "KINDS",
    "OWN_FOLDER",
    "DocumentSpec",
    "Kind",
    "Located",
    "Locator",
    "Reference",
    "Unfit",
    "View",
    "Workspace",
    "before_archiving",
    "discover",
    "governed_folder",
    "project_of",
    "references",
    "within",
]
