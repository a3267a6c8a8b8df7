"""The stand-in and a client that does exactly what it is told."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from qa_player.demo.server import DemoServer


@dataclass(frozen=True)
class Reply:
    """What came back, read to its end; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json["data"]


Ask = Callable[..., Reply]


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server
    assert server.bugs == ()


@pytest.fixture
def ask(demo: DemoServer) -> Ask:
    """One request on a line of its own: a path of the API with the sample key, or a whole address without one."""

    def ask(where: str, method: str = "GET", **headers: str) -> Reply:
        api = demo.connections[0]
        if where.startswith("/"):
            headers = {"X-API-Key": api.key} | headers
        parts = urlsplit(where if "://" in where else api.base_url + where)
        line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
        try:
            line.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=headers)
            answer = line.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            line.close()

    return ask


@pytest.fixture
def address(demo: DemoServer, ask: Ask) -> Callable[[], str]:
    """A fresh signed address of one sample's recording."""
    session_id = demo.sample("Cancel the add-on").session_id
    return lambda: str(ask(f"/api/billing/sessions/{session_id}/").data["recording_presigned_url"])
