"""Visits that no provider lists: brought by id, their recordings left alone, counted down by the provider's clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parts.clinic import CLINIC, visit
from parts.conversations import tone
from parts.desk import Desk
from qa_player.demo.server import DemoServer
from qa_player.errors import NotFoundError, StorageError, UsageError
from qa_player.model.listing import SessionFilter
from qa_player.model.secret import Secret
from qa_player.model.session import SessionState
from qa_player.providers.http import Http
from qa_player.providers.retry import SystemClock


class FastClock(SystemClock):
    """Ten days ahead of everybody else's."""

    def time(self) -> float:
        return super().time() + 10 * 86_400


async def unlisted(desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path) -> DemoServer:
    """The stand-in with four visits and no feed of them."""
    media = tone(tmp_path / "media", "visit")
    server = serve(
        visits=(visit("v1", media), visit("v2", media), visit("v3", status="running"), visit("not-ours", ours=False))
    )
    offered = next(one for one in server.connections if one.provider == "suki")
    options = {name: value for name, value in offered.options.items() if name != "feed_url"}
    await desk.connections.add(
        name=CLINIC, provider="suki", base_url=offered.base_url, options=options, key=Secret(offered.key)
    )
    return server


async def listed(desk: Desk) -> dict[str, SessionState]:
    rows = await desk.library.rows(await desk.library.numbers(SessionFilter(connection=CLINIC)))
    return {row.session.session_id: row.session.state for row in rows}


async def test_pasted_ids_and_links_are_listed_and_no_recording_is_touched(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    server = await unlisted(desk, serve, tmp_path)
    changed: list[str] = []
    desk.library.sessions_changed.connect(changed.append)
    brought = await desk.bringing.bring(CLINIC, "v1\nqa-player://clinic/v3\nnobody\nnot-ours\n")
    assert [one.session_id for one in brought.sessions] == ["v1", "v3"]
    assert [(session_id, type(error)) for session_id, error in brought.refused] == [
        ("nobody", NotFoundError),
        ("not-ours", NotFoundError),
    ]
    assert await listed(desk) == {"v1": SessionState.READY, "v3": SessionState.IN_PROGRESS}
    assert changed == [CLINIC]
    assert not [one for one in server.log if one.path.endswith(("/recording", "/transcript"))]
    (event,) = await desk.events("sessions.brought")
    assert event.detail == {"sessions": 2}


async def test_a_folder_of_webhook_bodies(desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path) -> None:
    await unlisted(desk, serve, tmp_path)
    folder = tmp_path / "hooks"
    folder.mkdir()
    for name, body in (
        ("1.json", json.dumps({"status": "success", "session_id": "v1", "encounter_id": "e"}).encode()),
        ("2.json", json.dumps({"status": "failure", "session_id": "v2", "error_code": "E"}).encode()),
        ("3.json", b"\xff not text"),
        ("4.json", b'{"status": "success"}'),
        ("notes.bin", b"v3"),
    ):
        (folder / name).write_bytes(body)
    brought = await desk.bringing.bring_path(CLINIC, folder)
    assert [one.session_id for one in brought.sessions] == ["v1", "v2"]
    assert (brought.refused, brought.nameless) == ((), 2)


async def test_a_table_names_the_visit(desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path) -> None:
    await unlisted(desk, serve, tmp_path)
    table = tmp_path / "today.csv"
    table.write_text("session_id,title,clinician,patient\nv1,Knee pain,Dr. Osei,R. H.\n")
    ((session,), *_) = [(await desk.bringing.bring_path(CLINIC, table)).sessions]
    assert (session.title, session.agent, session.parties) == ("Knee pain", "Dr. Osei", ("Dr. Osei", "R. H."))
    opened = await desk.library.open(CLINIC, "v1")
    assert opened.detail.session.title == "Knee pain"


async def test_what_cannot_be_brought(connected: Desk, tmp_path: Path) -> None:
    for text in ("", "\n\n", "{}"):
        with pytest.raises(UsageError, match="No session is named"):
            await connected.bringing.bring("acme", text)
    with pytest.raises(UsageError, match="lists its sessions itself"):
        await connected.bringing.bring("acme", "sess_000001")
    with pytest.raises(NotFoundError):
        await connected.bringing.bring("nowhere", "v1")
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "missing.txt"):
        with pytest.raises((UsageError, StorageError)):
            await connected.bringing.bring_path("acme", path)


async def test_a_deadline_is_counted_by_the_providers_clock(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    desk.http = Http(proxy="off", clock=FastClock())
    assert desk.library.time_at(CLINIC) is None, "nobody's time is known before anybody told it"
    await unlisted(desk, serve, tmp_path)
    (session,) = (await desk.bringing.bring(CLINIC, "v1")).sessions
    detail = await desk.library.detail(CLINIC, "v1", fresh=True)
    now = desk.library.time_at(CLINIC)
    assert now is not None
    assert abs((now - datetime.now(UTC)).total_seconds()) < 60, "not ten days ahead"
    assert detail.session.retention_deadline is not None
    assert 6 <= (detail.session.retention_deadline - now).days < 7
    assert session.recording_state.value == "available"
