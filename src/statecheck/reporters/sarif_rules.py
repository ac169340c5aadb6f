"""The rules as SARIF describes them: for the page that code scanning shows beside a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statecheck.reporters.presentation import RulePage

MAX_TEXT = 1024
"""Characters of a description that GitHub takes."""

_LEVELS = {"error": "error", "warning": "warning", "info": "note", "unverified": "none"}
_PROBLEMS = {"error": "error", "warning": "warning", "info": "recommendation", "unverified": "recommendation"}


def descriptors(pages: Iterable[RulePage]) -> list[dict[str, Any]]:
    """Return the reporting descriptors of the rules, in their order."""
    return [_descriptor(page) for page in pages]


def _descriptor(page: RulePage) -> dict[str, Any]:
    severity = page.severities[0]
    return {
        "id": page.code,
        "name": page.name,
        "shortDescription": {"text": page.summary[:MAX_TEXT]},
        "fullDescription": {"text": dict(page.sections).get("What holds", page.summary)[:MAX_TEXT]},
        "help": {"text": _text(page), "markdown": _markdown(page)},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"tags": [page.family], "problem.severity": _PROBLEMS[severity]},
    }


def _text(page: RulePage) -> str:
    return "\n\n".join([page.summary, *(f"{heading}\n{text}" for heading, text in page.sections), _origin(page)])


def _markdown(page: RulePage) -> str:
    parts = [page.summary]
    for heading, text in page.sections:
        parts += [f"**{heading}**", f"```text\n{text}\n```" if heading == "Example" else text]
    return "\n\n".join([*parts, _origin(page)])


def _origin(page: RulePage) -> str:
    return f"Source: {page.source}. Fix: {page.fixes}."
