"""From the words of a configuration to what the engine goes by. Imported only where something is configured."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from statecheck.configuration import Vocabulary, compile_glob, mistake
from statecheck.documents import SchemaStore
from statecheck.engine import Policy
from statecheck.rules import UnknownRuleError, all_rules, select
from statecheck.workspaces import DOCUMENTED, KINDS, document_name, kinds_with

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from statecheck.configuration import Configuration
    from statecheck.findings import Severity


def policy_of(configuration: Configuration, path: str) -> Policy:
    """Return what the engine goes by; `path` is the file of the configuration, which has known rules only."""
    folder = posixpath.dirname(path)
    return Policy(
        exclude=tuple(compile_glob(each, folder) for each in configuration.exclude),
        ignores=tuple(
            (compile_glob(glob, folder), frozenset(_codes(words)))
            for glob, words in configuration.per_path_ignores.items()
        ),
        severities=_severities(configuration.severity),
        schemas={name: posixpath.join(folder, place) for name, place in _schemas(configuration).items()},
        strict=configuration.strict,
        kinds=kinds_with(declared_kinds(configuration)),
    )


def declared_kinds(configuration: Configuration) -> dict[str, dict[str, Any]]:
    """Return the kinds that a configuration declares, as tables of TOML have them."""
    return {name: kind.model_dump(by_alias=True, exclude_unset=True) for name, kind in configuration.kinds.items()}


def _schemas(configuration: Configuration) -> dict[str, str]:
    """Return the paths of schemas by name: of those that take the place of bundled ones, and of declared documents."""
    declared = {
        document_name(kind, role): document.schema_
        for kind, declaration in configuration.kinds.items()
        for role, document in declaration.documents.items()
        if document.schema_ is not None and document.schema_.endswith(".json")
    }
    return dict(configuration.schemas) | declared


def require_known(configuration: Configuration, data: bytes, path: str) -> None:
    """Raise `ConfigurationError` where a configuration, the content of a file, names a rule that there is not."""
    for keys, word in _rule_words(configuration):
        try:
            codes = _codes([word])
        except UnknownRuleError as error:
            raise mistake(data, path, keys, str(error)) from None
        rule = all_rules()[word.upper()] if word.upper() in codes else None
        if keys[0] == "severity" and rule is not None and rule.severities[0] == "unverified":
            words = "what it speaks of could not be looked at, which is no question of severity"
            raise mistake(data, path, keys, words)


def require_kinds(configuration: Configuration, data: bytes, path: str) -> None:
    """Raise `ConfigurationError` where a kind that is declared does not go with what rules know of it."""
    known = {kind.name: {spec.role: spec for spec in kind.documents} for kind in KINDS if kind.name in DOCUMENTED}
    formats = {role: spec.format for specs in known.values() for role, spec in specs.items()}
    for name, kind in configuration.kinds.items():
        for role, document in kind.documents.items():
            keys = ("kinds", name, "documents", role)
            if name in known and document.form != formats.get(role, document.form):
                words = (
                    f"the rules for {role} read {formats[role]}, and this is {document.form}: call it something else"
                )
                raise mistake(data, path, keys, words)
            bundled = document.schema_ if document.schema_ and not document.schema_.endswith(".json") else None
            if bundled is not None and bundled not in SchemaStore.names():
                words = f"there is no bundled schema {bundled}; one of the project ends with .json"
                raise mistake(data, path, (*keys, "schema"), words)
        for role, spec in known.get(name, {}).items():
            declared = kind.documents.get(role)
            if declared is None or (spec.clocks and not declared.clocks):
                lacks = role if declared is None else f"{role}.clocks"
                words = f"it has no {lacks}, which rules ask for; begin with: statecheck kinds {name}"
                raise mistake(data, path, ("kinds", name), words)


def _rule_words(configuration: Configuration) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every word of a configuration that names rules, with the keys that lead to it."""
    for key, words in (("select", configuration.select or []), ("ignore", configuration.ignore)):
        yield from (((key, number), word) for number, word in enumerate(words))
    yield from ((("severity", word), word) for word in configuration.severity)
    for glob, words in configuration.per_path_ignores.items():
        yield from ((("per-path-ignores", glob, number), word) for number, word in enumerate(words))


def _codes(words: Sequence[str]) -> Collection[str]:
    return select(words, ()) if words else ()


def _severities(table: Mapping[str, Severity]) -> dict[str, Severity]:
    """Return the severity of each rule that a table gives one; a code or name goes before its family."""
    named = {word: _codes([word]) for word in table}
    widest_first = sorted(table, key=lambda word: -len(named[word]))
    rules = all_rules()
    return {
        code: table[word] for word in widest_first for code in named[word] if rules[code].severities[0] != "unverified"
    }


def _configured(table: Mapping[str, str]) -> Mapping[str, str]:
    return _severities(table)  # type: ignore[arg-type]


VOCABULARY = Vocabulary(_codes, {code: rule.severities[0] for code, rule in all_rules().items()}, _configured)
