"""A digit held down while one listens marks the stretch that was heard meanwhile; a short press tags as ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from qa_player.services.playback import Playback
from qa_player.ui.marking import Marking
from qa_player.ui.panels.player import PlayerPanel
from qa_player.ui.widgets.annotation_editor import Draft

TAP_S = 0.35
"""What is held no longer is a tap."""

GRACE_MS = 60
"""A key that repeats goes up and down, and X11 does not always say that this is what it does."""

_MODIFIERS = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock}
)


@dataclass
class _Held:
    session: tuple[str, str]
    tapped: Draft
    """What a tap would have tagged, as it was when the key went down."""
    start_ms: int
    since: float
    released: tuple[float, int] | None = None
    """When and where the key went up, while it is not sure that it stays up."""


class Holding(QObject):
    """``lag_ms`` is how long after hearing something this person presses: a stretch begins so much earlier.

    Several digits can be held at once. While none is, no event passes here.
    """

    def __init__(
        self, window: QWidget, playback: Playback, marking: Marking, player: PlayerPanel, *, lag_ms: Callable[[], int]
    ) -> None:
        super().__init__(window)
        self._lag_ms = lag_ms
        self._window, self._playback, self._marking, self._player = window, playback, marking, player
        self._held: dict[int, _Held] = {}
        self._others: set[int] = set()
        """Keys that went down or up since: the one that is held is none of them."""
        playback.closed.connect(self._forget)

    def press(self, digit: int) -> Callable[[], None]:
        """What a press of a digit's key does."""
        return lambda: self._pressed(digit)

    def _pressed(self, digit: int) -> None:
        session, tapped = self._session(), self._marking.tagged(digit)
        if session is None or tapped is None:
            return
        if not self._playback.state.playing:
            self._marking.keep(tapped)
            return
        if digit in self._held:
            self._held[digit].released = None
            return
        here = self._playback.position_ms
        lag = self._lag_ms() * self._playback.state.listening.speed
        if not self._held:
            QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]
        self._held[digit] = _Held(session, tapped, max(round(here - lag), 0), time.monotonic())
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The key that goes up ends its stretch; when another window gets the keys, nobody will tell us of it."""
        if event.type() == QEvent.Type.ApplicationDeactivate or (
            event.type() == QEvent.Type.WindowDeactivate and watched is self._window
        ):
            for digit in list(self._held):
                self._released(digit)
                self._end(digit)
        elif isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            if event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
                self._others.add(event.key())
            elif event.type() == QEvent.Type.KeyRelease:
                ended = self._digit(event.key())
                # a release that nobody wants is offered to every parent, too, and passes here each time
                self._others.add(event.key())
                if ended is not None:
                    self._released(ended)
        return False

    def _digit(self, key: int) -> int | None:
        """Which digit went up. Some keyboards have digits with Shift: its release may bring another key's name."""
        digit = key - Qt.Key.Key_0
        if digit in self._held:
            return digit
        ours = len(self._held) == 1 and key not in self._others and key not in _MODIFIERS
        return next(iter(self._held)) if ours else None

    def _released(self, digit: int) -> None:
        held = self._held[digit]
        if held.released is None:
            held.released = (time.monotonic(), round(self._playback.position_ms))
            released = held.released
            QTimer.singleShot(GRACE_MS, self, lambda: self._end(digit) if held.released is released else None)

    def _end(self, digit: int) -> None:
        held = self._held.get(digit)
        if held is None or held.released is None:
            return
        del self._held[digit]
        self._settle()
        if held.session != self._session():
            return
        at, end_ms = held.released
        if at - held.since < TAP_S or end_ms <= held.start_ms:
            self._marking.keep(held.tapped)
        else:
            self._marking.keep(Draft(start_ms=held.start_ms, end_ms=end_ms, tag=held.tapped.tag))

    def _session(self) -> tuple[str, str] | None:
        session = self._playback.session
        return None if session is None else (session.connection.name, session.session_id)

    def _forget(self) -> None:
        self._held.clear()
        self._settle()

    def _settle(self) -> None:
        if not self._held:
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self._others.clear()
        self._show()

    def _show(self) -> None:
        self._player.waveform.set_growing(min((held.start_ms for held in self._held.values()), default=None))
