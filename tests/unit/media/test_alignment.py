"""A planted clock is found on real speech, wherever it can be; where it cannot, nothing is guessed."""

from __future__ import annotations

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from parts.clocks import sample_named, turns_by, voice_of
from qa_player.media import alignment
from qa_player.media.cache.reader import ReadCancelled
from qa_player.media.voice import Onsets, Voice, heard, joined
from qa_player.model.timing import Measurement, Unclear
from qa_player.model.transcript import Role, TimeSource, Turn

SPOKEN = (
    "Address change",
    "New order",
    "Password reset",
    "Messy transcript",
    "Appointment booking",
    "Talking over each other",
    "Complaint",
)
"""Codecs aac, opus, pcm and mp3, one and two channels, twelve turns to fifty."""

PLANTED = ((1_370, 200), (0, 0), (-1_370, -200), (-20_000, 120), (31_000, -300))


def furthest_off(found: Measurement, subject: str, offset_ms: float, drift_ppm: float) -> float:
    """How far (ms) the found clock is from the planted one, where it is furthest, over the whole recording."""
    clock = found.timing()
    end = round(voice_of(subject).duration_ms)
    planted = [at * (1 + drift_ppm / 1e6) + offset_ms for at in (0, end)]
    return max(abs(clock.to_audio_ms(at) - truth) for at, truth in zip((0, end), planted, strict=True))


@pytest.mark.parametrize("subject", SPOKEN)
@pytest.mark.parametrize(("offset_ms", "drift_ppm"), PLANTED)
def test_a_planted_clock_is_found_within_sixty_milliseconds_anywhere(
    subject: str, offset_ms: int, drift_ppm: int
) -> None:
    for seed, jitter_ms in enumerate((0, 25, 25)):
        turns = turns_by(subject, offset_ms=offset_ms, drift_ppm=drift_ppm, jitter_ms=jitter_ms, seed=seed)
        found = alignment.measure(voice_of(subject), turns)
        assert isinstance(found, Measurement), found
        assert furthest_off(found, subject, offset_ms, drift_ppm) <= 60
        assert found.matched > found.turns * 0.9


@pytest.mark.nightly
def test_a_planted_clock_is_found_in_an_hour() -> None:
    for offset_ms, drift_ppm in PLANTED:
        turns = turns_by("Long support call", offset_ms=offset_ms, drift_ppm=drift_ppm, jitter_ms=40)
        found = alignment.measure(voice_of("Long support call"), turns)
        assert isinstance(found, Measurement), found
        assert furthest_off(found, "Long support call", offset_ms, drift_ppm) <= 30
        assert abs(found.drift_ppm - drift_ppm) < 5


@pytest.mark.nightly
@pytest.mark.parametrize("jitter_ms", [80, 120, 200, 400])
@pytest.mark.parametrize("subject", SPOKEN)
def test_the_worse_a_transcript_is_timed_the_less_is_told_and_never_something_far_off(
    subject: str, jitter_ms: int
) -> None:
    for seed in range(20):
        chance = random.Random(seed)
        offset_ms, drift_ppm = chance.choice((1_370, 0, -800, 5_000)), chance.choice((0, 200, -200))
        turns = turns_by(subject, offset_ms=offset_ms, drift_ppm=drift_ppm, jitter_ms=jitter_ms, seed=seed)
        found = alignment.measure(voice_of(subject), [turn for turn in turns if chance.random() < 0.8])
        if isinstance(found, Measurement):
            assert furthest_off(found, subject, offset_ms, drift_ppm) <= 300


@pytest.mark.parametrize("subject", SPOKEN)
def test_another_calls_transcript_is_not_laid_on_it(subject: str) -> None:
    for other in SPOKEN:
        if other != subject:
            found = alignment.measure(voice_of(subject), turns_by(other, offset_ms=0, drift_ppm=0))
            assert found in (Unclear.NO_AGREEMENT, Unclear.AMBIGUOUS)


@pytest.mark.parametrize("subject", SPOKEN)
def test_turns_at_random_are_laid_nowhere(subject: str) -> None:
    voice = voice_of(subject)
    for seed in range(8):
        chance = random.Random(seed)
        starts = sorted(chance.sample(range(round(voice.duration_ms)), 30))
        assert alignment.measure(voice, turns_at(starts)) in (Unclear.NO_AGREEMENT, Unclear.AMBIGUOUS)


