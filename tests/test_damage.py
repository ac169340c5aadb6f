"""Damage of every kind is a finding with its place, in bounded time, and never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, Commands, make_repository, snapshot, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statecheck.documents import MarkdownDocument, StateDocument, parse_document, read_document
from statecheck.trees import WorkingTree

JSON_DAMAGE = {
    "empty": (b"", "S101", 1, 1),
    "blank": (b" \n\n", "S101", 1, 1),
    "truncated object": (b'{"a": 1,\n "b": ', "S101", 2, 5),
    "truncated string": (b'{"a": "xyz', "S101", 1, 7),
    "trailing data": (b"{}\n{}", "S101", 2, 1),
    "comma": (b'{"a": 1,}', "S101", 1, 8),
    "byte order mark": (b"\xef\xbb\xbf{}", "S101", 1, 1),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "S101", 1, 1),
    "UTF-16 without mark": ('{"a": 1}'.encode("utf-16-le"), "S101", 1, 1),
    "Latin-1": (b'{\n"a": "caf\xe9"}', "S101", 2, 10),
    "NUL bytes": (b'{"a": 1}\n\0\0\0', "S101", 2, 1),
    "NaN": (b'{"a": [1, NaN]}', "S101", 1, 11),
    "Infinity": (b'{"NaN": -Infinity}', "S101", 1, 9),
    "too large a number": (b'{"a": 1e999}', "S101", 1, 7),
    "10,000 digits": (b'{"a": ' + b"7" * 10_000 + b"}", "S101", 1, 7),
    "half a surrogate pair": (b'{"a": "\\ud800"}', "S101", 1, 7),
    "control character": (b'{"a": "x\ty"}', "S101", 1, 9),
    "nesting of lists": (b"[" * 100_000, "S101", 1, 501),
    "nesting that ends": (b"[" * 100_000 + b"]" * 100_000, "S101", 1, 501),
    "nesting of objects": (b'{"a":' * 100_000, "S101", 1, 2501),
    "duplicate key": (b'{"a": 1,\n  "a": 2}', "S102", 2, 3),
    "duplicate key within": (b'[{"b": {"\\u0061": 1, "a": 2}}]', "S102", 1, 22),
    "conflict": (b'{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> other\n}', "W904", 2, 1),
}
YAML_DAMAGE = {
    "empty": (b"", "S101", 1, 1),
    "comment only": (b"# nothing\n", "S101", 1, 1),
    "tab": (b"a:\n\tb: 1\n", "S101", 2, 1),
    "open bracket": (b"a: [1,\nb: 2\n", "S101", None, None),
    "open quote": (b'a: 1\nb: "in_progress\n', "S101", 2, 4),
    "two documents": (b"a: 1\n---\nb: 2\n", "S101", 2, 1),
    "unknown alias": (b"a: *b\n", "S101", 1, 4),
    "NUL": (b"a: \0\n", "S101", 1, 4),
    "control character": (b"a: \x01\n", "S101", 1, 4),
    "NaN": (b"a: .nan\n", "S101", 1, 4),
    "list as key": (b"? [a]\n: 1\n", "S101", 1, 3),
    "contains itself": (b"a: &x [*x]\n", "S101", 1, 4),
    "duplicate key": (b"a: 1\nb: 2\na: 3\n", "S102", 3, 1),
    "nesting": (b"[" * 100_000, "S101", 1, None),
    "deep blocks": ("\n".join(" " * depth + "a:" for depth in range(400)).encode(), "S101", None, None),
    "exploding aliases": (
        b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)),
        "S101",
        None,
        None,
    ),
    "conflict": (b"<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n", "W904", 1, 1),
}


@pytest.mark.parametrize("name", JSON_DAMAGE)
def test_damaged_json(name: str) -> None:
    data, code, line, column = JSON_DAMAGE[name]
    _expect(parse_document("x.json", data, "json"), code, line, column)


@pytest.mark.parametrize("name", YAML_DAMAGE)
def test_damaged_yaml(name: str) -> None:
    data, code, line, column = YAML_DAMAGE[name]
    _expect(parse_document("x.yaml", data, "yaml"), code, line, column)


def _expect(document: Any, code: str, line: int | None, column: int | None) -> None:
    problem = document.problems[0]
    place = document.place(problem.span)
    assert problem.code == code
    assert (line or place.line, column or place.column) == (place.line, place.column)
    assert len(problem.message) < 300
    assert document.usable == (code == "S102")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 2026-01-16T10:00:00Z", {"a": "2026-01-16T10:00:00Z"}),
        ("a: 2026-01-16", {"a": "2026-01-16"}),
        (
            "a: 0x1F\nb: 012\nc: 1_000\nd: 1.5\ne: ~\nf: yes\ng: true",
            {"a": 31, "b": 12, "c": 1000, "d": 1.5, "e": None, "f": "yes", "g": True},
        ),
        ("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3", {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}}),
        ("1: one\n'2': two", {"1": "one", "2": "two"}),
        ("a: |\n  <<<<<<< x\n  =======\n  >>>>>>> y\n", {"a": "<<<<<<< x\n=======\n>>>>>>> y\n"}),
    ],
)
def test_yaml_values(text: str, value: Any) -> None:
    document = parse_document("x.yaml", text.encode(), "yaml")
    assert isinstance(document, StateDocument)
    assert (document.value, document.problems) == (value, [])


@pytest.mark.parametrize("data", [b"\xff\xfe#\0", b"# Log\n\0\0", b"# Log\n\xe9"])
def test_damaged_markdown(data: bytes) -> None:
    document = parse_document("x.md", data, "markdown")
    assert [problem.code for problem in document.problems] == ["S101"]


def test_a_byte_order_mark_in_markdown_is_harmless() -> None:
    document = parse_document("x.md", b"\xef\xbb\xbf# Guardrails\n", "markdown")
    assert isinstance(document, MarkdownDocument)
    assert (document.problems, document.markdown.headings[0].text) == ([], "Guardrails")


def test_a_large_file(folder: Path) -> None:
    with (folder / "x.json").open("wb") as file:
        file.truncate(100 * 2**20)
    document = read_document(WorkingTree(str(folder)), "x.json", "json")
    assert [problem.code for problem in document.problems] == ["W901"]
    assert document.data == b""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs")
def test_a_fifo_and_a_folder_do_not_hold_up_the_run(folder: Path, commands: Commands) -> None:
    write(
        folder,
        {
            "art/constraints.json": '{"constraints": []}',
            "art/decisions.md": "# Decisions\n",
            "art/refinement_log.md": {"folder": True},
        },
    )
    os.mkfifo(folder / "art/artifact_manifest.json")
    outcome = commands.check_json()
    assert outcome.code == 2
    assert outcome.unverified == ["W901 art/artifact_manifest.json", "W901 art/refinement_log.md"]


def test_permission_denied(folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {"art/constraints.json": '{"constraints": []}', "art/decisions.md": "# Decisions\n"})
    real = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if str(path).endswith("constraints.json"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    outcome = commands.check_json()
    assert (outcome.code, outcome.unverified) == (2, ["W901 art/constraints.json"])
    assert "permission denied" in outcome.json["unverified"][0]["reason"]


def test_a_folder_that_may_not_be_listed(folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {"art/constraints.json": '{"constraints": []}', "art/decisions.md": "# Decisions\n", "shut/x": ""})
    real = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    outcome = commands.check_json()
    assert (outcome.code, outcome.unverified) == (2, ["W901 shut"])
    assert commands.check_json("art").code == 0


LONG = int(os.environ.get("STATECHECK_FUZZ", "0"))
"""Examples of a long run, as CONTRIBUTING says; 0 for the short one."""

EXAMPLES = {
    path.relative_to(ROOT / "examples").as_posix(): path.read_bytes()
    for path in sorted((ROOT / "examples").rglob("*"))
    if path.is_file()
}
NEAR_MISSES = [
    (b"in_progress", b"in-progress"),
    (b"max_iterations", b"maxIterations"),
    (b"generation_timestamp", b"generated_at"),
    (b'Z"', b'z"'),
    (b'Z"', b'"'),
    (b"dist/", b"dist\\\\"),
    (b"dist/badge", b"dist/Badge"),
    (b"true", b'"true"'),
    (b"## ", b"# "),
    (b"lastUpdated", b"last_updated"),
]


@pytest.mark.slow
@pytest.mark.parametrize("versioned", [False, True], ids=["plain", "versioned"])
@settings(max_examples=LONG or 30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not LONG)
@given(data=st.data())
def test_random_damage(versioned: bool, data: st.DataObject, folder: Path, commands: Commands) -> None:
    """Damage the examples at random: both commands end with a verdict, and a repair converges and loses nothing."""
    if versioned and not (folder / ".git").exists():
        make_repository(folder, EXAMPLES)
    write(folder, EXAMPLES)
    shutil.rmtree(folder / ".statecheck", ignore_errors=True)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(EXAMPLES)))
        write(folder, {name: _damaged(data, (folder / name).read_bytes() if (folder / name).exists() else b"")})
    before = snapshot(folder)
    outcome = commands.check_json()
    assert outcome.code in (0, 1, 2)
    assert not outcome.err
    assert snapshot(folder) == before
    found, after = outcome, before
    for arguments in ((), ("--unsafe-fixes",)):
        mended = commands.fix("--output-format", "json", *arguments)
        assert mended.code in (0, 1, 2)
        assert not mended.err
        assert "the rule failed" not in mended.out
        after = snapshot(folder)
        assert commands.fix("--output-format", "json", *arguments).findings == mended.findings
        assert snapshot(folder) == after, "a second run changed something"
        assert commands.check_json().findings == mended.findings
        found = mended
    blind = "S101" in outcome.out or "W904" in outcome.out or "S103" in outcome.out
    assert len(_errors(found.findings)) <= len(_errors(outcome.findings)) or blind
    kept = b"".join(content for content in after.values() if isinstance(content, bytes))
    for name, content in before.items():
        assert after.get(name) == content or isinstance(content, str) or _survives(content, kept), name


def _errors(findings: list[str]) -> list[str]:
    return [each for each in findings if " error " in each]


def _survives(content: bytes, kept: bytes) -> bool:
    """Say whether every line is still somewhere, but for the values and names that a repair corrected."""
    lines = [line.strip() for line in content.splitlines() if len(line.strip()) > 40]
    return sum(line not in kept for line in lines) <= 6


def _damaged(data: st.DataObject, content: bytes) -> bytes | None:
    at = data.draw(st.integers(0, max(0, len(content))))
    end = data.draw(st.integers(at, min(len(content), at + 40)))
    new = data.draw(
        st.sampled_from(
            [b"", b"\0", b"\xff", b'"', b"{", b"[", b"\n", b"0", b"- ", b"null", b"\xef\xbb\xbf", b"<<<<<<< a\n"]
        )
    )
    kind = data.draw(st.sampled_from(["replace", "near", "near", "near", "cut", "twice", "remove", "empty", "crlf"]))
    old, near = data.draw(st.sampled_from(NEAR_MISSES))
    return {
        "replace": content[:at] + new + content[end:],
        "near": content.replace(old, near, data.draw(st.integers(1, 2))),
        "cut": content[:at],
        "twice": content[:at] + content[max(0, at - 60) :],
        "remove": None,
        "empty": b"",
        "crlf": content.replace(b"\n", b"\r\n"),
    }[kind]


@pytest.mark.slow
@settings(max_examples=400, deadline=None, derandomize=True)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@pytest.mark.parametrize("format_name", ["json", "yaml", "markdown"])
def test_random_bytes(format_name: str, data: bytes) -> None:
    document = parse_document(f"x.{format_name}", data, format_name)
    for problem in document.problems:
        assert document.place(problem.span).line >= 1
    if isinstance(document, StateDocument) and document.usable:
        for pointer, node in document.root.walk():
            assert document.span(pointer).start <= node.end


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(value=json_values, indent=st.sampled_from([None, 2, "\t"]), ascii_only=st.booleans())
def test_every_json_value_has_its_place(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = parse_document("x.json", text.encode(), "json")
    assert isinstance(document, StateDocument)
    assert document.value == value
    for pointer, node in document.root.walk():
        found = value
        for part in pointer:
            found = found[part]
        assert json.loads(text[node.start : node.end]) == found
