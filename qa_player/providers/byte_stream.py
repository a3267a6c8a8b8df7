"""Recordings that come as a plain stream of bytes from the provider itself, with the connection's key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qa_player.errors import QaPlayerError
from qa_player.providers.base import MediaAnswer
from qa_player.providers.media_answers import answer_of, ask_bytes, bytes_wanted, first_bytes
from qa_player.providers.statuses import error_of

if TYPE_CHECKING:
    from qa_player.providers.door import HttpDoor

_BROUGHT = frozenset({200, 206, 416})
_SAID_ONCE = frozenset({400, 401, 402, 403, 404, 410, 422, 451})
"""Statuses that asking again at once would not change: there is no address here that could be renewed."""


class StreamedRecording:
    """Fits ``media.source.RecordingSource``: one object at ``path``. Ranges are asked for; a server need not know them.

    ``refused`` turns a status and the beginning of its body into the vendor's own error; null where it has none.
    """

    def __init__(self, door: HttpDoor, path: str, *, refused: Callable[[int, bytes], QaPlayerError | None]) -> None:
        self._door = door
        self._path = path
        self._refused = refused

    @property
    def expires_at(self) -> float | None:
        """Never: the key is what opens it."""
        return None

    @property
    def issued_at(self) -> float | None:
        """Nothing was issued."""
        return None

    async def read(self, start: int, end: int | None, validator: str | None) -> MediaAnswer:
        """Bytes ``start`` up to, not including, ``end``. Raises the vendor's error, KeyRefusedError, NetworkError …"""
        headers = bytes_wanted(start, end, validator)
        response = await ask_bytes(self._door, self._door.address(self._path), headers, keyed=True)
        self._door.note_clock(response)
        status = response.status_code
        if status in _BROUGHT:
            return answer_of(response, self._door)
        error = self._refused(status, await first_bytes(response))
        if error is not None or status in _SAID_ONCE:
            raise error or error_of(status)
        return answer_of(response, self._door)

    async def renew(self) -> None:
        """Nothing to renew."""
