"""Turns of a conversation, and the pure look-up that says which of them are speaking at a position.

A provider's clock may be anything: a turn may have no start, no end, the same start as another, or a start past the
end of the audio. It is kept, flagged and shown in the provider's order, never dropped.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_player.model.timing import Timing
from qa_player.model.value import MAX_MS, Count, LongText, Milliseconds, ShortText, SignedMilliseconds, Value

FOLD_AT = 5_000
"""Longer turns are shown folded; their text is kept whole."""


class Role(StrEnum):
    """Who speaks, in our own words; the provider's word is kept beside it."""

    USER = "user"
    AGENT = "agent"
    SYSTEM = "system"
    TOOL = "tool"
    THIRD_PARTY = "third_party"
    UNKNOWN = "unknown"


class TimeSource(StrEnum):
    """Where a turn's start comes from, best first."""

    WORD = "word"
    SPEECH_START = "speech_start"
    TURN_STAMP = "turn_stamp"
    CREATED_AT = "created_at"
    DERIVED = "derived"
    NONE = "none"


class Flag(StrEnum):
    """What is odd about a turn."""

    TIME_MISSING = "time_missing"
    TIME_INVALID = "time_invalid"
    OUT_OF_ORDER = "out_of_order"
    AFTER_END = "after_end"
    FOLDED = "folded"


_PLACED = frozenset({Flag.OUT_OF_ORDER, Flag.AFTER_END, Flag.FOLDED, Flag.TIME_MISSING})
"""What `place` finds out anew."""

Confidence = Annotated[float, Field(ge=0, le=1)]


class Turn(Value):
    """One speaker's stretch. ``index`` is zero-based in the provider's order.

    ``raw_start_ms`` and ``raw_end_ms`` are the provider's times in milliseconds of transcript time; ``start_ms`` and
    ``end_ms`` are audio time, set by `place`. An end that the provider did not give is the next later start.
    ``interrupted`` says that the provider knows the turn was cut; ``confidence`` is its recogniser's, 0 to 1;
    ``delay_ms`` is how long by its own figures the user waited for the turn.
    """

    index: Count
    role: Role
    raw_role: ShortText
    speaker: ShortText | None
    text: LongText
    start_ms: Milliseconds | None = None
    end_ms: Milliseconds | None = None
    raw_start_ms: SignedMilliseconds | None = None
    raw_end_ms: SignedMilliseconds | None = None
    time_source: TimeSource = TimeSource.NONE
    flags: tuple[Flag, ...] = ()
    interrupted: bool = False
    confidence: Confidence | None = None
    delay_ms: Milliseconds | None = None


def place(turns: Sequence[Turn], timing: Timing, duration_ms: int | None) -> tuple[Turn, ...]:
    """Give turns their audio times under ``timing`` and flag what is odd; order and number stay as they are."""
    starts = [None if turn.raw_start_ms is None else timing.to_audio_ms(turn.raw_start_ms) for turn in turns]
    known = sorted({start for start in starts if start is not None})
    latest: int | None = None
    placed = []
    flags: set[Flag]
    for turn, start in zip(turns, starts, strict=True):
        # most turns have no flag, and a set of flags is slow to make ten thousand times
        flags = set(turn.flags) - _PLACED if turn.flags else set()
        if len(turn.text) > FOLD_AT:
            flags.add(Flag.FOLDED)
        if start is None:
            if Flag.TIME_INVALID not in flags:
                flags.add(Flag.TIME_MISSING)
            placed.append(_with_times(turn, None, None, flags))
            continue
        if latest is not None and start < latest:
            flags.add(Flag.OUT_OF_ORDER)
        latest = start if latest is None else max(latest, start)
        if duration_ms is not None and start >= duration_ms:
            flags.add(Flag.AFTER_END)
        end = _end(turn, start, known, timing, duration_ms)
        placed.append(_with_times(turn, min(max(start, 0), MAX_MS), end, flags))
    return tuple(placed)


def _end(turn: Turn, start: int, known: list[int], timing: Timing, duration_ms: int | None) -> int | None:
    if turn.raw_end_ms is not None:
        end: int | None = max(timing.to_audio_ms(turn.raw_end_ms), start)
    else:
        following = bisect_right(known, start)
        end = known[following] if following < len(known) else duration_ms
    if end is None:
        return None
    if duration_ms is not None:
        end = min(end, duration_ms)
    return min(max(end, start, 0), MAX_MS)


