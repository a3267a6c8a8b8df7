"""Turns out of a vendor's fields: every one is kept in its place, and what is odd about it is flagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qa_player.model.roles import role_of
from qa_player.model.transcript import Flag, TimeSource, Turn
from qa_player.providers.reading import length_ms, long_text, short_text


def read_turns(
    received: Sequence[Mapping[str, Any]], duration_ms: int | None, *, time: str
) -> tuple[tuple[Turn, ...], bool]:
    """Turns in the order received, from the fields ``role``, ``text`` and ``time`` (seconds); their clock is one.

    Also whether the times are so far out that they must be in another unit; they are all flagged then.
    """
    times = [turn_ms(fields, time) for fields in received]
    misread = in_another_unit([at for at, _ in times if at is not None], duration_ms)
    turns = []
    for index, (fields, (at, oddity)) in enumerate(zip(received, times, strict=True)):
        raw_role = short_text(fields.get("role")) or ""
        start, flag = (None, Flag.TIME_INVALID) if misread and at is not None else (at, oddity)
        turns.append(
            Turn(
                index=index,
                role=role_of(raw_role),
                raw_role=raw_role,
                speaker=None,
                text=long_text(fields.get("text")),
                raw_start_ms=start,
                time_source=TimeSource.NONE if start is None else TimeSource.TURN_STAMP,
                flags=() if flag is None else (flag,),
            )
        )
    return tuple(turns), misread


def turn_ms(fields: Mapping[str, Any], name: str) -> tuple[int | None, Flag | None]:
    """A turn's time in milliseconds from its field of seconds, or the flag that says what is wrong with it.

    Text is no time here, however it reads: guessing would move the highlight.

    >>> [turn_ms({"ts": at}, "ts") for at in (1.25, None, "1.25", -1, float("nan"))]
    [(1250, None), (None, <Flag.TIME_MISSING: 'time_missing'>), (None, <Flag.TIME_INVALID: 'time_invalid'>), \
(None, <Flag.TIME_INVALID: 'time_invalid'>), (None, <Flag.TIME_INVALID: 'time_invalid'>)]
    """
    value = fields.get(name)
    if value is None:
        return None, Flag.TIME_MISSING
    milliseconds = None if isinstance(value, str) else length_ms(value)
    return (milliseconds, None) if milliseconds is not None else (None, Flag.TIME_INVALID)


def in_another_unit(times_ms: Sequence[int], duration_ms: int | None) -> bool:
    """Whether times lie so far past the session's length that the provider cannot have meant seconds.

    A guard, not a conversion: the times are then shown as unknown. Some turns past the end are no reason.

    >>> in_another_unit([420_000, 3_180_000, 5_040_000], 184_700), in_another_unit([0, 500, 20_000_000], 600_000)
    (True, False)
    """
    if duration_ms is None or not times_ms:
        return False
    beyond = sum(at > duration_ms for at in times_ms)
    return 2 * beyond > len(times_ms) and max(times_ms) > 20 * max(duration_ms, 1_000)
