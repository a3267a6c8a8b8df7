"""Captured calls as sessions of the connection `live`: fits the providers' protocols, with no network behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.canonical import canonical_json, digest, sha256
from qa_player.errors import NoRecordingError, NotReadyError, UsageError
from qa_player.model.live import Capture, CaptureState, Marker
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.session import Session, SessionDetail, SessionState
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, TimeSource, Turn
from qa_player.providers.base import Ability, MediaAnswer, SessionPage, SessionQuery
from qa_player.services.live.captures import CONNECTION, Captures
from qa_player.services.live.summing import summed

if TYPE_CHECKING:
    from qa_player.live.received import Received
    from qa_player.live.rendering import Wave

PART = "call"
PIECE = 64 * 1024
_ABILITIES = frozenset({Ability.LIST, Ability.DATE_FILTER, Ability.TOTAL_COUNT, Ability.TRANSCRIPT, Ability.RECORDING})


class CapturedCalls:
    """Fits `Provider`, `ListsSessions`, `GivesDetail` and `GivesRecording`."""

    def __init__(self, captures: Captures) -> None:
        self._captures = captures

    @property
    def abilities(self) -> frozenset[Ability]:
        """What captures can do; their turns are what happened beside the sound."""
        return _ABILITIES | {Ability.RECORDING_RANGES}

    async def check(self) -> None:
        """There is nobody to be asked."""

    async def aclose(self) -> None:
        """There is nothing to be closed."""

    async def list_sessions(self, query: SessionQuery, cursor: str | None, limit: int) -> SessionPage:
        """A page of captures, newest first."""
        await self._captures.recover()
        wanted = [one for one in await self._captures.all() if query.includes(one.began_at)]
        if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
            raise UsageError("The place in the list is not one this provider gave.", "List the sessions anew.")
        start = int(cursor or 0)
        page = wanted[start : start + max(limit, 1)]
        following = start + len(page)
        return SessionPage(
            tuple(session_of(one) for one in page), str(following) if following < len(wanted) else None, len(wanted)
        )

    async def detail(self, session_id: str) -> SessionDetail:
        """One captured call, also while it goes on. Raises NotFoundError, StorageError."""
        await self._captures.recover()
        known = await self._captures.unread(session_id)
        if known is not None:
            return await asyncio.to_thread(detail_of, known)
        known = await self._captures.named(session_id)
        if known.is_elsewhere and session_id not in self._captures.receiving:
            # what is known of it was told; none of it was asked for
            return detail_of(known)
        capture, received = await self._captures.received(session_id)
        if capture.state is CaptureState.RECEIVING:
            return detail_of(summed(capture, received))
        await self._checked(capture, received)
        return await asyncio.to_thread(detail_of, summed(capture, received), tuple(received.timeline.markers))

    async def recording(self, session_id: str, part_id: str) -> WaveDoor:
        """The sound of a call that has ended. Raises NoRecordingError, NotReadyError, NotFoundError."""
        from qa_player.live.rendering import Wave

        known = await self._captures.named(session_id)
        if known.state is CaptureState.ELSEWHERE and self._captures.fetch is not None:
            await self._captures.fetch(known)
        capture, received = await self._captures.received(session_id)
        if capture.state is CaptureState.RECEIVING:
            raise NotReadyError("This call is still going on.", "Its recording comes after it has ended.")
        if part_id != PART or not received.timeline.end:
            raise NoRecordingError("Nothing of this call can be heard.", "See what happened in its details.")
        await self._checked(capture, received)
        order = "big" if received.big_endian else "little"
        return WaveDoor(Wave(received), f'"{received.journal.records}-{received.timeline.end}-{order}"')

    async def _checked(self, capture: Capture, received: Received) -> None:
        if received.timeline.lost > capture.lost:
            await self._captures.damage_found(capture, received)


class WaveDoor:
    """Fits ``providers.base.RecordingDoor``: ranges of a WAV that is made while it is read."""

    def __init__(self, wave: Wave, etag: str) -> None:
        self._wave = wave
        self._etag = etag

    @property
    def expires_at(self) -> float | None:
        """Never."""
        return None

    @property
    def issued_at(self) -> float | None:
        """Nothing was issued."""
        return None

    async def renew(self) -> None:
        """There is nothing to renew."""

    async def read(self, start: int, end: int | None, validator: str | None) -> MediaAnswer:
        """Bytes ``start`` up to ``end``; the whole when it is not what ``validator`` names."""
        whole = validator is not None and validator != self._etag
        size = self._wave.size
        first = 0 if whole else start
        last = size if whole or end is None else min(end, size)
        status = 200 if whole else 206 if start < size else 416
        return MediaAnswer(
            status=status,
            start=None if status == 416 else first,
            total=size,
            etag=self._etag,
            mime="audio/wav",
            encoded=False,
            chunks=_pieces(self._wave, first, last if status != 416 else first),
            close=lambda: None,
        )


async def _pieces(wave: Wave, start: int, end: int) -> AsyncIterator[bytes]:
    while start < end:
        piece = await asyncio.to_thread(wave.read, start, min(start + PIECE, end))
        start += len(piece)
        yield piece


def session_of(capture: Capture, end_ms: int | None = None) -> Session:
    """The session of a capture; ``end_ms`` is how far it has come while it goes on."""
    going_on = capture.state is CaptureState.RECEIVING
    heard = bool(capture.duration_ms)
    ended_at = capture.ended_at
    if ended_at is None and not going_on and capture.duration_ms is not None:
        ended_at = capture.began_at + timedelta(milliseconds=capture.duration_ms)
    silent = SessionState.EMPTY if capture.state is CaptureState.ENDED else SessionState.ABORTED
    return Session(
        connection=CONNECTION,
        provider=CONNECTION,
        session_id=capture.session_id,
        title=f"{capture.connection or 'Frame log'} · {capture.call_id}"[:2_000],
        agent=None,
        state=SessionState.IN_PROGRESS if going_on else SessionState.READY if heard else silent,
        recording_state=RecordingState.PROCESSING
        if going_on
        else RecordingState.AVAILABLE
        if heard
        else RecordingState.NONE,
        started_at=capture.began_at,
        ended_at=None if going_on else ended_at,
        duration_ms=end_ms if going_on else capture.duration_ms,
        retention_deadline=None,
        metadata=_facts(capture),
    )


def detail_of(capture: Capture, markers: tuple[Marker, ...] = ()) -> SessionDetail:
    """A capture that was summed up, with what happened beside its sound as turns of the system."""
    total = capture.sum
    markers = markers or (() if total is None else total.markers)
    end_ms = capture.duration_ms or 0
    session = session_of(capture, end_ms)
    more: dict[str, JsonValue] = {"frames": capture.frames, "frames lost": capture.lost}
    if total is not None:
        more |= {"samples a second": total.sample_rate, "byte order": "big" if total.big_endian else "little"}
    turns = tuple(_turn(index, marker) for index, marker in enumerate(markers))
    told = [marker.model_dump(mode="json") for marker in markers]
    facts = capture.model_copy(update={"sum": None}).model_dump(mode="json")
    raw = canonical_json({"capture": facts, "markers": told})
    return SessionDetail(
        session=session.model_copy(update={"metadata": {**session.metadata, **more}, "turn_count": len(turns)}),
        turns=turns,
        parts=_parts(capture, end_ms),
        timing=Timing(quality=TimingQuality.EXACT, origin=TimingOrigin.PROVIDER),
        transcript_digest=digest(told),
        raw=raw,
        raw_sha256=sha256(raw),
    )


def _turn(index: int, marker: Marker) -> Turn:
    count = f" ({marker.count} times)" if marker.count > 1 and marker.kind.value != "gap" else ""
    side = f"{marker.track}: " if marker.track else ""
    return Turn(
        index=index,
        role=Role.SYSTEM,
        raw_role=marker.kind.value,
        speaker=None,
        text=f"{side}{marker.text}{count}",
        raw_start_ms=marker.start_ms,
        # what happened at a moment is over with it
        raw_end_ms=marker.start_ms if marker.end_ms is None else marker.end_ms,
        time_source=TimeSource.TURN_STAMP,
    )


def _parts(capture: Capture, end_ms: int) -> tuple[RecordingPart, ...]:
    if not end_ms:
        return ()
    going_on = capture.state is CaptureState.RECEIVING
    return (
        RecordingPart(
            part_id=PART,
            sequence=0,
            start_ms=0,
            duration_ms=None if going_on else end_ms,
            mode=RecordingMode.BYTES,
            mime="audio/wav",
            expires_at=None,
            state=RecordingState.PROCESSING if going_on else RecordingState.AVAILABLE,
        ),
    )


def _facts(capture: Capture) -> dict[str, JsonValue]:
    going_on = capture.state is CaptureState.RECEIVING
    facts: dict[str, JsonValue] = {
        "call_id": capture.call_id,
        "carrier": capture.connection,
        "codec": capture.wish.codec.value,
        "capture": capture.state.value,
    }
    if capture.stream_id:
        facts["stream"] = capture.stream_id
    if capture.end_reason:
        facts["ended because"] = capture.end_reason
    if capture.relay:
        facts["relay"] = capture.relay
    if capture.sha256 and not going_on:
        facts["sha256 of what came"] = capture.sha256
    if capture.imported:
        facts["imported"] = True
    return facts
