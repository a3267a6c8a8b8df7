"""A small review with everything that formats find hard."""

from __future__ import annotations

from datetime import UTC, datetime

from qa_player.model.annotation import Annotation, AnnotationKind, Severity
from qa_player.model.coverage import Manner, Sitting, Stretch
from qa_player.model.recording import RecordingMode, RecordingPart, RecordingState
from qa_player.model.review import Review
from qa_player.model.session import Session, SessionState
from qa_player.model.timing import Timing, TimingOrigin, TimingQuality
from qa_player.model.transcript import Role, TimeSource, Turn, place

WHEN = datetime(2026, 5, 28, 14, 31, 7, 250_000, tzinfo=UTC)


def turn(index: int, role: Role, text: str, raw_start_ms: int | None, speaker: str | None = None) -> Turn:
    return Turn(
        index=index,
        role=role,
        raw_role="assistant" if role is Role.AGENT else role.value,
        speaker=speaker,
        text=text,
        raw_start_ms=raw_start_ms,
        time_source=TimeSource.TURN_STAMP if raw_start_ms is not None else TimeSource.NONE,
    )


def annotation(number: int, **changed: object) -> Annotation:
    fields: dict[str, object] = {
        "annotation_id": f"a{number}",
        "connection": "acme",
        "session_id": "sess_1",
        "kind": AnnotationKind.SPAN,
        "start_ms": 1_000,
        "end_ms": 2_500,
        "turn_index": 1,
        "role": Role.USER,
        "quote": "Cancel <b>it</b>",
        "tag": "compliance",
        "severity": Severity.CRITICAL,
        "text": "No fee was named.",
        "author": "R. Viewer",
        "created_at": WHEN,
        "updated_at": WHEN,
    }
    return Annotation.model_validate(fields | changed)


def sitting() -> Sitting:
    stretches = (
        Stretch(start_ms=0, end_ms=5_000, manner=Manner.HEARD, speed=1.5),
        Stretch(start_ms=4_000, end_ms=6_000, manner=Manner.HEARD, speed=1.0),
        Stretch(start_ms=6_000, end_ms=7_250, manner=Manner.SKIPPED, speed=1.0, level_db=-61.5),
        Stretch(start_ms=7_250, end_ms=8_000, manner=Manner.MUTED, speed=1.0),
    )
    return Sitting(
        sitting_id="s1",
        connection="acme",
        session_id="sess_1",
        actor="R. Viewer",
        login="rv",
        began_at=WHEN,
        ended_at=WHEN,
        stretches=stretches,
    )


def small_review() -> Review:
    """Four turns, one without a time, one without words; a span, a moment and a turn that were marked."""
    timing = Timing(quality=TimingQuality.APPROXIMATE, origin=TimingOrigin.PROVIDER, offset_ms=370)
    turns = (
        turn(0, Role.AGENT, "Hi! How can I help?", 420),
        turn(1, Role.USER, "Cancel <b>it</b> & now\n\nplease --> quickly", 3_180, speaker="Anna\nB"),
        turn(2, Role.UNKNOWN, "no time\0here", None),
        turn(3, Role.AGENT, "", 5_040),
    )
    return Review(
        session=Session(
            connection="acme",
            provider="oshara",
            session_id="sess_1",
            title="Cancel the add-on",
            agent="support-bot",
            state=SessionState.READY,
            recording_state=RecordingState.AVAILABLE,
            started_at=WHEN,
            ended_at=WHEN,
            duration_ms=9_000,
            retention_deadline=None,
            metadata={"plan": "pro"},
        ),
        recordings=(
            RecordingPart(
                part_id="recording",
                sequence=0,
                start_ms=0,
                duration_ms=None,
                mode=RecordingMode.STREAM,
                mime="video/mp4",
                expires_at=WHEN,
                state=RecordingState.AVAILABLE,
            ),
        ),
        turns=place(turns, timing, 9_000),
        transcript_digest="ab" * 32,
        timing=timing,
        annotations=(
            annotation(1),
            annotation(2, kind=AnnotationKind.MOMENT, end_ms=None, tag="=1+1", text="@SUM(A1)\nnext", severity=None),
            annotation(3, kind=AnnotationKind.TURN, start_ms=None, end_ms=None, turn_index=2, quote="no time\0here"),
        ),
        coverage=(sitting(),),
        exported_at=WHEN,
        exported_by="R. Viewer",
        tool="QA Player 0.1.0",
    )
