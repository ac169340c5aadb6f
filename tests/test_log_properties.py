"""What holds for every log and every history: legal writes pass, any other is found and named, and can be mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from harness import Commands, Outcome, git, make_repository, snapshot, write
from hypothesis import HealthCheck, assume, example, given, seed, settings
from hypothesis import strategies as st

from statecheck.documents import (
    GRAMMARS,
    LogChanges,
    MarkdownDocument,
    WrittenLog,
    compare_logs,
    entries,
    parse_document,
    plain,
)
from statecheck.workspaces import MACHINES, Machine

LOG_RULES = "L201,L202,L203,L204,L205,L206,L207"
ENTRY_RULES = {"L201", "L202", "L203"}
BROKEN_RULE = "the rule failed"
GARBAGE_LIMIT = 400


def profile(examples: int) -> settings:
    """Return the fixed profile: the same examples on every machine, and no limit that depends on its speed."""
    return settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=examples,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
        ],
    )


PURE = profile(150)
WHOLE = profile(40)
HISTORY = profile(20)


# --- logs: what is generated ---------------------------------------------------------------------------------------

PATHS = {
    "refinement_log": "w/refinement_log.md",
    "decisions": "w/decisions.md",
    "progress": ".iterative-work/t/progress.md",
    "guardrails": ".iterative-work/t/guardrails.md",
}
BESIDE = {"w/constraints.json": '{"constraints": []}\n', ".iterative-work/t/brief.md": "# A task\n"}
TITLES = {
    "refinement_log": "# Refinement Log",
    "decisions": "# Decisions",
    "progress": "# Progress Log",
    "guardrails": "# Guardrails",
}


class Entry(NamedTuple):
    """An entry: its heading, its body in pieces that stay well-formed when another is gone, and what comes after.

    `lead` are the lines drawn before it, which belong to the entry before.
    """

    heading: str
    body: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ("",)
    lead: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        return [*self.lead, self.heading, *(line for piece in self.body for line in piece), *self.after]

    @property
    def text(self) -> str:
        """What it says, without what is drawn around it."""
        return plain("\n".join([self.heading, *(line for piece in self.body for line in piece)]))

    @property
    def name(self) -> str:
        """The text of its heading."""
        return self.heading.lstrip("#").strip()


class Sample(NamedTuple):
    """A log, before it is written."""

    grammar: str
    line_end: str
    preamble: tuple[str, ...]
    entries: tuple[Entry, ...]
    final: bool
    """Whether the last line ends like the others."""

    def data(self, new: tuple[Entry, ...] | None = None) -> bytes:
        """Return the bytes of the log, or of another version of it that has these entries."""
        lines = [*self.preamble, *(line for entry in (self.entries if new is None else new) for line in entry.lines)]
        text = "".join(line + self.line_end for line in lines)
        return (text if self.final else text.removesuffix(self.line_end)).encode()

    def log(self, new: tuple[Entry, ...] | None = None) -> WrittenLog:
        return as_log(self.grammar, self.data(new))

    def changes(self, new: tuple[Entry, ...]) -> LogChanges:
        return compare_logs(self.log(), self.log(new))


def as_log(grammar: str, data: bytes) -> WrittenLog:
    found = usable(grammar, data)
    assert found is not None
    return found


def usable(grammar: str, data: bytes) -> WrittenLog | None:
    document = parse_document("log.md", data, "markdown")
    assert isinstance(document, MarkdownDocument)
    if not document.usable:
        return None
    return WrittenLog(document, entries(document.markdown, GRAMMARS[grammar]), GRAMMARS[grammar])


def clock(minutes: int) -> str:
    return f"{datetime(2026, 1, 16, tzinfo=UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def headings(grammar: str, number: int) -> list[str]:
    """Return headings of the forms that are documented or understood, and one of none, for entry `number`."""
    time = clock(number)
    if grammar == "refinement_log":
        forms = ["Iteration {n} — {t}", "Cycle 2, iteration {n} — {t}", "{d} — Iteration {n}", "Wörter {n}"]
    elif grammar == "decisions":
        forms = ["Iteration {n} Decision", "Iteration {n} Supersession", "{d} — Accept iteration {n}"]
    elif grammar == "progress":
        forms = [
            "R1 - Iteration {n} - {t}",
            "Verify R2 - {t}",
            "Review - Iteration {n} - {t}",
            "US-001 (iteration {n})",
            "Notes {n} 日本",
        ]
    else:
        forms = ["Open every link {n}", "{n}", "Über `code` & <b> {n}"]
    mark = "#" * GRAMMARS[grammar].level
    return [f"{mark} {form.format(n=number, t=time, d=time[:10])}" for form in forms]


words = (
    st.text(alphabet="abcxyz äéß日本🙂e\u0301*_`[]#<>&\\|", min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda text: bool(text))
)
"""Words as they are: other scripts, a combining accent, and all that means something in Markdown."""

paragraphs = st.builds(lambda name, text: (f"**{name}:** {text}",), st.sampled_from(["Did", "Remaining"]), words)
stars = words.map(lambda text: (f"* {text}",))
dashes = words.map(lambda text: (f"- {text}",))
fences = st.sampled_from(
    [
        ("```", "## R1 - Iteration 1 - 2026-01-16T00:01:00Z", "### Iteration 1 Decision", "```"),
        ("~~~ markdown", "# Title", "", "## Iteration 1 — 2026-01-16T00:01:00Z", "~~~"),
        ("<!--", "## Iteration 1 — 2026-01-16T00:01:00Z", "-->"),
        ("", "    ## Iteration 1 — 2026-01-16T00:01:00Z"),
        ("> ## R1 - Iteration 1 - 2026-01-16T00:01:00Z",),
    ]
)
blanks = st.just(("",))
simple_pieces = paragraphs | stars | fences | blanks
afters = st.sampled_from(
    [(), ("",), ("", ""), ("  ", ""), ("", "---", ""), ("", "* * *"), ("", "___", "", "")],
)
leads = st.sampled_from([(), ("",), ("", "---", ""), ("", "", "***", "")])


def pieces(grammar: str, *, deep: bool = True) -> st.SearchStrategy[tuple[str, ...]]:
    """Return what bodies are made of; `deep` ones have sub-headings, and lists right below a paragraph."""
    below = "#" * (GRAMMARS[grammar].level + 1)
    return simple_pieces | dashes | words.map(lambda text: (f"{below} Actions {text}",)) if deep else simple_pieces


def bodies(grammar: str, *, deep: bool = True) -> st.SearchStrategy[tuple[tuple[str, ...], ...]]:
    found = st.lists(pieces(grammar, deep=deep), max_size=5).map(tuple)
    return found.map(lambda body: body[:-1] if body and body[-1] == ("",) else body)


@st.composite
def entry_of(draw: st.DrawFn, grammar: str, number: int, *, deep: bool = True) -> Entry:
    return Entry(
        draw(st.sampled_from(headings(grammar, number))), draw(bodies(grammar, deep=deep)), draw(afters), lead=()
    )


@st.composite
def samples(
    draw: st.DrawFn,
    *,
    least: int = 1,
    most: int = 5,
    deep: bool = True,
    twins: bool = False,
    grammar: str | None = None,
) -> Sample:
    """Draw a log. With `twins` some entries are there twice, word for word."""
    chosen = grammar or draw(st.sampled_from(sorted(PATHS)))
    preamble = draw(
        st.sampled_from(
            [
                (),
                (TITLES[chosen], ""),
                (TITLES[chosen],),
                (TITLES[chosen], "", "Read before starting any iteration: naïve — 日本語.", ""),
                (TITLES[chosen], "", "```", "## Iteration 1 — 2026-01-16T00:01:00Z", "```", "", "---", ""),
            ]
        )
    )
    count = draw(st.integers(least, most))
    found = [draw(entry_of(chosen, number, deep=deep)) for number in range(1, count + 1)]
    if twins and found:
        for _ in range(draw(st.integers(1, 2))):
            found.insert(draw(st.integers(0, len(found))), draw(st.sampled_from(found)))
    return Sample(chosen, draw(st.sampled_from(["\n", "\n", "\r\n"])), preamble, tuple(found), draw(st.booleans()))


@st.composite
def appended(draw: st.DrawFn, grammar: str, *, least: int = 0, first: int = 50, drawn: bool = False) -> list[Entry]:
    """Draw new entries; with `drawn`, lines may be drawn before each."""
    count = draw(st.integers(least, 2))
    fresh = [draw(entry_of(grammar, first + number)) for number in range(count)]
    return [each._replace(lead=draw(leads)) for each in fresh] if drawn else fresh


def is_only_added(old: Entry, new: Entry) -> bool:
    """Say whether an entry's lines are all there still, in their order, and text is between or below them."""
    there = iter(new.text.split("\n"))
    return old.heading == new.heading and all(line in there for line in old.text.split("\n"))


