"""What others' programs read in the files we write: pympi for ELAN, praatio for Praat, webvtt-py; and our readers."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pympi
import pytest
import webvtt
from hypothesis import assume, given
from hypothesis import strategies as st
from praatio import textgrid as praat

from parts.reviews import small_review
from qa_player.formats.annotation_row import COLUMNS
from qa_player.formats.losses import Field, losses
from qa_player.formats.readers import read_transcript
from qa_player.formats.registry import FORMATS, format_named
from qa_player.formats.tiers import speaker_of, tiers_of
from qa_player.model.annotation import Severity
from qa_player.model.review import Review
from qa_player.model.transcript import Role, TimeSource, Turn, place

HOUR_MS = 3_600_000
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
WORDS = st.text(st.sampled_from('abc ñ 字 <>&"{}.,?'), min_size=1, max_size=30).map(str.strip).filter(bool)
NAMES = st.sampled_from(["Agent", "Anna B", "annotations", 'O"Neil <x>', "küche & co"])


@st.composite
def reviews(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> Review:
    """Turns in any order, some at once, some without a time; annotations that overlap."""
    base = small_review()
    starts = draw(st.lists(st.none() | st.integers(0, HOUR_MS), max_size=8))
    turns = [
        Turn(
            index=index,
            role=Role.UNKNOWN,
            raw_role="unknown",
            speaker=draw(NAMES),
            text=draw(texts),
            raw_start_ms=start,
            raw_end_ms=None if start is None else start + draw(st.integers(1, 9_000)),
            time_source=TimeSource.NONE if start is None else TimeSource.TURN_STAMP,
        )
        for index, start in enumerate(starts)
    ]
    spans = draw(st.lists(st.tuples(st.integers(0, HOUR_MS), st.integers(1, 60_000)), max_size=5))
    annotations = tuple(
        base.annotations[0].model_copy(
            update={"annotation_id": f"a{number}", "start_ms": start, "end_ms": start + lasts, "text": draw(texts)}
        )
        for number, (start, lasts) in enumerate(sorted(spans))
    )
    timing = base.timing.model_copy(update={"offset_ms": 0})
    return base.model_copy(update={"turns": place(turns, timing, None), "annotations": annotations, "timing": timing})


def written(review: Review, name: str) -> bytes:
    return format_named(name).write(review)


def on_disk(data: bytes, name: str, read: Any) -> Any:
    """What a reader that wants a file finds in ``data``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read(str(path))


def intervals(review: Review) -> list[tuple[str, int, int, str]]:
    return sorted(
        (tier.name, one.start_ms, one.end_ms, one.text) for tier in tiers_of(review) for one in tier.intervals
    )


def spoken(turns: tuple[Turn, ...]) -> list[tuple[str, int, int, str]]:
    """Who, from, to, what."""
    return sorted(
        (speaker_of(turn), turn.raw_start_ms, turn.raw_end_ms or 0, turn.text)
        for turn in turns
        if turn.raw_start_ms is not None
    )


@given(review=reviews(WORDS))
def test_elan_s_readers_find_every_turn_and_annotation_where_it_is(review: Review) -> None:
    document = on_disk(written(review, "eaf"), "turns.eaf", pympi.Elan.Eaf)
    found = [
        (tier, start, end, text)
        for tier in document.get_tier_names()
        for start, end, text, *_ in document.get_annotation_data_for_tier(tier)
    ]
    assert sorted(found) == intervals(review)


@given(review=reviews(WORDS))
def test_praat_s_readers_find_them_too_and_the_file_says_what_it_is_of(review: Review) -> None:
    grid = on_disk(
        written(review, "textgrid"),
        "turns.TextGrid",
        lambda path: praat.openTextgrid(path, includeEmptyIntervals=False),
    )
    found = [
        (tier.name, round(entry.start * 1000), round(entry.end * 1000), entry.label)
        for tier in grid.tiers
        for entry in tier.entries
    ]
    about = [entry for entry in found if entry[0] == "qa-player"]
    assert sorted(entry for entry in found if entry[0] != "qa-player") == intervals(review)
    assert len(about) == 1
    assert "session: sess_1" in about[0][3]
    assert f"sha256 {'ab' * 32}" in about[0][3]


@given(review=reviews(WORDS))
def test_webvtt_s_readers_find_a_cue_for_each_turn(review: Review) -> None:
    captions = webvtt.from_string(written(review, "vtt").decode())
    starts = sorted(turn.start_ms for turn in review.turns if turn.start_ms is not None)
    assert [round(caption.start_in_seconds * 1000) // 1000 for caption in captions] == [
        start // 1000 for start in starts
    ]


@pytest.mark.parametrize("name", ["eaf", "textgrid", "vtt", "srt"])
@given(data=st.data())
def test_what_we_wrote_we_read_again(name: str, data: st.DataObject) -> None:
    review = data.draw(reviews(WORDS.map(lambda text: " ".join(text.split()).translate(str.maketrans("<>{}", "()()")))))
    assume(_has_times(review))
    read = read_transcript(written(review, name), f"turns{FORMATS[name].ending}")
    expected = spoken(review.turns)
    if name == "srt":
        expected = sorted((who.translate(str.maketrans("<>", "‹›")), *rest) for who, *rest in expected)
    if name == "textgrid":
        # a speaker may not go by the name of one of our own tiers
        expected = sorted((who.replace("annotations", "annotations_"), *rest) for who, *rest in expected)
    assert read.problems == ()
    assert spoken(read.turns) == expected


