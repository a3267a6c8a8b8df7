"""A review as it is handed on: one session, its placed turns, what was said of it, by whom, with which tool."""

from __future__ import annotations

from pydantic import Field

from qa_player.model.annotation import Annotation
from qa_player.model.arrangement import ALONE, Arranged
from qa_player.model.coverage import Sitting
from qa_player.model.delay import Delays
from qa_player.model.note import KeptNote
from qa_player.model.recording import RecordingPart
from qa_player.model.scorecard import Scorecard
from qa_player.model.session import Session
from qa_player.model.statement import Attestation, Verdict
from qa_player.model.timing import Timing
from qa_player.model.transcript import Turn
from qa_player.model.value import Count, Instant, Sha256, ShortText, Value


class Review(Value):
    """Everything an export may carry. ``turns`` are placed under ``timing``; ``recordings`` lie as ``arranged`` says;
    ``annotations`` are sorted by start.

    ``coverage`` is what each person heard, one sitting after the other.
    """

    session: Session
    recordings: tuple[RecordingPart, ...]
    arranged: Arranged = ALONE
    turns: tuple[Turn, ...]
    transcript_digest: Sha256
    timing: Timing
    annotations: tuple[Annotation, ...]
    private_left_out: Count = 0
    """How many annotations are their authors' own and in no export."""
    note: KeptNote | None = None
    note_verdicts: tuple[Verdict, ...] = ()
    note_attestation: Attestation | None = None
    scorecards: tuple[Scorecard, ...] = ()
    coverage: tuple[Sitting, ...] = ()
    delays: Delays = Field(default_factory=Delays)
    exported_at: Instant
    exported_by: ShortText
    tool: ShortText
