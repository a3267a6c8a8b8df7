"""Calls in progress from the command line: the relay in one process, everything else in others, as scripts have it."""

from __future__ import annotations

import asyncio
import json
import signal
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parts import process
from parts.command import QaPlayer, finished, keychain_of_its_own
from parts.elsewhere import another_home, attended
from parts.loop import wait_until
from parts.person import at_the_program
from parts.secret_service import PROGRAMS
from parts.switchboard import ACCOUNTS, DIALECTS, TOKEN, carriers
from qa_player.demo.carrier import CallSound, Carrier, Stream
from qa_player.demo.phone_server import PhoneServer
from qa_player.demo.streaming import LIVE_CALLS
from qa_player.model.live import RelayLine
from qa_player.model.secret import Secret

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]

STREAM = {
    "connection",
    "call_id",
    "stream_id",
    "state",
    "track",
    "content_type",
    "bidirectional",
    "started_at",
    "ended_at",
    "billed_minutes",
    "events",
    "stop_tries",
}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, PhoneServer]]:
    with carriers() as servers:
        yield servers


@pytest.fixture(scope="module")
def qa_player(servers: dict[str, PhoneServer]) -> Iterator[QaPlayer]:
    """A home connected to both carriers' stand-ins."""
    with tempfile.TemporaryDirectory() as folder, keychain_of_its_own() as keychain:
        program = QaPlayer(Path(folder) / "home", keychain.environment)
        for name, server in servers.items():
            added = program(
                *("connection", "add", name, "--provider", name, "--base-url", server.base_url),
                *("--option", f"auth_id={ACCOUNTS[name]}", "--key-stdin"),
                typed=f"{TOKEN}\n",
            )
            assert added.status == 0, added.err
        yield program


@pytest.fixture(scope="module")
def relay(qa_player: QaPlayer) -> Iterator[dict[str, str]]:
    """What the relay says in its first line, while it runs."""
    running = qa_player.start("live", "serve", "--json")
    assert running.stdout is not None
    yield json.loads(process.first_line(running.stdout.fileno(), seconds=30, of="the relay"))
    running.send_signal(signal.SIGINT)
    ended = finished(running)
    assert (ended.status, ended.err) == (0, "")


