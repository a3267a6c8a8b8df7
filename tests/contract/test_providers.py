"""What every provider keeps, whoever the vendor is. A provider joins by a case below; its stand-in does the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from parts import provider_cases
from parts.described_cases import DESCRIBED, THIRD_PARTY
from parts.loop import Loop, wait_until
from parts.provider_cases import PRESIGNED, Case
from parts.telephony_cases import TELEPHONY
from qa_player.errors import (
    AddressExpiredError,
    GoneError,
    KeyRefusedError,
    NetworkError,
    NoRecordingError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    QuotaError,
    RateLimitedError,
    RequestRefusedError,
    UnexpectedAnswerError,
)
from qa_player.model.recording import RecordingState
from qa_player.model.session import SessionState
from qa_player.model.transcript import Flag, Role
from qa_player.providers import registry
from qa_player.providers.base import (
    Ability,
    GivesDetail,
    GivesNotes,
    GivesRecording,
    ListsSessions,
    MediaAnswer,
    Provider,
    RecordingDoor,
    SessionQuery,
)

CHUNK = 64 * 1024
INSTALLED = {name: made for name, made in THIRD_PARTY.items() if name in registry.kinds()}
CASES = provider_cases.CASES | TELEPHONY | DESCRIBED | INSTALLED
DYING = (*PRESIGNED, "described", "retell", "vapi", *INSTALLED)
ELSEWHERE = {"local"}
"""It has neither a key nor a network: tests/unit/providers/test_local.py holds it to what is left."""


@pytest.fixture
def lifetime_s() -> float:
    """How long the stand-in's signed addresses live."""
    return 90.0


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest, loop: Loop, lifetime_s: float) -> Iterator[Case]:
    yield from CASES[request.param](loop, lifetime_s=lifetime_s)


@pytest.fixture(params=DYING)
def presigned(request: pytest.FixtureRequest, loop: Loop, lifetime_s: float) -> Iterator[Case]:
    """A case whose recordings lie behind addresses that die."""
    yield from CASES[request.param](loop, lifetime_s=lifetime_s)


async def heard_bytes(door: RecordingDoor) -> bytes:
    """The whole recording, in aligned ranges, renewed whenever it is refused."""
    got, total, refusals = bytearray(), None, 0
    while total is None or len(got) < total:
        answered = await door.read(len(got), len(got) + CHUNK, None)
        if answered.status == 200:
            return await body_of(answered)
        if answered.status == 206:
            assert answered.start == len(got)
            total = answered.total
            got += await body_of(answered)
        else:
            assert answered.status == 403
            refusals += 1
            assert refusals < 50
            await answered.aclose()
            await door.renew()
    return bytes(got)


async def body_of(answered: MediaAnswer) -> bytes:
    try:
        return b"".join([piece async for piece in answered.chunks])
    finally:
        await answered.aclose()


def test_every_registered_provider_is_held_to_this() -> None:
    assert {name.partition(" ")[0] for name in CASES} | ELSEWHERE == set(registry.kinds())


async def test_it_is_what_it_says(case: Case) -> None:
    assert isinstance(case.provider, Provider)
    assert isinstance(case.provider, ListsSessions) == (Ability.LIST in case.provider.abilities)
    assert isinstance(case.provider, GivesDetail)
    assert isinstance(case.provider, GivesRecording) == (Ability.RECORDING in case.provider.abilities)
    assert isinstance(case.provider, GivesNotes) == (Ability.NOTES in case.provider.abilities)


async def test_a_good_key_passes_the_check_with_one_call(case: Case) -> None:
    await case.provider.check()
    assert case.api_requests() == 1


async def test_a_wrong_key_is_refused_everywhere(case: Case) -> None:
    stranger = case.make("sk_wrong")
    calls = [stranger.check(), stranger.detail(case.heard), stranger.recording(case.heard, case.part)]
    if case.keyed_listing:
        calls.append(stranger.list_sessions(SessionQuery(), None, 5))
    for call in calls:
        with pytest.raises(KeyRefusedError) as raised:
            await call
        assert "sk_wrong" not in str(raised.value)


@pytest.mark.parametrize("limit", [1, 4, 5, 200])
async def test_the_list_is_read_to_its_end_without_doubles(case: Case, limit: int) -> None:
    found: list[str] = []
    unreadable, cursor, more = 0, None, True
    while more:
        page = await case.provider.list_sessions(SessionQuery(), cursor, limit)
        found += [session.session_id for session in page.sessions]
        unreadable += page.unreadable
        cursor, more = page.cursor, page.cursor is not None
    assert found == case.listed
    assert unreadable == 1, "the bad row is counted and hides no other"


