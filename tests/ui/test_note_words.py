"""How far one is with a note, in words that are read at a glance."""

from __future__ import annotations

import pytest

from qa_player.model.statement import Linked, Statement
from qa_player.ui.panels.note_words import summary_words


@pytest.mark.parametrize(
    ("doubts", "words"),
    [
        ((0.9,), "1 of 1 statement needs you, 0 judged"),
        ((0.9, 0.1), "1 of 2 statements needs you, 0 judged"),
        ((0.9, 0.8, 0.1), "2 of 3 statements need you, 0 judged"),
        ((0.1, 0.1), "0 of 2 statements need you, 0 judged"),
    ],
)
def test_how_many_wait_is_told_in_whole_sentences(doubts: tuple[float, ...], words: str) -> None:
    linked = [
        Linked(
            statement=Statement(number=at, section=0, start=at * 10, end=at * 10 + 5, text="Rest."),
            candidates=(),
            doubt=doubt,
        )
        for at, doubt in enumerate(doubts)
    ]
    assert summary_words(linked, {}, attested=False).startswith(words)
