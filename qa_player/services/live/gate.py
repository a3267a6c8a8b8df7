"""Who is let in: a token that was made for one call, used once, and the carrier's own signature, seen once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qa_player.errors import QaPlayerError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.live import (
    Capture,
    CaptureState,
    Expectation,
    Invitation,
    SignedRequest,
    StreamInfo,
    StreamState,
    StreamWish,
)
from qa_player.services.connections import Connections
from qa_player.services.live.captures import Captures
from qa_player.services.live.reception import Reception, Told

if TYPE_CHECKING:
    from qa_player.live.line import Guest
    from qa_player.providers.base import ControlsStreams
    from qa_player.store.database import Transaction

EXPECTED_FOR = timedelta(minutes=5)
TOKEN_BYTES = 16

EVENTS = {
    "startstream": (StreamState.RUNNING, "connected"),
    "started": (StreamState.RUNNING, "connected"),
    "connected": (StreamState.RUNNING, "connected"),
    "stopstream": (StreamState.STOPPED, "stopped"),
    "stopped": (StreamState.STOPPED, "stopped"),
    "timeout": (StreamState.STOPPED, "timeout"),
    "droppedstream": (StreamState.FAILED, "failed"),
    "failed": (StreamState.FAILED, "failed"),
    "degradedstream": (None, "degraded"),
    "playedstream": (None, "played"),
    "clearedaudio": (None, "cleared"),
}
"""The vendors' names of events, in both vocabularies: the state they tell of, null for none, and our word."""