@st.composite
def edited(draw: st.DrawFn, sample: Sample, index: int) -> Entry:
    """Draw another text for an entry of a log: a line more, a line less, other words, or another heading."""
    entry = sample.entries[index]
    body = list(entry.body)
    line = draw(paragraphs)
    kind = draw(st.sampled_from(["more", "less", "other", "heading"]))
    if kind == "heading":
        return entry._replace(heading=f"{entry.heading}x")
    if kind == "more" or not body:
        body.insert(draw(st.integers(0, len(body))), line)
    elif kind == "less":
        del body[draw(st.integers(0, len(body) - 1))]
    else:
        body[draw(st.integers(0, len(body) - 1))] = line
    new = entry._replace(body=tuple(body))
    assume(new.text != entry.text)
    return new


@st.composite
def with_place(draw: st.DrawFn, base: st.SearchStrategy[Sample]) -> tuple[Sample, int]:
    sample = draw(base)
    return sample, draw(st.integers(0, len(sample.entries) - 1))


def nothing_else(changes: LogChanges, **expected: Any) -> None:
    """Assert what happened to a log, and that nothing else did."""
    silent = LogChanges({})
    for name in ("rewritten", "moved", "removed", "inserted", "extended", "preamble", "cut"):
        assert getattr(changes, name) == expected.get(name, getattr(silent, name)), (name, changes)


# --- appending is legal --------------------------------------------------------------------------------------------


@PURE
@given(st.data())
def test_any_sequence_of_appends_is_pure(data: st.DataObject) -> None:
    sample = data.draw(samples(least=0, twins=data.draw(st.booleans())))
    now = sample.entries
    for step in range(3):
        more = data.draw(appended(sample.grammar, first=50 + 10 * step, drawn=bool(now)))
        if more and now and data.draw(st.booleans()):
            more.append(now[-1]._replace(lead=("",)))  # the same entry again
        before, after = sample._replace(entries=now), (*now, *more)
        changes = before.changes(after)
        nothing_else(changes)
        assert changes.appends
        assert changes.origin == {index: index for index in range(len(now))}
        assert [changes.origin.get(index) for index in (-1, 0, len(now))] == [None, 0 if now else None, None]
        assert changes.added == tuple(range(len(now), len(after)))
        now = after


@PURE
@given(samples(least=0, twins=True), st.binary(max_size=GARBAGE_LIMIT))
def test_a_log_beside_itself_is_as_it_was(sample: Sample, rest: bytes) -> None:
    for data in (sample.data(), sample.data() + rest, rest):
        log, same = usable(sample.grammar, data), usable(sample.grammar, data)
        if log is not None and same is not None:
            changes = compare_logs(log, same)
            nothing_else(changes)
            assert (changes.appends, changes.added) == (True, ())
            assert changes.origin == {index: index for index in range(len(log.entries))}


@PURE
@given(st.data())
def test_two_pure_appends_are_one(data: st.DataObject) -> None:
    first = data.draw(samples(least=0, twins=True))
    second = (*first.entries, *data.draw(appended(first.grammar, first=50)))
    third = (*second, *data.draw(appended(first.grammar, first=60)))
    blank = data.draw(st.sampled_from([(), ("",), ("", "")]))
    second, third = ([each._replace(after=blank) for each in version] for version in (second, third))
    assume(not any(line.strip() for each in first.entries for line in each.after))
    versions = [first.log(), first.log(tuple(second)), first.log(tuple(third))]
    for old, new in ((0, 1), (1, 2), (0, 2)):
        nothing_else(compare_logs(versions[old], versions[new]))
        assert compare_logs(versions[old], versions[new]).appends


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *["\n", "\n\n", "\r\n", "\r", "text\n", "- item\n", "-\n", "---\n", "===\n", "```\n", "~~~\n", "<!--\n"],
            *["-->\n", "<div>\n", "    code\n", "> quoted\n", "# Title\n", "## Iteration 1 — 2026-01-16T00:01:00Z\n"],
            *[
                "### Iteration 1 Decision\n",
                "#",
                "##",
                "## \n",
                "####\n",
                "**Did:** x\n",
                "日",
                "\ufeff",
                "\x0c",
                "\x85",
            ],
            *[
                "\u2028",
                "| a | b |\n|---|---|\n",
                "[a]: b\n",
                "<<<<<<< ours\n",
                "=======\n",
                "\t## tab\n",
                "   ## three\n",
            ],
        ]
    ),
    max_size=14,
).map(lambda parts: "".join(parts).encode())
"""Texts in which anything can become, or stop being, a heading."""

