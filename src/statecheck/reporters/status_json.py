"""The JSON output of ``statecheck status``, version 1: described by the schema ``status`` that is made from this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from statecheck import __version__
from statecheck.reporters.escape import escape, escape_json

if TYPE_CHECKING:
    from statecheck.findings import Verdict
    from statecheck.standing import Conflict, Doubt, Fact, Overview, Standing


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StatusTool(_Model):
    """The program that wrote this."""

    name: Literal["statecheck"] = Field(default="statecheck", description="Its name.")
    version: str = Field(description="Its version.")


class FactModel(_Model):
    """Something that a document says, and where."""

    name: str = Field(description="What it is about, e.g. phase, or remaining.")
    value: str = Field(description="What the document says, as a text.")
    path: str = Field(description="The file, relative to the root of the run, with '/' between folders.")
    line: int = Field(ge=1, description="The line of the file.")


class ConflictModel(_Model):
    """What several sources say of one thing."""

    subject: str = Field(description="What they disagree on.")
    claims: list[FactModel] = Field(description="What each says, the one that is read first before the others.")
    authority: str | None = Field(description="The path of the source that counts; null: a person has to decide.")
    reason: str = Field(description="Why it counts, or what to do.")


class DoubtModel(_Model):
    """Something that should not be trusted."""

    code: str = Field(pattern="^[A-Z][0-9]{3}$", description="The rule that says so, e.g. D301.")
    verdict: Literal["error", "unverified"] = Field(description="Whether it is wrong, or could not be looked at.")
    path: str = Field(description="The file, relative to the root of the run, with '/' between folders.")
    line: int = Field(ge=1, description="The line of the file.")
    message: str = Field(description="What is wrong, or why it could not be looked at.")


class StandingModel(_Model):
    """Where a workspace stands."""

    kind: str = Field(description="The kind of the workspace: refinement, workflow, or iterative-work.")
    folder: str = Field(description="Its folder, relative to the root of the run; '.' is the root.")
    over: bool = Field(description="Whether its work is over: nothing is left to resume.")
    next: str = Field(description="What to do first.")
    facts: list[FactModel] = Field(description="What is known, from the sources that count.")
    conflicts: list[ConflictModel] = Field(description="Where sources disagree.")
    doubts: list[DoubtModel] = Field(description="What should not be trusted.")


class StatusOutput(_Model):
    """The JSON output of statecheck status, version 1."""

    version: Literal[1] = Field(default=1, description="The version of this format.")
    tool: StatusTool = Field(title="Tool", description="What wrote this, and in which version.")
    verdict: Literal["pass", "fail", "unverified"] = Field(
        description="Whether the standings can be trusted; fail: something is wrong or undecided; unverified: not seen."
    )
    base: str | None = Field(description="The revision that was compared with, or null.")
    workspaces: list[StandingModel] = Field(description="Those that go on before those that are over.")
    unverified: list[DoubtModel] = Field(description="What could not be looked at, and belongs to no workspace.")
    ignored: list[str] = Field(description="Documents that git ignores: no history says what was changed in them.")


def status_json(overview: Overview, verdict: Verdict) -> str:
    """Return an overview as JSON, indented, harmless to show; names that are no Unicode text are written out."""
    output = StatusOutput(
        tool=StatusTool(version=__version__),
        verdict=verdict,
        base=overview.base,
        workspaces=[_standing(each) for each in overview.standings],
        unverified=[_doubt(each) for each in overview.unverified],
        ignored=[_clean(each) for each in overview.ignored],
    )
    return escape_json(output.model_dump_json(indent=2))


def _standing(each: Standing) -> StandingModel:
    return StandingModel(
        kind=each.kind,
        folder=_clean(each.folder) or ".",
        over=each.over,
        next=_clean(each.next),
        facts=[_fact(fact) for fact in each.facts],
        conflicts=[_conflict(conflict) for conflict in each.conflicts],
        doubts=[_doubt(doubt) for doubt in each.doubts],
    )


def _fact(each: Fact) -> FactModel:
    return FactModel(name=each.name, value=_clean(each.value), path=_clean(each.path), line=each.line)


def _conflict(each: Conflict) -> ConflictModel:
    return ConflictModel(
        subject=_clean(each.subject),
        claims=[_fact(claim) for claim in each.claims],
        authority=None if each.authority is None else _clean(each.authority),
        reason=_clean(each.reason),
    )


def _doubt(each: Doubt) -> DoubtModel:
    return DoubtModel(
        code=each.code,
        verdict=each.verdict,
        path=_clean(each.path) or ".",
        line=each.line,
        message=_clean(each.message),
    )


def _clean(text: str) -> str:
    return escape(text) if any("\ud800" <= character <= "\udfff" for character in text) else text