class LiveGate:
    """Fits ``live.relay.Gate``. ``came`` is called for each call that was let in; ``listener`` knows who may listen."""

    def __init__(self, connections: Connections, captures: Captures, *, heard: Told, over: Told, came: Told) -> None:
        self._connections = connections
        self._captures = captures
        self._heard, self._over, self._came = heard, over, came
        self.listener: Callable[[str], Awaitable[Guest | None]] = _nobody
        self.receptions: dict[str, Reception] = {}
        self.streams_changed: Callable[[str], None] = lambda _: None

    async def carrier(self, connection: str) -> ControlsStreams:
        """The carrier of a connection. Raises UsageError, NotFoundError, KeychainError."""
        from qa_player.providers.base import ControlsStreams

        provider = await self._connections.provider(connection)
        if not isinstance(provider, ControlsStreams):
            raise UsageError("This connection's provider streams no calls.", "Use a connection to Vobiz or Plivo.")
        return provider

    async def described(self, connection: str) -> Connection:
        """The connection of that name. Raises NotFoundError."""
        return await self._connections.named(connection)

    async def expect(self, connection: str, call_id: str, wish: StreamWish, public_url: str) -> Invitation:
        """Expect one call, for five minutes: the addresses it may dial, once."""
        from qa_player.store import live

        carrier = await self.carrier(connection)
        described = await self.described(connection)
        if not 0 < len(call_id) <= 480 or not call_id.isprintable():
            raise UsageError("This is not the id of a call.", "Give the call's id as the carrier names it.")
        token, callback = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(2))
        expires_at = self._captures.trail.now() + EXPECTED_FOR
        expectation = Expectation(
            connection=connection, provider=described.provider, call_id=call_id, wish=wish, expires_at=expires_at
        )

        def keep(transaction: Transaction) -> None:
            live.expect(transaction, _digest(token), _digest(callback), expectation)
            self._captures.trail.append(transaction, "live.expected", connection=connection, subject=call_id)

        await self._captures.database.write(keep)
        service_url = f"{public_url.replace('http', 'ws', 1)}/live/{token}"
        callback_url = f"{public_url}/live/{callback}/status"
        xml = carrier.stream_element(wish, service_url=service_url, callback_url=callback_url)
        return Invitation(service_url, callback_url, expires_at, xml)

    async def admit(self, token: str, asked: SignedRequest) -> Reception | None:
        """The reception of the call that this token was made for; null for everybody else."""
        from qa_player.store import live

        digest, now = _digest(token), self._captures.trail.now()
        found = await self._captures.database.read(lambda transaction: live.expected(transaction, digest, now))
        carrier = None if found is None else await self._signer(found.connection, asked)
        if found is None or carrier is None:
            return None
        nonce = _digest(f"{found.connection}\0{carrier.nonce_of(asked)}")

        def take(transaction: Transaction) -> tuple[Capture, bytes] | None:
            session_id = live.free_session_id(transaction, found.call_id)
            if not live.first_time(transaction, nonce, now) or not live.used(transaction, digest, session_id):
                return None
            capture = _begun(found, session_id, now)
            return capture, self._captures.begun(transaction, capture, "live.admitted")

        taken = await self._captures.database.write(take)
        return None if taken is None else await self._received(*taken)

    async def told(self, token: str, asked: SignedRequest) -> bool:
        """Whether a status callback is the carrier's, and was heeded."""
        from qa_player.store import live

        digest, now = _digest(token), self._captures.trail.now()
        found = await self._captures.database.read(lambda transaction: live.of_callback(transaction, digest))
        carrier = None if found is None else await self._signer(found[0].connection, asked)
        if found is None or carrier is None:
            return False
        expectation, session_id = found
        nonce = _digest(f"{expectation.connection}\0{carrier.nonce_of(asked)}")
        told = {name.lower(): value for name, value in asked.fields}

        def keep(transaction: Transaction) -> bool:
            if not live.first_time(transaction, nonce, now):
                return False
            stream = _told_of(transaction, expectation, told)
            if stream is not None:
                live.save_stream(transaction, stream)
            return True

        if not await self._captures.database.write(keep):
            return False
        reception = self.receptions.get(session_id or "")
        word = EVENTS.get(told.get("event", "").lower(), (None, ""))[1]
        if reception is not None and word:
            reception.note(f"the carrier says: {word}")
        self.streams_changed(expectation.connection)
        return True

    async def _signer(self, connection: str, asked: SignedRequest) -> ControlsStreams | None:
        """The carrier, if the request is signed by it."""
        try:
            carrier = await self.carrier(connection)
        except QaPlayerError:
            # no key, no way to tell who asks: nobody is let in
            return None
        return carrier if carrier.is_signed(asked) else None

    async def _received(self, capture: Capture, key: bytes) -> Reception | None:
        from qa_player.live.received import Received

        try:
            journal = await self._captures.journal(capture, key)
        except QaPlayerError:
            over = {"state": CaptureState.INTERRUPTED, "end_reason": "the disk would not take it", "records": 0}
            await self._captures.ended(capture.model_copy(update=over))
            return None
        received = Received(journal, capture.wish.codec, capture.provider)
        reception = Reception(capture, received, self._captures, heard=self._heard, over=self._gone)
        self.receptions[capture.session_id] = reception
        self._came(reception)
        return reception

    def _gone(self, reception: Reception) -> None:
        self.receptions.pop(reception.session_id, None)
        self._over(reception)


def _begun(found: Expectation, session_id: str, now: datetime) -> Capture:
    return Capture(
        session_id=session_id,
        connection=found.connection,
        provider=found.provider,
        call_id=found.call_id,
        wish=found.wish,
        state=CaptureState.RECEIVING,
        began_at=now,
    )


def _told_of(transaction: Transaction, expectation: Expectation, told: dict[str, str]) -> StreamInfo | None:
    """The stream as it is after a callback; null when it names none."""
    from qa_player.store import live

    stream_id = told.get("streamid", "")
    event = EVENTS.get(told.get("event", "").lower())
    if not 0 < len(stream_id) <= 500 or event is None:
        return None
    known = live.streams(transaction, expectation.connection, expectation.call_id)
    before = next((one for one in known if one.stream_id == stream_id), None) or StreamInfo(
        connection=expectation.connection,
        call_id=expectation.call_id,
        stream_id=stream_id,
        state=StreamState.RUNNING,
        track=expectation.wish.track.value,
        content_type=expectation.wish.codec.content_type,
        bidirectional=expectation.wish.bidirectional,
    )
    state, word = event
    ended = before.state in (StreamState.STOPPED, StreamState.FAILED)
    # callbacks may overtake one another: what has ended does not begin again
    settled = before.state if state is None or (ended and state is StreamState.RUNNING) else state
    return before.model_copy(update={"state": settled, "events": (*before.events, word)[-50:]})


async def _nobody(_key: str) -> None:
    return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
