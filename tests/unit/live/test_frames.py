"""Carriers' frames as their documents show them, and what is no frame."""

from __future__ import annotations

import json

import pytest

from qa_player.live.frames import Event, Key, Media, Start, Unreadable, decoded, read_frame

PLIVO_START = """{"event": "start", "sequenceNumber": 1, "start": {"callId": "12345678-1234-1234-1234-123456789abc",
 "streamId": "87654321-4321-4321-4321-cba987654321", "accountId": "MAXXXXXXXXXXXXXXXXXX", "tracks": ["inbound"],
 "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000}},
 "extra_headers": "userId=12345;sessionId=abc-xyz"}"""
PLIVO_MEDIA = """{"event": "media", "sequenceNumber": 42, "streamId": "87654321-4321-4321-4321-cba987654321", "media":
 {"track": "inbound", "timestamp": "1705312200000", "chunk": 41, "payload": "fn5+fn5+fv8="}, "extra_headers": ""}"""
VOBIZ_START = """{"sequenceNumber": 0, "event": "start", "start": {"callId": "c-1", "streamId": "s-1", "accountId":
 "MA_X", "tracks": ["inbound", "outbound"], "mediaFormat": {"encoding": "audio/x-l16", "sampleRate": 16000}},
 "extra_headers": "{}"}"""
TWILIO_START = """{"event": "start", "sequenceNumber": "1", "start": {"accountSid": "AC1", "streamSid": "MZ1",
 "callSid": "CA1", "tracks": ["inbound"], "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000,
 "channels": 1}},
 "streamSid": "MZ1"}"""
TWILIO_MEDIA = """{"event": "media", "sequenceNumber": "3", "media": {"track": "outbound", "chunk": "1",
 "timestamp": "5", "payload": "no+JhoaJjpz/"}, "streamSid": "MZ1"}"""


def test_the_documents_own_frames_are_read_as_documented() -> None:
    assert read_frame(PLIVO_START) == Start(
        "12345678-1234-1234-1234-123456789abc", "87654321-4321-4321-4321-cba987654321", "audio/x-mulaw", 8_000
    )
    media = read_frame(PLIVO_MEDIA)
    assert isinstance(media, Media)
    assert (media.track, media.timestamp_ms, media.chunk) == ("inbound", 1_705_312_200_000, 41)
    assert media.payload == bytes([0x7E] * 7 + [0xFF])
    assert read_frame(VOBIZ_START) == Start("c-1", "s-1", "audio/x-l16", 16_000)
    assert read_frame(TWILIO_START) == Start("CA1", "MZ1", "audio/x-mulaw", 8_000)
    twilio = read_frame(TWILIO_MEDIA)
    assert isinstance(twilio, Media)
    assert (twilio.stream_id, twilio.chunk, twilio.timestamp_ms) == ("MZ1", 1, 5)
    assert read_frame('{"event":"dtmf","dtmf":{"track":"inbound","digit":"5","timestamp":"120"}}') == Key(
        "inbound", "5", 120
    )
    assert read_frame('{"event":"playedStream","streamId":"s","name":"greeting"}') == Event("playedStream", "greeting")
    assert read_frame('{"event":"clearedAudio","streamId":"s"}') == Event("clearedAudio", "")
    assert read_frame('{"event":"mark","mark":{"name":"here"}}') == Event("mark", "here")


@pytest.mark.parametrize(
    "message",
    [
        b"\x00\x01",
        "",
        "nothing",
        "[]",
        "{}",
        '{"event": 7}',
        '{"event": ""}',
        "[" * 100_000,
        '{"event":"media"',
        "1e999",
    ],
)
def test_what_is_no_frame_is_named_and_never_raises(message: str | bytes) -> None:
    assert isinstance(read_frame(message), Unreadable)


@pytest.mark.parametrize("value", ["soon", None, True, -1, 1e400, "1e400", "NaN", [], {}, 2**70, "9" * 5_000])
def test_numbers_that_are_none_are_left_out(value: object) -> None:
    frame = read_frame(json.dumps({"event": "media", "media": {"timestamp": value, "chunk": value, "payload": "AA=="}}))
    assert isinstance(frame, Media)
    assert frame.timestamp_ms is None
    assert frame.chunk is None


def test_base64_of_either_alphabet_with_and_without_padding_and_line_breaks() -> None:
    data = bytes(range(256)) * 2
    import base64

    for text in (
        base64.b64encode(data).decode(),
        base64.b64encode(data).decode().rstrip("="),
        base64.urlsafe_b64encode(data).decode(),
        base64.encodebytes(data).decode(),
    ):
        assert decoded(text) == data
    assert decoded("A") is None
    assert decoded("A$==") is None
    assert decoded("ÄÖ==") is None


def test_a_surrogate_without_its_pair_is_text_that_can_be_kept() -> None:
    frame = read_frame('{"event":"playedStream","name":"\\ud800 x"}')
    assert isinstance(frame, Event)
    frame.detail.encode()
