"""The rules against the table of invariants they implement, where that table lies beside the project."""

from __future__ import annotations

import re

import pytest
from harness import SHARED

from statecheck.cli.catalog import fix_tiers
from statecheck.rules import all_rules

TABLE = SHARED / "spec" / "invariants.md"
pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not TABLE.is_file(), reason="the table is not beside the project")]

SEVERITIES = {"E": "error", "w": "warning", "i": "info", "unverified": "unverified"}
MORE_THAN_THE_TABLE = {
    "D301": {"info"},  # a flag that can be dropped is a note, which the fix column implies
    "L201": {"warning", "info"},  # a warning in guardrails.md, as the text above the table says; an amendment is a note
    "L202": {"warning", "info"},
    "L203": {"warning"},
    "L214": {"warning"},  # where two merged branches each added one
    "M501": {"info"},  # what the base owed already is no error of this change
    **{code: {"info"} for code in ("X620", "X621", "X624", "X625")},  # old entries, as the text above the table says
    "X622": {"warning", "info"},  # a missing status is a warning, as the row says after the comma
}


def _rows() -> dict[str, tuple[str, set[str], set[str]]]:
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        match = re.match(r"^([A-Z]\d{3}) ([a-z-]+)$", cells[0]) if cells else None
        if match:
            words = cells[2].split(",")[0].split()
            severities = {SEVERITIES[word] for word in words if word in SEVERITIES}
            same_as = re.search(r"\bas ([A-Z]\d{3})", cells[3])
            tiers = found[same_as.group(1)][2] if same_as else set(re.findall(r"\b(unsafe|safe)\b", cells[3]))
            found[match.group(1)] = (match.group(2), severities, tiers)
    return found


def test_every_row_is_implemented() -> None:
    assert set(_rows()) == set(all_rules())


@pytest.mark.parametrize("code", all_rules())
def test_name_severity_and_fix_tiers(code: str) -> None:
    name, severities, tiers = _rows()[code]
    rule = all_rules()[code]
    assert rule.name == name
    assert set(rule.severities) - MORE_THAN_THE_TABLE.get(code, set()) == severities or code in ("D307", "T410")
    assert {tier for tier in fix_tiers(code).split(", ") if tier != "–"} == tiers
