"""Every command once: its id, text, keys and handler; menus and the list of keys are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcutEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QMenu, QMenuBar, QWidget


@dataclass(frozen=True)
class Command:
    """``keys`` act in the whole window; ``bare_keys`` only where one plays and reads, so they never take a letter
    from somebody who types. ``menu`` is where it stands; ``checkable`` ones are switches, those with ``ticked`` are
    asked whether they are what holds whenever their menu opens. ``press`` is what a press of the keys begins, once
    however long they are held, where that is not ``run``."""

    id: str
    text: str
    run: Callable[[], object]
    menu: str = ""
    keys: tuple[str, ...] = ()
    bare_keys: tuple[str, ...] = ()
    checkable: bool = False
    ticked: Callable[[], bool] | None = None
    press: Callable[[], object] | None = None
    begins_group: bool = False


class Actions(QObject):
    """Makes the commands of a window. ``reading`` are the widgets in which bare keys act."""

    def __init__(self, window: QWidget, reading: Sequence[QWidget], commands: Iterable[Command]) -> None:
        super().__init__(window)
        self._window = window
        self._reading = reading
        self.commands: Mapping[str, Command] = {command.id: command for command in commands}
        self._main: dict[str, QAction] = {}
        self._aliases: dict[str, QAction] = {}
        for command in self.commands.values():
            self._make(command)
        self._guard = _ButtonsKeepTheirKeys(self)
        for widget in reading:
            for control in (*widget.findChildren(QAbstractButton), *widget.findChildren(QComboBox)):
                control.installEventFilter(self._guard)

    def __getitem__(self, command_id: str) -> QAction:
        return self._main[command_id]

    def fill(self, bar: QMenuBar, menus: Sequence[str]) -> None:
        """Make the menus, each with its commands in the order in which they were given."""
        for title in menus:
            menu = QMenu(title, bar)
            bar.addMenu(menu)
            menu.aboutToShow.connect(partial(self._tick, title))
            for command in self.commands.values():
                if command.menu == title:
                    if command.begins_group:
                        menu.addSeparator()
                    menu.addAction(self._main[command.id])

    def _tick(self, menu: str) -> None:
        for command in self.commands.values():
            if command.menu == menu and command.ticked is not None:
                self._main[command.id].setChecked(command.ticked())

    def keys(self) -> list[tuple[str, str]]:
        """What every command does and the keys that do it, as they are bound now."""
        rows = []
        for command in self.commands.values():
            bound = [*self._main[command.id].shortcuts()]
            if command.id in self._aliases:
                bound += self._aliases[command.id].shortcuts()
            if bound:
                shown = ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in bound)
                words = self._main[command.id].text().replace("&&", "&")
                rows.append((words.removesuffix("…"), shown))
        return rows

    def _make(self, command: Command) -> None:
        action = _action(command, self._window)
        action.setCheckable(command.checkable or command.ticked is not None)
        self._main[command.id] = action
        if not command.bare_keys:
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            self._window.addAction(action)
            return
        action.setShortcuts([QKeySequence(key) for key in command.bare_keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        for widget in self._reading:
            widget.addAction(action)
        if command.keys:
            alias = _action(command, self._window)
            alias.setShortcuts([QKeySequence(key) for key in command.keys])
            self._window.addAction(alias)
            self._aliases[command.id] = alias


def _action(command: Command, window: QWidget) -> QAction:
    action = _KeyedAction(command.text, window)
    if command.press is not None:
        action.press = command.press
        action.setAutoRepeat(False)
    action.triggered.connect(lambda _=False: command.run())
    return action


class _KeyedAction(QAction):
    """With ``press`` its keys begin something that goes on while they are held; from a menu it does the whole at once.

    While a menu or a list hangs open the keys are its own: Qt finds shortcuts by the widget that has the focus, which
    stays behind, and a digit meant for a menu would mark the conversation.
    """

    press: Callable[[], object] | None = None

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QShortcutEvent):
            popup = QApplication.activePopupWidget()
            if popup is not None:
                _give(popup, event.key())
                return True
            if self.press is not None and self.isEnabled():
                self.press()
                return True
        return super().event(event)


def _give(popup: QWidget, keys: QKeySequence) -> None:
    """Let ``popup`` have the key that was taken for a shortcut."""
    pressed = keys[0]  # type: ignore[index]  # its stubs do not know
    letter = keys.toString().lower() if len(keys.toString()) == 1 else ""
    told = QKeyEvent(QEvent.Type.KeyPress, pressed.key(), pressed.keyboardModifiers(), letter)
    # not through the application: it would find the same shortcut again
    (popup.focusWidget() or popup).event(told)


class _ButtonsKeepTheirKeys(QObject):
    """A button or list that was reached by Tab is worked by its own keys before they mean a command."""

    _BUTTON = frozenset({Qt.Key.Key_Space})
    _LIST = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End})

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            own = self._LIST if isinstance(watched, QComboBox) else self._BUTTON
            if event.key() in own and not event.modifiers():
                event.accept()
                return True
        return super().eventFilter(watched, event)