grammars = st.sampled_from(sorted(PATHS))


@PURE
@given(grammars, FRAGMENTS, FRAGMENTS, FRAGMENTS)
def test_pure_appends_of_anything_are_one(grammar: str, first: bytes, second: bytes, third: bytes) -> None:
    logs = [usable(grammar, data) for data in (first, first + second, first + second + third)]
    assume(None not in logs)
    one, two, three = (each for each in logs if each is not None)
    if compare_logs(one, two).appends and compare_logs(two, three).appends:
        assert compare_logs(one, three).appends


# --- anything else is found ----------------------------------------------------------------------------------------


@PURE
@given(st.data())
def test_any_edit_of_an_old_entry_is_found_and_named(data: st.DataObject) -> None:
    sample, index = data.draw(with_place(samples()))
    old, new = sample.entries[index], data.draw(edited(sample, index))
    more = data.draw(appended(sample.grammar))
    after = (*sample.entries[:index], new, *sample.entries[index + 1 :], *more)
    changes = sample.changes(after)
    last = index == len(sample.entries) - 1
    if last and (is_only_added(old, new) or sample.data(after).startswith(sample.data())):
        line = changes.extended
        assert line is not None
        assert sample.log(after).document.lines.content(line + 1) in new.text
        nothing_else(changes, extended=line)
    else:
        nothing_else(changes, rewritten=((index, index),))
    assert changes.added == tuple(range(len(sample.entries), len(after)))


@PURE
@given(samples(least=3), st.data())
def test_two_edits_are_two_findings(sample: Sample, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(sample.entries) - 3))
    after = list(sample.entries)
    for index in (first, first + 2):
        after[index] = after[index]._replace(heading=f"{after[index].heading}x")
    nothing_else(sample.changes(tuple(after)), rewritten=((first, first), (first + 2, first + 2)))


@PURE
@given(
    st.lists(st.sampled_from(["- again", "- and again", "", "text"]), max_size=8),
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from(["- again", "a new line", "", "---"])), max_size=3),
    st.booleans(),
)
@example(["- again"] * 5, [(1, "a new line")], False)
def test_lines_only_added_to_the_last_entry_extend_it(
    old: list[str], added: list[tuple[int, str]], ended: bool
) -> None:
    """Also where its lines repeat, so that there is more than one way to see what was added."""
    new = list(old)
    for place, line in added:
        new.insert(min(place, len(new)), line)
    assume(any(line.strip("-") for _, line in added))
    assume("---" not in new or all(new[at - 1] == "" for at, line in enumerate(new) if line == "---" and at))
    end = ["", "the end", ""] if ended else [""]
    texts = ["\n".join(["# Guardrails", "", "## Name", *lines, *end]).encode() for lines in (old, new)]
    before, after = (as_log("guardrails", text) for text in texts)
    assume(len(after.entries) == 1)
    changes = compare_logs(before, after)
    nothing_else(changes, extended=changes.extended)
    assert changes.extended is not None
    assert after.document.lines.content(changes.extended + 1) in {line for _, line in added}


@profile(40)
@given(st.data())
def test_a_line_drawn_below_the_last_entry_is_no_change_of_it(data: st.DataObject) -> None:
    """A new entry brings the line that parts it from the last one; elsewhere, another entry was edited."""
    sample = data.draw(samples(least=2, most=3))
    index = data.draw(st.integers(0, len(sample.entries) - 2))
    edit = sample.entries[index]._replace(heading=f"{sample.entries[index].heading}x")
    new = data.draw(entry_of(sample.grammar, 50))._replace(lead=("", "---", ""))
    after = (*sample.entries[:index], edit, *sample.entries[index + 1 :], new)
    nothing_else(sample.changes(after), rewritten=((index, index),))


@PURE
@given(st.data())
def test_any_deletion_is_found_and_named(data: st.DataObject) -> None:
    sample, index = data.draw(with_place(samples(twins=data.draw(st.booleans()))))
    gone = sample.entries[index]
    last = index == len(sample.entries) - 1
    more = [] if last or gone in sample.entries[index + 1 :] else data.draw(appended(sample.grammar))
    after = (*sample.entries[:index], *sample.entries[index + 1 :], *more)
    changes = sample.changes(after)
    nothing_else(changes, removed=changes.removed)
    (lost,) = changes.removed
    assert [sample.entries[each].text for each in lost.old] == [gone.text]
    assert lost.following == (index if index < len(after) else None) or gone in after
    assert [after[each].text for each in changes.added] == [each.text for each in more]


@PURE
@given(st.data())
def test_a_deleted_last_entry_is_not_the_new_one_that_follows(data: st.DataObject) -> None:
    """The last entry goes and another comes, of another iteration, written from the same template."""
    grammar = data.draw(st.sampled_from(["decisions", "progress", "refinement_log"]))
    sample = data.draw(samples(grammar=grammar))
    last = sample.entries[-1]._replace(heading=headings(grammar, 20)[0])
    sample = sample._replace(entries=(*sample.entries[:-1], last))
    new = last._replace(heading=headings(grammar, 50)[0], body=(*last.body, ("**Did:** the next thing",)))
    changes = sample.changes((*sample.entries[:-1], new))
    count = len(sample.entries)
    nothing_else(changes, removed=changes.removed)
    assert [gone.old for gone in changes.removed] == [(count - 1,)]
    assert changes.added == (count - 1,)


@PURE
@given(st.data())
def test_any_insertion_is_found_and_named(data: st.DataObject) -> None:
    sample, index = data.draw(with_place(samples(twins=data.draw(st.booleans()))))
    new = data.draw(entry_of(sample.grammar, 40))
    more = data.draw(appended(sample.grammar))
    changes = sample.changes((*sample.entries[:index], new, *sample.entries[index:], *more))
    count = len(sample.entries) + 1
    nothing_else(changes, inserted=(index,))
    assert changes.added == tuple(range(count, count + len(more)))


