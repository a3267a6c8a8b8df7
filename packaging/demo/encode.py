"""Samples to the files that are shipped, the same bytes each time, and back again to see where the sound lies."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from voices import RATE, Samples


@dataclass(frozen=True)
class Kind:
    """How one kind of recording is made: the end of its name, and what ffmpeg is told."""

    suffix: str
    arguments: tuple[str, ...]


_FRONT = ("-movflags", "+faststart")
KINDS = {
    "mp4": Kind(".mp4", ("-c:a", "aac", *_FRONT)),
    "mp4, index last": Kind(".mp4", ("-c:a", "aac")),
    "ogg": Kind(".ogg", ("-c:a", "libopus", "-application", "voip")),
    "mp3": Kind(".mp3", ("-c:a", "libmp3lame")),
    "wav": Kind(".wav", ("-c:a", "pcm_s16le")),
}


def write(sound: Samples, path: Path, kind: Kind, *, kbits: int | None) -> None:
    """``sound``, shape (samples, channels), into ``path``."""
    rate = () if kbits is None else ("-b:a", f"{kbits}k")
    command = ["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(RATE), "-ac", str(sound.shape[1]), "-i", "-"]
    command += [*kind.arguments, *rate, "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    pcm = np.rint(sound * 32_767).astype("<i2").tobytes()
    subprocess.run([*command, str(path)], input=pcm, check=True)


def read(path: Path, channels: int) -> Samples:
    """What the file sounds like, shape (samples, channels), at the rate it was made from."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ar", str(RATE), "-ac", str(channels), "-"]
    pcm = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(pcm, "<i2").reshape(-1, channels) / 32_768


def late_by_ms(sound: Samples, decoded: Samples) -> float:
    """By how much the decoded file is late against what went into it, from the first minute's correlation."""
    length = min(len(sound), len(decoded), 60 * RATE)
    made, heard = sound[:length].sum(axis=1), decoded[:length].sum(axis=1)
    spectrum = np.fft.rfft(heard, 2 * length) * np.conj(np.fft.rfft(made, 2 * length))
    shift = int(np.argmax(np.fft.irfft(spectrum)))
    return (shift if shift < length else shift - 2 * length) / RATE * 1_000
