"""The JSON output, version 1: a stable contract, described by the schema ``findings`` that is made from this."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from statecheck import __version__
from statecheck.findings import Report, Verdict
from statecheck.reporters.escape import escape, escape_json


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Tool(_Model):
    """The program that wrote this."""

    name: Literal["statecheck"] = "statecheck"
    version: str


class ComparisonModel(_Model):
    """What was compared with what."""

    base: str | None = Field(description="The revision that was compared with, or null.")
    head: str = Field(description="What was judged: worktree, index, or a revision.")
    via: str = Field(description="How the base was found.")


class ShardModel(_Model):
    """The part of the workspaces that was looked at, where not all were."""

    index: int = Field(ge=1)
    count: int = Field(ge=1)


class Examined(_Model):
    """How much was looked at."""

    workspaces: int = Field(ge=0)
    files: int = Field(ge=0)
    revisions: int = Field(ge=0)
    rules: int = Field(ge=0)
    shard: ShardModel | SkipJsonSchema[None] = Field(default=None, description="Only with --shard.")


class RelatedModel(_Model):
    """Another place that a finding speaks of."""

    path: str
    line: int = Field(ge=1)
    message: str


class FixModel(_Model):
    """What fix-state would do."""

    safety: Literal["safe", "unsafe"]
    summary: str


class FindingModel(_Model):
    """Something that does not hold, and where."""

    code: str = Field(pattern="^[A-Z][0-9]{3}$", description="The rule, e.g. D301. A code never changes its meaning.")
    name: str
    severity: Literal["error", "warning", "info"]
    workspace: str = Field(description="The folder of the workspace, relative to the root of the run; '.' is the root.")
    path: str = Field(description="The file, relative to the root of the run, with '/' between folders.")
    line: int = Field(ge=1)
    column: int = Field(ge=1)
    end_line: int = Field(ge=1)
    end_column: int = Field(ge=1)
    message: str
    hint: str | None
    revision: str | None = Field(description="The commit of the range that the finding is about, or null.")
    related: list[RelatedModel]
    fix: FixModel | None = Field(description="Null where nothing can repair it.")
    fingerprint: str = Field(description="Stays the same when lines move.")


class UnverifiedModel(_Model):
    """Something that could not be looked at: never the same as fine."""

    code: str
    path: str
    reason: str


class Output(_Model):
    """The JSON output of check-state and fix-state, version 1."""

    version: Literal[1] = 1
    tool: Tool
    verdict: Literal["pass", "fail", "unverified"]
    comparison: ComparisonModel
    examined: Examined
    findings: list[FindingModel]
    unverified: list[UnverifiedModel]


def json_text(report: Report, verdict: Verdict) -> str:
    """Return the report as JSON, indented, harmless to show; names that are no Unicode text are written out."""
    output = Output(
        tool=Tool(version=__version__),
        verdict=verdict,
        comparison=ComparisonModel(base=report.base, head=_clean(report.head), via=report.via),
        examined=Examined(
            workspaces=report.workspaces,
            files=report.files,
            revisions=report.revisions,
            rules=report.rules,
            shard=None if report.shard is None else ShardModel(index=report.shard.number, count=report.shard.total),
        ),
        findings=[
            FindingModel(
                code=each.code,
                name=each.name,
                severity=each.severity,
                workspace=_clean(each.workspace) or ".",
                path=_clean(each.path),
                line=each.line,
                column=each.column,
                end_line=each.end_line,
                end_column=each.end_column,
                message=_clean(each.message),
                hint=None if each.hint is None else _clean(each.hint),
                revision=each.revision,
                related=[
                    RelatedModel(path=_clean(other.path), line=other.line, message=_clean(other.message))
                    for other in each.related
                ],
                fix=None if each.fix is None else FixModel(safety=each.fix.safety, summary=_clean(each.fix.summary)),
                fingerprint=each.fingerprint,
            )
            for each in report.findings
        ],
        unverified=[
            UnverifiedModel(code=each.code, path=_clean(each.path), reason=_clean(each.reason))
            for each in report.unverified
        ],
    )
    absent = {"examined": {"shard"}} if report.shard is None else None
    return escape_json(output.model_dump_json(indent=2, exclude=absent))


def _clean(text: str) -> str:
    return escape(text) if any("\ud800" <= character <= "\udfff" for character in text) else text
