"""Where the relay listens, and what it is called outside."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import ssl
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass

from qa_player.errors import QaPlayerError, UsageError

USUAL = "127.0.0.1:0"


@dataclass(frozen=True)
class Listening:
    """A host and a port; port 0 is any that is free."""

    host: str
    port: int

    @classmethod
    def at(cls, text: str) -> Listening:
        """From ``HOST:PORT``. Raises UsageError.

        >>> Listening.at("[::1]:8443")
        Listening(host='::1', port=8443)
        """
        found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})", text.strip())
        if found is None or int(found[3]) > 65_535:
            raise UsageError("This is not a place to listen at.", "Give HOST:PORT, as in 127.0.0.1:8443.")
        return cls(found[1] or found[2], int(found[3]))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can dial it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    def allows(self, *, encrypted: bool) -> None:
        """Raises UsageError for a port that others can dial and anybody on the way can read."""
        if not self.is_loopback and not encrypted:
            raise UsageError(
                "Away from this machine calls are only received encrypted.",
                "Give a certificate with --tls-cert and --tls-key, or listen on 127.0.0.1 behind a tunnel.",
            )

    async def open(
        self,
        met: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None],
        *,
        tls: ssl.SSLContext | None,
        limit: int,
    ) -> asyncio.Server:
        """The open port. Raises UsageError."""
        handshake = {} if tls is None else {"ssl_handshake_timeout": 10.0, "ssl_shutdown_timeout": 1.0}
        error: QaPlayerError
        try:
            return await asyncio.start_server(met, self.host, self.port, limit=limit, ssl=tls, backlog=256, **handshake)
        except OSError:
            error = UsageError("The relay cannot listen there.", "Another program may be; choose another port.")
        raise error

    def text(self, port: int) -> str:
        """``HOST:PORT`` as addresses spell it."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"

    def hosts(self, port: int) -> frozenset[str]:
        """What a tunnel on this machine may put into ``Host``."""
        if not self.is_loopback:
            return frozenset()
        return frozenset({self.text(port), f"localhost:{port}", f"127.0.0.1:{port}"})


@dataclass(frozen=True)
class Outside:
    """The relay's address as a carrier dials it: ``https://host[:port][/path]``, without a slash at its end."""

    url: str
    host: str

    @classmethod
    def named(cls, text: str) -> Outside:
        """From an address as a person gives it; ``wss`` is taken for ``https``. Raises UsageError.

        >>> Outside.named("wss://calls.example.org/qa/").url
        'https://calls.example.org/qa'
        """
        try:
            parts = urllib.parse.urlsplit(text.strip())
            scheme = {"wss": "https", "ws": "http"}.get(parts.scheme, parts.scheme)
            plain = parts.hostname is not None and not parts.query and not parts.fragment and "@" not in parts.netloc
            known = re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc) and re.fullmatch(r"[!-~]*", parts.path)
            port = parts.port
        except ValueError:
            plain, scheme, known, port = False, "", None, None
        if not plain or not known or scheme not in ("https", "http"):
            raise UsageError("The public address cannot be used.", "Give it as https://host, with a path or without.")
        if scheme == "http" and not Listening(parts.hostname or "", port or 80).is_loopback:
            raise UsageError("The public address is not encrypted.", "Give one that begins with https:// or wss://.")
        return cls(f"{scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}", parts.netloc.lower())

    @property
    def is_loopback(self) -> bool:
        """Whether it names this machine."""
        return Listening(urllib.parse.urlsplit(self.url).hostname or "", 0).is_loopback

    @property
    def hosts(self) -> frozenset[str]:
        """The spellings of ``Host`` that name it."""
        usual = ":443" if self.url.startswith("https") else ":80"
        return frozenset({self.host, self.host.removesuffix(usual), f"{self.host.removesuffix(usual)}{usual}"})
