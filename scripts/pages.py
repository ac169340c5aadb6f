"""The pages of the site that are made from the code: one for each rule, their index, and the command line."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from statecheck.cli.commands import umbrella
from statecheck.cli.pages import fix_tiers
from statecheck.rules import all_rules, families

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = Path(__file__).resolve().parent.parent / "docs" / "rules" / "shown.json"
"""What check-state says of a case of each rule; `tests/test_shown_cases.py` writes it, and keeps it true."""

_ACTING = re.compile(r"(`+)(?:.*?)\1|[*<\\]|(?<![A-Za-z0-9])_", re.DOTALL)

_TITLES = {"positional arguments": "argument", "options": "option"}
"""What the tables say in the place of argparse's own words, which are not the same in each version of Python."""

_VERBS = {"check": "check-state", "fix": "fix-state"}


def rule_page(code: str) -> str:
    """Return the page of a rule: what ``statecheck explain`` shows, with headings."""
    rule = all_rules()[code]
    lines = [
        f"# {code} {rule.name}",
        "",
        _prose(rule.summary),
        "",
        "| family | severity | fix | source |",
        "|---|---|---|---|",
        f"| {code[0]}: {families()[code[0]].title} | {' or '.join(rule.severities)} | {fix_tiers(code)} "
        f"| {_prose(rule.source)} |",
    ]
    for heading, text in rule.page().items():
        body = f"```text\n{text}\n```" if heading == "Example" else _prose(text)
        lines += ["", f"## {heading}", "", body]
        if heading == "Example":
            lines += _shown_case(code)
    return "\n".join(lines) + "\n"


def _shown_case(code: str) -> list[str]:
    shown = json.loads(SHOWN.read_text(encoding="utf-8")).get(code)
    if shown is None:
        return []
    printed = ["```console", f"$ check-state --select {code}", *shown["says"], "```"]
    return ["", f"What check-state says of `tests/cases/{code}/{shown['case']}`:", "", *printed]


def rule_index() -> str:
    """Return the page that leads to the page of every rule."""
    lines = [
        "# Rules",
        "",
        "A code never changes its meaning. `statecheck rules` prints this list, `statecheck explain CODE` one page.",
    ]
    for letter, family in families().items():
        rules = [rule for code, rule in all_rules().items() if code[0] == letter]
        lines += ["", f"## {letter}: {family.title}", "", "| code | name | severity | fix | what holds |"]
        lines += ["|---|---|---|---|---|"]
        lines += [
            f"| [{rule.code}]({rule.code}.md) | {rule.name} | {' / '.join(rule.severities)} "
            f"| {fix_tiers(rule.code)} | {_prose(rule.summary)} |"
            for rule in rules
        ]
        lines += ["", "```{toctree}", ":hidden:", "", *(rule.code for rule in rules), "```"]
    return "\n".join(lines) + "\n"


def command_page() -> str:
    """Return the page of every command, with every option that its parser takes."""
    parser = umbrella()
    lines = ["# The command line", "", _prose(parser.description or "")]
    lines += [
        "`statecheck check` and `statecheck fix` are the same as the two verbs. `python -m statecheck` works, too.",
        "Each command takes `--help`, and then prints what stands here.",
        "",
        "| command | |",
        "|---|---|",
        *(
            f"| [`{_shown(name)}`](#{_shown(name).replace(' ', '-')}) | {_prose(_help_of(parser, name))} |"
            for name in _commands(parser)
        ),
    ]
    for name, each in _commands(parser).items():
        lines += ["", f"## {_shown(name)}", "", _prose(each.description or _help_of(parser, name))]
        for title, rows in _groups(each):
            lines += ["", f"| {title} | |", "|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _shown(name: str) -> str:
    return _VERBS.get(name, f"statecheck {name}")


def _subparsers(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    return next(each for each in parser._actions if isinstance(each, argparse._SubParsersAction))  # noqa: SLF001


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return dict(_subparsers(parser).choices)


def _help_of(parser: argparse.ArgumentParser, name: str) -> str:
    choices = _subparsers(parser)._choices_actions  # noqa: SLF001
    return next(each.help or "" for each in choices if each.dest == name)


def _groups(parser: argparse.ArgumentParser) -> Iterator[tuple[str, list[str]]]:
    """Yield the groups of a command's arguments with their rows, as its help has them; not what every command takes."""
    for group in parser._action_groups:  # noqa: SLF001
        actions = [each for each in group._group_actions if each.dest not in ("help", "version")]  # noqa: SLF001
        if actions:
            yield _TITLES.get(group.title or "", group.title or ""), [_row(each) for each in actions]


def _row(action: argparse.Action) -> str:
    value = action.metavar or action.dest.rpartition("_")[2].upper()
    takes = "" if action.nargs == 0 else f" {value}"
    names = [f"`{name}{takes}`" for name in action.option_strings] or [f"`{value}`"]
    words = [", ".join(f"`{each}`" for each in action.choices)] if action.choices else []
    return f"| {', '.join(names)} | {'; '.join(filter(None, [*words, _prose(action.help or '')]))} |"


def _prose(text: str) -> str:
    """Return a text of the code as Markdown that says the same: what would mark something is escaped."""
    return _ACTING.sub(lambda match: match.group() if match.group(1) else f"\\{match.group()}", text)
