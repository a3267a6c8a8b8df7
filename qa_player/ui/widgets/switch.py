"""A button that is on or off."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget


class Switch(QPushButton):
    """``switched(on)``: a pointer, a key or assistive technology turned it; `show_on` tells it what holds.

    Qt's own ``clicked`` is silent when a screen reader toggles a button, and ``toggled`` also speaks up when we do.
    """

    switched = Signal(bool)

    def __init__(self, words: str = "", parent: QWidget | None = None, *, on: bool = False) -> None:
        super().__init__(words, parent)
        self.setCheckable(True)
        self._telling = False
        self.toggled.connect(self._toggled)
        self.show_on(on)

    def show_on(self, on: bool) -> None:
        """Show what holds; nobody is told."""
        self._telling = True
        try:
            self.setChecked(on)
        finally:
            self._telling = False

    def _toggled(self, on: bool) -> None:
        if not self._telling:
            self.switched.emit(on)
