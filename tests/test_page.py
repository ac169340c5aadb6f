"""The page: what it shows of a workspace, that nothing on it acts, and how a browser paints it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import painted
from harness import ROOT, Commands, git, make_repository, needs_browser, write
from test_formats import HOSTILE, MIXED, NASTY, shown

from statecheck.portraits import Artifact, Log, LogEntry, Portrait, Stop, Track
from statecheck.reporters.escape import escape

STATE = ".iterative-work/x/state.json"
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "h3",
    "span",
    "p",
    "section",
    "div",
    "code",
    "pre",
}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "ol", "li", "mark", "details", "summary"}
VOID = {"meta"}


class Page(HTMLParser):
    """A page as a browser reads it: its tags, which must be closed, and its text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.text = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data


def state(status: str, iterations: int = 0, **changed: object) -> str:
    phase = {"status": status, "max_iterations": 3, **({"iterations_used": iterations} if iterations else {})}
    value = {
        "task": "x",
        "slug": "x",
        "created": "2026-01-16T10:00:00Z",
        "updated": "2026-01-16T10:00:00Z",
        "domain": "writing",
        "phase": "discover",
        "phases": {"R1": phase},
    }
    return json.dumps(value | changed, indent=2)


def ways(page: str) -> list[str]:
    """Return the ways that a page shows, in words."""
    ways = [piece.partition("</ol>")[0] for piece in page.split('<ol class="way">')[1:]]
    return [" ".join(Page(f"<ol>{each}</ol>".replace("<li", " <li")).text.split()) for each in ways]


# --- what it shows


def test_the_page_of_broken_examples(folder: Path, commands: Commands) -> None:
    shutil.copytree(ROOT / "examples" / "broken", folder / "broken")
    make_repository(folder, {"README.md": "x"})
    outcome = commands.check("--output-format", "html")
    page = Page(outcome.out)
    assert outcome.code == 1
    assert outcome.out.isascii()
    assert "statecheck: failed" in page.text
    for words in (
        "broken/iterative-work/.iterative-work/tram-noise",
        "broken/refinement",
        "broken/workflow",
        "state.json phases/R1/status",
        "R1 - Iteration 1 - 2026-01-16T10:45:00Z",
        "dist/badge-mono.svg✗ missing",
        "dist/Badge-Dark.svg✗ casebroken/refinement/dist/badge-dark.svg",
        "error S103 schema-violation",
        "Fix: fix-state can write true",
    ):
        assert words in page.text
    assert commands.check_json().json["examined"]["workspaces"] == page.tags["section"] == 3


def test_the_way_of_a_status(repository: Path, commands: Commands) -> None:
    write(repository, {STATE: state("done", 2)})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")
    write(repository, {STATE: state("pending", 2)})
    page = commands.check("--output-format", "html").out
    assert ways(page) == ["done HEAD ✗ illegal → pending worktree"]
    write(repository, {STATE: state("done", 2)})
    assert ways(commands.check("--output-format", "html").out) == []


def test_the_way_of_a_status_through_a_range(repository: Path, commands: Commands) -> None:
    commits = []
    for status in ("pending", "in_progress", "in_progress", "blocked", "pending"):
        write(repository, {STATE: state(status, 1), "other": f"{len(commits)}"})
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", "x")
        commits.append(git(repository, "rev-parse", "HEAD").strip())
    outcome = commands.check("--output-format", "html", "--from-ref", commits[0], "--to-ref", "HEAD")
    (way,) = ways(outcome.out)
    assert way.startswith("pending ")
    assert f"→ in_progress {commits[1][:12]} → blocked {commits[3][:12]} ✗ illegal → pending " in way
    assert "T401" in outcome.out, "the rule agrees"


def test_back_to_pending_is_legal_without_iterations(repository: Path, commands: Commands) -> None:
    make_repository(repository, {STATE: state("blocked")})
    write(repository, {STATE: state("pending")})
    assert ways(commands.check("--output-format", "html").out) == ["blocked HEAD → pending worktree"]


def test_a_new_initiative_has_a_way_of_its_own(repository: Path, commands: Commands) -> None:
    def initiative(name: str, status: str) -> str:
        return json.dumps({"name": name, "status": status, "lastUpdated": "2026-01-16T10:00:00Z"})

    make_repository(repository, {".claude/initiative.json": initiative("old", "archived")})
    write(repository, {".claude/initiative.json": initiative("new", "in_progress")})
    assert ways(commands.check("--output-format", "html").out) == []


