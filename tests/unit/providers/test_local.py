"""A folder as a provider: every recording is listed once, heard byte for byte, read beside its transcript, and no
path leads out of the folder."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qa_player.app import read_transcript
from qa_player.errors import NetworkError, NoRecordingError, NotFoundError, QaPlayerError, UsageError
from qa_player.model.connection import Connection
from qa_player.model.recording import RecordingState
from qa_player.model.secret import Secret
from qa_player.model.timing import TimingQuality
from qa_player.providers.base import (
    Ability,
    GivesDetail,
    GivesRecording,
    ListsSessions,
    MediaAnswer,
    Provider,
    ReadsTranscripts,
    SessionQuery,
)
from qa_player.providers.http import Http
from qa_player.providers.vendors.local import PROVIDER, Local

VTT = b"WEBVTT\n\n00:01.500 --> 00:02.750\nAgent: Good morning.\n\n00:03.000 --> 00:05.250\nCustomer: My bill.\n"
MEDIA = bytes(range(256)) * 4_000


def put(folder: Path, name: str, content: bytes = MEDIA, *, hours_ago: float = 1.0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    then = time.time() - hours_ago * 3_600
    os.utime(path, (then, then))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "calls"
    folder.mkdir()
    return folder


def over(folder: Path, http: Http) -> Local:
    connection = Connection(
        name="calls", provider="local", base_url=str(folder), created_at=datetime(2026, 11, 20, tzinfo=UTC)
    )
    local = Local(connection, Secret(""), http)
    local.read_transcripts_with(read_transcript)
    return local


@pytest.fixture
def local(folder: Path, http: Http) -> Local:
    return over(folder, http)


async def body_of(answered: MediaAnswer) -> bytes:
    try:
        return b"".join([piece async for piece in answered.chunks])
    finally:
        await answered.aclose()


async def listed(local: Local, limit: int = 50, query: SessionQuery | None = None) -> list[str]:
    found: list[str] = []
    cursor, more = None, True
    while more:
        page = await local.list_sessions(query or SessionQuery(), cursor, limit)
        found += [session.session_id for session in page.sessions]
        cursor, more = page.cursor, page.cursor is not None
    return found


async def test_it_is_what_it_says(local: Local) -> None:
    for ability in (Provider, ListsSessions, GivesDetail, GivesRecording, ReadsTranscripts):
        assert isinstance(local, ability)
    assert {Ability.LIST, Ability.TRANSCRIPT, Ability.RECORDING} <= local.abilities
    assert not PROVIDER.needs_key
    await local.check()


@pytest.mark.parametrize("limit", [1, 3, 200])
async def test_every_recording_and_every_lonely_transcript_is_listed_once(
    local: Local, folder: Path, limit: int
) -> None:
    put(folder, "b.mp3", hours_ago=1)
    put(folder, "b.vtt", VTT, hours_ago=9)
    put(folder, "deep/er/a.WAV", hours_ago=2)
    put(folder, "only.srt", b"", hours_ago=3)
    put(folder, "c.m4a", hours_ago=4)
    put(folder, "c.m4a.json", b"{}", hours_ago=4)
    for left_out in ("notes.txt", "picture.png", ".hidden.wav", ".git/a.wav"):
        put(folder, left_out)
    assert await listed(local, limit) == ["b.mp3", "deep/er/a.WAV", "only.srt", "c.m4a"]
    page = await local.list_sessions(SessionQuery(), None, limit)
    assert page.total == 4


async def test_the_list_is_narrowed_by_date(local: Local, folder: Path) -> None:
    put(folder, "new.wav", hours_ago=1)
    put(folder, "old.wav", hours_ago=50)
    since = datetime.fromtimestamp(time.time() - 86_400, UTC)
    assert await listed(local, query=SessionQuery(since=since)) == ["new.wav"]
    assert await listed(local, query=SessionQuery(until=since)) == ["old.wav"]


async def test_a_recording_with_the_transcript_beside_it(local: Local, folder: Path) -> None:
    put(folder, "sub/call.mp3")
    put(folder, "sub/call.vtt", VTT)
    put(folder, "sub/call.txt", b"0\t1\tnot this one\n")
    detail = await local.detail("sub/call.mp3")
    assert [(turn.speaker, turn.text, turn.raw_start_ms) for turn in detail.turns] == [
        ("Agent", "Good morning.", 1_500),
        ("Customer", "My bill.", 3_000),
    ]
    assert (detail.session.title, detail.session.turn_count, detail.raw) == ("call", 2, VTT)
    assert detail.timing.quality is TimingQuality.APPROXIMATE
    assert [part.mime for part in detail.parts] == ["audio/mpeg"]
    assert (await local.detail("sub/call.mp3")).transcript_digest == detail.transcript_digest


async def test_a_recording_alone_and_a_transcript_alone(local: Local, folder: Path) -> None:
    put(folder, "heard.wav")
    put(folder, "read.vtt", VTT)
    assert (await local.detail("heard.wav")).turns == ()
    alone = await local.detail("read.vtt")
    assert (len(alone.turns), alone.parts, alone.session.recording_state) == (2, (), RecordingState.NONE)
    with pytest.raises(NoRecordingError):
        await local.recording("read.vtt", "recording")


async def test_a_transcript_that_cannot_be_read_leaves_the_recording_to_be_heard(local: Local, folder: Path) -> None:
    put(folder, "call.wav")
    put(folder, "call.json", b'{"what": 1}')
    detail = await local.detail("call.wav")
    assert detail.turns == ()
    assert "of no kind that is known" in str(detail.session.metadata["transcript problems"])
    put(folder, "alone.json", b'{"what": 1}')
    with pytest.raises(UsageError):
        await local.detail("alone.json")


async def test_bytes_are_the_files_in_any_range(local: Local, folder: Path) -> None:
    put(folder, "call.wav")
    door = await local.recording("call.wav", "recording")
    whole = await door.read(0, None, None)
    assert (whole.status, whole.start, whole.total) == (206, 0, len(MEDIA))
    assert await body_of(whole) == MEDIA
    some = await door.read(100, 300_000, whole.etag)
    assert (some.status, await body_of(some)) == (206, MEDIA[100:300_000])
    past = await door.read(len(MEDIA), None, None)
    assert (past.status, past.total, await body_of(past)) == (416, len(MEDIA), b"")
    await door.renew()


async def test_a_file_that_was_changed_is_given_whole(local: Local, folder: Path) -> None:
    put(folder, "call.wav", hours_ago=2)
    door = await local.recording("call.wav", "recording")
    first = await door.read(0, 10, None)
    await body_of(first)
    put(folder, "call.wav", MEDIA[::-1], hours_ago=1)
    changed = await door.read(10, 20, first.etag)
    assert (changed.status, changed.start, await body_of(changed)) == (200, 0, MEDIA[::-1])


async def test_a_file_that_shrinks_or_vanishes_is_told(local: Local, folder: Path) -> None:
    path = put(folder, "call.wav")
    door = await local.recording("call.wav", "recording")
    answered = await door.read(0, None, None)
    os.truncate(path, 1_000)
    with pytest.raises(NetworkError, match="to its end"):
        await body_of(answered)
    path.unlink()
    with pytest.raises(NotFoundError):
        await door.read(0, 10, None)
    with pytest.raises(NotFoundError):
        await door.renew()


@pytest.mark.parametrize(
    "session_id",
    [
        "../secret.wav",
        "/etc/passwd",
        "link/secret.wav",
        "a/../../secret.wav",
        "gone.wav",
        "linked.wav",
        "circle.wav",
        "x" * 400,
        "..\\secret.wav",
        "call.wav/x",
        "\0",
    ],
)
async def test_no_id_leads_out_of_the_folder(local: Local, folder: Path, tmp_path: Path, session_id: str) -> None:
    put(tmp_path, "secret.wav")
    put(folder, "call.wav")
    (folder / "link").symlink_to(tmp_path)
    (folder / "linked.wav").symlink_to(tmp_path / "secret.wav")
    (folder / "circle.wav").symlink_to(folder / "circle.wav")
    (folder / "call.vtt").symlink_to(tmp_path / "secret.wav")
    with pytest.raises(NotFoundError) as raised:
        await local.detail(session_id)
    assert str(tmp_path) not in str(raised.value)
    assert await listed(local) == ["call.wav"]
    assert (await local.detail("call.wav")).raw == b"", "a transcript elsewhere is not beside it"


async def test_a_folder_that_is_not_there(tmp_path: Path, http: Http) -> None:
    gone = over(tmp_path / "gone", http)
    for call in (gone.check(), gone.list_sessions(SessionQuery(), None, 5), gone.detail("a.wav")):
        with pytest.raises(QaPlayerError) as raised:
            await call
        assert str(tmp_path) not in str(raised.value)


@pytest.mark.parametrize("name", ["", "  ", "a\0b"])
def test_a_folder_must_be_named(name: str) -> None:
    with pytest.raises(UsageError):
        PROVIDER.tidy_base_url(name)


def test_a_folder_is_kept_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert PROVIDER.tidy_base_url("calls") == str(tmp_path / "calls")
