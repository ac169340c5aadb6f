"""The registry: rules and fixers announce themselves by decorator and are found at run time by walking folders."""

from __future__ import annotations

import importlib
import os
import re
from typing import TYPE_CHECKING, TypeVar

from statecheck.errors import ExpectedError
from statecheck.rules.model import Family, Fixer, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from types import ModuleType

    from statecheck.findings import Safety
    from statecheck.rules.model import Context, Fix, RuleSeverity, Skipped, Violation
    from statecheck.workspaces import View

    Check = TypeVar("Check", bound=Callable[..., Iterable[Violation | Skipped]])
    Mend = TypeVar("Mend", bound=Callable[[Violation, View, Context], Fix | None])

_CODE = re.compile(r"[A-Za-z](?:\d{3})?", re.ASCII)
"""A family's letter, or a code."""

_rules: dict[str, Rule] = {}
_fixers: list[Fixer] = []
_families: dict[str, Family] = {}
_loaded: set[str] = set()


class UnknownRuleError(ExpectedError):
    """A selection names a rule or family that does not exist; the message suggests a near one."""


def rule(
    code: str,
    name: str,
    *severities: RuleSeverity,
    source: str,
    formats: Sequence[str] = (),
    purposes: Sequence[str] = (),
    roles: Sequence[str] = (),
    yields_to: Sequence[str] = (),
    removed: bool = False,
) -> Callable[[Check], Check]:
    """Register a rule.

    `severities` holds the default first; `source` is the document and section the rule comes from. A rule that
    takes each ``document`` is given those of `formats` and `purposes`. One that takes the ``workspace`` may say which
    `roles` it is about: where a kind has none of them, it has nothing to say. Its finding is dropped where a rule of
    `yields_to` reports the same subject: one cause has one voice. One that looks at what is `removed` is called for a
    workspace that only the base has, too.
    """

    def register(function: Check) -> Check:
        _rules[code] = Rule(
            code,
            name,
            severities,
            source,
            function,
            tuple(formats),
            tuple(purposes),
            tuple(roles),
            tuple(yields_to),
            removed,
        )
        return function

    return register


def fixer(code: str, safety: Safety) -> Callable[[Mend], Mend]:
    """Register a fixer for a rule; of several, the first that proposes something is taken."""

    def register(function: Mend) -> Mend:
        _fixers.append(Fixer(code, safety, function))
        return function

    return register


def all_rules() -> dict[str, Rule]:
    """Return every rule by code, in the order of the codes' families and numbers."""
    _load("statecheck.validators")
    return _sorted(_rules)


def families() -> dict[str, Family]:
    """Return the families by letter, in the order of the table of invariants."""
    _load("statecheck.validators")
    return dict(sorted(_families.items(), key=lambda item: _rank(item[0])))


def fixers_for(code: str) -> list[Fixer]:
    """Return the fixers of a rule in the order in which they are to be tried."""
    _load("statecheck.fixers")
    return [each for each in _fixers if each.code == code]


def looks_back(rule: Rule | str) -> bool:
    """Say whether a rule, or the rule with this code, judges each step of a range and not only its end."""
    code = rule if isinstance(rule, str) else rule.code
    return code[0] in _families and _families[code[0]].looks_back


def select(chosen: Sequence[str], ignored: Sequence[str]) -> dict[str, Rule]:
    """Return the rules that a selection names, all if it is empty, less the ignored ones.

    A word is a family's letter, a code, or a rule's name. Raises `UnknownRuleError`.
    """
    rules = _of_codes(chosen, ignored) or all_rules()
    wanted = set().union(*(_named(word, rules) for word in chosen)) if chosen else set(rules)
    unwanted = set().union(*(_named(word, rules) for word in ignored)) if ignored else set()
    return {code: rule for code, rule in rules.items() if code in wanted - unwanted}


def lookup(word: str) -> Rule:
    """Return the rule with this code or name. Raises `UnknownRuleError`."""
    rules = all_rules()
    found = [code for code in _named(word, rules) if word.upper() == code or rules[code].name == word.lower()]
    if not found:
        raise UnknownRuleError(f"{word} is a family of rules, not one rule")
    return rules[found[0]]


def _of_codes(chosen: Sequence[str], ignored: Sequence[str]) -> dict[str, Rule]:
    """Return the rules of the families that a selection names, if it names codes alone, and all of them are there."""
    words = [*chosen, *ignored]
    if not chosen or not all(_CODE.fullmatch(word) for word in words):
        return {}
    _load("statecheck.validators", {word[0].upper() for word in words})
    known = {*_rules, *_families}
    return _sorted(_rules) if all(word.upper() in known for word in words) else {}


def _named(word: str, rules: dict[str, Rule]) -> set[str]:
    found = {
        code
        for code, each in rules.items()
        if word.upper() in (code, code[0]) or word.lower() in (each.name, _families[code[0]].name)
    }
    if found:
        return found
    from difflib import get_close_matches

    known = [*rules, *(each.name for each in rules.values()), *_families]
    near = get_close_matches(word, known, 1) or get_close_matches(word.upper(), known, 1)
    hint = f"; did you mean {near[0]}?" if near else "; `statecheck rules` lists them"
    raise UnknownRuleError(f"there is no rule {word!r}{hint}")


def _sorted(rules: dict[str, Rule]) -> dict[str, Rule]:
    return dict(sorted(rules.items(), key=lambda item: (_rank(item[0]), item[0])))


def _rank(code: str) -> int:
    return "SLDTMXW".find(code[0])


def _load(package: str, letters: Collection[str] | None = None) -> None:
    """Import the modules of a package, each once; with `letters`, only those of these families.

    Rules and fixers register themselves.
    """
    if package in _loaded:
        return
    if letters is None:
        _loaded.add(package)
    found = importlib.import_module(package)
    for name in sorted(_names(found)):
        module = importlib.import_module(f"{package}.{name}")
        family = getattr(module, "FAMILY", None)
        if isinstance(family, Family):
            _families[family.letter] = family
        if hasattr(module, "__path__") and (letters is None or family is None or family.letter in letters):
            _load(module.__name__)


def _names(package: ModuleType) -> Iterable[str]:
    """Yield the modules of a package. Its folder is read as it is: `pkgutil` needs longer than most of them."""
    for folder in package.__path__:
        if not os.path.isdir(folder):  # in an archive
            from pkgutil import iter_modules

            yield from (info.name for info in iter_modules([folder]))
            continue
        for entry in os.scandir(folder):
            stem, _, suffix = entry.name.partition(".")
            if (suffix == "py" and stem != "__init__") or os.path.isfile(os.path.join(entry.path, "__init__.py")):
                yield stem
