"""A new connection: provider, name, address, options and key; the key is checked before anything is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from qa_player.errors import KeyRefusedError, QaPlayerError, UsageError
from qa_player.model.connection import PREFETCH, Connection
from qa_player.model.secret import Secret
from qa_player.model.wording import listed
from qa_player.services.connections import Connections
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import Label, one_line

if TYPE_CHECKING:
    from qa_player.providers.base import ProviderKind

_TASK = "connection-add"
FIRST_OFFERED = "oshara"
KEY_ROWS = 4
"""Where it goes, the agreement to that, the key itself, and what becomes of it."""


class ConnectionDialog(FormDialog):
    """``added(Connection)`` once the provider took the key and the keychain kept it.

    Where a description says who gets the key, these hosts are shown, and there is no typing it before they are agreed
    to.
    """

    added = Signal(object)

    def __init__(self, connections: Connections, tasks: Tasks, parent: QWidget) -> None:
        super().__init__("New connection", "Check and add", parent)
        self._connections, self._tasks = connections, tasks
        self._kinds = connections.kinds()
        self._shown: tuple[object, ...] = ()
        self._hosts: tuple[str, ...] = ()
        self.options: dict[str, QLineEdit] = {}
        self._required: dict[str, str] = {}
        self.prefetch = QCheckBox()
        self._needs_key = True
        self.provider = QComboBox()
        for name, kind in self._kinds.items():
            self.provider.addItem(one_line(kind.title), name)
        self.provider.setCurrentIndex(max(0, self.provider.findData(FIRST_OFFERED)))
        self.name = _line(100, "What you call it, for instance: support")
        self.base_url = _line(2_000)
        self.hosts = Label(wrap=True)
        self.agree = QCheckBox("I agree that the key goes there")
        self.key = _line(20_000)
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self._lay_out()
        self.provider.currentIndexChanged.connect(lambda _: self._show_provider())
        self.base_url.editingFinished.connect(self._show_kind)
        self.agree.toggled.connect(lambda _: self._allow_key())
        self.rejected.connect(lambda: tasks.cancel(_TASK))
        self._show_provider()
        self.name.setFocus()

    def _lay_out(self) -> None:
        self.add_field("Provider", self.provider)
        self.add_field("Name", self.name)
        self.add_field("Address", self.base_url)
        self._first_option = self._key_rows = self.form.rowCount()
        self.add_field("The key goes to", self.hosts)
        self.form.addRow("", self.agree)
        self.add_field(
            "Key",
            self.key,
            hint="It is checked with one call and then kept in this system's keychain, nowhere else.",
        )

    def _show_provider(self) -> None:
        kind = self._kinds.get(self.provider.currentData() or "")
        self.base_url.setText("" if kind is None else kind.base_url)
        is_file = kind is not None and kind.resolve is not None
        self.base_url.setPlaceholderText("The path of a description file, as acme.toml" if is_file else "")
        self._show_kind()

    def _show_kind(self) -> None:
        """What the provider at this address asks for, and who would get the key; what was typed stays."""
        provider = self.provider.currentData()
        if provider not in self._kinds:
            return
        kind = self._kinds[provider]
        hosts: tuple[str, ...] = ()
        trouble: QaPlayerError | None = None
        try:
            kind, hosts = self._connections.asked_for(provider, self._address(), self._given())
        except QaPlayerError as refused:
            trouble = refused if self._address() else None
        if self._shown != (provider, kind.options):
            self._shown = (provider, kind.options)
            self._lay_out_options(kind)
        self._needs_key = kind.needs_key
        if hosts != self._hosts:
            self._hosts = hosts
            self.agree.setChecked(False)
            self.hosts.show_text(", ".join(hosts))
        self._show_rows(kind)
        if trouble is not None:
            self.tell(trouble)

    def _lay_out_options(self, kind: ProviderKind) -> None:
        """What is required stands before the key, what is not below it."""
        while self.form.rowCount() > self._key_rows + KEY_ROWS:
            self.form.removeRow(self._key_rows + KEY_ROWS)
        while self._key_rows > self._first_option:
            self._key_rows -= 1
            self.form.removeRow(self._first_option)
        self.options = {}
        self._required = {option.name: option.label for option in kind.options if option.required}
        for option in sorted(kind.options, key=lambda one: not one.required):
            field = self.options[option.name] = _line(2_000)
            field.editingFinished.connect(self._show_kind)
            words = option.label if option.required else f"{option.label} (optional)"
            before = self.form.rowCount()
            self.add_field(words, field, hint=option.help, at=self._key_rows if option.required else -1)
            self._key_rows += self.form.rowCount() - before if option.required else 0
        self.prefetch = QCheckBox("The next one of the queue")
        self.prefetch.setAccessibleName("Fetch recordings ahead")
        if kind.needs_key:
            hint = "Off unless you say so: providers log who fetches, and so does the audit trail."
            self.add_field("Fetch ahead", self.prefetch, hint=hint)

    def _show_rows(self, kind: ProviderKind) -> None:
        for row in range(self._key_rows, self._key_rows + KEY_ROWS):
            self.form.setRowVisible(row, bool(self._hosts) if row < self._key_rows + 2 else kind.needs_key)
        self.key.setPlaceholderText(one_line(kind.key_label))
        self._allow_key()
        self.fit()

    def _allow_key(self) -> None:
        agreed = self.agree.isChecked() or not self._hosts
        self.key.setEnabled(agreed)
        if not agreed:
            self.key.clear()

    def busy(self, busy: bool) -> None:
        super().busy(busy)
        if not busy:
            self._allow_key()

    def go(self) -> None:
        self.trouble.hide()
        self._show_kind()
        if not self.trouble.isHidden():
            return
        if self._kinds[self.provider.currentData()].resolve is not None and not self._address():
            self.base_url.setFocus()
            self.tell(UsageError("The description is missing.", "Give the path of its file as the address."))
            return
        if self._hosts and not self.agree.isChecked():
            self.agree.setFocus()
            told = f"The key would be sent to {listed(self._hosts)}, and to no other host."
            self.tell(UsageError(told, "Agree to that, then type the key."))
            return
        wanted = [(self.name, "a name"), *((self.options[name], label) for name, label in self._required.items())]
        wanted += [(self.key, "a key")] if self._needs_key else []
        missing = next(((field, what) for field, what in wanted if not field.text().strip()), None)
        if missing is not None:
            missing[0].setFocus()
            self.tell(UsageError(f"The connection needs {one_line(missing[1])}.", "Fill in what is missing."))
            return
        self.busy(True)
        self._tasks.start(_TASK, self._add(), trouble=self.tell)

    def tell(self, error: QaPlayerError) -> None:
        super().tell(error)
        if isinstance(error, KeyRefusedError):
            self.key.setFocus(Qt.FocusReason.OtherFocusReason)
            self.key.selectAll()

    def _address(self) -> str | None:
        return self.base_url.text().strip() or None

    def _given(self) -> dict[str, str]:
        given = {name: field.text().strip() for name, field in self.options.items() if field.text().strip()}
        return given | ({PREFETCH: "yes"} if self.prefetch.isChecked() else {})

    async def _add(self) -> None:
        connection: Connection = await self._connections.add(
            name=self.name.text().strip(),
            provider=self.provider.currentData(),
            base_url=self._address(),
            options=self._given(),
            key=Secret(self.key.text().strip()),
        )
        self.key.clear()
        self.added.emit(connection)
        self.accept()


def _line(longest: int, example: str = "") -> QLineEdit:
    field = QLineEdit()
    field.setMaxLength(longest)
    field.setPlaceholderText(example)
    return field
