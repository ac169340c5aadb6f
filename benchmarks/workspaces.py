"""The files of a refinement and of a workflow, as they are when their work is under way."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.tasks import START, stamp

if TYPE_CHECKING:
    from benchmarks.words import Words

CONSTRAINTS = 6
ITERATIONS = 4
VARIANTS = ("light", "dark", "print", "small")


def refinement(folder: str, words: Words) -> dict[str, str]:
    """Return the files of a refinement that ended after four iterations, by their paths."""
    times = [stamp(START + timedelta(hours=number)) for number in range(ITERATIONS + 1)]
    names = [f"C-{number:02}" for number in range(1, CONSTRAINTS + 1)]
    checked = {"validated": True, "last_checked": times[-1]}
    constraints = [
        {"id": name, "severity": "blocking", "description": words.line(), "validation": words.line(), **checked}
        for name in names
    ]
    images = {f"dist/badge-{name}.svg": _image(name) for name in VARIANTS}
    manifest = {
        "artifact_type": "badge",
        "variants": [{"name": name, "path": path} for name, path in zip(VARIANTS, images, strict=True)],
        "sizes": ["64x64"],
        "generation_timestamp": times[-1],
    }
    log, decisions = ["# Refinement Log\n"], ["# Decisions\n"]
    for number in range(1, ITERATIONS + 1):
        violated = set(names[number + 2 :])
        verdict = "continue" if violated else "terminate"
        statuses = [f"- {name}: {'violated' if name in violated else 'satisfied'} — {words.line()}\n" for name in names]
        log.append(
            f"\n## Iteration {number} — {times[number]}\n\n### Actions Taken\n- {words.line()}\n- {words.line()}\n\n"
            f"### Constraint Status\n{''.join(statuses)}\n### Reflection Summary\n- Convergence: {verdict}\n"
            f"- Reason: {words.line()}\n\n### Files Modified\n{''.join(f'- {path}{_LINE}' for path in images)}"
        )
        decisions.append(
            f"\n### Iteration {number} Decision\n\n- **Decision**: {verdict}\n- **Iteration**: {number} of 8\n"
            f"- **Blocking violations remaining**: {len(violated)}\n- **Rationale**: {words.line()}\n"
            f"- **Next focus**: {words.line()}\n"
        )
    files = {
        "artifact_manifest.json": _json(manifest),
        "constraints.json": _json({"constraints": constraints}),
        "refinement_log.md": "".join(log),
        "decisions.md": "".join(decisions),
        **images,
    }
    return {f"{folder}/{name}": text for name, text in files.items()}


def workflow(folder: str, words: Words) -> dict[str, str]:
    """Return the files of a workflow in the second of three milestones, by their paths."""
    updated = stamp(START + timedelta(hours=6))
    initiative = {
        "name": "search-index",
        "status": "in_progress",
        "currentMilestone": "M2",
        "progress": {"M1": "completed", "M2": "in_progress", "M3": "created"},
        "lastUpdated": updated,
    }
    weights = {"problem": 0.5, "technical": 0.5}
    interview = {
        "confidence": {"problem": 90, "technical": 70, "weights": weights, "composite": 80},
        "lastUpdated": updated,
    }
    notes = "".join(f"- {words.line()}\n" for _ in range(20))
    files = {
        ".claude/initiative.json": _json(initiative),
        ".claude/interview-state.json": _json(interview),
        ".claude/workflow-state.json": _json({"type": "APEX", "phase": "implement", "context": "search-index"}),
        "documentation/milestones/_active/search-index/WORKFLOW-STATUS.yaml": (
            f"name: search-index\nstatus: in_progress\ncurrentMilestone: M2\nlastUpdated: {updated}\n"
        ),
        "MEMORY.md": (
            f"# Memory\n\n- Completed APEX for login-form: every field can be reached by keyboard\n{notes}"
            "- Active APEX workflow: analyze completed, planning search-index\n"
            "- Active APEX workflow: plan approved, implementing search-index\n"
        ),
    }
    return {f"{folder}/{name}": text for name, text in files.items()}


_LINE = "\n"


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _image(name: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64">\n'
        f"  <title>Badge, {name}</title>\n"
        '  <circle cx="32" cy="32" r="28" fill="#1b1f24" stroke="#ffffff" stroke-width="4"/>\n</svg>\n'
    )
