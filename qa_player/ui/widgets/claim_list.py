"""Claims as cards: what is said, what it may rest on, what speaks against it, and what was judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from qa_player.ui.theme import Tokens, tokens_for
from qa_player.ui.widgets.rows_view import RowsView
from qa_player.ui.widgets.text import isolated, one_line, shown
from qa_player.ui.widgets.text_layout import height_of, laid_out

EDGE, PAD, GAP = 10, 10, 8
LONGEST = 2_000

AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Claim:
    """One card. ``subject`` names it; ``text`` is what it claims, ``beside`` what stands below it, a line each;
    ``against`` what speaks against it; ``word`` what was judged; ``tone`` a colour's name, empty for a quiet edge."""

    subject: str
    text: str
    beside: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    word: str = ""
    tone: str = ""
    struck: bool = False

    def read(self) -> str:
        """As a sighted person reads the card, in one piece."""
        parts = (self.text, "struck" if self.struck else "", self.word, *self.against, *self.beside)
        return ", ".join(isolated(one_line(part[:LONGEST])) for part in parts if part)


class ClaimModel(QAbstractListModel):
    """The cards, in the order given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.claims: tuple[Claim, ...] = ()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.claims)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.claims):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.claims[index.row()].read()
        return None

    def show_claims(self, claims: Sequence[Claim]) -> None:
        """Other cards, or the same ones judged otherwise."""
        if [one.subject for one in claims] == [one.subject for one in self.claims]:
            others = [row for row, (old, new) in enumerate(zip(self.claims, claims, strict=True)) if old != new]
            self.claims = tuple(claims)
            for row in others:
                self.dataChanged.emit(self.index(row, 0), self.index(row, 0))
            return
        self.beginResetModel()
        self.claims = tuple(claims)
        self.endResetModel()


class ClaimDelegate(QStyledItemDelegate):
    """Paints one card."""

    def __init__(self, model: ClaimModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._widget = model, parent

    def estimates(self, _width: int) -> list[int]:
        """Two lines a card."""
        line = QFontMetrics(self._widget.font()).height()
        return [2 * line + 2 * PAD + GAP] * self._model.rowCount()

    def measure(self, row: int, width: int) -> int:
        """With every line it has."""
        pieces = self._pieces(self._model.claims[row], width)
        return 2 * PAD + GAP + sum(height_of(layout) + 3 for layout, _ in pieces)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(option.rect.width(), self.measure(index.row(), option.rect.width()))

    def _pieces(self, claim: Claim, width: int) -> list[tuple[QTextLayout, str]]:
        """Each block of text with the name of its colour."""
        room = max(width - 2 * EDGE - 2 * PAD - 6, 60)
        bold, small = QFont(self._widget.font()), QFont(self._widget.font())
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setStrikeOut(claim.struck)
        small.setPointSizeF(max(small.pointSizeF() * 0.93, 6)) if small.pointSizeF() > 0 else None
        blocks = [(claim.text, bold, "muted" if claim.struck else "text")]
        blocks += [(words, small, "critical") for words in claim.against]
        blocks += [(words, small, "muted") for words in claim.beside]
        if claim.word:
            blocks.append((claim.word, small, claim.tone or "text"))
        return [(laid_out(isolated(shown(text[:LONGEST])), font, room), tone) for text, font, tone in blocks]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        claim, tokens = self._model.claims[index.row()], tokens_for(option.palette)
        card = option.rect.adjusted(EDGE, 0, -EDGE, -GAP)
        painter.save()
        painter.setClipRect(option.rect)
        self._paint_card(painter, option, card, claim, tokens)
        top = card.top() + PAD
        for layout, tone in self._pieces(claim, option.rect.width()):
            painter.setPen(QColor(getattr(tokens, "good_text" if tone == "good" else tone)))
            layout.draw(painter, QPointF(card.left() + PAD + 4, top))
            top += height_of(layout) + 3
        painter.restore()

    def _paint_card(
        self, painter: QPainter, option: QStyleOptionViewItem, card: QRect, claim: Claim, tokens: Tokens
    ) -> None:
        selected = option.state & QStyle.StateFlag.State_Selected
        focused = option.state & QStyle.StateFlag.State_HasFocus
        hovered = option.state & QStyle.StateFlag.State_MouseOver
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = tokens.accent if focused or selected else tokens.border_strong if hovered else tokens.border
        painter.setPen(QPen(QColor(edge), 2 if focused else 1))
        painter.setBrush(QColor(tokens.selected if selected else tokens.surface))
        painter.drawRoundedRect(card.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(tokens, claim.tone) if claim.tone else tokens.border_strong))
        painter.drawRoundedRect(QRect(card.left(), card.top(), 4, card.height()), 2, 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class ClaimList(RowsView):
    """``key_pressed(subject, key)`` for keys that mean something here; ``play_wanted`` is Enter, ``looked_at`` another
    card under the cursor."""

    key_pressed = QtSignal(str, str)
    play_wanted = QtSignal(str)
    looked_at = QtSignal(str)

    def __init__(self, name: str, keys: Mapping[Qt.Key, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._keys = keys
        self.claims = ClaimModel(self)
        self.setItemDelegate(ClaimDelegate(self.claims, self))
        self.setModel(self.claims)
        self.claims.dataChanged.connect(lambda first, _last: self._changed(first.row()))
        self.selectionModel().currentChanged.connect(lambda *_: self.looked_at.emit(self.current()))

    def show_claims(self, claims: Sequence[Claim]) -> None:
        """Show these, keeping the cursor on the one it was on, else on the first."""
        before = self.current()
        self.claims.show_claims(claims)
        if self.current() != before or not before:
            self.select(before)

    def _changed(self, row: int) -> None:
        """A card has more lines or fewer; where one works stays in sight."""
        self.forget_height(row)
        self.scrollTo(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What opens below takes room; where one works stays in sight."""
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    def current(self) -> str:
        """The subject under the cursor, empty where there is none."""
        row = self.currentIndex().row()
        return self.claims.claims[row].subject if 0 <= row < len(self.claims.claims) else ""

    def select(self, subject: str) -> None:
        """Put the cursor on a card, on the first where it is not there."""
        rows = [row for row, one in enumerate(self.claims.claims) if one.subject == subject]
        if self.claims.claims:
            self.setCurrentIndex(self.claims.index(rows[0] if rows else 0, 0))

    def step(self, by: int) -> None:
        """To the next card, or the one before it."""
        at = min(max(self.currentIndex().row() + by, 0), len(self.claims.claims) - 1)
        if at >= 0:
            self.setCurrentIndex(self.claims.index(at, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        subject, key = self.current(), Qt.Key(event.key())
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if subject and plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.play_wanted.emit(subject)
        elif subject and plain and key in self._keys:
            self.key_pressed.emit(subject, self._keys[key])
        else:
            super().keyPressEvent(event)
