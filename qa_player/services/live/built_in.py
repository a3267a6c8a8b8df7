"""The connection whose sessions are captured calls: there without anybody having added it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qa_player.model.connection import Connection
from qa_player.services.live.captures import CONNECTION

if TYPE_CHECKING:
    from qa_player.services.live.service import Live
    from qa_player.services.live.sessions import CapturedCalls


class CapturedConnection:
    """Fits ``connections.BuiltIn``; the service it stands for is made after the connections are."""

    name = CONNECTION

    def __init__(self, live: Callable[[], Live]) -> None:
        self._live = live

    def connection(self) -> Connection:
        """Its value."""
        return self._live().captures.connection()

    def make(self) -> CapturedCalls:
        """Its provider."""
        from qa_player.services.live.sessions import CapturedCalls

        return CapturedCalls(self._live().captures)
