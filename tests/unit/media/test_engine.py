"""The engine through an output that the test pulls by hand: what comes out, where it stands, and that nothing waits."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from parts import tape
from parts.hand_output import HandOutput, until
from qa_player.errors import MediaError, NetworkError
from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.engine import Engine, EngineSnapshot
from qa_player.media.engine.null_output import NullOutput
from qa_player.model.playback import SPEEDS, Channels

RATE = 48_000
Wanted = Callable[[], bool]


class Gate:
    """Recordings whose bytes come up to ``allowed``; reads past it wait until more is allowed or nobody wants them."""

    def __init__(self, data: bytes, allowed: int) -> None:
        self.data = data
        self.allowed = allowed
        self.waiting = 0
        self.cancelled = 0
        self.reads = 0
        self.failure: Exception | None = None

    def open(self, unwanted: Wanted) -> tape.Bytes:
        gate = self

        class Reader(tape.Bytes):
            def read(self, count: int | None = -1, /) -> bytes:
                gate.reads += 1
                gate.waiting += 1
                try:
                    while gate.allowed <= self.tell() < len(gate.data):
                        if unwanted():
                            gate.cancelled += 1
                            raise ReadCancelled
                        if gate.failure is not None:
                            raise gate.failure
                        time.sleep(0.002)
                finally:
                    gate.waiting -= 1
                most = min(16_384, max(gate.allowed - self.tell(), 0))
                return super().read(most if count is None or count < 0 else min(count, most))

        return Reader(self.data)


@pytest.fixture
def output() -> HandOutput:
    return HandOutput()


@pytest.fixture
def engine(output: HandOutput) -> Iterator[Engine]:
    engine = Engine(output, latency_ms=0)
    yield engine
    engine.close()
    until(lambda: not any(thread.name == "decode" for thread in threading.enumerate()), "the decode thread's end")


def _noise(milliseconds: int) -> NDArray[np.float32]:
    return (np.random.default_rng(5).random((milliseconds * 48, 2)) - 0.5).astype(np.float32)


def _pcm(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    return (samples * 32_767).astype("<i2")


def _open(engine: Engine, data: bytes) -> None:
    engine.open(lambda _unwanted: tape.Bytes(data))


def _play_all(engine: Engine, output: HandOutput, step_ms: int = 50) -> NDArray[np.int16]:
    """Everything that sounds until it has ended."""
    pieces = []

    def ended() -> bool:
        if output.pull is not None:
            pieces.append(output.take(step_ms))
        snapshot = engine.snapshot()
        return snapshot.ended or (snapshot.error is not None and not snapshot.playing)

    until(ended, "the end")
    return np.concatenate(pieces)


def _without_silence(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    return samples[np.abs(samples).sum(axis=1) > 0]


def _without_padding(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Without each millisecond and more of silence: a busy machine pads where the decoder was late."""
    quiet = np.concatenate(([0], np.abs(samples).sum(axis=1) == 0, [0])).astype(np.int8)
    starts, ends = np.flatnonzero(np.diff(quiet) == 1), np.flatnonzero(np.diff(quiet) == -1)
    keep = np.ones(len(samples), bool)
    for start, end in zip(starts, ends, strict=True):
        keep[start:end] = end - start < RATE // 1_000
    return samples[keep]


def test_every_sample_comes_out_once_and_unchanged(engine: Engine, output: HandOutput) -> None:
    noise = _noise(4_000)
    _open(engine, tape.wav(noise))
    engine.play()
    until(lambda: output.pull, "sound")
    heard = _play_all(engine, output)
    source = _pcm(noise)
    assert np.array_equal(heard[: len(source)], source)
    assert not heard[len(source) :].any()
    after = engine.snapshot()
    assert (after.ended, after.playing, after.position_ms, after.duration_ms) == (True, False, 4_000, 4_000)


def test_opened_it_is_paused_at_zero_and_knows_its_length(engine: Engine, output: HandOutput) -> None:
    told: list[EngineSnapshot] = []
    engine = Engine(output, latency_ms=0, notify=lambda: told.append(engine.snapshot()))
    _open(engine, tape.wav(_noise(3_000)))
    until(lambda: told, "word of the length")
    assert told[0] == EngineSnapshot(0.0, 3_000, True, False, False, False, None, 1.0)
    assert output.starts == 0
    engine.close()


