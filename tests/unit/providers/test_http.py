"""The door to the network: what is sent, what is tried again, what comes out when it fails."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import zlib

import pytest

from parts.clock import StillClock
from parts.raw_server import Asked, Site, answer, as_json
from qa_player.errors import (
    GoneError,
    KeyRefusedError,
    NetworkError,
    NotFoundError,
    NotReadyError,
    QaPlayerError,
    QuotaError,
    RateLimitedError,
    RequestRefusedError,
    UnexpectedAnswerError,
    UsageError,
)
from qa_player.model.secret import Secret
from qa_player.providers.http import Http, HttpDoor

NOWHERE = frozenset[str]()


async def test_the_key_and_the_query_arrive(door: HttpDoor, site: Site) -> None:
    site.says = lambda asked: as_json({"ok": True})
    assert await door.get_json("/a%2Fb/", {"q": "ä +&"}) == {"ok": True}
    assert site.asked[0].target == "/a%2Fb/?q=%C3%A4%20%2B%26"
    assert site.asked[0].headers["x-api-key"] == "sk_canary-7Zq/+=4f1e"
    assert site.asked[0].headers["user-agent"].startswith("QA-Player/")
    assert "cookie" not in site.asked[0].headers


async def test_a_base_address_with_a_path_keeps_it(http: Http, site: Site) -> None:
    door = http.door(f"{site.url}/v1/", headers={}, allowed_hosts=NOWHERE)
    await door.get_json("/things")
    assert site.asked[0].target == "/v1/things"


async def test_cookies_are_not_kept(door: HttpDoor, site: Site) -> None:
    site.says = lambda asked: as_json({}, Set_Cookie="session=1; Path=/")
    await door.get_json("/")
    await door.get_json("/")
    assert "cookie" not in site.asked[1].headers


STATUSES = [
    (202, NotReadyError),
    (204, UnexpectedAnswerError),
    (206, UnexpectedAnswerError),
    (304, UnexpectedAnswerError),
    (400, RequestRefusedError),
    (401, KeyRefusedError),
    (402, QuotaError),
    (403, KeyRefusedError),
    (404, NotFoundError),
    (407, NetworkError),
    (410, GoneError),
    (418, UsageError),
    (422, UsageError),
    (451, NotFoundError),
    (501, NetworkError),
    (511, UnexpectedAnswerError),
]


@pytest.mark.parametrize(("status", "kind"), STATUSES)
async def test_each_status_is_its_own_error_and_asked_once(
    door: HttpDoor, site: Site, status: int, kind: type[QaPlayerError]
) -> None:
    site.says = lambda asked: answer(status, b"" if status in (204, 304) else b'{"detail": "canary-body"}')
    with pytest.raises(kind) as raised:
        await door.get_json("/")
    assert type(raised.value) is kind
    assert raised.value.message.endswith(".")
    assert raised.value.next_step
    assert "canary-body" not in str(raised.value)
    assert len(site.asked) == 1


def test_sentences_differ() -> None:
    from qa_player.providers.statuses import error_of

    sentences = [error_of(status).message for status, _ in STATUSES if status not in (204, 206, 304)]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
async def test_trouble_that_may_pass_is_tried_three_times(
    door: HttpDoor, site: Site, clock: StillClock, status: int
) -> None:
    site.says = lambda asked: answer(status) if len(site.asked) < 3 else as_json([1])
    assert await door.get_json("/") == [1]
    assert len(site.asked) == 3
    # doubling, with jitter: chance() is 0.5, so three quarters of 0.5 s and 1 s
    assert clock.slept == [0.375, 0.75]


async def test_trouble_that_stays_is_told_after_the_third_time(door: HttpDoor, site: Site) -> None:
    site.says = lambda asked: answer(503)
    with pytest.raises(NetworkError, match="503"):
        await door.get_json("/")
    assert len(site.asked) == 3


@pytest.mark.parametrize(
    ("stated", "waited"),
    [("7", 7), ("Fri, 20 Nov 2026 12:00:09 GMT", 9), ("Thu, 19 Nov 2026 12:00:00 GMT", 0), ("1.5", 1.5)],
)
async def test_a_stated_pause_is_kept_to_the_second(
    door: HttpDoor, site: Site, clock: StillClock, stated: str, waited: float
) -> None:
    site.says = lambda asked: answer(429, Retry_After=stated) if len(site.asked) < 2 else as_json({})
    await door.get_json("/")
    assert waited <= clock.slept[0] <= waited + 1


@pytest.mark.parametrize("stated", ["-3", "soon", "", "NaN", "1e3", "٣"])
async def test_a_pause_that_is_nonsense_is_our_own(door: HttpDoor, site: Site, clock: StillClock, stated: str) -> None:
    site.says = lambda asked: (
        answer(429, Retry_After="x" and stated.encode().decode("latin-1")) if len(site.asked) < 2 else as_json({})
    )
    await door.get_json("/")
    assert clock.slept == [0.375]


async def test_a_pause_past_our_patience_is_told_and_kept(door: HttpDoor, site: Site, clock: StillClock) -> None:
    site.says = lambda asked: answer(429, Retry_After="1000000000") if len(site.asked) < 2 else as_json({})
    with pytest.raises(RateLimitedError) as raised:
        await door.get_json("/")
    assert raised.value.next_step == "Try again in 10 minutes."
    clock.pass_s(300)
    with pytest.raises(RateLimitedError, match="5 minutes"):
        await door.get_json("/")
    assert len(site.asked) == 1, "asked again although it wants to be left alone"
    clock.pass_s(301)
    assert await door.get_json("/") == {}


async def test_a_pause_counts_by_the_servers_clock(door: HttpDoor, site: Site, clock: StillClock) -> None:
    """The server's clock is an hour ahead of ours; its date means five seconds."""
    late = {"Date": "Fri, 20 Nov 2026 13:00:00 GMT", "Retry_After": "Fri, 20 Nov 2026 13:00:05 GMT"}
    site.says = lambda asked: answer(429, **late) if len(site.asked) < 2 else as_json({}, Date=late["Date"])
    await door.get_json("/")
    assert 5 <= clock.slept[0] <= 6
    assert round(door.clock_ahead_s) in (-3595, -3594)


