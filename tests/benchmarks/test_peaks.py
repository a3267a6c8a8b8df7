"""Peaks against what decoding alone costs, in CPU time inside one process: the ratio is what counts.

Goals (one hour, whole processes): opus 1.15, mp3 1.20, aac 1.50 times a plain decode, wav far below one.
"""

from __future__ import annotations

import io
import time
import wave
from fractions import Fraction

import av
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from qa_player.media.decode.opening import Opened
from qa_player.media.peaks.pyramid import build

RATE = 48_000
SECONDS = 120
KINDS = {"opus": ("ogg", "libopus"), "mp3": ("mp3", "libmp3lame"), "aac": ("mp4", "aac")}


class File(io.BytesIO):
    @property
    def size(self) -> int:
        return len(self.getbuffer())


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    """Two minutes of bursts of noise, as speech is."""
    random = np.random.default_rng(5)
    loud = np.repeat(random.random(SECONDS * 4) > 0.3, RATE // 4)
    return (random.normal(0, 4_000, SECONDS * RATE) * loud).astype(np.int16)


@pytest.fixture(scope="module")
def recordings(samples: np.ndarray) -> dict[str, bytes]:
    made = {"wav": _wav(samples)}
    for name, (container, codec) in KINDS.items():
        file = io.BytesIO()
        with av.open(file, "w", format=container) as written:
            stream = written.add_stream(codec, rate=RATE, layout="mono")
            resampler = av.AudioResampler(stream.format, "mono", RATE, frame_size=stream.frame_size)
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            for piece in (*resampler.resample(frame), *resampler.resample(None)):
                written.mux(stream.encode(piece))
            written.mux(stream.encode(None))
        made[name] = file.getvalue()
    return made


def _wav(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples.tobytes())
    return file.getvalue()


def decode(recording: bytes) -> None:
    for _ in Opened(File(recording)).frames():
        pass


@pytest.mark.benchmark(timer=time.process_time, min_rounds=5, warmup=True)
@pytest.mark.parametrize("what", ["decode alone", "peaks"])
@pytest.mark.parametrize("kind", ["opus", "mp3", "aac", "wav"])
def test_peaks(benchmark: BenchmarkFixture, recordings: dict[str, bytes], kind: str, what: str) -> None:
    benchmark.group = f"two minutes of {kind}"
    recording = recordings[kind]
    benchmark(decode, recording) if what == "decode alone" else benchmark(lambda: build(File(recording)))
