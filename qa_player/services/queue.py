"""The queue: samples are drawn into it so that anyone can draw them again, and it says what is to be done next."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from qa_player.errors import NotFoundError, UsageError
from qa_player.model.queue import Queued, QueueItem
from qa_player.model.review_state import ReviewState
from qa_player.model.sample import (
    MOST_DRAWN,
    Drawn,
    Outlook,
    Population,
    Rule,
    Sample,
    Strata,
    draw,
    outlook,
    population_digest,
    take,
)
from qa_player.services.trail import Trail
from qa_player.signal import Signal

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


class Queue:
    """``changed`` after sessions were put in or taken out."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self.changed: Signal[()] = Signal()
        self._database = database
        self._trail = trail

    async def all(self) -> tuple[Queued, ...]:
        """In the order of work: what is lost first comes first."""
        from qa_player.store import queue

        return await self._database.read(queue.everything)

    async def next(self) -> Queued | None:
        """What is to be reviewed next; null when everything is done or disputed."""
        left = [one for one in await self.all() if one.state in (ReviewState.IN_REVIEW, ReviewState.TO_REVIEW)]
        return left[0] if left else None

    async def samples(self) -> tuple[Sample, ...]:
        """Every sample that was drawn, the oldest first."""
        from qa_player.store import queue

        return await self._database.read(queue.samples)

    async def outlook(self, population: Population, *, count: int, strata: Strata = Strata.NONE) -> Outlook:
        """How many sessions there are to draw from, and how many would be drawn; draws nothing."""
        from qa_player.store.population import population as population_in

        sessions = await self._database.read(lambda transaction: population_in(transaction, population))
        return outlook(sessions, count=count, strata=strata)

    async def sample(
        self,
        population: Population,
        *,
        seed: str,
        count: int,
        strata: Strata = Strata.NONE,
        rule: Rule | None = None,
        due_at: datetime | None = None,
    ) -> Sample:
        """Draw ``count`` sessions (of each stratum) that are kept here, and put them into the queue: by chance, or
        those that ``rule`` takes first, whatever the seed. Raises UsageError when there is nothing to draw from."""
        from qa_player.store.population import population as population_in

        if count < 1:
            raise UsageError("A sample has at least one session.", "Give a count of 1 or more.")
        sessions = await self._database.read(lambda transaction: population_in(transaction, population))
        if not sessions:
            raise UsageError("There is no session to draw from.", "List the sessions first, or narrow less.")
        if outlook(sessions, count=count, strata=strata).drawn > MOST_DRAWN:
            raise UsageError(f"A sample has at most {MOST_DRAWN:,} sessions.", "Draw fewer, or narrow more.")
        if rule is None:
            drawn = await asyncio.to_thread(draw, sessions, seed=seed, count=count, strata=strata)
        else:
            drawn = await asyncio.to_thread(take, sessions, rule=rule, count=count, strata=strata)
        sample = Sample(
            sample_id=uuid.uuid4().hex,
            seed=seed if rule is None else "",
            strata=strata,
            count=count,
            rule=rule,
            population=population,
            size=len(sessions),
            population_digest=population_digest(sessions),
            drawn_at=self._trail.now(),
            drawn_by=self._trail.actor.shown,
            drawn=drawn,
        )
        await self._database.write(lambda transaction: self._keep(transaction, sample, due_at))
        self.changed.emit()
        return sample

    async def add(self, connection: str, session_id: str, *, due_at: datetime | None = None) -> bool:
        """Put one session into the queue; false where it is in it. Raises NotFoundError for one that is not kept."""
        added = await self._database.write(lambda transaction: self._put(transaction, connection, session_id, due_at))
        self.changed.emit()
        return added

    async def set_due(self, connection: str, session_id: str, due_at: datetime | None) -> None:
        """Say until when one session is to be reviewed, null for no such day; one that is not in the queue is put
        there. Raises NotFoundError for one that is not kept."""
        from qa_player.store import queue

        def change(transaction: Transaction) -> None:
            added = self._put(transaction, connection, session_id, due_at)
            there = queue.item(transaction, connection, session_id)
            if added or there is None or there.due_at == due_at:
                return
            queue.change(transaction, there.model_copy(update={"due_at": due_at}))
            self._trail.append(
                transaction,
                "queue.due_set",
                connection=connection,
                session_id=session_id,
                detail={"due_at": None if due_at is None else due_at.isoformat()},
            )

        await self._database.write(change)
        self.changed.emit()

    async def remove(self, connection: str, session_id: str) -> None:
        """Take one session out of the queue. Raises NotFoundError where it is not in it."""
        from qa_player.store import queue

        def take(transaction: Transaction) -> None:
            if not queue.take_out(transaction, connection, session_id):
                raise NotFoundError("This session is not in the queue.", "There is nothing to take out.")
            self._trail.append(transaction, "queue.removed", connection=connection, session_id=session_id)

        await self._database.write(take)
        self.changed.emit()

    def _put(self, transaction: Transaction, connection: str, session_id: str, due_at: datetime | None) -> bool:
        """Put one session into the queue; false where it is there, which is left as it is."""
        from qa_player.store import queue, sessions

        if sessions.session(transaction, connection, session_id) is None:
            raise NotFoundError("This session is not known here.", "List or open it first.")
        item = self._item(Drawn(connection=connection, session_id=session_id, stratum=""), None, due_at)
        if not queue.put(transaction, item):
            return False
        self._trail.append(transaction, "queue.added", connection=connection, session_id=session_id)
        return True

    def _keep(self, transaction: Transaction, sample: Sample, due_at: datetime | None) -> None:
        from qa_player.store import queue

        queue.save_sample(transaction, sample)
        for one in sample.drawn:
            queue.put(transaction, self._item(one, sample.sample_id, due_at))
        self._trail.append(
            transaction,
            "queue.sampled",
            connection=sample.population.connection,
            subject=sample.sample_id,
            detail={
                "strata": sample.strata.value,
                "rule": None if sample.rule is None else sample.rule.value,
                "count": sample.count,
                "size": sample.size,
                "population_digest": sample.population_digest,
                "drawn": len(sample.drawn),
            },
        )

    def _item(self, one: Drawn, sample_id: str | None, due_at: datetime | None) -> QueueItem:
        return QueueItem(
            connection=one.connection,
            session_id=one.session_id,
            added_at=self._trail.now(),
            added_by=self._trail.actor.shown,
            sample_id=sample_id,
            due_at=due_at,
        )
