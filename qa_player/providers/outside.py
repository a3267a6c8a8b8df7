"""What a door needs of the lines to the outside that it was made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qa_player.providers.addresses import Address, Reach
from qa_player.providers.retry import Clock, Patience

if TYPE_CHECKING:
    import httpx


class Outside(Protocol):
    """Its clock and patience, one client for each origin, and which origins want to be left alone."""

    @property
    def patience(self) -> Patience: ...

    @property
    def clock(self) -> Clock: ...

    def pause_left_s(self, address: Address) -> float:
        """For how long the origin of ``address`` still wants to be left alone; 0 when it does not."""

    def keep_pause(self, address: Address, pause_s: float) -> None:
        """Leave the origin of ``address`` alone for ``pause_s``."""

    async def client(self, address: Address, reach: Reach) -> httpx.AsyncClient:
        """The client of an origin. Raises UsageError for a bad proxy setting, NetworkError."""
