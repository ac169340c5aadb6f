"""The engine: runs the selected rules on every workspace of a comparison, and collects what they find."""

from statecheck.engine.acceptance import Baseline, acceptable
from statecheck.engine.model import Keeper, Outcome, Result, Run, Snapshot, root_for, stands_for
from statecheck.engine.policy import Policy
from statecheck.engine.proposals import propose
from statecheck.engine.report import check, check_plain, make_report, outcomes, unavailable
from statecheck.engine.subjects import Key, Lineage, Subject, lineage, subjects
from statecheck.engine.verdicts import Verdict, is_concerned, verdict_of
from statecheck.engine.workspace import check_workspace

__all__ = [
    "Baseline",
    "Keeper",
    "Key",
    "Lineage",
    "Outcome",
    "Policy",
    "Result",
    "Run",
    "Snapshot",
    "Subject",
    "Verdict",
    "acceptable",
    "check",
    "check_plain",
    "check_workspace",
    "is_concerned",
    "lineage",
    "make_report",
    "outcomes",
    "propose",
    "root_for",
    "stands_for",
    "subjects",
    "unavailable",
    "verdict_of",
]
