"""A small API whose manners a test writes itself, and the provider that a description makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from parts.provider_cases import HASTE
from qa_player.demo.wire import Asked, Origin, Told
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.described.document import parse_description
from qa_player.providers.described.provider import Described, make
from qa_player.providers.http import Http

HEAD = """
version = 1
name = "acme"
title = "Acme"
base_url = "https://api.example.com"
"""
BEARER = '[credential]\nkind = "bearer"\n'
ONE_PAGE = '[listing]\npath = "/calls"\nitems = "calls"\npaging = { kind = "none" }\n'
REST = """
[detail]
path = "/calls/{session_id}"
[session]
id = "id"
started_at = { path = "at", unit = "epoch_s" }
"""


def text_of(*, head: str = "", credential: str = BEARER, listing: str = ONE_PAGE, rest: str = "") -> str:
    """A description with some of its parts replaced; ``head`` stands before the first table."""
    return HEAD + head + credential + listing + REST + rest


@dataclass
class Api:
    """One origin: ``say`` answers; what was asked is kept."""

    say: Callable[[Asked], Told]
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Told:
        self.asked.append(asked)
        return self.say(asked)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Its address, while it runs."""
        origin = Origin("api", self.answer, lambda status: told(status, {}))
        origin.start()
        try:
            yield origin.address
        finally:
            origin.stop()
        assert origin.bugs == []


def told(status: int, answer: Any, **headers: str) -> Told:
    return Told(status, json.dumps(answer).encode(), "application/json", headers)


def provider_of(text: str, address: str, *, key: str = "k-1", http: Http | None = None, **options: str) -> Described:
    """The provider of the description ``text`` at ``address``."""
    connection = Connection(name="c", provider="acme", base_url=address, options=options, created_at=datetime.now(UTC))
    return make(parse_description(text), connection, Secret(key), http or Http(proxy="off", patience=HASTE))
