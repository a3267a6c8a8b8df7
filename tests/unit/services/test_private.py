"""Private annotations: their author's own notes, in no file that leaves the house, and each file says how many."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from parts.desk import Desk
from parts.json_schema import departures
from qa_player.files import resource
from qa_player.formats.registry import FORMATS
from qa_player.model.handed_on import What
from qa_player.services.handing_on import Wanted

SECRET = "between me and me"


async def marked(desk: Desk) -> None:
    await desk.review.load(await desk.library.open("acme", "sess_000001"))
    await desk.review.annotate(start_ms=0, end_ms=300, tag="greeting", text="for all")
    await desk.review.annotate(start_ms=100, end_ms=400, tag="hunch", text=SECRET, private=True)


@pytest.mark.parametrize("form", [name for name, one in FORMATS.items() if not one.printed])
async def test_no_format_carries_it_and_the_report_counts_it(connected: Desk, tmp_path: Path, form: str) -> None:
    await marked(connected)
    path = tmp_path / "out"
    exported = await connected.exchange.export("acme", "sess_000001", format=form, path=path)
    data = path.read_bytes()
    assert SECRET.encode() not in data
    assert b"hunch" not in data
    assert exported.lost[0] == "private annotations, which no export carries: 1"


async def test_the_files_that_say_where_they_come_from_say_it_themselves(connected: Desk, tmp_path: Path) -> None:
    await marked(connected)
    paths = {form: tmp_path / form for form in ("json", "vtt", "txt", "html")}
    for form, path in paths.items():
        await connected.exchange.export("acme", "sess_000001", format=form, path=path)
    document = json.loads(paths["json"].read_text())
    assert document["export"]["private_annotations_left_out"] == 1
    assert departures(document, json.loads(resource("schemas", "review.schema.json").read_text())) == []
    for form in ("vtt", "txt"):
        assert "left out: 1 private annotations" in paths[form].read_text()
    assert "1 private annotations" in paths["html"].read_text()


async def test_many_sessions_in_one_file_leave_it_out_too(connected: Desk, tmp_path: Path) -> None:
    await marked(connected)
    path = tmp_path / "many"
    told = await connected.handing_on.hand_on(Wanted("acme", What.ANNOTATIONS), format="jsonl", path=path)
    assert [json.loads(line)["tag"] for line in path.read_text().splitlines()] == ["greeting"]
    assert (told.lines, told.private) == (1, 1)


async def test_it_becomes_public_and_private_again_as_a_change_like_any_other(connected: Desk) -> None:
    await marked(connected)
    review = connected.review
    (one,) = [entry for entry in review.annotations if entry.private]
    fields = {"severity": None, "start_ms": one.start_ms, "end_ms": one.end_ms, "tag": one.tag}
    await review.edit(one.annotation_id, text="now for all", private=False, **fields)
    assert not any(entry.private for entry in review.annotations)
    await review.undo()
    assert [entry.text for entry in review.annotations if entry.private] == [SECRET]
    await review.edit(one.annotation_id, text="still mine", **fields)
    assert [entry.text for entry in review.annotations if entry.private] == ["still mine"]
    details = [event.detail.get("private") for event in await connected.events("annotation.changed")]
    assert sorted(map(str, details)) == ["None", "True"]
