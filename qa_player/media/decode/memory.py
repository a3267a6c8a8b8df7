"""A bound on what a recording can make the library take: a header of ten bytes may claim a hundred million samples.

The library keeps an entry for each sample that an mp4 claims, and trusts the claim. It has a bound of its own on any
one piece of memory, which PyAV does not offer; it is set here, once, before the first file is opened.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES_AT_ONCE = 128 * 2**20
"""The index of a day of sound at 48 kHz in mp4 takes 100 MB, and no other piece of a recording comes near."""


@functools.cache
def bound_memory() -> bool:
    """Let the library refuse any piece of memory above `MOST_BYTES_AT_ONCE`; whether its bound was found."""
    for library in _libraries():
        try:
            set_bound = ctypes.CDLL(str(library)).av_max_alloc
        except (OSError, AttributeError):
            continue
        set_bound.argtypes, set_bound.restype = [ctypes.c_size_t], None
        set_bound(MOST_BYTES_AT_ONCE)
        return True
    return False


def _libraries() -> Iterator[Path]:
    """Where the bound may be: what PyAV's own module is linked with, else the file that wheels bring along."""
    import av
    import av._core

    yield Path(av._core.__file__)
    package = Path(av.__file__).parent
    for folder in (package.with_name("av.libs"), package / ".dylibs", package):
        yield from sorted(folder.glob("*avutil*"))
