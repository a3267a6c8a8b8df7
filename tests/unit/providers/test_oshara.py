"""Oshara's answers, as documented and as feared: read to the last turn, nothing guessed, nothing lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parts.loop import Loop
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
from qa_player.model.session import SessionDetail, SessionState
from qa_player.model.timing import TimingOrigin, TimingQuality
from qa_player.model.transcript import Flag, Role
from qa_player.providers.base import Ability, SessionQuery
from qa_player.providers.http import Http
from qa_player.providers.vendors.oshara import PROVIDER, Oshara

PAYLOADS = Path(__file__).parents[2] / "contract" / "payloads" / "oshara"
KEY = "sk_canary-7Zq/+=4f1e"


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def saying(name: str, **changes: object) -> Callable[[Asked], bytes]:
    """The payload, with ``changes`` to its data."""
    if not changes:
        return lambda asked: answer(200, payload(name))
    document = json.loads(payload(name))
    document["data"] |= changes
    return lambda asked: as_json(document)


@pytest.fixture
def oshara(loop: Loop, connection: Connection, http: Http) -> Iterator[Oshara]:
    oshara = Oshara(connection, Secret(KEY), http)
    yield oshara
    loop.run(oshara.aclose())


async def test_the_documented_session(oshara: Oshara, site: Site) -> None:
    site.says = saying("session.json")
    detail = await oshara.detail("sess_a1b2c3")
    session = detail.session
    assert site.asked[0].target == "/api/billing/sessions/sess_a1b2c3/"
    assert site.asked[0].headers["x-api-key"] == KEY
    assert (session.connection, session.provider, session.session_id) == ("here", "oshara", "sess_a1b2c3")
    assert (session.title, session.agent) == ("support-bot sess_a1b2c3", "support-bot")
    assert (session.state, session.recording_state) == (SessionState.READY, RecordingState.AVAILABLE)
    assert session.started_at == datetime(2026, 5, 28, 14, 20, 43, tzinfo=UTC)
    assert session.ended_at == datetime(2026, 5, 28, 14, 23, 48, tzinfo=UTC)
    assert (session.duration_ms, session.turn_count, session.interruption_count) == (184_700, 14, 2)
    assert session.retention_deadline is None
    assert session.metadata == {"user_id": "u_42", "plan": "pro"}
    assert [(turn.index, turn.role, turn.raw_role, turn.raw_start_ms) for turn in detail.turns] == [
        (0, Role.AGENT, "assistant", 420),
        (1, Role.USER, "user", 3_180),
        (2, Role.AGENT, "assistant", 5_040),
    ]
    assert detail.turns[2].text == "Great — what day works for you?"
    assert all(turn.flags == () and turn.raw_end_ms is None for turn in detail.turns)
    assert (detail.timing.quality, detail.timing.origin) == (TimingQuality.APPROXIMATE, TimingOrigin.PROVIDER)
    (part,) = detail.parts
    assert (part.part_id, part.sequence, part.mode, part.state) == (
        "recording",
        0,
        RecordingMode.STREAM,
        RecordingState.AVAILABLE,
    )
    assert part.expires_at == datetime(2026, 5, 28, 14, 40, tzinfo=UTC)
    assert part.duration_ms is None, "the length of the call is not that of the file"


async def test_the_raw_answer_is_kept_without_its_key(oshara: Oshara, site: Site) -> None:
    site.says = saying("session.json")
    detail = await oshara.detail("sess_a1b2c3")
    received = payload("session.json")
    start = received.index(b"https://s3.amazonaws")
    end = received.index(b'"', start)
    assert detail.raw == received[:start] + b"(address removed)" + received[end:]
    assert detail.raw_sha256 == hashlib.sha256(detail.raw).hexdigest()
    assert b"s3://oshara-recordings/sess_a1b2c3.mp4" in detail.raw


@pytest.mark.parametrize(
    "spelling",
    [
        '"recording_presigned_url": "https:\\/\\/h.invalid\\/a?X-Amz-Signature\\u003dcanary-sig"',
        '"recording\\u005fpresigned_url": "https://h.invalid/canary-sig"',
        '"recording_presigned_url": "https://h.invalid/a?\\u0058-Amz-Signature=canary-sig"',
        '"elsewhere": ["https://h.invalid/a?x=1&X-Amz-Signature=canary-sig"]',
        '"metadata": {"subject": "see https://h.invalid/a?sig=canary-sig", "b": "https://h.invalid/?token=canary-sig"}',
        '"recording_presigned_url": "https://h.invalid/a\\"canary-sig"',
    ],
)
async def test_no_spelling_hides_a_signed_address(oshara: Oshara, site: Site, spelling: str) -> None:
    site.says = lambda asked: answer(200, b'{"data": {"session_id": "s", ' + spelling.encode() + b"}}")
    detail = await oshara.detail("s")
    assert b"canary-sig" not in detail.raw
    assert "canary-sig" not in repr(detail)
    json.loads(detail.raw)


async def test_every_messy_turn_is_kept_in_its_place(oshara: Oshara, site: Site) -> None:
    site.says = saying("messy-turns.json")
    detail = await oshara.detail("sess_messy")
    turns = {turn.text: turn for turn in detail.turns}
    assert [turn.index for turn in detail.turns] == list(range(27))
    assert detail.session.title == "Messy <b>turns</b>"
    for text in ("no ts", "null ts"):
        assert turns[text].flags == (Flag.TIME_MISSING,)
    for kind in ("text", "negative", "NaN", "infinite", "1e400", "true", "object", "epoch"):
        turn = turns[f"{kind} ts"]
        assert (turn.raw_start_ms, turn.flags) == (None, (Flag.TIME_INVALID,)), kind
    assert turns["fine"].raw_start_ms == 420
    assert (turns["capital role"].role, turns["capital role"].raw_role) == (Role.AGENT, "Assistant")
    assert turns["system role"].role is Role.SYSTEM
    assert turns["tool role"].role is Role.TOOL
    assert (turns["unknown role"].role, turns["unknown role"].raw_role) == (Role.UNKNOWN, "supervisor")
    assert turns["empty role"].role is turns["no role"].role is turns["number role"].role is Role.UNKNOWN
    assert turns["number role"].raw_start_ms == 10_800_000, "past the end is flagged when it is placed, not here"
    assert turns["joined parts"].raw_start_ms == 2_000
    assert "lone � surrogate and �" in turns
    assert "line\nUser: not a turn\n<script>" in turns
    assert turns["a turn that is text"].flags == (Flag.TIME_MISSING,)
    assert detail.timing.quality is TimingQuality.APPROXIMATE


async def test_milliseconds_are_not_taken_for_seconds(oshara: Oshara, site: Site) -> None:
    site.says = saying("milliseconds.json")
    detail = await oshara.detail("sess_ms")
    assert [turn.flags for turn in detail.turns] == [(Flag.TIME_INVALID,)] * 3
    assert detail.timing.quality is TimingQuality.UNKNOWN


async def test_a_session_in_progress(oshara: Oshara, site: Site) -> None:
    site.says = saying("in-progress.json")
    detail = await oshara.detail("sess_live")
    assert (detail.session.state, detail.session.recording_state) == (
        SessionState.IN_PROGRESS,
        RecordingState.PROCESSING,
    )
    assert (detail.turns, detail.session.duration_ms, detail.session.metadata) == ((), None, {})
    with pytest.raises(NotReadyError):
        await oshara.recording("sess_live", "recording")


async def test_text_without_turns_is_shown_as_one_turn_of_nobody(oshara: Oshara, site: Site) -> None:
    site.says = saying("text-only.json")
    detail = await oshara.detail("sess_text")
    (turn,) = detail.turns
    assert (turn.role, turn.text) == (Role.UNKNOWN, "Assistant: Hi!\nUser: Hello.")
    assert detail.session.started_at == datetime(2026, 5, 28, 8, 50, 43, 123456, tzinfo=UTC)
    assert detail.parts == ()
    with pytest.raises(NoRecordingError):
        await oshara.recording("sess_text", "recording")


async def test_the_digest_follows_the_turns_and_nothing_else(oshara: Oshara, site: Site) -> None:
    async def digest(**changes: object) -> str:
        site.says = saying("session.json", **changes)
        return (await oshara.detail("sess_a1b2c3")).transcript_digest

    turns = json.loads(payload("session.json"))["data"]["transcript"]
    same = await digest()
    assert await digest(estimated_cost_usd="9", recording_presigned_url=None) == same
    for change in ({"text": "Hi? How can I help you today?"}, {"role": "user"}, {"ts": 0.421}, {"ts": "0.42"}):
        assert await digest(transcript=[turns[0] | change, *turns[1:]]) != same
    assert await digest(transcript=turns[::-1]) != same
    assert await digest(transcript=turns[:-1]) != same


async def test_a_page_hides_nothing_behind_a_bad_row(oshara: Oshara, site: Site) -> None:
    site.says = saying("page.json")
    page = await oshara.list_sessions(SessionQuery(), None, 12)
    by_id = {session.session_id: session for session in page.sessions}
    assert list(by_id) == ["sess_1", "142", "sess_deleted", "sess_uploading", "sess_nothing"]
    assert (page.unreadable, page.total, page.cursor) == (7, 12, None)
    assert (by_id["sess_1"].title, by_id["sess_1"].duration_ms, by_id["sess_1"].turn_count) == (
        "Late fee",
        184_700,
        14,
    )
    odd = by_id["142"]
    assert (odd.title, odd.agent, odd.started_at, odd.duration_ms, odd.turn_count) == ("142", None, None, None, 0)
    assert odd.metadata == {"metadata": "just text"}
    assert by_id["sess_deleted"].recording_state is RecordingState.GONE
    assert by_id["sess_uploading"].state is SessionState.PROCESSING
    assert by_id["sess_nothing"].state is SessionState.EMPTY


class Pages:
    """``count`` sessions on a server that gives at most ``most`` a page."""

    def __init__(self, count: int, *, most: int = 200, total: bool = True, past: int = 200) -> None:
        self.count, self.most, self.total, self.past = count, most, total, past

    def __call__(self, asked: Asked) -> bytes:
        query = parse_qs(asked.target.partition("?")[2])
        size = min(int(query["page_size"][0]), self.most)
        start = (int(query["page"][0]) - 1) * size
        if start >= self.count and start > 0 and self.past == 404:
            return answer(404)
        ids = range(start, min(start + size, self.count))
        data: dict[str, object] = {"sessions": {"data": [{"session_id": f"s{number}"} for number in ids]}}
        return as_json({"success": True, "data": data | ({"total_sessions": self.count} if self.total else {})})


@pytest.mark.parametrize("pages", [Pages(25), Pages(20), Pages(25, most=7), Pages(25, total=False), Pages(0)])
@pytest.mark.parametrize("past", [200, 404])
async def test_the_list_is_read_to_its_end(oshara: Oshara, site: Site, pages: Pages, past: int) -> None:
    pages.past = past
    site.says = pages
    found: list[str] = []
    cursor, number = None, 0
    while number == 0 or cursor is not None:
        page = await oshara.list_sessions(SessionQuery(), cursor, 10)
        found += [session.session_id for session in page.sessions]
        cursor, number = page.cursor, number + 1
        assert number < 9
    assert found == [f"s{number}" for number in range(pages.count)]


async def test_what_a_listing_asks_for(site: Site, connection: Connection, http: Http) -> None:
    options = {"character_slug": "support-bot", "tenant_id": "acme"}
    oshara = Oshara(connection.model_copy(update={"options": options}), Secret(KEY), http)
    site.says = Pages(0)
    await oshara.list_sessions(
        SessionQuery(since=datetime(2026, 1, 2, 3, tzinfo=UTC), until=datetime(2026, 2, 1, tzinfo=UTC)), None, 1_000
    )
    await oshara.list_sessions(SessionQuery(agent="other bot"), None, 0)
    assert parse_qs(site.asked[0].target.partition("?")[2]) == {
        "character_slug": ["support-bot"],
        "tenant_id": ["acme"],
        "start": ["2026-01-02T03:00:00Z"],
        "end": ["2026-02-01T00:00:00Z"],
        "page": ["1"],
        "page_size": ["200"],
    }
    assert "character_slug=other%20bot" in site.asked[1].target
    assert "page_size=1" in site.asked[1].target
    with pytest.raises(UsageError):
        await oshara.list_sessions(SessionQuery(), "https://elsewhere.invalid/?page=2", 10)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"success": False, "message": "no", "data": None, "errors": ["x"]}, UnexpectedAnswerError),
        ({"success": True, "data": None}, NotFoundError),
        ({"success": True, "data": []}, UnexpectedAnswerError),
        ({"success": True, "data": "text"}, UnexpectedAnswerError),
        ({"success": True, "data": {"session_id": "another"}}, UnexpectedAnswerError),
        ([], UnexpectedAnswerError),
        (None, NotFoundError),
    ],
)
async def test_answers_that_are_no_session(oshara: Oshara, site: Site, body: object, kind: type[QaPlayerError]) -> None:
    site.says = lambda asked: as_json(body)
    with pytest.raises(kind):
        await oshara.detail("sess_a1b2c3")


async def test_an_answer_without_its_envelope_is_read(oshara: Oshara, site: Site) -> None:
    site.says = lambda asked: as_json(json.loads(payload("session.json"))["data"])
    assert len((await oshara.detail("sess_a1b2c3")).turns) == 3


@pytest.mark.parametrize("session_id", ["", ".", ".."])
async def test_ids_that_would_leave_their_place_are_not_asked_for(oshara: Oshara, site: Site, session_id: str) -> None:
    with pytest.raises(NotFoundError):
        await oshara.detail(session_id)
    assert site.asked == []


@pytest.mark.parametrize("session_id", ["../../admin", "..%2f", "a/b?c=d#e", "{A}", "ü \n", "a" * 400])
async def test_any_id_is_one_part_of_the_path(oshara: Oshara, site: Site, session_id: str) -> None:
    site.says = lambda asked: answer(404)
    with pytest.raises(NotFoundError):
        await oshara.detail(session_id)
    assert site.asked[0].target.count("/") == 5
    assert "?" not in site.asked[0].target


@pytest.mark.parametrize(
    ("status", "kind"), [(400, UsageError), (401, KeyRefusedError), (404, NotFoundError), (410, GoneError)]
)
async def test_statuses_as_documented(oshara: Oshara, site: Site, status: int, kind: type[QaPlayerError]) -> None:
    site.says = lambda asked: as_json({"success": False, "message": "no"}, status)
    with pytest.raises(kind):
        await oshara.detail("sess_a1b2c3")
    with pytest.raises(kind):
        await oshara.check()


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"recording_status": "READY", "recording_presigned_url": None}, RecordingState.PROCESSING),
        ({"recording_status": "PROCESSING"}, RecordingState.PROCESSING),
        ({"recording_status": "NEW_WORD"}, RecordingState.AVAILABLE),
        ({"recording_status": "NEW_WORD", "recording_presigned_url": None}, RecordingState.NONE),
        ({"recording_status": "failed"}, RecordingState.NONE),
        ({"recording_status": None}, RecordingState.NONE),
        ({"recording_status": 7}, RecordingState.AVAILABLE),
    ],
)
async def test_recording_states(oshara: Oshara, site: Site, changes: dict[str, object], state: RecordingState) -> None:
    site.says = saying("session.json", **changes)
    assert (await oshara.detail("sess_a1b2c3")).session.recording_state is state


async def test_the_recording_uses_the_last_address_and_renews_it(oshara: Oshara, site: Site, other: Site) -> None:
    names = iter("abc")

    def next_address(asked: Asked) -> bytes:
        return saying("session.json", recording_presigned_url=f"{other.url}/{next(names)}")(asked)

    site.says = next_address
    other.says = lambda asked: answer(403) if asked.path == "/a" else answer(206, b"b", Content_Range="bytes 0-0/1")
    await oshara.detail("sess_a1b2c3")
    door = await oshara.recording("sess_a1b2c3", "recording")
    assert len(site.asked) == 1, "the address of the last detail is still good"
    assert (await door.read(0, 1, None)).status == 403
    await door.renew()
    answered = await door.read(0, 1, None)
    assert await anext(answered.chunks) == b"b"
    await answered.aclose()
    assert [asked.path for asked in other.asked] == ["/a", "/b"]
    assert all(KEY not in asked.headers.values() for asked in other.asked)


async def test_an_address_that_has_died_meanwhile_is_not_tried(oshara: Oshara, site: Site) -> None:
    """Its dates lie in May and the test's clock stands in November."""
    site.says = saying("session.json")
    await oshara.detail("sess_a1b2c3")
    await oshara.recording("sess_a1b2c3", "recording")
    assert len(site.asked) == 2


