"""Reading a configuration: what is wrong with one is said in one sentence, with its line and what was expected."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from statecheck.configuration.model import Configuration
from statecheck.errors import OwnFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic_core import ErrorDetails

Keys = tuple[str | int, ...]

_TYPES = {
    "bool_type": "true or false",
    "string_type": "a string",
    "list_type": "a list",
    "dict_type": "a table",
    "model_attributes_type": "a table",
    "int_type": "a number",
    "model_type": "a table",
}
"""What a kind of mistake says was expected."""

_PATTERNS = {
    "^[^#]+[.]json#/": "a .json file and a JSON Pointer in it, as in .claude/workflow-state.json#/phase",
    "^[a-z][a-z0-9-]*$": "a name of small letters, digits and -",
}
_POINTER = "a JSON Pointer, as in /phases/*/status"


class ConfigurationError(OwnFileError):
    """The configuration cannot be used; the message says where and why."""


def parse_configuration(data: bytes, path: str = "statecheck.toml") -> Configuration:
    """Return the configuration that a file's content is: of a pyproject.toml, its table.

    Raises `ConfigurationError`.
    """
    try:
        table: Any = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{path} is no TOML: {error}") from None
    for key in _above(path):
        table = table.get(key, {}) if isinstance(table, dict) else {}
    try:
        return Configuration.model_validate(table)
    except ValidationError as error:
        # A key that there is not is what may have been meant for one that is missing.
        first = min(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
        raise mistake(data, path, first["loc"], _words(first)) from None


def mistake(data: bytes, path: str, keys: Keys, words: str) -> ConfigurationError:
    """Return the error that says `words` of the value that keys lead to, and where it stands."""
    named = tuple(key for key in keys if key not in ("[key]", "<table>", "<name>"))  # pydantic's own words
    where = ".".join(str(key) for key in named if isinstance(key, str))
    said = f"{where}: {words}" if where else words
    return ConfigurationError(f"{path}:{_line(data.decode(), (*_above(path), *named))}: {said}")


def _above(path: str) -> tuple[str, ...]:
    """Return the keys of the table that is the configuration."""
    return ("tool", "statecheck") if path.rpartition("/")[2] == "pyproject.toml" else ()


def _words(error: ErrorDetails) -> str:
    """Return what is wrong with a value: what was expected, and what is there."""
    kind, value = error["type"], error["input"]
    if kind == "extra_forbidden":
        keys = [field.alias or name for name, field in _model(error["loc"][:-1]).model_fields.items()]
        return f"there is no such key{_near(str(error['loc'][-1]), keys)}"
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        choices = re.findall(r"'([^']+)'", error["ctx"]["expected"])
        return f"expected {_alternatives(choices)}, and is {_shown(value)}{_near(str(value), choices, among=False)}"
    if kind in ("string_too_short", "too_short"):
        return "is empty: leave it out, or say something"
    if kind == "string_pattern_mismatch":
        return f"expected {_PATTERNS.get(error['ctx']['pattern'], _POINTER)}, and is {_shown(value)}"
    if kind in _TYPES:
        return f"expected {_TYPES[kind]}, and is {_shown(value)}"
    return error["msg"]


def _model(keys: Keys) -> type[BaseModel]:
    """Return the table that keys lead to."""
    found: type[BaseModel] = Configuration
    for key in keys:
        fields = {field.alias or name: field.annotation for name, field in found.model_fields.items()}
        found = next(_models(fields.get(str(key))), found)
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the tables that a value of a type may be, or hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _alternatives(choices: Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def _near(word: str, known: Sequence[str], *, among: bool = True) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word.replace("_", "-"), known, 1) or get_close_matches(word.lower(), known, 1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there are {', '.join(sorted(known))}" if among else ""


def _shown(value: object) -> str:
    """Return a value of TOML for people."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _line(text: str, keys: Keys) -> int:
    """Return the line of the value that keys lead to, or of its table where it has no line of its own; 1 if nowhere.

    A file up to a line that ends a statement is TOML too. So the statement that brings the value ends with the first
    line up to which the file has it, and begins after the last one before up to which it is TOML.
    """
    lines = text.splitlines()
    for depth in range(len(keys), 0, -1):
        last = str(next((key for key in reversed(keys[:depth]) if isinstance(key, str)), ""))
        for start in (number for number, line in enumerate(lines) if last in line):
            if not _has(lines[:start], keys[:depth], default=True):
                for end in range(start + 1, len(lines) + 1):
                    found = _has(lines[:end], keys[:depth])
                    if found:
                        return start + 1 + _offset(lines[start:end], keys[:depth], lines[:end])
                    if found is False:
                        break  # a statement ends here, and it is another one
    return 1


def _has(lines: Sequence[str], keys: Keys, *, default: bool | None = None) -> bool | None:
    """Say whether lines, as TOML, have a value; `default` where they are no TOML."""
    try:
        value: Any = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return default
    return _get(value, keys) is not None


def _get(value: Any, keys: Keys) -> Any:
    for key in keys:
        try:
            value = value[key]
        except (TypeError, KeyError, IndexError):
            return None
    return value


def _offset(statement: Sequence[str], keys: Keys, lines: Sequence[str]) -> int:
    """Return in which line of its statement an item of a list stands."""
    item = _get(tomllib.loads("\n".join(lines)), keys)
    if not isinstance(keys[-1], int) or not isinstance(item, str):
        return 0
    return next((number for number, line in enumerate(statement) if f'"{item}"' in line or f"'{item}'" in line), 0)
