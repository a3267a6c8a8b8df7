"""When sample sessions took place: told relative to now, so that Today and Yesterday are alive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any


def began(told: Mapping[str, Any], now: datetime, *, lasted: timedelta) -> datetime:
    """The moment that ``minutes_ago``, or ``days_ago`` and ``clock`` (in the zone of ``now``) tell of.

    Today's share the part of the day that is over, so none lies ahead of now.
    """
    if "minutes_ago" in told:
        return (now - timedelta(minutes=int(told["minutes_ago"]))).astimezone(UTC).replace(microsecond=0)
    midnight = datetime.combine(now.date() - timedelta(days=int(told["days_ago"])), time(), now.tzinfo)
    hours, minutes, seconds = map(int, told["clock"].split(":"))
    since_midnight = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if told["days_ago"] == 0:
        since_midnight *= (now - midnight) / timedelta(days=1)
    # told in whole seconds, so that is what filters compare with
    return min(midnight + since_midnight, now - lasted).astimezone(UTC).replace(microsecond=0)
