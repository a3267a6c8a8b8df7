"""Who is heard when: ends as well as onsets, on each side by itself, with both at once, over several parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from parts.clocks import LocalFile, sample_named, turns_by
from qa_player.media import speech
from qa_player.model.annotation import Span
from qa_player.model.delay import Basis, delays_of
from qa_player.model.speech import Speech, Spoken, spoken_turns
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, place

STEREO = ("Complaint", "Billing dispute", "Talking over each other")
WITHIN_MS = 30
NOBODY = "0" * 64


def channels_of(subject: str) -> tuple[float, speech.Channels]:
    path = sample_named(subject).recording
    assert path is not None
    file = LocalFile(path)
    try:
        return speech.listen(file)
    finally:
        file.close()


@pytest.mark.parametrize("subject", STEREO)
def test_where_speech_begins_and_ends_is_found_on_each_side(subject: str) -> None:
    _, channels = channels_of(subject)
    assert len(channels) == 2
    for side, spans in zip(("assistant", "user"), channels, strict=True):
        for spoken in (one for one in sample_named(subject).truth if one.role == side):
            assert min(abs(span.start_ms - spoken.start_ms) for span in spans) <= 15
            assert min(abs(span.end_ms - spoken.end_ms) for span in spans) <= 15


@pytest.mark.parametrize("offset_ms", [0, 1_370, -2_500])
@pytest.mark.parametrize("subject", STEREO)
def test_gaps_and_overlaps_are_measured_however_wrong_the_transcripts_clock_is(subject: str, offset_ms: int) -> None:
    """What the recording was made of says how long each gap and overlap truly is."""
    turns = turns_by(subject, offset_ms=offset_ms, drift_ppm=0, jitter_ms=40)
    truth = delays_of(
        [
            Spoken(
                turn.index,
                turn.role,
                spoken.start_ms,
                spoken.end_ms,
                (Span(start_ms=spoken.start_ms, end_ms=spoken.end_ms),),
                measured=True,
            )
            for turn, spoken in zip(turns, sample_named(subject).truth, strict=True)
        ],
        turns,
    )
    duration_ms, channels = channels_of(subject)
    clock = speech.clock_of(channels, duration_ms, turns)
    assert clock is not None
    heard = Speech(recording_digest=NOBODY, transcript_digest=NOBODY, channels=channels, clock=clock)
    placed = place(turns, clock, round(duration_ms))
    found = delays_of(spoken_turns(placed, heard), placed)
    assert found.basis is Basis.MEASURED
    assert [(one.user_turn, one.agent_turn) for one in found.answers] == [
        (one.user_turn, one.agent_turn) for one in truth.answers
    ]
    for one, true in zip(found.answers, truth.answers, strict=True):
        assert abs(one.delay_ms - true.delay_ms) <= WITHIN_MS
    assert [(one.role, one.turn, one.interrupted_turn) for one in found.interruptions] == [
        (one.role, one.turn, one.interrupted_turn) for one in truth.interruptions
    ]
    for cut, true_cut in zip(found.interruptions, truth.interruptions, strict=True):
        assert cut.overlap_ms is not None
        assert true_cut.overlap_ms is not None
        assert abs(cut.overlap_ms - true_cut.overlap_ms) <= WITHIN_MS


@pytest.mark.parametrize("subject", ["Address change", "New order", "Cancel the add-on", "Password reset"])
def test_one_channel_gives_the_gaps_as_an_estimate(subject: str) -> None:
    turns = turns_by(subject, offset_ms=0, drift_ppm=0)
    duration_ms, channels = channels_of(subject)
    assert len(channels) == 1
    heard = Speech(recording_digest=NOBODY, transcript_digest=NOBODY, channels=channels)
    placed = place(turns, Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PROVIDER), round(duration_ms))
    found = delays_of(spoken_turns(placed, heard), placed)
    spoken = sample_named(subject).truth
    assert found.basis is Basis.ESTIMATED
    gaps = {
        at: spoken[at].start_ms - spoken[at - 1].end_ms
        for at in range(1, len(spoken))
        if turns[at].role is Role.AGENT and spoken[at].start_ms > spoken[at - 1].end_ms
    }
    assert {one.agent_turn for one in found.answers} == set(gaps)
    assert all(abs(one.delay_ms - gaps[one.agent_turn]) <= WITHIN_MS for one in found.answers)


def levels(*rows: list[tuple[int, int]], frames: int = 1_000) -> NDArray[np.float32]:
    """Decibels: each row loud from frame to frame, and quiet elsewhere."""
    made = np.full((len(rows), frames), -80.0, np.float32)
    for row, spans in enumerate(rows):
        for start, end in spans:
            made[row, start:end] = -20.0
    return made


def test_the_same_voice_on_both_sides_is_one() -> None:
    row = [(100, 200), (300, 420)]
    assert speech.heard(levels(row, row), frame_ms=10) == (
        (Span(start_ms=1_000, end_ms=2_000), Span(start_ms=3_000, end_ms=4_200)),
    )
    assert len(speech.heard(levels([(100, 200)], [(300, 420)]), frame_ms=10)) == 2


def test_silence_has_no_speech_and_no_clock() -> None:
    channels = speech.heard(np.full((1, 1_000), -90, np.float32), frame_ms=10)
    assert channels == ((),)
    assert speech.clock_of(channels, 10_000, turns_by("Complaint", offset_ms=0, drift_ppm=0)) is None


def test_parts_lie_one_after_the_other_and_sides_that_differ_are_one() -> None:
    one, other = (Span(start_ms=0, end_ms=500),), (Span(start_ms=700, end_ms=900),)
    apart = speech.joined([(0.0, 1_000.0, (one, other)), (1_000.0, 1_000.0, (one, other))])
    assert [[(span.start_ms, span.end_ms) for span in side] for side in apart] == [
        [(0, 500), (1_000, 1_500)],
        [(700, 900), (1_700, 1_900)],
    ]
    mixed = speech.joined([(0.0, 1_000.0, (one, other)), (1_000.0, 1_000.0, (one,))])
    assert [(span.start_ms, span.end_ms) for span in mixed[0]] == [(0, 500), (700, 900), (1_000, 1_500)]
    assert speech.joined([]) == ()


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    from qa_player.errors import MediaError

    path = tmp_path / "x.wav"
    path.write_bytes(b"no sound at all" * 100)
    file = LocalFile(path)
    try:
        with pytest.raises(MediaError):
            speech.listen(file)
    finally:
        file.close()
