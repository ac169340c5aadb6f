"""JUnit XML: a suite for each workspace, and in it a case for each family of rules that looked at it.

CI systems compare cases by name between runs, so there are as many cases for a healthy workspace as for a broken one,
and their names do not depend on what was found. A case fails where something in it makes the run fail; one that could
not be looked at is an error, never passed or skipped; what else was found stands in the output of its case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from statecheck.reporters.escape import escape
from statecheck.reporters.summary import Gap, counts, gaps, nothing, offer, plural, summary
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from statecheck.findings import Finding, Report
    from statecheck.reporters.presentation import Presentation

_INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold, and that are not written out because they are invisible."""


class _Case(NamedTuple):
    """What one family says of one workspace."""

    suite: str
    name: str
    findings: Sequence[Finding]
    gaps: Sequence[Gap]


def junit_text(report: Report, presentation: Presentation) -> str:
    """Return the report as JUnit XML, in ASCII, which every encoding of a standard output leaves as it is.

    It has at least one case, since CI systems take an empty report for a mistake.
    """
    cases = _cases(report, {page.code[0]: page.family for page in presentation.rules})
    top = ET.Element("testsuites", name="statecheck")
    _run_suite(top, report, presentation)
    for suite in dict.fromkeys(case.suite for case in cases):
        element = ET.SubElement(top, "testsuite", name=_clean(suite))
        for case in cases:
            if case.suite == suite:
                _add_case(element, case, presentation)
    for element in top:
        _count(element, [element])
    _count(top, list(top))
    ET.indent(top)
    body: bytes = ET.tostring(top, encoding="us-ascii")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body.decode()}'


def _cases(report: Report, families: dict[str, str]) -> list[_Case]:
    folders = sorted({*report.folders, *(each.workspace for each in report.findings)})
    missing = gaps(report)
    homes = {gap: _home(gap.path, folders) for gap in missing}
    letters = list(dict.fromkeys(code[0] for code in report.codes))
    spoken = {each.code[0] for each in report.findings} | {each.code[0] for each in report.unverified}
    letters += sorted(spoken - set(letters))
    suites = [*folders, *sorted(set(homes.values()) - set(folders))]
    return [
        _Case(
            folder or ".",
            f"{letter}: {families[letter]}" if letter in families else letter,
            [each for each in report.findings if each.workspace == folder and each.code[0] == letter],
            [gap for gap in missing if homes[gap] == folder and any(code[0] == letter for code in gap.codes)],
        )
        for folder in suites
        for letter in letters
    ]


def _home(path: str, folders: Iterable[str]) -> str:
    """Return the workspace that a path lies in, the innermost of several; the root where it is in none."""
    around = [folder for folder in folders if not folder or path == folder or path.startswith(f"{folder}/")]
    return max(around, key=len, default="")


def _run_suite(top: ET.Element, report: Report, presentation: Presentation) -> None:
    """Add a suite for the run as a whole: whether there was anything to look at."""
    suite = ET.SubElement(top, "testsuite", name="statecheck")
    case = ET.SubElement(suite, "testcase", classname="statecheck", name="workspaces")
    words = nothing(report)
    if words and presentation.verdict == "fail":
        ET.SubElement(case, "failure", message=words, type="empty").text = words
    elif words:
        ET.SubElement(case, "skipped", message=words)
    ET.SubElement(case, "system-out").text = _clean(summary(report))


def _add_case(suite: ET.Element, case: _Case, presentation: Presentation) -> None:
    element = ET.SubElement(suite, "testcase", classname=_clean(case.suite), name=case.name)
    failing = [each for each in case.findings if presentation.fails(each)]
    if failing:
        child = ET.SubElement(element, "failure", message=counts(failing), type=failing[0].severity)
        child.text = "\n".join([*map(_words, failing), *map(_gap_words, case.gaps)])
    elif case.gaps:
        message = f"{plural(len(case.gaps), 'reason')} why this could not be verified"
        ET.SubElement(element, "error", message=message, type="unverified").text = "\n".join(map(_gap_words, case.gaps))
    others = [each for each in case.findings if not presentation.fails(each)]
    if others:
        ET.SubElement(element, "system-out").text = "\n".join(map(_words, others))


def _words(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    lines = [f"{place}: {finding.severity} {finding.code} {finding.name}: {finding.message}"]
    lines += [f"{each.path}:{each.line}: {each.message}" for each in finding.related]
    lines += [f"help: {finding.hint}"] if finding.hint else []
    lines += [f"fix: {words}"] if (words := offer(finding)) else []
    return "\n  ".join(map(_clean, lines))


def _gap_words(gap: Gap) -> str:
    return _clean(f"{gap.path or '.'}: unverified {', '.join(gap.codes)}: {gap.reason}")


def _clean(text: str) -> str:
    return _INVALID.sub("\N{REPLACEMENT CHARACTER}", escape(text))


def _count(element: ET.Element, suites: Iterable[ET.Element]) -> None:
    """Note how many cases an element has, and how many of them did not pass."""
    cases = [case for suite in suites for case in suite.iter("testcase")]
    element.set("tests", str(len(cases)))
    for attribute, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        if attribute != "skipped" or element.tag == "testsuite":
            element.set(attribute, str(sum(case.find(child) is not None for case in cases)))
