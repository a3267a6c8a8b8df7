"""What of a review a format cannot carry, field by field, so that nobody takes a file for the whole."""

from __future__ import annotations

from enum import StrEnum

from qa_player.model.review import Review


class Field(StrEnum):
    """What a file may hold of a review, as it is called in a report of losses."""

    TURNS = "turns"
    WORDS = "what was said"
    UNTIMED_TURNS = "turns without a time"
    RAW_TIMES = "turn times as the provider gave them"
    ANNOTATIONS = "annotations"
    UNTIMED_ANNOTATIONS = "annotations without a time"
    QUOTES = "quotes of annotations"
    AUTHORS = "authors and dates of annotations"
    EXTRA = "fields of annotations that came from other programs"
    SCORECARDS = "scorecards"
    COVERAGE = "what was heard, stretch by stretch"
    DELAYS = "answers and interruptions, each with its time"
    NOTE = "the AI note"
    FACTS = "facts of the session"
    PROVENANCE = "transcript digest and timing in force"


EVERYTHING = frozenset(Field)

PRIVATE = "private annotations, which no export carries"


def losses(review: Review, carried: frozenset[Field]) -> tuple[str, ...]:
    """The fields that ``review`` has and a file that carries ``carried`` does not, each with how many there are."""
    annotations, turns = review.annotations, review.turns
    counts = {
        Field.TURNS: len(turns),
        Field.WORDS: sum(bool(turn.text) for turn in turns),
        Field.UNTIMED_TURNS: sum(turn.start_ms is None for turn in turns),
        Field.RAW_TIMES: sum(turn.raw_start_ms not in (None, turn.start_ms) for turn in turns),
        Field.ANNOTATIONS: len(annotations),
        Field.UNTIMED_ANNOTATIONS: sum(one.start_ms is None for one in annotations),
        Field.QUOTES: sum(bool(one.quote) for one in annotations),
        Field.AUTHORS: len(annotations),
        Field.EXTRA: sum(len(one.extra) for one in annotations),
        Field.SCORECARDS: len(review.scorecards),
        Field.COVERAGE: sum(len(sitting.stretches) for sitting in review.coverage),
        Field.DELAYS: len(review.delays.answers) + len(review.delays.interruptions),
        Field.NOTE: int(review.note is not None),
        Field.FACTS: len(review.session.metadata),
        Field.PROVENANCE: 1,
    }
    parts: dict[Field, tuple[Field, ...]] = {Field.TURNS: (Field.WORDS, Field.UNTIMED_TURNS, Field.RAW_TIMES)}
    parts[Field.ANNOTATIONS] = (Field.UNTIMED_ANNOTATIONS, Field.QUOTES, Field.AUTHORS, Field.EXTRA)
    gone = {part for whole, within in parts.items() if whole not in carried for part in within}
    private = (f"{PRIVATE}: {review.private_left_out}",) if review.private_left_out else ()
    return private + tuple(
        str(field) if field in (Field.PROVENANCE, Field.NOTE) else f"{field}: {count}"
        for field, count in counts.items()
        if count and field not in carried and field not in gone
    )
