"""Which lines of a file were not taken in, and why each; to be read, and copied."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from qa_player.ui.widgets.text import Label


class RefusedLinesDialog(QDialog):
    """One sentence a line, as plain text."""

    def __init__(self, refused: tuple[str, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Lines that were refused")
        self.resize(560, 360)
        self.lines = QPlainTextEdit("\n".join(refused))
        self.lines.setReadOnly(True)
        self.lines.setTabChangesFocus(True)
        self.lines.setAccessibleName("Refused lines")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(Label(f"{len(refused)} lines of the file were not taken in; all others were.", wrap=True))
        column.addWidget(self.lines, 1)
        column.addWidget(buttons)
