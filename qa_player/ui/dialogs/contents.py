"""A file that could be either: what somebody marked, or the words themselves. A person says which."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from qa_player.formats.contents import Contents
from qa_player.ui.widgets.text import Label, one_line

_ANNOTATIONS = "As annotations, each of its pieces is a mark on this recording, with its speaker for a tag."
_FIRST = "As the transcript, it is shown and heard in step: this session has none of its own."
_BESIDE = (
    "As a transcript, it is kept beside the one that is shown, which stays; afterwards it can be shown in its place."
)


class ContentsDialog(QDialog):
    """``chosen(Contents)``; Esc takes nothing in."""

    chosen = Signal(object)

    def __init__(self, name: str, suggested: Contents, parent: QWidget, *, has_turns: bool) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Annotations or a transcript?")
        self.setMinimumWidth(520)
        heading = Label(f"{one_line(name)} can be taken in as either", wrap=True, kind="heading")
        self.about = Label(f"{_ANNOTATIONS}\n\n{_BESIDE if has_turns else _FIRST}", wrap=True)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.annotations = buttons.addButton("Take in annotations", role.ActionRole)
        self.transcript = buttons.addButton("Take in a transcript", role.ActionRole)
        buttons.addButton("Cancel", role.RejectRole)
        self.annotations.clicked.connect(lambda: self._choose(Contents.ANNOTATIONS))
        self.transcript.clicked.connect(lambda: self._choose(Contents.TRANSCRIPT))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(12)
        for widget in (heading, self.about, buttons):
            column.addWidget(widget)
        likely = self.annotations if suggested is Contents.ANNOTATIONS else self.transcript
        likely.setDefault(True)
        likely.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, contents: Contents) -> None:
        self.accept()
        self.chosen.emit(contents)
