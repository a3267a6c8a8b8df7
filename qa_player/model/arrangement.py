"""How the parts of a recording belong together: one after the other on one timeline, or each the whole by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

from qa_player.model.recording import RecordingPart
from qa_player.model.value import MAX_MS, OpaqueId, ShortText, Value

_SAME_MS = 1_000
_SAME_SHARE = 0.02


class Arrangement(StrEnum):
    """``consecutive``: the parts follow one another. ``alternatives``: the person hears one of them."""

    CONSECUTIVE = "consecutive"
    ALTERNATIVES = "alternatives"


class ArrangementOrigin(StrEnum):
    """Who says so."""

    GUESS = "guess"
    PERSON = "person"


class Arranged(Value):
    """``reason`` says in a sentence why; ``part_id`` is the alternative that is heard, null while the parts follow."""

    arrangement: Arrangement = Arrangement.CONSECUTIVE
    origin: ArrangementOrigin = ArrangementOrigin.GUESS
    reason: ShortText = "There is one part."
    part_id: OpaqueId | None = None


ALONE = Arranged()
"""A recording in one part."""


def chosen(arrangement: Arrangement, part_id: str | None) -> Arranged:
    """What a person decided."""
    return Arranged(
        arrangement=arrangement, origin=ArrangementOrigin.PERSON, reason="A person chose so.", part_id=part_id
    )


def guessed(parts: Sequence[RecordingPart], conversation_ms: int | None) -> Arranged:
    """A guess from times and lengths, as far as they are known; ``conversation_ms`` is how long was spoken."""
    if len(parts) < 2:
        return ALONE
    separate, reason = _separate(parts, conversation_ms)
    if not separate:
        return Arranged(reason=reason)
    first = min(parts, key=lambda part: part.sequence)
    return Arranged(arrangement=Arrangement.ALTERNATIVES, reason=reason, part_id=first.part_id)


def guessed_again(before: Arranged, parts: Sequence[RecordingPart], conversation_ms: int | None) -> Arranged:
    """The guess ``before`` once more is known, while somebody listens: what is heard stays, only the reason is new."""
    now = guessed(parts, conversation_ms)
    if before.origin is ArrangementOrigin.PERSON or len(parts) < 2:
        return before
    if now.arrangement is before.arrangement:
        return now
    return before.model_copy(update={"reason": f"{now.reason} Choose what is to be heard."})


def with_lengths(parts: Sequence[RecordingPart], lengths: Mapping[str, int]) -> tuple[RecordingPart, ...]:
    """The parts in order, with the lengths that their bytes told, by part id, in place of what a provider says."""
    return tuple(
        part.model_copy(update={"duration_ms": lengths.get(part.part_id, part.duration_ms)})
        for part in sorted(parts, key=lambda part: part.sequence)
    )


def laid_out(parts: Sequence[RecordingPart], arranged: Arranged) -> tuple[RecordingPart, ...]:
    """The parts in their places: a start is null until the lengths before it are known, alternatives all start at zero.

    What would overlap by its provider's clock comes after, as it is played.
    """
    if arranged.arrangement is Arrangement.ALTERNATIVES:
        return tuple(part.model_copy(update={"start_ms": 0}) for part in parts)
    placed = []
    free: int | None = 0
    for part in parts:
        start = free
        if part.start_ms is not None:
            start = part.start_ms if free is None else max(part.start_ms, free)
        placed.append(part.model_copy(update={"start_ms": start}))
        free = None if start is None or part.duration_ms is None else min(start + part.duration_ms, MAX_MS)
    return tuple(placed)


def whole_ms(parts: Sequence[RecordingPart], arranged: Arranged) -> int | None:
    """How long all of it is that is heard, null while that is not known. ``parts`` are laid out."""
    heard = [part for part in parts if arranged.part_id in (None, part.part_id)]
    ends = [
        None if part.start_ms is None or part.duration_ms is None else part.start_ms + part.duration_ms
        for part in heard
    ]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _separate(parts: Sequence[RecordingPart], conversation_ms: int | None) -> tuple[bool, str]:
    """Whether they look like alternatives, and why."""
    starts = [part.start_ms for part in parts if part.start_ms is not None]
    lengths = [part.duration_ms for part in parts if part.duration_ms is not None]
    if len(starts) == len(parts):
        if max(starts) - min(starts) <= _SAME_MS:
            return True, "They all begin at the same time."
        if len(lengths) == len(parts) and _overlap(parts):
            return True, "Their times overlap."
        return False, "Their times follow one another."
    if len(lengths) < len(parts):
        return False, "They are numbered in order; their lengths are not known yet."
    longest, together = max(lengths), sum(lengths)
    if longest - min(lengths) > max(_SAME_MS, _SAME_SHARE * longest):
        return False, "They are numbered in order and differ in length."
    if conversation_ms is None:
        return True, "They are equally long, and nothing tells that one follows the other."
    if abs(conversation_ms - together) < abs(conversation_ms - longest):
        return False, "Only all of them together are as long as the conversation."
    return True, "They are equally long, and the conversation is no longer than one of them."


def _overlap(parts: Sequence[RecordingPart]) -> bool:
    """Whether a part shares more than half of the shorter one's time with the part before it."""
    spans = sorted((part.start_ms or 0, (part.start_ms or 0) + (part.duration_ms or 0)) for part in parts)
    for (start, end), (later_start, later_end) in pairwise(spans):
        shared = min(end, later_end) - later_start
        if shared > max(_SAME_MS, min(end - start, later_end - later_start) / 2):
            return True
    return False
