"""The built site: in strict mode, with links that lead somewhere, and as a browser shows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from browser import DARK, browse, painted
from check_links import broken_links, main
from harness import ROOT, needs_browser

from statecheck.rules import all_rules

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]

TOUR = {
    "index.html": "statecheck",
    "start/ci.html": "A gate in CI",
    "rules/L201.html": "L201 log-entry-rewritten",
    "command-line.html": "The command line",
}
"""Pages, and their main headings."""

LOOK = """<!doctype html><meta charset="utf-8">
<iframe src="%s" width="400" height="800" sandbox="allow-same-origin"></iframe><pre></pre><script>
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument, root = page.documentElement;
  const heading = page.querySelector("h1").firstChild.textContent;
  document.querySelector("pre").textContent = [page.title, heading, root.scrollWidth, root.clientWidth].join("|");
});
</script>"""
"""A page that looks at another one, which is as wide as a telephone, and whose scripts are not run."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site: the one that the gate has built, or one that is built now."""
    if built := os.environ.get("STATECHECK_SITE"):
        return Path(built)
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html", "docs", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def test_links_lead_somewhere(site: Path) -> None:
    assert broken_links(site) == []
    for code in all_rules():
        assert (site / "rules" / f"{code}.html").is_file()


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.html").write_text('<p id="here"><a href="#here"><a href="b.html#there"><a href="c.html">')
    (tmp_path / "b.html").write_text('<img src="d.png"><a href="https://example.org/x"><a href="a.html#here">')
    assert main([str(tmp_path)]) == 1
    named = ["a.html: b.html#there", "a.html: c.html", "b.html: d.png"]
    assert capsys.readouterr().out.splitlines() == [*named, "2 pages, 3 broken links"]


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for page in TOUR:
        text = (site / page).read_text(encoding="utf-8")
        assert not re.findall(r'(?:src|<link[^>]* href)="(?:https?:)?//[^"]*"', text)


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("page", TOUR)
def test_a_page_in_a_browser(page: str, site: Path, tmp_path: Path) -> None:
    """Its title and main heading, without JavaScript; its width on a telephone."""
    (tmp_path / "look.html").write_text(LOOK % (site / page).as_uri(), encoding="utf-8")
    options = ("--dump-dom", "--allow-file-access-from-files", "--virtual-time-budget=5000")
    shown = browse((tmp_path / "look.html").as_uri(), tmp_path, *options)
    title, heading, needed, there = shown.partition("<pre>")[2].partition("</pre>")[0].split("|")
    assert heading == TOUR[page]
    assert title == "statecheck" if page == "index.html" else title.startswith(f"{heading} - statecheck")
    assert 300 < int(there) <= 400
    assert int(needed) <= int(there), "the page has to be scrolled sideways"


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("page", list(TOUR)[:3])
def test_a_page_is_light_or_dark_as_the_reader_wants_it(page: str, site: Path, tmp_path: Path) -> None:
    brightness = []
    for options in ((), (DARK,)):
        colors = painted((site / page).as_uri(), tmp_path, *options)
        total = sum(sum(bytes.fromhex(color)) * count for color, count in colors.items())
        brightness.append(total / (3 * colors.total()))
    light, dark = brightness
    assert light > 200
    assert dark < 60
