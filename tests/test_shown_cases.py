"""What the pages of the rules show of a case is what check-state says of it.

`STATECHECK_WRITE_SHOWN=1 python -m pytest -n 0 tests/test_shown_cases.py` writes `docs/rules/shown.json` anew, from
which `scripts/generate.py` then makes the pages.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from harness import NOW, ROOT, Commands, make_repository, write
from ruamel.yaml import YAML

from statecheck.rules import all_rules

SHOWN = ROOT / "docs" / "rules" / "shown.json"
CASES = Path(__file__).parent / "cases"
WRITES = bool(os.environ.get("STATECHECK_WRITE_SHOWN"))


def _smallest(code: str) -> tuple[Path, dict[str, Any]] | None:
    """Return the case that is shown of a rule: the smallest of plain text that breaks it, if it can be this alone."""
    found = []
    worst = all_rules()[code].severities[0]
    for path in sorted((CASES / code).glob("*.yaml")):
        case: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        contents = [*case.get("files", {}).values(), *case.get("base", {}).values()]
        plain = all(content is None or isinstance(content, str) for content in contents)
        usual = not {"stage", "unverified"} & set(case) and case.get("arguments", ["--select"])[:-1] in (
            [],
            ["--select"],
        )
        if plain and usual and any(each.startswith(code) for each in case["expect"]):
            alone = len(case["expect"]) == 1 and case["expect"][0].startswith(f"{code} {worst} ")
            found.append((not alone, len(str(case)), path, case))
    return min(found, key=lambda each: each[:2])[2:] if found else None


@pytest.mark.parametrize("code", all_rules())
def test_what_the_page_shows_is_what_is_said(code: str, folder: Path, commands: Commands) -> None:
    chosen = _smallest(code)
    if chosen is None:
        assert code not in json.loads(SHOWN.read_text(encoding="utf-8"))
        return
    path, case = chosen
    if case.get("git") or "base" in case:
        make_repository(folder, case.get("base"))
    write(folder, case.get("files", {}))
    outcome = commands.check("--select", code, "-v", now=case.get("now", NOW))
    said = {"case": path.name, "says": outcome.out.splitlines()}
    shown = json.loads(SHOWN.read_text(encoding="utf-8")) if SHOWN.exists() else {}
    if WRITES:
        text = json.dumps(dict(sorted({**shown, code: said}.items())), indent=2, ensure_ascii=False)
        SHOWN.write_text(f"{text}\n", encoding="utf-8")
    else:
        assert shown.get(code) == said, "see how this module writes it anew"


def test_nothing_else_is_shown() -> None:
    assert set(json.loads(SHOWN.read_text(encoding="utf-8"))) <= set(all_rules())
