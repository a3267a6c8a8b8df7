"""Where an annotation is written: comment, tag and severity, for a span, a moment or a turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.ui.widgets.chips import ChipRow
from qa_player.ui.widgets.text import Label, one_line
from qa_player.ui.widgets.times import span_words

_SEVERITIES: tuple[tuple[str, Severity | None], ...] = (
    ("No severity", None),
    ("Minor", Severity.MINOR),
    ("Major", Severity.MAJOR),
    ("Critical", Severity.CRITICAL),
)


@dataclass(frozen=True)
class Draft:
    """What is being written. ``annotation_id`` is empty for a new one; times are milliseconds from audio zero."""

    annotation_id: str = ""
    start_ms: int | None = None
    end_ms: int | None = None
    turn_index: int | None = None
    tag: str = ""
    severity: Severity | None = None
    text: str = ""
    private: bool = False
    corrects: bool = False
    """Whether ``text`` is what was truly said in the turn ``turn_index``."""


def same_thing(one: Draft, other: Draft) -> bool:
    """Whether both are about one annotation, or about one place where there is none yet."""
    return (one.annotation_id, one.start_ms, one.end_ms, one.turn_index, one.corrects) == (
        other.annotation_id,
        other.start_ms,
        other.end_ms,
        other.turn_index,
        other.corrects,
    )


def draft_of(one: Annotation) -> Draft:
    """What is there already, to be changed."""
    place = (one.start_ms, one.end_ms, one.turn_index)
    return Draft(
        one.annotation_id, *place, one.tag, one.severity, one.text, one.private, one.kind is AnnotationKind.CORRECTION
    )


class AnnotationEditor(QFrame):
    """``saved(Draft)`` on Ctrl+Enter, Enter in the tag or the button, ``cancelled`` on Esc; both hand the focus back.
    ``changed`` with every key and choice.

    Of the tags that were used before those are offered that hold what is typed.
    """

    saved = Signal(object)
    cancelled = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setProperty("tone", "accent")
        self._draft = Draft()
        self._heading = Label(kind="heading")
        self.tag = QLineEdit()
        self.tag.setAccessibleName("Tag")
        self.tag.setPlaceholderText("Tag")
        self.tag.setMaxLength(200)
        # whoever has the keys in the tag types it; Tab goes on to what cannot be typed there
        self._tags = ChipRow(switches=False, by_tab=False)
        self._tags.pressed.connect(self._take_tag)
        self.severity = QComboBox()
        self.severity.setAccessibleName("Severity")
        for words, value in _SEVERITIES:
            self.severity.addItem(words, value)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Comment")
        self.text.setPlaceholderText("Comment")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(44)
        self.text.setMaximumHeight(72)
        self.private = QCheckBox("Private")
        self.private.setToolTip("In no export")
        self._save, self._cancel = QPushButton("Keep"), QPushButton("Cancel")
        self._save.setProperty("kind", "primary")
        self._save.setToolTip("Keep the annotation (Ctrl+Enter)")
        self._cancel.setToolTip("Leave it as it was (Esc)")
        self._save.clicked.connect(self._emit)
        self._cancel.clicked.connect(self.cancelled)
        self.tag.textChanged.connect(self._tag_changed)
        for change in (
            self.tag.textChanged,
            self.text.textChanged,
            self.severity.currentIndexChanged,
            self.private.toggled,
        ):
            change.connect(lambda *_: self.changed.emit())
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.private)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._save)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._heading)
        column.addWidget(self.text)
        what = QHBoxLayout()
        what.addWidget(self.tag, 1)
        what.addWidget(self.severity)
        column.addLayout(what)
        column.addWidget(self._tags)
        column.addLayout(buttons)
        chain = (self.text, self.tag, self.severity, self.private, self._save, self._cancel)
        for first, second in pairwise(chain):
            self.setTabOrder(first, second)

    def begin(self, draft: Draft, tags: Sequence[str]) -> None:
        """Write on ``draft``; ``tags`` are offered in their order."""
        self._draft = draft
        self.write(draft)
        place = span_words(draft.start_ms, draft.end_ms, draft.turn_index)
        self._heading.show_text(f"{'Change' if draft.annotation_id else 'New'} · {place}")
        if draft.corrects:
            self._heading.show_text(f"What was truly said · turn {draft.turn_index}")
        for widget in (self.tag, self._tags, self.severity):
            widget.setHidden(draft.corrects)
        self.text.setAccessibleName("Corrected text" if draft.corrects else "Comment")
        self._tags.show_chips([(tag, one_line(tag)) for tag in tags])
        self._tags.show_only("")
        self.show()
        self._claim_room()
        self.take_focus()

    def _claim_room(self) -> None:
        """What lies below gives way: nothing in here lies over another."""
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(layout.totalMinimumHeightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._claim_room()

    def take_focus(self) -> None:
        """The keys to the words."""
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def before(self) -> Draft:
        """What it was when `begin` was called."""
        return self._draft

    def write(self, draft: Draft) -> None:
        """Let this stand in the fields; what it was before stays what `begin` was given."""
        self.tag.setText(draft.tag)
        self.severity.setCurrentIndex([value for _, value in _SEVERITIES].index(draft.severity))
        self.text.setPlainText(draft.text)
        self.private.setChecked(draft.private)
        self._save.setEnabled(bool(draft.tag.strip()))

    def draft(self) -> Draft:
        """What is written now."""
        before, severity = self._draft, self.severity.currentData()
        return Draft(
            before.annotation_id,
            before.start_ms,
            before.end_ms,
            before.turn_index,
            self.tag.text().strip(),
            Severity(severity) if severity else None,
            self.text.toPlainText(),
            self.private.isChecked(),
            before.corrects,
        )

    def touched(self) -> bool:
        """Whether anything was changed since `begin`."""
        return self.draft() != self._draft

    def _tag_changed(self, text: str) -> None:
        self._save.setEnabled(bool(text.strip()))
        self._tags.show_only(text.strip() if self.tag.hasFocus() else "")

    def _take_tag(self, tag: str) -> None:
        self.tag.setText(tag)
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _emit(self) -> None:
        if self.tag.text().strip():
            self.saved.emit(self.draft())
        else:
            self.tag.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        """What keeps the annotation here is a command of the window elsewhere."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and (event.modifiers() & Qt.KeyboardModifier.ControlModifier or self.tag.hasFocus()):
            self._emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)
