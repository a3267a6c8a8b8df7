"""Lyzr's answers, as documented, as its source writes them, and as feared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.clock import StillClock
from parts.loop import Loop
from parts.provider_cases import payload
from parts.raw_server import Asked, Site, answer, as_json
from qa_player.errors import (
    GoneError,
    KeyRefusedError,
    NoRecordingError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    RequestRefusedError,
    UnexpectedAnswerError,
    UsageError,
)
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingMode, RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import SessionState
from qa_player.model.timing import TimingQuality
from qa_player.model.transcript import Flag, Role, TimeSource
from qa_player.providers.base import SessionQuery
from qa_player.providers.http import Http
from qa_player.providers.vendors.lyzr.conversation import read_conversation
from qa_player.providers.vendors.lyzr.provider import PROVIDER, Lyzr
from qa_player.providers.vendors.lyzr.session import read_session

KEY = "lz_canary-7Zq/+=4f1e"
ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
ENDED = datetime(2025, 11, 20, 12, 1, 4, 250_000, tzinfo=UTC)


def told(**changes: Any) -> dict[str, Any]:
    """The session, with ``changes`` to it; ``report_…`` to its report."""
    transcript = payload("lyzr", "session.json")["transcript"]
    for name, value in changes.items():
        if name.startswith("report_"):
            transcript["sessionReport"][name.removeprefix("report_")] = value
        else:
            transcript[name] = value
    return transcript


@pytest.fixture
def connection(site: Site) -> Connection:
    return Connection(
        name="here", provider="lyzr", base_url=f"{site.url}/v1", created_at=datetime(2026, 11, 20, tzinfo=UTC)
    )


@pytest.fixture
def lyzr(loop: Loop, connection: Connection, http: Http) -> Iterator[Lyzr]:
    lyzr = Lyzr(connection, Secret(KEY), http)
    yield lyzr
    loop.run(lyzr.aclose())


async def test_a_session_as_the_source_writes_it(lyzr: Lyzr, site: Site) -> None:
    site.says = lambda asked: as_json({"transcript": told()})
    detail = await lyzr.detail(ID)
    session = detail.session
    assert site.asked[0].target == f"/v1/transcripts/{ID}"
    assert site.asked[0].headers["x-api-key"] == KEY
    assert (session.title, session.agent) == ("Where is my parcel?", "65a1b2c3d4e5f60718293a4b")
    assert (session.state, session.recording_state) == (SessionState.READY, RecordingState.AVAILABLE)
    assert (session.started_at, session.ended_at) == (datetime(2025, 11, 20, 11, 59, 58, tzinfo=UTC), ENDED)
    assert (session.duration_ms, session.turn_count, session.interruption_count) == (61_234, 5, 1)
    assert [(turn.role, turn.raw_start_ms, turn.raw_end_ms, turn.time_source) for turn in detail.turns] == [
        (Role.SYSTEM, -2_000, None, TimeSource.CREATED_AT),
        (Role.AGENT, 1_200, 3_800, TimeSource.TURN_STAMP),
        (Role.USER, 5_250, 7_500, TimeSource.SPEECH_START),
        (Role.TOOL, 8_600, None, TimeSource.CREATED_AT),
        (Role.TOOL, 9_100, None, TimeSource.CREATED_AT),
        (Role.AGENT, 9_600, 11_200, TimeSource.SPEECH_START),
        (Role.USER, 13_000, None, TimeSource.CREATED_AT),
        (Role.SYSTEM, 14_000, None, TimeSource.CREATED_AT),
        (Role.UNKNOWN, 15_000, None, TimeSource.CREATED_AT),
    ]
    turns = detail.turns
    assert [turn.text for turn in turns[1:7]] == [
        "Hello, how can I help?",
        "Where is my \nparcel?",
        'find_parcel({"number": 7})',
        "on its way",
        "It is on its wa",
        "Thanks.",
    ]
    assert (turns[3].speaker, turns[3].raw_role, turns[4].raw_role) == (
        "find_parcel",
        "function_call",
        "function_call_output",
    )
    assert '"billing"' in turns[7].text
    assert '{"a": 1}' in turns[8].text
    assert [turn.index for turn in turns if turn.interrupted] == [5]
    assert [turn.confidence for turn in turns if turn.confidence is not None] == [0.87]
    (part,) = detail.parts
    assert (part.part_id, part.mode, part.mime) == ("recording", RecordingMode.BYTES, "audio/ogg")
    assert b"/tmp/session/audio.ogg" not in detail.raw, "a path on their machine is nobody's business"


@pytest.mark.parametrize(
    ("changes", "first_ms", "quality"),
    [
        ({}, 1_200, TimingQuality.APPROXIMATE),  # one user turn is only stamped when it was committed
        ({"report_audio_recording_started_at": None}, 3_700, TimingQuality.APPROXIMATE),
        ({"report_audio_recording_started_at": "1763640000"}, 1_700, TimingQuality.APPROXIMATE),
        ({"report_audio_recording_started_at": 1_763_640_000_500}, 3_700, TimingQuality.APPROXIMATE),
        ({"report_audio_recording_started_at": 0}, 3_700, TimingQuality.APPROXIMATE),
        ({"report_audio_recording_started_at": None, "startedAt": None}, 3_200, TimingQuality.UNKNOWN),
    ],
)
def test_where_audio_zero_lies(changes: dict[str, Any], first_ms: int, quality: TimingQuality) -> None:
    turns, timing = read_conversation(told(**changes), 61_234)
    assert (turns[1].raw_start_ms, timing.quality) == (first_ms, quality)


def test_it_is_exact_when_all_speech_was_measured() -> None:
    spoken = [item for item in told()["chatHistory"] if item.get("metrics")]
    turns, timing = read_conversation(told(chatHistory=spoken), 61_234)
    assert (len(turns), timing.quality) == (2, TimingQuality.EXACT)


def test_one_stretch_of_speech_belongs_to_one_turn() -> None:
    items = [
        {"type": "message", "role": "assistant", "content": ["a"], "created_at": at}
        for at in (1763640004.4, 1763640004.5)
    ]
    turns, _ = read_conversation(told(chatHistory=items), 61_234)
    assert [(turn.raw_start_ms, turn.time_source) for turn in turns] == [
        (1_200, TimeSource.TURN_STAMP),
        (4_000, TimeSource.CREATED_AT),
    ]


async def test_the_documents_say_nothing_of_items(lyzr: Lyzr, site: Site) -> None:
    site.says = lambda asked: as_json(payload("lyzr", "documented.json"))
    detail = await lyzr.detail(ID)
    assert [(turn.role, turn.flags) for turn in detail.turns] == [(Role.UNKNOWN, (Flag.TIME_MISSING,))]
    assert detail.session.recording_state is RecordingState.AVAILABLE, (
        "nothing says it was not recorded: it is asked for"
    )


async def test_odd_items_are_kept_in_their_place(lyzr: Lyzr, site: Site) -> None:
    site.says = lambda asked: as_json(payload("lyzr", "odd-items.json"))
    turns = (await lyzr.detail(ID)).turns
    by_text = {turn.text: turn for turn in turns}
    assert [turn.index for turn in turns] == list(range(14))
    assert [by_text[text].flags for text in ("milliseconds", "text time", "null time", "a text for an item")] == [
        (Flag.TIME_INVALID,),
        (Flag.TIME_INVALID,),
        (Flag.TIME_MISSING,),
        (Flag.TIME_MISSING,),
    ]
    assert (by_text["content is text"].role, by_text["no type"].role) == (Role.USER, Role.USER)
    assert (turns[4].role, turns[4].text, turns[5].text) == (Role.SYSTEM, "", "")
    assert (by_text["confidence 7"].confidence, by_text["confidence 7"].interrupted) == (None, False)
    assert by_text["stops before it starts"].raw_end_ms is None
    assert by_text["before audio zero"].raw_start_ms == -1_500
    assert turns[12].text == '({"already": "an object"})'
    assert turns[13].text == "<b>markup</b> & 5 < 6"


async def test_a_page_with_odd_rows(lyzr: Lyzr, site: Site) -> None:
    site.says = lambda asked: as_json(payload("lyzr", "page.json"))
    page = await lyzr.list_sessions(SessionQuery(), None, 25)
    assert (len(page.sessions), page.unreadable, page.total, page.cursor) == (3, 2, 5, None)
    whole, going, silent = page.sessions
    assert (whole.turn_count, whole.interruption_count) == (5, 1)
    assert (going.title, going.state, going.started_at, going.duration_ms) == (
        "Call 9b0c1f1e…",
        SessionState.IN_PROGRESS,
        None,
        None,
    )
    assert (silent.state, silent.recording_state) == (SessionState.EMPTY, RecordingState.NONE)


async def test_what_a_listing_asks_for(site: Site, connection: Connection, http: Http) -> None:
    lyzr = Lyzr(connection.model_copy(update={"options": {"agent_id": "a" * 24}}), Secret(KEY), http)
    site.says = lambda asked: as_json({"items": [], "total": 0})
    await lyzr.list_sessions(SessionQuery(since=datetime(2026, 1, 2, tzinfo=UTC)), "50", 1_000)
    await lyzr.list_sessions(SessionQuery(agent="b" * 24), None, 0)
    assert parse_qs(site.asked[0].target.partition("?")[2]) == {
        "limit": ["25"],
        "offset": ["50"],
        "sort": ["desc"],
        "agentId": ["a" * 24],
        "from": ["2026-01-02T00:00:00Z"],
    }
    assert parse_qs(site.asked[1].target.partition("?")[2])["agentId"] == ["b" * 24]
    with pytest.raises(UsageError):
        await lyzr.list_sessions(SessionQuery(), "https://elsewhere.invalid/", 5)


@pytest.mark.parametrize(
    ("page", "cursor"),
    [
        ({"nextOffset": 9, "total": 99}, "9"),
        ({"nextOffset": 0, "total": 99}, None),
        ({"nextOffset": None, "total": 99}, None),
        ({"nextOffset": "9"}, "9"),
        ({"total": 99}, "1"),
        ({"total": 1}, None),
        ({}, None),
    ],
)
async def test_the_next_page_always_leads_on(lyzr: Lyzr, site: Site, page: dict[str, Any], cursor: str | None) -> None:
    site.says = lambda asked: as_json({"items": [told()]} | page)
    assert (await lyzr.list_sessions(SessionQuery(), None, 5)).cursor == cursor
    site.says = lambda asked: as_json({"items": []} | page)
    assert (await lyzr.list_sessions(SessionQuery(), None, 5)).cursor is None


class Server:
    """The session at its place, and ``audio`` at that of its recording."""

    def __init__(self, clock: StillClock, audio: bytes | Callable[[Asked], bytes], **changes: Any) -> None:
        self.clock, self.audio, self.changes = clock, audio, changes
        self.audio_asked = 0

    def __call__(self, asked: Asked) -> bytes:
        if not asked.path.endswith("/audio"):
            date = self.clock.now.strftime("%a, %d %b %Y %H:%M:%S GMT")
            return as_json({"transcript": told(**self.changes)}, Date=date)
        self.audio_asked += 1
        return self.audio if isinstance(self.audio, bytes) else self.audio(asked)


async def read(lyzr: Lyzr) -> bytes:
    door = await lyzr.recording(ID, "recording")
    answered = await door.read(0, None, None)
    try:
        return b"".join([piece async for piece in answered.chunks])
    finally:
        await answered.aclose()


async def test_the_stream_comes_with_the_key_and_without_a_length(lyzr: Lyzr, site: Site, clock: StillClock) -> None:
    seen: list[Asked] = []

    def audio(asked: Asked) -> bytes:
        seen.append(asked)
        return answer(200, b"OggS and more", Content_Type="audio/ogg", Content_Length="")

    site.says = Server(clock, audio)
    door = await lyzr.recording(ID, "recording")
    assert (door.expires_at, door.issued_at) == (None, None)
    answered = await door.read(5, 9, None)
    assert (answered.status, answered.start, answered.total, answered.mime) == (200, 0, None, "audio/ogg")
    assert b"".join([piece async for piece in answered.chunks]) == b"OggS and more"
    await answered.aclose()
    assert (seen[0].headers["x-api-key"], seen[0].headers["accept-encoding"]) == (KEY, "identity")
    assert seen[0].target == f"/v1/transcripts/{ID}/audio"


async def test_a_redirect_to_storage_does_not_carry_the_key(
    lyzr: Lyzr, site: Site, other: Site, clock: StillClock
) -> None:
    site.says = Server(clock, answer(302, b"", Location=f"{other.url}/signed?X-Amz-Signature=canary"))
    other.says = lambda asked: answer(200, b"OggS", Content_Type="audio/ogg")
    assert await read(lyzr) == b"OggS"
    assert len(other.asked) == 1
    assert "x-api-key" not in other.asked[0].headers
    assert KEY not in str(other.asked[0].headers)


@pytest.mark.parametrize(
    ("status", "body", "ended_h_ago", "kind", "words"),
    [
        (404, {"error": "Audio recording not found."}, 0.1, NotReadyError, "still making"),
        (404, {"error": "Audio recording not found."}, 5, NoRecordingError, "recording was off"),
        (404, {"error": "Audio recordings not configured"}, 0.1, NoRecordingError, "storage"),
        (503, {"error": "Storage is not configured"}, 5, NoRecordingError, "storage"),
        (404, {"error": "Transcript not found"}, 0.1, NoRecordingError, "does not let this key"),
        (401, {"error": "Invalid key"}, 5, KeyRefusedError, "refused the key"),
        (403, {}, 5, KeyRefusedError, "does not let this key"),
        (410, {}, 5, GoneError, "for good"),
        (400, {"error": "x", "issues": []}, 5, RequestRefusedError, ""),
    ],
)
async def test_each_cause_has_its_sentence(
    lyzr: Lyzr,
    site: Site,
    clock: StillClock,
    status: int,
    body: dict[str, Any],
    ended_h_ago: float,
    kind: type[QaPlayerError],
    words: str,
) -> None:
    ended = clock.now - timedelta(hours=ended_h_ago)
    site.says = Server(clock, as_json(body, status), endedAt=ended.isoformat())
    with pytest.raises(kind) as raised:
        await read(lyzr)
    assert type(raised.value) is kind
    assert words in raised.value.message
    assert raised.value.next_step


async def test_not_recorded_is_known_without_asking(lyzr: Lyzr, site: Site, clock: StillClock) -> None:
    server = Server(clock, answer(404), report_audio_recording_path=None, report_audio_recording_started_at=None)
    site.says = server
    with pytest.raises(NoRecordingError) as raised:
        await lyzr.recording(ID, "recording")
    assert "audio_recording_enabled" in raised.value.next_step
    assert server.audio_asked == 0


async def test_what_is_not_yet_there_is_asked_for_at_most_six_times(lyzr: Lyzr, site: Site, clock: StillClock) -> None:
    server = Server(clock, answer(404), endedAt=clock.now.isoformat())
    site.says = server
    for _ in range(90):
        with pytest.raises(NotReadyError):
            await read(lyzr)
        clock.pass_s(10)
    assert 4 <= server.audio_asked <= 6
    server.audio = answer(200, b"OggS")
    clock.pass_s(900)
    assert await read(lyzr) == b"OggS"


async def test_a_clock_that_is_wrong_by_days_changes_nothing(lyzr: Lyzr, site: Site, clock: StillClock) -> None:
    """Lyzr's clock says a minute after the end, this machine's ten days later."""
    date = (ENDED + timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    site.says = lambda asked: (
        answer(404, Date=date) if asked.path.endswith("/audio") else as_json({"transcript": told()}, Date=date)
    )
    assert abs((clock.now - ENDED).days) >= 10
    with pytest.raises(NotReadyError):
        await read(lyzr)


async def test_the_last_request_that_is_allowed_is_followed_by_a_pause(
    lyzr: Lyzr, site: Site, clock: StillClock
) -> None:
    site.says = lambda asked: as_json({"transcript": told()}, RateLimit='"100-in-1min"; r=0; t=42')
    await lyzr.detail(ID)
    assert clock.slept == []
    site.says = lambda asked: as_json({"transcript": told()}, RateLimit='"100-in-1min"; r=7; t=42')
    await lyzr.detail(ID)
    assert sum(clock.slept) >= 42
    slept = list(clock.slept)
    await lyzr.detail(ID)
    assert clock.slept == slept, "the control: with some left there is no pause"


@pytest.mark.parametrize("session_id", ["..%2f", "{3FA85F64}", "a/b?c", "ü"])
async def test_any_id_is_one_part_of_the_path(lyzr: Lyzr, site: Site, session_id: str) -> None:
    site.says = lambda asked: answer(404)
    with pytest.raises(NotFoundError):
        await lyzr.detail(session_id)
    assert site.asked[0].target.count("/") == 3
    assert "?" not in site.asked[0].target


async def test_the_case_of_an_id_does_not_matter(lyzr: Lyzr, site: Site) -> None:
    site.says = lambda asked: as_json({"transcript": told()})
    assert (await lyzr.detail(ID.upper())).session.session_id == ID.upper()
    with pytest.raises(UnexpectedAnswerError):
        await lyzr.detail("00000000-5717-4562-b3fc-2c963f66afa6")


def test_what_it_says_of_itself() -> None:
    assert (PROVIDER.name, PROVIDER.base_url) == ("lyzr", "https://voice-livekit.studio.lyzr.ai/v1")
    assert (PROVIDER.sides.agent, PROVIDER.sides.user) == ("Agent", "User")
    assert "agent_id" in {option.name for option in PROVIDER.options}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
TIME = st.floats() | st.sampled_from([1763640000.5, 1763640001.0, 1763640000500]) | ANYTHING
KINDS = st.sampled_from(["message", "function_call", "function_call_output", "agent_handoff", "new"]) | ANYTHING
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "type": KINDS,
        "role": st.sampled_from(["user", "assistant"]) | ANYTHING,
        "content": ANYTHING,
        "created_at": TIME,
        "transcript_confidence": ANYTHING,
        "interrupted": ANYTHING,
        "metrics": ANYTHING | st.fixed_dictionaries({"started_speaking_at": TIME, "stopped_speaking_at": TIME}),
        "name": ANYTHING,
        "arguments": ANYTHING,
        "output": ANYTHING,
    },
)
EVENT = st.fixed_dictionaries(
    {"type": st.sampled_from(["agent_state_changed", "user_state_changed"]), "created_at": TIME},
    optional={"old_state": st.just("speaking") | ANYTHING, "new_state": st.just("speaking") | ANYTHING},
)
REPORT = st.fixed_dictionaries(
    {}, optional={"events": st.lists(EVENT | ANYTHING, max_size=4), "audio_recording_started_at": TIME}
)
FIELDS = ("roomName", "agentId", "durationMs", "messageCount", "startedAt", "endedAt", "closeReason")
TRANSCRIPT = st.fixed_dictionaries(
    {"sessionId": st.just(ID) | ANYTHING, "chatHistory": st.lists(ITEM | ANYTHING, max_size=5) | ANYTHING},
    optional={"sessionReport": REPORT | ANYTHING, **dict.fromkeys(FIELDS, ANYTHING)},
)
HERE = Connection(
    name="here", provider="lyzr", base_url="https://x.invalid", created_at=datetime(2026, 1, 1, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("seconds", "waited_ms"),
    [(0.8421, 842), (0, 0), (None, None), ("0.8", 800), (-0.1, None), (float("nan"), None), (1e300, None)],
)
def test_how_long_the_user_waited_is_kept_as_the_agent_measured_it(seconds: object, waited_ms: int | None) -> None:
    item = {"type": "message", "role": "assistant", "content": ["Yes."], "metrics": {"e2e_latency": seconds}}
    turns, _ = read_conversation({"chatHistory": [item]}, None)
    assert turns[0].delay_ms == waited_ms


@given(TRANSCRIPT)
def test_whatever_comes_is_read(transcript: dict[str, Any]) -> None:
    session = read_session(HERE, transcript)
    turns, timing = read_conversation(transcript, None if session is None else session.duration_ms)
    assert [turn.index for turn in turns] == list(range(len(turns)))
    assert timing.offset_ms == 0
    for turn in turns:
        assert (turn.raw_start_ms is None) == bool(turn.flags)


async def test_traces_as_documented_are_rows_and_their_trouble_is_none_of_the_call(lyzr: Lyzr, site: Site) -> None:
    traces = json.dumps(payload("lyzr", "traces.json")).encode()

    async def read(answered: bytes) -> dict[str, str]:
        site.says = lambda asked: answered if "/traces/" in asked.target else as_json({"transcript": told()})
        detail = await lyzr.beside(await lyzr.detail(ID))
        assert detail.turns
        return {row.name: row.value for group in detail.facts if group.title == "Traces" for row in group.rows}

    assert await read(answer(200, traces)) == {
        "Together": "1.75 s, 0.001200 US dollars, 3 traces",
        "agent turn": "10:00:03 UTC, 1.25 s, 0.001200 US dollars",
        "Trace 2": "0.50 s",
        "Trace 3": "nothing is told of it",
    }
    assert site.asked[-1].target == f"/v1/traces/session/{ID}?page=1&limit=100"
    assert await read(answer(404)) == {}
    assert await read(answer(403)) == {"Not read": "This key may not read them."}
    assert "documents promise" in (await read(answer(200, b'{"traces": 7}')))["Not read"]
    assert await read(answer(200, b'{"traces": []}')) == {}
