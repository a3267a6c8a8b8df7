"""A drop-down that keeps its name: Qt's own reads as its current text wherever there is X11, Wayland or macOS."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, QWheelEvent
from PySide6.QtWidgets import QAccessibleWidget, QComboBox, QWidget


class Choice(QComboBox):
    """Named for assistive technology by what it chooses, with the chosen text as its value; the wheel passes it by."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        _install()
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _ReadChoice(QAccessibleWidget):
    """What is read of a `Choice`."""

    def __init__(self, choice: QWidget) -> None:
        super().__init__(choice, QAccessible.Role.ComboBox)

    def text(self, kind: QAccessible.Text, /) -> str:
        choice = self.object()
        if isinstance(choice, QComboBox):
            if kind == QAccessible.Text.Name:
                return choice.accessibleName()
            if kind == QAccessible.Text.Value:
                return choice.currentText()
        return super().text(kind)

    def actionNames(self) -> list[str]:
        return [QAccessibleActionInterface.showMenuAction(), QAccessibleActionInterface.setFocusAction()]

    def doAction(self, name: str, /) -> None:
        choice = self.object()
        if name == QAccessibleActionInterface.showMenuAction() and isinstance(choice, QComboBox):
            choice.showPopup()
        else:
            super().doAction(name)


_living: list[QAccessibleInterface] = []
"""Qt owns and deletes them with their widgets, and does not tell Python: without this they would go before."""


def _read(class_name: str, thing: QObject) -> QAccessibleInterface | None:
    if class_name == Choice.__name__ and isinstance(thing, QWidget):
        _living.append(_ReadChoice(thing))
        return _living[-1]
    return None


def _install() -> None:
    if not _installed:
        _installed.append(True)
        QAccessible.installFactory(_read)


_installed: list[bool] = []