async def test_a_recording_that_went_back_from_ready(oshara: Oshara, site: Site, other: Site) -> None:
    site.says = saying("session.json", recording_presigned_url=f"{other.url}/a")
    door = await oshara.recording("sess_a1b2c3", "recording")
    site.says = saying("session.json", recording_status="PROCESSING")
    with pytest.raises(NotReadyError):
        await door.renew()
    site.says = saying("session.json", recording_status="DELETED")
    with pytest.raises(GoneError):
        await door.renew()


async def test_s3_is_never_fetched(oshara: Oshara, site: Site) -> None:
    site.says = saying("session.json", recording_presigned_url="s3://oshara-recordings/sess_a1b2c3.mp4")
    with pytest.raises(UnexpectedAnswerError):
        await oshara.recording("sess_a1b2c3", "recording")
    with pytest.raises(NotFoundError):
        await oshara.recording("sess_a1b2c3", "another part")


def test_what_it_says_of_itself(oshara: Oshara) -> None:
    assert (PROVIDER.name, PROVIDER.title, PROVIDER.base_url) == ("oshara", "Oshara", "https://api.oshara.ai")
    assert {"character_slug", "tenant_id"} <= {option.name for option in PROVIDER.options}
    assert {Ability.LIST, Ability.RENEWAL, Ability.RECORDING_RANGES} <= oshara.abilities
    assert Ability.TURN_END_TIMES not in oshara.abilities


