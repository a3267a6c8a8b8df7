"""What a listener asked for, as it comes out of the engine: loops, replays, silence left out, volumes, one loudness."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from parts import sound, tape
from parts.hand_output import HandOutput, until
from qa_player.media.engine import Engine
from qa_player.media.engine.course import Leg, Replay, legs
from qa_player.model.annotation import Span
from qa_player.model.playback import Channels, Heard, Listening

RATE = 48_000


@pytest.fixture
def output() -> HandOutput:
    return HandOutput()


@pytest.fixture
def engine(output: HandOutput) -> Iterator[Engine]:
    engine = Engine(output, latency_ms=0)
    yield engine
    engine.close()


def _open(engine: Engine, data: bytes) -> None:
    engine.open(lambda _unwanted: tape.Bytes(data))


def _noise(milliseconds: int, *, sides: int = 2) -> NDArray[np.float32]:
    return (np.random.default_rng(5).random((milliseconds * 48, sides)) - 0.5).astype(np.float32)


def _pcm(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    return (samples * 32_767).astype("<i2")


def _speech(milliseconds: int) -> NDArray[np.float32]:
    """A tape with its bursts where somebody speaks: the first second of every five; soft noise all over."""
    samples = tape.bursts(milliseconds)
    speaks = np.arange(len(samples)) // 48 % 5_000 < 1_000
    noise = np.random.default_rng(1).normal(0, 0.0005, len(samples))
    return np.where(speaks, samples, 0).astype(np.float32) + noise.astype(np.float32)


def _take_until(engine: Engine, output: HandOutput, milliseconds: int) -> tuple[NDArray[np.int16], list[Heard]]:
    """So much of what sounds, whatever padding comes before it, and what was told to be heard."""
    samples = output.sound(milliseconds)
    engine.snapshot()
    return samples, engine.heard()


def test_legs() -> None:
    loop = Listening(speed=2.0, loop=Span(start_ms=1_000, end_ms=2_000))
    slow = Replay(500, 1_500, 0.75)
    assert list(legs(700, Listening(speed=2.0), None)) == [Leg(700, None, 2.0)]
    assert list(legs(700, Listening(speed=2.0), slow)) == [Leg(700, 1_500, 0.75), Leg(1_500, None, 2.0)]
    assert list(legs(700, loop, None)) == [Leg(700, None, 2.0)], "a loop is entered from inside"
    round_about = list(itertools.islice(legs(1_200, loop, slow), 4))
    assert round_about == [Leg(1_200, 1_500, 0.75), Leg(1_500, 2_000, 2.0), *[Leg(1_000, 2_000, 2.0)] * 2]


def test_a_loop_goes_round_to_the_sample_and_the_clock_with_it(engine: Engine, output: HandOutput) -> None:
    noise = _noise(6_000)
    _open(engine, tape.wav(noise))
    engine.listen(Listening(loop=Span(start_ms=1_000, end_ms=1_600)))
    engine.seek(1_300)
    engine.play()
    until(lambda: output.pull, "sound")
    heard, told = _take_until(engine, output, 1_500)
    source = _pcm(noise)
    expected = np.concatenate([source[1_300 * 48 : 1_600 * 48], *[source[1_000 * 48 : 1_600 * 48]] * 2])
    nonzero = expected[np.abs(expected).sum(axis=1) > 0]
    assert np.array_equal(heard[: len(nonzero)], nonzero[: len(heard)])
    assert [(one.start_ms, one.end_ms) for one in told][:2] == [(1_300, 1_600), (1_000, 1_600)]
    assert 1_000 <= engine.snapshot().position_ms <= 1_600


def test_a_loop_past_the_end_ends(engine: Engine, output: HandOutput) -> None:
    _open(engine, tape.wav(_noise(1_000)))
    until(lambda: engine.snapshot().duration_ms, "the length")
    engine.listen(Listening(loop=Span(start_ms=3_000, end_ms=4_000)))
    engine.seek(900)
    engine.play()
    until(lambda: output.pull, "sound")

    def ended() -> bool:
        output.take(20)
        return engine.snapshot().ended

    until(ended, "the end")


def test_a_replayed_turn_has_its_speed_and_what_follows_the_usual_one(engine: Engine, output: HandOutput) -> None:
    _open(engine, tape.wav(tape.bursts(10_000)))
    engine.listen(Listening(speed=2.0))
    engine.play()
    engine.replay(3_000, 4_500, 0.75)
    assert (engine.snapshot().position_ms, engine.snapshot().speed) == (3_000, 0.75)
    until(lambda: output.pull, "sound")
    told: list[Heard] = []
    seen: list[tuple[float, float]] = []

    def beyond() -> bool:
        output.take(10)
        snapshot = engine.snapshot()
        seen.append((snapshot.position_ms, snapshot.speed))
        told.extend(engine.heard())
        return snapshot.position_ms > 6_000

    until(beyond, "what follows")
    slow = [one for one in told if one.speed == 0.75]
    assert (slow[0].start_ms, slow[-1].end_ms) == (3_000, pytest.approx(4_500, abs=30))
    assert {one.speed for one in told if one.start_ms > 4_500} == {2.0}
    assert all(speed == (0.75 if position < 4_500 else 2.0) for position, speed in seen)
    assert all(later >= earlier for (earlier, _), (later, _) in itertools.pairwise(seen))
    assert (output.starts, engine.snapshot().speed) == (1, 2.0), "without a break"


def test_a_seek_ends_a_replay(engine: Engine) -> None:
    _open(engine, tape.wav(_noise(4_000)))
    engine.replay(1_000, 2_000, 0.75)
    engine.seek(1_500)
    assert engine.snapshot().speed == 1.0


@pytest.mark.parametrize("speed", [1.0, 0.5, 2.0])
def test_places_are_true_across_silence_that_is_left_out(engine: Engine, output: HandOutput, speed: float) -> None:
    """Every burst tells where it stands; the clock must say the same when it sounds."""
    _open(engine, tape.wav(_speech(30_000)))
    engine.listen(Listening(speed=speed, skips_silence=True))
    engine.play()
    until(lambda: output.pull, "sound")
    pieces: list[NDArray[np.int16]] = []
    told: list[Heard] = []

    def ended() -> bool:
        pieces.append(output.take(10))
        told.extend(engine.heard())
        return engine.snapshot().ended

    until(ended, "the end", 30)
    told.extend(engine.heard())
    skipped = [one for one in told if one.skipped]
    assert len(skipped) >= 5
    assert sum(one.end_ms - one.start_ms for one in skipped) > 15_000
    assert all(one.level_db is not None and -75 < one.level_db < -55 for one in skipped)
    assert not any(place % 5_000 < 1_000 for one in skipped for place in range(one.start_ms, one.end_ms))
    joined = sorted((one.start_ms, one.end_ms) for one in told)
    assert joined[0][0] == 0
    assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(joined)), "all is heard or skipped"
    errors = _errors_ms(_without_padding(np.concatenate(pieces)[:, 0]), told, speed)
    assert len(errors) >= 20
    if speed == 1.0:
        assert np.abs(errors).max() < 1
    else:
        assert np.percentile(np.abs(errors), 95) < 20 * max(speed, 1)


def _without_padding(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """The sound has noise everywhere: where nothing at all is, the output waited."""
    still = np.convolve(samples == 0, np.ones(240), "same") > 200
    return samples[~still]


def _errors_ms(samples: NDArray[np.int16], told: list[Heard], speed: float) -> NDArray[np.float64]:
    """For each burst where it was told to be heard, less where it stands."""
    heard = [one for one in told if not one.skipped]
    after_ms = np.cumsum([0, *((one.end_ms - one.start_ms) / one.speed for one in heard)])
    shown = sound.Heard(samples.astype(np.float32) / 32_768, 0.0, RATE / 1e9)
    errors = []
    for burst in tape.found(shown, speed=speed):
        at = int(np.searchsorted(after_ms, burst.heard_ns / 1e6, "right")) - 1
        if at < len(heard):
            place = heard[at].start_ms + (burst.heard_ns / 1e6 - after_ms[at]) * speed
            errors.append(place - burst.media_ms)
    return np.array(errors)


def test_each_party_has_a_volume_and_nothing_is_flushed_for_it(engine: Engine, output: HandOutput) -> None:
    noise = _noise(4_000)
    _open(engine, tape.wav(noise))
    engine.play()
    until(lambda: engine.snapshot().apart and output.pull, "sound")
    source = _pcm(noise)
    assert np.array_equal(output.take(100), source[: 100 * 48])
    engine.listen(Listening(volumes=(0.0, 0.5)))
    heard = output.take(100)
    assert not heard[:, 0].any()
    assert np.abs(heard[:, 1] - source[100 * 48 : 200 * 48, 1] / 2).max() <= 1
    engine.listen(Listening(volumes=(0.0, 0.0)))
    assert not output.take(100).any()
    engine.snapshot()
    assert output.starts == 1
    assert engine.heard() == [Heard(0, 200, 1.0, audible=True), Heard(200, 300, 1.0, audible=False)]


def test_one_side_alone_has_its_own_volume_on_both_ears() -> None:
    both = Listening(volumes=(0.2, 0.8))
    assert [replace(both, channels=side).gains for side in Channels] == [(0.2, 0.8), (0.2, 0.2), (0.8, 0.8)]


def test_a_recording_of_one_channel_has_no_parties(engine: Engine, output: HandOutput) -> None:
    mono = _noise(2_000, sides=1)[:, 0]
    _open(engine, tape.wav(mono))
    engine.listen(Listening(volumes=(0.0, 0.0)))
    engine.play()
    until(lambda: output.pull, "sound")
    assert np.array_equal(output.take(100)[:, 0], _pcm(mono)[: 100 * 48])
    assert not engine.snapshot().apart


def test_levelling_brings_a_soft_and_a_loud_side_together_and_moves_nothing(engine: Engine, output: HandOutput) -> None:
    mono = _noise(6_000, sides=1)
    noise = (mono + np.copysign(np.float32(0.02), mono)) * np.float32([1, 0.1])
    _open(engine, tape.wav(noise))
    loudness = {}
    for levelled in (False, True):
        engine.listen(Listening(levelled=levelled))
        engine.seek(0)
        engine.play()
        until(lambda: output.pull, "sound")
        heard = output.sound(4_000).astype(np.float64)[2 * RATE :]
        loudness[levelled] = 20 * np.log10(np.sqrt((heard**2).mean(axis=0)))
        assert np.corrcoef(heard[:, 0], noise[2 * RATE : 4 * RATE, 0])[0, 1] > 0.99
        engine.pause()
    apart = {levelled: left - right for levelled, (left, right) in loudness.items()}
    assert apart[False] == pytest.approx(20, abs=0.5)
    assert apart[True] < 6


def test_the_latency_is_in_force_at_once(engine: Engine, output: HandOutput) -> None:
    _open(engine, tape.wav(_noise(4_000)))
    for latency_ms in (0, 400, 100):
        engine.set_latency(latency_ms)
        engine.seek(0)
        engine.play()
        until(lambda: output.pull, "sound")
        output.sound(500)
        # how long ago the count was true is no matter: no more than was pulled is ever heard
        assert -0.1 <= engine.snapshot().position_ms - (500 - latency_ms) < 70
        engine.pause()
