"""What carriers send over the socket, read into values: Vobiz's, Plivo's and Twilio's frames differ in little.

Sources: Plivo's "Stream Event Protocol" and "Audio Streaming Protocol Reference", Vobiz's "WebSocket events", Twilio's
"Media Streams - WebSocket Messages". Numbers may be text; nothing is taken on trust.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 500
_MOST = 2**53


@dataclass(frozen=True)
class Start:
    """The stream begins: ``encoding`` is the carrier's word, ``sample_rate`` null when it is none."""

    call_id: str
    stream_id: str
    encoding: str
    sample_rate: int | None


@dataclass(frozen=True)
class Media:
    """Sound of one track. ``timestamp_ms`` and ``chunk`` are null where they cannot be read.

    ``payload`` is null when it is not base64; ``told`` is how many characters it had.
    """

    stream_id: str
    track: str
    timestamp_ms: int | None
    chunk: int | None
    payload: bytes | None
    told: int


@dataclass(frozen=True)
class Key:
    """A key was pressed on a telephone."""

    track: str
    digit: str
    timestamp_ms: int | None


@dataclass(frozen=True)
class Event:
    """Anything else that has a name: ``playedStream``, ``clearedAudio``, ``stop``, ``connected``, ``mark`` …"""

    name: str
    detail: str


@dataclass(frozen=True)
class Unreadable:
    """A message that is no frame; ``why`` is ours."""

    why: str


Frame = Start | Media | Key | Event | Unreadable


def read_frame(text: str | bytes) -> Frame:
    """The frame that one message holds; never raises."""
    if isinstance(text, bytes):
        return Unreadable("a binary message")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return Unreadable("not JSON")
    if not isinstance(told, dict):
        return Unreadable("not an object")
    name = told.get("event")
    if name == "media":
        return _media(told)
    if name == "start":
        return _start(told)
    if name == "dtmf":
        key = _mapping(told.get("dtmf"))
        return Key(_text(key.get("track")) or "inbound", _text(key.get("digit")), _number(key.get("timestamp")))
    if not isinstance(name, str) or not name:
        return Unreadable("no event")
    detail = told.get("name") or told.get("reason") or _mapping(told.get("mark")).get("name")
    return Event(_text(name), _text(detail))


def _start(told: Mapping[str, Any]) -> Start:
    start = _mapping(told.get("start"))
    form = _mapping(start.get("mediaFormat"))
    stream_id = start.get("streamId") or start.get("streamSid") or told.get("streamId") or told.get("streamSid")
    rate = _number(form.get("sampleRate"))
    return Start(
        call_id=_text(start.get("callId") or start.get("callSid")),
        stream_id=_text(stream_id),
        encoding=_text(form.get("encoding")).lower(),
        sample_rate=rate if rate in (8_000, 16_000, 24_000) else None,
    )


def _media(told: Mapping[str, Any]) -> Media:
    media = _mapping(told.get("media"))
    payload = media.get("payload")
    return Media(
        stream_id=_text(told.get("streamId") or told.get("streamSid")),
        track=_text(media.get("track")) or "inbound",
        timestamp_ms=_number(media.get("timestamp")),
        chunk=_number(media.get("chunk")),
        payload=decoded(payload) if isinstance(payload, str) else None,
        told=len(payload) if isinstance(payload, str) else 0,
    )


def decoded(payload: str) -> bytes | None:
    """The bytes of base64 with line breaks, of either alphabet, with padding or without; null for anything else.

    >>> decoded("/+8="), decoded("_-8"), decoded("/+8=%")
    (b'\\xff\\xef', b'\\xff\\xef', None)
    """
    plain = "".join(payload.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    text = str(value) if isinstance(value, str | int) else ""
    # an unpaired surrogate is JSON, and no text that could be kept
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def _number(value: object) -> int | None:
    """A whole number of 0 or more, told as a number or as text; null for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value) if not isinstance(value, str) else float(value[:40])
    except (ValueError, OverflowError):
        return None
    return int(number) if math.isfinite(number) and 0 <= number < _MOST else None
