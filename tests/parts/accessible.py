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


def found(widget: QWidget, role: QAccessible.Role, name: str) -> QAccessibleInterface:
    """The only object of that role whose name begins with ``name``."""
    QAccessible.setActive(True)
    root = QAccessible.queryAccessibleInterface(widget)
    assert root is not None
    hits = [one for one in _every(root) if one.role() == role and one.text(QAccessible.Text.Name).startswith(name)]
    assert len(hits) == 1, (role, name, [one.text(QAccessible.Text.Name) for one in hits])
    return hits[0]


def press(widget: QWidget, role: QAccessible.Role, name: str) -> None:
    """What a screen reader, a switch or a voice does with that object: its first action."""
    actions = found(widget, role, name).actionInterface()
    assert actions is not None, (role, name)
    actions.doAction(next(action for action in actions.actionNames() if action in ("Press", "Toggle")))


def _every(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    if interface.state().invisible and interface.role() != QAccessible.Role.ListItem:
        return
    yield interface
    for at in range(min(interface.childCount(), MOST_ITEMS)):
        child = interface.child(at)
        if child is not None and child.isValid():
            yield from _every(child)


def listed(widget: QWidget, name: str) -> list[str]:
    """What the rows of the list ``name`` say."""
    rows = found(widget, QAccessible.Role.List, name)
    return [
        row.text(QAccessible.Text.Name)
        for at in range(min(rows.childCount(), MOST_ITEMS))
        if (row := rows.child(at)) is not None and row.role() == QAccessible.Role.ListItem
    ]


def named(widget: QWidget, name: str) -> list[Read]:
    """Every object under ``widget`` that bears ``name``."""
    return [read for read in walk(widget) if read.name == name]
