"""Calls as they are received: what was sent is what is kept, under one id before and after the end."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from parts.loop import wait_until
from parts.switchboard import DIALECTS, TOKEN, Switchboard, signed
from qa_player.demo.carrier import CallSound, Carrier, Stream
from qa_player.demo.voice import mulaw
from qa_player.errors import NotFoundError, NotReadyError, UsageError
from qa_player.live.samples import Format, decode
from qa_player.model.live import ByteOrder, CaptureState, Codec, StreamState
from qa_player.model.recording import RecordingState
from qa_player.model.session import SessionState
from qa_player.providers.base import SessionQuery


def voices(frames: int, seed: int, rate: int = 8_000) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    clock = np.arange(frames * rate // 50) / rate
    sides = [np.sin(2 * np.pi * (170 + 37 * seed + 11 * side + 30 * clock) * clock) * 8_000 for side in (0, 1)]
    return sides[0].astype(np.int16), sides[1].astype(np.int16)


def spoken(frames: int = 100, seed: int = 1, codec: Codec = Codec.L16_8K, *, big: bool = True) -> CallSound:
    rate = codec.sample_rate
    return CallSound(*voices(frames, seed, rate), rate, codec.content_type, big)


def kept_of(sound: CallSound) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    if "mulaw" not in sound.content_type:
        return sound.inbound, sound.outbound
    steps = [decode(mulaw(side), Format(True, 8_000), big_endian=False) for side in (sound.inbound, sound.outbound)]
    return steps[0], steps[1]


async def over(board: Switchboard) -> None:
    await wait_until(lambda: not board.desk.live.calls, timeout=20)


async def one_call(board: Switchboard, call_id: str, sound: CallSound, provider: str = "vobiz", **how: object) -> None:
    invitation = await board.expect(call_id, provider)
    await board.call(invitation, call_id, sound, provider=provider, **how)  # type: ignore[arg-type]
    await over(board)


@pytest.mark.parametrize("calls", [1, 4, 16])
async def test_calls_at_once_are_kept_sample_for_sample(board: Switchboard, calls: int) -> None:
    sounds: dict[str, tuple[str, CallSound]] = {}
    for number in range(calls):
        provider = ("vobiz", "plivo")[number % 2]
        codec = list(Codec)[number % 3]
        sounds[f"call-{number}"] = provider, spoken(100, number, codec, big=number % 4 < 2)
    invitations = {
        call_id: await board.expect(call_id, provider, codec=list(Codec)[number % 3])
        for number, (call_id, (provider, _)) in enumerate(sounds.items())
    }
    await asyncio.gather(
        *(
            board.call(invitations[call_id], call_id, sound, provider=provider)
            for call_id, (provider, sound) in sounds.items()
        )
    )
    await over(board)
    listed = await board.desk.library.listing("live", SessionQuery(), limit=50)
    assert {session.session_id for session in listed} == set(sounds)
    for call_id, (_, sound) in sounds.items():
        detail = await board.desk.library.detail("live", call_id, fresh=True)
        assert detail.session.state is SessionState.READY
        assert detail.session.duration_ms == 2_000
        assert detail.session.metadata["frames lost"] == 0
        rate, heard = await board.desk.live.sound(call_id, 0, 2_000)
        assert rate == sound.rate
        for column, sent in enumerate(kept_of(sound)):
            assert np.array_equal(heard[:, column], sent), call_id


async def test_a_call_has_one_id_and_can_be_heard_while_it_goes_on(board: Switchboard, tmp_path: Path) -> None:
    live, library = board.desk.live, board.desk.library
    heard: list[int] = []
    levels: list[tuple[int, int]] = []
    changes: list[int] = []
    live.received.connect(lambda session_id, end_ms: heard.append(end_ms))
    live.levels_changed.connect(lambda session_id, inbound, outbound: levels.append((inbound, outbound)))
    live.calls_changed.connect(lambda: changes.append(len(live.calls)))
    sound = spoken(200)
    invitation = await board.expect("call-1")
    sending = asyncio.create_task(board.call(invitation, "call-1", sound, speed=2))
    await wait_until(lambda: heard and heard[-1] >= 1_500)
    assert [call.session_id for call in live.calls] == ["call-1"]
    rate, part = await live.sound("call-1", 500, 1_500)
    assert np.array_equal(part[:, 0], sound.inbound[rate // 2 : rate * 3 // 2])
    going_on = (await library.detail("live", "call-1", fresh=True)).session
    assert (going_on.state, going_on.recording_state) == (SessionState.IN_PROGRESS, RecordingState.PROCESSING)
    with pytest.raises(NotReadyError):
        await board.desk.recordings.fetch("live", "call-1", out=None, reason="", progress=lambda *_: None)
    await sending
    await over(board)
    assert changes == [1, 0]
    assert max(inbound for inbound, _ in levels) > 7_000
    ended = (await library.detail("live", "call-1")).session
    assert (ended.state, ended.started_at) == (SessionState.READY, going_on.started_at)
    out = tmp_path / "call.wav"
    await board.desk.recordings.fetch("live", "call-1", out=out, reason="", progress=lambda *_: None)
    with wave.open(str(out)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8_000, 2)
        body = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert np.array_equal(body[:, 0], sound.inbound)
    assert np.array_equal(body[:, 1], sound.outbound)


async def test_the_same_call_again_is_another_session(board: Switchboard) -> None:
    for _ in range(2):
        await one_call(board, "call-1", spoken(60))
    assert {capture.session_id for capture in await board.desk.live.captures.all()} == {"call-1", "call-1.2"}


async def test_a_line_that_breaks_ends_the_call_with_what_came(board: Switchboard) -> None:
    sound = spoken(100)
    told = list(Carrier(DIALECTS["vobiz"], TOKEN).messages(Stream("call-1", "s", "MA", ""), sound))

    def cut(messages: Iterator[str]) -> Iterator[str]:
        yield from told[:121]
        raise OSError("the carrier's process died")

    invitation = await board.expect("call-1")
    with pytest.raises(OSError, match="died"):
        await board.call(invitation, "call-1", sound, change=cut)
    await over(board)
    detail = await board.desk.library.detail("live", "call-1")
    assert detail.session.duration_ms == 1_200
    assert detail.session.metadata["frames"] == 120


async def test_a_stop_is_taken_for_the_end(board: Switchboard) -> None:
    def stopped(messages: Iterator[str]) -> Iterator[str]:
        yield from messages
        yield json.dumps({"event": "stop", "streamId": "s"})
        yield json.dumps({"event": "media", "media": {"payload": "AAAA"}})

    await one_call(board, "call-1", spoken(60), change=stopped)
    capture = await board.desk.live.captures.named("call-1")
    assert capture.end_reason == "the carrier ended the stream"
    assert capture.frames == 120


async def test_another_call_than_the_expected_one_is_cut_off(board: Switchboard) -> None:
    invitation = await board.expect("call-1")
    await board.call(invitation, "call-2", spoken(60))
    await over(board)
    capture = await board.desk.live.captures.named("call-1")
    assert "another call" in capture.end_reason
    assert capture.frames == 0
    assert (await board.desk.library.detail("live", "call-1")).session.state is SessionState.EMPTY


async def test_the_byte_order_can_be_set_and_is_audited(board: Switchboard) -> None:
    sound = spoken(100, big=False)
    await one_call(board, "call-1", sound)
    live = board.desk.live
    assert np.array_equal((await live.sound("call-1", 0, 2_000))[1][:, 0], sound.inbound)
    await live.captures.read_bytes_as("call-1", ByteOrder.BIG)
    assert np.array_equal((await live.sound("call-1", 0, 2_000))[1][:, 0], sound.inbound.byteswap())
    assert len(await board.desk.events("live.byte_order_set")) == 1


async def test_everything_about_a_call_is_in_the_trail(board: Switchboard) -> None:
    await one_call(board, "call-1", spoken(60))
    for action in ("live.relay_started", "live.expected", "live.admitted", "live.ended"):
        assert len(await board.desk.events(action)) == 1
    assert (await board.desk.audit.verify()).consistent


async def test_the_relay_that_stops_keeps_what_came(board: Switchboard) -> None:
    invitation = await board.expect("call-1")
    stop = threading.Event()
    sending = asyncio.create_task(board.call(invitation, "call-1", spoken(500), speed=1, stop=stop))
    await wait_until(lambda: board.desk.live.end_ms("call-1") > 1_000)
    await board.desk.live.stop_serving()
    stop.set()
    await sending
    capture = await board.desk.live.captures.named("call-1")
    assert (capture.state, capture.end_reason) == (CaptureState.ENDED, "the relay was stopped")
    assert (capture.duration_ms or 0) >= 1_000
    assert capture.lost == 0


@pytest.mark.parametrize("provider", ["vobiz", "plivo"])
async def test_status_callbacks_are_verified_and_heeded_once(board: Switchboard, provider: str) -> None:
    invitation = await board.expect("call-1", provider)
    address = invitation.status_callback_url
    body = b"Event=StartStream&CallUUID=call-1&StreamID=s-1&Timestamp=2026-11-21+10%3A00%3A00"
    fields = "CallUUIDcall-1EventStartStreamStreamIDs-1Timestamp2026-11-21 10:00:00"
    base = f"{address}?{fields}" if provider == "plivo" else address

    async def tell(headers: dict[str, str], body: bytes = body) -> int:
        return await board.knock(address, headers, method="POST", upgrade=False, body=body)

    good = signed(base, provider)
    assert await tell(signed(base, provider, token="another")) == 403
    assert await tell({**good, "Origin": "https://calls.example"}) == 403
    assert await tell({}) == 403
    if provider == "plivo":
        assert await tell(good, body.replace(b"StartStream", b"StopStream")) == 403
    assert await tell(good) == 200
    assert await tell(good) == 403, "it was replayed"
    known = await board.desk.live.streams.running()
    assert [(one.stream_id, one.state, one.events) for one in known] == [("s-1", StreamState.RUNNING, ("connected",))]


@pytest.mark.parametrize(
    ("event", "state", "word"),
    [
        ("StartStream", StreamState.RUNNING, "connected"),
        ("connected", StreamState.RUNNING, "connected"),
        ("StopStream", StreamState.STOPPED, "stopped"),
        ("stopped", StreamState.STOPPED, "stopped"),
        ("timeout", StreamState.STOPPED, "timeout"),
        ("DroppedStream", StreamState.FAILED, "failed"),
        ("failed", StreamState.FAILED, "failed"),
        ("DegradedStream", StreamState.RUNNING, "degraded"),
    ],
)
async def test_both_vocabularies_of_events_are_understood(
    board: Switchboard, event: str, state: StreamState, word: str
) -> None:
    from qa_player.store import live

    invitation = await board.expect("call-1")
    stream = Stream("call-1", "s-1", "MA", invitation.service_url, invitation.status_callback_url)
    carrier = Carrier(DIALECTS["vobiz"], TOKEN)
    assert await asyncio.to_thread(carrier.tell, stream, event) == 200
    known = await board.desk.database.read(lambda transaction: live.streams(transaction, "vobiz", "call-1"))
    assert [(one.state, one.events) for one in known] == [(state, (word,))]


async def test_a_callback_during_the_call_is_a_line_beside_it(board: Switchboard) -> None:
    await one_call(board, "call-1", spoken(60))
    turns = (await board.desk.library.detail("live", "call-1")).turns
    assert "the carrier says: connected" in [turn.text for turn in turns]


async def test_a_log_of_frames_becomes_a_session(board: Switchboard, tmp_path: Path) -> None:
    sound = spoken(100)
    told = list(Carrier(DIALECTS["plivo"], TOKEN).messages(Stream("call-9", "s", "MA", ""), sound))
    log = tmp_path / "frames.jsonl"
    log.write_text("\n".join(["", *told, "not a frame", ""]))
    capture = await board.desk.live.bring_log(log)
    assert (capture.session_id, capture.frames, capture.lost) == ("call-9", 200, 1)
    _, heard = await board.desk.live.sound("call-9", 0, 2_000)
    assert np.array_equal(heard[:, 0], sound.inbound)
    assert (await board.desk.library.detail("live", "call-9")).session.state is SessionState.READY


async def test_what_is_no_log_leaves_nothing_behind(board: Switchboard, tmp_path: Path) -> None:
    for content in (b"", b"\x00\xff" * 100, b"[]\n{}\n"):
        log = tmp_path / "x"
        log.write_bytes(content)
        with pytest.raises(UsageError):
            await board.desk.live.bring_log(log)
    with pytest.raises(UsageError):
        await board.desk.live.bring_log(tmp_path / "nowhere")
    assert await board.desk.live.captures.all() == ()


async def test_speaking_is_off_until_it_was_switched_on_for_that_call_and_is_audited(board: Switchboard) -> None:
    speaking = board.desk.live.speaking
    said: list[str] = []
    one_way, both_ways = await board.expect("call-1"), await board.expect("call-2", bidirectional=True)
    calls = [
        asyncio.create_task(board.call(one_way, "call-1", spoken(150), speed=1)),
        asyncio.create_task(board.call(both_ways, "call-2", spoken(150), speed=1, heard=said.append)),
    ]
    await wait_until(lambda: len(board.desk.live.calls) == 2)
    words = voices(10, 5)[0]
    with pytest.raises(UsageError, match="one way"):
        await speaking.switch("call-1", on=True)
    with pytest.raises(UsageError, match="off"):
        await speaking.say("call-2", words)
    await speaking.switch("call-2", on=True)
    await speaking.say("call-2", words)
    await speaking.switch("call-2", on=False)
    with pytest.raises(UsageError, match="off"):
        await speaking.say("call-2", words)
    await asyncio.gather(*calls)
    await over(board)
    with pytest.raises(NotFoundError):
        await speaking.switch("call-2", on=True)
    played = [json.loads(message) for message in said]
    assert [message["event"] for message in played] == ["playAudio"]
    heard = decode(base64.b64decode(played[0]["media"]["payload"]), Format(True, 8_000), big_endian=False)
    assert np.abs(heard.astype(int) - words).max() <= 300
    assert len(await board.desk.events("live.speaking_on")) == len(await board.desk.events("live.speaking_off")) == 1
    turns = [turn.text for turn in (await board.desk.library.detail("live", "call-2")).turns]
    assert "speaking into the call was switched on" in turns
