"""One question before something that is easily done by mistake."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from qa_player.ui.widgets.text import Label


class SureDialog(QDialog):
    """``agreed`` when the person goes on; Enter and Esc leave everything as it is."""

    agreed = Signal()

    def __init__(self, question: str, words: str, go_on: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(question)
        self.setMinimumWidth(460)
        heading = Label(question, wrap=True, kind="heading")
        self.words = Label(words, wrap=True)
        buttons = QDialogButtonBox()
        self.go_on = buttons.addButton(go_on, QDialogButtonBox.ButtonRole.ActionRole)
        self.stay = buttons.addButton("Leave it as it is", QDialogButtonBox.ButtonRole.RejectRole)
        self.go_on.clicked.connect(self._go)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(12)
        for widget in (heading, self.words, buttons):
            column.addWidget(widget)
        self.go_on.setAutoDefault(False)
        self.stay.setDefault(True)

    def _go(self) -> None:
        self.accept()
        self.agreed.emit()
