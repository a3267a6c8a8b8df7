"""Buttons that judge the card under the cursor: one word of several, each a key away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from qa_player.ui.widgets.switch import Switch


class VerdictBar(QWidget):
    """``pressed(word)``; the word that holds is pressed in, pressing it again takes it back."""

    pressed = Signal(str)

    def __init__(self, words: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """``words`` are (word, what it reads, its key)."""
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._buttons: dict[str, Switch] = {}
        for word, reads, key in words:
            button = self._buttons[word] = Switch(f"{key} {reads}")
            button.setProperty("kind", "pill")
            button.setAccessibleName(reads)
            button.setToolTip(f"{reads} ({key})")
            button.switched.connect(lambda _on, word=word: self.pressed.emit(word))
            row.addWidget(button)
        row.addStretch(1)
        self.show_word("", allowed=False)

    def show_word(self, word: str, *, allowed: bool) -> None:
        """Which word holds, and whether there is something to judge."""
        for name, button in self._buttons.items():
            button.show_on(name == word)
            button.setEnabled(allowed)
