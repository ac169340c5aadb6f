"""JSON as the documents ask for it: one value, UTF-8, no duplicate key, nothing that other readers refuse."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from statecheck.documents.damage import Problem
from statecheck.documents.nodes import duplicate_members, json_nodes, json_tokens
from statecheck.documents.positions import Span

if TYPE_CHECKING:
    from statecheck.documents.nodes import Member

MAX_DIGITS = 4300
"""Digits of the longest whole number that readers accept (the limit of Python's own)."""

MAX_DEPTH = 500
"""Levels of nesting that are read: few enough for every reader's stack."""

MAX_PROBLEMS = 1000
"""Problems of one kind that a document may have; one with more is nothing that somebody wrote."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _Watch:
    """What json.loads meets on its way: things it accepts and other readers do not."""

    def __init__(self) -> None:
        self.duplicates = False
        self.refused: dict[str, str] = {}

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.duplicates = self.duplicates or len(found) != len(pairs)
        return found

    def integer(self, literal: str) -> int:
        digits = len(literal.lstrip("-"))
        if digits > MAX_DIGITS:
            self.refused[literal] = f"a number of {digits} digits: readers give up at {MAX_DIGITS}"
            return 0
        return int(literal)

    def real(self, literal: str) -> float:
        value = float(literal)
        if value in (float("inf"), float("-inf")):
            shown = literal if len(literal) < 30 else f"{literal[:27]}..."
            self.refused[literal] = f"the number {shown} is too large for any reader"
        return value

    def constant(self, literal: str) -> float:
        self.refused[literal] = f"{literal} is not JSON"
        return 0.0


def parse_json(text: str) -> tuple[Any, list[Problem]]:
    """Return the value of a JSON text and its problems; the value is None where a problem has code S101."""
    if not text.strip():
        hint = "write the whole document, or restore the last good version"
        return None, [Problem("S101", Span(0, 0), "the file is empty: no JSON value", hint)]
    watch = _Watch()
    try:
        value = json.loads(
            text,
            object_pairs_hook=watch.pairs,
            parse_int=watch.integer if len(text) > MAX_DIGITS else None,
            parse_float=watch.real,
            parse_constant=watch.constant,
        )
    except json.JSONDecodeError as error:
        return None, [_syntax_problem(text, error)]
    except RecursionError:
        return None, [_depth_problem(text)]
    if text.count("{") + text.count("[") > MAX_DEPTH and _too_deep(text) is not None:
        return None, [_depth_problem(text)]
    if watch.refused:
        return None, _refused_problems(text, watch.refused)
    surrogate = _lone_surrogate(text)
    if surrogate is not None:
        return None, [surrogate]
    if not watch.duplicates:
        return value, []
    repeated = list(islice(duplicate_members(json_nodes(text)), MAX_PROBLEMS + 1))
    if len(repeated) > MAX_PROBLEMS:
        message = f"more than {MAX_PROBLEMS} keys are there twice"
        return None, [Problem("S101", repeated[0][1].key_span, message, "write the document anew")]
    return value, [_duplicate_problem(first, again) for first, again in repeated]


def _syntax_problem(text: str, error: json.JSONDecodeError) -> Problem:
    end = len(text.rstrip())
    if error.msg == "Extra data":
        return Problem("S101", Span(error.pos, end), "the JSON value ends before this; more data follows it")
    hint = "finish or restore the document"
    if error.msg.startswith("Unterminated string"):
        return Problem("S101", Span(error.pos, error.pos + 1), "this string is never closed: truncated?", hint)
    if error.pos >= end:
        return Problem("S101", Span(end - 1, end), "the file ends in the middle of a value: truncated?", hint)
    comma = _trailing_comma(text, error.pos)
    if comma is not None:
        message = "not valid JSON: a comma after the last value"
        return Problem("S101", Span(comma, comma + 1), message, "remove the comma")
    if text[error.pos : error.pos + 1] in ("/", "#"):
        return Problem(
            "S101", Span(error.pos, error.pos + 1), "not valid JSON: it has no comments", "remove the comment"
        )
    words = (error.msg[0].lower() + error.msg[1:]).removesuffix(" at")  # a place would follow
    return Problem("S101", Span(error.pos, error.pos + 1), f"not valid JSON: {words}")


def _trailing_comma(text: str, at: int) -> int | None:
    """Return where a comma before a closing bracket is. Python 3.13 fails at the comma, older ones at the bracket."""
    before = text[: at + 1].rstrip() if text[at] == "," else text[:at].rstrip()
    after = text[len(before) :].lstrip()
    return len(before) - 1 if before.endswith(",") and after[:1] in ("}", "]") else None


def _too_deep(text: str) -> Span | None:
    """Return the first bracket that is nested more than `MAX_DEPTH` levels deep."""
    depth = 0
    for lexeme, span in json_tokens(text):
        depth += (lexeme in "[{") - (lexeme in "]}")
        if depth > MAX_DEPTH:
            return span
    return None


def _depth_problem(text: str) -> Problem:
    where = _too_deep(text) or Span(0, 1)
    return Problem("S101", where, f"nested too deeply: more than {MAX_DEPTH} levels, where readers begin to give up")


def _refused_problems(text: str, refused: dict[str, str]) -> list[Problem]:
    found = (Problem("S101", span, refused[lexeme]) for lexeme, span in json_tokens(text) if lexeme in refused)
    return list(islice(found, MAX_PROBLEMS))


def _lone_surrogate(text: str) -> Problem | None:
    if "\\u" not in text or not _SURROGATE.search(text):
        return None
    for lexeme, span in json_tokens(text):
        if lexeme.startswith('"') and _SURROGATE.search(lexeme):
            try:
                json.loads(lexeme).encode("utf-8")
            except UnicodeEncodeError:
                return Problem("S101", span, "half of a surrogate pair in this string: it is no Unicode text")
    return None


def _duplicate_problem(first: Member, again: Member) -> Problem:
    return Problem(
        "S102",
        again.key_span,
        f"key {json.dumps(again.key, ensure_ascii=False)} is there twice; readers keep the last and lose the first",
        "keep one of the two",
        related=first.key_span,
        kind="duplicate",
    )
