"""Parts of a recording: whether they follow one another or are the same thing twice, and where each lies."""

from __future__ import annotations

import pytest

from qa_player.model.arrangement import (
    ALONE,
    Arrangement,
    ArrangementOrigin,
    chosen,
    guessed,
    guessed_again,
    laid_out,
    whole_ms,
    with_lengths,
)
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState

Times = tuple[int | None, int | None]


def parts(*times: Times) -> tuple[RecordingPart, ...]:
    """Parts ``p0``, ``p1`` … from (start, length)."""
    return tuple(
        RecordingPart(
            part_id=f"p{number}",
            sequence=number,
            start_ms=start,
            duration_ms=length,
            mode=RecordingMode.STREAM,
            mime=None,
            expires_at=None,
            state=RecordingState.AVAILABLE,
        )
        for number, (start, length) in enumerate(times)
    )


@pytest.mark.parametrize(
    ("times", "conversation_ms", "separate", "because"),
    [
        ([(0, 60_000), (90_000, 30_000)], None, False, "follow one another"),
        ([(0, 60_000), (60_040, 30_000)], None, False, "follow one another"),
        ([(0, 60_000), (59_500, 30_000)], None, False, "follow one another"),
        ([(0, None), (90_000, None)], None, False, "follow one another"),
        ([(0, 60_000), (200, 60_000)], None, True, "begin at the same time"),
        ([(0, None), (0, None)], None, True, "begin at the same time"),
        ([(0, 60_000), (5_000, 50_000)], None, True, "overlap"),
        ([(0, None), (None, None)], None, False, "not known yet"),
        ([(0, 37_518), (None, None)], None, False, "not known yet"),
        ([(0, 37_518), (None, 29_341)], None, False, "differ in length"),
        ([(0, 60_000), (None, 60_300)], 59_000, True, "no longer than one"),
        ([(0, 60_000), (None, 60_300)], 118_000, False, "together"),
        ([(0, 60_000), (None, 60_300), (None, 60_000)], None, True, "nothing tells"),
    ],
)
def test_the_guess_and_its_reason(
    times: list[Times], conversation_ms: int | None, separate: bool, because: str
) -> None:
    guess = guessed(parts(*times), conversation_ms)
    assert because in guess.reason
    assert guess.origin is ArrangementOrigin.GUESS
    assert (guess.arrangement is Arrangement.ALTERNATIVES) is separate
    assert guess.part_id == ("p0" if separate else None)


def test_one_part_needs_no_guess() -> None:
    assert guessed(parts((0, 5)), 5) == guessed((), None) == ALONE


def test_what_becomes_known_while_somebody_listens_changes_the_reason_only() -> None:
    blind = guessed(parts((0, None), (None, None)), 9_000)
    assert "differ in length" in guessed_again(blind, parts((0, 9_000), (None, 5_000)), 14_000).reason
    doubted = guessed_again(blind, parts((0, 9_000), (None, 9_000)), 9_000)
    assert (doubted.arrangement, doubted.part_id) == (Arrangement.CONSECUTIVE, None)
    assert doubted.reason.endswith("no longer than one of them. Choose what is to be heard.")
    told = chosen(Arrangement.CONSECUTIVE, None)
    assert guessed_again(told, parts((0, 9_000), (None, 9_000)), 9_000) is told


def test_places_follow_lengths_and_a_provider_s_clock() -> None:
    told = parts((0, None), (None, 5_000), (20_000, 1_000), (20_500, 1_000))
    assert [part.start_ms for part in laid_out(told, ALONE)] == [0, None, 20_000, 21_000]
    known = with_lengths(told, {"p0": 10_000})
    placed = laid_out(known, ALONE)
    assert [(part.start_ms, part.duration_ms) for part in placed] == [
        (0, 10_000),
        (10_000, 5_000),
        (20_000, 1_000),
        (21_000, 1_000),
    ]
    assert whole_ms(placed, ALONE) == 22_000
    assert whole_ms(laid_out(told, ALONE), ALONE) is None


def test_of_alternatives_the_chosen_one_is_the_whole() -> None:
    second = chosen(Arrangement.ALTERNATIVES, "p1")
    placed = laid_out(parts((0, 4_000), (None, 5_000)), second)
    assert [part.start_ms for part in placed] == [0, 0]
    assert whole_ms(placed, second) == 5_000
    assert second.origin is ArrangementOrigin.PERSON
