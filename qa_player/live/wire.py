"""What a relay and those who listen to it say to one another: JSON for words, packed entries for what came of a call.

A listener follows a call from any place on: the place is how many entries of its journal were had before.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import ValidationError

from qa_player.errors import IntegrityError, UnexpectedAnswerError
from qa_player.live.journal import Entry, Kind, unpacked
from qa_player.model.live import Capture
from qa_player.model.value import MAX_MS

BATCH_BYTES = 48 * 1_024
LARGEST_MESSAGE = 512 * 1_024
MOST_CALLS = 64
BEAT_S = 5.0
"""Each end says something at least so often."""
LONGEST_PLACE = 2**40

_HEAD = struct.Struct("<IQ")


@dataclass(frozen=True)
class Follow:
    """Hand on a call from ``place`` on, under the number ``channel``."""

    session_id: str
    place: int
    channel: int


@dataclass(frozen=True)
class Tell:
    """How did a call end?"""

    session_id: str


@dataclass(frozen=True)
class Here:
    """Still listening."""


Ask: TypeAlias = Follow | Tell | Here


@dataclass(frozen=True)
class Calls:
    """The calls that are received just now."""

    calls: tuple[Capture, ...]


@dataclass(frozen=True)
class Batch:
    """Entries of a followed call; ``place`` is that of the first."""

    channel: int
    place: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Over:
    """A call has ended; all of it was handed on where it was followed. ``capture`` is null for one nobody knows of."""

    session_id: str
    capture: Capture | None


@dataclass(frozen=True)
class Beat:
    """Still there."""


Told: TypeAlias = Calls | Batch | Over | Beat


def spelled(said: Ask | Calls | Over | Beat) -> str:
    """The words on the line."""
    if isinstance(said, Calls):
        return json.dumps({"calls": [_plain(one) for one in said.calls]})
    if isinstance(said, Over):
        return json.dumps({"over": said.session_id, "capture": said.capture and _plain(said.capture)})
    if isinstance(said, Follow):
        return json.dumps({"follow": said.session_id, "from": said.place, "as": said.channel})
    if isinstance(said, Tell):
        return json.dumps({"tell": said.session_id})
    return json.dumps({"here": True})


def asked(message: str | bytes) -> Ask | None:
    """What a listener asks; null for anything else."""
    try:
        told = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    named = told.get("follow", told.get("tell"))
    if told == {"here": True}:
        return Here()
    if not isinstance(named, str) or not 0 < len(named) <= 500:
        return None
    if set(told) == {"tell"}:
        return Tell(named)
    place, channel = told.get("from", -1), told.get("as", -1)
    if set(told) != {"follow", "from", "as"} or not _whole(place, LONGEST_PLACE) or not _whole(channel, 2**32 - 1):
        return None
    return Follow(named, int(place), int(channel))


def packed(channel: int, place: int, entries: Sequence[Entry]) -> bytes:
    """A batch as bytes."""
    return _HEAD.pack(channel, place) + b"".join(one.packed for one in entries)


def told(message: str | bytes) -> Told:
    """What a relay says. Raises UnexpectedAnswerError."""
    try:
        return _batch(message) if isinstance(message, bytes) else _words(json.loads(message))
    except (ValueError, KeyError, TypeError, struct.error, RecursionError, ValidationError, IntegrityError):
        strange = True
    if strange:
        raise UnexpectedAnswerError(
            "The relay said something that cannot be read.", "See that both sides are of the same version."
        )
    raise AssertionError


def _batch(message: bytes) -> Batch:
    channel, place = _HEAD.unpack_from(message)
    entries = tuple(unpacked(message[_HEAD.size :]))
    for one in entries:
        if not 0 <= one.at_ms <= MAX_MS or (one.kind is Kind.NOTE and not isinstance(json.loads(one.data), dict)):
            raise ValueError("no entry of a call")
    return Batch(channel, place, entries)


def _words(said: Any) -> Told:
    if "calls" in said:
        return Calls(tuple(_capture(one) for one in said["calls"][:MOST_CALLS]))
    if "over" in said:
        known = said["capture"]
        return Over(str(said["over"]), None if known is None else _capture(known))
    return Beat()


def _capture(said: Any) -> Capture:
    capture = Capture.model_validate_json(json.dumps(said))
    if len(capture.session_id) > 480 or not (capture.session_id + capture.call_id).isprintable():
        raise ValueError("no id of a call")
    return capture


def _plain(capture: Capture) -> Any:
    """What a listener is told: not what was sent along with the stream."""
    wish = capture.wish.model_copy(update={"headers": {}})
    return json.loads(capture.model_copy(update={"sum": None, "wish": wish}).model_dump_json())


def _whole(told: Any, most: int) -> bool:
    return isinstance(told, int) and not isinstance(told, bool) and 0 <= told <= most
