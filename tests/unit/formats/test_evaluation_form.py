"""Forms as files in the shape of Amazon Connect's: there and back, and every fault of a faulty one told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qa_player.files import resource
from qa_player.formats.evaluation_form import form_object, read_form
from qa_player.model.form import Fails, QuestionKind, Weighing

SHIPPED = sorted(resource("forms").glob("*.json"))


def of_connect(**changes: Any) -> dict[str, Any]:
    """A form as its describe call gives it, with a range for a number and a fail of a section."""
    consent = {
        "Title": "Consent?",
        "RefId": "q1",
        "NotApplicableEnabled": True,
        "QuestionType": "SINGLESELECT",
        "Weight": 40.0,
        "QuestionTypeProperties": {
            "SingleSelect": {
                "DisplayAs": "DROPDOWN",
                "Options": [
                    {"RefId": "o1", "Text": "Yes", "Score": 10},
                    {
                        "RefId": "o2",
                        "Text": "No",
                        "Score": 0,
                        "AutomaticFail": True,
                        "AutomaticFailConfiguration": {"TargetSection": "s1"},
                    },
                ],
            }
        },
    }
    silence = {
        "Title": "Holds",
        "RefId": "q2",
        "QuestionType": "NUMERIC",
        "Weight": 60.0,
        "QuestionTypeProperties": {
            "Numeric": {
                "MinValue": 0,
                "MaxValue": 3,
                "Options": [
                    {"MinValue": 0, "MaxValue": 1, "Score": 10},
                    {"MinValue": 2, "MaxValue": 3, "Score": 3, "AutomaticFail": False},
                ],
            }
        },
    }
    section = {"Title": "First", "RefId": "s1", "Items": [{"Question": consent}, {"Question": silence}]}
    return {
        "EvaluationForm": {
            "Title": "Calls, 2026",
            "EvaluationFormVersion": 3,
            "ScoringStrategy": {"Mode": "QUESTION_ONLY", "Status": "ENABLED"},
            "Items": [{"Section": section}],
            **changes,
        }
    }


def read(told: object) -> tuple[Any, tuple[str, ...]]:
    return read_form(json.dumps(told).encode())


def test_three_forms_are_shipped() -> None:
    assert [path.stem for path in SHIPPED] == ["clinical-note", "compliance-call", "support-call"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_form_is_the_same_after_the_way_there_and_back(path: Any) -> None:
    form, lines = read_form(path.read_bytes())
    assert (form is not None, lines) == (True, ())
    assert form is not None
    assert form_object(form) == json.loads(path.read_text())


def test_a_form_of_connect_is_understood() -> None:
    form, lines = read(of_connect())
    assert lines == ()
    assert (form.form_id, form.version, form.weighing) == ("calls-2026", 3, Weighing.QUESTIONS)
    consent, holds = form.questions()
    assert (consent.kind, consent.weight, consent.options[1].fails) == (QuestionKind.YES_NO, 4_000, Fails.SECTION)
    assert [(one.label, one.score) for one in holds.options] == [("0", 100), ("1", 100), ("2", 30), ("3", 30)]
    again, lines = read(form_object(form))
    assert (again, lines) == (form, ())


def test_every_fault_is_told_at_once() -> None:
    told = of_connect()
    first, second = told["EvaluationForm"]["Items"][0]["Section"]["Items"]
    first["Question"]["QuestionType"] = "MULTISELECT"
    second["Question"]["QuestionTypeProperties"]["Numeric"]["MaxValue"] = 1_000
    told["EvaluationForm"]["Items"].append({"Poem": {}})
    form, lines = read(told)
    assert form is None
    assert [line.split(":")[0] for line in lines] == [
        "Question Consent?",
        "Question Holds",
        "Section First",
        "Item 2 is neither a section nor a question.",
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no form"),
        (b"{}", "`Items` is missing"),
        (json.dumps(of_connect(Items=[{"Section": {"Title": "S", "RefId": "s", "Items": []}}])).encode(), "Section S"),
        (b" " * 2_000_001, "longer than any form"),
    ],
)
def test_what_is_no_form_says_so(data: bytes, words: str) -> None:
    form, lines = read_form(data)
    assert form is None
    assert any(words in line for line in lines)


def test_weights_that_do_not_add_up_are_refused() -> None:
    told = of_connect()
    told["EvaluationForm"]["Items"][0]["Section"]["Items"][0]["Question"]["Weight"] = 39.5
    assert read(told) == (None, ("The weights of the questions add up to 99.5 %, not to 100 %.",))
