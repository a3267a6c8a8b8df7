"""The one place where trouble is told: what happened, what to do next, and a button that does it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from qa_player.ui.widgets.text import Label, caption, one_line, unmarked

GOOD_STAYS_MS = 8_000
MARGIN, WIDEST = 12, 760


class MessageBar(QFrame):
    """Hidden until there is something to say; a later message takes the place of an earlier one.

    It lies over the foot of what it is said of, so that nothing moves under the eyes or the hand of who reads there.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "message")
        self.setAccessibleName("Message")
        self._said = Label(wrap=True, kind="heading")
        self._next = Label(wrap=True, kind="muted")
        self._button = QPushButton()
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setAccessibleName("Dismiss the message")
        self._close.setToolTip("Dismiss (Esc)")
        self._close.setProperty("kind", "flat")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._said)
        words.addWidget(self._next)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.addLayout(words, 1)
        row.addWidget(self._button)
        row.addWidget(self._close)
        self._act: Callable[[], object] | None = None
        self.about = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self._button.clicked.connect(self._do)
        self._close.clicked.connect(self.dismiss)
        self.hide()

    def float_over(self, ground: QWidget) -> None:
        """Lie over the foot of ``ground`` from now on, however large that becomes."""
        self.setParent(ground)
        ground.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        ground = self.parentWidget()
        if ground is None or self.isHidden():
            return
        width = min(ground.width() - 2 * MARGIN, WIDEST)
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        self.setGeometry((ground.width() - width) // 2, ground.height() - height - MARGIN, width, height)
        self.raise_()

    def trouble(
        self,
        message: str,
        next_step: str,
        *,
        about: str = "",
        button: str = "",
        act: Callable[[], object] | None = None,
    ) -> None:
        """Say what went wrong and what can be done; it stays until it is dismissed, or ``about`` is `settled`."""
        self._tell(message, next_step, tone="critical", about=about, button=button, act=act)

    def done(self, message: str, *, about: str = "", button: str = "", act: Callable[[], object] | None = None) -> None:
        """Say what went well; it goes by itself."""
        self._tell(message, "", tone="good", about=about, button=button, act=act)
        self._timer.start(GOOD_STAYS_MS)

    def settled(self, about: str) -> None:
        """What the message was about works again."""
        if about == self.about:
            self.dismiss()

    def dismiss(self) -> None:
        """Take the message away."""
        self._timer.stop()
        self.about, self._act = "", None
        self.hide()

    def text(self) -> str:
        """What it says now, empty while hidden."""
        return "" if self.isHidden() else f"{self._said.text()} {self._next.text()}".strip()

    def _tell(
        self, message: str, next_step: str, *, tone: str, about: str, button: str, act: Callable[[], object] | None
    ) -> None:
        self._timer.stop()
        next_step = unmarked(next_step)
        self._said.show_text(message)
        self._next.show_text(next_step)
        self._next.setVisible(bool(next_step))
        self._button.setText(caption(button))
        self._button.setVisible(bool(button))
        self._act, self.about = act, about
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleDescription(one_line(f"{message} {next_step}".strip()))
        self.show()
        self._place()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _do(self) -> None:
        act = self._act
        self.dismiss()
        if act is not None:
            act()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)
