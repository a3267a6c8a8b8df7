"""The stand-in for Suki: login, status, recordings with a download flag, transcript and note, as documented."""

from __future__ import annotations

import json
import wave
from datetime import datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from qa_player.demo.server import DemoServer
from qa_player.demo.suki import FEED
from qa_player.demo.visits import Visit, load_visits

VISITS = load_visits()
KNEE = "6f1d2a8e-4b0c-4c57-9d2e-1f6a7b3c9d01"
TWO_PARTS = "01JD3Q7VXH4N8S5W2K6TZB9MRC"


def ask(address: str, method: str = "GET", body: object = None, **headers: str) -> tuple[int, Any]:
    parts = urlsplit(address)
    line = HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    try:
        sent = None if body is None else json.dumps(body)
        named = {name.replace("_", "-") if name == "content_type" else name: value for name, value in headers.items()}
        line.request(method, f"{parts.path}?{parts.query}", body=sent, headers=named)
        answer = line.getresponse()
        said = answer.read()
        return answer.status, json.loads(said) if said[:1] in (b"{", b"[") else said
    finally:
        line.close()


@pytest.fixture
def base(demo: DemoServer) -> str:
    (offered,) = [one for one in demo.connections if one.provider == "suki"]
    return offered.base_url


@pytest.fixture
def token(demo: DemoServer, base: str) -> str:
    told = {"partner_id": demo.suki.partner_id, "partner_token": demo.suki.key}
    status, said = ask(f"{base}/auth/login", "POST", told)
    assert status == 200
    return str(said["suki_token"])


def session(base: str, token: str, session_id: str, what: str) -> tuple[int, Any]:
    return ask(f"{base}/ambient/session/{session_id}/{what}", sdp_suki_token=token)


def test_logins(demo: DemoServer, base: str) -> None:
    right = {"partner_id": demo.suki.partner_id, "partner_token": demo.suki.key}
    login = f"{base}/auth/login"
    assert ask(login, "POST", right)[0] == 200
    assert ask(login, "POST", right | {"partner_token": "x"})[0] == 401
    assert ask(login, "POST", right | {"partner_id": "x"})[0] == 401
    assert ask(login, "POST", {"partner_id": "x"})[0] == 400
    assert ask(login)[0] == 405


def test_a_token_is_needed_and_can_be_revoked(demo: DemoServer, base: str, token: str) -> None:
    assert session(base, "", KNEE, "status")[0] == 401
    assert session(base, demo.suki.key, KNEE, "status")[0] == 401
    assert session(base, token, KNEE, "status") == (200, {"status": "completed"})
    demo.suki.revoke()
    assert session(base, token, KNEE, "status")[0] == 401


def test_a_token_dies(demo: DemoServer, base: str) -> None:
    demo.suki.token_life_s = -1.0
    told = {"partner_id": demo.suki.partner_id, "partner_token": demo.suki.key}
    _, said = ask(f"{base}/auth/login", "POST", told)
    assert session(base, said["suki_token"], KNEE, "status")[0] == 401


def test_recordings(base: str, token: str) -> None:
    status, said = session(base, token, TWO_PARTS, "recording")
    assert (status, said["is_streamable"]) == (200, True)
    by_number = {one["sequence_number"]: one for one in said["recordings"]}
    assert list(by_number) == [2, 1], "an order is promised by number only"
    for number, path in enumerate(next(one.media for one in VISITS if one.session_id == TWO_PARTS)):
        assert ask(by_number[number + 1]["presigned_url"])[1] == path.read_bytes()
    longer = session(base, token, TWO_PARTS, "recording?download=true")[1]
    assert longer["recordings"][0]["expires_at"] > said["recordings"][0]["expires_at"]


def test_what_is_not_to_be_had(base: str, token: str) -> None:
    by_title = {visit.title: visit.session_id for visit in VISITS}
    assert session(base, token, by_title["Vaccination, uploaded"], "recording")[0] == 404
    assert session(base, token, by_title["Ankle sprain, last week"], "recording")[0] == 410
    assert session(base, token, "nobody", "status")[0] == 404


def test_a_transcript_as_documented(base: str, token: str) -> None:
    items = session(base, token, KNEE, "transcript")[1]["final_transcript"]
    first = items[0]
    assert set(first["start_offset"]) == {"hours", "minutes", "seconds", "nanos"}
    assert len(first["start_time"].rpartition(".")[2]) == len("123456789Z")
    heard = datetime.fromisoformat(first["end_time"]) - datetime.fromisoformat(first["start_time"])
    assert heard.total_seconds() > 1


def test_the_gap_between_two_recordings_is_in_the_wall_times_only(base: str, token: str) -> None:
    items = session(base, token, TWO_PARTS, "transcript")[1]["final_transcript"]
    by_recording = {item["recording_id"]: item for item in items}
    assert len(by_recording) == 2
    last, first = items[8], items[9]
    wall = datetime.fromisoformat(first["start_time"]) - datetime.fromisoformat(last["end_time"])
    assert wall.total_seconds() > 180
    offsets = [item["start_offset"]["minutes"] * 60 + item["start_offset"]["seconds"] for item in items]
    assert offsets == sorted(offsets)
    assert offsets[-1] < 70


def test_the_feed_names_every_visit_of_ours(demo: DemoServer) -> None:
    (offered,) = [one for one in demo.connections if one.provider == "suki"]
    status, said = ask(offered.options["feed_url"])
    assert offered.options["feed_url"].endswith(FEED)
    assert (status, [one["session_id"] for one in said["visits"]]) == (200, [visit.session_id for visit in VISITS])


@pytest.mark.parametrize("visit", [visit for visit in VISITS if visit.media], ids=lambda visit: visit.title)
def test_a_visit_is_what_it_is_said_to_be(visit: Visit) -> None:
    lengths = []
    for path in visit.media:
        with wave.open(str(path)) as heard:
            assert heard.getnchannels() == 1
            lengths.append(round(heard.getnframes() * 1_000 / heard.getframerate()))
    assert sum(lengths) == pytest.approx(visit.length_ms, abs=5)
    turns = visit.told["turns"]
    assert all(0 <= turn["start_ms"] < turn["end_ms"] <= visit.length_ms for turn in turns)
    spoken = " ".join(turn["text"] for turn in turns)
    sections = visit.told["note"]
    for section in sections:
        for snippet in section["source_transcripts"]:
            assert snippet in spoken, "evidence is a snippet of what was said"
    kinds = {fault["kind"] for fault in visit.told["faults"]}
    assert kinds == {"invented", "omitted", "negated"}
    for fault in visit.told["faults"]:
        written = [section for section in sections if fault["statement"] in section["content"]]
        assert bool(written) == (fault["kind"] != "omitted")
        assert 0 <= fault.get("turn_index", 0) < len(turns)


def test_visits_are_small() -> None:
    assert sum(path.stat().st_size for visit in VISITS for path in visit.media) < 3_000_000