def turns_at(starts: list[int], source: TimeSource = TimeSource.TURN_STAMP) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            index=index,
            role=(Role.AGENT, Role.USER)[index % 2],
            raw_role="x",
            speaker=None,
            text="…",
            raw_start_ms=start,
            time_source=source,
        )
        for index, start in enumerate(starts)
    )


def sounding(loud: NDArray[np.float64]) -> Voice:
    """The voice of a recording whose level is ``loud`` decibels in frames of 10 ms."""
    return heard(loud[np.newaxis].astype(np.float32), frame_ms=10)


def test_silence_noise_and_music_have_no_clock() -> None:
    chance = np.random.default_rng(7)
    turns = turns_by("Address change", offset_ms=0, drift_ppm=0)
    silence = sounding(np.full(12_000, -90.0))
    noise = sounding(chance.normal(-30, 1.5, 12_000))
    at = np.arange(12_000)
    music = sounding(-20.0 - (at % 50) * 0.9 + chance.normal(0, 1, 12_000))
    assert alignment.measure(silence, turns) is Unclear.NO_SPEECH
    assert alignment.measure(noise, turns) is Unclear.NO_SPEECH
    assert alignment.measure(music, turns) is Unclear.NO_AGREEMENT
    # and a transcript as even as the music fits at every beat
    assert alignment.measure(music, turns_at(list(range(0, 110_000, 4_000)))) is Unclear.AMBIGUOUS


def test_too_little_to_go_by_is_said() -> None:
    voice = voice_of("Address change")
    turns = turns_by("Address change", offset_ms=0, drift_ppm=0)
    assert alignment.measure(voice, ()) is Unclear.NO_TIMES
    assert alignment.measure(voice, turns[:5]) is Unclear.FEW_TURNS
    untimed = tuple(turn.model_copy(update={"raw_start_ms": None}) for turn in turns)
    assert alignment.measure(voice, untimed) is Unclear.NO_TIMES
    derived = tuple(turn.model_copy(update={"time_source": TimeSource.DERIVED}) for turn in turns)
    assert alignment.measure(voice, derived) is Unclear.NO_TIMES
    tools = tuple(turn.model_copy(update={"role": Role.TOOL}) for turn in turns)
    assert alignment.measure(voice, tools) is Unclear.NO_TIMES


def test_a_party_on_each_side_is_found_whichever_side_it_is_on() -> None:
    voice = voice_of("Complaint")
    assert len(voice.channels) == 2
    turned = Voice(voice.duration_ms, voice.channels[::-1])
    for one in (voice, turned):
        found = alignment.measure(one, turns_by("Complaint", offset_ms=2_500, drift_ppm=0))
        assert isinstance(found, Measurement)
        assert abs(found.offset_ms - 2_500) < 30


def test_onsets_are_where_the_speaking_is_told_to_begin() -> None:
    voice = voice_of("Password reset")
    onsets = np.concatenate([channel.at_ms for channel in voice.channels])
    off = [np.abs(onsets - spoken.start_ms).min() for spoken in sample_named("Password reset").truth]
    assert np.median(off) <= 20


def test_the_work_can_be_given_up() -> None:
    voice = Voice(10_000.0, (Onsets(np.arange(20) * 500.0, np.full(20, 400.0)),))
    with pytest.raises(ReadCancelled):
        alignment.measure(voice, turns_at([at * 500 for at in range(12)]), cancelled=lambda: True)


def test_parts_of_a_recording_are_one_voice_on_one_timeline() -> None:
    whole = voice_of("Complaint")
    cut = 100_000.0
    before, after = [], []
    for side in whole.channels:
        late = side.at_ms >= cut
        before.append(Onsets(side.at_ms[~late], side.pause_ms[~late]))
        after.append(Onsets(side.at_ms[late] - cut, side.pause_ms[late]))
    parts = ((cut, Voice(whole.duration_ms - cut, tuple(after))), (0.0, Voice(cut, tuple(before))))
    found = joined(parts)
    assert found.duration_ms == whole.duration_ms
    for one, other in zip(found.channels, whole.channels, strict=True):
        assert np.allclose(one.at_ms, other.at_ms)
        assert np.array_equal(one.pause_ms, other.pause_ms)
    # one part with two sides and one with one: all are taken as one voice
    mixed = joined((parts[1], (cut, Voice(1_000.0, (Onsets(np.array([5.0]), np.array([9.0])),)))))
    assert [len(side.at_ms) for side in mixed.channels] == [sum(len(side.at_ms) for side in before) + 1]
    assert joined(()).channels[0].at_ms.size == 0
