"""Handing a review on: the trail knows of the file before it is there, and it is whole or not there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from parts.conversations import conversation
from parts.desk import Desk
from qa_player.demo.server import DemoServer
from qa_player.errors import NetworkError, NotFoundError, StorageError, UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


async def judged(desk: Desk) -> None:
    await desk.review.load(await desk.library.open("acme", "sess_000001"))
    await desk.review.annotate(start_ms=0, end_ms=300, tag="greeting", text="=1+1")
    await desk.review.annotate(start_ms=900, tag="tone")


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "vtt"])
async def test_each_format_is_written_whole_with_its_digest_in_the_trail(
    connected: Desk, folder: Path, form: str
) -> None:
    await judged(connected)
    path = folder / f"review.{form}"
    path.write_text("an older export")
    exported = await connected.exchange.export("acme", "sess_000001", format=form, path=path)
    data = path.read_bytes()
    assert (exported.path, exported.bytes, exported.sha256) == (path, len(data), hashlib.sha256(data).hexdigest())
    assert b"greeting" in data
    assert b"tone" in data
    (event,) = await connected.events("review.exported")
    assert event.detail == {"format": form, "sha256": exported.sha256, "bytes": len(data)}
    assert (event.connection, event.session_id) == ("acme", "sess_000001")
    assert [each.name for each in folder.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o077 == 0


async def test_the_event_comes_before_the_file(connected: Desk, folder: Path) -> None:
    await judged(connected)
    path = folder / "review.json"
    seen: list[bool] = []
    record = connected.audit.record

    async def watching(action: str, **fields: object) -> None:
        await record(action, **fields)
        seen.append(path.exists())

    connected.audit.record = watching
    await connected.exchange.export("acme", "sess_000001", format="json", path=path)
    assert (seen, path.exists()) == ([False], True)


async def test_a_file_that_cannot_be_written_is_recorded_as_failed(connected: Desk, tmp_path: Path) -> None:
    await judged(connected)
    with pytest.raises(StorageError):
        await connected.exchange.export("acme", "sess_000001", format="csv", path=Path("/proc/1/task/review.csv"))
    (failed,) = await connected.events("review.export_failed")
    (begun,) = await connected.events("review.exported")
    assert failed.sequence == begun.sequence + 1
    assert failed.detail == {**begun.detail, "kind": "storage"}


@pytest.mark.parametrize("place", ["missing/review.csv", "."])
async def test_a_folder_that_is_none_is_refused_before_anything_is_recorded(
    connected: Desk, folder: Path, place: str
) -> None:
    await judged(connected)
    with pytest.raises(UsageError, match="Name a file in a folder that exists"):
        await connected.exchange.export("acme", "sess_000001", format="csv", path=folder / place)
    assert await connected.events("review.exported") == []
    assert list(folder.iterdir()) == []


async def test_an_unknown_format_names_those_there_are(connected: Desk, folder: Path) -> None:
    with pytest.raises(UsageError, match="no format called “docx”") as told:
        await connected.exchange.export("acme", "sess_000001", format="docx", path=folder / "x")
    assert all(form.name in told.value.next_step for form in connected.exchange.formats)


async def test_a_session_that_is_not_there_is_not_exported(connected: Desk, folder: Path) -> None:
    with pytest.raises(NotFoundError):
        await connected.exchange.export("acme", "sess_999999", format="csv", path=folder / "x.csv")
    assert (list(folder.iterdir()), await connected.events("review.exported")) == ([], [])


async def test_what_is_stored_is_exported_without_a_network(connected: Desk, server: DemoServer, folder: Path) -> None:
    await judged(connected)
    server.stop()
    await connected.exchange.export("acme", "sess_000001", format="json", path=folder / "x.json")
    told = json.loads((folder / "x.json").read_text())
    assert [turn["text"] for turn in told["turns"]][1] == "I was charged twice."
    assert [annotation["tag"] for annotation in told["annotations"]] == ["greeting", "tone"]
    with pytest.raises(NetworkError):
        await connected.exchange.export("acme", "sess_000002", format="json", path=folder / "y.json")


async def test_no_address_is_in_what_is_handed_on(desk: Desk, serve: Callable[..., DemoServer], folder: Path) -> None:
    server = serve(conversation(1, Path(__file__)))
    await desk.connect(server)
    await desk.exchange.export("acme", "sess_000001", format="json", path=folder / "x.json")
    text = (folder / "x.json").read_text()
    assert "X-Amz" not in text
    assert "127.0.0.1" not in text
