"""The scans of Markdown: where they are certain, they say what markdown-it-py says; and of usual files they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, SHARED
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from statecheck.documents import (
    GRAMMARS,
    Entry,
    Markdown,
    MarkdownDocument,
    Span,
    continued_entries,
    entries,
    markdown,
    parse_document,
)
from statecheck.documents.block_scan import scanned_blocks
from statecheck.documents.blocks import Blocks, parsed_blocks
from statecheck.documents.heading_scan import scanned_headings

USUAL = [
    "# Progress Log",
    "## R1 - Iteration 1 - 2026-01-16T10:00:00Z",
    "### Actions Taken",
    "**Did:** Read the reports",
    "**Remaining:** None",
    "- **Convergence:** continue",
    "- [ ] **R1**: Find the sources",
    "- [x] done",
    "  - Output: `list.md`",
    "    - deeper",
    "* other",
    "1. one",
    "10. ten",
    "text",
    "  more text",
    "R1 → R2, R3",
    "`code` first",
    "2026-01-16 was a day",
    "| a | b |",
    "|---|---|",
    "```",
    "```python",
    "~~~",
    "  ```",
    "<!-- a comment -->",
    "<!-- begun",
    "ended -->",
    "> quoted",
    "> - in a list",
    "---",
    "***",
    "",
]
NASTY = [
    "#",
    "## closed ##",
    "## not closed#",
    "#no heading",
    "####### seven",
    "  # in a list or not",
    "    # code or not",
    "=",
    "===",
    "--",
    "- - -",
    "* * *",
    "-",
    "- ",
    "1.",
    "2. two",
    "01. one",
    "1) other",
    "1234567890. no list",
    "- - two at once",
    "- # heading",
    "- > quote",
    "- ```",
    "-     code",
    "-\ttab",
    "\ttab",
    " \t",
    "   three",
    "     five",
    "    ```",
    "````",
    "```a`b",
    "``a``",
    "<!-->",
    "<!doctype>",
    "<?php",
    "<div>",
    "</div>",
    "<b>",
    "<https://example.org>",
    "<3",
    ">",
    "> ```",
    ">     code",
    "[a]: /b",
    '[a]: /b "c',
    '"',
    "[a]:",
    "[x] no definition",
    "[a",
    "b]: c",
    "--- | ---",
    "***bold***",
    "__bold__",
    "+1",
    "=> so",
    "-> so",
    "~~gone~~",
    "hard  ",
    "hard\\",
    "\\- no item",
    "\xa0",
    "\xa0nbsp\xa0",
    "\x0b",
    "page\x0c",
    "\x1c",
    "\x85",
    "\u2028",
    "- \u3000",
    "# \xa0",
    "\ufeff# late mark",
    "\0",
    "é",
    "😀",
]
PIECES = st.one_of(st.sampled_from(USUAL), st.sampled_from(NASTY), st.text("#-+*_=`~<>[]:!|. \t01ab", max_size=12))
LINES = st.tuples(st.sampled_from(["", "", "", "", "", " ", "  ", "   ", "    ", "      "]), PIECES).map("".join)
TEXTS = st.tuples(st.lists(LINES, max_size=12).map("\n".join), st.sampled_from(["", "\n", "\n\n", "\n  "])).map("".join)
FIXED = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=500
)


def agree(text: str) -> tuple[bool, bool]:
    """Say whether the scans were certain of the blocks, and of the headings, of a text, and see that they are right."""
    parsed, blocks, headings = parsed_blocks(text), scanned_blocks(text), scanned_headings(text)
    if blocks is not None:
        assert blocks == parsed
    if headings is not None:
        assert [(each.level, each.text, each.line) for each in headings] == top(parsed)
    return blocks is not None, headings is not None


def top(blocks: Blocks) -> list[tuple[int, str, int]]:
    return [(each.level, each.text, each.line) for each in blocks.texts if each.level and each.item is None]


@FIXED
@given(text=TEXTS)
def test_the_scans_agree_with_the_parser(text: str) -> None:
    agree(text)


@settings(FIXED, max_examples=100)
@given(text=TEXTS, line_end=st.sampled_from(["\n", "\r\n", "\r"]), mark=st.sampled_from(["", "\ufeff"]))
def test_line_ends_do_not_count(text: str, line_end: str, mark: str) -> None:
    plain, other = Markdown(text), Markdown(mark + text.replace("\n", line_end))
    assert [each[:3] for each in other.headings] == [each[:3] for each in plain.headings]
    assert [each[:3] for each in other.fields] == [each[:3] for each in plain.fields]
    assert [each[:5] for each in other.items] == [each[:5] for each in plain.items]
    assert (other.texts, other.passages) == (plain.texts, plain.passages)


@settings(FIXED, max_examples=200)
@given(text=st.lists(TEXTS, max_size=4).map("\n".join), size=st.integers(0, 60))
def test_a_long_text_is_read_in_pieces(text: str, size: int) -> None:
    whole = Markdown(text)
    expected = whole.texts, whole.fields, whole.items
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "PIECE", size)
        pieces = Markdown(text)
        assert (pieces.fields, pieces.items, pieces.texts) == (expected[1], expected[2], expected[0])


def log(text: str) -> MarkdownDocument:
    document = parse_document("log.md", text.encode("utf-8", "replace"), "markdown")
    assert isinstance(document, MarkdownDocument)
    return document


def told(document: MarkdownDocument, found: list[Entry]) -> list[Any]:
    """Return all that the rules see of a log."""
    markdown = document.markdown
    said = [document.said_in(entry) for entry in found]
    return [
        [entry._replace(source="", span=Span(0, 0)) for entry in found],
        [entry.text for entry in found],
        [(each.lines(), each.field("Did"), each.fields("Remaining"), each.items(), each.remains) for each in said],
        (markdown.headings, markdown.fields, markdown.items, markdown.lines.starts),
    ]


@settings(FIXED, max_examples=300)
@given(
    pieces=st.lists(st.one_of(TEXTS, st.sampled_from([f"{each}\n" for each in USUAL[:6]])), min_size=2, max_size=8),
    cut=st.integers(1, 7),
    grammar=st.sampled_from(["progress", "refinement_log", "decisions", "guardrails"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_log_that_goes_on_is_read_as_if_anew(pieces: list[str], cut: int, grammar: str, line_end: str) -> None:
    texts = ["".join(pieces[:cut]).replace("\n", line_end), "".join(pieces).replace("\n", line_end)]
    old, new, anew = log(texts[0]), log(texts[1]), log(texts[1])
    before = entries(old.markdown, GRAMMARS[grammar])
    told(old, before)
    continued = continued_entries(new, old, before, GRAMMARS[grammar])
    if continued is not None:
        assert told(new, continued) == told(anew, entries(anew.markdown, GRAMMARS[grammar]))
        assert told(old, before) == told(log(texts[0]), before)


def markdown_in(value: Any, name: str = "") -> Iterator[str]:
    """Yield the Markdown files of a case."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from markdown_in(each, str(key))
    elif isinstance(value, list):
        for each in value:
            yield from markdown_in(each)
    elif isinstance(value, str) and name.endswith(".md"):
        yield value.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def test_the_cases_are_scanned() -> None:
    certain = []
    for path in sorted((ROOT / "tests" / "cases").rglob("*.yaml")):
        case = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        certain += [agree(text) for text in markdown_in(case)]
    assert len(certain) > 1000
    assert sum(blocks for blocks, _ in certain) > 0.98 * len(certain)
    assert sum(headings for _, headings in certain) > 0.95 * len(certain)


