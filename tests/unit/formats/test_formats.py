"""What others read in an exported file is what was said and judged, and nothing in it runs."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.json_schema import departures
from qa_player.errors import UsageError
from qa_player.files import resource
from qa_player.formats import csv_table
from qa_player.formats.annotation_row import COLUMNS
from qa_player.formats.delay_rows import delays_csv
from qa_player.formats.losses import losses
from qa_player.formats.registry import FORMATS, format_named
from qa_player.model.delay import Answer, Basis, Delays, Interruption
from qa_player.model.review import Review
from qa_player.model.transcript import Role

CUE_TIME = re.compile(r"^(\d\d):(\d\d):(\d\d)\.(\d\d\d) --> (\d\d):(\d\d):(\d\d)\.(\d\d\d)$")


def written(review: Review, name: str) -> str:
    return format_named(name).write(review).decode()


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="json, jsonl, csv, xlsx, vtt"):
        format_named("docx")


def test_json_has_raw_and_corrected_times_timing_and_author(review: Review) -> None:
    document = json.loads(written(review, "json"))
    assert list(document) == ["session", "turns", "annotations", "note", "scorecards", "coverage", "delays", "export"]
    assert document["session"]["session_id"] == "sess_1"
    assert document["session"]["started_at"] == "2026-05-28T14:31:07.250Z"
    assert [(turn["raw_start_ms"], turn["start_ms"]) for turn in document["turns"]] == [
        (420, 790),
        (3_180, 3_550),
        (None, None),
        (5_040, 5_410),
    ]
    assert document["turns"][2]["flags"] == ["time_missing"]
    assert document["export"]["timing"] == {
        "quality": "approximate",
        "origin": "provider",
        "offset_ms": 370,
        "drift_ppm": 0,
    }
    assert document["export"]["exported_by"] == "R. Viewer"
    assert document["annotations"][0]["revision"] == 1


def test_json_tells_of_delays_and_interruptions_and_the_table_says_the_same(review: Review) -> None:
    answer = Answer(user_turn=1, agent_turn=3, from_ms=4_910, to_ms=5_410, basis=Basis.MEASURED, told_ms=460)
    cut = Interruption(
        role=Role.USER, turn=1, interrupted_turn=0, at_ms=3_550, overlap_ms=None, basis=Basis.ESTIMATED, told=True
    )
    delays = Delays(answers=(answer,), interruptions=(cut,), told_interruptions=2)
    whole = review.model_copy(update={"delays": delays})
    document = json.loads(written(whole, "json"))
    schema = json.loads(resource("schemas", "review.schema.json").read_text("utf-8"))
    assert departures(document, schema) == []
    assert document["delays"] == {
        "basis": "estimated",
        "median_ms": 500,
        "slowest_ms": 500,
        "told_interruptions": 2,
        "answers": [
            {
                "user_turn": 1,
                "agent_turn": 3,
                "start_ms": 4_910,
                "end_ms": 5_410,
                "delay_ms": 500,
                "basis": "measured",
                "told_ms": 460,
            }
        ],
        "interruptions": [
            {
                "role": "user",
                "turn": 1,
                "interrupted_turn": 0,
                "start_ms": 3_550,
                "overlap_ms": None,
                "basis": "estimated",
                "told": True,
            }
        ],
    }
    table = list(csv.DictReader(io.StringIO(delays_csv("=1+1", delays), newline="")))
    assert [list(row.values()) for row in table] == [
        ["'=1+1", "interruption", "user", "1", "0", "3550", "", "", "estimated", "", "yes"],
        ["'=1+1", "answer", "agent", "3", "1", "4910", "5410", "500", "measured", "460", ""],
    ]
    assert "answers and interruptions, each with its time: 2" in losses(whole, format_named("vtt").carries)


def test_json_tells_what_was_heard_by_whom_and_how(review: Review) -> None:
    rows = json.loads(written(review, "json"))["coverage"]
    assert [(row["start_ms"], row["end_ms"], row["manner"], row["speed"], row["level_db"]) for row in rows] == [
        (0, 5_000, "heard", 1.5, None),
        (4_000, 6_000, "heard", 1, None),
        (6_000, 7_250, "skipped", 1, -61.5),
        (7_250, 8_000, "muted", 1, None),
    ]
    assert {(row["actor"], row["login"], row["sitting_id"]) for row in rows} == {("R. Viewer", "rv", "s1")}
    assert "heard: 6000 ms by R. Viewer, 1250 ms of silence skipped" in written(review, "vtt")


def test_json_is_what_its_schema_says(review: Review) -> None:
    schema = json.loads(resource("schemas", "review.schema.json").read_text("utf-8"))
    document = json.loads(written(review, "json"))
    assert departures(document, schema) == []
    del document["export"]["tool"]
    document["turns"][0]["role"] = "robot"
    assert len(departures(document, schema)) == 2


def test_json_lines_hold_the_fields_unchanged(review: Review) -> None:
    rows = [json.loads(line) for line in written(review, "jsonl").splitlines()]
    assert [tuple(row) for row in rows] == [COLUMNS] * 3
    assert rows[1]["tag"] == "=1+1"
    assert rows[1]["text"] == "@SUM(A1)\nnext"
    assert rows[2]["start_ms"] is None


def test_csv_has_the_columns_in_order_and_runs_nothing(review: Review) -> None:
    rows = list(csv.DictReader(io.StringIO(written(review, "csv"), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["quote"] == "Cancel <b>it</b>"
    assert rows[1]["tag"] == "'=1+1"
    assert rows[1]["text"] == "'@SUM(A1)\nnext"
    assert rows[1]["end_ms"] == ""
    assert rows[2]["start_ms"] == ""


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n ＝＋－＠ab1'\""), min_size=1, max_size=8))
def test_no_cell_starts_a_formula_and_none_loses_its_text(text: str) -> None:
    cell = csv_table.cell(text)
    assert cell.lstrip()[:1] not in {*"=+-@＝＋－＠"}
    assert cell in (text, "'" + text)


def test_vtt_has_one_cue_a_timed_turn_in_order_and_notes_for_the_rest(review: Review) -> None:
    text = written(review, "vtt")
    assert text.startswith("WEBVTT\n\nNOTE\nsession: sess_1\ntranscript: sha256 abab")
    blocks = text.strip().split("\n\n")
    cues = [block.splitlines() for block in blocks if "-->" in block]
    assert [cue[0].split()[0] for cue in cues] == ["turn-0", "turn-1", "turn-3"]
    assert all(CUE_TIME.match(cue[1]) for cue in cues)
    assert cues[0][1] == "00:00:00.790 --> 00:00:03.550"
    assert cues[1][2:] == [
        "<v Anna B>Cancel &lt;b&gt;it&lt;/b&gt; &amp; now",
        "please --&gt; quickly</v>",
    ]
    notes = [block for block in blocks if block.startswith("NOTE")]
    assert any("turn 2 has no time" in note and "no time␀here" in note for note in notes)
    assert any("00:00:01.000 to 00:00:02.500 compliance (critical)" in note for note in notes)
    assert all("-->" not in note for note in notes)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_review_gives_the_same_bytes(review: Review, name: str) -> None:
    assert format_named(name).write(review) == format_named(name).write(review)


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_no_annotations_give_no_rows(review: Review, name: str) -> None:
    empty = review.model_copy(update={"annotations": ()})
    assert len(written(empty, name).splitlines()) == (1 if name == "csv" else 0)
