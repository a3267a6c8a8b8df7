"""The digest of a recording's plain bytes, chunk by chunk, in a thread that can be told to stop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

Progress = Callable[[int], None]
"""Told how many bytes are done, in the thread that does them; what it raises ends the work."""


def digest_of(chunks: Iterable[bytes], progress: Progress) -> str:
    """SHA-256 in hex."""
    digest = hashlib.sha256()
    done = 0
    for chunk in chunks:
        digest.update(chunk)
        done += len(chunk)
        progress(done)
    return digest.hexdigest()
