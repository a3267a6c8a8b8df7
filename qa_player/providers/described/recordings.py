"""What details offered of recordings, remembered for a while, and the doors to their bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qa_player.errors import GoneError, NoRecordingError, NotFoundError, NotReadyError
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.session import Session
from qa_player.providers.base import RecordingDoor
from qa_player.providers.described import media
from qa_player.providers.described.fields import AddressedRecording, EndpointRecording
from qa_player.providers.presigned import Offered

if TYPE_CHECKING:
    from qa_player.providers.door import HttpDoor

PART = "recording"
MOST_REMEMBERED = 64
STILL_FRESH_S = 5.0


@dataclass(frozen=True)
class _Offer:
    """What the last detail said of a recording."""

    state: RecordingState
    address: Offered | None


class Recordings:
    """The recordings of one connection. ``now`` is the provider's time; ``hosts`` get the key."""

    def __init__(
        self,
        said: AddressedRecording | EndpointRecording | None,
        door: HttpDoor,
        door_to: media.KeyedDoor,
        hosts: frozenset[str],
        now: Callable[[], float],
    ) -> None:
        self._said = said
        self._door = door
        self._door_to = door_to
        self._hosts = hosts
        self._now = now
        self._offers: dict[str, _Offer] = {}

    def forget(self) -> None:
        """Hold no address any more."""
        self._offers.clear()

    def remember(self, session: Session, detail: Any) -> None:
        """What ``detail`` offers."""
        address = None
        if isinstance(self._said, AddressedRecording):
            address = media.offered(self._said, detail, now=self._now())
        self._offers.pop(session.session_id, None)
        self._offers[session.session_id] = _Offer(session.recording_state, address)
        while len(self._offers) > MOST_REMEMBERED:
            del self._offers[next(iter(self._offers))]

    def parts(self, session: Session) -> tuple[RecordingPart, ...]:
        """The one part there is, or none."""
        if self._said is None or session.recording_state is RecordingState.NONE:
            return ()
        offer = self._offers.get(session.session_id)
        dies = offer.address.expires_at if offer is not None and offer.address is not None else None
        part = RecordingPart(
            part_id=PART,
            sequence=0,
            start_ms=0,
            duration_ms=None,  # what an API tells is the call's length, not the file's
            mode=RecordingMode.BYTES if self._said.kind in ("bytes", "keyed") else RecordingMode.STREAM,
            mime=self._said.mime,
            expires_at=None if dies is None else datetime.fromtimestamp(dies, UTC),
            state=session.recording_state,
        )
        return (part,)

    async def door(
        self,
        session_id: str,
        part_id: str,
        *,
        ask: Callable[[str], Awaitable[None]],
        path: Callable[[str, str], str],
    ) -> RecordingDoor:
        """The bytes. ``ask`` asks for the detail anew, ``path`` fills a template. Raises NoRecordingError …"""
        said = self._said
        if part_id != PART or said is None:
            raise NotFoundError("The session has no such part of a recording.", "Open the session again.")
        offer = self._offers.get(session_id)
        if offer is None or offer.state is not RecordingState.AVAILABLE or not self._is_fresh(offer.address):
            await ask(session_id)
        offer = self._hearable(session_id)
        if isinstance(said, EndpointRecording):
            return await media.endpoint(self._door, said, path(said.path, session_id))
        address = _there(offer)
        if said.kind == "keyed":
            return media.keyed(said, address.address, hosts=self._hosts, door_to=self._door_to)

        async def renewed() -> Offered:
            await ask(session_id)
            return _there(self._hearable(session_id))

        return media.presigned(self._door, address, renewed)

    def _hearable(self, session_id: str) -> _Offer:
        offer = self._offers[session_id]
        if offer.state is RecordingState.NONE:
            raise NoRecordingError("The session has no recording.", "Its transcript can be read all the same.")
        if offer.state is RecordingState.GONE:
            raise GoneError("The recording was deleted at the provider.", "Its transcript can be read all the same.")
        if offer.state is RecordingState.PROCESSING:
            raise NotReadyError("The recording is not ready yet.", "Try again in a minute.")
        return offer

    def _is_fresh(self, address: Offered | None) -> bool:
        return address is None or address.expires_at is None or address.expires_at > self._now() + STILL_FRESH_S


def _there(offer: _Offer) -> Offered:
    if offer.address is None or not offer.address.address:
        raise NotReadyError("The recording is not ready yet.", "Try again in a minute.")
    return offer.address
