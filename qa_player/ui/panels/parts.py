"""The parts of a recording: how they belong together and why, and which of them is heard. Hidden while there is one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from qa_player.model.arrangement import Arrangement, ArrangementOrigin
from qa_player.model.playback import PartPlace, PlaybackState
from qa_player.services.arranging import Arranging
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.choice import Choice
from qa_player.ui.widgets.part_gaps import gaps_of
from qa_player.ui.widgets.text import Label
from qa_player.ui.widgets.times import clock


class PartsLine(QWidget):
    """``arranged`` when a person chose otherwise: the session is to be opened anew; ``gaps_changed`` tells `Gap` s."""

    arranged = Signal()
    gaps_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = Choice("Recording parts")
        self.choice.setToolTip("Which parts of the recording are heard")
        self.reason = Label("", kind="muted", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.choice)
        row.addWidget(self.reason, 1)
        self._session: OpenSession | None = None
        self._places: tuple[PartPlace, ...] = ()
        self._items: list[tuple[str, str | None]] = []
        self.hide()

    def attach(self, playback: Playback, arranging: Arranging, tasks: Tasks) -> None:
        """Show the parts of what is open in ``playback``."""

        async def choose(session: OpenSession, part_id: str | None) -> None:
            await arranging.choose(session, part_id)
            self.arranged.emit()

        def wanted(_at: int) -> None:
            if self._session is not None:
                tasks.start("arrange-parts", choose(self._session, self.choice.currentData()))

        playback.opened.connect(self._show_session)
        playback.turns_placed.connect(self._show_session)
        playback.closed.connect(lambda: self._show_session(None))
        playback.state_changed.connect(self._show_state)
        self.choice.activated.connect(wanted)

    def _show_session(self, session: OpenSession | None) -> None:
        self._session = session
        self._show()

    def _show_state(self, state: PlaybackState) -> None:
        if state.parts != self._places:
            self._places = state.parts
            self.gaps_changed.emit(gaps_of(state.parts) if len(state.parts) > 1 else ())
            self._show()

    def _show(self) -> None:
        session = self._session
        several = session is not None and len(session.parts) > 1
        self.setVisible(several)
        if session is None or not several:
            return
        items = self._choices(session)
        if items != self._items:
            self._items = items
            self.choice.clear()
            for words, part_id in items:
                self.choice.addItem(words, part_id)
        self.choice.setCurrentIndex([part_id for _, part_id in items].index(session.arranged.part_id))
        guess = session.arranged.origin is ArrangementOrigin.GUESS
        self.reason.show_text(f"A guess: {session.arranged.reason}" if guess else session.arranged.reason)
        self.reason.setAccessibleName(arrangement_words(session))

    def _choices(self, session: OpenSession) -> list[tuple[str, str | None]]:
        heard = {place.part_id: place.duration_ms for place in self._places}
        items: list[tuple[str, str | None]] = [(f"All {len(session.parts)} parts in a row", None)]
        for number, part in enumerate(session.parts, start=1):
            length = heard.get(part.part_id) or part.duration_ms
            items.append((f"Part {number} only" + (f", {clock(length, parts=1)}" if length else ""), part.part_id))
        return items


def arrangement_words(session: OpenSession) -> str:
    """How the parts are taken, and why."""
    apart = session.arranged.arrangement is Arrangement.ALTERNATIVES
    taken = "Taken for recordings of the same" if apart else "Taken one after the other"
    guess = " (a guess)" if session.arranged.origin is ArrangementOrigin.GUESS else ""
    return f"{taken}{guess}: {session.arranged.reason}"


def silent_words(parts: Sequence[PartPlace]) -> str:
    """Which of several parts cannot be heard, and why; empty while all can."""
    if len(parts) < 2:
        return ""
    return " ".join(
        f"Part {number} cannot be heard: {part.error.message} {part.error.next_step}"
        for number, part in enumerate(parts, start=1)
        if part.error is not None
    )
