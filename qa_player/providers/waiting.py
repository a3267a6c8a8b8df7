"""Waiting for what is not there yet: asked for with growing pauses, at most six times in any quarter of an hour."""

from __future__ import annotations

from qa_player.errors import NotReadyError
from qa_player.providers.retry import Clock

PAUSES_S = (5.0, 15.0, 45.0, 135.0, 300.0, 600.0)
MOST_REMEMBERED = 512


class Waiting:
    """Which sessions were not ready, and when each may be asked for again. Time is monotonic."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._misses: dict[str, tuple[int, float]] = {}

    def left_s(self, session_id: str) -> float:
        """Seconds until the session may be asked for again; 0 when it may be now."""
        _, not_before = self._misses.get(session_id, (0, 0.0))
        return max(0.0, not_before - self._clock.monotonic())

    def missed(self, session_id: str) -> None:
        """It was asked for and was not ready."""
        count, _ = self._misses.pop(session_id, (0, 0.0))
        pause_s = PAUSES_S[min(count, len(PAUSES_S) - 1)]
        self._misses[session_id] = count + 1, self._clock.monotonic() + pause_s
        while len(self._misses) > MOST_REMEMBERED:
            del self._misses[next(iter(self._misses))]

    def came(self, session_id: str) -> None:
        """It is there, or will never be."""
        self._misses.pop(session_id, None)

    def not_ready(self, session_id: str) -> NotReadyError:
        """The sentence, with when to try again."""
        left_s = max(1, round(self.left_s(session_id)))
        when = f"{left_s} seconds" if left_s < 90 else f"{round(left_s / 60)} minutes"
        return NotReadyError(
            "The recording is not ready yet: the provider is still making it.", f"Try again in {when}."
        )
