"""Recordings on the second origin: signed addresses that die, ranges, validators, and S3's ways to say no."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from qa_player.demo.server import DemoServer


@pytest.fixture
def whole(demo: DemoServer) -> bytes:
    path = demo.sample("Cancel the add-on").recording
    assert path is not None
    return path.read_bytes()


def test_the_address_is_of_another_origin_and_new_each_time(demo: DemoServer, address) -> None:
    first, second = urlsplit(address()), urlsplit(address())
    assert first.netloc == second.netloc != urlsplit(demo.connections[0].base_url).netloc
    assert first.query != second.query
    query = dict(parse_qsl(first.query))
    assert query["X-Amz-Expires"] == "90"
    assert abs(time.time() - time.mktime(time.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")) + time.timezone) < 60
    assert len(query["X-Amz-Signature"]) == 64


def test_the_whole_file_with_a_strong_validator(ask, address, whole: bytes) -> None:
    reply = ask(address())
    assert (reply.status, reply.body) == (200, whole)
    assert reply.headers["content-type"] == "video/mp4"
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["etag"].startswith('"')


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("0-0", 0, 1), ("100-299", 100, 300), ("100-", 100, None), ("-7", -7, None)]
)
def test_a_range_is_exactly_what_was_asked_for(ask, address, whole: bytes, asked: str, start: int, end) -> None:
    reply = ask(address(), Range=f"bytes={asked}")
    first = start % len(whole)
    assert (reply.status, reply.body) == (206, whole[start:end])
    assert reply.headers["content-range"] == f"bytes {first}-{first + len(reply.body) - 1}/{len(whole)}"


def test_a_range_past_the_end_is_cut_or_refused(ask, address, whole: bytes) -> None:
    size = len(whole)
    assert ask(address(), Range=f"bytes={size - 5}-{size + 100}").body == whole[-5:]
    refused = ask(address(), Range=f"bytes={size}-")
    assert (refused.status, refused.headers["content-range"]) == (416, f"bytes */{size}")
    assert b"InvalidRange" in refused.body


@pytest.mark.parametrize("nonsense", ["bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6"])
def test_what_is_no_range_is_answered_with_the_whole(ask, address, whole: bytes, nonsense: str) -> None:
    assert ask(address(), Range=nonsense).body == whole


def test_if_range_gives_the_rest_only_of_the_same_file(ask, address, whole: bytes) -> None:
    etag = ask(address()).headers["etag"]
    assert ask(address(), Range="bytes=50-", **{"If-Range": etag}).status == 206
    changed = ask(address(), Range="bytes=50-", **{"If-Range": '"another"'})
    assert (changed.status, changed.body) == (200, whole)
    assert ask(address(), Range="bytes=50-", **{"If-Range": f"W/{etag}"}).status == 200


def test_an_address_that_is_over_says_so() -> None:
    with DemoServer(address_lifetime_s=0) as demo:
        sample = demo.sample("Cancel the add-on")
        dead = demo._address(sample)
        demo.address_lifetime_s = 60
        alive = demo._address(sample)
        assert dead is not None
        assert alive is not None
        assert get(alive)[0] == 200
        status, body = get(dead)
    assert status == 403
    assert b"<Code>AccessDenied</Code>" in body
    assert b"Request has expired" in body


def test_a_tampered_address_does_not_match(ask, address) -> None:
    good = address()
    signature = dict(parse_qsl(urlsplit(good).query))["X-Amz-Signature"]
    longer = good.replace("X-Amz-Expires=90", "X-Amz-Expires=99999")
    damaged = [
        longer,
        good.replace(signature, "0" * 64),
        good.replace(f"&X-Amz-Signature={signature}", ""),
        good.replace(urlsplit(good).path, "/other.mp4"),
        good.split("?")[0],
        f"{good.split('?')[0]}?{unquote(urlsplit(good).query)}",
    ]
    for one in damaged:
        reply = ask(one)
        assert reply.status == 403
        assert b"SignatureDoesNotMatch" in reply.body
    assert ask(good).status == 200


def test_an_address_for_reading_is_for_nothing_else(ask, address) -> None:
    assert [ask(address(), method).status for method in ("HEAD", "PUT", "POST", "DELETE")] == [403] * 4


def test_a_key_that_strays_to_the_recordings_is_seen(demo: DemoServer, ask, address) -> None:
    where = address()
    ask(where)
    ask(where, **{"X-API-Key": "a key that has no business there"})
    strays = [logged for logged in demo.log if logged.origin == "recordings" and "x-api-key" in logged.header_names]
    assert len(strays) == 1
    assert "Amz" not in repr(demo.log)


def get(where: str) -> tuple[int, bytes]:
    import http.client

    parts = urlsplit(where)
    line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    line.request("GET", f"{parts.path}?{parts.query}")
    answer = line.getresponse()
    told = answer.status, answer.read()
    line.close()
    return told
