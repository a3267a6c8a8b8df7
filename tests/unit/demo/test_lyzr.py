"""The stand-in for Lyzr: pages, limits, one 404 for several causes, and bytes without ranges."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import av
import numpy as np
import pytest

from qa_player.demo.calls import load_calls
from qa_player.demo.server import DemoServer

SPOKEN = "c5e0a7f4-52d1-4f0e-8a36-7b9c14d2e801"


class Line:
    """Asks with the sample key."""

    def __init__(self, base: str, key: str) -> None:
        self.base, self.key = base, key

    def __call__(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(self.base + path)
        line = HTTPConnection(str(parts.hostname), parts.port, timeout=20)
        try:
            line.request("GET", f"{parts.path}?{parts.query}", headers={"x-api-key": self.key} | headers)
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            line.close()

    def data(self, path: str) -> Any:
        return json.loads(self(path)[2])


@pytest.fixture
def ask(demo: DemoServer) -> Line:
    (offered,) = [one for one in demo.connections if one.provider == "lyzr"]
    return Line(offered.base_url, offered.key)


def test_pages_hold_whole_conversations_by_their_end(ask: Line) -> None:
    first = ask.data("/transcripts?limit=2")
    assert (first["limit"], first["offset"], first["nextOffset"], len(first["items"])) == (2, 0, 2, 2)
    ends = [one["endedAt"] for one in ask.data("/transcripts?limit=200")["items"]]
    assert ends == sorted(ends, reverse=True)
    assert len(ends) == first["total"]
    assert all(one["chatHistory"] for one in first["items"])
    assert ask.data("/transcripts?limit=200")["nextOffset"] is None
    some = ask.data(f"/transcripts?agentId={'65a1b2c3d4e5f60718293a4b'}")["items"]
    assert {one["agentId"] for one in some} == {"65a1b2c3d4e5f60718293a4b"}
    assert ask("/transcripts?agentId=support-bot")[0] == 400
    assert ask("/transcripts?limit=201")[0] == 400


def test_the_key_is_checked(ask: Line) -> None:
    assert ask("/transcripts", **{"x-api-key": "x"})[0] == 401
    assert ask(f"/transcripts/{SPOKEN}/audio", **{"x-api-key": ""})[0] == 401


def test_audio_is_the_whole_whatever_was_asked_for(ask: Line) -> None:
    status, headers, body = ask(f"/transcripts/{SPOKEN}/audio", Range="bytes=10-20")
    assert (status, headers["content-type"], body[:4]) == (200, "audio/ogg", b"OggS")
    assert "content-range" not in headers
    assert ask(f"/transcripts/{SPOKEN.upper()}/audio")[0] == 200


def test_one_status_for_several_causes(ask: Line) -> None:
    said = {
        call.session_id: ask(f"/transcripts/{call.session_id}/audio") for call in load_calls() if call.recording is None
    }
    assert {status for status, _, _ in said.values()} == {404}
    assert len({body for _, _, body in said.values()}) == 2
    assert ask("/transcripts/00000000-0000-0000-0000-000000000000/audio")[0] == 404
    assert ask("/transcripts/no-uuid/audio")[0] == 400


def test_the_limit_is_told_and_kept(demo: DemoServer, ask: Line) -> None:
    demo.lyzr.per_minute = 3
    left = [ask("/transcripts?limit=1")[1]["ratelimit"].partition("r=")[2].partition(";")[0] for _ in range(3)]
    assert left == ["2", "1", "0"]
    status, headers, _ = ask("/transcripts?limit=1")
    assert status == 429
    assert 1 <= int(headers["retry-after"]) <= 60


def test_the_spoken_call_has_the_user_left_and_the_agent_right() -> None:
    (call,) = [one for one in load_calls() if one.recording is not None]
    zero = call.told["sessionReport"]["audio_recording_started_at"]
    with av.open(str(call.recording)) as container:
        rate = container.streams.audio[0].rate
        heard = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert heard.shape[0] == 2
    messages = [item for item in call.told["chatHistory"] if item["type"] == "message"]
    assert {item["type"] for item in call.told["chatHistory"]} == {"message", "function_call", "function_call_output"}
    assert any(item["interrupted"] for item in messages)
    alone = [item for index, item in enumerate(messages) if index not in (4, 5)]  # these two talk at once
    for item in alone:
        start, stop = (
            round((item["metrics"][name] - zero) * rate) for name in ("started_speaking_at", "stopped_speaking_at")
        )
        middle = heard[:, start + (stop - start) // 3 : stop - (stop - start) // 3]
        left, right = np.sqrt((middle.astype(np.float64) ** 2).mean(axis=1))
        speaking, silent = (left, right) if item["role"] == "user" else (right, left)
        assert speaking > 8 * silent