@PURE
@given(st.data())
def test_any_move_is_found(data: st.DataObject) -> None:
    sample = data.draw(samples(least=2))
    source, target = data.draw(st.permutations(range(len(sample.entries))))[:2]
    rest = [each for index, each in enumerate(sample.entries) if index != source]
    rest.insert(target, sample.entries[source])
    changes = sample.changes((*rest, *data.draw(appended(sample.grammar))))
    nothing_else(changes, moved=changes.moved)
    assert len(changes.moved) == 1
    if abs(source - target) > 1:  # of two neighbours, either may be the one that moved
        assert changes.moved == ((source, target),)


@PURE
@given(st.data())
def test_an_edit_beside_equal_entries_is_found_and_named(data: st.DataObject) -> None:
    """Where an entry is there twice, that one of the two was edited is all that can be said."""
    sample, index = data.draw(with_place(samples(twins=True, most=3)))
    after = list(sample.entries)
    after[index] = after[index]._replace(heading=f"{after[index].heading}x")
    more = data.draw(appended(sample.grammar))
    assume(not sample.data((*after, *more)).startswith(sample.data()))
    changes = sample.changes((*after, *more))
    nothing_else(changes, rewritten=changes.rewritten)
    ((old, new),) = changes.rewritten
    assert sample.entries[old].text == sample.entries[index].text
    assert new == index
    assert len(changes.added) == len(more)


@PURE
@given(st.data())
def test_a_move_beside_equal_entries_is_found(data: st.DataObject) -> None:
    sample = data.draw(samples(twins=True, most=3))
    source, target = data.draw(st.permutations(range(len(sample.entries))))[:2]
    rest = [each for index, each in enumerate(sample.entries) if index != source]
    rest.insert(target, sample.entries[source])
    assume([each.text for each in rest] != [each.text for each in sample.entries])
    changes = sample.changes((*rest, *data.draw(appended(sample.grammar))))
    nothing_else(changes, moved=changes.moved)
    assert changes.moved


@PURE
@given(grammars, FRAGMENTS, FRAGMENTS)
def test_silence_means_that_everything_is_there(grammar: str, old_data: bytes, new_data: bytes) -> None:
    """On any two texts: each entry has one place in the account, each line is one of the file, and silence is true."""
    old, new = usable(grammar, old_data), usable(grammar, new_data)
    assume(old is not None and new is not None)
    assert old is not None
    assert new is not None
    changes = compare_logs(old, new)
    gone = [index for run in changes.removed for index in run.old]
    cut = [] if changes.cut is None else [changes.cut]
    assert sorted({*changes.origin.values(), *gone}) == list(range(len(old.entries)))
    assert set(changes.origin.values()) & set(gone) <= set(cut)
    assert len(set(changes.origin.values())) == len(changes.origin)
    assert sorted([*changes.origin, *changes.inserted, *changes.added]) == list(range(len(new.entries)))
    for line in (changes.extended, changes.preamble):
        assert line is None or 0 <= line < len(new.document.lines.starts)
    if changes.appends and not new_data.startswith(old_data):
        kept = new.digests[: len(old.digests)]
        assert kept == old.digests or (changes.extended is not None and kept[:-1] == old.digests[:-1])
        if changes.preamble is None:
            lines = [[line for line in plain(each.preamble).split("\n") if line.strip()] for each in (old, new)]
            assert lines[0] == lines[1]


# --- truncation ----------------------------------------------------------------------------------------------------


def lost_by_cutting(log: WrittenLog, length: int) -> list[int]:
    """Return the entries of which something is gone when only so many bytes of a log are left."""
    document = log.document
    ends = [
        document.byte_offset(document.lines.starts[entry.heading.line] + len(entry.text.rstrip(" \t\r\n")))
        for entry in log.entries
    ]
    return [index for index, end in enumerate(ends) if end > length]


def check_every_cut(sample: Sample) -> None:
    base, data = sample.log(), sample.data()
    assume(len(base.entries) == len(sample.entries))
    assume(not any(line.strip() for each in sample.entries for line in (*each.after, *each.lead)))  # say nothing
    for length in range(len(data)):
        left = usable(sample.grammar, data[:length])
        if left is None:
            continue  # inside a character: S101
        changes = compare_logs(base, left)
        lost = lost_by_cutting(base, length)
        found = [index for gone in changes.removed for index in gone.old]
        assert found == lost, (data[:length], data[length:], changes)
        whole = not lost and plain(left.preamble).split() == plain(base.preamble).split()
        assert (changes.preamble is None) == (whole or bool(base.entries))
        assert not (changes.rewritten or changes.moved or changes.inserted or changes.added)


@profile(60)
@given(samples(least=0, most=3, deep=False))
def test_a_log_cut_off_anywhere_is_found(sample: Sample) -> None:
    check_every_cut(sample)


@profile(30)
@given(samples(least=1, most=2, deep=True))
@example(Sample("refinement_log", "\n", (), (Entry("## Iteration 1 — 2026-01-16", (("### Actions",),)),), True))
@example(Sample("progress", "\n", (), (Entry("## R1 - Iteration 1", (("**Did:** a",), ("- b",))),), True))
def test_a_log_cut_off_where_what_is_left_looks_like_a_heading(sample: Sample) -> None:
    """Of ``### Actions`` the first two characters are left, or of a list below a paragraph its dash."""
    check_every_cut(sample)


# --- the commands, in real repositories ----------------------------------------------------------------------------


def check(commands: Commands, *arguments: str, select: str = LOG_RULES) -> Outcome:
    return sound(commands.check_json("--select", select, *arguments))


def sound(outcome: Outcome) -> Outcome:
    """Return the outcome of a run in which no rule failed."""
    assert outcome.code in (0, 1, 2), outcome
    assert outcome.err == ""
    assert not [each for each in outcome.json["unverified"] if BROKEN_RULE in each["reason"]]
    return outcome


def stage(repository: Path, path: str, old: bytes, new: bytes) -> None:
    """Make `old` the version of HEAD, and `new` that of the working tree; nothing else is there."""
    write(repository, {".statecheck": None, "w": None, ".iterative-work": None})
    write(repository, {**BESIDE, path: old})
    git(repository, "add", "-A", "-f")
    git(repository, "commit", "-q", "--allow-empty", "-m", "base")
    write(repository, {path: new})


def repair(commands: Commands, *arguments: str) -> Outcome:
    return sound(commands.fix("--output-format", "json", "--select", LOG_RULES, *arguments))


