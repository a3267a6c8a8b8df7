"""Results across sessions: gathered from what is kept here, and handed on as a table or a page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from qa_player import __version__
from qa_player.errors import NotFoundError, UsageError
from qa_player.model.coverage import Sitting
from qa_player.model.results import Block, By, Judged, Known, blocks
from qa_player.model.sample import Sample
from qa_player.model.session import Session
from qa_player.services.audited_file import Act, AuditedFile, write_audited
from qa_player.services.trail import Trail

if TYPE_CHECKING:
    from qa_player.store.database import Database, Transaction


@dataclass(frozen=True)
class Asked:
    """What is asked; null narrows nothing. ``since`` and ``until`` are the sessions' start, both included; a session of
    which nobody knows the start is then left out."""

    by: By = By.FORM
    form_id: str | None = None
    connection: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Told:
    """What was found, by whom and when."""

    asked: Asked
    blocks: tuple[Block, ...]
    made_at: datetime
    made_by: str
    tool: str = f"QA Player {__version__}"


class Results:
    """Reading them is in the audit trail, as is each file."""

    def __init__(self, *, database: Database, trail: Trail) -> None:
        self._database = database
        self._trail = trail

    async def gather(self, asked: Asked) -> Told:
        """What the scorecards that count came to. Raises NotFoundError for a form that no scorecard is of."""
        judged, population, samples = await self._database.read(lambda transaction: _read(transaction, asked))
        wanted = [one for one in judged if asked.form_id in (None, one.card.form.form_id)]
        if asked.form_id is not None and not wanted and all(one.card.form.form_id != asked.form_id for one in judged):
            raise NotFoundError("There is no scorecard of that form.", "See `qa-player forms list`.")
        found = await asyncio.to_thread(blocks, wanted, asked.by, population=population, samples=samples)
        await self._database.write(
            lambda transaction: self._trail.append(
                transaction, "results.read", connection=asked.connection, detail=_detail(asked)
            )
        )
        return Told(asked, found, self._trail.now(), self._trail.actor.shown)

    async def export(self, told: Told, path: Path) -> AuditedFile:
        """Write them as the ending of ``path`` says: .csv, .xlsx or .html. Raises UsageError else, StorageError."""
        from qa_player.formats.results_file import WRITERS

        writer = WRITERS.get(path.suffix.lower())
        if writer is None:
            raise UsageError("Results are written as .csv, .xlsx or .html.", "Name a file that ends so.")
        data = await asyncio.to_thread(writer, told.blocks, by=told.asked.by, facts=facts(told), made_at=told.made_at)
        act = Act("results.exported", told.asked.by.value, told.asked.connection, None, _detail(told.asked))
        return await write_audited(path, data, [act], database=self._database, trail=self._trail)


def facts(told: Told) -> dict[str, str]:
    """What the results are of, in words for people."""
    asked = told.asked
    return {
        "connection": asked.connection or "all",
        "since": _day(asked.since),
        "until": _day(asked.until),
        "made at": told.made_at.isoformat(timespec="seconds"),
        "made by": told.made_by,
        "tool": told.tool,
    }


def _day(instant: datetime | None) -> str:
    return "no bound" if instant is None else instant.isoformat(timespec="minutes")


def _detail(asked: Asked) -> dict[str, JsonValue]:
    return {
        "by": asked.by.value,
        "form": asked.form_id,
        "since": None if asked.since is None else asked.since.isoformat(),
        "until": None if asked.until is None else asked.until.isoformat(),
    }


def _read(transaction: Transaction, asked: Asked) -> tuple[list[Judged], Sequence[Known], Sequence[Sample]]:
    from qa_player.store import queue, results

    times = _times(results.sittings(transaction, asked.connection))
    judged = [
        Judged(card, session, times.get((card.connection, card.session_id, card.author)))
        for card, session in results.scorecards(transaction, asked.connection)
        if _within(session, asked)
    ]
    samples = queue.samples(transaction) if asked.by is By.SAMPLE else ()
    return judged, results.population(transaction, asked.connection, asked.since, asked.until), samples


def _within(session: Session | None, asked: Asked) -> bool:
    if asked.since is None and asked.until is None:
        return True
    started = None if session is None else session.started_at
    return (
        started is not None
        and (asked.since is None or started >= asked.since)
        and (asked.until is None or started <= asked.until)
    )


def _times(sittings: Iterable[Sitting]) -> dict[tuple[str, str, str], int]:
    """How long each person had each session open, in milliseconds; what lasts still is left out."""
    times: dict[tuple[str, str, str], int] = {}
    for one in sittings:
        if one.ended_at is not None:
            key = one.connection, one.session_id, one.actor
            times[key] = times.get(key, 0) + round((one.ended_at - one.began_at).total_seconds() * 1_000)
    return times
