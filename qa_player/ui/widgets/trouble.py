"""A line in a dialog that says what went wrong and what to do, or what was done."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from qa_player.ui.widgets.text import Label, one_line


class TroubleLine(Label):
    """Hidden while there is nothing to say; its accessible description is what it says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, wrap=True)
        self.setAccessibleName("What became of it")
        self.hide()

    def tell(self, words: str, *, tone: str = "critical") -> None:
        """Say ``words`` in a ``tone`` (``critical``, ``good``, ``muted``); no words are silence."""
        self.show_text(words)
        self.setAccessibleDescription(one_line(words))
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().polish(self)
        self.setVisible(bool(words))