@pytest.mark.parametrize("folder", ["examples", "docs"])
def test_usual_files_are_scanned(folder: str) -> None:
    paths = sorted((ROOT / folder).rglob("*.md"))
    assert paths
    for path in paths:
        blocks, headings = agree(path.read_text(encoding="utf-8"))
        assert blocks, path
        assert headings, path


def test_a_log_is_scanned() -> None:
    entry = "\n## R{n} - Iteration 1 - 2026-01-16T10:00:00Z\n\n**Did:** Read\n\n- one\n- two\n\n```\n# code\n```\n"
    assert agree("# Progress Log\n" + "".join(entry.format(n=number) for number in range(200))) == (True, True)


@pytest.mark.corpus
@pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="the corpus is not beside the project")
def test_real_files_are_scanned() -> None:
    paths = [path for path in Path(SHARED / "corpus").rglob("*.md") if path.is_file()]
    certain = [agree(path.read_text(encoding="utf-8").replace("\r\n", "\n")) for path in paths]
    assert sum(blocks for blocks, _ in certain) > 0.9 * len(certain)
    assert sum(headings for _, headings in certain) > 0.8 * len(certain)


def test_no_pattern_repeats_a_group_in_a_way_that_older_pythons_get_wrong() -> None:
    repeated = re.compile(r"\)(?:[*+?]|\{[^}]*\}+)\+")  # one character alone is no group
    sources = [each for name in ("src", "validators", "fixers") for each in (ROOT / name).rglob("*.py")]
    found = {each.name for each in sources if repeated.search(each.read_text(encoding="utf-8"))}
    assert found == {"repeats.py"}, "which writes it for Pythons that get it right"
