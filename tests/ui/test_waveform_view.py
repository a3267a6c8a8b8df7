"""Scrolling and zooming as arithmetic: never outside of the recording, never away from what one points at."""

from __future__ import annotations

import hypothesis
from hypothesis import strategies as st

from qa_player.ui.widgets.time_view import NEAREST_MS_PER_PIXEL, TimeView

durations = st.integers(0, 2**31)
widths = st.integers(1, 8_000)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("zoom"), st.floats(0.01, 100), st.floats(0, 1)),
        st.tuples(st.just("scroll"), st.floats(-1e6, 1e6), st.just(0.0)),
        st.tuples(st.just("show"), st.floats(0, 1), st.floats(0, 1)),
        st.tuples(st.just("reveal"), st.floats(0, 1), st.just(0.0)),
        st.tuples(st.just("fit"), st.just(0.0), st.just(0.0)),
        st.tuples(st.just("width"), st.floats(1, 8_000), st.just(0.0)),
    ),
    max_size=12,
)


@hypothesis.given(durations, widths, steps)
def test_the_view_never_leaves_the_recording(
    duration_ms: int, width: int, acts: list[tuple[str, float, float]]
) -> None:
    view = TimeView()
    view.resize(duration_ms=duration_ms, width=width)
    for act, one, other in acts:
        if act == "zoom":
            view.zoom(one, around_x=other * view.width)
        elif act == "scroll":
            view.scroll(one)
        elif act == "show":
            view.show(min(one, other) * duration_ms, max(one, other) * duration_ms)
        elif act == "reveal":
            view.reveal(one * duration_ms)
        elif act == "fit":
            view.fit()
        else:
            view.resize(width=int(one))
        assert 0 <= view.start_ms <= view.end_ms <= duration_ms
        whole = max(duration_ms, 1) / view.width
        assert min(NEAREST_MS_PER_PIXEL, whole) <= view.scale.ms_per_pixel <= whole


@hypothesis.given(st.integers(100_000, 10**9), st.floats(0.5, 2), st.floats(0.2, 0.8))
def test_what_one_points_at_stays_under_the_pointer(duration_ms: int, factor: float, at: float) -> None:
    view = TimeView()
    view.resize(duration_ms=duration_ms, width=1_000)
    view.show(duration_ms * 0.45, duration_ms * 0.55)
    pointed = view.scale.ms(at * 1_000)
    view.zoom(factor, around_x=at * 1_000)
    assert abs(view.scale.x(pointed) - at * 1_000) <= 1


@hypothesis.given(st.integers(1, 10**8), st.floats(0, 1), st.floats(0, 1))
def test_revealed_is_in_view(duration_ms: int, start: float, position: float) -> None:
    view = TimeView()
    view.resize(duration_ms=duration_ms, width=777)
    view.show(start * duration_ms, start * duration_ms + 20_000)
    view.reveal(position * duration_ms)
    assert view.start_ms - 1 <= position * duration_ms <= view.end_ms + 1


def test_a_short_recording_fills_the_window() -> None:
    view = TimeView()
    view.resize(duration_ms=30_000, width=1_000)
    assert (view.start_ms, view.end_ms, view.fitted) == (0, 30_000, True)


def test_a_long_one_begins_with_its_first_minute_and_a_half() -> None:
    view = TimeView()
    view.resize(duration_ms=3_600_000, width=800)
    assert (view.start_ms, view.end_ms, view.fitted) == (0, 83_200, False)
