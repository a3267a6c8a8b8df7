"""The stand-in for Oshara's API answers as Oshara's documentation says, over real lines."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest

from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer

LISTING = "/api/billing/usage/"
DOCUMENTED = {
    *[
        "id",
        "session_id",
        "tenant_id",
        "character_slug",
        "user",
        "room_name",
        "origin_url",
        "metadata",
        "session_duration_seconds",
    ],
    *["turn_count", "interruption_count", "llm_input_tokens", "llm_output_tokens", "llm_model", "llm_provider"],
    *["stt_audio_seconds", "stt_provider", "tts_characters", "tts_provider", "estimated_cost_usd", "finalized_at"],
    *["recording_status", "recording_url", "recording_presigned_url", "transcript", "transcript_text", "created_at"],
}


def ids(reply):
    return [one["session_id"] for one in reply.data["sessions"]["data"]]


def test_a_connection_is_told_with_what_a_person_needs_to_add_it(demo: DemoServer) -> None:
    offered = demo.connections[0]
    assert offered.base_url.startswith("http://127.0.0.1:")
    assert offered.provider == "oshara"
    assert offered.key not in repr(offered)


def test_the_key_is_checked(demo: DemoServer, ask) -> None:
    base = demo.connections[0].base_url
    refused = [
        ask(base + LISTING),
        ask(LISTING, **{"X-API-Key": "sk_wrong"}),
        ask(base + LISTING, Authorization="Bearer a.b.c"),
    ]
    assert [reply.status for reply in refused] == [401, 401, 401]
    for reply in refused:
        assert set(reply.json) == {"success", "message", "data", "errors"}
        assert reply.json["success"] is False
    assert ask(LISTING, Authorization="Bearer a.b.c").status == 200  # sent both, the key counts


def test_a_revoked_key_is_refused_from_then_on(demo: DemoServer, ask) -> None:
    assert ask(LISTING).status == 200
    demo.api.key_works = False
    assert ask(LISTING).status == 401


def test_the_list_holds_full_summaries_newest_first(demo: DemoServer, ask) -> None:
    reply = ask(LISTING)
    data = reply.data
    assert reply.json["success"] is True
    assert data["total_sessions"] == len(data["sessions"]["data"]) == sum(sample.ours for sample in demo.samples)
    assert isinstance(data["total_estimated_cost_usd"], str)
    created = [one["created_at"] for one in data["sessions"]["data"]]
    assert created == sorted(created, reverse=True)
    spoken = next(one for one in data["sessions"]["data"] if one["metadata"]["subject"] == "Cancel the add-on")
    assert set(spoken) == DOCUMENTED
    assert spoken["turn_count"] == len(spoken["transcript"]) > 10
    assert spoken["transcript_text"].startswith("Assistant: Hi!")
    assert set(spoken["transcript"][0]) == {"role", "text", "turn_index", "ts"}


def test_pages_lie_side_by_side(ask) -> None:
    everything = ids(ask(LISTING))
    pages = [ids(ask(f"{LISTING}?page={page}&page_size=3")) for page in range(1, len(everything) // 3 + 3)]
    assert [one for page in pages for one in page] == everything
    assert [len(page) for page in pages[:2]] == [3, 3]
    assert pages[-1] == []


@pytest.mark.parametrize("query", ["page=0", "page=two", "page_size=201", "start=yesterday", "end=2026-13-01"])
def test_what_cannot_be_read_is_refused(ask, query: str) -> None:
    assert ask(f"{LISTING}?{query}").status == 400


def test_filters_narrow_the_list(demo: DemoServer, ask) -> None:
    slug = demo.sample("Cancel the add-on").character_slug
    found = ids(ask(f"{LISTING}?character_slug={slug}"))
    assert found == [one.session_id for one in demo.samples if one.ours and one.character_slug == slug]
    assert 0 < len(found) < len(ids(ask(LISTING)))
    assert ids(ask(f"{LISTING}?tenant_id=nobody")) == []


def test_start_and_end_are_inclusive(ask) -> None:
    created = {one["session_id"]: one["created_at"] for one in ask(LISTING).data["sessions"]["data"]}
    session_id, instant = next(iter(created.items()))
    same = ids(ask(f"{LISTING}?start={quote(instant)}&end={quote(instant)}"))
    assert session_id in same
    assert {created[one] for one in same} == {instant}
    later = datetime.fromisoformat(instant) + timedelta(seconds=1)
    assert session_id not in ids(ask(f"{LISTING}?start={quote(later.isoformat())}"))
    day = instant[: len("2026-05-28")]
    assert ids(ask(f"{LISTING}?start={day}&end={day}")) == [one for one, at in created.items() if at.startswith(day)]


def test_one_session_is_told_as_in_the_list(ask) -> None:
    listed = ask(LISTING).data["sessions"]["data"]
    for one in listed[:4]:
        told = ask(f"/api/billing/sessions/{one['session_id']}/").data
        fresh = {"recording_presigned_url": one["recording_presigned_url"]}
        assert told | fresh == one


@pytest.mark.parametrize(
    ("session_id", "status"),
    [
        ("sess_nothere", 404),
        ("9f1c3c1e-0000-4000-8000-000000000000", 404),
        ("142", 400),
        ("sess_", 400),
        ("not%20an%20id", 400),
    ],
)
def test_ids_that_are_not_there_or_not_ids(ask, session_id: str, status: int) -> None:
    reply = ask(f"/api/billing/sessions/{session_id}/")
    assert (reply.status, reply.json["success"], reply.data) == (status, False, None)


def test_what_belongs_to_others_is_not_there(ask) -> None:
    told = {"session_id": "sess_others", "subject": "Other", "character_slug": "bot", "owner": "somebody else"}
    mine = {"session_id": "sess_mine1", "subject": "Mine", "character_slug": "bot"}
    now = datetime.now(UTC)
    with DemoServer(samples=(Sample(told, now), Sample(mine, now))) as demo:
        api = demo.connections[0]
        replies = [
            ask(f"{api.base_url}/api/billing/{where}/", **{"X-API-Key": api.key})
            for where in ("usage", "sessions/sess_mine1", "sessions/sess_others", "sessions/sess_absent")
        ]
    assert ids(replies[0]) == ["sess_mine1"]
    assert [reply.status for reply in replies[1:]] == [200, 404, 404]
    assert replies[2].body == replies[3].body


def test_a_missing_slash_is_redirected_with_its_query(ask) -> None:
    reply = ask("/api/billing/usage?page=1&page_size=3")
    assert (reply.status, reply.headers["location"]) == (301, "/api/billing/usage/?page=1&page_size=3")


def test_other_methods_and_paths_are_refused(ask) -> None:
    assert ask(LISTING, "POST").status == 405
    assert ask("/api/elsewhere/").status == 404
    assert ask(LISTING, "HEAD").body == b""


def test_a_line_is_kept_and_many_are_served_at_once(demo: DemoServer) -> None:
    api = demo.connections[0]
    session_id = demo.sample("Cancel the add-on").session_id

    def client(_: int) -> set[int]:
        line = http.client.HTTPConnection(str(urlsplit(api.base_url).hostname), urlsplit(api.base_url).port, timeout=20)
        ports = set()
        for _ in range(5):
            line.request("GET", f"/api/billing/sessions/{session_id}/", headers={"X-API-Key": api.key})
            assert json.load(line.getresponse())["success"] is True
            ports.add(line.sock.getsockname()[1])
        line.close()
        return ports

    with ThreadPoolExecutor(12) as pool:
        lines = list(pool.map(client, range(24)))
    assert all(len(ports) == 1 for ports in lines)


def test_the_log_says_what_was_asked_and_keeps_the_key_to_itself(demo: DemoServer, ask, capfd) -> None:
    ask(f"{LISTING}?tenant_id=acme")
    ask(demo.connections[0].base_url + LISTING)
    first, second = demo.log
    assert (first.origin, first.method, first.path, first.status) == ("api", "GET", LISTING, 200)
    assert second.status == 401
    assert ["x-api-key" in logged.header_names for logged in demo.log] == [True, False]
    assert demo.connections[0].key not in repr(demo.log)
    assert capfd.readouterr() == ("", "")
