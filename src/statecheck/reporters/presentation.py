"""What a report is shown with: what the user asked for, and what there is to know of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from statecheck.findings import Finding, Verdict


class RulePage(NamedTuple):
    """A rule as its page describes it: `fixes` is ``safe``, ``unsafe``, both, or a dash."""

    code: str
    name: str
    family: str
    severities: tuple[str, ...]
    fixes: str
    source: str
    summary: str
    sections: tuple[tuple[str, str], ...]


class Presentation(NamedTuple):
    """How a report is to be shown. `checkout` is the folder that a CI system takes paths to start from, if given."""

    verdict: Verdict
    verbose: bool = False
    strict: bool = False
    color: bool = False
    rules: tuple[RulePage, ...] = ()
    checkout: str | None = None

    def fails(self, finding: Finding) -> bool:
        """Say whether a finding makes the run fail."""
        return finding.severity == "error" or (self.strict and finding.severity == "warning")