async def test_the_list_is_narrowed_by_date(case: Case) -> None:
    since = datetime.now(UTC) - timedelta(hours=2, minutes=30)
    page = await case.provider.list_sessions(SessionQuery(since=since), None, 50)
    assert tuple(session.session_id for session in page.sessions) == (case.recent or (case.heard, case.silent))
    page = await case.provider.list_sessions(SessionQuery(until=since), None, 50)
    assert case.heard not in [session.session_id for session in page.sessions]


async def test_every_listed_session_has_a_detail(case: Case) -> None:
    page = await case.provider.list_sessions(SessionQuery(), None, 50)
    for listed in page.sessions:
        detail = await case.provider.detail(listed.session_id)
        assert (detail.session.session_id, detail.session.title) == (listed.session_id, listed.title)
        assert [turn.index for turn in detail.turns] == list(range(len(detail.turns)))
        assert (await case.provider.detail(listed.session_id)).transcript_digest == detail.transcript_digest


async def test_messy_turns_are_kept_in_their_order(case: Case) -> None:
    turns = (await case.provider.detail(case.messy)).turns
    if Ability.TRANSCRIPT not in case.provider.abilities:
        assert turns == ()
        return
    assert [turn.text for turn in turns] == ["unknown role", "NaN", "late", "lone \ufffd", "none"]
    assert (turns[0].role, turns[0].raw_role, turns[0].raw_start_ms) == (Role.UNKNOWN, "supervisor", 1_500)
    assert [turn.flags for turn in turns[1:]] == [
        (Flag.TIME_INVALID,),
        (),
        (Flag.TIME_INVALID,),
        (Flag.TIME_MISSING,),
    ]


async def test_nothing_but_opening_a_recording_asks_for_one(case: Case) -> None:
    """Providers log every access under the reviewer's name: who looks at a list has heard nobody."""
    await case.provider.check()
    page = await case.provider.list_sessions(SessionQuery(), None, 50)
    assert case.heard in [session.session_id for session in page.sessions]
    for listed in page.sessions:
        await case.provider.detail(listed.session_id)
    assert case.media_requests() == 0
    door = await case.provider.recording(case.heard, case.part)
    assert await heard_bytes(door) == case.media
    assert case.media_requests() > 0, "the control: hearing it is seen"


async def test_the_recording_is_the_sources_byte_for_byte(case: Case) -> None:
    (part,) = (await case.provider.detail(case.heard)).parts
    door = await case.provider.recording(case.heard, part.part_id)
    assert await heard_bytes(door) == case.media
    assert (case.keyed_media_requests() > 0) == case.keyed_media


async def test_each_part_of_a_recording_is_the_sources_byte_for_byte(case: Case) -> None:
    parts = (await case.provider.detail(case.several or case.heard)).parts
    pieces = case.pieces or (case.media,)
    assert len(parts) == len(pieces)
    assert [part.sequence for part in parts] == sorted({part.sequence for part in parts})
    assert len({part.part_id for part in parts}) == len(parts)
    assert parts[0].start_ms == 0
    for part, piece in zip(parts, pieces, strict=True):
        assert await heard_bytes(await case.provider.recording(case.several or case.heard, part.part_id)) == piece
    again = (await case.provider.detail(case.several or case.heard)).parts
    assert [part.part_id for part in again] == [part.part_id for part in parts]


async def test_the_whole_recording_in_one_answer(presigned: Case) -> None:
    door = await presigned.provider.recording(presigned.heard, presigned.part)
    assert await body_of(await door.read(0, None, None)) == presigned.media
    answered = await door.read(len(presigned.media), None, None)
    assert (answered.status, answered.total) == (416, len(presigned.media))
    await answered.aclose()


async def test_a_validator_that_fits_no_more_gets_the_whole(presigned: Case) -> None:
    door = await presigned.provider.recording(presigned.heard, presigned.part)
    first = await door.read(0, 10, None)
    await body_of(first)
    fits = await door.read(10, 20, first.etag)
    assert (fits.status, await body_of(fits)) == (206, presigned.media[10:20])
    changed = await door.read(10, 20, '"another"')
    assert (changed.status, changed.start) == (200, 0)
    await changed.aclose()


@pytest.mark.parametrize("lifetime_s", [0.4])
async def test_a_link_that_dies_is_renewed_and_reading_goes_on(presigned: Case) -> None:
    door = await presigned.provider.recording(presigned.heard, presigned.part)
    assert door.issued_at is not None
    assert door.expires_at is not None
    statuses: list[int] = []

    async def status() -> int:
        answered = await door.read(0, 1, None)
        await answered.aclose()
        return answered.status

    while not statuses or statuses[-1] != 403:
        statuses.append(await status())
        assert len(statuses) < 2_000
    assert statuses[0] == 206, "the control: it lived before it died"
    await door.renew()
    assert await status() == 206
    assert await heard_bytes(door) == presigned.media
    assert presigned.keyed_media_requests() == 0


