"""Speak one line with a local synthesiser, and cut it to exactly what is audible."""

from __future__ import annotations

import math
import subprocess
import tempfile
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

RATE = 16_000  # the synthesisers' own; 16 samples are one millisecond
PER_MS = RATE // 1_000
LOUDNESS = 10 ** (-18 / 20) * 32_768  # RMS of a spoken line
PEAK = 0.9 * 32_768
AUDIBLE = 10 ** (-38 / 20) * 32_768  # 20 dB below the spoken level: where speech begins and ends
_FADE = 2 * PER_MS


@dataclass(frozen=True)
class Voice:
    """``name`` is flite's (slt, rms, awb) or ``espeak:<voice>``; ``pitch`` 1.1 is a tenth higher, at the same pace.

    ``telephone`` leaves nothing above 4 kHz, which a recording of 8 kHz could not hold.
    """

    name: str
    pitch: float = 1.0
    telephone: bool = False


def spoken(text: str, voice: Voice) -> array[int]:
    """The line as 16-bit samples at RATE: level, from its first audible sound to its last, whole milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "line.wav")
        _synthesise(text.replace("—", ",").replace("…", ","), voice, path)
        samples = _read(path, voice)
    return _trimmed(_levelled(samples))


def _synthesise(text: str, voice: Voice, path: Path) -> None:
    if voice.name.startswith("espeak:"):
        command = ["espeak-ng", "-v", voice.name.removeprefix("espeak:"), "-s", "165", "-w", str(path), text]
    else:
        command = ["flite", "-voice", voice.name, "-t", text, "-o", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _read(path: Path, voice: Voice) -> array[int]:
    with wave.open(str(path)) as told:
        rate, data = told.getframerate(), told.readframes(told.getnframes())
    if rate != RATE or voice != Voice(voice.name):
        shift = f"asetrate={round(rate * voice.pitch)},aresample={RATE},atempo={1 / voice.pitch:.6f}"
        if voice.telephone:
            shift += f",aresample=8000,aresample={RATE}"
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-af", shift, "-ac", "1", "-f", "s16le", "-"]
        data = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return array("h", data)


def _levelled(samples: array[int]) -> array[int]:
    """At LOUDNESS where it is audible, with its peaks below PEAK."""
    frames = [samples[at : at + 320] for at in range(0, len(samples), 320)]
    powers = [sum(sample * sample for sample in frame) / len(frame) for frame in frames]
    loud = [power for power in powers if power > max(powers) / 1_000]
    gain = LOUDNESS / math.sqrt(sum(loud) / len(loud))
    limit = int(PEAK)
    return array("h", (max(-limit, min(limit, round(sample * gain))) for sample in samples))


def _trimmed(samples: array[int]) -> array[int]:
    frame = 5 * PER_MS
    first = _audible_from(samples, frame)
    backwards = samples[::-1]
    last = len(samples) - _audible_from(backwards, frame)
    last -= (last - first) % PER_MS
    kept = samples[first:last]
    for at in range(_FADE):  # no click where it is cut
        kept[at] = kept[at] * at // _FADE
        kept[-1 - at] = kept[-1 - at] * at // _FADE
    return kept


def _audible_from(samples: array[int], frame: int) -> int:
    """Where 20 ms begin of which every 5 ms are audible."""
    enough = AUDIBLE * AUDIBLE * frame
    run = 0
    for at in range(0, len(samples) - frame, frame):
        run = run + 1 if sum(sample * sample for sample in samples[at : at + frame]) >= enough else 0
        if run == 4:
            return at - 3 * frame
    raise ValueError("A line is silent.")
