"""The calls that the stand-in for Lyzr holds: its own ones, and the sample conversations in LiveKit's words."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qa_player.demo.dates import began
from qa_player.demo.samples import Sample
from qa_player.files import resource

AUDIO_LATER_S = 1.84
"""How long after its session a recording begins."""
SENT_EARLIER_S = 0.045
"""How long before it is heard in the recording an answer was sent."""
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
    def traces(self) -> list[dict[str, Any]]:
        """One for each answer of the agent, with how long it took to come and what it cost."""
        items = self.told.get("chatHistory") or []
        answers = [item for item in items if item.get("type") == "message" and item.get("role") == "assistant"]
        return [
            {
                "traceId": f"tr_{self.session_id[:8]}_{number:03}",
                "name": "agent turn",
                "timestamp": _text(datetime.fromtimestamp(answer.get("created_at") or 0.0, UTC)),
                "latencySeconds": round(0.62 + 0.07 * (number % 5), 2),
                "totalCostUsd": round(0.0004 + 0.00001 * number, 6),
            }
            for number, answer in enumerate(answers, 1)
        ]

    @property
    def ended_at(self) -> str:
        return str(self.told.get("endedAt") or self.told.get("startedAt") or "")


def load_calls(now: datetime | None = None) -> list[Call]:
    """Every shipped call; packaging/demo/calls.py makes them."""
    now = now or datetime.now().astimezone()
    told = (json.loads(path.read_text("utf-8")) for path in sorted(resource("demo", "calls").glob("*.json")))
    return [_shipped(call, began(call, now, lasted=timedelta(milliseconds=call["duration_ms"]))) for call in told]


def calls_of(samples: Sequence[Sample]) -> list[Call]:
    """The conversations whose recording is of the kind that Lyzr makes, as it would hold them."""
    return [call_of(one) for one in samples if one.ours and one.truth and one.recording and _is_ogg(one.recording)]


def call_of(sample: Sample) -> Call:
    """One conversation as a call."""
    heard = sample.recording if sample.recording is not None and _is_ogg(sample.recording) else None
    session_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"lyzr:{sample.session_id}"))
    told = {
        "session_id": session_id,
        "agent_id": uuid.uuid5(uuid.NAMESPACE_URL, sample.character_slug).hex[:24],
        "duration_ms": sample.duration_ms,
        "turns": sample.told.get("turns", []),
    }
    return Call(_transcript(told, sample.created_at, recorded=heard is not None), heard)


def _is_ogg(recording: Path) -> bool:
    return recording.suffix == ".ogg"


def _shipped(told: Mapping[str, Any], at: datetime) -> Call:
    media = resource("demo", "calls", str(told["media"])) if "media" in told else None
    return Call(_transcript(told, at, recorded=True), media, str(told.get("no_audio", _MISSING)))


def _transcript(told: Mapping[str, Any], at: datetime, *, recorded: bool) -> dict[str, Any]:
    """A transcript object: items in seconds since the epoch, the recording begun some time after the session."""
    session_id = str(told["session_id"])
    audio_zero = at.timestamp() + AUDIO_LATER_S
    ended = at + timedelta(milliseconds=int(told["duration_ms"]) + 2_600)
    items = _items(told, audio_zero)
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_URL, session_id).hex[:24],
        "sessionId": session_id,
        "roomName": f"call-{session_id[:8]}",
        "agentId": told["agent_id"],
        "orgId": str(uuid.uuid5(uuid.NAMESPACE_URL, "acme")),
        "createdByUserId": "user-7",
        "closeReason": "participant_disconnected",
        "durationMs": told["duration_ms"],
        "messageCount": sum(item["type"] == "message" for item in items),
        "startedAt": _text(at),
        "endedAt": _text(ended),
        "createdAt": _text(ended),
        "updatedAt": _text(ended),
        "chatHistory": items,
        "sessionReport": {
            "job_id": f"AJ_{session_id[:8]}",
            "room": f"call-{session_id[:8]}",
            "audio_recording_path": f"/tmp/{session_id}/audio.ogg" if recorded else None,  # noqa: S108 -- theirs
            "audio_recording_started_at": audio_zero if recorded else None,
            "events": [],
            "timestamp": ended.timestamp(),
        },
    }


def _items(told: Mapping[str, Any], audio_zero: float) -> list[dict[str, Any]]:
    interrupted = told.get("interrupted", ())
    items = []
    for index, turn in enumerate(told["turns"]):
        message = _message(turn, index, audio_zero)
        before = told["turns"][index - 1] if index else turn
        if turn["role"] == "assistant" and before["role"] == "user" and turn["start_ms"] > before["end_ms"]:
            # the agent stops its watch when it sends its first sound, which is heard a little later
            message["metrics"]["e2e_latency"] = (turn["start_ms"] - before["end_ms"]) / 1_000 - SENT_EARLIER_S
        items.append(message | {"interrupted": index in interrupted})
        for number, tool in enumerate(told.get("tools", ())):
            if tool["after"] == index:
                items += _tool(tool, f"call_{number}", message["created_at"])
    return items


def _message(turn: Mapping[str, Any], index: int, audio_zero: float) -> dict[str, Any]:
    started, stopped = audio_zero + turn["start_ms"] / 1_000, audio_zero + turn["end_ms"] / 1_000
    by_user = turn["role"] == "user"
    return {
        "id": f"item_{index:04}",
        "type": "message",
        "role": turn["role"],
        "content": [turn["text"]],
        # a user's turn is stamped when it was committed, after it was spoken
        "created_at": stopped + 0.6 if by_user else started - 0.1,
        "transcript_confidence": 0.94 if by_user else None,
        "metrics": {"started_speaking_at": started, "stopped_speaking_at": stopped},
    }


def _tool(tool: Mapping[str, Any], call_id: str, at: float) -> list[dict[str, Any]]:
    shared = {"call_id": call_id, "name": tool["name"]}
    asked = {"type": "function_call", "arguments": tool["arguments"], "created_at": at + 0.1}
    got = {"type": "function_call_output", "output": tool["output"], "is_error": False, "created_at": at + 0.4}
    return [shared | {"id": f"{call_id}_a"} | asked, shared | {"id": f"{call_id}_b"} | got]


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