def test_a_seek_while_paused_shows_its_target_and_makes_no_sound(engine: Engine, output: HandOutput) -> None:
    noise = _noise(4_000)
    _open(engine, tape.wav(noise))
    engine.seek(1_234)
    assert engine.snapshot().position_ms == 1_234
    assert output.starts == 0
    engine.play()
    until(lambda: output.pull, "sound")
    assert np.array_equal(output.take(100), _pcm(noise)[1_234 * 48 : 1_334 * 48])


def test_a_seek_while_playing_drops_what_waited(engine: Engine, output: HandOutput) -> None:
    noise = _noise(6_000)
    _open(engine, tape.wav(noise))
    engine.play()
    until(lambda: output.pull, "sound")
    output.take(200)
    old_pull = output.pull
    engine.seek(4_000)
    assert engine.snapshot().position_ms == 4_000
    until(lambda: output.starts == 2, "sound again")
    assert old_pull is not None
    assert not any(old_pull(480)), "a late pull of the sound before the seek gets silence"
    assert np.array_equal(output.take(300), _pcm(noise)[4_000 * 48 : 4_300 * 48])


def test_many_seeks_in_a_row_end_at_the_last(engine: Engine, output: HandOutput) -> None:
    noise = _noise(6_000)
    _open(engine, tape.wav(noise))
    engine.play()
    draw = random.Random(2)
    for _ in range(50):
        engine.seek(draw.uniform(0, 5_000))
    engine.seek(3_000)
    until(lambda: output.pull, "sound")
    assert np.array_equal(output.take(100), _pcm(noise)[3_000 * 48 : 3_100 * 48])


def test_pause_keeps_the_place_to_the_sample(engine: Engine, output: HandOutput) -> None:
    noise = _noise(3_000)
    _open(engine, tape.wav(noise))
    engine.play()
    until(lambda: output.pull, "sound")
    before = output.sound(200)
    engine.pause()
    held = engine.snapshot()
    assert not held.playing
    assert output.suspended
    engine.play()
    assert not output.suspended
    heard = np.concatenate([before, output.sound(200)])
    assert np.array_equal(heard, _without_silence(_pcm(noise))[: 400 * 48])
    assert output.starts == 1


def test_at_the_end_play_begins_again(engine: Engine, output: HandOutput) -> None:
    noise = _noise(800)
    _open(engine, tape.wav(noise))
    engine.play()
    until(lambda: output.pull, "sound")
    _play_all(engine, output)
    engine.play()
    until(lambda: output.pull, "sound again")
    assert np.array_equal(output.take(100), _pcm(noise)[: 100 * 48])


def test_a_seek_past_the_end_goes_to_the_end(engine: Engine, output: HandOutput) -> None:
    _open(engine, tape.wav(_noise(1_000)))
    until(lambda: engine.snapshot().duration_ms, "the length")
    engine.seek(9_000_000)
    assert engine.snapshot().position_ms == 1_000
    engine.play()
    until(lambda: engine.snapshot().ended, "the end")
    assert engine.snapshot().position_ms == 1_000


