"""The name a person goes by, asked once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from qa_player.errors import UsageError
from qa_player.ui.dialogs.form import FormDialog


class NameDialog(FormDialog):
    """``named(text)``; who cancels is asked again at the next mark and goes by their login until then."""

    named = Signal(str)

    def __init__(self, suggestion: str, parent: QWidget) -> None:
        super().__init__("Who is reviewing?", "That is me", parent)
        self.name = QLineEdit(suggestion)
        self.name.setMaxLength(200)
        self.name.selectAll()
        self.add_field("Your name", self.name, hint="Stands as the author of what you mark. Settings can change it.")

    def go(self) -> None:
        if not self.name.text().strip():
            self.tell(UsageError("A name has at least one letter.", "Write the name you go by."))
            return
        self.named.emit(self.name.text().strip())
        self.accept()
