"""Fetching: the source's exact bytes or a reason there are none, and the trail knows of it first."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from parts.clinic import CLINIC, connect, visit
from parts.conversations import conversation, tone
from parts.desk import Desk
from qa_player.demo.samples import Sample
from qa_player.demo.server import DemoServer
from qa_player.errors import (
    GoneError,
    MediaError,
    NetworkError,
    NoRecordingError,
    NotReadyError,
    QaPlayerError,
    UsageError,
)
from qa_player.model.listing import SessionFilter
from qa_player.model.playback import Phase
from qa_player.model.recording import MediaFacts
from qa_player.model.secret import Secret
from qa_player.providers.base import SessionQuery


async def fetched(desk: Desk, out: Path | None = None, *, number: int = 1, reason: str = "") -> MediaFacts:
    ((_part, facts),) = await desk.recordings.fetch(
        "acme", f"sess_{number:06}", out=out, reason=reason, progress=lambda *_: None
    )
    return facts


async def test_what_is_fetched_is_the_source_byte_for_byte(connected: Desk, spoken: Sample, tmp_path: Path) -> None:
    assert spoken.recording is not None
    source = spoken.recording.read_bytes()
    out = tmp_path / "call.wav"
    out.write_bytes(b"an older one")
    facts = await fetched(connected, out, reason="complaint 7")
    assert out.read_bytes() == source
    assert facts == MediaFacts(
        sha256=hashlib.sha256(source).hexdigest(),
        bytes=len(source),
        container="wav",
        codec="pcm_s16le",
        duration_ms=1_600,
        channels=1,
        sample_rate=8_000,
        verified=True,
    )
    (event,) = await connected.events("recording.fetched")
    assert event.detail == {"reason": "complaint 7", "written": True}
    assert out.stat().st_mode & 0o077 == 0


async def test_a_recording_is_touched_only_by_who_opens_it(connected: Desk, server: DemoServer) -> None:
    """Listing, narrowing and showing ask for sessions; where the recordings lie nobody hears of it."""

    def touched() -> int:
        return sum(logged.origin == "recordings" for logged in server.log)

    await connected.library.refresh("acme")
    await connected.library.listing("acme", SessionQuery(), text="call", limit=50)
    rows = await connected.library.rows(await connected.library.numbers(SessionFilter(text="sess")))
    opened = await connected.library.open("acme", "sess_000001", fresh=True)
    await connected.library.detail("acme", "sess_000001")
    assert rows
    assert opened.detail.parts
    assert touched() == 0
    assert await connected.events("recording.opened") == await connected.events("recording.fetched") == []
    await fetched(connected)
    assert touched() > 0
    assert len(await connected.events("recording.fetched")) == 1


async def test_what_lies_on_the_disk_is_sealed(connected: Desk, spoken: Sample) -> None:
    assert spoken.recording is not None
    await fetched(connected)
    files = [path for path in connected.home.recordings.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if spoken.recording.read_bytes()[:200] in path.read_bytes()]


async def test_the_second_time_nothing_is_asked_of_the_recordings_host(
    connected: Desk, server: DemoServer, tmp_path: Path
) -> None:
    first = await fetched(connected)
    asked = [request for request in server.log if request.origin == "recordings"]
    assert await fetched(connected, tmp_path / "again.wav") == first
    assert [request for request in server.log if request.origin == "recordings"] == asked
    assert all("x-api-key" not in request.header_names for request in asked)


async def test_what_was_fetched_can_be_written_without_a_network(
    connected: Desk, server: DemoServer, spoken: Sample, tmp_path: Path
) -> None:
    assert spoken.recording is not None
    await fetched(connected)
    server.stop()
    await fetched(connected, tmp_path / "offline.wav")
    assert (tmp_path / "offline.wav").read_bytes() == spoken.recording.read_bytes()


async def test_a_network_that_is_gone_is_told_and_leaves_no_file(
    connected: Desk, server: DemoServer, tmp_path: Path
) -> None:
    server.recording_faults.status = 500
    with pytest.raises(NetworkError):
        await fetched(connected, tmp_path / "none.wav")
    assert not (tmp_path / "none.wav").exists()


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"recording_status": "NONE"}, NoRecordingError),
        ({"recording_status": "DELETED"}, GoneError),
        ({"recording_status": "PROCESSING"}, NotReadyError),
        ({"recording_status": "RECORDING", "finalized": False}, NotReadyError),
        ({"recording_status": "READY"}, NotReadyError),
    ],
)
async def test_each_reason_for_no_recording_has_its_kind(
    desk: Desk, serve: Callable[..., DemoServer], told: dict[str, object], kind: type[QaPlayerError], tmp_path: Path
) -> None:
    await desk.connect(serve(conversation(1, **told)))
    with pytest.raises(kind):
        await fetched(desk, tmp_path / "x.wav")
    assert await desk.events("recording.fetched") == []
    assert not (tmp_path / "x.wav").exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", MediaError),
        (b"<!DOCTYPE html><html>Please sign in</html>" * 50, NetworkError),
        (b"\0\0\0\x18ftypmp42" + b"x" * 9_000, MediaError),
    ],
)
async def test_what_is_no_recording_is_not_called_one(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path, content: bytes, kind: type[QaPlayerError]
) -> None:
    media = tmp_path / "odd.mp4"
    media.write_bytes(content)
    await desk.connect(serve(conversation(1, media)))
    with pytest.raises(kind):
        await fetched(desk, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


async def test_a_folder_that_is_none_is_refused_before_anything_is_asked(
    connected: Desk, server: DemoServer, tmp_path: Path
) -> None:
    before = len(server.log)
    with pytest.raises(UsageError, match="no folder to write this file into"):
        await fetched(connected, tmp_path / "missing" / "x.wav")
    assert len(server.log) == before


async def test_a_folder_for_a_single_file_is_refused_before_its_recording_is_asked_for(
    connected: Desk, server: DemoServer, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="one file, and a folder was named"):
        await fetched(connected, tmp_path)
    assert not [request for request in server.log if request.origin == "recordings"]
    assert await connected.events("recording.fetched") == []


async def test_progress_ends_with_the_whole(connected: Desk, spoken: Sample) -> None:
    assert spoken.recording is not None
    told: list[tuple[int, int | None]] = []
    await connected.recordings.fetch(
        "acme", "sess_000001", out=None, reason="", progress=lambda done, total: told.append((done, total))
    )
    size = spoken.recording.stat().st_size
    assert told[-1] == (size, size)
    assert told == sorted(told)


async def test_addresses_that_die_in_mid_fetch_are_renewed(
    desk: Desk, serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    recording = tone(tmp_path / "media", "long", seconds=20)
    server = serve(conversation(1, recording), address_lifetime_s=0.5)
    server.recording_faults.bytes_per_second = 200_000
    await desk.connect(server)
    await fetched(desk, tmp_path / "out.wav")
    assert (tmp_path / "out.wav").read_bytes() == recording.read_bytes()
    renewals = sum("/sessions/" in request.path for request in server.log)
    assert renewals >= 2


async def test_what_was_fetched_whole_is_heard_after_its_provider_deleted_it(
    make_desk: Callable[..., Awaitable[Desk]], serve: Callable[..., DemoServer], tmp_path: Path
) -> None:
    media = tone(tmp_path / "media", "visit")
    told = visit("v1", media)
    never = visit("v2", tone(tmp_path / "media", "other"))
    desk, server = await make_desk(), serve(visits=(told, never))
    await connect(desk, server)
    await desk.recordings.fetch(CLINIC, "v1", out=None, reason="", progress=lambda *_: None)
    await desk.library.detail(CLINIC, "v2", fresh=True)
    told.told["recording"] = never.told["recording"] = "gone"

    later = await make_desk()  # as another process would find it: no address is remembered
    for _ in range(2):
        ((_, facts),) = await later.recordings.fetch(
            CLINIC, "v1", out=tmp_path / "kept.wav", reason="", progress=lambda *_: None
        )
    assert facts.verified
    assert (tmp_path / "kept.wav").read_bytes() == media.read_bytes()
    await later.playback.open(CLINIC, "v1")
    assert later.playback.state.phase is Phase.READY
    with pytest.raises(GoneError):  # the control: this one was never fetched
        await later.recordings.fetch(CLINIC, "v2", out=None, reason="", progress=lambda *_: None)
    asked = [one.path for one in server.log if one.path.endswith("/recording")]
    await later.library.detail(CLINIC, "v1", fresh=True)
    await later.playback.open(CLINIC, "v1")
    assert [one.path for one in server.log if one.path.endswith("/recording")] == asked, "nobody asks after a 410"


@pytest.mark.parametrize(
    ("data", "told"), [(bytes(range(7, 250)) * 40, "no recording in a known form"), (b"", "empty")]
)
async def test_a_file_here_that_is_no_sound_is_faulty_and_not_asked_for_again(
    desk: Desk, tmp_path: Path, data: bytes, told: str
) -> None:
    folder = tmp_path / "calls"
    folder.mkdir()
    (folder / "call.wav").write_bytes(data)
    await desk.connections.add(name="calls", provider="local", base_url=str(folder), options={}, key=Secret(""))
    with pytest.raises(MediaError, match=told) as raised:
        await desk.recordings.fetch("calls", "call.wav", out=None, reason="", progress=lambda *_: None)
    assert raised.value.exit_status == 8
