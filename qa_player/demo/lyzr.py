"""A stand-in for Lyzr's voice API, with the manners of its documentation and of the source of its backend.

Sources: Lyzr's pages "List transcripts", "Get transcript", "Stream transcript audio" (`GET
/transcripts/{sessionId}/audio`: bytes, no ranges, one 404 for several causes) and "List traces", and LiveKit's session
report for what a chat history holds.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from qa_player.demo.calls import Call
from qa_player.demo.literal import written
from qa_player.demo.wire import Asked, Told

LISTING = "/v1/transcripts"
PER_MINUTE = 100
_UUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_TRACES = re.compile(r"^/v1/traces/session/([^/]+)$")
_ONE = re.compile(r"^/v1/transcripts/([^/]+?)(/audio)?$")


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
        traces = _TRACES.match(asked.path)
        wanted = traces or _ONE.match(asked.path)
        if wanted is None:
            return failure(404)
        if not _UUID.match(wanted.group(1)):
            return failure(400)
        found = (call for call in self._calls if call.session_id.lower() == wanted.group(1).lower() and call.ours)
        call = next(found, None)
        if call is None:
            return _told(404, {"error": "Transcript not found."})
        if traces is not None:
            return _told(200, {"traces": call.traces, "total": len(call.traces)})
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
