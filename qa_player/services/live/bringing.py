"""Frame logs as sessions: what was received elsewhere, kept and heard as if it had come over the relay."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from qa_player.errors import UsageError
from qa_player.model.live import ByteOrder, Capture, CaptureState, Codec, StreamWish
from qa_player.services.live.captures import Captures
from qa_player.services.live.summing import summed

if TYPE_CHECKING:
    from qa_player.live.received import Received
    from qa_player.store.database import Transaction

FLUSHED_EVERY = 2_000


async def bring_log(captures: Captures, path: Path, *, call_id: str | None, order: ByteOrder) -> Capture:
    """Import a log; returns its capture, which has ended. Raises UsageError, StorageError, DiskFullError."""
    from qa_player.live.frame_log import first_start
    from qa_player.live.received import Received
    from qa_player.store import live

    start = await asyncio.to_thread(first_start, path)
    named = (call_id or start.call_id or start.stream_id or path.stem)[:480]
    if not named.isprintable():
        raise UsageError("The call's id in the log cannot be used.", "Name one with --call-id.")
    codec = Codec.MULAW if "mulaw" in start.encoding else Codec.L16_8K
    codec = Codec.L16_16K if codec is Codec.L16_8K and start.sample_rate == 16_000 else codec
    now = captures.trail.now()

    def begin(transaction: Transaction) -> tuple[Capture, bytes]:
        capture = Capture(
            session_id=live.free_session_id(transaction, named),
            connection="",
            provider="",
            call_id=named,
            wish=StreamWish(codec=codec),
            state=CaptureState.RECEIVING,
            began_at=now,
            byte_order=order,
            imported=True,
        )
        return capture, captures.begun(transaction, capture, "live.imported")

    capture, key = await captures.database.write(begin)
    try:
        received = Received(await captures.journal(capture, key), codec, "")
        received.order = order
        captures.receiving[capture.session_id] = received
        await asyncio.to_thread(_read_in, received, path)
    except BaseException:
        await asyncio.shield(captures.destroy(capture.session_id))
        raise
    finally:
        captures.receiving.pop(capture.session_id, None)
    over = {"state": CaptureState.ENDED, "ended_at": now, "end_reason": "imported from a log of frames"}
    ended = summed(capture, received).model_copy(update=over)
    await captures.ended(ended)
    return ended


def _read_in(received: Received, path: Path) -> None:
    from qa_player.live.frame_log import messages

    at_ms = 0
    for number, (message, at_ms) in enumerate(messages(path)):
        received.take(message, at_ms)
        if number % FLUSHED_EVERY == 0 and received.journal.turn():
            received.journal.flush()
    received.finish(at_ms)
    if received.journal.turn():
        received.journal.flush()