@pytest.mark.parametrize("lifetime_s", [-5.0])
async def test_a_link_that_is_born_dead_ends_in_a_sentence(presigned: Case) -> None:
    door = await presigned.provider.recording(presigned.heard, presigned.part)
    before = presigned.api_requests()
    with pytest.raises(AddressExpiredError) as raised:
        await heard_bytes(door)
    assert raised.value.next_step
    assert presigned.api_requests() - before <= 2, "renewing is not repeated for ever"


async def test_no_recording_and_not_yet(case: Case) -> None:
    silent = await case.provider.detail(case.silent)
    assert (silent.session.recording_state, silent.parts) == (RecordingState.NONE, ())
    with pytest.raises(NoRecordingError):
        await case.provider.recording(case.silent, "recording")
    assert (await case.provider.detail(case.in_progress)).session.state is SessionState.IN_PROGRESS
    with pytest.raises(NotReadyError):
        await case.provider.recording(case.in_progress, "recording")


async def test_absent_and_not_ours_are_told_alike(case: Case) -> None:
    sentences = set()
    for session_id in (case.hidden, case.absent):
        with pytest.raises(NotFoundError) as raised:
            await case.provider.detail(session_id)
        sentences.add(str(raised.value))
    assert len(sentences) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestRefusedError),
        (401, KeyRefusedError),
        (402, QuotaError),
        (403, KeyRefusedError),
        (404, NotFoundError),
        (410, GoneError),
        (429, RateLimitedError),
        (500, NetworkError),
        (503, NetworkError),
    ],
)
async def test_each_kind_of_error(case: Case, status: int, kind: type[QaPlayerError]) -> None:
    await case.provider.check()
    case.api_faults.status = status
    case.api_faults.retry_after = "120" if status == 429 else None
    with pytest.raises(kind) as raised:
        await case.provider.detail(case.heard)
    assert type(raised.value) is kind
    case.api_faults.status = None
    if status == 429:
        with pytest.raises(RateLimitedError):
            await case.provider.detail(case.heard)
    else:
        assert (await case.provider.detail(case.heard)).parts


async def test_trouble_that_passes_is_not_told(case: Case) -> None:
    case.api_faults.status, case.api_faults.times = 503, 2
    assert (await case.provider.detail(case.heard)).parts
    case.api_faults.cut_once_after = 20
    assert (await case.provider.detail(case.heard)).parts


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"success": true}', b'"\xff"', b"[" * 50_000, b"<p>"])
async def test_what_is_no_answer(case: Case, body: bytes) -> None:
    case.api_faults.replace_body = body
    if case.lists_bare and body == b"[]":
        await case.provider.check()
    else:
        with pytest.raises(QaPlayerError):
            await case.provider.check()
    with pytest.raises(QaPlayerError):
        await case.provider.detail(case.heard)
    case.api_faults.replace_body = None
    assert (await case.provider.detail(case.heard)).parts


async def test_a_network_that_wants_sign_in(case: Case) -> None:
    case.api_faults.captive_portal = True
    with pytest.raises(UnexpectedAnswerError, match="sign-in"):
        await case.provider.check()


async def test_a_recording_that_breaks_off_is_told(case: Case) -> None:
    door = await case.provider.recording(case.heard, case.part)
    case.media_faults.cut_after = 1_000
    answered = await door.read(0, None, None)
    with pytest.raises(NetworkError):
        await body_of(answered)


async def test_cancelled_in_mid_flight(case: Case) -> None:
    case.api_faults.stall_after, case.api_faults.stall_s = 0, 30.0
    asking = asyncio.create_task(case.provider.detail(case.heard))
    await wait_until(lambda: case.api_requests() == 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    case.api_faults.stall_after = None
    assert (await case.provider.detail(case.heard)).parts
    assert case.api_requests() == 1 + case.detail_costs


async def test_cancelled_while_a_recording_comes(case: Case) -> None:
    door = await case.provider.recording(case.heard, case.part)
    case.media_faults.bytes_per_second = 20_000
    answered = await door.read(0, None, None)
    got = bytearray()

    async def listen() -> None:
        async for piece in answered.chunks:
            got.extend(piece)

    listening = asyncio.create_task(listen())
    await wait_until(lambda: got)
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
    await answered.aclose()
    case.media_faults.bytes_per_second = None
    assert await heard_bytes(door) == case.media


async def test_closing_twice(case: Case) -> None:
    await case.provider.aclose()
    await case.provider.aclose()
