"""Corrections: what was truly said in a turn, kept beside what the provider heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.model.transcript import Turn

CORRECTION_TAG = "correction"


def correction_of(turn_index: int, annotations: Iterable[Annotation]) -> Annotation | None:
    """The correction of a turn that was written last; null while there is none."""
    found = [one for one in annotations if one.kind is AnnotationKind.CORRECTION and one.turn_index == turn_index]
    return max(found, key=lambda one: (one.updated_at, one.annotation_id), default=None)


def corrected_texts(turns: Sequence[Turn], annotations: Sequence[Annotation]) -> dict[int, str]:
    """The corrected text by turn index, for the turns that have one.

    A correction is of the words it was written on: where the provider says something else by now, it counts not.
    """
    corrected = {one.turn_index for one in annotations if one.kind is AnnotationKind.CORRECTION}
    found = {}
    for turn in turns if corrected else ():
        if turn.index in corrected:
            of_these_words = [one for one in annotations if one.quote == turn.text]
            one = correction_of(turn.index, of_these_words)
            if one is not None:
                found[turn.index] = one.text
    return found
