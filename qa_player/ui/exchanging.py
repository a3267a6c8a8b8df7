"""Handing a review on and taking a peer's in: which file, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from qa_player.formats.contents import Contents
from qa_player.services.exchange import Exchange, Exported
from qa_player.services.imports import Imported, Imports
from qa_player.services.playback import Playback
from qa_player.services.review import Review
from qa_player.services.transcripts import TakenIn, Transcripts
from qa_player.signal import Signal
from qa_player.ui.dialogs.contents import ContentsDialog
from qa_player.ui.dialogs.export import ExportDialog
from qa_player.ui.dialogs.refused_lines import RefusedLinesDialog
from qa_player.ui.print_pdf import print_pdf
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.times import counted

SHORT = 3
"""So many refused lines are told in the message bar; more have a window of their own."""


class Exchanging:
    """Joins the services of exchange to the open session of one window.

    ``transcript_changed``: another transcript of the open session is in force.
    """

    def __init__(
        self,
        window: QWidget,
        *,
        exchange: Exchange,
        imports: Imports,
        transcripts: Transcripts,
        playback: Playback,
        review: Review,
        messages: MessageBar,
        tasks: Tasks,
    ) -> None:
        self._window, self._tasks, self._messages = window, tasks, messages
        self.transcript_changed: Signal[()] = Signal()
        self._exchange, self._imports, self._transcripts = exchange, imports, transcripts
        self._playback, self._review = playback, review
        exchange.print_pdf = print_pdf

    def export(self) -> None:
        """Ask for a format and a file."""
        if self._playback.session is not None:
            dialog = ExportDialog(self._exchange, self._tasks, self._playback.session, self._window)
            dialog.written.connect(self._exported)
            dialog.open()

    def take_in(self) -> None:
        """Ask for a file and add its annotations or its transcript to the open session."""
        if self._playback.session is not None:
            chooser = QFileDialog(self._window, "Which annotations or transcript")
            chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
            chooser.fileSelected.connect(lambda path: self.take_in_file(Path(path)))
            chooser.open()

    def take_in_file(self, path: Path) -> None:
        """Add what is in the file to the open session, and say what became of it; one that may be both is asked of."""
        session = self._playback.session
        if session is not None:
            self._tasks.start("import-look", self._look(session.connection.name, session.session_id, path))

    async def _look(self, connection: str, session_id: str, path: Path) -> None:
        asked = await self._transcripts.asked_of(connection, session_id, path)

        def take(contents: Contents) -> None:
            work = self._take_transcript if contents is Contents.TRANSCRIPT else self._take_annotations
            self._tasks.start("import-file", work(connection, session_id, path))

        if not asked.either:
            take(asked.suggested)
            return
        dialog = ContentsDialog(path.name, asked.suggested, self._window, has_turns=asked.has_turns)
        dialog.chosen.connect(take)
        dialog.open()

    async def _take_annotations(self, connection: str, session_id: str, path: Path) -> None:
        imported = await self._imports.annotations(connection, session_id, path)
        if self._is_open(connection, session_id):
            await self._review.reload()
        self._messages.done(imported_words(imported))
        if len(imported.refused) > SHORT:
            RefusedLinesDialog(imported.refused, self._window).open()

    async def _take_transcript(self, connection: str, session_id: str, path: Path) -> None:
        taken = await self._transcripts.take_in(connection, session_id, path)
        words, sha256 = taken_in_words(taken), taken.given.sha256
        if taken.in_force:
            self._messages.done(words)
            self._show_anew(connection, session_id)
        else:
            use = self._use(connection, session_id, sha256)
            self._messages.done(words, button="Show it instead", act=lambda: self._tasks.start("import-use", use()))
        if len(taken.given.problems) > SHORT:
            RefusedLinesDialog(taken.given.problems, self._window).open()

    def _use(self, connection: str, session_id: str, sha256: str) -> Callable[[], Coroutine[Any, Any, None]]:
        async def use() -> None:
            await self._transcripts.use(connection, session_id, sha256)
            self._messages.done("The transcript of the file is shown now.")
            self._show_anew(connection, session_id)

        return use

    def _show_anew(self, connection: str, session_id: str) -> None:
        if self._is_open(connection, session_id):
            self.transcript_changed.emit()

    def _is_open(self, connection: str, session_id: str) -> bool:
        session = self._playback.session
        return session is not None and (session.connection.name, session.session_id) == (connection, session_id)

    def _exported(self, exported: Exported) -> None:
        lost = f" Not in it: {'; '.join(exported.lost)}." if exported.lost else ""
        self._messages.done(f"{exported.path.name} is written, {exported.bytes:,} bytes.{lost}")


def imported_words(imported: Imported) -> str:
    """What became of a file, in a sentence or two."""
    noun = "annotation was" if imported.added == 1 else "annotations were"
    words = [f"{imported.added} {noun} added."]
    if imported.already_there:
        words.append(f"{imported.already_there} had been there already.")
    words += _left_behind(imported.refused, "were refused", imported.not_carried)
    return " ".join(words)


def taken_in_words(taken: TakenIn) -> str:
    """What became of a transcript's file, in a sentence or two."""
    given = taken.given
    words = [f"A transcript of {counted(len(given.turns), 'turn')} was taken in from {given.format}."]
    words.append("It is shown now." if taken.in_force else "It is kept beside the one that is shown.")
    if taken.after_end:
        words.append(f"{counted(taken.after_end, 'turn')} of it begin after the recording ends.")
    words += _left_behind(given.problems, "could not be read as they stand", given.not_carried)
    return " ".join(words)


def _left_behind(lines: Sequence[str], happened: str, not_carried: Sequence[str]) -> list[str]:
    """What the file has and the session has not: the lines themselves where they are few, else how many."""
    words = [*lines] if len(lines) <= SHORT else [f"{len(lines)} lines {happened}."]
    return [*words, f"Not carried: {'; '.join(not_carried)}."] if not_carried else words
