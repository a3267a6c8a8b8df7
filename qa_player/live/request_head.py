"""The head of a request, read strictly: what two readers could read in two ways is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_HEAD = 16_384
_REQUEST_LINE = re.compile(r"(GET|POST) (/[!-~]{0,4000}) HTTP/1\.1")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")
_ONCE = frozenset(
    {"authorization", "host", "origin", "content-length", "upgrade", "sec-websocket-key", "sec-websocket-version"}
)
_PATH = re.compile(r"(?:/[^?]*)?/live/(?P<token>[A-Za-z0-9_-]{22,64})(?P<status>/status)?(?:\?(?P<query>[^#]*))?")
_LISTENERS = re.compile(r"(?:/[^?]*)?/listen")
_KEY = re.compile(r"[Bb]earer ([A-Za-z0-9_-]{22,128})")


@dataclass(frozen=True)
class Head:
    """A request's method, target and headers (lower-case names), and its bytes as they came. Never printed."""

    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def upgrades(self) -> bool:
        """Whether it asks for a WebSocket, as RFC 6455 has it."""
        connection = {word.strip().lower() for word in self.headers.get("connection", "").split(",")}
        return (
            self.method == "GET"
            and "upgrade" in connection
            and self.headers.get("upgrade", "").lower() == "websocket"
            and self.headers.get("sec-websocket-version") == "13"
            and re.fullmatch(r"[A-Za-z0-9+/]{22}==", self.headers.get("sec-websocket-key", "")) is not None
        )

    @property
    def length(self) -> int | None:
        """How many bytes of body are announced; null when that cannot be told."""
        told = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not re.fullmatch(r"[0-9]{1,9}", told):
            return None
        return int(told)


@dataclass(frozen=True)
class Door:
    """Which door a request is at: the token in its path, and whether it is the one for status callbacks.

    At the listeners' door the token is the key of whoever wants to listen.
    """

    token: str = field(repr=False)
    is_status: bool
    query: str = field(repr=False)
    is_listeners: bool = False


def read_head(raw: bytes) -> Head | None:
    """The head that ``raw`` spells, up to and with its empty line; null when it is not one that we answer."""
    lines = raw.decode("latin-1").split("\r\n")
    line = _REQUEST_LINE.fullmatch(lines[0])
    if line is None or lines[-2:] != ["", ""]:
        return None
    headers: dict[str, str] = {}
    for text in lines[1:-2]:
        header = _HEADER.fullmatch(text)
        if header is None:
            return None
        name, value = header[1].lower(), header[2]
        if name in headers and name in _ONCE:
            return None
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Head(line[1], line[2], headers, raw)


def door_of(head: Head) -> Door | None:
    """The door that the request's path names; null for any other path."""
    if _LISTENERS.fullmatch(head.target) is not None:
        key = _KEY.fullmatch(head.headers.get("authorization", ""))
        return None if key is None else Door(key[1], is_status=False, query="", is_listeners=True)
    found = _PATH.fullmatch(head.target)
    if found is None:
        return None
    return Door(found["token"], found["status"] is not None, found["query"] or "")
