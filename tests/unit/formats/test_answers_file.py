"""Answers from a file: by id or by what a person reads, each fault told on its own."""

from __future__ import annotations

import json

import pytest

from parts.forms import form, yes_no
from qa_player.formats.answers_file import read_answers
from qa_player.model.annotation import Span
from qa_player.model.scorecard import Answer

SMALL = form((0, (yes_no("greet", 4_000), yes_no("solve", 6_000))))


def test_answers_are_read_by_id_and_by_label() -> None:
    told = {
        "answers": {
            "greet": "YES",
            "solve": {"option": "no", "comment": "x", "evidence": [{"start_ms": 1, "end_ms": 2}], "absent": True},
        }
    }
    assert read_answers(json.dumps(told).encode(), SMALL) == (
        (
            Answer(question_id="greet", option_id="yes"),
            Answer(question_id="solve", option_id="no", comment="x", spans=(Span(start_ms=1, end_ms=2),)),
        ),
        ("solve",),
        (),
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        ({"opinion": "yes"}, "`opinion` is nothing"),
        ({"evidence": [{"start_ms": 5, "end_ms": 5}]}, "not written as an answer is"),
        ({"evidence": 5}, "not written as an answer is"),
        ({"option": "yes", "does_not_apply": True}, "not written as an answer is"),
        ({"text": 7}, "not written as an answer is"),
    ],
)
def test_a_faulty_answer_is_told_with_its_question(one: object, words: str) -> None:
    answered = read_answers(json.dumps({"answers": {"greet": one, "solve": "yes"}}).encode(), SMALL)
    assert [fault.startswith("Question greet:") and words in fault for fault in answered.faults] == [True]
    assert [answer.question_id for answer in answered.answers] == ["solve"]


@pytest.mark.parametrize("data", [b"\xff", b"[]", b'{"answers": []}', b"[" * 50_000])
def test_what_holds_no_answers_says_so(data: bytes) -> None:
    assert read_answers(data, SMALL).faults == ("The file holds no answers: an object `answers` is expected.",)
