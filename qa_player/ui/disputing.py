"""Disputes in the window: answers of the open session's scorecard contested, and a dispute that came decided of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from qa_player.errors import NotFoundError, UsageError
from qa_player.model.annotation import Span
from qa_player.model.scorecard import counting
from qa_player.services.disputes import Disputes
from qa_player.services.library import OpenSession
from qa_player.services.packet_places import Place
from qa_player.services.playback import Playback
from qa_player.services.review import Review
from qa_player.services.scoring import Scoring
from qa_player.ui.actions import Command
from qa_player.ui.dialogs.choosing import ask_what_to_read
from qa_player.ui.dialogs.contest import ContestDialog
from qa_player.ui.dialogs.dispute import DisputeDialog
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.times import span_words

_READ = "dispute-read"


class Disputing:
    """``where`` says which stretch is meant by evidence; ``open_session`` opens one by connection and id at a
    moment."""

    def __init__(
        self,
        window: QWidget,
        disputes: Disputes,
        *,
        scoring: Scoring,
        review: Review,
        playback: Playback,
        tasks: Tasks,
        messages: MessageBar,
        where: Callable[[], Span | None],
    ) -> None:
        self._window, self._disputes, self._scoring, self._review = window, disputes, scoring, review
        self._playback, self._tasks, self._messages, self._where = playback, tasks, messages, where
        self._awaited: Place | None = None
        self.open_session: Callable[[str, str, int | None], object] = lambda _connection, _session, _at: None
        disputes.changed.connect(lambda _connection, _session: self._tasks.start("dispute-cards", scoring.reload()))
        playback.opened.connect(self._opened)

    def commands(self, menu: str) -> list[Command]:
        """What leads to disputes."""
        return [
            Command("dispute.contest", "Contest a scorecard…", self.contest, menu, begins_group=True),
            Command("dispute.decide", "Decide a dispute…", self.ask, menu, keys=("Ctrl+Alt+D",)),
        ]

    def contest(self) -> None:
        """Choose answers of the open session's scorecard, and say why."""
        session = self._playback.session
        if session is not None:
            self._tasks.start(_READ, self._contest(session))

    async def _contest(self, session: OpenSession) -> None:
        cards = counting(await self._scoring.of_session(session.connection.name, session.session_id))
        if not cards:
            raise UsageError("No scorecard of this session is submitted.", "Submit one, then contest its answers.")
        dialog = ContestDialog(self._disputes, self._tasks, cards, self._offered(), self._window)
        place = (session.connection.name, session.session_id)
        dialog.hear_wanted.connect(lambda span: self.hear(place, span))
        dialog.written.connect(
            lambda name: self._messages.done(f"{name} is written: send it to whoever decides. The session is disputed.")
        )
        dialog.open()

    def _offered(self) -> list[tuple[Span, str]]:
        """What can be taken as evidence: what is selected or heard, and what is annotated."""
        found: list[tuple[Span, str]] = []
        here = self._where()
        if here is not None:
            found.append((here, f"Here: {span_words(here.start_ms, here.end_ms, None)}"))
        for one in self._review.annotations:
            if one.start_ms is not None and one.end_ms is not None and one.end_ms > one.start_ms:
                words = " ".join(filter(None, (one.tag, one.text)))[:80]
                at = span_words(one.start_ms, one.end_ms, None)
                found.append((Span(start_ms=one.start_ms, end_ms=one.end_ms), f"{at} {words}"))
        return found

    def ask(self) -> None:
        """Ask for the file of a dispute."""
        ask_what_to_read(self._window, "Which dispute", self.decide)

    def decide(self, path: Path) -> None:
        """Show the dispute of a file, to decide of it."""
        self._tasks.start(_READ, self._decide(path))

    async def _decide(self, path: Path) -> None:
        dispute = await self._disputes.read(path)
        here = await self._disputes.opened_here(dispute)
        place = await self._disputes.place_of(dispute)
        dialog = DisputeDialog(self._disputes, self._tasks, dispute, path, here=here, parent=self._window)
        dialog.applied.connect(self._messages.done)

        def hear(span: Span) -> None:
            if place is None:
                unknown = NotFoundError("The disputed session is not known here.", "Connect its provider to hear it.")
                dialog.trouble.tell(f"{unknown.message} {unknown.next_step}")
            else:
                self.hear(place, span)

        dialog.hear_wanted.connect(hear)
        dialog.open()

    def hear(self, place: Place, span: Span) -> None:
        """Play from where ``span`` begins, in the session of that place; another one is opened for it."""
        session = self._playback.session
        if session is not None and (session.connection.name, session.session_id) == place:
            self._playback.seek(span.start_ms)
            self._playback.play()
        else:
            self._awaited = place
            self.open_session(*place, span.start_ms)

    def _opened(self, session: OpenSession) -> None:
        if self._awaited == (session.connection.name, session.session_id):
            self._playback.play()
        self._awaited = None