async def test_the_deadline_ends_a_server_that_never_answers(impatient: Http, site: Site) -> None:
    async def never(asked: Asked) -> bytes:
        await asyncio.sleep(60)
        return b""

    site.says = never
    with pytest.raises(NetworkError, match="in time"):
        await impatient.door(site.url, headers={}, allowed_hosts=NOWHERE).get_json("/")


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"SSH-2.0-nonsense\r\n", b"HTTP/1.1 200 OK\r\n"],
    ids=["nothing", "cut", "not http", "half a head"],
)
async def test_what_breaks_off_is_tried_again_and_told(door: HttpDoor, site: Site, said: bytes) -> None:
    site.says = lambda asked: said
    with pytest.raises(NetworkError, match="broke off"):
        await door.get_json("/")
    assert len(site.asked) == 3


async def test_nobody_listens(http: Http, site: Site) -> None:
    door = http.door(site.url, headers={}, allowed_hosts=NOWHERE)
    await site.stop()
    with pytest.raises(NetworkError, match="could not be reached"):
        await door.get_json("/")
    await site.start()


async def test_a_name_that_leads_nowhere(http: Http) -> None:
    with pytest.raises(NetworkError, match="leads nowhere"):
        await http.door("https://nobody.invalid", headers={}, allowed_hosts=NOWHERE).get_json("/")


@pytest.mark.parametrize("mime", ["text/html; charset=utf-8", "application/json"])
async def test_a_sign_in_page_is_named(door: HttpDoor, site: Site, mime: str) -> None:
    site.says = lambda asked: answer(200, b"\n <!DOCTYPE html><title>Hotel</title>", Content_Type=mime)
    with pytest.raises(UnexpectedAnswerError, match="sign-in"):
        await door.get_json("/")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a": 1} trailing', b'{"a": 1}\n{"a": 2}\n', b"[" * 100_000, '{"a": 1}'.encode("utf-16")],
    ids=["empty", "cut", "trailing", "lines", "bottomless", "utf-16"],
)
async def test_what_is_no_json_is_no_data(door: HttpDoor, site: Site, body: bytes) -> None:
    site.says = lambda asked: answer(200, body)
    with pytest.raises(UnexpectedAnswerError):
        await door.get_json("/")
    assert len(site.asked) == 1


