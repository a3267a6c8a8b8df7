"""A peer's file is held against the session: what fits is kept at once, the rest told, and nothing is half done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parts.desk import Desk
from qa_player.errors import UsageError
from qa_player.model.annotation import Annotation

PLACE = ("acme", "sess_000001")


def lines(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


async def kept(desk: Desk) -> tuple[Annotation, ...]:
    return await desk.review.of_session(*PLACE)


async def test_what_fits_is_kept_with_turn_quote_and_trail(connected: Desk, tmp_path: Path) -> None:
    path = lines(
        tmp_path / "peer.jsonl",
        {"start_ms": 0, "end_ms": 300, "tag": "tone", "text": "calm", "author": "Peer", "mood": 3},
        {"start_ms": 100, "tag": "greeting", "severity": "minor"},
    )
    imported = await connected.imports.annotations(*PLACE, path)
    assert (imported.format, imported.added, imported.refused) == ("jsonl", 2, ())
    first, second = await kept(connected)
    assert (first.author, first.text, dict(first.extra), first.turn_index) == ("Peer", "calm", {"mood": 3}, 0)
    assert first.quote
    assert second.author == connected.trail.actor.shown
    (event,) = await connected.events("annotations.imported")
    assert (event.detail["added"], event.detail["format"]) == (2, "jsonl")
    assert len(await connected.events("annotation.added")) == 2
    assert (await connected.audit.verify()).consistent


async def test_taking_it_in_twice_adds_nothing(connected: Desk, tmp_path: Path) -> None:
    path = lines(tmp_path / "peer.jsonl", {"start_ms": 0, "end_ms": 300, "tag": "tone"})
    await connected.imports.annotations(*PLACE, path)
    again = await connected.imports.annotations(*PLACE, path)
    assert (again.added, again.already_there) == (0, 1)
    assert len(await kept(connected)) == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"start_ms": 0, "end_ms": 90_000_000, "tag": "late"}, "ends after the recording"),
        ({"start_ms": 500, "end_ms": 400, "tag": "back"}, "end after it starts"),
        ({"start_ms": 0, "tag": "long", "text": "x" * 200_000}, "text cannot be used"),
        ({"start_ms": 0, "tag": "t" * 300}, "tag cannot be used"),
        ({"kind": "turn", "turn_index": 999, "start_ms": None, "tag": "x"}, "no such turn"),
        ({"start_ms": 0, "tag": "big", "field": "y" * 60_000}, "more of other fields"),
    ],
)
async def test_a_line_that_does_not_fit_is_told_and_the_others_are_kept(
    connected: Desk, tmp_path: Path, row: dict[str, object], told: str
) -> None:
    await connected.recordings.fetch(*PLACE, out=None, reason="", progress=lambda *_: None)
    path = lines(tmp_path / "peer.jsonl", {"start_ms": 1, "tag": "good"}, row, {"start_ms": 2, "tag": "good too"})
    imported = await connected.imports.annotations(*PLACE, path)
    assert imported.added == 2
    assert len(imported.refused) == 1
    assert imported.refused[0].startswith("Line 2: ")
    assert told in imported.refused[0]


async def test_a_file_of_another_session_changes_nothing(connected: Desk, tmp_path: Path) -> None:
    path = lines(tmp_path / "peer.jsonl", {"start_ms": 0, "tag": "tone", "session_id": "sess_other"})
    with pytest.raises(UsageError, match="another session"):
        await connected.imports.annotations(*PLACE, path)
    assert await kept(connected) == ()
    assert await connected.events("annotations.imported") == []


async def test_a_file_of_which_nothing_fits_is_refused(connected: Desk, tmp_path: Path) -> None:
    path = lines(tmp_path / "peer.jsonl", {"start_ms": 500, "end_ms": 400, "tag": "back"})
    with pytest.raises(UsageError, match="Nothing of the file could be taken in"):
        await connected.imports.annotations(*PLACE, path)
    assert await connected.events("annotations.imported") == []


async def test_an_id_that_another_session_has_is_not_taken_from_it(connected: Desk, tmp_path: Path) -> None:
    path = lines(tmp_path / "peer.jsonl", {"start_ms": 0, "tag": "one", "annotation_id": "same"})
    await connected.imports.annotations(*PLACE, path)
    path = lines(tmp_path / "peer.jsonl", {"start_ms": 0, "tag": "two", "annotation_id": "same"})
    await connected.imports.annotations(*PLACE, path)
    found = {annotation.tag: annotation.annotation_id for annotation in await kept(connected)}
    assert found["one"] == "same"
    assert found["two"] != "same"


async def test_an_id_that_stands_twice_in_a_file_is_told_and_the_first_is_kept(connected: Desk, tmp_path: Path) -> None:
    path = lines(
        tmp_path / "peer.jsonl",
        {"start_ms": 0, "tag": "one", "annotation_id": "same"},
        {"start_ms": 0, "tag": "two", "annotation_id": "same"},
    )
    imported = await connected.imports.annotations(*PLACE, path)
    assert (imported.added, imported.refused) == (1, ("Line 2: an annotation with this id stands above.",))
    (one,) = await kept(connected)
    assert (one.tag, one.annotation_id) == ("one", "same")
    assert (await connected.audit.verify()).consistent


async def test_what_is_no_file_is_told(connected: Desk, tmp_path: Path) -> None:
    for path, told in (
        (tmp_path / "none.jsonl", "no such file"),
        (tmp_path, "This is a folder"),
        (Path("/dev/null"), "a device"),
    ):
        with pytest.raises(UsageError, match=told):
            await connected.imports.annotations(*PLACE, path)