def check_repaired(
    repository: Path, commands: Commands, sample: Sample, new: list[Entry], more: list[Entry], *arguments: str
) -> None:
    """Assert what a repair promises: the base's bytes, then the new entries in their order; and a second does nothing.

    `new` are the entries that came to stand before old ones, `more` those at the end.
    """
    path, base = PATHS[sample.grammar], sample.data()
    altered = (repository / path).read_bytes()
    repair(commands, *arguments)
    written = (repository / path).read_bytes()
    assert written.startswith(base), (base, altered, written)
    rest = plain(written[len(base) :].decode())
    place = 0
    for entry in (*new, *more):
        place = rest.find(entry.text, place)
        assert place >= 0, (entry, rest)
        place += len(entry.text)
    after = check(commands, select=",".join(sorted(ENTRY_RULES)))
    assert (after.code, after.findings) == (0, [])
    if arguments and written != altered:
        assert altered in [each for name, each in snapshot(repository).items() if name.startswith(".statecheck/")]
    again = snapshot(repository)
    repair(commands, *arguments)
    assert snapshot(repository) == again


def said(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each["code"], each["message"]) for each in outcome.json["findings"]]


def severity(sample: Sample) -> str:
    return "warning" if sample.grammar == "guardrails" else "error"


def check_said(commands: Commands, sample: Sample, code: str, *texts: str) -> None:
    outcome = check(commands)
    ((found, message),) = said(outcome)
    assert found == code
    for text in texts:
        assert text in message
    assert outcome.json["findings"][0]["severity"] == severity(sample)
    assert outcome.code == (1 if severity(sample) == "error" else 0)


@pytest.mark.slow
@WHOLE
@given(data=st.data())
def test_an_edit_is_restored_and_new_entries_stay(repository: Path, commands: Commands, data: st.DataObject) -> None:
    sample, index = data.draw(with_place(samples()))
    old, new = sample.entries[index], data.draw(edited(sample, index))
    assume(index < len(sample.entries) - 1 or not is_only_added(old, new))
    more = data.draw(appended(sample.grammar))
    after = (*sample.entries[:index], new, *sample.entries[index + 1 :], *more)
    assume(not sample.data(after).startswith(sample.data()))  # that is an append: the last line had no end
    stage(repository, PATHS[sample.grammar], sample.data(), sample.data(after))
    check_said(commands, sample, "L201", f"'{old.name}'")
    before = snapshot(repository)
    repair(commands)
    assert snapshot(repository) == before, "nobody's words are replaced without being asked"
    check_repaired(repository, commands, sample, [], more, "--unsafe-fixes")


@pytest.mark.slow
@WHOLE
@given(data=st.data())
def test_text_added_to_the_last_entry_is_said_and_left(
    repository: Path, commands: Commands, data: st.DataObject
) -> None:
    sample = data.draw(samples())
    old = sample.entries[-1]
    new = old._replace(body=(*old.body, ("added **later**",)))
    after = (*sample.entries[:-1], new, *data.draw(appended(sample.grammar)))
    stage(repository, PATHS[sample.grammar], sample.data(), sample.data(after))
    outcome = check(commands)
    assert [each["code"] for each in outcome.json["findings"]] == ["L207"]
    (finding,) = outcome.json["findings"]
    assert f"'{old.name}'" in finding["message"]
    lines = sample.data(after).decode().split(sample.line_end)
    assert lines[finding["line"] - 1] == "added **later**"
    before = snapshot(repository)
    repair(commands, "--unsafe-fixes")
    assert snapshot(repository) == before


@pytest.mark.slow
@WHOLE
@given(data=st.data())
def test_a_deleted_entry_is_put_back(repository: Path, commands: Commands, data: st.DataObject) -> None:
    sample, index = data.draw(with_place(samples()))
    last = index == len(sample.entries) - 1
    more = [] if last else data.draw(appended(sample.grammar))
    after = (*sample.entries[:index], *sample.entries[index + 1 :], *more)
    new = sample.data(after)
    for arguments in ([], ["--unsafe-fixes"]):
        stage(repository, PATHS[sample.grammar], sample.data(), new)
        check_said(commands, sample, "L202", f"'{sample.entries[index].name}'")
        repair(commands, *arguments)
        stage(repository, PATHS[sample.grammar], sample.data(), new)
        check_repaired(repository, commands, sample, [], more)
        if not more:
            assert (repository / PATHS[sample.grammar]).read_bytes() == sample.data()


@pytest.mark.slow
@WHOLE
@given(data=st.data())
def test_an_inserted_entry_is_moved_to_the_end(repository: Path, commands: Commands, data: st.DataObject) -> None:
    sample, index = data.draw(with_place(samples()))
    new, more = data.draw(entry_of(sample.grammar, 40)), data.draw(appended(sample.grammar))
    after = (*sample.entries[:index], new, *sample.entries[index:], *more)
    stage(repository, PATHS[sample.grammar], sample.data(), sample.data(after))
    check_said(commands, sample, "L203", f"'{new.name}'")
    check_repaired(repository, commands, sample, [new], more)


@pytest.mark.slow
@WHOLE
@given(data=st.data())
def test_a_moved_entry_goes_back(repository: Path, commands: Commands, data: st.DataObject) -> None:
    sample = data.draw(samples(least=2))
    source, target = data.draw(st.permutations(range(len(sample.entries))))[:2]
    rest = [each for index, each in enumerate(sample.entries) if index != source]
    rest.insert(target, sample.entries[source])
    more = data.draw(appended(sample.grammar))
    stage(repository, PATHS[sample.grammar], sample.data(), sample.data((*rest, *more)))
    check_said(commands, sample, "L201", "moved")
    check_repaired(repository, commands, sample, [], more, "--unsafe-fixes")


@pytest.mark.slow
@WHOLE
@given(data=st.data())
def test_everything_at_once_is_mended(repository: Path, commands: Commands, data: st.DataObject) -> None:
    """One entry is changed, one is gone, one was inserted, and some are new."""
    sample = data.draw(samples(least=4))
    changed, gone, place = data.draw(st.permutations(range(len(sample.entries) - 1)))[:3]
    new, more = data.draw(entry_of(sample.grammar, 40)), data.draw(appended(sample.grammar))
    after = list(sample.entries)
    after[changed] = data.draw(edited(sample, changed))
    assume(abs(gone - changed) > 1)  # beside a changed entry, it may be the one that was gone that was changed
    after.insert(place, new)
    del after[gone + (place <= gone)]
    stage(repository, PATHS[sample.grammar], sample.data(), sample.data((*after, *more)))
    found = {each["code"] for each in check(commands).json["findings"]}
    assume(found >= ENTRY_RULES)
    check_repaired(repository, commands, sample, [new], more, "--unsafe-fixes")


