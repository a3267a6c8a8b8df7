"""Coverage: what was truly heard of the open session, kept while it is heard, and proved by the trail."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qa_player.errors import QaPlayerError
from qa_player.model.annotation import Span
from qa_player.model.coverage import Gathered, Manner, Sitting, length_ms, spans_of
from qa_player.model.playback import Heard
from qa_player.services.library import OpenSession
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction

KEEP_SECONDS = 1.0
"""How often what was heard is written down: a process that is killed loses no more, and the time of one write."""


@dataclass
class _Open:
    """The sitting that lasts, and what is known of earlier ones over the same session."""

    sitting: Sitting
    gathered: Gathered = field(default_factory=Gathered)
    earlier: tuple[Sitting, ...] = ()
    unkept: bool = False
    keeping: asyncio.Task[None] | None = None


class Coverage:
    """``changed`` tells that more of the open session is known to have been heard, after it was kept, never before.

    ``failed`` tells why it cannot be kept; what was heard is kept with the next write that succeeds.
    """

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self.changed: Signal[()] = Signal()
        self.failed: Signal[QaPlayerError] = Signal()
        self._database = database
        self._trail = trail
        self._open: _Open | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    @property
    def sittings(self) -> tuple[Sitting, ...]:
        """Everything that is known of the open session, by whomever, the sitting that lasts at the end."""
        if self._open is None:
            return ()
        now = self._open.sitting
        return (*self._open.earlier, now) if now.stretches else self._open.earlier

    @property
    def mine(self) -> tuple[Sitting, ...]:
        """Those of the person who sits here."""
        login = self._trail.actor.login
        return tuple(sitting for sitting in self.sittings if sitting.login == login)

    def covered(self) -> tuple[Span, ...]:
        """What this person heard or skipped as silence, up to this moment: also what is not kept yet."""
        now = self._open
        if now is None:
            return ()
        latest = now.sitting.model_copy(update={"stretches": now.gathered.stretches()})
        return spans_of([*self.mine, latest], Manner.HEARD, Manner.SKIPPED)

    def begin(self, session: OpenSession) -> None:
        """Somebody sits down to ``session``; nothing is kept before something of it is heard."""
        self.end()
        actor = self._trail.actor
        self._open = now = _Open(
            Sitting(
                sitting_id=uuid.uuid4().hex,
                connection=session.connection.name,
                session_id=session.session_id,
                actor=actor.shown,
                login=actor.login,
                began_at=self._trail.now(),
                ended_at=None,
            )
        )
        now.keeping = asyncio.create_task(self._keep_on(now), name="coverage")

    def hear(self, heard: Heard) -> None:
        """A stretch of the open session's recording went past the ear."""
        if self._open is not None and heard.end_ms > heard.start_ms:
            self._open.gathered.add(heard)
            self._open.unkept = True

    def end(self) -> None:
        """Somebody gets up: the sitting is written to its end, with its event. Nothing open is no error."""
        ended, self._open = self._open, None
        if ended is not None:
            task = asyncio.create_task(self._finish(ended), name="coverage ends")
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            self.changed.emit()

    async def settled(self) -> None:
        """Return once every sitting that ended is kept."""
        while self._ending:
            await asyncio.wait(set(self._ending))

    async def of_session(self, connection: str, session_id: str) -> tuple[Sitting, ...]:
        """Every sitting over any session, in the order in which they began; opens nothing."""
        from qa_player.store import coverage

        return await self._database.read(lambda transaction: coverage.of_session(transaction, connection, session_id))

    async def reload(self) -> None:
        """Read earlier sittings again, as after another process wrote some."""
        now = self._open
        if now is not None:
            known = await self.of_session(now.sitting.connection, now.sitting.session_id)
            now.earlier = tuple(one for one in known if one.sitting_id != now.sitting.sitting_id)
            if now is self._open:
                self.changed.emit()

    async def _keep_on(self, now: _Open) -> None:
        """What an earlier process left unfinished is finished; then, again and again, what was heard is kept."""
        with self._telling():
            await self._finish_left_over(now)
            await self.reload()
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            if now.unkept:
                with self._telling():
                    await self._keep(now)
                if now is self._open:
                    self.changed.emit()

    async def _keep(self, now: _Open, *, ended: bool = False) -> None:
        from qa_player.store import coverage

        async with self._one_at_a_time:
            now.unkept = False
            sitting = now.sitting.model_copy(
                update={
                    "stretches": now.gathered.stretches(),
                    "ended_at": self._trail.now() if ended else None,
                }
            )

            def write(transaction: Transaction) -> None:
                coverage.save(transaction, sitting)
                if ended:
                    self._tell(transaction, sitting, recovered=False)

            try:
                await self._database.write(write)
            except BaseException:
                now.unkept = True
                raise
            now.sitting = sitting

    async def _finish(self, ended: _Open) -> None:
        if ended.keeping is not None:
            ended.keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ended.keeping
        if ended.unkept or ended.sitting.stretches:
            with self._telling():
                await self._keep(ended, ended=True)

    async def _finish_left_over(self, now: _Open) -> None:
        """A sitting whose process was killed ends here: what it kept is told to the trail."""
        from qa_player.store import coverage

        place = now.sitting.connection, now.sitting.session_id
        mine = now.sitting

        def write(transaction: Transaction) -> None:
            for left in coverage.of_session(transaction, *place):
                if left.ended_at is None and left.login == mine.login and left.sitting_id != mine.sitting_id:
                    ended = left.model_copy(update={"ended_at": self._trail.now()})
                    coverage.save(transaction, ended)
                    self._tell(transaction, ended, recovered=True)

        known = await self.of_session(*place)
        if any(one.ended_at is None for one in known):
            async with self._one_at_a_time:
                await self._database.write(write)

    def _tell(self, transaction: Transaction, sitting: Sitting, *, recovered: bool) -> None:
        from qa_player.store import coverage

        self._trail.append(
            transaction,
            "recording.heard",
            connection=sitting.connection,
            session_id=sitting.session_id,
            subject=sitting.sitting_id,
            detail={
                "by": sitting.actor,
                "heard_ms": length_ms(spans_of([sitting], Manner.HEARD)),
                "muted_ms": length_ms(spans_of([sitting], Manner.MUTED)),
                "skipped_ms": length_ms(spans_of([sitting], Manner.SKIPPED)),
                "fastest_thousandths": round(max((one.speed for one in sitting.stretches), default=1.0) * 1_000),
                "recovered": recovered,
            },
            content=coverage.evidence(sitting),
        )

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except QaPlayerError as error:
            self.failed.emit(error)
