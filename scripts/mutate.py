"""Change the code in small ways and see whether a test fails: `python scripts/mutate.py fixers --sample 10`.

The changes are cosmic-ray's, made one at a time in a copy in a temporary folder. Coverage says which tests run which
line, and each change is tried with the tests that run its line. What none of them notices is printed with its place.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib.util
import multiprocessing
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from coverage import CoverageData

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
TESTS = ["tests/test_cases.py", "tests/test_repair.py", "tests/test_plan.py"]
"""The tests that judge rules and repair; those that start other processes are too slow to run for each change."""

PYTEST = ["-x", "-q", "-p", "no:cacheprovider", "-o", "addopts="]
WARM = ["filelock", "hypothesis", "jsonschema", "jsonschema_rs", "markdown_it", "pydantic", "ruamel.yaml"]
"""What takes time to import and does not change: the tests of each change run in a process that has it already."""

NEIGHBOURS = ("fixers", "schemas", "validators")
"""The folders beside src/ that are installed inside the package."""


class Mutant(NamedTuple):
    """One change of a module."""

    line: int
    kind: str
    source: str


def main() -> int:
    """Try changes of the modules that are named; return 1 where one survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", nargs="+", help="modules, or folders of modules, of the project")
    parser.add_argument("--sample", type=int, help="try so many changes of each module; without it, all")
    parser.add_argument("--seed", type=int, default=0, help="another number chooses another sample")
    parser.add_argument("--most", type=int, help="try a change with so many tests at most; without it, with all")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="the tests that judge, instead of those of rules")
    parser.add_argument(
        "--record", type=Path, help="where to keep, and to look for, what says which test runs which line"
    )
    options = parser.parse_args()
    for name in WARM:
        importlib.import_module(name)
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        _copy(copy)
        record = options.record.resolve() if options.record else Path(folder) / "record"
        if not record.exists():
            _record(copy, record, options.tests)
        data = CoverageData(str(record))
        data.read()
        for module in _modules(options.path):
            survived += _try_module(copy, data, module, options)
    return 1 if survived else 0


def _copy(copy: Path) -> None:
    """Lay the package out as it is installed, so that neither the user's tree nor an installation is touched."""
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "build"))
    for name in NEIGHBOURS:
        (copy / "src/statecheck" / name).symlink_to(copy / name)


def _record(copy: Path, record: Path, tests: list[str]) -> None:
    """Run the tests on the code as it is, and write which of them runs which line."""
    started = time.monotonic()
    coverage = ["--cov=statecheck", "--cov-context=test", "--cov-report=", f"--cov-config={os.devnull}"]
    if not _passes(copy, ["-p", "pytest_cov.plugin", *coverage, *tests], None, COVERAGE_FILE=str(record)):
        record.unlink(missing_ok=True)
        raise SystemExit("the tests fail without any change")
    print(f"the tests without any change: {time.monotonic() - started:.0f} s", flush=True)


def _modules(names: list[str]) -> list[Path]:
    paths = [Path(name).resolve() for name in names]
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [file.relative_to(ROOT) for file in files]


def _try_module(copy: Path, data: CoverageData, module: Path, options: argparse.Namespace) -> int:
    """Try changes of one module, print those that survive and the count, and return how many survived."""
    source = (ROOT / module).read_text(encoding="utf-8")
    chance = random.Random(f"{options.seed} {module}")  # noqa: S311 - a sample, not a secret
    mutants = list(_mutants(source, chance))
    chosen = sorted(chance.sample(mutants, min(options.sample or len(mutants), len(mutants))))
    started, survived = time.monotonic(), 0
    for mutant in chosen:
        tests = _ordered(_tests(data, module, source, mutant.line), chance)[: options.most]
        if _survives(copy / module, source, mutant, copy, tests):
            survived += 1
            print(f"{module}:{mutant.line}: survived {len(tests)} tests: {mutant.kind}")
            print(_change(source, mutant.source), flush=True)
    took, killed = time.monotonic() - started, len(chosen) - survived
    print(
        f"{module}: {len(chosen)} of {len(mutants)} tried, {killed} killed, {survived} survived, {took:.0f} s",
        flush=True,
    )
    return survived


