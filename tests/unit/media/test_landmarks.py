"""Far places are reached by few bytes and to the sample, through what a pass over the recording noted.

The sound is noise from a seed: ``--seed 5`` makes another.
"""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from parts import process, tape
from qa_player.media.decode.decoder import Decoder
from qa_player.media.decode.landmarks import Landmarks
from qa_player.media.peaks.pyramid import build

SECONDS = 40
SEEKS = 25
PIECE = 4_000
AAC = ("-c:a", "aac", "-aac_pns", "0")
"""Else the coder leaves noise to a generator in each decoder, which says other noise each time."""

KINDS: dict[str, tuple[str, ...]] = {
    "ogg opus": ("ogg", "-c:a", "libopus", "-b:a", "48k"),
    "ogg vorbis": ("ogg", "-c:a", "libvorbis"),
    "mp3 of one rate": ("mp3", "-c:a", "libmp3lame", "-b:a", "64k"),
    "mp3 of many rates": ("mp3", "-c:a", "libmp3lame", "-q:a", "4"),
    "mp3 of many rates without a table": ("mp3", "-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0"),
    "m4a, index first": ("m4a", *AAC, "-movflags", "+faststart"),
    "m4a, index last": ("m4a", *AAC),
    "m4a in fragments": ("m4a", *AAC, "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "1000000"),
    "wav": ("wav",),
    "webm": ("webm", "-c:a", "libopus"),
    "flac": ("flac",),
}
NOTED = [kind for kind in KINDS if kind.startswith(("ogg", "mp3"))]

pytestmark = pytest.mark.skipif(process.missing("ffmpeg") is not None, reason=process.missing("ffmpeg") or "")


class Counting(tape.Bytes):
    """Counts what is read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.count = 0

    def read(self, count: int | None = -1, /) -> bytes:
        piece = super().read(count)
        self.count += len(piece)
        return piece


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    folder = tmp_path_factory.mktemp("noise")
    noise = np.random.default_rng(seed).standard_normal((SECONDS * 48_000, 1)).astype(np.float32)
    (folder / "noise.wav").write_bytes(tape.wav(np.clip(noise * 0.2, -1, 1)))
    return folder


def made(folder: Path, kind: str) -> bytes:
    ending, *options = KINDS[kind]
    path = folder / f"{kind.replace(' ', '-').replace(',', '')}.{ending}"
    if not path.exists():
        source = ["ffmpeg", "-v", "error", "-i", folder / "noise.wav"]
        subprocess.run([*source, *options, path], check=True)
    return path.read_bytes()


def whole(data: bytes) -> NDArray[np.float32]:
    decoder = Decoder(lambda: tape.Bytes(data))
    blocks = []
    while (block := decoder.read()) is not None:
        blocks.append(block.samples)
    decoder.close()
    return np.concatenate(blocks, axis=1)


def noted(data: bytes) -> Landmarks:
    landmarks = Landmarks()
    build(tape.Bytes(data), landmarks=landmarks)
    return Landmarks.from_bytes(landmarks.to_bytes())


def samples_off(oracle: NDArray[np.float32], decoder: Decoder, at_ms: float) -> int:
    """How far what is decoded at ``at_ms`` lies from its place in ``oracle``; more than 1,000: it is not there."""
    decoder.seek(at_ms)
    place = round(at_ms * decoder.facts.sample_rate / 1_000)
    pieces = []
    count = 0
    while count < PIECE and (block := decoder.read()) is not None:
        assert pieces or block.start == place
        pieces.append(block.samples[0])
        count += len(pieces[-1])
    piece = np.concatenate(pieces)[:PIECE]
    low = max(place - 1_000, 0)
    window = oracle[0, low : place + 1_000 + len(piece)]
    match = np.correlate(window - window.mean(), piece - piece.mean(), "valid")
    found = int(np.argmax(match)) + low
    alike = np.corrcoef(oracle[0, found : found + len(piece)], piece)[0, 1]
    return found - place if alike > 0.99 else 1_001


def places(kind: str, seed: int) -> list[float]:
    draw = random.Random(f"{seed} {kind}")
    return [draw.uniform(0, SECONDS * 1_000 - 200) for _ in range(SEEKS)]


@pytest.mark.parametrize("kind", KINDS)
def test_25_seeks_from_a_new_start_and_to_and_fro(folder: Path, kind: str, seed: int) -> None:
    data = made(folder, kind)
    oracle = whole(data)
    landmarks = noted(data)
    one = Decoder(lambda: tape.Bytes(data), landmarks=lambda: landmarks)
    for at_ms in places(kind, seed):
        fresh = Decoder(lambda: tape.Bytes(data), landmarks=lambda: landmarks)
        assert (samples_off(oracle, fresh, at_ms), samples_off(oracle, one, at_ms)) == (0, 0), f"at {at_ms:.0f} ms"
        fresh.close()
    one.close()


@pytest.mark.parametrize("kind", NOTED)
def test_a_far_place_costs_few_bytes(folder: Path, kind: str) -> None:
    """With the notes it is a twentieth of a minute; without, an mp3 is read from its start (so the notes are used)."""
    data = made(folder, kind)
    landmarks = noted(data)
    assert len(landmarks) >= SECONDS / 2.5
    reads = []
    for known in (landmarks, None):
        file = Counting(data)
        decoder = Decoder(lambda file=file: file, landmarks=lambda known=known: known)
        before = file.count
        decoder.seek(SECONDS * 800)
        assert decoder.read() is not None
        reads.append(file.count - before)
        decoder.close()
    assert reads[0] < 140_000
    if kind.startswith("mp3"):
        assert reads[0] < reads[1]


def test_the_ruler_sees_one_sample(folder: Path) -> None:
    data = made(folder, "wav")
    oracle = whole(data)
    shifted = np.concatenate([oracle[:, 1:], oracle[:, :1]], axis=1)
    assert samples_off(shifted, Decoder(lambda: tape.Bytes(data)), 5_000) == -1


def chained(folder: Path, codec: str) -> bytes:
    """Three recordings of different lengths joined end to end, as some recorders do after a break."""
    joined = b""
    for number, (start, length) in enumerate(((0, 9), (9, 14), (23, 11))):
        path = folder / f"link-{codec}-{number}.ogg"
        cut = ["-ss", str(start), "-t", str(length), "-c:a", codec, "-serial_offset", str(100 + number)]
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", folder / "noise.wav", *cut, path], check=True)
        joined += path.read_bytes()
    return joined


@pytest.mark.parametrize("codec", ["libopus", "libvorbis"])
@pytest.mark.parametrize("known", [True, False], ids=["noted", "not yet noted"])
def test_files_joined_end_to_end(folder: Path, codec: str, known: bool) -> None:
    data = chained(folder, codec)
    oracle = whole(data)
    assert abs(oracle.shape[1] - 34 * 48_000) < 3 * 2_048
    landmarks = noted(data) if known else None
    decoder = Decoder(lambda: tape.Bytes(data), landmarks=lambda: landmarks)
    assert not decoder.facts.duration_exact
    for at_ms in (31_000, 400, 12_000, 9_050, 22_800, 23_300, 5_000, 33_000):
        assert samples_off(oracle, decoder, at_ms) == 0, f"at {at_ms} ms"
    decoder.close()


def test_what_are_no_landmarks_is_refused() -> None:
    landmarks = Landmarks()
    landmarks.add(byte=5, place=5, origin_s=0.0)
    kept = landmarks.to_bytes()
    for broken in (b"", kept[:-1], kept + b"\0", b"\xff" * len(kept)):
        with pytest.raises(ValueError, match=r"no landmarks|another layout"):
            Landmarks.from_bytes(broken)
