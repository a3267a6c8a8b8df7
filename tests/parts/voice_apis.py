"""Stand-ins for APIs that are described, written from their documents and not from our descriptions of them.

Sources: Retell's "List Calls" (v3) and "Get Call", Vapi's "List Calls", "Get Call" and "Retrieve call artifacts",
ElevenLabs' "List conversations", "Get conversation details" and "Get conversation audio"; `PlainApi` is nobody's: it is
the one that new descriptions and packages begin with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qa_player.demo.literal import written
from qa_player.demo.recordings import RecordingHost
from qa_player.demo.wire import Asked, Told

KEY = "key-of-the-case"
LENGTH_S = 40


@dataclass(frozen=True)
class Talk:
    """One conversation. ``turns`` have a role, a text and ``at``, in seconds or letter by letter (``at_literal``)."""

    session_id: str | None
    began: datetime
    state: str = "done"
    recorded: bool = False
    ours: bool = True
    turns: Sequence[Mapping[str, Any]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


class VoiceApi:
    """What the vendors share: newest first, one key, one recording."""

    header, scheme = "authorization", "Bearer "

    def __init__(self, talks: Sequence[Talk], media: Path, address_of: Callable[[], str]) -> None:
        self.talks = sorted((talk for talk in talks if talk.ours), key=lambda talk: talk.began, reverse=True)
        self.media = media
        self.address_of = address_of
        self.host = RecordingHost({}, None)  # type: ignore[arg-type]  # nothing is asked for by a signed address

    def answer(self, asked: Asked) -> Told:
        """401 for another key, else what the vendor says."""
        if asked.headers.get(self.header) != f"{self.scheme}{KEY}":
            return told(401, {"error": "Invalid API key"})
        return self.say(asked)

    def say(self, asked: Asked) -> Told:
        raise NotImplementedError

    def named(self, session_id: str) -> Talk | None:
        return next((talk for talk in self.talks if talk.session_id == session_id), None)

    def within(self, since: datetime | None, until: datetime | None) -> list[Talk]:
        return [
            talk for talk in self.talks if (not since or talk.began >= since) and (not until or talk.began <= until)
        ]

    @staticmethod
    def failure(status: int) -> Told:
        return told(status, {"error": "The request failed."})


class RetellApi(VoiceApi):
    """POST /v3/list-calls has neither transcripts nor recordings; an unknown call is 422."""

    def say(self, asked: Asked) -> Told:
        if asked.path == "/v3/list-calls" and asked.method == "POST":
            return self._list(json.loads(asked.body))
        talk = self.named(asked.path.removeprefix("/v2/get-call/")) if asked.method == "GET" else None
        if talk is None:
            return told(422, {"status": "error", "message": "Cannot find requested asset under given api key."})
        call = self._call(talk) | {"transcript_object": [_retell_turn(turn) for turn in talk.turns]}
        if talk.recorded:
            call["recording_url"] = self.address_of()
        return told(200, call)

    def _list(self, question: dict[str, Any]) -> Told:
        began = question.get("filter_criteria", {}).get("start_timestamp")
        bounds: dict[str, Any] = {}
        if began is not None and (began["type"], began["op"]) == ("range", "bt"):
            bounds = dict(zip(("ge", "le"), began["value"], strict=True))
        elif began is not None and began["type"] == "number":
            bounds = {began["op"]: began["value"]}
        elif began is not None:
            return told(400, {"status": "error", "message": "filter"})
        found = self.within(_epoch_ms(bounds.get("ge")), _epoch_ms(bounds.get("le")))
        if question["sort_order"] != "descending" or not 1 <= question["limit"] <= 1_000:
            return told(400, {"status": "error", "message": "limit"})
        start = int(question.get("pagination_key", "k0").removeprefix("k"))
        shown, after = found[start : start + question["limit"]], start + question["limit"]
        answer: dict[str, Any] = {"items": [self._call(talk) for talk in shown], "has_more": after < len(found)}
        answer |= {"pagination_key": f"k{after}"} if after < len(found) else {}
        return told(200, answer | ({"total": len(found)} if question.get("include_total") else {}))

    def _call(self, talk: Talk) -> dict[str, Any]:
        call: dict[str, Any] = {
            "call_id": talk.session_id,
            "agent_id": "agent_7",
            "call_type": "web_call",
            "call_status": {"done": "ended", "going": "ongoing"}[talk.state],
            "start_timestamp": _ms(talk.began),
        }
        over = {"end_timestamp": _ms(talk.began) + LENGTH_S * 1_000, "duration_ms": LENGTH_S * 1_000}
        return call | (over if talk.state == "done" else {}) | talk.more


class VapiApi(VoiceApi):
    """A bare list, pages by the last item's ``createdAt``, and a recording behind a redirect."""

    def say(self, asked: Asked) -> Told:
        if asked.path == "/call":
            query = asked.query
            found = self.within(_iso(query.get("createdAtGe")), _iso(query.get("createdAtLe")))
            shown = found[: int(query.get("limit", "100"))]
            return told(200, [self._call(talk) for talk in shown])
        session_id, _, artifact = asked.path.removeprefix("/call/").partition("/")
        talk = self.named(session_id)
        if talk is None or (artifact and not talk.recorded):
            return told(404, {"message": "Not Found", "statusCode": 404})
        if artifact == "stereo-recording":
            return Told(302, b"", "text/plain", {"Location": self.address_of()})
        return told(200, self._call(talk))

    def _call(self, talk: Talk) -> dict[str, Any]:
        artifact: dict[str, Any] = {"messages": [_vapi_turn(turn, talk.began) for turn in talk.turns]}
        if talk.recorded:
            artifact["recording"] = {"stereoUrl": "https://storage.example.com/private/a.wav"}
        call: dict[str, Any] = {
            "id": talk.session_id,
            "assistantId": "assistant-7",
            "type": "webCall",
            "status": {"done": "ended", "going": "in-progress"}[talk.state],
            "createdAt": _text(talk.began),
            "startedAt": _text(talk.began),
            "artifact": artifact,
        }
        over = {"endedAt": _text(talk.began + timedelta(seconds=LENGTH_S))} if talk.state == "done" else {}
        return call | over | talk.more


