"""Recordings behind presigned addresses: ranges of raw bytes, no key ever, and what a refusal by the storage means."""

from __future__ import annotations

import enum
import re
import urllib.parse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qa_player.errors import (
    AddressExpiredError,
    NotFoundError,
    UnexpectedAnswerError,
)
from qa_player.model.secret import Secret
from qa_player.providers.addresses import Address, AddressError, parse_address
from qa_player.providers.base import MediaAnswer
from qa_player.providers.media_answers import answer_of, ask_bytes, bytes_wanted, first_bytes

if TYPE_CHECKING:
    import httpx

    from qa_player.providers.door import HttpDoor


class Refusal(enum.Enum):
    """Why a storage refused a presigned address."""

    EXPIRED = "expired"
    SIGNATURE = "signature"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Offered:
    """An address as a provider gave it, and what it told of its life: seconds since the epoch by its own clock."""

    address: Secret
    issued_at: float | None = None
    expires_at: float | None = None


class PresignedRecording:
    """Fits ``media.source.RecordingSource``: one object behind whatever presigned address it has just now.

    ``renewed`` asks the provider for a fresh address. Two refusals in a row end it: a fresh address that is refused
    too will not be mended by a third. The address is neither printed nor kept anywhere else.
    """

    def __init__(
        self, door: HttpDoor, address: Secret | Offered, *, renewed: Callable[[], Awaitable[Secret | Offered]]
    ) -> None:
        self._door = door
        self._renewed = renewed
        self._refusals: list[Refusal] = []
        self._take(address)

    @property
    def expires_at(self) -> float | None:
        """When the address dies, in seconds since the epoch by this machine's clock; null when nothing says so."""
        return self._here(self._span[1])

    @property
    def issued_at(self) -> float | None:
        """When the address was made, likewise."""
        return self._here(self._span[0])

    async def read(self, start: int, end: int | None, validator: str | None) -> MediaAnswer:
        """Bytes ``start`` up to, not including, ``end`` (null: to the end). Raises NetworkError and its kinds."""
        headers = bytes_wanted(start, end, validator)
        response = await ask_bytes(self._door, self._address, headers, keyed=False)
        if response.status_code in (200, 206):
            self._refusals.clear()
        elif response.status_code in (400, 401, 403):
            self._refusals.append(await _why(response))
        return answer_of(response, self._door)

    async def renew(self) -> None:
        """Get a fresh address. Raises the provider's error, or ours when renewing is not what is missing."""
        self._stop_if_useless()
        self._take(await self._renewed())

    def _take(self, offered: Secret | Offered) -> None:
        if isinstance(offered, Secret):
            offered = Offered(offered)
        self._address = usable(offered.address)
        issued_at, expires_at = signed_span(self._address.target)
        # what is signed counts before what is told beside it
        self._span = (issued_at, expires_at) if expires_at is not None else (offered.issued_at, offered.expires_at)

    def _stop_if_useless(self) -> None:
        refusals = self._refusals
        if not refusals:
            return
        expires_at = self.expires_at
        alive = expires_at is not None and self._door.http.clock.time() < expires_at
        if refusals[-1] is Refusal.DENIED and (alive or len(refusals) > 1):
            raise NotFoundError(
                "The storage does not let this recording be read.", "Ask the provider who may hear recordings."
            )
        if len(refusals) < 2:
            return
        if refusals[-1] is Refusal.SIGNATURE:
            raise AddressExpiredError(
                "The storage refused the signature of a fresh address.",
                "Check this computer's clock, and whether a proxy changes addresses on the way.",
            )
        raise AddressExpiredError(
            "The storage refused a fresh address, too.", "Check this computer's clock and try again later."
        )

    def _here(self, theirs: float | None) -> float | None:
        return None if theirs is None else theirs + self._door.clock_ahead_s


def usable(address: Secret) -> Address:
    """The address a provider gave for a recording; raises UnexpectedAnswerError for one that is not used."""
    parsed = _parsed(address)
    if isinstance(parsed, Address):
        return parsed
    raise UnexpectedAnswerError(
        f"The provider gave an address for the recording that is not used: {parsed}.", "Report it to the provider."
    )


def _parsed(address: Secret) -> Address | str:
    try:
        return parse_address(address.reveal())
    except AddressError as refused:
        return str(refused)


def signed_span(target: str) -> tuple[float | None, float | None]:
    """When a presigned address was made and when it dies (``X-Amz-Date`` and ``X-Amz-Expires``), by its maker's clock.

    >>> signed_span("/a?X-Amz-Date=19700101T000010Z&X-Amz-Expires=900")
    (10.0, 910.0)
    >>> signed_span("/a?X-Amz-Date=yesterday")
    (None, None)
    """
    query = urllib.parse.parse_qs(target.partition("?")[2])
    try:
        made = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except (KeyError, ValueError):
        return None, None
    lasts = query.get("X-Amz-Expires", [""])[0]
    return made, made + int(lasts) if re.fullmatch("[0-9]{1,9}", lasts) else None


async def _why(response: httpx.Response) -> Refusal:
    body = await first_bytes(response)
    code = re.search(rb"<Code>\s*(\w{1,60})\s*</Code>", body)
    word = code[1] if code is not None else b""
    if word in (b"ExpiredToken", b"RequestExpired", b"TokenRefreshRequired") or re.search(rb"(?i)expired", body):
        return Refusal.EXPIRED
    if word in (b"SignatureDoesNotMatch", b"AuthorizationQueryParametersError", b"RequestTimeTooSkewed"):
        return Refusal.SIGNATURE
    return Refusal.DENIED if word else Refusal.UNKNOWN
