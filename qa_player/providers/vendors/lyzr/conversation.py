"""A Lyzr chat history as turns in time, by what LiveKit's agents write into a session report.

All times there are seconds since the epoch. ``created_at`` means different things for different items (late by the
whole utterance for a user's turn, after playing for a scripted line), so it comes last: first when an item's speech
was measured, then when the agent's or the user's state changed to speaking.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa_player.model.roles import role_of
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Flag, Role, TimeSource, Turn
from qa_player.model.value import MAX_MS
from qa_player.providers.reading import instant, long_text, mapping, number, short_text
from qa_player.providers.turns import in_another_unit

SAME_CALL_S = 86_400.0
"""A recording that began further than this from the session is in another unit, or another session's."""
NEAR_S = 5.0
"""How far an item may lie from the stretch of speech that is taken for its own."""

_TOOLS = ("function_call", "function_call_output")


@dataclass(frozen=True)
class Zero:
    """Where audio zero lies, in seconds since the epoch, and how sure that is."""

    at: float
    quality: TimingQuality


@dataclass
class Stretch:
    """From when to when a side was speaking, by the session's events; one item has it."""

    start: float
    end: float | None
    taken: bool = False

    def distance(self, at: float) -> float:
        """How far ``at`` lies outside of it, in seconds."""
        return max(self.start - at, 0.0, at - (self.start if self.end is None else self.end))


@dataclass(frozen=True)
class When:
    """An item's time in seconds since the epoch, as far as it is known."""

    start: float | None
    end: float | None
    source: TimeSource


