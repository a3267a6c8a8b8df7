"""A telephony vendor's stand-in: an account with recorded calls, and what Vobiz's and Plivo's dialects share.

Sources: Vobiz's pages "List all recordings" and "Recording object"; Plivo's "List all recordings" and "The Recording
object". Media that say wav may be mp3, as is reported of both.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from qa_player.demo.carrier import PLIVO
from qa_player.demo.faults import Faults
from qa_player.demo.literal import written
from qa_player.demo.phone_calls import PhoneCall, Piece
from qa_player.demo.recordings import RecordingHost
from qa_player.demo.signing import Signer
from qa_player.demo.streaming import Streaming
from qa_player.demo.wire import Asked, Told

INDIA = timezone(timedelta(hours=5, minutes=30))

_MIMES = {"wav": "audio/wav", "mp3": "audio/mpeg"}
"""The content type follows the name, whatever the file is."""


class Telephone(ABC):
    """What both dialects share: the account, its recordings, and the media, which lie at an origin of their own."""

    usual_type = "normal"
    base_path = ""

    dialect = PLIVO

    def __init__(self, calls: Sequence[PhoneCall], auth_id: str, token: str) -> None:
        self.auth_id, self.token = auth_id, token
        self.streaming = Streaming(self.dialect, auth_id, token)
        self.media_origin = ""
        self.asks_key_at_media = True
        self._calls = {call.call_id: call for call in calls if call.ours}
        files = {piece.recording_id: piece.path for call in calls for piece in call.pieces if piece.path is not None}
        self._files = files
        self._host = RecordingHost(files, Signer())

    @property
    def media_faults(self) -> Faults:
        """The faults of the media's origin."""
        return self._host.faults

    @media_faults.setter
    def media_faults(self, faults: Faults) -> None:
        self._host.faults = faults

    @abstractmethod
    def answer(self, asked: Asked) -> Told:
        """An answer of the API."""

    @abstractmethod
    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether the headers carry the account's key."""

    def media(self, asked: Asked) -> Told:
        """A recording's bytes; 401 without the key where it is asked for, 302 for those below ``/moved``."""
        if self.asks_key_at_media and not self.knows(asked.headers):
            return failure(401)
        name = asked.path.rpartition("/")[2].rpartition(".")[0]
        if asked.path.startswith("/moved/"):
            return Told(302, b"", "text/html", {"Location": f"/media/{name}.wav"})
        if name not in self._files:
            return failure(404)
        given = self._host.give(name, self._files[name], asked.headers)
        return replace(given, mime=_MIMES.get(asked.path.rpartition(".")[2], given.mime))

    def streams(self, asked: Asked) -> Told | None:
        """An answer about streams of calls in progress; null when the path is about something else."""
        base = f"{self.base_path}/Account/{self.auth_id}"
        found = re.fullmatch(rf"{re.escape(base)}/Call/([^/]+)/Stream/(?:([^/]+)/)?", asked.path)
        return None if found is None else self.streaming.answer(asked, found[1], found[2], failure)

    def recordings(self, query: Mapping[str, str], *, most: int) -> Told:
        """A page of recordings, newest first; ``meta.next`` names a path that is not there."""
        limit, offset = int(query.get("limit", "20")), int(query.get("offset", "0"))
        if not 1 <= limit <= most or offset < 0:
            return failure(400, f"limit must be 1 to {most}.")
        wanted = query.get("call_uuid")
        found = [
            (call, piece)
            for call in self._calls.values()
            for piece in call.pieces
            if wanted in (None, call.call_id) and self.in_window(_added(call, piece), query)
        ]
        found.sort(key=lambda pair: _added(*pair), reverse=True)
        meta = {
            "limit": limit,
            "offset": offset,
            "total_count": len(found),
            "next": f"/v1/nowhere/?offset={offset + limit}" if offset + limit < len(found) else None,
            "previous": None,
        }
        objects = [self._recording(*pair) for pair in found[offset : offset + limit]]
        return told({"api_id": "5a9fcb68-6f7e-11f0-9b2a-0242ac110004", "meta": meta, "objects": objects})

    def one_recording(self, recording_id: str) -> Told:
        """One recording, flat."""
        for call in self._calls.values():
            for piece in call.pieces:
                if piece.recording_id == recording_id:
                    return told({"api_id": "7abf0744-1ca0-11f0-a2d1-22000ac5040c", **self._recording(call, piece)})
        return failure(404, "Recording not found")

    def in_window(self, added: datetime, query: Mapping[str, str]) -> bool:
        """Whether a recording is in the window that was asked for; there is none here."""
        del added, query
        return True

    def _recording(self, call: PhoneCall, piece: Piece) -> dict[str, Any]:
        began = call.began + timedelta(seconds=piece.after_s)
        start_ms = round(began.timestamp() * 1_000)
        moved = "moved" if piece.recording_id.endswith("moved") else "media"
        address = f"{self.media_origin}/{moved}/{piece.recording_id}.{piece.says}"
        return {
            "add_time": f"{_added(call, piece).astimezone(INDIA):%Y-%m-%d %H:%M:%S.%f}+05:30",
            "call_uuid": call.call_id,
            "conference_name": "",
            "from_number": call.from_number,
            "monthly_recording_storage_amount": "0.00000",
            "recording_duration_ms": f"{piece.duration_ms}.00000",
            "recording_end_ms": f"{start_ms + piece.duration_ms}.00000",
            "recording_format": piece.says,
            "recording_id": piece.recording_id,
            "recording_start_ms": f"{start_ms}.00000",
            "recording_storage_duration": 1,
            "recording_type": self.usual_type,
            "recording_url": address if piece.path is not None else None,
            "resource_uri": f"/v1/Account/{self.auth_id}/Recording/{piece.recording_id}/",
            "rounded_recording_duration": 60 * -(-piece.duration_ms // 60_000),
            "to_number": call.to_number,
        } | dict(piece.told)


def failure(status: int, message: str = "The request failed.") -> Told:
    """An answer that says no."""
    return Told(status, written({"api_id": "0a7c9f0e-6f80-11f0-8a4e-0242ac110004", "error": message}).encode())


def told(body: Mapping[str, Any]) -> Told:
    """200 with a JSON object."""
    return Told(200, written(dict(body)).encode())


def _added(call: PhoneCall, piece: Piece) -> datetime:
    return call.began + timedelta(seconds=piece.after_s, milliseconds=piece.duration_ms, microseconds=852_059)
