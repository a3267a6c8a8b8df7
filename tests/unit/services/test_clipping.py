"""Clips: the very samples of a span, each in the trail, and nothing half written."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from parts import tape
from parts.conversations import conversation
from parts.desk import Desk
from parts.loop import Loop
from qa_player.demo.server import DemoServer
from qa_player.errors import UsageError
from qa_player.model.annotation import Span

RATE = 8_000


@pytest.fixture
def sound(tmp_path: Path) -> np.ndarray:
    """Three seconds on two channels, no two samples alike for long."""
    return np.random.default_rng(7).normal(0, 0.1, (3 * RATE, 2)).astype(np.float32)


@pytest.fixture
def recorded(loop: Loop, desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path, sound: np.ndarray) -> Desk:
    path = tmp_path / "noise.wav"
    path.write_bytes(tape.wav(sound, RATE))
    loop.run(desk.connect(serve(conversation(1, path, duration_ms=3_000))))
    return desk


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as clip:
        assert (clip.getframerate(), clip.getsampwidth()) == (RATE, 2)
        return np.frombuffer(clip.readframes(clip.getnframes()), "<i2").reshape(-1, clip.getnchannels())


async def test_a_clip_holds_the_very_samples_and_is_in_the_trail(
    recorded: Desk, sound: np.ndarray, tmp_path: Path
) -> None:
    out = tmp_path / "clip.wav"
    made = await recorded.clipping.clip("acme", "sess_000001", Span(start_ms=1_001, end_ms=1_256), out)
    with wave.open(str(tmp_path / "noise.wav")) as whole:
        expected = np.frombuffer(whole.readframes(whole.getnframes()), "<i2").reshape(-1, 2)
    assert np.array_equal(samples(out), expected[8_008:10_048])
    assert made.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    (event,) = await recorded.events("recording.clipped")
    assert (event.detail["start_ms"], event.detail["end_ms"], event.detail["sha256"]) == (1_001, 1_256, made.sha256)
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("end_ms", "name", "words"),
    [(3_001, "clip.wav", "ends before"), (900, "clip.mp3", "as WAV"), (900, "none/clip.wav", "no folder")],
)
async def test_what_cannot_be_clipped_leaves_nothing(
    recorded: Desk, tmp_path: Path, end_ms: int, name: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        await recorded.clipping.clip("acme", "sess_000001", Span(start_ms=500, end_ms=end_ms), tmp_path / name)
    assert not (tmp_path / name).exists()
    assert await recorded.events("recording.clipped") == []
