"""Notes cut into statements: each is found again at its place, nothing is lost, and no dot inside of one cuts it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_player.canonical import digest
from qa_player.model.note import Note, NoteSection
from qa_player.model.statement import statements_of


def note(*texts: str) -> Note:
    sections = tuple(NoteSection(title="", loinc_code=None, text=text) for text in texts)
    return Note(session_id="s", sections=sections, digest=digest(list(texts)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Start metoprolol 2.5 mg. Review in 4 weeks.", ["Start metoprolol 2.5 mg.", "Review in 4 weeks."]),
        ("Seen by Dr. Osei. No rash; no fever.", ["Seen by Dr. Osei.", "No rash;", "no fever."]),
        ("1. Rest\n2) Ice\n- Elevation\n\n• Review", ["Rest", "Ice", "Elevation", "Review"]),
        ("Ms. A. Lee denies pain! Really?", ["Ms. A. Lee denies pain!", "Really?"]),
        ("BP 142/88", ["BP 142/88"]),
        ("", []),
        (" \n - \n... ", []),
    ],
)
def test_statements(text: str, expected: list[str]) -> None:
    assert [one.text for one in statements_of(note(text))] == expected


@given(
    st.lists(
        st.text(
            alphabet=st.sampled_from(list("ab1 .;!?\n-•)")) | st.characters(exclude_categories=("Cs",)), max_size=60
        ),
        max_size=3,
    )
)
def test_each_lies_where_it_says_and_nothing_is_lost(texts: list[str]) -> None:
    whole = note(*texts)
    found = statements_of(whole)
    assert [one.number for one in found] == list(range(len(found)))
    for one in found:
        assert texts[one.section][one.start : one.end] == one.text
    for number, text in enumerate(texts):
        letters = [letter for letter in text if letter.isalpha()]
        kept = [letter for one in found if one.section == number for letter in one.text if letter.isalpha()]
        assert kept == letters
