"""The ring gives back what went in, in order, with its place in the recording."""

from __future__ import annotations

import random

from qa_player.media.engine.ring import FRAME_BYTES, Ring, Stretch


def _stretch(frames: int, first: int, ms_per_frame: float = 1 / 48) -> Stretch:
    samples = b"".join((first + frame).to_bytes(FRAME_BYTES, "little") for frame in range(frames))
    return Stretch(samples, first * ms_per_frame, ms_per_frame)


def test_any_split_gives_the_same_frames_at_the_same_places() -> None:
    draw = random.Random(4)
    ring = Ring()
    written = read = 0
    for _ in range(300):
        frames = draw.randrange(1, 900)
        ring.write(_stretch(frames, written))
        written += frames
        for piece in ring.take(draw.randrange(0, 1_000)):
            assert piece.frames > 0
            for frame in (0, piece.frames - 1):
                number = int.from_bytes(piece.samples[frame * FRAME_BYTES : (frame + 1) * FRAME_BYTES], "little")
                assert number == read + frame
                assert abs(piece.media_ms + frame * piece.ms_per_frame - number / 48) < 1e-6
            read += piece.frames
        assert ring.held == written - read


def test_it_gives_no_more_than_it_holds() -> None:
    ring = Ring()
    ring.write(_stretch(10, 0))
    assert sum(piece.frames for piece in ring.take(100)) == 10
    assert ring.take(100) == []


def test_cleared_it_is_empty() -> None:
    ring = Ring()
    ring.write(_stretch(10, 0))
    ring.clear()
    assert (ring.held, ring.take(5)) == (0, [])
