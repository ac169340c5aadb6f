"""The pages of the rules, as data for those who show them."""

from __future__ import annotations

from statecheck.reporters.presentation import RulePage
from statecheck.rules import all_rules, families, fixers_for


def fix_tiers(code: str) -> str:
    """Return the safeties of a rule's fixes as the table writes them: ``safe, unsafe``, or ``–``."""
    return ", ".join(sorted({fixer.safety for fixer in fixers_for(code)})) or "–"


def rule_pages() -> tuple[RulePage, ...]:
    """Return the page of every rule."""
    return tuple(
        RulePage(
            code,
            rule.name,
            families()[code[0]].title,
            rule.severities,
            fix_tiers(code),
            rule.source,
            rule.summary,
            tuple(rule.page().items()),
        )
        for code, rule in all_rules().items()
    )
