"""What the cache needs of a provider: ranges of a recording's bytes, and a way to renew the address behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol


class Answer(Protocol):
    """One answer to a request for bytes; status and validators are judged by the cache, not by the provider.

    ``start`` is the first byte's place as the answer states it (0 for a 200; null when a 206 does not say), ``total``
    the whole length as stated or null, ``etag`` the strong validator or null, ``mime`` the stated content type,
    ``encoded`` whether a content encoding was applied in spite of being refused, ``retry_after`` the pause in seconds
    that a 429 or 503 asks for or null (a date is turned into seconds before). ``first_hand`` says that nobody stands
    between the recording and us, as for a file on this disk: what is odd about it stays odd. ``chunks`` yields raw
    body bytes once; it raises NetworkError when the body breaks off, and must be closed (``aclose``) when it is not
    read to its end.
    """

    @property
    def status(self) -> int: ...
    @property
    def start(self) -> int | None: ...
    @property
    def total(self) -> int | None: ...
    @property
    def etag(self) -> str | None: ...
    @property
    def mime(self) -> str | None: ...
    @property
    def encoded(self) -> bool: ...
    @property
    def retry_after(self) -> float | None: ...
    @property
    def first_hand(self) -> bool: ...
    @property
    def chunks(self) -> AsyncIterator[bytes]: ...
    async def aclose(self) -> None: ...


class RecordingSource(Protocol):
    """A recording behind whatever address it has just now.

    ``read`` asks for bytes ``start`` up to but not including ``end`` (null: to the end); ``validator`` is sent as
    ``If-Range``. It raises NetworkError when no answer came and never follows a redirect with a key.
    ``renew`` gets a fresh address; it raises the provider's own error (GoneError, NotFoundError, KeyRefusedError …).
    ``expires_at`` is when the address dies in seconds since the epoch, null when nothing says so; ``issued_at`` when it
    was made. Neither the address nor any part of it ever leaves the object.
    """

    @property
    def expires_at(self) -> float | None: ...
    @property
    def issued_at(self) -> float | None: ...
    async def read(self, start: int, end: int | None, validator: str | None) -> Answer: ...
    async def renew(self) -> None: ...
