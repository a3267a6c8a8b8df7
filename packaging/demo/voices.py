"""Speech from flite: one turn's text to clean samples that begin and end with sound, equally loud for every voice."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
"""Samples per second of everything that is made here: what flite's voices speak."""

Samples = NDArray[np.float64]

_LOUDNESS = 0.085  # root mean square of the sounding parts, about -21 dB below full scale
_LOUDEST = 0.7
_AUDIBLE = 0.01  # of the loudest sample; flite's own silences are far below
_WINDOW = RATE // 200
_EDGE = RATE // 500


@dataclass(frozen=True)
class Voice:
    """A flite voice; ``pitch`` and ``pace`` are factors (1.1: a tenth higher, a tenth slower)."""

    name: str
    pitch: float = 1.0
    pace: float = 1.0

    @classmethod
    def of(cls, told: str) -> Voice:
        """As a conversation's file writes it: ``rms pitch=0.94 pace=1.05``."""
        name, *factors = told.split()
        return cls(name, **{key: float(value) for key, _, value in (factor.partition("=") for factor in factors)})


@cache
def spoken(text: str, voice: Voice) -> Samples:
    """``text`` in ``voice``, from its first audible sample to its last."""
    samples = _trimmed(_changed(_flite(text, voice), voice.pitch))
    sounding = samples[np.abs(samples) > np.abs(samples).max() * 0.05]
    samples = samples * (_LOUDNESS / np.sqrt(np.mean(sounding**2)))
    samples = np.where(np.abs(samples) > _LOUDEST, np.sign(samples) * _LOUDEST, samples)
    fade = np.linspace(0, 1, _EDGE)
    samples[:_EDGE] *= fade
    samples[-_EDGE:] *= fade[::-1]
    return samples


def _flite(text: str, voice: Voice) -> Samples:
    # a higher pitch is made by playing slower speech faster, so its pace is put in here
    stretch = f"duration_stretch={voice.pace * voice.pitch:.4f}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "turn.wav"
        subprocess.run(["flite", "-voice", voice.name, "--setf", stretch, "-t", text, "-o", str(file)], check=True)
        with wave.open(str(file)) as opened:
            if (opened.getframerate(), opened.getnchannels(), opened.getsampwidth()) != (RATE, 1, 2):
                raise SystemExit(f"flite's voice {voice.name} does not speak 16 kHz mono")
            return np.frombuffer(opened.readframes(opened.getnframes()), "<i2") / 32_768


def _changed(samples: Samples, pitch: float) -> Samples:
    if pitch == 1.0:
        return samples
    return np.interp(np.arange(0, len(samples) - 1, pitch), np.arange(len(samples)), samples)


def _trimmed(samples: Samples) -> Samples:
    """Without the silence around it, to a window of 5 ms."""
    windows = np.abs(samples[: len(samples) // _WINDOW * _WINDOW]).reshape(-1, _WINDOW).max(axis=1)
    audible = np.flatnonzero(windows > windows.max() * _AUDIBLE)
    return samples[audible[0] * _WINDOW : (audible[-1] + 1) * _WINDOW].copy()
