"""The stand-in's streams: calls that are going on, sent to whoever asks for them with the account's key.

Sources: Vobiz's pages "Start an audio stream", "List all audio streams" and "The Stream object"; Plivo's "Audio
Streams".
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from qa_player.demo.carrier import CallSound, Carrier, Dialect, Stream
from qa_player.demo.voice import RATE, at_16k, sides
from qa_player.demo.wire import Asked, Told

LIVE_CALLS = tuple(f"live-call-{number}" for number in range(1, 17))
"""Calls that go on for as long as the demo does."""
SPOKEN = "password-reset"


class Streaming:
    """One account's streams. ``answer`` is the API; ``close`` ends every call."""

    def __init__(self, dialect: Dialect, auth_id: str, token: str) -> None:
        self.carrier = Carrier(dialect, token)
        self.big_endian = True
        self.voices = partial(sides, SPOKEN)
        """What is said in every call: inbound and outbound at 8 kHz."""
        self.billed_s = 61
        self._auth_id = auth_id
        self._told: dict[str, dict[str, Any]] = {}
        self._running: dict[str, tuple[threading.Thread, threading.Event]] = {}
        self._guard = threading.Lock()

    def answer(self, asked: Asked, call_id: str, stream_id: str | None, failure: Callable[[int, str], Told]) -> Told:
        """201 with the stream's id, 200 with streams, 204, 400 or 404."""
        if call_id not in LIVE_CALLS:
            return failure(404, "call not found")
        if asked.method == "POST" and stream_id is None:
            return self._start(call_id, json.loads(asked.body), failure)
        mine = [one for one in self._told.values() if one["call_uuid"] == call_id]
        if stream_id is not None:
            mine = [one for one in mine if one["stream_id"] == stream_id]
            if not mine:
                return failure(404, "stream not found")
        if asked.method == "DELETE":
            for one in mine:
                self._end(one["stream_id"])
            return Told(204, b"")
        if stream_id is not None:
            return _json(200, mine[0])
        limit, offset = int(asked.query.get("limit", "20")), int(asked.query.get("offset", "0"))
        return _json(200, {"total": len(mine), "per_page": limit, "objects": mine[offset : offset + limit]})

    def close(self) -> None:
        """Hang up everywhere; returns when all have."""
        for stream_id in list(self._running):
            self._end(stream_id)

    def _start(self, call_id: str, wish: Mapping[str, Any], failure: Callable[[int, str], Told]) -> Told:
        address = str(wish.get("service_url", ""))
        if not address.startswith(("wss://", "ws://127.0.0.1:")):
            return failure(400, "service_url must be a wss address")
        stream_id = str(uuid.uuid4())
        stream = Stream(call_id, stream_id, self._auth_id, address, str(wish.get("status_callback_url", "")))
        track = wish.get("audio_track", "inbound")
        self._told[stream_id] = {
            "stream_id": stream_id,
            "call_uuid": call_id,
            "audio_track": track,
            "bidirectional": bool(wish.get("bidirectional")),
            "content_type": wish.get("content_type", "audio/x-l16;rate=8000"),
            "status": "in-progress",
            "start_time": _now(),
            "end_time": None,
        }
        stop = threading.Event()
        sound = self._sound(str(track), str(self._told[stream_id]["content_type"]))
        thread = threading.Thread(target=self._send, args=(stream, sound, stop), name="demo carrier", daemon=True)
        self._running[stream_id] = (thread, stop)
        thread.start()
        return _json(201, {"api_id": str(uuid.uuid4()), "message": "audio streaming started", "stream_id": stream_id})

    def _sound(self, track: str, content_type: str) -> CallSound:
        inbound, outbound = self.voices()
        wide = "rate=16000" in content_type
        if wide:
            inbound, outbound = at_16k(inbound), at_16k(outbound)
        return CallSound(
            inbound if track != "outbound" else inbound[:0],
            outbound if track != "inbound" else outbound[:0],
            2 * RATE if wide else RATE,
            content_type,
            self.big_endian,
        )

    def _send(self, stream: Stream, sound: CallSound, stop: threading.Event) -> None:
        from websockets.exceptions import WebSocketException

        try:
            whole = self.carrier.send(stream, sound, stop=stop)
            self._over(stream.stream_id, "completed")
            if whole:
                self.carrier.tell(stream, "StopStream")
        except (OSError, WebSocketException):
            self._over(stream.stream_id, "failed")
            self.carrier.tell(stream, "DroppedStream")

    def _over(self, stream_id: str, status: str) -> None:
        with self._guard:
            self._told[stream_id] |= {"status": status, "end_time": _now(), "bill_duration": self.billed_s}

    def _end(self, stream_id: str) -> None:
        thread, stop = self._running.pop(stream_id, (None, None))
        if thread is not None and stop is not None:
            stop.set()
            thread.join(15)


def _json(status: int, body: Mapping[str, Any]) -> Told:
    return Told(status, json.dumps(body).encode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
