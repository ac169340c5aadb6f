"""What a project wants of its rules: what is not looked at, what is left out where, and how severe a finding is."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from statecheck.tuples import NamedTuple
from statecheck.workspaces import KINDS

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from statecheck.findings import Severity
    from statecheck.workspaces import Kind


class Policy(NamedTuple):
    """What a project configures; without arguments, nothing. Paths are relative to the root of the run.

    `exclude` are patterns of what is not looked at, `ignores` patterns with the codes that are left out there,
    `severities` those that take the place of the rules' own, `schemas` paths by the name of the bundled schema that
    they take the place of; `strict` says that warnings fail; `kinds` are the kinds of workspace that are looked for.
    """

    exclude: tuple[re.Pattern[str], ...] = ()
    ignores: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = ()
    severities: Mapping[str, Severity] = MappingProxyType({})
    schemas: Mapping[str, str] = MappingProxyType({})
    strict: bool = False
    kinds: tuple[Kind, ...] = KINDS

    def excludes(self, path: str) -> bool:
        """Say whether a file or folder is not looked at."""
        return any(each.fullmatch(path) for each in self.exclude)

    def leaves_out(self, code: str, path: str) -> bool:
        """Say whether a rule is not to speak of a file or folder."""
        return self.excludes(path) or any(code in codes and each.fullmatch(path) for each, codes in self.ignores)

    def softens(self, code: str) -> bool:
        """Say whether findings of a rule are left out somewhere, or have another severity."""
        return code in self.severities or any(code in codes for _, codes in self.ignores)