def _mutants(source: str, chance: random.Random) -> Iterator[Mutant]:
    """Yield one change for each place and kind of change; what only changes annotations is none."""
    plain, tree = _behaviour(source), get_ast(source)
    places: dict[tuple[tuple[int, int], str], list[tuple[str, int]]] = {}
    for name in sorted(plugins.operator_names()):
        operator = plugins.get_operator(name)
        # Identity of equal texts and numbers is chance; operators with arguments need names to put in.
        if operator.arguments() or name.endswith(("_Is", "_IsNot")):
            continue
        positions = (start for node in ast_nodes(tree) for start, _ in operator().mutation_positions(node))
        for occurrence, start in enumerate(positions):
            places.setdefault((start, name.partition("_")[0]), []).append((name, occurrence))
    for (start, _), changes in sorted(places.items()):
        name, occurrence = chance.choice(changes)
        changed = mutate_code(source, plugins.get_operator(name)(), occurrence)
        if changed and _behaviour(changed) not in (plain, None):
            yield Mutant(start[0], name.removeprefix("core/"), changed)


def _behaviour(source: str) -> str | None:
    """Return the syntax tree without annotations and the imports for them; None where it is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.If) and all(isinstance(each, ast.Import | ast.ImportFrom) for each in node.body):
            node.test = ast.Constant(None)
    return ast.dump(tree)


def _tests(data: CoverageData, module: Path, source: str, line: int) -> list[str]:
    """Return the tests that run the statement on a line, those first that run most of the module.

    Where importing the module runs it, they are those of the whole module.
    """
    measured = next((file for file in data.measured_files() if Path(file).match(module.as_posix())), None)
    contexts = data.contexts_by_lineno(measured) if measured else {}
    first, last = _statement(source, line)
    found = {each for at in range(first, last + 1) for each in contexts.get(at, [])}
    if "" in found and not found - {""}:
        found = {each for some in contexts.values() for each in some}
    reach = Counter(each for some in contexts.values() for each in some)
    return [each.partition("|")[0] for each in sorted(found - {""}, key=lambda each: (-reach[each], each))]


def _ordered(tests: list[str], chance: random.Random) -> list[str]:
    """Take tests by turns from the head and by chance: the head knows the module best, neighbours fail alike."""
    others = chance.sample(tests, len(tests))
    return list(dict.fromkeys(each for pair in zip(tests, others, strict=True) for each in pair))


def _statement(source: str, line: int) -> tuple[int, int]:
    """Return the first and last line of the innermost statement on a line; of a loop or branch, of its head."""
    best = (1, len(source.splitlines()))
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt):
            continue
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        last = node.end_lineno or first
        if isinstance(node, ast.If | ast.For | ast.While | ast.With):
            last = max(node.lineno, node.body[0].lineno - 1)
        if first <= line <= last and last - first <= best[1] - best[0]:
            best = (first, last)
    return best


def _survives(target: Path, source: str, mutant: Mutant, copy: Path, tests: list[str]) -> bool:
    """Say whether the tests pass with the change; a run that takes far too long hangs, and has noticed it."""
    if not tests:
        return True
    _keep_cases(copy, tests)
    _write(target, mutant.source)
    try:
        return _passes(copy, tests, limit=30 + len(tests))
    finally:
        _write(target, source)


def _keep_cases(copy: Path, tests: list[str]) -> None:
    """Leave only the cases that are run: reading all of them takes longer than running a few."""
    shutil.rmtree(copy / "tests/cases", ignore_errors=True)  # there are none after tests without cases
    for test in tests:
        if found := re.search(r"test_(findings|fix)\[([A-Z]\d{3})-(.*)\]$", test):
            kind, code, name = found.groups()
            case = f"tests/cases/{code}/{name if kind == 'findings' else name.rpartition('-')[0]}.yaml"
            (copy / case).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / case, copy / case)


def _write(target: Path, source: str) -> None:
    target.write_text(source, encoding="utf-8")
    # Changes of one length within one second look the same to the interpreter's cache.
    Path(importlib.util.cache_from_source(str(target))).unlink(missing_ok=True)


def _passes(copy: Path, arguments: list[str], limit: float | None, **environment: str) -> bool:
    """Say whether pytest ends well in the copy, within the limit in seconds."""
    child = multiprocessing.get_context("fork").Process(target=_test, args=(copy, arguments, environment))
    child.start()
    child.join(limit)
    if child.is_alive():
        child.kill()
        child.join()
    return child.exitcode == 0


def _test(copy: Path, arguments: list[str], environment: dict[str, str]) -> None:
    """Run pytest in the copy, in this process, and end with its exit code."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.chdir(copy)
    os.environ |= {"PYTHONPATH": str(copy / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
    sys.path[:0] = [str(copy / "src")]
    sys.exit(pytest.main([*PYTEST, f"--basetemp={copy.parent / 'tests'}", *arguments]))


def _change(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(f"    {line}" for line in list(lines)[2:] if not line.startswith("@@"))


if __name__ == "__main__":
    sys.exit(main())
