"""The shipped conversations are what they are said to be: what is told of each is what a decoder hears."""

from __future__ import annotations

import av
import numpy as np
import pytest

from qa_player.demo.samples import Sample, load_samples

SAMPLES = load_samples()
SPOKEN = [sample for sample in SAMPLES if sample.recording is not None and sample.truth]
AUDIBLE = 10 ** (-38 / 20)  # 20 dB below the level of the speech
HOP_MS = 5


def heard(sample: Sample) -> tuple[np.ndarray, int]:
    """The recording as a decoder gives it: float samples, one row for each channel, and their rate."""
    with av.open(str(sample.recording)) as container:
        resampler = av.AudioResampler(format="fltp")
        blocks = [
            block.to_ndarray()
            for frame in container.decode(audio=0)
            for block in resampler.resample(frame)
        ]
        return np.concatenate(blocks, axis=1), container.streams.audio[0].rate


def levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """The RMS of every HOP_MS, from audio zero."""
    edges = (np.arange(0, samples.shape[-1] * 1_000 // rate - HOP_MS, HOP_MS) * rate) // 1_000
    sums = np.add.reduceat(samples.astype(np.float64) ** 2, edges)
    return np.sqrt(sums / (HOP_MS * rate / 1_000))


def onset_errors_ms(sample: Sample, *, told_late_ms: int = 0) -> list[int]:
    """For each turn that begins in silence: where sound begins near its start, less where it is said to begin."""
    samples, rate = heard(sample)
    stereo = samples.shape[0] == 2
    errors = []
    by_channel = [levels(row, rate) for row in samples]
    for index, turn in enumerate(sample.truth):
        channel = 0 if not stereo or turn.role == "assistant" else 1
        others = [other for at, other in enumerate(sample.truth) if at != index and (not stereo or other.role == turn.role)]
        if any(other.start_ms < turn.start_ms + 100 and turn.start_ms - 150 < other.end_ms for other in others):
            continue
        start_ms = turn.start_ms + told_late_ms
        first = (start_ms - 100) // HOP_MS
        loud = np.flatnonzero(by_channel[channel][first : first + 200 // HOP_MS] > AUDIBLE)
        errors.append(int((first + loud[0]) * HOP_MS - start_ms) if loud.size else 1_000)
    return errors


@pytest.mark.parametrize("sample", SPOKEN, ids=lambda sample: sample.subject)
def test_every_turn_is_heard_where_it_is_said_to_begin(sample: Sample) -> None:
    errors = onset_errors_ms(sample)
    assert len(errors) >= len(sample.truth) / 2
    assert max(map(abs, errors)) <= 15
