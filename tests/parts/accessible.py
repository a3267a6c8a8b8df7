"""What assistive technology reads of a window: every object with its role, name, value and description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

MOST_ITEMS = 200
"""Of a long list the first are read; a screen reader does not read ten thousand either."""


@dataclass(frozen=True)
class Read:
    """One object of the tree."""

    role: QAccessible.Role
    name: str
    description: str
    value: str


def walk(widget: QWidget) -> list[Read]:
    """The whole tree under ``widget``, itself first; what is hidden is not read."""
    QAccessible.setActive(True)
    root = QAccessible.queryAccessibleInterface(widget)
    assert root is not None
    return list(_walk(root))


def _walk(interface: QAccessibleInterface) -> Iterator[Read]:
    if interface.state().invisible and interface.role() != QAccessible.Role.ListItem:
        return
    text = QAccessible.Text
    value = interface.valueInterface()
    yield Read(
        interface.role(),
        interface.text(text.Name),
        interface.text(text.Description),
        "" if value is None else str(value.currentValue()),
    )
    for at in range(min(interface.childCount(), MOST_ITEMS)):
        child = interface.child(at)
        if child is not None and child.isValid():
            yield from _walk(child)


def named(widget: QWidget, name: str) -> list[Read]:
    """Every object under ``widget`` that bears ``name``."""
    return [read for read in walk(widget) if read.name == name]
