"""The JSON output read back: a report that another run wrote, as far as its JSON has it."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from statecheck import __version__
from statecheck.findings import Finding, FixNote, Related, Report, Shard, Unverified
from statecheck.reporters.json_output import FindingModel, Output, ShardModel
from statecheck.tuples import NamedTuple


class ReportError(ValueError):
    """A report cannot be used; the message says why."""


class Reread(NamedTuple):
    """A report as its JSON has it. `fails_empty` says that its run was to fail where there is nothing, and did."""

    report: Report
    fails_empty: bool = False


def read_report(data: bytes, root: str) -> Reread:
    """Return the report that a JSON output is of, with paths that start at `root`.

    What JSON does not have is empty: lines of files, diffs, changes for editors, the workspaces without findings. Where
    only a stricter reading explains the verdict, the report is `strict`. Raises `ReportError` for all that may not be
    the whole output of this statecheck.
    """
    output = _parse(data)
    examined, comparison = output.examined, output.comparison
    words = (
        f"compared {comparison.head} with {comparison.base[:12]}" if comparison.base else f"judged {comparison.head}"
    )
    report = Report(
        root=root,
        findings=tuple(map(_finding, output.findings)),
        unverified=tuple(Unverified(each.code, each.path, each.reason) for each in output.unverified),
        workspaces=examined.workspaces,
        files=examined.files,
        revisions=examined.revisions,
        rules=examined.rules,
        base=comparison.base,
        head=comparison.head,
        via=comparison.via,
        words=f"{words} ({comparison.via})",
        shard=_shard(examined.shard),
    )
    return _with_verdict(report, output.verdict)


def _parse(data: bytes) -> Output:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise ReportError("it is no JSON, or was cut off") from None
    _require_own(value)
    try:
        return Output.model_validate(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "/".join(str(part) for part in first["loc"] if part != ShardModel.__name__)
        raise ReportError(f"it is no report of check-state, or damaged, at /{where}: {first['msg']}") from None


def _require_own(value: Any) -> None:
    """Raise `ReportError` for what another statecheck wrote, in words that no schema has."""
    if not isinstance(value, dict) or "version" not in value:
        raise ReportError("it is no report that check-state --output-format json wrote")
    if value["version"] != 1:
        raise ReportError(f"it is of version {value['version']}; this statecheck reads version 1")
    tool = value.get("tool")
    version = tool.get("version") if isinstance(tool, dict) else None
    if isinstance(version, str) and version != __version__:
        raise ReportError(f"statecheck {version} wrote it, and this is {__version__}: use one version in all jobs")


def _shard(given: ShardModel | None) -> Shard | None:
    if given is None:
        return None
    if given.index > given.count:
        raise ReportError(f"it is damaged: it is of shard {given.index} of {given.count}")
    return Shard(given.index, given.count)


def _with_verdict(report: Report, verdict: str) -> Reread:
    """Return a report with what its verdict says beside what it holds. Raises `ReportError` where they disagree."""
    plain = report.verdict()
    if verdict == plain:
        return Reread(report)
    if verdict == "fail" and report.count("warning"):
        return Reread(report._replace(strict=True))
    if verdict == "fail" and not report.workspaces:
        return Reread(report, fails_empty=True)
    raise ReportError(f"it is damaged: its verdict is {verdict}, and by what it holds it would be {plain}")


def _finding(each: FindingModel) -> Finding:
    return Finding(
        code=each.code,
        name=each.name,
        severity=each.severity,
        workspace="" if each.workspace == "." else each.workspace,
        path=each.path,
        line=each.line,
        column=each.column,
        end_line=each.end_line,
        end_column=each.end_column,
        message=each.message,
        hint=each.hint,
        related=tuple(Related(other.path, other.line, other.message) for other in each.related),
        fix=None if each.fix is None else FixNote(each.fix.safety, each.fix.summary),
        fingerprint=each.fingerprint,
        revision=each.revision,
    )
