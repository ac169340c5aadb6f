"""The output formats, by name. What only one of them needs is imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from statecheck.findings import Report
    from statecheck.reporters.presentation import Presentation


class Format(NamedTuple):
    """How a report becomes lines.

    A `document` is whole in every case, with nothing beside it. One that is `portrayed` shows more than findings: what
    the workspaces look like.
    """

    lines: Callable[[Report, Presentation], Iterable[str]]
    document: bool = False
    portrayed: bool = False


def _text(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.reporters.text import Paint, text_lines

    return text_lines(report, Paint(enabled=how.color), verbose=how.verbose)


def _concise(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.reporters.text import concise_lines

    return concise_lines(report, verbose=how.verbose)


def _json(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.reporters.json_output import json_text

    return [json_text(report, how.verdict)]


def _sarif(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.cli.pages import rule_pages
    from statecheck.reporters.sarif import sarif_text

    return [sarif_text(report, how._replace(rules=rule_pages()))]


def _github(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.reporters.github import github_lines

    return github_lines(report, how)


def _gitlab(report: Report, _: Presentation) -> Iterable[str]:
    from statecheck.reporters.gitlab import gitlab_text

    return [gitlab_text(report)]


def _junit(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.cli.pages import rule_pages
    from statecheck.reporters.junit import junit_text

    return [junit_text(report, how._replace(rules=rule_pages()))]


def _markdown(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.reporters.markdown import markdown_text

    return [markdown_text(report, how)]


def _claude(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.reporters.claude import claude_lines

    return claude_lines(report, how)


def _html(report: Report, how: Presentation) -> Iterable[str]:
    from statecheck.reporters.html import html_lines

    return html_lines(report, how)


FORMATS = {
    "text": Format(_text),
    "concise": Format(_concise),
    "json": Format(_json, document=True),
    "sarif": Format(_sarif, document=True),
    "github": Format(_github),
    "gitlab": Format(_gitlab, document=True),
    "junit": Format(_junit, document=True),
    "markdown": Format(_markdown, document=True),
    "html": Format(_html, document=True, portrayed=True),
    "claude": Format(_claude),
}
"""Every output format, in the order of the help."""
