"""A stand-in for Lyzr's voice API, with the manners of its documentation and of the source of its backend.

Sources: Lyzr's pages "List transcripts", "Get transcript" and "Stream transcript audio" (`GET
/transcripts/{sessionId}/audio`: bytes, no ranges, one 404 for several causes), and LiveKit's session report for what a
chat history holds.
"""

from __future__ import annotations

import hmac
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qa_player.demo.literal import written
from qa_player.demo.samples import Sample
from qa_player.demo.wire import Asked, Told

LISTING = "/v1/transcripts"
PER_MINUTE = 100
_UUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_ONE = re.compile(r"^/v1/transcripts/([^/]+?)(/audio)?$")
_MISSING = "Audio recording not found."


@dataclass(frozen=True)
class Call:
    """One call: its transcript object, and its audio or why there is none."""

    told: dict[str, Any] = field(repr=False)
    recording: Path | None = None
    no_audio: str = _MISSING
    ours: bool = True

    @property
    def session_id(self) -> str:
        return str(self.told.get("sessionId"))

    @property
    def ended_at(self) -> str:
        return str(self.told.get("endedAt") or self.told.get("startedAt") or "")


class LyzrApi:
    """Answers with what one key may see: at most ``per_minute`` requests a minute."""

    def __init__(self, calls: Sequence[Call], key: str, *, per_minute: int = PER_MINUTE) -> None:
        self.key = key
        self.per_minute = per_minute
        self._calls = sorted(calls, key=lambda call: call.ended_at, reverse=True)
        self._window = 0.0
        self._asked = 0

    def answer(self, asked: Asked) -> Told:
        """200, 400, 401, 404, 405 or 429; every answer says how many requests are left."""
        now = time.monotonic()
        if now - self._window >= 60:
            self._window, self._asked = now, 0
        self._asked += 1
        resets = str(max(1, round(self._window + 60 - now)))
        if self._asked > self.per_minute:
            return _told(429, {"error": "Too many requests."}, {"Retry-After": resets})
        limit = {
            "RateLimit-Policy": f'"{self.per_minute}-in-1min"; q={self.per_minute}; w=60',
            "RateLimit": f'"{self.per_minute}-in-1min"; r={self.per_minute - self._asked}; t={resets}',
        }
        told = self._answer(asked)
        return Told(told.status, told.body, told.mime, {**told.headers, **limit})

    def _answer(self, asked: Asked) -> Told:
        given = asked.headers.get("x-api-key", "")
        if not hmac.compare_digest(given.encode(), self.key.encode()):
            return failure(401)
        if asked.method not in ("GET", "HEAD"):
            return failure(405)
        if asked.path == LISTING:
            return self._listing(asked.query)
        wanted = _ONE.match(asked.path)
        if wanted is None:
            return failure(404)
        if not _UUID.match(wanted.group(1)):
            return failure(400)
        found = (call for call in self._calls if call.session_id.lower() == wanted.group(1).lower() and call.ours)
        call = next(found, None)
        if call is None:
            return _told(404, {"error": "Transcript not found."})
        return _audio(call) if wanted.group(2) else _told(200, {"transcript": call.told})

    def _listing(self, query: Mapping[str, str]) -> Told:
        try:
            limit, offset = int(query.get("limit", "50")), int(query.get("offset", "0"))
            since, until = _instant(query.get("from")), _instant(query.get("to"))
        except ValueError:
            return failure(400)
        if not 1 <= limit <= 200 or offset < 0 or not re.fullmatch("([0-9a-fA-F]{24})?", query.get("agentId", "")):
            return failure(400)
        found = [
            call
            for call in self._calls
            if call.ours
            and query.get("agentId", call.told.get("agentId")) == call.told.get("agentId")
            and (since is None or (_instant(call.ended_at) or since) >= since)
            and (until is None or (_instant(call.ended_at) or until) <= until)
        ]
        found = found if query.get("sort", "desc") == "desc" else found[::-1]
        after = offset + limit
        page = {
            "items": [call.told for call in found[offset:after]],
            "total": len(found),
            "limit": limit,
            "offset": offset,
            "nextOffset": after if after < len(found) else None,
        }
        return _told(200, page)


def calls_of(samples: Sequence[Sample]) -> list[Call]:
    """The conversations as Lyzr would hold them: with audio where it is Ogg, the others without any."""
    return [call_of(sample) for sample in samples if sample.ours and sample.truth]


def call_of(sample: Sample) -> Call:
    """One conversation: items in seconds since the epoch, the recording begun some time after the session."""
    heard = sample.recording is not None and sample.recording.suffix == ".ogg"
    session_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"lyzr:{sample.session_id}"))
    began = sample.created_at
    audio_zero = began.timestamp() + 1.84
    ended = began + timedelta(milliseconds=sample.duration_ms + 2_600)
    items = [_message(turn, index, audio_zero) for index, turn in enumerate(sample.told.get("turns", []))]
    told = {
        "id": uuid.uuid5(uuid.NAMESPACE_URL, session_id).hex[:24],
        "sessionId": session_id,
        "roomName": f"call-{session_id[:8]}",
        "agentId": uuid.uuid5(uuid.NAMESPACE_URL, sample.character_slug).hex[:24],
        "orgId": str(uuid.uuid5(uuid.NAMESPACE_URL, sample.tenant_id)),
        "createdByUserId": "user-7",
        "closeReason": "participant_disconnected",
        "durationMs": sample.duration_ms,
        "messageCount": len(items),
        "startedAt": _text(began),
        "endedAt": _text(ended),
        "createdAt": _text(ended),
        "updatedAt": _text(ended),
        "chatHistory": items,
        "sessionReport": {
            "job_id": f"AJ_{session_id[:8]}",
            "room": f"call-{session_id[:8]}",
            "audio_recording_path": f"/tmp/{session_id}/audio.ogg" if heard else None,  # noqa: S108 -- theirs
            "audio_recording_started_at": audio_zero if heard else None,
            "events": [],
            "timestamp": ended.timestamp(),
        },
    }
    return Call(told, sample.recording if heard else None)


def _message(turn: Mapping[str, Any], index: int, audio_zero: float) -> dict[str, Any]:
    started, stopped = audio_zero + turn["start_ms"] / 1_000, audio_zero + turn["end_ms"] / 1_000
    by_user = turn["role"] == "user"
    return {
        "id": f"item_{index:04}",
        "type": "message",
        "role": turn["role"],
        "content": [turn["text"]],
        "interrupted": False,
        # a user's turn is stamped when it was committed, after it was spoken
        "created_at": stopped + 0.6 if by_user else started - 0.1,
        "transcript_confidence": 0.94 if by_user else None,
        "metrics": {"started_speaking_at": started, "stopped_speaking_at": stopped},
    }


def _audio(call: Call) -> Told:
    if call.recording is None:
        return _told(404, {"error": call.no_audio})
    shown = {"Content-Disposition": f'inline; filename="{call.session_id}.ogg"'}
    return Told(200, call.recording.read_bytes(), "audio/ogg", shown)


def failure(status: int) -> Told:
    """An answer that says no."""
    refused: dict[str, Any] = {"error": "The request failed."}
    return _told(status, refused | {"issues": []} if status == 400 else refused)


def _told(status: int, data: dict[str, Any], headers: Mapping[str, str] | None = None) -> Told:
    return Told(status, written(data).encode(), headers=headers or {})


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
