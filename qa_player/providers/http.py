"""The lines to the outside, made once for the whole program; a provider gets an `HttpDoor` for its base address.

httpx knows origins only: paths and queries go past it as a request target, so neither its log lines nor its exceptions
can hold them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qa_player.errors import KeyRefusedError, NetworkError, UsageError
from qa_player.model.secret import Secret
from qa_player.providers.addresses import Address, AddressError, Reach, parse_address
from qa_player.providers.door import HttpDoor, Refusal
from qa_player.providers.keys import FixedKeys, Keys, fits_a_header
from qa_player.providers.retry import Clock, Patience, SystemClock

if TYPE_CHECKING:
    import ssl

    import httpx

    from qa_player.providers.lines import Line

MOST_LINES = 32

Origin = tuple[str, str, int]


class Http:
    """All lines to the outside, for one event loop. ``proxy``: ``system``, ``off`` or an address.

    ``allowed_hosts`` may be private machines although only a provider's data names them, for every connection.
    """

    def __init__(
        self,
        proxy: str = "system",
        allowed_hosts: frozenset[str] = frozenset(),
        *,
        patience: Patience | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self.clock = clock or SystemClock()
        self._proxy = proxy
        self._allowed_hosts = allowed_hosts
        self._lines: dict[tuple[Origin, Reach], Line] = {}
        self._making = asyncio.Lock()
        self._tls: ssl.SSLContext | None = None
        self._not_before: dict[Origin, float] = {}
        self._closed = False

    def door(
        self,
        base_url: str,
        *,
        headers: Mapping[str, Secret] | Keys,
        allowed_hosts: frozenset[str],
        refusal: Refusal | None = None,
    ) -> HttpDoor:
        """The door to ``base_url``: ``headers`` are sent to that origin and to no other.

        ``refusal`` says what a status means where it is not what it usually does.

        Raises UsageError, KeyRefusedError.
        """
        refused = ""
        try:
            base = parse_address(base_url)
        except AddressError as error:
            refused = str(error)
        if refused:
            raise UsageError(
                f"The connection's address cannot be used: {refused}.",
                "Give an address that starts with https:// and holds no user name; plain http only on this machine.",
            )
        if isinstance(headers, Mapping):
            if not all(map(fits_a_header, headers.values())):
                raise KeyRefusedError("The key holds characters that no key has.", "Copy the key again.")
            headers = FixedKeys(headers)
        return HttpDoor(self, base, headers, self._allowed_hosts | allowed_hosts, refusal)

    async def aclose(self) -> None:
        """Give up every line; safe to call twice. What is asked afterwards raises NetworkError."""
        self._closed = True
        lines, self._lines = self._lines, {}
        for line in lines.values():
            await line.client.aclose()

    def pause_left_s(self, address: Address) -> float:
        """For how long the origin of ``address`` still wants to be left alone; 0 when it does not."""
        return max(0.0, self._not_before.get(address.origin, 0.0) - self.clock.monotonic())

    def keep_pause(self, address: Address, pause_s: float) -> None:
        """Leave the origin of ``address`` alone for ``pause_s``."""
        self._not_before[address.origin] = self.clock.monotonic() + pause_s

    async def client(self, address: Address, reach: Reach) -> httpx.AsyncClient:
        """The client of an origin, made when first needed. Raises UsageError for a bad proxy setting, NetworkError."""
        async with self._making:
            key = (address.origin, reach)
            if key not in self._lines and not self._closed:
                line = await asyncio.to_thread(self._make_line, address, reach)
                await self._make_room()
                self._lines[key] = line
            if self._closed:
                raise NetworkError("The program is closing.", "Start it again.")
            self._lines[key] = self._lines.pop(key)  # the most recently used is last
            return self._lines[key].client

    def _make_line(self, address: Address, reach: Reach) -> Line:
        from qa_player.providers import lines

        if self._tls is None:
            self._tls = lines.trusted_by_the_system()
        lines.silence()
        return lines.make_line(address, reach=reach, proxy=self._proxy, tls=self._tls)

    async def _make_room(self) -> None:
        for key, line in list(self._lines.items())[: max(0, len(self._lines) - MOST_LINES + 1)]:
            if line.is_idle:
                del self._lines[key]
                await line.client.aclose()