def until(ask: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return answer


def session(qa_player: QaPlayer, session_id: str, state: str) -> dict[str, Any] | None:
    listed = qa_player("sessions", "live", "--json").json
    return next((one for one in listed if (one["session_id"], one["state"]) == (session_id, state)), None)


def test_without_a_relay_nothing_is_expected(qa_player: QaPlayer) -> None:
    assert qa_player("sessions", "live", "--json").json == []
    refused = qa_player("live", "expect", "vobiz", "call-0", "--json")
    assert (refused.status, refused.error["kind"]) == (6, "not_ready")
    plain = qa_player("live", "serve", "--listen", "0.0.0.0:0")
    assert plain.status == 2
    assert "encrypted" in plain.sentence
    assert qa_player("live", "serve", "--public-url", "http://calls.example.org").status == 2


def test_a_call_that_dials_in_is_a_session_that_is_shown_fetched_and_exported(
    qa_player: QaPlayer, relay: dict[str, str], tmp_path: Path
) -> None:
    assert set(relay) == {"listening", "public_url"}
    told = qa_player("live", "expect", "plivo", "call-1", "--codec", "l16-8k", "--header", "case=42", "--json").json
    assert set(told) == {"service_url", "status_callback_url", "expires_at", "xml"}
    assert told["service_url"].startswith(f"ws://{relay['listening']}/live/")
    assert told["service_url"] in told["xml"]
    assert 'extraHeaders="case=42"' in told["xml"]
    clock = np.arange(2 * 8_000) / 8_000
    sides = [(np.sin(2 * np.pi * (250 + 90 * side) * clock) * 9_000).astype(np.int16) for side in (0, 1)]
    stream = Stream("call-1", "stream-1", "MA", told["service_url"], told["status_callback_url"])
    Carrier(DIALECTS["plivo"], TOKEN, speed=0).send(stream, CallSound(sides[0], sides[1], 8_000))
    listed = until(lambda: session(qa_player, "call-1", "ready"))
    assert (listed["provider"], listed["duration_ms"]) == ("live", 2_000)
    shown = qa_player("show", "live", "call-1", "--json").json
    assert [part["state"] for part in shown["recordings"]] == ["available"]
    assert "the carrier says: connected" in [turn["text"] for turn in shown["turns"]]
    out = tmp_path / "call.wav"
    facts = qa_player("fetch", "live", "call-1", "--out", out, "--json").json
    assert (facts["codec"], facts["channels"], facts["duration_ms"], facts["verified"]) == ("pcm_s16le", 2, 2_000, True)
    with wave.open(str(out)) as file:
        body = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert np.array_equal(body[:, 0], sides[0])
    assert np.array_equal(body[:, 1], sides[1])
    marked = qa_player("annotate", "live", "call-1", "--start", "0.5", "--tag", "greeting", "--json").json
    assert marked["annotation_id"]
    exported = tmp_path / "call.json"
    assert qa_player("export", "live", "call-1", "--format", "json", "--out", exported).status == 0
    review = json.loads(exported.read_text())
    assert review["session"]["session_id"] == "call-1"
    assert [one["tag"] for one in review["annotations"]] == ["greeting"]
    assert qa_player("audit", "verify", "--json").json["consistent"]
    assert "live" in [one["name"] for one in qa_player("connection", "list", "--json").json]


async def test_a_listener_hears_a_call_that_another_process_receives(
    qa_player: QaPlayer, relay: dict[str, str], tmp_path: Path
) -> None:
    key = qa_player("live", "listener", "add", "front desk", "--json").json
    assert [one["name"] for one in qa_player("live", "listener", "list", "--json").json] == ["front desk"]
    assert qa_player("live", "listener", "add", "front desk").status == 2
    told = qa_player("live", "expect", "vobiz", "call-heard", "--json").json
    sides = [(np.sin(np.arange(3 * 8_000) / (5 + side)) * 9_000).astype(np.int16) for side in (0, 1)]
    stream = Stream("call-heard", "stream-heard", "MA", told["service_url"], told["status_callback_url"])
    async with another_home(tmp_path / "there") as there:
        await attended(there, relay["public_url"], Secret(key["key"]))
        carrier = Carrier(DIALECTS["vobiz"], TOKEN, speed=1)
        sending = asyncio.create_task(asyncio.to_thread(carrier.send, stream, CallSound(sides[0], sides[1], 8_000)))
        await wait_until(lambda: there.live.calls, timeout=20)
        await there.playback.open("live", "call-heard")
        assert there.playback.state.live
        await wait_until(lambda: there.playback.position_ms > 1_000, timeout=20)
        await sending
        await wait_until(lambda: not there.live.calls, timeout=20)
        rate, sound = await there.live.sound("call-heard", 0, 3_000)
        assert (rate, len(sound)) == (8_000, 24_000)
        assert np.array_equal(sound[:, 0], sides[0])
        assert np.array_equal(sound[:, 1], sides[1])
        mine = await there.live.captures.named("call-heard")
        shown = qa_player("show", "live", "call-heard", "--json").json
        assert mine.sha256 == shown["metadata"]["sha256 of what came"]
        events = qa_player("audit", "show", "--json").json
        listened = [(one["subject"], one["session_id"]) for one in events if one["action"] == "live.listened_by"]
        assert listened == [("front desk", "call-heard")]
        assert qa_player("live", "listener", "remove", "front desk").status == 0
        await wait_until(lambda: there.live.relays.line_of("office") is RelayLine.REFUSED, timeout=20)
        await there.playback.close()
        there.coverage.end()
    assert key["key"] not in json.dumps(events)


@pytest.mark.parametrize("provider", ["vobiz", "plivo"])
def test_a_stream_is_started_listed_shown_and_stopped(
    qa_player: QaPlayer, relay: dict[str, str], servers: dict[str, PhoneServer], provider: str
) -> None:
    servers[provider].telephone.streaming.carrier.speed = 1
    call = LIVE_CALLS[0 if provider == "vobiz" else 1]
    started = qa_player("live", "start", provider, call, "--track", "inbound", "--time-limit", "60", "--json").json
    assert set(started) == STREAM
    until(lambda: session(qa_player, call, "in_progress"))
    listed = qa_player("live", "list", provider, call, "--json").json
    assert [(one["stream_id"], one["state"]) for one in listed] == [(started["stream_id"], "running")]
    stopped = qa_player("live", "stop", provider, call, "--json").json
    assert [(one["stream_id"], one["state"]) for one in stopped] == [(started["stream_id"], "stopped")]
    shown = qa_player("live", "show", provider, call, started["stream_id"], "--json").json
    assert (shown["state"], shown["billed_minutes"]) == ("stopped", 2)
    assert until(lambda: session(qa_player, call, "ready"))["session_id"] == call
    assert "2 minutes billed" in qa_player("live", "list", provider, call).out


def test_a_stop_that_is_lost_is_told_and_ends_the_capture_all_the_same(
    qa_player: QaPlayer, relay: dict[str, str], servers: dict[str, PhoneServer]
) -> None:
    server, call = servers["vobiz"], LIVE_CALLS[2]
    server.telephone.streaming.carrier.speed = 1
    stream_id = qa_player("live", "start", "vobiz", call, "--json").json["stream_id"]
    until(lambda: session(qa_player, call, "in_progress"))
    until(lambda: "stream" in (session(qa_player, call, "in_progress") or {})["metadata"])
    server.api_faults.status = 503
    lost = qa_player("live", "stop", "vobiz", call, stream_id, "--json")
    assert (lost.status, lost.error["kind"]) == (7, "transient")
    assert "not known" in lost.error["message"]
    until(lambda: session(qa_player, call, "ready"))
    assert [one["state"] for one in qa_player("live", "list", "vobiz", call, "--json").json] == ["unknown"]
    server.api_faults.status = None
    until(lambda: qa_player("live", "list", "vobiz", call, "--json").json[0]["state"] == "stopped")


def test_a_call_that_another_process_receives_is_a_row_of_the_window_and_heard_there(
    qa_player: QaPlayer, relay: dict[str, str], servers: dict[str, PhoneServer], tmp_path: Path
) -> None:
    servers["vobiz"].telephone.streaming.carrier.speed = 1
    call = LIVE_CALLS[4]

    def rows() -> list[str]:
        return [one["name"] for one in person.ask("tree") if one["role"] == "ListItem" and call in one["name"]]

    home, log = qa_player.home, tmp_path / "stderr"
    with at_the_program(home, log=log, environment=qa_player.environment) as person:
        person.until(lambda: person.ask("forward"), "the window in front")
        assert qa_player("live", "start", "vobiz", call).status == 0
        person.until(lambda: any("Live" in row for row in rows()), "its row")
        person.until(lambda: person.focus() == "Sessions", "the list")
        person.press("Home", "Return")
        person.until(lambda: person.described("Stream") == "Live", "the line")
        person.until(lambda: person.described("Behind the call").startswith("heard "), "its sound")
        assert qa_player("live", "stop", "vobiz", call).status == 0
        person.until(lambda: any("To review" in row for row in rows()), "its end")
        person.until(lambda: person.described("Stream").startswith("Ready"), "the whole recording")
        person.close()


def test_wrong_usage_is_said_in_a_line(qa_player: QaPlayer, relay: dict[str, str]) -> None:
    for arguments in (
        ("live", "expect", "vobiz", "call-9", "--codec", "opus"),
        ("live", "expect", "vobiz", "call-9", "--track", "middle"),
        ("live", "start", "vobiz", "call-9", "--time-limit", "0"),
        ("live", "start", "vobiz", "call-9", "--header", "a=b c"),
        ("live", "serve"),
    ):
        assert qa_player(*arguments).status == 2, arguments
    assert qa_player("live", "start", "vobiz", "nobody-calls").status == 4
    assert qa_player("live", "expect", "nowhere", "call-9").status == 4


def test_no_token_is_left_anywhere_in_the_home(qa_player: QaPlayer, relay: dict[str, str]) -> None:
    told = qa_player("live", "expect", "vobiz", "call-7", "--json").json
    tokens = [told["service_url"].rpartition("/")[2], told["status_callback_url"].split("/")[-2], TOKEN]
    for path in qa_player.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(token.encode() in content for token in tokens), path.name


def test_a_log_of_frames_is_imported(qa_player: QaPlayer, tmp_path: Path) -> None:
    clock = np.arange(8_000) / 8_000
    side = (np.sin(2 * np.pi * 300 * clock) * 9_000).astype(np.int16)
    stream = Stream("call-8", "s", "MA", "")
    log = tmp_path / "frames.jsonl"
    log.write_text("\n".join(Carrier(DIALECTS["vobiz"], TOKEN).messages(stream, CallSound(side, side, 8_000))))
    told = qa_player("live", "import", log, "--json").json
    assert told == {"connection": "live", "session_id": "call-8", "duration_ms": 1_000, "frames": 100, "lost": 0}
    assert qa_player("fetch", "live", "call-8", "--json").json["duration_ms"] == 1_000
