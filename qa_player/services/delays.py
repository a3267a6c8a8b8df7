"""How long the agent took to answer and who interrupted whom: measured on the recording once it was listened to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qa_player.canonical import digest
from qa_player.model.delay import Delays, delays_of
from qa_player.model.speech import Speech, spoken_turns
from qa_player.model.transcript import place
from qa_player.services.hearing_out import Cancelled, Progress, heard_out, part_by_part
from qa_player.services.library import OpenSession
from qa_player.services.open_part import OpenPart, closing
from qa_player.services.recordings import Recordings

if TYPE_CHECKING:
    from qa_player.media.cache.reader import RecordingReader
    from qa_player.media.speech import Channels
    from qa_player.store.database import Database


def worked_out(session: OpenSession, speech: Speech | None) -> Delays:
    """The delays of ``session`` by what was measured of it; takes long for ten thousand turns.

    The clock that was measured with the speech, if one was, says which turn is where in it: a clock that somebody set
    otherwise moves no gap.
    """
    clock = None
    if speech is not None and speech.transcript_digest == session.detail.transcript_digest:
        clock = speech.clock
    turns = session.turns if clock is None else place(session.detail.turns, clock, session.recording_ms)
    return delays_of(spoken_turns(turns, speech), turns, session.detail.session.interruption_count)


class DelayMeasuring:
    """What is measured is kept, so that exports and commands need no recording for it."""

    def __init__(self, *, database: Database, recordings: Recordings) -> None:
        self._database = database
        self._recordings = recordings

    async def of(self, session: OpenSession) -> Delays:
        """By what is kept; estimated from the transcript while its recording was not listened to."""
        return await asyncio.to_thread(worked_out, session, await self._kept(session))

    async def listen(self, session: OpenSession, *, progress: Progress = lambda _: None) -> Delays:
        """Fetch the whole recording and listen to it; ``progress`` is told the share heard, 0 to 1, on the loop.
        Cancelling gives the work up. Raises as opening and fetching a recording do.
        """
        parts = await self._recordings.open_parts(session)
        async with closing(parts):
            for one in parts:
                if one.cached is not None:
                    await one.cached.fetch_all()
            return await self._listened(session, parts, progress, lambda: False)

    async def listen_to_kept(
        self, session: OpenSession, *, playing: Callable[[], bool] = lambda: False
    ) -> Delays | None:
        """Listen to a recording that is whole on this computer, unless that was done; null where there is none.
        Nothing is asked of any provider. While something is ``playing``, the work rests half of the time.
        """
        parts = await self._recordings.kept_parts(session)
        if parts is None:
            return None
        async with closing(parts):
            kept = await self._kept(session)
            if kept is not None and _is_of(kept, session, parts):
                return await asyncio.to_thread(worked_out, session, kept)
            return await self._listened(session, parts, lambda _: None, playing)

    async def _listened(
        self, session: OpenSession, parts: Sequence[OpenPart], progress: Progress, playing: Callable[[], bool]
    ) -> Delays:
        from qa_player.store import speech

        place_of = session.connection.name, session.session_id
        heard = await heard_out(
            lambda tell, cancelled: _speech(session, parts, _resting(tell, playing), cancelled), progress
        )
        await self._database.write(lambda transaction: speech.save(transaction, *place_of, heard))
        return await asyncio.to_thread(worked_out, session, heard)

    async def _kept(self, session: OpenSession) -> Speech | None:
        from qa_player.store import speech

        place_of = session.connection.name, session.session_id
        return await self._database.read(lambda transaction: speech.load(transaction, *place_of))


def _resting(tell: Progress, playing: Callable[[], bool]) -> Progress:
    """``tell``, after which the thread rests as long as it has worked: sound must never wait for figures."""
    from qa_player.media.peaks.pyramid import half_of_a_core

    rest, before = half_of_a_core(playing), time.perf_counter()

    def told(share: float) -> None:
        nonlocal before
        tell(share)
        rest(time.perf_counter() - before)
        before = time.perf_counter()

    return told


def _speech(session: OpenSession, parts: Sequence[OpenPart], tell: Progress, cancelled: Cancelled) -> Speech:
    """Listen to all parts, in the calling thread."""
    from qa_player.media.speech import clock_of, joined, listen

    def channels(file: RecordingReader, progress: Progress) -> tuple[float, Channels]:
        return listen(file, progress=progress, cancelled=cancelled)

    heard = part_by_part(parts, channels, tell=tell, cancelled=cancelled)
    whole = joined(heard)
    length_ms = max((start_ms + duration_ms for start_ms, duration_ms, _ in heard), default=0.0)
    return Speech(
        recording_digest=_digest(parts),
        channels=whole,
        transcript_digest=session.detail.transcript_digest,
        clock=clock_of(whole, length_ms, session.detail.turns, cancelled=cancelled),
    )


def _is_of(speech: Speech, session: OpenSession, parts: Sequence[OpenPart]) -> bool:
    """Whether it was measured on these very bytes, with this transcript."""
    same = speech.transcript_digest == session.detail.transcript_digest
    return same and speech.recording_digest == _digest(parts)


def _digest(parts: Sequence[OpenPart]) -> str:
    """Of the bytes of all parts and where each begins."""
    return digest([[one.cached and one.cached.record.sha256, one.part.start_ms] for one in parts])
