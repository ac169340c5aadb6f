"""One report of several: of the shards of a run, or of several repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.findings import Acceptance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from statecheck.findings import Finding, FixNote, Report


def join(reports: Sequence[Report], whole: Report) -> Report:
    """Return what several reports say as one; what two of them say alike is said once.

    `whole` says what they are of together: the root, what was compared, how many revisions and rules.
    """
    findings: dict[tuple[object, ...], Finding] = {}
    for finding in (each for report in reports for each in report.findings):
        place = finding.path, finding.line, finding.column, finding.code
        findings.setdefault((*place, finding.message), finding)
    accepted = [report.acceptance for report in reports if report.acceptance is not None]
    return whole._replace(
        findings=tuple(sorted(findings.values(), key=lambda each: (*each[4:7], each.code, each.workspace))),
        unverified=tuple(
            sorted(
                dict.fromkeys(each for report in reports for each in report.unverified),
                key=lambda each: (each.path, each.code),
            )
        ),
        workspaces=sum(report.workspaces for report in reports),
        files=sum(report.files for report in reports),
        unseen=tuple(each for report in reports for each in report.unseen),
        folders=tuple(each for report in reports for each in report.folders),
        codes=tuple(dict.fromkeys(code for report in reports for code in report.codes)),
        strict=any(report.strict and report.count("warning") for report in reports),
        excluded=tuple(each for report in reports for each in report.excluded),
        acceptance=Acceptance(
            sum(each.accepted for each in accepted), tuple(gone for each in accepted for gone in each.gone)
        )
        if accepted
        else None,
    )


def below(folder: str, report: Report) -> Report:
    """Return a report whose paths begin with a folder: that of its root, as somebody named it."""

    def place(path: str) -> str:
        if path in ("", "."):
            return folder
        outside = path.startswith(("/", "~")) or path[1:2] == ":"  # a memory may lie anywhere
        return path if outside or folder == "." else f"{folder.rstrip('/')}/{path}"

    def placed(paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(place, paths))

    def fix(note: FixNote | None) -> FixNote | None:
        return note and note._replace(changes=tuple(each._replace(path=place(each.path)) for each in note.changes))

    return report._replace(
        findings=tuple(
            each._replace(
                workspace=place(each.workspace),
                path=place(each.path),
                related=tuple(other._replace(path=place(other.path)) for other in each.related),
                fix=fix(each.fix),
            )
            for each in report.findings
        ),
        unverified=tuple(each._replace(path=place(each.path)) for each in report.unverified),
        unseen=placed(report.unseen),
        folders=placed(report.folders),
        excluded=placed(report.excluded),
    )
