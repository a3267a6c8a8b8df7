"""Several processes draw what one thread draws, of one recording whose key alone they are given, and leave nothing."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

from parts import process, tape
from qa_player.media.cache.chunk_file import CHUNK, ChunkFile
from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.cache.sealed_file import SealedFile, SealedPlace
from qa_player.media.decode.landmarks import Landmarks
from qa_player.media.decode.stretch import stretch_runs
from qa_player.media.peaks.pyramid import build
from qa_player.media.peaks.sketch import sketch
from qa_player.media.peaks.workers import drawn_by_workers
from qa_player.model.peaks import Peaks
from qa_player.sealed import new_key

SECONDS = 20
COLUMNS = 8
KINDS = {
    "ogg": ("-c:a", "libopus"),
    "mp3": ("-c:a", "libmp3lame", "-q:a", "4"),
    "m4a": ("-c:a", "aac", "-aac_pns", "0"),
    "flac": (),
}

pytestmark = pytest.mark.skipif(process.missing("ffmpeg") is not None, reason=process.missing("ffmpeg") or "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    folder = tmp_path_factory.mktemp("noise")
    draw = np.random.default_rng(seed)
    loud = np.repeat(draw.permutation(np.linspace(0.01, 0.4, COLUMNS)), SECONDS * 48_000 // COLUMNS)[:, None]
    sides = np.concatenate([loud, loud[::-1]], axis=1) * draw.standard_normal((SECONDS * 48_000, 2))
    (folder / "noise.wav").write_bytes(tape.wav(np.clip(sides, -1, 1).astype(np.float32)))
    return folder


def made(folder: Path, kind: str) -> bytes:
    path = folder / f"noise.{kind}"
    if not path.exists():
        subprocess.run(["ffmpeg", "-v", "error", "-i", folder / "noise.wav", *KINDS[kind], path], check=True)
    return path.read_bytes()


def sealed(path: Path, data: bytes) -> SealedPlace:
    place = SealedPlace(path, "a part", new_key(), len(data))
    file = ChunkFile(path, place.cache_id)
    for number in range(-(-len(data) // CHUNK)):
        file.write(place.key, number, data[number * CHUNK : (number + 1) * CHUNK])
    file.close()
    return place


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("workers", [2, 3])
def test_workers_draw_what_one_thread_draws(folder: Path, tmp_path: Path, kind: str, workers: int) -> None:
    data = made(folder, kind)
    noted = Landmarks()
    alone = build(tape.Bytes(data), landmarks=noted)
    drawn = drawn_by_workers(sealed(tmp_path / "part", data), unwanted=lambda: False, workers=workers, worth_it_ms=0)
    assert drawn is not None
    assert _facts(drawn.peaks) == _facts(alone)
    apart = max(
        int(np.abs(a.astype(int) - b.astype(int)).max()) for a, b in zip(drawn.peaks.levels, alone.levels, strict=True)
    )
    assert apart <= (1 if kind == "m4a" else 0)
    if kind in ("ogg", "mp3"):
        assert len(drawn.landmarks) >= len(noted) - workers > 3


def _facts(peaks: Peaks) -> tuple[object, ...]:
    shapes = [level.shape for level in peaks.levels]
    return peaks.sample_rate, peaks.channels, peaks.duration_ms, peaks.filled_ms, peaks.complete, shapes


def test_what_can_only_be_read_in_order_is_left_to_one_thread(folder: Path, tmp_path: Path) -> None:
    data = tape.wav(tape.bursts(2_000))
    assert drawn_by_workers(sealed(tmp_path / "part", data), unwanted=lambda: False, workers=2, worth_it_ms=0) is None


def test_a_worker_that_cannot_read_is_no_picture(folder: Path, tmp_path: Path) -> None:
    data = made(folder, "mp3")
    place = sealed(tmp_path / "part", data)
    damaged = bytearray(place.path.read_bytes())
    damaged[len(damaged) * 3 // 4] ^= 1
    place.path.write_bytes(damaged)
    assert drawn_by_workers(place, unwanted=lambda: False, workers=2, worth_it_ms=0) is None


def test_the_key_is_in_no_argument_and_no_environment(folder: Path, tmp_path: Path) -> None:
    place = sealed(tmp_path / "part", made(folder, "ogg"))
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    if not children.exists():
        pytest.skip("this system does not list a process's children")
    seen: list[bytes] = []

    def look() -> bool:
        for child in children.read_text().split():
            for name in ("cmdline", "environ"):
                with contextlib.suppress(OSError):  # it may have ended since it was listed
                    seen.append(Path(f"/proc/{child}/{name}").read_bytes())
        return False

    assert drawn_by_workers(place, unwanted=look, workers=2, worth_it_ms=0) is not None
    told = b"".join(seen)
    assert b"qa_player.media.peaks.worker" in told
    for secret in (place.key, place.key.hex().encode(), b"a part"):
        assert secret not in told
    assert place.key.hex() not in repr(place)


def test_playing_ends_the_workers_at_once(folder: Path, tmp_path: Path) -> None:
    place = sealed(tmp_path / "part", made(folder, "ogg"))
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    others = children.read_text().split() if children.exists() else []
    with pytest.raises(ReadCancelled):
        drawn_by_workers(place, unwanted=lambda: True, workers=2, worth_it_ms=0)
    assert not children.exists() or set(children.read_text().split()) <= set(others)


def test_a_stretch_begins_and_ends_on_its_sample(folder: Path) -> None:
    data = made(folder, "flac")
    whole = np.concatenate([run.planes[0] for run in stretch_runs(tape.Bytes(data), 0, None)])
    part = np.concatenate([run.planes[0] for run in stretch_runs(tape.Bytes(data), 100_001, 300_007)])
    np.testing.assert_array_equal(part, whole[100_001:300_007])


@pytest.mark.parametrize("kind", [*KINDS, "wav"])
def test_a_sketch_is_near_the_truth(folder: Path, kind: str) -> None:
    """Each side of the noise is louder and softer for seconds; the sketch knows which is which."""
    data = (folder / "noise.wav").read_bytes() if kind == "wav" else made(folder, kind)
    true = build(tape.Bytes(data))
    rough = sketch(tape.Bytes(data), columns=COLUMNS)
    assert rough is not None
    assert rough.sketch is not None
    assert (rough.complete, rough.filled_ms) == (False, 0)
    middles = ((np.arange(COLUMNS) + 0.5) * len(true.levels[0]) / COLUMNS).astype(int)
    near = np.array([true.levels[0][middle - 10 : middle + 10, :, 1].max(axis=0) for middle in middles])
    for channel in range(2):
        assert np.corrcoef(near[:, channel], rough.sketch[:, channel, 1])[0, 1] > 0.8


def test_a_sealed_recording_reads_as_its_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 1_000
    with SealedFile(sealed(tmp_path / "part", data)) as file:
        assert file.seek(-5, 2) == len(data) - 5
        assert (file.read(100), file.read(1)) == (data[-5:], b"")
        file.seek(CHUNK - 3)
        assert file.read(10) + file.read(7) == data[CHUNK - 3 : CHUNK + 7]
