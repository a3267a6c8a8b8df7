"""A new connection: provider, name, address, options and key; the key is checked before anything is kept."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from qa_player.errors import KeyRefusedError, QaPlayerError
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.services.connections import Connections
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import one_line

_TASK = "connection-add"
FIRST_OFFERED = "oshara"


class ConnectionDialog(FormDialog):
    """``added(Connection)`` once the provider took the key and the keychain kept it."""

    added = Signal(object)

    def __init__(self, connections: Connections, tasks: Tasks, parent: QWidget) -> None:
        super().__init__("New connection", "Check and add", parent)
        self._connections, self._tasks = connections, tasks
        self._kinds = connections.kinds()
        self.provider = QComboBox()
        for name, kind in self._kinds.items():
            self.provider.addItem(one_line(kind.title), name)
        self.provider.setCurrentIndex(max(0, self.provider.findData(FIRST_OFFERED)))
        self.name = QLineEdit()
        self.name.setMaxLength(100)
        self.name.setPlaceholderText("What you call it, for instance: support")
        self.base_url = QLineEdit()
        self.base_url.setMaxLength(2_000)
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setMaxLength(20_000)
        self._options: dict[str, QLineEdit] = {}
        self._shown_hosts: tuple[str, ...] = ()
        self._fixed_rows = self._key_row = 0
        self.add_field("Provider", self.provider)
        self.add_field("Name", self.name)
        self.add_field("Address", self.base_url)
        self._key_row = self.form.rowCount()
        self.add_field(
            "Key",
            self.key,
            hint="It is checked with one call and then kept in this system's keychain, nowhere else.",
        )
        self._fixed_rows = self.form.rowCount()
        self.provider.currentIndexChanged.connect(lambda _: self._show_kind())
        self.rejected.connect(lambda: tasks.cancel(_TASK))
        self._show_kind()
        self.name.setFocus()

    def _show_kind(self) -> None:
        while self.form.rowCount() > self._fixed_rows:
            self.form.removeRow(self._fixed_rows)
        self._options = {}
        kind = self._kinds.get(self.provider.currentData() or "")
        if kind is None:
            return
        self.base_url.setText(kind.base_url)
        for row in range(self._key_row, self._fixed_rows):
            self.form.setRowVisible(row, kind.needs_key)
        for option in kind.options:
            field = QLineEdit()
            field.setMaxLength(2_000)
            self._options[option.name] = field
            self.add_field(option.label, field, hint=option.help)

    def go(self) -> None:
        self.trouble.hide()
        needed = (self.name, self.key) if self._kinds[self.provider.currentData()].needs_key else (self.name,)
        missing = next((field for field in needed if not field.text().strip()), None)
        if missing is not None:
            missing.setFocus()
            self.tell(QaPlayerError("A connection needs a name and a key.", "Fill in what is missing."))
            return
        if not self._hosts_agreed_to():
            return
        self.busy(True)
        self._tasks.start(_TASK, self._add(), trouble=self.tell)

    def tell(self, error: QaPlayerError) -> None:
        super().tell(error)
        if isinstance(error, KeyRefusedError):
            self.key.setFocus(Qt.FocusReason.OtherFocusReason)
            self.key.selectAll()

    def _hosts_agreed_to(self) -> bool:
        """Whether the person has seen which hosts a description wants the key sent to: pressing again agrees."""
        try:
            hosts = self._connections.key_hosts(
                self.provider.currentData(), self.base_url.text().strip() or None, self._given()
            )
        except QaPlayerError as refused:
            self.tell(refused)
            return False
        if not hosts or hosts == self._shown_hosts:
            return True
        self._shown_hosts = hosts
        told = f"The key will be sent to {', '.join(hosts)}, and to no other host."
        self.tell(QaPlayerError(told, "To agree, press the button again."))
        return False

    def _given(self) -> dict[str, str]:
        return {name: field.text().strip() for name, field in self._options.items() if field.text().strip()}

    async def _add(self) -> None:
        connection: Connection = await self._connections.add(
            name=self.name.text().strip(),
            provider=self.provider.currentData(),
            base_url=self.base_url.text().strip() or None,
            options=self._given(),
            key=Secret(self.key.text().strip()),
        )
        self.key.clear()
        self.added.emit(connection)
        self.accept()