def test_entries_that_the_base_lacks_are_new(repository: Path, commands: Commands) -> None:
    log = "# Refinement Log\n\n## Iteration 1 — 2026-01-16T10:00:00Z\n\nx\n"
    make_repository(repository, {"art/constraints.json": '{"constraints": []}', "art/refinement_log.md": log})
    write(repository, {"art/refinement_log.md": f"{log}\n## Iteration 2 — 2026-01-17T10:00:00Z\n\ny\n"})
    text = Page(commands.check("--output-format", "html", "--select", "D").out).text
    assert "2 entries, 1 new" in text
    assert "2026-01-16T10:00:00Z\nIteration 2 — 2026-01-17T10:00:00Z new" in text


def test_a_page_costs_other_formats_nothing(folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {STATE: state("pending")})
    monkeypatch.setattr("statecheck.engine.portraits.Portrayer", None)
    for name in ("text", "json", "sarif"):
        assert commands.check("--output-format", name).out


# --- that nothing on it acts

PORTRAIT = Portrait(
    NASTY,
    "refinement",
    (Track(NASTY, ("a", "b"), (Stop("a", NASTY), Stop("b", NASTY, legal=False, skipped=("c",)))),),
    (Log(NASTY, (LogEntry(NASTY, NASTY, 1, new=True),)),),
    (Artifact(NASTY, NASTY, "unsafe", NASTY),),
)


def test_nothing_that_a_file_says_becomes_part_of_the_page() -> None:
    findings = tuple(each._replace(source=(NASTY,), diff=()) for each in HOSTILE.findings)
    source = shown("html", HOSTILE._replace(portraits=(PORTRAIT,), findings=findings))
    page = Page(source)
    assert set(page.tags) <= TAGS
    assert page.attributes == {"lang", "charset", "http-equiv", "content", "name", "class", "open"}
    assert escape(NASTY).replace("\ufffe", "") in page.text, "what is no character is left out"
    assert source.count("<meta") == 3
    assert "default-src 'none'" in source


def test_the_page_needs_nothing_else() -> None:
    source = shown("html", MIXED)
    assert not any(word in source for word in ("<script", "http:", "https:", "url(", "@import", "src="))


# --- how a browser paints it


def written(page: str, folder: Path) -> str:
    """Return the address of a page, which is written to a folder."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


@pytest.mark.slow
@pytest.mark.browser
@needs_browser
def test_the_page_in_a_browser(tmp_path: Path) -> None:
    """Without JavaScript, which the page's own policy forbids: the ground, the state it is in, the illegal step."""

    def page(*, legal: bool) -> str:
        stops = (Stop("done", "HEAD"), Stop("pending", "worktree", legal=legal))
        track = Track("state.json phases/R1/status", ("pending", "in_progress", "done"), stops)
        portrait = Portrait(
            "x", "iterative-work", (track,), (), (Artifact("a", "dist/a.svg", "found", "x/dist/a.svg"),)
        )
        return shown("html", MIXED._replace(findings=(), unverified=(), portraits=(portrait,)))

    light = {"ground": "ffffff", "text": "1b1f24", "error": "c8102e", "good": "14692f"}
    dark = {"ground": "0d1117", "text": "e6edf3", "error": "ff6b6b", "good": "56d364"}
    for colors, options in ((light, []), (dark, ["--blink-settings=preferredColorScheme=0"])):
        legal = painted(written(page(legal=True), tmp_path), tmp_path, *options)
        illegal = painted(written(page(legal=False), tmp_path), tmp_path, *options)
        assert legal.most_common(1)[0][0] == colors["ground"]
        assert legal[colors["text"]] > 800, "the state it is in is a filled shape"
        assert legal[colors["good"]] > 10, "the artifact that is there"
        assert legal[colors["error"]] == 0
        assert illegal[colors["error"]] > 100, "the illegal step"


def test_a_log_without_entries_is_shown_as_one(folder: Path, commands: Commands) -> None:
    write(folder, {STATE: "{}", ".iterative-work/x/progress.md": "# Progress Log\n"})
    page = Page(commands.check("--output-format", "html").out)
    assert "progress.md0 entries" in page.text
