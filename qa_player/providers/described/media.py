"""The bytes of a recording, by whichever way a description names: two kinds of address and two of endpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from qa_player.errors import UnexpectedAnswerError
from qa_player.model.secret import Secret
from qa_player.providers.addresses import Address, AddressError, follow
from qa_player.providers.base import RecordingDoor
from qa_player.providers.byte_stream import StreamedRecording
from qa_player.providers.described.fields import AddressedRecording, EndpointRecording
from qa_player.providers.described.paths import first
from qa_player.providers.described.refusals import refusal
from qa_player.providers.described.units import milliseconds
from qa_player.providers.door import Refusal
from qa_player.providers.presigned import Offered, PresignedRecording, signed_span, usable
from qa_player.providers.retry import Setback, patiently
from qa_player.providers.statuses import AGAIN, REDIRECTS, error_of, not_as_promised

if TYPE_CHECKING:
    from qa_player.providers.door import HttpDoor

KeyedDoor = Callable[[str], "HttpDoor"]
"""The door with the keys to the origin that an address names."""


def offered(recording: AddressedRecording, detail: Any, *, now: float) -> Offered:
    """The address in a detail; one that is no text is empty. ``now`` is the provider's time, in seconds."""
    address = first(detail, recording.address)
    text = address if isinstance(address, str) else ""
    issued_at, expires_at = signed_span(text)
    if expires_at is None and recording.expires_at is not None:
        told = milliseconds(first(detail, recording.expires_at.path), recording.expires_at.unit)
        issued_at, expires_at = now, None if told is None else told / 1_000
    if expires_at is None and recording.life_s is not None:
        issued_at, expires_at = now, now + recording.life_s
    return Offered(Secret(text), issued_at=issued_at, expires_at=expires_at)


async def endpoint(door: HttpDoor, recording: EndpointRecording, path: str) -> RecordingDoor:
    """The recording at a place of the API; a redirect is asked for once, and again when what it led to dies."""

    def refused(status: int, said: bytes = b"") -> Any:
        del said
        return refusal(status, recording.errors)

    if recording.kind == "bytes":
        return StreamedRecording(door, path, refused=refused)
    led_to = await _location(door, path, refused)
    if led_to is None:
        return StreamedRecording(door, path, refused=refused)

    async def renewed() -> Secret:
        again = await _location(door, path, refused)
        if again is None:
            raise not_as_promised("it redirected before and does no more")
        return again

    return PresignedRecording(door, led_to, renewed=renewed)


def presigned(door: HttpDoor, offer: Offered, renewed: Callable[[], Awaitable[Offered]]) -> RecordingDoor:
    """The recording behind an address that gets no key."""
    return PresignedRecording(door, offer, renewed=renewed)


def keyed(
    recording: AddressedRecording, address: Secret, *, hosts: frozenset[str], door_to: KeyedDoor
) -> RecordingDoor:
    """The recording behind an address that wants the key, which only ``hosts`` (with their ports) get."""
    where = usable(address)
    if named(where) not in hosts:
        raise UnexpectedAnswerError(
            "The recording is on a host that does not get the key.",
            "If it is the provider's, name it under hosts in the description.",
        )
    door = door_to(where.root)
    return StreamedRecording(door, where.target, refused=lambda status, _: refusal(status, recording.errors))


def named(address: Address) -> str:
    """An address's host as descriptions name hosts: with its port where that is not the usual one."""
    return address.host if address.port in (80, 443) else f"{address.host}:{address.port}"


async def _location(door: HttpDoor, path: str, refused: Refusal) -> Secret | None:
    """Where the redirect at ``path`` leads; null when the recording itself is answered there."""
    address = door.address(path)

    async def attempt(_seconds_left: float) -> Address | Setback | None:
        outcome = await door.exchange(address, {"Accept": "*/*", "Range": "bytes=0-0"}, keyed=True, follow=False)
        if isinstance(outcome, Setback):
            return outcome
        await outcome.aclose()
        door.note_clock(outcome)
        status, location = outcome.status_code, outcome.extensions["qa_player_location"]
        if status in REDIRECTS and location is not None:
            return _ahead(address, location)
        if status in (200, 206):
            return None
        error = refused(status) or error_of(status, pause_s=door.pause_asked_s(outcome))
        if status in AGAIN:
            return Setback(error, door.pause_asked_s(outcome))
        raise error

    ahead = await patiently(attempt, patience=door.http.patience, clock=door.http.clock)
    return None if ahead is None else Secret(ahead.whole)


def _ahead(address: Address, location: str) -> Address:
    try:
        return follow(address, location)
    except AddressError:
        pass
    raise not_as_promised("it redirects to an address that is not used")
