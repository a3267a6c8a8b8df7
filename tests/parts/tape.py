"""Test recordings that say where they are, and how to read that from what was heard.

Every 250 ms stands a burst of 120 ms whose three tones name its number, so any piece of captured sound that holds a
whole burst tells which moment of the recording it is.
"""

from __future__ import annotations

import io
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parts.sound import RATE, Heard

PERIOD_MS = 250
BURST_MS = 120
CENTRE_MS = BURST_MS / 2
_DIGITS = 10
_GROUPS = ((600, 80), (1_600, 80), (2_600, 80))
_ENCODERS = {
    "wav": (),
    "ogg": ("-c:a", "libopus", "-b:a", "48k"),
    "m4a": ("-c:a", "aac", "-b:a", "96k"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "64k"),
}
FORMATS = tuple(_ENCODERS)


@dataclass(frozen=True)
class Burst:
    """One whole burst that was heard: ``heard_ns`` when its middle sounded, ``media_ms`` where that middle stands."""

    heard_ns: float
    media_ms: float
    number: int


class Bytes(io.BytesIO):
    """A recording in memory, as decoders read one."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.size: int | None = len(data)


def bursts(duration_ms: int) -> NDArray[np.float32]:
    """The sound of a tape: mono, 48 kHz."""
    samples = np.zeros(duration_ms * RATE // 1_000, dtype=np.float32)
    length = BURST_MS * RATE // 1_000
    time = np.arange(length) / RATE
    window = np.hanning(length)
    for number in range(duration_ms // PERIOD_MS):
        at = number * PERIOD_MS * RATE // 1_000
        digits = (number // _DIGITS**place % _DIGITS for place in range(3))
        tones = [low + step * digit for (low, step), digit in zip(_GROUPS, digits, strict=True)]
        samples[at : at + length] += (0.2 * window * sum(np.sin(2 * np.pi * tone * time) for tone in tones))[
            : len(samples) - at
        ]
    return samples


def wav(samples: NDArray[np.float32], rate: int = RATE) -> bytes:
    """``samples`` ([count] or [count, channels], -1..1) as a wav file of 16 bits."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return out.getvalue()


def encoded(data: bytes, kind: str, folder: Path, *options: str) -> bytes:
    """The wav file ``data`` in another format, made by ffmpeg's own encoders."""
    if kind == "wav" and not options:
        return data
    source, target = folder / "source.wav", folder / f"tape.{kind}"
    source.write_bytes(data)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-i", source, *_ENCODERS.get(kind, ()), *options, target], check=True
    )
    return target.read_bytes()


def found(heard: Heard, *, speed: float = 1.0) -> list[Burst]:
    """The whole bursts in what was heard, in order; pieces of bursts are left out."""
    samples = heard.samples
    smooth = max(int(RATE * 0.004 / speed), 8)
    energy = np.convolve(samples.astype(np.float64) ** 2, np.ones(smooth) / smooth, "same")
    loud = np.flatnonzero(energy > 0.03 * np.quantile(energy, 0.995))
    expected = BURST_MS / speed * RATE / 1_000
    out = []
    for run in np.split(loud, np.flatnonzero(np.diff(loud) > 0.2 * expected) + 1):
        if not 0.6 * expected < len(run) < 1.15 * expected:
            continue
        piece = energy[run[0] : run[-1] + 1]
        centre = run[0] + float((piece * np.arange(len(piece))).sum() / piece.sum())
        number = _number(samples[run[0] : run[-1] + 1])
        out.append(Burst(heard.time_ns(centre), number * PERIOD_MS + CENTRE_MS, number))
    return out


def _number(piece: NDArray[np.float32]) -> int:
    size = 1 << 15
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), size))
    digits: Sequence[int] = [
        int(np.argmax([spectrum[round((low + step * digit) * size / RATE)] for digit in range(_DIGITS)]))
        for low, step in _GROUPS
    ]
    return sum(digit * _DIGITS**place for place, digit in enumerate(digits))
