"""Where an annotation belongs: its times checked, its turn and quote found, its fields made a value."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from qa_player.errors import UsageError
from qa_player.model.annotation import Annotation, AnnotationKind
from qa_player.model.transcript import turn_under
from qa_player.services.library import OpenSession


def anchored(
    session: OpenSession,
    *,
    start_ms: int | None,
    end_ms: int | None,
    turn_index: int | None,
    corrects: bool = False,
) -> dict[str, object]:
    """The fields of an annotation that say where it is: a turn when there is no start (with ``corrects`` a
    correction of it), else a span or a moment.

    Raises UsageError for a turn that is not there and for times that cannot be.
    """
    if start_ms is None:
        turn = next((turn for turn in session.turns if turn.index == turn_index), None)
        if turn is None:
            raise UsageError("There is no such turn in this session.", "Choose a turn or give a time.")
        kind = AnnotationKind.CORRECTION if corrects else AnnotationKind.TURN
        start_ms, end_ms = turn.start_ms, turn.end_ms
    else:
        kind = AnnotationKind.MOMENT if end_ms is None else AnnotationKind.SPAN
        _refuse_impossible(start_ms, end_ms, session.detail.session.latest_ms(session.recording_ms))
        turn = turn_under(session.turns, start_ms, end_ms)
    return {
        "kind": kind,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "turn_index": None if turn is None else turn.index,
        "role": None if turn is None else turn.role,
        "quote": "" if turn is None else turn.text,
    }


def validated(fields: Mapping[str, object]) -> Annotation:
    """The annotation of these fields; raises UsageError naming the first that cannot be used."""
    try:
        return Annotation.model_validate(fields)
    except ValidationError as refused:
        field = ".".join(str(part) for part in refused.errors(include_input=False)[0]["loc"]) or "time"
        raise UsageError(
            f"The annotation's {field.replace('_', ' ')} cannot be used.",
            "A tag has 1 to 200 characters, a comment up to 100,000, and a span ends after it starts.",
        ) from None


def _refuse_impossible(start_ms: int, end_ms: int | None, latest_ms: int | None) -> None:
    if start_ms < 0:
        raise UsageError("An annotation cannot start before the recording.", "Give a start of 0 or later.")
    if end_ms is not None and end_ms <= start_ms:
        raise UsageError("A span must end after it starts.", "Give a later end, or none for a moment.")
    if latest_ms is not None and start_ms > latest_ms:
        raise UsageError("An annotation cannot start after the recording ends.", "Give an earlier start.")
    if latest_ms is not None and (end_ms or 0) > latest_ms:
        raise UsageError("An annotation cannot end after the recording does.", "Give an earlier end.")
