"""What a note makes up, turns round, changes or leaves out is shown first, in visits that nobody tuned it to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parts.visits import MadeVisit, made_visit, turns_of
from qa_player.canonical import digest
from qa_player.demo.suki import transcript_of
from qa_player.demo.visits import Visit, load_visits
from qa_player.model.note import Note, NoteSection
from qa_player.model.statement import Linked, statements_of
from qa_player.providers.vendors.suki.note import read_note
from qa_player.providers.vendors.suki.transcript import read_transcript
from qa_player.services.verification.linking import link, unmentioned
from qa_player.services.verification.marks import marks_of

FIRST = 5
SHIPPED = [visit for visit in load_visits() if visit.told.get("faults")]


def linked(said: list[str], *written: str) -> tuple[Linked, ...]:
    sections = tuple(NoteSection(title="", loinc_code=None, text=text) for text in written)
    note = Note(session_id="s", sections=sections, digest=digest(list(written)))
    return link(statements_of(note), turns_of(said))


def missed(visit: MadeVisit) -> list[str]:
    """Which of the planted faults do not stand among the first."""
    statements = statements_of(visit.note)
    first = [one.statement.text for one in link(statements, visit.turns)[:FIRST]]
    turns = [one.turn_index for one in unmentioned(statements, visit.turns)[:FIRST]]
    planted = {"invented": visit.invented, "flipped": visit.flipped, "changed": visit.changed}
    return [kind for kind, text in planted.items() if text not in first] + (
        [] if visit.omitted in turns else ["omitted"]
    )


@pytest.mark.parametrize("visit", SHIPPED, ids=lambda visit: str(visit.title))
def test_the_faults_of_the_sample_visits_are_shown_first(visit: Visit) -> None:
    turns, _ = read_transcript(transcript_of(visit))
    note = read_note(visit.session_id, {"summary": visit.told["note"]}, {})
    assert note is not None
    statements = statements_of(note)
    first = [one.statement.text for one in link(statements, turns)[:FIRST]]
    left_out = [one.turn_index for one in unmentioned(statements, turns)[:FIRST]]
    assert len(SHIPPED) == 2
    assert {fault["kind"] for fault in visit.told["faults"]} == {"invented", "negated", "omitted"}
    for fault in visit.told["faults"]:
        if fault["kind"] == "omitted":
            assert fault["turn_index"] in left_out, fault
        else:
            assert fault["statement"] in first, fault


def test_planted_faults_are_shown_first_in_visits_made_from_seeds() -> None:
    assert {seed: kinds for seed in range(60) if (kinds := missed(made_visit(seed)))} == {}


@pytest.mark.nightly
def test_planted_faults_are_shown_first_in_many_visits() -> None:
    assert {seed: kinds for seed in range(60, 3_000) if (kinds := missed(made_visit(seed)))} == {}


@pytest.mark.parametrize(
    ("said", "wrong", "true"),
    [
        ("Let's start metoprolol, twenty-five milligrams.", "Start metoprolol 50 mg.", "Start metoprolol 25 mg."),
        ("It's my left knee that hurts.", "Pain in the right knee.", "Pain in the left knee."),
        ("I get headaches every day.", "Denies headaches.", "Headaches every day."),
        ("I have never smoked.", "Smokes.", "Never smoked."),
        ("I take the lisinopril in the morning.", "Takes losartan in the morning.", "Lisinopril in the morning."),
        ("It was one hundred and forty over ninety.", "Blood pressure 120/90.", "140/90."),
    ],
)
def test_what_weighs_is_told_apart(said: str, wrong: str, true: str) -> None:
    around = ["Good morning.", said, "See you in a month, then."]
    found = {one.statement.text: one for one in linked(around, wrong, true)}
    assert found[wrong].reasons
    assert found[true].reasons == (), "the control: what was said is not doubted"
    assert found[wrong].doubt > found[true].doubt + 0.3


def test_a_question_is_read_with_its_answer() -> None:
    said = ["Hello.", "Any chest pain?", "No.", "Any nausea?", "Yes, in the mornings."]
    found = {
        one.statement.text: one for one in linked(said, "No chest pain.", "Nausea in the mornings.", "Chest pain.")
    }
    assert found["No chest pain."].reasons == ()
    assert found["Nausea in the mornings."].reasons == ()
    assert found["Chest pain."].reasons != ()
    assert found["No chest pain."].candidates[0].turn_index == 2, "the answer is what one hears"


@pytest.mark.parametrize(
    ("text", "numbers", "doses"),
    [
        ("twenty-five milligrams, once a day", {"25"}, {("25", "mg")}),
        ("one hundred and forty two over eighty eight", {"142", "88"}, set()),
        ("142/88 and 2.50 ml", {"142", "88", "2.5"}, {("2.5", "ml")}),
        ("two thousand five hundred units", {"2500"}, {("2500", "unit")}),
        ("no one came, one moment", set(), set()),
        ("one tablet", {"1"}, {("1", "tablet")}),
    ],
)
def test_numbers_are_read_in_digits_and_in_words(text: str, numbers: set[str], doses: set[tuple[str, str]]) -> None:
    marks = marks_of(text)
    assert (set(marks.numbers), set(marks.doses)) == (numbers, doses)


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("my right knee", {"right"}),
        ("That's right. I'll be right back.", set()),
        ("All right, we left the left arm alone", {"left"}),
        ("Bilateral edema", {"both"}),
    ],
)
def test_sides_are_sides_of_a_body(text: str, sides: set[str]) -> None:
    assert set(marks_of(text).sides) == sides


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=5), st.lists(st.text(max_size=80), max_size=4))
def test_whatever_is_said_and_written_is_linked(said: list[str], written: list[str]) -> None:
    found = linked(said, *written)
    indices = set(range(len(said)))
    assert all(candidate.turn_index in indices for one in found for candidate in one.candidates)
    assert [one.doubt for one in found] == sorted((one.doubt for one in found), reverse=True)


def test_an_empty_conversation_supports_nothing() -> None:
    (one,) = linked([], "Fever.")
    assert (one.candidates, bool(one.reasons)) == ((), True)
