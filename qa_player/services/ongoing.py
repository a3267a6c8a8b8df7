"""Conversations that go on: asked for again by themselves, patiently and not for ever, until they have ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qa_player.errors import GoneError, KeychainError, KeyRefusedError, NotFoundError, QaPlayerError, UsageError
from qa_player.model.listing import SessionChip, SessionFilter
from qa_player.model.session import Session, SessionDetail, SessionState
from qa_player.services.library import Library
from qa_player.signal import Signal

SOONEST_S, LATEST_S = 10.0, 60.0
MOST_ASKS = 240
"""Of one session, as long as the program runs: some hours. What goes on longer is asked for by hand."""
MOST_WATCHED = 20
LOOK_S = 5.0
OLDEST = timedelta(hours=12)
"""What began earlier and never ended has been forgotten by its provider."""

USELESS = (NotFoundError, GoneError, KeyRefusedError, KeychainError, UsageError)
UNDER_WAY = (SessionState.IN_PROGRESS, SessionState.PROCESSING)

Key = tuple[str, str]


@dataclass
class _Watched:
    """When to ask next, how long to wait after that, and how often it was asked."""

    next_s: float
    pause_s: float = SOONEST_S
    asks: int = 0


class Ongoing:
    """``changed`` hands on a session that is not what it was; the library has kept it by then."""

    def __init__(
        self,
        *,
        library: Library,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.changed: Signal[SessionDetail] = Signal()
        self._library, self._sleep, self._monotonic, self._now = library, sleep, monotonic, now
        self._watched: dict[Key, _Watched] = {}

    async def watch(self, open_session: Callable[[], Session | None]) -> None:
        """Ask until cancelled; ``open_session`` is the one that a person has before them, null for none."""
        while True:
            await self._sleep(LOOK_S)
            for session in await self._under_way(open_session()):
                await self._ask(session)

    async def _under_way(self, before: Session | None) -> list[Session]:
        """The open session if its recording is on its way, and the newest that go on."""
        wanted = SessionFilter(chips=frozenset({SessionChip.IN_PROGRESS}))
        numbers = (await self._library.numbers(wanted))[:MOST_WATCHED]
        found = [row.session for row in await self._library.rows(numbers)] if numbers else []
        earliest = self._now() - OLDEST
        going = [one for one in found if one.started_at is None or one.started_at >= earliest]
        if before is not None and before.state in UNDER_WAY and _key(before) not in map(_key, going):
            going.insert(0, before)
        return going

    async def _ask(self, session: Session) -> None:
        now = self._monotonic()
        watched = self._watched.setdefault(_key(session), _Watched(now + SOONEST_S))
        if now < watched.next_s or watched.asks >= MOST_ASKS:
            return
        watched.asks += 1
        try:
            detail = await self._library.detail(session.connection, session.session_id, fresh=True)
        except USELESS:
            watched.asks = MOST_ASKS
            return
        except QaPlayerError:
            self._later(watched)
            return
        if _tells(detail.session) == _tells(session):
            self._later(watched)
            return
        watched.pause_s = SOONEST_S
        watched.next_s = self._monotonic() + SOONEST_S
        self.changed.emit(detail)

    def _later(self, watched: _Watched) -> None:
        watched.pause_s = min(watched.pause_s * 2, LATEST_S)
        watched.next_s = self._monotonic() + watched.pause_s


def _key(session: Session) -> Key:
    return session.connection, session.session_id


def _tells(session: Session) -> tuple[object, ...]:
    """What of it a person would see change."""
    return session.state, session.recording_state, session.recording_stage, session.turn_count, session.title
