"""Which turns speak at a position, for turns as bad as providers send them, against the plainest way to say it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import FOLD_AT, Flag, Role, TimeSource, Turn, TurnTimeline, place, turn_under
from qa_player.model.value import MAX_MS

near = st.integers(0, 40)
"""Few different times, so that turns are equal, overlap and touch."""

raw_times = st.none() | st.integers(-20, 60) | st.sampled_from([-MAX_MS, MAX_MS])
timings = st.builds(
    Timing,
    quality=st.just(TimingQuality.UNKNOWN),
    origin=st.just(TimingOrigin.PERSON),
    offset_ms=st.integers(-30, 30) | st.sampled_from([-MAX_MS, MAX_MS]),
    drift_ppm=st.sampled_from([0.0, 50.0, -100_000.0, 100_000.0]),
)


def turn(index: int, start: int | None = None, end: int | None = None, **fields: object) -> Turn:
    return Turn(
        index=index, role=Role.USER, raw_role="user", speaker=None, text="", start_ms=start, end_ms=end
    ).model_copy(update=fields)


@st.composite
def timed(draw: st.DrawFn) -> list[Turn]:
    """Placed turns in any order: overlapping, equal, of no length, without end, without start."""
    turns = []
    for index in range(draw(st.integers(0, 8))):
        start = draw(st.none() | near)
        end = None if start is None else draw(st.none() | st.integers(start, 45))
        turns.append(turn(index, start, end))
    return draw(st.permutations(turns))


@st.composite
def raw(draw: st.DrawFn) -> list[Turn]:
    """Turns as a provider's module hands them on."""
    turns = []
    for index in range(draw(st.integers(0, 6))):
        start = draw(raw_times)
        invalid = start is None and draw(st.booleans())
        turns.append(
            turn(
                index,
                raw_start_ms=start,
                raw_end_ms=draw(raw_times),
                text="x" * draw(st.sampled_from([0, FOLD_AT, FOLD_AT + 1])),
                time_source=TimeSource.TURN_STAMP,
                flags=(Flag.TIME_INVALID,) if invalid else (),
            )
        )
    return turns


def speaks(turn: Turn, at: float) -> bool:
    return turn.start_ms is not None and turn.start_ms <= at and (turn.end_ms is None or at < turn.end_ms)


def latest_first(turns: list[Turn]) -> list[int]:
    return [turn.index for turn in sorted(turns, key=lambda turn: (turn.start_ms, turn.index), reverse=True)]


@given(timed(), near | st.floats(-5, 50))
def test_active_turns_are_those_that_speak_latest_start_first(turns: list[Turn], at: float) -> None:
    expected = latest_first([turn for turn in turns if speaks(turn, at)])
    assert list(TurnTimeline(turns).active_turns(at)) == expected


@given(timed(), near | st.floats(-5, 50))
def test_the_turn_before_and_after(turns: list[Turn], at: float) -> None:
    timeline = TurnTimeline(turns)
    earlier = [turn for turn in turns if turn.start_ms is not None and turn.start_ms < at]
    later = [turn for turn in turns if turn.start_ms is not None and turn.start_ms > at]
    assert timeline.turn_before(at) == (latest_first(earlier)[0] if earlier else None)
    assert timeline.turn_after(at) == (latest_first(later)[-1] if later else None)


@given(timed(), near, near)
def test_a_span_belongs_to_the_turn_it_covers_most_of(turns: list[Turn], start: int, length: int) -> None:
    end = start + length + 1
    # counted millisecond by millisecond; a turn without an end speaks throughout
    covered = {turn.index: sum(speaks(turn, at) for at in range(start, end)) for turn in turns}
    most = max(covered.values(), default=0)
    candidates = [turn for turn in turns if covered[turn.index] == most and most > 0]
    under = turn_under(turns, start, end)
    assert (under.index if under else None) == (latest_first(candidates)[0] if candidates else None)


@given(timed(), near)
def test_a_moment_belongs_to_the_primary_active_turn(turns: list[Turn], at: int) -> None:
    active = TurnTimeline(turns).active_turns(at)
    for end in (None, at):
        under = turn_under(turns, at, end)
        assert (under.index if under else None) == (active[0] if active else None)


@given(raw(), timings, st.none() | near)
def test_placing_loses_reorders_and_rewrites_nothing(turns: list[Turn], timing: Timing, duration: int | None) -> None:
    placed = place(turns, timing, duration)
    ours = {"start_ms", "end_ms", "flags"}
    assert [turn.model_dump(exclude=ours) for turn in placed] == [turn.model_dump(exclude=ours) for turn in turns]
    assert place(placed, timing, duration) == placed


@given(raw(), timings, st.none() | near)
def test_placed_turns_are_values_still(turns: list[Turn], timing: Timing, duration: int | None) -> None:
    for turn in place(turns, timing, duration):
        Turn.model_validate(turn.model_dump())
        if turn.start_ms is not None and turn.end_ms is not None:
            assert turn.end_ms >= turn.start_ms


@given(raw(), timings, st.none() | near)
def test_each_turn_starts_where_timing_says_and_ends_where_the_next_begins(
    turns: list[Turn], timing: Timing, duration: int | None
) -> None:
    starts = {turn.index: timing.to_audio_ms(turn.raw_start_ms) for turn in turns if turn.raw_start_ms is not None}
    for turn in place(turns, timing, duration):
        if turn.raw_start_ms is None:
            assert (turn.start_ms, turn.end_ms) == (None, None)
            continue
        start = starts[turn.index]
        assert turn.start_ms == _within(start)
        if turn.raw_end_ms is not None:
            end: int | None = timing.to_audio_ms(turn.raw_end_ms)
        else:
            end = min((other for other in starts.values() if other > start), default=duration)
        if end is not None and duration is not None:
            end = min(end, duration)
        assert turn.end_ms == (None if end is None else max(_within(end), turn.start_ms))


def _within(ms: int) -> int:
    return min(max(ms, 0), MAX_MS)


@given(raw(), timings, st.none() | near)
def test_flags_say_what_is_odd(turns: list[Turn], timing: Timing, duration: int | None) -> None:
    before: list[int] = []
    for given_turn, turn in zip(turns, place(turns, timing, duration), strict=True):
        start = None if turn.raw_start_ms is None else timing.to_audio_ms(turn.raw_start_ms)
        odd = {Flag.FOLDED} if len(turn.text) > FOLD_AT else set()
        if start is None:
            odd.add(Flag.TIME_INVALID if Flag.TIME_INVALID in given_turn.flags else Flag.TIME_MISSING)
        else:
            odd |= {Flag.OUT_OF_ORDER} if any(earlier > start for earlier in before) else set()
            odd |= {Flag.AFTER_END} if duration is not None and start >= duration else set()
            before.append(start)
        assert set(turn.flags) == odd
        assert list(turn.flags) == sorted(turn.flags, key=list(Flag).index)
