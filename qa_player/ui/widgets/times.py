"""Words for times and amounts as the window shows them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

_MOMENT = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6}(?:[.,]\d{1,6})?)", re.ASCII)


def clock(position_ms: float, *, parts: int = 100) -> str:
    """A position as ``m:ss.cc``, past an hour ``h:mm:ss.cc``; ``parts`` 1 leaves the hundredths away.

    >>> clock(7_000), clock(3_725_129), clock(184_700, parts=1)
    ('0:07.00', '1:02:05.12', '3:04')
    """
    hundredths = int(max(position_ms, 0)) // 10
    seconds, cents = divmod(hundredths, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{text}.{cents:02}" if parts > 1 else text


def moment_ms(text: str) -> int | None:
    """The milliseconds of ``1:02:03.5``, ``1:02.5`` or ``62.5``; null where it is no moment.

    >>> moment_ms("1:02.5"), moment_ms(" 62,5 "), moment_ms("1:00:00"), moment_ms("1:75"), moment_ms("soon")
    (62500, 62500, 3600000, None, None)
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = int(found[1] or 0), int(found[2] or 0), float(found[3].replace(",", "."))
    if (found[2] and seconds >= 60) or (found[1] and minutes >= 60):
        return None
    return round(((hours * 60 + minutes) * 60 + seconds) * 1_000)


def span_words(start_ms: int | None, end_ms: int | None, turn_index: int | None) -> str:
    """Where an annotation lies: ``0:58.10–1:09.80``, ``1:31.02``, ``turn 12``."""
    if start_ms is None:
        return "" if turn_index is None else f"turn {turn_index}"
    if end_ms is None or end_ms == start_ms:
        return clock(start_ms)
    return f"{clock(start_ms)}–{clock(end_ms)}"


def time_of_day(instant: datetime) -> str:
    """The local time of day as ``h:mm:ss``."""
    local = instant.astimezone()
    return f"{local.hour}:{local.minute:02}:{local.second:02}"


def short_time(instant: datetime) -> str:
    """The local time of day as ``hh:mm``."""
    return f"{instant.astimezone():%H:%M}"


def long_time(instant: datetime) -> str:
    """The local date and time as ``28 May 2026 14:20``."""
    local = instant.astimezone()
    return f"{local.day} {local:%B %Y %H:%M}"


def short_day(instant: datetime) -> str:
    """The local day as ``28 May``."""
    local = instant.astimezone()
    return f"{local.day} {local:%b}"


def day_words(day: date | None, today: date) -> str:
    """The heading of a day in the list of sessions."""
    if day is None:
        return "No date"
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    written = f"{day:%A}, {day.day} {day:%B}"
    return written if day.year == today.year else f"{written} {day.year}"


def counted(number: int, word: str, *, many: str = "") -> str:
    """``1 turn``, ``14 turns``, ``10,000 turns``; ``many`` where it is not the word with an s.

    >>> counted(1, "turn"), counted(14, "turn"), counted(2, "entry", many="entries")
    ('1 turn', '14 turns', '2 entries')
    """
    return f"{number:,} {word if number == 1 else many or f'{word}s'}"
