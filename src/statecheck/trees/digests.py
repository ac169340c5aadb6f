"""Digests of content: what git calls it by, and what stands for it.

Most files are small, and for these the digests that Python brings along are as fast as those of OpenSSL, whose loading
takes as long as to judge a workspace.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b  # type: ignore[import-not-found,unused-ignore]
    from _sha1 import sha1  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # another Python
    from hashlib import blake2b, sha1

LARGE = 2**16
"""Bytes from which on OpenSSL is so much faster that its loading pays."""


def blob_id(data: bytes | memoryview, digits: int = 40) -> str:
    """Return the object id of the blob with some content: 40 digits of a SHA-1, or 64 of a SHA-256."""
    if digits == 64 or len(data) > LARGE:
        import hashlib

        digest = hashlib.sha256() if digits == 64 else hashlib.sha1(usedforsecurity=False)
    else:
        digest = sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest()


def is_blob(data: bytes | memoryview, oid: str) -> bool:
    """Say whether content is that of the blob with this object id."""
    return blob_id(data, len(oid)) == oid


def digest_of(content: bytes) -> bytes:
    """Return a digest of content that nobody can find another one for."""
    return blake2b(content, digest_size=20).digest()
