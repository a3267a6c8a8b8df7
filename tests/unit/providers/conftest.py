"""Providers against servers that lie on demand, with time that passes only when somebody sleeps."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from parts.clock import StillClock
from parts.loop import Loop
from parts.raw_server import Site
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.http import Http, HttpDoor
from qa_player.providers.retry import Patience

KEY = "sk_canary-7Zq/+=4f1e"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def make_site(loop: Loop) -> Iterator[Callable[..., Site]]:
    """Start a server: ``make_site(host="127.0.0.1", tls=None)``."""
    sites: list[Site] = []

    def make(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Site:
        site = Site(host, tls=tls)
        loop.run(site.start())
        sites.append(site)
        return site

    yield make
    for site in sites:
        loop.run(site.stop())


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site()


@pytest.fixture
def other(make_site: Callable[..., Site]) -> Site:
    """A second origin on this machine."""
    return make_site("127.0.0.2")


@pytest.fixture
def neighbour(make_site: Callable[..., Site]) -> Site:
    """Another port of `site`'s host."""
    return make_site()


@pytest.fixture
def http(loop: Loop, clock: StillClock) -> Iterator[Http]:
    http = Http(proxy="off", clock=clock)
    yield http
    loop.run(http.aclose())


@pytest.fixture
def door(http: Http, site: Site) -> HttpDoor:
    """The door to `site` with a key in ``X-API-Key``."""
    return http.door(site.url, headers={"X-API-Key": Secret(KEY)}, allowed_hosts=frozenset())


@pytest.fixture
def impatient(loop: Loop) -> Iterator[Http]:
    """Real time, one attempt, one second."""
    http = Http(proxy="off", patience=Patience(attempts=1, deadline_s=1.0))
    yield http
    loop.run(http.aclose())


@pytest.fixture
def connection(site: Site) -> Connection:
    return Connection(name="here", provider="oshara", base_url=site.url, created_at=datetime(2026, 11, 20, tzinfo=UTC))
