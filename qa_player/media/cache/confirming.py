"""Second statements about a recording's end, for when the first one may have been cut short in silence."""

from __future__ import annotations

import contextlib
import functools

from qa_player.errors import UnexpectedAnswerError
from qa_player.media.cache.holdings import Holdings
from qa_player.media.cache.judging import Identity, Ruling, disagreement, judge, strong
from qa_player.media.cache.patience import Setback
from qa_player.media.cache.receiving import InThread, Replaced, Stream, first_bytes
from qa_player.media.source import RecordingSource


async def confirm_length(source: RecordingSource, stream: Stream, known: Identity) -> bool:
    """Ask for the last byte and all behind it: whether the length was confirmed. Raises Setback when contradicted."""
    last = (known.total or 1) - 1
    answer = await stream.answer(source.read(last, None, known.etag))
    try:
        ruling = judge(answer, start=last, known=known)
        if ruling is Ruling.WHOLE and answer.total not in (None, known.total):
            async with contextlib.aclosing(stream.pieces(answer.chunks)) as pieces:
                await first_bytes(pieces)  # a page says nothing about a recording's length
            raise Setback(disagreement(), identity=(strong(answer.etag), answer.total))
        if answer.total is None or ruling is Ruling.WHOLE:
            return answer.total is not None
        count = 0
        async with contextlib.aclosing(stream.pieces(answer.chunks)) as pieces:
            async for piece in pieces:
                count += len(piece)
                if count > 1:
                    raise Setback(disagreement())  # it has bytes behind the length that it states
        return count == 1
    finally:
        await answer.aclose()


async def confirm_bytes(source: RecordingSource, stream: Stream, holdings: Holdings, in_thread: InThread) -> None:
    """Fetch all of it a second time and compare; raises Setback when it broke off, Replaced when it differs."""
    total = holdings.total or 0
    answer = await stream.answer(source.read(0, None, None))
    try:
        judge(answer, start=0, known=Identity(holdings.identity.etag))
        position = 0
        async with contextlib.aclosing(stream.pieces(answer.chunks)) as pieces:
            piece: bytes | None = await first_bytes(pieces)  # a page is no other recording: what is held stays
            while piece:
                if await in_thread(functools.partial(holdings.read_at, position, len(piece))) != piece:
                    raise Replaced
                position += len(piece)
                piece = await anext(pieces, None)
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
