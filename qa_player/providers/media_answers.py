"""Requests for a recording's bytes, and what came back without its address: the part that all doors share."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from qa_player.providers.addresses import Address
from qa_player.providers.base import MediaAnswer
from qa_player.providers.retry import Setback
from qa_player.providers.statuses import rate_limited

if TYPE_CHECKING:
    import httpx

    from qa_player.providers.door import HttpDoor

LARGEST_REFUSAL = 4 * 1024
"""How much of a refusal is read to learn its reason; nothing else of it is kept."""


def bytes_wanted(start: int, end: int | None, validator: str | None) -> dict[str, str]:
    """Headers that ask for bytes ``start`` up to, not including, ``end`` (null: to the end), as they are.

    >>> bytes_wanted(0, 100, None)["Range"], bytes_wanted(5, None, None)["Range"]
    ('bytes=0-99', 'bytes=5-')
    """
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    headers["Range"] = f"bytes={start}-" if end is None else f"bytes={start}-{end - 1}"
    return headers if validator is None else headers | {"If-Range": validator}


async def ask_bytes(door: HttpDoor, address: Address, headers: dict[str, str], *, keyed: bool) -> httpx.Response:
    """The answer, its body still unread; what it means, and what is waited for, is the cache's to judge.

    Raises RateLimitedError with the pause that is left while the origin wants to be left alone, NetworkError and its
    other kinds, and where keys go along what renewing them raises.
    """
    left = door.http.pause_left_s(address)
    if left > 0:
        raise rate_limited(left)
    outcome = await door.exchange(address, headers, keyed=keyed)
    if isinstance(outcome, Setback):
        raise outcome.error
    pause_s = door.pause_asked_s(outcome)
    if pause_s is not None:
        door.http.keep_pause(address, pause_s)
    return outcome


async def first_bytes(response: httpx.Response) -> bytes:
    """What a refusal says, cut short; the answer is closed."""
    from qa_player.providers.bodies import whole

    said = await whole(response, largest=LARGEST_REFUSAL)
    await response.aclose()
    return said[:LARGEST_REFUSAL] if isinstance(said, bytes) else b""


def answer_of(response: httpx.Response, door: HttpDoor) -> MediaAnswer:
    """What ``door`` brought as the cache judges it."""
    from qa_player.providers.bodies import in_pieces

    stated = re.fullmatch(
        r"bytes (?:([0-9]{1,18})-[0-9]{1,18}|\*)/([0-9]{1,18}|\*)", response.headers.get("content-range", "").strip()
    )
    start, total = (stated[1], stated[2]) if stated is not None else (None, None)
    encoding = response.headers.get("content-encoding", "").strip().lower()
    encoded = encoding not in ("", "identity")
    length = response.headers.get("content-length", "")
    if stated is None and response.status_code == 200:
        start = "0"
        total = length if re.fullmatch("[0-9]{1,18}", length) and not encoded else None
    etag = response.headers.get("etag", "").strip()
    chunks = in_pieces(response)

    async def close() -> None:
        with contextlib.suppress(RuntimeError):  # somebody is waiting for a piece just now; the line is closed below
            await chunks.aclose()
        await response.aclose()

    return MediaAnswer(
        status=response.status_code,
        start=None if start is None else int(start),
        total=None if total in (None, "*") else int(total or 0),
        # a weak validator does not promise the same bytes (RFC 9110, 8.8.1)
        etag=etag if re.fullmatch(r'"[\x21\x23-\x7e]{0,500}"', etag) else None,
        mime=response.headers.get("content-type"),
        encoded=encoded,
        chunks=chunks,
        close=close,
        retry_after=door.pause_asked_s(response),
    )
