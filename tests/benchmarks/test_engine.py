"""How exact the clock is and how soon sound comes: figures, not gates. Real sound through a null sink."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture

from parts import tape
from parts.figures import Measured
from parts.sound import SoundCard
from qa_player.media.decode.decoder import Decoder
from qa_player.media.engine import Engine
from qa_player.model.annotation import Span
from qa_player.model.playback import SPEEDS, Listening
from qa_player.ui.audio_output import AudioOutput

SEEKS = 8


@pytest.fixture(scope="module")
def tapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    source = tape.wav(tape.bursts(120_000))
    return {kind: tape.encoded(source, kind, tmp_path_factory.mktemp("tape")) for kind in tape.FORMATS}


@pytest.fixture
def output(qapp: QApplication, sound: SoundCard) -> Iterator[AudioOutput]:
    output = AudioOutput()
    yield output
    output.close()


def _opened(output: AudioOutput, data: bytes) -> Engine:
    engine = Engine(output, latency_ms=0)
    engine.open(lambda _unwanted: tape.Bytes(data))
    while engine.snapshot().duration_ms is None:
        time.sleep(0.002)
    return engine


@pytest.mark.parametrize("kind", tape.FORMATS)
def test_seek_to_the_sample(benchmark: BenchmarkFixture, tapes: dict[str, bytes], kind: str) -> None:
    """From a seek anywhere in two minutes to the first decoded block."""
    decoder = Decoder(lambda: tape.Bytes(tapes[kind]))
    draw = np.random.default_rng(3)

    def seek() -> None:
        decoder.seek(float(draw.uniform(0, 115_000)))
        decoder.read()

    benchmark(seek)
    decoder.close()


@pytest.mark.parametrize("kind", tape.FORMATS)
def test_seek_to_sound(
    benchmark: BenchmarkFixture,
    measured: Measured,
    tapes: dict[str, bytes],
    output: AudioOutput,
    sound: SoundCard,
    kind: str,
) -> None:
    """From a warm seek while it plays to its sound at the card; ``extra_info`` has median and p95 in milliseconds."""

    def delays() -> list[float]:
        engine = _opened(output, tapes[kind])
        told = []
        with sound.record() as ear:
            engine.play()
            for number in range(SEEKS):
                time.sleep(0.8)
                told.append((time.monotonic_ns(), (number * 37 + 11) % 100 * 1_000))
                engine.seek(told[-1][1])
            time.sleep(0.8)
        engine.close()
        bursts = tape.found(ear.heard)
        out = []
        for at_ns, target_ms in told:
            first = next(one for one in bursts if one.heard_ns > at_ns and 0 <= one.media_ms - target_ms < 1_000)
            out.append((first.heard_ns - at_ns) / 1e6 - (first.media_ms - target_ms))
        return out

    found = benchmark.pedantic(delays, rounds=1)
    measured("latency", f"warm seek in {kind}, engine to sound card, p95", p95(found), goal=50.0, unit="ms")


LOOP = Span(start_ms=1_200, end_ms=4_200)
"""Its edges lie between bursts."""

SPOKEN_MS, EVERY_MS = 1_500, 4_000


def _with_silences(samples: np.ndarray) -> np.ndarray:
    """Somebody speaks for a second and a half, then nobody for two and a half; soft noise all over."""
    spoken = np.arange(len(samples)) // 48 % EVERY_MS < SPOKEN_MS
    noise = np.random.default_rng(1).normal(0, 0.0005, len(samples))
    return (np.where(spoken, samples, 0) + noise).astype(np.float32)


WAYS = [
    *((speed, "") for speed in SPEEDS),
    *((speed, way) for speed in (0.5, 1.0, 2.0) for way in (" across silence left out", " in a loop")),
]


@pytest.mark.parametrize(("speed", "way"), WAYS)
def test_position_against_the_ear(
    benchmark: BenchmarkFixture,
    measured: Measured,
    output: AudioOutput,
    sound: SoundCard,
    speed: float,
    way: str,
) -> None:
    """Shown less heard over ten seconds, in milliseconds of the recording: the constant, and p95 around it."""
    samples, silent, looped = tape.bursts(60_000), "silence" in way, "loop" in way

    def errors() -> np.ndarray:
        engine = _opened(output, tape.wav(_with_silences(samples) if silent else samples))
        engine.listen(Listening(speed=speed, skips_silence=silent, loop=LOOP if looped else None))
        engine.seek(LOOP.start_ms if looped else 0)
        at_ns, shown_ms = [], []
        with sound.record() as ear:
            engine.play()
            end = time.monotonic() + 10
            while time.monotonic() < end:
                before = time.monotonic_ns()
                position_ms = engine.snapshot().position_ms
                after = time.monotonic_ns()
                if after - before < 1_000_000:  # else this thread was put aside between the two
                    shown_ms.append(position_ms)
                    at_ns.append((before + after) // 2)
                time.sleep(0.004)
            engine.pause()
        engine.close()
        bursts = [one for one in tape.found(ear.heard, speed=speed) if at_ns[0] < one.heard_ns < at_ns[-1]]
        shown = np.interp([burst.heard_ns for burst in bursts], at_ns, shown_ms)
        return shown - np.array([burst.media_ms for burst in bursts])

    found = benchmark.pedantic(errors, rounds=1)
    constant = float(np.median(found))
    wall = np.abs(found - constant) / speed
    goal = 20.0 if speed < 1 else 5.0 if speed == 1 else 10.0
    measured(
        "clock", f"position against the sound card at {speed}×{way}, p95 of wall time", p95(wall), goal=goal, unit="ms"
    )
    measured("clock", f"its constant at {speed}×{way}", abs(constant) / speed, goal=16.0, unit="ms")


def p95(values: Sequence[float] | np.ndarray) -> float:
    return float(np.percentile(values, 95))


@pytest.mark.parametrize("kind", tape.FORMATS)
def test_open_to_sound(
    benchmark: BenchmarkFixture,
    measured: Measured,
    tapes: dict[str, bytes],
    output: AudioOutput,
    sound: SoundCard,
    kind: str,
) -> None:
    """From opening a recording whose bytes are here to its first sound, in milliseconds."""

    def first_sound() -> float:
        engine = Engine(output, latency_ms=0)
        with sound.record() as ear:
            before = time.monotonic_ns()
            engine.open(lambda _unwanted: tape.Bytes(tapes[kind]))
            engine.play()
            time.sleep(1.0)
        engine.close()
        first = tape.found(ear.heard)[0]
        return (first.heard_ns - before) / 1e6 - first.media_ms

    found = benchmark.pedantic(first_sound, rounds=1)
    measured("latency", f"opening {kind} to its first sound, bytes at hand", found, goal=100.0, unit="ms")
