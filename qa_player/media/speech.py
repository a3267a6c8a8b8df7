"""Who is heard when: the stretches of speech of each side of a recording, with the clock of its transcript."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qa_player.media import alignment
from qa_player.media.container.headers import MediaFile
from qa_player.media.voice import Onsets, Voice, levels_of, stretches, voiced, voices
from qa_player.model.annotation import Span
from qa_player.model.timing import Measurement, Timing
from qa_player.model.transcript import Turn

Channels = tuple[tuple[Span, ...], ...]
"""For each side that is a voice of its own, where it is heard, in order."""

_BEFORE_MS = 1_000.0
"""What lies before a recording counts as so much quiet."""


def listen(
    file: MediaFile,
    *,
    progress: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[float, Channels]:
    """Decode ``file`` once in the calling thread: its length in milliseconds, and where each side is heard in it.

    ``progress`` is told the share done, 0 to 1, where a length is announced. Raises MediaError for what is no sound,
    ReadCancelled, and whatever reading ``file`` raises.
    """
    levels, frame_ms = levels_of(file, progress=progress, cancelled=cancelled)
    return levels.shape[1] * frame_ms, heard(levels, frame_ms=frame_ms)


def heard(levels: NDArray[np.float32], *, frame_ms: float) -> Channels:
    """Where each voice of ``levels`` is heard: decibels [channels, frames], each frame ``frame_ms`` long."""
    sides = voices(levels)
    return tuple(_spans(row, sides, frame_ms) for row in sides)


def joined(parts: Sequence[tuple[float, float, Channels]]) -> Channels:
    """One recording of several that begin at ``start_ms`` and last ``duration_ms``.

    Where they differ in their sides, nobody knows which belong together: all are taken as one.
    """
    counts = {len(channels) for _, _, channels in parts}
    apart = len(counts) == 1
    sides: list[list[Span]] = [[] for _ in range(counts.pop() if apart else min(len(parts), 1))]
    for start_ms, _, channels in parts:
        by = round(start_ms)
        for number, spans in enumerate(channels):
            sides[number if apart else 0] += [
                Span(start_ms=span.start_ms + by, end_ms=span.end_ms + by) for span in spans
            ]
    return tuple(tuple(sorted(spans, key=lambda span: (span.start_ms, span.end_ms))) for spans in sides)


def clock_of(
    channels: Channels, duration_ms: float, turns: Sequence[Turn], *, cancelled: Callable[[], bool] = lambda: False
) -> Timing | None:
    """The clock that lays ``turns`` on what is heard; null where it cannot be told. Raises ReadCancelled."""
    found = alignment.measure(Voice(duration_ms, tuple(map(_onsets, channels))), turns, cancelled=cancelled)
    return found.timing() if isinstance(found, Measurement) else None


def _spans(row: NDArray[np.float32], sides: NDArray[np.float32], frame_ms: float) -> tuple[Span, ...]:
    starts, ends = stretches(row, voiced(row, sides))
    spans: list[Span] = []
    for start, end in zip(starts, ends, strict=True):
        start_ms, end_ms = round(start * frame_ms), round(end * frame_ms)
        if spans and start_ms <= spans[-1].end_ms:
            start_ms = spans.pop().start_ms
        spans.append(Span(start_ms=start_ms, end_ms=max(end_ms, start_ms + 1)))
    return tuple(spans)


def _onsets(spans: Sequence[Span]) -> Onsets:
    starts = np.array([span.start_ms for span in spans], np.float64)
    before = np.array([-_BEFORE_MS, *(span.end_ms for span in spans[:-1])][: len(spans)], np.float64)
    return Onsets(starts, np.maximum(starts - before, 0.0))
