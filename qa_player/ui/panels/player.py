"""The player: what is open, its picture, and the buttons that play it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qa_player.errors import NotReadyError
from qa_player.model.annotation import Annotation, AnnotationKind, Span
from qa_player.model.live import CAPTURED, SIDES
from qa_player.model.peaks import Peaks
from qa_player.model.playback import Channels, Phase, PlaybackState
from qa_player.model.session import SessionState
from qa_player.model.tag_set import TagSet
from qa_player.model.transcript import Role, Turn
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback
from qa_player.ui.panels.parts import PartsLine, silent_words
from qa_player.ui.panels.recording_trouble import missing_words, trouble_words
from qa_player.ui.widgets.delay_strip import DelayStrip
from qa_player.ui.widgets.editable_waveform import EditableWaveform
from qa_player.ui.widgets.recording_slider import Spoken
from qa_player.ui.widgets.seek_bar import SeekBar
from qa_player.ui.widgets.tag_colours import TagColours
from qa_player.ui.widgets.text import Label, ValueLabel, isolated, one_line
from qa_player.ui.widgets.times import clock, counted, long_time
from qa_player.ui.widgets.transport import Transport

SKIP_MS = 5_000
LONGEST_TURN_SHOWN = 300
ACTIVE_WIDTH, WIDE = 300, 720


class PlayerPanel(QFrame):
    """``pressed`` asks for the focus to go back to the transcript; ``annotation_activated`` opens one;
    ``again_wanted`` when the recording could not be heard and somebody wants to know whether it can be now."""

    pressed = Signal()
    again_wanted = Signal()
    annotation_activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback: Playback | None = None
        self._turns: dict[int, Turn] = {}
        self._told_ms: int | None = None
        self._says_active = False
        self.title = Label("", kind="title")
        self.subtitle = Label("", kind="muted")
        self.place = Label("", kind="muted")
        self.parts = PartsLine()
        self.seek_bar = SeekBar()
        self.delays = DelayStrip()
        self.waveform = EditableWaveform()
        self.transport = Transport()
        self.trouble = Label("", wrap=True)
        self.trouble.setProperty("tone", "major")
        self.trouble.setAccessibleName("About the recording")
        self.trouble.hide()
        self.again = QPushButton("Try again")
        self.again.setToolTip("Open the session again and ask for its recording anew")
        self.again.hide()
        self.active_turn = ValueLabel("Active turn", kind="small")
        self.active_turn.setMaximumWidth(ACTIVE_WIDTH)
        self._lay_out()
        self.transport.pressed.connect(self.pressed)
        self.again.clicked.connect(self.again_wanted)
        for picture in (self.waveform, self.seek_bar):
            self.parts.gaps_changed.connect(picture.set_gaps)
        self.waveform.view_changed.connect(self.seek_bar.set_view)
        self.waveform.annotation_activated.connect(self.annotation_activated)
        self.seek_bar.view_requested.connect(self.waveform.set_view)
        self.show_nothing()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.subtitle, 1)
        head.addWidget(self.place)
        foot = QHBoxLayout()
        foot.setSpacing(14)
        foot.addWidget(self.transport, 1)
        foot.addWidget(self.active_turn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addLayout(head)
        column.addWidget(self.parts)
        overview = QVBoxLayout()
        overview.setSpacing(2)
        overview.addWidget(self.seek_bar)
        overview.addWidget(self.delays)
        column.addLayout(overview)
        column.addWidget(self.waveform)
        trouble = QHBoxLayout()
        trouble.addWidget(self.trouble, 1)
        trouble.addWidget(self.again)
        column.addLayout(trouble)
        column.addLayout(foot)

    def attach(self, playback: Playback) -> None:
        """Show and work this player from now on."""
        self._playback = playback
        playback.opened.connect(self._show_session)
        playback.turns_placed.connect(self._show_measured)
        playback.closed.connect(self.show_nothing)
        playback.state_changed.connect(self._show_state)
        playback.sent.connect(lambda _ms: self.waveform.set_follow(True))
        playback.position_changed.connect(self._show_position)
        playback.active_turns_changed.connect(self._show_active)
        playback.peaks_changed.connect(self._show_peaks)
        commands: dict[str, Callable[[], None]] = {
            "toggle": playback.toggle,
            "previous_turn": playback.previous_turn,
            "next_turn": playback.next_turn,
            "back": lambda: playback.skip(-SKIP_MS),
            "forward": lambda: playback.skip(SKIP_MS),
        }
        self.transport.wanted.connect(lambda command: commands[command]())
        self.transport.speed_wanted.connect(playback.set_speed)
        self.transport.listening_wanted.connect(playback.listen)
        self.transport.channels_wanted.connect(lambda value: playback.set_channels(Channels(value)))
        self.waveform.seek_requested.connect(playback.seek)
        self.seek_bar.seek_requested.connect(playback.seek)
        self._show_state(playback.state)

    # selection

    @property
    def selection(self) -> tuple[int, int] | None:
        """The selected span in milliseconds, null while there is none."""
        span = self.waveform.selection
        return None if span is None else (span.start_ms, span.end_ms)

    def select_from_here(self) -> None:
        """The selection begins where one hears."""
        self.waveform.mark_in()

    def select_to_here(self) -> None:
        """The selection ends where one hears."""
        self.waveform.mark_out()

    def select(self, start_ms: int, end_ms: int) -> None:
        """Select a span."""
        self.waveform.set_selection(Span(start_ms=start_ms, end_ms=end_ms))

    def select_nothing(self) -> None:
        """Give the selection up."""
        self.waveform.set_selection(None)

    # showing

    def show_nothing(self) -> None:
        """No session is open."""
        self._turns, self._told_ms = {}, None
        self.title.show_text("No session open")
        self.subtitle.show_text("")
        self.place.show_text("")
        self.select_nothing()
        for picture in (self.waveform, self.seek_bar):
            picture.set_turns(())
            picture.set_annotations(())
            picture.set_duration(None)
        self.seek_bar.set_coverage(())
        self.active_turn.show_value("")

    def show_place(self, row: int, rows: int) -> None:
        """Which of the listed sessions it is; ``row`` counts from 0 and is -1 for none of them."""
        self.place.show_text(f"{row + 1:,} of {rows:,}" if row >= 0 else "")

    def show_annotations(self, annotations: Sequence[Annotation]) -> None:
        """Draw what was said of the session as bands; corrections are of words and not of sound."""
        annotations = [one for one in annotations if one.kind is not AnnotationKind.CORRECTION]
        self.waveform.set_annotations(annotations)
        self.seek_bar.set_annotations(annotations)

    def show_tag_set(self, tag_set: TagSet) -> None:
        """Draw the bands in the colours of this set."""
        for picture in (self.waveform, self.seek_bar):
            picture.set_colours(TagColours(tag_set))

    def _show_session(self, session: OpenSession) -> None:
        told = session.detail.session
        self._told_ms = told.duration_ms
        self.title.show_text(told.title or told.session_id)
        going_on = told.connection == CAPTURED and told.state is SessionState.IN_PROGRESS
        parts = [
            "Kept copy, the provider was not reached" if session.trouble is not None else "",
            one_line(told.connection),
            one_line(told.agent) if told.agent else "",
            long_time(told.started_at) if told.started_at else "",
            clock(told.duration_ms, parts=1) if told.duration_ms is not None and not going_on else "",
            counted(len(session.turns), "turn"),
            f"{counted(told.interruption_count, 'interruption')} by the provider's count"
            if told.interruption_count
            else "",
        ]
        self.subtitle.show_text(" · ".join(isolated(part) for part in parts if part))
        self.select_nothing()
        self.waveform.set_follow(True)
        self._place(session)
        self._show_length(None)

    def _place(self, session: OpenSession) -> None:
        self._turns = {turn.index: turn for turn in session.turns}
        spoken = Spoken(session.turns)
        self.waveform.set_turns(spoken)
        self.seek_bar.set_turns(spoken)
        if self._playback is not None:
            self._show_active(self._playback.active_turns)

    def _show_measured(self, session: OpenSession) -> None:
        """The recording's own length is known: turns may end elsewhere, and it may be too short."""
        self._place(session)
        if self._playback is not None:
            self._show_state(self._playback.state)

    def _show_state(self, state: PlaybackState) -> None:
        self.transport.show_playing(state.playing)
        self.transport.show_speed(state.speed)
        self.transport.show_listening(state.listening, apart=state.apart, saved_ms=state.saved_ms)
        self.transport.enable(state.phase in (Phase.READY, Phase.LOADING))
        self._show_length(state.duration_ms)
        session = None if self._playback is None else self._playback.session
        told = (
            ()
            if session is None
            else (missing_words(session), trouble_words(state, session), silent_words(state.parts))
        )
        words = " ".join(filter(None, told))
        self.trouble.show_text(words)
        self.trouble.setAccessibleDescription(words)
        self.trouble.setVisible(bool(words))
        later = isinstance(state.error, NotReadyError)
        self.again.setVisible(session is not None and (state.phase is Phase.FAILED or later))
        if session is None:
            self.title.show_text("Opening …" if state.phase is Phase.LOADING else "No session open")

    def _show_length(self, duration_ms: int | None) -> None:
        length = duration_ms if duration_ms is not None else self._told_ms
        self.waveform.set_duration(length)
        self.seek_bar.set_duration(length)
        self.delays.set_duration(length)
        self._show_position(0.0 if self._playback is None else self._playback.position_ms)

    def _show_position(self, position_ms: float) -> None:
        self.waveform.set_position(position_ms)
        self.seek_bar.set_position(position_ms)
        self.transport.show_position(position_ms, self.waveform.duration_ms or None)

    def _show_active(self, indices: tuple[int, ...]) -> None:
        self.waveform.set_active_turns(indices)
        turn = self._turns.get(indices[0]) if indices else None
        if turn is None:
            self.active_turn.show_value("")
            return
        text = isolated(one_line(turn.text[:LONGEST_TURN_SHOWN]))
        drawn = f"Now {clock(turn.start_ms or 0)} {text}" if self._says_active else ""
        value = f"{turn.index} {turn.role.value} {clock(turn.start_ms or 0)} {text}"
        self.active_turn.show_value(value, text=drawn)

    def say_active(self, wanted: bool) -> None:
        """Write out the turn that speaks; where the transcript keeps up with the sound, it is seen there."""
        self._says_active = wanted and self.width() >= WIDE
        if self._playback is not None:
            self._show_active(self._playback.active_turns)

    def _show_peaks(self, peaks: Peaks | None) -> None:
        session = None if self._playback is None else self._playback.session
        if peaks is not None and session is not None and session.connection.provider == CAPTURED:
            peaks = replace(peaks, sides=SIDES if peaks.channels == len(SIDES) else None)
        self.waveform.set_peaks(peaks)
        self.seek_bar.set_peaks(peaks)
        roles = self.waveform.sides()
        if session is None or roles is None:
            self.transport.name_sides(None)
        else:
            sides = session.connection.sides
            self.transport.name_sides([sides.agent if role is Role.AGENT else sides.user for role in roles])
