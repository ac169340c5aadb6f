"""The environment that is measured: this checkout as it is installed, and its peers, below `.benchmarks/`."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks.repository import isolated

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".benchmarks"
VENV = HOME / "venv"
PEERS = ("check-jsonschema", "pre-commit-hooks")
TOOLS = ("matplotlib", "psutil")
"""What the benchmarks themselves need."""

NODE_PEERS = ("@sourcemeta/jsonschema", "ajv-cli")
MODULES = HOME / "node_modules"


def inside() -> bool:
    """Say whether this process runs in the environment."""
    return Path(sys.prefix) == VENV


def build() -> None:
    """Make the environment, or bring it up to date: the checkout as a wheel, compiled, and all peers.

    Raises `CalledProcessError` where something cannot be installed. Without npm its peers are left out.
    """
    if not Path(script("pip")).exists():
        venv.create(VENV, clear=True, symlinks=True, with_pip=True)
    _pip("install", "--upgrade", *PEERS, *TOOLS)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info")
        shutil.copytree(ROOT, copy, ignore=ignored)
        _pip("wheel", "--no-deps", "--wheel-dir", folder, str(copy))
        (wheel,) = Path(folder).glob("*.whl")
        _pip("install", str(wheel))
        _pip("install", "--force-reinstall", "--no-deps", "--compile", str(wheel))
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not there: its peers are left out", file=sys.stderr)
        return
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(HOME), *NODE_PEERS]
    subprocess.run(command, check=True, env=isolated())


def enter(arguments: list[str]) -> None:
    """Go on as the benchmarks within the environment; this does not return."""
    python = str(VENV / "bin/python")
    os.chdir(ROOT)
    os.execve(python, [python, "-m", "benchmarks", *arguments], isolated())  # noqa: S606 - no shell is needed


def script(name: str) -> str:
    """Return the path of a console script of the environment."""
    return str(VENV / "bin" / name)


def sourcemeta() -> str | None:
    """Return the program of the peer written in C++, without the script of node before it, or None without it."""
    folder = MODULES / "@sourcemeta/jsonschema/build/github-releases"
    program = folder / f"jsonschema-{platform.system().lower()}-{platform.machine().lower()}"
    return str(program) if program.exists() else None


def ajv() -> str | None:
    """Return the program of the peer written in JavaScript, or None without it."""
    program = MODULES / ".bin/ajv"
    return str(program) if program.exists() else None


def _pip(*arguments: str) -> None:
    command = [script("python"), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, env=isolated())
