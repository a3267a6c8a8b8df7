"""Suki's answers, as documented and as feared, and how seldom it is asked."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

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
    UnexpectedAnswerError,
    UsageError,
)
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingMode, RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import SessionState
from qa_player.model.timing import TimingQuality
from qa_player.model.transcript import Flag, Role, TimeSource
from qa_player.providers.base import Ability, GivesNotes, ListsSessions, SessionQuery
from qa_player.providers.http import Http
from qa_player.providers.vendors.suki.feed import read_visit
from qa_player.providers.vendors.suki.note import read_note
from qa_player.providers.vendors.suki.provider import PROVIDER, Suki, SukiWithFeed
from qa_player.providers.vendors.suki.recordings import parts_of, read_offers
from qa_player.providers.vendors.suki.transcript import items_of, read_transcript, recording_starts

PARTNER = "partner.canary-7Zq/+=4f1e.token"
HOUR = 3_600.0
UNSURE = 365 * 86_400.0


def jwt(number: int, **claims: float) -> str:
    told = base64.urlsafe_b64encode(json.dumps(claims | {"jti": number}).encode()).decode().rstrip("=")
    return f"head.{told}.canary{number}"


class Server:
    """Suki by its documents. ``recording`` answers for recordings; ``count`` says how often each thing was asked."""

    def __init__(self, clock: StillClock) -> None:
        self.clock = clock
        self.ahead = timedelta()
        """How far this server's clock is ahead of the machine's."""
        self.status: object = "completed"
        self.transcript: Any = payload("suki", "transcript.json")
        self.recording: Callable[[Asked], bytes] = lambda asked: as_json(payload("suki", "recording.json"))
        self.content: Callable[[], bytes] = lambda: as_json(payload("suki", "content.json"))
        self.structured: Callable[[], bytes] = lambda: as_json(payload("suki", "structured-data.json"))
        self.count: Counter[str] = Counter()
        self.logins: list[Asked] = []
        self.good: set[str] = set()
        self.life_s = HOUR
        self.claims = True

    def __call__(self, asked: Asked) -> bytes:
        what = asked.path.rpartition("/")[2]
        self.count[what] += 1
        said = self._said(asked, what)
        date = (self.clock.now + self.ahead).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return said.replace(b"\r\n", f"\r\nDate: {date}\r\n".encode(), 1)

    def _said(self, asked: Asked, what: str) -> bytes:
        if what == "login":
            self.logins.append(asked)
            now = (self.clock.now + self.ahead).timestamp()
            claims = {"iat": now, "exp": now + self.life_s} if self.claims else {}
            token = jwt(len(self.logins), **claims)
            self.good = {token}
            return as_json({"suki_token": token, "jwt_bearer": None})
        if asked.headers.get("sdp_suki_token") not in self.good:
            return as_json({}, 401)
        if what == "status":
            return as_json({"status": self.status})
        if what == "transcript":
            return as_json(self.transcript)
        if what == "recording":
            return self.recording(asked)
        return self.content() if what == "content" else self.structured()


@pytest.fixture
def server(site: Site, clock: StillClock) -> Server:
    site.says = server = Server(clock)
    return server


@pytest.fixture
def connection(site: Site) -> Connection:
    return Connection(
        name="here",
        provider="suki",
        base_url=f"{site.url}/api/v1",
        options={"partner_id": "clinic", "provider_id": "dr-7"},
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


@pytest.fixture
def suki(loop: Loop, connection: Connection, http: Http, server: Server) -> Iterator[Suki]:
    suki = Suki(connection, Secret(PARTNER), http)
    yield suki
    loop.run(suki.aclose())


async def test_the_partners_token_is_exchanged_once(suki: Suki, server: Server, site: Site) -> None:
    await suki.detail("s1")
    (login,) = server.logins
    assert (login.method, login.path) == ("POST", "/api/v1/auth/login")
    assert json.loads(login.body) == {"partner_id": "clinic", "partner_token": PARTNER, "provider_id": "dr-7"}
    assert "sdp_suki_token" not in login.headers
    for asked in site.asked[1:]:
        assert asked.headers["sdp_suki_token"] in server.good
        assert asked.headers["sdp_provider_id"] == "dr-7"
        assert PARTNER not in str(asked)


async def test_one_login_is_in_flight(suki: Suki, server: Server) -> None:
    details = await asyncio.gather(*(suki.detail(f"s{number}") for number in range(6)))
    assert len(details) == 6
    assert server.count["login"] == 1


async def test_it_is_renewed_before_it_dies_and_not_much_before(suki: Suki, server: Server, clock: StillClock) -> None:
    await suki.detail("s1")
    clock.pass_s(HOUR - 120)
    await suki.detail("s1")
    assert server.count["login"] == 1
    clock.pass_s(61)
    await suki.detail("s1")
    assert server.count["login"] == 2


@pytest.mark.parametrize("life_s", [-50.0, 0.0, 20.0])
async def test_a_token_that_says_it_is_dead_is_used_all_the_same(suki: Suki, server: Server, life_s: float) -> None:
    server.life_s = life_s
    await suki.detail("s1")
    assert server.count["login"] == 1


async def test_a_token_that_says_nothing_is_good_for_an_hour(suki: Suki, server: Server, clock: StillClock) -> None:
    server.claims = False
    await suki.detail("s1")
    clock.pass_s(HOUR - 120)
    await suki.detail("s1")
    clock.pass_s(120)
    await suki.detail("s1")
    assert server.count["login"] == 2


@pytest.mark.parametrize("days", [-10, 10])
async def test_a_token_lives_by_its_makers_clock(suki: Suki, server: Server, clock: StillClock, days: int) -> None:
    server.ahead = timedelta(days=days)
    await suki.detail("s1")
    clock.pass_s(HOUR - 120)
    await suki.detail("s1")
    assert server.count["login"] == 1


async def test_a_refused_token_is_renewed_once(suki: Suki, server: Server) -> None:
    await suki.detail("s1")
    server.good = set()
    await suki.detail("s1")
    assert server.count["login"] == 2
    assert server.count["status"] == 3, "the refused request was repeated once"


async def test_a_token_that_is_never_good_ends_in_a_sentence(suki: Suki, server: Server, site: Site) -> None:
    site.says = lambda asked: server(asked) if asked.path.endswith("login") else as_json({}, 401)
    with pytest.raises(KeyRefusedError):
        await suki.detail("s1")
    assert server.count["login"] == 2


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (as_json({}, 401), KeyRefusedError),
        (as_json({}, 400), UsageError),
        (as_json({}, 422), UsageError),
        (as_json({}, 404), UnexpectedAnswerError),
        (as_json({}, 410), UnexpectedAnswerError),  # of the login, not of any recording
        (answer(302, b"", Location="/elsewhere"), UnexpectedAnswerError),
        (as_json({"suki_token": None}), UnexpectedAnswerError),
        (as_json({"suki_token": 7}), UnexpectedAnswerError),
        (as_json({"suki_token": "two words"}), UnexpectedAnswerError),
        (as_json([]), UnexpectedAnswerError),
    ],
)
async def test_logins_that_fail(suki: Suki, site: Site, said: bytes, kind: type[QaPlayerError]) -> None:
    site.says = lambda asked: said
    for call in (suki.check(), suki.detail("s1"), suki.recording("s1", "recording")):
        with pytest.raises(kind) as raised:
            await call
        assert type(raised.value) is kind
        assert "canary" not in repr(raised.value.__dict__)
    assert {asked.path for asked in site.asked} == {"/api/v1/auth/login"}, "a login is not sent anywhere else"


async def test_without_a_partner_nothing_is_asked(connection: Connection, http: Http, site: Site) -> None:
    suki = Suki(connection.model_copy(update={"options": {}}), Secret(PARTNER), http)
    with pytest.raises(UsageError, match="partner_id"):
        await suki.check()
    assert site.asked == []


async def test_a_session_as_documented(suki: Suki, server: Server) -> None:
    detail = await suki.detail("01JD3Q7VXH4N8S5W2K6TZB9MRC")
    session = detail.session
    assert (session.title, session.state, session.recording_state) == (
        "Visit 01JD3Q7V…",
        SessionState.READY,
        RecordingState.AVAILABLE,
    )
    assert session.started_at == datetime(2026, 11, 20, 9, 30, 0, 123_456, tzinfo=UTC)
    assert session.retention_deadline == session.started_at + timedelta(days=7)
    assert [(turn.raw_start_ms, turn.raw_end_ms, turn.time_source) for turn in detail.turns] == [
        (120, 6_520, TimeSource.SPEECH_START),
        (3_675_250, 3_678_000, TimeSource.SPEECH_START),
        (3_680_000, 3_681_000, TimeSource.DERIVED),
    ]
    assert {(turn.role, turn.raw_role) for turn in detail.turns} == {(Role.UNKNOWN, "")}
    assert detail.timing.quality is TimingQuality.APPROXIMATE
    assert [(part.part_id[-3:], part.sequence, part.start_ms, part.mode) for part in detail.parts] == [
        ("MR1", 1, 0, RecordingMode.STREAM),
        ("MR2", 2, None, RecordingMode.STREAM),
    ]
    assert detail.parts[0].expires_at == datetime.fromtimestamp(1_795_180_500, UTC)
    assert b"canary" not in detail.raw
    assert set(json.loads(detail.raw)) == {"status", "transcript", "recording"}


async def test_equal_offsets_give_way_to_the_wall(suki: Suki, server: Server) -> None:
    server.transcript = payload("suki", "transcript-documented.json")
    turns = (await suki.detail("s1")).turns
    assert [(turn.raw_start_ms, turn.raw_end_ms, turn.time_source) for turn in turns] == [
        (0, 6_400, TimeSource.DERIVED),
        (6_877, 9_377, TimeSource.DERIVED),
    ]


def test_offsets_that_begin_anew_with_each_recording_are_not_joined_silently() -> None:
    turns, timing = read_transcript(items_of(payload("suki", "transcript-two-recordings.json")))
    assert [(turn.raw_start_ms, turn.time_source) for turn in turns] == [
        (1_000, TimeSource.SPEECH_START),
        (50_000, TimeSource.SPEECH_START),
        (242_000, TimeSource.DERIVED),
        (None, TimeSource.NONE),
    ]
    assert timing.quality is TimingQuality.APPROXIMATE


def test_recordings_begin_where_the_wall_says_when_offsets_begin_anew() -> None:
    anew = items_of(payload("suki", "transcript-two-recordings.json"))
    assert recording_starts(anew) == (0, 240_000)
    assert recording_starts(anew[:2]) == (), "the control: one recording"
    unsure = [item if item["recording_id"] == "A" else item | {"start_time": None} for item in anew]
    assert recording_starts(unsure) == ()


async def test_a_part_s_start_is_the_transcript_s_when_it_tells_of_as_many(suki: Suki, server: Server) -> None:
    server.transcript = payload("suki", "transcript-two-recordings.json")
    detail = await suki.detail("s1")
    assert [part.start_ms for part in detail.parts] == [0, 240_000]


def test_odd_items_are_kept_in_their_place() -> None:
    turns, _ = read_transcript(items_of(payload("suki", "odd-transcript.json")))
    assert [turn.index for turn in turns] == list(range(11))
    starts = {turn.text: (turn.raw_start_ms, turn.raw_end_ms) for turn in turns}
    assert starts["components add up"] == (75_000, 76_500)
    assert starts["text components"] == (80_000, 81_000)
    assert starts["end before start"] == (95_000, None)
    flags = {turn.text: turn.flags for turn in turns}
    assert flags["nothing at all"] == flags["a text for an item"] == (Flag.TIME_MISSING,)
    for text in ("negative", "numbers, not objects", "bad wall", "four hundred days"):
        assert flags[text] == (Flag.TIME_INVALID,), text
    assert (turns[6].role, turns[6].text) == (Role.AGENT, "")
    assert (turns[7].role, turns[7].text) == (Role.USER, "list of texts")


@pytest.mark.parametrize(
    ("status", "state", "recording"),
    [
        ("COMPLETED", SessionState.READY, RecordingState.AVAILABLE),
        ("running", SessionState.IN_PROGRESS, RecordingState.PROCESSING),
        ("paused", SessionState.IN_PROGRESS, RecordingState.PROCESSING),
        ("created", SessionState.IN_PROGRESS, RecordingState.PROCESSING),
        ("SKIPPED", SessionState.EMPTY, RecordingState.NONE),
        ("aborted", SessionState.ABORTED, RecordingState.AVAILABLE),
        ("failed", SessionState.FAILED, RecordingState.AVAILABLE),
        ("brand_new", SessionState.READY, RecordingState.AVAILABLE),
        (None, SessionState.READY, RecordingState.AVAILABLE),
    ],
)
async def test_states(
    suki: Suki, server: Server, status: object, state: SessionState, recording: RecordingState
) -> None:
    server.status = status
    session = (await suki.detail("s1")).session
    assert (session.state, session.recording_state) == (state, recording)
    if state in (SessionState.IN_PROGRESS, SessionState.EMPTY):
        assert server.count["recording"] == 0, "every access is logged in the clinician's name"


@pytest.mark.parametrize("said", [False, "false", "False"])
async def test_what_cannot_be_streamed_is_downloaded(suki: Suki, server: Server, said: object) -> None:
    modes: list[str] = []

    def recording(asked: Asked) -> bytes:
        modes.append(asked.target.partition("?")[2])
        return as_json(payload("suki", "recording.json") | {"is_streamable": said})

    server.recording = recording
    detail = await suki.detail("s1")
    assert modes == ["download=false", "download=true"]
    assert {part.mode for part in detail.parts} == {RecordingMode.DOWNLOAD}


async def test_nothing_said_of_streaming_means_yes(suki: Suki, server: Server) -> None:
    server.recording = lambda asked: as_json(payload("suki", "odd-recordings.json"))
    detail = await suki.detail("s1")
    assert server.count["recording"] == 1
    assert [(part.part_id, part.sequence, part.mode) for part in detail.parts] == [
        ("part-0", 0, RecordingMode.STREAM),
        ("same", 1, RecordingMode.STREAM),
        ("part-2", 3, RecordingMode.STREAM),
        ("dies in the past", 5, RecordingMode.STREAM),
    ]
    seconds = datetime.fromtimestamp(1_795_180_500, UTC)
    assert [part.expires_at for part in detail.parts] == [
        datetime(2026, 11, 20, 12, 15, tzinfo=UTC),
        seconds,
        seconds,
        None,
    ]
    assert b"canary" not in detail.raw


async def test_each_part_has_its_own_door_and_no_key(suki: Suki, server: Server, site: Site, other: Site) -> None:
    def recording(asked: Asked) -> bytes:
        items = [
            {
                "recording_id": name,
                "presigned_url": f"{other.url}/{name}?n={server.count['recording']}",
                "expires_at": dies,
            }
            for name in ("a", "b")
        ]
        return as_json({"recordings": items, "is_streamable": True})

    dies = server.clock.now.timestamp() + 900
    server.recording = recording
    other.says = lambda asked: answer(403) if "n=1" in asked.target else answer(206, b"x", Content_Range="bytes 0-0/1")
    await suki.detail("s1")
    door = await suki.recording("s1", "b")
    assert server.count["recording"] == 1, "the addresses of the detail are still good"
    assert door.expires_at == dies
    assert door.issued_at == server.clock.now.timestamp()
    assert (await door.read(0, 1, None)).status == 403
    await door.renew()
    answered = await door.read(0, 1, None)
    assert answered.status == 206
    await answered.aclose()
    assert [asked.target for asked in other.asked] == ["/b?n=1", "/b?n=2"]
    assert all("sdp_suki_token" not in asked.headers for asked in other.asked)
    server.clock.pass_s(1_000)
    dies = server.clock.now.timestamp() + 900
    await suki.recording("s1", "a")
    assert server.count["recording"] == 3, "the control: what has died is asked for again"
    with pytest.raises(NotFoundError):
        await suki.recording("s1", "c")


async def test_a_404_is_asked_again_at_most_six_times_in_a_quarter_of_an_hour(
    suki: Suki, server: Server, clock: StillClock
) -> None:
    server.recording = lambda asked: as_json({}, 404)
    server.transcript = {"final_transcript": []}
    for _ in range(90):
        with pytest.raises(NotReadyError) as raised:
            await suki.recording("s1", "recording")
        assert "Try again in" in raised.value.next_step
        session = (await suki.detail("s1")).session
        assert (session.state, session.recording_state) == (SessionState.PROCESSING, RecordingState.PROCESSING)
        clock.pass_s(10)
    assert 4 <= server.count["recording"] <= 6
    clock.pass_s(900)
    server.recording = lambda asked: as_json(payload("suki", "recording.json"))
    assert (await suki.detail("s1")).session.state is SessionState.READY


async def test_no_window_of_a_quarter_of_an_hour_holds_more_than_six(
    suki: Suki, server: Server, clock: StillClock
) -> None:
    asked: list[float] = []

    def recording(_: Asked) -> bytes:
        asked.append(clock.monotonic())
        return as_json({}, 404)

    server.recording = recording
    server.transcript = {}
    for _ in range(1_500):
        with pytest.raises(NotReadyError):
            await suki.recording("s1", "recording")
        clock.pass_s(3)
    assert len(asked) >= 6
    assert all(sum(start <= at < start + 900 for at in asked) <= 6 for start in asked)


async def test_an_old_404_is_no_recording(suki: Suki, server: Server, clock: StillClock) -> None:
    server.recording = lambda asked: as_json({}, 404)
    clock.pass_s(2 * 86_400)
    session = (await suki.detail("s1")).session
    assert (session.state, session.recording_state) == (SessionState.READY, RecordingState.NONE)
    with pytest.raises(NoRecordingError):
        await suki.recording("s1", "recording")
    assert server.count["recording"] == 1


async def test_after_410_nothing_is_asked_again(suki: Suki, server: Server) -> None:
    server.recording = lambda asked: as_json({}, 410)
    detail = await suki.detail("s1")
    assert (detail.session.state, detail.session.recording_state) == (SessionState.READY, RecordingState.GONE)
    assert [part.state for part in detail.parts] == [RecordingState.GONE]
    assert len(detail.turns) == 3, "the transcript is still there"
    for _ in range(5):
        with pytest.raises(GoneError):
            await suki.recording("s1", "recording")
        assert (await suki.detail("s1")).session.recording_state is RecordingState.GONE
    assert server.count["recording"] == 1
    assert (await suki.detail("s2")).session.recording_state is RecordingState.GONE
    assert server.count["recording"] == 2, "the control: another session is asked for"


async def test_who_may_not_hear_a_visit_may_read_it(suki: Suki, server: Server) -> None:
    server.recording = lambda asked: as_json({}, 403)
    for _ in range(3):
        detail = await suki.detail("s1")
        assert (detail.session.state, detail.session.recording_state) == (SessionState.READY, RecordingState.NONE)
        assert len(detail.turns) == 3
        with pytest.raises(NoRecordingError, match="does not let this partner have it"):
            await suki.recording("s1", "recording")
    assert server.count["recording"] == 1, "a refusal is not asked for again at once"


async def test_a_detail_asks_for_no_recording_whose_address_is_still_good(
    suki: Suki, server: Server, clock: StillClock
) -> None:
    dies = clock.now.timestamp() + 900
    items = [{"recording_id": "a", "presigned_url": "https://media.example/a?canary", "expires_at": dies}]
    server.recording = lambda asked: as_json({"recordings": items, "is_streamable": True})
    first = await suki.detail("s1")
    for _ in range(8):
        clock.pass_s(100)
        assert await suki.detail("s1") == first
    assert server.count["recording"] == 1
    clock.pass_s(100)
    await suki.detail("s1")
    assert server.count["recording"] == 2, "the control: what has died is asked for again"


async def test_gone_in_the_middle(suki: Suki, server: Server) -> None:
    first = (await suki.detail("s1")).parts[0].part_id
    door = await suki.recording("s1", first)
    server.recording = lambda asked: as_json({}, 410)
    with pytest.raises(GoneError):
        await door.renew()
    asked = server.count["recording"]
    with pytest.raises(GoneError):
        await door.renew()
    with pytest.raises(GoneError):
        await suki.recording("s1", first)
    assert server.count["recording"] == asked


@pytest.mark.parametrize("days", [-10, 10])
@pytest.mark.parametrize("status", [200, 404])
async def test_a_clock_that_is_wrong_by_days_never_marks_anything_gone(
    suki: Suki, server: Server, days: int, status: int
) -> None:
    """The visit was this morning by Suki's clock, ten days ago or ahead by this machine's."""
    server.ahead = timedelta(days=days)
    shift = timedelta(days=days)
    for item in server.transcript["final_transcript"]:
        for name in ("start_time", "end_time"):
            item[name] = (datetime.fromisoformat(item[name]) + shift).isoformat()
    if status == 404:
        server.recording = lambda asked: as_json({}, 404)
    session = (await suki.detail("s1")).session
    expected = RecordingState.AVAILABLE if status == 200 else RecordingState.PROCESSING
    assert session.recording_state is expected
    assert session.retention_deadline == datetime(2026, 11, 27, 9, 30, 0, 123_456, tzinfo=UTC) + shift


async def test_the_note(suki: Suki, server: Server) -> None:
    note = await suki.notes("s1")
    assert note is not None
    first = note.sections[0]
    assert (first.title, first.loinc_code, first.text, first.evidence) == (
        "History of Present Illness",
        "10164-2",
        "Knee pain for three weeks.",
        ("It started about three weeks ago.",),
    )
    assert set(note.structured) == {"diagnoses", "orders"}
    assert (await suki.notes("s1")) == note
    server.content = lambda: as_json(payload("suki", "odd-content.json"))
    odd = await suki.notes("s1")
    assert odd is not None
    assert [(one.title, one.loinc_code, one.text) for one in odd.sections] == [
        ("", "101642", "Two pieces"),
        ("", None, "only text"),
        ("", None, ""),
    ]
    assert odd.sections[2].evidence == ('{"text": "an object"}', "a snippet")
    assert odd.digest != note.digest


async def test_a_session_without_a_note(suki: Suki, server: Server) -> None:
    for said in (as_json({"summary": []}), as_json({}), as_json({}, 404)):
        server.content = lambda said=said: said
        assert await suki.notes("s1") is None
    server.content = lambda: as_json({}, 409)
    with pytest.raises(NotReadyError):
        await suki.notes("s1")
    server.content, server.structured = (lambda: as_json(payload("suki", "content.json"))), (lambda: as_json({}, 404))
    note = await suki.notes("s1")
    assert note is not None
    assert note.structured == {}


@pytest.mark.parametrize("session_id", ["..%2f", "a/b?c", "ü"])
async def test_any_id_is_one_part_of_the_path(suki: Suki, site: Site, session_id: str) -> None:
    await suki.detail(session_id)
    assert {asked.path.count("/") for asked in site.asked[1:]} == {6}
    with pytest.raises(NotFoundError):
        await suki.detail("..")


@pytest.mark.parametrize("body", [[], None, {}, "completed", 7])
async def test_a_status_that_is_none(suki: Suki, server: Server, site: Site, body: object) -> None:
    site.says = lambda asked: server(asked) if asked.path.endswith("login") else as_json(body)
    with pytest.raises(UnexpectedAnswerError):
        await suki.detail("s1")


@pytest.fixture
def fed(loop: Loop, connection: Connection, http: Http, server: Server, other: Site) -> Iterator[SukiWithFeed]:
    options = {**connection.options, "feed_url": f"{other.url}/today?clinic=5"}
    other.says = lambda asked: as_json(payload("suki", "visits.json"))
    suki = PROVIDER.make(connection.model_copy(update={"options": options}), Secret(PARTNER), http)
    assert isinstance(suki, SukiWithFeed)
    yield suki
    loop.run(suki.aclose())


async def test_the_feed_lists_visits_and_gets_no_key(fed: SukiWithFeed, server: Server, other: Site) -> None:
    page = await fed.list_sessions(SessionQuery(), None, 50)
    assert [(one.session_id, one.title, one.agent, one.state) for one in page.sessions] == [
        ("v2", "Visit v2", None, SessionState.READY),
        ("v1", "Knee pain", "Dr. Osei", SessionState.READY),
        ("77", "number for an id", None, SessionState.IN_PROGRESS),
    ]
    assert (page.unreadable, page.total) == (2, 3)
    first = page.sessions[1]
    assert (first.parties, first.duration_ms) == (("Dr. Osei", "R. H."), 1_080_000)
    assert first.retention_deadline == datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    assert other.asked[0].target == "/today?clinic=5"
    assert server.logins == []
    assert not {"sdp_suki_token", "sdp_provider_id", "authorization"} & other.asked[0].headers.keys()
    detail = await fed.detail("v1")
    assert detail.session.title == "Knee pain"
    assert len(other.asked) == 1


async def test_a_visit_of_the_feed_is_known_without_its_list(fed: SukiWithFeed, other: Site) -> None:
    assert (await fed.detail("v1")).session.title == "Knee pain"
    other.says = lambda asked: answer(500)
    assert (await fed.detail("elsewhere")).session.title == "Visit elsewhere", "a feed that is down hides no visit"


async def test_a_feed_that_wants_a_key_does_not_speak_of_sukis(fed: SukiWithFeed, other: Site) -> None:
    other.says = lambda asked: answer(401)
    with pytest.raises(UsageError, match="feed"):
        await fed.list_sessions(SessionQuery(), None, 50)


async def test_the_feed_is_narrowed(fed: SukiWithFeed) -> None:
    since = datetime(2026, 11, 20, 9, 45, tzinfo=UTC)
    assert [one.session_id for one in (await fed.list_sessions(SessionQuery(since=since), None, 9)).sessions] == ["v2"]
    assert [one.session_id for one in (await fed.list_sessions(SessionQuery(until=since), None, 9)).sessions] == ["v1"]
    by_agent = await fed.list_sessions(SessionQuery(agent="Dr. Osei"), None, 9)
    assert [one.session_id for one in by_agent.sessions] == ["v1"]


def test_what_it_says_of_itself(suki: Suki, fed: SukiWithFeed) -> None:
    assert (PROVIDER.name, PROVIDER.base_url) == ("suki", "https://sdp.suki.ai/api/v1")
    assert (PROVIDER.sides.agent, PROVIDER.sides.user, PROVIDER.key_label) == ("Clinician", "Patient", "Partner token")
    assert {"partner_id", "provider_id", "feed_url"} <= {option.name for option in PROVIDER.options}
    assert not isinstance(suki, ListsSessions)
    assert Ability.LIST not in suki.abilities
    assert isinstance(fed, ListsSessions)
    assert isinstance(suki, GivesNotes)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
OFFSET = ANYTHING | st.fixed_dictionaries({}, optional=dict.fromkeys(("hours", "minutes", "seconds", "nanos"), SCALARS))
WALL = ANYTHING | st.datetimes().map(lambda at: at.isoformat() + "123Z")
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "transcript": ANYTHING,
        "recording_id": st.sampled_from(["A", "B"]) | ANYTHING,
        "start_offset": OFFSET,
        "end_offset": OFFSET,
        "start_time": WALL,
        "end_time": WALL,
        "speaker_role": ANYTHING,
    },
)
OFFERED = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("recording_id", "expires_at", "sequence_number"), ANYTHING) | {"presigned_url": st.text()},
)
SECTION = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("title", "loinc_code", "content", "source_transcripts"), ANYTHING)
)


@given(st.fixed_dictionaries({"final_transcript": st.lists(ITEM | ANYTHING, max_size=5) | ANYTHING}) | ANYTHING)
def test_whatever_comes_as_a_transcript_is_read(told: Any) -> None:
    items = items_of(told)
    turns, _ = read_transcript(items)
    assert [turn.index for turn in turns] == list(range(len(items)))
    for turn in turns:
        assert (turn.raw_start_ms is None) == bool(turn.flags)


@given(st.fixed_dictionaries({"recordings": st.lists(OFFERED | ANYTHING, max_size=5) | ANYTHING}))
def test_whatever_comes_as_recordings_is_read(told: Any) -> None:
    parts = parts_of(read_offers(told, RecordingMode.STREAM, now=0.0))
    assert len({part.part_id for part in parts}) == len(parts)
    assert [part.sequence for part in parts] == sorted(part.sequence for part in parts)


@given(st.fixed_dictionaries({"summary": st.lists(SECTION | ANYTHING, max_size=4) | ANYTHING}) | ANYTHING, ANYTHING)
def test_whatever_comes_as_a_note_is_read(content: Any, structured: Any) -> None:
    note = read_note("s1", content, structured)
    assert note is None or note.sections


@given(st.dictionaries(st.sampled_from(["title", "clinician", "patient", "started_at", "ended_at"]), ANYTHING | WALL))
def test_whatever_comes_as_a_visit_is_read(told: Any) -> None:
    read_visit(told)
