"""Recordings behind addresses that die: bytes as they are, and the right reaction to each refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from parts.clock import StillClock
from parts.raw_server import Asked, Site, answer
from qa_player.errors import AddressExpiredError, NetworkError, NotFoundError, RateLimitedError, UnexpectedAnswerError
from qa_player.model.secret import Secret
from qa_player.providers.http import HttpDoor
from qa_player.providers.presigned import PresignedRecording

SIGNATURE = "canary%2Bsignature+%20=="
OLD = f"/b/a.mp4?X-Amz-Date=20261120T115500Z&X-Amz-Expires=900&X-Amz-Signature={SIGNATURE}"
BODY = bytes(range(256)) * 8


class Renewals:
    """What the provider says when it is asked again."""

    def __init__(self, site: Site) -> None:
        self.count = 0
        self._site = site

    async def __call__(self) -> Secret:
        self.count += 1
        return Secret(f"{self._site.url}/fresh-{self.count}")


@pytest.fixture
def renewals(other: Site) -> Renewals:
    return Renewals(other)


@pytest.fixture
def recording(door: HttpDoor, other: Site, renewals: Callable[[], Awaitable[Secret]]) -> PresignedRecording:
    return PresignedRecording(door, Secret(other.url + OLD), renewed=renewals)


def refused(code: str, message: str, status: int = 403) -> Callable[[Asked], bytes]:
    xml = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return lambda asked: answer(status, xml, Content_Type="application/xml")


async def body_of(recording: PresignedRecording, start: int, end: int | None) -> bytes:
    answered = await recording.read(start, end, None)
    try:
        return b"".join([piece async for piece in answered.chunks])
    finally:
        await answered.aclose()


async def test_what_is_asked_for(recording: PresignedRecording, other: Site) -> None:
    other.says = lambda asked: answer(206, BODY[10:20], Content_Range=f"bytes 10-19/{len(BODY)}", ETag='"v1"')
    answered = await recording.read(10, 20, '"v1"')
    assert (answered.status, answered.start, answered.total, answered.etag) == (206, 10, len(BODY), '"v1"')
    assert (answered.encoded, answered.mime) == (False, "application/json")
    assert b"".join([piece async for piece in answered.chunks]) == BODY[10:20]
    await answered.aclose()
    asked = other.asked[0]
    assert asked.target == OLD, "a signature covers the address as it was spelled"
    assert asked.headers["range"] == "bytes=10-19"
    assert asked.headers["if-range"] == '"v1"'
    assert asked.headers["accept-encoding"] == "identity"
    assert "x-api-key" not in asked.headers
    await body_of(recording, 30, None)
    assert other.asked[1].headers["range"] == "bytes=30-"
    assert "if-range" not in other.asked[1].headers


async def test_at_the_providers_own_origin_it_gets_no_key_either(
    door: HttpDoor, site: Site, renewals: Callable[[], Awaitable[Secret]]
) -> None:
    recording = PresignedRecording(door, Secret(site.url + OLD), renewed=renewals)
    site.says = lambda asked: answer(401)
    answered = await recording.read(0, 1, None)
    assert answered.status == 401
    await answered.aclose()
    site.says = lambda asked: answer(200)
    await door.get_json("/control")
    assert ["x-api-key" in asked.headers for asked in site.asked] == [False, True]


async def test_what_is_stated_is_passed_on(recording: PresignedRecording, other: Site) -> None:
    cases: list[tuple[bytes, tuple[int, int | None, int | None, str | None, bool]]] = [
        (answer(200, BODY), (200, 0, len(BODY), None, False)),
        (answer(200, BODY, Content_Length=""), (200, 0, None, None, False)),
        (answer(200, BODY, Content_Range="bytes 7-9/99"), (200, 7, 99, None, False)),
        (answer(206, BODY), (206, None, None, None, False)),
        (answer(206, BODY, Content_Range="bytes 5-6/*"), (206, 5, None, None, False)),
        (answer(206, BODY, Content_Range="lines 5-6/7"), (206, None, None, None, False)),
        (answer(416, b"", Content_Range="bytes */2048"), (416, None, 2048, None, False)),
        (answer(200, BODY, ETag='W/"weak"'), (200, 0, len(BODY), None, False)),
        (answer(200, BODY, Content_Encoding="gzip"), (200, 0, None, None, True)),
    ]
    for said, expected in cases:
        other.says = lambda asked, said=said: said  # type: ignore[misc]
        answered = await recording.read(0, None, None)
        assert (answered.status, answered.start, answered.total, answered.etag, answered.encoded) == expected
        await answered.aclose()
        await answered.aclose()


async def test_bytes_are_raw(recording: PresignedRecording, other: Site) -> None:
    """A content encoding we refused is handed on packed: the cache throws it away."""
    other.says = lambda asked: answer(200, b"not really gzip", Content_Encoding="gzip")
    assert await body_of(recording, 0, None) == b"not really gzip"


@pytest.mark.parametrize("status", [403, 404, 416, 500])
async def test_what_is_said_instead_reaches_nobody(recording: PresignedRecording, other: Site, status: int) -> None:
    other.says = lambda asked: answer(status, b"<html>no</html>")
    assert await body_of(recording, 0, None) == b""


async def test_a_body_that_breaks_off_is_told(recording: PresignedRecording, other: Site) -> None:
    other.says = lambda asked: answer(206, BODY, Content_Range="bytes 0-4095/4096", Content_Length="4096")
    answered = await recording.read(0, 4096, None)
    assert await anext(answered.chunks) == BODY
    with pytest.raises(NetworkError):
        await anext(answered.chunks)
    await answered.aclose()


async def test_a_body_left_half_read_leaves_nothing_running(recording: PresignedRecording, other: Site) -> None:
    big = bytes(4_000_000)
    other.says = lambda asked: answer(200, big)
    answered = await recording.read(0, None, None)
    async for _ in answered.chunks:
        break
    await answered.aclose()
    assert [task for task in asyncio.all_tasks() if "aclose" in repr(task)] == []


async def test_its_life_is_read_from_the_address(recording: PresignedRecording, door: HttpDoor, site: Site) -> None:
    assert recording.issued_at is not None
    assert recording.expires_at == recording.issued_at + 900
    before = recording.expires_at
    # the provider's clock is two minutes behind this machine's: so is the address's death
    site.says = lambda asked: answer(200, Date="Fri, 20 Nov 2026 11:58:00 GMT")
    await door.get_json("/")
    assert recording.expires_at == before + 120


async def test_an_expired_address_is_renewed(recording: PresignedRecording, other: Site, renewals: Renewals) -> None:
    other.says = lambda asked: (
        answer(206, b"x", Content_Range="bytes 0-0/1")
        if asked.path == "/fresh-1"
        else refused("AccessDenied", "Request has expired")(asked)
    )
    assert (await recording.read(0, 1, None)).status == 403
    await recording.renew()
    assert await body_of(recording, 0, 1) == b"x"
    assert recording.expires_at is None
    assert renewals.count == 1


async def test_a_fresh_address_that_has_expired_too_is_told(
    recording: PresignedRecording, other: Site, renewals: Renewals
) -> None:
    other.says = refused("AccessDenied", "Request has expired")
    await recording.read(0, 1, None)
    await recording.renew()
    await recording.read(0, 1, None)
    with pytest.raises(AddressExpiredError, match="clock"):
        await recording.renew()
    assert renewals.count == 1


async def test_a_bad_signature_is_renewed_once_and_then_names_clock_and_proxy(
    recording: PresignedRecording, other: Site, renewals: Renewals
) -> None:
    other.says = refused("SignatureDoesNotMatch", "The request signature we calculated does not match")
    await recording.read(0, 1, None)
    await recording.renew()
    await recording.read(0, 1, None)
    with pytest.raises(AddressExpiredError, match="proxy"):
        await recording.renew()
    assert renewals.count == 1


async def test_a_real_denial_is_not_renewed(recording: PresignedRecording, other: Site, renewals: Renewals) -> None:
    """The address still lives by its own dates, and the storage does not speak of expiry."""
    other.says = refused("AccessDenied", "Access Denied")
    await recording.read(0, 1, None)
    with pytest.raises(NotFoundError, match="does not let"):
        await recording.renew()
    assert renewals.count == 0


async def test_a_denial_past_its_dates_is_renewed(
    recording: PresignedRecording, other: Site, renewals: Renewals, clock: StillClock
) -> None:
    other.says = refused("AccessDenied", "Access Denied")
    clock.pass_s(3_600)
    await recording.read(0, 1, None)
    await recording.renew()
    assert renewals.count == 1


async def test_renewing_ahead_of_time_is_never_refused(recording: PresignedRecording, renewals: Renewals) -> None:
    for _ in range(5):
        await recording.renew()
    assert renewals.count == 5


async def test_a_refusal_is_not_read_to_its_end(recording: PresignedRecording, other: Site) -> None:
    other.says = lambda asked: answer(403, b"<Error>" + b" " * 50_000_000)
    assert (await recording.read(0, 1, None)).status == 403


async def test_a_storages_pause_is_told_and_kept(recording: PresignedRecording, other: Site, clock: StillClock) -> None:
    """Waiting is the cache's, which says so; nothing is asked of the storage before the time is over."""
    other.says = lambda asked: (
        answer(503, Retry_After="3") if len(other.asked) < 2 else answer(206, b"x", Content_Range="bytes 0-0/1")
    )
    refused = await recording.read(0, 1, None)
    assert (refused.status, refused.retry_after) == (503, 3.0)
    with pytest.raises(RateLimitedError) as told:
        await recording.read(0, 1, None)
    assert told.value.pause_s == pytest.approx(3.0)
    assert len(other.asked) == 1
    await clock.sleep(3.0)
    assert await body_of(recording, 0, 1) == b"x"
    other.says = lambda asked: answer(429, Retry_After="3600")
    assert (await recording.read(0, 1, None)).retry_after == 600.0, "ten minutes, whatever is asked for"


