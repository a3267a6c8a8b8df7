"""What comes out at other speeds: as much as goes in by the clock, to the last moment of it."""

from __future__ import annotations

import numpy as np
import pytest

from qa_player.media.engine.ring import FRAME_BYTES, OUTPUT_RATE
from qa_player.media.engine.shape import Shape
from qa_player.media.engine.silence import Piece
from qa_player.model.playback import Channels

LENGTH_MS, LAST_MS = 2_000, 40


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.25, 2.0, 3.0])
@pytest.mark.parametrize("rate", [8_000, 48_000])
@pytest.mark.parametrize("levelled", [False, True])
def test_the_last_word_is_heard_at_every_speed(speed: float, rate: int, levelled: bool) -> None:
    """A recording that is silent but for its last 40 ms."""
    samples = np.zeros((1, LENGTH_MS * rate // 1_000), np.float32)
    last = LAST_MS * rate // 1_000
    samples[0, -last:] = 0.5 * np.sin(2 * np.pi * 500 * np.arange(last) / rate)
    shape = Shape(sample_rate=rate, speed=speed, channels=Channels.BOTH, levelled=levelled)
    made = []
    for start in range(0, LENGTH_MS, 100):
        at = start * rate // 1_000
        made += shape.feed(Piece(start, samples[:, at : at + rate // 10]))
    made += shape.finish()
    sound = np.frombuffer(b"".join(one.samples for one in made), "<i2").reshape(-1, 2)[:, 0]
    assert len(sound) == pytest.approx(LENGTH_MS / speed * OUTPUT_RATE / 1_000, abs=2)
    tail = np.abs(sound[-round(LAST_MS / speed * OUTPUT_RATE / 1_000) :])
    assert np.sqrt((tail.astype(float) ** 2).mean()) > 0.2 * 32_767 * 0.5, "the burst is heard, not only begun"
    assert made[-1].media_ms + len(made[-1].samples) // FRAME_BYTES * made[-1].ms_per_frame == pytest.approx(
        LENGTH_MS, abs=0.1
    )