class ElevenLabsApi(VoiceApi):
    """Pages by cursor; the detail has its times under ``metadata``; audio comes whole, with the key."""

    header, scheme = "xi-api-key", ""
    base = "/v1/convai/conversations"

    def say(self, asked: Asked) -> Told:
        if asked.path == self.base:
            return self._list(asked.query)
        session_id, _, audio = asked.path.removeprefix(f"{self.base}/").partition("/")
        talk = self.named(session_id)
        if talk is None or (audio and not talk.recorded):
            return told(404, {"detail": {"status": "conversation_not_found"}})
        if audio == "audio":
            return Told(200, self.media.read_bytes(), "audio/mpeg")
        summary = self._summary(talk)
        times = {name: summary.pop(name) for name in ("start_time_unix_secs", "call_duration_secs")}
        turns = [
            _with_time({"role": turn["role"]} | _said(turn, "message"), turn, "time_in_call_secs")
            for turn in talk.turns
        ]
        return told(200, summary | {"metadata": times, "transcript": turns, "has_audio": talk.recorded})

    def _list(self, query: Mapping[str, str]) -> Told:
        since, until = query.get("call_start_after_unix"), query.get("call_start_before_unix")
        found = self.within(_epoch_ms(since and int(since) * 1_000), _epoch_ms(until and int(until) * 1_000))
        size, start = int(query.get("page_size", "30")), int(query.get("cursor", "c0").removeprefix("c"))
        if not 1 <= size <= 100:
            return told(422, {"detail": [{"loc": ["query", "page_size"]}]})
        more = start + size < len(found)
        shown = [self._summary(talk) for talk in found[start : start + size]]
        return told(
            200, {"conversations": shown, "has_more": more, "next_cursor": f"c{start + size}" if more else None}
        )

    def _summary(self, talk: Talk) -> dict[str, Any]:
        summary: dict[str, Any] = {
            "conversation_id": talk.session_id,
            "agent_id": "agent_7",
            "agent_name": "Support",
            "status": {"done": "done", "going": "in-progress"}[talk.state],
            "start_time_unix_secs": _ms(talk.began) // 1_000,
            "call_duration_secs": LENGTH_S,
        }
        return summary | talk.more


class PlainApi(VoiceApi):
    """The API that `qa-player provider new` describes."""

    def say(self, asked: Asked) -> Told:
        if asked.path == "/v1/sessions":
            query = asked.query
            found = self.within(_iso(query.get("since")), _iso(query.get("until")))
            size, start = int(query["limit"]), int(query.get("cursor", "c0").removeprefix("c"))
            shown = [self._session(talk) for talk in found[start : start + size]]
            after = f"c{start + size}" if start + size < len(found) else None
            return told(200, {"sessions": shown, "next_cursor": after, "total": len(found)})
        talk = self.named(asked.path.removeprefix("/v1/sessions/"))
        if talk is None:
            return told(404, {"error": "There is no such session."})
        turns = [{"role": turn["role"]} | _said(turn, "text") for turn in talk.turns]
        turns = [_with_time(said, turn, "start_ms", per_s=1_000) for said, turn in zip(turns, talk.turns, strict=True)]
        address = {"recording_url": self.address_of()} if talk.recorded else {}
        return told(200, {"session": self._session(talk) | {"transcript": turns} | address})

    def _session(self, talk: Talk) -> dict[str, Any]:
        status = {"done": "done", "going": "running"}[talk.state]
        session = {"id": talk.session_id, "agent": "support", "status": status, "started_at": _text(talk.began)}
        return session | {"duration_ms": LENGTH_S * 1_000, **talk.more}


def told(status: int, answer: Any) -> Told:
    return Told(status, written(answer).encode())


def _retell_turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    word = _with_time({"word": "…"}, turn, "start")
    return {"role": turn["role"], "words": [word]} | _said(turn, "content")


def _vapi_turn(turn: Mapping[str, Any], began: datetime) -> dict[str, Any]:
    message = _with_time({"role": turn["role"]} | _said(turn, "message"), turn, "secondsFromStart")
    at = _ms(began) + 1_000
    return message | {"time": at, "endTime": at + 1_500}


def _said(turn: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {f"{name}_literal": turn["text_literal"]} if "text_literal" in turn else {name: turn["text"]}


def _with_time(said: dict[str, Any], turn: Mapping[str, Any], name: str, *, per_s: int = 1) -> dict[str, Any]:
    if "at_literal" in turn:
        return said | {f"{name}_literal": turn["at_literal"]}
    return said | ({name: turn["at"] * per_s} if "at" in turn else {})


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _iso(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _epoch_ms(value: Any) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value / 1_000, UTC)