@pytest.mark.slow
@WHOLE
@given(data=st.data())
def test_a_log_that_was_cut_off_is_whole_again(repository: Path, commands: Commands, data: st.DataObject) -> None:
    sample = data.draw(samples(least=0, most=3, deep=False))
    base = sample.data()
    length = data.draw(st.integers(0, max(len(base) - 1, 0)))
    stage(repository, PATHS[sample.grammar], base, base[:length])
    outcome = check(commands)
    log = sample.log()
    if usable(sample.grammar, base[:length]) is None:
        assert outcome.code == 2
        return
    codes = {each["code"] for each in outcome.json["findings"]}
    if not lost_by_cutting(log, length):
        assert codes <= {"L205", "L206"} if not log.entries else codes <= {"L206"}
        return
    assert "L202" in codes
    assert codes <= {"L202", "L206"}
    repair(commands)
    assert (repository / PATHS[sample.grammar]).read_bytes() == base
    assert check(commands).findings == []


@pytest.mark.parametrize(
    ("grammar", "text", "left"),
    [
        ("refinement_log", "### Actions Taken\n\n- read\n", "##"),
        ("decisions", "#### Why\n\nbecause\n", "###"),
        ("progress", "**Did:** read\n- and wrote\n", "**Did:** read\n-"),
        ("guardrails", "Context\n=== and so on\n", "Context\n==="),
    ],
)
@pytest.mark.parametrize("others", [0, 1])
def test_a_log_cut_off_in_what_looks_like_a_heading_then(
    repository: Path, commands: Commands, grammar: str, text: str, left: str, others: int
) -> None:
    heads = [f"{heading}\n\n" for heading in ("#" * GRAMMARS[grammar].level + " One", headings(grammar, 2)[0])]
    start = f"{TITLES[grammar]}\n\n{heads[0]}"
    base = (start + text + f"\n{heads[1]}more\n" * others).encode()
    stage(repository, PATHS[grammar], base, (start + left).encode())
    outcome = check(commands)
    assert (outcome.json["unverified"], [each["code"] for each in outcome.json["findings"]]) == ([], ["L202"])
    assert "'One'" in outcome.json["findings"][0]["message"]
    repair(commands)
    assert (repository / PATHS[grammar]).read_bytes() == base


def test_a_new_entry_in_place_of_the_last_one_is_not_lost(repository: Path, commands: Commands) -> None:
    """Iteration 2 is gone and iteration 3 is new, from one template: both are in the log after the repair."""
    body = "**Did:** Screened the reports\n**Remaining:** {} reports\n**Blockers:** None\n"
    one, two, three = (f"## R1 - Iteration {n} - {clock(n)}\n{body.format(9 - n)}" for n in (1, 2, 3))
    base = f"# Progress Log\n\n{one}\n{two}"
    stage(repository, PATHS["progress"], base.encode(), f"# Progress Log\n\n{one}\n{three}".encode())
    found = [each["code"] for each in check(commands).json["findings"]]
    repair(commands, "--unsafe-fixes")
    assert (repository / PATHS["progress"]).read_text() == f"{base}\n{three}"
    assert found == ["L202"]


@pytest.mark.slow
@WHOLE
@given(data=st.data())
def test_other_line_ends_are_said_once(repository: Path, commands: Commands, data: st.DataObject) -> None:
    sample = data.draw(samples(least=2))
    other = sample._replace(line_end="\n" if sample.line_end == "\r\n" else "\r\n")
    assume(sample.line_end in sample.data().decode())
    more = data.draw(appended(sample.grammar))
    stage(repository, PATHS[sample.grammar], sample.data(), other.data((*sample.entries, *more)))
    assert [code for code, _ in said(check(commands))] == ["L206"]
    check_repaired(repository, commands, sample, [], more)


@pytest.mark.slow
@HISTORY
@given(data=st.data())
def test_a_history_of_appends_has_no_findings(repository: Path, commands: Commands, data: st.DataObject) -> None:
    """All four logs, appended to in one commit or another, judged commit by commit."""
    logs = {grammar: data.draw(samples(grammar=grammar, least=0, most=2)) for grammar in PATHS}
    versions = [{PATHS[grammar]: sample.data() for grammar, sample in logs.items()}]
    for step in range(4):
        for grammar, sample in logs.items():
            if data.draw(st.booleans()):
                more = data.draw(appended(grammar, least=1, first=50 + 10 * step, drawn=bool(sample.entries)))
                logs[grammar] = sample._replace(entries=(*sample.entries, *more))
        versions.append({PATHS[grammar]: sample.data() for grammar, sample in logs.items()})
    outcome = judge_history(repository, commands, [{**BESIDE, **version} for version in versions], LOG_RULES)
    assert (outcome.code, outcome.findings, outcome.json["unverified"]) == (0, [], [])


@pytest.mark.slow
@HISTORY
@given(data=st.data())
def test_each_step_of_a_history_is_judged_alone(repository: Path, commands: Commands, data: st.DataObject) -> None:
    """What is rewritten in one commit is found there, though a later one takes it back."""
    sample, index = data.draw(with_place(samples(least=2)))
    assume(index < len(sample.entries) - 1)
    other = (*sample.entries[:index], data.draw(edited(sample, index)), *sample.entries[index + 1 :])
    path = PATHS[sample.grammar]
    versions = [{**BESIDE, path: each} for each in (sample.data(), sample.data(other), sample.data())]
    outcome = judge_history(repository, commands, versions, LOG_RULES)
    commits = git(repository, "rev-list", "--reverse", "history").split()
    found = [(each["code"], each["revision"]) for each in outcome.json["findings"]]
    assert sorted(found) == sorted([("L201", commits[1]), ("L201", commits[2])])


garbage = st.binary(max_size=GARBAGE_LIMIT) | FRAGMENTS


@PURE
@given(grammars, samples(least=0), garbage, st.booleans(), st.integers(0, 200))
def test_garbage_can_be_compared(grammar: str, sample: Sample, rubbish: bytes, inside: bool, place: int) -> None:
    good = sample.data()
    bad = good[:place] + rubbish + good[place:] if inside else rubbish
    logs = [usable(grammar, each) for each in (good, bad)]
    for old in logs:
        for new in logs:
            if old is not None and new is not None:
                compare_logs(old, new)