def test_an_underrun_is_buffering_and_stops_the_clock_and_loses_nothing(engine: Engine, output: HandOutput) -> None:
    noise = _noise(6_000)
    data = tape.wav(noise)
    gate = Gate(data, len(data) // 3)
    engine.open(gate.open)
    engine.play()
    until(lambda: output.pull, "sound")
    pieces = []

    def starved() -> bool:
        pieces.append(output.take(20))
        return engine.snapshot().buffering

    until(starved, "buffering")
    stands = engine.snapshot().position_ms
    assert stands == pytest.approx(2_000, abs=400)
    for _ in range(30):
        pieces.append(output.take(20))
        assert not pieces[-1].any()
    assert engine.snapshot().position_ms == pytest.approx(stands, abs=1)
    assert engine.snapshot().playing

    gate.allowed = len(data)

    def flows() -> bool:
        pieces.append(output.take(20))
        return not engine.snapshot().buffering

    until(flows, "sound after the wait")
    pieces.append(_play_all(engine, output))
    assert np.array_equal(_without_silence(np.concatenate(pieces)), _without_silence(_pcm(noise)))


def test_nothing_waits_while_the_bytes_do_not_come(engine: Engine) -> None:
    data = tape.wav(_noise(20_000))
    gate = Gate(data, 200_000)
    engine.open(gate.open)
    engine.play()
    until(lambda: gate.waiting and engine.snapshot().duration_ms, "a read that waits")
    calls: list[Callable[[], object]] = [
        lambda: engine.seek(15_000),
        engine.pause,
        lambda: engine.set_speed(2.0),
        lambda: engine.set_channels(Channels.RIGHT),
        engine.play,
        lambda: engine.set_output(HandOutput()),
        engine.snapshot,
        lambda: engine.seek(3),
        engine.close,
    ]
    for call in calls:
        before = time.perf_counter()
        call()
        assert time.perf_counter() - before < 0.5  # measured: under 1 ms, close 5 ms


def test_a_seek_gives_up_the_read_that_waits(engine: Engine, output: HandOutput) -> None:
    noise = _noise(20_000)
    data = tape.wav(noise)
    gate = Gate(data, 250_000)
    engine.open(gate.open)
    engine.play()
    until(lambda: output.pull and gate.waiting, "a read that waits")
    engine.seek(10_000)
    until(lambda: gate.cancelled, "the read's end")
    engine.seek(500)
    until(lambda: output.pull, "sound from what is there")
    assert np.array_equal(output.take(100), _pcm(noise)[500 * 48 : 600 * 48])
    gate.allowed = len(data)


def test_opening_goes_on_through_a_seek(engine: Engine, output: HandOutput) -> None:
    noise = _noise(4_000)
    gate = Gate(tape.wav(noise), 0)
    engine.open(gate.open)
    until(lambda: gate.waiting, "the first read")
    engine.seek(2_000)
    engine.play()
    gate.allowed = len(gate.data)
    until(lambda: output.pull, "sound")
    assert gate.cancelled == 0
    assert np.array_equal(output.take(50), _pcm(noise)[2_000 * 48 : 2_050 * 48])


def test_a_failure_is_told_what_is_here_is_heard_and_play_goes_on(engine: Engine, output: HandOutput) -> None:
    noise = _noise(6_000)
    data = tape.wav(noise)
    gate = Gate(data, len(data) // 2)
    gate.failure = NetworkError("The network went away.", "Try again.")
    engine.open(gate.open)
    engine.play()
    until(lambda: output.pull, "sound")
    first = _without_silence(_play_all(engine, output))
    broken = engine.snapshot()
    assert broken.error is gate.failure
    assert (broken.playing, broken.ended) == (False, False)
    assert broken.position_ms == pytest.approx(len(first) / 48, abs=1)

    gate.allowed = len(data)
    engine.play()
    assert engine.snapshot().error is None
    until(lambda: output.pull, "sound again")
    rest = _without_silence(_play_all(engine, output))
    source = _without_silence(_pcm(noise))
    assert np.array_equal(np.concatenate([first, rest]), source)


def test_what_is_no_sound_is_told(engine: Engine, output: HandOutput) -> None:
    engine.play()
    _open(engine, b"<html>sign in</html>" * 100)
    until(lambda: engine.snapshot().error, "the error")
    until(lambda: not engine.snapshot().playing, "rest")
    assert isinstance(engine.snapshot().error, MediaError)
    assert output.starts == 0


@pytest.mark.parametrize(
    ("channels", "left", "right"),
    [(Channels.BOTH, 440, 1_000), (Channels.LEFT, 440, 440), (Channels.RIGHT, 1_000, 1_000)],
)
def test_channels(engine: Engine, output: HandOutput, channels: Channels, left: int, right: int) -> None:
    at = np.arange(2 * RATE) / RATE
    data = tape.wav(np.stack([np.sin(2 * np.pi * tone * at) * 0.5 for tone in (440, 1_000)], axis=1).astype(np.float32))
    _open(engine, data)
    engine.set_channels(channels)
    engine.play()
    until(lambda: output.pull, "sound")
    heard = output.take(250)
    assert (_pitch(heard[:, 0]), _pitch(heard[:, 1])) == (pytest.approx(left, rel=1e-3), pytest.approx(right, rel=1e-3))


def test_mono_is_heard_on_both_ears_whichever_side_is_chosen(engine: Engine, output: HandOutput) -> None:
    mono = _noise(2_000)[:, 0]
    _open(engine, tape.wav(mono))
    for channels in Channels:
        engine.set_channels(channels)
        engine.seek(0)
        engine.play()
        until(lambda: output.pull, "sound")
        heard = output.take(100)
        assert np.array_equal(heard[:, 0], _pcm(mono)[: 100 * 48])
        assert np.array_equal(heard[:, 0], heard[:, 1])
        engine.pause()


def _pitch(samples: NDArray[np.int16]) -> float:
    """The loudest frequency in Hz, between the bins of the spectrum."""
    size = 1 << 19
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    return float(np.argmax(spectrum) * RATE / size)


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("rate", [48_000, 16_000])
def test_speed_keeps_the_pitch(engine: Engine, output: HandOutput, speed: float, rate: int) -> None:
    at = np.arange(8 * rate) / rate
    _open(engine, tape.wav((np.sin(2 * np.pi * 440 * at) * 0.5).astype(np.float32), rate))
    engine.set_speed(speed)
    engine.play()
    until(lambda: output.pull, "sound")
    heard = _without_padding(_play_all(engine, output))
    sounding = np.flatnonzero(np.abs(heard[:, 0]) > 500)
    assert (sounding[-1] - sounding[0]) / RATE == pytest.approx(8 / speed, rel=0.02)
    middle = heard[sounding[0] + 4_800 : sounding[-1] - 4_800, 0]
    assert _pitch(middle) == pytest.approx(440, rel=1e-3)


def test_a_change_of_speed_goes_on_from_what_is_heard_and_reads_nothing_again(
    engine: Engine, output: HandOutput
) -> None:
    data = tape.wav(_noise(20_000))
    gate = Gate(data, len(data))
    engine.open(gate.open)
    engine.play()
    until(lambda: output.pull, "sound")
    for _ in range(20):
        output.sound(40)
    before = engine.snapshot().position_ms
    assert before == pytest.approx(900, abs=200)
    reads = gate.reads
    gate.allowed = 0
    engine.set_speed(2.0)
    until(lambda: output.starts == 2, "sound at the new speed")
    assert engine.snapshot().position_ms == pytest.approx(before, abs=80)
    assert gate.reads <= reads + 1
    gate.allowed = len(data)


def test_another_output_goes_on_where_the_first_was(engine: Engine, output: HandOutput) -> None:
    noise = _noise(6_000)
    _open(engine, tape.wav(noise))
    engine.play()
    until(lambda: output.pull, "sound")
    for _ in range(20):
        output.sound(40)
    position = engine.snapshot().position_ms
    other = HandOutput()
    engine.set_output(other)
    assert output.pull is None
    until(lambda: other.pull, "sound on the other output")
    heard = other.take(50)
    source = _pcm(noise)
    at = next(
        place for place in range(int(position) * 48 - 4_800, len(source)) if np.array_equal(source[place], heard[0])
    )
    assert np.array_equal(heard, source[at : at + len(heard)])
    assert at / 48 == pytest.approx(position, abs=80)


def test_without_a_device_time_goes_on_evenly() -> None:
    engine = Engine(NullOutput(), latency_ms=10)
    _open(engine, tape.wav(tape.bursts(20_000)))
    engine.play()
    until(lambda: engine.snapshot().position_ms > 0, "movement")
    start, start_ms = time.monotonic(), engine.snapshot().position_ms
    shown = []
    while time.monotonic() - start < 1.0:
        shown.append((time.monotonic() - start, engine.snapshot().position_ms - start_ms))
        time.sleep(0.004)
    engine.pause()
    rest = engine.snapshot().position_ms
    assert all(later >= earlier for (_, earlier), (_, later) in itertools.pairwise(shown))
    assert max(abs(position - 1_000 * at) for at, position in shown) < 50
    assert engine.snapshot().position_ms == rest
    engine.play()
    until(lambda: engine.snapshot().position_ms > rest + 20, "movement after the pause")
    engine.close()
    until(lambda: threading.active_count() == 1 or not _ours(), "the threads' end")


def _ours() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name in ("decode", "null-output")]
