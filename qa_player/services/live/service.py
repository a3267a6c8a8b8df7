"""Calls in progress: the relay of this home, the calls that it receives, and the carriers' streams."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qa_player.errors import NotReadyError, QaPlayerError, UsageError
from qa_player.model.live import ByteOrder, Capture, Invitation, Marker, RelayPlace, StreamInfo, StreamWish
from qa_player.model.secret import Secret
from qa_player.services.connections import Connections
from qa_player.services.live.audience import LiveAudience
from qa_player.services.live.captures import CONNECTION, Captures
from qa_player.services.live.control import StreamDesk
from qa_player.services.live.gate import LiveGate
from qa_player.services.live.listening import ListeningIn
from qa_player.services.live.reception import Reception, levels
from qa_player.services.live.relay_lock import RelayLock
from qa_player.services.live.relays import Reach, Relays
from qa_player.services.live.speaking import Speaking
from qa_player.services.live.whereabouts import read_place, spelled_place
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qa_player.live.line import Limits
    from qa_player.live.relay import Relay
    from qa_player.store.database import Database, Transaction

LOOKED_AFTER_EVERY_S = 1.0
LOCK_TRIES = 20


class Live:
    """Owns the relay of this process, which is off until `serve`, and the calls that it receives; and listens to the
    relays of other processes through ``relays``. ``audience`` is who listens to ours.

    ``calls_changed``: a call came or is over. ``received`` tells (session id, milliseconds that can be heard),
    ``levels_changed`` (session id, inbound, outbound), each 0 to 32767, both some twenty times a second while sound
    comes. ``streams_changed`` names the connection. ``relay_changed``: it was started or stopped.
    """

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        trail: Trail,
        folder: Path,
        key: bytes,
        reach: Reach,
    ) -> None:
        self.calls_changed: Signal[()] = Signal()
        self.received: Signal[str, int] = Signal()
        self.levels_changed: Signal[str, int, int] = Signal()
        self.relay_changed: Signal[()] = Signal()
        self.captures = Captures(database, folder, key, trail)
        self.metered: Callable[[str], bool] = lambda _session_id: True
        """Whose levels somebody looks at: they are worked out for nobody else."""
        self.place: RelayPlace | None = None
        """Where this process's relay is; null while it is off."""
        self._database = database
        self._connections = connections
        self._trail = trail
        self._gate = LiveGate(connections, self.captures, heard=self._heard, over=self._changed, came=self._changed)
        self.streams = StreamDesk(self.captures, self._gate)
        self.audience = LiveAudience(self.captures, key, lambda: self.calls_here)
        self._gate.listener = self.audience.let_in
        self.relays = Relays(self.captures, reach, self._own_elsewhere)
        self.relays.changed.connect(self.calls_changed.emit)
        self.relays.heard.connect(self._tell_heard)
        self.listening = ListeningIn(self.captures, self.relays.follow)
        self.speaking = Speaking(self.captures, self._gate)
        self._relay: Relay | None = None
        self._lock: RelayLock | None = None
        self._minding: asyncio.Task[None] | None = None

    # the relay

    async def serve(
        self,
        listening: str | None = None,
        *,
        certificate: Path | None = None,
        key: Path | None = None,
        public_url: str | None = None,
        limits: Limits | None = None,
    ) -> RelayPlace:
        """Start the relay of this home. Raises UsageError: another runs, the place is taken, or it is not safe."""
        from qa_player.live.certificate import Certificate
        from qa_player.live.place import USUAL, Listening
        from qa_player.live.relay import Relay

        if (certificate is None) != (key is None):
            raise UsageError("A certificate needs its key, and a key its certificate.", "Give both files.")
        loaded = None
        if certificate is not None and key is not None:
            loaded = await asyncio.to_thread(Certificate.load, certificate, key)
        relay = Relay(
            self._gate, Listening.at(listening or USUAL), certificate=loaded, public_url=public_url, limits=limits
        )
        await self._take_lock()
        try:
            place = replace(await relay.start(), run=secrets.token_hex(16))
            self.audience.run = place.run
            await self._tell_place(place)
        except BaseException:
            await relay.aclose()
            self._release_lock()
            raise
        self._relay, self.place = relay, place
        self._minding = asyncio.create_task(self._mind(), name="live minding")
        self.relay_changed.emit()
        return place

    async def stop_serving(self) -> None:
        """Stop the relay: every call that it receives is ended and kept. May be called when it is off."""
        relay, self._relay, self.place = self._relay, None, None
        self.audience.run = ""
        if relay is None:
            return
        if self._minding is not None:
            self._minding.cancel()
            await asyncio.gather(self._minding, return_exceptions=True)
        try:
            await relay.aclose()
            await self._tell_place(None)
        finally:
            self._release_lock()
        self.relay_changed.emit()

    async def aclose(self) -> None:
        """Stop the relay, if it runs, and listen to no other."""
        await self.relays.aclose()
        await self.stop_serving()

    async def relay_place(self) -> RelayPlace:
        """Where the relay of this home is, in whatever process. Raises NotReadyError when it is off."""
        from qa_player.store import live

        if self.place is not None:
            return self.place
        payload = await self._database.read(live.relay)
        if payload is None or not await asyncio.to_thread(self.captures.relay_is_running):
            raise NotReadyError("The relay is not running.", "Start it with `qa-player live serve`.")
        return read_place(payload)

    async def _own_elsewhere(self) -> tuple[RelayPlace, Secret] | None:
        """Where another process is the relay of this home, and our key there; null while there is none."""
        try:
            place = None if self.place is not None else await self.relay_place()
        except NotReadyError:
            return None
        return None if place is None else (place, self.audience.own_key(place.run))

    # calls that are received here

    @property
    def calls(self) -> tuple[Capture, ...]:
        """The calls that go on: those that this process receives, the first to come first, then those of relays
        elsewhere."""
        return (*self.calls_here, *self.relays.calls)

    @property
    def calls_here(self) -> tuple[Capture, ...]:
        """Only those that this process receives."""
        return tuple(one.capture for one in self._gate.receptions.values())

    def end_ms(self, session_id: str) -> int:
        """Up to where a call that goes on can be heard; 0 for any other."""
        received = self.captures.receiving.get(session_id)
        return 0 if received is None else received.timeline.end_ms

    def way_ms(self, session_id: str) -> int:
        """How long what came to a call's relay takes to be here; 0 where that is this process."""
        relay = self.relays.at(session_id)
        return 0 if relay is None else round(relay.way_ms)

    async def sound(self, session_id: str, start_ms: int, end_ms: int) -> tuple[int, NDArray[np.int16]]:
        """The rate, and the samples of [start, end) as two columns, inbound and outbound; of any capture, at any time.

        Where nothing came yet, or will, they are zero. Raises NotFoundError, StorageError.
        """
        from qa_player.live.rendering import heard

        _, received = await self.captures.received(session_id)
        rate = received.timeline.rate
        return rate, await asyncio.to_thread(heard, received, start_ms * rate // 1_000, end_ms * rate // 1_000)

    def markers(self, session_id: str) -> tuple[Marker, ...]:
        """What happened so far beside the sound of a call that is received here."""
        reception = self._gate.receptions.get(session_id)
        return () if reception is None else tuple(reception.received.timeline.markers)

    def hang_up(self, session_id: str) -> None:
        """Receive no more of a call; its stream at the carrier may go on, and is stopped with `stop`."""
        reception = self._gate.receptions.get(session_id)
        if reception is not None:
            reception.hang_up("it was ended here")

    # carriers

    async def carriers(self) -> tuple[str, ...]:
        """The connections whose provider streams calls; one whose key is missing is left out."""
        from qa_player.providers.base import ControlsStreams

        names = []
        for connection in await self._connections.all():
            with contextlib.suppress(QaPlayerError):
                if isinstance(await self._connections.provider(connection.name), ControlsStreams):
                    names.append(connection.name)
        return tuple(names)

    async def expect(self, connection: str, call_id: str, wish: StreamWish) -> Invitation:
        """Addresses for one call that starts its stream itself. Raises NotReadyError, UsageError, NotFoundError."""
        place = await self.relay_place()
        return await self._gate.expect(connection, call_id, wish, place.public_url)

    async def start(self, connection: str, call_id: str, wish: StreamWish) -> StreamInfo:
        """Have the carrier send a call here. Raises NotReadyError, UsageError, NotFoundError, NetworkError …"""
        return await self.streams.start(connection, call_id, wish, await self.relay_place())

    async def bring_log(
        self, path: Path, *, call_id: str | None = None, order: ByteOrder = ByteOrder.DETECTED
    ) -> Capture:
        """A log of frames as a session. Raises UsageError, StorageError."""
        from qa_player.services.live.bringing import bring_log

        return await bring_log(self.captures, path, call_id=call_id, order=order)

    # inside

    async def _mind(self) -> None:
        """What other processes ask for, and stops that did not get through."""
        from qa_player.store import live

        while True:
            await asyncio.sleep(LOOKED_AFTER_EVERY_S)
            # a database that is busy or full for a moment keeps no call from being ended in the next
            with contextlib.suppress(QaPlayerError):
                for session_id in await self._database.read(live.asked_to_end):
                    reception = self._gate.receptions.get(session_id)
                    if reception is not None:
                        reception.hang_up("it was stopped here")
                await self.audience.look()
                await self.streams.retry()

    async def _take_lock(self) -> None:
        lock = self.captures.lock
        for _ in range(LOCK_TRIES):
            if self._relay is None and await asyncio.to_thread(lock.take):
                self._lock = lock
                await self.captures.recover_held()
                return
            await asyncio.sleep(0.02)
        raise UsageError("A relay of this folder runs already.", "Use it, or end it first.")

    def _release_lock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    async def _tell_place(self, place: RelayPlace | None) -> None:
        from qa_player.store import live

        def keep(transaction: Transaction) -> None:
            live.save_relay(transaction, None if place is None else spelled_place(place))
            action = "live.relay_stopped" if place is None else "live.relay_started"
            self._trail.append(transaction, action, connection=CONNECTION)

        await self._database.write(keep)

    def _heard(self, reception: Reception) -> None:
        self.audience.stir()
        self._tell_heard(reception.session_id)

    def _tell_heard(self, session_id: str) -> None:
        received = self.captures.receiving.get(session_id)
        if received is None:
            return
        self.received.emit(session_id, received.timeline.end_ms)
        if self.metered(session_id):
            self.levels_changed.emit(session_id, *levels(received))

    def _changed(self, _: Reception) -> None:
        self.audience.stir()
        self.calls_changed.emit()
