"""What stands where there is nothing to show: what is the case, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from qa_player.ui.widgets.text import Label, caption, unmarked


class Placeholder(QFrame):
    """A heading, a sentence, a bar while something is under way, and one button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._heading = Label(wrap=True, kind="heading")
        self._sentence = Label(wrap=True, kind="muted")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName("Under way")
        self._bar.setMaximumWidth(180)
        self._button = QPushButton()
        self._act: Callable[[], object] | None = None
        self._button.clicked.connect(self._do)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 24, 20, 24)
        column.setSpacing(8)
        column.addStretch(2)
        for label in (self._heading, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            column.addWidget(label)
        column.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def tell(
        self,
        heading: str,
        sentence: str = "",
        *,
        busy: bool = False,
        button: str = "",
        act: Callable[[], object] | None = None,
    ) -> None:
        """Say what is the case; ``button`` and ``act`` are the next step."""
        self._heading.show_text(heading)
        self._sentence.show_text(unmarked(sentence))
        self._sentence.setVisible(bool(sentence))
        self._bar.setVisible(busy)
        self._button.setText(caption(button))
        self._button.setVisible(bool(button))
        self._act = act

    def _do(self) -> None:
        if self._act is not None:
            self._act()

    def text(self) -> str:
        """What it says now."""
        return f"{self._heading.text()} {self._sentence.text()}".strip()


class CoveredList(QStackedLayout):
    """A list, and the words that cover it while it has nothing to show; assistive technology finds the list always."""

    def __init__(self, rows: QWidget, placeholder: Placeholder) -> None:
        super().__init__()
        self._rows, self._placeholder = rows, placeholder
        self.setStackingMode(QStackedLayout.StackingMode.StackAll)
        self.addWidget(placeholder)
        self.addWidget(rows)

    def show_words(self) -> None:
        """There is nothing to list."""
        self._placeholder.show()
        self.setCurrentWidget(self._placeholder)
        self._placeholder.raise_()

    def show_rows(self) -> None:
        """There is something to list."""
        self.setCurrentWidget(self._rows)
        self._placeholder.hide()
