"""What a connection is that nobody adds: there from the start, with neither a key nor a network behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qa_player.model.connection import Connection

if TYPE_CHECKING:
    from qa_player.providers.base import Provider


class BuiltIn(Protocol):
    """Its value, whose name and provider are the name it is known by, and the provider behind it."""

    def connection(self) -> Connection: ...
    def make(self) -> Provider: ...
