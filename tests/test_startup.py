"""What a clean run imports: nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from harness import write

CLEAN = {
    ".iterative-work/x/state.json": '{"task": "x", "slug": "x", "created": "2026-01-01T00:00:00Z",'
    ' "updated": "2026-01-01T00:00:00Z", "domain": "writing", "phase": "discover"}',
    ".iterative-work/x/progress.md": "# Progress Log\n",
    ".iterative-work/x/guardrails.md": "# Guardrails\n\n## Quote\n\n- **Context:** a\n- **Problem:** b\n",
}
PROGRAM = """
import sys
from statecheck.cli import check_state
code = check_state([])
print(sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("library", ["jsonschema", "pydantic", "ruamel", "markdown_it", "imagesize", "referencing"])
def test_a_clean_run_does_not_import(library: str, folder: Path) -> None:
    write(folder, CLEAN)
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "1 workspace" in done.stdout) == (0, True), done.stderr
    assert f"'{library}'" not in done.stderr
    assert "'jsonschema_rs'" in done.stderr
