"""Floods and slow clients: nobody but a carrier costs more than a moment (W2)."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

import numpy as np
import pytest

from parts.loop import wait_until
from parts.switchboard import UPGRADE, Switchboard, signed
from parts.weight import MOST_GROWTH, resident
from qa_player.demo.carrier import CallSound
from qa_player.live.line import Bucket, Limits

TEXT, CONTINUATION, PING = 0x1, 0x0, 0x9
MASK = b"\x00\x00\x00\x00"


def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """One masked frame, by hand."""
    head = bytes([(0x80 if fin else 0) | opcode])
    if len(payload) < 126:
        return head + bytes([0x80 | len(payload)]) + MASK + payload
    if len(payload) < 65_536:
        return head + bytes([0x80 | 126]) + struct.pack(">H", len(payload)) + MASK + payload
    return head + bytes([0x80 | 127]) + struct.pack(">Q", len(payload)) + MASK + payload


async def dialled(board: Switchboard, call_id: str, **more: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A line that was let in."""
    invitation = await board.expect(call_id)
    path = invitation.service_url.partition("//")[2].partition("/")[2]
    host, _, port = board.place.listening.rpartition(":")
    offered = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    headers = {"Host": board.place.listening, **UPGRADE, **offered, **signed(invitation.service_url), **more}
    reader, writer = await asyncio.open_connection(host, int(port))
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"GET /{path} HTTP/1.1\r\n{told}\r\n".encode())
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    assert b" 101 " in answer
    assert b"extensions" not in answer.lower()
    return reader, writer


async def poured(writer: asyncio.StreamWriter, pieces: AsyncIterator[bytes]) -> None:
    """Send until the relay has had enough."""
    with contextlib.suppress(OSError):
        async for piece in pieces:
            writer.write(piece)
            await writer.drain()
    writer.close()


async def again(piece: bytes, times: int) -> AsyncIterator[bytes]:
    for _ in range(times):
        yield piece
        await asyncio.sleep(0)


FLOODS = {
    "tiny frames": (frame(TEXT, b"{}") * 100, 10_000, "messages"),
    "a ping after the other": (frame(PING, b"x") * 100, 10_000, "messages"),
    "fragments without end": (frame(CONTINUATION, b"x" * 100, fin=False), 5_000, "rules of the line"),
    "one frame of a mebibyte": (frame(TEXT, b"x" * (1 << 20)), 1, "rules of the line"),
    "frames without a mask": (b"\x81\x02{}", 1, "rules of the line"),
    "packed frames": (bytes([0xC1, 0x82]) + MASK + b"{}", 1, "rules of the line"),
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_a_flood_is_hung_up_on_and_leaves_memory_and_loop_alone(board: Switchboard, flood: str) -> None:
    piece, times, reason = FLOODS[flood]
    _, writer = await dialled(board, "call-1")
    if flood == "fragments without end":
        writer.write(frame(TEXT, b"x", fin=False))
    before = resident()
    await poured(writer, again(piece, times))
    await wait_until(lambda: not board.desk.live.calls, timeout=20)
    assert resident() - before < MOST_GROWTH
    capture = await board.desk.live.captures.named("call-1")
    assert reason in capture.end_reason
    # and the next call is received as if nothing had been
    tone = (np.sin(np.arange(8_000) / 5) * 9_000).astype(np.int16)
    invitation = await board.expect("call-2")
    await board.call(invitation, "call-2", CallSound(tone, tone, 8_000))
    await wait_until(lambda: not board.desk.live.calls)
    assert np.array_equal((await board.desk.live.sound("call-2", 0, 1_000))[1][:, 0], tone)


@pytest.mark.parametrize("count", [300, pytest.param(1_000, marks=pytest.mark.nightly)])
async def test_half_open_lines_make_room_for_the_carrier(board: Switchboard, count: int) -> None:
    host, _, port = board.place.listening.rpartition(":")
    before = resident()
    held = []
    for number in range(count):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /live/" + (b"x" * (number % 50)))
        held.append((reader, writer))
    reader, writer = await dialled(board, "call-1")
    writer.close()
    await wait_until(lambda: not board.desk.live.calls)
    assert resident() - before < MOST_GROWTH
    assert (await board.desk.live.captures.named("call-1")).end_reason == "the line broke"
    for _, one in held:
        one.close()


async def test_no_more_lines_than_the_limit_are_received(board: Switchboard) -> None:
    await board.desk.live.stop_serving()
    board.place = await board.desk.live.serve(limits=Limits(streams=2))
    lines = [await dialled(board, f"call-{number}") for number in range(2)]
    invitation = await board.expect("call-3")
    assert await board.knock(invitation.service_url, signed(invitation.service_url)) == 403
    lines[0][1].close()
    await wait_until(lambda: len(board.desk.live.calls) == 1)
    assert await board.knock(invitation.service_url, signed(invitation.service_url)) == 101
    lines[1][1].close()


async def test_lines_that_say_nothing_are_hung_up_on(board: Switchboard) -> None:
    await board.desk.live.stop_serving()
    board.place = await board.desk.live.serve(limits=Limits(idle_s=0.3, head_s=0.3))
    reader, writer = await dialled(board, "call-1")
    writer.write(frame(TEXT, b"x", fin=False))
    await wait_until(lambda: not board.desk.live.calls)
    assert (await board.desk.live.captures.named("call-1")).end_reason == "nothing came for a minute"
    host, _, port = board.place.listening.rpartition(":")
    silent, other = await asyncio.open_connection(host, int(port))
    assert await asyncio.wait_for(silent.read(), 5) == b""
    for one in (writer, other):
        one.close()
    assert reader.at_eof() or await reader.read() is not None


def test_a_bucket_takes_bursts_and_no_floods() -> None:
    now = [0.0]
    bucket = Bucket(10, 100, lambda: now[0])
    assert sum(bucket.takes(1) for _ in range(200)) == 100
    now[0] += 100
    assert bucket.takes(50)
    limits = Limits()
    # forty seconds of both sides that a carrier kept while the line was away come in one go
    assert limits.messages_at_once > 40 * 100
    assert limits.bytes_at_once > 40 * 100 * 1_300
    assert limits.messages_per_s > 2 * 100
