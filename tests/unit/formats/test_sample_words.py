"""A sample in words: whoever reads them can draw it again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parts.stored import NOON
from qa_player.formats.sample_words import population_words, sample_name, sample_text
from qa_player.model.listing import SessionChip
from qa_player.model.sample import Drawn, Population, Rule, Sample, Strata

DIGEST = "0" * 63 + "1"
SAMPLE = Sample(
    sample_id="s1",
    seed="week 48",
    strata=Strata.AGENT,
    count=5,
    population=Population(connection="Acme"),
    size=1_200,
    population_digest=DIGEST,
    drawn_at=NOON,
    drawn_by="Rita",
    drawn=(Drawn(connection="Acme", session_id="sess_1", stratum="bot"),),
)


def test_all_that_is_needed_to_draw_it_again_is_in_the_text() -> None:
    text = sample_text(SAMPLE)
    for words in (
        f"Drawn on {NOON:%Y-%m-%d at %H:%M:%S} UTC by Rita: 1 of 1,200 sessions, 5 of each agent.",
        "Population: the sessions of connection Acme;",
        DIGEST,
        "By chance, seed “week 48”",
        "SHA-256 over the seed, a line feed and the line “connection TAB session id” is least.",
    ):
        assert words in text
    assert sample_name(SAMPLE) == f"seed week 48 · {NOON.date().isoformat()}"


def test_a_rule_is_not_called_chance() -> None:
    by_rule = SAMPLE.model_copy(update={"rule": Rule.LOST_FIRST, "seed": "", "strata": Strata.NONE})
    text = sample_text(by_rule)
    assert "By rule, not by chance: first what is lost first" in text
    assert "seed" not in text
    assert "of each" not in text
    assert sample_name(by_rule).startswith("first what is lost first")


@pytest.mark.parametrize(
    ("population", "words"),
    [
        (Population(), "every session kept here"),
        (Population(text="refund", agent="bot"), "the sessions of agent bot, with “refund”"),
        (
            Population(chips=(SessionChip.DONE, SessionChip.WITH_RECORDING)),
            "the sessions marked done and with recording",
        ),
        (
            Population(since=NOON, until=NOON + timedelta(days=1), sample_id="s1"),
            f"the sessions since {NOON:%Y-%m-%d %H:%M} UTC, until {NOON + timedelta(days=1):%Y-%m-%d %H:%M} UTC, "
            "of sample s1",
        ),
    ],
)
def test_a_population_in_words(population: Population, words: str) -> None:
    assert population_words(population) == words
