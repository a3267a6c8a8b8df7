"""A line to a relay elsewhere, as its listener: encrypted away from this machine, and silent about its key."""

from __future__ import annotations

import asyncio
import ssl
import urllib.parse
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from qa_player.errors import KeyRefusedError, NetworkError, QaPlayerError
from qa_player.live.line import silent
from qa_player.live.place import Outside
from qa_player.live.wire import BEAT_S, LARGEST_MESSAGE, Ask, Here, Told, spelled, told
from qa_player.model.secret import Secret

OPEN_S = 10.0
LOST_S = 3 * BEAT_S
PINGED_EVERY_S = 5.0
PROXIES = {"off": None, "system": True}


@dataclass(frozen=True)
class Dialled:
    """Where to dial. ``url`` is the relay's public address; ``at`` another ``HOST:PORT`` on which it is met.

    ``certificate`` is the one that is taken (PEM), whoever made it and whatever name it has; without it ``tls`` says
    what is trusted. ``proxy``: ``system``, ``off`` or an address.
    """

    url: str
    key: Secret = field(repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    at: str | None = None
    certificate: str | None = None
    proxy: str = "off"

    @property
    def outside(self) -> Outside:
        """The address, checked. Raises UsageError: it is not encrypted, or is none."""
        return Outside.named(self.url)


class Hearing:
    """An open line: `said` gives what the relay says, `ask` asks it."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._beating = asyncio.create_task(self._beat(), name="listening to a relay")

    @classmethod
    async def opened(cls, dialled: Dialled) -> Hearing:
        """Dial. Raises UsageError, KeyRefusedError, NetworkError."""
        error: QaPlayerError
        try:
            async with asyncio.timeout(OPEN_S):
                line = await _Straight(_address(dialled), **_how(dialled))
            return cls(line)
        except InvalidStatus as refused:
            if refused.response.status_code == 403:
                error = KeyRefusedError("The relay lets nobody listen with this key.", "Ask for a new key there.")
            else:
                error = NetworkError("What answers at that address is no relay.", "Check the relay's address.")
        except ssl.SSLError:
            error = NetworkError("The relay's certificate is not one that is trusted.", "Check the relay's address.")
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, EOFError, ValueError):
            error = NetworkError("The relay cannot be reached.", "Check its address, and that it runs.")
        raise error

    @property
    def way_ms(self) -> float:
        """How long a message takes one way, as the last ping had it; 0 before the first."""
        return self._line.latency * 500

    async def said(self) -> AsyncIterator[Told]:
        """What the relay says, until it hangs up. Raises NetworkError, UnexpectedAnswerError."""
        while True:
            try:
                async with asyncio.timeout(LOST_S):
                    message = await self._line.recv()
            except (ConnectionClosed, OSError, TimeoutError):
                return
            yield told(message)

    async def ask(self, ask: Ask) -> None:
        """Ask the relay; nothing happens on a line that is lost, `said` tells of it."""
        try:
            await self._line.send(spelled(ask))
        except (ConnectionClosed, OSError):
            return

    async def aclose(self) -> None:
        """Hang up."""
        self._beating.cancel()
        await asyncio.gather(self._beating, return_exceptions=True)
        await self._line.close()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self.ask(Here())


class _Straight(connect):
    """A redirect is no answer: the key goes to the host that was agreed to and to no other."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _address(dialled: Dialled) -> str:
    return f"{dialled.outside.url.replace('http', 'ws', 1)}/listen"


def _how(dialled: Dialled) -> dict[str, Any]:
    how: dict[str, Any] = {
        "additional_headers": {"Authorization": f"Bearer {dialled.key.reveal()}"},
        "compression": None,
        "user_agent_header": None,
        "open_timeout": OPEN_S,
        "close_timeout": 1.0,
        "ping_interval": PINGED_EVERY_S,
        "max_size": LARGEST_MESSAGE,
        "max_queue": 8,
        "logger": silent,
        "proxy": None if dialled.outside.is_loopback else PROXIES.get(dialled.proxy, dialled.proxy),
    }
    if dialled.outside.url.startswith("https"):
        how["ssl"] = dialled.tls if dialled.certificate is None else _of_one(dialled.certificate)
    if dialled.at is not None:
        met = urllib.parse.urlsplit(f"//{dialled.at}")
        how |= {"host": met.hostname, "port": met.port, "proxy": None}
    return how


def _of_one(certificate: str) -> ssl.SSLContext:
    """For a relay of this home, whose certificate is known: no other is spoken to, and a key never gets there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    return context