def _with_times(turn: Turn, start_ms: int | None, end_ms: int | None, flags: set[Flag]) -> Turn:
    ordered = tuple(flag for flag in Flag if flag in flags) if flags else ()
    if (turn.start_ms, turn.end_ms, turn.flags) == (start_ms, end_ms, ordered):
        return turn
    return turn.model_copy(update={"start_ms": start_ms, "end_ms": end_ms, "flags": ordered})


class TurnTimeline:
    """Which turns are speaking at a position, for placed turns in any order, overlapping or equal.

    A turn speaks from its start up to but not at its end; one without an end speaks until the audio ends.
    """

    def __init__(self, turns: Sequence[Turn]) -> None:
        timed = sorted((turn.start_ms, turn.index, turn.end_ms) for turn in turns if turn.start_ms is not None)
        self._starts = [start for start, _, _ in timed]
        self._indices = [index for _, index, _ in timed]
        self._ends = [MAX_MS + 1 if end is None else end for _, _, end in timed]
        self._furthest: list[int] = []
        for end in self._ends:
            self._furthest.append(max(end, self._furthest[-1]) if self._furthest else end)
        self._changes = sorted({*self._starts, *self._ends})

    def next_change(self, position_ms: float) -> int | None:
        """The first moment after ``position_ms`` at which a turn begins or ends; null when nothing changes any more.

        >>> turn = Turn(index=0, role=Role.USER, raw_role="user", speaker=None, text="", start_ms=300, end_ms=900)
        >>> [TurnTimeline([turn]).next_change(at) for at in (0, 300, 899.5, 900)]
        [300, 900, 900, None]
        """
        at = bisect_right(self._changes, position_ms)
        return self._changes[at] if at < len(self._changes) else None

    def active_turns(self, position_ms: float) -> tuple[int, ...]:
        """The indices of the turns that speak at ``position_ms``, latest start first.

        >>> turn = Turn(index=0, role=Role.USER, raw_role="user", speaker=None, text="", start_ms=0, end_ms=900)
        >>> later = turn.model_copy(update={"index": 1, "start_ms": 500, "end_ms": 1_000})
        >>> [TurnTimeline([turn, later]).active_turns(at) for at in (499, 500, 900, 1_000)]
        [(0,), (1, 0), (1,), ()]
        """
        active = []
        at = bisect_right(self._starts, position_ms) - 1
        while at >= 0 and self._furthest[at] > position_ms:
            if self._ends[at] > position_ms:
                active.append(self._indices[at])
            at -= 1
        return tuple(active)

    def turn_before(self, position_ms: float) -> int | None:
        """The index of the turn with the latest start strictly before ``position_ms``."""
        at = bisect_right(self._starts, position_ms) - 1
        while at >= 0 and self._starts[at] >= position_ms:
            at -= 1
        return self._indices[at] if at >= 0 else None

    def turn_after(self, position_ms: float) -> int | None:
        """The index of the turn with the earliest start after ``position_ms``."""
        at = bisect_right(self._starts, position_ms)
        return self._indices[at] if at < len(self._starts) else None


def turn_under(turns: Sequence[Turn], start_ms: int, end_ms: int | None) -> Turn | None:
    """The turn an annotation belongs to: the largest overlap with a span; for a moment the active one.

    Of equal overlaps the turn with the latest start wins, as in `TurnTimeline.active_turns`.
    """
    if end_ms is None or end_ms <= start_ms:
        active = TurnTimeline(turns).active_turns(start_ms)
        return next((turn for turn in turns if active and turn.index == active[0]), None)
    best: tuple[int, int, int] | None = None
    under = None
    for turn in turns:
        if turn.start_ms is None:
            continue
        turn_end = MAX_MS if turn.end_ms is None else turn.end_ms
        overlap = min(end_ms, turn_end) - max(start_ms, turn.start_ms)
        rank = (overlap, turn.start_ms, turn.index)
        if overlap > 0 and (best is None or rank > best):
            best, under = rank, turn
    return under
