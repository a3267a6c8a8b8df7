"""The auditor's hands: the trail checked, and written to a file that a person names."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from qa_player.services.audit import Audit
from qa_player.ui.actions import Command
from qa_player.ui.panels.status import StatusBar
from qa_player.ui.panels.trail import TrailPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.times import counted

CHECK = "audit-verify"


class Auditing:
    """Joins the trail's panel and the line at the bottom to the audit service of one window."""

    def __init__(
        self, window: QWidget, audit: Audit, *, panel: TrailPanel, status: StatusBar, messages: MessageBar, tasks: Tasks
    ) -> None:
        self._window, self._audit, self._panel = window, audit, panel
        self._status, self._messages, self._tasks = status, messages, tasks
        panel.check.clicked.connect(lambda _=False: self.verify())
        panel.export.clicked.connect(lambda _=False: self.export())

    def commands(self, menu: str) -> list[Command]:
        """What the menu has of it."""
        return [
            Command("audit.verify", "Check the audit trail", self.verify, menu, begins_group=True),
            Command("audit.export", "Export the audit trail…", self.export, menu),
        ]

    def look(self) -> None:
        """Check the trail, and let the line at the bottom say what it can claim."""
        self._tasks.start(CHECK, self._look())

    def verify(self) -> None:
        """Check the trail again and tell the outcome."""
        self._tasks.start(CHECK, self._verify())

    def export(self) -> None:
        """Ask for a file and write what the panel shows of the trail, all of it."""
        connection, session_id = self._panel.place()
        name = "audit-trail.jsonl" if session_id is None else "audit-trail-of-a-session.jsonl"
        chooser = QFileDialog(self._window, "Where to write the trail", str(Path.home() / name), "JSON Lines (*.jsonl)")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("jsonl")
        chooser.fileSelected.connect(
            lambda path: self._tasks.start("audit-export", self._export(Path(path), connection, session_id))
        )
        chooser.open()

    async def _look(self) -> None:
        self._status.show_audit(await self._audit.verify())

    async def _verify(self) -> None:
        verdict = await self._audit.verify()
        self._status.show_audit(verdict)
        if not verdict.consistent:
            self._messages.trouble(
                verdict.damage or "The audit trail is damaged.", "Keep a copy of the database and restore a backup."
            )
            return
        end = "its end is proven" if verdict.end_proven else "its end is not proven without an anchor kept elsewhere"
        self._messages.done(f"{counted(verdict.entries, 'entry', many='entries')}, consistent; {end}.")

    async def _export(self, path: Path, connection: str | None, session_id: str | None) -> None:
        written = await self._audit.export(path, connection=connection, session_id=session_id)
        self._messages.done(
            f"{written.path.name} is written: {counted(written.events, 'event')}, SHA-256 {written.sha256[:12]}…"
        )
        self._panel.read()
