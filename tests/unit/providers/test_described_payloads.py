"""Retell, Vapi and ElevenLabs as their documents show them, read by the descriptions that come with the program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parts.provider_cases import payload
from qa_player.errors import QaPlayerError
from qa_player.files import resource
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.session import Session, SessionState
from qa_player.model.timing import TimingQuality
from qa_player.model.transcript import Flag, Role, TimeSource, Turn
from qa_player.providers.base import SessionQuery
from qa_player.providers.described import paging, transcripts
from qa_player.providers.described.document import Description, read_description
from qa_player.providers.described.paths import first, items
from qa_player.providers.described.sessions import session_of

VENDORS = ("retell", "vapi", "elevenlabs")


def description(vendor: str) -> Description:
    return read_description(resource("providers", f"{vendor}.toml"))


def connection(vendor: str) -> Connection:
    return Connection(name="c", provider=vendor, base_url="https://x.example", created_at=datetime.now(UTC))


def listed(vendor: str, answer: Any = None) -> list[Session | None]:
    said = description(vendor)
    assert said.listing is not None
    found = items(payload(vendor, "listing.json") if answer is None else answer, said.listing.items) or []
    return [session_of(said, connection(vendor), item, listed=True) for item in found]


def detailed(vendor: str, answer: Any = None) -> tuple[Session | None, tuple[Turn, ...], TimingQuality]:
    said = description(vendor)
    item = first(payload(vendor, "detail.json") if answer is None else answer, said.detail.root)
    session = session_of(said, connection(vendor), item, listed=False)
    received = transcripts.turns_received(said.transcript, item)
    turns, timing = transcripts.read(said.transcript, received, item, session.duration_ms if session else None)
    return session, turns, timing.quality


def test_retell() -> None:
    heard, going, unconnected, unreadable = listed("retell")
    assert heard is not None
    assert going is not None
    assert unconnected is not None
    assert unreadable is None
    assert (heard.session_id, heard.agent, heard.duration_ms) == ("call_4dd8a1", "Front desk", 15_791)
    assert heard.started_at == datetime(2024, 5, 2, 0, 7, 55, 945_000, UTC)
    assert heard.parties == ("+12137771234", "+12137771235")
    assert heard.recording_state is RecordingState.AVAILABLE, "the list leaves it out, the detail tells"
    assert (going.state, going.recording_state) == (SessionState.IN_PROGRESS, RecordingState.PROCESSING)
    assert (unconnected.state, unconnected.recording_state) == (SessionState.EMPTY, RecordingState.NONE)
    session, turns, quality = detailed("retell")
    assert session is not None
    assert quality is TimingQuality.APPROXIMATE
    assert [(turn.role, turn.raw_start_ms, turn.raw_end_ms) for turn in turns] == [
        (Role.AGENT, 700, 2_250),
        (Role.USER, 3_100, 3_500),
        (Role.THIRD_PARTY, None, None),
        (Role.UNKNOWN, None, None),
    ]
    assert [turn.flags for turn in turns] == [(), (), (Flag.TIME_MISSING,), (Flag.TIME_INVALID,)]
    assert turns[0].time_source is TimeSource.WORD


def test_vapi() -> None:
    heard, queued, unreadable = listed("vapi")
    assert heard is not None
    assert queued is not None
    assert unreadable is None
    assert (heard.duration_ms, heard.parties) == (60_250, ("+15551234567", "Ann"))
    assert heard.started_at == datetime(2024, 7, 27, 14, 0, 5, 500_000, UTC)
    assert (queued.state, queued.started_at) == (SessionState.IN_PROGRESS, datetime(2024, 7, 27, 13, 59, tzinfo=UTC))
    _, turns, quality = detailed("vapi")
    assert quality is TimingQuality.APPROXIMATE
    assert [(turn.role, turn.raw_start_ms, turn.raw_end_ms) for turn in turns] == [
        (Role.SYSTEM, 0, None),
        (Role.AGENT, 1_000, 2_600),
        (Role.USER, 4_500, 5_750),
        (Role.TOOL, 6_500, None),
        (Role.TOOL, 7_500, None),
        (Role.AGENT, 8_500, None),
    ], "lengths are those between two moments, whatever unit `duration` has"
    assert turns[4].text == "booked"
    assert "book" in turns[3].text


def test_elevenlabs() -> None:
    heard, going, processing = listed("elevenlabs")
    assert heard is not None
    assert going is not None
    assert processing is not None
    assert (heard.title, heard.duration_ms, heard.turn_count) == ("Moving an appointment", 10_000, 3)
    assert heard.started_at == datetime(2024, 4, 29, 20, 40, 32, tzinfo=UTC)
    assert (going.state, processing.state) == (SessionState.IN_PROGRESS, SessionState.PROCESSING)
    session, turns, _ = detailed("elevenlabs")
    assert session is not None
    assert (session.title, session.agent, session.started_at) == (heard.title, heard.agent, heard.started_at)
    assert session.recording_state is RecordingState.AVAILABLE
    assert [turn.raw_start_ms for turn in turns] == [0, 2_000, 5_000, None]
    assert "calendar" in turns[2].text
    silent = payload("elevenlabs", "detail.json") | {"has_audio": False}
    again, _, _ = detailed("elevenlabs", silent)
    assert again is not None
    assert again.recording_state is RecordingState.NONE


@pytest.mark.parametrize(
    ("vendor", "asked"),
    [
        (
            "retell",
            {
                "limit": 20,
                "sort_order": "descending",
                "include_total": True,
                "filter_criteria": {
                    "agent": [{"agent_id": "a-1"}],
                    "start_timestamp": {"type": "range", "op": "bt", "value": [1_700_000_000_000, 1_700_086_400_000]},
                },
            },
        ),
        (
            "vapi",
            {
                "limit": 20,
                "assistantId": "a-1",
                "createdAtGe": "2023-11-14T22:13:20Z",
                "createdAtLe": "2023-11-15T22:13:20Z",
            },
        ),
        (
            "elevenlabs",
            {
                "page_size": 20,
                "summary_mode": "include",
                "agent_id": "a-1",
                "call_start_after_unix": 1_700_000_000,
                "call_start_before_unix": 1_700_086_400,
            },
        ),
    ],
)
def test_the_list_is_asked_for_as_documented(vendor: str, asked: dict[str, Any]) -> None:
    listing = description(vendor).listing
    assert listing is not None
    since = datetime.fromtimestamp(1_700_000_000, UTC)
    query = SessionQuery(agent="a-1", since=since, until=since + timedelta(days=1))
    assert paging.question(listing, query, paging.place_of(listing, None, 20), {"agent": ""}) == asked
    limited = paging.question(listing, SessionQuery(), paging.place_of(listing, None, 100_000), {"agent": ""})
    assert listing.most in limited.values(), "no more is asked for than the vendor gives"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def _replaced(value: Any, draw: Callable[[Any], Any]) -> Any:
    """``value`` with some of what is in it replaced by something else."""
    if draw(st.integers(0, 7)) == 0:
        return draw(JSON)
    if isinstance(value, dict):
        return {name: _replaced(item, draw) for name, item in value.items()}
    return [_replaced(item, draw) for item in value] if isinstance(value, list) else value


@settings(max_examples=60)
@given(data=st.data())
@pytest.mark.parametrize("vendor", VENDORS)
def test_whatever_comes_only_our_errors_come_out(vendor: str, data: st.DataObject) -> None:
    try:
        detailed(vendor, _replaced(payload(vendor, "detail.json"), data.draw))
        listed(vendor, _replaced(payload(vendor, "listing.json"), data.draw))
    except QaPlayerError:
        pass
