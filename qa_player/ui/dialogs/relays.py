"""Relays in other processes and on servers whose calls are heard from here: how their lines are, one more, one less."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from qa_player.errors import QaPlayerError, UsageError
from qa_player.model.live import RelayElsewhere, RelayLine
from qa_player.model.secret import Secret
from qa_player.services.live import Live
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import Label, one_line

TASK = "relays"
SHOWN = "relays-shown"
LINES = {
    RelayLine.DIALLING: "dialling",
    RelayLine.OPEN: "connected",
    RelayLine.LOST: "not reached, tried again",
    RelayLine.REFUSED: "does not take the key",
}


class RelaysDialog(FormDialog):
    """There is no typing the key before whoever gets it is shown and agreed to."""

    def __init__(self, live: Live, tasks: Tasks, parent: QWidget) -> None:
        super().__init__("Relays elsewhere", "Listen to it", parent)
        self._live, self._tasks = live, tasks
        self._open = True
        self.setMinimumWidth(560)
        self.relays = QListWidget()
        self.relays.setProperty("kind", "framed")
        self.relays.setMaximumHeight(96)
        self.relays.hide()
        self.name = QLineEdit()
        self.name.setMaxLength(100)
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://calls.example.org:8443")
        self.host = Label("", kind="muted")
        self.agree = QCheckBox("I agree that the key goes there")
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.add_field("Listened to", self.relays)
        self.add_field("Name", self.name)
        self.add_field("Address", self.address, hint="The public address of the relay, as carriers dial it.")
        self.add_field("The key goes to", self.host)
        self.form.addRow("", self.agree)
        self.add_field(
            "Key",
            self.key,
            hint="Made there with qa-player live listener add; it is kept in this system's keychain.",
        )
        self.remove_button = QPushButton("Remove")
        self.remove_button.clicked.connect(self._remove)
        self.buttons.addButton(self.remove_button, self.buttons.ButtonRole.ActionRole)
        self.buttons.button(self.buttons.StandardButton.Cancel).setText("Close")
        self.relays.currentRowChanged.connect(lambda _: self._fit_buttons())
        self.address.textChanged.connect(self._show_host)
        self.agree.toggled.connect(self.key.setEnabled)
        forget = live.relays.changed.connect(lambda: tasks.start(SHOWN, self._load()))
        self.finished.connect(lambda _: self._closed(forget))
        self._show_host()
        self._fit_buttons()
        tasks.start(SHOWN, self._load())
        self.name.setFocus()

    def go(self) -> None:
        if not self.agree.isChecked():
            self.tell(UsageError("The key goes to nobody you did not agree to.", "See who gets it, and agree."))
            self.agree.setFocus()
            return
        self.trouble.hide()
        self.busy(True)
        self._tasks.start(TASK, self._add(), trouble=self._told)

    async def _add(self) -> None:
        key = Secret(self.key.text().strip())
        await self._live.relays.add(self.name.text().strip(), self.address.text().strip(), key)
        if self._open:
            self.busy(False)
            for field in (self.key, self.name, self.address):
                field.clear()

    def _remove(self) -> None:
        item = self.relays.currentItem()
        if item is not None:
            relay: RelayElsewhere = item.data(Qt.ItemDataRole.UserRole)
            self._tasks.start(TASK, self._live.relays.remove(relay.name), trouble=self._told)

    def _told(self, error: QaPlayerError) -> None:
        if self._open:
            self.tell(error)
            # who agreed did so for what was tried
            self.key.setEnabled(self.agree.isChecked())

    def _show_host(self) -> None:
        """Whoever is named by another address was not agreed to."""
        host = ""
        if self.address.text().strip():
            try:
                host = self._live.relays.host_of(self.address.text())
            except QaPlayerError as refused:
                host = refused.message
        self.host.show_text(one_line(host) or "—")
        self.agree.setChecked(False)
        self.key.setEnabled(False)

    async def _load(self) -> None:
        known = await self._live.relays.all()
        if not self._open:
            return
        row = max(self.relays.currentRow(), 0)
        self.relays.clear()
        for relay in known:
            line = LINES[self._live.relays.line_of(relay.name)]
            item = QListWidgetItem(f"{one_line(relay.name)} · {one_line(relay.url)} · {line}")
            item.setData(Qt.ItemDataRole.UserRole, relay)
            self.relays.addItem(item)
        if known:
            self.relays.setCurrentRow(min(row, len(known) - 1))
        self.form.setRowVisible(self.relays, bool(known))
        self._fit_buttons()
        self.fit()

    def _fit_buttons(self) -> None:
        self.remove_button.setEnabled(self.relays.currentItem() is not None)

    def _closed(self, forget: object) -> None:
        if callable(forget):
            forget()
        self._open = False
