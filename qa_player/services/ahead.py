"""What comes next in the queue, its data brought while somebody still works on the session before it.

Its recording is left alone, unless the connection allows that it is fetched ahead: providers log every access.
"""

from __future__ import annotations

import time

from qa_player.errors import QaPlayerError
from qa_player.model.queue import Queued, QueueProgress, following, progress
from qa_player.services.audit import Audit
from qa_player.services.connections import Connections
from qa_player.services.library import Library
from qa_player.services.queue import Queue
from qa_player.services.recordings import Recordings

FRESH_SECONDS = 600.0
"""What was brought so long ago is asked for anew when it is opened."""


class Ahead:
    """Brings one session, the next. Each bringing is an event of the trail, and so is each recording."""

    def __init__(
        self, *, queue: Queue, library: Library, recordings: Recordings, connections: Connections, audit: Audit
    ) -> None:
        self._queue = queue
        self._library = library
        self._recordings = recordings
        self._connections = connections
        self._audit = audit
        self._brought: dict[tuple[str, str], float] = {}

    def is_ready(self, connection: str, session_id: str) -> bool:
        """Whether its data was brought, a short while ago."""
        at = self._brought.get((connection, session_id))
        return at is not None and time.monotonic() - at < FRESH_SECONDS

    async def progress(self, connection: str, session_id: str) -> QueueProgress | None:
        """How far the queue is worked while this session is open; null where it is not in it."""
        return progress(await self._queue.all(), connection, session_id)

    async def following(self, connection: str, session_id: str) -> Queued | None:
        """What is to be reviewed after this session, whether that is in the queue or not; null for nothing."""
        return following(await self._queue.all(), connection, session_id)

    async def bring(self, connection: str, session_id: str) -> Queued | None:
        """Bring the data of what follows this session, where that is in the queue, and tell what it is.

        Raises the provider's errors; it is opened all the same, and asked for then.
        """
        queue = await self._queue.all()
        if progress(queue, connection, session_id) is None:
            return None
        coming = following(queue, connection, session_id)
        if coming is not None and not self.is_ready(*coming.place):
            await self._audit.record("session.prefetched", connection=coming.place[0], session_id=coming.place[1])
            await self._library.detail(*coming.place, fresh=True)
            self._brought = {coming.place: time.monotonic()}
        return coming

    async def bring_recording(self, coming: Queued) -> bool:
        """Fetch the recording of what is coming, where its connection allows that; whether it is here now.
        Cancelling gives it up, and what came is kept."""
        described = await self._connections.named(coming.place[0])
        if not described.prefetches:
            return False
        try:
            await self._recordings.prefetch(await self._library.detail(*coming.place))
        except QaPlayerError:
            return False  # whoever opens it is told why
        return True
