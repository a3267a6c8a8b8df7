"""What the program was started for. Standard library only: the window reads it before anything slow is loaded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from qa_player.errors import UsageError
from qa_player.files import Home

LINK = "qa-player"


class OfferedConnection(Protocol):
    """A sample connection of the demo; the one place where a key is public."""

    @property
    def name(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    @property
    def options(self) -> Mapping[str, str]: ...
    @property
    def key(self) -> str: ...


class Demo(Protocol):
    """The running stand-in providers."""

    @property
    def connections(self) -> Sequence[OfferedConnection]: ...


@dataclass(frozen=True)
class Request:
    """A session to be opened, ``at_ms`` milliseconds from audio zero.

    With ``path`` it is a file or folder of this machine, named from the root, and the other two are empty.
    """

    connection: str
    session_id: str
    at_ms: int | None = None
    path: str | None = None


@dataclass(frozen=True)
class Start:
    """Where everything is kept, what is to be opened, and the demo whose connections the home gets first.

    With a demo the keychain lives in the process only. ``ringing`` are the calls that its carriers can send here.
    """

    home: Home
    request: Request | None = None
    demo: Demo | None = None
    ringing: tuple[str, ...] = ()


def request_of(words: Sequence[str], at_s: float | None = None) -> Request | None:
    """The session that the words of a command line, a link or a file's path ask for; null for none. Raises UsageError.

    >>> request_of(["qa-player://acme/call%2F7?t=12.5"])
    Request(connection='acme', session_id='call/7', at_ms=12500, path=None)
    """
    if not words:
        return None
    if len(words) == 1 and words[0].startswith(f"{LINK}:"):
        return _linked(words[0], at_s)
    if len(words) == 1 and _is_there(words[0]):
        return Request("", "", _at_ms(at_s), str(Path(words[0]).absolute()))
    if len(words) != 2:
        raise UsageError(
            "A session is opened by its connection and its id, a recording by its file.",
            "Name both, or a file that is there, or give a qa-player:// link.",
        )
    return Request(words[0], words[1], _at_ms(at_s))


def _linked(link: str, at_s: float | None) -> Request:
    try:
        parts = urlsplit(link)
        moments = parse_qs(parts.query).get("t", [])
        at_s = float(moments[0]) if moments and at_s is None else at_s
    except ValueError:
        parts, at_s = urlsplit(f"{LINK}:"), None
    session_id = unquote(parts.path.lstrip("/"))
    if not parts.netloc or not session_id:
        raise UsageError("This is not a link to a session.", f"Links look like {LINK}://CONNECTION/SESSION?t=12.5.")
    return Request(unquote(parts.netloc), session_id, _at_ms(at_s))


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _at_ms(at_s: float | None) -> int | None:
    if at_s is None:
        return None
    if not math.isfinite(at_s) or not 0 <= at_s <= 10_000_000:
        raise UsageError("This is not a time in a recording.", "Give seconds of 0 or more, as in 12.5.")
    return round(at_s * 1_000)
