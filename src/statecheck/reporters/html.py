"""A page to look at: each workspace with its statuses, its logs, its artifacts, and what was found.

One file that needs nothing else, and no script.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from statecheck.reporters.escape import escape
from statecheck.reporters.html_style import STYLE
from statecheck.reporters.summary import by_workspace, counts, gaps, nothing, offer, plural, summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.findings import Finding, Report
    from statecheck.portraits import Artifact, Log, Portrait, Stop, Track
    from statecheck.reporters.presentation import Presentation

WIDTH = 200
"""Characters of a source line that are shown around what is wrong."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for the page, and run in it: its own style, and nothing else."""

_VERDICTS = {"pass": "passed", "fail": "failed", "unverified": "could not be verified"}


def html_lines(report: Report, presentation: Presentation) -> Iterator[str]:
    """Yield the page, in ASCII."""
    for line in _page(report, presentation):
        yield line.encode("ascii", "xmlcharrefreplace").decode()


def _page(report: Report, presentation: Presentation) -> Iterator[str]:
    verdict = presentation.verdict
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>statecheck: {_VERDICTS[verdict]}</title><style>{STYLE}</style></head><body>"
    yield f'<h1>statecheck: <span class="{verdict}">{_VERDICTS[verdict]}</span></h1>'
    yield f"<p>{_text(summary(report))}</p>"
    if words := nothing(report):
        yield f"<p>{_text(words)}</p>"
    yield from _unverified(report)
    portraits = {each.folder: each for each in report.portraits}
    found = by_workspace(report)
    for folder in sorted({*portraits, *found}):
        yield from _workspace(folder, portraits.get(folder), found.get(folder, []))
    yield "</body></html>"


def _unverified(report: Report) -> Iterator[str]:
    missing = gaps(report)
    if missing:
        rows = [[_code(gap.path or "."), ", ".join(gap.codes), _text(gap.reason)] for gap in missing]
        yield '<section><h2 class="unverified">Not verified</h2>'
        yield from _table(("where", "rules", "why"), rows)
        yield "</section>"


def _workspace(folder: str, portrait: Portrait | None, findings: Sequence[Finding]) -> Iterator[str]:
    kind = f"{portrait.kind}: " if portrait is not None else ""
    yield f"<section><h2>{_code(folder or '.')}</h2>"
    yield f'<p class="faint">{_text(kind + (counts(findings) or "no findings"))}</p>'
    if portrait is not None:
        yield from _tracks(portrait.tracks)
        for log in portrait.logs:
            yield from _log(log, findings)
        yield from _artifacts(portrait.artifacts)
    yield from _findings(findings)
    yield "</section>"


def _tracks(tracks: Sequence[Track]) -> Iterator[str]:
    if tracks:
        rows = [[_code(track.subject), _machine(track) + _way(track.stops)] for track in tracks]
        yield "<h3>Statuses</h3>"
        yield from _table(("what", "its states, and the way it took"), rows)


def _machine(track: Track) -> str:
    seen = {stop.state for stop in track.stops}
    now = track.stops[-1].state
    states = (
        f'<li class="state{" now" if state == now else " seen" if state in seen else ""}">{_text(state)}</li>'
        for state in track.states
    )
    return f'<ol class="machine">{"".join(states)}</ol>'


def _way(stops: Sequence[Stop]) -> str:
    if len(stops) == 1:
        return ""
    return f'<ol class="way">{"".join(_stop(stop, first=stop is stops[0]) for stop in stops)}</ol>'


def _stop(stop: Stop, *, first: bool) -> str:
    arrow = "" if first else "&rarr; " if stop.legal else "&#10007; illegal &rarr; "
    skipped = f" (skipped: {', '.join(stop.skipped)})" if stop.skipped else ""
    where = f'<span class="faint">{_text(stop.where + skipped)}</span>'
    kind = "" if stop.legal else ' class="illegal"'
    return f'<li{kind}>{arrow}<span class="state seen">{_text(stop.state)}</span> {where}</li>'


def _log(log: Log, findings: Sequence[Finding]) -> Iterator[str]:
    new = sum(entry.new for entry in log.entries)
    words = f"{len(log.entries)} {'entry' if len(log.entries) == 1 else 'entries'}{f', {new} new' if new else ''}"
    yield f"<h3>{_code(log.path)}</h3><details open><summary>{words}</summary>"
    yield '<ol class="timeline">'
    ends = [*(entry.line for entry in log.entries[1:]), None]
    for entry, end in zip(log.entries, ends, strict=False):  # of none, there is no end either
        struck = [
            each.code
            for each in findings
            if each.path == log.path and entry.line <= each.line and (end is None or each.line < end)
        ]
        notes = [*(["new"] if entry.new else []), *dict.fromkeys(struck)]
        mark = f' <span class="{"error" if struck else "faint"}">{_text(", ".join(notes))}</span>' if notes else ""
        yield f"<li{' class=struck' if struck else ''}>{_text(entry.title)}{mark}</li>"
    yield "</ol></details>"


def _artifacts(artifacts: Sequence[Artifact]) -> Iterator[str]:
    if artifacts:
        words = {
            "found": '<span class="good">&#10003; there</span>',
            "missing": '<span class="error">&#10007; missing</span>',
        }
        rows = [
            [
                _text(each.variant),
                _code(each.named),
                words.get(each.state, f'<span class="error">&#10007; {_text(each.state)}</span>'),
                _code(each.path),
            ]
            for each in artifacts
        ]
        yield "<h3>Artifacts</h3>"
        yield from _table(("variant", "as named", "", "file"), rows)


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    loud = [each for each in findings if each.severity != "info"]
    notes = [each for each in findings if each.severity == "info"]
    if loud:
        yield "<h3>Findings</h3>"
        yield from map(_finding, loud)
    if notes:
        yield f"<details><summary>{plural(len(notes), 'note')}</summary>"
        yield from map(_finding, notes)
        yield "</details>"


def _finding(finding: Finding) -> str:
    severity = "note" if finding.severity == "info" else finding.severity
    place = _code(f"{finding.path}:{finding.line}:{finding.column}")
    parts = [
        f'<div><span class="{finding.severity}">{severity} {finding.code} {_text(finding.name)}</span> {place}</div>',
        f"<div>{_text(finding.message)}</div>",
        _source(finding),
        *(f"<div>{_code(f'{each.path}:{each.line}')} {_text(each.message)}</div>" for each in finding.related),
        f"<div>Help: {_text(finding.hint)}</div>" if finding.hint else "",
        f"<div>Fix: {_text(words)}</div>" if (words := offer(finding)) else "",
    ]
    return f'<div class="finding">{"".join(parts)}</div>'


def _source(finding: Finding) -> str:
    """Return what changed, or the first line in question with the place marked."""
    if finding.diff:
        return f"<pre>{chr(10).join(_text(line[:WIDTH]) for line in finding.diff)}</pre>"
    if not finding.source or not finding.source[0].strip():
        return ""
    line, first = finding.source[0], finding.column - 1
    last = finding.end_column - 1 if finding.end_line == finding.line else len(line)
    start = max(0, first - WIDTH // 2) if len(line) > WIDTH else 0
    before, marked, after = line[start:first], line[first:last][:WIDTH], line[last : start + WIDTH]
    return f"<pre>{finding.line} | {_text(before)}<mark>{_text(marked)}</mark>{_text(after)}</pre>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
    yield "</tbody></table>"


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>" if text else ""


def _text(text: str) -> str:
    return html.escape(escape(text))
