"""What is shipped is what is there: the wheel against the disk, the packages list against the folders."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from harness import ROOT

from statecheck import __version__

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAPPED = {
    "src/statecheck": "statecheck",
    **{name: f"statecheck/{name}" for name in ("validators", "fixers", "schemas")},
}


def _on_disk() -> set[str]:
    found = set()
    for folder, package in MAPPED.items():
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".json", ".toml", ".typed") and "__pycache__" not in path.parts:
                found.add(f"{package}/{path.relative_to(ROOT / folder).as_posix()}")
    return found


def test_every_folder_is_a_package() -> None:
    folders = {Path(name).parent.as_posix().replace("/", ".") for name in _on_disk()}
    assert folders == set(PROJECT["tool"]["setuptools"]["packages"])
    assert all(f"{folder.replace('.', '/')}/__init__.py" in _on_disk() for folder in folders)


def test_versions_agree() -> None:
    assert PROJECT["project"]["version"] == __version__
    assert (
        f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()
        or "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()
    )


@pytest.mark.parametrize("name", ["validators", "fixers", "schemas"])
def test_only_statecheck_is_importable(name: str, tmp_path: Path) -> None:
    program = f"import importlib.util as u; print(u.find_spec({name!r}), u.find_spec('statecheck.{name}') is not None)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["None", "True"]


@pytest.mark.slow
def test_wheel_holds_what_is_on_disk(tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(["git", "-c", "safe.directory=*", "clone", "-q", str(ROOT), str(source)], check=True)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        ["cp", "-r", *(str(ROOT / each) for each in ("src", "validators", "fixers", "schemas")), str(source)],
        check=True,
    )
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(source)]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
        assert shipped == _on_disk()
        metadata = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
        assert "check-state = statecheck.cli.scripts:check_state" in wheel.read(metadata).decode()
