"""The one label factory: text from outside is shown as it is, never as markup, and cannot disguise itself."""

from __future__ import annotations

import html
import re
import unicodedata

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

LINE_SEPARATOR = "\u2028"
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"

_NAMED = {
    0x061C: "ALM",
    0x200B: "ZWSP",
    0x200E: "LRM",
    0x200F: "RLM",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2060: "WJ",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0xFEFF: "BOM",
}
_MARKS: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n\r"},
    0x7F: "\u2421",
    **{code: f"⟨{code:02X}⟩" for code in range(0x80, 0xA0)},
    **{code: f"⟨{name}⟩" for code, name in _NAMED.items()},
    **{code: f"⟨TAG {code - 0xE0000:02X}⟩" for code in range(0xE0000, 0xE0080)},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    0x2029: "\n",
    0x2028: "\n",
    0x85: "\n",
}
_LINE_MARKS = {0x0A: "⏎", 0x0D: "␍", 0x09: "␉"}


def shown(text: str) -> str:
    """``text`` as a person may see it: controls, overrides and invisible characters become visible marks.

    Everything else, tags and entities included, stays as it is; lines end with a line feed.

    >>> shown("<b>5 &lt; 6</b>\\x00\\u202eabc")
    '<b>5 &lt; 6</b>␀⟨RLO⟩abc'
    """
    if text.isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_MARKS)


def one_line(text: str) -> str:
    """`shown` for a place of one line: line ends and tabs become marks, too."""
    return shown(text).translate(_LINE_MARKS)


def isolated(text: str) -> str:
    """``text`` wrapped in direction isolates where it holds letters that run from right to left.

    So it can stand in a sentence of ours without turning the rest around; plain left-to-right text stays unchanged.
    """
    if text.isascii() or not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text):
        return text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"


def unmarked(text: str) -> str:
    """A sentence of ours in quotes where a terminal has backticks round a command.

    >>> unmarked("See `qa-player forms list`.")
    'See “qa-player forms list”.'
    """
    return re.sub(r"`([^`]+)`", r"“\1”", text)


def tooltip(text: str) -> str:
    """``text`` for a tool tip; tool tips have no plain mode, so it is escaped and said to be text."""
    return f"<span>{html.escape(shown(text)).replace(chr(10), '<br>')}</span>" if text else ""


def caption(text: str) -> str:
    """``text`` for a button, tab or action, where an ampersand would underline a letter."""
    return isolated(one_line(text)).replace("&", "&&")


def utf16_offset(text: str, at: int) -> int:
    """The place of Python's index ``at`` in Qt's count of ``text``, where some letters count twice."""
    if text.isascii():
        return at
    return at + len(re.findall("[\U00010000-\U0010ffff]", text[:at]))


def _breakable(text: str) -> str:
    """``text`` with places to break inside of words that fit no line; a label wraps only between words else."""
    return re.sub(r"(\S{24})(?=\S)", "\\1\u200b", text)


class Label(QLabel):
    """A label that shows plain text only: in one line, cut with an ellipsis where room is short, or wrapped."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, wrap: bool = False, kind: str = "") -> None:
        super().__init__(parent)
        self._wrap = wrap
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setWordWrap(wrap)
        if not wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if kind:
            self.setProperty("kind", kind)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Show ``text``, whatever is in it."""
        safe = isolated(shown(text) if self._wrap else one_line(text))
        drawn = _breakable(safe) if self._wrap else safe
        if drawn != self.text():
            super().setText(drawn)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return (
            hint if self._wrap else QSize(min(hint.width(), self.fontMetrics().averageCharWidth() * 4), hint.height())
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        metrics = QFontMetrics(self.font())
        if self._wrap or metrics.horizontalAdvance(self.text()) <= room.width():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        cut = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, int(self.alignment()), cut)


class ValueLabel(Label):
    """A label whose accessible name says what it is and whose accessible description is its value."""

    def __init__(self, name: str, parent: QWidget | None = None, *, kind: str = "") -> None:
        super().__init__("", parent, kind=kind)
        self.setAccessibleName(name)

    def show_value(self, value: str, *, text: str | None = None) -> None:
        """Let the label read ``value``; ``text`` is what is drawn when it differs (a prefix, a shorter form)."""
        self.show_text(value if text is None else text)
        described = isolated(one_line(value))
        if described != self.accessibleDescription():
            self.setAccessibleDescription(described)
