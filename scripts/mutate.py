"""Change the code in small ways and see whether the tests notice: `python scripts/mutate.py fixers --sample 40`.

The changes are cosmic-ray's. They are made in a copy in a temporary folder, one at a time; each is tried with the tests
that concern its module, and what these let pass with wider ones. What no test notices is printed with its place.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import functools
import importlib.util
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = {"src/statecheck": "", "fixers": "fixers", "schemas": "schemas", "validators": "validators"}
"""Where each folder of the project lies in the installed package."""

CASES = ("tests/test_cases.py", "-k", "test_findings or test_fix")
REPAIR = ("tests/test_repair.py", "tests/test_plan.py", "tests/test_edits.py")
REPAIR_TOO = ("tests/test_faults.py", "tests/test_damage.py", "tests/test_convergence.py")
SLACK = 3
"""How many times its usual time a test run may take before the change counts as noticed: it made the code hang."""


class Mutant(NamedTuple):
    """One change of a module."""

    line: int
    kind: str
    source: str


class Tests(NamedTuple):
    """A run of tests, and the codes whose cases are there for it."""

    arguments: tuple[str, ...]
    codes: frozenset[str]


def main() -> int:
    """Try the changes of the modules that are named; return 1 where one survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", nargs="+", help="modules, or folders of modules, below the project")
    parser.add_argument("--sample", type=int, help="try so many changes of each module; without it, all")
    parser.add_argument("--seed", type=int, default=0, help="choose another sample")
    options = parser.parse_args()
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        _copy(copy)
        for module in _modules(options.path):
            survived += _try_module(copy, module, options.sample, options.seed)
    return 1 if survived else 0


def _modules(names: list[str]) -> list[Path]:
    paths = [(Path.cwd() / name).resolve() for name in names]
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [file.relative_to(ROOT) for file in files]


def _copy(copy: Path) -> None:
    """Lay the project out as it is installed, so that neither the user's tree nor an installation is touched."""
    for source, target in INSTALLED.items():
        shutil.copytree(ROOT / source, copy / "statecheck" / target, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("tests", "examples", "scripts"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)


def _try_module(copy: Path, module: Path, sample: int | None, seed: int) -> int:
    """Try changes of one module, print those that survive and the count, and return how many survived."""
    source = (ROOT / module).read_text(encoding="utf-8")
    mutants = sorted(_mutants(source, random.Random(f"{seed} {module}")))  # noqa: S311 - a sample, not a secret
    chosen = random.Random(seed).sample(mutants, min(sample or len(mutants), len(mutants)))  # noqa: S311
    if not chosen:
        return 0
    started = time.monotonic()
    rounds = _tests(module)
    survived = 0
    target = _installed(copy, module)
    for mutant in sorted(chosen):
        if all(_passes(copy, tests, target, mutant.source) for tests in rounds):
            survived += 1
            print(f"{module}:{mutant.line}: survived {mutant.kind}\n{_change(source, mutant.source)}", flush=True)
    took = time.monotonic() - started
    killed = len(chosen) - survived
    print(
        f"{module}: {len(chosen)} of {len(mutants)} tried, {killed} killed, {survived} survived, {took:.0f} s",
        flush=True,
    )
    return survived


def _mutants(source: str, chance: random.Random) -> Iterator[Mutant]:
    """Yield one change for each place and kind of change; what only changes annotations is none."""
    plain = _behaviour(source)
    tree = get_ast(source)
    places: dict[tuple[tuple[int, int], str], list[tuple[str, int]]] = {}
    for name in sorted(plugins.operator_names()):
        operator = plugins.get_operator(name)
        # Identity of equal texts and numbers is chance; the two that take arguments need names to put in.
        if operator.arguments() or name.endswith(("_Is", "_IsNot")):
            continue
        positions = (start for node in ast_nodes(tree) for start, _ in operator().mutation_positions(node))
        for occurrence, start in enumerate(positions):
            places.setdefault((start, name.partition("_")[0]), []).append((name, occurrence))
    for (start, _), changes in sorted(places.items()):
        name, occurrence = chance.choice(changes)
        changed = mutate_code(source, plugins.get_operator(name)(), occurrence)
        if changed and _behaviour(changed) != plain:
            yield Mutant(start[0], name.removeprefix("core/"), changed)


def _behaviour(source: str) -> str:
    """Return the syntax tree of a module without what does nothing at run time: annotations."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.dump(tree)


def _tests(module: Path) -> list[Tests]:
    """Return the tests that concern a module: the near ones, then the wider ones."""
    if module.parts[0] == "src":
        return [Tests(REPAIR, frozenset()), Tests(REPAIR_TOO, frozenset())]
    near = _codes((ROOT / module).read_text(encoding="utf-8"))
    family = near or _codes("".join(each.read_text("utf-8") for each in (ROOT / module).parent.glob("*.py")))
    wide = {code for code in _all_codes() if code[0] in {each[0] for each in family}}
    return [Tests(CASES, frozenset(codes)) for codes in ([near, wide] if near else [wide])]


def _codes(text: str) -> set[str]:
    return set(re.findall(r'"([A-Z]\d{3})"', text)) & _all_codes()


def _all_codes() -> set[str]:
    return {path.name for path in (ROOT / "tests/cases").iterdir() if path.is_dir()}


def _installed(copy: Path, module: Path) -> Path:
    for source, target in INSTALLED.items():
        if module.is_relative_to(source):
            return copy / "statecheck" / target / module.relative_to(source)
    raise SystemExit(f"{module} is not part of the package")


def _write(target: Path, source: str) -> None:
    target.write_text(source, encoding="utf-8")
    # Changes of one length within one second look the same to the interpreter's cache.
    Path(importlib.util.cache_from_source(str(target))).unlink(missing_ok=True)


def _passes(copy: Path, tests: Tests, target: Path, changed: str) -> bool:
    limit = _limit(copy, tests)
    source = target.read_text(encoding="utf-8")
    _write(target, changed)
    try:
        return _run(copy, tests, limit)
    finally:
        _write(target, source)


@functools.cache
def _limit(copy: Path, tests: Tests) -> float:
    """Run tests on the code as it is, and return how long they may take."""
    started = time.monotonic()
    if not _run(copy, tests, None):
        raise SystemExit(f"these tests fail without any change: {tests.arguments} {sorted(tests.codes)}")
    return SLACK * (time.monotonic() - started)


def _run(copy: Path, tests: Tests, limit: float | None) -> bool:
    """Say whether the tests pass in the copy, within the limit in seconds."""
    _put_cases(copy, tests.codes)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--basetemp={copy.parent / 'tmp'}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    try:
        done = subprocess.run(
            [*command, *tests.arguments], cwd=copy, env=environment, capture_output=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _put_cases(copy: Path, codes: frozenset[str]) -> None:
    """Leave only the cases of these codes: reading all of them takes longer than running a few."""
    shutil.rmtree(copy / "tests/cases")
    (copy / "tests/cases").mkdir()
    for code in sorted(codes):
        (copy / "tests/cases" / code).symlink_to(ROOT / "tests/cases" / code)


def _change(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(f"    {line}" for line in list(lines)[2:] if not line.startswith("@@"))


if __name__ == "__main__":
    sys.exit(main())
