"""The call that is listened to while it goes on: how long it lasts, how loud its sides are, how far behind one is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from qa_player.model.live import Capture, RelayLine
from qa_player.model.transcript import Role
from qa_player.services.library import OpenSession
from qa_player.services.live import Live
from qa_player.services.playback import Playback
from qa_player.ui.widgets.flow_layout import FlowLayout, together
from qa_player.ui.widgets.level_meter import LevelMeter
from qa_player.ui.widgets.text import Label, ValueLabel, one_line
from qa_player.ui.widgets.times import clock

HOLD, HELD = "Hold to speak (V)", "You are heard"
TOLD_EVERY_MS = 250
AT_THE_END_MS = 1_000
"""Whoever is no further behind hears the call as it comes."""


class LiveCallPanel(QFrame):
    """Hidden unless the open session is a call that goes on. ``streams_wanted`` asks for its streams;
    ``shown(Capture)`` when another call is shown, null for none."""

    streams_wanted = Signal()
    shown = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setProperty("tone", "critical")
        self.setAccessibleName("Call in progress")
        self.call: Capture | None = None
        self._live: Live | None = None
        self._playback: Playback | None = None
        self.elapsed = ValueLabel("Lasts", kind="heading")
        self.delay = ValueLabel("Behind the call", kind="muted")
        self.meters = (LevelMeter(Role.USER), LevelMeter(Role.AGENT))
        self._names = (Label("", kind="small"), Label("", kind="small"))
        self.catch_up = QPushButton("Catch up")
        self.catch_up.setToolTip("Hear it as it comes (Ctrl+End)")
        self.streams = QPushButton("Streams…")
        self.streams.setToolTip("What the carrier sends of this call, and how to stop it")
        self.streams.clicked.connect(self.streams_wanted)
        self.speak = QPushButton("Speak")
        self.speak.setCheckable(True)
        self.speak.setToolTip("Let your voice into this call, while you hold the key; it is kept in the audit trail")
        self.hold = QPushButton(HOLD)
        self.hold.setAccessibleName("Hold to speak into the call")
        self.hold.setProperty("kind", "speak")
        self.hold.hide()
        mark = Label("Live", kind="pill")
        mark.setProperty("tone", "critical")
        # words that change are not to push the others about
        for label, longest in ((self.elapsed, "00:00"), (self.delay, "heard 0.0 s after it came")):
            label.ensurePolished()
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(longest) + 2)
        line = FlowLayout(self, gap=8)
        line.setContentsMargins(12, 6, 8, 6)
        line.addWidget(together(mark, self.elapsed, self.delay))
        for name, meter in zip(self._names, self.meters, strict=True):
            line.addWidget(together(name, meter, left=6))
        line.addWidget(together(self.catch_up, self.hold, self.speak, self.streams))
        self._timer = QTimer(self)
        self._timer.setInterval(TOLD_EVERY_MS)
        self._timer.timeout.connect(self._tell)
        self.hide()

    def attach(self, live: Live, playback: Playback, *, catch_up: Callable[[], object]) -> None:
        """Show the calls of ``live`` when ``playback`` has one open."""
        self._live, self._playback = live, playback
        playback.opened.connect(self._show)
        playback.closed.connect(lambda: self._become(None))
        live.calls_changed.connect(self._look)
        live.metered = lambda session_id: self.call is not None and session_id == self.call.session_id
        live.levels_changed.connect(self._show_levels)
        self.catch_up.clicked.connect(catch_up)

    def show_speaking(self, *, on: bool, held: bool) -> None:
        """Whether one may speak into the call, and does: in red all around, as it is heard by others."""
        self.speak.setChecked(on)
        self.hold.setVisible(on)
        # the button is held down: nothing moves away from under the hand when its words change
        for words in (HOLD, HELD) if on else ():
            self.hold.setText(words)
            self.hold.setMinimumWidth(max(self.hold.minimumWidth(), self.hold.sizeHint().width()))
        self.hold.setText(HELD if held else HOLD)
        for shown in (self, self.hold):
            shown.setProperty("held", held)
            shown.style().unpolish(shown)
            shown.style().polish(shown)

    @property
    def behind_ms(self) -> int:
        """From what came last to what is heard now, with the way from a relay elsewhere."""
        if self.call is None or self._live is None or self._playback is None:
            return 0
        behind_ms = self._live.end_ms(self.call.session_id) - round(self._playback.position_ms)
        return max(behind_ms, 0) + self._live.way_ms(self.call.session_id)

    @property
    def _line_is_lost(self) -> bool:
        relay = None if self._live is None or self.call is None else self._live.relays.at(self.call.session_id)
        return relay is not None and relay.state is not RelayLine.OPEN

    def _show(self, session: OpenSession) -> None:
        sides = session.connection.sides
        for name, meter, side in zip(self._names, self.meters, (sides.user, sides.agent), strict=True):
            name.show_text(one_line(side))
            meter.setAccessibleName(f"Level of {one_line(side)}")
        of_session = [] if self._live is None else [one for one in self._live.calls if _is_of(one, session)]
        self._become(of_session[0] if of_session else None)

    def _look(self) -> None:
        """One that is over is no call in progress."""
        if self.call is not None and self._live is not None:
            still = {one.session_id for one in self._live.calls}
            self._become(self.call if self.call.session_id in still else None)

    def _become(self, call: Capture | None) -> None:
        if call == self.call:
            return
        self.call = call
        self.setVisible(call is not None)
        elsewhere = call is not None and self._live is not None and self._live.relays.at(call.session_id) is not None
        # nobody speaks through a relay elsewhere, and streams are stopped where their carrier's key is
        self.speak.setVisible(call is not None and call.wish.bidirectional and not elsewhere)
        self.streams.setVisible(call is not None and not call.relay)
        (self._timer.start if call is not None else self._timer.stop)()
        self._tell()
        self.shown.emit(call)

    def _show_levels(self, session_id: str, inbound: int, outbound: int) -> None:
        if self.call is not None and session_id == self.call.session_id:
            for meter, peak in zip(self.meters, (inbound, outbound), strict=True):
                meter.show_level(peak)

    def _tell(self) -> None:
        if self.call is None:
            return
        self.elapsed.show_value(clock((datetime.now(UTC) - self.call.began_at).total_seconds() * 1_000, parts=1))
        behind_ms = self.behind_ms
        near = behind_ms < AT_THE_END_MS
        # a tenth of a second is as much as can be read; the words do not change with every breath of the clock
        words = f"heard {behind_ms / 1_000:.1f} s after it came" if near else f"{clock(behind_ms, parts=1)} behind"
        self.delay.show_value("line lost, dialled again" if self._line_is_lost else words)
        self.catch_up.setEnabled(not near)


def _is_of(call: Capture, session: OpenSession) -> bool:
    return call.session_id == session.session_id and session.detail.session.connection == session.connection.name
