"""The relay: where it listens and what carriers dial, started and stopped. It is off until somebody starts it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from qa_player.model.live import RelayPlace
from qa_player.services.live import Live
from qa_player.settings import Settings
from qa_player.ui.dialogs.form import FormDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import Label, one_line
from qa_player.ui.widgets.times import short_day

TASK = "relay"


class RelayDialog(FormDialog):
    """``used(dict)`` tells which settings the relay was started with, once it listens; ``elsewhere`` that those are
    wanted which run in other places."""

    used = Signal(object)
    elsewhere = Signal()

    def __init__(self, live: Live, tasks: Tasks, settings: Settings, parent: QWidget) -> None:
        super().__init__("Relay for calls in progress", "Start listening", parent)
        self._live, self._tasks = live, tasks
        self.setMinimumWidth(560)
        self.state = Label("", wrap=True)
        self.state.setAccessibleName("State of the relay")
        self.form.addRow(self.state)
        self.listen = QLineEdit(settings.relay_listen)
        self.public_url = QLineEdit(settings.relay_public_url)
        self.public_url.setPlaceholderText("https://calls.example.org")
        self.certificate = QLineEdit(settings.relay_certificate)
        self.key = QLineEdit(settings.relay_key)
        self.add_field("Listen on", self.listen, hint="127.0.0.1 is this machine only; port 0 takes any that is free.")
        self.add_field(
            "Public address",
            self.public_url,
            hint="What carriers dial: a tunnel's address, or this machine's own name.",
        )
        self.add_field("Certificate", self._file(self.certificate, "Certificate"), hint="Only without a tunnel (PEM).")
        self.add_field("Its key", self._file(self.key, "Its key"))
        self.stop_button = QPushButton("Stop listening")
        self.stop_button.clicked.connect(self._stop)
        self.buttons.addButton(self.stop_button, self.buttons.ButtonRole.ActionRole)
        self.elsewhere_button = QPushButton("Relays elsewhere…")
        self.elsewhere_button.clicked.connect(self._leave_for_elsewhere)
        self.buttons.addButton(self.elsewhere_button, self.buttons.ButtonRole.ResetRole)
        self.finished.connect(live.relay_changed.connect(self.show_place))
        self.show_place()

    def show_place(self) -> None:
        """What can be done follows from whether it listens."""
        place = self._live.place
        words = place_words(place, calls=len(self._live.calls_here))
        listeners = ", ".join(map(one_line, self._live.audience.listening))
        self.state.show_text(f"{words} Listened to by {listeners}." if listeners else words)
        self.state.setAccessibleDescription(self.state.text())
        for field in (self.listen, self.public_url, self.certificate, self.key):
            field.setReadOnly(place is not None)
        self.accept_button.setVisible(place is None)
        self.stop_button.setVisible(place is not None)
        self.buttons.button(self.buttons.StandardButton.Cancel).setText("Cancel" if place is None else "Close")
        self.fit()

    def go(self) -> None:
        self.trouble.hide()
        self.busy(True)
        self._tasks.start(TASK, self._start(), trouble=self.tell)

    async def _start(self) -> None:
        told = {
            "relay_listen": self.listen.text().strip(),
            "relay_public_url": self.public_url.text().strip(),
            "relay_certificate": self.certificate.text().strip(),
            "relay_key": self.key.text().strip(),
        }
        await self._live.serve(
            told["relay_listen"] or None,
            certificate=_path(told["relay_certificate"]),
            key=_path(told["relay_key"]),
            public_url=told["relay_public_url"] or None,
        )
        self.busy(False)
        self.used.emit(told)

    def _leave_for_elsewhere(self) -> None:
        self.reject()
        self.elsewhere.emit()

    def _stop(self) -> None:
        self._tasks.start(TASK, self._live.stop_serving(), trouble=self.tell)

    def _file(self, field: QLineEdit, name: str) -> QWidget:
        field.setAccessibleName(name)
        where = QWidget()
        row = QHBoxLayout(where)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(field, 1)
        button = QPushButton("File…")
        button.setAccessibleName(f"Choose the file: {name}")
        button.clicked.connect(lambda: self._choose(field, name))
        row.addWidget(button)
        return where

    def _choose(self, field: QLineEdit, name: str) -> None:
        chooser = QFileDialog(self, name, field.text().strip())
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(field.setText)
        chooser.open()


def _path(told: str) -> Path | None:
    return Path(told).expanduser() if told else None


def place_words(place: RelayPlace | None, *, calls: int) -> str:
    """Whether it listens, where, and what hangs on it."""
    if place is None:
        return "It is off. While it listens, carriers can send calls here that were asked for, and nobody else can."
    words = f"It listens on {place.listening}; carriers dial {place.public_url}."
    if place.certificate_ends_at is not None:
        words += f" Its certificate is good until {short_day(place.certificate_ends_at)}."
    return f"{words} Stopping it ends the capture of {calls} now." if calls else words
