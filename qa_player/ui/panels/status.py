"""The line at the bottom: whether the recording is here, when the last word was saved, what the trail can claim."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QStatusBar, QWidget

from qa_player.model.audit import AuditVerdict
from qa_player.model.playback import Phase, PlaybackState
from qa_player.services.playback import Playback
from qa_player.services.review import Review
from qa_player.ui.widgets.text import Label, ValueLabel
from qa_player.ui.widgets.times import short_time, time_of_day


class StatusBar(QStatusBar):
    """``Stream`` and ``Saved`` are labels whose accessible description is their value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.stream = ValueLabel("Stream")
        self.saved = ValueLabel("Saved")
        self.network = Label()
        self.audit = Label()
        for label in (self.stream, self.saved, self.network):
            self.addWidget(label)
        self.addPermanentWidget(self.audit)
        self.show_state(PlaybackState())

    def attach(self, playback: Playback, review: Review) -> None:
        """Follow these services from now on."""
        playback.state_changed.connect(self.show_state)
        review.saved.connect(self.show_saved)

    def show_state(self, state: PlaybackState) -> None:
        """Say whether playing needs the network any more, or what it waits for."""
        words, tone = stream_words(state)
        self.stream.show_value(words, text=f"● {words}" if words else "")
        if self.stream.property("tone") != tone:
            self.stream.setProperty("tone", tone)
            self.stream.style().unpolish(self.stream)
            self.stream.style().polish(self.stream)

    def show_saved(self, at: datetime) -> None:
        """Called after a commit and at no other time."""
        self.saved.show_value(f"Saved {time_of_day(at)}")

    def show_offline(self, offline: bool) -> None:
        """The last listing did not reach a provider."""
        self.network.show_text("Offline" if offline else "")

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
    silent = "" if state.audible else " · no sound device"
    if state.verified:
        return f"Ready offline{silent}", "good"
    if state.buffering:
        return f"Waiting for the network{silent}", "critical"
    return f"{state.held:.0%} of the recording is here{silent}", ""