async def test_huge_metadata_stays_within_bounds(oshara: Oshara, site: Site) -> None:
    deep: object = "end"
    for _ in range(60):
        deep = {"deeper": [deep]}
    huge = {"text": "x" * 5_000_000, "deep": deep, "many": list(range(100_000)), "nan": float("nan"), "big": 10**30}
    site.says = saying("session.json", metadata=huge)
    detail = await oshara.detail("sess_a1b2c3")
    assert len(json.dumps(dict(detail.session.metadata), allow_nan=False)) < 40_000
    assert len(detail.raw) > 5_000_000


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
TURN = st.fixed_dictionaries({}, optional={"role": ANYTHING, "text": ANYTHING, "ts": ANYTHING, "turn_index": ANYTHING})
FIELDS = [
    "character_slug",
    "metadata",
    "session_duration_seconds",
    "turn_count",
    "interruption_count",
    "finalized_at",
    "recording_status",
    "recording_presigned_url",
    "transcript_text",
    "created_at",
]
SUMMARY = st.fixed_dictionaries(
    {"session_id": st.just("s") | ANYTHING},
    optional={"transcript": st.lists(TURN | ANYTHING, max_size=6) | ANYTHING, **dict.fromkeys(FIELDS, ANYTHING)},
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(summary=SUMMARY | ANYTHING, enveloped=st.booleans())
def test_whatever_is_answered_only_our_errors_come_out(
    loop: Loop, oshara: Oshara, site: Site, summary: object, enveloped: bool
) -> None:
    site.says = lambda asked: as_json({"success": True, "data": summary} if enveloped else summary)

    async def read() -> SessionDetail:
        return await oshara.detail("s")

    try:
        detail = loop.run(read())
    except QaPlayerError:
        return
    received = summary.get("transcript") if isinstance(summary, dict) else None
    if isinstance(received, list) and received:
        assert [turn.index for turn in detail.turns] == list(range(len(received)))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(SUMMARY | ANYTHING, max_size=6))
def test_one_bad_row_never_hides_a_good_one(loop: Loop, oshara: Oshara, site: Site, items: list[object]) -> None:
    rows = [*items, {"session_id": "good"}]
    site.says = lambda asked: as_json({"success": True, "data": {"sessions": {"data": rows}}})

    async def read() -> tuple[list[str], int]:
        page = await oshara.list_sessions(SessionQuery(), None, 50)
        return [session.session_id for session in page.sessions], page.unreadable

    ids, unreadable = loop.run(read())
    assert ids[-1] == "good"
    assert len(ids) + unreadable == len(rows)
