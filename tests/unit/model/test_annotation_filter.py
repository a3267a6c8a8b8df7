"""Filtering a session's annotations, and stepping between those that are left."""

from __future__ import annotations

import pytest

from parts.stored import annotation
from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.model.annotation_filter import AnnotationFilter, next_of

ONES = (
    annotation(1, tag="Fee", severity=None, text="not named", author="Ann"),
    annotation(2, tag="tone", severity=Severity.MAJOR, quote="Küche", author="Bo"),
    annotation(3, tag="fee", kind=AnnotationKind.MOMENT, end_ms=None, severity=Severity.MINOR, author="Ann"),
)


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (AnnotationFilter(), [1, 2, 3]),
        (AnnotationFilter(tag="FEE"), [1, 3]),
        (AnnotationFilter(text="KÜCHE"), [2]),
        (AnnotationFilter(text="named fee"), [1]),
        (AnnotationFilter(text="bo"), [2]),
        (AnnotationFilter(severity=Severity.MAJOR), [2]),
        (AnnotationFilter(severity="none"), [1]),
        (AnnotationFilter(kind=AnnotationKind.MOMENT), [3]),
        (AnnotationFilter(author="Ann"), [1, 3]),
        (AnnotationFilter(author="Ann", severity="none"), [1]),
        (AnnotationFilter(tag="none"), []),
    ],
)
def test_every_field_narrows(wanted: AnnotationFilter, left: list[int]) -> None:
    assert [one.annotation_id for one in wanted.of(ONES)] == [f"note-{number}" for number in left]
    assert bool(wanted) == (left != [1, 2, 3])


def at(*starts: int | None) -> list[Annotation]:
    return [
        annotation(number, kind=AnnotationKind.TURN, start_ms=start, end_ms=None) for number, start in enumerate(starts)
    ]


@pytest.mark.parametrize(
    ("position", "by", "current", "found"),
    [
        (0, 1, "", "note-0"),
        (1_000, 1, "", "note-2"),
        (1_000, 1, "note-0", "note-1"),
        (1_000, 1, "note-1", "note-2"),
        (1_500, 1, "note-0", "note-2"),
        (2_000, 1, "note-2", None),
        (2_000, -1, "note-2", "note-1"),
        (1_000, -1, "note-1", "note-0"),
        (1_000, -1, "note-0", None),
        (1_500, -1, "", "note-1"),
        (2_000, 1, "note-3", None),
    ],
)
def test_annotations_that_begin_together_are_steps_of_their_own(
    position: float, by: int, current: str, found: str | None
) -> None:
    step = next_of(at(1_000, 1_000, 2_000, None), position, by=by, current=current)
    assert (None if step is None else step.annotation_id) == found
