"""A relay with both carriers' stand-ins beside it, and ways to dial it: as the carrier, and as anybody else."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

from parts.desk import Desk
from qa_player.demo.carrier import PLIVO, VOBIZ, CallSound, Carrier, Change, Dialect, Stream
from qa_player.demo.phone_server import PhoneServer
from qa_player.demo.plivo import PlivoApi
from qa_player.demo.vobiz import VobizApi
from qa_player.model.live import Invitation, RelayPlace, StreamWish
from qa_player.model.secret import Secret

TOKEN = "tok-of-the-account"
ACCOUNTS = {"vobiz": "MA_TEST0042", "plivo": "MATEST00000000000042"}
DIALECTS: Mapping[str, Dialect] = {"vobiz": VOBIZ, "plivo": PLIVO}


@contextmanager
def carriers() -> Iterator[dict[str, PhoneServer]]:
    """Both vendors' stand-ins; no bug may have been caught in them."""
    with (
        PhoneServer("vobiz", VobizApi((), ACCOUNTS["vobiz"], TOKEN)) as vobiz,
        PhoneServer("plivo", PlivoApi((), ACCOUNTS["plivo"], TOKEN)) as plivo,
    ):
        for server in (vobiz, plivo):
            server.telephone.streaming.carrier.speed = 0
        yield {"vobiz": vobiz, "plivo": plivo}
        assert vobiz.bugs == plivo.bugs == ()


class Switchboard:
    """``desk`` with a connection to each carrier, by its name, and its relay running."""

    def __init__(self, desk: Desk, servers: Mapping[str, PhoneServer]) -> None:
        self.desk = desk
        self.servers = servers
        self.place = RelayPlace("", "")
        self._threads = ThreadPoolExecutor(32, "carrier")

    async def open(self, **options: object) -> None:
        for name, server in self.servers.items():
            await self.desk.connections.add(
                name=name,
                provider=name,
                base_url=server.base_url,
                options={"auth_id": ACCOUNTS[name]},
                key=Secret(TOKEN),
            )
        self.place = await self.desk.live.serve(**options)  # type: ignore[arg-type]

    async def expect(self, call_id: str, provider: str = "vobiz", **wish: object) -> Invitation:
        return await self.desk.live.expect(provider, call_id, StreamWish(**wish))  # type: ignore[arg-type]

    async def call(
        self,
        invitation: Invitation,
        call_id: str,
        sound: CallSound,
        *,
        provider: str = "vobiz",
        change: Change = iter,
        speed: float = 0,
        stop: threading.Event | None = None,
        heard: Callable[[str], None] | None = None,
    ) -> None:
        """Dial as the carrier does, and send to the end; ``heard`` gets what the relay says."""
        carrier = Carrier(DIALECTS[provider], TOKEN, speed=speed)
        stream = Stream(call_id, f"stream-of-{call_id}", "MA", invitation.service_url, invitation.status_callback_url)
        send = partial(carrier.send, stream, sound, change=change, stop=stop, heard=heard)
        # not the loop's own threads: sixteen calls would leave none to the relay, which a carrier elsewhere does not
        await asyncio.get_running_loop().run_in_executor(self._threads, send)

    def close(self) -> None:
        self._threads.shutdown()

    async def knock(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        method: str = "GET",
        upgrade: bool = True,
        body: bytes = b"",
    ) -> int:
        """The status that a request gets; 101 when it was let in."""
        parts = urlsplit(address)
        host, _, port = self.place.listening.rpartition(":")
        told = {"Host": parts.netloc, **(UPGRADE if upgrade else {}), **headers}
        if body:
            told |= {"Content-Length": str(len(body)), "Content-Type": "application/x-www-form-urlencoded"}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items())
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        try:
            writer.write(head.encode("latin-1") + b"\r\n" + body)
            line = await asyncio.wait_for(reader.readline(), 15)
            return int(line.split()[1]) if line else 0
        except ConnectionError:
            return 0
        finally:
            writer.close()


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
}


def signed(base: str, provider: str = "vobiz", *, token: str = TOKEN, nonce: str | None = None) -> dict[str, str]:
    """The headers of a signature over ``base``, which is the address as the vendor covers it."""
    nonce = nonce or secrets.token_hex(10)
    made = hmac.new(token.encode(), f"{base}.{nonce}".encode(), hashlib.sha256).digest()
    header = f"X-{provider.capitalize()}-Signature-V3"
    return {header: base64.b64encode(made).decode(), f"{header}-Nonce": nonce}
