"""The ear hears what is played, when it is played, and silence when nothing is."""

from __future__ import annotations

import os
import subprocess
import time

import numpy as np

from parts.sound import RATE, SoundCard


def _play(sound: SoundCard, samples: np.ndarray) -> None:
    pcm = (samples * 32_767).astype("<i2").tobytes()
    subprocess.run(
        ["pacat", "--playback", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=500"],
        input=pcm,
        env={**os.environ, **sound.environment},
        check=True,
    )


def test_what_is_played_is_heard_with_its_spacing(sound: SoundCard) -> None:
    clicks = np.zeros(RATE, dtype=np.float32)
    clicks[RATE // 4 :: RATE // 2] = 0.8  # at 0.25 and 0.75 s

    with sound.record(tail_ms=1_500) as ear:
        before = time.monotonic_ns()
        _play(sound, clicks)

    heard = ear.heard
    loud = np.flatnonzero(heard.samples > 0.5)
    assert len(loud) == 2
    first, second = (heard.time_ns(sample) for sample in loud)
    assert abs((second - first) / 1e6 - 500) < 2
    assert before + 200e6 < first < before + 2_000e6
    assert heard.sample_at(first) == loud[0]


def test_silence_is_heard_as_silence_and_its_clock_is_the_clock(sound: SoundCard) -> None:
    before = time.monotonic_ns()
    with sound.record() as ear:
        time.sleep(0.5)
    after = time.monotonic_ns()

    heard = ear.heard
    assert not heard.samples.any()
    assert len(heard.samples) > RATE * 0.5
    assert before - 200e6 < heard.start_ns < heard.time_ns(len(heard.samples)) < after + 50e6
    assert abs(heard.samples_per_ns * 1e9 / RATE - 1) < 0.02


def test_a_sound_card_comes_back_after_it_was_taken_away(sound: SoundCard) -> None:
    sound.stop()
    sound.start()
    with sound.record(tail_ms=0) as ear:
        pass
    assert len(ear.heard.samples) > 0
