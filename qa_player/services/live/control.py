"""Streams at the carriers: started, told of, stopped; one whose stop did not get through is unknown, tried again."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player.errors import NetworkError, NotFoundError, QaPlayerError, UsageError
from qa_player.model.live import RelayPlace, StreamInfo, StreamState, StreamWish
from qa_player.model.secret import Secret
from qa_player.services.live.captures import Captures
from qa_player.services.live.gate import LiveGate
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.providers.base import ControlsStreams
    from qa_player.store.database import Transaction

ALL = "*"
"""Stands for all streams of a call that was to be stopped when none was known by its id."""
FIRST_AGAIN_S, LONGEST_AGAIN_S = 5.0, 300.0

RUNS = frozenset({StreamState.STARTING, StreamState.RUNNING, StreamState.UNKNOWN})


class StreamDesk:
    """Keeps what is known of streams, here and at the carriers; ``streams_changed`` names the connection."""

    def __init__(self, captures: Captures, gate: LiveGate) -> None:
        self.streams_changed: Signal[str] = Signal()
        self._captures = captures
        self._gate = gate
        self._again: dict[tuple[str, str, str], float] = {}
        gate.streams_changed = self.streams_changed.emit

    async def start(self, connection: str, call_id: str, wish: StreamWish, place: RelayPlace) -> StreamInfo:
        """Expect the call, then have the carrier send it. Raises what the carrier says."""
        carrier = await self._gate.carrier(connection)
        await self._reachable(connection, place)
        invitation = await self._gate.expect(connection, call_id, wish, place.public_url)
        stream_id = await carrier.start_stream(
            call_id,
            wish,
            service_url=Secret(invitation.service_url),
            callback_url=Secret(invitation.status_callback_url),
        )
        started = StreamInfo(
            connection=connection,
            call_id=call_id,
            stream_id=stream_id,
            state=StreamState.RUNNING,
            track=wish.track.value,
            content_type=wish.codec.content_type,
            bidirectional=wish.bidirectional,
            started_at=self._captures.trail.now(),
        )
        await self._keep([started], "live.started")
        return started

    async def of_call(self, connection: str, call_id: str) -> tuple[StreamInfo, ...]:
        """A call's streams as the carrier tells of them now; what is known here while it cannot be asked."""
        carrier = await self._gate.carrier(connection)
        known = await self._known(connection, call_id)
        try:
            told = await carrier.streams(call_id)
        except NotFoundError:
            if not known:
                raise
            # of a call that is no more nothing runs, whether the carrier said so at its end or not
            over = [one.model_copy(update={"state": StreamState.STOPPED}) for one in known if one.state in RUNS]
            await self._keep(over, None)
            return await self._known(connection, call_id)
        except NetworkError:
            if not known:
                raise
            return known
        return await self._merged(known, told)

    async def one(self, connection: str, call_id: str, stream_id: str) -> StreamInfo:
        """One stream. Raises NotFoundError …"""
        carrier = await self._gate.carrier(connection)
        known = [one for one in await self._known(connection, call_id) if one.stream_id == stream_id]
        try:
            told = await carrier.stream(call_id, stream_id)
        except NetworkError:
            if not known:
                raise
            return known[0]
        return (await self._merged(tuple(known), (told,)))[0]

    async def running(self) -> tuple[StreamInfo, ...]:
        """Every stream that may still run, and so be billed."""
        from qa_player.store import live

        known = await self._captures.database.read(live.streams)
        return tuple(one for one in known if one.state in RUNS)

    async def known(self, call: tuple[str, str] | None) -> tuple[StreamInfo, ...]:
        """What is known here of a call's streams, or of all that may run; nobody is asked."""
        return await self.running() if call is None else await self._known(*call)

    async def stop(self, connection: str, call_id: str, stream_id: str | None) -> tuple[StreamInfo, ...]:
        """Stop one stream of a call, or all. What is received here ends at once, whatever the network does.

        Raises NetworkError when the carrier could not be told: the streams are unknown then, and tried again.
        NotFoundError for what neither the carrier nor anybody here knows; nothing is kept of it.
        """
        from qa_player.store import live

        carrier = await self._gate.carrier(connection)
        known = await self._known(connection, call_id)
        meant = [one for one in known if one.stream_id == stream_id or (stream_id is None and one.state in RUNS)]
        for reception in list(self._gate.receptions.values()):
            same = reception.capture.call_id == call_id and reception.capture.connection == connection
            if same and stream_id in (None, "", reception.received.stream_id):
                reception.hang_up("it was stopped here")
        heard = await self._captures.database.write(lambda db: live.ask_to_end(db, call_id, stream_id))
        asked = [_asked(one) for one in meant] or [_asked(_named(connection, call_id, stream_id or ALL))]
        await self._keep(asked, "live.stop_asked")
        return await self._stopped(
            carrier, asked, stream_id, known=heard or bool(known if stream_id is None else meant)
        )

    async def retry(self, now: float | None = None) -> None:
        """Try again to stop what may still run, each stream after a pause that grows."""
        from qa_player.store import live

        now = time.monotonic() if now is None else now
        for stream in await self._captures.database.read(live.unsettled_streams):
            key = (stream.connection, stream.call_id, stream.stream_id)
            if now < self._again.setdefault(key, now + FIRST_AGAIN_S):
                continue
            self._again[key] = now + min(FIRST_AGAIN_S * 2 ** min(stream.stop_tries, 10), LONGEST_AGAIN_S)
            try:
                carrier = await self._gate.carrier(stream.connection)
                again = _asked(stream)
                await self._keep([again], "live.stop_asked")
                wanted = None if stream.stream_id == ALL else stream.stream_id
                with contextlib.suppress(NotFoundError):
                    await self._stopped(carrier, [again], wanted, known=stream.started_at is not None)
                del self._again[key]
            except QaPlayerError:
                # it stays unknown, is shown as that, and its turn comes again
                continue

    async def _stopped(
        self, carrier: ControlsStreams, asked: list[StreamInfo], stream_id: str | None, *, known: bool
    ) -> tuple[StreamInfo, ...]:
        failed = absent = False
        try:
            await carrier.stop_stream(asked[0].call_id, stream_id)
        except NetworkError:
            failed = True
        except NotFoundError:
            # what was known of it here has ended, whether the carrier said so at its end or not
            absent = not known
        if absent:
            await self._forget(asked)
            raise NotFoundError(
                "The carrier knows no such call or stream; nothing was stopped.",
                "See `qa-player live list CONNECTION CALL_ID`, and check the ids.",
            )
        if failed:
            raise NetworkError(
                "The carrier could not be told to stop: whether the stream still runs, and is billed, is not known.",
                "It is tried again while the relay or the window runs; or stop it again.",
            )
        now = self._captures.trail.now()
        stopped = [
            one.model_copy(update={"state": StreamState.STOPPED, "ended_at": one.ended_at or now}) for one in asked
        ]
        await self._keep(stopped, "live.stopped")
        return tuple(one for one in stopped if one.stream_id != ALL)

    async def _merged(self, known: tuple[StreamInfo, ...], told: tuple[StreamInfo, ...]) -> tuple[StreamInfo, ...]:
        """What the carrier tells, with what only we know; one it says is running although it was stopped is."""
        before = {one.stream_id: one for one in known}
        merged = []
        for one in told:
            ours = before.pop(one.stream_id, None)
            kept = {} if ours is None else {"events": ours.events, "stop_tries": ours.stop_tries}
            unsettled = ours is not None and ours.state is StreamState.UNKNOWN and one.state is StreamState.RUNNING
            merged.append(one.model_copy(update=kept | ({"state": StreamState.UNKNOWN} if unsettled else {})))
        await self._keep(merged, None)
        return (*merged, *(one for one in before.values() if one.stream_id != ALL))

    async def _known(self, connection: str, call_id: str) -> tuple[StreamInfo, ...]:
        from qa_player.store import live

        return await self._captures.database.read(lambda transaction: live.streams(transaction, connection, call_id))

    async def _keep(self, streams: list[StreamInfo], action: str | None) -> None:
        from qa_player.store import live

        def keep(transaction: Transaction) -> None:
            for one in streams:
                if one.stream_id == ALL and one.state is StreamState.STOPPED:
                    live.forget_stream(transaction, one)
                else:
                    live.save_stream(transaction, one)
                if action is not None:
                    told: dict[str, JsonValue] = {"stream_id": one.stream_id, "tries": one.stop_tries}
                    self._captures.trail.append(
                        transaction, action, connection=one.connection, subject=one.call_id, detail=told
                    )

        await self._captures.database.write(keep)
        for name in {one.connection for one in streams}:
            self.streams_changed.emit(name)

    async def _forget(self, streams: list[StreamInfo]) -> None:
        """Keep nothing of streams that there are not; that they were to be stopped stays in the trail."""
        from qa_player.store import live

        def forget(transaction: Transaction) -> None:
            for one in streams:
                live.forget_stream(transaction, one)

        await self._captures.database.write(forget)
        for name in {one.connection for one in streams}:
            self.streams_changed.emit(name)

    async def _reachable(self, connection: str, place: RelayPlace) -> None:
        """A carrier out there cannot dial this machine's own address."""
        described = await self._gate.described(connection)
        if _is_here(place.public_url) and not _is_here(described.base_url):
            raise UsageError(
                "The carrier cannot reach the relay: it has no public address.",
                "Put it behind a tunnel and start it with --public-url https://… (docs/live.md).",
            )


def _named(connection: str, call_id: str, stream_id: str) -> StreamInfo:
    return StreamInfo(connection=connection, call_id=call_id, stream_id=stream_id, state=StreamState.RUNNING)


def _asked(stream: StreamInfo) -> StreamInfo:
    return stream.model_copy(update={"state": StreamState.UNKNOWN, "stop_tries": stream.stop_tries + 1})


def _is_here(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].rpartition(":")[0]
    return host in ("127.0.0.1", "localhost", "[::1]")
