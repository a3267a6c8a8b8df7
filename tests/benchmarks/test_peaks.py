"""Peaks against what only decoding costs, whole processes in turn; several processes against one; a long file's first
picture."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from parts import process
from parts.figures import Measured
from parts.rounds import cpu_ratio, inside, interleaved, program, wall_ratio
from qa_player.media.cache.chunk_file import CHUNK, ChunkFile
from qa_player.media.cache.sealed_file import SealedFile, SealedPlace
from qa_player.media.peaks.pyramid import build
from qa_player.media.peaks.sketch import sketch
from qa_player.media.peaks.workers import drawn_by_workers
from qa_player.sealed import new_key

RATE = 48_000
BASE_S, QUICK_S = 300, 20
CODERS = {
    "opus": ("ogg", "-c:a", "libopus", "-b:a", "32k"),
    "mp3": ("mp3", "-c:a", "libmp3lame", "-b:a", "64k"),
    "aac": ("m4a", "-c:a", "aac", "-b:a", "64k"),
    "wav": ("wav", "-c:a", "pcm_s16le"),
}
AGAINST_FFMPEG = {"opus": 1.15, "mp3": 1.20, "aac": 1.50, "wav": 0.60}
AGAINST_AUDIOWAVEFORM = {"opus": 1.05, "mp3": 0.80, "wav": 0.30}
TWO_PROCESSES = 0.70
FIRST_PICTURE_S = 2.0
PEAKS = """
import sys
from pathlib import Path
from qa_player.media.peaks.audiowaveform import to_dat, waveform_of
Path(sys.argv[2]).write_bytes(to_dat(waveform_of(Path(sys.argv[1]), pixels_per_second=None)))
"""

pytestmark = [
    pytest.mark.skipif(process.missing("ffmpeg") is not None, reason=process.missing("ffmpeg") or ""),
    pytest.mark.timeout(3_000),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, seed: int, quick: bool) -> Path:
    """Five minutes as speech is: syllables of filtered noise, pauses between sentences, a floor of hiss."""
    folder = tmp_path_factory.mktemp("speech")
    draw = np.random.default_rng(seed)
    seconds = QUICK_S if quick else BASE_S
    syllables = np.repeat(draw.random(seconds * 5) * (draw.random(seconds * 5) > 0.3), RATE // 5)
    voice = np.cumsum(draw.standard_normal(seconds * RATE))
    voice -= np.convolve(voice, np.ones(200) / 200, "same")
    samples = voice / np.abs(voice).max() * 20_000 * syllables + draw.normal(0, 60, seconds * RATE)
    with wave.open(str(folder / "base.wav"), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(samples.clip(-32_768, 32_767).astype("<i2").tobytes())
    return folder


def recording(folder: Path, kind: str, seconds: int) -> Path:
    ending, *coder = CODERS[kind]
    path = folder / f"{seconds}.{ending}"
    if not path.exists():
        source = ["-stream_loop", "-1", "-i", folder / "base.wav", "-t", str(seconds)]
        subprocess.run(["ffmpeg", "-v", "error", *source, *coder, path], check=True)
    return path


def eight_hours(folder: Path, kind: str, seconds: int) -> Path:
    """Eight times the same, without coding it again."""
    one = recording(folder, kind, seconds)
    path = one.with_stem(f"eight-{seconds}")
    if not path.exists():
        names = folder / f"{kind}.txt"
        names.write_text(f"file {one.name}\n" * 8)
        command = ["ffmpeg", "-v", "error", "-f", "concat", "-i", names, "-c", "copy", path]
        subprocess.run(command, check=True)
    return path


def sealed(path: Path) -> SealedPlace:
    place = SealedPlace(path.with_suffix(".sealed"), path.name, new_key(), path.stat().st_size)
    file = ChunkFile(place.path, place.cache_id)
    with path.open("rb") as plain:
        for number in range(-(-place.size // CHUNK)):
            file.write(place.key, number, plain.read(CHUNK))
    file.close()
    return place


@pytest.mark.parametrize("kind", CODERS)
def test_peaks_against_ffmpeg(
    benchmark: BenchmarkFixture, measured: Measured, folder: Path, kind: str, rounds: int, quick: bool
) -> None:
    path = recording(folder, kind, QUICK_S if quick else 3_600)
    out = path.with_suffix(".dat")
    runs = {
        "ours": program(sys.executable, "-c", PEAKS, path, out),
        "ffmpeg": program("ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", path, "-f", "null", "-"),
    }
    if shutil.which("audiowaveform") is not None and kind in AGAINST_AUDIOWAVEFORM:
        runs["audiowaveform"] = program("audiowaveform", "-q", "-i", path, "-o", out, "-z", "256", "-b", "8")
    costs = benchmark.pedantic(lambda: interleaved(runs, rounds=rounds), rounds=1)
    length = "20 s" if quick else "an hour"
    against = cpu_ratio(costs["ours"], costs["ffmpeg"])
    measured("peaks", f"{length} of {kind}, CPU ÷ ffmpeg to null", against, goal=AGAINST_FFMPEG[kind])
    if "audiowaveform" in costs:
        against = cpu_ratio(costs["ours"], costs["audiowaveform"])
        what = f"{length} of {kind}, CPU ÷ audiowaveform"
        measured("peaks", what, against, goal=AGAINST_AUDIOWAVEFORM[kind])
    elif kind in AGAINST_AUDIOWAVEFORM:
        measured.nothing("peaks", f"{length} of {kind}, CPU ÷ audiowaveform", "audiowaveform is not installed here")
    assert out.stat().st_size > 24


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core")
@pytest.mark.parametrize("kind", ["opus", "mp3", "aac"])
def test_two_processes_against_one(
    benchmark: BenchmarkFixture, measured: Measured, folder: Path, kind: str, rounds: int, quick: bool
) -> None:
    place = sealed(recording(folder, kind, QUICK_S if quick else 3_600))

    def one() -> None:
        with SealedFile(place) as file:
            build(file)

    def two() -> None:
        assert drawn_by_workers(place, unwanted=lambda: False, workers=2, worth_it_ms=0) is not None

    runs = {"one": inside(one), "two": inside(two)}
    costs = benchmark.pedantic(lambda: interleaved(runs, rounds=rounds), rounds=1)
    length = "20 s" if quick else "an hour"
    against = wall_ratio(costs["two"], costs["one"])
    measured("peaks", f"{length} of {kind}, wall of two processes ÷ one thread", against, goal=TWO_PROCESSES)


@pytest.mark.parametrize("kind", ["opus", "mp3", "aac"])
def test_the_first_picture_of_eight_hours(
    benchmark: BenchmarkFixture, measured: Measured, folder: Path, kind: str, rounds: int, quick: bool
) -> None:
    """From the sealed chunks, as the window has them."""
    place = sealed(eight_hours(folder, kind, QUICK_S if quick else 3_600))

    def drawn() -> list[float]:
        walls = []
        for _ in range(rounds):
            begun = time.monotonic()
            with SealedFile(place) as file:
                assert sketch(file) is not None
            walls.append(time.monotonic() - begun)
        return walls

    walls = benchmark.pedantic(drawn, rounds=1)
    length = "160 s" if quick else "8 hours"
    worst = float(np.max(walls))
    measured("peaks", f"{length} of {kind}, first picture, slowest", worst, goal=FIRST_PICTURE_S, unit="s")
