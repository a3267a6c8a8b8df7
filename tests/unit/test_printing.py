"""What commands print: one JSON document, whatever stands in it, and text that no terminal obeys."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_player.cli.running import plain, print_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("one_line", [False, True])
def test_a_document_reads_back_and_obeys_no_control_character(
    capsys: pytest.CaptureFixture[str], one_line: bool
) -> None:
    @given(VALUES)
    def holds(document: object) -> None:
        print_json(document, one_line=one_line)
        printed = capsys.readouterr().out
        assert json.loads(printed) == document
        assert not any(character in printed for character in "\x1b\x7f\x9b\u202e")

    holds()


def test_a_document_is_spread_out_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"a": [1, {"é": None}], "b": [], "c": {}, "d": 0.5, "e": 10**30}
    print_json(document)
    assert capsys.readouterr().out == json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def test_text_that_can_be_printed_stays_and_other_text_is_marked() -> None:
    assert plain("Señor, 字 ok") == "Señor, 字 ok"
    assert plain("a\x1b[1m\nb") == "a␛[1m␊b"
    assert plain("abcdef", 4) == "abc…"
