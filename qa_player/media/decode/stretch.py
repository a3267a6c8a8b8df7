"""The samples of a part of a recording, to the sample: what one of several workers decodes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from qa_player.errors import MediaError
from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.landmarks import Landmarks
from qa_player.media.decode.opening import Opened
from qa_player.media.decode.samples import Run, decoded_runs

CONTAINERS = frozenset({"mp4", "mp3", "ogg", "flac"})
"""Kinds whose stamps name the sample after a seek; webm counts milliseconds."""

_PRE_ROLLS = (0.5, 2.0, 10.0)


def stretch_runs(file: MediaFile, start: int, end: int | None, *, landmarks: Landmarks | None = None) -> Iterator[Run]:
    """The samples from place ``start`` up to ``end``, null for all that follow.

    Raises MediaError where a file offers no way to ``start``, and what reading ``file`` raises.
    """
    opened = Opened(file)
    try:
        left = None if end is None else end - start
        for run in _from(opened, start, landmarks):
            length = run.silence + len(run.planes[0])
            if left is not None and length >= left:
                silence = min(run.silence, left)
                yield Run(silence, tuple(plane[: left - silence] for plane in run.planes))
                return
            left = None if left is None else left - length
            yield run
    finally:
        opened.close()


def _from(opened: Opened, start: int, landmarks: Landmarks | None) -> Iterator[Run]:
    rate = opened.facts.sample_rate
    frames = opened.frames()
    if not start:
        yield from decoded_runs(opened, frames, landmarks=landmarks)
        return
    first = next(frames, None)
    if first is None or first.pts is None or not opened.seekable or opened.facts.container not in CONTAINERS:
        raise _no_way()
    origin_s = float(first.pts * first.time_base)
    for pre_roll in _PRE_ROLLS:
        if not opened.seek(max(start / rate - pre_roll, 0.0) + origin_s):
            continue
        frames = opened.frames()
        first = next(frames, None)
        if first is None or first.pts is None:
            continue
        place = round((float(first.pts * first.time_base) - origin_s) * rate)
        if place <= start:
            runs = decoded_runs(opened, chain([first], frames), place=place, landmarks=landmarks)
            yield from _cut(runs, start - place)
            return
    raise _no_way()


def _cut(runs: Iterator[Run], surplus: int) -> Iterator[Run]:
    """``runs`` without their first ``surplus`` samples."""
    for run in runs:
        silence = max(run.silence - surplus, 0)
        surplus = max(surplus - run.silence, 0)
        planes = tuple(plane[surplus:] for plane in run.planes)
        surplus = max(surplus - len(run.planes[0]), 0)
        if silence or len(planes[0]):
            yield Run(silence, planes)


def _no_way() -> MediaError:
    return MediaError("The recording can only be read from its start.", "Open the session again.")
