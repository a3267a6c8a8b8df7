"""A recording in several parts is one timeline: right to the sample at the joins, silent where there is nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from parts import tape
from parts.hand_output import RATE, HandOutput, until
from qa_player.errors import GoneError, MediaError, NetworkError
from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.engine import Engine, Segment

Samples = NDArray[np.int16]

GONE = GoneError("The recording of this session is gone for good.", "Its transcript can still be reviewed.")


@pytest.fixture
def output() -> HandOutput:
    return HandOutput()


@pytest.fixture
def engine(output: HandOutput) -> Iterator[Engine]:
    engine = Engine(output, latency_ms=0)
    yield engine
    engine.close()
    until(
        lambda: not any(thread.name in ("decode", "lengths of parts") for thread in threading.enumerate()),
        "the threads' end",
    )


def noise(milliseconds: float, *, seed: int, rate: int = RATE, channels: int = 2) -> NDArray[np.float32]:
    """Sound of which no two pieces are alike, and no sample is silent."""
    draw = np.random.default_rng(seed).random((round(milliseconds * rate / 1_000), channels)).astype(np.float32)
    return (draw * 0.4 + 0.1) * np.where(draw > 0.5, 1, -1).astype(np.float32)


def pcm(samples: NDArray[np.float32]) -> Samples:
    """What a wav file of ``samples`` holds, on both ears."""
    whole = (samples * 32_767).astype("<i2")
    return np.repeat(whole, 2, axis=1) if whole.shape[1] == 1 else whole


def part(data: bytes, *, start_ms: int | None = None, duration_ms: int | None = None) -> Segment:
    return Segment(lambda _unwanted: tape.Bytes(data), start_ms, duration_ms)


def heard(engine: Engine, output: HandOutput, from_ms: float = 0) -> Samples:
    """Everything that sounds from ``from_ms`` to the end, silence at the very end left out."""
    engine.seek(from_ms)
    engine.play()
    pieces = [np.zeros((0, 2), np.int16)]

    def ended() -> bool:
        if output.pull is not None:
            pieces.append(output.take(50))
        now = engine.snapshot()
        return now.ended or (now.error is not None and not now.playing)

    until(ended, "the end")
    samples = np.concatenate(pieces)
    sounding = np.flatnonzero(np.abs(samples).sum(axis=1))
    return samples[: sounding[-1] + 1] if len(sounding) else samples[:0]


def lengths_known(engine: Engine) -> None:
    until(lambda: engine.placed() and all(place.duration_ms is not None for place in engine.placed()), "all lengths")


def test_parts_without_a_place_follow_one_another_without_a_sample_between(engine: Engine, output: HandOutput) -> None:
    sounds = [noise(1_000.5, seed=1), noise(700, seed=2), noise(1_300, seed=3)]
    engine.open_parts([part(tape.wav(sound)) for sound in sounds])
    lengths_known(engine)
    assert [place.start_ms for place in engine.placed()] == [0, 1_000.5, 1_700.5]
    now = engine.snapshot()
    assert (now.duration_ms, now.duration_exact) == (3_000, True)
    source = np.concatenate([pcm(sound) for sound in sounds])
    assert np.array_equal(heard(engine, output), source)
    assert engine.snapshot().position_ms == pytest.approx(3_000.5)


def test_a_gap_is_silent_for_its_true_length(engine: Engine, output: HandOutput) -> None:
    first, second = noise(800, seed=1), noise(600, seed=2)
    engine.open_parts([part(tape.wav(first), start_ms=0), part(tape.wav(second), start_ms=2_345)])
    lengths_known(engine)
    assert (engine.snapshot().duration_ms, engine.snapshot().duration_exact) == (2_945, True)
    silence = np.zeros(((2_345 - 800) * 48, 2), np.int16)
    source = np.concatenate([pcm(first), silence, pcm(second)])
    assert np.array_equal(heard(engine, output), source)


def test_what_would_overlap_comes_after(engine: Engine, output: HandOutput) -> None:
    first, second = noise(800, seed=1), noise(600, seed=2)
    engine.open_parts([part(tape.wav(first), start_ms=0), part(tape.wav(second), start_ms=790)])
    assert np.array_equal(heard(engine, output), np.concatenate([pcm(first), pcm(second)]))


def test_a_seek_lands_to_the_sample_in_any_part_and_in_gaps(engine: Engine, output: HandOutput) -> None:
    sounds = [noise(1_000, seed=1), noise(1_000, seed=2), noise(1_000, seed=3)]
    starts = (0, 1_000, 3_000)
    engine.open_parts([part(tape.wav(one), start_ms=at) for one, at in zip(sounds, starts, strict=True)])
    whole = np.zeros((4_000 * 48, 2), np.int16)
    for one, at in zip(sounds, starts, strict=True):
        whole[at * 48 : at * 48 + len(one)] = pcm(one)
    for wanted in (3_900, 999, 1_000, 1_001, 2_500, 0, 2_000, 3_000, 1_750):
        assert np.array_equal(heard(engine, output, wanted), whole[wanted * 48 :]), wanted


@pytest.mark.parametrize("kind", tape.FORMATS)
def test_codecs_rates_and_channels_may_differ_from_part_to_part(
    engine: Engine, output: HandOutput, kind: str, tmp_path: Path
) -> None:
    slow, mono = noise(900, seed=1, rate=16_000), noise(1_100, seed=2, channels=1)
    coded = tape.encoded(tape.wav(noise(1_500, seed=3, rate=44_100), 44_100), kind, tmp_path)
    datas = [tape.wav(slow, 16_000), coded, tape.wav(mono), tape.wav(noise(500, seed=4, rate=8_000), 8_000)]
    alone = []
    for data in datas:
        single = Engine(one := HandOutput(), latency_ms=0)
        single.open(lambda _unwanted, data=data: tape.Bytes(data))  # type: ignore[misc]
        alone.append(heard(single, one))
        single.close()
    engine.open_parts([part(data) for data in datas])
    together = heard(engine, output)
    at = 0
    for number, sound in enumerate(alone):
        # what a coder pads may end in silence, which is left out where a part is heard alone
        at += _first_match(together[at:], sound)
        assert np.array_equal(together[at : at + len(sound)], sound), number
        at += len(sound)
    assert at == len(together)


def _first_match(samples: Samples, sought: Samples) -> int:
    """How much silence stands before ``sought``."""
    silence = int(np.flatnonzero(np.abs(samples).any(axis=1))[0] - np.flatnonzero(np.abs(sought).any(axis=1))[0])
    assert 0 <= silence < 0.06 * RATE
    return silence


def test_a_part_that_is_gone_is_silent_for_as_long_as_it_lasted(engine: Engine, output: HandOutput) -> None:
    first, last = noise(500, seed=1), noise(500, seed=2)
    engine.open_parts(
        [part(tape.wav(first)), Segment(None, duration_ms=1_500, error=GONE), part(tape.wav(last))],
    )
    source = np.concatenate([pcm(first), np.zeros((1_500 * 48, 2), np.int16), pcm(last)])
    assert np.array_equal(heard(engine, output), source)
    assert engine.snapshot().error is None
    assert [place.error for place in engine.placed()] == [None, GONE, None]


def test_a_part_of_unknown_length_that_cannot_be_read_takes_no_time(engine: Engine, output: HandOutput) -> None:
    first, last = noise(500, seed=1), noise(500, seed=2)
    engine.open_parts([part(tape.wav(first)), part(b"<html>sign in</html>" * 99), part(tape.wav(last))])
    assert np.array_equal(heard(engine, output), np.concatenate([pcm(first), pcm(last)]))
    assert [type(place.error) for place in engine.placed()] == [type(None), MediaError, type(None)]


def test_the_first_part_may_be_the_one_that_is_missing(engine: Engine, output: HandOutput) -> None:
    last = noise(500, seed=2)
    engine.open_parts([Segment(None, duration_ms=400, error=GONE), part(tape.wav(last))])
    source = np.concatenate([np.zeros((400 * 48, 2), np.int16), pcm(last)])
    assert np.array_equal(heard(engine, output), source)


def test_with_no_part_left_the_reason_is_told(engine: Engine, output: HandOutput) -> None:
    engine.open_parts([Segment(None, duration_ms=400, error=GONE), part(b"nothing")])
    until(lambda: engine.snapshot().error, "the error")
    assert output.starts == 0


class Cut:
    """A part whose bytes end in trouble after ``allowed`` of them, until all are allowed."""

    def __init__(self, data: bytes, allowed: int) -> None:
        self.data, self.allowed = data, allowed
        self.failure = NetworkError("The network went away.", "Try again.")

    def open(self, unwanted: Callable[[], bool]) -> tape.Bytes:
        cut = self

        class Reader(tape.Bytes):
            def read(self, count: int | None = -1, /) -> bytes:
                if unwanted():
                    raise ReadCancelled
                if self.tell() >= cut.allowed:
                    raise cut.failure
                most = min(16_384, cut.allowed - self.tell())
                return super().read(most if count is None or count < 0 else min(count, most))

        return Reader(self.data)


def test_a_part_that_breaks_off_is_silent_to_its_end_and_heard_when_it_is_sought_again(
    engine: Engine, output: HandOutput
) -> None:
    sounds = [noise(600, seed=1), noise(2_000, seed=2), noise(600, seed=3)]
    cut = Cut(tape.wav(sounds[1]), 200_000)
    engine.open_parts([part(tape.wav(sounds[0])), Segment(cut.open), part(tape.wav(sounds[2]))])
    lengths_known(engine)
    whole = np.concatenate([pcm(sound) for sound in sounds])
    broken = heard(engine, output)
    assert len(broken) == len(whole)
    silent = np.flatnonzero(~np.abs(broken).any(axis=1))
    assert (silent[0], silent[-1] + 1) == (pytest.approx(600 * 48 + 50_000, abs=5_000), 2_600 * 48)
    sounding = np.abs(broken).any(axis=1)
    assert np.array_equal(broken[sounding], whole[sounding])
    assert engine.placed()[1].error is cut.failure
    cut.allowed = len(cut.data) + 1
    assert np.array_equal(heard(engine, output, 1_000), whole[48_000:])
    assert engine.placed()[1].error is None


def test_the_whole_length_is_known_before_anything_was_played(engine: Engine, output: HandOutput) -> None:
    told = threading.Event()
    other = Engine(output, latency_ms=0, notify=told.set)
    other.open_parts([part(tape.wav(noise(900, seed=seed))) for seed in range(5)])
    until(lambda: other.snapshot().duration_ms == 4_500, "the length")
    assert told.is_set()
    assert output.starts == 0
    other.close()


def test_speed_goes_on_through_joins_and_gaps(engine: Engine, output: HandOutput) -> None:
    sounds = [noise(1_000, seed=1), noise(1_000, seed=2)]
    engine.open_parts([part(tape.wav(sounds[0])), part(tape.wav(sounds[1], 48_000), start_ms=2_000)])
    engine.set_speed(2.0)
    samples = heard(engine, output)
    assert len(samples) == pytest.approx(1_500 * 48, abs=60 * 48)
    loud = np.abs(samples[:, 0]) > 500
    assert loud[: 480 * 48].mean() > 0.8
    assert not loud[540 * 48 : 980 * 48].any()
    assert loud[1_030 * 48 : 1_450 * 48].mean() > 0.8
