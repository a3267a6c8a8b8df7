"""The streams of a call at its carrier, or all that may run: what they are, what they cost, and how to end them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from qa_player.errors import QaPlayerError
from qa_player.model.live import StreamInfo, StreamState
from qa_player.services.live import Live
from qa_player.services.live.control import RUNS
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.text import Label, one_line
from qa_player.ui.widgets.times import counted

TASK = "streams"


class StreamsDialog(QDialog):
    """Of ``call`` (connection and call id) when it is given, else of every call."""

    def __init__(self, live: Live, tasks: Tasks, call: tuple[str, str] | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._live, self._tasks, self._call = live, tasks, call
        self._open = True
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Streams" if call is None else f"Streams of {one_line(call[1])}")
        self.resize(620, 340)
        self.streams = QListWidget()
        self.streams.setProperty("kind", "framed")
        self.streams.setAccessibleName("Streams")
        self.streams.currentRowChanged.connect(lambda _: self._fit())
        self.trouble = Label(wrap=True)
        self.trouble.setProperty("tone", "critical")
        self.trouble.setAccessibleName("Trouble")
        self.note = Label("Carriers bill a stream by the minute until it is stopped.", kind="small", wrap=True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.rejected.connect(self.reject)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        self.stop = self._button("Stop")
        self.stop_all = self._button("Stop all")
        self.again = self._button("Ask the carrier again")
        self.stop.clicked.connect(lambda: self._ask(self._stop_chosen()))
        self.stop_all.clicked.connect(lambda: self._ask(self._stop_all()))
        self.again.clicked.connect(lambda: self._ask(self._load()))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        for widget in (self.streams, self.note, self.trouble, self.buttons):
            column.addWidget(widget)
        self.trouble.hide()
        forget = live.streams.streams_changed.connect(lambda _connection: self._tasks.start(TASK, self._known()))
        self.finished.connect(lambda _: self._closed(forget))
        self._show(())
        self._ask(self._load())

    def _button(self, words: str) -> QPushButton:
        button = QPushButton(words)
        self.buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        return button

    def _ask(self, work: Coroutine[Any, Any, object]) -> None:
        self.trouble.hide()
        self._tasks.then("ask-streams", work, trouble=self._tell)

    def _closed(self, forget: Callable[[], None]) -> None:
        forget()
        self._open = False

    def _tell(self, error: QaPlayerError) -> None:
        if not self._open:
            return
        self.trouble.show_text(f"{error.message} {error.next_step}")
        self.trouble.show()

    async def _load(self) -> None:
        """What the carrier tells now."""
        if self._call is not None:
            self._show(await self._live.streams.of_call(*self._call))
            return
        for connection, call_id in {(one.connection, one.call_id): None for one in await self._live.streams.running()}:
            await self._live.streams.of_call(connection, call_id)
        self._show(await self._live.streams.running())

    async def _known(self) -> None:
        """What is known here, without asking anybody."""
        running = await self._live.streams.known(self._call)
        self._show(running)

    async def _stop_chosen(self) -> None:
        item = self.streams.currentItem()
        if item is not None:
            stream: StreamInfo = item.data(Qt.ItemDataRole.UserRole)
            await self._live.streams.stop(stream.connection, stream.call_id, stream.stream_id)

    async def _stop_all(self) -> None:
        await stop_all(self._live, [self._stream(row) for row in range(self.streams.count())])

    def _stream(self, row: int) -> StreamInfo:
        return self.streams.item(row).data(Qt.ItemDataRole.UserRole)  # type: ignore[no-any-return]

    def _show(self, streams: tuple[StreamInfo, ...]) -> None:
        if not self._open:
            return
        row = max(self.streams.currentRow(), 0)
        self.streams.clear()
        for stream in streams:
            item = QListWidgetItem(stream_words(stream, with_call=self._call is None))
            item.setData(Qt.ItemDataRole.UserRole, stream)
            self.streams.addItem(item)
        if streams:
            self.streams.setCurrentRow(min(row, len(streams) - 1), QItemSelectionModel.SelectionFlag.SelectCurrent)
        self._fit()

    def _fit(self) -> None:
        streams = [self._stream(row) for row in range(self.streams.count())]
        chosen = self.streams.currentRow()
        self.stop.setEnabled(0 <= chosen < len(streams) and streams[chosen].state in RUNS)
        self.stop_all.setEnabled(any(one.state in RUNS for one in streams))


async def stop_all(live: Live, streams: list[StreamInfo]) -> None:
    """End every stream that may run, each call's in one go; raises the last trouble once all were tried."""
    trouble: QaPlayerError | None = None
    for connection, call_id in {(one.connection, one.call_id): None for one in streams if one.state in RUNS}:
        try:
            await live.streams.stop(connection, call_id, None)
        except QaPlayerError as error:
            trouble = error
    if trouble is not None:
        raise trouble


def stream_words(stream: StreamInfo, *, with_call: bool) -> str:
    """One stream in a line, as it is read."""
    unknown = stream.state is StreamState.UNKNOWN
    tried = f"told to stop {counted(stream.stop_tries, 'time')}, tried again" if unknown else ""
    billed = (
        "minutes not told" if stream.billed_minutes is None else f"{counted(stream.billed_minutes, 'minute')} billed"
    )
    parts = [
        f"{one_line(stream.call_id)} of {one_line(stream.connection)}" if with_call else "",
        one_line(stream.stream_id),
        stream.state.value,
        tried,
        one_line(stream.track),
        billed,
    ]
    return " · ".join(filter(None, parts))
