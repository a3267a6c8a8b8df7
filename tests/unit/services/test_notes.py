"""Notes: received once, kept with their digest, told to the trail; and those a person brings."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from parts.clinic import CLINIC, connect, visit
from parts.desk import Desk
from qa_player.demo.server import DemoServer
from qa_player.errors import NetworkError, NotFoundError, NotReadyError, UsageError
from qa_player.model.note import NoteOrigin

SECTION = {
    "title": "Plan",
    "loinc_code": "18776-5",
    "content": "Ibuprofen <b>200 mg</b>.",
    "source_transcripts": ["Ibuprofen, two hundred."],
}
DIAGNOSES = {"diagnoses": {"values": [{"diagnosis_note": "Knee pain"}]}}


async def clinic(desk: Desk, serve: Callable[..., DemoServer], **told: object) -> DemoServer:
    server = serve(visits=(visit("v1", said=("Ibuprofen, two hundred.",), **told),))
    await connect(desk, server)
    await desk.library.open(CLINIC, "v1")
    return server


def asked(server: DemoServer) -> int:
    return sum(one.path.endswith("/content") for one in server.log)


async def test_a_note_is_received_once_and_every_opening_is_told(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    server = await clinic(desk, serve, note=[SECTION], structured_data=DIAGNOSES)
    first = await desk.notes.open(CLINIC, "v1")
    assert first is not None
    section = first.note.sections[0]
    assert (section.title, section.loinc_code, section.text) == ("Plan", "18776-5", "Ibuprofen <b>200 mg</b>.")
    assert (section.evidence, dict(first.note.structured)) == (("Ibuprofen, two hundred.",), DIAGNOSES)
    assert await desk.notes.open(CLINIC, "v1") == first
    assert asked(server) == 1
    assert len(await desk.events("note.opened")) == 2
    (received,) = await desk.events("note.received")
    assert (received.subject, received.detail) == (first.note.digest, {"origin": "provider", "sections": 1})
    assert received.content_hmac
    assert "Ibuprofen" not in str(await desk.audit.show())


async def test_a_note_is_read_without_a_network_and_by_another_process(
    desk: Desk, make_desk: Callable[..., Awaitable[Desk]], serve: Callable[..., DemoServer]
) -> None:
    server = await clinic(desk, serve, note=[SECTION])
    note = await desk.notes.open(CLINIC, "v1")
    server.stop()
    later = await make_desk()
    assert await later.notes.open(CLINIC, "v1") == note
    assert await later.notes.open(CLINIC, "v1", fresh=True) == note
    server_less = await make_desk()
    with pytest.raises(NetworkError):  # the control: what was never received cannot be read
        await server_less.notes.open(CLINIC, "v2")


async def test_another_note_takes_the_place_of_the_first(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    server = await clinic(desk, serve, note=[SECTION])
    first = await desk.notes.open(CLINIC, "v1")
    server.visits[0].told["note"] = [SECTION | {"content": "Ibuprofen 400 mg."}]
    assert await desk.notes.open(CLINIC, "v1") == first
    second = await desk.notes.open(CLINIC, "v1", fresh=True)
    assert first is not None
    assert second is not None
    assert second.note.sections[0].text == "Ibuprofen 400 mg."
    assert second.note.digest != first.note.digest
    assert len(await desk.events("note.received")) == 2


async def test_the_providers_note_comes_back_after_one_that_was_brought(
    desk: Desk, serve: Callable[..., DemoServer]
) -> None:
    server = await clinic(desk, serve, note=[SECTION])
    first = await desk.notes.open(CLINIC, "v1")
    assert first is not None
    brought = await desk.notes.take(CLINIC, "v1", b"Plan:\nRest.", origin=NoteOrigin.PASTED)
    assert await desk.notes.open(CLINIC, "v1") == brought
    again = await desk.notes.open(CLINIC, "v1", fresh=True)
    assert again is not None
    assert (again.note, again.origin) == (first.note, NoteOrigin.PROVIDER)
    await desk.notes.take(CLINIC, "v1", b"Plan:\nRest.", origin=NoteOrigin.PASTED)
    server.stop()
    unasked = await desk.notes.open(CLINIC, "v1", fresh=True)
    assert unasked is not None
    assert unasked.note == first.note, "what the provider gave before serves without a network"


async def test_there_is_none_or_not_yet(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    server = await clinic(desk, serve)
    assert await desk.notes.open(CLINIC, "v1") is None
    assert await desk.events("note.opened") == []
    server.visits[0].told["status"] = "running"
    with pytest.raises(NotReadyError):
        await desk.notes.open(CLINIC, "v1")


async def test_a_provider_without_notes_has_none(connected: Desk) -> None:
    await connected.library.open("acme", "sess_000001")
    assert await connected.notes.open("acme", "sess_000001") is None


async def test_a_person_brings_a_note(connected: Desk, tmp_path: Path) -> None:
    await connected.library.open("acme", "sess_000001")
    said = "# Plan\nStart metoprolol 50 mg.\n\nASSESSMENT:\nStable.\n"
    kept = await connected.notes.take("acme", "sess_000001", said.encode(), origin=NoteOrigin.PASTED)
    assert [(one.title, one.text) for one in kept.note.sections] == [
        ("Plan", "Start metoprolol 50 mg."),
        ("ASSESSMENT", "Stable."),
    ]
    assert await connected.notes.open("acme", "sess_000001", fresh=True) == kept
    as_suki = json.dumps({"summary": [SECTION]}).encode()
    from_file = await connected.notes.take("acme", "sess_000001", as_suki, origin=NoteOrigin.FILE)
    assert from_file.note.sections[0].loinc_code == "18776-5"
    assert await connected.notes.open("acme", "sess_000001") == from_file
    path = tmp_path / "review.json"
    await connected.exchange.export("acme", "sess_000001", format="json", path=path)
    told = json.loads(path.read_text("utf-8"))["note"]
    assert (told["digest"], told["origin"]) == (from_file.note.digest, "file")
    assert told["sections"][0]["loinc_title"] == "Plan of care"


@pytest.mark.parametrize("data", [b"", b" \n\t", b"\xff\xfe\x00", b"x" * 2_000_001, b'{"sections": []}' * 0])
async def test_what_is_no_note_is_refused_and_nothing_kept(connected: Desk, data: bytes) -> None:
    await connected.library.open("acme", "sess_000001")
    with pytest.raises(UsageError):
        await connected.notes.take("acme", "sess_000001", data, origin=NoteOrigin.FILE)
    assert await connected.notes.kept("acme", "sess_000001") is None
    assert await connected.events("note.received") == []


async def test_a_note_of_a_session_nobody_knows_is_refused(connected: Desk) -> None:
    for connection, session_id in (("acme", "nobody"), ("nowhere", "sess_000001")):
        with pytest.raises(NotFoundError):
            await connected.notes.take(connection, session_id, b"A note.", origin=NoteOrigin.FILE)


async def test_notes_nobody_judged_go_with_their_connection(desk: Desk, serve: Callable[..., DemoServer]) -> None:
    await clinic(desk, serve, note=[SECTION])
    await desk.notes.open(CLINIC, "v1")
    await desk.connections.remove(CLINIC)
    assert await desk.notes.kept(CLINIC, "v1") is None
