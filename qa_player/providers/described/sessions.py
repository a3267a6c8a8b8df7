"""Sessions out of an API's JSON: every field on its own, so that an odd one hurts no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.session import Session, SessionState
from qa_player.providers.described.document import Description
from qa_player.providers.described.fields import AddressedRecording, Paths, SessionStateField, Time, told
from qa_player.providers.described.paths import alternatives, first, is_named, values
from qa_player.providers.described.units import milliseconds, moment
from qa_player.providers.reading import count, identifier, metadata, short_text

_GOING_ON = (SessionState.IN_PROGRESS, SessionState.PROCESSING)


def session_of(description: Description, connection: Connection, item: Any, *, listed: bool) -> Session | None:
    """The session that an item of a list (``listed``) or a detail tells of; null when it has no usable id."""
    said = description.session
    session_id = identifier(first(item, said.id))
    if session_id is None or not isinstance(item, dict):
        return None
    agent = short_text(first(item, said.agent))
    state = _state(said.state, item)
    shown_id = session_id if len(session_id) <= 12 else f"{session_id[:8]}…"
    turn_count = count(first(item, said.turn_count))
    return Session(
        connection=connection.name,
        provider=connection.provider,
        session_id=session_id,
        title=short_text(first(item, said.title)) or " ".join(filter(None, (agent, shown_id))),
        agent=agent,
        state=state,
        recording_state=recording_state(description, item, state, listed=listed),
        started_at=_moment(said.started_at, item),
        ended_at=_moment(said.ended_at, item),
        duration_ms=length_of(said.duration, item),
        retention_deadline=_moment(said.retention_deadline, item),
        parties=tuple(filter(None, (short_text(first(item, path)) for path in said.parties))),
        turn_count=turn_count,
        interruption_count=count(first(item, said.interruption_count)),
        metadata=metadata(_metadata(item, said.metadata)),
    )


def recording_state(description: Description, item: Any, state: SessionState, *, listed: bool) -> RecordingState:
    """Whether the recording can be heard. What a list leaves out is told by the detail, and until then believed."""
    recording = description.recording
    if recording is None:
        return RecordingState.NONE
    if recording.state is not None:
        said = told(recording.state.words, first(item, recording.state.path))
        if said is not None:
            none_yet = said == RecordingState.NONE and state in _GOING_ON
            return RecordingState.PROCESSING if none_yet else RecordingState(said)
    there = RecordingState.AVAILABLE
    signs = recording.address if isinstance(recording, AddressedRecording) else recording.present
    if signs is not None:
        if first(item, signs):
            return RecordingState.AVAILABLE
        if not listed or is_named(item, signs):
            there = RecordingState.NONE
    if state in _GOING_ON:
        return RecordingState.PROCESSING
    return there if state in (SessionState.READY, SessionState.ABORTED) else RecordingState.NONE


def length_of(field: Time | None, item: Any) -> int | None:
    """A length in milliseconds, also one between two moments; null when it is not told."""
    if field is None:
        return None
    end = milliseconds(first(item, field.path), field.unit)
    if field.since is None or end is None:
        return end
    begin = milliseconds(first(item, field.since), field.unit)
    return end - begin if begin is not None and end >= begin else None


def _moment(field: Time | None, item: Any) -> Any:
    return None if field is None else moment(first(item, field.path), field.unit)


def _state(field: SessionStateField | None, item: Any) -> SessionState:
    if field is None:
        return SessionState.READY
    return SessionState(told(field.words, first(item, field.path)) or field.otherwise)


def _metadata(item: Any, paths: Mapping[str, Paths]) -> dict[str, Any]:
    """Each value under its name; a path with ``[*]`` gives a list."""
    found = {}
    for name, way in paths.items():
        several = [value for path in alternatives(way) if "[*]" in path for value in values(item, path)]
        value = several or first(item, way)
        if value is not None:
            found[name] = value
    return found
