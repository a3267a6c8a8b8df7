"""Rows of small round buttons: filters that are switched on and off, tags that are applied."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton, QWidget

from qa_player.ui.widgets.flow_layout import FlowLayout
from qa_player.ui.widgets.switch import Switch
from qa_player.ui.widgets.text import caption, one_line, tooltip

_DOT = 8


class ChipRow(QWidget):
    """``toggled(names)`` after every press when the chips are switches, ``pressed(name)`` for every press."""

    toggled = Signal(object)
    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, switches: bool, by_tab: bool = True) -> None:
        """``by_tab`` says whether Tab comes by the chips."""
        super().__init__(parent)
        self._switches, self._by_tab = switches, by_tab
        self._flow = FlowLayout(self)
        self._chips: dict[str, QPushButton] = {}

    def show_chips(self, chips: Sequence[tuple[str, str]]) -> None:
        """``(name, what it reads)`` for each chip; those that stay keep their state."""
        if [name for name, _ in chips] != list(self._chips):
            on = self.chosen()
            while (item := self._flow.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.deleteLater()
            self._chips = {name: self._chip(name, checked=name in on) for name, _ in chips}
        for name, words in chips:
            self._chips[name].setText(caption(words if len(words) <= 40 else f"{words[:39]}…"))
            self._chips[name].setAccessibleName(one_line(words))
        self.updateGeometry()

    def dress(self, name: str, *, colour: str, hint: str) -> None:
        """Give a chip a dot in a colour (``#rrggbb``, empty for none) and words that are told under the pointer."""
        chip = self._chips.get(name)
        if chip is not None:
            chip.setIcon(_dot(colour) if colour else QIcon())
            chip.setIconSize(QSize(_DOT, _DOT))
            chip.setToolTip(tooltip(hint))

    def show_only(self, part: str) -> None:
        """Show the chips with ``part`` in their names, whatever its case; all of them where it is empty."""
        for name, chip in self._chips.items():
            chip.setVisible(part.casefold() in name.casefold())
        self.updateGeometry()

    def chosen(self) -> frozenset[str]:
        """The names of the chips that are switched on."""
        return frozenset(name for name, chip in self._chips.items() if chip.isChecked())

    def check(self, names: Collection[str]) -> None:
        """Switch on those of these names and all others off; nobody is told."""
        for name, chip in self._chips.items():
            if isinstance(chip, Switch):
                chip.show_on(name in names)

    def _chip(self, name: str, *, checked: bool) -> QPushButton:
        if self._switches:
            switch = Switch("", self, on=checked)
            switch.switched.connect(lambda _on, name=name: self._clicked(name))
            chip: QPushButton = switch
        else:
            chip = QPushButton(self)
            chip.clicked.connect(lambda _=False, name=name: self._clicked(name))
        chip.setProperty("kind", "pill")
        if not self._by_tab:
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._flow.addWidget(chip)
        return chip

    def _clicked(self, name: str) -> None:
        self.pressed.emit(name)
        if self._switches:
            self.toggled.emit(self.chosen())


def _dot(colour: str) -> QIcon:
    picture = QPixmap(2 * _DOT, 2 * _DOT)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(0, 0, 2 * _DOT, 2 * _DOT)
    painter.end()
    return QIcon(picture)
