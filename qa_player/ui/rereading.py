"""The recordings on this computer as evidence: the open one's digest among its details, and all of them read again."""

from __future__ import annotations

import asyncio

from qa_player.model.cache import CacheRecord
from qa_player.model.playback import PlaybackState
from qa_player.services.kept import Kept
from qa_player.services.library import OpenSession
from qa_player.services.playback import Playback
from qa_player.ui.actions import Command
from qa_player.ui.panels.details import DetailsPanel
from qa_player.ui.tasks import Tasks
from qa_player.ui.widgets.message_bar import MessageBar
from qa_player.ui.widgets.text import one_line
from qa_player.ui.widgets.times import counted, long_time

REREAD, DIGEST = "reread-recordings", "recording-digest"
TITLE = "Recording as fetched"


class Rereading:
    """Joins what is kept of recordings to the details and the messages of one window."""

    def __init__(
        self, kept: Kept, playback: Playback, *, details: DetailsPanel, messages: MessageBar, tasks: Tasks
    ) -> None:
        self._kept, self._details, self._messages, self._tasks = kept, details, messages, tasks
        self._open: OpenSession | None = None
        self._verified = False
        playback.opened.connect(self._opened)
        playback.state_changed.connect(self._state_changed)

    def commands(self, menu: str) -> list[Command]:
        """What the menu has of it."""
        return [Command("recordings.verify", "Check the recordings kept here", self.verify, menu)]

    def verify(self) -> None:
        """Read every recording that was fetched whole again, and tell which are not what was fetched."""
        if not self._tasks.running(REREAD):
            self._tasks.start(REREAD, self._verify())

    async def _verify(self) -> None:
        loop, told = asyncio.get_running_loop(), -1

        def progress(done: int, size: int | None) -> None:
            nonlocal told
            percent = 100 * done // max(size or 0, done, 1)
            if percent // 5 != told:
                told = percent // 5
                loop.call_soon_threadsafe(self._tell, percent)

        self._tell(0)
        found = await self._kept.verify(progress)
        self._messages.settled(REREAD)
        if found.damaged:
            names = ", ".join(one_line(f"{one.session_id} of {one.connection}") for one in found.damaged[:5])
            more = "" if len(found.damaged) <= 5 else f" and {len(found.damaged) - 5} more"
            are = "is" if len(found.damaged) == 1 else "are"
            self._messages.trouble(
                f"{counted(len(found.damaged), 'recording')} kept here {are} not what was fetched: {names}{more}.",
                "Fetch again what is damaged, while its provider still has it: open the session.",
            )
        elif found.whole:
            self._messages.done(f"{counted(len(found.whole), 'recording')} read again: each is what was fetched.")
        else:
            self._messages.done("No recording is kept here whole.")

    def _tell(self, percent: int) -> None:
        if self._tasks.running(REREAD) or percent == 0:
            self._messages.done(
                f"Reading again what is kept here: {percent} %",
                about=REREAD,
                button="Stop",
                act=lambda: self._tasks.cancel(REREAD),
            )

    def _opened(self, session: OpenSession) -> None:
        self._open, self._verified = session, False
        self._details.show_more(TITLE, [])

    def _state_changed(self, state: PlaybackState) -> None:
        """What has become whole has a digest from now on."""
        if state.verified and not self._verified and self._open is not None:
            self._tasks.start(DIGEST, self._show(self._open))
        self._verified = state.verified

    async def _show(self, session: OpenSession) -> None:
        told = session.detail.session
        records = await self._kept.of_session(told.connection, told.session_id)
        if session is self._open:
            self._details.show_more(TITLE, [row for record in records for row in rows_of(record, len(records) > 1)])


def rows_of(record: CacheRecord, several: bool) -> list[tuple[str, str]]:
    """What is known of the bytes of one part, named where there are several."""
    rows = [
        ("Part", record.part_id if several else ""),
        ("SHA-256", record.sha256 or ""),
        ("Size", "" if record.total is None else f"{record.total:,} bytes"),
        ("Fetched", "" if record.fetched_at is None else long_time(record.fetched_at)),
    ]
    return [(name, value) for name, value in rows if value]