@pytest.mark.slow
@profile(30)
@given(samples(least=0), garbage, st.booleans(), st.integers(0, 200))
def test_garbage_never_gives_a_traceback(
    repository: Path, commands: Commands, sample: Sample, rubbish: bytes, inside: bool, place: int
) -> None:
    """As the new version and as the base, alone or inside a log; every rule looks at it, and every fix."""
    good, path = sample.data(), PATHS[sample.grammar]
    bad = good[:place] + rubbish + good[place:] if inside else rubbish
    for old, new in ((good, bad), (bad, good), (bad, rubbish)):
        stage(repository, path, old, new)
        sound(commands.check_json())
        check(commands)
        repair(commands, "--unsafe-fixes")
        again = snapshot(repository)
        repair(commands, "--unsafe-fixes")
        assert snapshot(repository) == again


ODD = pytest.mark.parametrize("odd", ["\x0c", "\x0b", "\x1c", "\x85", "\u2028", "\u2029"])
"""What Python takes for the end of a line, and Markdown, git and editors do not."""


@ODD
def test_only_line_ends_count_for_the_line_of_a_loss(repository: Path, commands: Commands, odd: str) -> None:
    first = f"# Guardrails\n\n## One\n\na{odd}b{odd}c\n\n\n\n\n"
    stage(repository, PATHS["guardrails"], f"{first}## Two\n\ntext\n".encode(), first.encode())
    (gone,) = check(commands).json["findings"]
    assert (gone["code"], gone["line"]) == ("L202", 5)


@ODD
def test_only_line_ends_count_for_the_line_of_what_was_added(repository: Path, commands: Commands, odd: str) -> None:
    base = f"# Guardrails\n\n## One\n\na{odd}b\n"
    stage(repository, PATHS["guardrails"], base.encode(), f"{base}{odd}{odd}\n\nadded\n".encode())
    (longer,) = check(commands).json["findings"]
    assert (longer["code"], longer["line"]) == ("L207", 8)


# --- status ---------------------------------------------------------------------------------------------------------


def judge_history(repository: Path, commands: Commands, versions: list[dict[str, str | bytes]], select: str) -> Outcome:
    """Judge each of these states of a repository against the one before it."""
    parts: list[bytes] = []
    for number, files in enumerate(versions, start=1):
        who = f"Test <test@example.org> {1767225600 + number} +0000"
        parts.append(f"commit refs/heads/history\nmark :{number}\ncommitter {who}\ndata 1\nx\n".encode())
        parts.append(f"from :{number - 1}\ndeleteall\n".encode() if number > 1 else b"deleteall\n")
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            parts.append(f"M 644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")
    stream = repository / ".git" / "history"
    stream.write_bytes(b"".join(parts))
    if "history" in git(repository, "branch", "--format=%(refname:short)").split():
        git(repository, "branch", "-q", "-D", "history")
    git(repository, "-c", f"alias.load=!git fast-import --quiet --force < '{stream}'", "load")
    first = git(repository, "rev-list", "--max-parents=0", "history").strip()
    outcome = check(commands, "--from-ref", first, "--to-ref", "history", select=select)
    assert outcome.json["examined"]["revisions"] == len(versions)
    return outcome


class Task:
    """A task of iterative work, written as state-management.md says: each write moves one status, or one counter."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.minutes = 0
        self.log = "# Progress Log\n"
        self.folder = ".iterative-work/demo"
        self.state: dict[str, Any] = {
            "task": "A task",
            "slug": "demo",
            "created": clock(0),
            "updated": clock(0),
            "domain": "research",
            "phase": "discover",
        }
        self.edges: set[tuple[str, str, str]] = set()

    def files(self) -> dict[str, str | bytes]:
        return {f"{self.folder}/state.json": json.dumps(self.state, indent=2), f"{self.folder}/progress.md": self.log}

    def writes(self) -> list[Callable[[], None]]:
        """Return what may be written next."""
        if "/archive/" in self.folder:
            return []
        here = self.state["phase"]
        found: list[Callable[[], None]] = [
            lambda state=state: self.enter_task_phase(state) for state in MACHINES["task"].edges[here]
        ]
        if here == "complete":
            found.append(self.archive)
        if here == "execute":
            for name, phase in self.state["phases"].items():
                found += self.phase_writes(name, phase) * 3  # most of the work is done here
        return found

    def phase_writes(self, name: str, phase: dict[str, Any]) -> list[Callable[[], None]]:
        machine, status = MACHINES["phase"], phase["status"]
        used, most = phase.get("iterations_used", 0), phase["max_iterations"]
        nexts = [*machine.edges[status], *(end for start, end in machine.bare if start == status and not used)]
        legal: list[Callable[[], None]] = []
        for state in nexts:
            if state == "timeout" and used + (status == "in_progress") < most:
                continue
            legal.append(lambda state=state: self.enter(name, phase, state))
        if status == "in_progress" and used + 1 < most:
            legal.append(lambda: self.iterate(name, phase))
        if status == "confirming":
            legal.append(lambda: phase.update(confirmations_used=phase["confirmations_used"] + 1))
        return legal

    def write(self) -> None:
        """Do one of them, and move the clock."""
        self.minutes += self.draw(st.integers(1, 90))
        choices = self.writes()
        if choices:
            moved = self.draw(st.sampled_from(choices))
            moved()
            if "/archive/" not in self.folder:
                self.state["updated"] = clock(self.minutes)

    def enter_task_phase(self, state: str) -> None:
        self.edges.add(("task", self.state["phase"], state))
        self.state["phase"] = state
        if state == "execute" and "phases" not in self.state:
            names = ["R1", "R2", "W3"][: self.draw(st.integers(1, 3))]
            self.state["phases"] = {
                name: {"status": "pending", "max_iterations": self.draw(st.integers(1, 3))} for name in names
            }
            self.state |= {"current_phase": names[0], "current_iteration": 0}

    def archive(self) -> None:
        self.folder = ".iterative-work/archive/demo"

    def enter(self, name: str, phase: dict[str, Any], state: str) -> None:
        old, phase["status"] = phase["status"], state
        self.edges.add(("phase", old, state))
        if state == "in_progress":
            phase.setdefault("iterations_used", 0)
            phase.setdefault("confirmations_used", 0)
            if phase["iterations_used"] >= phase["max_iterations"]:
                phase["max_iterations"] = phase["iterations_used"] + self.draw(st.integers(1, 2))
            self.count(name, phase, running=self.draw(st.booleans()))
        elif state == "confirming":
            self.iterate(name, phase, done=True)
        elif state == "timeout" and old == "in_progress":
            self.iterate(name, phase)
        elif state == "verifying":
            phase["confirmations_used"] += 1
        elif state == "done":
            phase |= {"verification_passed": True, "completed_at": clock(self.minutes)}

    def iterate(self, name: str, phase: dict[str, Any], *, done: bool = False) -> None:
        phase["iterations_used"] += 1
        end = f"**Remaining:** None\n**Signal:** {name}_DONE" if done else "**Remaining:** more\n**Blockers:** None"
        number = phase["iterations_used"]
        self.log += f"\n## {name} - Iteration {number} - {clock(self.minutes)}\n**Did:** work\n{end}\n"
        self.count(name, phase, running=False)

    def count(self, name: str, phase: dict[str, Any], *, running: bool) -> None:
        """Name the phase that is worked on, and its iteration, which does not fall as long as it is the same phase."""
        least = self.state["current_iteration"] if self.state["current_phase"] == name else 0
        self.state["current_phase"] = name
        self.state["current_iteration"] = max(least, phase["iterations_used"] + running)


class Initiative:
    """An initiative, written to both its files, as persistence-architecture.md says."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.minutes = 0
        self.number = 0
        self.edges: set[tuple[str, str, str]] = set()
        self.begin()

    def begin(self) -> None:
        self.number += 1
        self.status, self.milestones, self.current = "created", dict[str, str](), "M1"

    def files(self) -> dict[str, str | bytes]:
        name, time = f"alpha-{self.number}", clock(self.minutes)
        state = {
            "name": name,
            "status": self.status,
            "currentMilestone": self.current,
            "progress": self.milestones,
            "lastUpdated": time,
        }
        beside = f"name: {name}\nstatus: {self.status}\ncurrentMilestone: {self.current}\nlastUpdated: {time}\n"
        return {
            ".claude/initiative.json": json.dumps(state),
            f"documentation/milestones/_active/{name}/WORKFLOW-STATUS.yaml": beside,
        }

    def write(self) -> None:
        choices: list[Callable[[], None]] = []
        for state in MACHINES["initiative"].edges[self.status]:
            choices += [lambda state=state: self.enter(state)] * (1 if state == "completed" else 2)
        if self.status in MACHINES["initiative"].final:
            choices.append(self.begin)
        if self.status == "in_progress":
            choices.append(self.plan)
            for name, status in self.milestones.items():
                for state in MACHINES["milestone"].edges[status]:
                    choices.append(lambda name=name, state=state: self.enter_milestone(name, state))
        self.minutes += self.draw(st.integers(1, 90))
        moved = self.draw(st.sampled_from(choices))
        moved()

    def enter(self, state: str) -> None:
        self.edges.add(("initiative", self.status, state))
        self.status = state

    def plan(self) -> None:
        self.milestones[f"M{len(self.milestones) + 1}"] = "created"

    def enter_milestone(self, name: str, state: str) -> None:
        self.edges.add(("milestone", self.milestones[name], state))
        self.milestones[name], self.current = state, name


