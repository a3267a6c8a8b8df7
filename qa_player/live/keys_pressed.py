"""Digits pressed on a telephone: a card's never reach the disk.

Whether a digit belongs to a card is known only when more follow. So each is masked as it comes; once nothing has
followed for `PAUSE_MS`, the digits of a short run, a choice in a menu, are told after all.
"""

from __future__ import annotations

import json
from typing import Any

PAUSE_MS = 8_000
LONGEST_CHOICE = 2
"""Security codes have three digits, PINs four, cards thirteen and more."""
MASK = "•"


class Masking:
    """One call's keys; ``at_ms`` is when a key came, on any clock that runs forward."""

    def __init__(self) -> None:
        self._run = ""
        self._last_ms = 0

    def masked(self, text: str, at_ms: int) -> str:
        """The message of a key with its digit masked."""
        told = json.loads(text)
        found: list[str] = []
        digits = _masked(told, found)
        self._run += "".join(found)
        self._last_ms = at_ms
        return json.dumps(digits, ensure_ascii=True)

    def settled(self, at_ms: int, *, over: bool = False) -> str | None:
        """The digits of a run that has ended and may be told; null while there is none."""
        if not self._run or (at_ms - self._last_ms < PAUSE_MS and not over):
            return None
        run, self._run = self._run, ""
        return run if len(run) <= LONGEST_CHOICE else None


def _masked(told: Any, found: list[str]) -> Any:
    """``told`` with what a key said masked: nothing else of the message is kept that could hold it."""
    kept = {name: told[name] for name in ("event", "sequenceNumber", "streamId", "streamSid") if name in told}
    dtmf = told.get("dtmf") if isinstance(told.get("dtmf"), dict) else {}
    digit = str(dtmf.get("digit", ""))
    found.append("".join(one for one in digit if one.isdigit())[:64])
    rest = {name: dtmf[name] for name in ("track", "timestamp") if name in dtmf}
    shown = "".join(MASK if one.isdigit() else one for one in digit if one.isdigit() or one in "*#ABCDabcd")
    return {**kept, "dtmf": {**rest, "digit": shown[:64]}}
