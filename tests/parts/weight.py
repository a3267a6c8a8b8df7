"""How much memory this process has."""

from __future__ import annotations

import gc
import os
from pathlib import Path

MOST_GROWTH = 64 * 1024 * 1024


def resident() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
