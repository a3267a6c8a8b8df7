"""The stored call is the received call: every frame that came is in the capture, or named as lost (W3)."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qa_player.demo.carrier import PLIVO, VOBIZ, CallSound, Carrier, Dialect, Stream
from qa_player.live.journal import Journal
from qa_player.live.received import Received, opened
from qa_player.live.rendering import Wave, heard
from qa_player.model.live import ByteOrder, Codec, MarkerKind

KEY = b"k" * 32
STREAM = Stream("call-1", "stream-1", "MA1", "", "")
Sides = tuple[NDArray[np.int16], NDArray[np.int16]]


def speech(frames: int, rate: int = 8_000, seed: int = 1) -> Sides:
    """Two sides that differ, of ``frames`` frames of 20 ms: sweeps, so that no frame is like another."""
    each = rate // 50
    clock = np.arange(frames * each) / rate
    tones = [np.sin(2 * np.pi * (200 + 90 * seed + 40 * clock + k * 130) * clock) * (9_000 - k * 2_500) for k in (0, 1)]
    return tones[0].astype(np.int16), tones[1].astype(np.int16)


def messages(sides: Sides, dialect: Dialect = VOBIZ, **options: object) -> list[str]:
    sound = CallSound(*sides, **{"rate": 8_000, **options})  # type: ignore[arg-type]
    return list(Carrier(dialect, "token").messages(STREAM, sound))


def media(message: str) -> dict[str, object]:
    return dict(json.loads(message).get("media", {}))


def changed(message: str, **fields: object) -> str:
    told = json.loads(message)
    told["media"] |= fields
    return json.dumps(told)


@pytest.fixture
def receive(tmp_path: Path) -> Callable[..., Received]:
    """``receive(messages)`` takes them in, and checks that the journal tells the same once it is read from the disk."""

    def run(told: Iterable[str | bytes], codec: Codec = Codec.L16_8K, provider: str = "vobiz") -> Received:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.call"
        received = Received(Journal(path, KEY, "s1", fresh=True), codec, provider)
        for number, message in enumerate(told):
            received.take(message, number * 10)
            if number % 97 == 0 and received.journal.turn():
                received.journal.flush()
        received.finish(10_000_000)
        live = heard(received, 0, received.timeline.end)
        if received.journal.turn():
            received.journal.flush()
        again = opened(path, KEY, "s1", codec=codec, provider=provider, records=received.journal.records)
        assert np.array_equal(heard(again, 0, again.timeline.end), live)
        assert list(again.timeline.markers) == list(received.timeline.markers)
        assert (again.timeline.frames, again.timeline.lost) == (received.timeline.frames, received.timeline.lost)
        return again

    return run


def sound_of(received: Received) -> Sides:
    whole = heard(received, 0, received.timeline.end)
    return whole[:, 0], whole[:, 1]


def kinds(received: Received) -> list[MarkerKind]:
    return [marker.kind for marker in received.timeline.markers]


@pytest.mark.parametrize("dialect", [VOBIZ, PLIVO])
@pytest.mark.parametrize("big", [True, False])
@pytest.mark.parametrize(("codec", "rate"), [(Codec.L16_8K, 8_000), (Codec.L16_16K, 16_000), (Codec.MULAW, 8_000)])
def test_the_captured_samples_are_the_sent_ones(
    receive: Callable[..., Received], dialect: Dialect, big: bool, codec: Codec, rate: int
) -> None:
    from qa_player.demo.voice import mulaw
    from qa_player.live.samples import Format, decode

    sides = speech(150, rate)
    told = messages(sides, dialect, rate=rate, content_type=codec.content_type, big_endian=big)
    received = receive(told, codec)
    if codec is Codec.MULAW:
        inbound, outbound = (decode(mulaw(side), Format(True, 8_000), big_endian=False) for side in sides)
        sides = inbound, outbound
    for captured, sent in zip(sound_of(received), sides, strict=True):
        assert np.array_equal(captured, sent)
    assert received.timeline.lost == 0
    assert received.timeline.rate == rate
    assert kinds(received) == []


def test_a_byte_order_can_be_said_where_what_was_detected_is_wrong(receive: Callable[..., Received]) -> None:
    sides = speech(100)
    received = receive(messages(sides, big_endian=False))
    assert np.array_equal(sound_of(received)[0], sides[0])
    received.order = ByteOrder.BIG
    assert not np.array_equal(sound_of(received)[0], sides[0])
    assert np.array_equal(sound_of(received)[0].byteswap(), sides[0])


def test_frames_in_any_order_stand_where_they_belong(receive: Callable[..., Received]) -> None:
    sides = speech(200)
    told = messages(sides)
    shuffled = random.Random(7)
    mixed = told[:1]
    for at in range(1, len(told), 8):
        piece = told[at : at + 8]
        shuffled.shuffle(piece)
        mixed += piece
    received = receive(mixed)
    assert np.array_equal(sound_of(received)[0], sides[0])
    assert np.array_equal(sound_of(received)[1], sides[1])
    assert received.timeline.lost == 0
    assert MarkerKind.GAP not in kinds(received)
    assert MarkerKind.LATE in kinds(received)


def test_frames_that_come_twice_are_heard_once_and_told_of(receive: Callable[..., Received]) -> None:
    sides = speech(100)
    told = messages(sides)
    received = receive([told[0], *(message for message in told[1:] for _ in range(2))])
    assert np.array_equal(sound_of(received)[0], sides[0])
    assert np.array_equal(sound_of(received)[1], sides[1])
    repeated = [marker for marker in received.timeline.markers if marker.kind is MarkerKind.REPEATED]
    assert sum(marker.count for marker in repeated) == 200
    assert received.timeline.lost == 0


@pytest.mark.parametrize("dialect", [VOBIZ, PLIVO])
def test_what_does_not_come_is_silence_with_a_name_and_a_place(
    receive: Callable[..., Received], dialect: Dialect
) -> None:
    sides = speech(200)
    told = messages(sides, dialect)
    kept = [one for one in told if not (60 < int(str(media(one).get("chunk", 0))) <= 75)]
    received = receive(kept)
    left, right = sound_of(received)
    gap = slice(60 * 160, 75 * 160)
    for captured, sent in ((left, sides[0]), (right, sides[1])):
        assert not captured[gap].any()
        assert np.array_equal(np.delete(captured, np.r_[gap]), np.delete(sent, np.r_[gap]))
    gaps = [marker for marker in received.timeline.markers if marker.kind is MarkerKind.GAP]
    assert [(one.track, one.start_ms, one.end_ms, one.count) for one in gaps] == [
        ("inbound", 1_200, 1_500, 15),
        ("outbound", 1_200, 1_500, 15),
    ]
    assert received.timeline.lost == 30


def test_sound_that_cannot_be_read_is_named_and_hides_nothing_else(receive: Callable[..., Received]) -> None:
    sides = speech(120, seed=2)
    told = messages(sides)
    spoilt = {
        101: changed(told[101], payload="$$$"),
        103: changed(told[103], payload=None),
        105: changed(told[105], track="sideways"),
        107: b"\x00\xff",
        109: '{"event":"media","media":',
        111: changed(told[111], payload=""),
    }
    received = receive([spoilt.get(at, message) for at, message in enumerate(told)])
    assert received.timeline.lost >= len(spoilt)
    named = " ".join(marker.text for marker in received.timeline.markers)
    for word in ("not base64", "neither inbound nor outbound", "binary", "not JSON", "without sound"):
        assert word in named
    left, _ = sound_of(received)
    differing = np.flatnonzero(left != sides[0])
    silent = {int(str(media(told[at])["chunk"])) - 1 for at in spoilt if media(told[at])["track"] == "inbound"}
    assert set((differing // 160).tolist()) <= silent


def test_half_a_sample_at_the_end_is_left_out_and_told_of(receive: Callable[..., Received]) -> None:
    import base64

    sides = speech(80)
    told = messages(sides)
    payload = base64.b64decode(str(media(told[61])["payload"]))
    told[61] = changed(told[61], payload=base64.b64encode(payload + b"\x07").decode())
    received = receive(told)
    assert np.array_equal(sound_of(received)[0], sides[0])
    assert MarkerKind.FORMAT in kinds(received)


def test_a_second_start_goes_on_behind_the_first(receive: Callable[..., Received]) -> None:
    first, second = speech(100), speech(100, seed=3)
    received = receive([*messages(first, PLIVO), *messages(second, PLIVO)])
    left, _ = sound_of(received)
    assert np.array_equal(left, np.concatenate([first[0], second[0]]))
    assert MarkerKind.STREAM in kinds(received)
    assert received.timeline.lost == 0


def test_a_change_of_rate_keeps_the_clock(receive: Callable[..., Received]) -> None:
    first, second = speech(100), speech(100, 16_000, seed=3)
    wide = messages(second, PLIVO, rate=16_000, content_type=Codec.L16_16K.content_type)
    received = receive([*messages(first, PLIVO), *wide])
    left, _ = sound_of(received)
    assert len(left) == 200 * 160
    assert np.array_equal(left[: 100 * 160], first[0])
    assert np.abs(left[100 * 160 :].astype(int) - second[0][::2]).max() <= 1
    assert MarkerKind.FORMAT in kinds(received)


def test_without_a_start_the_format_is_the_one_that_was_asked_for(receive: Callable[..., Received]) -> None:
    sides = speech(100)
    received = receive(messages(sides)[1:])
    assert np.array_equal(sound_of(received)[0], sides[0])
    assert MarkerKind.STREAM in kinds(received)


def test_said_to_be_wide_and_sent_narrow(receive: Callable[..., Received]) -> None:
    sides = speech(100)
    told = messages(sides)
    told[0] = told[0].replace("8000", "16000")
    received = receive(told, Codec.L16_16K)
    assert received.timeline.rate == 8_000
    assert np.array_equal(sound_of(received)[0], sides[0])


def test_another_stream_on_the_same_line_is_named(receive: Callable[..., Received]) -> None:
    sides = speech(100)
    told = messages(sides)
    foreign = [message.replace("stream-1", "stream-2") for message in told[50:60]]
    received = receive([*told[:70], *foreign, *told[70:]])
    assert np.array_equal(sound_of(received)[0], sides[0])
    assert received.timeline.lost == 10


@pytest.mark.parametrize("leap", [10**15, 0, 3_600_000])
def test_a_clock_that_leaps_does_not_make_hours_of_silence(receive: Callable[..., Received], leap: int) -> None:
    sides = speech(120)
    told = messages(sides)
    far = int(str(media(told[1])["timestamp"])) + leap if leap == 3_600_000 else leap
    told = [message if at < 121 else changed(message, timestamp=str(far + at)) for at, message in enumerate(told)]
    received = receive(told)
    assert np.array_equal(sound_of(received)[0], sides[0])
    assert np.array_equal(sound_of(received)[1], sides[1])
    assert MarkerKind.CLOCK in kinds(received)


def test_without_any_clock_frames_follow_their_numbers_or_one_another(receive: Callable[..., Received]) -> None:
    sides = speech(100)
    numbered = [changed(one, timestamp=None) if '"media"' in one else one for one in messages(sides)]
    bare = [changed(one, timestamp="soon", chunk="x") if media(one) else one for one in messages(sides)]
    for told in (numbered, bare):
        assert np.array_equal(sound_of(receive(told))[0], sides[0])


def test_a_jittering_clock_leaves_no_seam(receive: Callable[..., Received]) -> None:
    sides = speech(200)
    jitter = random.Random(5)
    told = [
        changed(one, timestamp=str(int(str(media(one)["timestamp"])) + jitter.randint(0, 25))) if media(one) else one
        for one in messages(sides)
    ]
    received = receive(told)
    left, _ = sound_of(received)
    lead = len(left) - len(sides[0])
    assert 0 <= lead <= 25 * 8
    assert np.array_equal(left[lead:], sides[0])


def test_keys_and_checkpoints_are_marked_and_card_digits_never_reach_the_disk(
    receive: Callable[..., Received], tmp_path: Path
) -> None:
    sides = speech(100)
    told = messages(sides)
    card = "4111111111111111"
    keys = [json.dumps({"event": "dtmf", "dtmf": {"track": "inbound", "digit": digit}}) for digit in card]
    choice = json.dumps({"event": "dtmf", "dtmf": {"track": "inbound", "digit": "7"}})
    played = json.dumps({"event": "playedStream", "streamId": "stream-1", "name": "greeting"})
    received = receive([*told[:60], choice, *told[60:], *told[:1] * 0, played, *([played] * 900), *keys])
    texts = [marker.text for marker in received.timeline.markers]
    assert texts.count("key •") == 17
    assert "keys 7" in texts
    assert "playedStream greeting" in texts
    written = b"".join(
        entry.data for number in range(received.journal.records) for entry in received.journal.record(number)
    )
    assert b'"7"' in written
    assert not any(f'"digit": "{digit}"'.encode() in written for digit in "0123456789")
    assert b"4111" not in written


def test_any_range_of_the_wave_is_the_same_bytes(receive: Callable[..., Received]) -> None:
    sides = speech(60)
    wave = Wave(receive(messages(sides)))
    whole = wave.read(0, wave.size)
    assert len(whole) == wave.size
    assert whole[:4] == b"RIFF"
    body = np.frombuffer(whole[44:], "<i2").reshape(-1, 2)
    assert np.array_equal(body[:, 0], sides[0])
    assert np.array_equal(body[:, 1], sides[1])
    chosen = random.Random(3)
    for _ in range(200):
        start = chosen.randrange(wave.size)
        end = start + chosen.randrange(3_000)
        assert wave.read(start, end) == whole[start:end]


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(n, marks=pytest.mark.nightly) for n in range(12, 300))])
def test_whatever_befalls_a_stream_each_frame_is_in_the_capture_or_named(
    receive: Callable[..., Received], seed: int
) -> None:
    chance = random.Random(seed)
    told = messages(speech(150, seed=seed % 5), chance.choice((VOBIZ, PLIVO)))
    spoilt: list[str] = []
    for sent in told:
        fate, message = chance.random(), sent
        if fate < 0.05:
            continue
        if fate < 0.10 and media(message):
            wrong = {"payload": "%", "track": "up", "timestamp": "x", "chunk": None}
            name = chance.choice(list(wrong))
            message = changed(message, **{name: wrong[name]})
        spoilt += [message] * (2 if fate > 0.95 else 1)
        if fate > 0.93:
            spoilt.insert(max(len(spoilt) - chance.randrange(30), 0), spoilt.pop())
        if fate > 0.995:
            spoilt.append(told[0])
    received = receive(spoilt)
    timeline = received.timeline
    placed = sum(len(index) for index in timeline.tracks)
    named = [one for one in timeline.markers if one.kind in (MarkerKind.LOST, MarkerKind.REPEATED)]
    assert timeline.frames == sum(bool(media(message)) for message in spoilt)
    assert timeline.frames == placed + sum(one.count for one in named)
    assert timeline.end < 400 * 160
    for index in timeline.tracks:
        pieces = list(index.between(0, timeline.end))
        assert all(one.start + one.length <= other.start for one, other in itertools.pairwise(pieces))
