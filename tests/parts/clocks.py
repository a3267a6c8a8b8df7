"""Sample conversations whose transcript runs by another clock than their recording, by a known amount."""

from __future__ import annotations

import functools
import random
from pathlib import Path

from qa_player.demo.samples import Sample, load_samples
from qa_player.media.voice import Voice, listen
from qa_player.model.transcript import Role, TimeSource, Turn

ROLES = {"assistant": Role.AGENT, "user": Role.USER}


class LocalFile:
    """A file of this disk as decoders read it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size: int | None = path.stat().st_size

    def read(self, count: int = -1, /) -> bytes:
        return self._file.read(count)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()


@functools.cache
def sample_named(subject: str) -> Sample:
    """A shipped conversation by what it is about."""
    return next(sample for sample in load_samples() if sample.subject == subject)


@functools.cache
def voice_of(subject: str) -> Voice:
    """The onsets of its recording."""
    path = sample_named(subject).recording
    assert path is not None
    file = LocalFile(path)
    try:
        return listen(file)
    finally:
        file.close()


def turns_by(
    subject: str, *, offset_ms: float, drift_ppm: float, jitter_ms: float = 0, seed: int = 0
) -> tuple[Turn, ...]:
    """Its turns as a transcript has them whose zero lies at ``offset_ms`` of the recording and whose clock is slower by
    ``drift_ppm``; each start is off by ``jitter_ms`` (standard deviation)."""
    chance = random.Random(seed)
    return tuple(
        Turn(
            index=index,
            role=ROLES[spoken.role],
            raw_role=spoken.role,
            speaker=None,
            text="…",
            raw_start_ms=round((spoken.start_ms - offset_ms + chance.gauss(0, jitter_ms)) / (1 + drift_ppm / 1e6)),
            time_source=TimeSource.TURN_STAMP,
        )
        for index, spoken in enumerate(sample_named(subject).truth)
    )