async def test_odd_fields_hurt_no_other_field(door: HttpDoor, site: Site) -> None:
    body = b'\xef\xbb\xbf{"nan": NaN, "inf": -Infinity, "big": 1e400, "int": ' + b"9" * 10_000
    body += rb', "lone": "a\ud800b", "pair": "\ud83d\ude00", "nul": "a\u0000b", "bad": "' + b'\xff", "deep": '
    body += b"[" * 400 + b"1" + b"]" * 400 + b', "fine": 1.5}'
    site.says = lambda asked: answer(200, body)
    data = await door.get_json("/")
    assert math.isnan(data["nan"])
    assert data["inf"] == -math.inf
    assert data["big"] == data["int"] == math.inf
    assert (data["lone"], data["pair"], data["nul"], data["bad"]) == ("a�b", "😀", "a�b", "�")
    assert data["fine"] == 1.5


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip", "gzip, gzip", "identity"])
async def test_packed_answers_are_unpacked(door: HttpDoor, site: Site, encoding: str) -> None:
    body = json.dumps({"text": "a" * 200_000}).encode()
    packed = body
    for name in encoding.split(", "):
        packed = {"deflate": zlib.compress, "identity": bytes}.get(name, gzip.compress)(packed)
    site.says = lambda asked: answer(200, packed, Content_Encoding=encoding)
    assert len((await door.get_json("/"))["text"]) == 200_000


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(b" " * 60_000_000), "gzip"),
        (gzip.compress(b'{"a": "' + b"b" * 9_000 + b'"}')[:-20], "gzip"),
        (b"{}", "gzip"),
        (b"{}", "br"),
    ],
    ids=["bomb", "cut", "not packed", "unknown"],
)
async def test_packing_is_not_trusted(door: HttpDoor, site: Site, packed: bytes, encoding: str) -> None:
    site.says = lambda asked: answer(200, packed, Content_Encoding=encoding)
    with pytest.raises(UnexpectedAnswerError):
        await door.get_json("/")


async def test_an_answer_without_end_is_cut_off(door: HttpDoor, site: Site) -> None:
    site.says = lambda asked: answer(200, b" " * (65 * 1024 * 1024))
    with pytest.raises(UnexpectedAnswerError, match="64 MiB"):
        await door.get_json("/")


async def test_cancelling_in_mid_flight_leaves_a_door_that_works(door: HttpDoor, site: Site) -> None:
    arrived = asyncio.Event()

    async def never(asked: Asked) -> bytes:
        arrived.set()
        await asyncio.sleep(60)
        return b""

    site.says = never
    asking = asyncio.create_task(door.get_json("/"))
    await arrived.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    site.says = lambda asked: as_json(7)
    assert await door.get_json("/") == 7


async def test_closed_is_closed(http: Http, door: HttpDoor) -> None:
    await door.get_json("/")
    await http.aclose()
    await http.aclose()
    with pytest.raises(NetworkError, match="closing"):
        await door.get_json("/")


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.invalid",
        "ftp://api.example.invalid",
        "api.example.invalid",
        "https://",
        "https://user@api.example.invalid",
        "https://user:word@api.example.invalid",
        "https://@api.example.invalid",
        "https://api.example.invalid:0",
        "https://api.example.invalid:99999",
        "https://api example.invalid",
        "https://api.example.invalid\\@evil.invalid",
        "file:///etc/passwd",
        "s3://bucket/key",
        "",
    ],
)
def test_base_addresses_that_are_not_used(http: Http, address: str) -> None:
    with pytest.raises(UsageError) as raised:
        http.door(address, headers={}, allowed_hosts=NOWHERE)
    assert "invalid" not in str(raised.value)


@pytest.mark.parametrize("key", ["sk\n1", "sk 1", "schlüssel", "\x00", "\ud800"])
def test_a_key_that_cannot_be_one(http: Http, key: str) -> None:
    with pytest.raises(KeyRefusedError):
        http.door("https://api.example.invalid", headers={"X-API-Key": Secret(key)}, allowed_hosts=NOWHERE)


async def test_one_client_serves_many_requests_at_once(door: HttpDoor, site: Site) -> None:
    site.says = lambda asked: as_json(asked.path)
    answers = await asyncio.gather(*(door.get_json(f"/{number}") for number in range(40)))
    assert answers == [f"/{number}" for number in range(40)]
