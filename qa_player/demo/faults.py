"""What a stand-in can be told to do wrong. Each switch really does it; all are off until a test turns one on."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Faults:
    """Switches of one origin, read anew for every request. Times in seconds, sizes in bytes of the body."""

    latency_s: float = 0.0
    """Every answer waits this long before its first byte."""
    bytes_per_second: int | None = None
    """Bodies come no faster than this."""
    cut_after: int | None = None
    """The line breaks after so many bytes of each body."""
    cut_once_after: int | None = None
    """As `cut_after`, for one answer only."""
    stall_after: int | None = None
    """The body stops after so many bytes and the line stays open until `stall_s` is over."""
    stall_s: float = 2.0
    status: int | None = None
    """Every answer has this status, with the body that the origin says no with."""
    retry_after: str | None = None
    """Sent with `status` 429 or 503."""
    times: int | None = None
    """How often `status` is answered before things go well again; null means always."""
    captive_portal: bool = False
    """200 with a page that asks for sign-in, whatever was asked for."""
    replace_body: bytes | None = None
    """200 with these bytes and the content type that was expected."""
    wrong_types: bool = False
    """Answers in JSON have numbers where texts belong, texts where numbers do, and lists for null."""
    truncate_to: int | None = None
    """The recording itself is only so long, and honest about it."""
    no_ranges: bool = False
    """A request for a range is answered with the whole."""
    no_length: bool = False
    """Bodies come in chunks, their length is not said."""
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def taken_status(self) -> int | None:
        """The status to answer now, counted down where it is to happen only a few times."""
        with self._guard:
            if self.status is None or self.times == 0:
                return None
            if self.times is not None:
                self.times -= 1
            return self.status

    def taken_cut(self) -> int | None:
        """After how many bytes to break this answer off."""
        with self._guard:
            if self.cut_once_after is not None:
                cut, self.cut_once_after = self.cut_once_after, None
                return cut
            return self.cut_after


def wrongly_typed(body: bytes) -> bytes:
    """A JSON document with every text, number and null of it in another type.

    >>> wrongly_typed(b'{"id": 7, "turns": [{"text": "Hi!", "ts": null}]}')
    b'{"id": "7", "turns": [{"text": 3, "ts": []}]}'
    """
    return json.dumps(_retyped(json.loads(body))).encode()


def _retyped(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _retyped(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_retyped(item) for item in value]
    if isinstance(value, str):
        return len(value)
    return [] if value is None else str(value)
