"""Recordings behind presigned addresses: ranges of raw bytes, no key ever, and what a refusal by the storage means."""

from __future__ import annotations

import contextlib
import enum
import re
import urllib.parse
from collections.abc import Awaitable, Callable
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
from qa_player.providers.retry import Setback, patiently
from qa_player.providers.statuses import error_of, rate_limited

if TYPE_CHECKING:
    import httpx

    from qa_player.providers.http import HttpDoor

LARGEST_REFUSAL = 4 * 1024
"""How much of a refusal is read to learn its code; nothing else of it is kept."""


class Refusal(enum.Enum):
    """Why a storage refused a presigned address."""

    EXPIRED = "expired"
    SIGNATURE = "signature"
    DENIED = "denied"
    UNKNOWN = "unknown"


class PresignedRecording:
    """Fits ``media.source.RecordingSource``: one object behind whatever presigned address it has just now.

    ``renewed`` asks the provider for a fresh address. Two refusals in a row end it: a fresh address that is refused
    too will not be mended by a third. The address is neither printed nor kept anywhere else.
    """

    def __init__(self, door: HttpDoor, address: Secret, *, renewed: Callable[[], Awaitable[Secret]]) -> None:
        self._door = door
        self._renewed = renewed
        self._address = usable(address)
        self._refusals: list[Refusal] = []

    @property
    def expires_at(self) -> float | None:
        """When the address dies, in seconds since the epoch by this machine's clock; null when it does not say."""
        return self._here(signed_span(self._address.target)[1])

    @property
    def issued_at(self) -> float | None:
        """When the address was made, likewise."""
        return self._here(signed_span(self._address.target)[0])

    async def read(self, start: int, end: int | None, validator: str | None) -> MediaAnswer:
        """Bytes ``start`` up to, not including, ``end`` (null: to the end). Raises NetworkError and its kinds."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        headers["Range"] = f"bytes={start}-" if end is None else f"bytes={start}-{end - 1}"
        if validator is not None:
            headers["If-Range"] = validator
        address = self._address

        async def attempt(_seconds_left: float) -> httpx.Response | Setback:
            return await self._attempt(address, headers)

        response = await patiently(attempt, patience=self._door.http.patience, clock=self._door.http.clock)
        if response.status_code in (200, 206):
            self._refusals.clear()
        elif response.status_code in (400, 401, 403):
            self._refusals.append(await _why(response))
        return _answer(response)

    async def renew(self) -> None:
        """Get a fresh address. Raises the provider's error, or ours when renewing is not what is missing."""
        self._stop_if_useless()
        self._address = usable(await self._renewed())

    async def _attempt(self, address: Address, headers: dict[str, str]) -> httpx.Response | Setback:
        """Only a pause that the storage asks for is waited out here; all else is for the cache to judge."""
        left = self._door.http.pause_left_s(address)
        if left > 0:
            return Setback(rate_limited(left), left)
        outcome = await self._door.exchange(address, headers, keyed=False)
        if isinstance(outcome, Setback):
            raise outcome.error
        pause_s = self._door.pause_asked_s(outcome)
        if pause_s is None:
            return outcome
        self._door.http.keep_pause(address, pause_s)
        await outcome.aclose()
        return Setback(error_of(outcome.status_code, pause_s=pause_s), pause_s)

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
    from qa_player.providers.bodies import whole

    said = await whole(response, largest=LARGEST_REFUSAL)
    await response.aclose()
    body = said[:LARGEST_REFUSAL] if isinstance(said, bytes) else b""
    code = re.search(rb"<Code>\s*(\w{1,60})\s*</Code>", body)
    word = code[1] if code is not None else b""
    if word in (b"ExpiredToken", b"RequestExpired", b"TokenRefreshRequired") or re.search(rb"(?i)expired", body):
        return Refusal.EXPIRED
    if word in (b"SignatureDoesNotMatch", b"AuthorizationQueryParametersError", b"RequestTimeTooSkewed"):
        return Refusal.SIGNATURE
    return Refusal.DENIED if word else Refusal.UNKNOWN


def _answer(response: httpx.Response) -> MediaAnswer:
    from qa_player.providers.bodies import in_pieces

    stated = re.fullmatch(
        r"bytes (?:([0-9]{1,18})-[0-9]{1,18}|\*)/([0-9]{1,18}|\*)", response.headers.get("content-range", "").strip()
    )
    start, total = (stated[1], stated[2]) if stated is not None else (None, None)
    encoding = response.headers.get("content-encoding", "").strip().lower()
    encoded = encoding not in ("", "identity")
    length = response.headers.get("content-length", "")
    if stated is None and response.status_code == 200:
        start = "0"
        total = length if re.fullmatch("[0-9]{1,18}", length) and not encoded else None
    etag = response.headers.get("etag", "").strip()
    chunks = in_pieces(response)

    async def close() -> None:
        with contextlib.suppress(RuntimeError):  # somebody is waiting for a piece just now; the line is closed below
            await chunks.aclose()
        await response.aclose()

    return MediaAnswer(
        status=response.status_code,
        start=None if start is None else int(start),
        total=None if total in (None, "*") else int(total or 0),
        # a weak validator does not promise the same bytes (RFC 9110, 8.8.1)
        etag=etag if re.fullmatch(r'"[\x21\x23-\x7e]{0,500}"', etag) else None,
        mime=response.headers.get("content-type"),
        encoded=encoded,
        chunks=chunks,
        close=close,
    )
