"""What the picture of a recording shows: sound where sound is, its speaker's colour, the playhead where one hears."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from parts.display import Display
from qa_player.media.peaks.pyramid import levels_over
from qa_player.model.annotation import Annotation, AnnotationKind, Severity, Span
from qa_player.model.peaks import BASE_SAMPLES, Peaks
from qa_player.model.tag_set import Tag, TagColour, TagSet
from qa_player.model.transcript import Flag, Role, Turn
from qa_player.ui import theme
from qa_player.ui.widgets.tag_colours import TagColours
from qa_player.ui.widgets.time_ruler import TimeScale
from qa_player.ui.widgets.time_slider import TimeSlider
from qa_player.ui.widgets.turn_lanes import bar_of, lanes_of
from qa_player.ui.widgets.waveform import Waveform
from qa_player.ui.widgets.waveform_picture import AHEAD_SHARE, BAND_SHARE, BAR_SHARE
from qa_player.ui.widgets.waveform_scene import Scene
from qa_player.ui.widgets.waveform_speakers import speakers_of

RATE = 8_000
LEFT = Qt.MouseButton.LeftButton
WIDTH, HEIGHT = 1_000, 200
MIDDLE = 95
"""A row through the wave, above its middle line."""


def peaks_of(
    loud: Sequence[tuple[int, int]], *, duration_ms: int = 100_000, channels: int = 1, channel: int | None = None
) -> Peaks:
    """Full sound in the stretches ``loud`` (ms), of all channels or one, else silence."""
    pairs = -(-duration_ms * RATE // 1_000 // BASE_SAMPLES)
    finest = np.zeros((pairs, channels, 2), np.int8)
    for start, end in loud:
        first, last = (at * RATE // 1_000 // BASE_SAMPLES for at in (start, end))
        finest[first:last, slice(None) if channel is None else channel] = (-100, 100)
    return Peaks(RATE, channels, duration_ms, duration_ms, True, levels_over(finest))


def turn(index: int, role: Role, start_ms: int | None, end_ms: int | None) -> Turn:
    return Turn(index=index, role=role, raw_role=role, speaker=None, text="", start_ms=start_ms, end_ms=end_ms)


def annotation(start_ms: int, end_ms: int | None, severity: Severity | None = None, name: str = "a1") -> Annotation:
    now = datetime(2026, 5, 28, tzinfo=UTC)
    return Annotation(
        annotation_id=name,
        connection="demo",
        session_id="s1",
        kind=AnnotationKind.MOMENT if end_ms is None else AnnotationKind.SPAN,
        start_ms=start_ms,
        end_ms=end_ms,
        turn_index=None,
        role=None,
        quote="",
        tag="policy",
        severity=severity,
        text="",
        author="ann",
        created_at=now,
        updated_at=now,
    )


def pixels(widget: QWidget) -> NDArray[np.uint32]:
    """[height, width] 0xffRRGGBB of the whole widget as it paints itself."""
    return as_array(widget.grab().toImage())


def as_array(image: QImage) -> NDArray[np.uint32]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return data[:, : image.width()].copy() | 0xFF000000


def code(colour: str | QColor) -> int:
    return QColor(colour).rgba()


def height_of(picture: NDArray[np.uint32], x: int, colour: str | QColor) -> int:
    """How many pixels of ``colour`` stand in column ``x`` of the wave."""
    return int(np.count_nonzero(picture[18:170, x] == code(colour)))


@pytest.fixture(params=["light", "dark"])
def tokens(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[theme.Tokens]:
    yield theme.apply(qapp, request.param)
    theme.apply(qapp, "light")


@pytest.fixture
def light(qapp: QApplication) -> theme.Tokens:
    return theme.apply(qapp, "light")


@pytest.fixture
def wave(qtbot: QtBot, light: theme.Tokens) -> Waveform:
    """100 seconds over 1,000 pixels: a pixel is 100 ms."""
    return shown(qtbot, Waveform())


def shown(qtbot: QtBot, wave: Waveform, *, duration_ms: int = 100_000) -> Waveform:
    qtbot.addWidget(wave)
    wave.resize(WIDTH, HEIGHT)
    wave.set_duration(duration_ms)
    wave.fit()
    wave.show()
    return wave


def test_sound_is_drawn_where_it_is_in_its_speakers_colour(qtbot: QtBot, tokens: theme.Tokens) -> None:
    wave = shown(qtbot, Waveform())
    wave.set_peaks(peaks_of([(10_000, 30_000), (50_000, 70_000), (80_000, 90_000)]))
    wave.set_turns([turn(0, Role.AGENT, 9_000, 31_000), turn(1, Role.USER, 49_000, 71_000)])
    wave.set_position(100_000)
    picture = pixels(wave)
    seen = {at: [height_of(picture, at, colour) for colour in (tokens.agent, tokens.user)] for at in range(5, 980, 5)}
    for at, (agent, user) in seen.items():
        second = at / 10
        if 10.2 < second < 29.8:
            assert agent > 120
            assert user == 0
        elif 50.2 < second < 69.8:
            assert user > 120
            assert agent == 0
        elif not 8.9 < second < 31.1 and not 48.9 < second < 71.1:
            assert agent == user == 0
    assert height_of(picture, 850, tokens.unknown) > 120, "sound that nobody is known to make"
    assert height_of(picture, 400, tokens.unknown) == 1, "silence is a line"


@pytest.mark.parametrize("view_ms", [100_000, 2_000], ids=["all of it", "near"])
def test_what_is_not_decoded_yet_is_sketched(wave: Waveform, light: theme.Tokens, view_ms: int) -> None:
    """Half of it is decoded and silent; a rough picture says that the other half is half as loud as can be."""
    half = replace(peaks_of([]), filled_ms=50_000, complete=False)
    sketch = np.zeros((10, 1, 2), np.int8)
    sketch[5:] = [-64, 64]
    wave.set_peaks(replace(half, sketch=sketch))
    wave.set_view(max(0, 52_000 - view_ms), view_ms)
    picture = pixels(wave)
    assert height_of(picture, 900, light.border_strong) > 60
    assert height_of(picture, 100, light.border_strong) < 4 or view_ms < 100_000
    wave.set_peaks(half)
    assert height_of(pixels(wave), 900, light.border_strong) < 4


def test_where_two_speak_at_once_each_has_a_half(wave: Waveform, light: theme.Tokens) -> None:
    wave.set_peaks(peaks_of([(0, 100_000)]))
    wave.set_turns([turn(0, Role.USER, 20_000, 60_000), turn(1, Role.AGENT, 40_000, 80_000)])
    wave.set_position(100_000)
    column = pixels(wave)[:, 500]
    upper, lower = column[30:90], column[105:160]
    assert set(upper.tolist()) == {code(light.agent)}
    assert set(lower.tolist()) == {code(light.user)}


def test_what_was_played_is_full_and_what_lies_ahead_is_light(qtbot: QtBot, tokens: theme.Tokens) -> None:
    wave = shown(qtbot, Waveform())
    wave.set_peaks(peaks_of([(0, 100_000)]))
    wave.set_turns([turn(0, Role.AGENT, 0, None)])
    wave.set_position(42_000)
    row = pixels(wave)[MIDDLE]
    light = theme.mix(tokens.agent, tokens.surface, AHEAD_SHARE)
    assert set(row[2:418].tolist()) == {code(tokens.agent)}
    assert set(row[419:421].tolist()) == {code(tokens.accent)}
    assert set(row[422:998].tolist()) == {code(light)}


def test_a_playhead_that_moves_repaints_what_a_whole_paint_would(
    qtbot: QtBot, qapp: QApplication, light: theme.Tokens, real_display: Display
) -> None:
    wave = shown(qtbot, Waveform())
    wave.set_peaks(peaks_of([(0, 100_000)]))
    wave.set_turns([turn(0, Role.AGENT, 0, 50_000), turn(1, Role.USER, 50_000, None)])
    wave.set_annotations([annotation(20_000, 30_000, Severity.CRITICAL)])
    qtbot.waitUntil(wave.isVisible)
    wave.set_growing(24_000)
    for position in (1_000, 1_016, 1_100, 1_250, 25_000, 60_000, 59_000, 12_345):
        wave.set_position(position)
        wave.set_active_turns([0 if position < 50_000 else 1])
        qapp.processEvents()
    screen = wave.screen().grabWindow(wave.winId())
    np.testing.assert_array_equal(as_array(screen.toImage()), pixels(wave))


@pytest.mark.parametrize("position", [0, 1, 12_345.6, 99_999, 100_000])
def test_assistive_technology_reads_the_position(wave: Waveform, position: float) -> None:
    wave.set_position(position)
    spoken = QAccessible.queryAccessibleInterface(wave)
    assert spoken.role() == QAccessible.Role.Slider
    assert spoken.text(QAccessible.Text.Name) == "Waveform"
    value = spoken.valueInterface()
    assert (value.minimumValue(), value.currentValue(), value.maximumValue()) == (0, int(position), 100_000)


def test_assistive_technology_asks_for_a_seek_and_is_told_what_is_heard(qtbot: QtBot, wave: Waveform) -> None:
    wave.set_position(5_000)
    with qtbot.waitSignal(wave.seek_requested) as asked:
        QAccessible.queryAccessibleInterface(wave).valueInterface().setCurrentValue(61_234)
    assert asked.args == [61_234]
    assert wave.value() == 5_000


def test_moving_the_playhead_asks_for_nothing(qtbot: QtBot, wave: Waveform) -> None:
    with qtbot.assertNotEmitted(wave.seek_requested):
        wave.set_position(50_000)
        wave.set_duration(40_000)
    assert (wave.position_ms, wave.value()) == (40_000, 40_000)


def test_annotations_are_bands_behind_the_sound(qtbot: QtBot, tokens: theme.Tokens) -> None:
    wave = shown(qtbot, Waveform())
    wave.set_peaks(peaks_of([(22_000, 24_000)]))
    wave.set_turns([turn(0, Role.AGENT, 0, None)])
    wave.set_annotations(
        [annotation(20_000, 30_000, Severity.CRITICAL), annotation(60_000, None, Severity.MINOR, "a2")]
    )
    wave.set_position(100_000)
    picture = pixels(wave)
    critical, minor = (theme.mix(colour, tokens.surface, BAND_SHARE) for colour in (tokens.critical, tokens.minor))
    row = picture[60]
    assert [int(row[x]) == code(critical) for x in (198, 202, 230, 260, 298, 302)] == [
        False,
        True,
        False,
        True,
        True,
        False,
    ]
    assert int(row[230]) == code(tokens.agent)
    assert np.flatnonzero(row == code(minor)).tolist() == list(range(600, 610))


def test_a_tag_gives_its_band_its_colour_where_nothing_says_how_bad_it_is(qtbot: QtBot, tokens: theme.Tokens) -> None:
    wave = shown(qtbot, Waveform())
    wave.set_turns([turn(0, Role.AGENT, 0, None)])
    wave.set_annotations([annotation(20_000, 30_000), annotation(40_000, 50_000, Severity.MINOR, "a2")])
    wave.set_position(100_000)
    tag = Tag(name="Policy", colour=TagColour.REDDISH_PURPLE)
    wave.set_colours(TagColours(TagSet(set_id="ours", title="Ours", tags=(tag,))))
    row = pixels(wave)[60]
    colours = [theme.mix(colour, tokens.surface, BAND_SHARE) for colour in ("#cc79a7", tokens.minor)]
    assert [int(row[250]), int(row[450])] == [code(colour) for colour in colours]


def test_turns_are_bars_in_their_sides_lane(wave: Waveform, light: theme.Tokens) -> None:
    wave.set_turns([turn(0, Role.AGENT, 10_000, 20_000), turn(1, Role.USER, 30_000, 40_000)])
    wave.set_peaks(peaks_of([]))
    wave.set_position(0)
    upper, lower = (pixels(wave)[row] for row in (187, 198))
    agent, user = (theme.mix(colour, light.surface, BAR_SHARE) for colour in (light.agent, light.user))
    assert np.flatnonzero(upper == code(agent))[[0, -1]].tolist() == [101, 199]
    assert np.flatnonzero(lower == code(user))[[0, -1]].tolist() == [301, 399]
    assert not (lower == code(agent)).any()
    wave.set_active_turns([1])
    active = theme.mix(light.user, light.surface, 0.9)
    assert np.count_nonzero(pixels(wave)[198] == code(active)) > 80


@pytest.mark.parametrize("agent_channel", [0, 1])
def test_a_recording_that_keeps_its_sides_apart_has_a_lane_for_each(
    wave: Waveform, light: theme.Tokens, agent_channel: int
) -> None:
    agent = peaks_of([(10_000, 40_000)], channels=2, channel=agent_channel).levels[0]
    user = peaks_of([(30_000, 90_000)], channels=2, channel=1 - agent_channel).levels[0]
    wave.set_peaks(Peaks(RATE, 2, 100_000, 100_000, True, levels_over(agent + user)))
    wave.set_turns([turn(0, Role.AGENT, 10_000, 40_000), turn(1, Role.USER, 30_000, 90_000)])
    wave.set_position(100_000)
    picture = pixels(wave)
    lanes = (picture[20:90], picture[95:170])
    for second in (20, 35, 80):
        heights = {
            (who, own): int(np.count_nonzero(lanes[channel][:, second * 10] == code(colour)))
            for who, colour, side in (("agent", light.agent, agent_channel), ("user", light.user, 1 - agent_channel))
            for own, channel in ((True, side), (False, 1 - side))
        }
        assert (heights["agent", True] > 50) == (second < 40)
        assert (heights["user", True] > 50) == (second > 30)
        assert heights["agent", False] == heights["user", False] == 0


def test_one_sound_on_both_channels_is_coloured_by_who_speaks(wave: Waveform, light: theme.Tokens) -> None:
    wave.set_peaks(peaks_of([(10_000, 90_000)], channels=2))
    wave.set_turns([turn(0, Role.AGENT, 10_000, 50_000), turn(1, Role.USER, 50_000, 90_000)])
    wave.set_position(100_000)
    picture = pixels(wave)
    for lane in (picture[20:90], picture[95:170]):
        assert np.count_nonzero(lane[:, 300] == code(light.agent)) > 50
        assert np.count_nonzero(lane[:, 700] == code(light.user)) > 50


def test_what_is_not_decoded_yet_is_a_quiet_line(wave: Waveform, light: theme.Tokens) -> None:
    whole = peaks_of([(0, 100_000)])
    finest = whole.levels[0].copy()
    finest[len(finest) // 2 :] = 0
    wave.set_peaks(Peaks(RATE, 1, 100_000, 50_000, False, levels_over(finest)))
    wave.set_turns([turn(0, Role.AGENT, 0, None)])
    wave.set_position(100_000)
    picture = pixels(wave)
    assert height_of(picture, 400, light.agent) > 120
    assert height_of(picture, 700, light.agent) == 0
    assert height_of(picture, 700, light.border_strong) == 1
    wave.set_peaks(whole)
    assert height_of(pixels(wave), 700, light.agent) > 120


def test_quiet_recordings_are_magnified_to_be_seen(wave: Waveform, light: theme.Tokens) -> None:
    loud = peaks_of([(10_000, 30_000)])
    quiet = Peaks(RATE, 1, 100_000, 100_000, True, tuple((level / 5).astype(np.int8) for level in loud.levels))
    wave.set_turns([turn(0, Role.AGENT, 0, None)])
    wave.set_position(100_000)
    heights = []
    for peaks in (loud, quiet):
        wave.set_peaks(peaks)
        heights.append(height_of(pixels(wave), 200, light.agent))
    assert heights[0] == heights[1] > 120


@pytest.mark.parametrize("ms_per_pixel", [2, 7, 40, 333])
def test_every_zoom_shows_the_true_extremes(ms_per_pixel: int) -> None:
    from qa_player.ui.widgets.peak_columns import columns_of

    finest = np.random.default_rng(1).integers(-128, 127, (20_000, 2, 2), np.int8)
    finest.sort(axis=2)
    peaks = Peaks(RATE, 2, 640_000, 640_000, True, levels_over(finest))
    edges = 30_000.0 + np.arange(801) * ms_per_pixel
    lows, highs = columns_of(peaks, edges)
    pairs = edges * RATE / 1_000 / BASE_SAMPLES
    near = 1 if ms_per_pixel < 100 else 4
    for column in range(3, 797, 40):
        first, last = int(pairs[column]), int(pairs[column + 1]) + 1
        around = finest[first - near : last + near]
        assert (lows[:, column] >= around[..., 0].min(axis=0)).all()
        assert (highs[:, column] <= around[..., 1].max(axis=0)).all()
        if ms_per_pixel >= BASE_SAMPLES * 1_000 / RATE:
            beside = slice(column - 1, column + 2)
            assert (lows[:, beside].min(axis=1) <= finest[first:last, :, 0].min(axis=0)).all()
            assert (highs[:, beside].max(axis=1) >= finest[first:last, :, 1].max(axis=0)).all()


def test_twice_the_pixels_are_used_where_there_are_twice_as_many(light: theme.Tokens) -> None:
    turns = [turn(0, Role.AGENT, 0, None)]
    scene = Scene(
        peaks=peaks_of([(10_000, 10_100)]),
        turns=turns,
        annotations=[],
        scale=TimeScale(0, 100),
        duration_ms=100_000,
        tokens=light,
        lanes=lanes_of(turns),
        detailed=True,
    )
    played, _ = scene.paint(QSize(WIDTH, HEIGHT), 2.0, speakers_of(turns, lanes_of(turns)))
    picture = as_array(played.toImage())
    assert picture.shape == (2 * HEIGHT, 2 * WIDTH)
    tall = [x for x in range(2 * WIDTH) if np.count_nonzero(picture[40:340, x] == code(light.agent)) > 200]
    assert 1 <= len(tall) <= 4
    assert tall[0] in (199, 200, 201)


def test_every_speaker_has_a_lane_and_hides_nobody(qtbot: QtBot, wave: Waveform, light: theme.Tokens) -> None:
    """Four voices at once, two of them of one role, each in full sight; the pixels are those of its own bar."""
    base = turn(0, Role.AGENT, 10_000, 60_000)
    turns = [
        base,
        turn(1, Role.USER, 20_000, 70_000).model_copy(update={"speaker": "Ann"}),
        turn(2, Role.USER, 30_000, 80_000).model_copy(update={"speaker": "Bo"}),
        turn(3, Role.THIRD_PARTY, 40_000, 90_000),
        turn(4, Role.TOOL, 92_000, 95_000),
    ]
    lanes = lanes_of(turns)
    assert (lanes.of_turn, lanes.count) == ((0, 1, 2, 3, 0), 4)
    wave.set_turns(turns)
    wave.set_active_turns([3, 2, 1, 0])
    picture = as_array(wave.grab().toImage())
    tops = set()
    for at, one in enumerate(turns[:4]):
        bar = bar_of(one, lanes.of_turn[at], lanes, scale=wave.scale(), width=WIDTH, height=HEIGHT)
        assert bar is not None
        tops.add(bar.top())
        strong = theme.mix(light.role(one.role), light.surface, 0.9).name()
        for x in (bar.left() + 20, bar.right() - 20):
            assert picture[int(bar.center().y()), int(x)] == code(strong), (at, x)
    assert len(tops) == 4
    crowd = [turn(at, Role.USER, 0, 1).model_copy(update={"speaker": str(at)}) for at in range(9)]
    assert lanes_of(crowd).of_turn == (1, 2, 3, 3, 3, 3, 3, 3, 3)


def test_turns_of_every_messy_kind_are_drawn(qtbot: QtBot, wave: Waveform, light: theme.Tokens) -> None:
    messy = [
        turn(0, Role.AGENT, None, None),
        turn(1, Role.USER, 5_000, 5_000),
        turn(2, Role.UNKNOWN, 90_000, None),
        turn(3, Role.TOOL, 500_000, 600_000).model_copy(update={"flags": (Flag.AFTER_END,)}),
        turn(4, Role.SYSTEM, 0, 1),
        turn(5, Role.THIRD_PARTY, 20_000, 30_000),
        turn(6, Role.THIRD_PARTY, 20_000, 30_000),
    ]
    wave.set_peaks(peaks_of([(0, 100_000)]))
    wave.set_turns(messy)
    wave.set_active_turns([0, 2, 3, 6, 99])
    wave.set_position(100_000)
    picture = pixels(wave)
    assert height_of(picture, 250, light.third_party) > 120
    assert height_of(picture, 950, light.unknown) > 120


def test_without_a_recording_nothing_is_drawn_and_nothing_can_be_asked(qtbot: QtBot, light: theme.Tokens) -> None:
    wave = shown(qtbot, Waveform(), duration_ms=0)
    with qtbot.assertNotEmitted(wave.seek_requested):
        qtbot.mouseClick(wave, LEFT, pos=wave.rect().center())
    picture = pixels(wave)
    assert set(picture[40:160, 20:980].ravel().tolist()) == {code(light.surface)}


def test_the_colours_change_with_the_theme(qtbot: QtBot, wave: Waveform, qapp: QApplication) -> None:
    wave.set_peaks(peaks_of([(0, 100_000)]))
    wave.set_turns([turn(0, Role.AGENT, 0, None)])
    wave.set_position(100_000)
    seen = []
    for scheme in ("light", "dark", "light"):
        tokens = theme.apply(qapp, scheme)  # type: ignore[arg-type]
        seen.append(height_of(pixels(wave), 500, tokens.agent) > 120)
    assert seen == [True, True, True]


def test_ten_thousand_turns_of_eight_hours_are_drawn(qtbot: QtBot, light: theme.Tokens) -> None:
    hours = 8 * 3_600_000
    wave = shown(qtbot, Waveform(), duration_ms=hours)
    roles = (Role.AGENT, Role.USER)
    wave.set_turns([turn(index, roles[index % 2], index * 2_880, index * 2_880 + 2_500) for index in range(10_000)])
    wave.set_peaks(peaks_of([(0, hours)], duration_ms=hours))
    wave.set_position(hours)
    picture = pixels(wave)
    sides = (height_of(picture, x, light.agent) + height_of(picture, x, light.user) for x in range(10, 990, 10))
    assert np.mean([side > 120 for side in sides]) > 0.7


def test_the_window_shell_needs_no_numpy() -> None:
    program = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication(["-platform", "offscreen"])
from qa_player.ui.widgets.seek_bar import SeekBar
from qa_player.ui.widgets.waveform import Waveform
widgets = [SeekBar(), Waveform()]
for widget in widgets:
    widget.show()
app.processEvents()
sys.exit("numpy" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


@pytest.mark.parametrize("slider", [Waveform])
def test_focus_is_seen(qtbot: QtBot, light: theme.Tokens, slider: Callable[[], TimeSlider]) -> None:
    wave = slider()
    qtbot.addWidget(wave)
    wave.resize(WIDTH, HEIGHT)
    wave.show()
    wave.activateWindow()
    qtbot.waitUntil(wave.isActiveWindow)
    wave.clearFocus()
    before = int(pixels(wave)[100, 0])
    wave.setFocus()
    qtbot.waitUntil(wave.hasFocus)
    assert before == code(light.border)
    assert int(pixels(wave)[100, 0]) == code(light.accent)


def test_a_selection_is_tinted_between_its_ends(wave: Waveform, light: theme.Tokens) -> None:
    wave.set_peaks(peaks_of([]))
    wave.set_position(0)
    before = pixels(wave)[40]
    wave.set_selection(Span(start_ms=30_000, end_ms=50_000))
    changed = np.flatnonzero(pixels(wave)[40] != before)
    assert changed[[0, -1]].tolist() == [300, 499]
    assert len(changed) == 200