def items_of(transcript: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items in their order: ``chatHistory``, or the report's own history where that is empty."""
    report = mapping(transcript.get("sessionReport"))
    for items in (transcript.get("chatHistory"), mapping(report.get("chat_history")).get("items")):
        if isinstance(items, list) and items:
            return [item if isinstance(item, dict) else {"type": "unknown", "content": item} for item in items]
    return []


def read_conversation(transcript: Mapping[str, Any], duration_ms: int | None) -> tuple[tuple[Turn, ...], Timing]:
    """Every item as a turn in its place, and how sure their clock is."""
    items = items_of(transcript)
    speech = _speech(transcript)
    times = [_when(item, speech) for item in items]
    zero = _zero(transcript, [time.start for time in times if time.start is not None])
    starts = [_ms(time.start, zero) for time in times]
    misread = in_another_unit([start for start in starts if start is not None], duration_ms)
    if misread:
        starts = [None] * len(starts)
    turns = tuple(
        _turn(index, item, time, start, zero)
        for index, (item, time, start) in enumerate(zip(items, times, starts, strict=True))
    )
    return turns, Timing(quality=_quality(turns, zero, misread=misread), origin=TimingOrigin.PROVIDER)


def _zero(transcript: Mapping[str, Any], starts: Sequence[float]) -> Zero:
    began = instant(transcript.get("startedAt"))
    session = began.timestamp() if began is not None else min(starts, default=None)
    recording = number(mapping(transcript.get("sessionReport")).get("audio_recording_started_at"))
    if recording is not None and session is not None and abs(recording - session) < SAME_CALL_S:
        return Zero(recording, TimingQuality.EXACT)
    if began is not None:
        return Zero(began.timestamp(), TimingQuality.APPROXIMATE)
    return Zero(session or 0.0, TimingQuality.UNKNOWN)


def _quality(turns: Sequence[Turn], zero: Zero, *, misread: bool) -> TimingQuality:
    if misread:
        return TimingQuality.UNKNOWN
    spoken = [turn for turn in turns if turn.role in (Role.USER, Role.AGENT) and turn.raw_start_ms is not None]
    guessed = any(turn.time_source is TimeSource.CREATED_AT for turn in spoken)
    return TimingQuality.APPROXIMATE if zero.quality is TimingQuality.EXACT and guessed else zero.quality


def _when(item: Mapping[str, Any], speech: Mapping[Role, list[Stretch]]) -> When:
    metrics = mapping(item.get("metrics"))
    started, stopped = _epoch(metrics.get("started_speaking_at")), _epoch(metrics.get("stopped_speaking_at"))
    created = _epoch(item.get("created_at"))
    role = role_of(str(item.get("role", ""))) if item.get("type") == "message" else Role.UNKNOWN
    near = created if started is None else started
    own = (
        None
        if near is None
        else min(
            (one for one in speech.get(role, ()) if not one.taken and one.distance(near) <= NEAR_S),
            key=lambda one: one.distance(near),
            default=None,
        )
    )
    if own is not None:
        own.taken = True
    if started is not None:
        return When(started, stopped, TimeSource.SPEECH_START)
    if own is not None:
        return When(own.start, own.end, TimeSource.TURN_STAMP)
    return When(created, None, TimeSource.NONE if created is None else TimeSource.CREATED_AT)


def _speech(transcript: Mapping[str, Any]) -> dict[Role, list[Stretch]]:
    """When each side was speaking, from the report's state changes."""
    events = mapping(transcript.get("sessionReport")).get("events")
    found: dict[Role, list[Stretch]] = {Role.AGENT: [], Role.USER: []}
    sides = {"agent_state_changed": Role.AGENT, "user_state_changed": Role.USER}
    for event in map(mapping, events if isinstance(events, list) else ()):
        at, side = _epoch(event.get("created_at")), sides.get(str(event.get("type")))
        if at is None or side is None:
            continue
        stretches = found[side]
        if event.get("new_state") == "speaking":
            stretches.append(Stretch(at, None))
        elif event.get("old_state") == "speaking" and stretches and stretches[-1].end is None:
            stretches[-1].end = at
    return found


def _turn(index: int, item: Mapping[str, Any], time: When, start_ms: int | None, zero: Zero) -> Turn:
    kind = short_text(item.get("type")) or ""
    is_message = kind == "message" or (not kind and "role" in item)
    raw_role = (short_text(item.get("role")) if is_message else kind) or ""
    end_ms = _ms(time.end, zero)
    tells_time = (
        item.get("created_at") is not None or mapping(item.get("metrics")).get("started_speaking_at") is not None
    )
    flag = None if start_ms is not None else Flag.TIME_INVALID if tells_time else Flag.TIME_MISSING
    confidence = number(item.get("transcript_confidence"))
    return Turn(
        index=index,
        role=role_of(raw_role) if is_message else Role.TOOL if kind in _TOOLS else _other(kind),
        raw_role=raw_role,
        speaker=short_text(item.get("name")) if kind in _TOOLS else None,
        text=text_of(item, kind, is_message=is_message),
        raw_start_ms=start_ms,
        raw_end_ms=end_ms if start_ms is not None and end_ms is not None and end_ms >= start_ms else None,
        time_source=TimeSource.NONE if start_ms is None else time.source,
        flags=() if flag is None else (flag,),
        interrupted=item.get("interrupted") is True,
        confidence=confidence if confidence is not None and 0 <= confidence <= 1 else None,
        delay_ms=_waited_ms(item),
    )


def _waited_ms(item: Mapping[str, Any]) -> int | None:
    """From the end of what the user said to the agent's first sound, as the agent measured it."""
    seconds = number(mapping(item.get("metrics")).get("e2e_latency"))
    return round(seconds * 1_000) if seconds is not None and 0 <= seconds * 1_000 <= MAX_MS else None


def _other(kind: str) -> Role:
    return Role.SYSTEM if kind == "agent_handoff" else Role.UNKNOWN


def text_of(item: Mapping[str, Any], kind: str, *, is_message: bool) -> str:
    if kind == "function_call":
        return f"{short_text(item.get('name')) or ''}({long_text(item.get('arguments'))})"
    if kind == "function_call_output":
        return long_text(item.get("output"))
    content = item.get("content")
    if is_message and isinstance(content, list):
        # pictures and the like are objects among the texts
        return long_text("\n".join(part for part in content if isinstance(part, str)))
    if is_message or content is not None:
        return long_text(content)
    told = {name: value for name, value in item.items() if name not in ("id", "type", "created_at", "metrics")}
    return long_text(json.dumps(told, ensure_ascii=False)) if told else kind


def _epoch(value: object) -> float | None:
    return None if isinstance(value, str) else number(value)


def _ms(at: float | None, zero: Zero) -> int | None:
    """Milliseconds from audio zero; null for what no recording reaches. A turn may lie before the recording began."""
    if at is None or abs(at - zero.at) * 1_000 > MAX_MS:
        return None
    return round((at - zero.at) * 1_000)
