"""The statement that something is nowhere in a recording, which only who heard all of it can make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qa_player.errors import UsageError
from qa_player.model.coverage import Manner, Sitting, length_ms, spans_of, unheard
from qa_player.model.scorecard import Absence


def absence_in(duration_ms: int | None, sittings: Sequence[Sitting], *, now: datetime) -> Absence:
    """The statement over a recording of ``duration_ms`` by the person whose ``sittings`` these are. Raises UsageError
    unless they heard all of it, skipped silence and crumbs apart."""
    if duration_ms is None:
        raise UsageError("The length of the recording is not known yet.", "Open the recording and hear it first.")
    left = unheard(spans_of(sittings, Manner.HEARD, Manner.SKIPPED), duration_ms)
    if left:
        seconds = length_ms(left) / 1_000
        raise UsageError(
            f"You have not heard {seconds:.1f} s of this recording; nobody can say what is nowhere in it.",
            "Hear what is unheard, then state it again.",
        )
    return Absence(
        duration_ms=duration_ms,
        heard_ms=length_ms(spans_of(sittings, Manner.HEARD), duration_ms),
        skipped_ms=length_ms(spans_of(sittings, Manner.SKIPPED), duration_ms),
        stated_at=now,
    )
