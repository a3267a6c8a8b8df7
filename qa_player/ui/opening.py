"""Opening what the program was started for, or what is dropped on its window: a session, a file, a folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMainWindow

from qa_player.model.start import Request
from qa_player.ui.desk import Desk


class Opening(QObject):
    """Of what is dropped on ``window`` the first that lies on this machine is opened."""

    def __init__(self, window: QMainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._desk = desk
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def open_request(self, request: Request) -> None:
        """Open a session or a file."""
        if request.path is None:
            self._desk.open_session(request.connection, request.session_id, request.at_ms)
        else:
            self.open_file(request.path, request.at_ms)

    def open_file(self, path: str, at_ms: int | None = None) -> None:
        """Open a recording or a transcript that lies on this machine, or list a folder."""
        self._desk.tasks.start("open-file", self._open_file(Path(path), at_ms))

    async def _open_file(self, path: Path, at_ms: int | None) -> None:
        connection, session_id = await self._desk.app.connections.holding(path)
        self._desk.panels.sessions.refresh()
        if session_id is None:
            self._desk.panels.messages.done(f"The folder is listed as “{connection.name}”.")
        else:
            self._desk.open_session(connection.name, session_id, at_ms)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.Drop):
            path = next((url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()), "")
            if path:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self.open_file(path)
                return True
        return super().eventFilter(watched, event)
