"""The name under which a filter of the list of sessions is kept."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from qa_player.errors import UsageError
from qa_player.ui.dialogs.form import FormDialog

LONGEST = 40


class FilterNameDialog(FormDialog):
    """``named(text)``; a name that is ``taken`` would replace another filter and is refused."""

    named = Signal(str)

    def __init__(self, taken: Collection[str], parent: QWidget) -> None:
        super().__init__("Keep this filter", "Keep", parent)
        self._taken = taken
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST)
        self.name.setPlaceholderText("For instance: my queue")
        self.add_field("Name", self.name, hint="Connection, words, chips and order come back with it.")

    def go(self) -> None:
        name = self.name.text().strip()
        if not name:
            self.tell(UsageError("A filter needs a name.", "Write what you call it."))
        elif name in self._taken:
            self.tell(UsageError("There is a filter of that name.", "Choose another name, or forget that one first."))
        else:
            self.named.emit(name)
            self.accept()
