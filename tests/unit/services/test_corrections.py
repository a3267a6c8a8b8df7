"""Corrections of a turn's text: beside what the provider heard, in every file that can carry both."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from parts.desk import Desk
from parts.json_schema import departures
from parts.stored import annotation
from qa_player.errors import UsageError
from qa_player.files import resource
from qa_player.model.annotation import AnnotationKind
from qa_player.model.correction import corrected_texts
from qa_player.services.library import OpenSession

TRUE = "It was <b>fifteen</b>"


async def corrected(desk: Desk) -> OpenSession:
    session = await desk.library.open("acme", "sess_000001")
    await desk.review.load(session)
    await desk.review.annotate(start_ms=None, turn_index=1, tag="correction", text=TRUE, corrects=True)
    return session


async def export(desk: Desk, path: Path, form: str) -> str:
    await desk.exchange.export("acme", "sess_000001", format=form, path=path)
    return path.read_text("utf-8-sig")


async def test_a_correction_is_of_a_turn_and_keeps_what_was_heard(connected: Desk) -> None:
    session = await corrected(connected)
    (one,) = connected.review.annotations
    turn = session.turns[1]
    assert (one.kind, one.turn_index, one.quote) == (AnnotationKind.CORRECTION, 1, turn.text)
    assert (one.start_ms, one.end_ms) == (turn.start_ms, turn.end_ms)
    with pytest.raises(UsageError):
        await connected.review.annotate(start_ms=None, turn_index=99, tag="correction", corrects=True)
    await connected.review.edit(one.annotation_id, tag=one.tag, severity=None, text="again", start_ms=0, end_ms=1)
    (again,) = connected.review.annotations
    assert (again.kind, again.text, again.start_ms) == (AnnotationKind.CORRECTION, "again", one.start_ms)
    assert session.turns[1].text == turn.text


async def test_each_file_carries_both_as_it_can(connected: Desk, tmp_path: Path) -> None:
    session = await corrected(connected)
    heard = session.turns[1].text
    document = json.loads(await export(connected, tmp_path / "j", "json"))
    assert (document["turns"][1]["text"], document["turns"][1]["corrected_text"]) == (heard, TRUE)
    assert "corrected_text" not in document["turns"][0]
    assert [row["kind"] for row in document["annotations"]] == ["correction"]
    assert departures(document, json.loads(resource("schemas", "review.schema.json").read_text())) == []
    text = await export(connected, tmp_path / "t", "txt")
    assert f"{TRUE}\n[as the provider heard it: {heard}]" in text
    captions = await export(connected, tmp_path / "v", "vtt")
    assert ">It was &lt;b&gt;fifteen&lt;/b&gt;</v>" in captions
    assert f"NOTE\nturn 1 as the provider heard it\n{heard}" in captions
    page = await export(connected, tmp_path / "h", "html")
    assert 'It was &lt;b&gt;fifteen&lt;/b&gt;<br><span class="muted">Corrected. The provider heard: ' in page
    assert heard in await export(connected, tmp_path / "s", "srt"), "captions without notes are as they were received"


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "vtt"])
async def test_it_comes_back_as_a_correction(
    connected: Desk, make_desk: Callable[..., object], tmp_path: Path, form: str
) -> None:
    await corrected(connected)
    (one,) = connected.review.annotations
    await export(connected, tmp_path / f"out.{form}", form)
    await connected.review.delete(one.annotation_id)
    await connected.imports.annotations("acme", "sess_000001", tmp_path / f"out.{form}")
    (back,) = await connected.review.of_session("acme", "sess_000001")
    assert (back.kind, back.turn_index, back.text) == (AnnotationKind.CORRECTION, 1, TRUE)


async def test_a_correction_of_other_words_is_not_put_over_new_ones(connected: Desk) -> None:
    session = await corrected(connected)
    turns = session.turns
    assert corrected_texts(turns, connected.review.annotations) == {1: TRUE}
    changed = [turn.model_copy(update={"text": "new words"}) for turn in turns]
    assert corrected_texts(changed, connected.review.annotations) == {}
    first = annotation(1, kind=AnnotationKind.CORRECTION, turn_index=0, quote=turns[0].text, text="old")
    later = first.model_copy(update={"annotation_id": "note-0", "text": "new", "updated_at": session_time(connected)})
    assert corrected_texts(turns, [later, first]) == {0: "new"}


def session_time(desk: Desk) -> datetime:
    return desk.trail.now()


async def test_a_private_correction_is_in_no_file(connected: Desk, tmp_path: Path) -> None:
    await connected.review.load(await connected.library.open("acme", "sess_000001"))
    await connected.review.annotate(
        start_ms=None, turn_index=1, tag="correction", text=TRUE, corrects=True, private=True
    )
    for form in ("json", "txt", "vtt", "html"):
        assert "fifteen" not in await export(connected, tmp_path / form, form)