TRANSITIONS = "T401,T402,T403,T404,T405,T406,T407,T408,T409"


@pytest.mark.slow
@HISTORY
@given(data=st.data())
@pytest.mark.parametrize("writer", [Task, Initiative])
def test_legal_writes_are_legal(
    repository: Path, commands: Commands, writer: type[Task] | type[Initiative], data: st.DataObject
) -> None:
    work = writer(data.draw)
    versions = [work.files()]
    for _ in range(data.draw(st.integers(10, 40))):
        work.write()
        versions.append(work.files())
    outcome = judge_history(repository, commands, versions, f"{TRANSITIONS},{LOG_RULES}")
    assert (outcome.code, outcome.findings, outcome.json["unverified"]) == (0, [], []), said(outcome)


@pytest.mark.slow
@HISTORY
@given(data=st.data())
@pytest.mark.parametrize("writer", [Task, Initiative])
def test_legal_writes_between_two_commits_are_legal_but_for_what_was_not_seen(
    repository: Path, commands: Commands, writer: type[Task] | type[Initiative], data: st.DataObject
) -> None:
    """Only some of the writes are committed: states may have been skipped, and nothing else is wrong."""
    work = writer(data.draw)
    versions = [work.files()]
    for _ in range(data.draw(st.integers(10, 40))):
        before, name = work.files(), getattr(work, "number", 0)
        work.write()
        if name != getattr(work, "number", 0):
            versions += [before, work.files()]  # what is finished is committed before its successor takes its file
        elif data.draw(st.integers(0, 2)) == 0:
            versions.append(work.files())
    outcome = judge_history(repository, commands, versions, f"{TRANSITIONS},{LOG_RULES}")
    assert outcome.code == 0, said(outcome)
    assert {each["code"] for each in outcome.json["findings"]} <= {"T403"}, said(outcome)


def test_the_writers_here_go_along_every_edge() -> None:
    """The walks above are worth something only if they go everywhere."""
    seen: set[tuple[str, str, str]] = set()
    machines = MACHINES.values()
    every = {(machine.name, a, b) for machine in machines for a, ends in machine.edges.items() for b in ends}
    every |= {(machine.name, a, b) for machine in machines for a, b in machine.bare}

    def walk(data: st.DataObject) -> None:
        for writer in (Task, Initiative):
            work = writer(data.draw)
            for _ in range(40):
                work.write()
            seen.update(work.edges)

    for number in range(12):  # an edge that few walks take needs more of them
        if seen != every:
            seed(number)(settings(profile(100), derandomize=False)(given(st.data())(walk)))()
    assert seen == every


@PURE
@given(st.sampled_from(sorted(MACHINES)), st.data())
def test_wherever_edges_lead_is_a_way(name: str, data: st.DataObject) -> None:
    machine: Machine = MACHINES[name]
    bare = data.draw(st.booleans())
    start = here = data.draw(st.sampled_from(sorted(machine.edges)))
    steps = 0
    for _ in range(data.draw(st.integers(0, 12))):
        nexts = [*machine.edges[here], *(b for a, b in machine.bare if bare and a == here)]
        if not nexts:
            break
        here, steps = data.draw(st.sampled_from(nexts)), steps + 1
        way = machine.way(start, here, bare=bare)
        assert way is not None
        assert len(way) < steps
        if steps == 1:
            assert way == ()


def test_a_repository_of_this_file_is_what_it_says(folder: Path, commands: Commands) -> None:
    """The workspaces that the logs above are put in are found, each of its kind."""
    make_repository(folder, {**BESIDE, **dict.fromkeys(PATHS.values(), "# Log\n")})
    assert check(commands).json["examined"]["workspaces"] == 2