@given(review=reviews(WORDS))
def test_rttm_says_who_spoke_when(review: Review) -> None:
    read = read_transcript(written(review, "rttm"), "turns.rttm").turns if _has_times(review) else ()
    assert spoken(read) == sorted(
        (who.replace(" ", "_"), start, end, "") for who, start, end, _ in spoken(review.turns)
    )


@pytest.mark.parametrize("name", ["textgrid", "vtt", "srt"])
def test_what_was_said_in_control_characters_is_still_text(name: str) -> None:
    review = small_review()
    turns = tuple(turn.model_copy(update={"text": "\x1f\x08" * 500}) for turn in review.turns)
    odd = review.model_copy(update={"turns": turns})
    assert read_transcript(written(odd, name), f"x{FORMATS[name].ending}").turns


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
def test_no_text_from_outside_breaks_a_file(name: str, data: st.DataObject) -> None:
    review = data.draw(reviews(ANYTHING))
    found = written(review, name)
    if name != "xlsx":
        assert name == "csv" or b"\0" not in found
        found.decode("utf-8")
    if name in ("eaf", "textgrid", "vtt", "srt"):
        turns = read_transcript(found, f"x{FORMATS[name].ending}").turns if _has_times(review) else ()
        assert [turn.raw_start_ms for turn in turns] == sorted(
            turn.start_ms for turn in review.turns if turn.start_ms is not None
        )


def test_a_label_track_has_the_marks_in_seconds_and_a_moment_has_no_length() -> None:
    lines = written(small_review(), "audacity").decode().splitlines()
    assert lines == [
        "1.000000\t2.500000\tcompliance (critical): No fee was named.",
        "1.000000\t1.000000\t=1+1: @SUM(A1) next",
    ]


def test_label_studio_has_one_region_for_each_mark_with_all_that_was_said_of_it() -> None:
    (task,) = json.loads(written(small_review(), "label-studio"))
    results = task["annotations"][0]["result"]
    first = [result for result in results if result["id"] == "a1"]
    assert [(result["type"], result["from_name"]) for result in first] == [
        ("labels", "tag"),
        ("choices", "severity"),
        ("textarea", "text"),
    ]
    assert {(result["value"]["start"], result["value"]["end"]) for result in first} == {(1.0, 2.5)}
    assert first[0]["value"]["labels"] == ["compliance"]
    assert first[1]["value"]["choices"] == [Severity.CRITICAL.value]
    assert first[0]["original_length"] == 9.0
    assert task["data"]["audio"] == "sess_1"


def test_a_workbook_has_typed_cells_and_runs_nothing() -> None:
    base = small_review()
    long = base.annotations[0].model_copy(update={"text": "=x" * 40_000})
    book = openpyxl.load_workbook(
        io.BytesIO(written(base.model_copy(update={"annotations": (long, *base.annotations[1:])}), "xlsx"))
    )
    rows = list(book["Annotations"].iter_rows(values_only=True))
    assert rows[0] == COLUMNS
    first = dict(zip(COLUMNS, rows[1], strict=True))
    assert (first["session_id"], first["start_ms"], first["end_ms"]) == ("sess_1", 1_000, 2_500)
    assert first["created_at"].isoformat() == "2026-05-28T14:31:07.250000"
    assert [cell.data_type for cell in book["Annotations"][3]].count("f") == 0
    assert book["Annotations"].cell(3, 9).value == "=1+1"
    pieces = [row[3] for row in book["Long texts"].iter_rows(min_row=2, values_only=True)]
    assert first["text"] + "".join(pieces) == long.text
    assert dict(book["About"].iter_rows(min_row=2, values_only=True))["session"] == "sess_1"


def test_plain_text_has_every_turn_and_no_control_character() -> None:
    paragraphs = written(small_review(), "txt").decode().split("\n\n")
    assert "transcript: sha256" in paragraphs[0]
    assert paragraphs[1] == "[0:00.79] assistant: Hi! How can I help?"
    assert any(paragraph.startswith("[?] unknown: no time\N{REPLACEMENT CHARACTER}here") for paragraph in paragraphs)


def test_what_a_format_cannot_carry_is_named_with_how_much_of_it_there_is() -> None:
    review = small_review()
    assert losses(review, FORMATS["json"].carries) == ()
    told = losses(review, FORMATS["srt"].carries)
    assert "annotations: 3" in told
    assert "turns without a time: 1" in told
    assert "facts of the session: 1" in told
    assert str(Field.PROVENANCE) in told
    assert "annotations without a time: 1" in losses(review, FORMATS["audacity"].carries)


def test_fields_of_other_programs_are_named_where_they_are_left_behind() -> None:
    base = small_review()
    strange = base.annotations[0].model_copy(update={"extra": {"mood": 3, "worker": {"id": 7}}})
    review = base.model_copy(update={"annotations": (strange,)})
    told = {
        name: [one for one in losses(review, form.carries) if "other programs" in one] for name, form in FORMATS.items()
    }
    without = {name for name, sentences in told.items() if not sentences}
    assert without == {"json", "label-studio", "srt", "rttm", "txt"}, "the last three have no annotations at all"
    assert told["csv"] == ["fields of annotations that came from other programs: 2"]


def _has_times(review: Review) -> bool:
    return any(turn.start_ms is not None for turn in review.turns)
