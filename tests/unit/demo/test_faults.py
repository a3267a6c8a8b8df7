"""The control of every fault: each switch does what it says, and nothing is wrong while it is off."""

from __future__ import annotations

import http.client
import socket
import time
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from qa_player.demo.faults import Faults
from qa_player.demo.server import DemoServer

LISTING = "/api/billing/usage/?page_size=1"
SWITCHES = {one.name for one in fields(Faults) if not one.name.startswith("_")}
SHOWN = {"stall_s", "retry_after", "times"}  # with the switch they belong to


@pytest.fixture
def size(demo: DemoServer) -> int:
    path = demo.sample("Cancel the add-on").recording
    assert path is not None
    return path.stat().st_size


def test_every_switch_has_its_control_here() -> None:
    source = Path(__file__).read_text("utf-8")
    shown = {name for name in SWITCHES if f"_faults.{name} =" in source}
    assert shown | SHOWN == SWITCHES


def test_without_faults_nothing_is_wrong(ask, address, size: int) -> None:
    assert ask(LISTING).json["success"] is True
    assert len(ask(address()).body) == size


def test_latency_keeps_every_answer_waiting(demo: DemoServer, ask) -> None:
    began = time.monotonic()
    ask(LISTING)
    undelayed = time.monotonic() - began
    demo.api_faults.latency_s = undelayed + 0.3
    began = time.monotonic()
    ask(LISTING)
    assert time.monotonic() - began >= undelayed + 0.3


def test_bandwidth_has_a_limit(demo: DemoServer, ask, address) -> None:
    demo.recording_faults.bytes_per_second = 40_000
    began = time.monotonic()
    assert len(ask(address(), Range="bytes=0-19999").body) == 20_000
    assert time.monotonic() - began >= 0.4


def test_the_line_breaks_after_so_many_bytes(demo: DemoServer, ask, address) -> None:
    demo.recording_faults.cut_after = 30_000
    for _ in range(2):
        with pytest.raises(http.client.IncompleteRead) as cut:
            ask(address())
        assert len(cut.value.partial) == 30_000


def test_the_line_breaks_once(demo: DemoServer, ask, address, size: int) -> None:
    demo.recording_faults.cut_once_after = 1_000
    with pytest.raises(http.client.IncompleteRead):
        ask(address())
    assert len(ask(address()).body) == size


def test_the_body_stalls_and_the_line_stays_open(demo: DemoServer, address) -> None:
    demo.recording_faults.stall_after = 16_384
    demo.recording_faults.stall_s = 60.0
    parts = urlsplit(address())
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as line:
        line.sendall(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        body = line.makefile("rb")
        while body.readline().strip():
            pass
        assert len(body.read(16_384)) == 16_384
        line.settimeout(0.4)
        with pytest.raises(TimeoutError):
            line.recv(1)


@pytest.mark.parametrize("status", [401, 410, 429, 500, 503])
def test_the_api_answers_with_a_status(demo: DemoServer, ask, status: int) -> None:
    demo.api_faults.status, demo.api_faults.retry_after = status, "2"
    reply = ask(LISTING)
    assert (reply.status, reply.json["success"], reply.headers["retry-after"]) == (status, False, "2")
    demo.api_faults.status = None
    assert ask(LISTING).status == 200


def test_a_status_is_answered_so_often(demo: DemoServer, ask) -> None:
    demo.api_faults.status, demo.api_faults.times = 503, 2
    assert [ask(LISTING).status for _ in range(4)] == [503, 503, 200, 200]


@pytest.mark.parametrize(("status", "code"), [(403, b"AccessDenied"), (410, b"InvalidRequest"), (503, b"SlowDown")])
def test_recordings_say_no_in_the_manner_of_s3(demo: DemoServer, ask, address, status: int, code: bytes) -> None:
    demo.recording_faults.status = status
    reply = ask(address())
    assert reply.status == status
    assert reply.headers["content-type"] == "application/xml"
    assert code in reply.body
    assert b"expired" not in reply.body
    assert "retry-after" not in reply.headers


def test_a_captive_portal_answers_everything(demo: DemoServer, ask, address) -> None:
    where = address()
    demo.api_faults.captive_portal = demo.recording_faults.captive_portal = True
    for reply in (ask(LISTING), ask(where, Range="bytes=5-9")):
        assert reply.status == 200
        assert reply.headers["content-type"].startswith("text/html")
        assert b"sign in" in reply.body


def test_a_body_is_replaced(demo: DemoServer, ask, address) -> None:
    demo.recording_faults.replace_body = b"not a recording"
    reply = ask(address())
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, "video/mp4", b"not a recording")


def test_types_are_wrong(demo: DemoServer, ask) -> None:
    right = ask(LISTING).data["sessions"]["data"][0]
    demo.api_faults.wrong_types = True
    wrong = ask(LISTING).data["sessions"]["data"][0]
    assert wrong.keys() == right.keys()
    assert isinstance(right["session_id"], str)
    assert isinstance(wrong["session_id"], int)
    assert isinstance(wrong["turn_count"], str)
    assert isinstance(wrong["transcript"][0]["ts"], str)


@pytest.mark.parametrize("length", [0, 1_000])
def test_media_is_shorter_and_honest_about_it(demo: DemoServer, ask, address, length: int) -> None:
    whole = ask(address())
    demo.recording_faults.truncate_to = length
    short = ask(address())
    assert (short.status, short.headers["content-length"], short.body) == (200, str(length), whole.body[:length])
    assert short.headers["etag"] != whole.headers["etag"]
    assert ask(address(), Range=f"bytes={length}-").status == 416


def test_ranges_are_not_served(demo: DemoServer, ask, address, size: int) -> None:
    demo.recording_faults.no_ranges = True
    reply = ask(address(), Range="bytes=5-9")
    assert (reply.status, len(reply.body)) == (200, size)


def test_the_length_is_not_said(demo: DemoServer, ask, address, size: int) -> None:
    demo.recording_faults.no_length = True
    reply = ask(address())
    assert "content-length" not in reply.headers
    assert len(reply.body) == size


def test_a_key_can_be_revoked_in_mid_session(demo: DemoServer, ask, address) -> None:
    where = address()
    demo.api.key_works = False
    assert ask(LISTING).status == 401
    assert ask(where).status == 200  # what was signed before stays signed


def test_stopping_does_not_wait_for_those_who_keep_their_lines() -> None:
    demo = DemoServer().start()
    parts = urlsplit(demo.connections[0].base_url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(12) == b"HTTP/1.1 401"
        demo.stop()
        while line.recv(65_536):
            pass
