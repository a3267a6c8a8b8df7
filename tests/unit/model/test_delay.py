"""Delays and interruptions, worked by hand: who answered whom, after how long, and who set in while another spoke."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qa_player.model.annotation import Span
from qa_player.model.delay import LEAST_OVERLAP_MS, Basis, Delays, delays_of
from qa_player.model.speech import Speech, spoken_turns
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, Turn, place

EXACT = Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PROVIDER)
NOBODY = "0" * 64
A, U, T = Role.AGENT, Role.USER, Role.TOOL

Said = tuple[Role, int | None, int | None]
"""Who, from when, until when (null: the provider does not say)."""


def turns_of(*said: Said, duration_ms: int | None = None, **fields: Any) -> tuple[Turn, ...]:
    told = [
        Turn(
            index=index,
            role=role,
            raw_role=role.value,
            speaker=None,
            text="…",
            raw_start_ms=start_ms,
            raw_end_ms=end_ms,
            **{name: value[index] for name, value in fields.items() if index in value},
        )
        for index, (role, start_ms, end_ms) in enumerate(said)
    ]
    return place(told, EXACT, duration_ms)


def told(*said: Said, **fields: Any) -> Delays:
    turns = turns_of(*said, **fields)
    return delays_of(spoken_turns(turns, None), turns)


def heard(turns: tuple[Turn, ...], *channels: list[tuple[int, int]]) -> Delays:
    speech = Speech(
        recording_digest=NOBODY,
        transcript_digest=NOBODY,
        channels=tuple(tuple(Span(start_ms=start, end_ms=end) for start, end in one) for one in channels),
    )
    return delays_of(spoken_turns(turns, speech), turns)


def answers(delays: Delays) -> list[tuple[int, int, int]]:
    return [(one.user_turn, one.agent_turn, one.delay_ms) for one in delays.answers]


def interruptions(delays: Delays) -> list[tuple[Role, int, int, int | None]]:
    return [(one.role, one.turn, one.interrupted_turn, one.overlap_ms) for one in delays.interruptions]


def test_each_answer_has_its_gap_and_the_users_own_pauses_are_none() -> None:
    delays = told((A, 0, 2_000), (U, 4_000, 5_000), (A, 5_800, 7_000), (U, 7_300, 8_000), (A, 10_500, 12_000))
    assert answers(delays) == [(1, 2, 800), (3, 4, 2_500)]
    assert [(one.from_ms, one.to_ms) for one in delays.answers] == [(5_000, 5_800), (8_000, 10_500)]
    assert (delays.median_ms, delays.slowest[0].agent_turn, delays.basis) == (1_650, 4, Basis.ESTIMATED)
    assert delays.interruptions == ()


def test_of_several_turns_of_the_user_the_last_to_end_counts_and_only_the_first_answer() -> None:
    delays = told((U, 0, 4_000), (U, 1_000, 2_000), (A, 4_600, 5_000), (A, 6_000, 7_000))
    assert answers(delays) == [(0, 2, 600)]


def test_an_agent_who_spoke_on_answers_nothing() -> None:
    delays = told((A, 0, 5_000), (U, 2_000, 2_400), (A, 5_500, 6_000))
    assert answers(delays) == []
    assert interruptions(delays) == [(U, 1, 0, 400)]


def test_who_sets_in_while_the_other_speaks_interrupts() -> None:
    delays = told((A, 0, 3_000), (U, 2_300, 6_000), (A, 5_600, 8_000))
    assert interruptions(delays) == [(U, 1, 0, 700), (A, 2, 1, 400)]
    assert answers(delays) == [], "an agent who cuts in does not keep anybody waiting"
    assert (delays.by(A), delays.by(U)) == (1, 1)


def test_a_meeting_is_no_interruption_and_its_gap_may_be_below_zero() -> None:
    delays = told((U, 0, 2_000), (A, 2_000 - LEAST_OVERLAP_MS + 1, 4_000))
    assert interruptions(delays) == []
    assert answers(delays) == [(0, 1, -119)]
    cut = told((U, 0, 2_000), (A, 2_000 - LEAST_OVERLAP_MS, 4_000))
    assert (answers(cut), interruptions(cut)) == ([], [(A, 1, 0, LEAST_OVERLAP_MS)])


def test_who_begin_together_interrupt_nobody() -> None:
    assert interruptions(told((A, 1_000, 3_000), (U, 1_000, 2_500))) == []
    assert interruptions(told((A, 1_000, 3_000), (U, 1_100, 2_500))) == []
    assert interruptions(told((A, 1_000, 3_000), (U, 1_120, 2_500))) == [(U, 1, 0, 1_380)]


def test_the_latest_of_several_turns_is_the_one_that_is_interrupted() -> None:
    delays = told((A, 0, 9_000), (A, 1_000, 8_000), (U, 2_000, 3_000), (A, 9_100, 9_500))
    assert interruptions(delays) == [(U, 2, 1, 1_000)]


def test_turns_in_any_order_come_to_the_same() -> None:
    said: list[Said] = [(A, 0, 3_000), (U, 2_300, 6_000), (A, 6_900, 8_000)]
    turned = told(*reversed(said))
    assert [(one.from_ms, one.to_ms) for one in turned.answers] == [(6_000, 6_900)]
    assert interruptions(turned) == [(U, 1, 2, 700)]


def test_without_ends_nothing_is_guessed() -> None:
    delays = told((U, 0, None), (A, 3_000, None), (U, 5_000, None), duration_ms=9_000)
    assert (delays.answers, delays.interruptions, delays.basis, delays.median_ms) == ((), (), None, None)


def test_one_missing_end_spoils_only_what_rests_on_it() -> None:
    delays = told((U, 0, 1_000), (A, 1_500, 2_000), (U, 3_000, None), (A, 5_000, 6_000), (U, 7_000, 8_000))
    assert answers(delays) == [(0, 1, 500)]


def test_turns_without_a_time_tools_and_the_unknown_are_passed_over() -> None:
    delays = told((U, 0, 1_000), (T, 1_100, 1_900), (Role.UNKNOWN, 1_200, 9_000), (A, None, None), (A, 2_500, 3_000))
    assert answers(delays) == [(0, 4, 1_500)]
    assert told() == Delays()


def test_what_the_provider_says_stands_beside_it() -> None:
    delays = told((U, 0, 1_000), (A, 1_800, 4_000), (U, 3_500, 5_000), delay_ms={1: 760}, interrupted={1: True})
    assert [one.told_ms for one in delays.answers] == [760]
    assert [(one.overlap_ms, one.told) for one in delays.interruptions] == [(500, True)]


def test_a_cut_that_only_the_provider_knows_of_has_no_length() -> None:
    delays = told((A, 0, None), (U, 2_000, None), interrupted={0: True})
    assert interruptions(delays) == [(U, 1, 0, None)]
    assert delays.basis is Basis.ESTIMATED


# measured

TWO_SIDES = turns_of((A, 0, None), (U, 4_000, None), (A, 8_000, None), (U, 10_000, None), (A, 13_000, None))
AGENT = [(10, 3_000), (7_900, 9_500), (13_020, 15_000)]
USER = [(4_020, 4_900), (5_200, 7_100), (10_010, 11_000)]


def test_each_side_on_its_own_channel_is_measured_whichever_it_is() -> None:
    for channels in ((AGENT, USER), (USER, AGENT)):
        delays = heard(TWO_SIDES, *channels)
        assert answers(delays) == [(1, 2, 800), (3, 4, 2_020)]
        assert delays.basis is Basis.MEASURED


def test_a_sound_while_the_other_speaks_is_not_the_end_of_a_turn() -> None:
    delays = heard(TWO_SIDES, AGENT, [*USER[:2], (9_000, 9_200), *USER[2:]])
    assert answers(delays)[0] == (1, 2, 800), "it is neither a turn of its own nor part of the one before"
    assert interruptions(delays) == []


def test_who_goes_on_soon_after_an_interruption_is_still_in_the_turn() -> None:
    delays = heard(TWO_SIDES, AGENT, [*USER[:2], (7_500, 8_600), *USER[2:]])
    assert interruptions(delays) == [(A, 2, 1, 700)]
    assert answers(delays) == [(3, 4, 2_020)]


def test_a_pause_in_which_the_agent_begins_is_no_interruption_where_nobody_speaks_at_once() -> None:
    turns = turns_of((U, 0, None), (A, 2_300, None), (U, 6_000, None), (A, 8_000, None))
    delays = heard(turns, [(2_300, 2_550), (8_000, 9_000)], [(0, 2_000), (2_560, 3_000), (6_000, 7_000)])
    assert interruptions(delays) == []


def test_a_turn_without_an_onset_is_taken_as_it_is_told() -> None:
    turns = turns_of((U, 0, 1_000), (A, 1_700, 3_000), (U, 4_000, 5_000), (A, 6_500, 7_000))
    delays = heard(turns, [(1_700, 3_000), (6_400, 7_000)], [(0, 1_020)])
    assert [(one.delay_ms, one.basis) for one in delays.answers] == [(680, Basis.MEASURED), (1_400, Basis.ESTIMATED)]
    assert delays.basis is Basis.ESTIMATED


def test_one_channel_tells_of_pauses_and_is_called_an_estimate() -> None:
    turns = turns_of((U, 0, None), (A, 3_000, None), (U, 6_000, None), (A, 9_000, None))
    delays = heard(turns, [(10, 1_000), (1_400, 2_200), (3_020, 5_000), (5_990, 7_000), (9_010, 9_900)])
    assert answers(delays) == [(0, 1, 820), (2, 3, 2_010)]
    assert delays.basis is Basis.ESTIMATED


def test_one_channel_in_which_speech_goes_on_tells_of_no_gap() -> None:
    turns = turns_of((U, 0, None), (A, 3_000, None), (U, 6_000, None), (A, 9_000, None))
    delays = heard(turns, [(10, 5_000), (5_990, 7_000), (9_010, 9_900)])
    assert answers(delays) == [(2, 3, 2_010)]


def test_another_calls_sound_is_not_believed() -> None:
    told_ends = turns_of((U, 0, 1_000), (A, 1_500, 3_000), (U, 4_000, 5_000), (A, 6_000, 7_000))
    delays = heard(told_ends, [(900_000, 901_000)], [(950_000, 951_000)])
    assert answers(delays) == [(0, 1, 500), (2, 3, 1_000)]
    assert delays.basis is Basis.ESTIMATED


SAID = st.lists(
    st.tuples(st.sampled_from([A, U, T]), st.none() | st.integers(0, 20_000), st.none() | st.integers(1, 6_000)),
    max_size=14,
)


@given(
    said=SAID,
    sounds=st.lists(st.lists(st.tuples(st.integers(0, 25_000), st.integers(1, 4_000)), max_size=12), max_size=3),
)
def test_whatever_is_told_and_heard_every_figure_follows_from_its_turns(
    said: list[tuple[Role, int | None, int | None]], sounds: list[list[tuple[int, int]]]
) -> None:
    turns = turns_of(*((role, at, None if at is None or lasts is None else at + lasts) for role, at, lasts in said))
    channels = []
    for spans in sounds:
        free, channel = 0, []
        for start, lasts in sorted(spans):
            if start > free:
                channel.append((start, start + lasts))
                free = start + lasts
        channels.append(channel)
    delays = heard(turns, *channels)
    roles = {turn.index: turn.role for turn in turns}
    assert [one.to_ms for one in delays.answers] == sorted(one.to_ms for one in delays.answers)
    assert len({one.agent_turn for one in delays.answers}) == len(delays.answers)
    for answer in delays.answers:
        assert (roles[answer.user_turn], roles[answer.agent_turn]) == (U, A)
        assert answer.delay_ms > -LEAST_OVERLAP_MS
    for cut in delays.interruptions:
        assert roles[cut.turn] is cut.role
        assert {roles[cut.turn], roles[cut.interrupted_turn]} == {A, U}
        assert cut.overlap_ms is not None
        assert cut.overlap_ms >= LEAST_OVERLAP_MS
