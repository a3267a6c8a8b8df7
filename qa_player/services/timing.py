"""The clock between a session's transcript and its recording: seen, measured, set, and written into the trail."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qa_player.errors import UsageError
from qa_player.model.timing import Measurement, Timing, TimingOrigin, TimingQuality, Unclear
from qa_player.services.hearing_out import Cancelled, Progress, heard_out, part_by_part
from qa_player.services.library import Library, OpenSession
from qa_player.services.open_part import OpenPart, closing
from qa_player.services.recordings import Recordings
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.media.cache.reader import RecordingReader
    from qa_player.media.voice import Voice
    from qa_player.store.database import Database, Transaction

MOST_OFFSET_MS = 24 * 3_600_000
MOST_DRIFT_PPM = 100_000


def set_by_person(offset_ms: int, drift_ppm: float) -> Timing:
    """A clock that somebody set by ear; raises UsageError for one that no recording has."""
    if not math.isfinite(drift_ppm) or abs(offset_ms) > MOST_OFFSET_MS or abs(drift_ppm) > MOST_DRIFT_PPM:
        raise UsageError(
            "That is no clock a recording can have.",
            "Give an offset of at most 86400 seconds and a drift of at most 100000 millionths, either way.",
        )
    return Timing(
        quality=TimingQuality.APPROXIMATE,
        origin=TimingOrigin.PERSON,
        offset_ms=offset_ms,
        drift_ppm=round(float(drift_ppm), 3),
    )


class Timings:
    """What is measured changes nothing; what is kept is in force from its commit on, in the window and in every export.

    Annotations are audio time: no timing moves them.
    """

    def __init__(self, *, database: Database, library: Library, recordings: Recordings, trail: Trail) -> None:
        self._database = database
        self._library = library
        self._recordings = recordings
        self._trail = trail

    async def in_force(self, connection: str, session_id: str) -> Timing:
        """The timing that places the turns now. Raises the provider's errors for a session that is not known yet."""
        detail = await self._library.detail(connection, session_id)
        return await self.kept(connection, session_id) or detail.timing

    async def placed(self, session: OpenSession, timing: Timing) -> OpenSession:
        """``session`` under ``timing``, to be looked at and heard; nothing is kept."""
        return session if timing == session.timing else await asyncio.to_thread(session.under, timing)

    async def kept(self, connection: str, session_id: str) -> Timing | None:
        """What was measured or set; null while the provider's own is in force."""
        from qa_player.store import timings

        return await self._database.read(lambda transaction: timings.load(transaction, connection, session_id))

    async def keep(
        self, connection: str, session_id: str, timing: Timing, *, measurement: Measurement | None = None
    ) -> None:
        """Let ``timing``, which is not the provider's own, be in force; ``measurement`` is what it follows, for the
        trail."""
        from qa_player.store import timings

        def write(transaction: Transaction) -> None:
            timings.save(transaction, connection, session_id, timing)
            self._tell(transaction, connection, session_id, timing, measurement)

        await self._database.write(write)

    async def forget(self, connection: str, session_id: str) -> Timing:
        """Let the provider's own timing be in force again, and return it."""
        from qa_player.store import timings

        own = (await self._library.detail(connection, session_id)).timing

        def write(transaction: Transaction) -> None:
            if timings.load(transaction, connection, session_id) is not None:
                timings.forget(transaction, connection, session_id)
                self._tell(transaction, connection, session_id, own, None)

        await self._database.write(write)
        return own

    async def measure(self, session: OpenSession, *, progress: Progress = lambda _: None) -> Measurement | Unclear:
        """Listen to the whole recording, all parts of it, and compare it with the turns; nothing is changed.

        ``progress`` is told the share done, 0 to 1, on the loop. Cancelling gives the work up. Raises
        NoRecordingError, NotReadyError, GoneError, MediaError and what fetching the recording raises.
        """
        parts = await self._recordings.open_parts(session)
        async with closing(parts):
            return await self._measured(parts, session, progress)

    async def _measured(
        self, parts: Sequence[OpenPart], session: OpenSession, progress: Progress
    ) -> Measurement | Unclear:
        def work(tell: Progress, cancelled: Cancelled) -> Measurement | Unclear:
            from qa_player.media import alignment

            return alignment.measure(_heard(parts, tell, cancelled), session.detail.turns, cancelled=cancelled)

        return await heard_out(work, progress)

    def _tell(
        self,
        transaction: Transaction,
        connection: str,
        session_id: str,
        timing: Timing,
        measurement: Measurement | None,
    ) -> None:
        from qa_player.store import timings

        kept = timing.origin is not TimingOrigin.PROVIDER
        self._trail.append(
            transaction,
            "timing.set",
            connection=connection,
            session_id=session_id,
            detail={
                "origin": timing.origin.value,
                "quality": timing.quality.value,
                "offset_ms": timing.offset_ms,
                # the trail holds whole numbers only: millionths of a millionth
                "drift_ppt": round(timing.drift_ppm * 1_000_000),
                "exists": kept,
                **({} if measurement is None else {"matched": measurement.matched, "turns": measurement.turns}),
            },
            content=timings.evidence(timing) if kept else None,
        )


def _heard(parts: Sequence[OpenPart], tell: Progress, cancelled: Cancelled) -> Voice:
    """The onsets of all parts in their places."""
    from qa_player.media.voice import joined, listen

    def onsets(file: RecordingReader, progress: Progress) -> tuple[float, Voice]:
        voice = listen(file, progress=progress, cancelled=cancelled)
        return voice.duration_ms, voice

    heard = part_by_part(parts, onsets, tell=tell, cancelled=cancelled)
    return joined([(start_ms, voice) for start_ms, _, voice in heard])
