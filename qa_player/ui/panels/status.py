"""The line at the bottom: whether the recording is here, when the last word was saved, what the trail can claim."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStatusBar, QWidget

from qa_player.model.audit import AuditVerdict
from qa_player.model.playback import Phase, PlaybackState
from qa_player.services.playback import Playback
from qa_player.services.review import Review
from qa_player.ui.theme import tokens_for
from qa_player.ui.widgets.text import Label, ValueLabel, tooltip
from qa_player.ui.widgets.times import counted, short_time, time_of_day


class StatusBar(QStatusBar):
    """``Stream`` and ``Saved`` are labels whose accessible description is their value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.light = Light()
        self.stream = ValueLabel("Stream", kind="lit")
        self.heard = ValueLabel("Heard")
        self.queue = ValueLabel("Queue")
        self.saved = ValueLabel("Saved")
        self.network = Label()
        self.relay = ValueLabel("Relay")
        self.audit = Label()
        for label in (self.light, self.stream, self.heard, self.queue, self.saved, self.network, self.relay):
            self.addWidget(label)
        self.addPermanentWidget(self.audit)
        self.queue.hide()
        self.show_state(PlaybackState())

    def attach(self, playback: Playback, review: Review) -> None:
        """Follow these services from now on."""
        playback.state_changed.connect(self.show_state)
        review.saved.connect(self.show_saved)

    def show_state(self, state: PlaybackState) -> None:
        """Say whether playing needs the network any more, or what it waits for."""
        words, tone = stream_words(state)
        self.stream.show_value(words)
        self.light.show_tone(tone if words else None)
        # what goes well stays quiet
        loud = tone if tone == "critical" else ""
        if self.stream.property("tone") != loud:
            self.stream.setProperty("tone", loud)
            self.stream.style().unpolish(self.stream)
            self.stream.style().polish(self.stream)

    def show_heard(self, words: str, by_person: str) -> None:
        """How much was listened to; ``by_person`` says it of everybody."""
        self.heard.show_value(words)
        self.heard.setToolTip(tooltip(by_person))

    def show_queue(self, words: str) -> None:
        """Where the open session stands in the queue, and how long what is left takes; empty where it is in none."""
        if words != self.queue.text():
            self.queue.show_value(words)
            self.queue.setVisible(bool(words))

    def show_saved(self, at: datetime) -> None:
        """Called after a commit and at no other time."""
        self.saved.show_value(f"Saved {time_of_day(at)}")

    def show_offline(self, offline: bool) -> None:
        """The last listing did not reach a provider."""
        self.network.show_text("Offline" if offline else "")

    def show_relay(self, listening: str, calls: int) -> None:
        """Where the relay listens, empty while it is off, and how many calls it receives."""
        received = f", {counted(calls, 'call')} coming in" if calls else ""
        self.relay.show_value(f"Relay on {listening}{received}" if listening else "")

    def show_audit(self, verdict: AuditVerdict) -> None:
        """What the audit trail can truly claim, no more."""
        if not verdict.consistent:
            words, tone = "Audit trail damaged", "critical"
        elif verdict.end_proven and verdict.anchored_at is not None:
            words, tone = f"Audit consistent · anchored {short_time(verdict.anchored_at)}", ""
        else:
            words, tone = "Audit consistent · end not anchored", ""
        self.audit.show_text(words)
        self.audit.setProperty("tone", tone)
        self.audit.style().unpolish(self.audit)
        self.audit.style().polish(self.audit)


class Light(QWidget):
    """A dot in the colour of how things stand; the words beside it say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone: str | None = None
        self.setFixedSize(20, 16)

    def show_tone(self, tone: str | None) -> None:
        """The tone of the words beside it; null puts the light out."""
        if tone != self._tone:
            self._tone = tone
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._tone is None:
            return
        tokens = tokens_for(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(tokens, self._tone or "muted")))
        painter.drawEllipse(QPointF(15, 8), 4, 4)
        painter.end()


def stream_words(state: PlaybackState) -> tuple[str, str]:
    """What is shown of the recording's way to this disk, and its tone."""
    if state.phase is Phase.EMPTY:
        return "", ""
    if state.phase is Phase.LOADING:
        return "Opening", ""
    if state.phase is Phase.NO_RECORDING:
        return "No recording", ""
    if state.phase is Phase.FAILED:
        return "Recording cannot be heard", "critical"
    if state.live:
        return ("The call is over", "") if state.ended else ("Live", "good")
    if state.verified:
        return "Ready offline", "good"
    pause = "" if state.resumes_at is None else f"the provider asks us to wait until {time_of_day(state.resumes_at)}"
    if state.buffering:
        return f"Buffering: {pause or 'waiting for the network'}", "critical"
    return f"{state.held:.0%} of the recording is here" + (f"; {pause}" if pause else ""), ""
