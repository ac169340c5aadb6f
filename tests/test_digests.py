"""Digests: those of OpenSSL, whatever has made them."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statecheck.trees import blob_id, digest_of, is_blob
from statecheck.trees.digests import LARGE

WITHOUT = """
import sys
sys.modules["_sha1"] = None
from statecheck.trees import blob_id
print(blob_id(b"abc"))
"""


@given(st.binary(max_size=200))
def test_a_digest_is_that_of_the_standard_library(content: bytes) -> None:
    assert digest_of(content) == hashlib.blake2b(content, digest_size=20).digest()


@pytest.mark.parametrize("size", [0, 1, LARGE, LARGE + 1])
@pytest.mark.parametrize(("digits", "name"), [(40, "sha1"), (64, "sha256")])
def test_the_id_of_a_blob_is_that_of_git(size: int, digits: int, name: str) -> None:
    content = b"x" * size
    expected = hashlib.new(name, b"blob %d\0" % size + content).hexdigest()
    assert blob_id(content, digits) == blob_id(memoryview(content), digits) == expected
    assert is_blob(content, expected)
    assert not is_blob(content + b"y", expected)


def test_a_python_without_digests_of_its_own_has_those_of_openssl() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f", done.stderr
