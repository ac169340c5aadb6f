"""A log of one JSON object a line: each line is an entry."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from statecheck.documents.damage import Problem
from statecheck.documents.logs import Entry
from statecheck.documents.markdown import Heading
from statecheck.documents.model import Document
from statecheck.documents.positions import Span


class JsonLinesDocument(Document):
    """A file of JSON objects, one a line."""

    @cached_property
    def values(self) -> list[dict[str, Any]]:
        """The objects in order; what is none is left out, and a problem of the document."""
        return [value for _, value in self.numbered if value is not None]

    @cached_property
    def entries(self) -> list[Entry]:
        """The lines that are not blank, as entries of a log."""
        found = []
        for line, _ in self.numbered:
            span = self.lines.span(line, line + 1)
            heading = Heading(1, f"line {line + 1}", line, Span(span.start, span.start))
            parts = (None, None, None, None, None)
            found.append(Entry(heading, line + 1, self.text, span, *parts, kind="line", form="documented"))
        return found

    @cached_property
    def numbered(self) -> list[tuple[int, dict[str, Any] | None]]:
        """The numbers of the lines that are not blank, from 0, each with its object, or None where it is none."""
        numbers = range(len(self.lines.starts))
        return [(line, _object(text)) for line in numbers if (text := self.lines.content(line + 1)).strip()]


def parse_json_lines(path: str, data: bytes, problems: list[Problem], text: str) -> JsonLinesDocument:
    """Return the document; its first line that is no JSON object is a problem."""
    document = JsonLinesDocument(path, data, problems, text)
    for line, value in document.numbered:
        if value is None and not problems:
            start = document.lines.starts[line]
            span = Span(start, start + len(document.lines.content(line + 1)))
            problems.append(
                Problem("S101", span, f"line {line + 1} is no JSON object", "restore the last good version")
            )
    return document


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
