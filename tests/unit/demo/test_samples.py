"""Samples are dated so that a list has a today and a yesterday, whenever and wherever the demo is begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest

from qa_player.demo.samples import Sample, load_samples
from qa_player.demo.server import DemoServer

EARLY = datetime(2026, 3, 2, 0, 50, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, 0, 0, 123_456, tzinfo=UTC)
FAR_EAST = datetime(2026, 3, 2, 7, 0, tzinfo=timezone(timedelta(hours=13)))


@pytest.mark.parametrize("now", [EARLY, NOON, FAR_EAST])
def test_no_sample_lies_ahead_and_most_of_today_lies_in_today(now: datetime) -> None:
    samples = load_samples(now)
    assert [one.created_at for one in samples] == sorted((one.created_at for one in samples), reverse=True)
    for one in samples:
        assert one.created_at + timedelta(milliseconds=one.duration_ms) <= now
        days = (now.date() - one.created_at.astimezone(now.tzinfo).date()).days
        # a call that would not have ended by now began before midnight
        assert days in (one.told["days_ago"], one.told["days_ago"] + (now - timedelta(hours=1) < _midnight(now)))
    today = [one for one in samples if one.told["days_ago"] == 0]
    assert len({one.created_at for one in today}) == len(today) >= 2


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def test_what_is_told_of_a_turn_is_when_it_is_heard() -> None:
    spoken = [one for one in load_samples() if one.recording and one.truth and "raw_transcript" not in one.told]
    assert spoken
    for one in spoken:
        lead_ms = one.told.get("lead_ms", 0)
        assert [round(turn["ts"] * 1_000) + lead_ms for turn in one.transcript] == [turn.start_ms for turn in one.truth]
        assert [turn["role"] for turn in one.transcript] == [turn.role for turn in one.truth]
        assert min(turn["ts"] for turn in one.transcript) >= 0
        assert all(0 <= start < end <= one.duration_ms for start, end, _ in one.truth)


def _sample(session_id: str, **told: Any) -> Sample:
    shared = {"session_id": session_id, "subject": session_id, "character_slug": "bot", "duration_ms": 9_000}
    return Sample(shared | told, datetime.now(UTC))


def test_sessions_on_one_recording_share_its_truth() -> None:
    media = "cancel-the-add-on.mp4"
    turns = [{"role": "user", "text": "Hi", "start_ms": 100, "end_ms": 900}]
    server = DemoServer(
        samples=(_sample("sess_a", media=media, generated_turns=3), _sample("sess_b", media=media, turns=turns))
    )
    with server as demo:
        assert demo.truth("sess_a") == demo.truth("sess_b") == ((100, 900, "user"),)
        with pytest.raises(KeyError):
            demo.truth("sess_c")


def test_odd_answers_are_told_as_they_stand(ask) -> None:
    odd = [
        {"role": "user", "text": "never", "ts_literal": "NaN"},
        {"role": "user", "text_literal": '"half \\ud83d"', "ts_literal": "1e400"},
        {"role": "user", "text_repeat": ["ab", 3]},
    ]
    samples = (
        _sample("sess_odd1", raw_transcript=odd, raw_summary={"turn_count": 99, "created_at_literal": "-0.0"}),
        _sample("sess_odd2", raw_without=["transcript"], raw_summary={"recording_status": None}),
    )
    with DemoServer(samples=samples) as demo:
        api = demo.connections[0]
        first, second = (
            ask(f"{api.base_url}/api/billing/sessions/{one.session_id}/", **{"X-API-Key": api.key}) for one in samples
        )
    assert b'"ts": NaN' in first.body
    assert b'"text": "half \\ud83d", "ts": 1e400' in first.body
    assert b'"created_at": -0.0' in first.body
    assert first.data["transcript"][2]["text"] == "ababab"
    assert first.data["turn_count"] == 99
    assert "transcript" not in second.data
    assert second.data["recording_status"] is None


def test_what_is_odd_about_a_shipped_session_is_really_told(demo: DemoServer, ask) -> None:
    def told(subject: str) -> dict[str, Any]:
        return dict(ask(f"/api/billing/sessions/{demo.sample(subject).session_id}/").data)

    missing, moved, unfinished = told("Recording missing"), told("Recording moved"), told("Never finished")
    assert (missing["recording_status"], missing["recording_presigned_url"], missing["transcript"]) == (
        "READY",
        None,
        None,
    )
    assert moved["recording_status"] == "MIGRATING"
    assert moved["transcript"] == []
    assert moved["transcript_text"]
    assert ask(moved["recording_presigned_url"], Range="bytes=0-9").status == 206
    assert unfinished["finalized_at"] is None
    assert "transcript" not in unfinished
    messy = told("Messy transcript")
    assert messy["turn_count"] != len(messy["transcript"])
    assert max(len(str(turn.get("text"))) for turn in messy["transcript"]) >= 100_000
    assert {type(turn.get("ts")) for turn in messy["transcript"]} >= {float, str, type(None), bool}
    assert len(told("Ten thousand turns")["transcript"]) == 10_000


def test_the_demo_has_what_it_promises() -> None:
    samples = load_samples()
    spoken = {one.session_id: one.duration_ms / 60_000 for one in samples if one.recording and one.truth}
    assert sum(1 <= minutes <= 10 for minutes in spoken.values()) >= 12
    assert max(spoken.values()) >= 60
    files = {one.recording for one in samples if one.recording}
    assert {file.suffix for file in files} == {".mp4", ".ogg", ".wav", ".mp3"}
    assert sum(file.stat().st_size for file in files) < 20_000_000
    assert any(a.end_ms > b.start_ms for one in samples for a, b in pairwise(one.truth))
    assert [one.told["lead_ms"] for one in samples if one.told.get("lead_ms")] == [1_370]
    assert [one.subject for one in samples if not one.finished and one.told["days_ago"] == 0]
