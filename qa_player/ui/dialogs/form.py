"""What the dialogs share: a form with its trouble told inside, opened without ever waiting for it."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.ui.widgets.text import Label, one_line, unmarked

HINT_WIDTH = 350


class FormDialog(QDialog):
    """Fields, a place for trouble, and two buttons; ``accept_words`` says what the first one does."""

    def __init__(self, title: str, accept_words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(14)
        self.form.setVerticalSpacing(9)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.trouble = Label(wrap=True)
        self.trouble.setProperty("tone", "critical")
        self.trouble.setAccessibleName("Trouble")
        self.trouble.hide()
        self._typed_in: QWidget | None = None
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName("Under way")
        self._bar.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(accept_words, QDialogButtonBox.ButtonRole.ActionRole)
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.clicked.connect(self.go)
        for button in self.buttons.buttons():
            button.setIcon(QIcon())
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(12)
        column.addLayout(self.form)
        column.addWidget(self.trouble)
        column.addWidget(self._bar)
        column.addStretch(1)
        column.addWidget(self.buttons)
        # only now: before it stands in its dialog a button is nobody's default, and Enter would press Cancel
        self.accept_button.setDefault(True)

    def add_field(self, words: str, field: QWidget, *, hint: str = "", at: int = -1) -> None:
        """A row of the form; the label's words are the field's name, ``hint`` stands small below it.

        ``at`` is the row before which it comes, -1 for the end.
        """
        label = QLabel(one_line(words).replace("&", "&&"))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(one_line(words))
        self.form.insertRow(at, label, field)
        if hint:
            field.setAccessibleDescription(one_line(hint))
            # a wrapping label asks for the height of two lines even where one is enough
            wide = self.fontMetrics().horizontalAdvance(hint) > HINT_WIDTH
            self.form.insertRow(at + 1 if at >= 0 else -1, "", Label(hint, wrap=wide, kind="small"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()
        order = self._in_order()
        if order and self.focusWidget() not in order[: -len(self.buttons.buttons())]:
            order[0].setFocus(Qt.FocusReason.TabFocusReason)

    def fit(self) -> None:
        """As high as the wrapped words need at this width, and Tab goes as one reads."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))
        for before, after in itertools.pairwise(self._in_order()):
            QWidget.setTabOrder(before, after)

    def _in_order(self) -> list[QWidget]:
        """What takes keys, from the top to the bottom; the buttons were made before the fields."""
        taking = [
            widget
            for widget in self.findChildren(QWidget)
            if widget.window() is self
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not widget.isHidden()
            and widget.focusProxy() is None
        ]
        places = {widget: widget.mapTo(self, QPoint(0, 0)) for widget in taking}
        rows = sorted(taking, key=lambda widget: (places[widget].y(), places[widget].x()))
        buttons = self.buttons.buttons()
        return [*(widget for widget in rows if widget not in buttons), *(one for one in rows if one in buttons)]

    def go(self) -> None:
        """The first button was pressed; each dialog does its own here."""
        raise NotImplementedError

    def busy(self, busy: bool) -> None:
        """While something is under way the fields rest and Cancel stays; then one goes on where one was."""
        if busy:
            self._typed_in = self.focusWidget()
        self._bar.setVisible(busy)
        self.accept_button.setEnabled(not busy)
        for row in range(self.form.rowCount()):
            item = self.form.itemAt(row, QFormLayout.ItemRole.FieldRole)
            if item is not None and (widget := item.widget()) is not None:
                widget.setEnabled(not busy)
        if not busy and self._typed_in is not None:
            self._typed_in.setFocus(Qt.FocusReason.OtherFocusReason)
            self._typed_in = None

    def tell(self, error: QaPlayerError) -> None:
        """Say what went wrong and what to do, beside the fields that can mend it."""
        self.busy(False)
        words = unmarked(f"{error.message} {error.next_step}".strip())
        self.trouble.show_text(words)
        self.trouble.setAccessibleDescription(one_line(words))
        self.trouble.show()
        self.fit()
