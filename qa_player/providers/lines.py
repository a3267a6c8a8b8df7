"""Lines to one origin each: an httpx client that knows the origin and nothing of what is asked there.

Loaded when the first request is made, in a thread: httpx and the system's certificates take a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.cookiejar
import ipaddress
import logging
import re
import ssl
import urllib.request
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import httpcore
import httpx
import truststore

from qa_player import __version__
from qa_player.errors import UsageError
from qa_player.providers.addresses import Address, Reach, is_loopback, may_reach
from qa_player.providers.places import PlaceRefusedError, UnknownHostError, resolve

NEXT_ADDRESS_AFTER_S = 0.25
"""How long one address of a host has before the next is tried beside it (RFC 8305)."""


TARGET = "qa_player_target"
LOCATION = "qa_player_location"
"""Extensions of a request and of its answer: path and query asked for, and where a redirect leads."""


class Line(NamedTuple):
    """A client and its pool."""

    client: httpx.AsyncClient
    pool: httpcore.AsyncConnectionPool

    @property
    def is_idle(self) -> bool:
        """Whether nothing is going on, so that it may be closed."""
        return all(connection.is_idle() or connection.is_closed() for connection in self.pool.connections)


def trusted_by_the_system() -> ssl.SSLContext:
    """Certificates are checked as the system does it: a company's own root is trusted if the system trusts it."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def make_line(address: Address, *, reach: Reach, proxy: str, tls: ssl.SSLContext) -> Line:
    """A line to the origin of ``address``. Follows nothing, keeps no cookie, reads no environment."""
    pool = _pool(proxy_for(address, proxy), reach=reach, tls=tls)
    no_cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    client = httpx.AsyncClient(
        transport=_Transport(pool),
        headers={"User-Agent": f"QA-Player/{__version__}"},
        cookies=no_cookies,
        follow_redirects=False,
        trust_env=False,
    )
    return Line(client, pool)


def proxy_for(address: Address, setting: str) -> str | None:
    """The proxy to ask for ``address`` under the setting (``system``, ``off`` or an address); never for loopback."""
    if setting == "off" or is_loopback(address.host):
        return None
    if setting != "system":
        return setting
    named = urllib.request.getproxies()
    if urllib.request.proxy_bypass(address.host):
        return None
    return named.get(address.scheme) or named.get("all") or None


def silence() -> None:
    """Keep httpx and httpcore from logging: what they log names what was asked."""
    for name in [*logging.root.manager.loggerDict, "httpx", "httpcore"]:
        if name.partition(".")[0] in ("httpx", "httpcore"):
            logger = logging.getLogger(name)
            logger.setLevel(logging.CRITICAL + 1)
            logger.propagate = False


def _pool(via: str | None, *, reach: Reach, tls: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
    limits: dict[str, Any] = {"max_connections": 8, "max_keepalive_connections": 4, "keepalive_expiry": 30.0}
    if via is None:
        return httpcore.AsyncConnectionPool(ssl_context=tls, network_backend=_CheckedConnections(reach), **limits)
    try:
        proxy = httpx.Proxy(via if "://" in via else f"http://{via}")
        fits = proxy.url.scheme in ("http", "https") and re.fullmatch(r"[\w.:-]+", proxy.url.host) is not None
    except (httpx.InvalidURL, ValueError):
        fits = False
    if not fits:
        raise UsageError(
            "The proxy setting is not the address of an http proxy.",
            "Set the proxy to system, off or http://host:port.",
        )
    return httpcore.AsyncHTTPProxy(
        proxy_url=httpcore.URL(
            scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=proxy.url.raw_path
        ),
        proxy_auth=proxy.raw_auth,
        ssl_context=tls,
        proxy_ssl_context=tls if proxy.url.scheme == "https" else None,
        **limits,
    )


class _Transport(httpx.AsyncBaseTransport):
    """From httpx to a pool that we made. What is asked goes past httpx, and only to the origin.

    httpcore's own way to set a request's target (the extension of that name) would also tell it to a proxy.
    """

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One answer; where it redirects to is kept from httpx, which reads it even if it is not to follow."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.extensions[TARGET],
        )
        asked = httpcore.Request(
            request.method,
            url,
            headers=request.headers.raw,
            content=request.content,
            extensions={"timeout": request.extensions["timeout"]},
        )
        answered = await self._pool.handle_async_request(asked)
        assert isinstance(answered.stream, AsyncIterable)  # noqa: S101 -- an asynchronous pool's always is
        response = httpx.Response(answered.status, headers=answered.headers, stream=_Body(answered.stream))
        response.extensions[LOCATION] = response.headers.pop("location", None)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    """The bytes of an answer as the pool reads them."""

    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        """Give the connection back, or up when it was not read to the end."""
        await self._stream.aclose()  # type: ignore[attr-defined]


class _CheckedConnections(httpcore.AnyIOBackend):
    """Resolves the host itself and connects only to machines within reach, so that no second look-up differs."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """The first of the host's addresses that answers, tried in turn and then beside one another."""
        connect = super().connect_tcp
        try:
            async with asyncio.timeout(timeout):
                hosts = [ip for ip in await resolve(host, port) if may_reach(ipaddress.ip_address(ip), self._reach)]
                if not hosts:
                    raise PlaceRefusedError
                attempts = [partial(connect, ip, port, timeout, local_address, socket_options) for ip in hosts]
                return await first_of(attempts, apart_s=NEXT_ADDRESS_AFTER_S)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None


async def first_of(
    attempts: Sequence[Callable[[], Awaitable[httpcore.AsyncNetworkStream]]], *, apart_s: float
) -> httpcore.AsyncNetworkStream:
    """The stream of the attempt that succeeds first; each next one starts after ``apart_s`` or at once on a failure."""
    waiting = list(attempts)
    running: set[asyncio.Future[httpcore.AsyncNetworkStream]] = set()
    failure: BaseException | None = None
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(waiting.pop(0)()))
            done, running = await asyncio.wait(
                running, timeout=apart_s if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            winners = [attempt.result() for attempt in done if attempt.exception() is None]
            for late in winners[1:]:
                await late.aclose()
            if winners:
                return winners[0]
            failure = next((attempt.exception() for attempt in done), failure)
    finally:
        for attempt in running:
            attempt.cancel()
        for outcome in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(outcome, httpcore.AsyncNetworkStream):
                with contextlib.suppress(Exception):
                    await outcome.aclose()
    raise failure or UnknownHostError
