"""Bodies while they arrive: read as they come over the wire, and let go of without leaving anything running."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import httpx

from qa_player.errors import QaPlayerError
from qa_player.providers.failures import RAISED, setback
from qa_player.providers.retry import Setback


async def whole(response: httpx.Response, *, largest: int) -> bytes | Setback | QaPlayerError:
    """The body, up to the piece that takes it past ``largest``, or what went wrong (returned, see `http`)."""
    body = bytearray()
    pieces = response.aiter_raw()
    try:
        async for piece in pieces:
            body += piece
            if len(body) > largest:
                await _let_go(response, pieces)
                break
    except RAISED as raised:
        return setback(raised)
    return bytes(body)


async def in_pieces(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body of a 200 or 206 as it arrives; what is said instead of a recording reaches nobody.

    Raises NetworkError when it breaks off; closing it half-read closes the line.
    """
    if response.status_code not in (200, 206):
        return
    outcome: Setback | QaPlayerError | None = None
    pieces = response.aiter_raw()
    try:
        async for piece in pieces:
            yield piece
    except GeneratorExit:
        await _let_go(response, pieces)
        raise
    except RAISED as raised:
        outcome = setback(raised)
    if outcome is not None:
        raise outcome.error if isinstance(outcome, Setback) else outcome


async def _let_go(response: httpx.Response, pieces: AsyncIterator[bytes]) -> None:
    # The library's iterators are generators in generators; one that is dropped half-way closes those inside it in
    # tasks of their own, some time later. On a closed line the innermost fails at once and all end here.
    await response.aclose()
    with contextlib.suppress(*RAISED):
        async for _ in pieces:
            pass
