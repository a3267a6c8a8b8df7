"""Handing on a piece of audio: what is selected or heard, to a file that a person names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from qa_player.files import safe_name
from qa_player.model.annotation import Span
from qa_player.services.clipping import Clipping
from qa_player.services.playback import Playback
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.times import clock


class Clips:
    """``span`` is what is selected, else the turn one hears."""

    def __init__(
        self,
        window: QWidget,
        clipping: Clipping,
        playback: Playback,
        *,
        span: Callable[[], Span | None],
        messages: MessageBar,
        tasks: Tasks,
    ) -> None:
        self._window, self._clipping, self._playback = window, clipping, playback
        self._span, self._messages, self._tasks = span, messages, tasks

    def ask(self) -> None:
        """Ask where to write the selected piece of audio, else that of the turn one hears."""
        session, span = self._playback.session, self._span()
        if session is None:
            return
        if span is None:
            self._messages.trouble("Nothing is selected.", "Select a stretch of the wave, then try again.")
            return
        name = safe_name(session.detail.session.title or session.session_id, session.session_id)
        place = Path.home() / f"{name} {clock(span.start_ms).replace(':', '.')}.wav"
        chooser = QFileDialog(self._window, "Where to write this piece of audio", str(place), "Sound (*.wav)")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("wav")
        chooser.fileSelected.connect(
            lambda path: self._tasks.start(
                "clip", self._clip(session.connection.name, session.session_id, span, Path(path))
            )
        )
        chooser.open()

    async def _clip(self, connection: str, session_id: str, span: Span, path: Path) -> None:
        made = await self._clipping.clip(connection, session_id, span, path)
        seconds = (span.end_ms - span.start_ms) / 1_000
        self._messages.done(f"{made.path.name} is written: {seconds:.2f} s of audio, SHA-256 {made.sha256[:12]}…")