async def test_other_trouble_is_the_caches_to_judge(recording: PresignedRecording, other: Site) -> None:
    other.says = lambda asked: answer(500)
    assert (await recording.read(0, 1, None)).status == 500
    assert len(other.asked) == 1
    await other.stop()
    with pytest.raises(NetworkError):
        await recording.read(0, 1, None)
    await other.start()


async def test_redirects_carry_the_range_and_nothing_else(
    recording: PresignedRecording, other: Site, site: Site
) -> None:
    other.says = lambda asked: answer(307, b"", Location=f"{site.url}/moved?sig=%2B+")
    site.says = lambda asked: answer(206, b"x", Content_Range="bytes 4-4/9")
    assert await body_of(recording, 4, 5) == b"x"
    assert site.asked[0].target == "/moved?sig=%2B+"
    assert site.asked[0].headers["range"] == "bytes=4-4"
    assert "x-api-key" not in site.asked[0].headers, "what the provider's data leads to is not the provider"


@pytest.mark.parametrize(
    "address", ["s3://bucket/a.mp4", "file:///a.mp4", "data:,x", "ftp://a.invalid/", "http://a.invalid/", "", "a.mp4"]
)
def test_addresses_that_are_no_recordings(door: HttpDoor, renewals: Renewals, address: str) -> None:
    with pytest.raises(UnexpectedAnswerError):
        PresignedRecording(door, Secret(address), renewed=renewals)
