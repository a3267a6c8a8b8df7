"""Vobiz's and Plivo's answers, as documented and as feared: calls joined to recordings, keys only where they belong."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parts.loop import Loop
from parts.raw_server import Asked, Site, answer, as_json
from qa_player.errors import KeyRefusedError, NotFoundError, NotReadyError, QaPlayerError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.secret import Secret
from qa_player.model.session import Session, SessionState
from qa_player.model.timing import TimingQuality
from qa_player.providers.base import SessionQuery
from qa_player.providers.http import Http
from qa_player.providers.telephony.account import Account
from qa_player.providers.vendors.plivo import SEARCHED_WINDOWS, WINDOW, Plivo
from qa_player.providers.vendors.vobiz import Vobiz

PAYLOADS = Path(__file__).parents[2] / "contract" / "payloads"
TOKEN = "token-canary-7Zq"
AABB = "aabbccdd-1234-5678-90ab-cdef12345678"
C2C1 = "c2c128e2-1c8c-11e4-9bff-1db8a9db0432"


def payload(vendor: str, name: str) -> dict[str, object]:
    document = json.loads((PAYLOADS / vendor / name).read_bytes())
    assert isinstance(document, dict)
    return document


def described(site: Site, provider: str, **options: str) -> Connection:
    return Connection(
        name="phone",
        provider=provider,
        base_url=f"{site.url}/v1",
        options={"auth_id": "MA_X"} | options,
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


@pytest.fixture
def vobiz(loop: Loop, site: Site, http: Http) -> Iterator[Vobiz]:
    vobiz = Vobiz(described(site, "vobiz"), Secret(TOKEN), http)
    yield vobiz
    loop.run(vobiz.aclose())


@pytest.fixture
def plivo(loop: Loop, site: Site, http: Http) -> Iterator[Plivo]:
    plivo = Plivo(described(site, "plivo"), Secret(TOKEN), http)
    yield plivo
    loop.run(plivo.aclose())


def vobiz_says(asked: Asked) -> bytes:
    if "/Recording/" in asked.path:
        return as_json(payload("vobiz", "recordings.json"))
    records = payload("vobiz", "cdrs.json")
    one = asked.path.partition("/cdr/")[2]
    rows = records["data"]
    assert isinstance(rows, list)
    return as_json({"data": next(row for row in rows if row["uuid"] == one), "success": True} if one else records)


def plivo_says(asked: Asked) -> bytes:
    return as_json(payload("plivo", "call.json" if "/Call/" in asked.path else "recordings.json"))


async def listed(account: Account, query: SessionQuery | None = None, limit: int = 20) -> tuple[list[Session], int]:
    found: list[Session] = []
    unreadable, cursor, more = 0, None, True
    while more:
        page = await account.list_sessions(query or SessionQuery(), cursor, limit)
        found += page.sessions
        unreadable += page.unreadable
        cursor, more = page.cursor, page.cursor is not None
    return found, unreadable


# Vobiz


async def test_calls_get_the_recordings_that_name_them(vobiz: Vobiz, site: Site) -> None:
    site.says = vobiz_says
    sessions, unreadable = await listed(vobiz)
    assert [(one.session_id, one.state, one.recording_state) for one in sessions] == [
        (AABB, SessionState.READY, RecordingState.AVAILABLE),
        ("11223344-1234-5678-90ab-cdef12345678", SessionState.EMPTY, RecordingState.NONE),
    ]
    assert unreadable == 0
    assert sessions[0].parties == ("+919876543210", "+918012345678")
    assert sessions[0].title == "+919876543210 → +918012345678"
    assert sessions[0].started_at == datetime(2026, 3, 25, 10, tzinfo=UTC)
    assert sessions[0].duration_ms == 47_000
    assert sessions[0].metadata["call_direction"] == "outbound"
    first = site.asked[0]
    assert (first.headers["x-auth-id"], first.headers["x-auth-token"]) == ("MA_X", TOKEN)
    assert [asked.path for asked in site.asked] == ["/v1/account/MA_X/cdr", "/v1/Account/MA_X/Recording/"]


async def test_recordings_of_one_call_are_parts_in_the_order_in_which_they_began(vobiz: Vobiz, site: Site) -> None:
    site.says = vobiz_says
    detail = await vobiz.detail(AABB)
    assert [(part.part_id, part.sequence, part.start_ms, part.duration_ms) for part in detail.parts] == [
        ("rec-first", 0, 0, 8_500),
        ("rec-second", 1, 10_000, 31_040),
    ]
    assert [part.mime for part in detail.parts] == ["audio/mpeg", "audio/wav"]
    assert detail.turns == ()
    assert detail.timing.quality is TimingQuality.UNKNOWN
    assert b"media.vobiz.ai" not in detail.raw
    raw = json.loads(detail.raw)
    assert raw["call"]["data"]["uuid"] == AABB
    assert [one["recording_id"] for one in raw["recordings"][0]["objects"]] == ["rec-second", "rec-first"]


async def test_days_are_asked_for_in_pairs_and_instants_kept_here(vobiz: Vobiz, site: Site) -> None:
    site.says = vobiz_says
    sessions, _ = await listed(vobiz, SessionQuery(since=datetime(2026, 3, 25, 9, 45, tzinfo=UTC)))
    assert [one.session_id for one in sessions] == [AABB]
    asked = parse_qs(site.asked[0].target.partition("?")[2])
    assert (asked["start_date"], asked["end_date"]) == (["2026-03-24"], ["2026-11-21"])


async def test_a_recording_whose_call_is_no_longer_told_of_is_still_listed(vobiz: Vobiz, site: Site) -> None:
    site.says = lambda asked: (
        vobiz_says(asked) if "/Recording/" in asked.path else as_json({"data": [], "pagination": {"has_next": False}})
    )
    sessions, _ = await listed(vobiz)
    assert [(one.session_id, one.duration_ms) for one in sessions] == [(AABB, 41_040)]


@pytest.mark.parametrize("falling", [True, False])
async def test_recordings_are_read_no_further_back_than_the_calls_go(vobiz: Vobiz, site: Site, falling: bool) -> None:
    began = datetime(2026, 11, 20, tzinfo=UTC)

    def recording(number: int) -> dict[str, object]:
        added = began - timedelta(hours=number) + timedelta(minutes=3)
        return {"recording_id": f"r{number}", "call_uuid": f"c{number}", "add_time": f"{added}", "recording_url": "x"}

    order = list(range(1_000)) if falling else list(reversed(range(1_000)))

    def say(asked: Asked) -> bytes:
        query = parse_qs(asked.target.partition("?")[2])
        if "/Recording/" in asked.path:
            offset, limit = int(query["offset"][0]), int(query["limit"][0])
            return as_json({"objects": [recording(number) for number in order[offset : offset + limit]]})
        rows = [{"uuid": f"c{number}", "start_time": f"{began - timedelta(hours=number)}"} for number in range(5)]
        return as_json({"data": rows, "pagination": {"has_next": True}})

    site.says = say
    page = await vobiz.list_sessions(SessionQuery(), None, 5)
    assert [one.recording_state for one in page.sessions] == [RecordingState.AVAILABLE] * 5
    assert sum("/Recording/" in asked.path for asked in site.asked) == (1 if falling else 11)


# Plivo


async def test_recordings_are_gathered_into_calls(plivo: Plivo, site: Site) -> None:
    asked_once: list[Asked] = []

    def say(asked: Asked) -> bytes:
        asked_once.append(asked)
        return plivo_says(asked) if len(asked_once) == 1 else as_json({"objects": []})

    site.says = say
    sessions, unreadable = await listed(plivo)
    assert [(one.session_id, one.duration_ms) for one in sessions] == [
        (C2C1, 345_100),
        ("7d2ab1f0-0000-11e4-9bff-1db8a9db0432", None),
    ]
    assert unreadable == 1, "a recording of no call is counted"
    assert sessions[1].started_at == datetime(2020, 8, 5, 10, 40, tzinfo=UTC)
    assert sessions[1].parties == ("14155550100", "+14155550142")
    pair = base64.b64encode(f"MA_X:{TOKEN}".encode()).decode()
    assert site.asked[0].headers["authorization"] == f"Basic {pair}"


async def test_no_window_is_longer_than_the_vendor_takes(plivo: Plivo, site: Site) -> None:
    site.says = lambda asked: as_json({"objects": []})
    await listed(plivo, SessionQuery(since=datetime(2026, 1, 1, tzinfo=UTC)))
    spans = []
    for asked in site.asked:
        query = parse_qs(asked.target.partition("?")[2])
        spans.append([datetime.fromisoformat(query[name][0]) for name in ("add_time__gte", "add_time__lt")])
    assert all(timedelta() < until - since <= WINDOW for since, until in spans)
    assert all(earlier[0] == later[1] for earlier, later in itertools.pairwise(spans)), "no gap between them"
    assert (f"{spans[-1][0]}", f"{spans[0][1]}") == ("2026-01-01 00:00:00", "2026-11-21 12:00:00")


async def test_a_list_without_a_start_ends_some_time(plivo: Plivo, site: Site) -> None:
    site.says = lambda asked: as_json({"objects": []})
    assert await listed(plivo) == ([], 0)
    assert len(site.asked) == 6


async def test_a_call_is_looked_for_in_its_own_window(plivo: Plivo, site: Site) -> None:
    site.says = plivo_says
    detail = await plivo.detail(C2C1)
    assert [part.duration_ms for part in detail.parts] == [345_100]
    assert detail.session.duration_ms == 346_000
    query = parse_qs(site.asked[1].target.partition("?")[2])
    assert query["add_time__gte"] == ["2020-08-04 10:39:20"]
    assert query["call_uuid"] == [C2C1]


async def test_a_call_whose_record_is_gone_is_looked_for_a_year_back(plivo: Plivo, site: Site) -> None:
    site.says = lambda asked: answer(404) if "/Call/" in asked.path else as_json({"objects": []})
    with pytest.raises(NotFoundError):
        await plivo.detail(C2C1)
    assert len(site.asked) == 1 + SEARCHED_WINDOWS


async def test_older_addresses_are_asked_for_encrypted(plivo: Plivo, site: Site) -> None:
    site.says = plivo_says
    door = await plivo.recording(C2C1, "c2186400-1c8c-11e4-a664-0026b945b52x")
    assert door._address.scheme == "https"


@pytest.mark.parametrize("cursor", ["", "{}", "[]", '{"anchor": "now", "size": 1, "listed": []}', "1.2.3", "9" * 5_000])
async def test_a_place_of_another_list_is_refused(plivo: Plivo, vobiz: Vobiz, cursor: str) -> None:
    for account in (plivo, vobiz):
        with pytest.raises(UsageError):
            await account.list_sessions(SessionQuery(), cursor + "x" * (cursor == "1.2.3"), 5)


# media and keys


def heard_at(address: str) -> Callable[[Asked], bytes]:
    """A call just over with one recording at ``address``."""
    one = {"recording_id": "r", "call_uuid": "c", "recording_url": address, "add_time": "2026-11-20 11:59:00+00:00"}
    return lambda asked: as_json(
        {"objects": [one]} if asked.path.endswith("/Recording/") else one if "/Recording/r" in asked.path else {}, 200
    )


def api(address: str) -> Callable[[Asked], bytes]:
    media = heard_at(address)
    return lambda asked: answer(404) if "/cdr/" in asked.path or "/Call/" in asked.path else media(asked)


async def test_the_key_goes_to_the_vendors_media_and_not_past_them(
    vobiz: Vobiz, site: Site, neighbour: Site, other: Site
) -> None:
    site.says = api(f"{neighbour.url}/rec.wav")
    neighbour.says = lambda asked: answer(302, Location=f"{other.url}/elsewhere")
    other.says = lambda asked: answer(200, b"ID3", Content_Type="audio/wav")
    door = await vobiz.recording("c", "r")
    answered = await door.read(0, None, None)
    assert b"".join([piece async for piece in answered.chunks]) == b"ID3"
    assert neighbour.asked[0].headers["x-auth-token"] == TOKEN
    assert not {"x-auth-token", "x-auth-id"} & other.asked[0].headers.keys()


async def test_a_key_is_shown_only_to_a_host_that_asks(plivo: Plivo, site: Site, neighbour: Site) -> None:
    site.says = api(f"{neighbour.url}/rec.mp3")
    neighbour.says = lambda asked: answer(200 if "authorization" in asked.headers else 401, b"ID3")
    door = await plivo.recording("c", "r")
    for _ in range(2):
        answered = await door.read(0, None, None)
        assert answered.status == 200
        await answered.aclose()
    assert ["authorization" in asked.headers for asked in neighbour.asked] == [False, True, True]


async def test_a_host_outside_the_vendors_never_gets_the_key(plivo: Plivo, site: Site, other: Site) -> None:
    site.says = api(f"{other.url}/rec.mp3")
    other.says = lambda asked: answer(401)
    door = await plivo.recording("c", "r")
    for _ in range(2):
        await (await door.read(0, None, None)).aclose()
    with pytest.raises(KeyRefusedError, match="refused the key"):
        await door.renew()
    assert all("authorization" not in asked.headers for asked in other.asked)


async def test_a_file_that_is_not_there_yet_is_told_so(
    vobiz: Vobiz, site: Site, neighbour: Site, http: Http, clock: object
) -> None:
    site.says = api(f"{neighbour.url}/rec.wav")
    neighbour.says = lambda asked: answer(404)
    door = await vobiz.recording("c", "r")
    answered = await door.read(0, 10, None)
    assert answered.status == 404
    await answered.aclose()
    with pytest.raises(NotReadyError):
        await door.renew()
    clock.pass_s(600)  # type: ignore[attr-defined]
    await door.renew()


async def test_a_renewed_address_is_used(vobiz: Vobiz, site: Site, neighbour: Site) -> None:
    site.says = api(f"{neighbour.url}/old.wav")
    neighbour.says = lambda asked: answer(200 if asked.path == "/new.wav" else 403, b"ID3")
    door = await vobiz.recording("c", "r")
    await (await door.read(0, None, None)).aclose()
    site.says = api(f"{neighbour.url}/new.wav")
    await door.renew()
    answered = await door.read(0, None, None)
    assert answered.status == 200
    await answered.aclose()


@pytest.mark.parametrize("auth_id", ["", " ", "..", "MA 1", "MÄ"])
def test_an_account_must_be_named(site: Site, http: Http, auth_id: str) -> None:
    for make in (Vobiz, Plivo):
        with pytest.raises(UsageError, match="whose recordings"):
            make(described(site, "phone", auth_id=auth_id), Secret(TOKEN), http)


# whatever comes

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NUMBERS = st.sampled_from(["31040.00000", "1774432811000.00000", "-1", "1e400", "9" * 400]) | ANYTHING
TIMES = st.sampled_from(["2026-03-25 15:30:43.8+05:30", "0001-01-01 00:00:00", "9999-12-31 23:59:59-23:59"]) | ANYTHING
RECORDING = st.fixed_dictionaries(
    {"recording_id": st.just("r") | ANYTHING, "call_uuid": st.just("s") | ANYTHING},
    optional={
        "recording_url": ANYTHING,
        "add_time": TIMES,
        "recording_format": ANYTHING,
        "from_number": ANYTHING,
        **dict.fromkeys(("recording_start_ms", "recording_end_ms", "recording_duration_ms"), NUMBERS),
    },
)
CALL = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("uuid", "call_uuid"), st.just("s") | ANYTHING),
        **dict.fromkeys(("start_time", "initiation_time", "end_time"), TIMES),
        **dict.fromkeys(("duration", "call_duration", "to_number", "caller_id_number"), NUMBERS),
    },
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(call=CALL | ANYTHING, recordings=st.lists(RECORDING | ANYTHING, max_size=4) | ANYTHING)
def test_whatever_is_answered_only_our_errors_come_out(
    loop: Loop, vobiz: Vobiz, plivo: Plivo, site: Site, call: object, recordings: object
) -> None:
    def say(asked: Asked) -> bytes:
        if "/Recording/" in asked.path:
            return as_json({"objects": recordings})
        return as_json({"data": [call], "pagination": {"has_next": False}} if asked.path.endswith("/cdr") else call)

    site.says = say
    for account in (vobiz, plivo):
        for reading in (account.detail("s"), account.list_sessions(SessionQuery(), None, 100)):
            try:
                loop.run(reading)  # type: ignore[arg-type]
            except QaPlayerError:
                continue


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(items=st.lists(RECORDING | ANYTHING, max_size=6))
def test_one_bad_recording_never_hides_a_good_one(loop: Loop, plivo: Plivo, site: Site, items: list[object]) -> None:
    site.says = lambda asked: as_json({"objects": [*items, {"recording_id": "good", "call_uuid": "good call"}]})

    async def read() -> list[str]:
        return [one.session_id for one in (await plivo.list_sessions(SessionQuery(), None, 20)).sessions]

    assert loop.run(read())[-1] == "good call"
