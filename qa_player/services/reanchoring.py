"""Annotations whose turn says something else by now: where their words stand in the transcript as it is, if anywhere.

Nothing is moved here. A person is shown what was found and says whether it is meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.model.transcript import Turn

ALIKE = 70.0
"""Words that are less alike (0 to 100) are other words."""

LEAST_CONTAINED = 12
"""A turn that was cut in two or joined holds the words whole; shorter ones stand in too many turns."""

MOST_WORDS = 2_000


class Found(StrEnum):
    """What became of the words that an annotation was made on."""

    ELSEWHERE = "elsewhere"
    """The same words are another turn now."""
    REWORDED = "reworded"
    """A turn says nearly this, or has this within."""
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Displaced:
    """An annotation whose words are not in its turn any more; ``turn`` is where they are, null for nowhere."""

    annotation: Annotation
    found: Found
    turn: Turn | None = None


Difference = tuple[tuple[Literal["same", "gone", "new"], str], ...]


def displaced(turns: Sequence[Turn], annotations: Sequence[Annotation]) -> tuple[Displaced, ...]:
    """Those of ``annotations`` that were made on words which are not those of their turn now, in their order."""
    by_index = {turn.index: turn for turn in turns}
    lost = [one for one in annotations if one.turn_index is not None and not _holds(one, by_index)]
    if not lost:
        return ()
    same: dict[str, list[Turn]] = {}
    for turn in turns:
        same.setdefault(turn.text, []).append(turn)
    return tuple(_sought(one, turns, same) for one in lost)


def fields_at(annotation: Annotation, turn: Turn) -> dict[str, object]:
    """What changes in an annotation that belongs to ``turn`` from now on; a span or a moment stays where it lies."""
    fields: dict[str, object] = {"turn_index": turn.index, "role": turn.role, "quote": turn.text}
    if annotation.kind in (AnnotationKind.TURN, AnnotationKind.CORRECTION):
        fields |= {"start_ms": turn.start_ms, "end_ms": turn.end_ms}
    return fields


def difference(before: str, now: str) -> Difference:
    """Word by word, what stayed, what is gone and what is new.

    >>> difference("I was charged twice.", "I was charged two times.")
    (('same', 'I was charged'), ('gone', 'twice.'), ('new', 'two times.'))
    """
    old, new = before.split()[:MOST_WORDS], now.split()[:MOST_WORDS]
    told: list[tuple[Literal["same", "gone", "new"], str]] = []
    for act, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if act == "equal":
            told.append(("same", " ".join(old[first:last])))
            continue
        told += [("gone", " ".join(old[first:last]))] if last > first else []
        told += [("new", " ".join(new[start:end]))] if end > start else []
    return tuple(told)


def _holds(one: Annotation, by_index: dict[int, Turn]) -> bool:
    turn = by_index.get(one.turn_index) if one.turn_index is not None else None
    return turn is not None and turn.text == one.quote


def _sought(one: Annotation, turns: Sequence[Turn], same: dict[str, list[Turn]]) -> Displaced:
    exact = same.get(one.quote, []) if one.quote else []
    if exact:
        return Displaced(one, Found.ELSEWHERE, min(exact, key=lambda turn: _away(one, turn)))
    alike = _alike(one, turns)
    return Displaced(one, Found.NOWHERE) if alike is None else Displaced(one, Found.REWORDED, alike)


def _alike(one: Annotation, turns: Sequence[Turn]) -> Turn | None:
    """The turn that says most nearly what was said; of equals the one that lies nearest."""
    from rapidfuzz import fuzz

    quote = " ".join(one.quote.casefold().split())
    best: tuple[float, tuple[float, int]] | None = None
    found = None
    for turn in turns if quote else ():
        text = " ".join(turn.text.casefold().split())
        alike = fuzz.ratio(quote, text, score_cutoff=ALIKE)
        if min(len(quote), len(text)) >= LEAST_CONTAINED and (text in quote or quote in text):
            alike = max(alike, 99.0)
        away = _away(one, turn)
        rank = (-alike, away)
        if alike and (best is None or rank < best):
            best, found = rank, turn
    return found


def _away(one: Annotation, turn: Turn) -> tuple[float, int]:
    """How far a turn lies from where an annotation is: in time where both have one, then in their order."""
    apart = abs(turn.index - (one.turn_index or 0))
    if one.start_ms is None or turn.start_ms is None:
        return float("inf"), apart
    return abs(turn.start_ms - one.start_ms), apart
