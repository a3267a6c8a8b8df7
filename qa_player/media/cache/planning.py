"""Which bytes to ask for next: what somebody waits for, then what lies behind it, then the holes that were left."""

from __future__ import annotations

from dataclasses import dataclass

from qa_player.media.cache.chunk_file import CHUNK
from qa_player.media.cache.holdings import Holdings

JUMP_BYTES = 256 * 1024
"""A byte this far ahead is waited for; one that lies further is asked for."""

_FIRST_BYTES = 8 * CHUNK
"""How much a jump asks for at first: a demuxer that looks around soon jumps again."""

_SEAM_BYTES = 1024
"""How much of what is held is asked for again where no validator ties the pieces together."""


@dataclass(frozen=True)
class Plan:
    """A request for [start, end); null end: to the end."""

    start: int
    end: int | None


def next_plan(holdings: Holdings, *, position: int, jumps: bool) -> Plan | None:
    """The next request after one that came as far as ``position``; null when nothing is missing.

    ``jumps`` says whether ranges are served. The first request of all begins at zero: nothing is kept of a recording
    before its first bytes were seen to be sound.
    """
    with holdings.condition:
        wanted = holdings.waits_for() if jumps else None
        aimed = wanted is not None and not 0 <= wanted - position <= JUMP_BYTES
        begin = wanted if aimed and wanted is not None else position
        gap = holdings.gap(0) if holdings.at(0) is None else holdings.gap(begin) or holdings.gap(0)
        if gap is None:
            return None
        start, end = gap
        if aimed:
            end = start + _FIRST_BYTES if end is None else min(end, start + _FIRST_BYTES)
        if holdings.identity.etag is None and start > 0:
            start -= _seam_before(holdings, start)
            end = None if end is None else end + _SEAM_BYTES
        if end is not None and holdings.total is not None and end >= holdings.total:
            end = None
        return Plan(start, end)


def _seam_before(holdings: Holdings, start: int) -> int:
    in_memory = start % CHUNK
    if in_memory:
        return min(_SEAM_BYTES, in_memory)
    return _SEAM_BYTES if holdings.on_disk.end_of(start - 1) >= start else 0


def misses(holdings: Holdings, plan: Plan, *, position: int) -> bool:
    """Whether somebody waits for a byte that the answer to ``plan``, come to ``position``, will not bring soon."""
    with holdings.condition:
        wanted = holdings.waits_for()
    if wanted is None:
        return False
    beyond = plan.end is not None and wanted >= plan.end
    return beyond or not 0 <= wanted - position <= JUMP_BYTES
