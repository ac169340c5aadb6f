"""What CI may not skip."""

from __future__ import annotations

import os

import pytest
from harness import SHARED

TESTS_ON_REAL_FILES = 130


@pytest.mark.skipif(not os.environ.get("CI"), reason="a user's machine need not have the collected files")
def test_the_tests_on_real_files_run(request: pytest.FixtureRequest) -> None:
    marked = [item for item in request.session.items if item.get_closest_marker("corpus")]
    assert len(marked) >= TESTS_ON_REAL_FILES
    for name in ("corpus", "spec"):
        assert (SHARED / name).is_dir(), f"{SHARED / name} must be there in CI: its tests would all be skipped"
