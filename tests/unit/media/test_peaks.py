"""Peaks are the true extremes of what is heard, at its true place, while they grow and when they are whole."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from fractions import Fraction

import av
import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from qa_player.errors import IntegrityError, MediaError, UsageError
from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.decode.samples import Run
from qa_player.media.peaks.pyramid import Pyramid, build, half_of_a_core, reduce
from qa_player.model.peaks import BASE_SAMPLES, LEVEL_FACTOR, Peaks

RATE = 48_000


class File(io.BytesIO):
    """Bytes as the cache hands them out."""

    @property
    def size(self) -> int:
        return len(self.getbuffer())


def noise(samples: int, channels: int = 1, *, seed: int = 7) -> NDArray[np.int16]:
    """[samples, channels] that no two pairs have in common."""
    return np.random.default_rng(seed).integers(-32_768, 32_767, (samples, channels), np.int16)


def wav(samples: NDArray[np.int16], rate: int = RATE) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(samples.shape[1])
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(samples.tobytes())
    return file.getvalue()


def encoded(samples: NDArray[np.int16], container: str, codec: str, rate: int = RATE) -> bytes:
    """A recording as providers make them."""
    file = io.BytesIO()
    layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
    with av.open(file, "w", format=container) as written:
        stream = written.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(stream.format, layout, rate, frame_size=stream.frame_size or 1_024)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), "s16", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            written.mux(stream.encode(piece))
        written.mux(stream.encode(None))
    return file.getvalue()


def decoded(recording: bytes, container: str) -> NDArray[np.float64]:
    """[samples, channels] by the plainest use of the library."""
    with av.open(io.BytesIO(recording), format=container) as opened:
        resampler = av.AudioResampler("fltp")
        pieces = [out.to_ndarray() for frame in opened.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate(pieces, axis=1).T.astype(np.float64)


def extremes(samples: NDArray[np.generic], per_pair: int) -> NDArray[np.int8]:
    """[pairs, channels, 2] by the plainest way there is."""
    scale = 256 if samples.dtype == np.int16 else 1 / 128
    pieces = [samples[at : at + per_pair] for at in range(0, len(samples), per_pair)]
    found = np.array([[piece.min(axis=0), piece.max(axis=0)] for piece in pieces]) / scale
    return np.clip(np.trunc(found), -128, 127).astype(np.int8).transpose(0, 2, 1)


def assert_true(peaks: Peaks, samples: NDArray[np.generic]) -> None:
    """Every level holds the extremes of ``samples``."""
    per_pair = BASE_SAMPLES
    for level in peaks.levels:
        np.testing.assert_array_equal(level, extremes(samples, per_pair))
        per_pair *= LEVEL_FACTOR


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("length", [1, 255, 256, 257, 300_001])
def test_plain_wave_has_its_samples_extremes_at_every_level(length: int, channels: int) -> None:
    samples = noise(length, channels)
    peaks = build(File(wav(samples, 8_000)))
    assert (peaks.sample_rate, peaks.channels, peaks.complete) == (8_000, channels, True)
    assert peaks.duration_ms == peaks.filled_ms == round(length / 8)
    assert_true(peaks, samples)


@pytest.mark.parametrize(
    ("container", "codec", "channels"),
    [
        ("ogg", "libopus", 1),
        ("webm", "libopus", 2),
        ("mp4", "aac", 1),
        ("mp4", "aac", 2),
        ("mp3", "libmp3lame", 2),
        ("flac", "flac", 2),
        ("wav", "pcm_mulaw", 1),
        ("wav", "pcm_u8", 2),
        ("wav", "pcm_s24le", 1),
        ("wav", "pcm_f32le", 2),
    ],
)
def test_every_kind_of_recording_is_drawn_as_it_decodes(container: str, codec: str, channels: int) -> None:
    recording = encoded(noise(RATE * 3 + 77, channels) // 3, container, codec)
    peaks = build(File(recording))
    samples = decoded(recording, container)
    assert (peaks.sample_rate, peaks.channels) == (RATE, channels)
    assert abs(peaks.duration_ms - 3_000) < 60
    finest = peaks.levels[0].astype(int)
    np.testing.assert_allclose(finest, extremes(samples, BASE_SAMPLES), atol=1)
    assert np.ptp(finest) > 60


def test_a_hole_in_the_clock_is_silence() -> None:
    samples = noise(RATE, 1)
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as written:
        stream = written.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for start in (0, 3 * RATE):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            written.mux(stream.encode(frame))
    peaks = build(File(file.getvalue()))
    loud = np.ptp(peaks.levels[0][:, 0, :].astype(int), axis=1) > 0
    seconds = [bool(loud[round(at * RATE / BASE_SAMPLES)]) for at in (0.5, 1.5, 2.5, 3.5)]
    assert peaks.duration_ms == 4_000
    assert seconds == [True, False, False, True]


@hypothesis.given(
    pieces=st.lists(st.integers(0, 3_000), min_size=1, max_size=12),
    per_pair=st.integers(1, 700),
    expected=st.integers(0, 5_000),
)
def test_how_samples_arrive_does_not_matter(pieces: Sequence[int], per_pair: int, expected: int) -> None:
    samples = noise(sum(pieces) + 1)
    pyramid = Pyramid(RATE, 1, expected=expected, base=per_pair)
    at = 0
    for piece in (*pieces, 1):
        pyramid.add(Run(0, (samples[at : at + piece, 0],)))
        at += piece
        pyramid.peaks()
    growing = pyramid.peaks()
    whole = pyramid.finished()
    np.testing.assert_array_equal(whole.levels[0], extremes(samples, per_pair))
    for grown, final in zip(growing.levels, whole.levels, strict=False):
        np.testing.assert_array_equal(grown[: len(final)], final)


def test_the_picture_grows_at_most_five_times_a_second() -> None:
    samples = noise(2_000_000)
    ticks = iter(np.arange(0, 100, 0.09))
    shown: list[tuple[int, bool, int, int]] = []

    def look(peaks: Peaks) -> None:
        known = peaks.filled_ms * RATE // 1_000 // BASE_SAMPLES
        np.testing.assert_array_equal(peaks.levels[0][:known], extremes(samples, BASE_SAMPLES)[:known])
        shown.append((peaks.filled_ms, peaks.complete, peaks.duration_ms, int(np.count_nonzero(peaks.levels[1]))))

    whole = build(File(wav(samples)), progress=look, clock=lambda: float(next(ticks)))
    blocks = -(-len(samples) * 2 // 262_144)
    assert len(shown) == blocks // 3 + 1
    assert [filled for filled, *_ in shown] == sorted({filled for filled, *_ in shown})
    assert [complete for _, complete, *_ in shown] == [False] * (len(shown) - 1) + [True]
    assert {duration for _, _, duration, _ in shown} == {whole.duration_ms}
    assert shown[0][3] < shown[-1][3]


def test_giving_up_ends_the_work() -> None:
    asked = iter([False, False, True])
    seen: list[float] = []
    with pytest.raises(ReadCancelled):
        build(File(wav(noise(2_000_000))), cancelled=lambda: next(asked), throttle=seen.append)
    assert len(seen) == 2


def test_while_it_plays_the_builder_rests_as_long_as_it_works() -> None:
    rests: list[float] = []
    playing = iter([True, False, True])
    rest = half_of_a_core(lambda: next(playing), rests.append)
    for worked in (0.02, 0.03, 50.0):
        rest(worked)
    assert rests == [0.02, 1.0]


def test_the_throttle_is_told_of_all_the_work() -> None:
    worked: list[float] = []
    build(File(wav(noise(2_000_000))), throttle=worked.append)
    assert len(worked) == 16
    assert min(worked) > 0


@pytest.mark.parametrize(
    "recording",
    [b"", b"<!DOCTYPE html><title>Sign in</title>" * 50, wav(noise(0)), wav(noise(9))[:40], b"OggS" + bytes(500)],
    ids=["empty", "a page", "no samples", "half a header", "a page of nothing"],
)
def test_what_is_no_sound_is_told_in_a_sentence(recording: bytes) -> None:
    with pytest.raises(MediaError) as raised:
        build(File(recording))
    assert raised.value.next_step


@pytest.mark.parametrize("stated", [0, 0xFFFFFFFF, 10_000_000])
def test_a_length_that_lies_is_not_believed(stated: int) -> None:
    samples = noise(10_000)
    recording = bytearray(wav(samples))
    recording[40:44] = stated.to_bytes(4, "little")
    assert_true(build(File(bytes(recording))), samples)


def test_a_file_that_is_cut_off_is_drawn_up_to_there() -> None:
    recording = encoded(noise(RATE * 4) // 3, "ogg", "libopus")
    whole, half = build(File(recording)), build(File(recording[: len(recording) // 2]))
    assert 500 < half.duration_ms < 3_000
    assert half.complete
    known = len(half.levels[0]) - 5
    np.testing.assert_array_equal(half.levels[0][:known], whole.levels[0][:known])


@pytest.mark.parametrize("good_bytes", [100, 30_000])
def test_what_the_cache_raises_reaches_the_caller(good_bytes: int) -> None:
    class Failing(File):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= good_bytes:
                raise IntegrityError("A chunk is damaged.", "Fetch it again.")
            return super().read(size)

    with pytest.raises(IntegrityError, match="chunk"):
        build(Failing(encoded(noise(RATE * 4) // 3, "ogg", "libopus")))


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=60)
def test_damage_is_drawn_or_told_never_a_crash(data: st.DataObject) -> None:
    recording = bytearray(data.draw(st.sampled_from(RECORDINGS)))
    for _ in range(data.draw(st.integers(1, 8))):
        recording[data.draw(st.integers(0, len(recording) - 1))] = data.draw(st.integers(0, 255))
    try:
        peaks = build(File(bytes(recording)))
    except MediaError:
        return
    assert peaks.duration_ms >= 0
    assert (len(peaks.levels[0]) + 1) * BASE_SAMPLES >= peaks.duration_ms * peaks.sample_rate // 1_000


RECORDINGS = (wav(noise(5_000)), encoded(noise(9_000) // 3, "ogg", "libopus"), encoded(noise(9_000) // 3, "mp4", "aac"))


@pytest.mark.parametrize(("rate", "pixels", "per_pair"), [(44_100, 100, 441), (8_000, 3, 2_666), (48_000, None, 256)])
def test_a_row_is_cut_from_the_samples_themselves(rate: int, pixels: int | None, per_pair: int) -> None:
    samples = noise(50_000, 2)
    row = reduce(File(wav(samples, rate)), pixels_per_second=pixels)
    assert (row.sample_rate, row.samples_per_pair) == (rate, per_pair)
    np.testing.assert_array_equal(row.pairs, extremes(samples, per_pair))


@pytest.mark.parametrize("pixels", [0, -1, 8_001])
def test_a_second_cannot_be_cut_finer_than_its_samples(pixels: int) -> None:
    with pytest.raises(UsageError, match="pixels"):
        reduce(File(wav(noise(100), 8_000)), pixels_per_second=pixels)
