"""Second statements about a recording's end, for when the first one may have been cut short in silence."""

from __future__ import annotations

import contextlib
import functools

from qa_player.errors import UnexpectedAnswerError
from qa_player.media.holdings import Holdings
from qa_player.media.judging import Identity, Ruling, disagreement, judge, strong
from qa_player.media.patience import Setback
from qa_player.media.receiving import InThread, Replaced, Stream
from qa_player.media.source import RecordingSource


async def confirm_length(source: RecordingSource, stream: Stream, known: Identity) -> bool:
    """Ask for the byte behind the last: whether the length was confirmed. Raises Setback when it is contradicted."""
    total = known.total or 0
    answer = await stream.wait_for(source.read(total, None, known.etag))
    try:
        ruling = judge(answer, start=total, known=known)
        if ruling is Ruling.WHOLE and answer.total is None:
            return False
        if ruling is Ruling.PART or (ruling is Ruling.WHOLE and answer.total != total):
            raise Setback(disagreement(), identity=(strong(answer.etag), answer.total))
        return True
    finally:
        await answer.aclose()


async def confirm_bytes(source: RecordingSource, stream: Stream, holdings: Holdings, in_thread: InThread) -> None:
    """Fetch all of it a second time and compare; raises Setback when it broke off, Replaced when it differs."""
    total = holdings.total or 0
    answer = await stream.wait_for(source.read(0, None, None))
    try:
        judge(answer, start=0, known=Identity(holdings.identity.etag))
        position = 0
        async with contextlib.aclosing(stream.pieces(answer.chunks)) as pieces:
            async for piece in pieces:
                if await in_thread(functools.partial(holdings.read_at, position, len(piece))) != piece:
                    raise Replaced
                position += len(piece)
    finally:
        await answer.aclose()
    if position != total:
        raise Setback(
            UnexpectedAnswerError(
                "The recording had another length each time it was fetched.",
                "Try again; ask the provider for its length.",
            ),
            weight=2,
        )
