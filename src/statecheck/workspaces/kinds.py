"""The kinds of workspace, as data: their files, what each file is for, and what is known of its content."""

from __future__ import annotations

from typing import Literal, NamedTuple

Purpose = Literal["state", "log", "template", "memory"]


class Status(NamedTuple):
    """A value that follows a status machine: a JSON Pointer in which ``*`` stands for every key or index.

    `aside` says that the machine is not binding there: leaving it is a warning, and no state is final.
    """

    pointer: str
    machine: str
    aside: bool = False


class DocumentSpec(NamedTuple):
    """A document of a kind.

    `patterns` are paths below the workspace folder, in which ``*`` stands for one whole name or a part of one.
    `timestamps`, `unique`, `clocks` and `kept` are JSON Pointers in which ``*`` stands for every key or index;
    `aliases` are names that are used in the wild for documented ones. `clocks` say when the file was last written,
    the first that is there counts; `kept` are the values, beside times and statuses, that rules look back at.
    """

    role: str
    patterns: tuple[str, ...]
    format: Literal["json", "jsonl", "yaml", "markdown"]
    purpose: Purpose
    schema: str | None = None
    grammar: str | None = None
    timestamps: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    statuses: tuple[Status, ...] = ()
    clocks: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Kind(NamedTuple):
    """A kind of workspace.

    A folder is one where at least `at_least` of the files `found_by` are there, one of `needs` among them (any, if
    empty); or, for kinds that own a folder by its name, where its path ends as one of `folders` says.
    """

    name: str
    source: str
    documents: tuple[DocumentSpec, ...]
    found_by: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    at_least: int = 1
    folders: tuple[str, ...] = ()
    archive: str | None = None
    ended: tuple[str, str, str] | None = None
    """The role, field and value that say that the work is over and filed away."""
    home: str | None = None
    """The folder, by name, that holds workspaces of this kind at the top of a project."""
    own: bool = False
    """Whether it is statecheck's own: judged like any other, and not counted as a workspace."""


REFINEMENT = Kind(
    name="refinement",
    source="persist.md",
    found_by=("artifact_manifest.json", "constraints.json", "refinement_log.md", "decisions.md"),
    needs=("artifact_manifest.json", "constraints.json"),
    at_least=2,
    home=".refiner",
    documents=(
        DocumentSpec(
            "manifest",
            ("artifact_manifest.json",),
            "json",
            "state",
            schema="artifact-manifest",
            timestamps=("/generation_timestamp", "/generated_at"),
            aliases=(
                ("/generated_at", "generation_timestamp"),
                ("/variants/*/file", "path"),
                ("/variants/*/files", "path"),
            ),
        ),
        DocumentSpec(
            "constraints",
            ("constraints.json",),
            "json",
            "state",
            schema="constraints",
            timestamps=("/constraints/*/last_checked",),
            unique=("/constraints/*/id",),
            kept=("/constraints/*/id", "/constraints/*/severity", "/constraints/*/validation"),
        ),
        DocumentSpec("log", ("refinement_log.md",), "markdown", "log", grammar="refinement_log"),
        DocumentSpec("decisions", ("decisions.md",), "markdown", "log", grammar="decisions"),
    ),
)

WORKFLOW = Kind(
    name="workflow",
    ended=("initiative", "status", "archived"),
    source="persistence-architecture.md",
    found_by=(
        ".claude/initiative.json",
        ".claude/interview-state.json",
        "documentation/milestones/_active/*/WORKFLOW-STATUS.yaml",
    ),
    documents=(
        DocumentSpec(
            "initiative",
            (".claude/initiative.json",),
            "json",
            "state",
            schema="initiative",
            timestamps=("/lastUpdated",),
            statuses=(
                Status("/status", "initiative"),
                Status("/progress/*", "milestone", aside=True),
                Status("/progress/*/status", "milestone", aside=True),
            ),
            clocks=("/lastUpdated",),
            kept=("/name", "/currentMilestone"),
        ),
        DocumentSpec(
            "interview",
            (".claude/interview-state.json",),
            "json",
            "state",
            schema="interview-state",
            timestamps=("/lastUpdated",),
            clocks=("/lastUpdated",),
        ),
        DocumentSpec("position", (".claude/workflow-state.json",), "json", "state"),
        DocumentSpec("claude_json", (".claude/*.json",), "json", "state"),
        DocumentSpec(
            "workflow_status",
            ("documentation/milestones/_active/*/WORKFLOW-STATUS.yaml",),
            "yaml",
            "state",
            schema="workflow-status",
            timestamps=("/lastUpdated", "/last_updated"),
            statuses=(Status("/status", "initiative"),),
            clocks=("/lastUpdated", "/last_updated"),
            kept=("/name", "/currentMilestone", "/milestone"),
        ),
        DocumentSpec("memory", ("MEMORY.md", ".claude/MEMORY.md", ".claude/memory/MEMORY.md"), "markdown", "memory"),
    ),
)

ITERATIVE_WORK = Kind(
    name="iterative-work",
    source="state-management.md",
    folders=(".iterative-work/*", ".iterative-work/archive/*"),
    archive=".iterative-work/archive/*",
    home=".iterative-work",
    documents=(
        DocumentSpec(
            "state",
            ("state.json",),
            "json",
            "state",
            schema="task-state",
            timestamps=("/created", "/updated", "/phases/*/completed_at"),
            statuses=(Status("/phase", "task", aside=True), Status("/phases/*/status", "phase")),
            clocks=("/updated",),
            kept=(
                "/task",
                "/slug",
                "/current_phase",
                "/current_iteration",
                "/phases/*/iterations_used",
                "/phases/*/confirmations_used",
                "/phases/*/verification_passed",
                "/phases/*/max_iterations",
            ),
        ),
        DocumentSpec("brief", ("brief.md",), "markdown", "template"),
        DocumentSpec("plan", ("plan.md",), "markdown", "template"),
        DocumentSpec("task_context", ("context.md",), "markdown", "template"),
        DocumentSpec("progress", ("progress.md",), "markdown", "log", grammar="progress"),
        DocumentSpec("guardrails", ("guardrails.md",), "markdown", "log", grammar="guardrails"),
    ),
)

AMENDMENTS = Kind(
    name="statecheck",
    source="product.md, What is compared with what",
    own=True,
    found_by=(".statecheck/amendments.jsonl",),
    documents=(DocumentSpec("amendments", (".statecheck/amendments.jsonl",), "jsonl", "log", grammar="amendments"),),
)
"""What was changed in logs on purpose, and why: a log itself."""

KINDS = (REFINEMENT, WORKFLOW, ITERATIVE_WORK, AMENDMENTS)
"""The kinds that come with statecheck, each in its document's order of writing."""
