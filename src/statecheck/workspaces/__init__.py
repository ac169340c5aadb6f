"""Workspaces: kinds as data, discovery in any tree, documents by role. This room knows no rules."""

from statecheck.workspaces.amendments import AMENDMENTS_FILE, Amendment, Amendments, find_amendment, read_amendments
from statecheck.workspaces.artifacts import (
    NOT_ARTIFACTS,
    Located,
    Locator,
    Reference,
    Unfit,
    manifest_time,
    references,
)
from statecheck.workspaces.authority import (
    STALE_AFTER,
    Authority,
    Disagreement,
    authority,
    disagreements,
    stale_warning,
)
from statecheck.workspaces.completeness import lacking
from statecheck.workspaces.declared import (
    DOCUMENTED,
    KINDS,
    MACHINES,
    declaration,
    document_name,
    kinds_with,
)
from statecheck.workspaces.discovery import (
    BASELINE_FILE,
    LEDGER_FILE,
    OWN_FOLDER,
    Workspace,
    archived_workspace,
    before_archiving,
    candidates,
    discover,
    governed_folder,
    is_present,
    may_hold_state,
    project_of,
    within,
)
from statecheck.workspaces.initiatives import (
    Source,
    active_folders,
    counterparts,
    folder_name,
    initiative_source,
    same_name,
    status_sources,
)
from statecheck.workspaces.kinds import DocumentSpec, Kind, Requirement, Status
from statecheck.workspaces.logged import (
    Counted,
    Logged,
    LoggedEntries,
    counted_in_order,
    course,
    logged_in_order,
    logs,
)
from statecheck.workspaces.long_logs import PastLogs
from statecheck.workspaces.machines import Machine
from statecheck.workspaces.memory import memory_documents, places_of_memory
from statecheck.workspaces.pairing import pair_workspaces, renamed_documents
from statecheck.workspaces.places import known_places
from statecheck.workspaces.positions import MemorySettings, Position, position_of
from statecheck.workspaces.records import clock_of, kept_values, value_digest
from statecheck.workspaces.requirements import Owed, is_said, owed_lines
from statecheck.workspaces.view import View
from statecheck.workspaces.work import read_work_log

__all__ = [
    "AMENDMENTS_FILE",
    "BASELINE_FILE",
    "DOCUMENTED",
    "KINDS",
    "LEDGER_FILE",
    "MACHINES",
    "NOT_ARTIFACTS",
    "OWN_FOLDER",
    "STALE_AFTER",
    "Amendment",
    "Amendments",
    "Authority",
    "Counted",
    "Disagreement",
    "DocumentSpec",
    "Kind",
    "Located",
    "Locator",
    "Logged",
    "LoggedEntries",
    "Machine",
    "MemorySettings",
    "Owed",
    "PastLogs",
    "Position",
    "Reference",
    "Requirement",
    "Source",
    "Status",
    "Unfit",
    "View",
    "Workspace",
    "active_folders",
    "archived_workspace",
    "authority",
    "before_archiving",
    "candidates",
    "clock_of",
    "counted_in_order",
    "counterparts",
    "course",
    "declaration",
    "disagreements",
    "discover",
    "document_name",
    "find_amendment",
    "folder_name",
    "governed_folder",
    "initiative_source",
    "is_present",
    "is_said",
    "kept_values",
    "kinds_with",
    "known_places",
    "lacking",
    "logged_in_order",
    "logs",
    "manifest_time",
    "may_hold_state",
    "memory_documents",
    "owed_lines",
    "pair_workspaces",
    "places_of_memory",
    "position_of",
    "project_of",
    "read_amendments",
    "read_work_log",
    "references",
    "renamed_documents",
    "same_name",
    "stale_warning",
    "status_sources",
    "value_digest",
    "within",
]
