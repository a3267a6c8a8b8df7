"""Recordings at a vendor's own media hosts, which ask for the connection's key, always or when they like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from qa_player.errors import KeyRefusedError, NotReadyError
from qa_player.model.secret import Secret
from qa_player.providers.base import MediaAnswer
from qa_player.providers.media_answers import answer_of, ask_bytes, bytes_wanted
from qa_player.providers.presigned import usable

if TYPE_CHECKING:
    from qa_player.providers.door import HttpDoor


class KeyedRecording:
    """Fits ``media.source.RecordingSource``: one object at the address the vendor told last.

    The key goes along where the door lets it (its origin and the vendor's domains): from the first request on, or with
    ``key_when_asked`` only after a 401. ``renewed`` asks for the address anew; ``is_young`` says whether a recording
    that is not there yet may still come.
    """

    def __init__(
        self,
        door: HttpDoor,
        address: Secret,
        *,
        key_when_asked: bool,
        renewed: Callable[[], Awaitable[Secret]],
        is_young: Callable[[], bool],
    ) -> None:
        self._door = door
        self._address = usable(address)
        self._keyed = not key_when_asked
        self._renewed = renewed
        self._is_young = is_young
        self._refusals = 0
        self._missing = False

    @property
    def expires_at(self) -> float | None:
        """Nothing says when the address dies."""
        return None

    @property
    def issued_at(self) -> float | None:
        """Nothing says when it was made."""
        return None

    async def read(self, start: int, end: int | None, validator: str | None) -> MediaAnswer:
        """Bytes ``start`` up to, not including, ``end`` (null: to the end). Raises NetworkError and its kinds."""
        wanted = bytes_wanted(start, end, validator)
        response = await ask_bytes(self._door, self._address, wanted, keyed=self._keyed)
        if response.status_code == 401 and not self._keyed:
            await response.aclose()
            self._keyed = True
            response = await ask_bytes(self._door, self._address, wanted, keyed=True)
        self._missing = response.status_code == 404
        if response.status_code in (401, 403):
            self._refusals += 1
        elif response.status_code in (200, 206):
            self._refusals = 0
        return answer_of(response, self._door)

    async def renew(self) -> None:
        """Ask for the address anew. Raises the provider's error, or ours when another address would not help."""
        if self._refusals > 1:
            raise KeyRefusedError(
                "The host of the recording refused the key.",
                "Check who may hear recordings; a subaccount's recordings need the subaccount's own key.",
            )
        if self._missing and self._is_young():
            raise NotReadyError("The recording is still on its way to where it is kept.", "Try again in a minute.")
        self._address = usable(await self._renewed())
